"""A plugin for nbval: chapters that the build has just executed are compared as they came out there, not run again.

    PYTHONPATH=tests python -m pytest -p replay --nbval-lax book

nbval asks for each cell as ever and compares by its own rules; in the place of a kernel stands the notebook that the
build executed. A chapter that it did not execute as it stands, with the library that is there now, runs in a kernel.
"""

import functools
import sys
from collections import deque
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from nbval import plugin

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book" / "_tools"))
import build

in_a_kernel = plugin.IPyNbFile.setup


@functools.cache
def cache_of_the_build():
    """The chapters as the build executed them, if it was with what there is now; else None."""
    current = build.STAMP.exists() and build.STAMP.read_text() == build.inputs_hash()
    return get_cache(build.CACHE) if current else None


def executed(path: Path) -> list | None:
    """Return the code cells of a chapter as the build executed them; None if these cells were not executed there."""
    if cache_of_the_build() is None:
        return None
    try:
        record = cache_of_the_build().match_cache_notebook(nbformat.read(path, as_version=4))
    except KeyError:
        return None
    notebook = cache_of_the_build().get_cache_bundle(record.pk).nb
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


class Replay:
    """What nbval asks of a kernel, answered with the outputs of cells that were executed before."""

    def __init__(self, cells: list):
        self.cells, self.messages, self.alive = iter(cells), deque(), True

    def is_alive(self) -> bool:
        return self.alive

    def stop(self):
        self.alive = False

    def execute_cell_input(self, source: str, allow_stdin=None) -> str:
        """Answer the next cell of this source; that there is none is an error, as a dead kernel is."""
        outputs = next((cell.outputs for cell in self.cells if cell.source == source), None)
        if outputs is None:
            raise RuntimeError("the build did not execute this cell")
        self.messages = deque((output.output_type, output) for output in outputs)
        self.messages.append(("status", {"execution_state": "idle"}))
        return "replayed"

    def await_reply(self, msg_id: str, timeout=None):
        """Nothing to wait for."""

    await_idle = await_reply

    def get_message(self, stream: str, timeout=None) -> dict:
        kind, content = self.messages.popleft()
        return {"msg_type": kind, "parent_header": {"msg_id": "replayed"}, "content": content}


def setup(self):
    cells = executed(self.path)
    if cells is None:
        in_a_kernel(self)
    else:
        self.kernel = Replay(cells)
        self.setup_sanitize_files()


def pytest_configure():
    plugin.IPyNbFile.setup = setup


def pytest_terminal_summary(terminalreporter):
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.getreports(kind)]
    chapters = sorted({r.nodeid.partition("::")[0] for r in reports if ".ipynb::" in r.nodeid})
    again = [name for name in chapters if executed(terminalreporter.config.rootpath / name) is None]
    count = len(chapters) - len(again)
    terminalreporter.write_line(
        f"{count} chapters compared as the build executed them; run here: {', '.join(again) or 'none'}"
    )
