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
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", "font.color": text,
      "hoverlabel.bgcolor": dark ? "#22272c" : "#ffffff", "hoverlabel.font.color": text,
      "legend.bgcolor": "rgba(0,0,0,0)",
    };
    for (const key of Object.keys(layout)) {
      if (/^[xy]axis\d*$/.test(key)) {
        Object.assign(change, { [`${key}.gridcolor`]: grid, [`${key}.linecolor`]: axis, [`${key}.zerolinecolor`]: axis });
      }
    }
    return change;
  }

  async function draw(el) {
    if (el.dataset.state) return;
    el.dataset.state = "loading";
    const figure = JSON.parse(el.querySelector('script[type="application/json"]').textContent);
    const explore = figure.layout.meta?.explore;
    const frames = figure.frames ?? [];
    try {
      const Plotly = await plotly();
      const graph = document.createElement("div");
      graph.className = "mlrg-plotly-graph";
      el.append(graph);
      const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d"] };
      const layout = { ...figure.layout, autosize: true };
      await Plotly.newPlot(graph, figure.data, layout, config);
      await Plotly.relayout(graph, skin(graph._fullLayout));
      if (explore) addSliders(Plotly, el, graph, layout, explore, frames, config);
      el.dataset.state = "ready";
    } catch (error) {
      el.dataset.state = "failed";
      el.append(Object.assign(document.createElement("p"), { textContent: `This figure could not be drawn: ${error.message}` }));
      throw error;
    }
  }

  // One native range input per parameter; the frame shown is named by the indices of the values, "i,j".
  function addSliders(Plotly, el, graph, layout, explore, frames, config) {
    const byName = new Map(frames.map((frame) => [frame.name, frame]));
    const chosen = explore.map((parameter) => parameter.start);
    const panel = document.createElement("div");
    panel.className = "mlrg-sliders";
    explore.forEach((parameter, index) => {
      const label = document.createElement("label");
      const name = Object.assign(document.createElement("span"), { textContent: parameter.label });
      const input = Object.assign(document.createElement("input"), { type: "range", min: 0, max: parameter.values.length - 1, step: 1, value: parameter.start });
      const output = document.createElement("output");
      const tell = () => { output.textContent = parameter.values[chosen[index]]; input.setAttribute("aria-valuetext", output.textContent); };
      input.addEventListener("input", async () => {
        chosen[index] = Number(input.value);
        tell();
        const frame = byName.get(chosen.join(","));
        const next = { ...layout, ...frame.layout };
        await Plotly.react(graph, frame.data, next, config);
        await Plotly.relayout(graph, skin(graph._fullLayout));
        el.dataset.frame = frame.name;
      });
      tell();
      label.append(name, input, output);
      panel.append(label);
    });
    const note = Object.assign(document.createElement("p"), { className: "mlrg-tier", textContent: "Computed when this page was built; run the notebook for every value in between." });
    panel.append(note);
    el.prepend(panel);
  }

  const figures = () => [...document.querySelectorAll(".mlrg-plotly")];
  const observer = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (entry.isIntersecting) { observer.unobserve(entry.target); draw(entry.target); }
  }), { rootMargin: "400px" });
  addEventListener("DOMContentLoaded", () => figures().forEach((el) => observer.observe(el)));

  const drawAll = () => Promise.all(figures().map(draw));
  window.mlrgDrawAll = drawAll;
  const PAPER = 640;  // pixels: what is left of A4 between its margins
  const drawn = () => document.querySelectorAll('.mlrg-plotly[data-state="ready"] > .mlrg-plotly-graph');
  addEventListener("beforeprint", () => {
    for (const graph of drawn()) window.Plotly.relayout(graph, { width: Math.min(graph.clientWidth, PAPER) });
    drawAll();
  });
  addEventListener("afterprint", () => {
    for (const graph of drawn()) window.Plotly.relayout(graph, { width: null, autosize: true });
  });

  new MutationObserver(() => {
    for (const graph of drawn()) window.Plotly.relayout(graph, skin(graph._fullLayout));
  }).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
})();
