"""Print the built site to one PDF, figures drawn: _build/companion.pdf, chapters in order with bookmarks.

    python book/_tools/pdf.py

It needs the site (`make book`) and Chromium, which lays the pages out as the reader's browser would.
"""

import functools
import http.server
import io
import sys
import threading
from pathlib import Path

import yaml
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
import browser  # noqa: E402

SITE = ROOT / "_build/html"
TARGET = ROOT / "_build/companion.pdf"
LEFT_OUT = {"book/api"}  # the reference is for looking things up
MARGIN = {"top": "16mm", "bottom": "18mm", "left": "14mm", "right": "14mm"}
FOOTER = (
    '<div style="width:100%;font-size:8px;text-align:center;color:#666">'
    '<span class="title"></span></div>'
)


def chapters() -> list[tuple[str | None, str]]:
    """Return (part, file) in the order of the table of contents."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    found = [(None, contents["root"])]
    for part in contents["parts"]:
        found += [(part["caption"], entry["file"]) for entry in part["chapters"]]
    return [(part, file) for part, file in found if file not in LEFT_OUT]


def print_page(page, address: str) -> tuple[str, bytes]:
    """Return the page's title and its PDF, with every figure drawn and every solution open."""
    page.goto(address)
    page.evaluate("() => window.MathJax?.startup?.promise.then(() => true)")
    page.evaluate(
        "() => { for (const d of document.querySelectorAll('details:not(.hide)')) d.open = true }"
    )
    page.evaluate("() => window.mlrgDrawAll && window.mlrgDrawAll()")
    page.wait_for_timeout(1500)
    title = page.locator("h1").first.inner_text().rstrip("#").strip()
    return title, page.pdf(
        format="A4", margin=MARGIN, print_background=True, display_header_footer=True,
        header_template="<span></span>", footer_template=FOOTER,
    )  # fmt: skip


def main() -> int:
    if not (SITE / "index.html").exists():
        print("The site is not built: run `make book` first.", file=sys.stderr)
        return 1
    path = browser.find()
    if path is None:
        print(
            "No Chromium found: run tests/browser.py, which says what to do.",
            file=sys.stderr,
        )
        return 1
    handler = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(SITE)
    )
    handler.func.log_message = lambda *_: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    writer, parts = PdfWriter(), {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=list(browser.ARGUMENTS)
        )
        page = chromium.new_page(
            viewport={"width": 800, "height": 1100}, color_scheme="light"
        )
        page.emulate_media(media="print")
        for part, file in chapters():
            title, body = print_page(
                page, f"http://127.0.0.1:{server.server_port}/{file}.html"
            )
            first = len(writer.pages)
            writer.append(PdfReader(io.BytesIO(body)), import_outline=False)
            if part and part not in parts:
                parts[part] = writer.add_outline_item(title=part, page_number=first)
            writer.add_outline_item(
                title=title, page_number=first, parent=parts.get(part)
            )
            print(f"{title}: {len(writer.pages) - first} pages", flush=True)
        chromium.close()
    server.shutdown()
    writer.add_metadata(
        {
            "/Title": "Machine Learning and the Renormalization Group: an interactive companion"
        }
    )
    writer.compress_identical_objects()
    with TARGET.open("wb") as stream:
        writer.write(stream)
    print(
        f"{TARGET.relative_to(ROOT)}: {len(writer.pages)} pages, {TARGET.stat().st_size / 1e6:.1f} MB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
