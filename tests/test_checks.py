"""The exercises: each has a checker, its stub earns a hint, its solution passes, and no hint tells the solution."""

import ast
import builtins
import importlib
import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from mlrg_lib import checks
from mlrg_lib.checks import Verdict, _core

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_tools"))
import notebooks  # noqa: E402

CHAPTERS = {path.stem: path for path in notebooks.chapters()}


def checker_modules() -> dict:
    return {name: importlib.import_module(f"mlrg_lib.checks.{name}") for name in checks.CHAPTERS}


CHECKERS = [
    pytest.param(getattr(module, name), id=f"{chapter}.{name}")
    for chapter, module in checker_modules().items()
    for name in module.__all__
]


def wrong_answer(checker, mistake):
    examination = checker.examination
    if isinstance(examination, _core.Value):
        return mistake.answer(np.asarray(examination.truth()))
    return mistake.answer


def hints(checker) -> list[str]:
    otherwise = getattr(checker.examination, "otherwise", None)
    return [mistake.hint for mistake in checker.examination.mistakes] + ([otherwise] if otherwise else [])


# The exercises as they stand in the chapters


def defined_by(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
    return names


def used_by(tree: ast.AST) -> set[str]:
    loads = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    arguments = {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    return loads - set(dir(builtins)) - defined_by(tree) - arguments


def needed(cells: list[str], last: int) -> list[int]:
    """Return the cells that must run before a cell, because they make names that it uses."""
    trees = [ast.parse(source) for source in cells[: last + 1]]
    wanted, kept = used_by(trees[last]), []
    for k in range(last - 1, -1, -1):
        made = defined_by(trees[k])
        if made & wanted:
            kept.append(k)
            wanted = (wanted - made) | used_by(trees[k])
    return kept[::-1]


def run(source: str, names: dict):
    """Execute a cell and return the value of its last line, if that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None


def calls(source: str) -> list[str]:
    return re.findall(r"\bchecks\.(\w+\.\w+)\(", source)


def exercises(path: Path):
    """Return the code cells, and for each exercise its label with the cells of its stub and of its solution."""
    code, found, label, part = [], [], None, None
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            if label and part:
                found[-1][part].append(len(code))
            code.append(cell.source)
            continue
        marks = re.finditer(r"\{(exercise|solution-start|solution-end)\}[^\n]*(?:\n:label: ([\w-]+))?", cell.source)
        for mark in marks:
            if mark[1] == "exercise":
                label, part = mark[2], "stub"
                found.append({"label": label, "stub": [], "solution": []})
            else:
                part = "solution" if mark[1] == "solution-start" else None
    return code, found


@pytest.mark.parametrize("chapter", checks.CHAPTERS)
def test_each_exercise_has_a_stub_and_a_solution_that_call_its_checker(chapter):
    code, found = exercises(CHAPTERS[chapter])
    by_label = {checker.values[0].label: checker.id for checker in CHECKERS if checker.id.startswith(chapter + ".")}
    assert {one["label"] for one in found} == set(by_label)
    assert len(found) >= 4
    for one in found:
        for part in ("stub", "solution"):
            called = [name for k in one[part] for name in calls(code[k])]
            assert called == [by_label[one["label"]]], (one["label"], part)


@pytest.mark.parametrize("chapter", checks.CHAPTERS)
def test_stubs_earn_a_hint_and_solutions_pass(chapter, monkeypatch):
    monkeypatch.chdir(CHAPTERS[chapter].parent)
    code, found = exercises(CHAPTERS[chapter])
    stubs = {k for one in found for k in one["stub"]}
    done, names = set(), {}
    for one in found:
        for part, expected in (("stub", False), ("solution", True)):
            (last,) = [k for k in one[part] if calls(code[k])]
            for before in needed(code, last):
                if before not in done and before not in stubs and not calls(code[before]):
                    run(code[before], names)
                    done.add(before)
            verdict = run(code[last], names)
            assert isinstance(verdict, Verdict), one["label"]
            assert verdict.passed is expected, (one["label"], part, verdict)


def test_every_chapter_has_checkers():
    assert set(checks.CHAPTERS) == set(CHAPTERS)


# The checkers by themselves


@pytest.mark.parametrize("checker", CHECKERS)
def test_each_usual_mistake_earns_its_own_hint(checker):
    listed = [mistake.hint for mistake in checker.examination.mistakes]
    assert listed, "no mistake is recognised"
    for mistake in checker.examination.mistakes:
        verdict = checker(wrong_answer(checker, mistake))
        assert not verdict
        assert verdict.message == mistake.hint


def not_an_answer(*arguments):
    raise RuntimeError("broken on purpose")


BAD = [None, ..., "text", np.nan, [np.nan, 1.0], [], [[1], [1, 2]], {}, 1j, np.zeros((2, 3, 5)), not_an_answer]
BAD += [lambda *a: None, lambda *a: "text", lambda *a: np.full((7, 3), np.nan), lambda *a: 12345.678, lambda: 0, int]


@pytest.mark.parametrize("checker", CHECKERS)
def test_nothing_that_is_handed_in_raises_or_passes(checker):
    for bad in BAD:
        verdict = checker(bad)
        assert isinstance(verdict, Verdict), bad
        assert not verdict, bad
        assert verdict.message


def significant(value: float) -> set[str]:
    """Return the first three significant digits, rounded and cut off; nothing for a number with fewer."""
    digits = f"{abs(value):.9e}".split("e")[0].replace(".", "")
    rounded = f"{abs(value):.2e}".split("e")[0].replace(".", "")
    return {digits[:3], rounded} if digits[:6].rstrip("0")[2:] else set()


def leaks(checker) -> list[str]:
    """Return the hints that contain a number of the solution."""
    examination = checker.examination
    truths = []
    if isinstance(examination, _core.Value):
        truths = [examination.truth()]
    elif isinstance(examination, _core.Function):
        truths = [examination.truth(*call) for call in examination.arguments()]
    secret = {digits for truth in truths for x in np.ravel(truth)[:1000] for digits in significant(float(x))}
    found = []
    for hint in hints(checker):
        numbers = re.findall(r"\d+(?:\.\d+)?", hint)
        found += [hint] * bool(secret & {digits for n in numbers for digits in significant(float(n))})
    return found


@pytest.mark.parametrize("checker", CHECKERS)
def test_no_hint_contains_the_solution(checker):
    assert leaks(checker) == []


@pytest.mark.parametrize("told", ["0.6167", "0.617", "0.616"])
def test_a_hint_that_tells_the_solution_is_found(told):
    hint = f"try {told} instead"
    check = _core.exercise("ex", _core.Value(lambda: 0.61673, otherwise=hint))(not_an_answer)
    assert leaks(check) == [hint]


@pytest.mark.parametrize("checker", CHECKERS)
def test_hints_are_sentences_that_fit(checker):
    for hint in hints(checker):
        assert len(hint) <= 200
        assert not hint.endswith((".", "!"))
        assert "$" not in hint


def test_a_wrong_truth_would_be_found(monkeypatch):
    """Negative control: a checker with a broken truth refuses the right answer."""
    broken = _core.exercise("ex", _core.Value(lambda: 2.0))(not_an_answer)
    assert not broken(1.0)
    assert broken(2.0)


def test_general_hints():
    truth = np.array([1.0, 2.0, 4.0])
    check = _core.exercise("ex", _core.Value(lambda: truth))(not_an_answer)
    assert "sign" in check(-truth).message
    assert "factor" in check(3 * truth).message
    assert "additive" in check(truth + 1).message
    assert "shape" in check(truth[:2]).message
    square = _core.exercise("ex", _core.Value(lambda: np.arange(9.0).reshape(3, 3)))(not_an_answer)
    assert "rows and columns" in square(np.arange(9.0).reshape(3, 3).T).message


def test_a_verdict_shows_itself_in_words():
    verdict = Verdict(False, "the sign is reversed")
    assert repr(verdict) == "Not yet: the sign is reversed."
    assert verdict._repr_markdown_() == "**Not yet.** The sign is reversed."
    assert not verdict
    assert Verdict(True, "right")


def test_arguments_are_copies():
    def vandal(x):
        x[:] = 0
        return x.sum()

    seen = np.ones(3)
    check = _core.exercise("ex", _core.Function(lambda: [(seen,)], lambda x: x.sum()))(not_an_answer)
    assert not check(vandal)
    assert seen.tolist() == [1, 1, 1]


def test_needed_cells_follow_names():
    cells = ["import numpy as np", "a = 3", "a = np.ones(3)", "b = 7", "c = a.sum()", "print(c)"]
    assert needed(cells, 5) == [0, 2, 4]
