// What of the shown page does not fit its column, as a list of strings. Evaluated in the page by test_fits.py.
((paper) => {
  const LEAVES = "mjx-c, mjx-line, mjx-stretchy-h, mjx-stretchy-v, svg, img, canvas, input, button, select";
  const PARTS = "mjx-stretchy-h *, mjx-stretchy-v *, svg *, .mlrg-hidden, .visually-hidden, mjx-assistive-mml *";
  const article = document.querySelector("article");
  const style = getComputedStyle(article);
  const frame = article.getBoundingClientRect();
  const column = {
    left: frame.left + parseFloat(style.paddingLeft),
    right: frame.right - parseFloat(style.paddingRight),
  };
  const range = document.createRange();
  const faults = [];

  const about = (element) => {
    const place = element.closest("[id]")?.id ?? "";
    return `${element.localName}.${element.className.baseVal ?? element.className} in #${place}: ${
      element.textContent.trim().slice(0, 50)
    }`;
  };
  const say = (what, element) => faults.push(`${what}: ${about(element)}`);
  const beyond = (box, { left, right }) => Math.max(left - box.left, box.right - right);

  // The elements around one that cut what sticks out of them, or make the reader scroll for it.
  const clippers = new Map();
  function clips(element) {
    if (element === article || !element) return [];
    if (!clippers.has(element)) {
      const cuts = !["visible"].includes(getComputedStyle(element).overflowX);
      clippers.set(element, [...(cuts ? [element] : []), ...clips(element.parentElement)]);
    }
    return clippers.get(element);
  }
  // Code may be scrolled on a screen, and a table if the keyboard reaches it and it has a name.
  const scrollable = (element) =>
    !paper &&
    (element.localName === "pre" ||
      (element.matches(".mlrg-wide > div") && element.tabIndex === 0 && element.ariaLabel));

  const forEarsOnly = (element) => element.clientHeight <= 1;

  function check(box, element) {
    if (!box.width || !box.height) return;
    const around = clips(element);
    if (around.some(forEarsOnly)) return;
    const narrow = around.find((e) => beyond(box, inner(e)) > 1.5);
    if (narrow && scrollable(narrow)) return;
    if (narrow) {
      say(`cut by ${narrow.localName}.${narrow.className}, ${beyond(box, inner(narrow)).toFixed(0)} px`, element);
    } else if (beyond(box, column) > 1.5) say(`${beyond(box, column).toFixed(0)} px outside the column`, element);
  }
  function inner(element) {
    const box = element.getBoundingClientRect();
    return { left: box.left + element.clientLeft, right: box.left + element.clientLeft + element.clientWidth };
  }

  for (const element of article.querySelectorAll(LEAVES)) {
    if (!element.matches(PARTS) && element.checkVisibility({ visibilityProperty: true })) {
      check(element.getBoundingClientRect(), element);
    }
  }
  const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  for (let text; (text = texts.nextNode());) {
    const parent = text.parentElement;
    if (
      !text.data.trim() || parent.closest(`script, style, noscript, ${PARTS}`) ||
      !parent.checkVisibility({ visibilityProperty: true })
    ) continue;
    for (const box of boxes(text, parent)) check(box, parent);
    if (parent.closest("table") && !clips(parent).some(forEarsOnly)) words(text, parent);
  }

  // Where lines of code are broken the spaces before a break hang out of the box, and nobody sees them.
  function* boxes(text, parent) {
    const parts = getComputedStyle(parent).whiteSpace === "pre-wrap"
      ? [...text.data.matchAll(/\S+/g)]
      : [{ index: 0, 0: text.data }];
    for (const { index, 0: part } of parts) {
      range.setStart(text, index);
      range.setEnd(text, index + part.length);
      yield* range.getClientRects();
    }
  }

  // A word, a number or a name ends on the line it began on; <wbr> ends a text node, and so a word.
  function words(text, parent) {
    for (const word of text.data.matchAll(/[^\s\u2010-\u2015/-]+/g)) {
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const tops = new Set([...range.getClientRects()].filter((r) => r.width).map((r) => Math.round(r.top)));
      if (tops.size > 1) say(`"${word[0]}" is broken over ${tops.size} lines`, parent);
    }
  }

  for (const formula of article.querySelectorAll("mjx-container")) {
    const symbols = (root, prefix) =>
      [...root.querySelectorAll(["mi", "mn", "mo", "mtext"].map((name) => prefix + name))]
        .filter((symbol) => !symbol.closest("mjx-surd")).length; // the sign of a root, which MathML does not spell
    const spoken = formula.querySelector("mjx-assistive-mml");
    if (symbols(formula, "mjx-") !== symbols(spoken, "")) say("the formula shown and the one spoken differ", formula);
  }
  for (const number of article.querySelectorAll(".eqno")) {
    const own = number.getBoundingClientRect();
    const touches = [...number.parentElement.querySelectorAll("mjx-c")].some((glyph) => {
      const box = glyph.getBoundingClientRect();
      return box.right > own.left && box.left < own.right && box.bottom > own.top && box.top < own.bottom;
    });
    if (touches) say("the number lies on the formula", number.parentElement);
  }
  // Where the letters of a text of a picture are. Its own box is as tall as the font's line, two ems in some fonts.
  function inked(text) {
    const box = text.getBoundingClientRect();
    const matrix = text.getScreenCTM();
    if (!box.width || Math.abs(matrix.b) > 1e-6 || !text.getNumberOfChars()) return box;
    const baseline = (k) => new DOMPoint(0, text.getStartPositionOfChar(k).y).matrixTransform(matrix).y;
    const em = parseFloat(getComputedStyle(text).fontSize) * matrix.d;
    const top = Math.max(box.top, baseline(0) - 0.9 * em);
    const bottom = Math.min(box.bottom, baseline(text.getNumberOfChars() - 1) + 0.3 * em);
    return new DOMRect(box.left, top, box.width, bottom - top);
  }
  // The words of a picture: it cuts what sticks out, and a title, a note or a name may lie on another.
  for (const picture of document.querySelectorAll(".mlrg-plotly-graph")) {
    const frame = picture.querySelector(".main-svg").getBoundingClientRect();
    const texts = [...picture.querySelectorAll("svg text")].filter((text) => text.textContent.trim());
    const placed = texts.map((text) => ({ text, box: inked(text) }));
    for (const { text, box } of placed) {
      const out = Math.max(beyond(box, frame), frame.top - box.top, box.bottom - frame.bottom);
      if (box.width && out > 1.5) say(`${out.toFixed(0)} px outside the picture`, text);
    }
    const said = placed.filter(({ text }) => text.closest(".infolayer") && !text.closest(".legend"));
    said.forEach(({ text, box }, k) => {
      for (const { text: other, box: b } of said.slice(k + 1)) {
        const wide = Math.min(box.right, b.right) - Math.max(box.left, b.left);
        const high = Math.min(box.bottom, b.bottom) - Math.max(box.top, b.top);
        if (wide > 2 && high > 3) say(`"${other.textContent.trim()}" lies on`, text);
      }
    });
  }
  // Pictures beside each other are no stamps, and end where the figure ends.
  for (const picture of document.querySelectorAll(".mlrg-plotly-graph")) {
    const axes = Object.entries(picture._fullLayout).filter(([name]) => /^xaxis\d*$/.test(name));
    if (paper || innerWidth > 400 || axes.length < 2 || axes.some(([, axis]) => axis.visible)) continue;
    const shown = [...picture.querySelectorAll(".hm image")].map((image) => image.getBoundingClientRect());
    const small = Math.min(...shown.map((box) => box.width)), bottom = (e) => e.getBoundingClientRect().bottom;
    if (small < 70) say(`a picture of ${small.toFixed(0)} px`, picture);
    const empty = bottom(picture) - Math.max(...shown.map((box) => box.bottom)) +
      bottom(picture.parentElement) - bottom(picture.parentElement.lastElementChild);
    if (empty > 20) say(`${empty.toFixed(0)} px of nothing below`, picture);
  }
  // Whatever a slider says, it stays where it is.
  for (const output of document.querySelectorAll(".mlrg-sliders output")) {
    const [label, shown] = [output.closest("label"), output.textContent];
    const place = () => JSON.stringify(label.querySelector("input").getBoundingClientRect());
    const before = place(),
      { explore } = JSON.parse(
        output.closest(".mlrg-plotly").querySelector('script[type="application/json"]').textContent,
      ).layout.meta;
    for (const value of explore[[...label.parentElement.children].indexOf(label)].values) {
      output.textContent = value;
      if (place() !== before) say(`moved by "${value}"`, label);
    }
    output.textContent = shown;
  }
  // What follows a formula without a space is on its last line, and a name in code is whole where there is room.
  for (const formula of article.querySelectorAll("mjx-container:not([display])")) {
    const text = (formula.closest("span.math") ?? formula).nextSibling;
    const last = [...formula.querySelectorAll("mjx-c")].at(-1)?.getBoundingClientRect();
    if (!last?.width || text?.nodeType !== 3 || !/^[,.;:!?)]/.test(text.data)) continue;
    range.setStart(text, 0);
    range.setEnd(text, 1);
    if (range.getBoundingClientRect().left < last.left) say(`"${text.data[0]}" begins a line`, formula.parentElement);
  }
  for (const name of paper || innerWidth <= 600 ? [] : article.querySelectorAll("table code .pre")) {
    if (!name.querySelector("wbr")) continue;
    range.selectNodeContents(name);
    const tops = new Set([...range.getClientRects()].filter((r) => r.width).map((r) => Math.round(r.top)));
    if (tops.size > 1) say("a name is broken", name);
  }
  // On paper what a cell prints keeps its lines, for its columns stand below each other, in letters that can be read.
  for (const printed of paper ? article.querySelectorAll(".cell_output pre") : []) {
    const { fontSize, lineHeight } = getComputedStyle(printed);
    const lines = printed.textContent.trimEnd().split("\n").length;
    range.selectNodeContents(printed);
    const shown = range.getBoundingClientRect().height / parseFloat(lineHeight);
    if (printed.checkVisibility() && Math.round(shown) > lines) {
      say(`${lines} lines printed in ${shown.toFixed(1)}`, printed);
    }
    if (parseFloat(fontSize) < 8) say(`printed in ${fontSize}`, printed);
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  if (!paper && scrollWidth > clientWidth) faults.push(`the page scrolls sideways by ${scrollWidth - clientWidth} px`);
  return [...new Set(faults)];
});
