"""The exercises of the chapter on fixed points in data."""

import functools
import math
from types import SimpleNamespace

import numpy as np
from scipy.special import gammaln

from ..rg import pca
from ._core import Function, Trial, as_numbers, attempt

__all__ = ["poisson_start", "moment", "shuffle", "counterexample", "sampling_spread"]


def _poisson_ratio(mean: float, about: float | None = None) -> float:
    """Sum over the counts of a Poisson variable."""
    n = np.arange(int(mean + 40 * np.sqrt(mean) + 60))
    p = np.exp(n * np.log(mean) - mean - gammaln(n + 1))
    x = n - (mean if about is None else about)
    return float(p @ x**4.0 / (p @ x**2.0) ** 2)


poisson_start = Function(
    "ex-data-bins",
    "the fourth moment of a Poisson count about its mean, over the squared variance: ``answer(mean)``",
    calls=lambda: [(0.05,), (0.3,), (2.0,), (20.0,)],
    truth=_poisson_ratio,
    mistakes=lambda _, mean: {
        "this is the excess: a Gaussian's own value is missing": 1 / mean,
        "more counts in a bin make it more like a Gaussian, not less": 3 + mean,
        "this is the limit of wide bins": 3.0,
        "the excess falls with the mean count itself: fourth cumulant over variance squared": 3 + 1 / np.sqrt(mean),
        "a Poisson variable's fourth central moment has two terms: look at the second": 1 + 1 / mean,
        "the mean has not been removed: these are moments about zero": _poisson_ratio(mean, about=0),
    },
    otherwise="all cumulants of a Poisson variable are equal to its mean",
    praise="the sum over counts gives the same",
)


def _correlated(X, bound) -> bool:
    """Independent variables have correlations of mean square 1 / n; the bound is in these units."""
    squares = np.corrcoef(X, rowvar=False)[~np.eye(X.shape[1], dtype=bool)] ** 2
    return squares.mean() > bound / len(X)


counterexample = Trial(
    "ex-data-null",
    "data of independent variables whose moment flow stays above 3.5 at a fifth of the modes: ``answer(rng)`` returns "
    "shape (n_samples, 100)",
    observe=lambda answer: as_numbers(attempt(answer, np.random.default_rng(1))),
    mistakes={
        "one hundred variables are needed, with a thousand samples or more": (
            lambda X: X.ndim != 2 or X.shape[1] != 100 or len(X) < 1000,
            lambda rng: rng.standard_normal((200, 100)),
        ),
        "some variable never changes": (
            lambda X: (X.std(axis=0) == 0).any(),
            lambda rng: np.zeros((2000, 100)),
        ),
        "the variables are correlated: the example must be one without any": (
            lambda X: _correlated(X, 20),
            lambda rng: rng.laplace(size=(2000, 1)) + 0.1 * rng.standard_normal((2000, 100)),
        ),
        "the variables are uncorrelated, but their sizes go up and down together: they must be independent": (
            lambda X: _correlated((X - X.mean(axis=0)) ** 2, 2),  # a common gain inflates it a few times
            lambda rng: rng.exponential(size=(2000, 1)) * rng.standard_normal((2000, 100)),
        ),
        "the flow is too close to a Gaussian's at a fifth of the modes: the excess of one variable must be very "
        "large, since the central limit divides it": (
            lambda X: not pca.mode_flow(X, [0.2], n_blocks=0).moment[0] > 3.5,
            lambda rng: rng.standard_normal((2000, 100)),
        ),
    },
    praise="independent variables, and still far from a Gaussian at a fifth of the modes",
)


def _gaussian_spread(n_samples: int) -> float:
    """Propagate the errors of the two moments, with a Gaussian's even moments."""
    m = {k: float(math.prod(range(k - 1, 0, -2))) for k in (2, 4, 6, 8)}
    slope = -2 * m[4]
    variance = m[8] - m[4] ** 2 + slope**2 * (m[4] - m[2] ** 2) + 2 * slope * (m[6] - m[4] * m[2])
    return math.sqrt(variance / n_samples)


sampling_spread = Function(
    "ex-data-samples",
    "the standard deviation of one Gaussian variable's normalized fourth moment: ``answer(n_samples)``, independent "
    "samples, to leading order",
    calls=lambda: [(100,), (2400,), (10_000,)],
    truth=_gaussian_spread,
    mistakes=lambda spread, n: {
        "this is the fourth moment alone: the variance below it fluctuates along": np.sqrt(96 / n),
        "this is the variance: take the root": spread**2,
        "this is the third moment's spread": np.sqrt(6 / n),
        "this is the spread of the variance": np.sqrt(2 / n),
        "the power of n is right, the constant comes from higher moments of a Gaussian": 1 / np.sqrt(n),
    },
    otherwise="linearise the ratio in its two averages, and use the moments of a Gaussian up to the eighth",
    praise="the standard deviation of one Gaussian variable's ratio",
    rtol=1e-2,
)


@functools.cache
def _slow_series() -> np.ndarray:
    rng = np.random.default_rng(14)
    common = np.cumsum(rng.standard_normal(400))[:, None]
    return common + 0.3 * rng.standard_normal((400, 6)) + 100 * np.arange(6)


def _shuffled(answer) -> SimpleNamespace:
    X = _slow_series()
    Y = as_numbers(attempt(answer, X, np.random.default_rng(15)), X.shape)
    return SimpleNamespace(
        X=X,
        Y=Y,
        kept=np.array_equal(np.sort(X, axis=0), np.sort(Y, axis=0)),
        correlations=np.abs(np.corrcoef(Y, rowvar=False)[~np.eye(6, dtype=bool)]),
        slow=np.mean([np.corrcoef(Y[1:, k], Y[:-1, k])[0, 1] for k in range(6)]) > 0.5,
    )


shuffle = Trial(
    "ex-data-shuffle",
    "a shuffling null, where every variable keeps its values and all correlations are destroyed: ``answer(X, rng)`` "
    "with ``X`` (n_samples, n_variables) returns an array of that shape",
    observe=_shuffled,
    mistakes={
        "nothing has moved": (
            lambda seen: np.array_equal(seen.X, seen.Y),
            lambda X, rng: X,
        ),
        "values were drawn with replacement: a permutation keeps every one of them": (
            lambda seen: not seen.kept and all(np.isin(y, x).all() for x, y in zip(seen.X.T, seen.Y.T, strict=True)),
            lambda X, rng: np.take_along_axis(X, rng.integers(0, len(X), X.shape), axis=0),
        ),
        "values went from one variable to another: permute along the samples, within each variable": (
            lambda seen: not seen.kept,
            lambda X, rng: rng.permuted(X, axis=1),
        ),
        "whole samples were moved: each of them keeps its correlations. Every variable needs its own permutation": (
            lambda seen: seen.correlations.min() > 0.5 and not seen.slow,
            lambda X, rng: rng.permutation(X),
        ),
        "neighbouring samples stay neighbours: this keeps the time structure, as another null does": (
            lambda seen: seen.slow,
            lambda X, rng: pca.circular_shift(X, smallest=50, rng=rng),
        ),
        "some variables are still correlated": (
            lambda seen: seen.correlations.max() > 5 / np.sqrt(400),
            lambda X, rng: np.hstack([rng.permutation(X[:, :2]), rng.permuted(X[:, 2:], axis=0)]),
        ),
    },
    praise="marginals are kept to the last value, correlations are gone",
)


def _heavy() -> list[tuple]:
    rng = np.random.default_rng(16)
    X = rng.laplace(size=(600, 9)) @ rng.standard_normal((9, 9)) * np.linspace(0.5, 3, 9) + 4 * np.arange(9)
    return [(X, 9), (X, 4)]


def _kappa(x):
    return (x**4).mean(axis=0) / (x**2).mean(axis=0) ** 2


def _wrong_moments(moment, X, n_kept) -> dict:
    centred = X - X.mean(axis=0)
    V = np.linalg.eigh(centred.T @ centred)[1][:, -n_kept:]
    kept = centred @ V @ V.T
    dropped = moment if n_kept == X.shape[1] else np.median(_kappa(centred - kept))
    return {
        "this is the excess: a Gaussian should give three": moment - 3,
        "the mean has not been removed": np.median(_kappa(X @ V @ V.T)),
        "these are the moments of the amplitudes: go back to the original variables first": (
            np.median(_kappa(centred @ V))
        ),
        "the median over variables, not the mean": np.mean(_kappa(kept)),
        "all variables were pooled: those with more variance then dominate": _kappa(kept.ravel()),
        "these are the modes that were to be dropped": dropped,
    }


moment = Function(
    "ex-data-moment",
    "the normalized fourth moment after modes were dropped, in the original variables, with its median: "
    "``answer(X, n_kept)`` with ``X`` (n_samples, n_variables) returns one number",
    calls=_heavy,
    truth=lambda X, n_kept: pca.mode_flow(X, [n_kept / X.shape[1]], n_blocks=0).moment[0],
    mistakes=_wrong_moments,
    otherwise="rebuild each variable from the modes of largest variance, then take its ratio, then the median",
    praise="it is the library's flow at these numbers of modes",
    rtol=1e-4,
)
