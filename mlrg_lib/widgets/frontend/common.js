// What every live figure shares: the animation loop, controls and small SVG plots. The build joins this text with a
// figure's and with what that imports, so all their names are different.

// ---------------------------------------------------------------------------------------------------------
// Page furniture.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElementNS(make.svg.has(tag) ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}
make.svg = new Set(["svg", "g", "path", "polyline", "line", "circle", "rect", "text", "tspan", "ellipse", "polygon"]);

let serial = 0;

// The figure's values, one flat object: the controls write them, Python reads and may write them too.
export class Values {
  constructor(model, defaults) {
    this.model = model;
    this.now = { ...defaults, ...model.get("values") };
    this.listeners = new Map();
    this.fromOutside = () => {
      for (const [name, value] of Object.entries(model.get("values"))) if (value !== this.now[name]) { this.now[name] = value; this.tell(name); }
    };
    model.on("change:values", this.fromOutside);
  }
  on(name, listener) { this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]); }
  tell(name) { for (const listener of [...(this.listeners.get(name) ?? []), ...(this.listeners.get("*") ?? [])]) listener(this.now[name], name); }
  set(name, value) {
    if (this.now[name] === value) return;
    this.now[name] = value;
    this.tell(name);
    clearTimeout(this.timer); // Python hears of a drag once it rests, not at every pixel
    this.timer = setTimeout(() => { this.model.set("values", { ...this.now }); this.model.save_changes(); }, 150);
  }
  stop() { clearTimeout(this.timer); this.model.off("change:values", this.fromOutside); }
}

// A place for text that changes: as large as the longest of the samples, at any width and in any font, so that no
// control below it moves under a thumb.
export const steady = (element, ...samples) => make("span", { class: "mlrg-steady" }, element, ...samples.map((text) => make("span", { "aria-hidden": "true" }, text)));

// What a figure measures, each quantity in its steady place: [element, longest text, ...], ...
export const readouts = (...places) => make("p", { class: "mlrg-readout" }, ...places.map((place) => steady(...place)));

// A labelled native range input with a live text value. `scale` maps positions to values (default: itself).
export function slider(values, name, { label, min, max, step, format = String, marks = [], scale = (x) => x, position = (x) => x }) {
  const id = `mlrg-${++serial}`;
  const input = make("input", { type: "range", id, min, max, step });
  const output = make("output", { for: id });
  const show = () => {
    const text = format(values.now[name]);
    input.value = position(values.now[name]);
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  input.addEventListener("input", () => { values.set(name, scale(Number(input.value))); });
  values.on(name, show);
  show();
  const buttons = marks.map(([text, value, title]) => make("button", { type: "button", class: "mlrg-mark", title, "aria-label": title, onclick: () => values.set(name, value) }, text));
  const texts = Array.from({ length: Math.round((max - min) / step) + 1 }, (_, k) => format(scale(min + k * step)));
  const shapes = new Set(texts.map((text) => text.replace(/\d/g, "0"))); // the widest need not be the one of most letters
  const row = make("div", { class: "mlrg-control" }, make("label", { for: id }, label), input, steady(output, ...shapes), ...buttons);
  row.enable = (on) => { for (const part of [input, ...buttons]) part.disabled = !on; row.classList.toggle("mlrg-off", !on); };
  return row;
}

export function choice(values, name, { label, options }) {
  const id = `mlrg-${++serial}`;
  const select = make("select", { id }, ...options.map(([value, text]) => make("option", { value }, text)));
  const typed = new Map(options.map(([value]) => [String(value), value]));
  const show = () => { select.value = String(values.now[name]); };
  select.addEventListener("change", () => values.set(name, typed.get(select.value)));
  values.on(name, show);
  show();
  const row = make("div", { class: "mlrg-control mlrg-choice" }, make("label", { for: id }, label), select);
  row.enable = (on) => { select.disabled = !on; };
  return row;
}

export const button = (text, onclick, title) => make("button", { type: "button", class: "mlrg-button", title, onclick }, text);

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Runs `step` once per frame while the reader wants it and the figure is on screen. Starts paused if the
// reader prefers reduced motion; pauses off screen. `step` may be async; frames never overlap.
export class Loop {
  constructor(el, step, onError) {
    Object.assign(this, { step, onError, wanted: !reducedMotion(), visible: false, busy: false, ended: false });
    this.toggleButton = button("", () => this.toggle());
    this.toggleButton.classList.add("mlrg-toggle");
    this.observer = new IntersectionObserver(([entry]) => { this.visible = entry.isIntersecting; this.go(); }, { rootMargin: "0px" });
    this.observer.observe(el);
    this.label();
  }
  label() { this.toggleButton.textContent = this.wanted ? "Pause" : "Run"; this.toggleButton.setAttribute("aria-pressed", String(this.wanted)); this.toggleButton.setAttribute("aria-label", this.wanted ? "Pause the simulation" : "Run the simulation"); }
  toggle(on = !this.wanted) { this.wanted = on; this.label(); this.onToggle?.(on); this.go(); }
  async once() { if (this.busy) { this.again = true; return; } await this.run(); }
  async run() {
    this.busy = true;
    try { await this.step(); } catch (error) { this.end(); this.onError(error); } finally { this.busy = false; }
    if (this.again && !this.ended) { this.again = false; await this.run(); }
  }
  go() {
    if (this.looping || this.ended) return;
    this.looping = true;
    const frame = async () => {
      if (!this.wanted || !this.visible || this.ended) { this.looping = false; return; }
      if (!this.busy) await this.run();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }
  end() { this.ended = true; this.observer.disconnect(); }
}

// What the loader and anywidget call: builds the figure, tells the reader if it fails, and cleans up.
export function figure(build) {
  return {
    render({ model, el }) {
      const root = make("div", { class: "mlrg-figure" });
      el.replaceChildren(root);
      const fail = (error) => {
        if (root.dataset.state === "failed") return;
        root.dataset.state = "failed";
        root.append(make("p", { class: "mlrg-failed", role: "alert" }, `This live figure stopped: ${error.message}`));
        console.error(error);
      };
      let stop;
      try { stop = build({ model, root, fail, params: model.get("params") ?? {}, wasm: model.get("wasm") }); } catch (error) { fail(error); }
      return () => stop?.();
    },
  };
}

export const tier = (text) => make("p", { class: "mlrg-tier" }, text);

// "0.9113(2)": a value with its one-digit error.
export function withError(value, error) {
  if (!(error > 0) || !Number.isFinite(error)) return value.toFixed(4);
  const digits = Math.min(6, Math.max(0, -Math.floor(Math.log10(error))));
  let last = Math.round(error * 10 ** digits);
  return last === 10 ? withError(value, error * 1.06) : `${value.toFixed(digits)}(${last})`.replace("-", "−");
}

export const signed = (x, digits) => x.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");

// Put square RGBA pixels into a canvas of that size; sharp when enlarged, smooth when reduced.
export function showPixels(canvas, pixels) {
  const side = Math.sqrt(pixels.length / 4);
  if (canvas.width !== side) canvas.width = canvas.height = side;
  canvas.getContext("2d", { alpha: false }).putImageData(new ImageData(pixels, side, side), 0, 0);
  canvas.style.imageRendering = side > canvas.clientWidth * devicePixelRatio ? "auto" : "pixelated";
}

// ---------------------------------------------------------------------------------------------------------
// A small plot. Layers are redrawn one by one when their data change, all of them when the size does.

function ticks(low, high, about) {
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return [found, (v) => signed(v, digits)];
}

// The same on a logarithmic axis, whose range may run backwards: positions are decadic logarithms.
function decades(start, end, multiples) {
  const [low, high] = [Math.min(start, end), Math.max(start, end)], found = [];
  for (let power = Math.floor(low); power <= high; power++) for (const m of multiples) found.push(power + Math.log10(m));
  return [found.filter((v) => v >= low && v <= high), (v) => String(Number((10 ** v).toPrecision(1)))];
}

export class Plot {
  constructor({ x, y, xLabel, yLabel, label, height = 180, equal = false, log = "" }) {
    Object.assign(this, { x, y, xLabel, yLabel, height, log, layers: new Map(), margin: { l: 52, r: 10, t: 8, b: 38 } });
    this.wanted = equal ? [x, y] : null; // with equal units the ranges grow to fill the picture
    this.svg = make("svg", { role: "img", "aria-label": label, class: "mlrg-plot" });
    this.el = make("div", { class: "mlrg-plot-box" }, this.svg);
    this.watcher = new ResizeObserver(() => this.redraw());
    this.watcher.observe(this.el);
  }
  get size() { const w = Math.max(120, this.el.clientWidth || 320); return [w, this.height]; }
  px(v) { const [w] = this.size; const { l, r } = this.margin; return l + ((v - this.x[0]) / (this.x[1] - this.x[0])) * (w - l - r); }
  py(v) { const h = this.size[1]; const { t, b } = this.margin; return h - b - ((v - this.y[0]) / (this.y[1] - this.y[0])) * (h - t - b); }
  // Data coordinates of a pointer event.
  at(event) {
    const box = this.svg.getBoundingClientRect(); const [w, h] = this.size; const { l, r, t, b } = this.margin;
    return [this.x[0] + ((event.clientX - box.left - l) / (w - l - r)) * (this.x[1] - this.x[0]), this.y[0] + ((h - b - event.clientY + box.top) / (h - t - b)) * (this.y[1] - this.y[0])];
  }
  path(xs, ys) {
    let d = "", pen = "M";
    for (let k = 0; k < xs.length; k++) {
      if (!Number.isFinite(ys[k]) || !Number.isFinite(xs[k])) { pen = "M"; continue; }
      d += `${pen}${this.px(xs[k]).toFixed(1)} ${this.py(ys[k]).toFixed(1)}`; pen = "L";
    }
    return make("path", { d });
  }
  // points: [[x, y, error?], ...]
  dots(points, radius) {
    return points.filter((p) => p.every((v) => v == null || Number.isFinite(v))).flatMap(([x, y, error]) => [
      error > 0 ? make("line", { x1: this.px(x), x2: this.px(x), y1: this.py(y - error), y2: this.py(y + error) }) : null,
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
  line(name, xs, ys, kind = "line") { this.layer(name, kind, () => [this.path(xs, ys)]); }
  points(name, points, kind = "points", radius = 3.5) { this.layer(name, kind, () => this.dots(points, radius)); }
  vertical(name, x, kind = "rule") { this.layer(name, kind, () => [make("line", { x1: this.px(x), x2: this.px(x), y1: this.py(this.y[0]), y2: this.py(this.y[1]) })]); }
  horizontal(name, y, kind = "rule") { this.layer(name, kind, () => [make("line", { x1: this.px(this.x[0]), x2: this.px(this.x[1]), y1: this.py(y), y2: this.py(y) })]); }
  redraw() {
    const [w, h] = this.size; const { l, r, t, b } = this.margin;
    this.svg.setAttribute("viewBox", `0 0 ${w} ${h}`); this.svg.setAttribute("width", w); this.svg.setAttribute("height", h);
    if (this.wanted) {
      const spans = [w - l - r, h - t - b], unit = Math.min(...this.wanted.map(([low, high], k) => spans[k] / (high - low)));
      [this.x, this.y] = this.wanted.map(([low, high], k) => [-1, 1].map((sign) => (low + high) / 2 + (sign * spans[k]) / unit / 2));
    }
    const frame = make("g", { class: "mlrg-axes" });
    const [xs, xText] = this.log === "x" ? decades(...this.x, w > 330 ? [1, 2, 5] : [1, 3]) : ticks(...this.x, Math.max(2, (w - l - r) / 70));
    const [ys, yText] = this.log === "y" ? decades(...this.y, [1]) : ticks(...this.y, Math.max(2, (h - t - b) / 40));
    for (const v of xs) frame.append(make("line", { x1: this.px(v), x2: this.px(v), y1: t, y2: h - b, class: "mlrg-grid" }), make("text", { x: this.px(v), y: h - b + 15, "text-anchor": "middle" }, xText(v)));
    for (const v of ys) frame.append(make("line", { x1: l, x2: w - r, y1: this.py(v), y2: this.py(v), class: "mlrg-grid" }), make("text", { x: l - 6, y: this.py(v) + 4, "text-anchor": "end" }, yText(v)));
    frame.append(make("rect", { x: l, y: t, width: w - l - r, height: h - t - b, class: "mlrg-frame" }));
    frame.append(make("text", { x: (l + w - r) / 2, y: h - 6, "text-anchor": "middle", class: "mlrg-label" }, this.xLabel));
    frame.append(make("text", { x: 12, y: (t + h - b) / 2, "text-anchor": "middle", class: "mlrg-label", transform: `rotate(-90 12 ${(t + h - b) / 2})` }, this.yLabel));
    const clip = `mlrg-clip-${++serial}`;
    const definition = document.createElementNS("http://www.w3.org/2000/svg", "clipPath");
    definition.id = clip;
    definition.append(make("rect", { x: l, y: t - 4, width: w - l - r + 4, height: h - t - b + 8 }));
    this.area = make("g", { "clip-path": `url(#${clip})` });
    for (const { group, draw } of this.layers.values()) { group.replaceChildren(...draw().filter(Boolean)); this.area.append(group); }
    this.svg.replaceChildren(definition, frame, this.area);
  }
  stop() { this.watcher.disconnect(); }
}
