import assert from "node:assert/strict";
import { kernelTools } from "../../mlrg_lib/widgets/frontend/worker.js";

// A module as the build makes them, but for its kernels: it imports expf and fmod, its heap begins at byte 1000.
function tiny() {
  const text = (name) => [name.length, ...new TextEncoder().encode(name)];
  const section = (id, ...bytes) => [id, bytes.length, ...bytes];
  const [i32, f32, f64] = [0x7f, 0x7d, 0x7c];
  const types = section(1, 3, 0x60, 1, f32, 1, f32, 0x60, 2, f64, f64, 1, f64, 0x60, 3, i32, i32, i32, 0);
  const imports = section(2, 2, ...text("env"), ...text("expf"), 0, 0, ...text("env"), ...text("fmod"), 0, 1);
  const functions = section(3, 3, 2, 0, 1);
  const memory = section(5, 1, 0, 1);
  const heap = section(6, 1, i32, 0, 0x41, 0xe8, 0x07, 0x0b); // 1000
  const named = [["memory", 2, 0], ["__heap_base", 3, 0], ["random_words", 0, 2], ["power", 0, 3], ["rest", 0, 4]];
  const exported = section(7, named.length, ...named.flatMap(([name, ...what]) => [...text(name), ...what]));
  const bodies = [[0, 0x0b], [0, 0x20, 0, 0x10, 0, 0x0b], [0, 0x20, 0, 0x20, 1, 0x10, 1, 0x0b]];
  const code = section(10, 3, ...bodies.flatMap((body) => [body.length, ...body]));
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return Uint8Array.from([...head, ...types, ...imports, ...functions, ...memory, ...heap, ...exported, ...code]);
}

Deno.test("what the kernels import is JavaScript's own mathematics, in either precision", () => {
  const { kernels } = kernelTools(tiny());
  assert.equal(kernels.power(1), Math.fround(Math.E));
  assert.equal(kernels.rest(-7.5, 2), -1.5);
});

Deno.test("arrays stand behind one another on boundaries of 64 bytes, and hold zeros", () => {
  const { allocate } = kernelTools(tiny());
  const [first, second] = [allocate(Int8Array, 65), allocate(Float64Array, 3)];
  assert.deepEqual([first.at % 64, second.at - first.at], [0, 128]);
  assert.deepEqual([...second.data], [0, 0, 0]);
});

Deno.test("memory grows with what is asked for, and arrays keep what they hold", () => {
  const { allocate, bytesUsed } = kernelTools(tiny());
  const small = allocate(Float64Array, 4);
  small.data.set([1, 2, 3, 4]);
  assert.equal(bytesUsed(), 65536);
  allocate(Float32Array, 100_000);
  assert.ok(bytesUsed() >= 400_000 && bytesUsed() % 65536 === 0);
  assert.deepEqual([...small.data], [1, 2, 3, 4]);
});

Deno.test("what is released is used again, and zero again", () => {
  const { allocate, release } = kernelTools(tiny());
  const before = allocate(Int32Array, 8);
  before.data.fill(7);
  release();
  const after = allocate(Int32Array, 8);
  assert.equal(after.at, before.at);
  assert.deepEqual([...after.data], Array(8).fill(0));
});

Deno.test("a seed is what the random words start from, and release does not forget it", () => {
  const { kernels, seed, release, allocate, fillRandom } = kernelTools(tiny());
  const word = () => new BigUint64Array(kernels.memory.buffer, 1024, 1)[0];
  seed(2026);
  release();
  assert.equal(fillRandom(allocate(BigUint64Array, 2)).length, 2);
  assert.equal(word(), 2026n);
  seed(null);
  assert.notEqual(word(), 2026n);
});
