// A restricted Boltzmann machine that trains while you watch, on lattices that are being sampled at the same time.
import { button, choice, figure, Loop, make, readouts, slider, steady, tier, Values } from "./common.js";
import { signed } from "./numbers.js";
import { Plot } from "./plot.js";
import { trainer } from "./rbm_trainer.js";
import { startWorker } from "./worker.js";

const L = 16, UP = [11, 60, 93], DOWN = [243, 233, 210];
// Blue - white - orange, symmetric about zero.
const STOPS = [[179, 88, 6], [241, 163, 64], [247, 247, 247], [103, 169, 207], [5, 48, 97]];
const SHADES = Uint32Array.from({ length: 256 }, (_, k) => {
  const at = (k / 255) * 4, low = Math.min(3, Math.floor(at));
  const between = (a, b) => Math.round(a + (b - a) * (at - low));
  const [r, g, blue] = [0, 1, 2].map((ch) => between(STOPS[low][ch], STOPS[low + 1][ch]));
  return ((255 << 24) | (blue << 16) | (g << 8) | r) >>> 0;
});

// The colour of a weight, as a pixel; the largest of them all, `most`, is the end of the scale.
export const shade = (w, most) =>
  SHADES[Math.max(0, Math.min(255, Math.round(127.5 * (1 + w / Math.max(most, 1e-9)))))];

// The index of the entry of a list that is nearest to x, the first of two.
export const nearest = (list, x) => list.reduce((k, y, i) => (Math.abs(y - x) < Math.abs(list[k] - x) ? i : k), 0);

// Where square tiles lie that stand side by side with one transparent pixel between them.
export function tiling(count, columns) {
  const rows = Math.ceil(count / columns);
  const corners = Array.from({ length: count }, (_, t) => [(t % columns) * (L + 1), Math.floor(t / columns) * (L + 1)]);
  return { width: columns * (L + 1) - 1, height: rows * (L + 1) - 1, corners };
}

function drawTiles(canvas, tiles, count, columns, colour) {
  const { width, height, corners } = tiling(count, columns);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const image = new ImageData(width, height), words = new Uint32Array(image.data.buffer);
  for (const [t, [left, top]] of corners.entries()) {
    for (let k = 0; k < L * L; k++) {
      words[(top + Math.floor(k / L)) * width + left + (k % L)] = colour(tiles[t * L * L + k]);
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

const rgb = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
const RATES = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2];

export default figure(({ model, root, fail, params, wasm }) => {
  const values = new Values(model, { temperature: 2.45, hidden: 64, l1: 0.002, rate: 3 });
  const now = values.now, { curve } = params;
  const worker = startWorker(trainer, wasm), kilobytes = (wasm.byteLength / 1024).toFixed(0);

  const fieldCanvas = make("canvas", {
    role: "img",
    "aria-label": "Receptive fields of the hidden units",
    class: "mlrg-free",
  });
  const fieldCaption = make("span");
  const rows = ["Data", "Reconstruction", "Dream"].map((name) => ({
    name,
    canvas: make("canvas", { role: "img", "aria-label": name, class: "mlrg-free" }),
  }));
  const sizePlot = new Plot({
    x: [0, 1000],
    y: [0, 80],
    xLabel: "updates",
    yLabel: "sites",
    height: 150,
    label: "Median number of sites in a receptive field against the number of updates",
  });
  const energyPlot = new Plot({
    x: [0, 1000],
    y: [-2, 0],
    xLabel: "updates",
    yLabel: "e",
    height: 150,
    label: "Energy per spin of the data, of the machine's own samples, and exact, against the number of updates",
  });
  const readout = { size: make("span"), energy: make("span"), rate: make("span") };
  const said = make("p", { class: "mlrg-hidden", role: "status" });
  const loop = new Loop(root, () => advance(Infinity, 11), fail);
  loop.onToggle = (on) => {
    if (!on && last) {
      write();
      said.textContent = `Paused. ${readout.size.textContent}. ${readout.energy.textContent}.`;
    }
  };

  root.append(
    make(
      "div",
      { class: "mlrg-stage" },
      make(
        "div",
        { class: "mlrg-pair" },
        make(
          "figure",
          { class: "mlrg-picture" },
          fieldCanvas,
          make("figcaption", {}, steady(fieldCaption, "100 receptive fields, largest weight 00.00")),
        ),
        make(
          "div",
          { class: "mlrg-rows" },
          ...rows.map(({ name, canvas }) =>
            make(
              "figure",
              { class: "mlrg-picture" },
              canvas,
              make("figcaption", {}, name === "Dream" ? "Dreams: the machine's own samples" : name),
            )
          ),
        ),
      ),
      make(
        "div",
        { class: "mlrg-pair mlrg-stack" },
        sizePlot.el,
        make(
          "div",
          {},
          energyPlot.el,
          make("p", { class: "mlrg-note" }, "Solid: data. Dashed orange: dreams. Dotted: exact."),
        ),
      ),
    ),
    readouts(
      [readout.size, "0000000 updates: a field covers 256 of 256 sites"],
      [readout.energy, "energy per spin: dreams −0.000, data −0.000, exact −0.000"],
      [readout.rate, "00000 updates/s (0000 thousand lattices/s)"],
    ),
    make(
      "div",
      { class: "mlrg-controls" },
      slider(values, "temperature", {
        label: "Temperature",
        min: curve.T[0],
        max: curve.T.at(-1),
        step: 0.05,
        format: (T) => T.toFixed(2),
        marks: [["Tc", 2.25, "Set the temperature next to the critical one, 2.25"]],
      }),
      choice(values, "hidden", { label: "Hidden units", options: [16, 32, 64, 100].map((n) => [n, `${n}`]) }),
      slider(values, "l1", { label: "L1 penalty", min: 0, max: 0.01, step: 0.0005, format: (x) => x.toFixed(4) }),
      slider(values, "rate", {
        label: "Learning rate",
        min: 0,
        max: RATES.length - 1,
        step: 1,
        format: (k) => String(RATES[k]),
      }),
    ),
    make(
      "div",
      { class: "mlrg-buttons" },
      loop.toggleButton,
      button(
        "Step",
        () => {
          loop.toggle(false);
          advance(1, 1000).catch(fail);
        },
        "One update on a batch of 64 lattices",
      ),
      button("Restart", () => {
        ready = restart();
      }, "Forget everything: new random weights"),
    ),
    tier(
      `Computed in your browser by the library's numba kernels, compiled to WebAssembly (${kilobytes} kB): the ` +
        "lattices are sampled and the machine is trained while you watch.",
    ),
    said,
  );

  let last, history, shown, frames, updates, spent, ready = restart();
  values.on("hidden", () => {
    ready = restart();
  });
  for (const name of ["temperature", "l1", "rate"]) {
    values.on(name, () => {
      if (!loop.wanted || !loop.visible) advance(0, 0).catch(fail);
    });
  }

  async function restart() {
    history = [];
    frames = updates = spent = 0;
    shown = performance.now();
    last = undefined;
    await worker.call("setup", { hidden: now.hidden, seed: params.seed, temperature: now.temperature }).catch(fail);
    if (!loop.wanted || !loop.visible) setTimeout(() => advance(0, 0).catch(fail));
  }

  async function advance(steps, budget) {
    await ready;
    const asked = { temperature: now.temperature, rate: RATES[now.rate], l1: now.l1 };
    const result = await worker.call("frame", { steps, budget, ...asked });
    last = { ...result, ...asked };
    drawTiles(
      fieldCanvas,
      result.tiles,
      result.hidden,
      Math.ceil(Math.sqrt(result.hidden)),
      (w) => shade(w, result.most),
    );
    rows.forEach(({ canvas }, k) => drawTiles(canvas, result.pictures[k], 4, 4, (s) => (s > 0 ? rgb(UP) : rgb(DOWN))));
    frames++;
    updates += result.done;
    spent += result.took;
    if (performance.now() - shown > 400 || steps < 2) write();
  }

  function write() {
    const { updates: total, size, energy, temperature: T, most, overlap, hidden, bytes } = last;
    const e = curve.e[nearest(curve.T, T)];
    readout.size.textContent = `${total} updates: a field covers ${size} of 256 sites`;
    const [dreams, data, known] = [energy.dream, energy.data, e].map((x) => signed(x, 3));
    readout.energy.textContent = `energy per spin: dreams ${dreams}, data ${data}, exact ${known}`;
    fieldCaption.textContent = `${hidden} receptive fields, largest weight ${most.toFixed(2)}`;
    const covered = `half of them cover at most ${size} of 256 sites`;
    const fields = `Receptive fields of ${hidden} hidden units after ${total} updates; ${covered}`;
    fieldCanvas.setAttribute("aria-label", fields);
    rows[1].canvas.setAttribute(
      "aria-label",
      `Reconstruction; agrees with the data with overlap ${overlap.toFixed(2)}`,
    );
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
    sizePlot.redraw();
    energyPlot.redraw();
    const seconds = (performance.now() - shown) / 1000;
    const thousands = Math.round((64 * updates) / seconds / 1000);
    const rates = `${Math.round(updates / seconds)} updates/s (${thousands} thousand lattices/s)`;
    readout.rate.textContent = loop.wanted && seconds > 0 ? rates : "paused";
    Object.assign(root.dataset, {
      state: "ready",
      updates: total,
      fieldSize: size,
      most,
      zeros: last.zeros,
      overlap,
      likeness: last.likeness,
      bytes,
      temperature: T,
      hidden,
      dream: energy.dream,
      data: energy.data,
      fps: (frames / seconds).toFixed(1),
      rate: (updates / seconds).toFixed(0),
      perUpdate: updates ? (spent / updates).toFixed(2) : 0,
      running: loop.wanted,
    });
    frames = updates = spent = 0;
    shown = performance.now();
  }

  return () => {
    loop.end();
    worker.stop();
    values.stop();
    sizePlot.stop();
    energyPlot.stop();
  };
});
