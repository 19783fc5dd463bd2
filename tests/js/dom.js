// As much of a page as the scripts under test need, in plain objects: no layout, selectors of one name or class each.

class Element {
  constructor(name, attributes = {}, ...children) {
    Object.assign(this, {
      localName: name,
      attributes: new Map(),
      children: [],
      dataset: {},
      style: {},
      listeners: {},
    });
    const classes = () => this.className.split(" ").filter(Boolean);
    this.classList = {
      add: (name) => this.className = [...classes(), name].join(" "),
      contains: (name) => classes().includes(name),
      toggle: (name, on) => this.className = [...classes().filter((c) => c !== name), ...(on ? [name] : [])].join(" "),
    };
    for (const [key, value] of Object.entries(attributes)) this.setAttribute(key, value);
    this.append(...children);
  }
  get className() {
    return this.getAttribute("class") ?? "";
  }
  set className(text) {
    this.setAttribute("class", text);
  }
  get firstElementChild() {
    return this.children.find((child) => child instanceof Element) ?? null;
  }
  get childElementCount() {
    return this.children.filter((child) => child instanceof Element).length;
  }
  get textContent() {
    return this.children.map((child) => child.textContent ?? child).join("");
  }
  set textContent(text) {
    this.children = [String(text)];
  }
  setAttribute(name, value) {
    this.attributes.set(name, String(value));
  }
  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }
  hasAttribute(name) {
    return this.attributes.has(name);
  }
  removeAttribute(name) {
    this.attributes.delete(name);
  }
  append(...children) {
    for (const child of children) {
      if (child.parentElement) child.parentElement.children = child.parentElement.children.filter((c) => c !== child);
      if (child instanceof Element) child.parentElement = this;
      this.children.push(child);
    }
  }
  prepend(child) {
    this.append(child);
    this.children.unshift(this.children.pop());
  }
  replaceChildren(...children) {
    this.children = [];
    this.append(...children);
  }
  addEventListener(name, listener) {
    (this.listeners[name] ??= []).push(listener);
  }
  fire(name, event = {}) {
    for (const listener of this.listeners[name] ?? []) listener(event);
  }
  matches(selector) {
    return selector.split(", ").some((one) =>
      one[0] === "." ? this.classList.contains(one.slice(1)) : this.localName === one
    );
  }
  querySelectorAll(selector) {
    const below = this.children.filter((child) => child instanceof Element);
    return below.flatMap((child) => [...(child.matches(selector) ? [child] : []), ...child.querySelectorAll(selector)]);
  }
  querySelector(selector) {
    return this.querySelectorAll(selector)[0] ?? null;
  }
}

export const element = (name, attributes, ...children) => new Element(name, attributes, ...children);

export const page = () => ({
  documentElement: Object.assign(element("html"), { dataset: { content_root: "./" }, clientWidth: 400 }),
  createElement: (name) => element(name),
  createElementNS: (_, name) => element(name),
  querySelectorAll: () => [],
  addEventListener() {},
});

// What a classic script of the site keeps to itself: its functions of these names. `globals` is what it finds around.
export function inside(file, names, globals = {}) {
  const text = Deno.readTextFileSync(new URL(`../../book/_static/${file}`, import.meta.url));
  const body = text.replace(/^\(\(\) => \{$/m, "").replace(/^\}\)\(\);$/m, "");
  const around = { document: page(), window: {}, location: new URL("https://site.example/book/a.html"), ...globals };
  return new Function(...Object.keys(around), `${body}\nreturn { ${names.join(", ")} };`)(...Object.values(around));
}

// Memory and kernels that are plain JavaScript: all arrays lie in one buffer, and a kernel finds them by their address.
export function memory(kernels = {}) {
  const buffer = new ArrayBuffer(2 ** 24), blocks = new Map(), calls = [];
  let top = 0;
  const allocate = (Type, length) => {
    const block = { at: top, length, data: new Type(buffer, top, length) };
    blocks.set(top, block.data);
    top = (top + block.data.byteLength + 63) & ~63;
    return block;
  };
  const heard = Object.entries(kernels).map(([name, kernel]) => [name, (...given) => {
    calls.push(name);
    return kernel(...given);
  }]);
  return { allocate, calls, at: (address) => blocks.get(address), kernels: Object.fromEntries(heard) };
}
