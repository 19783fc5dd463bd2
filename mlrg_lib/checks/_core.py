"""What an exercise is, and the three ways its answer is examined: as a value, as a function, or by a trial.

An exercise is an object that says what it asks for, and that is called with an answer. It never states the right one.
It computes it, compares, and where the answer equals one of the usual mistakes it says which. Whatever the answer is,
it returns a verdict: it raises nothing, and where the system can interrupt Python (not on Windows, and only in the
main thread) it does not wait for ever.
"""

import contextlib
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np

from ._compared import agrees, general

__all__ = ["Exercise", "Function", "Refusal", "Trial", "Value", "Verdict", "as_numbers", "attempt", "refuse"]

UNFINISHED = "there is no answer here yet: replace the `...` by yours and run the cell again"
PATIENCE = 120.0  # seconds of the processor for an examination; the longest of ours takes a few
ENDLESS = "this was stopped after {:.0f} seconds: look for a loop whose condition never becomes false"
NOT_A_FUNCTION = "hand in the function itself, without calling it"
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


@dataclass(frozen=True, eq=False, repr=False)
class Exercise:
    """What all exercises have; called with an answer, an exercise returns a :class:`Verdict`.

    Parameters
    ----------
    label : str
        The label that it has in its chapter.
    asks : str
        What is to be handed in. The docstring is made of it.
    mistakes
        The usual wrong answers by the hints that they earn, in the order in which they are looked for.
    otherwise : str
        The hint for a wrong answer that is none of them.
    praise : str
        Said when the answer is right.
    """

    label: str
    asks: str
    _: KW_ONLY
    mistakes: Callable | Mapping
    otherwise: str
    praise: str

    def __post_init__(self):
        object.__setattr__(self, "__doc__", f"Check {self.asks}.")

    def __repr__(self) -> str:
        return f"<exercise {self.label}: {self.asks}>"

    def __call__(self, answer: object) -> Verdict:
        if is_unfinished(answer):
            return Verdict(False, UNFINISHED)
        try:
            with _limited(PATIENCE), warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                return Verdict(True, self.examine(answer))
        except _TimeIsUp:
            return Verdict(False, ENDLESS.format(PATIENCE))
        except Refusal as refusal:
            return Verdict(False, str(refusal))
        except (Exception, SystemExit) as error:
            return Verdict(False, f"this could not be examined ({type(error).__name__}: {short(error)})")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Value(Exercise):
    """Examine a number or an array.

    Parameters
    ----------
    truth : callable
        ``truth()`` computes the right value.
    mistakes : callable
        ``mistakes(right value)`` returns a dictionary of hints, each with the wrong value that earns it.
    rtol, atol : float
        How close is close: ``|answer - truth| <= atol + rtol |truth|``.
    also : callable, optional
        ``also()`` returns values of another reading of what is asked, right too, by what is said to them.
    """

    truth: Callable
    rtol: float = 1e-6
    atol: float = 1e-9
    also: Callable = dict

    def examine(self, answer) -> str:
        refuse("hand in the number itself, not the function: call it first", callable(answer))
        given = as_numbers(answer)
        try:
            return self.compare([()], [given])
        except Refusal:
            for praise, value in self.also().items():
                if given.size == np.size(value) and agrees(given, value, self.rtol, self.atol):
                    return praise
            raise

    def compare(self, calls: Sequence[tuple], given: list[np.ndarray]) -> str:
        """Return the praise if all is right; otherwise refuse with the hint of the mistake that was made, if known."""
        truths = [np.asarray(self.truth(*call)) for call in calls]
        given = [g.reshape(t.shape) if g.size == t.size == 1 else g for g, t in zip(given, truths, strict=True)]

        def equal(wanted):
            pairs = zip(given, wanted, strict=True)
            return all(g.shape == np.shape(w) and agrees(g, w, self.rtol, self.atol) for g, w in pairs)

        if equal(truths):
            return self.praise
        wrong = [self.mistakes(truth, *call) for truth, call in zip(truths, calls, strict=True)]
        for hint in wrong[0]:
            refuse(hint, equal([values[hint] for values in wrong]))
        for g, t in zip(given, truths, strict=True):
            refuse(f"the shape should be {t.shape}, and it is {g.shape}", g.shape != t.shape)
        raise Refusal(general(given, truths, self.rtol, self.atol) or self.otherwise)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Function(Value):
    """Examine a function by calling it on the arguments on which the truth is computed.

    Parameters
    ----------
    calls : callable
        ``calls()`` returns the list of argument tuples. The answer gets copies.
    truth : callable
        The right function, by an independent route.
    mistakes : callable
        ``mistakes(right value, *arguments)`` returns a dictionary of hints, each with the wrong value that earns it.
    rtol, atol : float
        As for a :class:`Value`.
    """

    calls: Callable

    def examine(self, answer) -> str:
        refuse(NOT_A_FUNCTION, not callable(answer))
        calls = self.calls()
        return self.compare(calls, [as_numbers(attempt(answer, *call)) for call in calls])


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Trial(Exercise):
    """Examine a function by an experiment with it.

    Parameters
    ----------
    observe : callable
        ``observe(answer)`` makes the experiment and returns what was seen.
    right : callable, optional
        ``right(seen)`` tells a right answer. Without it an answer is right that shows none of the mistakes.
    mistakes : dict
        For each hint a pair: how the mistake shows, a function of what was seen; and a function that makes it, by
        which the tests see that it earns its hint.
    """

    observe: Callable
    right: Callable | None = None
    otherwise: str | None = None

    def examine(self, answer) -> str:
        refuse(NOT_A_FUNCTION, not callable(answer))
        seen = self.observe(answer)
        if self.right is not None and self.right(seen):
            return self.praise
        for hint, (shows, _) in self.mistakes.items():
            refuse(hint, bool(shows(seen)))
        refuse(self.otherwise, self.right is not None)
        return self.praise


def is_unfinished(answer) -> bool:
    return answer is None or answer is Ellipsis


def short(error: BaseException) -> str:
    text = " ".join(str(error).split()) or "no message"
    return text if len(text) <= 120 else text[:117] + "..."


def attempt(answer: Callable, *call):
    """Call the reader's function on copies, and turn what goes wrong into a hint."""
    copies = [a.copy() if isinstance(a, np.ndarray | list) else a for a in call]
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
    other = array.dtype.kind not in "biuf"
    refuse(f"a number or an array of numbers is needed, and this is {type(value).__name__}", other)
    array = array.astype(float)
    if shape is not None and array.shape != shape:
        several = array.size != 1 or np.prod(shape, dtype=int) != 1
        refuse(f"the shape should be {shape}, and it is {array.shape}", several)
        array = array.reshape(shape)
    refuse(NOT_A_NUMBER, not np.isfinite(array).all())
    return array
