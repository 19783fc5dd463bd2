// The one-loop momentum-shell flow in the plane of r and K_d u: drop points and watch them flow.
import { button, figure, Loop, make, readouts, reducedMotion, slider, tier, Values } from "./common.js";
import { signed } from "./numbers.js";
import { arrow, Plot } from "./plot.js";
import { startWorker } from "./worker.js";

// Runs in the worker: flow lines from given points, the critical line, the fixed points and their directions.
function integrator({ kernels, allocate, bytesUsed }) {
  const MOST = 64, LONGEST = 1001;
  const [paths, points, fixed] = [MOST * LONGEST * 2, 32, 16].map((size) => allocate(Float64Array, size));

  return {
    lines({ starts, step, epsilon, n, count }) {
      const data = paths.data, some = starts.slice(0, MOST);
      some.forEach((start, k) => data.set(start, 2 * k * count));
      kernels.flow_lines(paths.at, some.length, count, step, epsilon, n);
      return { list: some.map((_, k) => data.slice(2 * k * count, 2 * (k + 1) * count)), bytes: bytesUsed() };
    },
    critical({ couplings, epsilon, n }) {
      couplings.forEach((g, k) => points.data.set([0, g], 2 * k));
      kernels.flow_critical(points.at, couplings.length, epsilon, n);
      return { points: couplings.map((_, k) => [...points.data.subarray(2 * k, 2 * k + 2)]) };
    },
    // The Gaussian and the Wilson-Fisher point; at epsilon = 0 they are one.
    fixed({ epsilon, n }) {
      kernels.flow_fixed_points(fixed.at, epsilon, n);
      const names = Math.abs(epsilon) < 1e-9 ? ["Gaussian"] : ["Gaussian", "Wilson–Fisher"];
      return names.map((name, k) => {
        const [r, g, yt, yu, ...directions] = fixed.data.subarray(8 * k, 8 * k + 8);
        return { name, r, g, yt, yu, directions: [directions.slice(0, 2), directions.slice(2)] };
      });
    },
  };
}

const MERGED = "d = 4: the two fixed points have merged";
const ABOVE = "above four dimensions the Gaussian point rules: yₜ = 2, ν = 1/2";
const R = [-0.5, 0.5], G = [-0.03, 0.25], MOST = 24, STEP = 0.01, COUNT = 1001;

// Where a path ends: 1 disordered, -1 ordered, 0 if it has not left the neighbourhood of the fixed points.
export function side(path) {
  let k = 0;
  while (2 * k < path.length && path[2 * k] < 1 && path[2 * k] > -0.9) k++;
  return 2 * k >= path.length ? 0 : Math.sign(path[2 * k] || path[2 * k - 2]);
}

// The exponents of the Wilson-Fisher point to first order in epsilon.
export const firstOrder = (epsilon, n) => ({
  yt: 2 - ((n + 2) / (n + 8)) * epsilon,
  nu: 0.5 + ((n + 2) * epsilon) / (4 * (n + 8)),
});

export default figure(({ model, root, fail, wasm }) => {
  const values = new Values(model, { d: 3, n: 1 });
  const now = values.now;
  const worker = startWorker(integrator, wasm), kilobytes = (wasm.byteLength / 1024).toFixed(0);
  const plot = new Plot({
    x: R,
    y: G,
    xLabel: "r (mass term)",
    yLabel: "K u (coupling)",
    height: 420,
    label: "Flow diagram: arrow keys move the cursor, Enter drops a point, Delete removes all",
  });
  plot.svg.setAttribute("role", "application");
  plot.svg.setAttribute("tabindex", "0");
  const readout = { fixed: make("span"), y: make("span"), points: make("span") };
  const said = make("p", { class: "mlrg-hidden", role: "status" });
  const loop = new Loop(root, frame, fail);

  root.append(
    plot.el,
    readouts(
      [readout.fixed, MERGED, "Wilson–Fisher: r* = −0.000, K u* = −0.000"],
      [readout.y, ABOVE, "to first order in ε = 0.00: yₜ = 0.000, ν ≈ 0.000"],
      [readout.points, "00 points: 00 end disordered, 00 ordered, 00 undecided"],
    ),
    make(
      "div",
      { class: "mlrg-controls" },
      slider(values, "d", {
        label: "Dimension d",
        min: 2,
        max: 5,
        step: 0.05,
        format: (d) => d.toFixed(2),
        marks: [["3", 3, "Set three dimensions"], ["4", 4, "Set four dimensions"]],
      }),
      slider(values, "n", {
        label: "Components n",
        min: 0,
        max: 12,
        step: 1,
        format: (n) => ["0: polymers", "1: Ising", "2: XY", "3: Heisenberg"][n] ?? String(n),
      }),
    ),
    make(
      "div",
      { class: "mlrg-buttons" },
      loop.toggleButton,
      button("Drop on the critical line", dropCritical, "A point tuned to flow into the fixed point"),
      button("Again", () => {
        age = 0;
        loop.toggle(true);
      }, "Let the points flow again from where they were dropped"),
      button("Clear", clear, "Remove every point"),
    ),
    make(
      "p",
      { class: "mlrg-note" },
      "Click, tap or press Enter to drop a point. Right of the critical line points end disordered, left of it " +
        "ordered. One loop: quantitative only near d = 4.",
    ),
    tier(
      `Computed in your browser by a numba kernel, compiled to WebAssembly (${kilobytes} kB with the other figures').`,
    ),
    said,
  );

  let starts = [[0.06, 0.02], [-0.12, 0.08], [-0.02, 0.2], [-0.09, 0.03]], paths = [], age = 0, cursor = [0, 0.1];
  let bytes = 0, criticalLine = [], fixedPoints, of;

  // ---- what does not move: arrows, fixed points, eigen-directions, critical line
  async function still() {
    const { d, n } = now, epsilon = 4 - d;
    const grid = [];
    for (let i = 0; i < 10; i++) {
      for (let j = 0; j < 6; j++) grid.push([R[0] + ((R[1] - R[0]) * (i + 0.5)) / 10, (0.24 * (j + 0.5)) / 6]);
    }
    const [field, line, points] = await Promise.all([
      worker.call("lines", { starts: grid, step: 0.012, count: 6, epsilon, n }),
      worker.call("critical", { couplings: [0, 0.02, 0.05, 0.08, 0.11, 0.14, 0.17, 0.2, 0.23, 0.25], epsilon, n }),
      worker.call("fixed", { epsilon, n }),
    ]);
    if (d !== now.d || n !== now.n) return; // a later move is on its way
    bytes = field.bytes;
    [criticalLine, fixedPoints, of] = [line.points, points, { d, n }];
    plot.layer("arrows", "arrows", () =>
      field.list.flatMap((p) => {
        const [x0, y0, x1, y1] = [plot.px(p[0]), plot.py(p[1]), plot.px(p[2]), plot.py(p[3])];
        const d = arrow(x0, y0, x1, y1);
        return d ? [make("path", { d })] : [];
      }));
    plot.line("critical", criticalLine.map((p) => p[0]), criticalLine.map((p) => p[1]), "line3");
    plot.layer("directions", "faint", () =>
      points.flatMap(({ r, g, directions }) =>
        directions.map(([dr, dg]) => {
          const [x, y] = [plot.px(r), plot.py(g)], [dx, dy] = [plot.px(r + dr * 0.01) - x, plot.py(g + dg * 0.01) - y];
          const reach = 34 / Math.hypot(dx, dy), [a, b] = [dx * reach, dy * reach];
          return make("path", { d: `M${x - a} ${y - b}L${x + a} ${y + b}` });
        })
      ));
    plot.layer(
      "fixed",
      "points",
      () =>
        points.flatMap(({ name, r, g }) => [
          make("circle", { cx: plot.px(r), cy: plot.py(g), r: 5 }),
          make("text", { x: plot.px(r) + 8, y: plot.py(g) + 18 }, name),
        ]),
    );
    plot.layers.get("directions").group.classList.add("mlrg-strong");
    write();
  }

  // ---- what moves
  async function retrace() {
    if (!starts.length) {
      paths = [];
      drawMoving();
      write();
      return;
    }
    const epsilon = 4 - now.d, { n } = now;
    const { list } = await worker.call("lines", { starts, step: STEP, count: COUNT, epsilon, n });
    paths = list;
    if (reducedMotion() || !loop.wanted) age = COUNT - 1;
    drawMoving();
    write();
  }
  function drawMoving() {
    const upTo = Math.min(COUNT - 1, Math.floor(age));
    plot.layer("lines", "line2", () =>
      paths.map((p) => {
        const xs = [], ys = [];
        for (let k = 0; k <= upTo; k += 4) {
          xs.push(p[2 * k]);
          ys.push(p[2 * k + 1]);
          if (!(Math.abs(p[2 * k]) < 0.8) || !(Math.abs(p[2 * k + 1]) < 0.5)) break;
        }
        return plot.path(xs, ys);
      }));
    plot.points("starts", starts, "trail", 3);
    plot.points(
      "movers",
      paths.map((p) => [p[2 * upTo], p[2 * upTo + 1]]).filter(([r, g]) => Math.abs(r) < 0.6 && g < 0.27),
      "points2",
      5,
    );
  }
  function frame() {
    if (age < COUNT - 1) {
      age = Math.min(COUNT - 1, age + 4);
      drawMoving();
    }
  }

  function drop(r, g) {
    starts = [...starts.slice(-(MOST - 1)), [Math.min(R[1], Math.max(R[0], r)), Math.min(G[1], Math.max(0, g))]];
    age = 0;
    retrace().catch(fail);
  }
  async function dropCritical() {
    const g = 0.02 + 0.2 * Math.random();
    const { points } = await worker.call("critical", { couplings: [g], epsilon: 4 - now.d, n: now.n });
    drop(...points[0]);
  }
  function clear() {
    starts = [];
    age = 0;
    retrace().catch(fail);
  }

  // A tap or a click drops a point; a finger that scrolls and a mouse that drags do not.
  let pressed = [0, 0];
  plot.svg.addEventListener("pointerdown", (event) => {
    pressed = [event.clientX, event.clientY];
  });
  plot.svg.addEventListener("click", (event) => {
    if (Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) < 10) drop(...plot.at(event));
  });
  plot.svg.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-0.02, 0], ArrowRight: [0.02, 0], ArrowUp: [0, 0.01], ArrowDown: [0, -0.01] }[event.key];
    if (move) {
      cursor = [Math.min(R[1], Math.max(R[0], cursor[0] + move[0])), Math.min(G[1], Math.max(0, cursor[1] + move[1]))];
      said.textContent = `r ${signed(cursor[0], 2)}, coupling ${cursor[1].toFixed(2)}`;
      showCursor();
    } else if (event.key === "Enter" || event.key === " ") drop(...cursor);
    else if (event.key === "Delete" || event.key === "Backspace") clear();
    else return;
    event.preventDefault();
  });
  const showCursor = () =>
    plot.layer(
      "cursor",
      "faint",
      () => {
        const [x, y] = [plot.px(cursor[0]), plot.py(cursor[1])];
        return document.activeElement === plot.svg ? [make("path", { d: `M${x - 9} ${y}h18M${x} ${y - 9}v18` })] : [];
      },
    );
  plot.svg.addEventListener("focus", showCursor);
  plot.svg.addEventListener("blur", showCursor);

  function write() {
    if (!fixedPoints) return;
    const { d, n } = of, epsilon = 4 - d, wf = fixedPoints.at(-1); // what is shown, while a later move is on its way
    const place = `Wilson–Fisher: r* = ${signed(wf.r, 3)}, K u* = ${signed(wf.g, 3)}`;
    const { yt, nu } = firstOrder(epsilon, n), exponents = `yₜ = ${yt.toFixed(3)}, ν ≈ ${nu.toFixed(3)}`;
    readout.fixed.textContent = fixedPoints[1] ? place : MERGED;
    readout.y.textContent = epsilon > 0 ? `to first order in ε = ${epsilon.toFixed(2)}: ${exponents}` : ABOVE;
    const ends = paths.map(side);
    const count = (sign) => ends.filter((e) => e === sign).length;
    const sides = `${count(1)} end disordered, ${count(-1)} ordered, ${count(0)} undecided`;
    readout.points.textContent = `${paths.length} points: ${sides}`;
    Object.assign(root.dataset, {
      state: "ready",
      r: wf.r,
      g: wf.g,
      yt: wf.yt,
      yu: wf.yu,
      points: starts.length,
      disordered: count(1),
      ordered: count(-1),
      undecided: count(0),
      bytes,
      d,
      n,
      critical: criticalLine.length ? criticalLine[4][0] : 0,
    });
  }

  const refresh = () => {
    age = loop.wanted ? 0 : COUNT - 1;
    still().catch(fail);
    retrace().catch(fail);
  };
  values.on("d", refresh);
  values.on("n", refresh);
  refresh();

  return () => {
    loop.end();
    worker.stop();
    values.stop();
    plot.stop();
  };
});
