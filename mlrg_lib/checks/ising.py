"""The exercises of the chapter on the Ising model."""

import functools
from types import SimpleNamespace

import numpy as np

from ..ising import CRITICAL_BETA, exact, observables, sample
from ._core import Function, Trial, Value, as_numbers, attempt, refuse

__all__ = ["two_by_two", "energy", "heat_bath", "cost", "abs_magnetization", "duality"]


def _betas() -> list[tuple]:
    return [(0.1,), (0.3,), (CRITICAL_BETA,), (0.7,)]


def _levels(beta, unit, at_zero, at_top=2):
    """Return ln of a partition function with levels -unit, 0 and +unit; two states at the bottom."""
    return np.log(2 * np.exp(unit * beta) + at_zero + at_top * np.exp(-unit * beta))


two_by_two = Function(
    "ex-ising-two-by-two",
    "ln Z of the 2 × 2 torus, against Kaufman's formula: ``answer(beta)``",
    calls=_betas,
    truth=functools.partial(exact.torus_log_partition, 2),
    mistakes=lambda ln_z, beta: {
        "four bonds instead of eight: here each pair of neighbours is joined twice": _levels(beta, 4, 12),
        "the checkerboard breaks every bond: it does not belong to the middle level": _levels(beta, 8, 14, 0),
        "each level has twice as many states: turn all spins over": ln_z - np.log(2),
        "this is Z: take its natural logarithm": np.exp(ln_z),
        "use the natural logarithm": ln_z / np.log(10),
        "this is per site: leave the division out": ln_z / 4,
    },
    otherwise="count again: the number of states of all levels together must be the number of configurations",
    praise="your levels and counts give Kaufman's partition function",
)


def _lattices() -> list[tuple]:
    rng = np.random.default_rng(1)
    shapes = ((3, 4, 4), (2, 5, 5))
    return [((2 * rng.integers(0, 2, shape) - 1).astype(np.int8),) for shape in shapes]


def _wrong_energies(energy, spins) -> dict:
    s = spins.astype(float)
    sites, up = s[0].size, (1 + s) / 2
    along_one = (s * np.roll(s, 1, 2)).sum(axis=(1, 2))
    inside = (s[:, 1:] * s[:, :-1]).sum(axis=(1, 2)) + (s[:, :, 1:] * s[:, :, :-1]).sum(axis=(1, 2))
    both_up = (up * np.roll(up, 1, 1) + up * np.roll(up, 1, 2)).sum(axis=(1, 2))
    return {
        "every bond is counted from both of its ends: the sum over sites and neighbours meets it twice": 2 * energy,
        "this is the energy of the whole lattice: divide by the number of sites": energy * sites,
        "the sign: equal neighbours must lower the energy": -energy,
        "this is per bond, not per site": energy / 2,
        "only the bonds along one axis are in the sum": -along_one / sites,
        "the bonds through the boundary are missing: the lattice is a torus": -inside / sites,
        "the spins became 0 and 1 on the way: a bond between two down spins counts too": -both_up / sites,
    }


energy = Function(
    "ex-ising-energy",
    "the energy per site of each lattice of a batch: ``answer(spins)``, int8 ±1 of shape (n_samples, L, L)",
    calls=_lattices,
    truth=observables.energy,
    mistakes=_wrong_energies,
    otherwise="draw a 2 × 2 corner of the lattice and list the bonds that your sum visits",
    praise="your energy agrees with the library's on every lattice tried",
)


def for_random_sites(L: int) -> np.ndarray:
    """Return a lattice (1, L, L) whose every neighbour sum is zero; L is a multiple of four. In a fixed order of sites
    it is never left, so from a start that contains it :func:`mlrg_lib.ising.sample` visits random ones."""
    return np.where(np.add.outer(np.arange(L), np.arange(L)) % 4 < 2, 1, -1).astype(np.int8)[None]


@functools.cache
def _sweeps_for_samples(random_sites: bool = False) -> float:
    n_sweeps, thin, burn_in = (300, 10, 500) if random_sites else (1500, 1, 2000)
    run = {"algorithm": "metropolis", "thin": thin, "n_chains": 64, "burn_in": burn_in, "rng": 108}
    if random_sites:
        run["start"] = np.repeat(for_random_sites(40), 64, axis=0)
    spins = sample(40, 0.408, 64 * n_sweeps, **run)
    series = np.abs(observables.magnetization(spins)).reshape(n_sweeps, 64).T
    return 2 * thin * observables.autocorrelation_time(series)[0] * 20_000


cost = Value(
    "ex-ising-cost",
    "the Metropolis sweeps that 20,000 samples cost at L = 40, beta = 0.408: one number, within 20% of another "
    "measurement",
    truth=_sweeps_for_samples,
    mistakes=lambda sweeps: {
        "the spacing was to be twice the autocorrelation time": sweeps / 2,
        "this is the cost of one sample": sweeps / 20_000,
        "this is the autocorrelation time: now pay for all samples": sweeps / 40_000,
        "count sweeps, not attempted flips: a sweep tries every site once": sweeps * 1600,
    },
    otherwise="measure again: one series per chain, and enough sweeps before the first measurement",
    praise="this agrees with a measurement of the checker's own, within the noise of both",
    rtol=0.2,
    also=lambda: {
        "this is the cost if sites are visited in random order; in the order of a chessboard, which `sample` takes, it "
        "is several times less": _sweeps_for_samples(random_sites=True)
    },
)


@functools.cache
def _ordered_lattices() -> np.ndarray:
    spins = sample(32, 0.5, 2000, algorithm="wolff", rng=17)
    return -spins if spins.sum() > 0 else spins  # a negative mean, so that its absolute value is told from it


def _wrong_magnetizations(_, spins) -> dict:
    m = observables.magnetization(spins)
    return {
        "configurations of both signs still cancel: the mean must come last": m.mean(),
        "the absolute value came after the mean, when all had cancelled already": abs(m.mean()),
        "every spin's size is one: the absolute value belongs to whole configurations": 1.0,
        "this is the mean of the square: take the root at the end": (m**2).mean(),
        "this is summed over the sites of a lattice: divide by their number": np.abs(m).mean() * spins[0].size,
    }


abs_magnetization = Function(
    "ex-ising-abs",
    "an estimate of the spontaneous magnetization, on Wolff samples at T = 2 and against Yang's value: "
    "``answer(spins)`` with ``spins`` (n_samples, L, L), one number",
    calls=lambda: [(_ordered_lattices(),)],
    truth=lambda _: exact.spontaneous_magnetization(0.5),
    mistakes=_wrong_magnetizations,
    otherwise="this is neither Yang's magnetization nor one of the usual slips: what is averaged, and in which order?",
    praise="this is Yang's magnetization, within the error of a finite lattice",
    rtol=0,
    atol=0.01,
)


duality = Function(
    "ex-ising-duality",
    "the dual inverse temperature of Kramers and Wannier: ``answer(beta)``",
    calls=_betas,
    truth=lambda beta: -0.5 * np.log(np.tanh(beta)),
    mistakes=lambda dual, beta: {
        "you solved for twice the dual coupling": 2 * dual,
        "the sinh takes twice the coupling, on both sides": np.arcsinh(1 / np.sinh(beta)),
        "this is the dual temperature: hand in its inverse": 1 / dual,
        "the inverse of the sinh is not there yet": 0.5 / np.sinh(2 * beta),
        "this gives beta back: the product is one": beta,
    },
    otherwise="one test: at the critical coupling a lattice is its own dual",
    praise="and the map is its own inverse, with the critical point as its fixed point",
)


_SIDE, _COUPLING, _CHAINS, _CALLS = 6, 0.4, 2048, 50
_BLACK = np.indices((_SIDE, _SIDE)).sum(axis=0) % 2 == 0
_EXACT = functools.partial(exact.torus_energy, _SIDE)


def _sites_drawn(spins, beta, rng, sites) -> np.ndarray:
    """Return a batch with the chosen sites drawn from the heat bath of their neighbours."""
    field = sum(np.roll(spins, step, axis).astype(float) for step in (1, -1) for axis in (1, 2))
    fresh = np.where(rng.random(spins.shape) < 1 / (1 + np.exp(-2 * beta * field)), 1, -1)
    return np.where(sites, fresh, spins).astype(np.int8)


def _checkerboard(spins, beta, rng):
    return _sites_drawn(_sites_drawn(spins, beta, rng, _BLACK), beta, rng, ~_BLACK)


def _swept(answer) -> SimpleNamespace:
    """Sweep random lattices many times and measure their energy; then sweep copies of one lattice once."""
    rng = np.random.default_rng(5)
    start = (2 * rng.integers(0, 2, (_CHAINS, _SIDE, _SIDE)) - 1).astype(np.int8)
    spins = start
    for _ in range(_CALLS):
        spins = as_numbers(attempt(answer, spins, _COUPLING, rng), start.shape)
        refuse("the spins must stay +1 and -1", not (np.abs(spins) == 1).all())
        spins = spins.astype(np.int8)
    energies = observables.energy(spins)
    error = energies.std(ddof=1) / np.sqrt(_CHAINS)
    copies = np.broadcast_to(np.where(_BLACK, 1, start[0]), start.shape).astype(np.int8)
    after = as_numbers(attempt(answer, copies, _COUPLING, rng), start.shape)
    means = after.mean(axis=0)
    covariance = ((after - means) * np.roll(after - means, 1, axis=2)).mean(axis=(1, 2))
    return SimpleNamespace(
        at=lambda energy: abs(energies.mean() - energy) < 5 * error,
        unchanged=np.array_equal(spins, start),
        independent=abs(covariance.mean()) < 4 * covariance.std(ddof=1) / np.sqrt(_CHAINS),
        driven=np.abs(means).max() > 6 / np.sqrt(_CHAINS),
    )


heat_bath = Trial(
    "ex-ising-heat-bath",
    "one heat-bath sweep, by running it on 2,048 lattices and comparing their energy with Kaufman's: "
    "``answer(spins, beta, rng)`` with ``spins`` int8 ±1 of shape (n, L, L), L even, returns the updated batch",
    observe=_swept,
    right=lambda seen: seen.at(_EXACT(_COUPLING)),
    mistakes={
        "the lattice did not change at all: return the updated copy": (
            lambda seen: seen.unchanged,
            lambda spins, beta, rng: spins,
        ),
        "after one call, neighbours are independent given the lattice before it: all of them looked at "
        "the old lattice. Two neighbours must not be updated at the same time": (
            lambda seen: seen.independent and seen.driven,
            lambda spins, beta, rng: _sites_drawn(spins, beta, rng, True),
        ),
        "the result does not depend on the coupling: do the neighbours enter?": (
            lambda seen: seen.at(0.0),
            lambda spins, beta, rng: _checkerboard(spins, 0.0, rng),
        ),
        "the energies are those of half the coupling: a flip changes each bond by two units, not by one": (
            lambda seen: seen.at(_EXACT(_COUPLING / 2)),
            lambda spins, beta, rng: _checkerboard(spins, beta / 2, rng),
        ),
        "the energies are those of twice the coupling: the factor of two is in the exponent once": (
            lambda seen: seen.at(_EXACT(2 * _COUPLING)),
            lambda spins, beta, rng: _checkerboard(spins, 2 * beta, rng),
        ),
        "the energies are those of an antiferromagnet: look at the sign in the exponent": (
            lambda seen: seen.at(-_EXACT(_COUPLING)),
            lambda spins, beta, rng: _checkerboard(spins, -beta, rng),
        ),
    },
    otherwise="the energy is not Kaufman's: is every site updated, with the probability that its neighbours give it?",
    praise="the energy agrees with Kaufman's within its error",
)
