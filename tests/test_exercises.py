"""The exercises as they stand in the chapters: a stub that earns a hint, a solution that passes, one checker."""

import ast
import builtins
import importlib
import re
import sys
from pathlib import Path

import nbformat
import pytest
import replay

from mlrg_lib import checks

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_tools"))
import notebooks  # noqa: E402

CHAPTERS = {path.stem: path for path in notebooks.chapters()}


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
    module = importlib.import_module(f"mlrg_lib.checks.{chapter}")
    by_label = {getattr(module, name).label: f"{chapter}.{name}" for name in module.__all__}
    assert [one["label"] for one in found] == list(by_label), "not in the chapter's order"
    assert len(found) >= 4
    for one in found:
        for part in ("stub", "solution"):
            called = [name for k in one[part] for name in calls(code[k])]
            assert called == [by_label[one["label"]]], (one["label"], part)


def results_of_the_build(path: Path) -> list[str] | None:
    """Return what the last line of each code cell gave in the build; None if these cells were not executed there."""
    cells = replay.executed(path)
    if cells is None:
        return None
    return ["".join(o.data["text/plain"] for o in c.outputs if o.output_type == "execute_result") for c in cells]


def results_of_running(code: list[str], found: list[dict]) -> dict[int, str]:
    """Run the cells that call a checker, each after the cells that it needs; return what their last lines give."""
    stubs = {k for one in found for k in one["stub"]}
    done, names, results = set(), {}, {}
    for last in [k for one in found for k in one["stub"] + one["solution"] if calls(code[k])]:
        for before in needed(code, last):
            if before not in done and before not in stubs and not calls(code[before]):
                run(code[before], names)
                done.add(before)
        results[last] = repr(run(code[last], names))
    return results


@pytest.mark.parametrize("chapter", checks.CHAPTERS)
def test_stubs_earn_a_hint_and_solutions_pass(chapter, monkeypatch):
    """In the chapter as the build executed it; without a build of what there is now, by running the cells here."""
    monkeypatch.chdir(CHAPTERS[chapter].parent)
    code, found = exercises(CHAPTERS[chapter])
    results = results_of_the_build(CHAPTERS[chapter]) or results_of_running(code, found)
    for one in found:
        for part, expected in (("stub", "Not yet: "), ("solution", "Passed: ")):
            (verdict,) = [results[k] for k in one[part] if calls(code[k])]
            assert verdict.startswith(expected), (one["label"], part, verdict)


def test_every_chapter_has_checkers():
    assert set(checks.CHAPTERS) == set(CHAPTERS)


def test_needed_cells_follow_names():
    cells = ["import numpy as np", "a = 3", "a = np.ones(3)", "b = 7", "c = a.sum()", "print(c)"]
    assert needed(cells, 5) == [0, 2, 4]
