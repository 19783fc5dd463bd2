"""Checkers of the exercises of the chapter on fixed points in data."""

import functools
import math

import numpy as np

from ..rg import pca
from ._core import Function, Mistake, Trial, Verdict, as_numbers, attempt, exercise, refuse

__all__ = ["counterexample", "moment", "poisson_start", "sampling_spread", "shuffle"]


def _poisson_ratio(mean: float, *, central: bool = True) -> float:
    """Sum over the counts of a Poisson variable."""
    n = np.arange(int(mean + 40 * np.sqrt(mean) + 60))
    log_p = n * np.log(mean) - mean - np.array([math.lgamma(k + 1) for k in n])
    x = n - mean if central else n
    p = np.exp(log_p)
    return float(p @ x**4.0 / (p @ x**2.0) ** 2)


@exercise(
    "ex-data-bins",
    Function(
        lambda: [(0.05,), (0.3,), (2.0,), (20.0,)],
        _poisson_ratio,
        [
            Mistake(lambda m: 1 / m, "this is the excess: a Gaussian's own value is missing"),
            Mistake(lambda m: 3 + m, "more counts in a bin make it more like a Gaussian, not less"),
            Mistake(lambda m: 3.0, "this is the limit of wide bins"),
            Mistake(
                lambda m: 3 + 1 / np.sqrt(m),
                "the excess falls with the mean count itself: fourth cumulant over variance squared",
            ),
            Mistake(
                lambda m: 1 + 1 / m, "a Poisson variable's fourth central moment has two terms: look at the second"
            ),
            Mistake(
                lambda m: _poisson_ratio(m, central=False),
                "the mean has not been removed: these are moments about zero",
            ),
        ],
        "all cumulants of a Poisson variable are equal to its mean",
        "the sum over counts gives the same",
    ),
)
def poisson_start(answer: object) -> Verdict:
    """Check the normalized fourth moment of a Poisson count, about its mean.

    Parameters
    ----------
    answer : callable
        ``answer(mean)`` returns the fourth central moment over the squared variance.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> poisson_start(lambda mean: 1 / mean)
    Not yet: this is the excess: a Gaussian's own value is missing.
    """


_NULL_HINTS = {
    "shape": "one hundred variables are needed, with a thousand samples or more",
    "low": "the flow is too close to a Gaussian's at a fifth of the modes: the excess of one variable must be very "
    "large, since the central limit divides it",
    "correlated": "the variables are correlated: the example must be one without any",
    "gain": "the variables are uncorrelated, but their sizes go up and down together: they must be independent",
    "constant": "some variable never changes",
}


def _judge_counterexample(answer) -> str:
    refuse("hand in the function itself, without calling it", not callable(answer))
    X = as_numbers(attempt(answer, np.random.default_rng(1)))
    refuse(_NULL_HINTS["shape"], X.ndim != 2 or X.shape[1] != 100 or len(X) < 1000)
    refuse(_NULL_HINTS["constant"], bool((X.std(axis=0) == 0).any()))
    pairs = ~np.eye(100, dtype=bool)
    # Independent variables have correlations of mean square 1 / n; a common gain inflates it a few times.
    for values, hint, bound in ((X, "correlated", 20), ((X - X.mean(axis=0)) ** 2, "gain", 2)):
        squares = np.corrcoef(values, rowvar=False)[pairs] ** 2
        refuse(_NULL_HINTS[hint], bool(squares.mean() > bound / len(X)))
    found = pca.mode_flow(X, [0.2], n_bootstrap=0).moment[0]
    refuse(_NULL_HINTS["low"], not found > 3.5)
    return "independent variables, and still far from a Gaussian at a fifth of the modes"


@exercise(
    "ex-data-null",
    Trial(
        _judge_counterexample,
        [
            Mistake(lambda rng: rng.standard_normal((2000, 100)), _NULL_HINTS["low"]),
            Mistake(
                lambda rng: rng.laplace(size=(2000, 1)) + 0.1 * rng.standard_normal((2000, 100)),
                _NULL_HINTS["correlated"],
            ),
            Mistake(
                lambda rng: rng.exponential(size=(2000, 1)) * rng.standard_normal((2000, 100)), _NULL_HINTS["gain"]
            ),
            Mistake(lambda rng: rng.standard_normal((200, 100)), _NULL_HINTS["shape"]),
            Mistake(lambda rng: np.zeros((2000, 100)), _NULL_HINTS["constant"]),
        ],
    ),
)
def counterexample(answer: object) -> Verdict:
    """Check data of independent variables whose moment flow stays above 3.5 at a fifth of the modes.

    Parameters
    ----------
    answer : callable
        ``answer(rng)`` returns data, shape (n_samples, 100).

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> counterexample(lambda rng: rng.standard_normal((10, 100)))
    Not yet: one hundred variables are needed, with a thousand samples or more.
    """


def _gaussian_spread(n_samples: int) -> float:
    """Propagate the errors of the two moments, with a Gaussian's even moments."""
    m = {k: float(math.prod(range(k - 1, 0, -2))) for k in (2, 4, 6, 8)}
    slope = -2 * m[4]
    variance = m[8] - m[4] ** 2 + slope**2 * (m[4] - m[2] ** 2) + 2 * slope * (m[6] - m[4] * m[2])
    return math.sqrt(variance / n_samples)


@exercise(
    "ex-data-samples",
    Function(
        lambda: [(100,), (2400,), (10_000,)],
        _gaussian_spread,
        [
            Mistake(
                lambda n: np.sqrt(96 / n), "this is the fourth moment alone: the variance below it fluctuates along"
            ),
            Mistake(lambda n: _gaussian_spread(n) ** 2, "this is the variance: take the root"),
            Mistake(lambda n: np.sqrt(6 / n), "this is the third moment's spread"),
            Mistake(lambda n: np.sqrt(2 / n), "this is the spread of the variance"),
            Mistake(
                lambda n: 1 / np.sqrt(n),
                "the power of n is right, the constant comes from higher moments of a Gaussian",
            ),
        ],
        "linearise the ratio in its two averages, and use the moments of a Gaussian up to the eighth",
        "the standard deviation of one Gaussian variable's ratio",
        rtol=1e-2,
    ),
)
def sampling_spread(answer: object) -> Verdict:
    """Check the standard deviation of one Gaussian variable's normalized fourth moment.

    Parameters
    ----------
    answer : callable
        ``answer(n_samples)``, independent samples, to leading order.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> sampling_spread(lambda n_samples: (96 / n_samples) ** 0.5)
    Not yet: this is the fourth moment alone: the variance below it fluctuates along.
    """


_SHUFFLE_HINTS = {
    "rows": "whole samples were moved: each of them keeps its correlations. Every variable needs its own permutation",
    "across": "values went from one variable to another: permute along the samples, within each variable",
    "drawn": "values were drawn with replacement: a permutation keeps every one of them",
    "same": "nothing has moved",
    "shift": "neighbouring samples stay neighbours: this keeps the time structure, as another null does",
}


@functools.cache
def _series() -> np.ndarray:
    rng = np.random.default_rng(14)
    common = np.cumsum(rng.standard_normal(400))[:, None]
    return common + 0.3 * rng.standard_normal((400, 6)) + 100 * np.arange(6)


def _judge_shuffle(answer) -> str:
    refuse("hand in the function itself, without calling it", not callable(answer))
    X = _series()
    Y = as_numbers(attempt(answer, X, np.random.default_rng(15)))
    refuse(f"the shape should be {X.shape}, and it is {Y.shape}", Y.shape != X.shape)
    refuse(_SHUFFLE_HINTS["same"], np.array_equal(X, Y))
    if not np.array_equal(np.sort(X, axis=0), np.sort(Y, axis=0)):
        refuse(_SHUFFLE_HINTS["drawn"], all(np.isin(Y[:, k], X[:, k]).all() for k in range(6)))
        refuse(_SHUFFLE_HINTS["across"])
    correlations = np.corrcoef(Y, rowvar=False)[~np.eye(6, dtype=bool)]
    slow = np.mean([np.corrcoef(Y[1:, k], Y[:-1, k])[0, 1] for k in range(6)])
    refuse(_SHUFFLE_HINTS["rows"], bool(np.abs(correlations).min() > 0.5 and slow < 0.5))
    refuse(_SHUFFLE_HINTS["shift"], bool(slow > 0.5))
    refuse("some variables are still correlated", bool(np.abs(correlations).max() > 5 / np.sqrt(400)))
    return "marginals are kept to the last value, correlations are gone"


@exercise(
    "ex-data-shuffle",
    Trial(
        _judge_shuffle,
        [
            Mistake(lambda X, rng: rng.permutation(X), _SHUFFLE_HINTS["rows"]),
            Mistake(lambda X, rng: rng.permuted(X, axis=1), _SHUFFLE_HINTS["across"]),
            Mistake(lambda X, rng: rng.permutation(X.ravel()).reshape(X.shape), _SHUFFLE_HINTS["across"]),
            Mistake(
                lambda X, rng: np.take_along_axis(X, rng.integers(0, len(X), X.shape), axis=0), _SHUFFLE_HINTS["drawn"]
            ),
            Mistake(lambda X, rng: X, _SHUFFLE_HINTS["same"]),
            Mistake(lambda X, rng: pca.circular_shift(X, smallest=50, rng=rng), _SHUFFLE_HINTS["shift"]),
        ],
    ),
)
def shuffle(answer: object) -> Verdict:
    """Check a shuffling null: every variable keeps its values, all correlations are destroyed.

    Parameters
    ----------
    answer : callable
        ``answer(X, rng)`` with ``X`` (n_samples, n_variables) returns an array of that shape.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> shuffle(lambda X, rng: X)
    Not yet: nothing has moved.
    """


def _heavy() -> list[tuple]:
    rng = np.random.default_rng(16)
    X = rng.laplace(size=(600, 9)) @ rng.standard_normal((9, 9)) * np.linspace(0.5, 3, 9) + 4 * np.arange(9)
    return [(X, 9), (X, 4)]


def _rebuilt(X, n_kept, *, centre=True):
    centred = X - X.mean(axis=0)
    vectors = np.linalg.eigh(centred.T @ centred)[1][:, -n_kept:]
    return (centred if centre else X) @ vectors @ vectors.T, centred @ vectors


def _kappa(x, axis=0):
    return (x**4).mean(axis=axis) / (x**2).mean(axis=axis) ** 2


@exercise(
    "ex-data-moment",
    Function(
        _heavy,
        lambda X, n_kept: pca.mode_flow(X, [n_kept / X.shape[1]], n_bootstrap=0).moment[0],
        [
            Mistake(
                lambda X, k: np.median(_kappa(_rebuilt(X, k)[0])) - 3,
                "this is the excess: a Gaussian should give three",
            ),
            Mistake(lambda X, k: np.median(_kappa(_rebuilt(X, k, centre=False)[0])), "the mean has not been removed"),
            Mistake(
                lambda X, k: np.median(_kappa(_rebuilt(X, k)[1])),
                "these are the moments of the amplitudes: go back to the original variables first",
            ),
            Mistake(lambda X, k: np.mean(_kappa(_rebuilt(X, k)[0])), "the median over variables, not the mean"),
            Mistake(
                lambda X, k: _kappa(_rebuilt(X, k)[0].ravel()),
                "all variables were pooled: those with more variance then dominate",
            ),
            Mistake(
                lambda X, k: (
                    np.median(_kappa(X - X.mean(axis=0) - _rebuilt(X, k)[0]))
                    if k < X.shape[1]
                    else np.median(_kappa(_rebuilt(X, k)[0]))
                ),
                "these are the modes that were to be dropped",
            ),
        ],
        "rebuild each variable from the modes of largest variance, then take its ratio, then the median",
        "it is the library's flow at these numbers of modes",
        rtol=1e-4,
    ),
)
def moment(answer: object) -> Verdict:
    """Check the normalized fourth moment after modes were dropped: in the original variables, with its median.

    Parameters
    ----------
    answer : callable
        ``answer(X, n_kept)`` with ``X`` (n_samples, n_variables) returns one number.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> from mlrg_lib.rg import pca
    >>> excess = lambda X, n_kept: pca.mode_flow(X, [n_kept / X.shape[1]], n_bootstrap=0).moment[0] - 3
    >>> moment(excess)
    Not yet: this is the excess: a Gaussian should give three.
    """
