"""The pure parts of the pages' scripts by `deno test`: a test here for each file of tests/js, and breaks for each."""

import importlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from deno import find_deno_bin

from mlrg_lib.widgets import _figures

page = importlib.import_module("mlrg_lib.widgets.live")  # the package's `live` is the function

ROOT = Path(__file__).resolve().parents[1]
FRONTEND, STATIC, SCRIPTS = "mlrg_lib/widgets/frontend", "book/_static", "tests/js"
FILES = sorted(path.stem for path in (ROOT / SCRIPTS).glob("*_test.js"))
OFFLINE = ("--no-remote", "--no-npm", "--no-lock", "--no-config")
# For each file of tests a change that its tests must notice: the script, what stands there, what would be wrong.
BREAKS = {
    "controls_test": [
        ("common.js", "if (asking) return;", ""),
        ("common.js", "values.set(name, scale(Number(input.value)))", "values.set(name, Number(input.value))"),
        ("common.js", "if (!this.wanted || !this.visible || this.ended)", "if (!this.wanted || this.ended)"),
    ],
    "figures_test": [
        ("ising.js", "torus[curves.first + k] = e;", "torus[k] = e;"),
        ("modes_analyst.js", "if (k % width) pixels[k]", "if (k % patch) pixels[k]"),
        ("flow.js", "path[2 * k] > -0.9", "path[2 * k] > -1.9"),
    ],
    "formulas_test": [
        ("formulas.js", "space === 4 && before !== relation", "space === 4"),
        ("formulas.js", "short.has(node) ? AT_NEED : READILY", "READILY"),
    ],
    "hovercards_test": [
        ("hovercards.js", "|| at.top < height + 8", ""),
        ("hovercards.js", "return decodeURIComponent(", "return String("),
    ],
    "lattice_test": [
        ("lattice.js", "if (beta !== clusterBeta)", "if (true)"),
        ("lattice.js", "if (!asBits) kernels", "kernels"),
        ("coarse.js", "width >>= 1, b *= 2", "width >>= 1, b += 1"),
    ],
    "numbers_test": [("numbers.js", "last === 10", "last === 11"), ("numbers.js", '.replace(/^-(?=[0.]*$)/, "")', "")],
    "pages_test": [
        ("notebook.js", "(to in links ? ", "(true ? "),
        ("figures.js", "{ ...first, ...frame.layout }", "frame.layout"),
        ("page.js", "more - el.scrollLeft > 1", "more > 1"),
    ],
    "plot_test": [
        ("plot.js", "event.clientY + box.top", "event.clientY"),
        ("plot.js", 'pen = "M";\n        continue', "continue"),
    ],
    "worker_test": [
        ("worker.js", "this.view?.buffer !== memory.buffer", "!this.view"),
        ("worker.js", 'name.replace(/f$/, "")', "name"),
    ],
}


def run(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess:
    """Run deno with what it keeps below `_build`, asking the network for nothing."""
    quiet = {"DENO_DIR": str(ROOT / "_build/deno"), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    command = [os.fsdecode(find_deno_bin()), *arguments]
    return subprocess.run(command, cwd=folder, env=os.environ | quiet, capture_output=True, text=True)


def outcome(file: str, folder: Path = ROOT) -> subprocess.CompletedProcess:
    return run("test", "--allow-read=.", *OFFLINE, f"{SCRIPTS}/{file}.js", folder=folder)


@pytest.mark.parametrize("file", FILES)
def test_the_script(file):
    result = outcome(file)
    assert result.returncode == 0, result.stdout + result.stderr
    assert int(re.search(r"(\d+) passed", result.stdout)[1]) >= 5


def test_every_file_of_tests_has_a_break():
    assert set(BREAKS) == set(FILES)


@pytest.mark.parametrize(
    ("file", "script", "right", "wrong"), [(file, *change) for file, changes in BREAKS.items() for change in changes]
)
def test_a_broken_script_is_noticed(tmp_path, file, script, right, wrong):
    for folder in (FRONTEND, STATIC, SCRIPTS):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=lambda _, names: [n for n in names if n[-3:] != ".js"])
    (broken,) = (tmp_path / folder / script for folder in (FRONTEND, STATIC) if (tmp_path / folder / script).exists())
    text = broken.read_text(encoding="utf8")
    assert text.count(right) == 1
    broken.write_text(text.replace(right, wrong), encoding="utf8")
    result = outcome(file, tmp_path)
    assert result.returncode == 1
    assert int(re.search(r"(\d+) failed", result.stdout)[1]) >= 1
    assert not re.search("SyntaxError|uncaught error", result.stdout), "the break is none: the script does not load"


@pytest.mark.parametrize("name", sorted(_figures.FIGURES))
def test_the_modules_of_a_figure_are_one_module_when_joined(tmp_path, name):
    """As the page and the notebook get them: no name is declared twice, nothing is imported, one thing is exported."""
    (tmp_path / "joined.js").write_text("".join(map(page._plain, page._modules(name))), encoding="utf8")
    code = "const module = await import('./joined.js');console.log(Object.keys(module), typeof module.default.render)"
    (tmp_path / "main.js").write_text(code)
    result = run("run", *OFFLINE, "main.js", folder=tmp_path)
    assert result.stdout == '[ "default" ] function\n', result.stderr
