// Draws the page's plotly figures as they come near the viewport, from one shared plotly bundle,
// repaints them on a change of theme, and gives figures made by `explore` native sliders.
(() => {
  const root = document.documentElement;
  const base = root.dataset.content_root || "./";
  let library;

  function plotly() {
    library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = base + "_static/plotly.min.js";
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => reject(new Error("plotly.min.js could not be loaded"));
      document.head.append(script);
    });
    return library;
  }

  function skin(layout) {
    const dark = root.dataset.theme === "dark";
    const text = dark ? "#e4e6e8" : "#23272b";
    const grid = dark ? "#3c434a" : "#dfe3e7";
    const axis = dark ? "#7d868f" : "#868e96";
    const change = {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      "font.color": text,
      "hoverlabel.bgcolor": dark ? "#22272c" : "#ffffff",
      "hoverlabel.font.color": text,
      "legend.bgcolor": "rgba(0,0,0,0)",
    };
    for (const key of Object.keys(layout)) {
      if (/^[xy]axis\d*$/.test(key)) {
        Object.assign(change, {
          [`${key}.gridcolor`]: grid,
          [`${key}.linecolor`]: axis,
          [`${key}.zerolinecolor`]: axis,
        });
      }
    }
    return change;
  }

  // On a narrow screen the words of a figure are smaller, and what is longer than its place goes on in a second line.
  const NARROW = 560; // pixels
  let pen;

  function lines(text, size, width) {
    pen ??= document.createElement("canvas").getContext("2d");
    pen.font = `${size}px "Open Sans", verdana, arial, sans-serif`;
    const long = (words) => pen.measureText(words.replace(/<[^>]*>/g, "")).width > width;
    return text.split("<br>").flatMap((line) =>
      line.split(" ").reduce((rows, word) => {
        const longer = rows.length ? `${rows.at(-1)} ${word}` : word;
        return !rows.length || long(longer) ? [...rows, word] : [...rows.slice(0, -1), longer];
      }, [])
    );
  }

  // Pictures side by side go on in a second row rather than become stamps.
  const [GAP, SMALLEST] = [10, 75]; // pixels

  function perRow(n, within) {
    const most = Math.max(1, Math.floor((within + GAP) / (SMALLEST + GAP)));
    return Math.ceil(n / Math.ceil(n / most));
  }

  // Set the places of the pictures and of the title above each; return how high all rows are.
  function tile(layout, axes, { within, columns, ratio, head }) {
    const width = (within - GAP * (columns - 1)) / columns, height = width * ratio;
    const inner = Math.ceil(axes.length / columns) * (height + head) - head;
    const titles = (layout.annotations ?? []).filter((note) => note.yref === "paper").sort((a, b) => a.x - b.x);
    const start = (key) => layout[key].domain?.[0] ?? 0;
    axes.sort((a, b) => start(a) - start(b)).forEach((key, k) => {
      const left = (k % columns) * (width + GAP), top = Math.floor(k / columns) * (height + head);
      layout[key].domain = [left / within, (left + width) / within];
      layout[key.replace("x", "y")].domain = [Math.max(0, 1 - (top + height) / inner), 1 - top / inner];
      if (titles.length === axes.length) {
        Object.assign(titles[k], { x: (left + width / 2) / within, y: 1 - top / inner });
      }
    });
    return inner;
  }

  // The layout, a copy that may be changed, for a figure of this width.
  function fitted(layout, data, width) {
    if (width >= NARROW) return layout;
    const margin = layout.margin = { ...layout.template?.layout?.margin, ...layout.margin };
    const axes = Object.keys(layout).filter((key) => /^xaxis\d*$/.test(key));
    const pictures = axes.length > 1 && axes.every((key) => layout[key].visible === false);
    if (pictures) Object.assign(margin, { l: GAP, r: GAP, b: GAP });
    const broken = (part, size, room) => {
      const rows = lines(part.text, size, room);
      Object.assign(part, { text: rows.join("<br>"), font: { ...part.font, size } });
      return rows.length - 1;
    };
    const within = width - margin.l - margin.r;
    layout.legend = { ...layout.legend, font: { ...layout.legend?.font, size: 11 } };
    const above = (layout.annotations ?? []).filter((note) => note.yref === "paper" && note.y >= 1 && note.text);
    for (const note of layout.annotations ?? []) {
      const size = Math.min(11, note.font?.size ?? 11);
      if (note.xref === "paper" && note.xanchor === "left" && note.x === 0) broken(note, size, within);
      else note.font = { ...note.font, size };
    }
    const columns = pictures ? perRow(axes.length, within) : above.length;
    const notes = Math.max(0, ...above.map((note) => broken(note, 11, within / columns - 6)));
    const title = layout.title?.text ? broken(layout.title, 14, width - 16) : 0;
    margin.t += 13 * notes + 17 * title;
    let below = 0;
    for (const [key, axis] of Object.entries(layout)) {
      if (!/^[xy]axis\d*$/.test(key) || !axis.title?.text) continue;
      const [low, high] = axis.domain ?? [0, 1];
      const room = key[0] === "x" ? within : (layout.height ?? 420) - margin.t - margin.b;
      const rows = broken(axis.title, 12, room * (high - low));
      if (key[0] === "x") below = Math.max(below, rows);
    }
    if (layout.height) layout.height += 13 * notes + 17 * title + 15 * below;
    const shape = data[0]?.z?.shape?.split(",") ?? [data[0]?.z?.length, data[0]?.z?.[0]?.length];
    if (pictures) {
      const inner = tile(layout, axes, { within, columns, ratio: shape[0] / shape[1], head: 13 * notes + 22 });
      layout.height = margin.t + margin.b + inner;
    }
    return layout;
  }

  // Nothing over the picture, nothing to upload, and no gesture of plotly's own: a finger or a wheel moves the page.
  const CONFIG = {
    responsive: true,
    displayModeBar: false,
    showSendToCloud: false,
    displaylogo: false,
    displayNotifier: false,
    showTips: false,
    showAxisDragHandles: false,
    showAxisRangeEntryBoxes: false,
    doubleClick: false, // a tap makes two clicks: it would lose a view that was zoomed
  };

  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  async function draw(el) {
    if (el.dataset.state) return;
    el.dataset.state = "loading";
    const figure = JSON.parse(el.querySelector('script[type="application/json"]').textContent);
    const explore = figure.layout.meta?.explore;
    try {
      const Plotly = await plotly();
      const graph = make("div", { className: "mlrg-plotly-graph" });
      el.append(graph);
      const shown = { data: figure.data, layout: { ...figure.layout, autosize: true }, zoom: false };
      // plotly writes the ranges it shows into the layout it is given, so it gets a copy
      shown.draw = async () => {
        shown.width = graph.clientWidth;
        const layout = fitted(structuredClone(shown.layout), shown.data, shown.width);
        await Plotly.react(graph, shown.data, { ...layout, dragmode: shown.zoom && "zoom" }, CONFIG);
        await Plotly.relayout(graph, skin(graph._fullLayout));
      };
      await shown.draw();
      // plotly follows the window by itself, but its words do not; nor does a figure that was drawn in a closed fold
      new ResizeObserver(() => {
        const width = graph.clientWidth;
        if (!width || graph.screen) return;
        if (Math.min(shown.width, width) < NARROW) {
          if (shown.width !== width) shown.draw();
        } else if (Math.abs(graph._fullLayout.width - width) > 1) Plotly.Plots.resize(graph);
      }).observe(graph);
      if (explore) addSliders(el, shown, explore, figure.frames ?? []);
      if (graph._fullLayout._has("cartesian")) addZoom(Plotly, el, graph, shown);
      el.dataset.state = "ready";
    } catch (error) {
      el.dataset.state = "failed";
      el.append(make("p", { textContent: `This figure could not be drawn: ${error.message}` }));
      throw error;
    }
  }

  // A drag zooms only while the button is pressed; whatever was zoomed can be undone by a button, too.
  function addZoom(Plotly, el, graph, shown) {
    const hint = make("span", {});
    const reset = make("button", {
      type: "button",
      textContent: "Reset view",
      hidden: true,
      onclick: () => {
        shown.draw();
        reset.hidden = !shown.zoom;
      },
    });
    const toggle = make("button", { type: "button", textContent: "Zoom", onclick: () => set(!shown.zoom) });
    const set = (on) => {
      shown.zoom = on;
      Plotly.relayout(graph, { dragmode: on && "zoom" });
      el.classList.toggle("mlrg-zooming", on);
      toggle.setAttribute("aria-pressed", on);
      hint.textContent = on ? "Draw a box over what you want to see." : "";
      if (on) reset.hidden = false;
    };
    toggle.setAttribute("aria-pressed", false);
    hint.setAttribute("role", "status");
    el.append(make("div", { className: "mlrg-zoom" }, hint, reset, toggle));
  }

  // One native range input per parameter; the frame shown is named by the indices of the values, "i,j".
  function addSliders(el, shown, explore, frames) {
    const first = shown.layout, byName = new Map(frames.map((frame) => [frame.name, frame]));
    const chosen = explore.map((parameter) => parameter.start);
    const panel = make("div", { className: "mlrg-sliders" });
    explore.forEach((parameter, index) => {
      const input = make("input", {
        type: "range",
        min: 0,
        max: parameter.values.length - 1,
        step: 1,
        value: parameter.start,
      });
      const output = make("output", {});
      output.dataset.values = parameter.values.join("\n"); // room for the longest: a label may not move under the thumb
      const tell = () => {
        output.textContent = parameter.values[chosen[index]];
        input.setAttribute("aria-valuetext", output.textContent);
      };
      input.addEventListener("input", async () => {
        chosen[index] = Number(input.value);
        tell();
        const frame = byName.get(chosen.join(","));
        Object.assign(shown, { data: frame.data, layout: { ...first, ...frame.layout } });
        await shown.draw();
        el.dataset.frame = frame.name;
      });
      tell();
      panel.append(make("label", {}, make("span", { textContent: parameter.label }), input, output));
    });
    const finer = explore.filter((parameter) => parameter.finer).map((parameter) =>
      `${parameter.finer} values of ${parameter.label}`
    );
    const more = finer.length ? ` The notebook computes as you drag, with ${finer.join(" and ")}.` : "";
    panel.append(make("p", { className: "mlrg-tier", textContent: `Computed when this page was built.${more}` }));
    el.prepend(panel);
  }

  const figures = () => [...document.querySelectorAll(".mlrg-plotly")];
  const observer = new IntersectionObserver((entries) =>
    entries.forEach((entry) => {
      if (entry.isIntersecting) {
        observer.unobserve(entry.target);
        draw(entry.target);
      }
    }), { rootMargin: "400px" });
  addEventListener("DOMContentLoaded", () => figures().forEach((el) => observer.observe(el)));

  const drawAll = () => Promise.all(figures().map(draw));
  window.mlrgDrawAll = drawAll;
  const [WIDE, TALL] = [640, 900]; // pixels: what is left of A4 between its margins, and some for a caption
  const drawn = () => document.querySelectorAll('.mlrg-plotly[data-state="ready"] > .mlrg-plotly-graph');
  addEventListener("beforeprint", () => {
    for (const graph of drawn()) {
      graph.screen ??= { width: null, height: graph.layout.height ?? null, autosize: true };
      window.Plotly.relayout(graph, {
        width: Math.min(graph.clientWidth, WIDE),
        height: Math.min(graph._fullLayout.height, TALL),
      });
    }
    drawAll();
  });
  addEventListener("afterprint", () => {
    for (const graph of drawn()) {
      if (graph.screen) window.Plotly.relayout(graph, graph.screen);
      delete graph.screen;
    }
  });

  new MutationObserver(() => {
    for (const graph of drawn()) window.Plotly.relayout(graph, skin(graph._fullLayout));
  }).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
})();
