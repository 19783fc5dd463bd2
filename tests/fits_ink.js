// What would be too pale on white paper, or print a dark ground. A browser prints no backgrounds unless it is told to;
// what a picture paints it prints, and words may lie on that.
(() => {
  function luminance(colour) {
    const linear = (x) => (x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    const [r, g, b, alpha = 1] = colour.match(/[\d.]+/g).map((x, i) => (i < 3 ? linear(x / 255) : Number(x)));
    return alpha * (0.2126 * r + 0.7152 * g + 0.0722 * b) + 1 - alpha; // over white
  }
  const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  // The light of what is painted under the middle of an SVG text: the last shape there, or the paper.
  function under(text) {
    const box = text.getBoundingClientRect();
    const middle = new DOMPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    const shapes = [...text.closest("svg").querySelectorAll("path, rect, circle")].filter((shape) => {
      const { fill, fillOpacity, opacity } = getComputedStyle(shape);
      const before = shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;
      const opaque = fill !== "none" && fillOpacity * opacity > 0.9;
      return before && opaque && shape.isPointInFill(middle.matrixTransform(shape.getScreenCTM().inverse()));
    });
    return shapes.length ? luminance(getComputedStyle(shapes.at(-1)).fill) : 1;
  }
  const found = new Set();
  for (const element of document.querySelectorAll("article, article *")) {
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const { color, fill, backgroundColor } = getComputedStyle(element);
    const about = `${element.localName}.${element.className.baseVal ?? element.className} ${
      element.textContent.trim().slice(0, 30)
    }`;
    const text = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const ink = element.closest("svg") ? fill : color;
    const pale = (ground) => contrast(luminance(ink), ground) < 3;
    if (
      (text || element.localName === "mjx-c") && ink !== "none" && pale(1) &&
      !(element.closest("svg") && !pale(under(element)))
    ) found.add(`pale ${ink}: ${about}`);
    if (luminance(backgroundColor) < 0.6) found.add(`dark ground ${backgroundColor}: ${about}`);
  }
  return [...found];
});
