"""Approximate recursions for one coupling: Migdal-Kadanoff, Niemeijer-van Leeuwen."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from .._moved import moved
from .._validation import check_array, check_int, check_real
from .decimation import chain_coupling

__all__ = ["fixed_point", "migdal_kadanoff", "niemeijer_van_leeuwen", "trajectory"]

__getattr__ = moved("mlrg_lib.rg.recursions", {"flow": "mlrg_lib.rg.recursions.trajectory"})


@dataclass(frozen=True)
class FixedPoint:
    """An unstable fixed point of a recursion for one coupling.

    Attributes
    ----------
    coupling : float
        K*, in units of k_B T.
    y_t : float
        Thermal exponent, ln(dK'/dK) / ln b; the correlation length diverges with ν = 1 / y_t.
    """

    coupling: float
    y_t: float


def migdal_kadanoff(K: ArrayLike, b: int = 2, d: int = 2) -> float | np.ndarray:
    r"""Move bonds, then decimate: tanh K' = tanh^b(b^(d−1) K).

    Parameters
    ----------
    K : array_like
        Couplings of nearest neighbours of the hypercubic lattice in units of k_B T.
    b : int
        Change of scale, >= 2.
    d : int
        Dimension, >= 1.

    Returns
    -------
    float or ndarray of the shape of ``K``
        K' for b = 2, d = 2 is ½ ln cosh 4K.

    Notes
    -----
    Exact on hierarchical lattices and in one dimension. Moving bonds leaves the mean of H unchanged, so by
    Jensen's inequality it can only raise the partition function.

    References
    ----------
    .. [1] A. A. Migdal, Sov. Phys. JETP 42, 743 (1975).
    .. [2] L. P. Kadanoff, Ann. Phys. 100, 359 (1976).

    Examples
    --------
    >>> point = fixed_point(migdal_kadanoff, (0.1, 1.0), b=2)
    >>> round(point.coupling, 6), round(point.y_t, 5)
    (0.304689, 0.74724)
    """
    b, d = check_int("b", b, 2), check_int("d", d, 1)
    K = check_array("K", K).reshape(np.shape(K))
    return chain_coupling(b ** (d - 1) * K if K.ndim else float(b ** (d - 1) * K), b)


def niemeijer_van_leeuwen(K: ArrayLike) -> float | np.ndarray:
    r"""Majority rule on triangles of the triangular lattice, first order of the cumulant expansion.

    .. math:: K' = 2K \left(\frac{e^{3K} + e^{-K}}{e^{3K} + 3e^{-K}}\right)^2, \qquad b = \sqrt3.

    Parameters
    ----------
    K : array_like
        Couplings of nearest neighbours of the triangular lattice in units of k_B T.

    Returns
    -------
    float or ndarray of the shape of ``K``

    References
    ----------
    .. [1] Th. Niemeijer and J. M. J. van Leeuwen, Physica 71, 17 (1974).

    Examples
    --------
    >>> point = fixed_point(niemeijer_van_leeuwen, (0.1, 1.0), b=3**0.5)
    >>> round(point.coupling, 6), round(point.y_t, 4)
    (0.335614, 0.8822)
    """
    values = check_array("K", K)
    small = np.exp(-4.0 * np.clip(values, -170.0, None))
    out = 2.0 * values * ((1.0 + small) / (1.0 + 3.0 * small)) ** 2
    return out.reshape(np.shape(K)) if np.ndim(K) else float(out[0])


def fixed_point(recursion: Callable[[float], float], bracket: tuple[float, float], *, b: float) -> FixedPoint:
    """Find the unstable fixed point of a recursion and its exponent.

    Parameters
    ----------
    recursion : callable
        Maps K to K'.
    bracket : tuple of float
        Two couplings, one that flows to weaker and one that flows to stronger coupling.
    b : float
        Change of scale of one step, > 1.

    Returns
    -------
    FixedPoint

    Raises
    ------
    ValueError
        If the flow has the same direction at both ends of ``bracket``, the fixed point between them is not unstable
        (dK'/dK must exceed 1 there), or ``b`` <= 1.

    Examples
    --------
    >>> fixed_point(lambda K: 2 * K * K, (0.1, 1.0), b=2).coupling
    0.5
    """
    b = check_real("b", b, 1.0, strict=True)
    low, high = (check_real("bracket", end) for end in bracket)
    at_low, at_high = recursion(low) - low, recursion(high) - high
    if not at_low * at_high < 0:
        raise ValueError(
            f"bracket must hold one unstable fixed point: K' − K is {at_low:.3g} at {low} and {at_high:.3g} at {high}"
        )
    K = brentq(lambda x: recursion(x) - x, low, high, xtol=1e-15, rtol=1e-14)
    step = 1e-4 * max(1.0, abs(K))
    ahead, behind = recursion(K + step) - recursion(K - step), recursion(K + 2 * step) - recursion(K - 2 * step)
    slope = (8.0 * ahead - behind) / (12.0 * step)
    if not slope > 1.0:
        raise ValueError(f"bracket must hold one unstable fixed point: dK'/dK is {slope:.3g} at the one at {K:.6g}")
    return FixedPoint(float(K), float(np.log(slope) / np.log(b)))


def trajectory(recursion: Callable[[float], float], K: float, n_steps: int) -> np.ndarray:
    """Apply a recursion repeatedly.

    Parameters
    ----------
    recursion : callable
        Maps K to K'.
    K : float
        The starting coupling.
    n_steps : int
        Number of steps, >= 0.

    Returns
    -------
    ndarray, float64, shape (n_steps + 1,)
        The couplings, the starting one first.

    Examples
    --------
    >>> trajectory(lambda K: K / 2, 1.0, 2).tolist()
    [1.0, 0.5, 0.25]
    """
    couplings = [check_real("K", K)]
    for _ in range(check_int("n_steps", n_steps, 0)):
        couplings.append(float(recursion(couplings[-1])))
    return np.array(couplings)
