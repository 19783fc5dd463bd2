// Fourth-moment flows: drop principal components of data, and see whether what is left turns Gaussian.
import { button, choice, figure, latest, make, readouts, sayAtRest, slider, tier, Values } from "./common.js";
import { analyst, unpackNeurons, unpackPhotographs } from "./modes_analyst.js";
import { T_C } from "./numbers.js";
import { Plot } from "./plot.js";
import { startWorker } from "./worker.js";

const NAMES = { neurons: "Neurons", photographs: "Photographs", ising: "Ising spins" };
const NULLS = [["shuffled", "shuffled in time"], ["gaussian", "Gaussian surrogate"], ["none", "nothing"]];

// The bytes that Python packed: base64 of a raw deflate stream.
export const inflate = async (text) => {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

export const percent = (x) => `${(100 * x).toFixed(x < 0.1 ? 1 : 0)} %`;

export default figure(({ model, root, fail, params, wasm }) => {
  const values = new Values(model, { data: "neurons", kind: "shuffled", kept: 0.25, dropped: 0, temperature: 2.27 });
  const now = values.now;
  const worker = startWorker(analyst, wasm, unpackNeurons, unpackPhotographs);
  const flow = new Plot({
    x: [0.02, -2.45],
    y: [1, 9],
    log: "x",
    xLabel: "fraction of modes kept",
    yLabel: "fourth moment",
    height: 280,
    label: "Normalized fourth moment against the fraction of modes kept",
  });
  const shape = new Plot({
    x: [-8, 8],
    y: [-4.7, 0.3],
    log: "y",
    xLabel: "variable in standard deviations",
    yLabel: "density",
    height: 280,
    label: "Distribution of the variables with these modes, on a logarithmic scale, and the Gaussian",
  });
  const readout = [0, 1, 2].map(() => make("span")), credit = make("p", { class: "mlrg-note" });
  const said = make("p", { class: "mlrg-hidden", role: "status" });
  const temperature = slider(values, "temperature", {
    label: "Temperature",
    min: 1.8,
    max: 4,
    step: 0.01,
    format: (T) => T.toFixed(2),
    marks: [["Tc", T_C, "Set the critical temperature, 2.269"]],
  });

  root.append(
    make("div", { class: "mlrg-row" }, flow.el, shape.el),
    readouts(
      [readout[0], "000 of 000 modes (0.0 %), the largest 000 dropped"],
      [readout[1], "Photographs: fourth moment 00.000 ± 0.000; a Gaussian has 3"],
      [readout[2], "Gaussian surrogate: 00.000 ± 0.000, 000.0 standard errors apart"],
    ),
    make(
      "div",
      { class: "mlrg-controls" },
      slider(values, "kept", {
        label: "Modes kept",
        min: -2.3,
        max: 0,
        step: 0.01,
        format: percent,
        scale: (x) => 10 ** x,
        position: (f) => Math.log10(f),
      }),
      slider(values, "dropped", {
        label: "Largest dropped",
        min: 0,
        max: 0.5,
        step: 0.01,
        format: (f) => `${Math.round(100 * f)} %`,
      }),
      choice(values, "data", { label: "Data", options: Object.entries(NAMES) }),
      temperature,
      choice(values, "kind", { label: "Compare with", options: NULLS }),
    ),
    make(
      "div",
      { class: "mlrg-buttons" },
      button("Draw again", () => {
        draw++;
        update();
      }, "New random numbers for the comparison, and new spins"),
    ),
    make(
      "p",
      { class: "mlrg-note" },
      "Blue: the data. Dashed orange: the comparison; a Gaussian surrogate has the same covariance. Grey: a Gaussian.",
    ),
    credit,
    tier(
      "Computed in your browser: principal components, projections and moments by numba kernels compiled to " +
        "WebAssembly.",
    ),
    said,
  );
  const grid = Array.from({ length: 81 }, (_, k) => -8 + ((k + 0.5) * 16) / 81);
  const logarithm = (list) => list.map((x) => (x > 0 ? Math.log10(x) : NaN));
  shape.line("gauss", grid, grid.map((x) => (-x * x / 2 - Math.log(2 * Math.PI) / 2) / Math.LN10), "faint");
  flow.horizontal("three", 3);

  const unpacked = Promise.all(
    Object.entries(params.recordings).map(async ([name, set]) => [name, { ...set, bytes: await inflate(set.bytes) }]),
  ).then((sets) => worker.call("receive", Object.fromEntries(sets)));
  let draw = 0;
  const ask = latest(
    async () => {
      await unpacked;
      const asked = { ...now, seed: params.seed, draw };
      show(asked, await worker.call("describe", asked));
    },
    fail,
    (busy) => busy ? root.setAttribute("aria-busy", "true") : root.removeAttribute("aria-busy"),
  );
  function update() {
    temperature.enable(now.data === "ising");
    ask();
  }

  function show({ data, kind, temperature: T }, { n, removed, number, lines, points, took, bytes }) {
    const [here, there] = points, digits = here.error < 0.02 ? 3 : 2;
    const text = (p) => `${p.moment.toFixed(digits)} ± ${p.error.toFixed(digits)}`;
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
    const without = removed ? `, the largest ${removed} dropped` : "";
    readout[0].textContent = `${number} of ${n} modes (${percent(number / n)})${without}`;
    readout[1].textContent = `${NAMES[data]}: fourth moment ${text(here)}; a Gaussian has 3`;
    const distance = `${Number.isFinite(apart) ? apart.toFixed(1) : "0.0"} standard errors apart`;
    readout[2].textContent = there ? `${Object.fromEntries(NULLS)[kind]}: ${text(there)}, ${distance}` : "";
    credit.textContent = params.credits[data];
    sayAtRest(said, readout);
    Object.assign(root.dataset, {
      state: "ready",
      data,
      kind,
      temperature: T,
      modes: number,
      removed,
      n,
      draw,
      moment: here.moment,
      error: here.error,
      nullMoment: there?.moment ?? "null",
      nullError: there?.error ?? "null",
      curve: JSON.stringify(lines[0].map((x) => Number(x.toFixed(4)))),
      density: JSON.stringify(here.density),
      took: took.toFixed(0),
      bytes,
    });
  }

  for (const name of ["data", "kind", "kept", "dropped", "temperature"]) values.on(name, update);
  update();
  return () => {
    worker.stop();
    values.stop();
    flow.stop();
    shape.stop();
    clearTimeout(said.timer);
  };
});
