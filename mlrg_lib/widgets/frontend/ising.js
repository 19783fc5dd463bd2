// The Ising model at any temperature: a lattice, its coarse-grained self, and m and e against the exact curves.
import { button, figure, Loop, make, picture, readouts, showPixels, tier, Values } from "./common.js";
import { coarseGraining } from "./coarse.js";
import { isingControls, SPEEDS, within, words } from "./ising_controls.js";
import { sampler } from "./ising_sampler.js";
import { spinLattice } from "./lattice.js";
import { signed, T_C, withError } from "./numbers.js";
import { Plot } from "./plot.js";
import { startWorker } from "./worker.js";

const UP = [11, 60, 93], DOWN = [243, 233, 210];
const SETTLING = "still settling: no error bars yet", SETTLED = "settled; in brackets one standard error";
const NOTE = "Settled: neighbouring stretches of the run no longer remember each other, neither in |m| nor in e, and " +
  "this has held while the run doubled. The first quarter is left out. A settled point stays on the curves when you " +
  "move on.";
const CAPTIONS = ["0000 × 0000 at T = 0.000", "0000 × 0000, e: −0.00 → −0.00"];

// The exact values, on the straight line between two of the slider's temperatures; those of infinite lattices where
// no others are there.
export function exactAt(curves, T, L) {
  const above = Math.max(1, curves.T.findIndex((t) => t >= T - 1e-9)), below = above - 1;
  const part = (T - curves.T[below]) / (curves.T[above] - curves.T[below]);
  const at = (list) => list[below] + part * (list[above] - list[below]);
  const torus = Object.assign([], curves.e);
  curves.torus[L]?.forEach((e, k) => {
    torus[curves.first + k] = e;
  });
  return { m: at(curves.m), e: at(torus), of: curves.torus[L] ? "exact" : "infinite lattice" };
}

export default figure(({ model, root, fail, params, wasm }) => {
  const values = new Values(model, {
    temperature: 2.27,
    size: 256,
    algorithm: "metropolis",
    level: 2,
    rule: "majority",
    strength: 1,
    speed: 3,
  });
  const now = values.now;
  const worker = startWorker(sampler, wasm, spinLattice, coarseGraining);
  const { curves } = params, kilobytes = (wasm.byteLength / 1024).toFixed(0);

  const lattice = picture("Spins of the lattice", ...CAPTIONS);
  const coarse = picture("The same spins, coarse-grained", ...CAPTIONS);
  const range = [curves.T[0], curves.T.at(-1)];
  const mPlot = new Plot({
    x: range,
    y: [0, 1.05],
    xLabel: "T",
    yLabel: "|m|",
    height: 165,
    label: "Magnetisation against temperature: measured points and the exact curve of the infinite lattice",
  });
  const ePlot = new Plot({
    x: range,
    y: [-2.05, -0.4],
    xLabel: "T",
    yLabel: "e",
    height: 165,
    label: "Energy per spin against temperature: measured points and the exact curve of the infinite lattice",
  });
  mPlot.line("exact", curves.T, curves.m);
  ePlot.line("exact", curves.T, curves.e);

  const readout = { m: make("span"), e: make("span"), state: make("span"), rate: make("span") };
  const said = make("p", { class: "mlrg-hidden", role: "status" });
  const loop = new Loop(root, frame, fail);
  loop.onToggle = (on) => {
    ahead = undefined;
    if (!on && last) {
      write();
      say();
    }
  };
  const { few } = params; // controls in sight, the others behind a word
  const { controls, strength } = isingControls(values, range, few, [
    loop.toggleButton,
    button("Step", () => {
      loop.toggle(false);
      advance(1).then(say);
    }, "One sweep"),
    button("Reset", () => restart("up"), "Start again with all spins up"),
    button("Quench", quench, "Start from infinite temperature, below the critical temperature"),
  ], make("p", { class: "mlrg-note" }, NOTE));
  const places = [
    [readout.m, "|m| = 0.000000(0), infinite lattice 0.0000"],
    [readout.e, "e = −0.000000(0), infinite lattice −0.0000"],
    [readout.state, SETTLING, SETTLED],
    [readout.rate, "000 frames/s, 0000000 sweeps/s"],
  ];
  const plots = few ? [mPlot.el] : [mPlot.el, ePlot.el];
  root.append(
    make(
      "div",
      { class: few ? "mlrg-stage mlrg-large" : "mlrg-stage" },
      make("div", { class: "mlrg-pair" }, lattice.el, coarse.el),
      make("div", { class: "mlrg-pair mlrg-stack" }, ...plots),
    ),
    readouts(...(few ? [places[0], places[2]] : places)),
    ...controls,
    tier(`Runs in your browser: the library's own numba kernels, compiled to WebAssembly (${kilobytes} kB).`),
    said,
  );
  for (const plot of [mPlot, ePlot]) plot.dragged(([T]) => values.set("temperature", within(T, range)));
  const release = words(values);
  strength.enable(now.rule === "kadanoff");

  let trail = [], last, ahead, busyUntilReady = restart(params.start);
  let shown = performance.now(), frames = 0, sweeps = 0, spent = 0;
  values.on("size", () => {
    trail = [];
    busyUntilReady = restart("equilibrium");
  });
  for (const name of ["temperature", "algorithm"]) {
    values.on(name, () => {
      keep();
      worker.call("forget").catch(fail);
      refresh();
    });
  }
  for (const name of ["level", "rule", "strength"]) values.on(name, refresh);
  values.on("rule", (rule) => strength.enable(rule === "kadanoff"));

  async function restart(start) {
    ahead = undefined;
    try {
      await worker.call("setup", { size: now.size, seed: params.seed, start, temperature: now.temperature });
    } catch (error) {
      fail(error);
    }
    last = undefined;
    refresh();
  }
  function quench() {
    if (now.temperature >= T_C) values.set("temperature", 1.5);
    busyUntilReady = restart("hot");
    loop.toggle(true);
  }
  // While paused, a moved control still redraws, once.
  function refresh() {
    if (loop.wanted && loop.visible) return;
    ahead = undefined;
    advance(0).catch(fail);
  }
  function keep() {
    if (last?.mean?.settled) trail = [...trail.slice(-59), [last.temperature, ...last.mean.values]];
  }

  // While a frame is drawn the worker already computes the next one.
  async function frame() {
    await busyUntilReady;
    const current = ahead ?? ask(SPEEDS[now.speed], 11);
    const result = await current;
    ahead = undefined;
    if (loop.wanted && loop.visible) (ahead = ask(SPEEDS[now.speed], 11)).catch(() => {}); // reported when awaited
    draw(result);
    if (performance.now() - shown > 150) write();
  }

  async function advance(count) {
    await busyUntilReady;
    draw(await ask(count, 1000));
    write();
  }

  async function ask(sweeps, budget) {
    const { size, temperature, algorithm, level, rule, strength } = now;
    const asked = { size, temperature, algorithm, level, rule, strength };
    return { ...(await worker.call("frame", { ...asked, sweeps, budget, up: UP, down: DOWN })), ...asked };
  }

  function draw(result) {
    last = result;
    showPixels(lattice.canvas, result.spins);
    showPixels(coarse.canvas, result.coarse);
    frames++;
    sweeps += result.sweeps;
    spent += result.took;
  }

  function write() {
    const { size, temperature: T, mean, now: [m, e], blocked, side, level, bytes } = last;
    const exact = exactAt(curves, T, size);
    const value = mean?.values ?? [Math.abs(m), 0, e, 0], settled = Boolean(mean?.settled);
    const text = (k) => (settled ? `= ${withError(value[k], value[k + 1])}` : `≈ ${signed(value[k], 2)}`);
    readout.m.textContent = `|m| ${text(0)}, infinite lattice ${exact.m > 0 ? exact.m.toFixed(4) : 0}`;
    readout.e.textContent = `e ${text(2)}, ${exact.of} ${signed(exact.e, 4)}`;
    readout.state.textContent = settled ? SETTLED : SETTLING;
    lattice.caption.textContent = `${size} × ${size} at T = ${T.toFixed(3)}`;
    const flow = `${side} × ${side}, e: ${signed(e, 2)} → ${signed(blocked[1], 2)}`;
    coarse.caption.textContent = level ? flow : "not coarse-grained";
    const both = ([m, e]) => `magnetisation ${signed(m, 2)}, energy ${signed(e, 2)}`;
    const whole = `Spins of a ${size} by ${size} lattice at temperature ${T.toFixed(2)}; ${both([m, e])}`;
    const blocks = `The lattice coarse-grained to ${side} by ${side}; ${both(blocked)}`;
    lattice.canvas.setAttribute("aria-label", whole);
    coarse.canvas.setAttribute("aria-label", level ? blocks : "The same lattice, not coarse-grained");
    [mPlot, ePlot].forEach((plot, k) => {
      plot.vertical("now", T, "now");
      plot.points("trail", trail.map((p) => [p[0], p[1 + 2 * k], p[2 + 2 * k]]), "trail", 3);
      plot.points("point", [[T, value[2 * k], settled ? value[2 * k + 1] : 0]], settled ? "points" : "trail");
    });
    const seconds = (performance.now() - shown) / 1000;
    if (frames > 1 && seconds > 0.4 || !loop.wanted) {
      const rates = `${Math.round(frames / seconds)} frames/s, ${Math.round(sweeps / seconds)} sweeps/s`;
      readout.rate.textContent = loop.wanted ? rates : "paused";
      Object.assign(root.dataset, {
        fps: (frames / seconds).toFixed(1),
        sweepRate: (sweeps / seconds).toFixed(0),
        attempts: spent > 0 ? (sweeps * size ** 2 / spent / 1e6).toFixed(3) : "0",
      });
      frames = sweeps = spent = 0;
      shown = performance.now();
    } else if (seconds > 0.4) shown = performance.now();
    Object.assign(root.dataset, {
      state: "ready",
      temperature: T,
      m: value[0],
      dm: value[1],
      e: value[2],
      de: value[3],
      settled,
      mNow: m,
      eNow: e,
      blockedE: blocked[1],
      side,
      rule: last.rule,
      running: loop.wanted,
      bytes,
    });
  }
  function say() {
    const texts = [readout.m, readout.e, readout.state, coarse.caption].map((part) => `${part.textContent}.`);
    if (last) said.textContent = `Paused. ${texts.join(" ")}`;
  }

  return () => {
    release();
    loop.end();
    worker.stop();
    values.stop();
    mPlot.stop();
    ePlot.stop();
  };
});
