"""Print the built site to one PDF, figures drawn: _build/companion.pdf, with contents, page numbers and bookmarks.

    python book/_tools/pdf.py

It needs the site (`make book`) and Chromium, which lays the pages out as the reader's browser would. Chromium numbers
each printed page from one again, so the numbers are stamped on when all pages are there. Links from page to page lead
to places in the PDF; those to pages that are left out are taken away.
"""

import contextlib
import functools
import html
import http.server
import io
import sys
import threading
from pathlib import Path

import yaml
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, FloatObject, NameObject, NullObject

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
import browser  # noqa: E402

SITE = ROOT / "_build/html"
TARGET = ROOT / "_build/companion.pdf"
LEFT_OUT = {"book/api"}  # the reference is for looking things up
MARGIN = {"top": "16mm", "bottom": "18mm", "left": "14mm", "right": "14mm"}
TITLE = "Machine Learning and the Renormalization Group"
SHEET = """<!doctype html><html lang="en"><meta charset="utf8"><title>{title}</title><style>
@page {{ size: A4; margin: {margin}; }}
body {{ font: 11pt/1.6 "Open Sans", "Segoe UI", "Helvetica Neue", Arial, sans-serif; margin: 0; color: #222; }}
h1 {{ font-size: 24pt; line-height: 1.2; margin: 20mm 0 0; }} h2 {{ font-size: 11pt; margin: 5mm 0 1mm; }}
ol {{ list-style: none; margin: 0; padding: 0; }} li a {{ display: flex; color: inherit; text-decoration: none; }}
li span {{ flex: 1; }}
.foot {{ height: 297mm; box-sizing: border-box; padding: 284mm 14mm 0; break-after: page; overflow: hidden; }}
.foot {{ display: flex; justify-content: space-between; font-size: 8pt; line-height: 1.2; color: #555; }}
</style>{body}</html>"""


def chapters() -> list[tuple[str | None, str]]:
    """Return (part, file) in the order of the table of contents."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    found = [(None, contents["root"])]
    for part in contents["parts"]:
        found += [(part["caption"], entry["file"]) for entry in part["chapters"]]
    return [(part, file) for part, file in found if file not in LEFT_OUT]


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server of files that does not write a line for each."""

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def served(folder: Path):
    """Serve a folder on the loopback and yield its address."""
    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@contextlib.contextmanager
def printer(chromium):
    """Yield a page of a running Chromium that shows what print would."""
    page = chromium.new_page(
        viewport={"width": 687, "height": 1000}, color_scheme="light"
    )
    page.set_default_timeout(1_200_000)  # of a loaded machine
    page.emulate_media(media="print")
    yield page
    page.close()


HEADINGS = """() => [...document.querySelectorAll("article :is(h1, h2, h3, h4)")].map((heading) => {
  const copy = heading.cloneNode(true);
  copy.querySelectorAll(".headerlink, mjx-math").forEach((e) => e.remove());
  return copy.textContent.replace(/\\s+/g, " ").trim();
})"""


# Chromium keeps the place of an anchor only if the page itself links to it.
ANCHORS = """() => {
  const nav = document.createElement("div");
  nav.style.cssText = "position: absolute; top: 0; width: 1px; height: 1px; overflow: hidden; font-size: 1px";
  for (const e of document.querySelectorAll("article :is(.citation, dt, figure, .math)[id]"))
    nav.append(Object.assign(document.createElement("a"), { href: `#${e.id}`, tabIndex: -1 }));
  document.querySelector("article").append(nav);
}"""


def print_page(page, address: str) -> tuple[list[str], PdfReader]:
    """Return the page's headings and its PDF, with every figure drawn and every solution open."""
    page.goto(address)
    page.evaluate("() => window.MathJax?.startup?.promise.then(() => true)")
    page.evaluate(
        "() => { for (const d of document.querySelectorAll('details:not(.hide)')) d.open = true }"
    )
    page.evaluate("() => window.mlrgDrawAll && window.mlrgDrawAll()")
    page.wait_for_timeout(1500)
    page.evaluate(ANCHORS)
    headings = page.evaluate(HEADINGS)
    body = page.pdf(
        format="A4", margin=MARGIN, print_background=True, outline=True, tagged=True
    )
    return headings, PdfReader(io.BytesIO(body))


def print_sheet(page, body: str, margin: str) -> PdfReader:
    page.set_content(SHEET.format(title=TITLE, body=body, margin=margin))
    return PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))


def contents(page, base: str, rows: list[tuple]) -> PdfReader:
    """Print the table of contents; rows are (part, file, title, number of the first page)."""
    body, last = f"<h1>{html.escape(TITLE)}</h1><p>An interactive companion</p>", None
    for part, file, title, number in rows:
        if part != last:
            body += f"</ol><h2>{html.escape(part)}</h2>"
        body += "<ol>" if part != last or last is None else ""
        link = f'<a href="{base}{file}.html">'
        body += f"<li>{link}<span>{html.escape(title)}</span>{number}</a></li>"
        last = part
    return print_sheet(page, body + "</ol>", "16mm 20mm 18mm")


def stamps(page, feet: list[str]) -> PdfReader:
    """Print one otherwise empty sheet for each page, with its chapter and its number at the foot."""
    rows = (
        f'<div class="foot"><span>{html.escape(foot)}</span><span>{number}</span></div>'
        for number, foot in enumerate(feet, start=1)
    )
    return print_sheet(page, "".join(rows), "0")


def flat(items: list, depth: int = 0) -> list[tuple]:
    """Return (depth, item) for an outline, in the order of the page."""
    found = []
    for item in items:
        found += flat(item, depth + 1) if isinstance(item, list) else [(depth, item)]
    return found


def add_page(writer, reader, headings: list[str], part: str | None, parts: dict):
    """Append a printed page: its bookmark stands below that of its part, and its sections below it.

    Chromium knows where the headings are, but writes some of their texts twice and formulas not at all.
    """
    first = len(writer.pages)
    writer.append(reader, import_outline=False)
    if part and part not in parts:
        parts[part] = writer.add_outline_item(title=part, page_number=first)
    above = [parts.get(part)]
    items = flat(reader.outline)
    names = headings if len(headings) == len(items) else [i.title for _, i in items]
    names[0] = headings[0]
    for (depth, item), text in zip(items, names, strict=True):
        number = first + reader.get_destination_page_number(item)
        above[depth + 1 :] = [
            writer.add_outline_item(title=text, page_number=number, parent=above[depth])
        ]


def destinations(reader, file: str, first: int) -> dict[str, tuple]:
    """Return where the page and its anchors are: (number, left, top) by "file" and "file#anchor"."""
    found = {file: (first, None, None)}
    for name, place in reader.named_destinations.items():
        number = reader.get_destination_page_number(place)
        if number is not None:
            where = (first + number, place.left, place.top)
            found[f"{file}#{name.removeprefix('/')}"] = where
    return found


def redirect_links(writer, base: str, places: dict, files: list[str | None]) -> None:
    """Turn links to the served site into jumps within the PDF, and drop those that lead out of it."""
    for sheet, own in zip(writer.pages, files, strict=True):
        kept = ArrayObject()
        for reference in sheet.get("/Annots", ()):
            note = reference.get_object()
            target, name = str(note.get("/A", {}).get("/URI", "")), note.get("/Dest")
            if isinstance(name, str):
                target = f"{base}{own}.html#{name.removeprefix('/')}"
            if target.startswith(base):
                link = target.removeprefix(base).replace(".html", "")
                place = places.get(link) or places.get(link.partition("#")[0])
                if place is None:
                    continue
                note.pop("/A", None)
                note[NameObject("/Dest")] = jump(writer, *place)
            kept.append(reference)
        sheet[NameObject("/Annots")] = kept


def jump(writer, number: int, left, top) -> ArrayObject:
    there = writer.pages[number].indirect_reference
    if top is None:
        return ArrayObject([there, NameObject("/Fit")])
    corner = [NullObject() if x is None else FloatObject(x) for x in (left, top)]
    return ArrayObject([there, NameObject("/XYZ"), *corner, NullObject()])


def make(page, base: str, files: list[tuple[str | None, str]]) -> PdfWriter:
    """Print the files, behind a table of contents."""
    printed = []
    for part, file in files:
        headings, reader = print_page(page, f"{base}{file}.html")
        printed.append((part, file, headings, reader))
        print(f"{headings[0]}: {len(reader.pages)} pages", flush=True)

    def rows(first: int) -> list[tuple]:
        found = []
        for part, file, headings, reader in printed:
            found.append((part, file, headings[0], first))
            first += len(reader.pages)
        return found

    n_front = len(contents(page, base, rows(1)).pages)
    listed = rows(n_front + 1)
    writer, parts = PdfWriter(), {}
    writer.append(contents(page, base, listed), outline_item="Contents")
    feet, sheets, places = [TITLE] * n_front, [None] * n_front, {}
    for part, file, headings, reader in printed:
        places |= destinations(reader, file, len(writer.pages))
        sheets += [file] * len(reader.pages)
        add_page(writer, reader, headings, part, parts)
        feet += [headings[0]] * len(reader.pages)
    redirect_links(writer, base, places, sheets)
    numbers = stamps(page, feet)
    for sheet, stamp in zip(writer.pages, numbers.pages, strict=True):
        sheet.merge_page(stamp)
    writer.add_metadata({"/Title": f"{TITLE}: an interactive companion"})
    writer.root_object[NameObject("/PageMode")] = NameObject("/UseOutlines")
    writer.compress_identical_objects()
    return writer


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
    with served(SITE) as base, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=list(browser.ARGUMENTS)
        )
        with printer(chromium) as page:
            writer = make(page, base, chapters())
        chromium.close()
    with TARGET.open("wb") as stream:
        writer.write(stream)
    print(
        f"{TARGET.relative_to(ROOT)}: {len(writer.pages)} pages, {TARGET.stat().st_size / 1e6:.1f} MB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
