"""Binder, Colab and JupyterHub by one setting: the right links with it, and without it a page that says what to do."""

import datetime
import html.parser
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "book/_tools"), str(ROOT / "book/_ext")]
import colophon  # noqa: E402
import launch  # noqa: E402
import notebooks  # noqa: E402

PAGE = "book/crash_course/ising"
ADDRESS = "https://github.com/someone/companion"
BINDER = "https://mybinder.org/v2/%s/notebooks?urlpath=lab/tree/crash_course/ising.ipynb"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", {}),
        (
            f"{ADDRESS}/",
            {
                "Binder": BINDER % "gh/someone/companion",
                "Colab": "https://colab.research.google.com/github/someone/companion/blob/notebooks/crash_course/ising.ipynb",
            },
        ),
        ("https://gitlab.com/a/group/b.git", {"Binder": BINDER % "gl/a%2Fgroup%2Fb"}),
        ("https://git.example.org/a/b", {"Binder": BINDER % "git/https%3A%2F%2Fgit.example.org%2Fa%2Fb"}),
    ],
)
def test_links_of_each_kind_of_host(address, expected):
    assert launch.links(address, PAGE) == expected


def test_a_hub_is_asked_to_fetch_the_branch_and_to_open_the_chapter():
    assert launch.hub_link(f"{ADDRESS}.git", PAGE) == (
        "/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fsomeone%2Fcompanion&branch=notebooks"
        "&urlpath=lab%2Ftree%2Fcompanion%2Fcrash_course%2Fising.ipynb"
    )


@pytest.mark.parametrize(
    "address",
    ["someone/companion", "https://github.com/", "https://github.com/someone", "git@x:a/b", f"{ADDRESS}/tree/main"],
)
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ValueError, match="companion_repository must look like https://host/owner/name, got"):
        launch.links(address, PAGE)


def test_the_first_cell_knows_the_repository_the_folder_and_what_the_chapter_reads():
    code = launch.cell(ADDRESS, "book/rg_and_pca/momentum_shell")
    assert f'REPOSITORY = r"{ADDRESS}"  #' in code
    assert code.splitlines()[3] == """FOLDER, TOP, NEEDS = "rg_and_pca", "..", ['../results/shell_coupling.json']"""
    compile(code, "first cell", "exec")


# Pages as they are built, with the address and without


CONF = """
import sys
sys.path.insert(0, {ext!r})
extensions = ["myst_nb", "launch", "colophon"]
myst_enable_extensions = ["colon_fence", "substitution"]
html_theme, nb_execution_mode, master_doc = "sphinx_book_theme", "off", "book/intro"
html_theme_options = {{"navbar_persistent": [], "extra_footer": "Version 0."}}
companion_repository = {address!r}
"""


def build(folder: Path, address: str) -> Path:
    """Build the pages that speak of the address, and one chapter, as the book does; return where they are."""
    conf = CONF.format(ext=str(ROOT / "book/_ext"), address=address)
    (folder / "book/crash_course").mkdir(parents=True)
    (folder / "conf.py").write_text(conf)
    (folder / "book/intro.md").write_text(
        "# Contents\n\n```{toctree}\nhow_to_use\nget\ncrash_course/ising\n```\n", encoding="utf8"
    )
    for name in ("how_to_use", "get"):
        (folder / f"book/{name}.md").write_text((ROOT / f"book/{name}.md").read_text("utf8"), encoding="utf8")
    notebook = nbformat.v4.new_notebook(metadata=notebooks.METADATA)
    notebook.cells = [nbformat.v4.new_markdown_cell("# A chapter"), nbformat.v4.new_code_cell("1 + 1")]
    nbformat.write(notebook, folder / f"{PAGE}.ipynb")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(folder), str(folder / "html")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return build(tmp_path_factory.mktemp("plain"), "")


@pytest.fixture(scope="module")
def addressed(tmp_path_factory):
    return build(tmp_path_factory.mktemp("addressed"), ADDRESS)


class Addresses(html.parser.HTMLParser):
    """What a page links to, and what it fetches by itself, of foreign hosts."""

    def __init__(self):
        super().__init__()
        self.links, self.fetched = [], []

    def handle_starttag(self, tag, attributes):
        found = [value for key, value in attributes if key in ("href", "src") and re.match("https?://", value or "")]
        (self.links if tag == "a" else self.fetched).extend(found)


def foreign(page: Path) -> tuple[list[str], list[str]]:
    parsed = Addresses()
    parsed.feed(page.read_text(encoding="utf8"))
    return [link for link in parsed.links if "binder" in link or "colab" in link], parsed.fetched


def words(page: Path) -> str:
    article = page.read_text(encoding="utf8").partition("<article")[2].partition("</article")[0]
    return " ".join(re.sub(r"<[^>]*>", "", article).split())


def test_an_address_brings_the_buttons_and_none_takes_them_away(plain, addressed):
    before, after = (folder / f"{PAGE}.html" for folder in (plain, addressed))
    assert "launch-buttons" not in before.read_text("utf8")
    assert foreign(before)[0] == []
    links, fetched = foreign(after)
    assert links == list(launch.links(ADDRESS, PAGE).values())
    assert fetched == foreign(before)[1], "a button fetches something before it is followed"
    assert '"../how_to_use.html#jupyterhub"' in after.read_text("utf8")
    assert 'id="jupyterhub"' in (addressed / "book/how_to_use.html").read_text("utf8")


@pytest.mark.parametrize("address", ["", ADDRESS])
def test_the_download_button_gives_the_readers_notebook_and_the_page_still_prints(request, address):
    page = request.getfixturevalue("addressed" if address else "plain") / f"{PAGE}.html"
    menu = page.read_text("utf8").partition("dropdown-download-buttons")[2].partition("</ul>")[0]
    assert re.findall(r'href="([^"]*)"', menu) == ["../../run/crash_course/ising.ipynb"]
    assert "window.print()" in menu


def test_without_an_address_the_pages_say_what_is_missing_and_what_mends_it(plain, addressed):
    missing, there = (words(folder / "book/how_to_use.html") for folder in (plain, addressed))
    for text in ("does not know its repository", "companion_repository", "_config.yml", "publish.py", "pages.yml"):
        assert text in missing
    assert "does not know" not in there
    assert "Binder or Colab" in there
    assert "does not know its repository" in words(plain / "book/get.html")
    assert f"The project is at {ADDRESS.removeprefix('https://')}" in words(addressed / "book/get.html")


def test_every_page_leads_to_the_files_and_the_citation(plain):
    for page, link in (("book/intro", "get.html"), (PAGE, "../get.html")):
        foot = (plain / f"{page}.html").read_text("utf8").partition('class="extra_footer"')[2].partition("</div>")[0]
        assert "Version 0." in foot
        assert f'href="{link}"' in foot


@pytest.mark.parametrize(
    ("typed", "hub"),
    [
        ("https://hub.example.edu/", "https://hub.example.edu"),
        (" hub.example.edu/physics/hub/home?x=1 ", "https://hub.example.edu/physics"),
        ("http://127.0.0.1:8000/user/me/lab", "http://127.0.0.1:8000"),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
@pytest.mark.site
def test_a_form_makes_the_link_for_a_hub(open_page, site, site_folder, typed, hub):
    """On the built site, which has no address: the part of the page that has one is put in."""
    body = (site_folder / "book/how_to_use.html").read_text("utf8")
    mark = re.search("<span class=.*</span>", colophon.hub(ADDRESS))[0]
    page = open_page(width=360)
    page.route("**/how_to_use.html", lambda route: route.fulfill(body=body.replace("</article>", f"{mark}</article>")))
    page.goto(f"{site}book/how_to_use.html")
    page.get_by_label("Your hub's address").fill(typed)
    page.get_by_label("Chapter").select_option("Sloppiness")
    link = page.locator(".mlrg-hub a")
    wanted = hub and hub + launch.hub_link(ADDRESS, "book/discussion/sloppiness")
    assert link.get_attribute("href") == wanted
    assert link.inner_text() == (wanted or "")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


# How to cite


CFF = {
    "title": "A title",
    "version": "1.2",
    "date-released": datetime.date(2030, 5, 4),
    "authors": [{"family-names": "Käfer", "given-names": "Ada"}, {"name": "The others"}],
}


def test_the_citation_file_is_the_one_source():
    text, entry = colophon.citation(CFF, ADDRESS)
    assert text == f"Käfer, Ada; The others (2030). *A title*, version 1.2. [github.com/someone/companion]({ADDRESS})"
    fields = dict(re.findall(r"^  (\w+) += \{(.*)\},$", entry, re.M))
    assert fields == {
        "author": "Käfer, Ada and {The others}",
        "title": "{A title}",
        "version": "1.2",
        "year": "2030",
        "url": ADDRESS,
    }


def test_an_archived_version_is_cited_by_its_doi():
    text, entry = colophon.citation(CFF | {"doi": "10.5281/zenodo.1"}, ADDRESS)
    assert text.endswith("[doi.org/10.5281/zenodo.1](https://doi.org/10.5281/zenodo.1)")
    assert "doi" in entry
    assert ADDRESS not in entry


def test_the_page_cites_what_the_file_says(plain):
    shown = words(plain / "book/get.html")
    title = re.search(r'^title: "(.*)"$', (ROOT / "CITATION.cff").read_text("utf8"), re.M)[1]
    assert shown.count(title) == 2
    assert "@software{" in shown
