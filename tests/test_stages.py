"""`make test` on small Makefiles: no stage hides another, and the end says what failed and how to repeat it."""

import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
import stages
import workers
from patience import PATIENCE

SCRIPT = Path(stages.__file__)
sys.path.insert(0, str(SCRIPT.parents[1] / "book/_tools"))
import build  # noqa: E402

# Lines as pytest prints them.
MAKEFILE = """
lint: one two
one:
	@echo first; exit 3
two:
	@echo second
unit:
	@echo "FAILED tests/test_a.py::test_b[x y] - assert 1 == 2"
	@echo "FAILED mlrg_lib/ising/exact.py::mlrg_lib.ising.exact.f"
	@echo "ERROR tests/test_c.py"
	@echo "==== 2 failed, 1 error in 3.00s ===="; exit 1
chapters:
	@echo "FAILED book/rg_and_pca/flow.ipynb::ipynb::Cell 3"
	@echo "FAILED book/rg_and_pca/flow.ipynb::ipynb::Cell 4"; exit 1
book:
	@exit $(STATUS)
site-test:
	@echo "the site is tested"
many:
	@for k in 1 2 3 4 5 6 7 8 9 10 11 12 13; do echo "FAILED tests/test_$$k.py::test"; done; exit 1
sleep:
	@touch begun; exec sleep 3000
"""


def hear():
    """What a shell starts in the background ignores Ctrl-C, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def make(tmp_path):
    """Start the stages in a folder with the Makefile above."""
    (tmp_path / "Makefile").write_text(MAKEFILE)

    def start(*names, status=0):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
        return subprocess.Popen(
            [sys.executable, str(SCRIPT), *names], cwd=tmp_path, env=environment | {"STATUS": str(status)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, preexec_fn=hear,
        )  # fmt: skip

    return start


def said(process) -> list[str]:
    return process.communicate(timeout=PATIENCE)[0].splitlines()


def test_no_stage_hides_another_and_each_failure_has_its_command(make, tmp_path):
    process = make("lint", "book", "unit", "chapters", "many", "site-test")
    lines = said(process)
    assert process.returncode == 1
    assert {"first", "second", "the site is tested", "==== 2 failed, 1 error in 3.00s ===="} <= set(lines)
    table = lines[next(k for k, line in enumerate(lines) if line.startswith("stage")) :]
    python = os.path.relpath(sys.executable, tmp_path)
    assert [line.split()[::2] for line in table[1:] if not line.startswith(" ")] == [
        ["lint", "failed"],
        ["book", "passed"],
        ["unit", "failed"],
        ["chapters", "failed"],
        ["many", "failed"],
        ["site-test", "passed"],
    ]
    assert [line.strip() for line in table[1:] if line.startswith(" ")] == [
        "make lint",
        f"{python} -m pytest 'tests/test_a.py::test_b[x y]'",
        f"{python} -m pytest --doctest-modules mlrg_lib/ising/exact.py::mlrg_lib.ising.exact.f",
        f"{python} -m pytest tests/test_c.py",
        "make chapters CHAPTERS=book/rg_and_pca/flow.ipynb",
        "make many",
    ]


def test_the_site_is_not_tested_where_it_was_not_built(make):
    process = make("book", "site-test", status=2)
    lines = said(process)
    assert process.returncode == 1
    assert "the site is tested" not in lines
    assert lines[-1].startswith("site-test ")
    assert lines[-1].endswith(" not run: book failed")


def test_all_is_well(make):
    process = make("book", "site-test")
    lines = said(process)
    assert process.returncode == 0
    assert [line.split()[-1] for line in lines[-2:]] == ["passed", "passed"]


@pytest.mark.parametrize("how", ["Ctrl-C", "terminated"])
def test_a_stop_stops_everything(make, tmp_path, how):
    process = make("sleep", "book")
    end = time.monotonic() + PATIENCE
    while not (tmp_path / "begun").exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    if how == "Ctrl-C":  # a terminal sends it to the whole group
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.terminate()
    lines = said(process)  # returns once nobody holds the pipe, the sleeper neither
    assert process.returncode == 130
    assert lines[-1].split()[::2] == ["sleep", "stopped"]


def test_workers_are_as_many_as_cores_and_memory_allow(monkeypatch):
    def count(cores, gigabytes, limit="max"):
        monkeypatch.setattr(workers.joblib, "cpu_count", lambda: cores)
        monkeypatch.setattr(workers.psutil, "virtual_memory", lambda: type("", (), {"available": gigabytes << 30}))
        monkeypatch.setattr(workers, "LIMIT", type("", (), {"exists": lambda: True, "read_text": lambda: limit}))
        return workers.workers()

    assert [count(1, 64), count(2, 64), count(64, 9), count(4, 1), count(4, 64, str(5 << 30))] == [1, 2, 4, 1, 2]


def test_the_build_says_where_the_time_went(tmp_path, monkeypatch):
    from jupyter_cache import get_cache

    began = time.time() - 1
    monkeypatch.setattr(build, "CACHE", tmp_path / "cache")
    for k, name in enumerate(("quick", "slow")):
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(name)]), tmp_path / f"{name}.ipynb")
        get_cache(build.CACHE).cache_notebook_file(
            tmp_path / f"{name}.ipynb", data={"execution_seconds": 1.0 + 40 * k}, check_validity=False
        )
    assert build.executed(began) == {"quick": 1.0, "slow": 41.0}
    assert build.executed(time.time() + 1000) == {}
    lines = build.where_the_time_went(build.executed(began), 50.0).split()
    assert lines == ["Seconds", "41", "slow", "1", "quick", "8", "all", "else,", "by", "Sphinx", "50", "together"]


def test_tests_of_long_files_are_shared_out_one_by_one():
    import spread

    scope = functools.partial(spread.Spread._split_scope, object.__new__(spread.Spread))
    assert all((SCRIPT.parent / name).exists() for name in spread.FILES)
    assert scope("tests/test_pages.py::test_page[a/b.html]") == "tests/test_pages.py::test_page[a/b.html]"
    assert scope("tests/test_firefox.py::test_a[x]") == "tests/test_firefox.py"
