// What the theme leaves undone: wide things that scroll with the keyboard, and a print button without inline script.
(() => {
  const mark = () => {
    for (const el of document.querySelectorAll("div.math, mjx-container, pre, .table-wrapper, .mlrg-plotly")) {
      if (el.scrollWidth > el.clientWidth && getComputedStyle(el).overflowX !== "visible") el.tabIndex = 0;
    }
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest?.('[data-mlrg="print"]')) print();
  });
  addEventListener("load", async () => {
    await window.MathJax?.startup?.promise;
    mark();
    addEventListener("resize", mark);
    document.addEventListener("toggle", mark, true); // a fold that opens may hold wide things
    document.addEventListener("click", () => requestAnimationFrame(mark));
  });
})();
