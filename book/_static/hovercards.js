// Hover cards: a link to a term, a reference or an equation shows it without leaving the page.
// The texts are one script, loaded at the first hover, so that a page opened from a file has them too.
(() => {
  const root = new URL(document.documentElement.dataset.content_root || "./", location.href);
  const WANTED = /#(equation-|term-)|bibliography\.html#/;
  let texts, card, owner, timer;

  function load() {
    texts ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL("_static/previews.js", root).href;
      script.onload = () => resolve(window.mlrgPreviews);
      script.onerror = reject;
      document.head.append(script);
    });
    return texts;
  }

  function key(link) {
    const target = new URL(link.href, location.href);
    return decodeURIComponent(target.href.slice(root.href.length));
  }

  function close() {
    clearTimeout(timer);
    card?.remove();
    owner?.removeAttribute("aria-describedby");
    card = owner = undefined;
  }

  function later(action, wait) {
    clearTimeout(timer);
    timer = setTimeout(action, wait);
  }

  async function open(link) {
    if (owner === link) return;
    const text = (await load())[key(link)];
    close();
    if (!text) return;
    owner = link;
    card = document.createElement("div");
    card.className = "mlrg-card";
    card.id = "mlrg-card";
    card.setAttribute("role", "tooltip");
    card.innerHTML = text;
    card.addEventListener("pointerenter", () => clearTimeout(timer));
    card.addEventListener("pointerleave", () => later(close, 150));
    document.body.append(card);
    link.removeAttribute("title"); // the card says it, and more
    link.setAttribute("aria-describedby", card.id);
    const shown = card;
    await window.MathJax?.typesetPromise?.([card]);
    if (card === shown) place(link);
  }

  // Below the link or, where the window ends, above it if there is room; never beyond the window's edges.
  function spot(at, [width, height], [wide, high]) {
    const below = at.bottom + height + 8 < high || at.top < height + 8;
    const left = Math.max(8, Math.min(at.left, wide - width - 8));
    return { left, top: below ? at.bottom + 6 : at.top - height - 6 };
  }

  function place(link) {
    const view = [document.documentElement.clientWidth, innerHeight];
    const { left, top } = spot(link.getClientRects()[0], [card.offsetWidth, card.offsetHeight], view);
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${top + scrollY}px`;
    card.dataset.placed = "true";
  }

  const link = (event) => {
    const found = event.target.closest?.("a.reference.internal");
    return found && WANTED.test(found.href) ? found : undefined;
  };
  document.addEventListener("pointerover", (event) => {
    const found = event.pointerType === "mouse" && link(event);
    if (found) later(() => open(found), 200);
  });
  document.addEventListener("pointerout", (event) => link(event) && later(close, 250));
  document.addEventListener("focusin", (event) => {
    const found = link(event);
    if (found?.matches(":focus-visible")) later(() => open(found), 200);
  });
  document.addEventListener("focusout", (event) => link(event) && later(close, 100));
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
})();
