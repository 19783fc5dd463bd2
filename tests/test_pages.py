"""Every page of the built site, visited once: silent, drawn, light, legible, its sliders at work; light and dark."""

import contextlib
import gzip
import sys
import urllib.parse
from pathlib import Path

import axe
import pytest
from built_site import SITE, book_pages, undrawn
from test_fits import PAGES

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book/_ext"))
import plotly_bundle

pytestmark = pytest.mark.site

# plotly apart, whose bundle is the small one wherever a package registry of JavaScript can be asked
FIRST_VISIT_RAW = 2_400_000
FIRST_VISIT_GZIP = 700_000
PLOTLY_RAW = 1_600_000
DRAWN = "([figure, place, value]) => figure.dataset.frame?.split(',')[place] === value"
# All that the page has, from the cache of the pages before it or not.
FETCHED = "performance.getEntriesByType('resource').map((entry) => entry.name)"
DATA = "graph => JSON.stringify(graph.data)"
# Thousands of alike entries take the checker minutes: of the reference one page stands for all.
WITH_AXE = [name for name in book_pages(SITE) if "/api/" not in name or name.endswith("datasets.html")]


@contextlib.contextmanager
def responses(page, urls: set[str]):
    """Put what a page is answered into a set, what its workers ask for included."""

    def note(response):
        urls.add(response.url)

    page.on("response", note)
    yield
    page.remove_listener("response", note)


def weight(urls: set[str], site: str, folder) -> tuple[int, int]:
    """Return what a first visit fetches besides plotly, in bytes and in bytes compressed as most hosts do."""
    own = (urllib.parse.unquote(urllib.parse.urlsplit(url).path).lstrip("/") for url in urls if url.startswith(site))
    bodies = [
        (folder / name).read_bytes() for name in own if (folder / name).is_file() and not name.endswith("plotly.min.js")
    ]
    return sum(map(len, bodies)), sum(len(gzip.compress(body, 6)) for body in bodies)


def stuck_sliders(page) -> list[str]:
    """Return the sliders of precomputed figures whose two ends do not show different pictures."""
    found = []
    for figure in page.locator(".mlrg-plotly:has(.mlrg-sliders)").all():
        graph = figure.locator(".mlrg-plotly-graph")
        for place, slider in enumerate(figure.locator("input[type=range]").all()):
            pictures = []
            for key in ("Home", "End"):
                slider.focus()
                before = slider.input_value()
                page.keyboard.press(key)
                wanted = slider.input_value()
                if wanted != before:
                    page.wait_for_function(DRAWN, arg=[figure.element_handle(), place, wanted])
                pictures.append(graph.evaluate(DATA))
            label = slider.evaluate("e => e.parentElement.textContent")
            if pictures[0] == pictures[1]:
                found.append(f"{label} changes nothing")
            if not slider.get_attribute("aria-valuetext"):
                found.append(f"{label} says no value")
    return found


def serious(page, only: list[str]) -> list:
    violations = axe.findings(page, only=only)
    bad = [v for v in violations if v["impact"] in ("serious", "critical")]
    return [(v["id"], [node["target"] for node in v["nodes"]][:9]) for v in bad]


@pytest.mark.parametrize("name", book_pages(SITE))
def test_page(desk, site, site_folder, name):
    page, urls, faults = desk, set(), {}
    with responses(page, urls):
        page.goto(site + name)
        page.evaluate("window.mlrgDrawAll && window.mlrgDrawAll()")
        page.wait_for_load_state("networkidle")
    urls.update(page.evaluate(FETCHED))
    faults["not drawn"] = undrawn(page)
    raw, compressed = weight(urls, site, site_folder)
    heavy = raw > FIRST_VISIT_RAW or compressed > FIRST_VISIT_GZIP
    faults["too heavy"] = [(raw, compressed)] if heavy else []
    faults["sliders"] = stuck_sliders(page)
    if name in WITH_AXE:
        faults["axe, light"] = serious(page, [])
        page.emulate_media(color_scheme="dark")
        page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
        faults["axe, contrast in dark"] = serious(page, ["color-contrast"])
    assert not {kind: found for kind, found in faults.items() if found}


def test_plotly_is_the_small_bundle_in_the_version_of_the_package():
    assert plotly_bundle.version_of(plotly_bundle.WHOLE) == plotly_bundle.VERSION, "fetch the bundle of this version"
    if not plotly_bundle.SMALL.exists():
        pytest.skip("the small bundle could not be fetched when the environment was made")
    shipped = SITE / "_static/plotly.min.js"
    assert plotly_bundle.version_of(shipped) == plotly_bundle.VERSION
    assert shipped.stat().st_size < PLOTLY_RAW
    for kind in plotly_bundle.TRACES:
        assert f'name:"{kind}",basePlotModule' in shipped.read_text(encoding="utf8"), kind


def test_each_page_is_also_opened_from_its_file():
    """By test_fits.py, which goes by the table of contents."""
    assert {f"{name}.html" for name in PAGES} == set(book_pages(SITE))


def test_what_is_too_pale_is_seen_among_what_looks_alike(open_page, site):
    """One word of many in another ink, on another ground or half gone, and what lies on something else by its place."""
    page = open_page(reduced_motion="reduce")
    page.goto(site + "book/licences.html")
    page.evaluate("""() => {
      const words = [...document.querySelectorAll("article td")].slice(-5);
      words.forEach((word, k) => { word.id = `pale-${k}`; word.textContent = "some words"; });
      words[0].style.color = "#bbb";
      words[1].style.background = "#777";
      words[2].style.opacity = 0.4;
      words[3].style.position = "relative";
      words[3].innerHTML = `<b style="position: absolute; inset: 0; background: #666"></b>
        <i id="pale-on" style="position: absolute; inset: 0">some words</i>`;
    }""")
    found = str(serious(page, ["color-contrast"]))
    assert [name for name in ("pale-0", "pale-1", "pale-2", "pale-on", "pale-4") if name in found] == [
        "pale-0", "pale-1", "pale-2", "pale-on",
    ]  # fmt: skip
