"""The exercises of the chapter on the variational renormalization group."""

import functools
from types import SimpleNamespace

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp

from ..ising import CRITICAL_BETA
from ..rg import lower_bound, variational
from ._core import Function, Trial, Value, as_numbers, attempt

__all__ = ["every_third", "majority", "free_energy_change", "repair", "coin_transformation", "quartic_zero"]


def _ring_coupling(K: float) -> float:
    operator = variational.decimation_transformation(9, [0, 3, 6])
    made = variational.couplings(variational.renormalized_energy(operator, variational.ising_energy(9, K)))
    return made.ferro(0, 1)


every_third = Function(
    "ex-variational-third",
    "the coupling K′ of a ring of which every third spin is kept: ``answer(K)``",
    calls=lambda: [(0.3,), (0.9,), (1.4,)],
    truth=_ring_coupling,
    mistakes=lambda _, K: {
        "this is the law for every second spin: two bonds in a row": np.arctanh(np.tanh(K) ** 2),
        "count the bonds between two kept spins, not the spins": np.arctanh(np.tanh(K) ** 4),
        "this is tanh K′: solve for K′ itself": np.tanh(K) ** 3,
        "the correlation length is divided by three, and the coupling is not proportional to it": K / 3,
        "this holds for weak couplings only: tanh K is not K": K**3,
        "the bonds are in a row, not side by side": 3 * K,
    },
    otherwise="multiply the transfer matrices of the bonds in between, and compare their eigenvalues",
    praise="it is the coupling that a sum over six of nine spins gives",
)


def _operators() -> list[tuple]:
    rng = np.random.default_rng(2)
    return [(rng.normal(0, 0.7, (16, 4)), rng.normal(0, 1, 16)), (rng.normal(0.3, 0.4, (8, 2)), rng.normal(0, 2, 8))]


repair = Function(
    "ex-variational-constant",
    "an operator to which one constant was added so that the free-energy error vanishes: ``answer(T, H)`` with ``T`` "
    "(2**n_visible, 2**n_hidden) and ``H`` (2**n_visible,) returns the new ``T``",
    calls=_operators,
    truth=lambda T, H: T + variational.free_energy_error(T, H),
    mistakes=lambda right, T, H: {
        "the constant went the wrong way: the error has doubled": 2 * T - right,
        "this normalises every v by itself, which repairs everything: one constant is asked": variational.normalize(T),
        "the average of the trace must be weighted with the data's probabilities": T - logsumexp(T),
        "the logarithm of one partition function: the difference of two is needed": T + logsumexp(-H),
        "T stands in the exponent: a factor of the trace is a term in T": T * np.exp(right - T),
    },
    otherwise="what must be added to T so that the average of its trace over the data is one?",
    praise="the free energies agree, and the spread of the trace is what it was",
)


coin_transformation = Function(
    "ex-variational-useless",
    "the operator of hidden spins that are coin tosses: ``answer(n_visible, n_hidden)`` returns ``T``, shape "
    "(2**n_visible, 2**n_hidden)",
    calls=lambda: [(3, 2), (2, 4)],
    truth=lambda n_visible, n_hidden: variational.independent_transformation(n_visible, np.zeros(2**n_hidden)),
    mistakes=lambda T, n_visible, n_hidden: {
        "the trace of this is the number of hidden states": np.zeros_like(T),
        "this is one coin: there are several": np.full_like(T, -np.log(2)),
        "this is the probability: T is its logarithm": np.exp(T),
        "the coins are the hidden spins, not the visible ones": np.full_like(T, -n_visible * np.log(2)),
        "the base of the logarithm: T is a natural one": np.full_like(T, -n_hidden),
        "rows are states of v, columns are states of h": T.T,
    },
    otherwise="every hidden state has the same probability, whatever v is, and they add up to one",
    praise="it meets the trace condition and knows nothing",
)


def _four_spin_coupling(p: float, beta: float) -> float:
    operator = variational.kadanoff_transformation(16, variational.block_sites(4, 2), p)
    energies = variational.renormalized_energy(operator, variational.ising_energy((4, 4), beta))
    return variational.couplings(energies).ferro(0, 1, 2, 3)


@functools.cache
def _zeros() -> list[float]:
    return [brentq(_four_spin_coupling, 0.4, 1.6, args=(beta,), xtol=1e-6) for beta in (CRITICAL_BETA, 0.3)]


@functools.cache
def _stationary() -> float:
    return lower_bound.optimal_parameter().p


quartic_zero = Value(
    "ex-variational-quartic",
    "the two values of Kadanoff's p at which the four-spin coupling of the blocks vanishes: an array of two, at the "
    "critical coupling and at beta = 0.3",
    truth=_zeros,
    mistakes=lambda zeros: {
        "the order: first the critical point, then the higher temperature": zeros[::-1],
        "the same p twice: solve again with the other Hamiltonian": np.full(2, zeros[0]),
        "this is where the lower bound is stationary, another criterion": np.full(2, _stationary()),
        "twice too large: p multiplies the sum of a block, as in Kadanoff's rule": 2 * zeros,
    },
    otherwise="the coupling changes sign once between a small and a large p: bracket it",
    praise="at both couplings there is such a p, and it is not the same",
    rtol=2e-3,
)


def _energies() -> list[tuple]:
    rng = np.random.default_rng(7)
    return [(rng.normal(0, 2, 16) + c, rng.normal(0, 1, 4) + c) for c in (0.0, 3.0, 1000.0, -1000.0)]


free_energy_change = Function(
    "ex-variational-stable",
    "the change of the free energy between two lists of energies, also when the energies are huge: "
    "``answer(old, new)``, the energies of all states before and after, returns F_new − F_old",
    calls=_energies,
    truth=lambda old, new: logsumexp(-old) - logsumexp(-new),
    mistakes=lambda change, old, new: {
        "the sign: a free energy is minus the logarithm": -change,
        "the weights are e to the minus energy": logsumexp(old) - logsumexp(new),
        "the base of the logarithm: it is a natural one": change / np.log(2),
        "this keeps the ground states only: the others count as well": new.min() - old.min(),
        "this is the difference of mean energies: weigh the states": new.mean() - old.mean(),
    },
    otherwise="the difference of two free energies, each minus the logarithm of a sum",
    praise="also where the sums themselves overflow",
)


def _block_sums(spins, axes=(2, 4)):
    n, L, _ = spins.shape
    shape = (n, L // 2, 2, L // 2, 2) if axes == (2, 4) else (n, 2, L // 2, 2, L // 2)
    return spins.reshape(shape).sum(axis=axes)


def _fair(sums, rng):
    return np.where(sums == 0, rng.choice([-1, 1], sums.shape), np.sign(sums))


def _blocked(answer) -> SimpleNamespace:
    rng = np.random.default_rng(3)
    spins = (2 * rng.integers(0, 2, (400, 6, 6)) - 1).astype(np.int8)
    corners = [spins[:, i::2, j::2] for i in (0, 1) for j in (0, 1)]
    sums = np.sum(corners, axis=0)
    new, decided = as_numbers(attempt(answer, spins, np.random.default_rng(4)), sums.shape), sums != 0
    return SimpleNamespace(
        new=new, corners=corners, choice=new[decided], majority=np.sign(sums[decided]), ties=new[~decided]
    )


majority = Trial(
    "ex-variational-ties",
    "the majority rule on 2 × 2 blocks, with its ties: ``answer(spins, rng)`` with ``spins`` (n_samples, L, L), L "
    "even, returns (n_samples, L / 2, L / 2)",
    observe=_blocked,
    mistakes={
        "there are zeros among the new spins: the sign of an empty sum is no spin": (
            lambda seen: (seen.new == 0).any(),
            lambda spins, rng: np.sign(_block_sums(spins)),
        ),
        "the new spins must be −1 and +1": (
            lambda seen: not (np.abs(seen.new) == 1).all(),
            lambda spins, rng: _fair(_block_sums(spins), rng) / 2,
        ),
        "the majority loses: a sign is reversed": (
            lambda seen: np.array_equal(seen.choice, -seen.majority),
            lambda spins, rng: -_fair(_block_sums(spins), rng),
        ),
        "one spin of each block decides alone: this is decimation": (
            lambda seen: any(np.array_equal(seen.new, corner) for corner in seen.corners),
            lambda spins, rng: spins[:, ::2, ::2],
        ),
        "the spins that were added are not those of a block: look at the order of the axes": (
            lambda seen: not np.array_equal(seen.choice, seen.majority),
            lambda spins, rng: _fair(_block_sums(spins, (1, 3)), rng),
        ),
        "every tie goes the same way: an even Hamiltonian would get a field": (
            lambda seen: abs(seen.ties.mean()) > 5 / np.sqrt(seen.ties.size),
            lambda spins, rng: np.where(_block_sums(spins) >= 0, 1, -1),
        ),
    },
    praise="right for every block, and the ties are fair",
)
