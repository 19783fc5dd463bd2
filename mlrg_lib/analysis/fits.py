"""Means over independent runs, and laws with two lengths or one fitted to them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats
from scipy.optimize import least_squares

from .._validation import as_generator, check_array, check_int, check_real
from .series import Estimate

__all__ = ["compare", "mean_and_error", "ratio", "two_lengths", "within"]


class TwoLengths(NamedTuple):
    """The law ln s = a + q ln b + p ln ξ, fitted to many machines.

    Attributes
    ----------
    constant, block_power, correlation_power : float
        a, q and p.
    block_error, correlation_error : float
        Standard errors: from resampled seeds, or from the scatter of the groups about the law, whichever is larger.
    chi2, dof : float, int
        Of the means over seeds, with their standard errors.
    scatter : float
        Root-mean-square distance of ln s from the law.
    """

    constant: float
    block_power: float
    correlation_power: float
    block_error: float
    correlation_error: float
    chi2: float
    dof: int
    scatter: float


class Comparison(NamedTuple):
    """One law for the size against the correlation length.

    Attributes
    ----------
    parameters, errors : ndarray
    chi2 : float
    dof : int
    aic : float
        χ² + 2 (number of parameters); the smallest is preferred.
    """

    parameters: np.ndarray
    errors: np.ndarray
    chi2: float
    dof: int
    aic: float


def mean_and_error(values: np.ndarray) -> Estimate:
    """Return the mean over seeds and its standard error; NaN errors of a single seed.

    Parameters
    ----------
    values : ndarray, shape (n_seeds,)

    Returns
    -------
    Estimate

    Examples
    --------
    >>> mean_and_error(np.array([1.0, 3.0]))
    Estimate(value=2.0, error=1.0)
    """
    values = check_array("values", values, ndim=1)
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return Estimate(float(values.mean()), float(error))


def ratio(above: np.ndarray, below: np.ndarray) -> Estimate:
    """Return the ratio of two means over seeds and its standard error.

    Parameters
    ----------
    above, below : ndarray
        Positive values, at least two of each.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> ratio(np.array([4.0, 4.0]), np.array([2.0, 2.0]))
    Estimate(value=2.0, error=0.0)
    """
    pairs = [check_array(name, values, ndim=1) for name, values in (("above", above), ("below", below))]
    if min(len(values) for values in pairs) < 2 or min(values.min() for values in pairs) <= 0:
        raise ValueError(f"above and below must be at least two positive values each, got {above!r} and {below!r}")
    (top, top_error), (bottom, bottom_error) = (mean_and_error(values) for values in pairs)
    return Estimate(top / bottom, float(top / bottom * np.hypot(top_error / top, bottom_error / bottom)))


def two_lengths(
    sizes: Sequence[np.ndarray],
    block: Sequence[float],
    correlation: Sequence[float],
    *,
    n_bootstrap: int = 1000,
    rng: np.random.Generator | int | None = None,
) -> TwoLengths:
    """Fit s ∝ b^q ξ^p to groups of machines, with errors from resampled seeds.

    Parameters
    ----------
    sizes : sequence of ndarray
        For each group the positive sizes, at least two.
    block, correlation : sequence of float
        b and ξ of each group, positive.
    n_bootstrap : int
        >= 2
    rng : numpy.random.Generator, int or None

    Returns
    -------
    TwoLengths

    Raises
    ------
    ValueError
        For groups that do not fit together, fewer than four groups, or lengths that do not vary.

    Notes
    -----
    Every group counts the same in the fit of the powers. A bootstrap sample draws, in each group, as many machines
    again with replacement; its deviations are stretched by √(n/(n − 1)), as befits the variance of n numbers. Where the
    law misses the groups by more than the seeds explain, the residuals give the larger error.

    Examples
    --------
    >>> b, xi = [2.0, 2.0, 4.0, 4.0], [1.0, 3.0, 1.0, 3.0]
    >>> found = two_lengths([np.array([x, x]) for x in b], b, xi, rng=0)
    >>> round(found.block_power, 6), abs(round(found.correlation_power, 6))
    (1.0, 0.0)
    """
    b, xi = check_array("block", block, ndim=1), check_array("correlation", correlation, ndim=1)
    groups = [check_array("sizes", values, ndim=1) for values in sizes]
    for name, values in (("block", b), ("correlation", xi), *(("sizes", group) for group in groups)):
        if values.min() <= 0:
            raise ValueError(f"{name} must be positive, got {values.min()}")
    logs = [np.log(values) for values in groups]
    n_bootstrap, rng = check_int("n_bootstrap", n_bootstrap, 2), as_generator(rng)
    if not len(logs) == len(b) == len(xi) or len(b) < 4 or min(len(v) for v in logs) < 2:
        raise ValueError(
            f"sizes must be at least four groups of at least two, one group for each block and correlation, got "
            f"{len(logs)} groups, {len(b)} blocks, {len(xi)} correlations"
        )
    design = np.column_stack([np.ones(len(b)), np.log(b), np.log(xi)])
    if np.linalg.matrix_rank(design) < 3:
        raise ValueError("block and correlation must be positive and both vary independently")
    solve = np.linalg.pinv(design)
    means = np.array([v.mean() for v in logs])
    errors = np.array([v.std(ddof=1) / np.sqrt(len(v)) for v in logs])
    best = solve @ means
    drawn = [v[rng.integers(0, len(v), size=(n_bootstrap, len(v)))].mean(axis=1) for v in logs]
    stretched = [(m - v.mean()) * np.sqrt(len(v) / (len(v) - 1)) for m, v in zip(drawn, logs, strict=True)]
    residual = means - design @ best
    misfit = np.sqrt(np.diag(solve @ solve.T) * np.sum(residual**2) / max(len(b) - 3, 1))
    spread = np.maximum((solve @ np.array(stretched)).std(axis=1, ddof=1), misfit)
    chi2 = float(np.sum((residual / np.maximum(errors, 1e-6)) ** 2))
    numbers = (float(x) for x in (*best, *spread[1:]))
    return TwoLengths(*numbers, chi2, len(b) - 3, float(np.sqrt(np.mean(residual**2))))


_LAWS = {
    "constant": (lambda x, a: np.full_like(x, a), lambda x, y: [y.mean()]),
    "proportional to ξ": (lambda x, a: a * x, lambda x, y: [(y / x).mean()]),
    "a ξᵖ": (lambda x, a, p: a * x**p, lambda x, y: [y.mean(), 0.1]),
    "a + c ξ": (lambda x, a, c: a + c * x, lambda x, y: [y.mean(), 0.1]),
    "saturating a ξ/(ξ + c)": (lambda x, a, c: a * x / (x + c), lambda x, y: [y.max(), 0.1]),
}


def compare(correlation: Sequence[float], size: Sequence[float], error: Sequence[float]) -> dict[str, Comparison]:
    """Fit five laws for a size against the correlation length by weighted least squares.

    Parameters
    ----------
    correlation, size, error : sequence of float
        ξ, the size and its standard error, all positive; at least three of each.

    Returns
    -------
    dict
        From the name of the law to its :class:`Comparison`.

    Examples
    --------
    >>> laws = compare([1.0, 2.0, 4.0], [3.0, 3.1, 2.9], [0.1, 0.1, 0.1])
    >>> min(laws, key=lambda name: laws[name].aic)
    'constant'
    """
    x, y, e = (
        check_array(name, values, ndim=1)
        for name, values in (("correlation", correlation), ("size", size), ("error", error))
    )
    if not len(x) == len(y) == len(e) or len(x) < 3 or min(x.min(), y.min(), e.min()) <= 0:
        raise ValueError(f"correlation, size and error must be as long and positive, got {len(x)}, {len(y)}, {len(e)}")
    found = {}
    for name, (law, guess) in _LAWS.items():
        fit = least_squares(lambda theta, law=law: (law(x, *theta) - y) / e, guess(x, y))
        covariance = np.linalg.pinv(fit.jac.T @ fit.jac)
        chi2 = float(2 * fit.cost)
        k = len(fit.x)
        found[name] = Comparison(fit.x, np.sqrt(np.diag(covariance)), chi2, len(x) - k, chi2 + 2 * k)
    return found


def within(value: float, error: float, margin: float, degrees: int, level: float = 0.9) -> str:
    """Say whether a quantity is zero to within a margin: two one-sided tests, by the interval of this confidence.

    Parameters
    ----------
    value, error : float
        An estimate and its standard error.
    margin : float
        Positive.
    degrees : int
        Degrees of freedom of the error.
    level : float
        Of the interval; 0.9 makes each of the two tests one at 5 %.

    Returns
    -------
    str
        "yes" if the whole interval lies inside the margins, "no" if it lies wholly outside them, else "undecided".

    Examples
    --------
    >>> within(0.01, 0.01, 0.05, 9), within(0.2, 0.01, 0.05, 9), within(0.01, 0.1, 0.05, 9)
    ('yes', 'no', 'undecided')
    """
    value, error = check_real("value", value), check_real("error", error, 0.0)
    margin, degrees = check_real("margin", margin, 0.0, strict=True), check_int("degrees", degrees, 1)
    level = check_real("level", level, 0.0, 1.0)
    half = error * stats.t.ppf((1 + level) / 2, degrees)
    if abs(value) + half < margin:
        return "yes"
    return "no" if abs(value) - half > margin else "undecided"
