// The machine of `rbm.js`, and the 64 lattices of 16 x 16 under heat-bath dynamics that it sees. Runs in the worker and
// is sent there as text, so it closes over nothing.

export function trainer({ kernels, allocate, release, seed, fillRandom, bytesUsed }) {
  const L = 16, V = L * L, BATCH = 64, BETWEEN = 4; // sweeps between batches
  let H, planes, streams, thresholds, flips, data, dream, zero, noise, hidden, negative, transposed, machine;
  let summary, tiles, sizes, updates, energies, temperature;

  const sweeps = (count) => kernels.replicas_sweeps(planes.at, L, thresholds.at, count, streams.at);

  function setTemperature(T) {
    temperature = T;
    kernels.local_rule(thresholds.at, 1, 1 / T);
    sweeps(400);
    energies = { data: [], dream: [] };
    batch();
  }

  function batch() {
    sweeps(BETWEEN);
    fillRandom(flips); // v and -v are equally likely: a free global move
    kernels.replicas_batch(data.at, planes.at, L, flips.at);
  }

  // What the machine makes of lattices that are there, by going to the hidden units and back.
  function gibbs(units, offset, steps) {
    const work = [hidden, machine[0], machine[1], transposed, zero, noise].map((part) => part.at);
    kernels.rbm_gibbs(units.at + 4 * offset, ...work, V, H, steps);
  }

  function reconstruct() {
    data.data.copyWithin(V * BATCH, 0, V * BATCH);
    gibbs(data, V * BATCH, 1);
  }

  function listen() {
    gibbs(dream, 0, 3);
    for (const [name, units] of [["data", data], ["dream", dream]]) {
      energies[name] = [...energies[name].slice(-59), kernels.replicas_energy(units.at, L)];
    }
  }

  const lanes = (units, count, offset) => {
    const out = new Int8Array(count * V), from = units.data;
    for (let s = 0; s < count; s++) for (let i = 0; i < V; i++) out[s * V + i] = from[offset + i * BATCH + s];
    return out;
  };
  const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;

  return {
    setup({ hidden: n, seed: value, temperature: T }) {
      release();
      H = n;
      updates = 0;
      planes = allocate(BigUint64Array, 2 * L * (L / 2 + 2));
      [streams, thresholds, flips] = [32, 26, 1].map((size) => allocate(BigUint64Array, size));
      [summary, sizes] = [3, H].map((size) => allocate(Float64Array, size));
      tiles = allocate(Float32Array, H * V);
      data = allocate(Float32Array, 2 * V * BATCH); // the batch, then its reconstruction
      dream = allocate(Float32Array, V * BATCH);
      zero = allocate(Float32Array, BATCH);
      noise = allocate(BigUint64Array, 2);
      [hidden, negative, transposed] = [BATCH, BATCH, V].map((size) => allocate(Float32Array, H * size));
      // weights with the hidden bias below them, and the visible bias; their velocities; their gradients
      machine = [0, 1, 2].flatMap(() => [(V + 1) * H, V].map((size) => allocate(Float32Array, size)));
      seed(value);
      for (const block of [planes, streams, noise]) fillRandom(block);
      const start = fillRandom(allocate(BigUint64Array, V * H)).data, w = machine[0].data;
      for (let k = 0; k < V * H; k++) w[k] = 0.035 * (Number(start[k] >> 11n) / 2 ** 53 - 0.5); // sd 0.01
      // a machine's own samples start from noise
      const coins = fillRandom(allocate(BigUint64Array, V)).data, d = dream.data;
      for (let k = 0; k < V * BATCH; k++) d[k] = (coins[k >> 6] >> BigInt(k & 63)) & 1n ? 1 : -1;
      setTemperature(T);
      reconstruct();
      listen();
      return null;
    },
    frame({ steps, budget, rate, l1, temperature: T }) {
      if (T !== temperature) {
        setTemperature(T);
        reconstruct();
        listen();
      }
      const begin = performance.now();
      let done = 0;
      while (done < steps && performance.now() - begin < budget) {
        batch();
        const work = [...machine, transposed, hidden, negative, data, zero, noise].map((part) => part.at);
        kernels.rbm_update(...work, V, H, 1, rate, 0, l1);
        done++;
      }
      const took = performance.now() - begin;
      updates += done;
      if (done) listen();
      const size = V * BATCH, overlap = kernels.replicas_overlap(data.at, data.at + 4 * size, size);
      const likeness = kernels.replicas_overlap(data.at, dream.at, size);
      kernels.rbm_fields(summary.at, tiles.at, sizes.at, machine[0].at, V, H);
      const [fieldSize, most, zeros] = summary.data;
      return {
        tiles: tiles.data.slice(),
        size: fieldSize,
        most,
        zeros,
        overlap,
        likeness,
        updates,
        done,
        took,
        hidden: H,
        pictures: [lanes(data, 4, 0), lanes(data, 4, V * BATCH), lanes(dream, 4, 0)],
        energy: { data: mean(energies.data), dream: mean(energies.dream) },
        bytes: bytesUsed(),
      };
    },
  };
}
