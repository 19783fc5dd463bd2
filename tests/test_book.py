"""The book's sources: structure, checked cells, size of cells, alt texts, links between pages."""

import re
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
sys.path.insert(0, str(BOOK / "_tools"))
import course  # noqa: E402
import notebooks  # noqa: E402

CHAPTERS = notebooks.chapters()
IDS = [str(path.relative_to(BOOK)) for path in CHAPTERS]
SECTIONS = ("## Overview", "## After this chapter", "## Check", "## Exercises", "## Summary")


def toc_files() -> list[str]:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]


def read(path: Path):
    return nbformat.read(path, as_version=4)


def markdown(path: Path) -> str:
    return "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def test_every_chapter_is_in_the_table_of_contents_and_exists():
    assert len(set(toc_files())) == len(toc_files()), "a file twice in the table of contents"
    listed = {ROOT / name for name in toc_files()}
    pages = [*CHAPTERS, *BOOK.glob("*.md"), *BOOK.glob("protocols/*.md")]
    on_disk = {path.with_suffix("") for path in pages}
    assert on_disk == listed


@pytest.mark.parametrize("path", CHAPTERS, ids=IDS)
def test_only_checked_outputs_are_stored_and_each_checked_cell_has_one(path):
    assert not notebooks.problems(path)


def checked(count, outputs):
    cell = nbformat.v4.new_code_cell(f"# {notebooks.MARK}\nprint(1)")
    cell.execution_count, cell.outputs = count, outputs
    return cell


@pytest.mark.parametrize(
    ("count", "outputs", "sound"),
    [
        (1, [nbformat.v4.new_output("stream", text="1\n")], True),
        (None, [nbformat.v4.new_output("stream", text="1\n")], False),
        (1, [], False),
    ],
)
def test_a_checked_cell_that_nbval_would_pass_silently_is_found(tmp_path, monkeypatch, count, outputs, sound):
    monkeypatch.setattr(notebooks, "BOOK", tmp_path)
    path = tmp_path / "chapter.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[checked(count, outputs)]), path)
    assert (notebooks.problems(path) == []) == sound


@pytest.mark.parametrize("path", CHAPTERS, ids=IDS)
def test_chapter_has_its_sections_in_order(path):
    text = markdown(path)
    places = [text.find(f"\n{section}") for section in SECTIONS]
    assert text.lstrip().startswith("# ")
    assert -1 not in places, dict(zip(SECTIONS, places, strict=True))
    assert places == sorted(places)


@pytest.mark.parametrize("path", CHAPTERS, ids=IDS)
def test_code_cells_are_short(path):
    lengths = [cell.source.count("\n") + 1 for cell in read(path).cells if cell.cell_type == "code"]
    assert max(lengths) <= 28


@pytest.mark.parametrize("path", CHAPTERS, ids=IDS)
def test_exercises_have_folded_solutions(path):
    text = markdown(path)
    exercises = set(re.findall(r"\{exercise\}[^\n]*\n:label: ([\w-]+)", text))
    solutions = set(re.findall(r"\{solution-start\} ([\w-]+)", text))
    assert len(exercises) >= 3
    assert exercises == solutions
    assert text.count("{solution-start}") == text.count(":class: dropdown") == text.count("{solution-end}")


@pytest.mark.parametrize("path", CHAPTERS, ids=IDS)
def test_exercises_are_four_to_six_and_say_which_of_several_kinds_they_are(path):
    found = course.exercises(path)
    assert 4 <= len(found) <= 6
    assert all(found.values()), [label for label, kinds in found.items() if not kinds]
    kinds = set().union(*found.values())
    assert len(kinds) >= 3
    assert "a common bug" in kinds
    assert kinds & {"code", "experiment"}


def test_minutes_and_seconds_on_the_pages_are_the_counted_and_the_measured_ones():
    assert course.problems() == []


def test_a_wrong_face_line_is_found():
    path = next(path for path in CHAPTERS if path.stem == "pca")
    text = markdown(path)
    line = course.FACE.search(text)[0]
    assert course.face(path, text.replace(line, re.sub(r"\d+ minutes", "3 minutes", line))) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Two words", 2),
        ("A formula $x + y = z$ is one word", 6),
        ("See {doc}`rg_and_pca/pca_rg`,\n\n$$ a b c $$ (eq-name)\n\n```{note}\nnow.\n```", 3),
    ],
)
def test_words_are_counted_without_mathematics_and_markup(text, count):
    assert course.words(text) == count


def minutes_at_home() -> list[tuple[str, str, str]]:
    text = (BOOK / "syllabus.md").read_text(encoding="utf8").split(course.END)[1]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|") and "{ref}" in line]
    return [(row[1], row[3], row[4].strip()) for row in rows]


def chapters_in(text: str) -> list[int]:
    return [course.reading_minutes(BOOK / f"{name}.ipynb") for name in re.findall(r"\{doc\}`([^`]+)`", text)]


def test_minutes_at_home_are_the_chapters_own_and_a_quarter_of_an_hour_for_an_exercise():
    rows = minutes_at_home()
    assert len(rows) == 12
    for chapters, asked, minutes in rows:
        read = chapters_in(chapters)
        exercises = 15 * (asked.count("{ref}") - asked.count(" or "))
        if " or " in chapters:  # the last two chapters are a choice, and so is the last exercise
            *all_read, first, second = read
            low, high = (exercises + sum(all_read) + one for one in sorted((first, second)))
            assert minutes == f"{low}–{high}", (chapters, read)
        elif any(words in chapters for words in ("up to", "in part")):
            assert exercises + 5 <= int(minutes) <= exercises + sum(read), (chapters, read)
        else:
            assert int(minutes) == exercises + sum(read), (chapters, read)


@pytest.mark.parametrize("path", CHAPTERS, ids=IDS)
def test_every_figure_has_a_caption(path):
    for cell in read(path).cells:
        if cell.cell_type == "code" and re.search(
            r"^(figures\.|theme\.figure|explore\(|live\()", cell.source.split("\n")[-1]
        ):
            assert cell.metadata.get("mystnb", {}).get("figure", {}).get("caption"), cell.source


def test_no_machine_path_or_external_asset_in_the_sources():
    bad = re.compile(r"(/home/|/root/|/work/|https?://(cdn|unpkg|cdnjs))")
    files = [*BOOK.rglob("*.md"), *BOOK.rglob("*.ipynb"), *BOOK.rglob("*.js"), *BOOK.rglob("*.css")]
    assert not [str(path) for path in files if bad.search(path.read_text(encoding="utf8"))]


def test_formulas_use_no_macro_of_the_sites_own():
    """A notebook in JupyterLab has no macros: what only the site's MathJax defines would be a red error there."""
    settings = yaml.safe_load((ROOT / "_config.yml").read_text("utf8"))["sphinx"]["config"]
    assert "macros" not in settings["mathjax3_config"].get("tex", {})
    defined = [
        path.name
        for path in [*CHAPTERS, *BOOK.glob("*.md")]
        if re.search(r"\\(newcommand|def)\b", path.read_text("utf8"))
    ]
    assert not defined


def test_one_version_everywhere():
    version = re.search(r'__version__ = "([^"]+)"', (ROOT / "mlrg_lib/_version.py").read_text())[1]
    assert f"Version {version}." in (ROOT / "_config.yml").read_text()
    assert re.search(rf"^version: {re.escape(version)}$", (ROOT / "CITATION.cff").read_text(), re.M)
    assert f"## {version} " in (ROOT / "CHANGELOG.md").read_text()


def test_the_lock_holds_every_pin_with_hashes():
    lock = (ROOT / "requirements.lock").read_text()
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)[^\n]*\\\n    --hash=sha256:[0-9a-f]{64}", lock, re.M))
    assert set(locked) == set(re.findall(r"^([\w.-]+)==", lock, re.M))
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.txt").read_text(), re.M)
    stale = [pin for pin in pins if locked.get(pin[0].lower()) != pin[1]]
    assert not stale, f"run `make lock`: {stale}"


def test_requirements_are_pinned_exactly():
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.match(r"^[A-Za-z0-9._\[\]-]+==[\w.]+(\s*;.*)?$", line)] == []


def test_glossary_defines_every_term_used():
    used = {term for path in CHAPTERS for term in re.findall(r"\{term\}`(?:[^`<]*<)?([^`>]+)>?`", markdown(path))}
    defined = {
        line
        for line in (BOOK / "glossary.md").read_text().splitlines()
        if line and not line.startswith((" ", "#", "`"))
    }
    assert used <= defined
