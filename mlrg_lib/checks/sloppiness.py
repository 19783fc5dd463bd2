"""Checkers of the exercises of the chapter on sloppiness."""

import numpy as np

from ..discussion import sloppy
from ._core import Function, Mistake, Trial, Value, Verdict, as_numbers, attempt, exercise, refuse

__all__ = ["coarse_information", "eigenvalues", "estimate_scatter", "hop_powers", "vandermonde_powers"]


def _measured_powers() -> np.ndarray:
    wide, narrow = (
        sloppy.vandermonde_eigenvalues(1 + d * np.linspace(-1, 1, 6), 6).eigenvalues for d in (0.002, 0.001)
    )
    return np.log2(wide / narrow)


@exercise(
    "ex-sloppiness-vandermonde",
    Value(
        _measured_powers,
        [
            Mistake(
                lambda truth: truth / 2, "these are the powers of the singular values: an eigenvalue is their square"
            ),
            Mistake(lambda truth: truth[::-1], "the order: the largest eigenvalue first"),
            Mistake(
                lambda truth: truth + 2, "one parameter alone is known however close the others are: start with that"
            ),
            Mistake(lambda truth: -truth, "the eigenvalues shrink with the distance: the powers are positive"),
            Mistake(lambda truth: truth * np.log(2), "two distances differ by a factor of two: use that base"),
            Mistake(
                lambda truth: np.minimum(truth, truth[3]),
                "the last ones are rounding errors: double precision does not see such small eigenvalues",
            ),
        ],
        "halve the distance and compare each eigenvalue with itself",
        "each further parameter costs two more powers",
        rtol=0.0,
        atol=0.05,
    ),
)
def vandermonde_powers(answer: object) -> Verdict:
    """Check the powers of the distance with which six eigenvalues of a Vandermonde information shrink.

    Parameters
    ----------
    answer : array_like, shape (6,)
        The powers, that of the largest eigenvalue first.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> vandermonde_powers([...] * 6).passed
    False
    """


def _hop_powers() -> np.ndarray:
    biased = np.array([0.05, 0.05, 0.1, 0.1, 0.2, 0.2, 0.3])
    return np.log2(sloppy.hop_eigenvalues(biased, 1024) / sloppy.hop_eigenvalues(biased, 512))[:5]


@exercise(
    "ex-sloppiness-hops",
    Value(
        _hop_powers,
        [
            Mistake(
                lambda truth: truth - 2,
                "the derivative by a rate has a factor of the time, and the information its square",
            ),
            Mistake(
                lambda truth: truth[::-1],
                "the order, or the sign: the growth of the number of walkers is known better and better with time",
            ),
            Mistake(lambda truth: truth - 1, "all are off by one: what grows fastest, and how fast?"),
            Mistake(
                lambda truth: 2 * truth - 2,
                "each derivative of a Gaussian brings one power of its width squared, not two",
            ),
            Mistake(
                lambda truth: np.minimum(truth, 0) + 0.0,
                "a drift of the walker changes the coordinates, not the counting",
            ),
        ],
        "double the time and compare each eigenvalue with itself",
        "a drift changes none of them",
        rtol=0.0,
        atol=0.15,
    ),
)
def hop_powers(answer: object) -> Verdict:
    """Check the powers of the time of the first five eigenvalues of the walker's information.

    Parameters
    ----------
    answer : array_like, shape (5,)
        The powers for hops that prefer one side, that of the largest eigenvalue first.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> hop_powers([...] * 5).passed
    False
    """


def _observations() -> list[tuple]:
    rng = np.random.default_rng(18)
    return [(rng.normal(2, 1, (40, 3)), rng.dirichlet(np.ones(40)), rng.integers(0, 5, 40)) for _ in range(2)]


def _conditional(phi, weight, seen, *, mean=True, equal=False):
    """Add up over the values seen, one by one."""
    total = np.zeros((phi.shape[1],) * 2)
    centre = weight @ phi if mean else 0.0
    for value in np.unique(seen):
        here = seen == value
        inside = phi[here].mean(axis=0) if equal else weight[here] @ phi[here] / weight[here].sum()
        total += weight[here].sum() * np.outer(inside - centre, inside - centre)
    return total


def _all(phi, weight):
    centred = phi - weight @ phi
    return centred.T @ (weight[:, None] * centred)


@exercise(
    "ex-sloppiness-worse",
    Function(
        _observations,
        _conditional,
        [
            Mistake(
                lambda phi, w, s: _all(phi, w),
                "this is the information of all spins: first average over what is not seen",
            ),
            Mistake(lambda phi, w, s: _all(phi, w) - _conditional(phi, w, s), "this is what is lost, not what is left"),
            Mistake(
                lambda phi, w, s: _conditional(phi, w, s, mean=False),
                "the mean has not been removed: a covariance is meant",
            ),
            Mistake(
                lambda phi, w, s: _conditional(phi, w, s, equal=True),
                "within what is seen, states have different weights",
            ),
            Mistake(
                lambda phi, w, s: np.cov([phi[s == x].mean(axis=0) for x in np.unique(s)], rowvar=False),
                "each value seen counts with its probability",
            ),
        ],
        "the covariance of conditional means, each value seen with its probability",
        "it never exceeds the information of all spins, in any direction",
    ),
)
def coarse_information(answer: object) -> Verdict:
    """Check the information that is left when only a function of the state is seen.

    Parameters
    ----------
    answer : callable
        ``answer(phi, weight, seen)`` with ``phi`` (n_states, n_parameters), probabilities ``weight`` and an integer
        ``seen`` for each state returns the covariance matrix of the conditional means.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> coarse_information(lambda phi, weight, seen: np.cov(phi.T, aweights=weight, bias=True))
    Not yet: this is the information of all spins: first average over what is not seen.
    """


_PRECISION_HINTS = {
    "squared": "the small ones are rounding errors of the product JᵀJ: the square root of the matrix is at hand",
    "roots": "these are the singular values: the information has their squares",
    "order": "the order: the largest first",
    "many": "one eigenvalue for each parameter",
}


def _judge_eigenvalues(answer) -> str:
    refuse("hand in the function itself, without calling it", not callable(answer))
    rates, times = np.linspace(0.5, 2, 9), np.linspace(0, 5, 60)
    exact = sloppy.exponentials_eigenvalues(rates, times).eigenvalues
    found = as_numbers(attempt(answer, sloppy.exponentials_jacobian(rates, times) / np.sqrt(60)))
    refuse(_PRECISION_HINTS["many"], found.shape != exact.shape)
    refuse(_PRECISION_HINTS["order"], bool(found[0] < found[-1]))
    refuse(_PRECISION_HINTS["roots"], bool(np.isclose(found[0] ** 2, exact[0], rtol=1e-6)))
    refuse("the largest one is wrong already", not np.isclose(found[0], exact[0], rtol=1e-6))
    refuse(_PRECISION_HINTS["squared"], not np.allclose(found, exact, rtol=0.05, atol=0))
    return "down to the smallest, which is far below what the product can show"


@exercise(
    "ex-sloppiness-precision",
    Trial(
        _judge_eigenvalues,
        [
            Mistake(lambda J: np.linalg.eigvalsh(J.T @ J)[::-1], _PRECISION_HINTS["squared"]),
            Mistake(lambda J: np.abs(np.linalg.eigvalsh(J.T @ J)[::-1]), _PRECISION_HINTS["squared"]),
            Mistake(lambda J: np.linalg.svd(J, compute_uv=False), _PRECISION_HINTS["roots"]),
            Mistake(lambda J: np.linalg.svd(J, compute_uv=False)[::-1] ** 2, _PRECISION_HINTS["order"]),
            Mistake(lambda J: np.linalg.eigvalsh(J @ J.T)[::-1], _PRECISION_HINTS["many"]),
        ],
    ),
)
def eigenvalues(answer: object) -> Verdict:
    """Check the eigenvalues of JᵀJ, the smallest included, against exact ones.

    Parameters
    ----------
    answer : callable
        ``answer(J)`` with ``J`` (n_times, n_parameters) returns n_parameters values, the largest first.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> eigenvalues(lambda J: np.linalg.svd(J, compute_uv=False))
    Not yet: these are the singular values: the information has their squares.
    """


def _scatter(variance: float, n: int) -> float:
    information = sloppy.covariance_information([[variance]], [[[1.0]]])
    return float(1 / (n * information[0, 0]))


@exercise(
    "ex-sloppiness-inverse",
    Function(
        lambda: [(2.0, 200), (0.5, 50), (3.0, 1000)],
        _scatter,
        [
            Mistake(lambda v, n: v, "this is the data's own variance: the scatter of an estimate is asked"),
            Mistake(lambda v, n: v / n, "this is the scatter of the estimated mean: the variance was estimated"),
            Mistake(lambda v, n: 2 * v / n, "the units: a variance of a variance has its square"),
            Mistake(lambda v, n: 2 * v**2, "this belongs to one sample: there are n of them"),
            Mistake(lambda v, n: n / (2 * v**2), "this is the information: its inverse is asked"),
            Mistake(lambda v, n: np.sqrt(2 / n) * v, "this is the standard deviation: square it"),
        ],
        "differentiate the logarithm of a Gaussian twice by its variance, average, and invert",
        "it is the inverse of the information of n samples",
    ),
)
def estimate_scatter(answer: object) -> Verdict:
    """Check the variance of the maximum-likelihood estimate of a Gaussian's variance.

    Parameters
    ----------
    answer : callable
        ``answer(variance, n)`` for n samples, mean known.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> estimate_scatter(lambda variance, n: variance)
    Not yet: this is the data's own variance: the scatter of an estimate is asked.
    """
