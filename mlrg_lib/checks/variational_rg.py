"""Checkers of the exercises of the chapter on the variational renormalization group."""

import functools

import numpy as np

from ..ising import CRITICAL_BETA
from ..rg import lower_bound, variational
from ._core import Function, Mistake, Trial, Value, Verdict, as_numbers, attempt, exercise, refuse

__all__ = ["coin_operator", "every_third", "free_energy_change", "majority", "quartic_zero", "repair"]


def _ring_coupling(K: float) -> float:
    operator = variational.decimation_operator(9, [0, 3, 6])
    made = variational.couplings(variational.renormalized_energy(operator, variational.ising_energy(9, K)))
    return made.ferro(0, 1)


def _power(K, b):
    return np.arctanh(np.tanh(K) ** b)


@exercise(
    "ex-variational-third",
    Function(
        lambda: [(0.3,), (0.9,), (1.4,)],
        _ring_coupling,
        [
            Mistake(lambda K: _power(K, 2), "this is the law for every second spin: two bonds in a row"),
            Mistake(lambda K: _power(K, 4), "count the bonds between two kept spins, not the spins"),
            Mistake(lambda K: np.tanh(K) ** 3, "this is tanh K′: solve for K′ itself"),
            Mistake(
                lambda K: K / 3,
                "the correlation length is divided by three, and the coupling is not proportional to it",
            ),
            Mistake(lambda K: K**3, "this holds for weak couplings only: tanh K is not K"),
            Mistake(lambda K: np.arctanh(np.tanh(3 * K)), "the bonds are in a row, not side by side"),
        ],
        "multiply the transfer matrices of the bonds in between, and compare their eigenvalues",
        "it is the coupling that a sum over six of nine spins gives",
    ),
)
def every_third(answer: object) -> Verdict:
    """Check the coupling of a ring of which every third spin is kept.

    Parameters
    ----------
    answer : callable
        ``answer(K)`` returns K′.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> every_third(lambda K: K / 3).passed
    False
    """


def _operators() -> list[tuple]:
    rng = np.random.default_rng(2)
    return [(rng.normal(0, 0.7, (16, 4)), rng.normal(0, 1, 16)), (rng.normal(0.3, 0.4, (8, 2)), rng.normal(0, 2, 8))]


def _log_sum(x, axis=None):
    return np.logaddexp.reduce(np.ravel(x) if axis is None else x, axis=0 if axis is None else axis)


def _shift(T, H):
    return _log_sum(-H) - _log_sum(T - H[:, None])


@exercise(
    "ex-variational-constant",
    Function(
        _operators,
        lambda T, H: T + variational.free_energy_error(T, H),
        [
            Mistake(lambda T, H: T - _shift(T, H), "the constant went the wrong way: the error has doubled"),
            Mistake(
                lambda T, H: T - _log_sum(T, 1)[:, None],
                "this normalises every v by itself, which repairs everything: one constant is asked",
            ),
            Mistake(
                lambda T, H: T - _log_sum(T), "the average of the trace must be weighted with the data's probabilities"
            ),
            Mistake(
                lambda T, H: T + _log_sum(-H),
                "the logarithm of one partition function: the difference of two is needed",
            ),
            Mistake(
                lambda T, H: T * np.exp(_shift(T, H)), "T stands in the exponent: a factor of the trace is a term in T"
            ),
        ],
        "what must be added to T so that the average of its trace over the data is one?",
        "the free energies agree, and the spread of the trace is what it was",
    ),
)
def repair(answer: object) -> Verdict:
    """Check an operator to which one constant was added so that the free-energy error vanishes.

    Parameters
    ----------
    answer : callable
        ``answer(T, H)`` with ``T`` (2**n_visible, 2**n_hidden) and ``H`` (2**n_visible,) returns the new ``T``.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> from mlrg_lib.rg import variational
    >>> repair(lambda T, H: variational.normalize(T)).passed
    False
    """


@exercise(
    "ex-variational-useless",
    Function(
        lambda: [(3, 2), (2, 4)],
        lambda n_visible, n_hidden: variational.independent_operator(n_visible, np.zeros(2**n_hidden)),
        [
            Mistake(lambda v, h: np.zeros((2**v, 2**h)), "the trace of this is the number of hidden states"),
            Mistake(lambda v, h: np.full((2**v, 2**h), -np.log(2)), "this is one coin: there are several"),
            Mistake(lambda v, h: np.full((2**v, 2**h), 2.0**-h), "this is the probability: T is its logarithm"),
            Mistake(
                lambda v, h: np.full((2**v, 2**h), -v * np.log(2.0)),
                "the coins are the hidden spins, not the visible ones",
            ),
            Mistake(lambda v, h: np.full((2**v, 2**h), -h * 1.0), "the base of the logarithm: T is a natural one"),
            Mistake(
                lambda v, h: np.full((2**h, 2**v), -h * np.log(2.0)), "rows are states of v, columns are states of h"
            ),
        ],
        "every hidden state has the same probability, whatever v is, and they add up to one",
        "it meets the trace condition and knows nothing",
    ),
)
def coin_operator(answer: object) -> Verdict:
    """Check the operator of hidden spins that are coin tosses.

    Parameters
    ----------
    answer : callable
        ``answer(n_visible, n_hidden)`` returns ``T``, shape (2**n_visible, 2**n_hidden).

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> coin_operator(lambda n_visible, n_hidden: np.zeros((2**n_visible, 2**n_hidden)))
    Not yet: the trace of this is the number of hidden states.
    """


def _block_coupling(p: float, beta: float, spins: tuple[int, ...]) -> float:
    operator = variational.kadanoff_operator(16, variational.block_sites(4, 2), p)
    energies = variational.renormalized_energy(operator, variational.ising_energy((4, 4), beta))
    return variational.couplings(energies).ferro(*spins)


@functools.cache
def _zero(beta: float) -> float:
    """Return the p at which the four-spin coupling vanishes, by regula falsi (Illinois)."""
    f = functools.partial(_block_coupling, beta=beta, spins=(0, 1, 2, 3))
    a, b = 0.4, 1.6
    fa, fb = f(a), f(b)
    while abs(b - a) > 1e-6:
        c = (a * fb - b * fa) / (fb - fa)
        fc = f(c)
        if abs(fc) < 2e-6:
            break
        if fc * fb < 0:
            a, fa = b, fb
        else:
            fa /= 2
        b, fb = c, fc
    return float(c)


@exercise(
    "ex-variational-quartic",
    Value(
        lambda: [_zero(CRITICAL_BETA), _zero(0.3)],
        [
            Mistake(lambda truth: truth[::-1], "the order: first the critical point, then the higher temperature"),
            Mistake(lambda truth: np.full(2, truth[0]), "the same p twice: solve again with the other Hamiltonian"),
            Mistake(
                lambda truth: np.full(2, lower_bound.optimal_parameter().p),
                "this is where the lower bound is stationary, another criterion",
            ),
            Mistake(lambda truth: 2 * truth, "twice too large: p multiplies the sum of a block, as in Kadanoff's rule"),
        ],
        "the coupling changes sign once between a small and a large p: bracket it",
        "at both couplings there is such a p, and it is not the same",
        rtol=2e-3,
    ),
)
def quartic_zero(answer: object) -> Verdict:
    """Check the two values of Kadanoff's p at which the four-spin coupling of the blocks vanishes.

    Parameters
    ----------
    answer : array_like, shape (2,)
        p at the critical coupling and at beta = 0.3.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> quartic_zero([..., ...]).passed
    False
    """


def _energies() -> list[tuple]:
    rng = np.random.default_rng(7)
    return [(rng.normal(0, 2, 16) + c, rng.normal(0, 1, 4) + c) for c in (0.0, 3.0, 1000.0, -1000.0)]


@exercise(
    "ex-variational-stable",
    Function(
        _energies,
        lambda old, new: _log_sum(-old) - _log_sum(-new),
        [
            Mistake(lambda old, new: _log_sum(-new) - _log_sum(-old), "the sign: a free energy is minus the logarithm"),
            Mistake(lambda old, new: _log_sum(old) - _log_sum(new), "the weights are e to the minus energy"),
            Mistake(
                lambda old, new: (_log_sum(-old) - _log_sum(-new)) / np.log(2),
                "the base of the logarithm: it is a natural one",
            ),
            Mistake(
                lambda old, new: new.min() - old.min(), "this keeps the ground states only: the others count as well"
            ),
            Mistake(
                lambda old, new: new.mean() - old.mean(), "this is the difference of mean energies: weigh the states"
            ),
        ],
        "the difference of two free energies, each minus the logarithm of a sum",
        "also where the sums themselves overflow",
    ),
)
def free_energy_change(answer: object) -> Verdict:
    """Check the change of the free energy between two lists of energies, also when the energies are huge.

    Parameters
    ----------
    answer : callable
        ``answer(old, new)``, the energies of all states before and after, returns F_new − F_old.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> free_energy_change(lambda old, new: new.min() - old.min())
    Not yet: this keeps the ground states only: the others count as well.
    """


_MAJORITY_HINTS = {
    "ties": "there are zeros among the new spins: the sign of an empty sum is no spin",
    "biased": "every tie goes the same way: an even Hamiltonian would get a field",
    "blocks": "the spins that were added are not those of a block: look at the order of the axes",
    "decimated": "one spin of each block decides alone: this is decimation",
}


def _judge_majority(answer) -> str:
    refuse("hand in the function itself, without calling it", not callable(answer))
    rng = np.random.default_rng(3)
    spins = (2 * rng.integers(0, 2, (400, 6, 6)) - 1).astype(np.int8)
    sums = sum(spins[:, i::2, j::2].astype(int) for i in (0, 1) for j in (0, 1))
    new = as_numbers(attempt(answer, spins, np.random.default_rng(4)))
    refuse(f"the shape should be {sums.shape}, and it is {new.shape}", new.shape != sums.shape)
    refuse(_MAJORITY_HINTS["ties"], (new == 0).any())
    refuse("the new spins must be −1 and +1", not (np.abs(new) == 1).all())
    decided = sums != 0
    refuse("the majority loses: a sign is reversed", np.array_equal(new[decided], -np.sign(sums[decided])))
    refuse(_MAJORITY_HINTS["decimated"], any(np.array_equal(new, spins[:, i::2, j::2]) for i in (0, 1) for j in (0, 1)))
    refuse(_MAJORITY_HINTS["blocks"], not np.array_equal(new[decided], np.sign(sums[decided])))
    ties = new[~decided]
    refuse(_MAJORITY_HINTS["biased"], abs(ties.mean()) > 5 / np.sqrt(ties.size))
    return "right for every block, and the ties are fair"


def _block_sums(spins, axes=(2, 4)):
    n, L, _ = spins.shape
    shape = (n, L // 2, 2, L // 2, 2) if axes == (2, 4) else (n, 2, L // 2, 2, L // 2)
    return spins.reshape(shape).sum(axis=axes)


def _fair(sums, rng):
    return np.where(sums == 0, rng.choice([-1, 1], sums.shape), np.sign(sums))


@exercise(
    "ex-variational-ties",
    Trial(
        _judge_majority,
        [
            Mistake(lambda s, rng: np.sign(_block_sums(s)), _MAJORITY_HINTS["ties"]),
            Mistake(lambda s, rng: np.where(_block_sums(s) >= 0, 1, -1), _MAJORITY_HINTS["biased"]),
            Mistake(lambda s, rng: _fair(_block_sums(s, (1, 3)), rng), _MAJORITY_HINTS["blocks"]),
            Mistake(lambda s, rng: s[:, ::2, ::2], _MAJORITY_HINTS["decimated"]),
            Mistake(lambda s, rng: -_fair(_block_sums(s), rng), "the majority loses: a sign is reversed"),
        ],
    ),
)
def majority(answer: object) -> Verdict:
    """Check the majority rule on 2 × 2 blocks, with its ties.

    Parameters
    ----------
    answer : callable
        ``answer(spins, rng)`` with ``spins`` (n_samples, L, L), L even, returns (n_samples, L / 2, L / 2).

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> majority(lambda spins, rng: spins[:, ::2, ::2])
    Not yet: one spin of each block decides alone: this is decimation.
    """
