"""Checkers of the exercises of the chapter on the mapping between machines and the renormalization group."""

import numpy as np

from ..rg import variational
from ._core import Function, Mistake, Value, Verdict, exercise

__all__ = ["copy_rate", "divergence", "flipped_couplings", "ring_coupling", "rule"]


def _ring_machine_coupling(w: float) -> float:
    weights = np.zeros((4, 4))
    for a in range(4):
        weights[a, a] = weights[(a + 1) % 4, a] = -w
    machine = variational.RBMWeights(weights, np.zeros(4), np.zeros(4))
    return variational.couplings(variational.rbm_visible_energy(machine)).ferro(0, 1)


@exercise(
    "ex-mapping-nothing",
    Function(
        lambda: [(0.4,), (0.9,), (1.3,)],
        _ring_machine_coupling,
        [
            Mistake(lambda w: w, "this is the weight between the layers: now sum over a hidden unit"),
            Mistake(lambda w: np.tanh(w) ** 2, "this is tanh K′: solve for K′ itself"),
            Mistake(lambda w: 0.5 * np.log(np.cosh(w)), "two equal spins push the hidden unit with both weights"),
            Mistake(lambda w: np.log(np.cosh(2 * w)), "twice too large: equal and unequal neighbours differ by two K′"),
            Mistake(lambda w: np.arctanh(np.tanh(w) ** 4), "two steps at once: only one layer is summed over"),
        ],
        "a hidden unit with two legs: compare equal with unequal neighbours",
        "and the hidden units have the same coupling: nothing was renormalized",
    ),
)
def ring_coupling(answer: object) -> Verdict:
    """Check the coupling of the data for which the ring of eight, weights −w, is an exact machine.

    Parameters
    ----------
    answer : callable
        ``answer(w)`` returns the coupling of the four visible spins.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> ring_coupling(lambda w: w)
    Not yet: this is the weight between the layers: now sum over a hidden unit.
    """


def _slope() -> float:
    H = variational.ising_energy(8, 0.7)
    fits = [
        variational.kl_divergence(H, variational.rbm_visible_energy(variational.decimation_rbm(8, 0.7, B)))
        for B in (4.0, 5.0)
    ]
    return float(np.log(fits[1] / fits[0]))


@exercise(
    "ex-mapping-rate",
    Value(
        _slope,
        [
            Mistake(
                lambda truth: truth / 2, "this is the rate of the error probability: the divergence is quadratic in it"
            ),
            Mistake(
                lambda truth: truth / np.log(10), "this counts decades: the slope of the natural logarithm is asked"
            ),
            Mistake(lambda truth: truth / np.log(2), "this is the slope of the binary logarithm"),
            Mistake(lambda truth: np.exp(truth), "this is the ratio of two divergences: take its logarithm"),
        ],
        "use the last few strengths, before rounding errors take over",
        "it is the measured slope between two strong copies",
        rtol=0.02,
    ),
)
def copy_rate(answer: object) -> Verdict:
    """Check the slope of ln KL against the strength B of the copies.

    Parameters
    ----------
    answer : float
        The slope for strong copies.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> copy_rate(...).passed
    False
    """


def _machines() -> list[tuple]:
    rng = np.random.default_rng(9)
    return [(rng.normal(0, 0.6, (4, 2)), rng.normal(0, 0.5, 2)), (rng.normal(0, 0.3, (3, 3)), rng.normal(0, 0.4, 3))]


def _states(weights):
    return tuple(variational.configurations(n).astype(float) for n in weights.shape)


def _by_normalizing(weights, hidden_bias):
    machine = variational.RBMWeights(weights, hidden_bias, np.zeros(len(weights)))
    return variational.normalize(variational.from_rbm(machine, np.zeros(2 ** len(weights))))


def _log_rule(weights, hidden_bias, scale=1.0, normalize="h"):
    v, h = _states(weights)
    exponent = -scale * (hidden_bias + v @ weights) @ h.T
    if normalize == "none":
        return exponent
    return exponent - np.logaddexp.reduce(exponent, axis=1 if normalize == "h" else 0, keepdims=True)


@exercise(
    "ex-mapping-untrained",
    Function(
        _machines,
        _by_normalizing,
        [
            Mistake(lambda W, b: np.exp(_log_rule(W, b)), "this is the probability: T is its logarithm"),
            Mistake(lambda W, b: _log_rule(W, b, normalize="none"), "not normalised: sum over h for each v"),
            Mistake(
                lambda W, b: _log_rule(W, b, normalize="v"), "normalised over the wrong layer: sum over h for each v"
            ),
            Mistake(
                lambda W, b: _log_rule(W, b, -1.0), "the sign of the fields: a positive weight makes two units disagree"
            ),
            Mistake(
                lambda W, b: _log_rule(W, b, 2.0),
                "a factor of two: it belongs to the logistic function, not to the energy",
            ),
            Mistake(lambda W, b: _log_rule(W, 0 * b), "the hidden biases are missing"),
        ],
        "the hidden units are independent given v, each with its own field",
        "it meets the trace condition for every Hamiltonian",
    ),
)
def rule(answer: object) -> Verdict:
    """Check ln P(h | v) of a machine as an operator.

    Parameters
    ----------
    answer : callable
        ``answer(weights, hidden_bias)`` returns shape (2**n_visible, 2**n_hidden).

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> from mlrg_lib.rg import variational
    >>> def not_normalised(weights, hidden_bias):
    ...     v, h = (variational.configurations(n) for n in weights.shape)
    ...     return -(hidden_bias + v @ weights) @ h.T
    >>> rule(not_normalised)
    Not yet: not normalised: sum over h for each v.
    """


def _flips() -> list[tuple]:
    rng = np.random.default_rng(10)
    weights, b, c = rng.normal(0, 0.8, (5, 3)), rng.normal(0, 0.4, 3), rng.normal(0, 0.4, 5)
    energy = variational.rbm_hidden_energy(variational.RBMWeights(weights, b, c))
    return [(_pairs(energy, 3), np.array([1, -1, 1])), (_pairs(energy, 3), np.array([-1, -1, 1]))]


def _pairs(energy, n):
    made = variational.couplings(energy)
    K = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            K[i, j] = K[j, i] = made.ferro(j, i)
    return K


def _flipped(K, signs):
    """Rebuild the energy of all states with the units turned, and expand it again."""
    h = variational.configurations(len(K)) * signs
    return _pairs(-0.5 * np.einsum("si,ij,sj->s", h, K, h), len(K))


@exercise(
    "ex-mapping-gauge",
    Function(
        _flips,
        _flipped,
        [
            Mistake(lambda K, s: K, "nothing has changed: which couplings see the flipped unit?"),
            Mistake(lambda K, s: -K, "only couplings with an odd number of flipped units change their sign"),
            Mistake(lambda K, s: K * s, "only one end of each coupling was looked at: it must stay symmetric"),
            Mistake(lambda K, s: K * s[:, None], "only one end of each coupling was looked at: the rows count as well"),
            Mistake(
                lambda K, s: np.where(np.minimum.outer(s, s) < 0, -K, K),
                "two flipped ends make no change at all: the signs multiply",
            ),
        ],
        "put minus h for each flipped unit into the sum over pairs",
        "the couplings are those of the turned units",
    ),
)
def flipped_couplings(answer: object) -> Verdict:
    """Check the pair couplings among hidden units after some of them were turned.

    Parameters
    ----------
    answer : callable
        ``answer(K, signs)`` with ``K`` symmetric (n, n) and ``signs`` ±1 (n,) returns the new couplings.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> flipped_couplings(lambda K, signs: -K)
    Not yet: only couplings with an odd number of flipped units change their sign.
    """


def _pairs_of_energies() -> list[tuple]:
    rng = np.random.default_rng(11)
    return [(rng.normal(0, 1, 16) + 2, rng.normal(0, 1, 16) - 1), (rng.normal(0, 2, 8), rng.normal(0, 1, 8) + 5)]


def _log_p(energies):
    return -energies - np.logaddexp.reduce(-energies)


def _kl(data, model):
    p, q = _log_p(data), _log_p(model)
    return np.exp(p) @ (p - q)


@exercise(
    "ex-mapping-divergence",
    Function(
        _pairs_of_energies,
        lambda data, model: variational.kl_divergence(data, model),
        [
            Mistake(
                lambda data, model: np.exp(_log_p(model)) @ (data - model),
                "the average is over the model, and energies are not logarithms of probabilities yet",
            ),
            Mistake(lambda data, model: _kl(model, data), "the roles are exchanged: the average is over the data"),
            Mistake(
                lambda data, model: np.exp(_log_p(data)) @ (model - data),
                "the two partition functions are missing: energies are not logarithms of probabilities yet",
            ),
            Mistake(lambda data, model: _kl(data, model) / np.log(2), "these are bits: the book counts in nats"),
            Mistake(
                lambda data, model: _kl(data, model) / np.log(10), "the base of the logarithm: it is a natural one"
            ),
            Mistake(
                lambda data, model: -np.exp(_log_p(data)) @ _log_p(model),
                "this is the cross-entropy: the data's own entropy must be subtracted",
            ),
            Mistake(
                lambda data, model: np.mean(_log_p(data) - _log_p(model)),
                "all states were given the same weight: the average is over the data",
            ),
            Mistake(lambda data, model: _kl(-data, -model), "the weights are e to the minus energy"),
        ],
        "an average over the data of the logarithm of a ratio of probabilities",
        "it is zero only if the two energies differ by a constant",
    ),
)
def divergence(answer: object) -> Verdict:
    """Check the Kullback-Leibler divergence of a model from data, both given by their energies.

    Parameters
    ----------
    answer : callable
        ``answer(data_energy, model_energy)``, one energy a state, not normalised, returns nats.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> from mlrg_lib.rg import variational
    >>> divergence(lambda data_energy, model_energy: variational.kl_divergence(model_energy, data_energy))
    Not yet: the roles are exchanged: the average is over the data.
    """
