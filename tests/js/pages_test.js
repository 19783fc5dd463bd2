import assert from "node:assert/strict";
import { element, inside, page } from "./dom.js";

const { hub, sited } = inside("notebook.js", ["hub", "sited"]);

Deno.test("a hub is known by whatever a reader copies from its address bar", () => {
  const home = "https://hub.example.edu";
  for (const typed of [home, "hub.example.edu", `${home}/`, `${home}/hub/home`, `${home}/user/ada/lab/tree/a.ipynb`]) {
    assert.equal(hub(typed), home);
  }
  assert.equal(hub("https://example.edu/jupyter/hub/spawn"), "https://example.edu/jupyter");
});

Deno.test("what is no address, or none of a page, is no hub", () => {
  for (const typed of ["", "https://", "ftp://hub.example.edu", "a b"]) assert.equal(hub(typed), "");
});

Deno.test("a notebook's first cell learns where the site is", () => {
  const cell = { cell_type: "code", source: ["import sys\n", 'SITE = r""  # where\n'] };
  assert.equal(sited(cell, {}), 'import sys\nSITE = r"https://site.example/book/"  # where\n');
});

Deno.test("links of a notebook lead to pages of the site, others stay as they are", () => {
  const links = { "rbm.ipynb#cd": "rbm.html#cd" }, cell = { cell_type: "markdown" };
  cell.source = 'See [CD](rbm.ipynb#cd), <a href="rbm.ipynb#cd">it</a> and [this](https://example.org/rbm.ipynb#cd).';
  const found = sited(cell, links);
  assert.equal(found.match(/https:\/\/site\.example\/book\/rbm\.html#cd/g).length, 2);
  assert.ok(found.includes("(https://example.org/rbm.ipynb#cd)"));
});

function figures(theme) {
  const document = page();
  document.documentElement.dataset.theme = theme;
  const watcher = class {
    observe() {}
  };
  const globals = { document, addEventListener() {}, IntersectionObserver: watcher, MutationObserver: watcher };
  return inside("figures.js", ["skin", "addSliders", "perRow", "tile"], globals);
}

Deno.test("a figure has the colours of the page's theme, on each of its axes", () => {
  const layout = { xaxis: {}, yaxis2: {}, title: {}, xaxisnot: {} };
  const [light, dark] = ["light", "dark"].map((theme) => figures(theme).skin(layout));
  assert.notEqual(light["font.color"], dark["font.color"]);
  for (const skin of [light, dark]) {
    assert.equal(skin.paper_bgcolor, "rgba(0,0,0,0)");
    assert.deepEqual(Object.keys(skin).filter((name) => name.endsWith("gridcolor")), [
      "xaxis.gridcolor",
      "yaxis2.gridcolor",
    ]);
  }
});

function explored() {
  const el = element("div"), drawn = [];
  const shown = { data: "first", layout: { title: "old", height: 300 }, draw: () => drawn.push(shown.data) };
  const sliders = [
    { label: "L", values: ["8", "16"], start: 1, finer: 12 },
    { label: "T", values: ["1.0", "2.0", "3.0"], start: 0 },
  ];
  const frames = [];
  for (const i of [0, 1]) {
    for (const j of [0, 1, 2]) {
      frames.push({ name: `${i},${j}`, data: `data ${i},${j}`, layout: { title: `${i}${j}` } });
    }
  }
  figures("light").addSliders(el, shown, sliders, frames);
  return { el, shown, drawn, inputs: el.querySelectorAll("input"), outputs: el.querySelectorAll("output") };
}

Deno.test("sliders of a figure start where Python said, and say their values", () => {
  const { inputs, outputs } = explored();
  assert.deepEqual(inputs.map((input) => [input.value, input.max]), [[1, 1], [0, 2]]);
  assert.deepEqual(outputs.map((output) => output.textContent), ["16", "1.0"]);
});

Deno.test("a slider moved shows the frame of all sliders together, over what the figure was at first", async () => {
  const { el, shown, drawn, inputs, outputs } = explored();
  inputs[1].value = "2";
  inputs[1].fire("input");
  await Promise.resolve();
  assert.deepEqual([drawn, el.dataset.frame, outputs[1].textContent], [["data 1,2"], "1,2", "3.0"]);
  assert.deepEqual(shown.layout, { title: "12", height: 300 });
  assert.equal(inputs[1].getAttribute("aria-valuetext"), "3.0");
});

Deno.test("the line below the sliders promises what the notebook has, and no more", () => {
  const text = explored().el.querySelector(".mlrg-tier").textContent ?? explored().el.textContent;
  assert.equal(
    text,
    "Computed when this page was built. The notebook computes as you drag, with 12 values of L.",
  );
});

Deno.test("pictures side by side go on in rows of like length before they are too small, titles with them", () => {
  const { perRow, tile } = figures("light");
  assert.deepEqual([perRow(5, 600), perRow(5, 300), perRow(8, 300), perRow(4, 300), perRow(2, 40)], [5, 3, 3, 2, 1]);
  const layout = { annotations: [{ yref: "paper", x: 0.1 }, { yref: "paper", x: 0.9 }] };
  const axes = ["xaxis", "xaxis2"];
  axes.forEach((key, k) =>
    Object.assign(layout, { [key]: { domain: [k / 2, k / 2 + 0.5] }, [`y${key.slice(1)}`]: {} })
  );
  assert.equal(tile(layout, axes, { within: 100, columns: 1, ratio: 1, head: 20 }), 220);
  assert.deepEqual([layout.xaxis2.domain, layout.yaxis2.domain[0]], [[0, 1], 0]);
  assert.equal(layout.annotations[1].y, 1 - 120 / 220);
});

function table({ scrollWidth, scrollLeft = 0 }) {
  const { markTable } = inside("page.js", ["markTable"], {
    document: { ...page(), querySelector: () => null, querySelectorAll: () => [] },
    addEventListener() {},
    matchMedia: () => ({ addEventListener() {} }),
  });
  const el = element("div"), marks = {};
  Object.assign(el, { scrollWidth, scrollLeft, clientWidth: 400 });
  el.closest = () => ({ querySelector: () => ({ firstChild: { textContent: " Exponents " } }) });
  el.parentElement = { toggleAttribute: (name, on) => marks[name] = on };
  markTable(el);
  return { el, marks };
}

Deno.test("a table that scrolls is a named region which the keyboard reaches", () => {
  const { el, marks } = table({ scrollWidth: 700 });
  assert.deepEqual(["tabindex", "role", "aria-label"].map((name) => el.getAttribute(name)), [
    "0",
    "region",
    "Table, Exponents",
  ]);
  assert.equal(marks["data-more"], true);
});

Deno.test("at its end nothing more is promised, and one that fits is no region", () => {
  assert.equal(table({ scrollWidth: 700, scrollLeft: 300 }).marks["data-more"], false);
  assert.equal(table({ scrollWidth: 400 }).el.getAttribute("role"), null);
});
