"""Checkers of the exercises of the chapter on other attempts."""

import functools

import numpy as np

from ..discussion import mera, quantum_states
from ._core import Function, Mistake, Value, Verdict, exercise

__all__ = ["born_probabilities", "cells_needed", "length_from_dimension", "rectifier_gate", "worst_fields"]


@functools.cache
def _cells() -> int:
    """Bisect for the first block length whose error is below that of the wavelet pair."""
    h, g = mera.hilbert_pair(2, 2)
    target = 1 - mera.wavelet_energy(h, g).sum() / mera.hopping_energy(512)

    def error(n):
        return 1 - np.linalg.svd((np.eye(n) - np.eye(n, k=-1)) / 2, compute_uv=False).sum() / n * np.pi / 2

    low, high = 1, 1024
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if error(middle) >= target else (low, middle)
    return high


@exercise(
    "ex-attempts-blocks",
    Value(
        _cells,
        [
            Mistake(lambda truth: 2 * truth, "these are sites: two of them make a cell"),
            Mistake(lambda truth: truth / 2, "half of this: is the energy per cell compared, in both?"),
            Mistake(
                lambda truth: 8, "the pair has that many taps: the block must do without entanglement between blocks"
            ),
            Mistake(
                lambda truth: np.sqrt(truth),
                "the error falls as one over the length, each cut costs the same: not as its square",
            ),
        ],
        "compare errors per cell, and count up until the block is better",
        "that many cells in a block, where the wavelets need a few layers",
        rtol=0.01,
    ),
)
def cells_needed(answer: object) -> Verdict:
    """Check how many cells an open block needs to beat the wavelet pair (2, 2).

    Parameters
    ----------
    answer : int
        The number of cells; within one per cent.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> cells_needed(8).passed
    False
    """


def _pairs() -> list[tuple]:
    return [(0.5, 0.8), (-0.5, 0.8), (0.7, -0.2), (-0.6, -0.9), (0.4, 0.4)]


def _gate(u, v):
    def rectifier(x):
        return max(x, 0.0)

    return rectifier(u + v) + rectifier(-u - v) - rectifier(u - v) - rectifier(v - u)


@exercise(
    "ex-attempts-relu",
    Function(
        _pairs,
        _gate,
        [
            Mistake(lambda u, v: u * v, "this is what the gate was meant to compute"),
            Mistake(
                lambda u, v: 2 * u * v, "a rectifier is homogeneous: doubling both inputs doubles the output, no more"
            ),
            Mistake(lambda u, v: 2 * min(abs(u), abs(v)), "the size is right: the sign of the product is missing"),
            Mistake(lambda u, v: np.sign(u * v) * min(abs(u), abs(v)), "twice too small: try two equal numbers"),
            Mistake(lambda u, v: 2 * min(u, v), "the smaller in size, not the smaller: look at negative inputs"),
            Mistake(lambda u, v: 0.0, "this is what tanh gives: a rectifier is not odd"),
            Mistake(lambda u, v: 2 * np.sign(u * v) * max(abs(u), abs(v)), "the other one of the two sizes"),
        ],
        "a rectifier of x plus one of minus x is the absolute value of x",
        "homogeneous of degree one: no scale makes it a product",
    ),
)
def rectifier_gate(answer: object) -> Verdict:
    """Check what the four-neuron gate computes with rectifiers.

    Parameters
    ----------
    answer : callable
        ``answer(u, v)`` returns σ(u+v) + σ(−u−v) − σ(u−v) − σ(v−u) for σ(x) = max(x, 0).

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> rectifier_gate(lambda u, v: u * v)
    Not yet: this is what the gate was meant to compute.
    """


def _from_levels(x: float, side: float) -> float:
    """Return the distance over which the second level of a square torus falls by e against the first."""
    ratio = np.exp(-2 * np.pi * x)  # of two eigenvalues of the transfer matrix over the whole torus
    return float(-side / np.log(ratio))


@exercise(
    "ex-attempts-trg",
    Function(
        lambda: [(0.3, 64), (0.6, 128), (1.1, 256)],
        _from_levels,
        [
            Mistake(lambda x, L: L / x, "the factor between a scaling dimension and a gap on the torus is missing"),
            Mistake(lambda x, L: 2 * np.pi * x / L, "this is the inverse length"),
            Mistake(
                lambda x, L: 1 / (2 * np.pi * x), "this is in units of the torus: how many lattice spacings is that?"
            ),
            Mistake(lambda x, L: 2 * np.pi * x * L, "a larger gap means a shorter length"),
            Mistake(
                lambda x, L: L / (np.pi * x), "a factor of two: the gap is two π times the dimension over the side"
            ),
        ],
        "the logarithm of the ratio of two levels is the side over the correlation length",
        "in lattice spacings, as long as the torus is larger than it",
    ),
)
def length_from_dimension(answer: object) -> Verdict:
    """Check the correlation length from the level x of a square torus away from the critical point.

    Parameters
    ----------
    answer : callable
        ``answer(x, side)`` returns the correlation length in lattice spacings.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> length_from_dimension(lambda x, side: side / x)
    Not yet: the factor between a scaling dimension and a gap on the torus is missing.
    """


_FIELDS = (0.5, 1.0, 2.0)


@functools.cache
def _worst() -> tuple[float, float]:
    def error(n_hidden, field):
        run = quantum_states.optimize(8, field, n_hidden, n_iterations=60, rng=0)
        return 1 - run.energy[-1] / quantum_states.chain_energy(8, field)

    return tuple(max(_FIELDS, key=functools.partial(error, m)) for m in (2, 8))


@exercise(
    "ex-attempts-field",
    Value(
        _worst,
        [
            Mistake(lambda truth: truth[::-1], "the order: first the small machine, then the large one"),
            Mistake(
                lambda truth: np.full(2, truth[1]), "right for the large machine: the small one has another difficulty"
            ),
            Mistake(
                lambda truth: np.full(2, truth[0]),
                "right for the small machine: the large one has a unit for each bond",
            ),
            Mistake(
                lambda truth: np.array([0.5, 0.5]),
                "there the ground state is nearly all up plus all down: one unit makes that",
            ),
        ],
        "compare relative errors of the energy at the three fields",
        "few units lack a bond each, many units lack only the critical correlations",
    ),
)
def worst_fields(answer: object) -> Verdict:
    """Check at which of three fields a machine with two hidden units is worst, and one with a unit for each bond.

    Parameters
    ----------
    answer : array_like, shape (2,)
        The fields, each 0.5, 1 or 2, for the small and for the large machine.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> worst_fields([0.5, 0.5]).passed
    False
    """


def _logarithms() -> list[tuple]:
    rng = np.random.default_rng(22)
    return [(rng.normal(0, 1, 8),), (rng.normal(0, 2, 16) + 900.0,), (rng.normal(0, 2, 16) - 900.0,)]


def _softmax(x):
    weights = np.exp(x - x.max())
    return weights / weights.sum()


def _born(log_psi):
    """Normalise by the logarithm of the norm."""
    return np.exp(2 * log_psi - np.logaddexp.reduce(2 * log_psi))


@exercise(
    "ex-attempts-born",
    Function(
        _logarithms,
        _born,
        [
            Mistake(_softmax, "this takes the amplitude for a probability: measure the squares"),
            Mistake(lambda x: np.sqrt(_born(x)), "these are the normalised amplitudes: measure their squares"),
            Mistake(lambda x: _softmax(-2 * x), "the sign: large amplitudes are the probable ones"),
            Mistake(lambda x: _softmax(x) ** 2, "normalise after squaring: these do not add up to one"),
            Mistake(lambda x: np.exp(2 * (x - x.max())), "not normalised: they must add up to one"),
            Mistake(lambda x: _softmax(x / 2), "the square of a root: twice the logarithm, not half of it"),
        ],
        "square, and normalise, without an exponential that overflows",
        "also where the amplitudes themselves overflow",
    ),
)
def born_probabilities(answer: object) -> Verdict:
    """Check the probabilities of a positive wave function given by the logarithms of its amplitudes.

    Parameters
    ----------
    answer : callable
        ``answer(log_amplitude)``, one entry a state, returns the probabilities of a measurement.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> born_probabilities(lambda x: np.exp(x - np.logaddexp.reduce(x)))
    Not yet: this takes the amplitude for a probability: measure the squares.
    """
