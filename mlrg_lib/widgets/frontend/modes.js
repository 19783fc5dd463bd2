// Fourth-moment flows: drop principal components of data, and see whether what is left turns Gaussian.
import { Plot, Values, button, choice, figure, make, readouts, slider, tier } from "./common.js";
import { startWorker } from "./worker.js";

// Runs in the worker: everything from the data to the moments. All arrays are made once, for the largest data set.
function analyst({ kernels, allocate, seed, fillRandom, bytesUsed }) {
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
    values: doubles(MOST), full: doubles(MOST), vectors: singles((MOST + PAD) * MOST), weights: singles(MOST * MOST),
    scores: singles(VALUES + 4096 * PAD),
  });
  const observed = analysis(), surrogate = analysis();
  const known = {};
  let recordings, n, samples;

  const fill = {
    neurons({ n: units, samples: bins, bytes }) {
      [n, samples] = [units, bins];
      const to = data.data, width = (bins + 1) >> 1;
      for (let i = 0; i < n; i++) {
        for (let t = 0; t < bins; t++) to[i * bins + t] = (bytes[i * width + (t >> 1)] >> (4 * (t & 1))) & 15;
      }
    },
    photographs({ shape: [pictures, height, width], patch, stride, step, bytes }) {
      const pixels = bytes.slice(); // differences along the rows, modulo 256
      for (let k = 0; k < pixels.length; k++) if (k % width) pixels[k] += pixels[k - 1];
      const corners = [];
      for (let p = 0; p < pictures; p++) {
        for (let y = 0; y + patch <= height; y += stride) {
          for (let x = 0; x + patch <= width; x += stride) corners.push((p * height + y) * width + x);
        }
      }
      [n, samples] = [patch * patch, corners.length];
      const to = data.data;
      for (let i = 0; i < n; i++) {
        const offset = Math.floor(i / patch) * width + (i % patch);
        for (let t = 0; t < samples; t++) to[i * samples + t] = step * pixels[corners[t] + offset];
      }
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
    receive(given) { recordings = given; return null; },
    // Only what has changed is computed again.
    describe({ data: set, temperature, kind, kept, dropped, seed: value, draw }) {
      const begin = performance.now();
      const fresh = (name, key) => { if (known[name] === key) return false; known[name] = key; return true; };
      const source = `${set},${set === "ising" ? temperature : 0},${set === "ising" ? draw : 0}`;
      if (fresh("source", source)) { seed(value == null ? null : value + draw); load(set, temperature); }
      const removed = Math.min(n - 1, Math.round(dropped * n)), number = Math.max(1, Math.min(n - removed, Math.round(kept * n)));
      if (kind !== "none" && fresh("null", `${source},${kind},${draw}`)) makeNull(kind);
      const cases = kind === "none" ? [observed] : [observed, surrogate];
      if (fresh("curves", `${source},${kind},${draw},${removed}`)) known.lines = cases.map((some) => curve(some, removed));
      const points = cases.map((some) => point(some, removed, number));
      return { n, samples, removed, number, lines: known.lines, points, reach: REACH, took: performance.now() - begin, bytes: bytesUsed() };
    },
  };
}

const NAMES = { neurons: "Neurons", photographs: "Photographs", ising: "Ising spins" };
const NULLS = [["shuffled", "shuffled in time"], ["gaussian", "Gaussian surrogate"], ["none", "nothing"]];
const CRITICAL = 2 / Math.log(1 + Math.SQRT2);

async function inflate(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export default figure(({ model, root, fail, params, wasm }) => {
  const values = new Values(model, { data: "neurons", kind: "shuffled", kept: 0.25, dropped: 0, temperature: 2.27 });
  const now = values.now;
  const worker = startWorker(analyst, wasm);
  const flow = new Plot({ x: [0.02, -2.45], y: [1, 9], log: "x", xLabel: "fraction of modes kept", yLabel: "fourth moment", height: 280, label: "Normalized fourth moment against the fraction of modes kept" });
  const shape = new Plot({ x: [-8, 8], y: [-4.7, 0.3], log: "y", xLabel: "variable in standard deviations", yLabel: "density", height: 280, label: "Distribution of the variables with these modes, on a logarithmic scale, and the Gaussian" });
  const readout = [0, 1, 2].map(() => make("span")), credit = make("p", { class: "mlrg-note" });
  const said = make("p", { class: "mlrg-hidden", role: "status" });
  const temperature = slider(values, "temperature", { label: "Temperature", min: 1.8, max: 4, step: 0.01, format: (T) => T.toFixed(2), marks: [["Tc", CRITICAL, "Set the critical temperature, 2.269"]] });
  const percent = (x) => `${(100 * x).toFixed(x < 0.1 ? 1 : 0)} %`;

  root.append(
    make("div", { class: "mlrg-row" }, flow.el, shape.el),
    readouts([readout[0], "000 of 000 modes (0.0 %), the largest 000 dropped"], [readout[1], "Photographs: fourth moment 00.000 ± 0.000; a Gaussian has 3"], [readout[2], "Gaussian surrogate: 00.000 ± 0.000, 000.0 standard errors apart"]),
    make("div", { class: "mlrg-controls" },
      slider(values, "kept", { label: "Modes kept", min: -2.3, max: 0, step: 0.01, format: percent, scale: (x) => 10 ** x, position: (f) => Math.log10(f) }),
      slider(values, "dropped", { label: "Largest dropped", min: 0, max: 0.5, step: 0.01, format: (f) => `${Math.round(100 * f)} %` }),
      choice(values, "data", { label: "Data", options: Object.entries(NAMES) }), temperature,
      choice(values, "kind", { label: "Compare with", options: NULLS })),
    make("div", { class: "mlrg-buttons" }, button("Draw again", () => { draw++; update(); }, "New random numbers for the comparison, and new spins")),
    make("p", { class: "mlrg-note" }, "Blue: the data. Dashed orange: the comparison; a Gaussian surrogate has the same covariance. Grey: a Gaussian."), credit,
    tier("Computed in your browser: principal components, projections and moments by numba kernels compiled to WebAssembly."), said,
  );
  const grid = Array.from({ length: 81 }, (_, k) => -8 + ((k + 0.5) * 16) / 81);
  const logarithm = (list) => list.map((x) => (x > 0 ? Math.log10(x) : NaN));
  shape.line("gauss", grid, grid.map((x) => (-x * x / 2 - Math.log(2 * Math.PI) / 2) / Math.LN10), "faint");
  flow.horizontal("three", 3);

  const unpacked = Promise.all(Object.entries(params.recordings).map(async ([name, set]) => [name, { ...set, bytes: await inflate(set.bytes) }]))
    .then((sets) => worker.call("receive", Object.fromEntries(sets)));
  let draw = 0, asking = false, stale = false;
  async function update() {
    temperature.enable(now.data === "ising");
    if (asking) { stale = true; return; }
    asking = true;
    root.setAttribute("aria-busy", "true");
    try {
      await unpacked;
      do {
        stale = false;
        const asked = { ...now, seed: params.seed, draw };
        show(asked, await worker.call("describe", asked));
      } while (stale);
    } catch (error) { fail(error); } finally { asking = false; root.removeAttribute("aria-busy"); }
  }

  function show({ data, kind, temperature: T }, { n, removed, number, lines, points, took, bytes }) {
    const [here, there] = points, digits = here.error < 0.02 ? 3 : 2, text = (p) => `${p.moment.toFixed(digits)} ± ${p.error.toFixed(digits)}`;
    const all = lines.flat().concat(points.map((p) => p.moment + p.error));
    flow.y = [Math.min(0.8, ...all), Math.max(4, ...all) * 1.06];
    const fractions = (line) => line.map((_, k) => Math.log10((k + 1) / n));
    const at = Math.log10(number / n);
    flow.line("data", fractions(lines[0]), lines[0], "line2");
    flow.line("null", there ? fractions(lines[1]) : [], there ? lines[1] : [], "line3");
    flow.vertical("now", at, "now");
    flow.points("here", [[at, here.moment, here.error]], "points2", 4.5);
    flow.points("there", there ? [[at, there.moment, there.error]] : [], "points", 4.5);
    flow.redraw();
    shape.line("data", grid, logarithm(here.density), "line2");
    shape.line("null", there ? grid : [], there ? logarithm(there.density) : [], "line3");
    const apart = there && Math.abs(here.moment - there.moment) / Math.hypot(here.error, there.error);
    readout[0].textContent = `${number} of ${n} modes (${percent(number / n)})${removed ? `, the largest ${removed} dropped` : ""}`;
    readout[1].textContent = `${NAMES[data]}: fourth moment ${text(here)}; a Gaussian has 3`;
    readout[2].textContent = there ? `${Object.fromEntries(NULLS)[kind]}: ${text(there)}, ${Number.isFinite(apart) ? apart.toFixed(1) : "0.0"} standard errors apart` : "";
    credit.textContent = params.credits[data];
    clearTimeout(said.timer);
    said.timer = setTimeout(() => { said.textContent = readout.map((span) => span.textContent).filter(Boolean).join(". "); }, 800);
    Object.assign(root.dataset, { state: "ready", data, kind, temperature: T, modes: number, removed, n, draw, moment: here.moment, error: here.error, nullMoment: there?.moment ?? "null", nullError: there?.error ?? "null", curve: JSON.stringify(lines[0].map((x) => Number(x.toFixed(4)))), density: JSON.stringify(here.density), took: took.toFixed(0), bytes });
  }

  for (const name of ["data", "kind", "kept", "dropped", "temperature"]) values.on(name, update);
  update();
  return () => { worker.stop(); values.stop(); flow.stop(); shape.stop(); clearTimeout(said.timer); };
});
