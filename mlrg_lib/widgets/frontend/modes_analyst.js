// Everything of `modes.js` from the data to the moments. Runs in the worker and is sent there as text, with the
// functions that it calls by name. All arrays are made once, for the largest data set.

// Counts of spikes, two to a byte, one row a neuron: the variables one after another into `to`; returns how many
// variables and how many samples of each.
export function unpackNeurons(to, { n, samples, bytes }) {
  const width = (samples + 1) >> 1;
  for (let i = 0; i < n; i++) {
    for (let t = 0; t < samples; t++) to[i * samples + t] = (bytes[i * width + (t >> 1)] >> (4 * (t & 1))) & 15;
  }
  return [n, samples];
}

// Pictures, as differences along their rows modulo 256, cut into patches: a variable is a place in the patch.
export function unpackPhotographs(to, { shape: [pictures, height, width], patch, stride, step, bytes }) {
  const pixels = bytes.slice();
  for (let k = 0; k < pixels.length; k++) if (k % width) pixels[k] += pixels[k - 1];
  const corners = [];
  for (let p = 0; p < pictures; p++) {
    for (let y = 0; y + patch <= height; y += stride) {
      for (let x = 0; x + patch <= width; x += stride) corners.push((p * height + y) * width + x);
    }
  }
  const [n, samples] = [patch * patch, corners.length];
  for (let i = 0; i < n; i++) {
    const offset = Math.floor(i / patch) * width + (i % patch);
    for (let t = 0; t < samples; t++) to[i * samples + t] = step * pixels[corners[t] + offset];
  }
  return [n, samples];
}

export function analyst({ kernels, allocate, seed, fillRandom, bytesUsed }) {
  const MOST = 256, VALUES = 2048 * MOST, PAD = 3, BINS = 81, REACH = 8, BLOCKS = 20, DRAWS = 100, L = 16;
  const doubles = (size) => allocate(Float64Array, size), singles = (size) => allocate(Float32Array, size);
  const words = (size) => allocate(BigUint64Array, size);
  const data = singles(VALUES), other = singles(VALUES), batch = singles(L * L * 64);
  const [matrix, found, second, fourth] = [0, 0, 0, 0].map(() => doubles(MOST * MOST)), work = doubles(4 * MOST);
  const rows = allocate(BigInt64Array, MOST), block = singles(8 * 1024), row = singles(4096);
  const counts = allocate(Int32Array, BINS), moments = doubles(MOST), result = doubles(2);
  const [partsTwo, partsFour] = [0, 0].map(() => doubles(BLOCKS * MOST));
  const [state, picks, streams, thresholds, flips] = [4, 4, 32, 26, 1].map(words), planes = words(2 * L * (L / 2 + 2));
  const analysis = () => ({
    values: doubles(MOST),
    full: doubles(MOST),
    vectors: singles((MOST + PAD) * MOST),
    weights: singles(MOST * MOST),
    scores: singles(VALUES + 4096 * PAD),
  });
  const observed = analysis(), surrogate = analysis();
  const known = {};
  let recordings, n, samples;

  const fill = {
    neurons(set) {
      [n, samples] = unpackNeurons(data.data, set);
    },
    photographs(set) {
      [n, samples] = unpackPhotographs(data.data, set);
    },
    // 64 lattices of 16 x 16 from all spins up, then 32 pictures of each; v and -v are equally likely
    ising(_, temperature) {
      [n, samples] = [L * L, 2048];
      kernels.local_rule(thresholds.at, 1, 1 / temperature);
      fillRandom(streams);
      planes.data.fill(0xffffffffffffffffn);
      const run = (sweeps) => kernels.replicas_sweeps(planes.at, L, thresholds.at, sweeps, streams.at);
      run(3000);
      for (let first = 0; first < samples; first += 64) {
        run(300);
        fillRandom(flips);
        kernels.replicas_batch(batch.at, planes.at, L, flips.at);
        for (let i = 0; i < n; i++) data.data.set(batch.data.subarray(64 * i, 64 * i + 64), i * samples + first);
      }
    },
  };

  function keep(into) { // the modes in single precision, one a row and one a column
    const [from, rowwise, columnwise] = [found.data, into.vectors.data, into.weights.data];
    rowwise.set(from.subarray(0, n * n));
    rowwise.fill(0, n * n, (n + PAD) * n);
    for (let k = 0; k < n; k++) for (let i = 0; i < n; i++) columnwise[i * n + k] = rowwise[k * n + i];
    into.scores.data.fill(0, n * samples, (n + PAD) * samples);
  }

  function analyse(into, from) {
    kernels.modes_find(into.values.at, found.at, from.at, matrix.at, work.at, n, samples);
    keep(into);
    kernels.modes_project(into.scores.at, into.vectors.at, from.at, n, samples);
    kernels.modes_variances(into.full.at, into.values.at, into.weights.at, n, samples);
  }

  function load(set, temperature) {
    fill[set](recordings[set], temperature);
    kernels.modes_center(data.at, n, samples, set === "neurons" ? 1 : 0);
    analyse(observed, data);
    fillRandom(picks);
  }

  function makeNull(kind) {
    fillRandom(state);
    if (kind === "shuffled") {
      other.data.set(data.data.subarray(0, n * samples));
      kernels.modes_shuffle(other.at, n, samples, state.at);
      analyse(surrogate, other);
    } else {
      for (const name of ["values", "full", "vectors", "weights"]) surrogate[name].data.set(observed[name].data);
      surrogate.scores.data.fill(0, n * samples, (n + PAD) * samples);
      kernels.modes_gaussian(surrogate.scores.at, surrogate.values.at, n, samples, state.at);
    }
  }

  // The moment for every number of modes kept, in one sweep.
  function curve({ vectors, scores, full }, dropped) {
    const left = n - dropped, padded = (left + 3) & ~3, sums = [moments, work, second, fourth, block].map((x) => x.at);
    const [first, scored] = [vectors.at + 4 * dropped * n, scores.at + 4 * dropped * samples];
    kernels.modes_curve(...sums, first, scored, rows.at, full.at, padded, n, samples);
    return Array.from(moments.data.subarray(0, left));
  }

  // One number of modes: its moment, the error of a block bootstrap, and the distribution.
  function point({ weights, scores, full }, dropped, kept) {
    counts.data.fill(0);
    state.data.set(picks.data); // the same resamplings at every place of the sliders
    const parts = [partsTwo.at, partsFour.at], shape = [n, samples, BLOCKS], modes = [dropped, dropped + kept];
    kernels.modes_rebuilt(...parts, counts.at, row.at, weights.at, scores.at, ...modes, ...shape, BINS, REACH);
    kernels.modes_resampled(result.at, work.at, ...parts, full.at, ...shape, DRAWS, state.at);
    const [moment, error] = result.data, scale = BINS / (2 * REACH * n * samples);
    return { moment, error, density: Array.from(counts.data, (c) => c * scale) };
  }

  return {
    receive(given) {
      recordings = given;
      return null;
    },
    // Only what has changed is computed again.
    describe({ data: set, temperature, kind, kept, dropped, seed: value, draw }) {
      const begin = performance.now();
      const fresh = (name, key) => {
        if (known[name] === key) return false;
        known[name] = key;
        return true;
      };
      const source = `${set},${set === "ising" ? temperature : 0},${set === "ising" ? draw : 0}`;
      if (fresh("source", source)) {
        seed(value == null ? null : value + draw);
        load(set, temperature);
      }
      const removed = Math.min(n - 1, Math.round(dropped * n));
      const number = Math.max(1, Math.min(n - removed, Math.round(kept * n)));
      if (kind !== "none" && fresh("null", `${source},${kind},${draw}`)) makeNull(kind);
      const cases = kind === "none" ? [observed] : [observed, surrogate];
      const curves = `${source},${kind},${draw},${removed}`;
      if (fresh("curves", curves)) known.lines = cases.map((some) => curve(some, removed));
      const points = cases.map((some) => point(some, removed, number));
      return {
        n,
        samples,
        removed,
        number,
        lines: known.lines,
        points,
        reach: REACH,
        took: performance.now() - begin,
        bytes: bytesUsed(),
      };
    },
  };
}
