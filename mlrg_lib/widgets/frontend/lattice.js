// The live lattice. Runs in the worker and is sent there as text, so it closes over nothing.

// A torus of L² spins, held as bytes or as bits, whichever the kernels need: it is converted when it is asked for.
export function spinLattice({ kernels, allocate, fillRandom }, L) {
  const spins = allocate(Int8Array, L * L), planes = allocate(BigUint64Array, 2 * (L / 64) * (L / 2 + 2));
  const lanes = fillRandom(allocate(BigUint64Array, 2 * L)), state = fillRandom(allocate(BigUint64Array, 4));
  const thresholds = allocate(BigUint64Array, 26), sums = allocate(BigInt64Array, 2);
  const parent = allocate(Int32Array, L * L), bits = allocate(BigUint64Array, 64); // a stack for Wolff's clusters
  const [rows, heads, signs] = [0, 0, 0].map(() => allocate(BigUint64Array, (L * L) / 64));
  const bases = allocate(Int32Array, (L * L) / 64);
  let asBytes = true, asBits = false; // which of the two is up to date
  let clusters, clusterBeta;

  function bytes() {
    if (!asBytes) kernels.columns_unpack(spins.at, planes.at, L);
    asBytes = true;
    return spins;
  }

  function words() {
    if (!asBits) kernels.columns_pack(planes.at, spins.at, L);
    asBits = true;
    return planes;
  }

  // As many Wolff clusters as flip about a lattice. Their number is found once and then kept: stopping when enough
  // spins have flipped would look at the lattice more often after large clusters, and so bias what is measured.
  function wolff(beta) {
    const flip = (n) => kernels.ising_wolff(spins.at, L, parent.at, beta, n, state.at);
    if (beta !== clusterBeta) {
      let [flipped, made] = [0, 0];
      for (let n = 1; flipped < 2 * L * L; n *= 2, made = n - 1) flipped += flip(n);
      [clusters, clusterBeta] = [Math.max(1, Math.round((made * L * L) / flipped)), beta];
    }
    flip(clusters);
  }

  return {
    side: L,
    state,
    bytes,

    // All spins up, or each of them up or down with equal chances.
    start(up) {
      if (up) spins.data.fill(1);
      else {
        const random = new Uint8Array(fillRandom(rows).data.buffer, rows.at, (L * L) / 8), to = spins.data;
        for (let k = 0; k < to.length; k++) to[k] = (random[k >> 3] >> (k & 7)) & 1 ? 1 : -1;
      }
      [asBytes, asBits] = [true, false];
    },

    sweep(algorithm, beta, count) {
      if (algorithm === "metropolis" || algorithm === "heat_bath") {
        const heatBath = algorithm === "heat_bath" ? 1 : 0;
        kernels.local_rule(thresholds.at, heatBath, beta);
        kernels.columns_sweeps(words().at, L, heatBath, thresholds.at, count, lanes.at);
        asBytes = false;
        return;
      }
      const work = [rows, heads, bases, signs, parent, bits].map((block) => block.at);
      bytes();
      if (algorithm === "swendsen_wang") kernels.ising_swendsen_wang(spins.at, L, ...work, beta, count, state.at);
      else for (let k = 0; k < count; k++) wolff(beta);
      asBits = false;
    },

    // Magnetisation and energy per site, of this lattice or of one made from it.
    measure(values = null, side = L) {
      if (values) kernels.ising_sums(sums.at, values.at, side);
      else if (asBits) kernels.columns_sums(sums.at, planes.at, L);
      else kernels.ising_sums(sums.at, spins.at, L);
      return [Number(sums.data[0]) / side ** 2, -Number(sums.data[1]) / side ** 2];
    },

    sumBlocks(to) {
      if (asBytes) kernels.block_sums(to.at, spins.at, L);
      else kernels.columns_block_sums(to.at, planes.at, L);
    },
  };
}
