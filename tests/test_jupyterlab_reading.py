"""Each chapter opened in JupyterLab, without any extension, shows what its page on the site shows."""

import json
import posixpath
import re
import sys
import urllib.parse
from pathlib import Path

import lab
import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.site

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "book/_ext"), str(ROOT / "book/_tools")]
import notebooks  # noqa: E402
import readers  # noqa: E402
import readers_code  # noqa: E402

CHAPTERS = [path.relative_to(notebooks.BOOK).as_posix() for path in notebooks.chapters()]
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook"
TEXTS = f"{PANEL} .jp-MarkdownCell .jp-RenderedMarkdown"
TYPESET = """(selector) => {
  const texts = [...document.querySelectorAll(selector)];
  const raw = (node) => node.nodeType === 3 ? node.data.includes('$')
    : !['CODE', 'PRE'].includes(node.tagName) && [...node.childNodes].some(raw);
  const cells = window.jupyterapp.shell.currentWidget.content.widgets.filter((cell) => cell.model.type === 'markdown');
  return texts.length === cells.length && texts.every((text) => text.textContent.trim() && !raw(text));
}"""
PROSE = """(selector) => [...document.querySelectorAll(selector)].map((e) => {
  const copy = e.cloneNode(true);
  copy.querySelectorAll('mjx-container, .jp-InternalAnchorLink').forEach((part) => part.remove());
  return copy.textContent;
}).join('\\n')"""
FORMULAS = """(selector) => [...document.querySelectorAll(selector)].map(
  (e) => e.querySelector('mjx-assistive-mml').textContent.replace(/\\s+/g, ' ').trim().replaceAll('∥', '‖'))"""
PAGES_FORMULAS = """() => [...document.querySelectorAll('article .math mjx-container')].map((e) => {
  const number = e.closest('.math').querySelector('.eqno')?.textContent.replace('#', '') ?? '';
  return number + e.querySelector('mjx-assistive-mml').textContent.replace(/\\s+/g, ' ').trim();
})"""
LINKS = """(selector) => [...document.querySelectorAll(selector)].flatMap((e) => [...e.querySelectorAll('a')])
  .filter((a) => !a.classList.contains('jp-InternalAnchorLink')).map((a) => {
    const copy = a.cloneNode(true);
    copy.querySelectorAll('mjx-container').forEach((part) => part.remove());
    return [copy.textContent, a.getAttribute('href')];
  })"""
SEEN = """(e) => {
  const box = e.getBoundingClientRect(), frame = e.closest('.jp-WindowedPanel-outer').getBoundingClientRect();
  return box.top >= frame.top - 2 && box.top < frame.bottom;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory, site_folder):
    return lab.working_folder(tmp_path_factory.mktemp("reader"), site_folder)


@pytest.fixture(scope="module")
def jupyterlab(browser, tmp_path_factory, folder):
    """JupyterLab at the book's first page, without the extensions that look for widgets in a kernel."""
    state = tmp_path_factory.mktemp("lab")
    with lab.serve(folder, state, without=("@jupyter-widgets/jupyterlab-manager", "anywidget")) as address:
        context = browser.new_context(viewport={"width": 1400, "height": 1000})
        yield lab.open_notebook(context, address, "intro.ipynb")
        context.close()


def show(page, name):
    """Show a notebook, all its formulas typeset."""
    lab.show(page, name)
    lab.until(page, TYPESET, TEXTS)


def plain(text: str) -> str:
    """Return text without spaces, and without what differs by intent."""
    text = re.sub(r"\s+", "", text).replace("’", "'")
    text = re.sub(r"Solutiontoexercise\d+", "Solution", text)
    return re.sub(r"(Fig\.\d+)\.", r"\1", text)


def prose_of_the_page(html: str) -> str:
    """Return a page's text, the code of its solutions included, without formulas, other code and outputs."""
    article = BeautifulSoup(html, "html.parser").select_one("article")
    for cell in article.select("div.cell"):
        captions = [caption.extract() for caption in cell.select("figcaption")]
        if cell.find_parent(class_="solution"):
            code = readers_code.LINTED.sub("", cell.select_one(".cell_input pre").get_text())
            cell.insert_before(code)
        for caption in captions:
            cell.insert_before(caption)
        cell.extract()
    for part in article.select(".math, .headerlink, script, style"):
        part.extract()
    return article.get_text()


def links_of_the_page(html: str, page_name: str) -> list[str]:
    """Return the words of a page's links, but of those to what is no notebook."""
    article = BeautifulSoup(html, "html.parser").select_one("article")
    for part in article.select(".math, .headerlink"):
        part.extract()
    leads = [(a.get_text(), posixpath.normpath(f"{page_name}/../{a['href']}")) for a in article.select("a[href]")]
    return [plain(text) for text, to in leads if not to.startswith(readers.NO_NOTEBOOK)]


@pytest.fixture(scope="module")
def site_page(browser, site):
    context = browser.new_context()
    context.set_default_timeout(1000 * lab.PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module", params=CHAPTERS)
def name(request, jupyterlab):
    """The name of a chapter that JupyterLab shows."""
    show(jupyterlab, request.param)
    return request.param


def test_a_chapter_shows_what_its_page_shows(jupyterlab, folder, site_folder, site_page, site, name):
    page_name = f"book/{name.removesuffix('.ipynb')}.html"
    html = (site_folder / page_name).read_text("utf8")
    notebook = json.loads((folder / name).read_text("utf8"))
    assert jupyterlab.locator(f"{TEXTS} mjx-merror, {TEXTS} [data-mjx-error]").count() == 0
    prose = jupyterlab.evaluate(PROSE, TEXTS)
    assert not re.search(r"\{[a-z:-]+\}`|:::|^```|^\([a-z-]+\)=$", prose, re.MULTILINE)
    assert plain(prose) == plain(prose_of_the_page(html))

    site_page.goto(site + page_name)
    lab.until(site_page, "() => Boolean(window.MathJax?.startup?.promise)")
    site_page.evaluate("() => window.MathJax.startup.promise")
    assert jupyterlab.evaluate(FORMULAS, f"{TEXTS} mjx-container") == site_page.evaluate(PAGES_FORMULAS)

    folded = jupyterlab.locator(f"{PANEL} .jp-CodeCell:has(.jp-InputPlaceholder)").count()
    assert folded == html.count('class="cell tag_hide-input') + 1  # the cell that fetches the library
    folded = jupyterlab.locator(f"{TEXTS} details:not([open]) > summary").count()
    assert folded == html.count('class="solution ') > 0
    captions = sum(cell["id"].endswith("-caption") for cell in notebook["cells"])
    assert captions == html.count("<figcaption") > 0


def test_links_of_a_chapter_are_the_pages_and_lead_somewhere(jupyterlab, folder, site_folder, name):
    headings = jupyterlab.locator(f"{PANEL} [data-jupyter-id]").evaluate_all("es => es.map(e => e.dataset.jupyterId)")
    links = jupyterlab.evaluate(LINKS, TEXTS)
    page_name = f"book/{name.removesuffix('.ipynb')}.html"
    html = (site_folder / page_name).read_text("utf8")
    assert [plain(text) for text, _ in links] == links_of_the_page(html, page_name)
    lost = []
    for _, link in links:
        url = urllib.parse.urlsplit(link)
        path, fragment = urllib.parse.unquote(url.path), urllib.parse.unquote(url.fragment)
        if link.startswith("#"):
            found = headings.count(fragment) == 1 and fragment == url.fragment  # JupyterLab decodes nothing
        elif "/files/" in path:
            target = folder / path.partition("/files/")[2]
            cells = [cell["id"] for cell in json.loads(target.read_text("utf8"))["cells"]] if target.exists() else []
            found = fragment.removeprefix("cell-id=") in cells if fragment else bool(cells)
        else:
            found = url.scheme == "https"
        if not found:
            lost.append(link)
    assert not lost


def test_solutions_are_folded_and_a_click_opens_them(jupyterlab):
    show(jupyterlab, "crash_course/rbm.ipynb")
    solutions = jupyterlab.locator(f"{TEXTS} details")
    code = solutions.locator("pre")
    assert solutions.count() == 5
    assert code.count() >= 5
    assert not any(block.is_visible() for block in code.all())
    assert jupyterlab.locator(f"{PANEL} .jp-CodeCell", has_text="def field(b, w)").count() == 1, "the stub alone"
    solutions.first.locator("summary").click()
    assert code.first.is_visible()
    assert not code.last.is_visible()


def test_a_click_goes_to_the_heading_or_opens_the_other_notebook(jupyterlab):
    show(jupyterlab, "rg_and_rbm/mapping.ipynb")
    link = jupyterlab.locator(f"{TEXTS} a[href='#One-line-of-algebra']:not(.jp-InternalAnchorLink)").last
    assert re.fullmatch(r"\(\d+\)", link.text_content())
    heading = jupyterlab.locator(f"{PANEL} [data-jupyter-id='One-line-of-algebra']")
    link.scroll_into_view_if_needed()
    assert not heading.evaluate(SEEN)
    link.click()
    lab.until(jupyterlab, SEEN, heading.element_handle())
    link = jupyterlab.locator(f"{TEXTS} a", has_text="What a machine learns").first
    link.click()
    opened = "(path) => window.jupyterapp.shell.currentWidget?.context?.path === path"
    lab.until(jupyterlab, opened, "rg_and_rbm/good_transformations.ipynb")
    other = jupyterlab.locator(f"{PANEL} [data-jupyter-id='What-a-machine-learns']")
    other.wait_for()
    lab.until(jupyterlab, SEEN, other.element_handle())


def test_nothing_was_logged_and_nothing_foreign_asked(jupyterlab):
    assert not jupyterlab.foreign
    assert not jupyterlab.errors
