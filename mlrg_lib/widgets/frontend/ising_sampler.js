// The live lattice of `ising.js`: what is simulated, measured and painted. Runs in the worker and is sent there as
// text, with the two functions that it calls. `tools` gives the kernels and their arrays.

export function sampler(tools) {
  const { kernels, allocate } = tools;
  let spins, coarse, batches, filling, counts, estimate;

  function forget() {
    filling.data.fill(0);
    counts.data.set([0n, 1n, 0n, 0n]);
  }

  function record() {
    const [m, e] = spins.measure();
    kernels.settling_add(batches.at, filling.at, counts.at, Math.abs(m), e);
  }

  // Means and errors of |m| and e, and whether they have settled: `_kernels/page/settling.py` has the rule.
  function summary() {
    const verdict = kernels.settling_judge(estimate.at, batches.at, counts.at);
    return verdict < 0 ? null : { values: [...estimate.data], settled: verdict === 1 };
  }

  return {
    setup({ size: L, seed, start, temperature }) {
      tools.release();
      tools.seed(seed);
      spins = spinLattice(tools, L);
      coarse = coarseGraining(tools, spins);
      [batches, filling, estimate] = [512, 2, 4].map((size) => allocate(Float64Array, size));
      counts = allocate(BigInt64Array, 4);
      spins.start(start === "up");
      if (start === "equilibrium") spins.sweep("swendsen_wang", 1 / temperature, Math.min(60, Math.ceil(6e6 / L ** 2)));
      forget();
      return null;
    },
    forget() {
      forget();
      return null;
    },
    // Up to `sweeps` sweeps, or as many as fit in `budget` milliseconds, then the pictures and the numbers.
    frame({ temperature, algorithm, sweeps, budget, level, rule, strength, up, down }) {
      const begin = performance.now();
      const stride = algorithm === "metropolis" || algorithm === "heat_bath" ? 4 : 1; // measuring costs a sweep of bits
      let done = 0;
      while (done < sweeps && performance.now() - begin < budget) {
        const count = Math.min(stride, sweeps - done);
        spins.sweep(algorithm, 1 / temperature, count);
        record();
        done += count;
      }
      const took = performance.now() - begin;
      const { values, side } = coarse.coarsen(level, rule, strength), now = spins.measure();
      return {
        spins: coarse.paint(spins, spins.side, up, down),
        coarse: coarse.paint(values, side, up, down),
        side,
        now,
        blocked: level ? spins.measure(values, side) : now,
        mean: summary(),
        sweeps: done,
        took,
        bytes: tools.bytesUsed(),
      };
    },
  };
}
