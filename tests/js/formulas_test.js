import assert from "node:assert/strict";
import { element, inside } from "./dom.js";

const { breaks, cut, flatten, pieces } = inside("formulas.js", ["breaks", "cut", "flatten", "pieces"]);

// The nodes of a formula as MathJax makes them: letters, and an operator by its code, with TeX's space before it.
const glyph = (code) => element("mjx-c", { class: `mjx-c${code}` });
const x = (n = 1) => element("mjx-mi", {}, ...Array.from({ length: n }, () => glyph("1D465")));
const operator = (code, space) => element("mjx-mo", space ? { space } : {}, glyph(code));
const equals = () => operator("3D", 4);
const plus = () => operator("2B", 3);
const spaced = (node, space) => (node.setAttribute("space", space), node);
const [open, close] = [() => operator("28"), () => operator("29")];
const [READILY, AT_NEED] = [2, 1];

const ranks = (nodes) => nodes.map((node) => breaks(nodes).get(node) ?? 0);
// How a line is cut, a letter a node: pieces in brackets.
const shape = (nodes) => nodes.map((n) => n.localName === "mjx-piece" ? `(${shape(n.children)})` : "x").join("");
const fitted = (nodes, rank = READILY) => shape(pieces(nodes, breaks(nodes), rank));

Deno.test("a line may begin at a relation, not at what follows it", () => {
  assert.deepEqual(ranks([x(), equals(), spaced(x(), 4)]), [0, READILY, 0]);
});

Deno.test("of two relations that follow one another only the first begins a line", () => {
  assert.deepEqual(ranks([x(), equals(), operator("2212", 4), x()]), [0, READILY, 0, 0]);
});

Deno.test("a line may begin at a sum or a difference, not at a sign", () => {
  assert.deepEqual(ranks([x(), plus(), x(), operator("2212", 3), x()]), [0, READILY, 0, READILY, 0]);
  assert.deepEqual(ranks([operator("2212"), x()]), [0, 0]);
  assert.deepEqual(ranks([x(), operator("D7", 3), x()]), [0, 0, 0]);
});

Deno.test("a short bracket is opened only at need, a long one readily", () => {
  assert.deepEqual(ranks([x(), open(), x(), plus(), x(), close()]), [0, 0, 0, AT_NEED, 0, 0]);
  assert.deepEqual(ranks([x(), open(), x(12), plus(), x(12), close()]), [0, 0, 0, READILY, 0, 0]);
});

Deno.test("a bracket that is never closed protects nothing", () => {
  assert.deepEqual(ranks([open(), x(), plus(), x()]), [0, 0, READILY, 0]);
});

Deno.test("at need a line begins at a big operator and behind a slash", () => {
  const sum = () => element("mjx-munder", {}, element("mjx-mo", { class: "mjx-lop" }, glyph("2211")));
  assert.deepEqual(ranks([x(), sum(), x()]), [0, AT_NEED, 0]);
  assert.deepEqual(ranks([operator("2212"), sum(), x()]), [0, 0, 0]); // a sign stays with its sum
  assert.deepEqual(ranks([x(), operator("2F"), x()]), [0, 0, AT_NEED]);
});

Deno.test("the first line is never a stub", () => {
  assert.equal(fitted([x(2), equals(), x(9), plus(), x()]), "(xxx)(xx)");
  assert.equal(fitted([x(8), equals(), x(9), plus(), x()]), "(x)(xx)(xx)");
});

Deno.test("pieces are cut into smaller ones where that may be needed", () => {
  assert.equal(fitted([x(8), equals(), open(), x(5), plus(), x(5), close()]), "(x)((xxx)(xxx))");
  assert.equal(fitted([x(8), x(8)]), "xx");
});

Deno.test("what is only grouped is opened, what is stretched stays whole", () => {
  const row = element("mjx-mrow", { space: 4 }, x(), plus(), x());
  assert.equal(flatten(row).length, 3);
  assert.equal(row.children[0].getAttribute("space"), "4");
  assert.equal(flatten(element("mjx-mrow", { size: "lg" }, x(), x())).length, 1);
  assert.equal(flatten(element("mjx-texatom", {}, operator("3D"))).length, 1);
});

Deno.test("a wide space divides a line into formulas of their own; a short line is left alone", () => {
  const space = element("mjx-mspace");
  space.style.width = "2em";
  const line = element("mjx-math", {}, x(), equals(), x(), space, x(), equals(), x());
  cut(line);
  assert.deepEqual(line.children.map((part) => part.localName), ["mjx-part", "mjx-gap", "mjx-part"]);
  assert.equal(line.children[1].style.wordSpacing, "1.75em");
  const short = element("mjx-math", {}, x(), x());
  cut(short);
  assert.deepEqual(short.children.map((part) => part.localName), ["mjx-mi", "mjx-mi"]);
});

Deno.test("an arrow that stands between spaces goes with what follows it", () => {
  const space = () => Object.assign(element("mjx-mspace"), { style: { width: "1em" } });
  const line = element("mjx-math", {}, x(), space(), operator("21D2", 4), space(), x(6), equals(), x());
  cut(line);
  assert.deepEqual(line.children.map((part) => part.localName), ["mjx-part", "mjx-gap", "mjx-part"]);
});
