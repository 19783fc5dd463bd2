import assert from "node:assert/strict";
import { arrow, Plot } from "../../mlrg_lib/widgets/frontend/plot.js";
import { page } from "./dom.js";

globalThis.document = page();
globalThis.ResizeObserver = class {
  observe() {}
  disconnect() {}
};

function plot(settings = {}) {
  const made = new Plot({
    x: [0, 10],
    y: [-1, 1],
    xLabel: "x",
    yLabel: "y",
    label: "A plot",
    height: 246,
    ...settings,
  });
  made.el.clientWidth = 462; // 400 x 200 pixels within the margins
  made.svg.getBoundingClientRect = () => ({ left: 30, top: 40 });
  return made;
}

Deno.test("the corners of the ranges are the corners of the frame", () => {
  const { margin: { l, t }, ...corners } = plot();
  assert.deepEqual([l, t, corners.x], [52, 8, [0, 10]]);
  assert.deepEqual([plot().px(0), plot().px(10)], [52, 452]);
  assert.deepEqual([plot().py(1), plot().py(-1)], [8, 208]);
});

Deno.test("where a pointer is on the page it is in the data", () => {
  const some = plot();
  const [x, y] = some.at({ clientX: some.px(2.5) + 30, clientY: some.py(0.4) + 40 });
  assert.ok(Math.abs(x - 2.5) < 1e-12 && Math.abs(y - 0.4) < 1e-12);
});

Deno.test("a line has a gap where a number is missing", () => {
  const d = plot().path([0, 5, 10, 10], [0, NaN, 0, 1]).getAttribute("d");
  assert.equal(d, "M52.0 108.0M452.0 108.0L452.0 8.0");
});

Deno.test("a point has a bar only if it has an error, and is left out if it is no number", () => {
  const drawn = plot().dots([[1, 0], [2, 0, 0.1], [3, NaN, 0.1], [4, 0, 0]], 3).filter(Boolean);
  assert.deepEqual(drawn.map((part) => part.localName), ["circle", "line", "circle", "circle"]);
  const [y1, y2] = ["y1", "y2"].map((name) => Number(drawn[1].getAttribute(name)));
  assert.equal((y1 - y2).toFixed(9), "20.000000000");
});

Deno.test("a layer of a name is drawn again, not twice", () => {
  const some = plot();
  some.redraw();
  some.line("data", [0, 1], [0, 1]);
  some.line("data", [0, 1], [1, 0], "line2");
  assert.equal(some.area.children.length, 1);
  assert.equal(some.layers.get("data").group.className, "mlrg-line2");
});

Deno.test("a plot of equal units draws circles round", () => {
  const some = plot({ x: [-1, 1], y: [-1, 1], equal: true });
  some.redraw();
  assert.ok(Math.abs(some.px(1) - some.px(0) - (some.py(0) - some.py(1))) < 1e-9);
});

Deno.test("an arrow points along the flow, no longer than 22 pixels; where nothing flows there is none", () => {
  assert.equal(arrow(10, 20, 10.01, 20), "");
  assert.equal(arrow(0, 0, 1, 0), "M0.0 0.0L11.0 0.0M6.0 -3.0L11.0 0.0L6.0 3.0");
  assert.match(arrow(0, 0, 0, 1000), /^M0.0 0.0L0.0 22.0M/);
});
