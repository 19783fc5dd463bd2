"""The checkers of the exercises: usual mistakes earn their hints, no hint tells the solution, nothing else passes."""

import ast
import dataclasses
import functools
import importlib
import inspect
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from mlrg_lib import checks
from mlrg_lib._kernels import lattice
from mlrg_lib.checks import Verdict, _core
from mlrg_lib.ising import exact, observables

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
import exercises as reference  # noqa: E402


def checker_modules() -> dict:
    return {name: importlib.import_module(f"mlrg_lib.checks.{name}") for name in checks.CHAPTERS}


CHECKERS = [
    pytest.param(getattr(module, name), id=f"{chapter}.{name}")
    for chapter, module in checker_modules().items()
    for name in module.__all__
]


def value(hint: str, checker, *call):
    """The value of a function that makes the mistake with this hint."""
    return checker.mistakes(np.asarray(checker.truth(*call)), *call)[hint]


def wrong_answers(checker) -> dict:
    """Return what a reader would hand in who makes each of the usual mistakes, by the hint that it must earn."""
    if isinstance(checker, _core.Trial):
        return {hint: answer for hint, (_, answer) in checker.mistakes.items()}
    if isinstance(checker, _core.Function):
        hints = checker.mistakes(np.asarray(checker.truth(*checker.calls()[0])), *checker.calls()[0])
        return {hint: functools.partial(value, hint, checker) for hint in hints}
    return checker.mistakes(np.asarray(checker.truth()))


def hints(checker) -> list[str]:
    return [*wrong_answers(checker), *([checker.otherwise] if checker.otherwise else [])]


@pytest.mark.parametrize("checker", CHECKERS)
def test_each_usual_mistake_earns_its_own_hint(checker):
    answers = wrong_answers(checker)
    assert len(answers) >= 3
    for hint, answer in answers.items():
        verdict = checker(answer)
        assert not verdict
        assert verdict.message == hint


@pytest.mark.parametrize("chapter", checks.CHAPTERS)
def test_each_hint_is_said_once(chapter):
    tree = ast.parse((ROOT / "mlrg_lib" / "checks" / f"{chapter}.py").read_text(encoding="utf8"))
    said = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    known = {hint for checker in CHECKERS if checker.id.startswith(chapter + ".") for hint in hints(checker.values[0])}
    assert sorted(text for text in said if text in known) == sorted(known)


COMPARED = [checker for checker in CHECKERS if isinstance(checker.values[0], _core.Value)]


@pytest.mark.parametrize("checker", COMPARED)
def test_with_a_wrong_truth_the_right_answer_is_refused(checker):
    """And so the solution in the chapter, which must pass, finds a truth that is wrong in one of the usual ways."""
    right = checker.truth if isinstance(checker, _core.Function) else checker.truth()
    assert checker(right)
    for hint, wrong in wrong_answers(checker).items():
        broken = dataclasses.replace(checker, truth=wrong if callable(wrong) else lambda wrong=wrong: wrong)
        assert not broken(right), hint


@pytest.mark.parametrize("checker", CHECKERS)
def test_an_exercise_says_what_it_asks_for(checker):
    assert checker.asks in repr(checker)
    assert checker.asks in checker.__doc__
    assert not checker.asks.endswith(".")
    named = re.findall(r"``answer\(([^)]*)\)``", checker.asks)
    if isinstance(checker, _core.Trial):
        makes = next(iter(wrong_answers(checker).values()))
        (arguments,) = named
        assert len(arguments.split(", ")) == len(inspect.signature(makes).parameters)
    elif isinstance(checker, _core.Function):
        (arguments,) = named
        assert {len(call) for call in checker.calls()} == {len(arguments.split(", "))}
    else:
        assert not named
        size = np.size(checker.truth())
        words = {1: "one number", 2: "an array of two", 5: "an array of five", 6: "an array of six"}
        assert words[size] in checker.asks


def test_the_reference_has_the_exercises_of_every_chapter():
    page = (ROOT / "book" / "api" / "checks.md").read_text(encoding="utf8")
    assert re.findall(r"automodule:: mlrg_lib\.checks\.(\w+)", page) == list(checks.CHAPTERS)
    lines = []
    for chapter, module in checker_modules().items():
        reference.list_exercises(None, "module", f"mlrg_lib.checks.{chapter}", module, None, lines)
    assert lines == [f"- ``checks.{checker.id}``: {checker.values[0].asks}." for checker in CHECKERS]


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
    truths = []
    if isinstance(checker, _core.Value):
        calls = checker.calls() if isinstance(checker, _core.Function) else [()]
        truths = [checker.truth(*call) for call in calls]
    secret = {digits for truth in truths for x in np.ravel(truth)[:1000] for digits in significant(float(x))}
    found = []
    for hint in hints(checker):
        numbers = re.findall(r"\d+(?:\.\d+)?", hint)
        found += [hint] * bool(secret & {digits for n in numbers for digits in significant(float(n))})
    return found


def value_exercise(truth, otherwise="another one"):
    return _core.Value(
        "ex", "one number", truth=lambda: truth, mistakes=lambda _: {}, otherwise=otherwise, praise="right"
    )


@pytest.mark.parametrize("checker", CHECKERS)
def test_no_hint_contains_the_solution(checker):
    assert leaks(checker) == []


@pytest.mark.parametrize("told", ["0.6167", "0.617", "0.616"])
def test_a_hint_that_tells_the_solution_is_found(told):
    hint = f"try {told} instead"
    assert leaks(value_exercise(0.61673, otherwise=hint)) == [hint]


@pytest.mark.parametrize("checker", CHECKERS)
def test_hints_are_sentences_that_fit(checker):
    for hint in hints(checker):
        assert len(hint) <= 200
        assert not hint.endswith((".", "!"))
        assert "$" not in hint


@pytest.mark.parametrize(("checker", "beta"), [(checks.ising.cost, 0.408), (checks.learning_ising.burn_in, 1 / 2.3)])
def test_metropolis_in_random_order_is_right_too_and_told_apart(checker, beta):
    """By another way to the same kernel, from fair coins."""
    cost = checker is checks.ising.cost
    n_chains, start, n_sweeps = (64, 500, 1200) if cost else (1024, 100, 0)
    rng, accept = np.random.default_rng(3), np.minimum(1, np.exp(-2 * beta * np.arange(-4, 5, 2)))
    spins = rng.choice(np.array([-1, 1], dtype=np.int8), (n_chains, 40, 40))
    states, series = rng.integers(2**63, size=(n_chains, 4), dtype=np.uint64), []
    lattice.metropolis_sweeps(spins, accept, start, states)
    for _ in range(n_sweeps // 4):
        lattice.metropolis_sweeps(spins, accept, 4, states)
        series.append(abs(spins.mean(axis=(1, 2))))
    if cost:
        answer = 8 * observables.autocorrelation_time(np.array(series).T)[0] * 20_000
    else:
        answer = observables.energy(spins).mean() - exact.torus_energy(40, beta)
    verdict = checker(answer)
    assert verdict
    assert "random order" in verdict.message
    assert "random order" not in checker(checker.truth()).message


def test_general_hints():
    truth = np.array([1.0, 2.0, 4.0])
    check = value_exercise(truth)
    assert "sign" in check(-truth).message
    assert "factor" in check(3 * truth).message
    assert "additive" in check(truth + 1).message
    assert "shape" in check(truth[:2]).message
    square = value_exercise(np.arange(9.0).reshape(3, 3))
    assert "rows and columns" in square(np.arange(9.0).reshape(3, 3).T).message


def test_a_verdict_shows_itself_in_words():
    verdict = Verdict(False, "the sign is reversed")
    assert repr(verdict) == "Not yet: the sign is reversed."
    assert verdict._repr_markdown_() == "**Not yet.** The sign is reversed."
    assert not verdict
    assert Verdict(True, "right")


@pytest.mark.parametrize("argument", [np.ones(3), [1.0, 1.0, 1.0]], ids=["array", "list"])
def test_arguments_are_copies(argument):
    def vandal(x):
        x[:] = [0.0]
        return sum(x)

    check = _core.Function(
        "ex",
        "the sum: ``answer(x)``",
        calls=lambda: [(argument,)],
        truth=sum,
        mistakes=lambda *_: {},
        otherwise="another one",
        praise="right",
    )
    assert not check(vandal)
    assert list(argument) == [1, 1, 1]
