"""Checkers of the exercises of the chapter on learning the Ising model."""

import functools

import numpy as np

from ..ising import exact, observables, sample
from ..machines import fields
from ._core import Function, Mistake, Value, Verdict, exercise

__all__ = ["burn_in", "noise_weight", "participation", "spins_from_bits", "torus_distance"]


def _weights() -> list[tuple]:
    rng = np.random.default_rng(23)
    patch = np.zeros((25, 3))
    patch[3:9] = 1.0
    return [(rng.normal(0, 1, (30, 4)),), (patch + rng.normal(0, 0.1, (25, 3)),)]


def _power_sum(W, power, axis=0):
    return (np.abs(W) ** power).sum(axis=axis)


@exercise(
    "ex-learning-participation",
    Function(
        _weights,
        fields.participation_ratio,
        [
            Mistake(
                lambda W: _power_sum(W, 2, 1) ** 2 / _power_sum(W, 4, 1),
                "summed over the wrong axis: a hidden unit is a column",
            ),
            Mistake(
                lambda W: _power_sum(W, 4) / _power_sum(W, 2) ** 2,
                "upside down: a field that is spread out has the larger ratio",
            ),
            Mistake(
                lambda W: _power_sum(W, 1) ** 2 / _power_sum(W, 2),
                "one power too low, twice: the shares are the squares of the weights",
            ),
            Mistake(
                lambda W: _power_sum(W, 2) ** 2 / _power_sum(W, 4) / len(W),
                "this is a fraction of the lattice: a number of sites is asked",
            ),
            Mistake(
                lambda W: np.full(W.shape[1], (W**2).sum() ** 2 / (W**4).sum()),
                "all hidden units together: each has its own",
            ),
            Mistake(
                lambda W: _power_sum(W, 2) / _power_sum(W, 4),
                "this depends on the size of the weights: square the numerator",
            ),
        ],
        "test it on n equal weights",
        "n equal weights have ratio n, whatever their size",
    ),
)
def participation(answer: object) -> Verdict:
    """Check the participation ratio of each receptive field.

    Parameters
    ----------
    answer : callable
        ``answer(weights)`` with ``weights`` (n_visible, n_hidden) returns n_hidden numbers.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> participation(lambda weights: (weights**4).sum(axis=0) / (weights**2).sum(axis=0) ** 2)
    Not yet: upside down: a field that is spread out has the larger ratio.
    """


def _stationary_mean(rate: float, penalty: float, batch: int, spread: float) -> float:
    """Integrate over the stationary density of a weight that is pushed to zero and shaken."""
    diffusion = (rate * spread) ** 2 / (2 * batch)
    w = np.linspace(0, 60 * diffusion / (rate * penalty), 200_001)
    density = np.exp(-rate * penalty * w / diffusion)
    return float((w * density).sum() / density.sum())


def _noise(rate, penalty, batch, spread):
    return rate * spread**2 / (2 * penalty * batch)


@exercise(
    "ex-learning-noise",
    Function(
        lambda: [(0.01, 0.004, 50, 1.0), (0.2, 0.004, 50, 0.8), (0.02, 0.01, 100, 1.2)],
        _stationary_mean,
        [
            Mistake(
                lambda r, p, b, s: _noise(r, p, b, s) * b, "the noise of an average falls with the size of the batch"
            ),
            Mistake(
                lambda r, p, b, s: _noise(r, p, b, s) * np.sqrt(b),
                "diffusion counts the variance of a step, not its root",
            ),
            Mistake(
                lambda r, p, b, s: 2 * _noise(r, p, b, s),
                "a factor of two: a diffusion constant is half the variance per step",
            ),
            Mistake(
                lambda r, p, b, s: _noise(1, p, b, s), "the rate multiplies drift and noise, but not in the same power"
            ),
            Mistake(lambda r, p, b, s: _noise(r, p, b, s) * r, "the penalty is multiplied by the rate as well"),
            Mistake(
                lambda r, p, b, s: r * s / np.sqrt(b), "this is the noise of one step: the penalty must balance many"
            ),
            Mistake(lambda r, p, b, s: _noise(r, p, b, 1.0), "the noise has a spread"),
        ],
        "balance the drift towards zero with the diffusion: the density of the weight is an exponential",
        "proportional to the rate over the size of the batch",
        rtol=1e-2,
    ),
)
def noise_weight(answer: object) -> Verdict:
    """Check the mean size of a weight that has nothing to learn, under noise and an L1 penalty.

    Parameters
    ----------
    answer : callable
        ``answer(rate, penalty, batch, spread)`` returns the stationary mean size of the weight for small rates.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> noise_weight(lambda rate, penalty, batch, spread: rate * spread / batch**0.5)
    Not yet: this is the noise of one step: the penalty must balance many.
    """


def _bits() -> list[tuple]:
    rng = np.random.default_rng(24)
    return [(rng.integers(0, 2, (4, 6)).astype(np.uint8),), (rng.integers(0, 2, (2, 5)).astype(float),)]


@exercise(
    "ex-learning-binary",
    Function(
        _bits,
        lambda bits: np.where(np.asarray(bits) > 0.5, 1, -1),
        [
            Mistake(
                lambda bits: 2 * bits - 1,
                "look at the smallest and largest entry: unsigned bytes have no −1, they wrap around",
            ),
            Mistake(np.sign, "these are still 0 and 1: neither a sign nor a comparison makes −1 of zero"),
            Mistake(lambda bits: 1 - 2.0 * bits, "up and down are exchanged"),
            Mistake(lambda bits: bits - 0.5, "these are spins one half: the book's are plus and minus one"),
            Mistake(lambda bits: 2.0 * bits, "twice as large, and now shift them"),
        ],
        "every entry must be +1 or −1",
        "also for unsigned bytes",
    ),
)
def spins_from_bits(answer: object) -> Verdict:
    """Check the conversion of 0/1 data of any type to spins ±1.

    Parameters
    ----------
    answer : callable
        ``answer(bits)`` with an array of 0 and 1, unsigned bytes or floats, returns ±1 of the same shape.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> spins_from_bits(lambda bits: bits)
    Not yet: these are still 0 and 1: neither a sign nor a comparison makes −1 of zero.
    """


@functools.cache
def _excess() -> float:
    run = {"algorithm": "metropolis", "thin": 1, "burn_in": 100, "start": "random", "rng": 31}
    spins = sample(40, 1 / 2.3, 8192, n_chains=8192, **run)
    return float(observables.energy(spins).mean() - exact.torus_energy(40, 1 / 2.3))


@exercise(
    "ex-learning-burn-in",
    Value(
        _excess,
        [
            Mistake(lambda truth: -truth, "the sign: a random start has a higher energy, and it comes down"),
            Mistake(lambda truth: truth / abs(exact.torus_energy(40, 1 / 2.3)), "this is relative to the exact energy"),
            Mistake(lambda truth: truth * 1600, "this is for the whole lattice: per site is asked"),
            Mistake(lambda truth: 0.0, "this chain was equilibrated first: start from fair coins and take one sample"),
            Mistake(
                lambda truth: -exact.torus_energy(40, 1 / 2.3),
                "no sweep was made: the energy of fair coins is zero on average",
            ),
        ],
        "many independent chains, one sample each, after the sweeps of the script",
        "many standard errors from zero, with a few thousand chains",
        rtol=0.2,
    ),
)
def burn_in(answer: object) -> Verdict:
    """Check how much too high the energy is after 100 Metropolis sweeps from fair coins, L = 40, T = 2.3.

    Parameters
    ----------
    answer : float
        Mean energy per site minus the exact one; 20% is close enough.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> burn_in(...).passed
    False
    """


def _points() -> list[tuple]:
    return [((1, 2), (4, 6), 10), ((0, 9), (9, 0), 10), ((2.5, 15), (13, 1), 16), ((1, 1), (1, 8), 10)]


def _over_images(a, b, side):
    """Try all nine images."""
    shifts = [(i * side, j * side) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return min(np.hypot(a[0] - b[0] + i, a[1] - b[1] + j) for i, j in shifts)


def _wrapped(a, b, side):
    d = np.abs(np.subtract(a, b))
    return np.minimum(d, side - d)


@exercise(
    "ex-learning-torus",
    Function(
        _points,
        _over_images,
        [
            Mistake(
                lambda a, b, side: np.hypot(*np.subtract(a, b)),
                "two sites on either side of the boundary are neighbours: the lattice is a torus",
            ),
            Mistake(
                lambda a, b, side: _wrapped(a, b, side).sum(),
                "along the axes, as a walker goes: the straight line is asked",
            ),
            Mistake(lambda a, b, side: (_wrapped(a, b, side) ** 2).sum(), "this is the square of the distance"),
            Mistake(
                lambda a, b, side: np.hypot(*(np.subtract(a, b) % side)),
                "this wraps around in one direction only: the shorter way may be the other",
            ),
            Mistake(
                lambda a, b, side: min(np.hypot(*np.subtract(a, b)), side - np.hypot(*np.subtract(a, b))),
                "wrap around along each axis by itself, then combine",
            ),
        ],
        "along each axis take the shorter of two ways",
        "the shortest over all images",
    ),
)
def torus_distance(answer: object) -> Verdict:
    """Check the distance of two points of a periodic lattice.

    Parameters
    ----------
    answer : callable
        ``answer(a, b, side)`` with two points (row, column) returns the length of the shortest straight line.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import math
    >>> torus_distance(lambda a, b, side: math.dist(a, b))
    Not yet: two sites on either side of the boundary are neighbours: the lattice is a torus.
    """
