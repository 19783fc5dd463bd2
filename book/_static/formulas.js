// Formulas that fit any column. MathJax 3 sets a formula on one line; here it is cut into pieces, and the browser ends
// lines between them, on a phone, on paper, in a card: first before relations, sums and differences, and where a piece
// is too long for a line of its own, within short brackets, before big operators and behind a slash.
(() => {
  const OPEN = ["28", "5B", "7B", "27E8"];
  const CLOSE = ["29", "5D", "7D", "27E9"];
  const PLUS_MINUS = ["2B", "2212", "B1"];
  const SHORT = 16; // glyphs between brackets
  const STUB = 5; // glyphs that would stand alone on the first line
  const [READILY, AT_NEED] = [2, 1];

  const is = (node, ...names) => names.includes(node?.localName);
  const glyphs = (nodes) => nodes.reduce((sum, node) => sum + node.querySelectorAll("mjx-c").length, 0);
  const isOperator = (node) => is(node, "mjx-mo") || (is(node, "mjx-texatom") && is(node.firstElementChild, "mjx-mo"));
  const says = (node, symbols) =>
    isOperator(node) && symbols.includes(node.querySelector("mjx-c")?.className.match(/mjx-c([0-9A-F]+)/)?.[1]);

  function blank(node) {
    const inner = is(node, "mjx-mstyle") && node.childElementCount === 1 ? node.firstElementChild : node;
    return (is(inner, "mjx-mspace") && parseFloat(inner.style.width)) || 0;
  }

  // Stretched brackets and styles hold their content in an element of their own, in which no line could end.
  function flatten(node) {
    const inner = [...node.children];
    const opens = is(node, "mjx-mrow") || (is(node, "mjx-texatom", "mjx-mstyle") && inner.length > 1);
    if (!opens || node.hasAttribute("size")) return [node];
    if (node.hasAttribute("space")) inner[0]?.setAttribute("space", node.getAttribute("space"));
    return inner.flatMap(flatten);
  }

  function inShortBrackets(nodes) {
    const [open, found] = [[], new Set()];
    nodes.forEach((node, i) => {
      if (says(node, OPEN)) open.push(i + 1);
      if (!says(node, CLOSE) || !open.length) return;
      const inside = nodes.slice(open.pop(), i);
      if (glyphs(inside) < SHORT) inside.forEach((e) => found.add(e));
    });
    return found;
  }

  // Where a line may begin. TeX's classes are gone from the output, but not its spaces: thick before a relation,
  // medium before a binary plus. What follows a relation has a thick space before it too.
  function breaks(nodes) {
    const [ranks, short] = [new Map(), inShortBrackets(nodes)];
    let relation;
    nodes.forEach((node, i) => {
      const [before, space] = [nodes[i - 1], Number(node.getAttribute("space"))];
      const relates = is(node, "mjx-mo") && space === 4 && before !== relation;
      if (relates) relation = node;
      if (!before) return;
      if (relates || (space === 3 && says(node, PLUS_MINUS))) ranks.set(node, short.has(node) ? AT_NEED : READILY);
      const sums = is(node, "mjx-munder", "mjx-munderover") && node.querySelector(".mjx-lop") && !isOperator(before);
      if (!ranks.has(node) && (sums || says(before, ["2F"]))) ranks.set(node, AT_NEED);
    });
    return ranks;
  }

  function wrap(name, nodes) {
    const element = document.createElement(name);
    element.append(...nodes);
    return element;
  }

  function pieces(nodes, ranks, rank) {
    if (!rank) return nodes;
    const found = [];
    for (const node of nodes) {
      const stub = found.length === 1 && glyphs(found[0]) < STUB;
      if (!found.length || (ranks.get(node) >= rank && !stub)) found.push([]);
      found.at(-1).push(node);
    }
    const inner = found.map((piece) => pieces(piece, ranks, rank - 1));
    return inner.length > 1 ? inner.map((piece) => wrap("mjx-piece", piece)) : inner[0];
  }

  // Wide spaces divide a line into parts, each a formula of its own; an arrow alone stays with what follows it.
  function cut(line) {
    const nodes = [...line.children].flatMap(flatten);
    const ranks = breaks(nodes);
    const parts = [[]];
    for (const node of nodes) {
      const part = parts.at(-1);
      const arrow = part.length === 1 && ranks.has(part[0]);
      if (blank(node) < 1 || !part.length || arrow) part.push(node);
      else parts.push(blank(node), []);
    }
    if (parts.length === 1 && !ranks.size) return;
    line.replaceChildren(...parts.map((part) => {
      if (typeof part !== "number") return wrap("mjx-part", pieces(part, ranks, READILY));
      const gap = wrap("mjx-gap", [" "]); // a space vanishes where its line ends
      gap.style.wordSpacing = `${part - 0.25}em`;
      return gap;
    }));
  }

  function fit(root) {
    for (const line of root.querySelectorAll("mjx-math, mjx-mtd")) {
      if (!line.querySelector("mjx-mtable, mjx-part")) cut(line);
    }
  }

  // A line may end behind and before whatever is a block of its own, even between a formula and its comma.
  const [BEFORE, AFTER] = [/[([“‘]+$/, /^[-,.;:!?)\]’”%]+/];

  function bind(root) {
    const host = root.closest("span.math") ?? root, [before, after] = [host.previousSibling, host.nextSibling];
    const [opening] = (before?.nodeType === 3 && before.data.match(BEFORE)) || [""];
    const [closing] = (after?.nodeType === 3 && after.data.match(AFTER)) || [""];
    if (root.getAttribute("display") === "true" || !(opening || closing)) return;
    const bound = document.createElement("span");
    bound.className = "mlrg-bound";
    host.before(bound);
    if (opening) before.data = before.data.slice(0, -opening.length);
    if (closing) after.data = after.data.slice(closing.length);
    bound.append(opening, host, closing);
    let last = root.querySelector("mjx-math");
    while (is(last?.lastElementChild, "mjx-part", "mjx-piece")) last = last.lastElementChild;
    if (is(last, "mjx-piece")) {
      const parent = last.parentElement;
      parent.append(wrap("mjx-last", [last]));
    }
  }

  window.MathJax ??= {};
  window.MathJax.options = {
    ...window.MathJax.options, // 190: when a formula is typeset (150) and not yet in the page (200)
    renderActions: {
      fit: [190, (doc) => {
        for (const math of doc.math) if (math.typesetRoot) fit(math.typesetRoot);
      }, (math) => fit(math.typesetRoot)],
      bind: [210, (doc) => {
        for (const math of doc.math) if (math.typesetRoot) bind(math.typesetRoot);
      }, (math) => bind(math.typesetRoot)],
    },
  };
})();
