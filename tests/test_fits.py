"""Nothing of a page is cut: on a phone, on a desktop and on paper each thing fits its column, whatever the fonts."""

import json
import re
from pathlib import Path

import pytest
from built_site import undrawn

pytestmark = pytest.mark.site

ROOT = Path(__file__).resolve().parents[1]
PAGES = re.findall(r"(?:root|file): (\S+)", (ROOT / "_toc.yml").read_text("utf8"))
FAULTS, INK, CARDS = ((ROOT / "tests" / name).read_text("utf8") for name in ("fits.js", "fits_ink.js", "fits_cards.js"))
A4 = 687  # pixels between the margins of tools that print 14 mm of them; the browsers' own are smaller
A4_TALL = 1016  # and between 14 mm above and below
WORDS = ("constructor", "__proto__", "ising constructor", "-constructor", "toString", "hasOwnProperty", "(", "\\")

UNFOLD = """async () => {
  await window.MathJax?.startup?.promise;
  document.documentElement.dataset.code = "open";
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  for (const fold of document.querySelectorAll(".toggle-hidden")) fold.classList.remove("toggle-hidden");
  await window.mlrgDrawAll?.();
}"""
# The figures have followed the window, the theme the medium, and the letters are those that stay.
SETTLED = """(theme) => document.fonts.status === "loaded" && document.documentElement.dataset.theme === theme &&
  [...document.querySelectorAll(".mlrg-plotly .main-svg")]
    .every((svg) => svg.clientWidth <= svg.closest(".mlrg-plotly").clientWidth)"""
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture
def visit(desk, site):
    """A function that goes to a page in the dark theme, in a window of some size, and unfolds what is folded."""
    desk.emulate_media(media="screen", color_scheme="dark")

    def opener(name, *, base=site, width=1280, height=900, unfold=True):
        desk.set_viewport_size({"width": width, "height": height})
        desk.goto(base + name)
        if unfold:
            desk.evaluate(UNFOLD)
        return desk

    return opener


def fit(page, medium, width):
    """Resize the page and wait until it has followed."""
    page.emulate_media(media=medium)
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_function(SETTLED, arg="light" if medium == "print" else "dark")
    page.evaluate(FRAMES)


@pytest.mark.parametrize("name", PAGES)
def test_everything_fits(visit, site_folder, name):
    """One visit in the dark theme, ever narrower, so that what does not follow is seen; print is light all the same.
    The page is opened from its file, and silent and whole there, too."""
    page = visit(f"{name}.html", base=f"{site_folder.as_uri()}/")
    faults = [f"not drawn: {figure}" for figure in undrawn(page)]
    for medium, width in (("screen", 1280), ("print", A4), ("screen", 360), ("screen", 320)):
        fit(page, medium, width)
        found = page.evaluate(FAULTS, medium == "print") + (page.evaluate(INK) if medium == "print" else [])
        faults += [f"{medium} {width}: {fault}" for fault in found]
    assert not faults, "\n".join(faults[:30])


def test_what_does_not_fit_is_seen(visit):
    page = visit("book/crash_course/rbm.html")
    fit(page, "screen", 360)
    assert page.evaluate(FAULTS, False) == []
    page.evaluate("""() => {
      for (const part of document.querySelectorAll("mjx-part, mjx-piece")) part.style.whiteSpace = "nowrap";
      const table = document.querySelector("article table");
      Object.assign(table.style, { overflowWrap: "anywhere", width: "6rem", tableLayout: "fixed" });
      document.querySelector("article p mjx-mi").remove();
      document.querySelector("article .cell_output pre").parentElement.style.cssText = "width: 3rem; overflow: hidden";
      document.querySelectorAll("article .cell_output pre")[1].style.setProperty("font-size", "7px", "important");
    }""")
    page.emulate_media(media="print")
    found = "\n".join(page.evaluate(FAULTS, True))
    kinds = ("outside the column", "number lies on", "is broken over", "spoken differ", "cut by", "lines printed in")
    for wanted in (*kinds, "printed in 7px"):
        assert wanted in found, wanted


def test_words_of_a_picture_that_are_cut_or_lie_on_each_other_are_seen(visit):
    page = visit("book/crash_course/renormalization.html")
    fit(page, "screen", 360)
    assert page.evaluate(FAULTS, False) == []
    page.evaluate("""() => {
      const first = document.querySelector(".mlrg-plotly-graph");
      Plotly.relayout(first, { "title.text": "A title that is longer than the picture of a phone is wide" });
      for (const k of [1, 2]) Plotly.relayout(first, { [`annotations[${k}].text`]: "blocks of 2 by 2 spins" });
    }""")
    found = "\n".join(page.evaluate(FAULTS, False))
    assert "outside the picture: text.gtitle" in found
    assert '"blocks of 2 by 2 spins" lies on' in found


def test_what_is_too_pale_on_paper_is_seen(visit):
    """White words on a dark mark of a figure can be read; on the paper itself, or on a pale mark, they cannot."""
    page = visit("book/rg_and_rbm/mapping.html")
    fit(page, "print", A4)
    assert page.evaluate(INK) == []
    texts = "[...document.querySelectorAll('.mlrg-plotly .textpoint text')]"
    assert page.evaluate(f"() => {texts}.filter((t) => t.style.fill === 'rgb(255, 255, 255)').length") == 8
    page.evaluate("""() => {
      for (const mark of document.querySelectorAll(".mlrg-plotly .point")) mark.style.fill = "#ffeecc";
      document.querySelector(".mlrg-plotly .xtitle").style.fill = "#fff";
      document.querySelector("article p").style.color = "#ddd";
      document.querySelector("article pre").style.background = "#222";
    }""")
    found = "\n".join(page.evaluate(INK))
    white = [f"pale rgb(255, 255, 255): text.{words}" for words in (*(f" {k}" for k in range(1, 9)), "xtitle")]
    for wanted in (*white, "pale rgb(221, 221, 221): p.", "dark ground rgb(34, 34, 34): pre."):
        assert wanted in found, wanted


def test_figures_are_no_larger_than_the_paper_while_they_are_printed(visit):
    page = visit("book/performance.html", width=1920)
    graphs = "[...document.querySelectorAll('.mlrg-plotly-graph')].map((g) => g._fullLayout)"
    look = f"{graphs}.map((layout) => [layout.width, layout.height, layout.font.color])"
    before = page.evaluate(look)
    assert max(height for _, height, _ in before) > A4_TALL
    page.evaluate(f"addEventListener('beforeprint', () => requestAnimationFrame(() => {{ window.printed = {look} }}))")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function("() => window.printed")
    printed = page.evaluate("printed")
    assert max(width for width, _, _ in printed) <= A4
    assert max(height for _, height, _ in printed) <= A4_TALL
    assert {colour for _, _, colour in printed} == {"#23272b"}
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.wait_for_function(f"() => JSON.stringify({look}) === {json.dumps(json.dumps(before, separators=(',', ':')))}")


def test_a_figure_that_was_printed_in_a_fold_fits_when_the_fold_opens(visit):
    page = visit("book/crash_course/pca.html", unfold=False)
    hidden = "[...document.querySelectorAll('.toggle-hidden .mlrg-plotly')]"
    page.evaluate(f"async () => {{ window.folded = {hidden}; dispatchEvent(new Event('beforeprint')); }}")
    page.wait_for_function("() => folded.length && folded.every((figure) => figure.dataset.state === 'ready')")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.evaluate(UNFOLD)
    page.wait_for_function("""() => folded.map((figure) => figure.querySelector(".mlrg-plotly-graph"))
      .every((graph) => Math.abs(graph._fullLayout.width - graph.clientWidth) <= 1)""")


def test_every_hover_card_fits(visit, site):
    """All that a link of the book may show, each in a card as hovercards.js makes it."""
    page = visit("book/crash_course/rbm.html", height=740, unfold=False)
    page.add_script_tag(url=f"{site}_static/previews.js")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        found = page.evaluate(CARDS)
        assert found["n"] > 150
        assert found["bad"] == [], width


@pytest.mark.parametrize("word", WORDS)
def test_any_word_can_be_searched_for(visit, word):
    page = visit("search.html?q=", unfold=False)
    box = page.locator("article input[name=q], main input[name=q]").first
    box.fill(word)
    box.press("Enter")
    page.wait_for_function("() => /match/.test(document.querySelector('#search-results')?.textContent)")
    assert page.locator("#search-results li", has_text="undefined").count() == 0


def test_the_site_is_served_whole_by_hosts_that_hide_underscores(site_folder):
    assert (site_folder / ".nojekyll").exists()
