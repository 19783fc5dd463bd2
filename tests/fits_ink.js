// What would be too pale on white paper, or print a dark ground. A browser prints no backgrounds unless it is told to.
(() => {
  function luminance(colour) {
    const linear = (x) => (x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    const [r, g, b, alpha = 1] = colour.match(/[\d.]+/g).map((x, i) => (i < 3 ? linear(x / 255) : Number(x)));
    return alpha * (0.2126 * r + 0.7152 * g + 0.0722 * b) + 1 - alpha; // over white
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
    if ((text || element.localName === "mjx-c") && ink !== "none" && 1.05 / (luminance(ink) + 0.05) < 3) {
      found.add(`pale ${ink}: ${about}`);
    }
    if (luminance(backgroundColor) < 0.6) found.add(`dark ground ${backgroundColor}: ${about}`);
  }
  return [...found];
});
