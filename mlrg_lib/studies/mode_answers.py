"""What the study of modes in data answers, by the rules of its protocol; how often they are right; whether errors hold.

Everything works on the points of :func:`mlrg_lib.studies.modes_in_data.load`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import t as student

from .._validation import check_choice, check_real
from . import modes_in_data as study

__all__ = ["RIGHT", "answers", "coverage", "interval", "rates"]

_ANY = ("yes", "no", "possible", "undecided")
RIGHT = {  # of each process: the right answers about symmetry, competition and one gain; undecided is never wrong
    name: tuple(_ANY if word == "any" else (word,) for word in words.split())
    for names, words in (
        (("Gaussian", "heavy factors", "own gain", "two states"), "yes no no"),
        (("gain, fast", "gain", "gain, slow"), "yes no yes"),
        (("four gains",), "yes no any"),
        (("two states and a gain", "φ⁴, α = 1.25, with a gain", "Ising, T = 2.27, with a gain"), "yes possible no"),
        (("Cox process",), "no no no"),
        (("latent fields",), "any no any"),
        (("φ⁴, α = 1.25", "φ⁴, α = 1.75", "φ⁴, α = 2.5"), "yes yes no"),
        (("Ising, T = 2.27", "Ising, T = 3", "O(3), mean field"), "yes yes no"),
    )
    for name in names
}
QUESTIONS = ("symmetry", "competition", "one gain")
_SYMMETRIC, _SMALLEST, _GAIN, _NONE = 0.1, 0.05, 0.15, 0.05  # the protocol's margins of S₁, −D, D and C̄
EXACT = {"softest": 0.0, "others": 0.0, "contrast": 0.0, "kurtosis": 3.0, "skew": 0.0}


def interval(estimate: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a value and its jackknife error over 20 blocks, by Student's t.

    Parameters
    ----------
    estimate : sequence
        Value and error.
    level : float
        Between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper end; infinite where a part of the jackknife had no value.

    Examples
    --------
    >>> low, high = interval((1.0, 0.1))
    >>> round(low, 3), round(high, 3)
    (0.791, 1.209)
    """
    value, error = (np.nan if x is None else x for x in estimate[:2])
    reach = float(student.ppf(0.5 + 0.5 * check_real("level", level, 0.0, 1.0), 19)) * error
    return (value - reach, value + reach) if np.isfinite(reach + value) else (-np.inf, np.inf)


def answers(found: Mapping) -> dict[str, str]:
    """Return what one data matrix answers: "symmetry", "competition" and "one gain", by the protocol's rules.

    Parameters
    ----------
    found : mapping
        A point of the study.

    Returns
    -------
    dict of str
        "yes", "no" or "undecided", and for competition also "possible".

    Examples
    --------
    >>> tight = {"softest": (-0.2, 0.01), "others": (0.0, 0.01), "contrast": (-0.2, 0.01)}
    >>> answers(tight | {"kurtosis": (2.4, 0.1), "skew": (0.0, 0.01)})
    {'symmetry': 'yes', 'competition': 'yes', 'one gain': 'no'}
    """
    low, high = {}, {}
    for name in EXACT:
        low[name], high[name] = interval(found[name])
    skewed = low["skew"] > 0 or high["skew"] < 0
    symmetric = low["skew"] > -_SYMMETRIC and high["skew"] < _SYMMETRIC
    masked = high["contrast"] < 0 and high["kurtosis"] < 3
    apart = low["contrast"] > 0 or high["contrast"] < 0
    together = low["others"] > 0 and low["contrast"] > -_GAIN and high["contrast"] < _GAIN
    return {
        "symmetry": "no" if skewed else "yes" if symmetric else "undecided",
        "competition": (
            "yes" if high["softest"] < 0 else "possible" if masked else "no" if low["contrast"] > -_SMALLEST
            else "undecided"
        ),
        "one gain": "no" if apart or high["others"] < _NONE else "yes" if together else "undecided",
    }  # fmt: skip


def rates(points: Sequence[Mapping], shape: str) -> dict[str, dict[str, Counter]]:
    """Count, for each process at one size, how often each question is answered right, wrong, or not.

    Parameters
    ----------
    points : sequence of mapping
        Of the study.
    shape : str
        "neurons", "fMRI" or "stocks".

    Returns
    -------
    dict
        For each process and each question a counter of "right", "wrong" and "undecided".
    """
    check_choice("shape", shape, tuple(study.SHAPES))
    counts = {name: {question: Counter() for question in QUESTIONS} for name in study.PROCESSES}
    for found in points:
        if found.get("shape") == shape and found["seed"] >= 0:
            given = answers(found)
            for question, right in zip(QUESTIONS, RIGHT[found["process"]], strict=True):
                verdict = "undecided" if given[question] == "undecided" else "wrong"
                verdict = "right" if given[question] in right and verdict == "wrong" else verdict
                counts[found["process"]][question][verdict] += 1
    return counts


def coverage(points: Sequence[Mapping], shape: str, level: float = 0.95) -> dict[str, dict[str, float]]:
    """Return how often intervals hold the truth: for each process and measure, at one size.

    Parameters
    ----------
    points : sequence of mapping
        Of the study.
    shape : str
        As in :func:`rates`.
    level : float
        Of the intervals.

    Returns
    -------
    dict
        For each process the part of its draws whose interval holds the value of the long run, or the exact one; also
        "moment" and "moment, fixed components", over the four fractions, where the truth is known; and "share" for one
        gain.
    """
    check_choice("shape", shape, tuple(study.SHAPES))
    here = [found for found in points if found.get("shape") == shape]
    truths = {found["process"]: {name: found[name][0] for name in EXACT} for found in here if found["seed"] < 0}
    for name, moment in study.MOMENT.items():
        excess = moment / 3 - 1
        truths[name] = EXACT | {"softest": excess, "others": excess, "kurtosis": moment}
        truths[name] |= {"share": 1.0} if excess else {}
    held: dict[str, dict[str, list[bool]]] = {}
    for found in (found for found in here if found["seed"] >= 0):
        process = found["process"]
        tests = [(name, found[name], truth) for name, truth in truths[process].items()]
        for value, refitted, fixed in found["moment"] if process in study.MOMENT else ():
            truth = study.MOMENT[process]
            tests += [("moment", (value, refitted), truth), ("moment, fixed components", (value, fixed), truth)]
        for name, estimate, truth in tests:
            low, high = interval(estimate, level)
            held.setdefault(process, {}).setdefault(name, []).append(low <= truth <= high)
    return {process: {name: float(np.mean(hits)) for name, hits in row.items()} for process, row in held.items()}
