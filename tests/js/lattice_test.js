import assert from "node:assert/strict";
import { coarseGraining } from "../../mlrg_lib/widgets/frontend/coarse.js";
import { spinLattice } from "../../mlrg_lib/widgets/frontend/lattice.js";
import { memory } from "./dom.js";

const nothing = () => 0;

function lattice(L = 64, kernels = {}) {
  const names = [
    "columns_pack",
    "columns_unpack",
    "columns_sweeps",
    "columns_sums",
    "columns_block_sums",
    "block_sums",
  ];
  names.push("ising_sums", "ising_wolff", "ising_swendsen_wang", "local_rule");
  const tools = memory({ ...Object.fromEntries(names.map((name) => [name, nothing])), ...kernels });
  tools.fillRandom = (block) => {
    block.data.fill(0x0123456789abcdefn);
    return block;
  };
  return { tools, spins: spinLattice(tools, L) };
}

Deno.test("spins become bits when a kernel of bits needs them, and only then", () => {
  const { tools, spins } = lattice();
  spins.start(true);
  spins.sweep("metropolis", 0.4, 1);
  spins.sweep("heat_bath", 0.4, 1);
  const rules = ["local_rule", "columns_pack", "columns_sweeps", "local_rule", "columns_sweeps"];
  assert.deepEqual(tools.calls, rules);
  tools.calls.length = 0;
  spins.sweep("swendsen_wang", 0.4, 1);
  spins.measure();
  assert.deepEqual(tools.calls, ["columns_unpack", "ising_swendsen_wang", "ising_sums"]);
});

Deno.test("what is measured is per site, and the energy is minus the bonds", () => {
  const { tools, spins } = lattice(64, { ising_sums: (at) => tools.at(at).set([4096n, 8192n]) });
  spins.start(true);
  assert.deepEqual(spins.measure(), [1, -2]);
});

Deno.test("bits are measured as bits", () => {
  const { tools, spins } = lattice(64, { columns_sums: (at) => tools.at(at).set([-2048n, -8192n]) });
  spins.start(true);
  spins.sweep("metropolis", 0.4, 1);
  assert.deepEqual(spins.measure(), [-0.5, 2]);
});

Deno.test("a random start has both spins and no other", () => {
  const { spins } = lattice();
  spins.start(false);
  const found = new Set(spins.bytes().data);
  assert.deepEqual([...found].sort(), [-1, 1]);
});

Deno.test("the number of Wolff clusters is found once for a temperature, so that it biases nothing", () => {
  const asked = [];
  const { spins } = lattice(64, { ising_wolff: (_at, _L, _parent, _beta, n) => (asked.push(n), 100 * n) });
  spins.start(true);
  spins.sweep("wolff", 0.4, 1);
  assert.deepEqual(asked, [1, 2, 4, 8, 16, 32, 64, 41]); // 127 clusters flipped 12700 spins; 41 flip 4096
  spins.sweep("wolff", 0.4, 2);
  assert.deepEqual(asked.slice(8), [41, 41]);
  spins.sweep("wolff", 0.5, 1);
  assert.equal(asked.length, 18);
});

function grained(L, kernels = {}) {
  const tools = memory({
    block_sums: (to, from, side) => {
      const [sums, spins] = [tools.at(to), tools.at(from)], half = side / 2;
      for (let k = 0; k < half * half; k++) {
        const first = 2 * Math.floor(k / half) * side + 2 * (k % half);
        sums[k] = spins[first] + spins[first + 1] + spins[first + side] + spins[first + side + 1];
      }
    },
    block_majority: (to, from, half) => tools.at(to).set(tools.at(from).subarray(0, half * half).map(Math.sign)),
    block_kadanoff: nothing,
    block_decimate: (to, from, side) => {
      const spins = tools.at(from), half = side / 2;
      tools.at(to).set(
        Int8Array.from({ length: half * half }, (_, k) => spins[2 * Math.floor(k / half) * side + 2 * (k % half)]),
      );
    },
    ising_paint: nothing,
    ...kernels,
  });
  const spins = tools.allocate(Int8Array, L * L);
  spins.data.forEach((_, k) => spins.data[k] = k % L < L / 2 ? 1 : -1); // up on the left, down on the right
  const whole = { side: L, state: { at: 0 }, bytes: () => spins };
  whole.sumBlocks = (to) => tools.kernels.block_sums(to.at, spins.at, L);
  return { tools, whole, coarse: coarseGraining(tools, whole) };
}

Deno.test("no step leaves the lattice, each halves its side", () => {
  const { whole, coarse } = grained(64);
  assert.deepEqual(coarse.coarsen(0, "majority", 1), { values: whole, side: 64 });
  assert.equal(coarse.coarsen(3, "majority", 1).side, 8);
});

for (const rule of ["majority", "decimation"]) {
  Deno.test(`two steps by ${rule} keep the two halves of the lattice`, () => {
    const { values, side } = grained(64).coarse.coarsen(2, rule, 1);
    assert.equal(side, 16);
    assert.deepEqual([...values.data.subarray(0, 16)], [...Array(8).fill(1), ...Array(8).fill(-1)]);
  });
}

Deno.test("each rule has a kernel of its own, which is given the strength that it needs", () => {
  let strength;
  const { tools, coarse } = grained(64, { block_kadanoff: (...given) => strength = given[4] });
  coarse.coarsen(1, "kadanoff", 0.7);
  coarse.coarsen(1, "decimation", 0.7);
  assert.deepEqual(tools.calls, ["block_sums", "block_kadanoff", "block_decimate"]);
  assert.equal(strength, 0.7);
});

function painted(L) {
  let given;
  const { tools, whole, coarse } = grained(L, { ising_paint: (...all) => given = all });
  const pixels = coarse.paint(whole, L, [10, 20, 30], [110, 120, 130]);
  const [, , count, b, colours] = given;
  const rgb = (colour) => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255, (colour >> 24) & 255];
  return { pixels, count, b, colours: [...tools.at(colours)].map(rgb) };
}

Deno.test("a small lattice is painted spin by spin in two colours without a shade", () => {
  const { pixels, count, b, colours } = painted(64);
  assert.deepEqual([count, b, pixels.length], [64 * 64, 1, 4 * 64 * 64]);
  assert.deepEqual(colours.slice(0, 2), [[110, 120, 130, 255], [10, 20, 30, 255]]);
});

Deno.test("a large one in shades of the blocks that share a pixel", () => {
  const { pixels, count, b, colours } = painted(2048);
  assert.deepEqual([count, b, pixels.length], [512 * 512, 4, 4 * 512 * 512]);
  assert.deepEqual([colours[0], colours[8], colours[16]], [[110, 120, 130, 255], [60, 70, 80, 255], [10, 20, 30, 255]]);
});
