"""What the second study of transformations answers, by the rules of ``book/protocols/good_again.md``.

Everything works on the rules of :func:`mlrg_lib.studies.good_again.load`. Intervals are of 90 %, from Student's t over
runs, so that each one-sided test is one at 5 %.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy import stats

from .._validation import as_generator, check_array
from ..analysis.series import Estimate, jackknife_error
from .weight_fits import inside

__all__ = ["approach", "basin", "difference", "gain", "reach"]

EXACT, MARGINS = {"y_t": 1.0, "y_h": 15 / 8}, {"y_t": 0.05, "y_h": 0.005}
FITTED, JUDGED, FAR = np.arange(2, 6), (4, 5), 10  # levels
THRESHOLD = 2 ** (1 / 8)  # of the gain
_RATES = np.linspace(-1, 4, 5001)


class Approach(NamedTuple):
    """The law y(n) − y = A 2^(−ω n), fitted to an exponent of one rule.

    Attributes
    ----------
    amplitude, rate : Estimate
        A and ω, each with its error.
    chi2 : float
        Of as many levels as were fitted, less two.
    foreseen : tuple of float
        The 90 % interval of the distance that the law foresees at level ``FAR``.
    """

    amplitude: Estimate
    rate: Estimate
    chi2: float
    foreseen: tuple[float, float]


def approach(found: Mapping, y: str = "y_h") -> Approach:
    """Fit how an exponent approaches its exact value, level by level.

    Parameters
    ----------
    found : mapping
        A rule of the study.
    y : str
        "y_h" or "y_t".

    Returns
    -------
    Approach
        NaN where some level has no exponent.

    Examples
    --------
    >>> away = 0.03 * 2.0 ** -np.arange(1, 6)
    >>> noise = 1e-6 * np.random.default_rng(0).normal(size=(20, 5))
    >>> law = approach({"y_h": 15 / 8 + away, "y_h_left_out": 15 / 8 + away + noise})
    >>> round(law.amplitude.value, 4), round(law.rate.value, 3)
    (0.03, 1.0)
    """
    rows = (np.vstack([found[y], found[f"{y}_left_out"]]) - EXACT[y])[:, FITTED - 1]
    if not np.isfinite(rows).all():
        return Approach(*[Estimate(np.nan, np.nan)] * 2, np.nan, (np.nan, np.nan))
    shapes, weight = 2.0 ** (-_RATES[:, None] * FITTED), jackknife_error(rows[1:]) ** -2.0
    top, bottom = (rows * weight) @ shapes.T, shapes**2 @ weight
    best = np.argmax(top**2 / bottom, axis=1)
    rates, sizes = _RATES[best], (top / bottom)[np.arange(len(rows)), best]
    chi2 = np.sum(weight * (rows[0] - sizes[0] * shapes[best[0]]) ** 2)
    ahead = np.log(np.abs(sizes)) - np.log(2) * rates * FAR
    half = jackknife_error(ahead[1:]) * stats.t.ppf(0.95, len(rows) - 2)
    laws = (Estimate(float(x[0]), float(jackknife_error(x[1:]))) for x in (sizes, rates))
    return Approach(*laws, float(chi2), (float(np.exp(ahead[0] - half)), float(np.exp(ahead[0] + half))))


def basin(found: Mapping) -> dict[str, str]:
    """Say whether a rule arrives: by "y_h", by "y_t", and by both, the "basin".

    Parameters
    ----------
    found : mapping
        A rule of the study.

    Returns
    -------
    dict of str
        "yes", "no" or "undecided".
    """
    said = {}
    for y, exact in EXACT.items():
        degrees, tests = len(found[f"{y}_left_out"]) - 1, [(s, n - 1) for s in (y, f"{y}_few") for n in JUDGED]
        every = {inside(found[s][n] - exact, found[f"{s}_error"][n], MARGINS[y], degrees) for s, n in tests}
        said[y] = every.pop() if len(every) == 1 else "undecided"
    never = said["y_h"] == "no" and approach(found).foreseen[0] > MARGINS["y_h"]
    return said | {"basin": "yes" if set(said.values()) == {"yes"} else "no" if never else "undecided"}


def difference(found: Mapping, other: Mapping, y: str = "y_h") -> tuple[np.ndarray, np.ndarray]:
    """Return how far the exponents of two rules are apart at each level, paired by runs, with errors.

    Parameters
    ----------
    found, other : mapping
        Rules of the study, measured on the same lattices.
    y : str
        "y_h" or "y_t".

    Returns
    -------
    difference, error : ndarray, shape (n_levels,)
    """
    return found[y] - other[y], jackknife_error(found[f"{y}_left_out"] - other[f"{y}_left_out"])


def reach(found: Mapping) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of the sizes of all couplings but the two nearest, at levels 1 and 2, with errors.

    Parameters
    ----------
    found : mapping
        A rule of the study.

    Returns
    -------
    sum, error : ndarray, shape (2,)
    """
    far, error = found["couplings"][:2, 2:], found["couplings_error"][:2, 2:]
    return np.abs(far).sum(axis=1), np.sqrt((error**2).sum(axis=1))


def gain(weights: np.ndarray) -> float:
    """Return by how much a rule hands on what is common to weak, independent spins.

    Parameters
    ----------
    weights : ndarray, shape (k, k)
        Of a window, with the library's sign.

    Returns
    -------
    float
        The sum over sites x of the mean of v_x h, for fair coins v: exact for windows of at most 16 sites
        with weight, else over 2^17 draws, with an error of about 0.01.

    Examples
    --------
    >>> gain(-50 * np.ones((2, 2)))  # the majority rule
    1.5
    """
    w = -check_array("weights", weights, ndim=2).ravel()
    w, n = w[w != 0], np.count_nonzero(w)
    v = np.arange(2**n)[:, None] >> np.arange(n) & 1 if n <= 16 else as_generator(0).integers(0, 2, (2**17, n))
    v = 2.0 * v - 1
    total = (v @ w)[:, None] - v * w
    return float(np.sum(np.tanh(total + w) - np.tanh(total - w)) / (2 * len(v)))
