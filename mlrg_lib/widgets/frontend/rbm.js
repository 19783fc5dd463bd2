// A restricted Boltzmann machine that trains while you watch, on lattices that are being sampled at the same time.
import { Loop, Plot, Values, button, choice, figure, make, readouts, signed, steady, slider, tier } from "./common.js";
import { startWorker } from "./worker.js";

// Runs in the worker: 64 lattices of 16 x 16 under heat-bath dynamics, and the machine that sees them.
function trainer({ kernels, allocate, release, seed, fillRandom, bytesUsed }) {
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
      H = n; updates = 0;
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
      const coins = fillRandom(allocate(BigUint64Array, V)).data, d = dream.data; // a machine's own samples start from noise
      for (let k = 0; k < V * BATCH; k++) d[k] = (coins[k >> 6] >> BigInt(k & 63)) & 1n ? 1 : -1;
      setTemperature(T);
      reconstruct();
      listen();
      return null;
    },
    frame({ steps, budget, rate, l1, temperature: T }) {
      if (T !== temperature) { setTemperature(T); reconstruct(); listen(); }
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
        tiles: tiles.data.slice(), size: fieldSize, most, zeros, overlap, likeness, updates, done, took, hidden: H,
        pictures: [lanes(data, 4, 0), lanes(data, 4, V * BATCH), lanes(dream, 4, 0)],
        energy: { data: mean(energies.data), dream: mean(energies.dream) }, bytes: bytesUsed(),
      };
    },
  };
}

const L = 16, UP = [11, 60, 93], DOWN = [243, 233, 210];
// Blue - white - orange, symmetric about zero.
const STOPS = [[179, 88, 6], [241, 163, 64], [247, 247, 247], [103, 169, 207], [5, 48, 97]];
const SHADES = Uint32Array.from({ length: 256 }, (_, k) => {
  const at = (k / 255) * 4, low = Math.min(3, Math.floor(at));
  const [r, g, blue] = [0, 1, 2].map((ch) => Math.round(STOPS[low][ch] + (STOPS[low + 1][ch] - STOPS[low][ch]) * (at - low)));
  return ((255 << 24) | (blue << 16) | (g << 8) | r) >>> 0;
});

// Square tiles side by side with one transparent pixel between them.
function drawTiles(canvas, tiles, count, columns, colour) {
  const rows = Math.ceil(count / columns), width = columns * (L + 1) - 1, height = rows * (L + 1) - 1;
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const image = new ImageData(width, height), words = new Uint32Array(image.data.buffer);
  for (let t = 0; t < count; t++) {
    const [top, left] = [Math.floor(t / columns) * (L + 1), (t % columns) * (L + 1)];
    for (let y = 0; y < L; y++) for (let x = 0; x < L; x++) words[(top + y) * width + left + x] = colour(tiles[t * L * L + y * L + x]);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

const rgb = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
const RATES = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2];

export default figure(({ model, root, fail, params, wasm }) => {
  const values = new Values(model, { temperature: 2.45, hidden: 64, l1: 0.002, rate: 3 });
  const now = values.now, { curve } = params;
  const worker = startWorker(trainer, wasm);

  const fieldCanvas = make("canvas", { role: "img", "aria-label": "Receptive fields of the hidden units", class: "mlrg-free" });
  const fieldCaption = make("span");
  const rows = ["Data", "Reconstruction", "Dream"].map((name) => ({ name, canvas: make("canvas", { role: "img", "aria-label": name, class: "mlrg-free" }) }));
  const sizePlot = new Plot({ x: [0, 1000], y: [0, 80], xLabel: "updates", yLabel: "sites", height: 150, label: "Median number of sites in a receptive field against the number of updates" });
  const energyPlot = new Plot({ x: [0, 1000], y: [-2, 0], xLabel: "updates", yLabel: "e", height: 150, label: "Energy per spin of the data, of the machine's own samples, and exact, against the number of updates" });
  const readout = { size: make("span"), energy: make("span"), rate: make("span") };
  const said = make("p", { class: "mlrg-hidden", role: "status" });
  const loop = new Loop(root, () => advance(Infinity, 11), fail);
  loop.onToggle = (on) => { if (!on && last) { write(); said.textContent = `Paused. ${readout.size.textContent}. ${readout.energy.textContent}.`; } };

  root.append(
    make("div", { class: "mlrg-stage" },
      make("div", { class: "mlrg-pair" },
        make("figure", { class: "mlrg-picture" }, fieldCanvas, make("figcaption", {}, steady(fieldCaption, "100 receptive fields, largest weight 00.00"))),
        make("div", { class: "mlrg-rows" }, ...rows.map(({ name, canvas }) => make("figure", { class: "mlrg-picture" }, canvas, make("figcaption", {}, name === "Dream" ? "Dreams: the machine's own samples" : name))))),
      make("div", { class: "mlrg-pair mlrg-stack" }, sizePlot.el, make("div", {}, energyPlot.el, make("p", { class: "mlrg-note" }, "Solid: data. Dashed orange: dreams. Dotted: exact.")))),
    readouts([readout.size, "0000000 updates: a field covers 256 of 256 sites"], [readout.energy, "energy per spin: dreams −0.000, data −0.000, exact −0.000"], [readout.rate, "00000 updates/s (0000 thousand lattices/s)"]),
    make("div", { class: "mlrg-controls" },
      slider(values, "temperature", { label: "Temperature", min: curve.T[0], max: curve.T.at(-1), step: 0.05, format: (T) => T.toFixed(2), marks: [["Tc", 2.25, "Set the temperature next to the critical one, 2.25"]] }),
      choice(values, "hidden", { label: "Hidden units", options: [16, 32, 64, 100].map((n) => [n, `${n}`]) }),
      slider(values, "l1", { label: "L1 penalty", min: 0, max: 0.01, step: 0.0005, format: (x) => x.toFixed(4) }),
      slider(values, "rate", { label: "Learning rate", min: 0, max: RATES.length - 1, step: 1, format: (k) => String(RATES[k]) }),
    ),
    make("div", { class: "mlrg-buttons" }, loop.toggleButton, button("Step", () => { loop.toggle(false); advance(1, 1000).catch(fail); }, "One update on a batch of 64 lattices"), button("Restart", () => { ready = restart(); }, "Forget everything: new random weights")),
    tier(`Computed in your browser by the library's numba kernels, compiled to WebAssembly (${(wasm.byteLength / 1024).toFixed(0)} kB): the lattices are sampled and the machine is trained while you watch.`), said,
  );

  let last, history, shown, frames, updates, spent, ready = restart();
  values.on("hidden", () => { ready = restart(); });
  for (const name of ["temperature", "l1", "rate"]) values.on(name, () => { if (!loop.wanted || !loop.visible) advance(0, 0).catch(fail); });

  async function restart() {
    history = []; frames = updates = spent = 0; shown = performance.now(); last = undefined;
    await worker.call("setup", { hidden: now.hidden, seed: params.seed, temperature: now.temperature }).catch(fail);
    if (!loop.wanted || !loop.visible) setTimeout(() => advance(0, 0).catch(fail));
  }

  async function advance(steps, budget) {
    await ready;
    const asked = { temperature: now.temperature, rate: RATES[now.rate], l1: now.l1 };
    const result = await worker.call("frame", { steps, budget, ...asked });
    last = { ...result, ...asked };
    const scale = 127.5 / Math.max(result.most, 1e-9);
    drawTiles(fieldCanvas, result.tiles, result.hidden, Math.ceil(Math.sqrt(result.hidden)), (w) => SHADES[Math.max(0, Math.min(255, Math.round(127.5 + w * scale)))]);
    rows.forEach(({ canvas }, k) => drawTiles(canvas, result.pictures[k], 4, 4, (s) => (s > 0 ? rgb(UP) : rgb(DOWN))));
    frames++; updates += result.done; spent += result.took;
    if (performance.now() - shown > 400 || steps < 2) write();
  }

  function exact(T) { return curve.e[curve.T.reduce((best, t, k) => (Math.abs(t - T) < Math.abs(curve.T[best] - T) ? k : best), 0)]; }

  function write() {
    const { updates: total, size, energy, temperature: T, most, overlap, hidden, bytes } = last;
    const e = exact(T);
    readout.size.textContent = `${total} updates: a field covers ${size} of 256 sites`;
    readout.energy.textContent = `energy per spin: dreams ${signed(energy.dream, 3)}, data ${signed(energy.data, 3)}, exact ${signed(e, 3)}`;
    fieldCaption.textContent = `${hidden} receptive fields, largest weight ${most.toFixed(2)}`;
    fieldCanvas.setAttribute("aria-label", `Receptive fields of ${hidden} hidden units after ${total} updates; half of them cover at most ${size} of 256 sites`);
    rows[1].canvas.setAttribute("aria-label", `Reconstruction; agrees with the data with overlap ${overlap.toFixed(2)}`);
    history.push([total, size, energy.data, energy.dream]);
    if (history.length > 240) history = history.filter((_, k) => k % 2 === 1);
    const x = history.map((h) => h[0]), far = Math.max(200, total);
    for (const plot of [sizePlot, energyPlot]) plot.x = [0, far];
    sizePlot.y = [0, Math.max(20, ...history.map((h) => h[1])) * 1.05];
    energyPlot.y = [Math.min(e, ...history.flatMap((h) => [h[2], h[3]])) - 0.05, 0.05];
    sizePlot.line("size", x, history.map((h) => h[1]), "line2");
    energyPlot.horizontal("exact", e);
    energyPlot.line("data", x, history.map((h) => h[2]));
    energyPlot.line("dream", x, history.map((h) => h[3]), "line3");
    sizePlot.redraw(); energyPlot.redraw();
    const seconds = (performance.now() - shown) / 1000;
    readout.rate.textContent = loop.wanted && seconds > 0 ? `${Math.round(updates / seconds)} updates/s (${Math.round((64 * updates) / seconds / 1000)} thousand lattices/s)` : "paused";
    Object.assign(root.dataset, { state: "ready", updates: total, fieldSize: size, most, zeros: last.zeros, overlap, likeness: last.likeness, bytes, temperature: T, hidden, dream: energy.dream, data: energy.data, fps: (frames / seconds).toFixed(1), rate: (updates / seconds).toFixed(0), perUpdate: updates ? (spent / updates).toFixed(2) : 0, running: loop.wanted });
    frames = updates = spent = 0; shown = performance.now();
  }

  return () => { loop.end(); worker.stop(); values.stop(); sizePlot.stop(); energyPlot.stop(); };
});
