"""Exact results for the square-lattice Ising model: the infinite lattice, and the finite torus of any size.

Units J = k_B = 1: a configuration s has energy E = -sum over nearest-neighbour pairs of s_i s_j and weight
exp(-beta E). Everything is per site unless it says otherwise, and every function takes a number or an array
of inverse temperatures and returns the same shape.

On the torus a site has four neighbours for every L >= 2. At L = 2 the left and the right neighbour are the
same site and that pair counts twice, so that there are 2 L**2 bonds at any L; the samplers and the
observables count the same way.
"""

import numpy as np

from .._validation import check_array, check_int
from ._kaufman import CRITICAL_BETA, log_partition

__all__ = [
    "CRITICAL_BETA",
    "correlation_length",
    "onsager_energy",
    "onsager_heat_capacity",
    "onsager_log_partition",
    "spontaneous_magnetization",
    "torus_energy",
    "torus_heat_capacity",
    "torus_log_partition",
]

# (2/pi) K(m) - 1 = sum over n >= 1 of [(2n)! / (4**n n!**2)]**2 m**n, enough terms for m <= 0.01
_ELLIPTIC_SERIES = np.cumprod([((2 * n - 1) / (2 * n)) ** 2 for n in range(1, 10)])[::-1]


def onsager_energy(beta: float | np.ndarray) -> float | np.ndarray:
    r"""Return the energy per site of the infinite lattice.

    Parameters
    ----------
    beta : float or ndarray
        Inverse temperature, >= 0.

    Returns
    -------
    float or ndarray
        u in [-2, 0]; -sqrt 2 at the critical point.

    Notes
    -----
    With :math:`s=\sinh 2\beta` and the complete elliptic integral of parameter m,

    .. math:: u=-\coth 2\beta\,\bigl[1+\tfrac2\pi(s^2-1)\,\mathbf K(m=s^4)\bigr]\quad(s\le1),\qquad
              u=-\coth 2\beta\,\bigl[1+\tfrac2\pi(1-s^{-2})\,\mathbf K(m=s^{-4})\bigr]\quad(s\ge1),

    which is Onsager's expression after a Landen transformation; it keeps its digits at both ends and at
    the critical point, where the usual form is 0 times infinity.

    References
    ----------
    L. Onsager, Phys. Rev. 65, 117 (1944).

    Examples
    --------
    >>> round(onsager_energy(0.408), 8)
    -1.15085489
    >>> onsager_energy(CRITICAL_BETA) + 2**0.5 < 1e-14
    True
    """
    from scipy.special import ellipkm1  # here, for scipy takes longer to import than sampling takes to begin

    beta = _check_beta(beta)
    small, ordered = _reduced_sinh(beta)
    square = small**2
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.where(
            square < 0.1,
            np.polyval(np.append(_ELLIPTIC_SERIES, 0.0), square**2),
            2 / np.pi * ellipkm1((1 - square) * (1 + square)) - 1,
        )
        product = np.where(square < 1, (1 - square) * excess, 0.0)
        # s <= 1: coth * (s^2 - product); s >= 1: coth * (2 - s^-2 + product)
        below = -np.sqrt(1 + square) * np.where(small > 0, small - product / small, 0.0)
        above = -np.sqrt(1 + square) * (2 - square + product)
    return _result(np.where(ordered, above, below))


def onsager_heat_capacity(beta: float | np.ndarray) -> float | np.ndarray:
    r"""Return the heat capacity per site of the infinite lattice, infinite at the critical point.

    Parameters
    ----------
    beta : float or ndarray
        Inverse temperature, >= 0.

    Returns
    -------
    float or ndarray
        :math:`c=-\beta^2\,du/d\beta`, >= 0.

    Notes
    -----
    With :math:`t=\tanh 2\beta`, :math:`\kappa=2\sinh 2\beta/\cosh^2 2\beta` and complete elliptic integrals
    of modulus kappa,

    .. math:: c=\frac{4\beta^2}{\pi t^2}\Bigl\{\mathbf K-\mathbf E-(1-t^2)
              \bigl[\tfrac\pi2+(2t^2-1)\mathbf K\bigr]\Bigr\}.

    The absolute error is below 1e-13 away from the critical point.

    References
    ----------
    L. Onsager, Phys. Rev. 65, 117 (1944).

    Examples
    --------
    >>> round(onsager_heat_capacity(0.3), 6)
    0.28629
    """
    from scipy.special import ellipe, ellipkm1

    beta = _check_beta(beta)
    small, _ = _reduced_sinh(beta)
    tanh = np.tanh(2 * beta)
    complement = ((1 - small**2) / (1 + small**2)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        k, e = ellipkm1(complement), ellipe(1 - complement)
        braces = k - e - (1 - tanh**2) * (np.pi / 2 + (2 * tanh**2 - 1) * k)
        value = 4 / np.pi * (beta / tanh) ** 2 * braces
    square = np.tanh(beta) ** 2
    series = beta**2 * (1 - square) * (2 + 12 * square + 40 * square**2)  # ln Z = ln 2 + 2 ln cosh + tanh^4 + 2 tanh^6
    value = np.where(complement == 0, np.inf, np.where(beta < 1e-3, series, value))
    return _result(np.maximum(value, 0.0))


def onsager_log_partition(beta: float | np.ndarray) -> float | np.ndarray:
    r"""Return ln Z per site of the infinite lattice, that is minus beta times the free energy per site.

    Parameters
    ----------
    beta : float or ndarray
        Inverse temperature, >= 0.

    Returns
    -------
    float or ndarray
        ln 2 at beta = 0, and (ln 2)/2 + 2G/pi at the critical point, with Catalan's constant G.

    Notes
    -----
    .. math:: -\beta f=\ln(2\cosh2\beta)+\frac1\pi\int_0^{\pi/2}\ln\tfrac12\Bigl(1+
              \sqrt{\cos^2t+\kappa'^2\sin^2t}\Bigr)dt,\qquad
              \kappa'=\frac{1-\sinh^22\beta}{1+\sinh^22\beta}.

    The integral is done by adaptive quadrature, a few hundred microseconds a value.

    References
    ----------
    L. Onsager, Phys. Rev. 65, 117 (1944).

    Examples
    --------
    >>> round(onsager_log_partition(CRITICAL_BETA), 12)
    0.929695398342
    """
    from scipy.integrate import quad  # it imports half of scipy, a quarter of a second that sampling does not need

    beta = _check_beta(beta)
    small, _ = _reduced_sinh(beta)
    complement = (1 - small**2) / (1 + small**2)

    def integral(modulus):
        def integrand(t):
            return np.log((1 + np.hypot(np.cos(t), modulus * np.sin(t))) / 2)

        return quad(integrand, 0.0, np.pi / 2, epsabs=1e-12, epsrel=1e-12, limit=200)[0]

    parts = np.array([integral(c) for c in complement.ravel()]).reshape(beta.shape)
    return _result(np.logaddexp(2 * beta, -2 * beta) + parts / np.pi)


def spontaneous_magnetization(beta: float | np.ndarray) -> float | np.ndarray:
    r"""Return the spontaneous magnetization per site of the infinite lattice.

    Parameters
    ----------
    beta : float or ndarray
        Inverse temperature, >= 0.

    Returns
    -------
    float or ndarray
        :math:`(1-\sinh^{-4}2\beta)^{1/8}` beyond the critical point, 0 up to it.

    References
    ----------
    C. N. Yang, Phys. Rev. 85, 808 (1952).

    Examples
    --------
    >>> round(spontaneous_magnetization(1 / 2.1), 9)
    0.868747624
    """
    beta = _check_beta(beta)
    small, ordered = _reduced_sinh(beta)
    inside = np.where(ordered, (1 - small**2) * (1 + small**2), 0.0)
    return _result(np.maximum(inside, 0.0) ** 0.125)


def correlation_length(beta: float | np.ndarray) -> float | np.ndarray:
    r"""Return the exponential correlation length along a lattice axis, in lattice spacings.

    The connected correlation of two spins a distance r apart along an axis decays as exp(-r / length),
    up to a power of r.

    Parameters
    ----------
    beta : float or ndarray
        Inverse temperature, >= 0.

    Returns
    -------
    float or ndarray
        0 at beta = 0, infinite at the critical point.

    Notes
    -----
    :math:`\xi^{-1}=-2\beta-\ln\tanh\beta` in the disordered phase and
    :math:`\xi^{-1}=2(2\beta+\ln\tanh\beta)` in the ordered phase, where the connected correlation is led
    by two domain walls. This is not the second-moment length of
    :func:`mlrg_lib.ising.observables.second_moment_length`, which is some per cent smaller away from the
    critical point's scaling limit.

    References
    ----------
    B. M. McCoy and T. T. Wu, The Two-Dimensional Ising Model (Harvard University Press, 1973).

    Examples
    --------
    >>> round(correlation_length(0.408), 4)
    7.4673
    >>> correlation_length(CRITICAL_BETA)
    inf
    """
    beta = _check_beta(beta)
    with np.errstate(divide="ignore"):
        wall = 2 * beta + np.log(np.tanh(beta))  # the domain wall's free energy per length, signed
        inverse = np.where(beta > CRITICAL_BETA, 2 * wall, -wall)
        length = np.where(beta == CRITICAL_BETA, np.inf, 1 / np.abs(inverse))
    return _result(length)


def torus_log_partition(L: int, beta: float | np.ndarray) -> float | np.ndarray:
    r"""Return ln Z of the L x L torus (of the whole lattice, not per site).

    Parameters
    ----------
    L : int
        Side, >= 2, odd or even.
    beta : float or ndarray
        Inverse temperature, >= 0.

    Returns
    -------
    float or ndarray
        ln Z; L**2 ln 2 at beta = 0.

    Notes
    -----
    Kaufman's sum of four products over the angles :math:`\pi l/L`. It is written in
    :math:`s=\sinh2\beta`, in which each factor is finite at beta = 0, and for :math:`s>1` through the exact
    duality :math:`\ln Z(\beta)=L^2\ln s+\ldots` at the dual temperature, where the fourth product changes
    sign; so nothing overflows or cancels at any beta or size. Relative error about 1e-15, cost O(L) a value.

    References
    ----------
    B. Kaufman, Phys. Rev. 76, 1232 (1949); A. E. Ferdinand and M. E. Fisher, Phys. Rev. 185, 832 (1969).

    Examples
    --------
    >>> round(torus_log_partition(4, 0.408), 9)
    14.740191127
    """
    L, beta = check_int("L", L, 2), _check_beta(beta)
    return _result(log_partition(L, beta).value)


def torus_energy(L: int, beta: float | np.ndarray) -> float | np.ndarray:
    r"""Return the mean energy per site of the L x L torus, :math:`-L^{-2}\,\partial\ln Z/\partial\beta`.

    Parameters
    ----------
    L : int
        Side, >= 2, odd or even.
    beta : float or ndarray
        Inverse temperature, >= 0.

    Returns
    -------
    float or ndarray
        u in [-2, 0].

    Notes
    -----
    The derivative of :func:`torus_log_partition` is taken analytically; absolute error about 1e-14.

    References
    ----------
    B. Kaufman, Phys. Rev. 76, 1232 (1949).

    Examples
    --------
    >>> round(torus_energy(40, 0.408), 8)
    -1.15182115
    """
    L, beta = check_int("L", L, 2), _check_beta(beta)
    return _result(-log_partition(L, beta).first / L**2)


def torus_heat_capacity(L: int, beta: float | np.ndarray) -> float | np.ndarray:
    r"""Return the heat capacity per site of the L x L torus, :math:`\beta^2L^{-2}\,\partial^2\ln Z/\partial\beta^2`.

    Parameters
    ----------
    L : int
        Side, >= 2, odd or even.
    beta : float or ndarray
        Inverse temperature, >= 0.

    Returns
    -------
    float or ndarray
        c = beta**2 (<E**2> - <E>**2) / L**2, >= 0.

    Notes
    -----
    The derivatives of :func:`torus_log_partition` are taken analytically; absolute error about 1e-12.

    References
    ----------
    A. E. Ferdinand and M. E. Fisher, Phys. Rev. 185, 832 (1969).

    Examples
    --------
    >>> round(torus_heat_capacity(64, CRITICAL_BETA), 5)
    2.19221
    """
    L, beta = check_int("L", L, 2), _check_beta(beta)
    return _result(beta**2 * log_partition(L, beta).second / L**2)


def _reduced_sinh(beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return min(sinh 2 beta, 1 / sinh 2 beta), without overflow, and where beta exceeds the critical value."""
    ordered = beta > CRITICAL_BETA
    rest = np.exp(-2 * beta)
    low = -np.expm1(-4 * beta) / (2 * np.where(ordered, 1.0, rest))
    high = 2 * rest / np.where(ordered, -np.expm1(-4 * beta), 1.0)
    return np.minimum(np.where(ordered, high, low), 1.0), ordered


def _check_beta(beta) -> np.ndarray:
    array = check_array("beta", beta, ndim=tuple(range(8)))
    array = array.reshape(np.shape(beta))
    if (array < 0).any():
        raise ValueError(f"beta must be >= 0 (a ferromagnet), got {array.min()}")
    return array


def _result(values: np.ndarray) -> float | np.ndarray:
    return float(values) if values.ndim == 0 else values
