"""Checkers of the exercises of the chapter on good transformations."""

import numpy as np

from ..ising import exact
from ._core import Function, Mistake, Verdict, exercise

__all__ = ["blocks_of_three", "information", "kadanoff_probability", "mixture_temperature", "vote"]


def _spins() -> list[tuple]:
    rng = np.random.default_rng(40)
    return [
        ((2 * rng.integers(0, 2, (3, 9, 9)) - 1).astype(np.int8),),
        ((2 * rng.integers(0, 2, (2, 6, 6)) - 1).astype(np.int8),),
    ]


def _by_slices(spins):
    return np.sign(sum(spins[:, i::3, j::3].astype(int) for i in range(3) for j in range(3)))


@exercise(
    "ex-good-three",
    Function(
        _spins,
        _by_slices,
        [
            Mistake(lambda s: s[:, ::3, ::3], "this is decimation: nine spins are to vote"),
            Mistake(lambda s: s[:, 1::3, 1::3], "this is decimation, of the middle: nine spins are to vote"),
            Mistake(lambda s: -_by_slices(s), "the majority loses: a sign is reversed"),
            Mistake(
                lambda s: np.sign(s.reshape(len(s), 3, s.shape[1] // 3, 3, s.shape[2] // 3).sum(axis=(1, 3))),
                "the spins that were added are not those of a block: look at the order of the axes",
            ),
            Mistake(
                lambda s: s.reshape(len(s), s.shape[1] // 3, 3, -1, 3).mean(axis=(2, 4)),
                "these are averages: take their sign",
            ),
            Mistake(
                lambda s: s.reshape(len(s), s.shape[1] // 3, 3, -1, 3).sum(axis=(2, 4)),
                "these are sums: take their sign",
            ),
        ],
        "add the nine spins of each block and take the sign",
        "and no block of nine can tie",
    ),
)
def blocks_of_three(answer: object) -> Verdict:
    """Check the majority rule on 3 × 3 blocks.

    Parameters
    ----------
    answer : callable
        ``answer(spins)`` with ``spins`` ±1 (n_samples, L, L), L a multiple of 3, returns (n_samples, L / 3, L / 3).

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> blocks_of_three(lambda spins: spins[:, ::3, ::3])
    Not yet: this is decimation: nine spins are to vote.
    """


def _two_weights(p: float, total: float) -> float:
    up, down = np.exp(p * total), np.exp(-p * total)
    return float(up / (up + down))


@exercise(
    "ex-good-strength",
    Function(
        lambda: [(0.5, 4), (0.76, -2), (1.0, 2), (0.3, 0)],
        _two_weights,
        [
            Mistake(lambda p, m: 1 / (1 + np.exp(-p * m)), "a factor of two: up and down differ by twice the exponent"),
            Mistake(lambda p, m: np.tanh(p * m), "this is the average of the block spin, not a probability"),
            Mistake(lambda p, m: 1 / (1 + np.exp(2 * p * m)), "this is the probability of the other sign"),
            Mistake(lambda p, m: 1 / (1 + np.exp(-2 * p * m / 4)), "the sum of the block enters, not its mean"),
            Mistake(lambda p, m: np.exp(p * m), "not normalised: up and down must add up to one"),
            Mistake(lambda p, m: float(m > 0) + 0.5 * (m == 0), "this is the majority rule: p does not enter"),
        ],
        "one weight for up, one for down, divided by their sum",
        "a coin at p = 0, the majority for large p",
    ),
)
def kadanoff_probability(answer: object) -> Verdict:
    """Check Kadanoff's probability that a block spin is up.

    Parameters
    ----------
    answer : callable
        ``answer(p, total)`` with the sum of the block's spins returns the probability.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import math
    >>> kadanoff_probability(lambda p, total: math.tanh(p * total))
    Not yet: this is the average of the block spin, not a probability.
    """


def _windows() -> list[tuple]:
    rng = np.random.default_rng(41)
    return [(2 * rng.integers(0, 2, (5, 16)) - 1, rng.normal(-0.1, 0.2, 16)) for _ in range(2)]


def _energy_difference(windows, weights):
    up, down = windows @ weights, -(windows @ weights)
    return np.exp(-up) / (np.exp(-up) + np.exp(-down))


def _logistic(x):
    return 1 / (1 + np.exp(-x))


@exercise(
    "ex-good-trained-off",
    Function(
        _windows,
        _energy_difference,
        [
            Mistake(
                lambda v, w: _logistic(-(v @ w)),
                "a factor of two: the energies of up and down differ by twice the field",
            ),
            Mistake(
                lambda v, w: _logistic(2 * (v @ w)),
                "the sign: in this book's energy a positive field turns a unit down",
            ),
            Mistake(lambda v, w: _logistic(v @ w), "two slips at once: the sign of the field, and its factor"),
            Mistake(lambda v, w: -np.tanh(v @ w), "this is the average of the unit, not a probability"),
            Mistake(
                lambda v, w: (v @ w < 0).astype(float),
                "this is a majority without doubt: the weights say how sure it is",
            ),
        ],
        "the Boltzmann weights of one unit with energy h times its field",
        "a soft vote, the same for a window and its mirror image with signs turned",
    ),
)
def vote(answer: object) -> Verdict:
    """Check the probability that a hidden unit without bias is up, from windows of spins and its weights.

    Parameters
    ----------
    answer : callable
        ``answer(windows, weights)`` with ``windows`` (n, n_visible) and ``weights`` (n_visible,) returns shape (n,).

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> vote(lambda windows, weights: -np.tanh(windows @ weights))
    Not yet: this is the average of the unit, not a probability.
    """


def _solve(temperatures) -> float:
    """Bisect for the temperature whose energy is the mean energy of the set."""
    wanted = float(np.mean(exact.torus_energy(6, 1 / np.asarray(temperatures, dtype=float))))
    low, high = 0.2, 200.0
    for _ in range(25):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if exact.torus_energy(6, 1 / middle) < wanted else (low, middle)
    return float(low)


@exercise(
    "ex-good-flow-window",
    Function(
        lambda: [([3.0, 4.0, 5.0, 6.0],), ([1.0, 5.0],), ([2.0, 2.5, 8.0],)],
        _solve,
        [
            Mistake(lambda T: float(np.mean(T)), "the mean of the temperatures: a thermometer reads the mean energy"),
            Mistake(
                lambda T: float(1 / np.mean(1 / np.asarray(T))),
                "the mean of the inverse temperatures: read the mean energy",
            ),
            Mistake(
                lambda T: float(1 / exact.CRITICAL_BETA),
                "nothing draws it to the critical point unless it is in the set",
            ),
            Mistake(lambda T: float(np.median(T)), "the middle of the set: read the mean energy"),
            Mistake(lambda T: 1 / _solve(T), "this is the inverse temperature"),
        ],
        "average the exact energies of the set, and find the temperature that has this energy",
        "the temperature at which a single model has the set's mean energy",
        rtol=2e-3,
    ),
)
def mixture_temperature(answer: object) -> Verdict:
    """Check the temperature that the energy reads in a mixture of 6 × 6 lattices.

    Parameters
    ----------
    answer : callable
        ``answer(temperatures)``, in equal shares, returns one temperature.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> mixture_temperature(lambda temperatures: sum(temperatures) / len(temperatures))
    Not yet: the mean of the temperatures: a thermometer reads the mean energy.
    """


def _tables() -> list[tuple]:
    rng = np.random.default_rng(42)
    return [(rng.dirichlet(np.ones(12)).reshape(3, 4),), (rng.dirichlet(np.ones(8)).reshape(2, 4),)]


def _entropy(p):
    p = np.ravel(p)
    return -(p @ np.log(p))


def _information(joint):
    """Average the logarithm of the joint over the product of its marginals."""
    product = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    return float((joint * np.log(joint / product)).sum())


@exercise(
    "ex-good-mi-units",
    Function(
        _tables,
        _information,
        [
            Mistake(lambda P: _information(P) / np.log(2), "these are bits: the book counts in nats"),
            Mistake(
                lambda P: _entropy(P), "this is the entropy of the pair: how much less is it than that of both apart?"
            ),
            Mistake(
                lambda P: _entropy(P) - _entropy(P.sum(axis=1)),
                "this is what stays unknown of the second if the first is seen",
            ),
            Mistake(
                lambda P: _entropy(P) - _entropy(P.sum(axis=0)),
                "this is what stays unknown of the first if the second is seen",
            ),
            Mistake(
                lambda P: _entropy(P.sum(axis=1)) + _entropy(P.sum(axis=0)),
                "the entropy of the pair must be subtracted",
            ),
            Mistake(lambda P: -_information(P), "information is never negative: the sign"),
        ],
        "the entropies of the two apart, minus that of the pair",
        "zero only for independent variables",
    ),
)
def information(answer: object) -> Verdict:
    """Check the mutual information of a joint table, in nats.

    Parameters
    ----------
    answer : callable
        ``answer(joint)`` with probabilities (n, m), all positive, returns one number.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> information(lambda joint: -(joint * np.log(joint)).sum())
    Not yet: this is the entropy of the pair: how much less is it than that of both apart?
    """
