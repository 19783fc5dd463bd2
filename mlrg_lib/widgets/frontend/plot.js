// A small SVG plot. Layers are redrawn one by one when their data change, all of them when the size does.
import { make } from "./common.js";
import { decades, equalUnits, ticks } from "./numbers.js";

let clips = 0;

// The path of an arrow from one pixel towards another, longer where the flow is faster; nothing where it stands still.
export function arrow(x0, y0, x1, y1) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (!(length > 0.02)) return "";
  const reach = Math.min(22, 5 + 6 * Math.sqrt(length)), [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const [tx, ty] = [x0 + ux * reach, y0 + uy * reach];
  const at = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`, tip = at(tx, ty);
  const barbs = [1, -1].map((turn) => at(tx - 5 * ux + 3 * turn * uy, ty - 5 * uy - 3 * turn * ux));
  return `M${at(x0, y0)}L${tip}M${barbs[0]}L${tip}L${barbs[1]}`;
}

export class Plot {
  constructor({ x, y, xLabel, yLabel, label, height = 180, equal = false, log = "" }) {
    Object.assign(this, {
      x,
      y,
      xLabel,
      yLabel,
      height,
      log,
      layers: new Map(),
      margin: { l: 52, r: 10, t: 8, b: 38 },
    });
    this.wanted = equal ? [x, y] : null; // with equal units the ranges grow to fill the picture
    this.svg = make("svg", { role: "img", "aria-label": label, class: "mlrg-plot" });
    this.el = make("div", { class: "mlrg-plot-box" }, this.svg);
    this.watcher = new ResizeObserver(() => this.redraw());
    this.watcher.observe(this.el);
  }
  get size() {
    const w = Math.max(120, this.el.clientWidth || 320);
    return [w, this.height];
  }
  px(v) {
    const [w] = this.size;
    const { l, r } = this.margin;
    return l + ((v - this.x[0]) / (this.x[1] - this.x[0])) * (w - l - r);
  }
  py(v) {
    const h = this.size[1];
    const { t, b } = this.margin;
    return h - b - ((v - this.y[0]) / (this.y[1] - this.y[0])) * (h - t - b);
  }
  // Data coordinates of a pointer event.
  at(event) {
    const box = this.svg.getBoundingClientRect();
    const [w, h] = this.size;
    const { l, r, t, b } = this.margin;
    return [
      this.x[0] + ((event.clientX - box.left - l) / (w - l - r)) * (this.x[1] - this.x[0]),
      this.y[0] + ((h - b - event.clientY + box.top) / (h - t - b)) * (this.y[1] - this.y[0]),
    ];
  }
  // Call with the data coordinates of a mouse that is held, or of a finger that goes sideways; up and down it scrolls.
  dragged(listener) {
    const { svg } = this;
    let from, held = false;
    svg.classList.add("mlrg-dragged");
    svg.addEventListener("pointerdown", (event) => {
      from = [event.clientX, event.clientY];
      held = event.pointerType === "mouse" && event.button === 0;
      if (!held) return;
      svg.setPointerCapture(event.pointerId);
      listener(this.at(event));
    });
    svg.addEventListener("pointermove", (event) => {
      if (!from) return;
      const [dx, dy] = [event.clientX - from[0], event.clientY - from[1]].map(Math.abs);
      held ||= event.pointerType !== "mouse" && dx > 10 && dx > 2 * dy;
      if (held) listener(this.at(event));
    });
    for (const name of ["pointerup", "pointercancel"]) {
      svg.addEventListener(name, () => {
        from = undefined;
        held = false;
      });
    }
  }
  path(xs, ys) {
    let d = "", pen = "M";
    for (let k = 0; k < xs.length; k++) {
      if (!Number.isFinite(ys[k]) || !Number.isFinite(xs[k])) {
        pen = "M";
        continue;
      }
      d += `${pen}${this.px(xs[k]).toFixed(1)} ${this.py(ys[k]).toFixed(1)}`;
      pen = "L";
    }
    return make("path", { d });
  }
  // points: [[x, y, error?], ...]
  dots(points, radius) {
    return points.filter((p) => p.every((v) => v == null || Number.isFinite(v))).flatMap(([x, y, error]) => [
      error > 0
        ? make("line", {
          x1: this.px(x),
          x2: this.px(x),
          y1: this.py(y - error),
          y2: this.py(y + error),
        })
        : null,
      make("circle", { cx: this.px(x).toFixed(1), cy: this.py(y).toFixed(1), r: radius }),
    ]);
  }
  layer(name, kind, draw) {
    if (!this.layers.has(name)) this.layers.set(name, { group: make("g", { class: `mlrg-${kind}` }) });
    const layer = this.layers.get(name);
    layer.draw = draw;
    if (!layer.group.isConnected) this.area?.append(layer.group);
    layer.group.setAttribute("class", `mlrg-${kind}`);
    if (this.area) layer.group.replaceChildren(...draw().filter(Boolean));
  }
  line(name, xs, ys, kind = "line") {
    this.layer(name, kind, () => [this.path(xs, ys)]);
  }
  points(name, points, kind = "points", radius = 3.5) {
    this.layer(name, kind, () => this.dots(points, radius));
  }
  vertical(name, x, kind = "rule") {
    this.layer(
      name,
      kind,
      () => [make("line", { x1: this.px(x), x2: this.px(x), y1: this.py(this.y[0]), y2: this.py(this.y[1]) })],
    );
  }
  horizontal(name, y, kind = "rule") {
    this.layer(
      name,
      kind,
      () => [make("line", { x1: this.px(this.x[0]), x2: this.px(this.x[1]), y1: this.py(y), y2: this.py(y) })],
    );
  }
  redraw() {
    const [w, h] = this.size;
    const { l, r, t, b } = this.margin;
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${w} ${h}`, width: w, height: h })) {
      this.svg.setAttribute(name, value);
    }
    if (this.wanted) {
      const spans = [w - l - r, h - t - b];
      [this.x, this.y] = equalUnits(this.wanted, spans);
    }
    const frame = make("g", { class: "mlrg-axes" });
    const [wide, tall] = [w - l - r, h - t - b].map((span, k) => Math.max(2, span / [70, 40][k]));
    const fine = w > 330 ? [1, 2, 5] : [1, 3];
    const [xs, xText] = this.log === "x" ? decades(...this.x, fine) : ticks(...this.x, wide);
    const [ys, yText] = this.log === "y" ? decades(...this.y, [1]) : ticks(...this.y, tall);
    for (const v of xs) {
      frame.append(
        make("line", { x1: this.px(v), x2: this.px(v), y1: t, y2: h - b, class: "mlrg-grid" }),
        make("text", { x: this.px(v), y: h - b + 15, "text-anchor": "middle" }, xText(v)),
      );
    }
    for (const v of ys) {
      frame.append(
        make("line", { x1: l, x2: w - r, y1: this.py(v), y2: this.py(v), class: "mlrg-grid" }),
        make("text", { x: l - 6, y: this.py(v) + 4, "text-anchor": "end" }, yText(v)),
      );
    }
    frame.append(make("rect", { x: l, y: t, width: w - l - r, height: h - t - b, class: "mlrg-frame" }));
    frame.append(make(
      "text",
      { x: (l + w - r) / 2, y: h - 6, "text-anchor": "middle", class: "mlrg-label" },
      this.xLabel,
    ));
    frame.append(make(
      "text",
      {
        x: 12,
        y: (t + h - b) / 2,
        "text-anchor": "middle",
        class: "mlrg-label",
        transform: `rotate(-90 12 ${(t + h - b) / 2})`,
      },
      this.yLabel,
    ));
    const clip = `mlrg-clip-${++clips}`;
    const definition = document.createElementNS("http://www.w3.org/2000/svg", "clipPath");
    definition.id = clip;
    definition.append(make("rect", { x: l, y: t - 4, width: w - l - r + 4, height: h - t - b + 8 }));
    this.area = make("g", { "clip-path": `url(#${clip})` });
    for (const { group, draw } of this.layers.values()) {
      group.replaceChildren(...draw().filter(Boolean));
      this.area.append(group);
    }
    this.svg.replaceChildren(definition, frame, this.area);
  }
  stop() {
    this.watcher.disconnect();
  }
}
