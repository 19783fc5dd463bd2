"""The exercises of the chapter on learning the Ising model."""

import functools

import numpy as np

from ..ising import exact, observables, sample
from ..machines import fields
from ._core import Function, Value
from .ising import for_random_sites

__all__ = ["participation", "burn_in", "noise_weight", "torus_distance", "spins_from_bits"]


def _weights() -> list[tuple]:
    rng = np.random.default_rng(23)
    patch = np.zeros((25, 3))
    patch[3:9] = 1.0
    return [(rng.normal(0, 1, (30, 4)),), (patch + rng.normal(0, 0.1, (25, 3)),)]


def _wrong_ratios(ratio, weights) -> dict:
    squares = weights**2
    first, second = squares.sum(axis=0), (squares**2).sum(axis=0)
    all_units = squares.sum() ** 2 / (squares**2).sum()
    rows = squares.sum(axis=1) ** 2 / (squares**2).sum(axis=1)
    roots = np.abs(weights).sum(axis=0) ** 2 / first
    return {
        "summed over the wrong axis: a hidden unit is a column": rows,
        "upside down: a field that is spread out has the larger ratio": 1 / ratio,
        "one power too low, twice: the shares are the squares of the weights": roots,
        "this is a fraction of the lattice: a number of sites is asked": ratio / len(weights),
        "all hidden units together: each has its own": np.full_like(ratio, all_units),
        "this depends on the size of the weights: square the numerator": first / second,
    }


participation = Function(
    "ex-learning-participation",
    "the participation ratio of each receptive field: ``answer(weights)`` with ``weights`` (n_visible, n_hidden) "
    "returns n_hidden numbers",
    calls=_weights,
    truth=fields.participation_ratio,
    mistakes=_wrong_ratios,
    otherwise="test it on n equal weights",
    praise="n equal weights have ratio n, whatever their size",
)


def _stationary_mean(rate: float, penalty: float, batch: int, spread: float) -> float:
    """Integrate over the stationary density of a weight that is pushed to zero and shaken."""
    diffusion = (rate * spread) ** 2 / (2 * batch)
    w = np.linspace(0, 60 * diffusion / (rate * penalty), 200_001)
    density = np.exp(-rate * penalty * w / diffusion)
    return float((w * density).sum() / density.sum())


noise_weight = Function(
    "ex-learning-noise",
    "the mean size of a weight that has nothing to learn, under noise and an L1 penalty: "
    "``answer(rate, penalty, batch, spread)`` for small rates",
    calls=lambda: [(0.01, 0.004, 50, 1.0), (0.2, 0.004, 50, 0.8), (0.02, 0.01, 100, 1.2)],
    truth=_stationary_mean,
    mistakes=lambda size, rate, penalty, batch, spread: {
        "the noise of an average falls with the size of the batch": size * batch,
        "diffusion counts the variance of a step, not its root": size * np.sqrt(batch),
        "a factor of two: a diffusion constant is half the variance per step": 2 * size,
        "the rate multiplies drift and noise, but not in the same power": size / rate,
        "the penalty is multiplied by the rate as well": size * rate,
        "this is the noise of one step: the penalty must balance many": rate * spread / np.sqrt(batch),
        "the noise has a spread": size / spread**2,
    },
    otherwise="balance the drift towards zero with the diffusion: the density of the weight is an exponential",
    praise="proportional to the rate over the size of the batch",
    rtol=1e-2,
)


def _bits() -> list[tuple]:
    rng = np.random.default_rng(24)
    return [(rng.integers(0, 2, (4, 6)).astype(np.uint8),), (rng.integers(0, 2, (2, 5)).astype(float),)]


spins_from_bits = Function(
    "ex-learning-binary",
    "the conversion of 0/1 data to spins ±1: ``answer(bits)`` with an array of 0 and 1, unsigned bytes or floats, "
    "returns ±1 of the same shape",
    calls=_bits,
    truth=lambda bits: np.where(np.asarray(bits) > 0.5, 1, -1),
    mistakes=lambda spins, bits: {
        "look at the smallest and largest entry: unsigned bytes have no −1, they wrap around": 2 * bits - 1,
        "these are still 0 and 1: neither a sign nor a comparison makes −1 of zero": bits,
        "up and down are exchanged": -spins,
        "these are spins one half: the book's are plus and minus one": spins / 2,
        "twice as large, and now shift them": 2.0 * bits,
    },
    otherwise="every entry must be +1 or −1",
    praise="also for unsigned bytes",
)


_EXACT_ENERGY = functools.partial(exact.torus_energy, 40, 1 / 2.3)


@functools.cache
def _excess(random_sites: bool = False) -> float:
    n, start = 8192, "random"
    if random_sites:
        n = 1024
        start = np.random.default_rng(31).choice(np.array([-1, 1], dtype=np.int8), (n, 40, 40))
        start = np.concatenate([start, for_random_sites(40)])
    run = {"algorithm": "metropolis", "thin": 1, "burn_in": 100, "start": start, "rng": 31}
    spins = sample(40, 1 / 2.3, n + random_sites, n_chains=n + random_sites, **run)[:n]
    return float(observables.energy(spins).mean() - _EXACT_ENERGY())


burn_in = Value(
    "ex-learning-burn-in",
    "how much too high the energy per site is after 100 Metropolis sweeps from fair coins, L = 40, T = 2.3: one "
    "number, within 20%",
    truth=_excess,
    mistakes=lambda excess: {
        "the sign: a random start has a higher energy, and it comes down": -excess,
        "this is relative to the exact energy": excess / abs(_EXACT_ENERGY()),
        "this is for the whole lattice: per site is asked": excess * 1600,
        "this chain was equilibrated first: start from fair coins and take one sample": 0.0,
        "no sweep was made: the energy of fair coins is zero on average": -_EXACT_ENERGY(),
    },
    otherwise="many independent chains, one sample each, after the sweeps of the script",
    praise="many standard errors from zero, with a few thousand chains",
    rtol=0.2,
    also=lambda: {
        "in random order this is what is left; in that of a chessboard, which `sample` takes, it is less": (
            _excess(random_sites=True)
        )
    },
)


def _over_images(a, b, side):
    """Try all nine images."""
    shifts = [(i * side, j * side) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return min(np.hypot(a[0] - b[0] + i, a[1] - b[1] + j) for i, j in shifts)


def _wrong_distances(distance, a, b, side) -> dict:
    apart = np.abs(np.subtract(a, b))
    straight = np.hypot(*apart)
    return {
        "two sites on either side of the boundary are neighbours: the lattice is a torus": straight,
        "along the axes, as a walker goes: the straight line is asked": np.minimum(apart, side - apart).sum(),
        "this is the square of the distance": distance**2,
        "this wraps around in one direction only: the shorter way may be the other": np.hypot(
            *np.subtract(a, b) % side
        ),
        "wrap around along each axis by itself, then combine": min(straight, side - straight),
    }


torus_distance = Function(
    "ex-learning-torus",
    "the distance of two points of a periodic lattice: ``answer(a, b, side)`` with two points (row, column) returns "
    "the length of the shortest straight line",
    calls=lambda: [((1, 2), (4, 6), 10), ((0, 9), (9, 0), 10), ((2.5, 15), (13, 1), 16), ((1, 1), (1, 8), 10)],
    truth=_over_images,
    mistakes=_wrong_distances,
    otherwise="along each axis take the shorter of two ways",
    praise="the shortest over all images",
)
