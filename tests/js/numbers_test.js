import assert from "node:assert/strict";
import { decades, equalUnits, signed, ticks, withError } from "../../mlrg_lib/widgets/frontend/numbers.js";

Deno.test("a value is written with its error in the last digit", () => {
  assert.equal(withError(0.91134, 0.0002), "0.9113(2)");
  assert.equal(withError(-1.41421, 0.0132), "−1.41(1)");
  assert.equal(withError(2.5, 0.3), "2.5(3)");
});

Deno.test("an error that rounds to ten of the last digit moves one digit up", () => {
  assert.equal(withError(0.5, 0.0097), "0.50(1)");
  assert.equal(withError(0.5, 0.0094), "0.500(9)");
});

Deno.test("without an error the value has four digits", () => {
  for (const error of [0, NaN, Infinity, undefined]) assert.equal(withError(0.123456, error), "0.1235");
});

Deno.test("a minus is a minus sign, and nothing is minus zero", () => {
  assert.equal(signed(-1.25, 1), "−1.3");
  assert.equal(signed(-0.0004, 3), "0.000");
  assert.equal(signed(-0.0006, 3), "−0.001");
  assert.equal(signed(3, 0), "3");
});

Deno.test("the marks of an axis are round, within it, and written with the digits they need", () => {
  const [marks, text] = ticks(0, 1.05, 5);
  assert.deepEqual(marks.map(text), ["0.0", "0.5", "1.0"]);
  const [fine, written] = ticks(-0.5, 0.5, 10);
  assert.equal(fine.length, 11);
  assert.deepEqual([fine[0], fine[5], fine[10]].map(written), ["−0.5", "0.0", "0.5"]);
  const [large, whole] = ticks(0, 1000, 5);
  assert.deepEqual(large.map(whole), ["0", "200", "400", "600", "800", "1000"]);
});

Deno.test("the marks of a logarithmic axis are in order of size whichever way it runs", () => {
  const [marks, text] = decades(0.02, -2.45, [1, 2, 5]);
  assert.deepEqual(marks.map(text), ["0.005", "0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]);
  assert.deepEqual(decades(-2.45, 0.02, [1, 2, 5])[0], marks);
});

Deno.test("equal units widen the range that has room", () => {
  const [x, y] = equalUnits([[-1, 1], [-1, 1]], [400, 200]);
  assert.deepEqual([x, y], [[-2, 2], [-1, 1]]);
  const [wide, tall] = equalUnits([[0, 4], [0, 1]], [400, 400]);
  assert.deepEqual(wide, [0, 4]);
  assert.deepEqual(tall, [-1.5, 2.5]);
});
