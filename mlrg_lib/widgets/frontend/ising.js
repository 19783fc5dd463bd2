// The Ising model at any temperature: a lattice, its coarse-grained self, and m and e against the exact curves.
import {
  Loop, Plot, Values, button, choice, figure, make, readouts, showPixels, slider, steady, tier, withError, signed,
} from "./common.js";
import { coarseGraining } from "./coarse.js";
import { spinLattice } from "./lattice.js";
import { startWorker } from "./worker.js";

// Runs in the worker: the lattice, what is measured on it, and the pictures. `tools` gives the kernels and their arrays.
function sampler(tools) {
  const { kernels, allocate } = tools;
  let spins, coarse, batches, filling, counts, estimate;

  function forget() { filling.data.fill(0); counts.data.set([0n, 1n, 0n, 0n]); }

  function record() {
    const [m, e] = spins.measure();
    kernels.settling_add(batches.at, filling.at, counts.at, Math.abs(m), e);
  }

  // Means and errors of |m| and e, and whether they have settled: `_kernels/page/settling.py` has the rule, and its test.
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
    forget() { forget(); return null; },
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
        spins: coarse.paint(spins, spins.side, up, down), coarse: coarse.paint(values, side, up, down), side, now,
        blocked: level ? spins.measure(values, side) : now, mean: summary(), sweeps: done, took,
        bytes: tools.bytesUsed(),
      };
    },
  };
}

const UP = [11, 60, 93], DOWN = [243, 233, 210];
const CRITICAL = 2 / Math.log(1 + Math.SQRT2);
const RULES = [["majority", "Majority rule"], ["decimation", "Decimation"], ["kadanoff", "Kadanoff, strength p"]];
const ALGORITHMS = [["metropolis", "Metropolis"], ["heat_bath", "Heat bath"], ["wolff", "Wolff clusters"], ["swendsen_wang", "Swendsen–Wang"]];
const SETTLING = "still settling: no error bars yet", SETTLED = "settled; in brackets one standard error";
const NOTE = "Settled: neighbouring stretches of the run no longer remember each other, neither in |m| nor in e, and this has held while the run doubled. The first quarter is left out. A settled point stays on the curves when you move on.";
const SPEEDS = [1, 2, 5, 10, 25, 100, Infinity];

export default figure(({ model, root, fail, params, wasm }) => {
  const values = new Values(model, { temperature: 2.27, size: 256, algorithm: "metropolis", level: 2, rule: "majority", strength: 1, speed: 3 });
  const now = values.now;
  const worker = startWorker(sampler, wasm, spinLattice, coarseGraining);
  const { curves } = params;

  const picture = (label) => {
    const canvas = make("canvas", { role: "img", "aria-label": label });
    const caption = make("span");
    return { canvas, caption, el: make("figure", { class: "mlrg-picture" }, canvas, make("figcaption", {}, steady(caption, "0000 × 0000 at T = 0.000", "0000 × 0000, e: −0.00 → −0.00"))) };
  };
  const lattice = picture("Spins of the lattice"), coarse = picture("The same spins, coarse-grained");
  const range = [curves.T[0], curves.T.at(-1)];
  const mPlot = new Plot({ x: range, y: [0, 1.05], xLabel: "T", yLabel: "|m|", height: 165, label: "Magnetisation against temperature: measured points and the exact curve of the infinite lattice" });
  const ePlot = new Plot({ x: range, y: [-2.05, -0.4], xLabel: "T", yLabel: "e", height: 165, label: "Energy per spin against temperature: measured points and the exact curve of the infinite lattice" });
  mPlot.line("exact", curves.T, curves.m); ePlot.line("exact", curves.T, curves.e);

  const readout = { m: make("span"), e: make("span"), state: make("span"), rate: make("span") };
  const said = make("p", { class: "mlrg-hidden", role: "status" });
  const loop = new Loop(root, frame, fail);
  loop.onToggle = (on) => { ahead = undefined; if (!on && last) { write(); say(); } };
  const strength = slider(values, "strength", { label: "Strength p", min: 0, max: 3, step: 0.05, format: (p) => p.toFixed(2) });
  const sizes = [64, 128, 256, 512, 1024, 2048].map((L) => [L, `${L} × ${L}`]);

  root.append(
    make("div", { class: "mlrg-stage" }, make("div", { class: "mlrg-pair" }, lattice.el, coarse.el), make("div", { class: "mlrg-pair mlrg-stack" }, mPlot.el, ePlot.el)),
    readouts([readout.m, "|m| = 0.000000(0), infinite lattice 0.0000"], [readout.e, "e = −0.000000(0), infinite lattice −0.0000"], [readout.state, SETTLING, SETTLED], [readout.rate, "000 frames/s, 0000000 sweeps/s"]),
    make("div", { class: "mlrg-controls" },
      slider(values, "temperature", { label: "Temperature", min: range[0], max: range[1], step: 0.01, format: (T) => T.toFixed(2), marks: [["Tc", CRITICAL, "Set the critical temperature, 2.269"]] }),
      slider(values, "level", { label: "Coarse-grain", min: 0, max: 5, step: 1, format: (n) => (n ? `${n} × (b = 2)` : "not yet") }),
      choice(values, "rule", { label: "Block rule", options: RULES }), strength,
      choice(values, "algorithm", { label: "Algorithm", options: ALGORITHMS }),
      choice(values, "size", { label: "Lattice", options: sizes }),
      slider(values, "speed", { label: "Speed", min: 0, max: SPEEDS.length - 1, step: 1, format: (k) => (SPEEDS[k] === Infinity ? "full speed" : `${SPEEDS[k]} sweeps/frame`) }),
    ),
    make("div", { class: "mlrg-buttons" }, loop.toggleButton, button("Step", () => { loop.toggle(false); advance(1).then(say); }, "One sweep"),
      button("Reset", () => restart("up"), "Start again with all spins up"), button("Quench", quench, "Start from infinite temperature, below the critical temperature")),
    make("p", { class: "mlrg-note" }, NOTE),
    tier(`Runs in your browser: the library's own numba kernels, compiled to WebAssembly (${(wasm.byteLength / 1024).toFixed(0)} kB).`), said,
  );
  strength.enable(now.rule === "kadanoff");

  let trail = [], last, ahead, busyUntilReady = restart(params.start), shown = performance.now(), frames = 0, sweeps = 0, spent = 0;
  values.on("size", () => { trail = []; busyUntilReady = restart("equilibrium"); });
  for (const name of ["temperature", "algorithm"]) values.on(name, () => { keep(); worker.call("forget").catch(fail); refresh(); });
  for (const name of ["level", "rule", "strength"]) values.on(name, refresh);
  values.on("rule", (rule) => strength.enable(rule === "kadanoff"));

  async function restart(start) {
    ahead = undefined;
    try {
      await worker.call("setup", { size: now.size, seed: params.seed, start, temperature: now.temperature });
    } catch (error) { fail(error); }
    last = undefined;
    refresh();
  }
  function quench() { if (now.temperature >= CRITICAL) values.set("temperature", 1.5); busyUntilReady = restart("hot"); loop.toggle(true); }
  // While paused, a moved control still redraws, once.
  function refresh() {
    if (loop.wanted && loop.visible) return;
    ahead = undefined;
    advance(0).catch(fail);
  }
  function keep() { if (last?.mean?.settled) trail = [...trail.slice(-59), [last.temperature, ...last.mean.values]]; }

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
    frames++; sweeps += result.sweeps; spent += result.took;
  }

  // The exact values, between two of the slider's temperatures on the straight line; infinite lattices' where no other is there.
  function exactAt(T, L) {
    const above = Math.max(1, curves.T.findIndex((t) => t >= T - 1e-9)), part = (T - curves.T[above - 1]) / (curves.T[above] - curves.T[above - 1]);
    const at = (list) => list[above - 1] + part * (list[above] - list[above - 1]);
    const torus = Object.assign([], curves.e);
    curves.torus[L]?.forEach((e, k) => { torus[curves.first + k] = e; });
    return { m: at(curves.m), e: at(torus), of: curves.torus[L] ? "exact" : "infinite lattice" };
  }

  function write() {
    const { size, temperature: T, mean, now: [m, e], blocked, side, level, bytes } = last;
    const exact = exactAt(T, size);
    const value = mean?.values ?? [Math.abs(m), 0, e, 0], settled = Boolean(mean?.settled);
    const text = (k) => (settled ? `= ${withError(value[k], value[k + 1])}` : `≈ ${signed(value[k], 2)}`);
    readout.m.textContent = `|m| ${text(0)}, infinite lattice ${exact.m > 0 ? exact.m.toFixed(4) : 0}`;
    readout.e.textContent = `e ${text(2)}, ${exact.of} ${signed(exact.e, 4)}`;
    readout.state.textContent = settled ? SETTLED : SETTLING;
    lattice.caption.textContent = `${size} × ${size} at T = ${T.toFixed(3)}`;
    coarse.caption.textContent = level ? `${side} × ${side}, e: ${signed(e, 2)} → ${signed(blocked[1], 2)}` : "not coarse-grained";
    lattice.canvas.setAttribute("aria-label", `Spins of a ${size} by ${size} lattice at temperature ${T.toFixed(2)}; magnetisation ${signed(m, 2)}, energy ${signed(e, 2)}`);
    coarse.canvas.setAttribute("aria-label", level ? `The lattice coarse-grained to ${side} by ${side}; magnetisation ${signed(blocked[0], 2)}, energy ${signed(blocked[1], 2)}` : "The same lattice, not coarse-grained");
    [mPlot, ePlot].forEach((plot, k) => {
      plot.vertical("now", T, "now");
      plot.points("trail", trail.map((p) => [p[0], p[1 + 2 * k], p[2 + 2 * k]]), "trail", 3);
      plot.points("point", [[T, value[2 * k], settled ? value[2 * k + 1] : 0]], settled ? "points" : "trail");
    });
    const seconds = (performance.now() - shown) / 1000;
    if (frames > 1 && seconds > 0.4 || !loop.wanted) {
      readout.rate.textContent = loop.wanted ? `${Math.round(frames / seconds)} frames/s, ${Math.round(sweeps / seconds)} sweeps/s` : "paused";
      Object.assign(root.dataset, { fps: (frames / seconds).toFixed(1), sweepRate: (sweeps / seconds).toFixed(0), attempts: spent > 0 ? (sweeps * size ** 2 / spent / 1e6).toFixed(3) : "0" });
      frames = sweeps = spent = 0; shown = performance.now();
    } else if (seconds > 0.4) { shown = performance.now(); }
    Object.assign(root.dataset, { state: "ready", temperature: T, m: value[0], dm: value[1], e: value[2], de: value[3], settled, mNow: m, eNow: e, blockedE: blocked[1], side, rule: last.rule, running: loop.wanted, bytes });
  }
  function say() { if (last) said.textContent = `Paused. ${readout.m.textContent}. ${readout.e.textContent}. ${readout.state.textContent}. ${coarse.caption.textContent}.`; }

  return () => { loop.end(); worker.stop(); values.stop(); mPlot.stop(); ePlot.stop(); };
});
