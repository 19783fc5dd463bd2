"""The built site in a real browser: self-contained, silent, legible, light; sliders that move the picture."""

import fnmatch
import html.parser
import re
import sys
import urllib.parse
from pathlib import Path

import pytest
from built_site import book_pages, pages

pytestmark = pytest.mark.site

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book/_tools"))
import course  # noqa: E402


class Links(html.parser.HTMLParser):
    """The ids, internal links and foreign assets of one page."""

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.assets = set(), [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids |= {attributes[key] for key in ("id", "name") if attributes.get(key)}
        for key in ("href", "src"):
            target = attributes.get(key)
            if target is None or target.startswith(("mailto:", "data:", "javascript:")):
                continue
            if target.startswith(("http:", "https:", "//")):
                if tag in ("script", "img", "iframe") or (
                    tag == "link" and attributes.get("rel") in ("stylesheet", "preload")
                ):
                    self.assets.append(target)
            else:
                self.links.append(target)


def test_every_internal_link_resolves_and_no_asset_is_foreign(site_folder):
    parsed = {}
    for page in pages(site_folder):
        parsed[page] = Links()
        parsed[page].feed(page.read_text(encoding="utf8"))
    broken = []
    for page, found in parsed.items():
        assert not found.assets, (page, found.assets)
        for link in found.links:
            parts = urllib.parse.urlsplit(link)
            target = (page.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else page
            lost_id = target in parsed and parts.fragment and parts.fragment not in parsed[target].ids
            if not target.exists() or lost_id:
                broken.append((page.name, link))
    assert not broken


def test_the_source_of_a_name_leads_back_to_it(site_folder):
    broken = []
    for page in (site_folder / "_modules").rglob("*.html"):
        for link in re.findall(r'viewcode-back" href="([^"]+)"', page.read_text("utf8")):
            path, _, name = link.partition("#")
            if f'id="{name}"' not in (page.parent / path).read_text("utf8"):
                broken.append((page.name, link))
    assert not broken


def test_labels_of_cards_hold_no_formula_that_nothing_typesets(site_folder):
    labels = {
        label for page in pages(site_folder) for label in re.findall(r'data-column="([^"]*)"', page.read_text("utf8"))
    }
    assert "a ferromagnet at inverse temperature β" in labels
    assert not [label for label in labels if "\\" in label or "$" in label]


def test_only_notebooks_that_run_anywhere_are_given_to_readers(site_folder):
    """Each asks for nothing but the library and the results beside it."""
    for path in (site_folder / "run").rglob("*.ipynb"):
        text = path.read_text(encoding="utf8")
        assert "from benchmarks" not in text, path.name
        for name in re.findall(r"results/([\w.-]+\.(?:json|npz))", text):
            assert (site_folder / "run/results" / name).exists(), (path.name, name)


def test_dark_mode_repaints_figures(open_page, site, site_folder):
    name = next(
        n for n in book_pages(site_folder) if 'class="mlrg-plotly"' in (site_folder / n).read_text(encoding="utf8")
    )
    page = open_page(color_scheme="dark")
    page.goto(site + name)
    page.evaluate("window.mlrgDrawAll()")
    assert page.evaluate("document.querySelector('.mlrg-plotly-graph')._fullLayout.font.color") == "#e4e6e8"
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.wait_for_function("() => document.querySelector('.mlrg-plotly-graph')._fullLayout.font.color === '#23272b'")


@pytest.mark.parametrize("how", ["served", "file"])
def test_search_finds_the_ising_chapter(open_page, site, site_folder, how):
    base = site if how == "served" else site_folder.as_uri() + "/"
    page = open_page()
    page.goto(base + "search.html?q=Onsager")
    page.wait_for_selector("#search-results ul.search li a")
    assert page.locator("#search-results ul.search li a", has_text="Ising").count() >= 1


@pytest.mark.parametrize("how", ["served", "file"])
def test_hover_cards_show_what_a_link_leads_to(open_page, site, site_folder, how):
    base = site if how == "served" else site_folder.as_uri() + "/"
    page = open_page(height=800)
    page.goto(base + "book/crash_course/rbm.html")
    card = page.locator("#mlrg-card[data-placed]")
    for target, shown in (("#equation-eq-rbm-conditional", "mjx-container"), ("bibliography.html#", "em")):
        link = page.locator(f'article a.reference.internal[href*="{target}"]').first
        link.scroll_into_view_if_needed()
        link.hover()
        card.wait_for()
        assert card.locator(shown).count() >= 1
        box = card.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1280
        page.mouse.move(2, 2)
        card.wait_for(state="detached")
    page.goto(base + "book/crash_course/pca.html")
    term = page.locator('a.reference.internal[href*="#term-"]').first
    page.keyboard.press("Tab")  # so that focus counts as the keyboard's
    term.focus()
    card.wait_for()
    assert term.get_attribute("aria-describedby") == "mlrg-card"
    page.keyboard.press("Escape")
    card.wait_for(state="detached")


CODE = """() => [...document.querySelectorAll(".bd-article .cell_input")].map((cell) =>
  [!cell.closest(".exercise + .cell, .solution .cell"), cell.checkVisibility()])"""


def test_the_code_of_a_page_has_one_switch_that_is_remembered(open_page, browser, site, site_folder):
    """Closed at first but for the stubs of exercises; on paper, and where no script runs, it is there."""
    page = open_page()
    page.goto(site + "book/crash_course/pca.html")

    def shown(of_chapter=True):
        return [visible for chapter, visible in page.evaluate(CODE) if chapter == of_chapter]

    assert not any(shown())
    assert any(shown(False))
    switch = page.get_by_role("button", name="Code", exact=True)
    assert switch.get_attribute("aria-pressed") == "false"
    moved = page.evaluate("""() => {
      const read = [...document.querySelectorAll("article p")].filter((p) => p.checkVisibility()).at(30);
      scrollTo({ top: scrollY + read.getBoundingClientRect().top - 80, behavior: "instant" });
      const place = () => [read.getBoundingClientRect().top, scrollY];
      const before = place();
      document.querySelector(".mlrg-code").click();
      return place().map((now, k) => now - before[k]);
    }""")
    assert abs(moved[0]) < 2  # what is read stays where it is
    assert moved[1] > 100  # though code has opened above it
    assert any(shown())
    page.goto(site + "book/crash_course/ising.html")
    assert switch.get_attribute("aria-pressed") == "true"
    assert any(shown())
    switch.click()
    assert not any(shown())
    page.emulate_media(media="print")
    assert any(shown())
    page.emulate_media(media="screen")
    page.goto(site + "book/glossary.html")
    assert switch.count() == 0
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "book/crash_course/pca.html")
    assert page.locator(".bd-article > section .cell:not(.solution .cell) > .cell_input:visible").count() > 5
    context.close()


def test_an_exercise_that_nobody_can_answer_here_is_not_marked(open_page, site):
    page = open_page()
    page.goto(site + "book/crash_course/pca.html")
    said = page.get_by_text("Not yet.")
    assert said.count() > 3
    assert not any(verdict.is_visible() for verdict in said.all())


def test_every_page_has_a_policy_that_bites(browser, site, site_folder):
    for page in pages(site_folder):
        text = page.read_text(encoding="utf8")
        if page.name == "index.html" and "<script" not in text:
            continue  # the redirection to the first page
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
        assert policy, page
        scripts = re.search(r"script-src ([^;]*)", policy[1])[1]
        assert "unsafe-inline" not in scripts
        assert "'unsafe-eval'" not in scripts
        assert not re.search(r"<[a-z]+[^>]* on[a-z]+=", text), page
    page = browser.new_page()
    page.goto(site + "book/intro.html")
    page.evaluate("() => document.head.append(Object.assign(document.createElement('script'), {text: 'bad = 1'}))")
    assert page.evaluate("typeof bad") == "undefined"
    with pytest.raises(Exception, match="fetch"):
        page.evaluate("() => fetch('http://127.0.0.1:9/')")
    page.close()


def test_the_licence_of_everything_shipped_is_listed(site_folder):
    table = (Path(__file__).parents[1] / "book/licences.md").read_text(encoding="utf8")
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    patterns = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    own = {path.name for path in (Path(__file__).parents[1] / "book/_static").iterdir()}
    chapters = [path.relative_to(ROOT / "book").with_suffix(".js").as_posix() for path in course.in_order()]
    own |= {"mlrg-live.js", "previews.js"} | {f"notebooks/{path}" for path in chapters}
    static = site_folder / "_static"
    shipped = {path.relative_to(static).as_posix() for path in static.rglob("*") if path.is_file()} - own
    covers = {p: {f for f in shipped if fnmatch.fnmatch(f, p + "*" if p.endswith("/") else p)} for p in patterns}
    assert not shipped - set().union(*covers.values())
    assert not [pattern for pattern, files in covers.items() if not files]


def test_chapters_say_a_minute_at_most(site_folder):
    """Prints both, for reading. What a chapter says was measured on one quiet machine; this one may be another."""
    seconds = course.executed(site_folder.parent / ".jupyter_cache")
    stated = {course.name(path): course.stated_seconds(path) for path in course.in_order()}
    for name, limit in stated.items():
        print(f"{name:36} says {limit:3} s, this build {seconds[name]:6.1f} s")
    print(f"{'together':36} says {sum(stated.values()):3} s, this build {sum(seconds.values()):6.1f} s")
    assert max(stated.values()) <= 60
