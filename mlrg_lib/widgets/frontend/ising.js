// The Ising model at any temperature: a lattice, its coarse-grained self, and m and e against the exact curves.
import { Loop, Plot, Values, button, choice, figure, make, readouts, showPixels, slider, startWorker, steady, tier, withError, signed } from "./common.js";

// Runs in the worker. `tools` gives the WebAssembly kernels and arrays in their memory.
function sampler({ kernels, allocate, release, seed, fillRandom, setThresholds, bytesUsed }) {
  const WIDEST = 512; // pixels of the picture of a lattice; a larger lattice is shown in shades
  let L, strips, inStrips, current, spins, planes, edge, streams, stack, sums, table, low, mix, ties, bond, levels, blocks, pixels, colours;
  let batches, filling, counts, estimate, clusters;

  function forget() { filling.data.fill(0); counts.data.set([0n, 1n, 0n, 0n]); clusters = 0; }

  // Magnetisation and energy per site. With fewer than 64 strips a word holds several lattices: their mean.
  function measure(lattice, side) {
    let sites = side * side;
    if (lattice === planes) { kernels.strips_sums(sums.at, edge.at, planes.at, L, strips); sites *= 64 / strips; }
    else kernels.ising_sums(sums.at, lattice.at, side);
    const [total, bonds] = sums.data;
    return [Number(total) / sites, -Number(bonds) / sites];
  }

  function record() {
    const [m, e] = measure(inStrips ? planes : spins, L);
    kernels.settling_add(batches.at, filling.at, counts.at, Math.abs(m), e);
  }

  // Means and errors of |m| and e, and whether they have settled: `_kernels/settling.py` has the rule, and its test.
  function summary() {
    const verdict = kernels.settling_judge(estimate.at, batches.at, counts.at);
    return verdict < 0 ? null : { values: [...estimate.data], settled: verdict === 1 };
  }

  // Bring the spins up to date with the bits that the local algorithms move.
  function unpack() {
    if (!current) kernels.strips_unpack(spins.at, planes.at, L, strips);
    current = true;
  }

  // Make `count` sweeps.
  function sweep(algorithm, beta, count) {
    const local = algorithm === "metropolis" || algorithm === "heat_bath";
    if (local !== inStrips) {
      if (local) kernels.strips_pack(planes.at, spins.at, L, strips);
      else unpack();
      inStrips = local;
    }
    current = !local;
    if (algorithm === "metropolis") setThresholds({ low, mix, ties }, Math.exp(-8 * beta), Math.exp(-4 * beta));
    else if (algorithm === "heat_bath") setThresholds({ low, mix, ties }, 1 / (1 + Math.exp(8 * beta)), 1 / (1 + Math.exp(4 * beta)));
    else {
      const scaled = -Math.expm1(-2 * beta) * 2 ** 32, whole = Math.floor(scaled);
      bond.data.set([BigInt(whole), BigInt((scaled - whole) * 2 ** 64)]);
    }
    if (local) kernels.strips_sweeps(planes.at, edge.at, streams.at, L, strips, algorithm === "heat_bath" ? 1 : 0, low.at, mix.at, ties.at, count);
    else if (algorithm === "swendsen_wang") kernels.ising_swendsen_wang(spins.at, L, stack.at, bond.at, count, streams.at);
    else for (let k = 0; k < count; k++) wolff();
  }

  // As many Wolff clusters as flip about a lattice. Their number is found once and then kept: stopping when enough
  // spins have flipped would look at the lattice more often after large clusters, and so bias what is measured.
  function wolff() {
    const flip = (n) => kernels.ising_wolff(spins.at, L, stack.at, bond.at, n, streams.at);
    if (!clusters) {
      let [flipped, made] = [0, 0];
      for (let n = 1; flipped < 2 * L * L; n *= 2, made = n - 1) flipped += flip(n);
      clusters = Math.max(1, Math.round((made * L * L) / flipped));
    }
    flip(clusters);
  }

  // Sums of the 2 x 2 blocks of a lattice, or of such sums.
  function sumBlocks(from, side) {
    const to = blocks[Math.log2(L / side)];
    if (from === spins && !current) kernels.strips_block_sums(to.at, planes.at, L, strips);
    else kernels.block_sums(to.at, from.at, side);
    return to;
  }

  // The blocked lattice of the given level, made from the spins by b = 2 steps.
  function coarsen(level, rule, strength) {
    let side = L, last = spins;
    if (rule === "decimation" && level) unpack();
    for (let up = 0; up < 5; up++) table.data[up] = 1 / (1 + Math.exp(-2 * strength * (2 * up - 4)));
    for (let k = 0; k < level; k++) {
      const next = levels[k], half = side >> 1;
      if (rule === "majority") kernels.block_majority(next.at, sumBlocks(last, side).at, half, streams.at);
      else if (rule === "kadanoff") kernels.block_stochastic(next.at, sumBlocks(last, side).at, half, table.at, streams.at);
      else {
        const [from, to] = [last.data, next.data];
        for (let i = 0; i < half; i++) for (let j = 0; j < half; j++) to[i * half + j] = from[2 * i * side + 2 * j];
      }
      side = half; last = next;
    }
    return { lattice: last, side };
  }

  // Pixels for a canvas: the two colours, or shades between them where several spins share a pixel.
  function paint(lattice, side, up, down) {
    let b = 1, width = side;
    if (lattice === spins && side <= WIDEST) unpack();
    for (; width > WIDEST; width >>= 1, b *= 2) lattice = sumBlocks(lattice, width);
    for (let k = 0; k <= b * b; k++) {
      const [red, green, blue] = [0, 1, 2].map((c) => Math.round(down[c] + ((up[c] - down[c]) * k) / (b * b)));
      colours.data[k] = (255 << 24) | (blue << 16) | (green << 8) | red;
    }
    kernels.ising_paint(pixels.at, lattice.at, width * width, b, colours.at);
    return new Uint8ClampedArray(pixels.data.buffer, pixels.at, 4 * width * width).slice();
  }

  return {
    setup({ size: sites, seed: value, start, temperature }) {
      release();
      L = sites;
      strips = Math.min(64, L / 2);
      spins = allocate(Int8Array, L * L);
      planes = allocate(BigUint64Array, 2 * (L / strips) * (L / 2 + 2));
      edge = allocate(BigUint64Array, L / 2);
      stack = allocate(Int32Array, L * L);
      [sums, table, bond, ties] = [allocate(BigInt64Array, 2), allocate(Float64Array, 5), allocate(BigUint64Array, 2), allocate(BigUint64Array, 2)];
      [low, mix] = [allocate(BigUint64Array, 12), allocate(BigUint64Array, 12)];
      levels = [1, 2, 3, 4, 5].map((k) => allocate(Int8Array, (L >> k) ** 2));
      blocks = [1, 2, 3, 4, 5].map((k) => allocate(Int8Array, (L >> k) ** 2));
      [pixels, colours] = [allocate(Int32Array, Math.min(L, WIDEST) ** 2), allocate(Int32Array, 17)];
      [batches, filling, counts, estimate] = [allocate(Float64Array, 512), allocate(Float64Array, 2), allocate(BigInt64Array, 4), allocate(Float64Array, 4)];
      seed(value);
      streams = fillRandom(allocate(BigUint64Array, 2 * L));
      if (start === "up") spins.data.fill(1);
      else {
        const bits = fillRandom(allocate(BigUint64Array, (L * L) / 64));
        const bytes = new Uint8Array(bits.data.buffer, bits.at, (L * L) / 8), to = spins.data;
        for (let k = 0; k < to.length; k++) to[k] = (bytes[k >> 3] >> (k & 7)) & 1 ? 1 : -1;
      }
      [inStrips, current] = [false, true];
      if (start === "equilibrium") sweep("swendsen_wang", 1 / temperature, Math.min(60, Math.ceil(6e6 / (L * L))));
      forget();
      return null;
    },
    forget() { forget(); return null; },
    // Up to `sweeps` sweeps, or as many as fit in `budget` milliseconds, then the pictures and the numbers.
    frame({ temperature, algorithm, sweeps, budget, level, rule, strength, up, down }) {
      const begin = performance.now();
      const stride = algorithm === "metropolis" || algorithm === "heat_bath" ? 4 : 1; // measuring costs as much as a bit-parallel sweep
      let done = 0;
      while (done < sweeps && performance.now() - begin < budget) {
        const count = Math.min(stride, sweeps - done);
        sweep(algorithm, 1 / temperature, count);
        record();
        done += count;
      }
      const took = performance.now() - begin;
      const { lattice, side } = coarsen(level, rule, strength);
      return {
        spins: paint(spins, L, up, down), coarse: paint(lattice, side, up, down), side, now: measure(inStrips ? planes : spins, L), blocked: measure(lattice, side),
        mean: summary(), sweeps: done, took, bytes: bytesUsed(),
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
  const worker = startWorker(sampler, wasm);
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
