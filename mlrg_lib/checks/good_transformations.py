"""The exercises of the chapter on good transformations."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from ..ising import exact
from ._core import Function

__all__ = ["exponent", "kadanoff_probability", "vote", "mixture_temperature", "information", "error_of_difference"]


def _sums() -> list[tuple]:
    """Sums of operators before and after a step, with means that are far from zero."""
    rng = np.random.default_rng(40)
    found = []
    for b, n_operators in ((2, 3), (3, 2), (2, 1)):
        after = rng.normal(0, 1, (300, n_operators)) @ rng.normal(0, 1, (n_operators, n_operators)) + 6
        matrix = b ** rng.uniform(0.8, 1.2) * np.eye(n_operators) + rng.uniform(0, 0.5, (n_operators, n_operators))
        found.append((after @ matrix + rng.normal(0, 0.5, after.shape) + 3, after, b))
    return found


def _sizes(matrix) -> np.ndarray:
    return np.sort(np.abs(np.linalg.eigvals(matrix)))


def _covariance(a, b):
    return (a - a.mean(axis=0)).T @ (b - b.mean(axis=0)) / len(a)


def _exponent(before, after, b) -> float:
    """Regress the sums before the step on those after it: the coefficients are the matrix of the recursion."""
    design = np.column_stack([np.ones(len(after)), after])
    return np.log(_sizes(np.linalg.lstsq(design, before, rcond=None)[0][1:])[-1]) / np.log(b)


def _wrong_exponents(y, S, T, b) -> dict:
    with_means = _sizes(np.linalg.solve(T.T @ T, T.T @ S))[-1]
    backwards = _sizes(np.linalg.solve(_covariance(S, S), _covariance(S, T)))[-1]
    multiplied = _sizes(_covariance(T, S) @ _covariance(T, T))[-1]
    smallest = _sizes(np.linalg.solve(_covariance(T, T), _covariance(T, S)))[0]
    logs = np.log([with_means, backwards, multiplied, smallest]) / np.log(b)
    return {
        "the correlations are connected: the product of the means must go": logs[0],
        "this asks how the old couplings follow the new ones: which correlations are within one lattice?": logs[1],
        "the correlations of the new lattice must be divided out, and this multiplies by them": logs[2],
        "the step may have another length than two": y * np.log2(b),
        "a logarithm of the eigenvalue: in units of that of b": y * np.log(b),
        "this is the eigenvalue: the exponent is asked": b**y,
        "this is the smallest eigenvalue: the most relevant one is the largest": logs[3],
    }


exponent = Function(
    "ex-good-three",
    "the leading exponent of a block-spin rule from the sums of operators before and after it: "
    "``answer(before, after, b)`` with both sums (n_samples, n_operators) and the length b of the step",
    calls=_sums,
    truth=_exponent,
    mistakes=_wrong_exponents,
    otherwise="solve the linear equation of the two matrices of correlations, then take its largest eigenvalue",
    praise="the exponent of any rule, from sums before and after it",
)


def _runs() -> list[tuple]:
    rng = np.random.default_rng(43)
    found = []
    for n_runs in (20, 8):
        common = rng.normal(0, 1, (n_runs, 60)) * rng.uniform(0.6, 1.4, (n_runs, 1))
        a, b = (common + rng.normal(0, width, common.shape) for width in (0.3, 0.4))
        found.append((3.5 * common + 1, a, b))
    return found


def _one_number(before, after) -> float:
    before, after = np.ravel(before), np.ravel(after)
    within, across = after - after.mean(), before - before.mean()
    return np.log2((within @ across) / (within @ within))


def _difference(before, after, other) -> float:
    return _one_number(before, after) - _one_number(before, other)


def _left_out(value, *runs) -> np.ndarray:
    rows = np.arange(len(runs[0]))
    return np.array([value(*(x[rows != k] for x in runs)) for k in rows])


def _jackknife(value, *runs) -> float:
    return np.sqrt(len(runs[0]) - 1) * _left_out(value, *runs).std()


def _wrong_errors(error, before, after, other) -> dict:
    first, second = (_jackknife(_one_number, before, x) for x in (after, other))
    runs, others = len(before), len(before) - 1
    spread = np.std([_difference(*rows) for rows in zip(before, after, other, strict=True)], ddof=1)
    return {
        "the two exponents come from the same lattices: leave a run out of both at once": np.hypot(first, second),
        "the values with one run left out share nearly all data and lie close together: a factor is missing": (
            error / np.sqrt(others)
        ),
        "the values with one run left out are not independent: this is not the error of their mean": error / others,
        "a ratio in one short run is biased: leave one run out and keep the others": spread / np.sqrt(runs),
        "this is the spread of one run, not of all together": spread,
        "this is the error of the first rule alone": first,
        "this is the variance: take its root": error**2,
    }


error_of_difference = Function(
    "ex-good-error",
    "the jackknife error of the difference of two exponents that were measured on the same lattices: "
    "``answer(before, after, other)``, each (n_runs, n): the sums of one operator on the lattices, after the first "
    "and after the second rule with b = 2",
    calls=_runs,
    truth=lambda *runs: _jackknife(_difference, *runs),
    mistakes=_wrong_errors,
    otherwise="leave out one run, compute the difference from all others, and see how it varies with the run left out",
    praise="what two rules share on the same lattices has dropped out",
)


def _two_weights(p: float, total: float) -> float:
    up, down = np.exp(p * total), np.exp(-p * total)
    return up / (up + down)


kadanoff_probability = Function(
    "ex-good-strength",
    "Kadanoff's probability that a block spin is up: ``answer(p, total)`` with the sum of the block's spins",
    calls=lambda: [(0.5, 4), (0.76, -2), (1.0, 2), (0.3, 0)],
    truth=_two_weights,
    mistakes=lambda up, p, total: {
        "a factor of two: up and down differ by twice the exponent": expit(p * total),
        "this is the average of the block spin, not a probability": 2 * up - 1,
        "this is the probability of the other sign": 1 - up,
        "the sum of the block enters, not its mean": expit(2 * p * total / 4),
        "not normalised: up and down must add up to one": np.exp(p * total),
        "this is the majority rule: p does not enter": (np.sign(total) + 1) / 2,
    },
    otherwise="one weight for up, one for down, divided by their sum",
    praise="a coin at p = 0, the majority for large p",
)


def _windows() -> list[tuple]:
    rng = np.random.default_rng(41)
    return [(2 * rng.integers(0, 2, (5, 16)) - 1, rng.normal(-0.1, 0.2, 16)) for _ in range(2)]


vote = Function(
    "ex-good-trained-off",
    "the probability that a hidden unit without bias is up, from windows of spins and its weights: "
    "``answer(windows, weights)`` with ``windows`` (n, n_visible) and ``weights`` (n_visible,) returns shape (n,)",
    calls=_windows,
    truth=lambda windows, weights: _two_weights(1.0, -(windows @ weights)),
    mistakes=lambda up, windows, weights: {
        "a factor of two: the energies of up and down differ by twice the field": expit(-(windows @ weights)),
        "the sign: in this book's energy a positive field turns a unit down": 1 - up,
        "two slips at once: the sign of the field, and its factor": expit(windows @ weights),
        "this is the average of the unit, not a probability": 2 * up - 1,
        "this is a majority without doubt: the weights say how sure it is": np.round(up),
    },
    otherwise="the Boltzmann weights of one unit with energy h times its field",
    praise="a soft vote, the same for a window and its mirror image with signs turned",
)


def _with_mean_energy(temperatures) -> float:
    """Solve for the temperature whose energy is the mean energy of the set."""
    wanted = np.mean(exact.torus_energy(6, 1 / np.asarray(temperatures)))
    return brentq(lambda temperature: exact.torus_energy(6, 1 / temperature) - wanted, 0.2, 200.0, xtol=1e-5)


mixture_temperature = Function(
    "ex-good-flow-window",
    "the temperature that the energy reads in a mixture of 6 × 6 lattices: ``answer(temperatures)``, in equal shares",
    calls=lambda: [([3.0, 4.0, 5.0, 6.0],), ([1.0, 5.0],), ([2.0, 2.5, 8.0],)],
    truth=_with_mean_energy,
    mistakes=lambda temperature, temperatures: {
        "the mean of the temperatures: a thermometer reads the mean energy": np.mean(temperatures),
        "the mean of the inverse temperatures: read the mean energy": 1 / np.mean(1 / np.asarray(temperatures)),
        "nothing draws it to the critical point unless it is in the set": 1 / exact.CRITICAL_BETA,
        "the middle of the set: read the mean energy": np.median(temperatures),
        "this is the inverse temperature": 1 / temperature,
    },
    otherwise="average the exact energies of the set, and find the temperature that has this energy",
    praise="the temperature at which a single model has the set's mean energy",
    rtol=2e-3,
)


def _joint_tables() -> list[tuple]:
    rng = np.random.default_rng(42)
    return [(rng.dirichlet(np.ones(12)).reshape(3, 4),), (rng.dirichlet(np.ones(8)).reshape(2, 4),)]


def _information(joint):
    """Average the logarithm of the joint over the product of its marginals."""
    product = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    return (joint * np.log(joint / product)).sum()


def _wrong_information(mutual, joint) -> dict:
    first, second, pair = (-(p * np.log(p)).sum() for p in (joint.sum(axis=1), joint.sum(axis=0), joint))
    return {
        "these are bits: the book counts in nats": mutual / np.log(2),
        "this is the entropy of the pair: how much less is it than that of both apart?": pair,
        "this is what stays unknown of the second if the first is seen": pair - first,
        "this is what stays unknown of the first if the second is seen": pair - second,
        "the entropy of the pair must be subtracted": first + second,
        "information is never negative: the sign": -mutual,
    }


information = Function(
    "ex-good-mi-units",
    "the mutual information of a joint table, in nats: ``answer(joint)`` with probabilities (n, m), all positive",
    calls=_joint_tables,
    truth=_information,
    mistakes=_wrong_information,
    otherwise="the entropies of the two apart, minus that of the pair",
    praise="zero only for independent variables",
)
