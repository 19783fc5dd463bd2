"""The exercises of the chapter on the mapping between machines and the renormalization group."""

import numpy as np
from scipy.special import log_softmax

from ..rg import variational
from ._core import Function, Value

__all__ = ["ring_coupling", "copy_rate", "divergence", "rule", "flipped_couplings"]


def _ring_machine_coupling(w: float) -> float:
    weights = np.zeros((4, 4))
    for a in range(4):
        weights[a, a] = weights[(a + 1) % 4, a] = -w
    machine = variational.RBMWeights(weights, np.zeros(4), np.zeros(4))
    return variational.couplings(variational.rbm_visible_energy(machine)).ferro(0, 1)


ring_coupling = Function(
    "ex-mapping-nothing",
    "the coupling of the data for which the ring of eight, weights −w, is an exact machine: ``answer(w)`` returns the "
    "coupling of the four visible spins",
    calls=lambda: [(0.4,), (0.9,), (1.3,)],
    truth=_ring_machine_coupling,
    mistakes=lambda coupling, w: {
        "this is the weight between the layers: now sum over a hidden unit": w,
        "this is tanh K′: solve for K′ itself": np.tanh(w) ** 2,
        "two equal spins push the hidden unit with both weights": np.log(np.cosh(w)) / 2,
        "twice too large: equal and unequal neighbours differ by two K′": 2 * coupling,
        "two steps at once: only one layer is summed over": np.arctanh(np.tanh(w) ** 4),
    },
    otherwise="a hidden unit with two legs: compare equal with unequal neighbours",
    praise="and the hidden units have the same coupling: nothing was renormalized",
)


def _slope() -> float:
    H = variational.ising_energy(8, 0.7)
    machines = [variational.decimation_rbm(8, 0.7, B) for B in (4.0, 5.0)]
    fits = [variational.kl_divergence(H, variational.rbm_visible_energy(machine)) for machine in machines]
    return float(np.log(fits[1] / fits[0]))


copy_rate = Value(
    "ex-mapping-rate",
    "the slope of ln KL against the strength B of the copies, for strong ones: one number",
    truth=_slope,
    mistakes=lambda slope: {
        "this is the rate of the error probability: the divergence is quadratic in it": slope / 2,
        "this counts decades: the slope of the natural logarithm is asked": slope / np.log(10),
        "this is the slope of the binary logarithm": slope / np.log(2),
        "this is the ratio of two divergences: take its logarithm": np.exp(slope),
    },
    otherwise="use the last few strengths, before rounding errors take over",
    praise="it is the measured slope between two strong copies",
    rtol=0.02,
)


def _machines() -> list[tuple]:
    rng = np.random.default_rng(9)
    return [(rng.normal(0, 0.6, (4, 2)), rng.normal(0, 0.5, 2)), (rng.normal(0, 0.3, (3, 3)), rng.normal(0, 0.4, 3))]


def _by_normalizing(weights, hidden_bias):
    machine = variational.RBMWeights(weights, hidden_bias, np.zeros(len(weights)))
    return variational.normalize(variational.from_rbm(machine, np.zeros(2 ** len(weights))))


def _wrong_rules(T, weights, hidden_bias) -> dict:
    v, h = (variational.configurations(n) for n in weights.shape)
    exponent = -(hidden_bias + v @ weights) @ h.T
    return {
        "this is the probability: T is its logarithm": np.exp(T),
        "not normalised: sum over h for each v": exponent,
        "normalised over the wrong layer: sum over h for each v": log_softmax(exponent, axis=0),
        "the sign of the fields: a positive weight makes two units disagree": log_softmax(-exponent, axis=1),
        "a factor of two: it belongs to the logistic function, not to the energy": log_softmax(2 * exponent, axis=1),
        "the hidden biases are missing": log_softmax(-(v @ weights) @ h.T, axis=1),
    }


rule = Function(
    "ex-mapping-untrained",
    "ln P(h | v) of a machine as an operator: ``answer(weights, hidden_bias)`` returns shape "
    "(2**n_visible, 2**n_hidden)",
    calls=_machines,
    truth=_by_normalizing,
    mistakes=_wrong_rules,
    otherwise="the hidden units are independent given v, each with its own field",
    praise="it meets the trace condition for every Hamiltonian",
)


def _pairs(energy, n):
    made = variational.couplings(energy)
    K = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            K[i, j] = K[j, i] = made.ferro(j, i)
    return K


def _flips() -> list[tuple]:
    rng = np.random.default_rng(10)
    weights, b, c = rng.normal(0, 0.8, (5, 3)), rng.normal(0, 0.4, 3), rng.normal(0, 0.4, 5)
    K = _pairs(variational.rbm_hidden_energy(variational.RBMWeights(weights, b, c)), 3)
    return [(K, np.array([1, -1, 1])), (K, np.array([-1, -1, 1]))]


def _flipped(K, signs):
    """Rebuild the energy of all states with the units turned, and expand it again."""
    h = variational.configurations(len(K)) * signs
    return _pairs(-0.5 * np.einsum("si,ij,sj->s", h, K, h), len(K))


flipped_couplings = Function(
    "ex-mapping-gauge",
    "the pair couplings among hidden units after some of them were turned: ``answer(K, signs)`` with ``K`` symmetric "
    "(n, n) and ``signs`` ±1 (n,)",
    calls=_flips,
    truth=_flipped,
    mistakes=lambda _, K, signs: {
        "nothing has changed: which couplings see the flipped unit?": K,
        "only couplings with an odd number of flipped units change their sign": -K,
        "only one end of each coupling was looked at: it must stay symmetric": K * signs,
        "only one end of each coupling was looked at: the rows count as well": K * signs[:, None],
        "two flipped ends make no change at all: the signs multiply": K * np.minimum.outer(signs, signs),
    },
    otherwise="put minus h for each flipped unit into the sum over pairs",
    praise="the couplings are those of the turned units",
)


def _pairs_of_energies() -> list[tuple]:
    rng = np.random.default_rng(11)
    return [(rng.normal(0, 1, 16) + 2, rng.normal(0, 1, 16) - 1), (rng.normal(0, 2, 8), rng.normal(0, 1, 8) + 5)]


def _wrong_divergences(kl, data, model) -> dict:
    log_p, log_q = log_softmax(-data), log_softmax(-model)
    p, q = np.exp(log_p), np.exp(log_q)
    turned_p, turned_q = log_softmax(data), log_softmax(model)
    return {
        "the average is over the model, and energies are not logarithms of probabilities yet": q @ (data - model),
        "the roles are exchanged: the average is over the data": q @ (log_q - log_p),
        "the two partition functions are missing: energies are not logarithms of probabilities yet": p @ (model - data),
        "these are bits: the book counts in nats": kl / np.log(2),
        "the base of the logarithm: it is a natural one": kl / np.log(10),
        "this is the cross-entropy: the data's own entropy must be subtracted": -p @ log_q,
        "all states were given the same weight: the average is over the data": np.mean(log_p - log_q),
        "the weights are e to the minus energy": np.exp(turned_p) @ (turned_p - turned_q),
    }


divergence = Function(
    "ex-mapping-divergence",
    "the Kullback-Leibler divergence of a model from data, in nats: ``answer(data_energy, model_energy)``, one energy "
    "a state, not normalised",
    calls=_pairs_of_energies,
    truth=variational.kl_divergence,
    mistakes=_wrong_divergences,
    otherwise="an average over the data of the logarithm of a ratio of probabilities",
    praise="it is zero only if the two energies differ by a constant",
)
