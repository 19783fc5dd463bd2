// A chapter's notebook, downloaded: its first cell learns where the site is, its links lead to the site's pages.
// And the places on pages that depend on the site's own address, or on that of a reader's JupyterHub.
(() => {
  const site = new URL(document.documentElement.dataset.content_root, location.href).href;
  const text = (cell) => [].concat(cell.source).join("");

  // The source of a cell that knows where the site is: by its name in code, by links to its pages in text.
  const sited = (cell, links) => {
    if (cell.cell_type === "code") return text(cell).replace('SITE = r""', () => `SITE = r"${site}"`);
    const lead = (all, before, to) => (to in links ? before + site + links[to] : all);
    return text(cell).replace(/(\]\(<?|href=")([^()\s"<>]+)/g, lead);
  };

  const load = (source) =>
    new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: source, onload: resolve, onerror: reject });
      document.head.append(script);
    });

  // A script, since a page that was opened from a disk may load scripts but not read files.
  const notebook = async (path) => {
    await load(`${site}_static/notebooks/${path.replace(/\.ipynb$/, ".js")}`);
    const found = structuredClone(window.mlrgNotebook);
    const links = found.metadata.companion?.links ?? {};
    for (const cell of found.cells) cell.source = sited(cell, links);
    return JSON.stringify(found, null, 1);
  };

  const save = (name, content) => {
    const blob = new Blob([content], { type: "application/x-ipynb+json" });
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };

  for (const button of document.querySelectorAll("a.btn-download-notebook-button")) {
    button.removeAttribute("target");
    const path = button.href.slice(`${site}run/`.length);
    button.addEventListener("click", (event) => {
      event.preventDefault();
      notebook(path).then(
        (content) => save(path.split("/").pop(), content),
        () => (location.href = button.href), // the plain file, whose first cell asks for the site
      );
    });
  }

  for (const code of document.querySelectorAll("article pre")) {
    if (code.textContent.includes("https://THIS-SITE/")) {
      code.textContent = code.textContent.replace("https://THIS-SITE/", () => site);
    }
  }

  const hub = (typed) => {
    try {
      const url = new URL(typed.includes("://") ? typed : `https://${typed}`);
      return url.protocol.startsWith("http") ? url.origin + url.pathname.replace(/\/(hub|user)\b.*$|\/+$/, "") : "";
    } catch {
      return ""; // not an address yet
    }
  };

  const labelled = (name, element) => {
    const label = Object.assign(document.createElement("label"), { textContent: `${name} ` });
    label.append(element);
    return label;
  };

  for (const mark of document.querySelectorAll(".mlrg-hub")) {
    const address = Object.assign(document.createElement("input"), {
      type: "url",
      placeholder: "https://hub.example.edu",
    });
    const chapter = document.createElement("select");
    for (const [title, link] of JSON.parse(mark.dataset.chapters)) chapter.append(new Option(title, link));
    const link = Object.assign(document.createElement("a"), { target: "_blank", rel: "noopener" });
    mark.append(labelled("Your hub's address", address), labelled("Chapter", chapter), link);
    mark.addEventListener("input", () => {
      const found = hub(address.value.trim());
      link.textContent = found && found + chapter.value;
      if (found) link.href = link.textContent;
      else link.removeAttribute("href");
    });
  }
})();
