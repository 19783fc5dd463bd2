"""Checkers of the exercises of the chapter on the Ising model."""

import functools

import numpy as np

from ..ising import CRITICAL_BETA, exact, observables, sample
from ._core import Function, Mistake, Refusal, Trial, Value, Verdict, as_numbers, attempt, exercise, refuse

__all__ = ["abs_magnetization", "cost", "duality", "energy", "heat_bath", "two_by_two"]

BETAS = (0.1, 0.3, CRITICAL_BETA, 0.7)


def _betas() -> list[tuple]:
    return [(beta,) for beta in BETAS]


def _two_levels(unit: float, at_zero: int, at_top: int = 2):
    """Return ln of a partition function with levels -unit, 0 and +unit; two states at the bottom."""
    return lambda beta: np.log(2 * np.exp(unit * beta) + at_zero + at_top * np.exp(-unit * beta))


@exercise(
    "ex-ising-two-by-two",
    Function(
        _betas,
        functools.partial(exact.torus_log_partition, 2),
        [
            Mistake(_two_levels(4, 12), "four bonds instead of eight: here each pair of neighbours is joined twice"),
            Mistake(
                _two_levels(8, 14, 0), "the checkerboard breaks every bond: it does not belong to the middle level"
            ),
            Mistake(
                lambda beta: np.log(np.exp(8 * beta) + 6 + np.exp(-8 * beta)),
                "each level has twice as many states: turn all spins over",
            ),
            Mistake(lambda beta: np.exp(exact.torus_log_partition(2, beta)), "this is Z: take its natural logarithm"),
            Mistake(lambda beta: exact.torus_log_partition(2, beta) / np.log(10), "use the natural logarithm"),
            Mistake(lambda beta: exact.torus_log_partition(2, beta) / 4, "this is per site: leave the division out"),
        ],
        "count again: the number of states of all levels together must be the number of configurations",
        "your levels and counts give Kaufman's partition function",
    ),
)
def two_by_two(answer: object) -> Verdict:
    """Check ln Z of the 2 × 2 torus as a function of beta, against Kaufman's formula.

    Parameters
    ----------
    answer : callable
        ``answer(beta)`` returns ln Z.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> two_by_two(lambda beta: np.log(2 * np.exp(4 * beta) + 12 + 2 * np.exp(-4 * beta)))
    Not yet: four bonds instead of eight: here each pair of neighbours is joined twice.
    """


def _lattices() -> list[tuple]:
    rng = np.random.default_rng(1)
    shapes = ((3, 4, 4), (2, 5, 5))
    return [((2 * rng.integers(0, 2, shape) - 1).astype(np.int8),) for shape in shapes]


def _pair_sum(spins, shifts=((1, 1), (1, 2))):
    spins = np.asarray(spins, dtype=float)
    return sum((spins * np.roll(spins, step, axis)).sum(axis=(1, 2)) for step, axis in shifts)


def _open_energy(spins):
    spins = np.asarray(spins, dtype=float)
    across = (spins[:, 1:] * spins[:, :-1]).sum(axis=(1, 2)) + (spins[:, :, 1:] * spins[:, :, :-1]).sum(axis=(1, 2))
    return -across / spins[0].size


@exercise(
    "ex-ising-energy",
    Function(
        _lattices,
        observables.energy,
        [
            Mistake(
                lambda s: -_pair_sum(s, ((1, 1), (-1, 1), (1, 2), (-1, 2))) / s[0].size,
                "every bond is counted from both of its ends: the sum over sites and neighbours meets it twice",
            ),
            Mistake(lambda s: -_pair_sum(s), "this is the energy of the whole lattice: divide by the number of sites"),
            Mistake(lambda s: _pair_sum(s) / s[0].size, "the sign: equal neighbours must lower the energy"),
            Mistake(lambda s: -_pair_sum(s) / (2 * s[0].size), "this is per bond, not per site"),
            Mistake(lambda s: -_pair_sum(s, ((1, 2),)) / s[0].size, "only the bonds along one axis are in the sum"),
            Mistake(_open_energy, "the bonds through the boundary are missing: the lattice is a torus"),
            Mistake(
                lambda s: -_pair_sum((1 + s) / 2) / s[0].size,
                "the spins became 0 and 1 on the way: a bond between two down spins counts too",
            ),
        ],
        "draw a 2 × 2 corner of the lattice and list the bonds that your sum visits",
        "your energy agrees with the library's on every lattice tried",
    ),
)
def energy(answer: object) -> Verdict:
    """Check the energy per site of a batch of lattices.

    Parameters
    ----------
    answer : callable
        ``answer(spins)`` with ``spins`` int8 ±1 of shape (n_samples, L, L) returns shape (n_samples,).

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> from mlrg_lib.ising import observables
    >>> energy(lambda spins: -observables.energy(spins))
    Not yet: the sign: equal neighbours must lower the energy.
    """


@functools.cache
def _time_of_magnetization() -> float:
    run = {"algorithm": "metropolis", "thin": 1, "n_chains": 64, "burn_in": 2000, "rng": 108}
    spins = sample(40, 0.408, 64 * 1500, **run)
    series = np.abs(observables.magnetization(spins)).reshape(1500, 64).T
    return observables.autocorrelation_time(series)[0]


@exercise(
    "ex-ising-cost",
    Value(
        lambda: 2 * _time_of_magnetization() * 20_000,
        [
            Mistake(lambda truth: truth / 2, "the spacing was to be twice the autocorrelation time"),
            Mistake(lambda truth: truth / 20_000, "this is the cost of one sample"),
            Mistake(lambda truth: truth / 40_000, "this is the autocorrelation time: now pay for all samples"),
            Mistake(lambda truth: truth * 1600, "count sweeps, not attempted flips: a sweep tries every site once"),
        ],
        "measure again: one series per chain, and enough sweeps before the first measurement",
        "this agrees with a measurement of the checker's own, within the noise of both",
        rtol=0.2,
    ),
)
def cost(answer: object) -> Verdict:
    """Check the Metropolis sweeps that 20,000 samples cost at L = 40, beta = 0.408, against another measurement.

    Parameters
    ----------
    answer : float
        The number of sweeps; 20% is close enough.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> cost(...).passed
    False
    """


@functools.cache
def _ordered_lattices() -> np.ndarray:
    spins = sample(32, 0.5, 2000, algorithm="wolff", rng=17)
    return -spins if spins.sum() > 0 else spins  # a negative mean, so that its absolute value is told from it


def _judge_magnetization(answer) -> str:
    refuse("hand in the function itself, without calling it", not callable(answer))
    spins = _ordered_lattices()
    m = observables.magnetization(spins)
    value = float(as_numbers(attempt(answer, spins), ()))
    truth = exact.spontaneous_magnetization(0.5)
    if abs(value - truth) < 0.01:
        return "this is Yang's magnetization, within the error of a finite lattice"
    refuse("configurations of both signs still cancel: the mean must come last", np.isclose(value, m.mean()))
    refuse("the absolute value came after the mean, when all had cancelled already", np.isclose(value, abs(m.mean())))
    refuse("every spin's size is one: the absolute value belongs to whole configurations", np.isclose(value, 1))
    refuse("this is the mean of the square: take the root at the end", np.isclose(value, (m**2).mean()))
    refuse("this is summed over the sites of a lattice: divide by their number", value > 1)
    raise Refusal(
        "this is neither Yang's magnetization nor one of the usual slips: what is averaged, and in which order?"
    )


@exercise(
    "ex-ising-abs",
    Trial(
        _judge_magnetization,
        [
            Mistake(lambda s: s.mean(), "configurations of both signs still cancel: the mean must come last"),
            Mistake(lambda s: abs(s.mean()), "the absolute value came after the mean, when all had cancelled already"),
            Mistake(
                lambda s: np.abs(s).mean(),
                "every spin's size is one: the absolute value belongs to whole configurations",
            ),
            Mistake(
                lambda s: (s.mean(axis=(1, 2)) ** 2).mean(), "this is the mean of the square: take the root at the end"
            ),
            Mistake(
                lambda s: np.abs(s.sum(axis=(1, 2))).mean(),
                "this is summed over the sites of a lattice: divide by their number",
            ),
        ],
    ),
)
def abs_magnetization(answer: object) -> Verdict:
    """Check an estimate of the spontaneous magnetization, on Wolff samples at T = 2 and against Yang's value.

    Parameters
    ----------
    answer : callable
        ``answer(spins)`` with ``spins`` (n_samples, L, L) returns one number.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> abs_magnetization(lambda spins: spins.mean())
    Not yet: configurations of both signs still cancel: the mean must come last.
    """


def _dual(beta):
    return -0.5 * np.log(np.tanh(beta))


@exercise(
    "ex-ising-duality",
    Function(
        _betas,
        _dual,
        [
            Mistake(lambda beta: 2 * _dual(beta), "you solved for twice the dual coupling"),
            Mistake(lambda beta: np.arcsinh(1 / np.sinh(beta)), "the sinh takes twice the coupling, on both sides"),
            Mistake(lambda beta: 1 / _dual(beta), "this is the dual temperature: hand in its inverse"),
            Mistake(lambda beta: 0.5 / np.sinh(2 * beta), "the inverse of the sinh is not there yet"),
            Mistake(lambda beta: 0.5 * np.arcsinh(np.sinh(2 * beta)), "this gives beta back: the product is one"),
        ],
        "one test: at the critical coupling a lattice is its own dual",
        "and the map is its own inverse, with the critical point as its fixed point",
    ),
)
def duality(answer: object) -> Verdict:
    """Check the dual coupling of Kramers and Wannier as a function of beta.

    Parameters
    ----------
    answer : callable
        ``answer(beta)`` returns the dual inverse temperature.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> duality(lambda beta: np.arcsinh(1 / np.sinh(beta)))
    Not yet: the sinh takes twice the coupling, on both sides.
    """


_SIDE, _COUPLING, _CHAINS, _CALLS = 6, 0.4, 2048, 50
_SWEEP_HINTS = {
    "same": "the lattice did not change at all: return the updated copy",
    "hot": "the result does not depend on the coupling: do the neighbours enter?",
    "half": "the energies are those of half the coupling: a flip changes each bond by two units, not by one",
    "double": "the energies are those of twice the coupling: the factor of two is in the exponent once",
    "anti": "the energies are those of an antiferromagnet: look at the sign in the exponent",
    "synchronous": "after one call, neighbours are independent given the lattice before it: all of them looked at "
    "the old lattice. Two neighbours must not be updated at the same time",
}


def _spread(spins, beta, rng, sites) -> np.ndarray:
    """Return a batch with the chosen sites drawn from the heat bath of their neighbours."""
    field = sum(np.roll(spins, step, axis).astype(float) for step in (1, -1) for axis in (1, 2))
    fresh = np.where(rng.random(spins.shape) < 1 / (1 + np.exp(-2 * beta * field)), 1, -1)
    return np.where(sites, fresh, spins).astype(np.int8)


def _black(L) -> np.ndarray:
    return np.indices((L, L)).sum(axis=0) % 2 == 0


def _checkerboard(spins, beta, rng):
    black = _black(spins.shape[1])
    return _spread(_spread(spins, beta, rng, black), beta, rng, ~black)


def _judge_sweep(answer) -> str:
    refuse("hand in the function itself, without calling it", not callable(answer))
    rng = np.random.default_rng(5)
    start = (2 * rng.integers(0, 2, (_CHAINS, _SIDE, _SIDE)) - 1).astype(np.int8)
    spins = start
    for _ in range(_CALLS):
        spins = as_numbers(attempt(answer, spins, _COUPLING, rng), start.shape)
        refuse("the spins must stay +1 and -1", not (np.abs(spins) == 1).all())
        spins = spins.astype(np.int8)
        refuse(_SWEEP_HINTS["same"], np.array_equal(spins, start))
    energies = observables.energy(spins)
    error = energies.std(ddof=1) / np.sqrt(_CHAINS)
    copies = np.broadcast_to(np.where(_black(_SIDE), 1, start[0]), start.shape).astype(np.int8)
    after = as_numbers(attempt(answer, copies, _COUPLING, rng), start.shape)
    means = after.mean(axis=0)
    covariance = ((after - means) * np.roll(after - means, 1, axis=2)).mean(axis=(1, 2))
    independent = abs(covariance.mean()) < 4 * covariance.std(ddof=1) / np.sqrt(_CHAINS)
    driven = np.abs(means).max() > 6 / np.sqrt(_CHAINS)
    at = functools.partial(exact.torus_energy, _SIDE)
    if abs(energies.mean() - at(_COUPLING)) < 5 * error:
        return "the energy agrees with Kaufman's within its error"
    refuse(_SWEEP_HINTS["synchronous"], independent and driven)
    known = {"hot": 0.0, "half": at(_COUPLING / 2), "double": at(2 * _COUPLING), "anti": -at(_COUPLING)}
    for name, value in known.items():
        refuse(_SWEEP_HINTS[name], abs(energies.mean() - value) < 5 * error)
    raise Refusal(
        "the energy is not Kaufman's: is every site updated, with the probability that its neighbours give it?"
    )


@exercise(
    "ex-ising-heat-bath",
    Trial(
        _judge_sweep,
        [
            Mistake(
                lambda s, beta, rng: _spread(s, beta, rng, np.full(s.shape[1:], True)), _SWEEP_HINTS["synchronous"]
            ),
            Mistake(lambda s, beta, rng: _checkerboard(s, beta / 2, rng), _SWEEP_HINTS["half"]),
            Mistake(lambda s, beta, rng: _checkerboard(s, 2 * beta, rng), _SWEEP_HINTS["double"]),
            Mistake(lambda s, beta, rng: _checkerboard(s, -beta, rng), _SWEEP_HINTS["anti"]),
            Mistake(lambda s, beta, rng: _checkerboard(s, 0.0, rng), _SWEEP_HINTS["hot"]),
            Mistake(lambda s, beta, rng: s, _SWEEP_HINTS["same"]),
        ],
    ),
)
def heat_bath(answer: object) -> Verdict:
    """Check one heat-bath sweep by running it on 2,048 lattices and comparing their energy with Kaufman's.

    Parameters
    ----------
    answer : callable
        ``answer(spins, beta, rng)`` with ``spins`` int8 ±1 of shape (n, L, L), L even, returns the updated batch.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> heat_bath(lambda spins, beta, rng: spins)
    Not yet: the lattice did not change at all: return the updated copy.
    """
