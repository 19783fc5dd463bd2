"""Checkers of the exercises of the chapter on good transformations."""

import numpy as np

from ..ising import exact
from ._core import Function, Mistake, Verdict, exercise

__all__ = ["error_of_difference", "exponent", "information", "kadanoff_probability", "mixture_temperature", "vote"]


def _sums() -> list[tuple]:
    """Sums of operators before and after a step, with means that are far from zero."""
    rng = np.random.default_rng(40)
    found = []
    for b, n_operators in ((2, 3), (3, 2), (2, 1)):
        after = rng.normal(0, 1, (300, n_operators)) @ rng.normal(0, 1, (n_operators, n_operators)) + 6
        matrix = b ** rng.uniform(0.8, 1.2) * np.eye(n_operators) + rng.uniform(0, 0.5, (n_operators, n_operators))
        found.append((after @ matrix + rng.normal(0, 0.5, after.shape) + 3, after, b))
    return found


def _leading(matrix) -> float:
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def _covariance(a, b):
    return (a - a.mean(axis=0)).T @ (b - b.mean(axis=0)) / len(a)


def _exponent(before, after, b) -> float:
    """Regress the sums before the step on those after it: the coefficients are the matrix of the recursion."""
    design = np.column_stack([np.ones(len(after)), after])
    return float(np.log(_leading(np.linalg.lstsq(design, before, rcond=None)[0][1:])) / np.log(b))


@exercise(
    "ex-good-three",
    Function(
        _sums,
        _exponent,
        [
            Mistake(
                lambda S, T, b: np.log(_leading(np.linalg.solve(T.T @ T, T.T @ S))) / np.log(b),
                "the correlations are connected: the product of the means must go",
            ),
            Mistake(
                lambda S, T, b: np.log(_leading(np.linalg.solve(_covariance(S, S), _covariance(S, T)))) / np.log(b),
                "this asks how the old couplings follow the new ones: which correlations are within one lattice?",
            ),
            Mistake(
                lambda S, T, b: np.log(_leading(_covariance(T, S) @ _covariance(T, T))) / np.log(b),
                "the correlations of the new lattice must be divided out, and this multiplies by them",
            ),
            Mistake(lambda S, T, b: _exponent(S, T, 2), "the step may have another length than two"),
            Mistake(lambda S, T, b: _exponent(S, T, np.e), "a logarithm of the eigenvalue: in units of that of b"),
            Mistake(lambda S, T, b: b ** _exponent(S, T, b), "this is the eigenvalue: the exponent is asked"),
            Mistake(
                lambda S, T, b: (
                    np.log(np.abs(np.linalg.eigvals(np.linalg.lstsq(T - T.mean(0), S, rcond=None)[0])).min())
                    / np.log(b)
                ),
                "this is the smallest eigenvalue: the most relevant one is the largest",
            ),
        ],
        "solve the linear equation of the two matrices of correlations, then take its largest eigenvalue",
        "the exponent of any rule, from sums before and after it",
    ),
)
def exponent(answer: object) -> Verdict:
    """Check the leading exponent of a block-spin rule from the sums of operators before and after it.

    Parameters
    ----------
    answer : callable
        ``answer(before, after, b)`` with both sums (n_samples, n_operators) and the length b of the step returns y.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> exponent(lambda before, after, b: np.log2(np.cov(after[:, 0], before[:, 0])[0, 1]))
    Not yet: solve the linear equation of the two matrices of correlations, then take its largest eigenvalue.
    """


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
    return float(np.log2((within @ across) / (within @ within)))


def _difference(before, after, other) -> float:
    return _one_number(before, after) - _one_number(before, other)


def _left_out(before, *others, value=_difference) -> np.ndarray:
    rows = np.arange(len(before))
    return np.array([value(before[rows != k], *(x[rows != k] for x in others)) for k in rows])


def _jackknife(before, *others, value=_difference) -> float:
    found = _left_out(before, *others, value=value)
    return float(np.sqrt((len(found) - 1) * np.mean((found - found.mean()) ** 2)))


def _apart(before, after, other) -> np.ndarray:
    return np.array([_difference(*rows) for rows in zip(before, after, other, strict=True)])


@exercise(
    "ex-good-error",
    Function(
        _runs,
        _jackknife,
        [
            Mistake(
                lambda S, A, B: np.hypot(_jackknife(S, A, value=_one_number), _jackknife(S, B, value=_one_number)),
                "the two exponents come from the same lattices: leave a run out of both at once",
            ),
            Mistake(
                lambda S, A, B: _left_out(S, A, B).std(),
                "the values with one run left out share nearly all data and lie close together: a factor is missing",
            ),
            Mistake(
                lambda S, A, B: _left_out(S, A, B).std(ddof=1) / np.sqrt(len(S)),
                "the values with one run left out are not independent: this is not the error of their mean",
            ),
            Mistake(
                lambda S, A, B: _apart(S, A, B).std(ddof=1) / np.sqrt(len(S)),
                "a ratio in one short run is biased: leave one run out and keep the others",
            ),
            Mistake(lambda S, A, B: _apart(S, A, B).std(ddof=1), "this is the spread of one run, not of all together"),
            Mistake(lambda S, A, B: _jackknife(S, A, value=_one_number), "this is the error of the first rule alone"),
            Mistake(lambda S, A, B: _jackknife(S, A, B) ** 2, "this is the variance: take its root"),
        ],
        "leave out one run, compute the difference from all others, and see how it varies with the run left out",
        "what two rules share on the same lattices has dropped out",
    ),
)
def error_of_difference(answer: object) -> Verdict:
    """Check the jackknife error of the difference of two exponents that were measured on the same lattices.

    Parameters
    ----------
    answer : callable
        ``answer(before, after, other)``, each (n_runs, n): the sums of one operator on the lattices, after the first
        and the second rule with b = 2, returns one number.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> error_of_difference(lambda before, after, other: 0.0)
    Not yet: leave out one run, compute the difference from all others, and see how it varies with the run left out.
    """


def _two_weights(p: float, total: float) -> float:
    up, down = np.exp(p * total), np.exp(-p * total)
    return float(up / (up + down))


@exercise(
    "ex-good-strength",
    Function(
        lambda: [(0.5, 4), (0.76, -2), (1.0, 2), (0.3, 0)],
        _two_weights,
        [
            Mistake(lambda p, m: 1 / (1 + np.exp(-p * m)), "a factor of two: up and down differ by twice the exponent"),
            Mistake(lambda p, m: np.tanh(p * m), "this is the average of the block spin, not a probability"),
            Mistake(lambda p, m: 1 / (1 + np.exp(2 * p * m)), "this is the probability of the other sign"),
            Mistake(lambda p, m: 1 / (1 + np.exp(-2 * p * m / 4)), "the sum of the block enters, not its mean"),
            Mistake(lambda p, m: np.exp(p * m), "not normalised: up and down must add up to one"),
            Mistake(lambda p, m: float(m > 0) + 0.5 * (m == 0), "this is the majority rule: p does not enter"),
        ],
        "one weight for up, one for down, divided by their sum",
        "a coin at p = 0, the majority for large p",
    ),
)
def kadanoff_probability(answer: object) -> Verdict:
    """Check Kadanoff's probability that a block spin is up.

    Parameters
    ----------
    answer : callable
        ``answer(p, total)`` with the sum of the block's spins returns the probability.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import math
    >>> kadanoff_probability(lambda p, total: math.tanh(p * total))
    Not yet: this is the average of the block spin, not a probability.
    """


def _windows() -> list[tuple]:
    rng = np.random.default_rng(41)
    return [(2 * rng.integers(0, 2, (5, 16)) - 1, rng.normal(-0.1, 0.2, 16)) for _ in range(2)]


def _energy_difference(windows, weights):
    up, down = windows @ weights, -(windows @ weights)
    return np.exp(-up) / (np.exp(-up) + np.exp(-down))


def _logistic(x):
    return 1 / (1 + np.exp(-x))


@exercise(
    "ex-good-trained-off",
    Function(
        _windows,
        _energy_difference,
        [
            Mistake(
                lambda v, w: _logistic(-(v @ w)),
                "a factor of two: the energies of up and down differ by twice the field",
            ),
            Mistake(
                lambda v, w: _logistic(2 * (v @ w)),
                "the sign: in this book's energy a positive field turns a unit down",
            ),
            Mistake(lambda v, w: _logistic(v @ w), "two slips at once: the sign of the field, and its factor"),
            Mistake(lambda v, w: -np.tanh(v @ w), "this is the average of the unit, not a probability"),
            Mistake(
                lambda v, w: (v @ w < 0).astype(float),
                "this is a majority without doubt: the weights say how sure it is",
            ),
        ],
        "the Boltzmann weights of one unit with energy h times its field",
        "a soft vote, the same for a window and its mirror image with signs turned",
    ),
)
def vote(answer: object) -> Verdict:
    """Check the probability that a hidden unit without bias is up, from windows of spins and its weights.

    Parameters
    ----------
    answer : callable
        ``answer(windows, weights)`` with ``windows`` (n, n_visible) and ``weights`` (n_visible,) returns shape (n,).

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> vote(lambda windows, weights: -np.tanh(windows @ weights))
    Not yet: this is the average of the unit, not a probability.
    """


def _solve(temperatures) -> float:
    """Bisect for the temperature whose energy is the mean energy of the set."""
    wanted = float(np.mean(exact.torus_energy(6, 1 / np.asarray(temperatures, dtype=float))))
    low, high = 0.2, 200.0
    for _ in range(25):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if exact.torus_energy(6, 1 / middle) < wanted else (low, middle)
    return float(low)


@exercise(
    "ex-good-flow-window",
    Function(
        lambda: [([3.0, 4.0, 5.0, 6.0],), ([1.0, 5.0],), ([2.0, 2.5, 8.0],)],
        _solve,
        [
            Mistake(lambda T: float(np.mean(T)), "the mean of the temperatures: a thermometer reads the mean energy"),
            Mistake(
                lambda T: float(1 / np.mean(1 / np.asarray(T))),
                "the mean of the inverse temperatures: read the mean energy",
            ),
            Mistake(
                lambda T: float(1 / exact.CRITICAL_BETA),
                "nothing draws it to the critical point unless it is in the set",
            ),
            Mistake(lambda T: float(np.median(T)), "the middle of the set: read the mean energy"),
            Mistake(lambda T: 1 / _solve(T), "this is the inverse temperature"),
        ],
        "average the exact energies of the set, and find the temperature that has this energy",
        "the temperature at which a single model has the set's mean energy",
        rtol=2e-3,
    ),
)
def mixture_temperature(answer: object) -> Verdict:
    """Check the temperature that the energy reads in a mixture of 6 × 6 lattices.

    Parameters
    ----------
    answer : callable
        ``answer(temperatures)``, in equal shares, returns one temperature.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> mixture_temperature(lambda temperatures: sum(temperatures) / len(temperatures))
    Not yet: the mean of the temperatures: a thermometer reads the mean energy.
    """


def _tables() -> list[tuple]:
    rng = np.random.default_rng(42)
    return [(rng.dirichlet(np.ones(12)).reshape(3, 4),), (rng.dirichlet(np.ones(8)).reshape(2, 4),)]


def _entropy(p):
    p = np.ravel(p)
    return -(p @ np.log(p))


def _information(joint):
    """Average the logarithm of the joint over the product of its marginals."""
    product = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    return float((joint * np.log(joint / product)).sum())


@exercise(
    "ex-good-mi-units",
    Function(
        _tables,
        _information,
        [
            Mistake(lambda P: _information(P) / np.log(2), "these are bits: the book counts in nats"),
            Mistake(
                lambda P: _entropy(P), "this is the entropy of the pair: how much less is it than that of both apart?"
            ),
            Mistake(
                lambda P: _entropy(P) - _entropy(P.sum(axis=1)),
                "this is what stays unknown of the second if the first is seen",
            ),
            Mistake(
                lambda P: _entropy(P) - _entropy(P.sum(axis=0)),
                "this is what stays unknown of the first if the second is seen",
            ),
            Mistake(
                lambda P: _entropy(P.sum(axis=1)) + _entropy(P.sum(axis=0)),
                "the entropy of the pair must be subtracted",
            ),
            Mistake(lambda P: -_information(P), "information is never negative: the sign"),
        ],
        "the entropies of the two apart, minus that of the pair",
        "zero only for independent variables",
    ),
)
def information(answer: object) -> Verdict:
    """Check the mutual information of a joint table, in nats.

    Parameters
    ----------
    answer : callable
        ``answer(joint)`` with probabilities (n, m), all positive, returns one number.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> information(lambda joint: -(joint * np.log(joint)).sum())
    Not yet: this is the entropy of the pair: how much less is it than that of both apart?
    """
