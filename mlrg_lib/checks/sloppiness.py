"""The exercises of the chapter on sloppiness."""

from types import SimpleNamespace

import numpy as np

from ..discussion import sloppy
from ._core import Function, Trial, Value, as_numbers, attempt

__all__ = ["vandermonde_powers", "eigenvalues", "estimate_scatter", "hop_powers", "coarse_information"]


def _measured_powers() -> np.ndarray:
    rates = [1 + distance * np.linspace(-1, 1, 6) for distance in (0.002, 0.001)]
    wide, narrow = (sloppy.vandermonde_eigenvalues(x, 6).eigenvalues for x in rates)
    return np.log2(wide / narrow)


vandermonde_powers = Value(
    "ex-sloppiness-vandermonde",
    "the powers of the distance with which six eigenvalues of a Vandermonde information shrink: an array of six, that "
    "of the largest eigenvalue first",
    truth=_measured_powers,
    mistakes=lambda powers: {
        "these are the powers of the singular values: an eigenvalue is their square": powers / 2,
        "the order: the largest eigenvalue first": powers[::-1],
        "one parameter alone is known however close the others are: start with that": powers + 2,
        "the eigenvalues shrink with the distance: the powers are positive": -powers,
        "two distances differ by a factor of two: use that base": powers * np.log(2),
        "the last ones are rounding errors: double precision does not see such small eigenvalues": (
            np.minimum(powers, powers[3])
        ),
    },
    otherwise="halve the distance and compare each eigenvalue with itself",
    praise="each further parameter costs two more powers",
    rtol=0.0,
    atol=0.05,
)


def _hop_powers() -> np.ndarray:
    biased = np.array([0.05, 0.05, 0.1, 0.1, 0.2, 0.2, 0.3])
    return np.log2(sloppy.hop_eigenvalues(biased, 1024) / sloppy.hop_eigenvalues(biased, 512))[:5]


hop_powers = Value(
    "ex-sloppiness-hops",
    "the powers of the time of the first five eigenvalues of the walker's information, for hops that prefer one side: "
    "an array of five, that of the largest eigenvalue first",
    truth=_hop_powers,
    mistakes=lambda powers: {
        "the derivative by a rate has a factor of the time, and the information its square": powers - 2,
        "the order, or the sign: the growth of the number of walkers is known better and better with time": powers[
            ::-1
        ],
        "all are off by one: what grows fastest, and how fast?": powers - 1,
        "each derivative of a Gaussian brings one power of its width squared, not two": 2 * powers - 2,
        "a drift of the walker changes the coordinates, not the counting": np.minimum(powers, 0),
    },
    otherwise="double the time and compare each eigenvalue with itself",
    praise="a drift changes none of them",
    rtol=0.0,
    atol=0.15,
)


def _observations() -> list[tuple]:
    rng = np.random.default_rng(18)
    return [(rng.normal(2, 1, (40, 3)), rng.dirichlet(np.ones(40)), rng.integers(0, 5, 40)) for _ in range(2)]


def _conditional(phi, weight, seen):
    """Add up over the values seen, one by one."""
    total = np.zeros((phi.shape[1],) * 2)
    for value in np.unique(seen):
        here = seen == value
        shift = weight[here] @ phi[here] / weight[here].sum() - weight @ phi
        total += weight[here].sum() * np.outer(shift, shift)
    return total


def _wrong_information(left, phi, weight, seen) -> dict:
    centre = weight @ phi
    all_spins = (phi - centre).T @ (weight[:, None] * (phi - centre))
    values = np.unique(seen)
    chances = np.array([weight[seen == value].sum() for value in values])
    means = np.array([phi[seen == value].mean(axis=0) for value in values])
    return {
        "this is the information of all spins: first average over what is not seen": all_spins,
        "this is what is lost, not what is left": all_spins - left,
        "the mean has not been removed: a covariance is meant": left + np.outer(centre, centre),
        "within what is seen, states have different weights": (means - centre).T * chances @ (means - centre),
        "each value seen counts with its probability": np.cov(means, rowvar=False),
    }


coarse_information = Function(
    "ex-sloppiness-worse",
    "the information that is left when only a function of the state is seen: ``answer(phi, weight, seen)`` with "
    "``phi`` (n_states, n_parameters), probabilities ``weight`` and an integer ``seen`` for each state returns the "
    "covariance matrix of the conditional means",
    calls=_observations,
    truth=_conditional,
    mistakes=_wrong_information,
    otherwise="the covariance of conditional means, each value seen with its probability",
    praise="it never exceeds the information of all spins, in any direction",
)


def _found(answer) -> SimpleNamespace:
    rates, times = np.linspace(0.5, 2, 9), np.linspace(0, 5, 60)
    found = as_numbers(attempt(answer, sloppy.exponentials_jacobian(rates, times) / np.sqrt(60)))
    return SimpleNamespace(found=found, exact=sloppy.exponentials_eigenvalues(rates, times).eigenvalues)


eigenvalues = Trial(
    "ex-sloppiness-precision",
    "the eigenvalues of JᵀJ, the smallest included, against exact ones: ``answer(J)`` with ``J`` "
    "(n_times, n_parameters) returns n_parameters values, the largest first",
    observe=_found,
    mistakes={
        "one eigenvalue for each parameter": (
            lambda seen: seen.found.shape != seen.exact.shape,
            lambda J: np.linalg.eigvalsh(J @ J.T)[::-1],
        ),
        "the order: the largest first": (
            lambda seen: seen.found[0] < seen.found[-1],
            lambda J: np.linalg.svd(J, compute_uv=False)[::-1] ** 2,
        ),
        "these are the singular values: the information has their squares": (
            lambda seen: np.isclose(seen.found[0] ** 2, seen.exact[0], rtol=1e-6),
            lambda J: np.linalg.svd(J, compute_uv=False),
        ),
        "the largest one is wrong already": (
            lambda seen: not np.isclose(seen.found[0], seen.exact[0], rtol=1e-6),
            lambda J: np.linalg.svd(J, compute_uv=False) ** 2 * len(J),
        ),
        "the small ones are rounding errors of the product JᵀJ: the square root of the matrix is at hand": (
            lambda seen: not np.allclose(seen.found, seen.exact, rtol=0.05, atol=0),
            lambda J: np.abs(np.linalg.eigvalsh(J.T @ J)[::-1]),
        ),
    },
    praise="down to the smallest, which is far below what the product can show",
)


def _scatter(variance: float, n: int) -> float:
    information = sloppy.covariance_information([[variance]], [[[1.0]]])
    return float(1 / (n * information[0, 0]))


estimate_scatter = Function(
    "ex-sloppiness-inverse",
    "the variance of the maximum-likelihood estimate of a Gaussian's variance: ``answer(variance, n)`` for n samples, "
    "mean known",
    calls=lambda: [(2.0, 200), (0.5, 50), (3.0, 1000)],
    truth=_scatter,
    mistakes=lambda scatter, variance, n: {
        "this is the data's own variance: the scatter of an estimate is asked": variance,
        "this is the scatter of the estimated mean: the variance was estimated": variance / n,
        "the units: a variance of a variance has its square": 2 * variance / n,
        "this belongs to one sample: there are n of them": scatter * n,
        "this is the information: its inverse is asked": 1 / scatter,
        "this is the standard deviation: square it": np.sqrt(scatter),
    },
    otherwise="differentiate the logarithm of a Gaussian twice by its variance, average, and invert",
    praise="it is the inverse of the information of n samples",
)
