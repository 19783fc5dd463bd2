"""Nothing of a page is cut: on a phone, on a desktop and on paper each thing fits its column, whatever the fonts."""

import json
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.site

ROOT = Path(__file__).resolve().parents[1]
PAGES = re.findall(r"(?:root|file): (\S+)", (ROOT / "_toc.yml").read_text("utf8"))
FAULTS, INK, CARDS = ((ROOT / "tests" / name).read_text("utf8") for name in ("fits.js", "fits_ink.js", "fits_cards.js"))
A4 = 687  # pixels between the margins of tools that print 14 mm of them; the browsers' own are smaller
WORDS = ("constructor", "__proto__", "ising constructor", "-constructor", "toString", "hasOwnProperty", "(", "\\")

UNFOLD = """async () => {
  await window.MathJax?.startup?.promise;
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  for (const fold of document.querySelectorAll(".toggle-hidden")) fold.classList.remove("toggle-hidden");
  await window.mlrgDrawAll?.();
}"""
FIGURES_HAVE_FOLLOWED = """() => [...document.querySelectorAll(".mlrg-plotly .main-svg")]
  .every((svg) => svg.clientWidth <= svg.closest(".mlrg-plotly").clientWidth)"""


@pytest.fixture
def patient_page(open_page):
    """A page opener without haste: a loaded machine is slow, and that is not what is asked here."""

    def opener(**options):
        page = open_page(**options)
        page.set_default_timeout(600_000)
        return page

    return opener


@pytest.mark.parametrize("name", PAGES)
def test_everything_fits(patient_page, site, name):
    """One visit in the dark theme; print is light all the same."""
    page = patient_page(color_scheme="dark")
    page.goto(f"{site}{name}.html")
    page.evaluate(UNFOLD)
    faults = []
    for medium, width in (("screen", 1280), ("screen", 360), ("screen", 320), ("print", A4)):
        page.emulate_media(media=medium)
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(FIGURES_HAVE_FOLLOWED)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        faults += [f"{medium} {width}: {fault}" for fault in page.evaluate(FAULTS, medium == "print")]
    page.wait_for_function("() => document.documentElement.dataset.theme === 'light'")
    faults += [f"print: {fault}" for fault in page.evaluate(INK)]
    page.emulate_media(media="screen")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    assert not faults, "\n".join(faults[:30])


def test_what_does_not_fit_is_seen(patient_page, site):
    page = patient_page(width=360)
    page.goto(f"{site}book/crash_course/rbm.html")
    page.evaluate(UNFOLD)
    assert page.evaluate(FAULTS, False) == []
    page.evaluate("""() => {
      for (const part of document.querySelectorAll("mjx-part, mjx-piece")) part.style.whiteSpace = "nowrap";
      const table = document.querySelector("article table");
      Object.assign(table.style, { overflowWrap: "anywhere", width: "6rem", tableLayout: "fixed" });
      document.querySelector("article p mjx-mi").remove();
      document.querySelector("article .cell_output pre").parentElement.style.cssText = "width: 3rem; overflow: hidden";
    }""")
    found = "\n".join(page.evaluate(FAULTS, True))
    for wanted in ("outside the column", "number lies on", "is broken over", "spoken differ", "cut by"):
        assert wanted in found, wanted


def test_figures_are_as_wide_as_the_paper_while_they_are_printed(patient_page, site):
    page = patient_page(width=1920, color_scheme="dark")
    page.goto(f"{site}book/crash_course/pca.html")
    page.evaluate(UNFOLD)
    graphs = "[...document.querySelectorAll('.mlrg-plotly-graph')].map((g) => g._fullLayout)"
    look = f"{graphs}.map((layout) => [layout.width, layout.font.color])"
    before = page.evaluate(look)
    page.evaluate(f"addEventListener('beforeprint', () => requestAnimationFrame(() => {{ window.printed = {look} }}))")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function("() => window.printed")
    assert {(width <= A4, colour) for width, colour in page.evaluate("printed")} == {(True, "#23272b")}
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.wait_for_function(f"() => JSON.stringify({look}) === {json.dumps(json.dumps(before, separators=(',', ':')))}")


@pytest.mark.parametrize("width", [360, 1280])
def test_every_hover_card_fits(patient_page, site, width):
    """All that a link of the book may show, each in a card as hovercards.js makes it."""
    page = patient_page(width=width, height=740)
    page.goto(f"{site}book/crash_course/rbm.html")
    page.evaluate(UNFOLD)
    page.add_script_tag(url=f"{site}_static/previews.js")
    found = page.evaluate(CARDS)
    assert found["n"] > 150
    assert found["bad"] == []


@pytest.mark.parametrize("word", WORDS)
def test_any_word_can_be_searched_for(patient_page, site, word):
    page = patient_page()
    page.goto(f"{site}search.html?q=")
    box = page.locator("article input[name=q], main input[name=q]").first
    box.fill(word)
    box.press("Enter")
    page.wait_for_function("() => /match/.test(document.querySelector('#search-results')?.textContent)")
    assert page.locator("#search-results li", has_text="undefined").count() == 0


def test_the_site_is_served_whole_by_hosts_that_hide_underscores(site_folder):
    assert (site_folder / ".nojekyll").exists()
