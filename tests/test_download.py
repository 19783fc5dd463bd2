"""A reader downloads a chapter from the built site and runs it where neither the library nor a network is."""

import json
import os
import re
import subprocess
import sys
import urllib.parse
import zipfile
from pathlib import Path

import away
import nbformat
import pytest

pytestmark = pytest.mark.site

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "book/_tools"), str(ROOT / "book/_ext")]
import launch  # noqa: E402
import package  # noqa: E402

PAGE = "book/rg_and_pca/momentum_shell"  # has a live figure, a figure with sliders and stored results
PATIENCE = 600_000  # milliseconds, for a page to load on a busy machine
LINK = re.compile(r'(?:\]\(<?|href=")([^()\s"<>]+\.ipynb[^()\s"<>]*)')
ANY_LINK = re.compile(r'(?:\]\(|href=")(?:<([^>]+)>|([^()\s"<>]+))')
EXECUTE = """
import nbformat, pathlib, sys
from nbclient import NotebookClient
path = pathlib.Path(sys.argv[1])
notebook = nbformat.read(path, as_version=4)
NotebookClient(notebook, timeout=1800, kernel_name="python3", resources={"metadata": {"path": path.parent}}).execute()
nbformat.write(notebook, path)
"""


@pytest.fixture
def clicked(open_page, site, site_folder, tmp_path):
    """A function that clicks the download button of a chapter and saves what the browser is given."""

    def download(how: str, page_name: str = PAGE, folder: Path = tmp_path) -> Path:
        page = open_page()
        page.set_default_timeout(PATIENCE)
        base = site if how == "served" else site_folder.as_uri() + "/"
        page.goto(f"{base}{page_name}.html", wait_until="domcontentloaded")
        page.locator(".dropdown-download-buttons > button").click()
        with page.expect_download() as caught:
            page.locator(".btn-download-notebook-button").click()
        assert caught.value.suggested_filename == f"{page_name.rpartition('/')[2]}.ipynb"
        target = folder / caught.value.suggested_filename
        caught.value.save_as(target)
        return target

    return download


def first_cell(path: Path) -> str:
    return next(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code") + "\n"


@pytest.mark.parametrize("how", ["served", "file"])
def test_the_button_gives_a_notebook_that_knows_its_site(clicked, site, site_folder, how):
    path = clicked(how)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    base = site if how == "served" else site_folder.as_uri() + "/"
    assert f'SITE = r"{base}"' in first_cell(path)
    shipped = nbformat.read(site_folder / "run" / launch.notebook(PAGE), as_version=4)
    assert 'SITE = r""' in "".join(cell.source for cell in shipped.cells)
    assert [cell.cell_type for cell in notebook.cells] == [cell.cell_type for cell in shipped.cells]
    changed = [k for k, cell in enumerate(shipped.cells) if cell.source != notebook.cells[k].source]
    assert [k for k in changed if shipped.cells[k].cell_type == "code"] == [1]


@pytest.mark.parametrize("how", ["served", "file"])
def test_its_links_lead_to_the_pages_of_the_site(clicked, site, site_folder, monkeypatch, how):
    """The builder lists a notebook's links to other notebooks, and where they lead on the site."""
    script = site_folder / "_static/notebooks" / f"{launch.notebook(PAGE).removesuffix('.ipynb')}.js"
    before = script.read_text("utf8")
    notebook = json.loads(before.removeprefix("window.mlrgNotebook=").rstrip(";\n"))
    links = {"../a.ipynb#cell-id=b": "book/a.html#b", "../c.ipynb": "book/c.html"}
    notebook["metadata"]["companion"] = {"links": links}
    text = '[b](../a.ipynb#cell-id=b "a tip"), [c](<../c.ipynb>), <a href="../c.ipynb">c</a>, [x](../d.ipynb)'
    notebook["cells"][0]["source"] = text
    script.write_text(f"window.mlrgNotebook={json.dumps(notebook)};\n", "utf8")
    try:
        path = clicked(how)
    finally:
        script.write_text(before, "utf8")
    base = site if how == "served" else site_folder.as_uri() + "/"
    assert nbformat.read(path, as_version=4).cells[0].source == (
        f'[b]({base}book/a.html#b "a tip"), [c](<{base}book/c.html>), '
        f'<a href="{base}book/c.html">c</a>, [x](../d.ipynb)'
    )


def test_each_link_from_notebook_to_notebook_has_its_place_on_the_site(site_folder):
    for page in package.pages():
        notebook = nbformat.read(site_folder / "run" / launch.notebook(page), as_version=4)
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        known = notebook.metadata.get("companion", {}).get("links", {})
        assert set(LINK.findall(text)) <= set(known), page
        assert all((site_folder / target.partition("#")[0]).exists() for target in known.values()), page


def test_no_notebook_has_a_dead_link_or_a_placeholder(site_folder):
    """Of all pages, the text ones, too: each leads to an address, a heading, or a cell of a notebook that is there."""
    run, dead, count = site_folder / "run", [], 0
    for path in run.rglob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        for cell in cells:
            text = re.sub(r"```.*?```|`[^`]*`", "", cell.source, flags=re.DOTALL)
            links = ["".join(found) for found in ANY_LINK.findall(text)] if cell.cell_type == "markdown" else []
            count += len(links)
            dead += [(path.name, link) for link in links if not leads_somewhere(link, path)]
            if cell.cell_type == "markdown" and "THIS-SITE" in cell.source:
                dead.append((path.name, "https://THIS-SITE/"))
    assert not dead
    assert count > 500


def leads_somewhere(link: str, path: Path) -> bool:
    if re.match("(https|mailto):|#", link):  # a heading of its own: seen by test_jupyterlab_reading.py
        return True
    file, _, cell = link.partition("#cell-id=")
    target = path.parent / urllib.parse.unquote(file)
    return (
        target.suffix == ".ipynb"
        and target.is_file()
        and (not cell or cell in {c.id for c in nbformat.read(target, as_version=4).cells})
    )


def test_without_scripts_the_plain_notebook_is_downloaded(browser, site, site_folder):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{PAGE}.html", wait_until="domcontentloaded", timeout=PATIENCE)
    button = page.locator(".btn-download-notebook-button")
    assert button.get_attribute("download") is not None
    target = urllib.parse.urljoin(page.url, button.get_attribute("href"))
    assert target == f"{site}run/{launch.notebook(PAGE)}"
    assert (site_folder / "run" / launch.notebook(PAGE)).exists()
    context.close()


@pytest.mark.parametrize("how", ["served", "file"])
def test_alone_in_a_folder_its_first_cell_fetches_all_from_the_page_it_came_from(clicked, tmp_path, how):
    machine = away.Machine(tmp_path)
    code = first_cell(clicked(how, folder=machine.home))
    for _ in range(2):
        machine.arrived(machine.run(code), machine.home / "companion", "rg_and_pca", launch.results(PAGE))


def test_beside_the_archive_it_needs_no_site(open_page, site, site_folder, tmp_path):
    machine = away.Machine(tmp_path)
    page = open_page()
    page.goto(f"{site}book/get.html", wait_until="domcontentloaded", timeout=PATIENCE)
    with page.expect_download() as caught:
        page.get_by_role("link", name=package.NOTEBOOKS).click()
    caught.value.save_as(machine.home / caught.value.suggested_filename)
    code = first_cell(site_folder / "run" / launch.notebook(PAGE))
    machine.arrived(machine.run(code), machine.home / "companion", "rg_and_pca", launch.results(PAGE))


@pytest.mark.slow
def test_a_chapter_runs_in_an_environment_that_has_only_what_the_wheel_asks_for(clicked, site_folder, tmp_path):
    folder = tmp_path / "eine Mappe für Notizen"
    (folder / "home").mkdir(parents=True)
    path = clicked("served", folder=folder)
    (wheel,) = (site_folder / "run").glob("*.whl")
    python = away.environment(tmp_path / "python", wheel)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "PIP_NO_INDEX": "1", "LANG": "C.UTF-8"}

    def asks(code: str, *arguments: str) -> str:
        command = [str(python), "-c", code, *arguments]
        done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    where = "import importlib.util as u; print(getattr(u.find_spec('mlrg_lib'), 'origin', None))"
    assert asks(where).strip() == "None"
    asks(EXECUTE, str(path))
    assert Path(asks(where).strip()).is_relative_to(python.parents[1])
    shown = {kind for cell in nbformat.read(path, as_version=4).cells for kind in kinds(cell)}
    assert {"application/vnd.plotly.v1+json", "application/vnd.jupyter.widget-view+json"} <= shown


def kinds(cell) -> list[str]:
    return [kind for output in cell.get("outputs", []) for kind in output.get("data", {})]


# The archives, and the page that offers them


def test_the_archive_of_notebooks_holds_what_the_branch_does(site_folder):
    run = site_folder / "run"
    with zipfile.ZipFile(run / package.NOTEBOOKS) as packed:
        assert packed.testzip() is None
        found = {name: packed.read(name) for name in packed.namelist()}
    assert found == {f"companion/{name}": path.read_bytes() for name, path in package.contents(run).items()}
    for page in package.pages():
        assert f"companion/{launch.notebook(page)}" in found
        for result in launch.results(page):
            assert f"companion/{result.removeprefix('../')}" in found


def test_the_archive_of_the_project_is_the_project(site_folder):
    with zipfile.ZipFile(site_folder / "run" / package.SOURCE) as packed:
        assert packed.testzip() is None
        names = {name.removeprefix("companion-source/") for name in packed.namelist()}
    own = {"Makefile", "_config.yml", "_toc.yml", "requirements.lock", ".gitignore", ".ci/run", "tests/conftest.py"}
    assert own | {path.relative_to(ROOT).as_posix() for path in (ROOT / "mlrg_lib").rglob("*.py")} <= names
    assert not [name for name in names if name.startswith(("_build", ".venv", ".git/")) or "__pycache__" in name]


def test_the_page_shows_sizes_and_a_command_with_its_own_address(open_page, site, site_folder):
    page = open_page()
    page.goto(f"{site}book/get.html", wait_until="domcontentloaded", timeout=PATIENCE)
    (wheel,) = (site_folder / "run").glob("*.whl")
    shown = page.locator("article").inner_text()
    for file in (package.NOTEBOOKS, package.SOURCE, wheel.name):
        assert f"{file} ({package.size(site_folder / 'run' / file)})" in shown
    assert f'pip install "mlrg-lib[widgets] @ {site}run/{wheel.name}"' in shown
