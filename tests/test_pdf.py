"""The printed book: numbered pages, bookmarks down to the sections, links that stay inside, figures drawn."""

import io
import sys
import unicodedata
from pathlib import Path

import pytest

pytestmark = pytest.mark.site

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book/_tools"))
import pdf  # noqa: E402
from pypdf import PdfReader  # noqa: E402

FILES = [
    (None, "book/notation"),
    ("Connecting RG with PCA", "book/rg_and_pca/pca_rg"),
    ("Reference", "book/bibliography"),
]


@pytest.fixture(scope="module")
def printed(site_folder, browser) -> PdfReader:
    with pdf.served(site_folder) as base, pdf.printer(browser) as page:
        writer = pdf.make(page, base, FILES)
    stream = io.BytesIO()
    writer.write(stream)
    return PdfReader(stream)


OUTSIDE = """() => [...document.querySelectorAll(".mlrg-plotly .main-svg, .cell_output img, .cell_output canvas")]
  .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).length"""


def words(sheet) -> str:
    """The words of a page; a font's ligatures (one sign for "fl") are letters again."""
    return " ".join(unicodedata.normalize("NFKC", sheet.extract_text()).split())


def last_words(sheet) -> list[str]:
    return words(sheet).split()[-1:]


def test_every_page_has_its_number(printed):
    assert [last_words(sheet) for sheet in printed.pages] == [[str(k + 1)] for k in range(len(printed.pages))]


def test_bookmarks_nest_and_say_where_the_contents_say(printed):
    found = [
        (depth, item.title, printed.get_destination_page_number(item)) for depth, item in pdf.flat(printed.outline)
    ]
    first = {title: (depth, number) for depth, title, number in reversed(found)}
    assert first["Contents"] == (0, 0)
    chapter = first["PCA with a momentum flavour"]
    assert chapter[0] == 1
    assert first["Connecting RG with PCA"] == (0, chapter[1])
    assert first["Exercises"][0] == 2
    assert first["Exercises"][1] > chapter[1]
    assert f"PCA with a momentum flavour {chapter[1] + 1}" in words(printed.pages[0])
    assert [number for _, _, number in found] == sorted(number for _, _, number in found)


def test_links_stay_inside_or_lead_to_the_world(printed):
    notes = [note.get_object() for sheet in printed.pages for note in sheet.get("/Annots", ())]
    assert not [note for note in notes if "127.0.0.1" in str(note.get("/A", {}).get("/URI", ""))]
    jumps = [note["/Dest"] for note in notes if "/Dest" in note]
    assert len(jumps) >= 10
    numbers = [printed.get_page_number(jump[0].get_object()) for jump in jumps]
    assert None not in numbers
    (start,) = (
        printed.get_destination_page_number(i) for _, i in pdf.flat(printed.outline) if i.title == "Bibliography"
    )
    assert len({number for number in numbers if number >= start}) > 1, "citations do not find their entries"


def test_the_chapter_is_printed_whole(printed):
    text = " ".join(map(words, printed.pages))
    for wanted in ("simulation", "fraction of modes kept", "Solution", "Going further"):
        assert wanted in text


MARK = """() => { for (const heading of document.querySelectorAll("article :is(h1, h2, h3, h4, dt)")) {
  heading.querySelector(".headerlink")?.remove();
  heading.prepend("\u27e6");
  heading.append("\u27e7"); } }"""


@pytest.mark.parametrize("name", ["book/glossary", "book/found", "book/essay_annotated"])
def test_no_heading_is_apart_from_what_it_is_above(site_folder, browser, name):
    with pdf.served(site_folder) as base, pdf.printer(browser) as page:
        page.goto(f"{base}{name}.html")
        page.evaluate("() => window.MathJax?.startup?.promise.then(() => true)")
        page.evaluate(MARK)
        margin = dict.fromkeys(("top", "bottom", "left", "right"), "10mm")
        printed = PdfReader(io.BytesIO(page.pdf(format="A4", margin=margin)))
    for number, sheet in enumerate(printed.pages[:-1], 1):
        heights = []  # above the foot of the sheet, of every piece of text
        sheet.extract_text(
            visitor_text=lambda text, cm, tm, *_, found=heights: (
                text.strip() and found.append((tm[4] * cm[1] + tm[5] * cm[3] + cm[5], text))
            )
        )
        marks = "".join(text for _, text in heights)
        assert marks.count("\u27e6") == marks.count("\u27e7"), f"page {number}: a heading is broken"
        ends = [height for height, text in heights if "\u27e7" in text]
        assert not ends or min(heights)[0] < min(ends) - 5, f"page {number}: a heading at the foot"


def test_no_figure_is_wider_than_the_paper(site_folder, browser):
    with pdf.served(site_folder) as base, pdf.printer(browser) as page:
        millimetres = 210 - sum(int(pdf.MARGIN[side].removesuffix("mm")) for side in ("left", "right"))
        assert page.viewport_size["width"] <= millimetres * 96 / 25.4
        for _, file in FILES:
            pdf.print_page(page, f"{base}{file}.html")
            assert page.evaluate(OUTSIDE) == 0
