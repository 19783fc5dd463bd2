"""The verdict, and the three ways an answer is examined: as a value, as a function, or by a trial of its own.

A checker never states the right answer. It computes it, compares, and where the answer equals one of the usual
mistakes it says which. Whatever the answer is, a checker returns a verdict: it raises nothing, and where the system
can interrupt Python (not on Windows, and only in the main thread) it does not wait for ever.
"""

import contextlib
import functools
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Function", "Mistake", "Refusal", "Trial", "Value", "Verdict", "agrees", "exercise", "refuse"]

UNFINISHED = "there is no answer here yet: replace the `...` by yours and run the cell again"
PATIENCE = 120.0  # seconds of the processor for an examination; the longest of ours takes a few
ENDLESS = "this was stopped after {:.0f} seconds: look for a loop whose condition never becomes false"
NOT_A_NUMBER = "some of it is NaN or infinite: look for a division by zero, a logarithm of zero or an overflow"


@dataclass(frozen=True)
class Verdict:
    """Whether an answer to an exercise passes, and a sentence about it.

    Parameters
    ----------
    passed : bool
        True if the answer is right. A verdict is as true as this.
    message : str
        What was checked, or a hint.

    Examples
    --------
    >>> Verdict(False, "the sign is reversed")
    Not yet: the sign is reversed.
    >>> bool(Verdict(True, "compared on three lattices"))
    True
    """

    passed: bool
    message: str

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return f"{'Passed' if self.passed else 'Not yet'}: {self.message}{self._stop}"

    def _repr_markdown_(self) -> str:
        return f"**{'Passed' if self.passed else 'Not yet'}.** {self.message[:1].upper()}{self.message[1:]}{self._stop}"

    @property
    def _stop(self) -> str:
        return "" if self.message.endswith("?") else "."


@dataclass(frozen=True)
class Mistake:
    """A usual wrong answer and the hint that it earns.

    ``answer`` is what a reader who makes this mistake would hand in; for a value it is a function of the right value.
    """

    answer: Callable
    hint: str


class Refusal(Exception):
    """Carries a hint out of a trial."""


class _TimeIsUp(BaseException):
    """Ends an examination from outside; not an Exception, so that no ``except Exception`` of the reader keeps it."""


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise _TimeIsUp in the block after this much of the processor's time, again and again, and keep an alarm that was
    set before. The time of the clock would blame the reader for what else the machine does."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_):
        raise _TimeIsUp

    handler = signal.signal(signal.SIGVTALRM, ring)
    earlier = signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, *earlier)
        signal.signal(signal.SIGVTALRM, handler)


def refuse(hint: str, when: bool = True) -> None:
    """Leave a trial with a hint."""
    if when:
        raise Refusal(hint)


@dataclass(frozen=True)
class Value:
    """Examine a number or an array.

    Parameters
    ----------
    truth : callable
        Called without arguments, computes the right value.
    mistakes : sequence of Mistake
        Compared in this order; each ``answer`` is called with the right value.
    otherwise : str
        The hint for a wrong value that is none of the mistakes.
    praise : str
        Said when the answer is right.
    rtol, atol : float
        How close is close: ``|answer - truth| <= atol + rtol |truth|``.
    """

    truth: Callable
    mistakes: Sequence[Mistake] = ()
    otherwise: str = "the value is another one"
    praise: str = "this is the value that the library computes another way"
    rtol: float = 1e-6
    atol: float = 1e-9

    def examine(self, answer) -> str:
        refuse("hand in the number itself, not the function: call it first", callable(answer))
        truth = np.asarray(self.truth())
        compare(self, [as_numbers(answer)], [truth], lambda mistake: [mistake.answer(truth)])
        return self.praise


@dataclass(frozen=True)
class Function:
    """Examine a function by calling it, and everyone who is usually wrong, on the same arguments.

    Parameters
    ----------
    arguments : callable
        Called without arguments, returns the list of argument tuples. The answer gets copies.
    truth : callable
        The right function, by an independent route.
    mistakes : sequence of Mistake
        Wrong functions, compared in this order.
    otherwise, praise, rtol, atol
        As for a :class:`Value`.
    """

    arguments: Callable
    truth: Callable
    mistakes: Sequence[Mistake] = ()
    otherwise: str = "the function returns something else"
    praise: str = "your function agrees with the library everywhere it was tried"
    rtol: float = 1e-6
    atol: float = 1e-9

    def examine(self, answer) -> str:
        refuse("hand in the function itself, without calling it", not callable(answer))
        calls = self.arguments()
        truths = [np.asarray(self.truth(*call)) for call in calls]
        given = [as_numbers(attempt(answer, *call)) for call in calls]
        compare(self, given, truths, lambda mistake: [mistake.answer(*call) for call in calls])
        return self.praise


def compare(examination: Value | Function, given: list, truths: list, wrong: Callable) -> None:
    """Return if all is right; otherwise refuse with the hint of the mistake that was made, if it is known."""
    rtol, atol = examination.rtol, examination.atol

    def equal(wanted):
        return all(a.shape == np.shape(b) and agrees(a, b, rtol, atol) for a, b in zip(given, wanted, strict=True))

    pairs = zip(given, truths, strict=True)
    given = [g.reshape(t.shape) if g.size == t.size == 1 else g for g, t in pairs]
    if equal(truths):
        return
    for mistake in examination.mistakes:
        refuse(mistake.hint, equal(wrong(mistake)))
    for g, t in zip(given, truths, strict=True):
        refuse(f"the shape should be {t.shape}, and it is {g.shape}", g.shape != t.shape)
    raise Refusal(general(given, truths, rtol, atol) or examination.otherwise)


@dataclass(frozen=True)
class Trial:
    """Examine an answer by an experiment of the checker's own.

    Parameters
    ----------
    judge : callable
        Gets the answer; calls :func:`refuse` with a hint, or returns the praise.
    mistakes : sequence of Mistake
        Answers that must earn their hints. The trial itself finds them; they are listed so that tests can try them.
    """

    judge: Callable
    mistakes: Sequence[Mistake] = ()

    def examine(self, answer) -> str:
        return self.judge(answer)


def exercise(label: str, examination: Value | Function | Trial) -> Callable:
    """Turn a documented, empty function into the checker of the exercise with this label."""

    def decorate(function):
        @functools.wraps(function)
        def checker(answer: object) -> Verdict:
            if is_unfinished(answer):
                return Verdict(False, UNFINISHED)
            try:
                with _limited(PATIENCE), warnings.catch_warnings(), np.errstate(all="ignore"):
                    warnings.simplefilter("ignore")
                    return Verdict(True, examination.examine(answer))
            except _TimeIsUp:
                return Verdict(False, ENDLESS.format(PATIENCE))
            except Refusal as refusal:
                return Verdict(False, str(refusal))
            except (Exception, SystemExit) as error:
                return Verdict(False, f"this could not be examined ({type(error).__name__}: {short(error)})")

        checker.label, checker.examination = label, examination
        return checker

    return decorate


def is_unfinished(answer) -> bool:
    return answer is None or answer is Ellipsis


def short(error: BaseException) -> str:
    text = " ".join(str(error).split()) or "no message"
    return text if len(text) <= 120 else text[:117] + "..."


def attempt(answer: Callable, *call):
    """Call the reader's function on copies, and turn what goes wrong into a hint."""
    copies = [np.array(a) if isinstance(a, np.ndarray) else a for a in call]
    try:
        result = answer(*copies)
    except (Exception, SystemExit) as error:
        raise Refusal(f"your function stopped with {type(error).__name__}: {short(error)}") from None
    unfinished = is_unfinished(result)
    refuse("your function returns nothing yet: replace the `...`, or add the `return`", unfinished)
    return result


def as_numbers(value, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Return finite real numbers, of the wanted shape if one is given, or refuse with a hint."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        raise Refusal("this is not a rectangular array of numbers") from None
    if array.dtype == object and any(is_unfinished(item) for item in array.ravel()):
        raise Refusal(UNFINISHED)
    refuse(
        f"a number or an array of numbers is needed, and this is {type(value).__name__}", array.dtype.kind not in "biuf"
    )
    array = array.astype(float)
    if shape is not None and array.shape != shape:
        refuse(
            f"the shape should be {shape}, and it is {array.shape}", array.size != 1 or np.prod(shape, dtype=int) != 1
        )
        array = array.reshape(shape)
    refuse(NOT_A_NUMBER, not np.isfinite(array).all())
    return array


def agrees(given, wanted, rtol: float = 1e-6, atol: float = 1e-9) -> bool:
    """Return whether all numbers are close."""
    return bool(np.allclose(given, wanted, rtol=rtol, atol=atol))


def general(given: list[np.ndarray], truths: list[np.ndarray], rtol: float, atol: float) -> str | None:
    """Return the hint for what can go wrong with any quantity: its sign, a factor, a constant, its orientation."""
    a = np.concatenate([np.ravel(g) for g in given])
    b = np.concatenate([np.ravel(t) for t in truths]).astype(float)
    if agrees(a, -b, rtol, atol):
        return "the size is right and the sign is reversed"
    if a.size >= 3 and np.ptp(b) > 1e-6 * np.abs(b).max():
        if b @ b > 0 and agrees(a, b * (a @ b) / (b @ b), rtol, atol) and a @ b:
            return "everything is off by one and the same factor"
        if agrees(a - a.mean(), b - b.mean(), rtol, atol * 10):
            return "everything is off by one and the same additive constant"
    square = all(g.ndim == 2 and g.shape[0] == g.shape[1] for g in given)
    if square and all(agrees(g.T, t, rtol, atol) for g, t in zip(given, truths, strict=True)):
        return "rows and columns are exchanged"
    return None
