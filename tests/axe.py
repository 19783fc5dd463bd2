"""Accessibility findings of every page of the built site, in light and dark: a table to read, not a test.

    python tests/axe.py [word ...]     pages whose address has one of the words; all of them by default

All figures are drawn and all folds are open. The tests run the same checker on the chapters (``make site-test``).
"""

import functools
import http.server
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import browser
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

SITE = Path(__file__).resolve().parents[1] / "_build/html"
SCRIPT = AXE_SCRIPT + Path(__file__).with_name("axe_alike.js").read_text("utf8")
IMPACTS = ("critical", "serious", "moderate", "minor")
PREPARE = """async () => {
  if (window.MathJax?.startup) await MathJax.startup.promise;
  document.documentElement.dataset.code = "open";
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  for (const fold of document.querySelectorAll(".toggle-hidden")) fold.classList.remove("toggle-hidden");
  if (window.mlrgDrawAll) mlrgDrawAll();
  const still = document.createElement("style"); // opened folds fade in, and half faded is low in contrast
  still.textContent = "* { animation: none !important; transition: none !important }";
  document.head.append(still);
  dispatchEvent(new Event("resize")); // as the page itself does when a reader opens a fold
}"""


def findings(page, only: Sequence[str] = ()) -> list[dict]:
    """Return what axe finds on a page that is open, figures drawn and folds open; by all rules or by some only."""
    page.evaluate(PREPARE)
    rules = {"runOnly": list(only)} if only else {}
    options = {"preload": False, "resultTypes": ["violations"], **rules}  # passing nodes by the thousand take minutes
    return Axe(SCRIPT).run(page, options=options).response["violations"]


def pages(words: list[str]) -> list[str]:
    names = sorted(path.relative_to(SITE).as_posix() for path in (SITE / "book").rglob("*.html"))
    names += ["search.html", "genindex.html"]
    return [name for name in names if not words or any(word in name for word in words)]


def main(words: list[str]) -> int:
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(SITE))
    handler.func.log_message = lambda *_: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    total = dict.fromkeys(IMPACTS, 0)
    print(f"{'page':44} {'theme':6}", *(f"{impact:>9}" for impact in IMPACTS))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=list(browser.ARGUMENTS))
        for name in pages(words):
            for theme in ("light", "dark"):
                page = chromium.new_page(viewport={"width": 1280, "height": 900}, color_scheme=theme)
                page.set_default_timeout(600_000)
                page.goto(f"http://127.0.0.1:{server.server_port}/{name}")
                found = findings(page)
                counts = [sum(len(v["nodes"]) for v in found if v["impact"] == impact) for impact in IMPACTS]
                total = {impact: total[impact] + count for impact, count in zip(IMPACTS, counts, strict=True)}
                print(f"{name:44} {theme:6}", *(f"{count:9}" for count in counts), flush=True)
                for v in found:
                    print(f"    {v['impact']}: {v['id']}, {v['help']}: {v['nodes'][0]['target']}")
                page.close()
        chromium.close()
    server.shutdown()
    print("together:", ", ".join(f"{count} {impact}" for impact, count in total.items()))
    return bool(total["critical"] or total["serious"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
