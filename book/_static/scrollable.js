// What scrolls sideways (wide formulas, code, tables) can be reached and scrolled with the keyboard.
(() => {
  const mark = () => {
    for (const el of document.querySelectorAll("div.math, mjx-container, pre, .table-wrapper, .mlrg-plotly")) {
      if (el.scrollWidth > el.clientWidth && getComputedStyle(el).overflowX !== "visible") el.tabIndex = 0;
    }
  };
  addEventListener("load", async () => {
    await window.MathJax?.startup?.promise;
    mark();
    addEventListener("resize", mark);
  });
})();
