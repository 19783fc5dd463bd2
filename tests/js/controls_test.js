import assert from "node:assert/strict";
import { choice, latest, Loop, slider, Values } from "../../mlrg_lib/widgets/frontend/common.js";
import { element, page } from "./dom.js";

globalThis.document = page();

function model(values = {}) {
  let outside, saved;
  const heard = new Promise((resolve) => saved = resolve);
  const made = { values, heard, on: (_, listener) => outside = listener, off: () => outside = undefined };
  Object.assign(made, {
    get: () => made.values,
    set: (_, value) => made.values = value,
    save_changes: () => saved(made.values),
    write(changed) {
      made.values = { ...made.values, ...changed };
      outside();
    },
  });
  return made;
}

Deno.test("what Python asks for goes before what the figure would show", () => {
  assert.deepEqual(new Values(model({ d: 4 }), { d: 3, n: 1 }).now, { d: 4, n: 1 });
});

Deno.test("a listener hears of its own value when it changes, and of nothing else", () => {
  const values = new Values(model(), { d: 3, n: 1 }), heard = [];
  values.on("d", (value, name) => heard.push([name, value]));
  values.set("n", 2);
  values.set("d", 3);
  values.set("d", 2.5);
  values.stop();
  assert.deepEqual(heard, [["d", 2.5]]);
});

Deno.test("Python hears once of a drag, of where it ended, and its own changes reach the figure", async () => {
  const outside = model({ d: 3 }), values = new Values(outside, {}), heard = [];
  for (const d of [3.1, 3.2, 3.3]) values.set("d", d);
  assert.deepEqual(await outside.heard, { d: 3.3 });
  values.on("d", (value) => heard.push(value));
  outside.write({ d: 4 });
  assert.deepEqual([heard, values.now.d], [[4], 4]);
});

function kept() {
  const values = new Values(model(), { kept: 0.25 });
  const row = slider(values, "kept", {
    label: "Modes kept",
    min: -2,
    max: 0,
    step: 0.5,
    format: (f) => `${(100 * f).toFixed(0)} %`,
    scale: (x) => 10 ** x,
    position: (f) => Math.log10(f),
    marks: [["all", 1, "Keep all"]],
  });
  return { values, row, input: row.querySelector("input"), output: row.querySelector("output") };
}

Deno.test("a slider stands at its value and says it", () => {
  const { input, output } = kept();
  assert.equal(input.value, Math.log10(0.25));
  assert.equal(output.textContent, "25 %");
  assert.equal(input.getAttribute("aria-valuetext"), "25 %");
});

Deno.test("a slider moved sets the value of its position", () => {
  const { values, input, output } = kept();
  input.value = "-1";
  input.fire("input");
  values.stop();
  assert.deepEqual([values.now.kept, output.textContent], [0.1, "10 %"]);
});

Deno.test("a mark sets its value exactly, and has a name to be called by", () => {
  const { values, row, input } = kept(), mark = row.querySelector("button");
  mark.fire("click");
  values.stop();
  assert.deepEqual([values.now.kept, input.value], [1, 0]);
  assert.deepEqual([mark.textContent, mark.getAttribute("aria-label")], ["all", "Keep all"]);
});

Deno.test("a slider reserves room for every shape of what it may say", () => {
  const texts = kept().row.querySelector(".mlrg-steady").querySelectorAll("span").map((span) => span.textContent);
  assert.deepEqual(texts.toSorted(), ["0 %", "00 %", "000 %"]);
});

Deno.test("a slider that is switched off takes its marks with it", () => {
  const { row, input } = kept();
  row.enable(false);
  assert.deepEqual([input.disabled, row.querySelector("button").disabled], [true, true]);
  assert.ok(row.classList.contains("mlrg-off"));
});

Deno.test("a choice gives back what was offered, not its text", () => {
  const values = new Values(model(), { size: 256 });
  const row = choice(values, "size", { label: "Lattice", options: [[64, "64 × 64"], [256, "256 × 256"]] });
  const select = row.querySelector("select");
  assert.equal(select.value, "256");
  select.value = "64";
  select.fire("change");
  values.stop();
  assert.equal(values.now.size, 64);
});

Deno.test("however often it is asked meanwhile, one answer at a time and one more", async () => {
  let asked = 0, most = 0, now = 0, release;
  const update = latest(async () => {
    asked++;
    most = Math.max(most, ++now);
    await new Promise((resolve) => release = resolve);
    now--;
  }, assert.fail);
  const first = update();
  for (let k = 0; k < 5; k++) update();
  assert.equal(asked, 1);
  release();
  await new Promise((resolve) => setTimeout(resolve));
  release();
  await first;
  assert.deepEqual([asked, most], [2, 1]);
});

Deno.test("what fails is reported once, and the next question is asked", async () => {
  const failed = [], busy = [];
  let asked = 0;
  const update = latest(
    () => asked++ ? Promise.resolve() : Promise.reject(new Error("no")),
    (error) => failed.push(error.message),
    (on) => busy.push(on),
  );
  await update();
  await update();
  assert.deepEqual([failed, asked, busy], [["no"], 2, [true, false, true, false]]);
});

function running({ reduce = false } = {}) {
  const frames = [], made = { steps: 0, errors: [] };
  globalThis.matchMedia = () => ({ matches: reduce });
  globalThis.requestAnimationFrame = (frame) => frames.push(frame);
  globalThis.IntersectionObserver = class {
    constructor(changed) {
      made.see = (isIntersecting) => changed([{ isIntersecting }]);
    }
    observe() {}
    disconnect() {}
  };
  made.step = () => made.steps++;
  made.loop = new Loop(element("div"), () => made.step(), (error) => made.errors.push(error.message));
  made.turn = () => Promise.all(frames.splice(0).map((frame) => frame()));
  return made;
}

Deno.test("a figure runs while it is seen and pauses off the screen", async () => {
  const some = running();
  some.loop.go();
  await some.turn();
  assert.equal(some.steps, 0);
  some.see(true);
  await some.turn();
  await some.turn();
  some.see(false);
  await some.turn();
  assert.equal(some.steps, 2);
});

Deno.test("for a reader who prefers reduced motion it waits for the button", async () => {
  const some = running({ reduce: true }), { toggleButton } = some.loop;
  some.see(true);
  await some.turn();
  assert.deepEqual([some.steps, toggleButton.textContent], [0, "Run"]);
  toggleButton.fire("click");
  await some.turn();
  assert.deepEqual([some.steps, toggleButton.getAttribute("aria-label")], [1, "Pause the simulation"]);
});

Deno.test("a step that fails ends the figure and is reported once", async () => {
  const some = running();
  some.step = () => {
    throw new Error("out of memory");
  };
  some.see(true);
  await some.turn();
  some.see(true);
  await some.turn();
  assert.deepEqual([some.errors, some.loop.ended], [["out of memory"], true]);
});
