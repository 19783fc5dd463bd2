// The worker that runs a figure's kernels. `kernelTools` runs inside it and is sent there as text, so it closes over
// nothing.

export function kernelTools(bytes) {
  const module = new WebAssembly.Module(bytes), env = {}, fmod = (a, b) => a % b;
  for (const { name } of WebAssembly.Module.imports(module)) {
    const plain = name.replace(/f$/, ""); // expf is exp
    env[name] = plain === "fmod" ? fmod : (Math[name] ?? Math[plain]);
  }
  const kernels = new WebAssembly.Instance(module, { env }).exports;
  const { memory } = kernels;
  const base = (kernels.__heap_base.value + 63) & ~63;
  let top = base;
  // An array in the module's memory. `data` is looked up again after the memory has grown.
  class Block {
    constructor(Type, length) {
      this.Type = Type;
      this.length = length;
      this.at = top;
      top = (top + length * Type.BYTES_PER_ELEMENT + 63) & ~63;
      const missing = top - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / 65536));
      new Uint8Array(memory.buffer, this.at, length * Type.BYTES_PER_ELEMENT).fill(0);
    }
    get data() {
      if (this.view?.buffer !== memory.buffer) this.view = new this.Type(memory.buffer, this.at, this.length);
      return this.view;
    }
  }
  const allocate = (Type, length) => new Block(Type, length);
  const random = allocate(BigUint64Array, 1), kept = top;
  return {
    kernels,
    allocate,
    release() {
      top = kept;
    },
    bytesUsed: () => memory.buffer.byteLength,
    seed(value) {
      if (value == null) crypto.getRandomValues(random.data);
      else random.data[0] = BigInt(value);
    },
    // Words to start the kernels' random generators from, independent of all others.
    fillRandom(block) {
      kernels.random_words(block.at, block.length, random.at);
      return block;
    },
  };
}

function workerLoop(tools, main) {
  let answers;
  self.onmessage = ({ data: [id, name, argument] }) => {
    try {
      if (name === "start") answers = main(tools(argument));
      const result = name === "start" ? null : answers[name](argument);
      const moved = Object.values(result ?? {}).filter((v) => ArrayBuffer.isView(v)).map((v) => v.buffer);
      self.postMessage([id, result], moved);
    } catch (error) {
      self.postMessage([id, null, String(error?.stack ?? error)]);
    }
  };
}

// Start `main(tools)` in a worker; it returns named functions, which `call(name, argument)` runs one at a time. `parts`
// are the functions that it calls by name.
export function startWorker(main, wasm, ...parts) {
  const text = `${parts.join("\n")}\n(${workerLoop})(${kernelTools}, ${main});`;
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const worker = new Worker(url);
  const waiting = new Map();
  let last = 0;
  worker.onmessage = ({ data: [id, result, error] }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error));
    else resolve(result);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const error = new Error(event.message || "the worker could not start");
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const call = (name, argument) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      worker.postMessage([last, name, argument]);
    });
  const ready = call("start", new Uint8Array(wasm.buffer, wasm.byteOffset, wasm.byteLength));
  return {
    ready,
    async call(name, argument) {
      await ready;
      return call(name, argument);
    },
    stop() {
      worker.terminate();
      URL.revokeObjectURL(url);
      waiting.clear();
    },
  };
}
