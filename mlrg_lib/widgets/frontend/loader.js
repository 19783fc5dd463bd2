// Mounts the live figures of a static page. The build puts BUNDLE = { wasm, css, modules, figures } before this text:
// `modules` are texts that import nothing, `figures` the names of those that make a figure, in order.
const bytes = new DataView(Uint8Array.from(atob(BUNDLE.wasm), (letter) => letter.charCodeAt(0)).buffer);

// The same small interface as anywidget's model, without a kernel behind it.
class Model {
  constructor(state) {
    this.state = state;
    this.listeners = [];
  }
  get(name) {
    return this.state[name];
  }
  set(name, value) {
    this.state[name] = value;
  }
  save_changes() {}
  on(event, listener) {
    this.listeners.push([event, listener]);
  }
  off(event, listener) {
    this.listeners = this.listeners.filter(([e, f]) => (event && e !== event) || (listener && f !== listener));
  }
}

const modules = new Map();
function load(name) {
  if (!modules.has(name)) {
    const parts = BUNDLE.figures[name].map((module) => BUNDLE.modules[module]);
    const url = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
    modules.set(name, import(url).then((module) => module.default));
  }
  return modules.get(name);
}

async function mount(el) {
  if (el.dataset.state) return;
  el.dataset.state = "loading";
  try {
    const { params, values } = JSON.parse(el.dataset.params || "{}");
    const module = await load(el.dataset.figure);
    const host = document.createElement("div");
    module.render({ model: new Model({ params, values, wasm: bytes }), el: host });
    el.replaceChildren(host);
    el.dataset.state = "ready";
  } catch (error) {
    el.dataset.state = "failed";
    el.append(Object.assign(document.createElement("p"), {
      className: "mlrg-failed",
      textContent: `This live figure could not start: ${error.message}`,
    }));
    console.error(error);
  }
}

document.head.append(Object.assign(document.createElement("style"), { textContent: BUNDLE.css }));
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) {
      near.unobserve(entry.target);
      mount(entry.target);
    }
  }
}, { rootMargin: "300px" });
for (const el of document.querySelectorAll(".mlrg-live[data-figure]")) near.observe(el);
