"""The exercises of the chapter on other attempts."""

import functools

import numpy as np
from scipy.special import softmax

from ..discussion import mera, quantum_states
from ._core import Function, Value

__all__ = ["cells_needed", "rectifier_gate", "length_from_dimension", "born_probabilities", "worst_fields"]


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


cells_needed = Value(
    "ex-attempts-blocks",
    "how many cells an open block needs to beat the wavelet pair (2, 2): one number, within one per cent",
    truth=_cells,
    mistakes=lambda cells: {
        "these are sites: two of them make a cell": 2 * cells,
        "half of this: is the energy per cell compared, in both?": cells / 2,
        "the pair has that many taps: the block must do without entanglement between blocks": 8,
        "the error falls as one over the length, each cut costs the same: not as its square": np.sqrt(cells),
    },
    otherwise="compare errors per cell, and count up until the block is better",
    praise="that many cells in a block, where the wavelets need a few layers",
    rtol=0.01,
)


def _gate(u, v):
    def rectifier(x):
        return max(x, 0.0)

    return rectifier(u + v) + rectifier(-u - v) - rectifier(u - v) - rectifier(v - u)


rectifier_gate = Function(
    "ex-attempts-relu",
    "what the four-neuron gate computes with rectifiers: ``answer(u, v)`` returns σ(u+v) + σ(−u−v) − σ(u−v) − σ(v−u) "
    "for σ(x) = max(x, 0)",
    calls=lambda: [(0.5, 0.8), (-0.5, 0.8), (0.7, -0.2), (-0.6, -0.9), (0.4, 0.4)],
    truth=_gate,
    mistakes=lambda gate, u, v: {
        "this is what the gate was meant to compute": u * v,
        "a rectifier is homogeneous: doubling both inputs doubles the output, no more": 2 * u * v,
        "the size is right: the sign of the product is missing": abs(gate),
        "twice too small: try two equal numbers": gate / 2,
        "the smaller in size, not the smaller: look at negative inputs": 2 * min(u, v),
        "this is what tanh gives: a rectifier is not odd": 0.0,
        "the other one of the two sizes": 2 * np.sign(u * v) * max(abs(u), abs(v)),
    },
    otherwise="a rectifier of x plus one of minus x is the absolute value of x",
    praise="homogeneous of degree one: no scale makes it a product",
)


def _from_levels(x: float, side: float) -> float:
    """Return the distance over which the second level of a square torus falls by e against the first."""
    ratio = np.exp(-2 * np.pi * x)  # of two eigenvalues of the transfer matrix over the whole torus
    return float(-side / np.log(ratio))


length_from_dimension = Function(
    "ex-attempts-trg",
    "the correlation length, in lattice spacings, from the level x of a square torus away from the critical point: "
    "``answer(x, side)``",
    calls=lambda: [(0.3, 64), (0.6, 128), (1.1, 256)],
    truth=_from_levels,
    mistakes=lambda length, x, side: {
        "the factor between a scaling dimension and a gap on the torus is missing": side / x,
        "this is the inverse length": 1 / length,
        "this is in units of the torus: how many lattice spacings is that?": length / side,
        "a larger gap means a shorter length": 2 * np.pi * x * side,
        "a factor of two: the gap is two π times the dimension over the side": 2 * length,
    },
    otherwise="the logarithm of the ratio of two levels is the side over the correlation length",
    praise="in lattice spacings, as long as the torus is larger than it",
)


@functools.cache
def _worst() -> tuple[float, ...]:
    def error(n_hidden, field):
        run = quantum_states.optimize(8, field, n_hidden, n_iterations=60, rng=0)
        return 1 - run.energy[-1] / quantum_states.chain_energy(8, field)

    return tuple(max((0.5, 1.0, 2.0), key=functools.partial(error, n_hidden)) for n_hidden in (2, 8))


worst_fields = Value(
    "ex-attempts-field",
    "at which of three fields a machine with two hidden units is worst, and one with a unit for each bond: an array of "
    "two, each 0.5, 1 or 2",
    truth=_worst,
    mistakes=lambda fields: {
        "the order: first the small machine, then the large one": fields[::-1],
        "right for the large machine: the small one has another difficulty": np.full(2, fields[1]),
        "right for the small machine: the large one has a unit for each bond": np.full(2, fields[0]),
        "there the ground state is nearly all up plus all down: one unit makes that": np.full(2, 0.5),
    },
    otherwise="compare relative errors of the energy at the three fields",
    praise="few units lack a bond each, many units lack only the critical correlations",
)


def _logarithms() -> list[tuple]:
    rng = np.random.default_rng(22)
    return [(rng.normal(0, 1, 8),), (rng.normal(0, 2, 16) + 900.0,), (rng.normal(0, 2, 16) - 900.0,)]


born_probabilities = Function(
    "ex-attempts-born",
    "the probabilities of a positive wave function given by the logarithms of its amplitudes: "
    "``answer(log_amplitude)``, one entry a state",
    calls=_logarithms,
    truth=lambda log_psi: np.exp(2 * log_psi - np.logaddexp.reduce(2 * log_psi)),
    mistakes=lambda p, log_psi: {
        "this takes the amplitude for a probability: measure the squares": softmax(log_psi),
        "these are the normalised amplitudes: measure their squares": np.sqrt(p),
        "the sign: large amplitudes are the probable ones": softmax(-2 * log_psi),
        "normalise after squaring: these do not add up to one": softmax(log_psi) ** 2,
        "not normalised: they must add up to one": p / p.max(),
        "the square of a root: twice the logarithm, not half of it": softmax(log_psi / 2),
    },
    otherwise="square, and normalise, without an exponential that overflows",
    praise="also where the amplitudes themselves overflow",
)
