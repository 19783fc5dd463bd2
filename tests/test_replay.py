"""nbval on the execution of the build: a wrong stored output is red, and what was not executed is not believed."""

import re
import subprocess
import sys

import nbformat
import pytest
import replay
from jupyter_cache import get_cache

MARK = "# NBVAL_CHECK_OUTPUT\n"
# What a cell prints is stored with it, and what it printed in the build, which may end in an error.
CELLS = {
    "right": (f"{MARK}print(1)", "1\n", "1\n"),
    "wrong": (f"{MARK}print(2)", "2\n", "3\n"),
    "silent": (f"{MARK}print(4)", "4\n", ""),
    "unchecked": ("print(5)", None, "6\n"),
    "raises": ("1 / 0", None, ZeroDivisionError),
}
RUN = """
import pathlib, sys
sys.path.insert(0, {tests!r})
import pytest, replay
replay.build.CACHE, replay.build.STAMP = pathlib.Path("cache"), pathlib.Path("stamp")
sys.exit(pytest.main(["-q", "-rA", "-p", "replay", "-p", "no:cacheprovider", "--nbval-lax", "book"]))
"""


def printed(text):
    if text is ZeroDivisionError:
        return [nbformat.v4.new_output("error", ename=text.__name__, evalue="", traceback=["line 1"])]
    return [nbformat.v4.new_output("stream", text=text)] if text else []


def chapter(source, text, count=1):
    cell = nbformat.v4.new_code_cell(source, outputs=printed(text), execution_count=count)
    return nbformat.v4.new_notebook(cells=[cell])


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A folder of chapters with their stored outputs, and a cache of them as a build executed them."""
    monkeypatch.setattr(replay.build, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(replay.build, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(replay, "cache_of_the_build", replay.cache_of_the_build.__wrapped__)
    replay.build.STAMP.write_text(replay.build.inputs_hash())
    (tmp_path / "book").mkdir()
    for name, (source, stored, came) in CELLS.items():
        path = tmp_path / "book" / f"{name}.ipynb"
        nbformat.write(chapter(source, came), path)
        get_cache(replay.build.CACHE).cache_notebook_file(path, check_validity=False)
        nbformat.write(chapter(source, stored, stored and 1), path)
    return tmp_path


def test_a_wrong_stored_output_and_an_error_are_red(built):
    command = [sys.executable, "-c", RUN.format(tests=str(replay.Path(replay.__file__).parent))]
    text = subprocess.run(command, cwd=built, capture_output=True, text=True, check=False).stdout
    assert {name: verdict for verdict, name in re.findall(r"^(\w+) book/(\w+)\.ipynb::", text, re.M)} == {
        "right": "PASSED", "wrong": "FAILED", "silent": "FAILED", "unchecked": "PASSED", "raises": "FAILED",
    }  # fmt: skip
    assert "5 chapters compared as the build executed them; run here: none" in text


def test_what_the_build_did_not_execute_runs_in_a_kernel(built, monkeypatch):
    path = built / "book/right.ipynb"
    assert [cell.source for cell in replay.executed(path)] == [CELLS["right"][0]]
    nbformat.write(chapter(f"{MARK}print(0 + 1)", "1\n"), path)
    assert replay.executed(path) is None
    started = []
    monkeypatch.setattr(replay, "in_a_kernel", started.append)
    file = type("", (), {"path": path})()
    replay.setup(file)
    assert started == [file]


def test_a_build_of_another_library_is_not_believed(built):
    path = built / "book/right.ipynb"
    replay.build.STAMP.write_text("of another library")
    assert replay.executed(path) is None
    replay.build.STAMP.unlink()
    assert replay.executed(path) is None


def test_a_cell_that_is_not_there_is_an_error():
    kernel = replay.Replay([nbformat.v4.new_code_cell("1"), nbformat.v4.new_code_cell("2")])
    kernel.execute_cell_input("2")
    with pytest.raises(RuntimeError, match="did not execute"):
        kernel.execute_cell_input("1")
