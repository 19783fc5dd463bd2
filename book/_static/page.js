// What the theme leaves undone: wide things that scroll with the keyboard, and a print button without inline script.
(() => {
  const mark = () => {
    for (const el of document.querySelectorAll("pre, .mlrg-plotly")) {
      if (el.scrollWidth > el.clientWidth && getComputedStyle(el).overflowX !== "visible") el.tabIndex = 0;
    }
    document.querySelectorAll(".mlrg-wide > div").forEach(markTable);
  };
  // A table that scrolls is a named region that the keyboard reaches, with a shadow on the side where more is.
  function markTable(el) {
    const more = el.scrollWidth - el.clientWidth;
    const heading = el.closest("section")?.querySelector("h1, h2, h3, h4")?.firstChild.textContent ?? "";
    const attributes = { tabindex: 0, role: "region", "aria-label": `Table, ${heading.trim()}` };
    for (const [name, value] of Object.entries(attributes)) {
      more > 1 ? el.setAttribute(name, value) : el.removeAttribute(name);
    }
    el.parentElement.toggleAttribute("data-more", more - el.scrollLeft > 1);
    el.onscroll = () => markTable(el);
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest?.('[data-mlrg="print"]')) print();
  });
  // Paper is white: while the page is printed it has the light theme, whatever the screen has.
  const root = document.documentElement;
  let screen;
  const toPaper = () => {
    screen ??= root.dataset.theme;
    root.dataset.theme = "light";
  };
  const toScreen = () => {
    root.dataset.theme = screen ?? root.dataset.theme;
    screen = undefined;
  };
  const paper = matchMedia("print");
  paper.addEventListener("change", () => (paper.matches ? toPaper() : toScreen()));
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", () => paper.matches || toScreen());
  addEventListener("load", async () => {
    await window.MathJax?.startup?.promise;
    mark();
    addEventListener("resize", mark);
    document.addEventListener("toggle", mark, true); // a fold that opens may hold wide things
    document.addEventListener("click", () => requestAnimationFrame(mark));
  });
})();
