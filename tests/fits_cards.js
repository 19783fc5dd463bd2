// Every text a hover card can have, each in a card as hovercards.js makes it: how many, and which do not fit.
(async () => {
  const cards = Object.entries(window.mlrgPreviews).map(([key, text]) => {
    const card = Object.assign(document.createElement("div"), { className: "mlrg-card", innerHTML: text });
    card.dataset.placed = card.dataset.key = key;
    return card;
  });
  document.body.append(...cards);
  await window.MathJax.typesetPromise(cards);
  const hidden = "mjx-stretchy-h *, mjx-stretchy-v *, mjx-assistive-mml *";
  function fits(card) {
    const box = card.getBoundingClientRect();
    const inside = [...card.querySelectorAll("mjx-c, mjx-line, p, em, code")].filter((e) => !e.matches(hidden));
    const kept = inside.map((e) => e.getBoundingClientRect()).every((e) =>
      e.left >= box.left - 1 && e.right <= box.right + 1
    );
    return kept && card.scrollWidth <= card.clientWidth && box.width <= innerWidth - 16 &&
      !card.textContent.includes("\\(");
  }
  const bad = cards.filter((card) => !fits(card)).map((card) => card.dataset.key);
  for (const card of cards) card.remove();
  return { n: cards.length, bad };
});
