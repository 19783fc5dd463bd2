"""Binder and Colab: no button without an address, the right links with one, and the cell that fetches the library."""

import html.parser
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "book/_tools"), str(ROOT / "book/_ext")]
import launch  # noqa: E402
import notebooks  # noqa: E402

PAGE = "book/crash_course/ising"
ADDRESS = "https://github.com/someone/companion"


def build(folder: Path, address: str) -> str:
    """Build one small chapter with the book's theme and return its page."""
    (folder / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'book/_ext')!r})\n"
        "extensions = ['myst_nb', 'launch']\nhtml_theme = 'sphinx_book_theme'\nnb_execution_mode = 'off'\n"
        f"html_theme_options = {{'navbar_persistent': []}}\nmaster_doc = 'index'\ncompanion_repository = {address!r}\n"
    )
    (folder / "index.md").write_text("# Contents\n\n```{toctree}\nchapter\n```\n")
    notebook = nbformat.v4.new_notebook(metadata=notebooks.METADATA)
    notebook.cells = [nbformat.v4.new_markdown_cell("# A chapter")]
    nbformat.write(notebook, folder / "chapter.ipynb")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(folder), str(folder / "html")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "launch-buttons" not in (folder / "html/index.html").read_text(encoding="utf8")
    return (folder / "html/chapter.html").read_text(encoding="utf8")


class Addresses(html.parser.HTMLParser):
    """What a page links to, and what it fetches by itself, of foreign hosts."""

    def __init__(self):
        super().__init__()
        self.links, self.fetched = [], []

    def handle_starttag(self, tag, attributes):
        found = [value for key, value in attributes if key in ("href", "src") and re.match("https?://", value or "")]
        (self.links if tag == "a" else self.fetched).extend(found)


def foreign(page: str) -> tuple[list[str], list[str]]:
    parsed = Addresses()
    parsed.feed(page)
    return [link for link in parsed.links if "binder" in link or "colab" in link], parsed.fetched


def test_an_address_brings_the_buttons_and_none_takes_them_away(tmp_path):
    plain, with_address = tmp_path / "plain", tmp_path / "address"
    plain.mkdir()
    with_address.mkdir()
    before, after = build(plain, ""), build(with_address, ADDRESS)
    assert "launch-buttons" not in before
    assert foreign(before)[0] == []
    links, fetched = foreign(after)
    assert links == list(launch.links(ADDRESS, "chapter").values())
    assert fetched == foreign(before)[1]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", {}),
        (
            ADDRESS,
            {
                "Binder": f"https://mybinder.org/v2/gh/someone/companion/main?urlpath=lab/tree/{PAGE}.ipynb",
                "Colab": f"https://colab.research.google.com/github/someone/companion/blob/main/{PAGE}.ipynb",
            },
        ),
        (
            "https://gitlab.com/a/group/b.git/tree/new/one",
            {"Binder": f"https://mybinder.org/v2/gl/a%2Fgroup%2Fb/new%2Fone?urlpath=lab/tree/{PAGE}.ipynb"},
        ),
        (
            "https://git.example.org/a/b",
            {
                "Binder": "https://mybinder.org/v2/git/https%3A%2F%2Fgit.example.org%2Fa%2Fb/main"
                f"?urlpath=lab/tree/{PAGE}.ipynb"
            },
        ),
    ],
)
def test_links_of_each_kind_of_host(address, expected):
    assert launch.links(address, PAGE) == expected


@pytest.mark.parametrize(
    "address", ["someone/companion", "https://github.com/", "https://github.com/someone", "git@x:a/b"]
)
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ValueError, match="companion_repository must look like"):
        launch.links(address, PAGE)


def run_cell(tmp_path, *, address: str, installed: bool) -> subprocess.CompletedProcess:
    """Run the cell where neither git nor pip is, only their names, and the library is there or not."""
    (tmp_path / "bin").mkdir()
    git = tmp_path / "bin/git"
    git.write_text("#!/bin/sh\necho git $* >>log\nmkdir -p companion/book/crash_course\n")
    git.chmod(0o755)
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip/__init__.py").write_text("")
    (tmp_path / "pip/__main__.py").write_text("import sys; print('pip', *sys.argv[1:], file=open('log', 'a'))")
    if installed:
        (tmp_path / "mlrg_lib.py").write_text("")
    code = launch.cell(address, PAGE) + "\nprint(os.getcwd())"
    return subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_away_from_home_the_cell_clones_and_installs_and_goes_to_the_chapter(tmp_path):
    done = run_cell(tmp_path, address=f"{ADDRESS}/tree/next", installed=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "log").read_text().splitlines() == [
        f"git clone -q --depth=1 -b next {ADDRESS} companion",
        "pip install -q ./companion[widgets]",
    ]
    assert Path(done.stdout.strip()) == (tmp_path / "companion/book/crash_course").resolve()


def test_at_home_the_cell_does_nothing(tmp_path):
    done = run_cell(tmp_path, address=ADDRESS, installed=True)
    assert (done.returncode, Path(done.stdout.strip())) == (0, tmp_path.resolve()), done.stderr
    assert not (tmp_path / "log").exists()


def test_without_an_address_the_cell_says_what_is_missing(tmp_path):
    done = run_cell(tmp_path, address="", installed=False)
    assert done.returncode == 1
    assert "put the repository's address above" in done.stderr


def test_binder_installs_the_locked_packages_and_the_library():
    assert "-r ../requirements.lock" in (ROOT / "binder/requirements.txt").read_text()
    script = ROOT / "binder/postBuild"
    assert script.stat().st_mode & 0o111
    assert "pip install --quiet --no-deps --editable ." in script.read_text()
    tested = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())
    assert (ROOT / "binder/runtime.txt").read_text().strip().removeprefix("python-") in str(tested)
