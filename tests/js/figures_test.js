import assert from "node:assert/strict";
import { axes, directionSpread, halfTurn, onSlider } from "../../mlrg_lib/widgets/frontend/ellipse.js";
import { firstOrder, side } from "../../mlrg_lib/widgets/frontend/flow.js";
import { exactAt } from "../../mlrg_lib/widgets/frontend/ising.js";
import { inflate, percent } from "../../mlrg_lib/widgets/frontend/modes.js";
import { unpackNeurons, unpackPhotographs } from "../../mlrg_lib/widgets/frontend/modes_analyst.js";
import { nearest, shade, tiling } from "../../mlrg_lib/widgets/frontend/rbm.js";

const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

const CURVES = { T: [1, 2, 3, 4], m: [1, 0.9, 0, 0], e: [-2, -1.7, -0.8, -0.5], torus: { 64: [-1.6, -0.9] }, first: 1 };

Deno.test("ising: between two temperatures the exact curves are straight", () => {
  close(exactAt(CURVES, 1.5, 2048).m, 0.95);
  close(exactAt(CURVES, 3.25, 2048).e, -0.725);
});

Deno.test("ising: a lattice's own energy where it is known, else the infinite lattice's, and it says which", () => {
  assert.deepEqual([exactAt(CURVES, 2, 64).of, exactAt(CURVES, 2, 2048).of], ["exact", "infinite lattice"]);
  close(exactAt(CURVES, 2, 64).e, -1.6);
  close(exactAt(CURVES, 2, 2048).e, -1.7);
  close(exactAt(CURVES, 4, 64).e, -0.5);
});

Deno.test("ising: the ends of the curve are on it", () => {
  close(exactAt(CURVES, 1, 2048).m, 1);
  close(exactAt(CURVES, 4, 2048).e, -0.5);
});

Deno.test("ellipse: the two axes are at right angles and as long as they should be", () => {
  const [[a, b], [c, d]] = axes(2, 0.5, Math.PI / 6);
  close(a * c + b * d, 0);
  close(Math.hypot(a, b), 2);
  close(Math.hypot(c, d), 0.5);
  close(Math.atan2(b, a), Math.PI / 6);
});

Deno.test("ellipse: a direction has no head", () => {
  assert.deepEqual([-100, -90, 30, 89, 91, 179, 200].map(halfTurn), [80, -90, 30, 89, -89, -1, 20]);
});

Deno.test("ellipse: the direction of a round cloud is not determined, and of a longer one the better", () => {
  assert.equal(directionSpread(1, 1, 100), Infinity);
  close(directionSpread(4, 1, 400), ((180 / Math.PI) * 0.1) / 3);
  assert.ok(directionSpread(9, 1, 400) < directionSpread(4, 1, 400));
});

Deno.test("ellipse: a dragged axis stops at the slider's own places", () => {
  assert.deepEqual([1.234, 0.01, 7].map((x) => onSlider(x, 0.2, 3, 0.05)), [1.25, 0.2, 3]);
});

Deno.test("flow: a path ends on the side on which it leaves", () => {
  assert.equal(side([0.1, 0.1, 0.5, 0.1, 1.2, 0.1]), 1);
  assert.equal(side([-0.1, 0.1, -0.5, 0.1, -0.95, 0.1]), -1);
  assert.equal(side([0.1, 0.1, 0.2, 0.1]), 0);
  assert.equal(side([0.9, 0.1, NaN, NaN]), 1);
});

Deno.test("flow: the exponents to first order, as in the book", () => {
  const { yt, nu } = firstOrder(1, 1);
  close(yt, 5 / 3);
  close(nu, 7 / 12);
  assert.deepEqual(firstOrder(0, 5), { yt: 2, nu: 0.5 });
});

Deno.test("rbm: the exact energy is that of the nearest temperature", () => {
  assert.deepEqual([1.9, 2.26, 2.4, 9].map((T) => nearest([2, 2.25, 2.5], T)), [0, 1, 2, 2]);
});

Deno.test("rbm: a weight of zero is nearly white, the largest of either sign the ends of the scale", () => {
  const rgb = (word) => [word & 255, (word >> 8) & 255, (word >> 16) & 255, word >>> 24];
  assert.deepEqual(rgb(shade(2, 2)), [5, 48, 97, 255]);
  assert.deepEqual(rgb(shade(-2, 2)), [179, 88, 6, 255]);
  assert.ok(rgb(shade(0, 2)).every((part) => part > 240));
  assert.equal(shade(9, 2), shade(2, 2));
  assert.equal(shade(0, 0), shade(0, 2));
});

Deno.test("rbm: tiles stand side by side with one pixel between them", () => {
  const { width, height, corners } = tiling(5, 3);
  assert.deepEqual([width, height], [50, 33]);
  assert.deepEqual(corners, [[0, 0], [17, 0], [34, 0], [0, 17], [17, 17]]);
});

Deno.test("modes: small fractions have a decimal", () => {
  assert.deepEqual([0.005, 0.0999, 0.1, 1].map(percent), ["0.5 %", "10.0 %", "10 %", "100 %"]);
});

Deno.test("modes: what was packed is unpacked", async () => {
  const stream = new Blob([Uint8Array.of(1, 2, 3, 250)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  assert.deepEqual([...await inflate(btoa(String.fromCharCode(...packed)))], [1, 2, 3, 250]);
});

Deno.test("modes: two counts of spikes to a byte, the earlier in the lower half; the last half may be empty", () => {
  const to = new Float32Array(6);
  assert.deepEqual(unpackNeurons(to, { n: 2, samples: 3, bytes: [0x21, 0x03, 0x54, 0x06] }), [2, 3]);
  assert.deepEqual([...to], [1, 2, 3, 4, 5, 6]);
});

Deno.test("modes: photographs are summed along their rows, modulo 256, and cut into patches", () => {
  const to = new Float32Array(8), bytes = Uint8Array.of(250, 10, 1, 5, 5, 5); // rows 250 4 5 and 5 10 15
  const set = { shape: [1, 2, 3], patch: 2, stride: 1, step: 0.5, bytes };
  assert.deepEqual(unpackPhotographs(to, set), [4, 2]);
  assert.deepEqual([...to], [125, 2, 2, 2.5, 2.5, 5, 5, 7.5]);
  assert.deepEqual([...bytes.subarray(0, 3)], [250, 10, 1]);
});
