"""Making sense of divergent series: Padé approximants and conformal Borel resummation, with an error bar."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, roots_genlaguerre

from ..._validation import check_array, check_int, check_real
from ...analysis.series import Estimate

__all__ = ["pade", "resum"]

_SHIFTS = np.arange(2.0, 20.5, 1.0)
_POWERS = np.arange(0.0, 4.01, 0.25)


def pade(coefficients: ArrayLike, numerator: int, denominator: int, x: float) -> float:
    """Evaluate the [numerator/denominator] Padé approximant of a power series.

    Parameters
    ----------
    coefficients : array_like, shape (m,)
        Of the series; at least numerator + denominator + 1 of them.
    numerator, denominator : int
        Degrees.
    x : float
        Where to evaluate.

    Returns
    -------
    float
        NaN where the approximant does not exist.

    Examples
    --------
    >>> round(pade([1, 1, 1 / 2, 1 / 6, 1 / 24], 2, 2, 1.0), 4)
    2.7143
    """
    series = check_array("coefficients", coefficients, ndim=1)
    top, bottom = check_int("numerator", numerator, minimum=0), check_int("denominator", denominator, minimum=0)
    x = check_real("x", x)
    if len(series) < top + bottom + 1:
        raise ValueError(
            f"coefficients must number at least {top + bottom + 1} for [{top}/{bottom}], got {len(series)}"
        )
    padded = np.concatenate([np.zeros(bottom), series])  # padded[k + bottom] is coefficient k
    matrix = np.array([[padded[bottom + top + i - j] for j in range(1, bottom + 1)] for i in range(1, bottom + 1)])
    right = -series[top + 1 : top + bottom + 1]
    if bottom and np.linalg.cond(matrix) > 1e14:
        return float("nan")
    lower = np.concatenate([[1.0], np.linalg.solve(matrix, right)]) if bottom else np.ones(1)
    upper = np.convolve(series[: top + 1], lower)[: top + 1]
    return float(np.polyval(upper[::-1], x) / np.polyval(lower[::-1], x))


def pade_table(series: np.ndarray, x: float) -> np.ndarray:
    """Return all Padé approximants of a series of m terms at x, (m, m): [i, j] is [i/j], NaN where there is none."""
    size = len(series)
    table = np.full((size, size), np.nan)
    for i in range(size):
        for j in range(size - i):
            table[i, j] = pade(series, i, j, x)
    return table


def _borel_sum(series, x, a, b, lam, nodes, weights) -> float:
    r"""Resum a series with the Borel–Leroy transform continued by a conformal map.

    .. math::
        f(x) = \int_0^\infty dt\, t^{b} e^{-t} B(xt), \quad
        B(y) = \Big(\frac{ay}{w}\Big)^{\lambda} \sum_k W_k w^k, \quad
        w = \frac{\sqrt{1+ay}-1}{\sqrt{1+ay}+1},

    with W fixed by the known coefficients. The Borel transform's singularity, y = −1/a, becomes w = −1. ``nodes`` and
    ``weights`` are of the generalized Gauss–Laguerre rule with exponent b.

    References
    ----------
    .. [1] J. C. Le Guillou and J. Zinn-Justin, Phys. Rev. B 21, 3976 (1980).
    """
    order = np.arange(len(series))
    borel = series * np.exp(-gammaln(order + b + 1)) * (4 / a) ** order
    mapped = np.zeros(len(series))
    for k in order:  # y^k (ay/w)^(−λ) = (4/a)^k w^k (1 − w)^(2λ − 2k) / 4^λ
        j = order[1 : len(series) - k]
        mapped[k:] += borel[k] * np.cumprod(np.concatenate([[1.0], (j - 1 - 2 * lam + 2 * k) / j]))
    root = np.sqrt(1 + a * x * nodes)
    w = (root - 1) / (root + 1)
    return np.sum(weights * ((1 + root) / 2) ** (2 * lam) * np.polynomial.polynomial.polyval(w, mapped))


def resum(coefficients: ArrayLike, x: float, *, singularity: float) -> Estimate:
    r"""Resum a series where it is least sensitive to the free parameters and to the last orders known.

    Parameters
    ----------
    coefficients : array_like, shape (m,)
        Of the series, to order at least 3.
    x : float
        Where to evaluate, x ≥ 0.
    singularity : float
        a > 0, where the Borel transform's singularity is at −1/a; 3/(n + 8) for the O(n) ε-expansions.

    Returns
    -------
    Estimate
        The error is a spread over resummations, not a bound.

    Notes
    -----
    The Borel–Leroy transform :math:`f(x)=\int_0^\infty dt\,t^be^{-t}B(xt)` is continued by the conformal map
    :math:`w=(\sqrt{1+ay}-1)/(\sqrt{1+ay}+1)` as :math:`B(y)=(ay/w)^\lambda\sum_kW_kw^k` [2]_.
    On the grid b = 2, 3, …, 20, λ = 0, ¼, …, 4 the cost of a point is ``|A_L − A_(L−1)| + |A_(L−1) − A_(L−2)|`` plus
    the change of A_L to the neighbouring points. The value is the median over the tenth of the grid with the least
    cost; the error is the sum of the standard deviation there and of the mean of the last two steps. In the
    spirit of [1]_, but simpler, and more cautious.

    References
    ----------
    .. [1] M. V. Kompaniets and E. Panzer, Phys. Rev. D 96, 036016 (2017), sec. V.
    .. [2] J. C. Le Guillou and J. Zinn-Justin, Phys. Rev. B 21, 3976 (1980).

    Examples
    --------
    >>> from math import factorial
    >>> series = [(-1) ** k * factorial(k) for k in range(9)]
    >>> found = resum(series, 1.0, singularity=1.0)
    >>> abs(found.value - 0.596347) < found.error
    True
    """
    series = check_array("coefficients", coefficients, ndim=1)
    x = check_real("x", x, minimum=0.0)
    a = check_real("singularity", singularity, minimum=0.0, strict=True)
    if len(series) < 4:
        raise ValueError(f"coefficients must reach at least order 3, got order {len(series) - 1}")
    values = np.empty((3, len(_SHIFTS), len(_POWERS)))
    for i, b in enumerate(_SHIFTS):
        nodes, weights = roots_genlaguerre(80, b)
        for j, lam in enumerate(_POWERS):
            for back in range(3):
                values[back, i, j] = _borel_sum(series[: len(series) - back], x, a, b, lam, nodes, weights)
    best, before, earlier = values
    last, previous = np.abs(best - before), np.abs(before - earlier)
    along_shift, along_power = np.gradient(best)
    cost = last + previous + np.abs(along_shift) + np.abs(along_power)
    good = cost <= np.quantile(cost, 0.1)
    error = best[good].std() + last[good].mean() + previous[good].mean()
    return Estimate(float(np.median(best[good])), float(error))
