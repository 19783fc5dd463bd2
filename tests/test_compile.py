"""Compiled kernels on disk are those of the sources: also when only a file that a kernel imports from has changed."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlrg_lib._kernels import _compile

KERNELS = Path(_compile.__file__).parent
CALLER = "from ._compile import kernel\nfrom .below import value\n\n\n@kernel\ndef twice():\n    return 2 * value()\n"
BELOW = "from ._compile import kernel\n\n\n@kernel\ndef value():\n    return {}\n"
ASK = """
from package.caller import twice
print(twice(), "found" if twice.stats.cache_hits else "compiled")
"""


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "caller.py").write_text(CALLER)
    (folder / "below.py").write_text(BELOW.format(21))
    shutil.copy(KERNELS / "_compile.py", folder)
    return folder


def ask(folder):
    """Call the kernel in a fresh process: its value, and whether it was found on disk or compiled."""
    settings = os.environ | {"PYTHONPATH": str(folder.parent)}
    run = subprocess.run([sys.executable, "-c", ASK], env=settings, capture_output=True, text=True, check=True)
    return run.stdout.split()


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")
def test_a_change_in_an_imported_file_alone_reaches_the_kernel_that_calls_it(package):
    assert ask(package) == ["42", "compiled"]
    assert ask(package) == ["42", "found"]
    (package / "below.py").write_text(BELOW.format(50))
    assert ask(package) == ["100", "compiled"]


def test_every_kernel_is_compiled_in_the_one_way():
    found = {path.name for path in KERNELS.rglob("*.py") if "numba.njit(" in path.read_text(encoding="utf8")}
    assert found == {
        "_compile.py",
        "_entry.py",
    }  # what compiles, and what exports to the browser and is not called here


def test_sources_are_the_file_and_all_it_imports_from_directly_or_not():
    names = {path.name for path in _compile.sources(KERNELS / "columns.py")}
    assert names == {"columns.py", "multispin.py", "words.py", "_compile.py"}


def imported(file):
    """The kernel files a kernel file imports from, by its syntax tree."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            place = file.parents[node.level - 1].joinpath(*filter(None, [node.module]))
            names |= {place.with_suffix(".py"), *(place / f"{alias.name}.py" for alias in node.names)}
    return {path for path in names if path.is_file()}


@pytest.mark.parametrize("file", sorted(KERNELS.rglob("*.py")), ids=lambda file: str(file.relative_to(KERNELS)))
def test_sources_follow_every_import_into_every_folder(file):
    assert set().union({file}, *map(_compile.sources, imported(file))) == _compile.sources(file)


def test_the_page_kernels_are_followed_out_of_their_folder(tmp_path):
    (tmp_path / "page").mkdir()
    for name in ("words", "rng", "page/order", "page/modes"):
        (tmp_path / f"{name}.py").touch()
    (tmp_path / "page/modes.py").write_text(
        "from .. import rng\nfrom ..words import (\n    ONE,\n)\nfrom . import order\n"
    )
    assert {path.stem for path in _compile.sources(tmp_path / "page/modes.py")} == {"modes", "rng", "words", "order"}


def test_sources_are_read_whatever_the_language_of_the_system():
    plain = os.environ | {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    subprocess.run([sys.executable, "-c", "import mlrg_lib; mlrg_lib.ising.samplers"], env=plain, check=True)
