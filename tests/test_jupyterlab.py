"""Readers' notebooks in JupyterLab with a real kernel: cells run, figures follow their sliders, answers stay."""

import json
import re
from pathlib import Path

import lab
import pytest

pytestmark = pytest.mark.site

CHAPTER = "rg_and_pca/momentum_shell.ipynb"
ANSWERED = "crash_course/pca.ipynb"
PLOTTED = """() => JSON.stringify(
  document.querySelector('.js-plotly-plot').data.map((trace) => [Array.from(trace.x), Array.from(trace.y)]))"""
READOUTS = "() => [...document.querySelectorAll('.widget-slider .widget-readout')].map((e) => e.innerText)"


def cut_after_the_first_lab(path: Path) -> None:
    notebook = json.loads(path.read_text("utf8"))
    last = next(k for k, cell in enumerate(notebook["cells"]) if "explore(\n" in "".join(cell["source"]))
    notebook["cells"] = notebook["cells"][: last + 1]
    path.write_text(json.dumps(notebook), "utf8")


def answer_the_first_exercise(path: Path) -> None:
    """Put the first solution into its stub as a reader would, marked as theirs, and show at the end whose it is."""
    notebook = json.loads(path.read_text("utf8"))
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    at = next(k for k, cell in enumerate(notebook["cells"]) if cell["source"][0] == "<details>\n")
    stub, solution = notebook["cells"][at - 1], "".join(notebook["cells"][at]["source"])
    code = re.search(r"```python\n(.*?)```", solution, re.DOTALL)[1]
    name = re.search(r"^def (\w+)\(.*\):$", "".join(stub["source"]), re.MULTILINE)[1]
    assert f"def {name}(" in code
    assert stub["cell_type"] == "code"
    stub["source"] = f'{code}\n{name}.__doc__ = "the reader\'s"\n{"".join(stub["source"]).splitlines()[-1]}'
    last = cells["launch"] | {"id": "whose", "metadata": {}, "source": f"print({name}.__doc__)"}
    notebook["cells"].append(last)
    path.write_text(json.dumps(notebook), "utf8")
    return stub["id"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, site_folder):
    return lab.working_folder(tmp_path_factory.mktemp("reader"), site_folder)


@pytest.fixture(scope="module")
def jupyterlab(tmp_path_factory, folder):
    with lab.serve(folder, tmp_path_factory.mktemp("lab")) as address:
        yield address


@pytest.fixture(scope="module")
def context(browser):
    context = browser.new_context(viewport={"width": 1400, "height": 3000})
    yield context
    context.close()


# What a cell printed; a cell out of sight is not in the page, but its outputs are in the notebook.
PRINTED = """(id) => {
  const cell = window.jupyterapp.shell.currentWidget.content.widgets.find((cell) => cell.model.id === id);
  const texts = cell.model.outputs.toJSON().map((output) => output.text ?? output.data?.["text/plain"] ?? "");
  return texts.flat().join(""); }"""


@pytest.fixture(scope="module")
def chapter(context, jupyterlab, folder):
    """The chapter up to its first lab, all its cells run, and what its page logged."""
    cut_after_the_first_lab(folder / CHAPTER)
    page = lab.open_notebook(context, jupyterlab, CHAPTER)
    lab.run_all(page)
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    yield page
    page.close()


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


def test_run_all_leaves_the_readers_answer_alone(context, jupyterlab, folder, chapter):
    stub = answer_the_first_exercise(folder / ANSWERED)
    page = lab.open_notebook(context, jupyterlab, ANSWERED)
    lab.run_all(page)
    notebook = json.loads((folder / ANSWERED).read_text("utf8"))["cells"]
    lab.until(page, f'(id) => ({PRINTED})(id).trim() === "the reader\'s"', notebook[-1]["id"])
    assert page.evaluate(PRINTED, stub).startswith("Passed")
    assert page.locator(".jp-RenderedText pre:has-text('Traceback')").count() == 0
    page.close()
