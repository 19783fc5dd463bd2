// What the theme leaves undone: wide things that scroll with the keyboard, a print button without inline script, and
// one switch for the code of a page, which is closed until someone asks for it, and stays as it was left.
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
  // What a switch of another page has said; a browser that keeps nothing has it closed on each.
  const kept = (value) => {
    try {
      return value === undefined ? localStorage.getItem("mlrg-code") : localStorage.setItem("mlrg-code", value);
    } catch {
      return null;
    }
  };
  function codeSwitch() {
    const bar = document.querySelector(".article-header-buttons");
    const cells = [...document.querySelectorAll(".bd-article .cell_input")];
    if (!bar || !cells.some((cell) => !cell.closest("details, .solution, .exercise + .cell"))) return;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn mlrg-code", textContent: "Code" });
    const show = (open) => {
      document.documentElement.dataset.code = open ? "open" : "closed";
      button.setAttribute("aria-pressed", open);
      button.title = open ? "Hide the code of the page" : "Show the code of the page";
    };
    button.onclick = () => {
      // What is read stays where it is, by us and not by the browser as well.
      document.body.style.overflowAnchor = "none";
      requestAnimationFrame(() => requestAnimationFrame(() => document.body.style.overflowAnchor = ""));
      const read = [...document.querySelectorAll(".bd-article :is(p, h2, h3, li, .cell_output)")]
        .find((element) => element.getBoundingClientRect().top > 60);
      const top = read?.getBoundingClientRect().top;
      const open = document.documentElement.dataset.code !== "open";
      show(open);
      kept(open ? "open" : "closed");
      if (read) scrollBy({ top: read.getBoundingClientRect().top - top, behavior: "instant" });
    };
    show(kept() === "open");
    bar.prepend(button);
  }
  codeSwitch();
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
