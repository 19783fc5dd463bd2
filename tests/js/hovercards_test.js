import assert from "node:assert/strict";
import { inside, page } from "./dom.js";

const document = Object.assign(page(), { documentElement: { dataset: { content_root: "../" } } });
const { key, spot, link, WANTED } = inside("hovercards.js", ["key", "spot", "link", "WANTED"], { document });

const at = (left, top) => ({ left, top, bottom: top + 20 });
const [CARD, WINDOW] = [[300, 100], [1000, 800]];

Deno.test("a card stands below its link, at its left edge", () => {
  assert.deepEqual(spot(at(100, 200), CARD, WINDOW), { left: 100, top: 226 });
});

Deno.test("above it where the window ends", () => {
  assert.deepEqual(spot(at(100, 700), CARD, WINDOW), { left: 100, top: 594 });
});

Deno.test("below it all the same where there is no room above", () => {
  assert.equal(spot(at(100, 60), [300, 760], WINDOW).top, 86);
});

Deno.test("never beyond the edges, and on a narrow screen the left one counts", () => {
  assert.equal(spot(at(900, 200), CARD, WINDOW).left, 692);
  assert.equal(spot(at(5, 200), CARD, WINDOW).left, 8);
  assert.equal(spot(at(200, 200), [400, 100], [360, 800]).left, 8);
});

Deno.test("a text is found by its page and place, however its address is written", () => {
  const place = "https://site.example/book/glossary.html#term-Kullback%E2%80%93Leibler";
  assert.equal(key({ href: place }), "book/glossary.html#term-Kullback–Leibler");
});

Deno.test("terms, equations and references have cards; other links have none", () => {
  const leads = (href) => link({ target: { closest: () => ({ href }) } })?.href;
  for (const href of ["a.html#term-spin", "a.html#equation-eq-flow", "bibliography.html#id4"]) {
    assert.equal(leads(href), href);
  }
  assert.equal(leads("a.html#exercises"), undefined);
  assert.equal(link({ target: {} }), undefined);
  assert.ok(!WANTED.test("https://site.example/book/bibliography.html"));
});
