// Principal components of two variables: drag the covariance and see what the sample makes of it.
import { button, choice, figure, latest, make, readouts, sayAtRest, slider, tier, Values } from "./common.js";
import { signed } from "./numbers.js";
import { Plot } from "./plot.js";
import { startWorker } from "./worker.js";

// Runs in the worker: the same noise however the ellipse is dragged, until new samples are asked for.
function sampler({ kernels, allocate, seed, fillRandom, bytesUsed }) {
  const MOST = 5000;
  const [deviates, points] = [0, 0].map(() => allocate(Float64Array, 2 * MOST));
  const out = allocate(Float64Array, 3), state = allocate(BigUint64Array, 4);
  return {
    draw({ seed: value }) {
      if (value != null) seed(value);
      else seed(null);
      fillRandom(state);
      kernels.ellipse_deviates(deviates.at, MOST, state.at);
      return null;
    },
    place({ samples, major, minor, angle }) {
      kernels.ellipse_axes(out.at, points.at, deviates.at, samples, major, minor, (angle * Math.PI) / 180);
      const shown = Math.min(samples, 600);
      return { points: points.data.slice(0, 2 * shown), found: [...out.data], bytes: bytesUsed() };
    },
  };
}

// The ends of the two half axes of an ellipse whose first axis points along `angle`.
export const axes = (a, b, angle) => [
  [a * Math.cos(angle), a * Math.sin(angle)],
  [-b * Math.sin(angle), b * Math.cos(angle)],
];

// An axis has no head: the same direction between -90 degrees and 90.
export const halfTurn = (degrees) => ((((degrees + 90) % 180) + 180) % 180) - 90;

// How far off, in degrees, a sample's first component typically points; for large samples, from the two variances.
export function directionSpread(large, small, samples) {
  if (!(large > small)) return Infinity;
  return (180 * Math.sqrt((large * small) / samples)) / (large - small) / Math.PI;
}

// The place on a slider that is nearest to a number.
export const onSlider = (x, low, high, step) =>
  Math.min(high, Math.max(low, Math.round(x / step) / Math.round(1 / step)));

const UNDETERMINED = "direction undetermined: the two variances are too close for this sample";
const SAMPLES = [5, 20, 50, 200, 1000, 5000];

export default figure(({ model, root, fail, params, wasm }) => {
  const values = new Values(model, { major: 2, minor: 0.6, angle: 30, samples: 200 });
  const now = values.now;
  const worker = startWorker(sampler, wasm);
  const plot = new Plot({
    x: [-3.5, 3.5],
    y: [-3.5, 3.5],
    xLabel: "x",
    yLabel: "y",
    height: 400,
    equal: true,
    label: "Sample points, the true ellipse and the one found; drag an end of an axis, or use the sliders",
  });
  const readout = [0, 1, 2].map(() => make("span"));
  const said = make("p", { class: "mlrg-hidden", role: "status" });
  const format = (x) => x.toFixed(2);

  root.append(
    plot.el,
    readouts(
      [readout[0], "variances found 00.000 and 00.000, true 0.000 and 0.000"],
      [readout[1], "first component: 100.0 % of the variance"],
      [readout[2], UNDETERMINED, "direction off by −00.0°, typically ±00.0°"],
    ),
    make(
      "div",
      { class: "mlrg-controls" },
      slider(values, "major", { label: "First σ", min: 0.2, max: 3, step: 0.05, format }),
      slider(values, "minor", { label: "Second σ", min: 0, max: 3, step: 0.05, format }),
      slider(values, "angle", { label: "Direction", min: -90, max: 90, step: 1, format: (a) => `${signed(a, 0)}°` }),
      choice(values, "samples", { label: "Samples", options: SAMPLES.map((n) => [n, String(n)]) }),
    ),
    make(
      "div",
      { class: "mlrg-buttons" },
      button("New samples", () => {
        ready = worker.call("draw", { seed: null });
        update();
      }, "Draw the points again"),
    ),
    make(
      "p",
      { class: "mlrg-note" },
      "Blue: the true covariance; drag the end of an axis. Dashed orange: what principal component analysis finds in " +
        "the sample.",
    ),
    tier("Computed in your browser: samples and components by numba kernels compiled to WebAssembly."),
    said,
  );

  let ready = worker.call("draw", { seed: params.seed ?? null });
  const update = latest(async () => {
    await ready;
    const asked = { ...now };
    show(asked, await worker.call("place", asked));
  }, fail);

  function drawEllipse(name, a, b, angle, kind) {
    const [u, v] = axes(a, b, angle);
    plot.layer(name, kind, () => {
      const xs = [], ys = [];
      for (let k = 0; k <= 90; k++) {
        const t = (k / 45) * Math.PI;
        xs.push(u[0] * Math.cos(t) + v[0] * Math.sin(t));
        ys.push(u[1] * Math.cos(t) + v[1] * Math.sin(t));
      }
      return [plot.path(xs, ys), plot.path([-u[0], u[0]], [-u[1], u[1]]), plot.path([-v[0], v[0]], [-v[1], v[1]])];
    });
  }

  function show({ major, minor, angle, samples }, { points, found, bytes }) {
    const list = Array.from({ length: points.length / 2 }, (_, k) => [points[2 * k], points[2 * k + 1]]);
    plot.points("cloud", list, "cloud", 2);
    const turn = (angle * Math.PI) / 180;
    drawEllipse("true", major, minor, turn, "line2");
    drawEllipse("found", Math.sqrt(found[0]), Math.sqrt(found[1]), found[2], "line3");
    plot.points("handles", axes(major, minor, turn), "points2", 8);
    plot.points("grips", ends().map(([a, b]) => [a, b]), "grips", 22); // as large as a thumb, and seen by nobody
    const [large, small] = [Math.max(major, minor) ** 2, Math.min(major, minor) ** 2];
    const truth = major >= minor ? angle : angle + 90, degrees = (found[2] * 180) / Math.PI;
    const error = halfTurn(degrees - truth), expected = directionSpread(large, small, samples);
    const both = (a, b) => `${a.toFixed(3)} and ${b.toFixed(3)}`, share = (100 * found[0]) / (found[0] + found[1]);
    readout[0].textContent = `variances found ${both(found[0], found[1])}, true ${both(large, small)}`;
    readout[1].textContent = `first component: ${share.toFixed(1)} % of the variance`;
    const off = `direction off by ${signed(error, 1)}°, typically ±${expected.toFixed(1)}°`;
    readout[2].textContent = expected < 45 ? off : UNDETERMINED;
    sayAtRest(said, readout);
    Object.assign(root.dataset, {
      state: "ready",
      large: found[0],
      small: found[1],
      found: degrees,
      error,
      expected,
      samples,
      major,
      minor,
      angle,
      bytes,
    });
  }

  // Dragging an end of an axis: the first sets length and direction, the second its length only.
  let held = null;
  const ends = () =>
    axes(now.major, now.minor, (now.angle * Math.PI) / 180).flatMap(([a, b], k) => [[a, b, k], [-a, -b, k]]);
  function drag(event) {
    const [x, y] = plot.at(event), length = Math.hypot(x, y);
    if (held === 0) {
      values.set("major", onSlider(length, 0.2, 3, 0.05));
      values.set("angle", Math.round(halfTurn((Math.atan2(y, x) * 180) / Math.PI)));
    } else values.set("minor", onSlider(length, 0, 3, 0.05));
  }
  plot.svg.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".mlrg-grips")) return;
    const [x, y] = plot.at(event);
    const away = ends().map(([a, b]) => Math.hypot(a - x, b - y));
    held = ends()[away.indexOf(Math.min(...away))][2];
    plot.svg.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  plot.svg.addEventListener("pointermove", (event) => {
    if (held !== null) drag(event);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    plot.svg.addEventListener(name, () => {
      held = null;
    });
  }

  for (const name of ["major", "minor", "angle", "samples"]) values.on(name, update);
  update();
  return () => {
    worker.stop();
    values.stop();
    plot.stop();
    clearTimeout(said.timer);
  };
});
