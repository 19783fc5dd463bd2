// What every live figure shares: the animation loop and the controls. The build joins this text with a figure's and
// with what that imports, so all their names are different.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElementNS(
    make.svg.has(tag) ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml",
    tag,
  );
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
      for (const [name, value] of Object.entries(model.get("values"))) {
        if (value !== this.now[name]) {
          this.now[name] = value;
          this.tell(name);
        }
      }
    };
    model.on("change:values", this.fromOutside);
  }
  on(name, listener) {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
  }
  tell(name) {
    for (const listener of this.listeners.get(name) ?? []) listener(this.now[name], name);
  }
  set(name, value) {
    if (this.now[name] === value) return;
    this.now[name] = value;
    this.tell(name);
    clearTimeout(this.timer); // Python hears of a drag once it rests, not at every pixel
    this.timer = setTimeout(() => {
      this.model.set("values", { ...this.now });
      this.model.save_changes();
    }, 150);
  }
  stop() {
    clearTimeout(this.timer);
    this.model.off("change:values", this.fromOutside);
  }
}

// A place for text that changes: as large as the longest of the samples, at any width and in any font, so that no
// control below it moves under a thumb.
export const steady = (element, ...samples) =>
  make(
    "span",
    { class: "mlrg-steady" },
    element,
    ...samples.map((text) => make("span", { "aria-hidden": "true" }, text)),
  );

// What a figure measures, each quantity in its steady place: [element, longest text, ...], ...
export const readouts = (...places) => make("p", { class: "mlrg-readout" }, ...places.map((place) => steady(...place)));

// The same for who does not see it: said once, when the figure has come to rest.
export function sayAtRest(said, readout) {
  clearTimeout(said.timer);
  said.timer = setTimeout(() => {
    said.textContent = readout.map((span) => span.textContent).filter(Boolean).join(". ");
  }, 800);
}

// What a reader may ask for, behind a word.
export const folded = (word, ...parts) => make("details", { class: "mlrg-more" }, make("summary", {}, word), ...parts);

// A labelled native range input with a live text value. `scale` maps positions to values (default: itself).
export function slider(values, name, {
  label,
  min,
  max,
  step,
  format = String,
  marks = [],
  scale = (x) => x,
  position = (x) => x,
}) {
  const id = `mlrg-${++serial}`;
  const input = make("input", { type: "range", id, min, max, step });
  const output = make("output", { for: id });
  const show = () => {
    const text = format(values.now[name]);
    input.value = position(values.now[name]);
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  input.addEventListener("input", () => {
    values.set(name, scale(Number(input.value)));
  });
  values.on(name, show);
  show();
  const buttons = marks.map(([text, value, title]) =>
    make("button", {
      type: "button",
      class: "mlrg-mark",
      title,
      "aria-label": title,
      onclick: () => values.set(name, value),
    }, text)
  );
  const texts = Array.from({ length: Math.round((max - min) / step) + 1 }, (_, k) => format(scale(min + k * step)));
  // The widest need not be the one of most letters.
  const shapes = new Set(texts.map((text) => text.replace(/\d/g, "0")));
  const row = make(
    "div",
    { class: "mlrg-control" },
    make("label", { for: id }, label),
    input,
    steady(output, ...shapes),
    ...buttons,
  );
  row.enable = (on) => {
    for (const part of [input, ...buttons]) part.disabled = !on;
    row.classList.toggle("mlrg-off", !on);
  };
  return row;
}

export function choice(values, name, { label, options }) {
  const id = `mlrg-${++serial}`;
  const select = make("select", { id }, ...options.map(([value, text]) => make("option", { value }, text)));
  const typed = new Map(options.map(([value]) => [String(value), value]));
  const show = () => {
    select.value = String(values.now[name]);
  };
  select.addEventListener("change", () => values.set(name, typed.get(select.value)));
  values.on(name, show);
  show();
  const row = make("div", { class: "mlrg-control mlrg-choice" }, make("label", { for: id }, label), select);
  row.enable = (on) => {
    select.disabled = !on;
  };
  return row;
}

export const button = (text, onclick, title) =>
  make(
    "button",
    { type: "button", class: "mlrg-button", title, onclick },
    text,
  );

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Runs `step` once per frame while the reader wants it and the figure is on screen. Starts paused if the
// reader prefers reduced motion; pauses off screen. `step` may be async; frames never overlap.
export class Loop {
  constructor(el, step, onError) {
    Object.assign(this, { step, onError, wanted: !reducedMotion(), visible: false, busy: false, ended: false });
    this.toggleButton = button("", () => this.toggle());
    this.toggleButton.classList.add("mlrg-toggle");
    this.observer = new IntersectionObserver(
      ([entry]) => {
        this.visible = entry.isIntersecting;
        this.go();
      },
      { rootMargin: "0px" },
    );
    this.observer.observe(el);
    this.label();
  }
  label() {
    this.toggleButton.textContent = this.wanted ? "Pause" : "Run";
    this.toggleButton.setAttribute("aria-pressed", String(this.wanted));
    this.toggleButton.setAttribute("aria-label", this.wanted ? "Pause the simulation" : "Run the simulation");
  }
  toggle(on = !this.wanted) {
    this.wanted = on;
    this.label();
    this.onToggle?.(on);
    this.go();
  }
  async run() {
    this.busy = true;
    try {
      await this.step();
    } catch (error) {
      this.end();
      this.onError(error);
    } finally {
      this.busy = false;
    }
  }
  go() {
    if (this.looping || this.ended) return;
    this.looping = true;
    const frame = async () => {
      if (!this.wanted || !this.visible || this.ended) {
        this.looping = false;
        return;
      }
      if (!this.busy) await this.run();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }
  end() {
    this.ended = true;
    this.observer.disconnect();
  }
}

// Returns `update`, which shows the answer to what is asked: one request at a time, and what has changed meanwhile is
// asked once more. `fail` gets what went wrong, `busy` hears when the asking begins and ends.
export function latest(ask, fail, busy = () => {}) {
  let asking = false, stale = false;
  return async () => {
    stale = true;
    if (asking) return;
    asking = true;
    busy(true);
    try {
      while (stale) {
        stale = false;
        await ask();
      }
    } catch (error) {
      fail(error);
    } finally {
      asking = false;
      busy(false);
    }
  };
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
      try {
        stop = build({ model, root, fail, params: model.get("params") ?? {}, wasm: model.get("wasm") });
      } catch (error) {
        fail(error);
      }
      return () => stop?.();
    },
  };
}

export const tier = (text) => make("p", { class: "mlrg-tier" }, text);

// A canvas to paint on, and a caption below it whose longest texts are given.
export function picture(label, ...captions) {
  const canvas = make("canvas", { role: "img", "aria-label": label }), caption = make("span");
  const below = make("figcaption", {}, steady(caption, ...captions));
  return { canvas, caption, el: make("figure", { class: "mlrg-picture" }, canvas, below) };
}

// Put square RGBA pixels into a canvas of that size; sharp when enlarged, smooth when reduced.
export function showPixels(canvas, pixels) {
  const side = Math.sqrt(pixels.length / 4);
  if (canvas.width !== side) canvas.width = canvas.height = side;
  canvas.getContext("2d", { alpha: false }).putImageData(new ImageData(pixels, side, side), 0, 0);
  canvas.style.imageRendering = side > canvas.clientWidth * devicePixelRatio ? "auto" : "pixelated";
}
