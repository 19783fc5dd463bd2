"""A chapter in JupyterLab with a real kernel: its first cells run, its live figure and its lab follow their sliders."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from patience import PATIENCE

pytestmark = pytest.mark.site

BOOK = Path(__file__).resolve().parents[1] / "book"
CHAPTER = Path("rg_and_pca/momentum_shell.ipynb")
ISOLATED = ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR")
OPTIONS = (
    *("--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", "--IdentityProvider.token="),
    *("--ServerApp.allow_root=True", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url="),
)
KERNEL = "() => window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel?.status"
PLOTTED = """() => JSON.stringify(
  document.querySelector('.js-plotly-plot').data.map((trace) => [Array.from(trace.x), Array.from(trace.y)]))"""
READOUTS = "() => [...document.querySelectorAll('.widget-slider .widget-readout')].map((e) => e.innerText)"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a loopback port in a copy of the book, its chapter cut after the first lab; yields its address."""
    folder = tmp_path_factory.mktemp("lab")
    root = folder / "book"
    for part in (CHAPTER.parent, Path("results")):
        shutil.copytree(BOOK / part, root / part, ignore=shutil.ignore_patterns(".*", "_build"))
    notebook = json.loads((root / CHAPTER).read_text("utf8"))
    last = next(k for k, cell in enumerate(notebook["cells"]) if "explore(\n" in "".join(cell["source"]))
    notebook["cells"] = notebook["cells"][: last + 1]
    (root / CHAPTER).write_text(json.dumps(notebook), "utf8")
    places = {name: str(folder / name.lower()) for name in ISOLATED}
    environment = {k: v for k, v in os.environ.items() if k != "MLRG_STATIC"} | places
    log = folder / "log.txt"
    command = [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--ServerApp.root_dir={root}"]
    with log.open("w") as file:
        server = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment, cwd=folder)
    try:
        yield _address(server, Path(places["JUPYTER_RUNTIME_DIR"]), log)
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _address(server, runtime: Path, log: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            try:
                url = json.loads(file.read_text())["url"]
                with urllib.request.urlopen(f"{url}api/status", timeout=5):
                    return url
            except (OSError, ValueError):
                continue
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def chapter(browser, lab):
    """The chapter, all its cells run, and what its page logged."""
    context = browser.new_context(viewport={"width": 1400, "height": 3000})
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.errors, page.foreign = [], []
    page.on("pageerror", lambda error: page.errors.append(f"{error}\n{error.stack}"))
    page.on("console", lambda m: page.errors.append(f"{m.text} {m.location}") if m.type == "error" else None)
    page.on("request", lambda r: None if r.url.startswith((lab, "data:", "blob:")) else page.foreign.append(r.url))
    page.goto(f"{lab}lab/workspaces/test/tree/{CHAPTER.as_posix()}?reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    _wait_for_kernel(page)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    yield page
    context.close()


def _wait_for_kernel(page):
    """Wait until the kernel is idle; where JupyterLab asks which one to start, take the one it proposes."""
    accept, deadline = page.locator(".jp-Dialog .jp-mod-accept"), time.monotonic() + PATIENCE
    while page.evaluate(KERNEL) != "idle":
        assert time.monotonic() < deadline, f"the kernel is {page.evaluate(KERNEL)}"
        if accept.count():
            accept.first.click()
        page.wait_for_timeout(500)


def test_cells_run_without_an_error(chapter):
    assert chapter.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert chapter.locator(".jp-RenderedText pre:has-text('Traceback')").count() == 0


def test_the_live_figure_computes_and_follows_its_slider(chapter):
    figure = chapter.locator(".mlrg-figure")
    figure.scroll_into_view_if_needed()
    chapter.wait_for_function("() => document.querySelector('.mlrg-figure')?.dataset.state === 'ready'")
    coupling = float(figure.get_attribute("data-g"))
    figure.get_by_label("Dimension d", exact=True).fill("3.9")
    chapter.wait_for_function("() => Number(document.querySelector('.mlrg-figure').dataset.d) === 3.9")
    assert 0 < float(figure.get_attribute("data-g")) < 0.2 * coupling  # the fixed point nears zero at four dimensions


def test_the_lab_follows_its_sliders(chapter):
    handles = chapter.locator(".widget-slider [role=slider], .widget-slider .noUi-handle")
    assert handles.count() == 2
    for k in range(2):
        plotted, read = chapter.evaluate(PLOTTED), chapter.evaluate(READOUTS)
        handles.nth(k).focus()
        for _ in range(5):
            chapter.keyboard.press("ArrowRight")
        chapter.wait_for_function(f"(read) => ({READOUTS})()[{k}] !== read", arg=read[k])
        chapter.wait_for_function(f"(plotted) => ({PLOTTED})() !== plotted", arg=plotted)
    dimension = chapter.evaluate(READOUTS)[0]
    assert dimension != "3"
    chapter.wait_for_function(
        "(d) => document.querySelector('.js-plotly-plot').textContent.includes(`d = ${d}`)", arg=dimension
    )


def test_nothing_of_ours_is_logged_and_nothing_foreign_asked(chapter):
    assert not chapter.foreign
    assert not chapter.errors
