"""`make live` copies the readers' notebooks and results, follows the book, and never overwrites what a reader wrote."""

import json
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book/_tools"))
import live  # noqa: E402

CHAPTER = "crash_course/rbm.ipynb"


@pytest.fixture
def folders(tmp_path):
    """A built site's notebooks and stored results, and a working folder that is not there yet."""
    run, results = tmp_path / "run", tmp_path / "results"
    (run / "crash_course").mkdir(parents=True)
    results.mkdir()
    (results / "numbers.json").write_text("[1]")
    (run / "companion.whl").write_text("no notebook")
    write(run / CHAPTER, "first")
    write(run / "intro.ipynb", "welcome")
    return run, results, tmp_path / "live"


def write(path, source, outputs=()):
    cell = nbformat.v4.new_code_cell(source, outputs=list(outputs), id="one")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)


def source(path) -> str:
    return nbformat.read(path, as_version=4).cells[0].source


def test_a_new_folder_holds_the_notebooks_and_the_results_where_chapters_look(folders):
    run, _, here = folders
    assert live.update(*folders) == []
    copied = {p.relative_to(here).as_posix() for p in here.rglob("*") if p.is_file()}
    assert copied == {CHAPTER, "intro.ipynb", "results/numbers.json", live.COPIED}
    assert (here / CHAPTER).read_bytes() == (run / CHAPTER).read_bytes()
    assert (here / "crash_course/../results/numbers.json").read_text() == "[1]"


def test_an_untouched_notebook_follows_the_book(folders):
    run, results, here = folders
    live.update(*folders)
    write(run / CHAPTER, "second")
    (results / "numbers.json").write_text("[2]")
    assert live.update(*folders) == []
    assert source(here / CHAPTER) == "second"
    assert (here / "results/numbers.json").read_text() == "[2]"


def test_a_changed_notebook_stays_and_a_line_says_how_to_get_the_books(folders):
    run, _, here = folders
    live.update(*folders)
    write(here / CHAPTER, "my answer")
    assert live.update(*folders) == [], "the book has nothing newer"
    write(run / CHAPTER, "second")
    for _ in range(2):
        (line,) = live.update(*folders)
        assert f"live/{CHAPTER} has your changes and stays" in line
        assert source(here / CHAPTER) == "my answer"
    (here / CHAPTER).rename(here / "crash_course/mine.ipynb")
    assert live.update(*folders) == []
    assert source(here / CHAPTER) == "second"
    assert source(here / "crash_course/mine.ipynb") == "my answer"


def test_a_notebook_that_was_only_run_is_not_a_changed_one(folders):
    run, _, here = folders
    live.update(*folders)
    write(here / CHAPTER, "first", [nbformat.v4.new_output("stream", text="1")])
    write(run / CHAPTER, "second")
    assert live.update(*folders) == []
    assert source(here / CHAPTER) == "second"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": [1]}'])
def test_what_is_no_notebook_any_more_is_the_readers_all_the_same(folders, text):
    run, _, here = folders
    live.update(*folders)
    (here / CHAPTER).write_text(text)
    write(run / CHAPTER, "second")
    assert len(live.update(*folders)) == 1
    assert (here / CHAPTER).read_text() == text


def test_without_the_record_nothing_is_taken_for_the_books(folders):
    here = folders[-1]
    live.update(*folders)
    (here / live.COPIED).write_text("{")
    write(here / CHAPTER, "my answer")
    assert len(live.update(*folders)) == 1
    assert source(here / CHAPTER) == "my answer"
    assert json.loads((here / live.COPIED).read_text())


def test_the_folder_is_the_readers_alone():
    assert "/live/" in (ROOT / ".gitignore").read_text().splitlines()
    assert "live" in (ROOT / "_config.yml").read_text().split("exclude_patterns:")[1].split("]")[0]
    settings = (ROOT / "pyproject.toml").read_text()
    assert '"--ignore=live"' in settings
    assert '"live/**"]' in settings.partition("extend-exclude")[2].partition("\n")[0]
