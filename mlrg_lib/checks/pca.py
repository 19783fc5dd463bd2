"""Checkers of the exercises of the chapter on principal component analysis."""

import numpy as np

from ..rg import pca
from ._core import Function, Mistake, Verdict, exercise

__all__ = ["correlation_variances", "covariance", "marginal_precision", "samples_needed", "space_weight"]


def _precisions() -> list[tuple]:
    G = np.random.default_rng(0).standard_normal((6, 9))
    return [(G @ G.T, 2), (G @ G.T, 3)]


def _cross(K, n):
    return K[:n, :n], K[:n, n:], K[n:, n:]


def _with_inner(function):
    def wrong(K, n):
        outer, cross, inner = _cross(K, n)
        return function(outer, cross, inner)

    return wrong


@exercise(
    "ex-pca-schur",
    Function(
        _precisions,
        lambda K, n: np.linalg.inv(np.linalg.inv(K)[:n, :n]),
        [
            Mistake(
                lambda K, n: K[:n, :n], "this is the slice: it lacks the term that the integral over the rest brings"
            ),
            Mistake(
                lambda K, n: np.linalg.inv(K)[:n, :n], "this is the covariance of what is left: its inverse is asked"
            ),
            Mistake(
                lambda K, n: np.linalg.inv(K[:n, :n]), "this is the covariance of the slice, with the rest held at zero"
            ),
            Mistake(
                _with_inner(lambda a, c, i: a + c @ np.linalg.solve(i, c.T)),
                "the sign: what is forgotten makes the rest less certain, so the precision falls",
            ),
            Mistake(
                _with_inner(lambda a, c, i: a - c @ i @ c.T),
                "completing the square divides by the precision of the rest",
            ),
            Mistake(
                _with_inner(lambda a, c, i: a - c @ c.T),
                "the precision of the rest itself is missing in the second term",
            ),
        ],
        "complete the square in the variables that go",
        "it is the inverse of a block of the covariance matrix",
    ),
)
def marginal_precision(answer: object) -> Verdict:
    """Check the precision matrix of a Gaussian's first variables when the others are integrated out.

    Parameters
    ----------
    answer : callable
        ``answer(K, keep)`` returns shape (keep, keep).

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> marginal_precision(lambda K, keep: K[:keep, :keep])
    Not yet: this is the slice: it lacks the term that the integral over the rest brings.
    """


def _samples() -> list[tuple]:
    rng = np.random.default_rng(4)
    return [(rng.standard_normal((n, 4)) @ rng.standard_normal((4, 4)) + np.array([3, -1, 0.5, 2]),) for n in (9, 30)]


def _centred(X):
    return X - X.mean(axis=0)


@exercise(
    "ex-pca-mean",
    Function(
        _samples,
        lambda X: np.einsum("si,sj->ij", _centred(X), _centred(X)) / len(X),
        [
            Mistake(lambda X: np.cov(X), "one row and one column for each sample: the variables are the columns of X"),
            Mistake(
                lambda X: np.cov(X, bias=True),
                "one row and one column for each sample: the variables are the columns of X",
            ),
            Mistake(
                lambda X: X.T @ X, "two things are missing: the mean is still in, and products are added, not averaged"
            ),
            Mistake(lambda X: X.T @ X / len(X), "the mean has not been removed: these are second moments"),
            Mistake(
                lambda X: (X - X.mean()).T @ (X - X.mean()) / len(X),
                "one common mean was removed: each variable has its own",
            ),
            Mistake(
                lambda X: (X - X.mean(axis=1, keepdims=True)).T @ (X - X.mean(axis=1, keepdims=True)) / len(X),
                "the mean of each sample was removed: take it along the other axis",
            ),
            Mistake(
                lambda X: np.cov(X, rowvar=False), "divide by the number of samples, not by one less: C is an average"
            ),
            Mistake(
                lambda X: np.corrcoef(X, rowvar=False), "these are correlations: the variances have been divided out"
            ),
            Mistake(lambda X: _centred(X).T @ _centred(X), "this is a sum over the samples: C is an average"),
        ],
        "C is an average over samples, of products of deviations from the mean",
        "it is symmetric, and one row and one column for each variable",
    ),
)
def covariance(answer: object) -> Verdict:
    """Check a covariance matrix, averages over samples that are rows.

    Parameters
    ----------
    answer : callable
        ``answer(X)`` with ``X`` (n_samples, n_variables) returns shape (n_variables, n_variables).

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> covariance(lambda X: X.T @ X / len(X))
    Not yet: the mean has not been removed: these are second moments.
    """


def _sorted(C):
    return np.linalg.eigvalsh(C)[::-1]


@exercise(
    "ex-pca-scale",
    Function(
        _samples,
        lambda X: pca.principal_components(X, standardize=True)[0],
        [
            Mistake(
                lambda X: _sorted(np.cov(X, rowvar=False, bias=True)),
                "these depend on the units: nothing is standardized",
            ),
            Mistake(
                lambda X: _sorted(np.cov(X, rowvar=False, bias=True)) / _sorted(np.cov(X, rowvar=False, bias=True)),
                "standardized after the projection: that makes every component alike",
            ),
            Mistake(
                lambda X: _sorted(np.corrcoef(X, rowvar=False))[::-1], "the order: the largest variance comes first"
            ),
            Mistake(
                lambda X: _sorted(np.cov(X / X.var(axis=0), rowvar=False, bias=True)),
                "divide by the standard deviation, not by the variance",
            ),
            Mistake(
                lambda X: _sorted((X / X.std(axis=0)).T @ (X / X.std(axis=0)) / len(X)),
                "the mean has not been removed",
            ),
            Mistake(
                lambda X: _sorted(np.cov(X / X.std(axis=0), rowvar=False)),
                "two conventions are mixed: divide by the same number of samples in variance and covariance",
            ),
        ],
        "their sum must be the number of variables",
        "they add up to the number of variables, whatever the units",
    ),
)
def correlation_variances(answer: object) -> Verdict:
    """Check the variances of principal components of standardized data.

    Parameters
    ----------
    answer : callable
        ``answer(X)`` with ``X`` (n_samples, n_variables) returns the n_variables variances, largest first.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> correlation_variances(lambda X: np.linalg.eigvalsh(np.corrcoef(X.T)))
    Not yet: the order: the largest variance comes first.
    """


def _spaces() -> list[tuple]:
    rng = np.random.default_rng(12)
    draws = [np.linalg.qr(rng.standard_normal((8, 8)))[0].T for _ in range(2)]
    return [(draws[0][:3], draws[1][:4])]


@exercise(
    "ex-pca-degenerate",
    Function(
        _spaces,
        lambda vectors, waves: np.array([np.linalg.norm(waves.T @ (waves @ v)) ** 2 for v in vectors]),
        [
            Mistake(lambda v, w: np.abs(v @ w.T).sum(axis=1), "weights are squares of overlaps"),
            Mistake(
                lambda v, w: ((v @ w.T) ** 2).max(axis=1), "this is the weight on one wave: the mixture is what counts"
            ),
            Mistake(
                lambda v, w: ((v @ w.T) ** 2).sum(axis=0), "summed over the wrong index: one number for each vector"
            ),
            Mistake(
                lambda v, w: np.sqrt(((v @ w.T) ** 2).sum(axis=1)), "this is the length of the projection: square it"
            ),
            Mistake(lambda v, w: (v @ w.T).sum(axis=1) ** 2, "square first, then add: signs must not cancel"),
            Mistake(lambda v, w: ((v @ w.T) ** 2).mean(axis=1), "add the weights, do not average them"),
        ],
        "project each vector on the space, and take the squared length of the projection",
        "a vector in the space has weight one, whatever mixture it is",
    ),
)
def space_weight(answer: object) -> Verdict:
    """Check the weight of vectors on the space spanned by orthonormal waves.

    Parameters
    ----------
    answer : callable
        ``answer(vectors, waves)``, both one unit vector a row, returns one number for each vector.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> space_weight(lambda vectors, waves: ((vectors @ waves.T) ** 2).max(axis=1))
    Not yet: this is the weight on one wave: the mixture is what counts.
    """


def _transition(n_variables, strength):
    """Return the number of samples at which the predicted outlier meets the upper edge."""
    low, high = 1e-3, 1e9
    for _ in range(200):
        middle = np.sqrt(low * high)
        inside = np.sqrt(n_variables / middle) > strength
        low, high = (middle, high) if inside else (low, middle)
    return middle


@exercise(
    "ex-pca-samples",
    Function(
        lambda: [(400, 0.5), (100, 0.2), (250, 3.0)],
        _transition,
        [
            Mistake(lambda n, s: n / s, "the threshold contains a square root"),
            Mistake(lambda n, s: n * s**2, "a weaker signal must need more samples, and here it needs fewer"),
            Mistake(lambda n, s: np.sqrt(n) / s, "both sides must be squared"),
            Mistake(
                lambda n, s: n / (1 + s) ** 2, "the strength is the excess s over the noise, not the whole variance"
            ),
            Mistake(lambda n, s: s**2 / n, "this is upside down"),
        ],
        "solve the threshold s = √(m/n) for the number of samples",
        "at that number the signal leaves the bulk",
        rtol=1e-4,
    ),
)
def samples_needed(answer: object) -> Verdict:
    """Check how many samples make a direction of variance 1 + s stand out of m noisy variables.

    Parameters
    ----------
    answer : callable
        ``answer(n_variables, strength)`` returns the number of samples at the threshold.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> samples_needed(lambda n_variables, strength: n_variables / strength)
    Not yet: the threshold contains a square root.
    """
