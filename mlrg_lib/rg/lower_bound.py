"""Kadanoff's lower-bound renormalization group of the square lattice, by moving potentials.

One cell of four spins carries the whole Hamiltonian, a potential V(σ) with P ∝ exp(Σ_cells V): an array of
shape (16,), spins 0 to 3 going around the cell, in the order of states of :mod:`mlrg_lib.rg.variational`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, root

from .._moved import moved
from .._validation import check_array, check_int, check_real
from .variational import configurations

__all__ = ["cell_potential", "critical_coupling", "fixed_point", "log_partition_bound", "optimal_parameter", "step"]

__getattr__ = moved("mlrg_lib.rg.lower_bound", {"free_energy": "mlrg_lib.rg.lower_bound.log_partition_bound"})

_S = configurations(4).astype(np.float64)
_SUM = _S.sum(axis=1)
_EDGES = _S[:, 0] * _S[:, 1] + _S[:, 1] * _S[:, 2] + _S[:, 2] * _S[:, 3] + _S[:, 3] * _S[:, 0]
_DIAGONALS = _S[:, 0] * _S[:, 2] + _S[:, 1] * _S[:, 3]
_QUARTIC = _S.prod(axis=1)
# Functions of a cell with the symmetry of the square: four even ones (the first is the constant), two odd ones.
_EVEN = np.stack([np.ones(16), _EDGES, _DIAGONALS, _QUARTIC])
_ODD = np.stack([_SUM, _SUM * _QUARTIC])
_OVERLAP = _S @ _S.T


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """A critical fixed point of the lower-bound map at one value of its parameter.

    Attributes
    ----------
    p : float
        Kadanoff's parameter.
    potential : ndarray, float64, shape (16,)
        V*, its mean over states removed.
    nearest, next_nearest, quartic : float
        Coefficients of V*: each edge, each diagonal, the product of the cell.
    y_t, y_h : float
        Thermal and magnetic exponents; exactly 1 and 15/8 in the two-dimensional Ising class.
    stationarity : float
        Derivative of the bound on the free energy per site at the fixed point with respect to p.
    """

    p: float
    potential: np.ndarray
    nearest: float
    next_nearest: float
    quartic: float
    y_t: float
    y_h: float
    stationarity: float


def cell_potential(beta: float, field: float = 0.0) -> np.ndarray:
    """Return the cell potential of the nearest-neighbour Ising model, each bond shared by two cells.

    Parameters
    ----------
    beta : float
        Coupling of nearest neighbours in units of k_B T.
    field : float
        Magnetic field in units of k_B T; each spin is shared by four cells.

    Returns
    -------
    ndarray, float64, shape (16,)

    Examples
    --------
    >>> float(cell_potential(0.5).max())
    1.0
    """
    return 0.5 * check_real("beta", beta) * _EDGES + 0.25 * check_real("field", field) * _SUM


def step(potential: ArrayLike, p: float) -> np.ndarray:
    r"""Renormalize a cell potential by a factor of two.

    .. math:: V'(\mu) = \ln \mathrm{Tr}_\sigma \exp\Big\{4V(\sigma) + p\,\mu\cdot\sigma
        - \ln 2\cosh\big(p\textstyle\sum_i\sigma_i\big)\Big\}.

    Parameters
    ----------
    potential : array_like, shape (16,)
        V of one cell, in units of k_B T.
    p : float
        Coupling of a block spin to its four spins, >= 0.

    Returns
    -------
    ndarray, float64, shape (16,)
        V', its constant included.

    Notes
    -----
    The potentials of three cells out of four are moved onto the fourth. The moved terms have zero mean, so
    by Jensen's inequality the new partition function is never smaller than the old one, for any p.

    References
    ----------
    .. [1] L. P. Kadanoff, Phys. Rev. Lett. 34, 1005 (1975).
    .. [2] L. P. Kadanoff, A. Houghton, M. C. Yalabik, J. Stat. Phys. 14, 171 (1976).

    Examples
    --------
    >>> step(np.zeros(16), 0.0).round(6).tolist() == [round(float(np.log(8.0)), 6)] * 16
    True
    """
    potential = check_array("potential", potential, ndim=1)
    if len(potential) != 16:
        raise ValueError(f"potential must have 16 entries, one per state of a cell, got {len(potential)}")
    return _step(potential, check_real("p", p, 0.0))[0]


def log_partition_bound(beta: float, p: float, *, n_steps: int = 40) -> float:
    """Return an upper bound on ln Z per site of the infinite square lattice.

    Parameters
    ----------
    beta : float
        Coupling of nearest neighbours in units of k_B T.
    p : float
        Parameter of the map, >= 0, the same at every step.
    n_steps : int
        Number of steps, 1 to 200; each makes the remainder four times smaller.

    Returns
    -------
    float
        ln Z̃ / N ≥ ln Z / N: a lower bound on the free energy.

    Examples
    --------
    >>> bool(np.isclose(log_partition_bound(0.0, 0.0), np.log(2.0)))
    True
    """
    V = cell_potential(beta)
    p = check_real("p", p, 0.0)
    total, weight = 0.0, 1.0
    for _ in range(check_int("n_steps", n_steps, 1, 200)):
        V = _step(V, p)[0]
        weight /= 4.0
        top = V.max()
        total += weight * top
        V = V - top
    return float(total)


def fixed_point(p: float) -> FixedPoint:
    """Find the critical fixed point at one value of the parameter.

    Parameters
    ----------
    p : float
        Parameter of the map, 0.7 to 1.5.

    Returns
    -------
    FixedPoint

    Raises
    ------
    ValueError
        If ``p`` is out of range or the search did not converge.

    Notes
    -----
    The search starts from where the nearest-neighbour model of critical coupling flows to, and solves for
    the three even couplings. Exponents are eigenvalues of the exact derivative of the map,
    ∂V'(μ)/∂V(σ) = 4 P(σ | μ), in the even and in the odd functions of a cell.

    Examples
    --------
    >>> point = fixed_point(0.8)
    >>> round(point.y_t, 4), round(point.y_h, 4)
    (1.2638, 1.8943)
    """
    p = check_real("p", p, 0.7, 1.5)
    V = cell_potential(critical_coupling(p))
    for _ in range(8):
        V = _step(V - V.max(), p)[0]

    def residual(x):
        return _coefficients(_step(x @ _EVEN[1:], p)[0], _EVEN)[1:] - x

    solution = root(residual, _coefficients(V, _EVEN)[1:], method="hybr", tol=1e-14)
    size = np.abs(residual(solution.x)).max()
    if size > 1e-11:
        raise ValueError(f"p must allow a critical fixed point; at p={p} the search ended {size:.1e} away from one")
    V = solution.x @ _EVEN[1:]
    _, q = _step(V, p)
    even = np.stack([_coefficients(4.0 * q @ f, _EVEN) for f in _EVEN], axis=1)
    odd = np.stack([_coefficients(4.0 * q @ f, _ODD) for f in _ODD], axis=1)
    thermal = np.linalg.eigvals(even[1:, 1:]).real.max()
    magnetic = np.linalg.eigvals(odd).real.max()
    # The constant has eigenvalue 4; its left eigenvector is how the free energy depends on each coupling.
    left = np.concatenate([[1.0], np.linalg.solve(4.0 * np.eye(3) - even[1:, 1:].T, even[0, 1:])])
    slope = _coefficients((q * (_OVERLAP - _SUM * np.tanh(p * _SUM))).sum(axis=1), _EVEN)
    nearest, next_nearest, quartic = map(float, solution.x)
    y_t, y_h, stationarity = float(np.log2(thermal)), float(np.log2(magnetic)), float(left @ slope)
    return FixedPoint(p, V, nearest, next_nearest, quartic, y_t, y_h, stationarity)


def optimal_parameter() -> FixedPoint:
    """Return the fixed point at which the bound on the free energy is stationary in p.

    Returns
    -------
    FixedPoint
        With p* = 0.76099, y_t = 1.0175 and y_h = 1.8777; exact are 1 and 1.875.

    Notes
    -----
    The condition is ℓ · ∂V'/∂p = 0 at the fixed point, with ℓ the left eigenvector of eigenvalue 4. The
    literature varies the procedure a little and quotes p* = 0.76598 [1]_.

    References
    ----------
    .. [1] L. P. Kadanoff, A. Houghton, M. C. Yalabik, J. Stat. Phys. 14, 171 (1976).

    Examples
    --------
    >>> round(optimal_parameter().p, 5)
    0.76099
    """
    return fixed_point(brentq(lambda p: fixed_point(p).stationarity, 0.7, 0.85, xtol=1e-12))


def critical_coupling(p: float) -> float:
    """Return the coupling at which the nearest-neighbour model changes from one phase's flow to the other's.

    Parameters
    ----------
    p : float
        Parameter of the map, 0.7 to 1.5.

    Returns
    -------
    float
        K_c of the map; 0.440687 would be exact.

    Examples
    --------
    >>> round(critical_coupling(0.760989), 4)
    0.4836
    """
    p = check_real("p", p, 0.7, 1.5)
    low, high = 0.2, 1.0
    while high - low > 1e-14:
        beta = 0.5 * (low + high)
        low, high = (low, beta) if _orders(beta, p) else (beta, high)
    return 0.5 * (low + high)


def _orders(beta: float, p: float) -> bool:
    """Whether the flow stays away from zero coupling; 100 doublings resolve the last bit of beta.

    At finite p the ordered flow ends at finite couplings, since block spins are drawn with noise: only the
    disordered end is recognised early.
    """
    V = cell_potential(beta)
    for _ in range(100):
        V = _step(V - V.max(), p)[0]
        if _coefficients(V, _EVEN)[1] < 0.02:
            return False
    return True


def _step(V: np.ndarray, p: float) -> tuple[np.ndarray, np.ndarray]:
    """New potential, and P(σ | μ) as rows of a (16, 16) array."""
    exponent = 4.0 * V + p * _OVERLAP - np.logaddexp(p * _SUM, -p * _SUM)
    top = exponent.max(axis=1, keepdims=True)
    weights = np.exp(exponent - top)
    total = weights.sum(axis=1, keepdims=True)
    return (top + np.log(total))[:, 0], weights / total


def _coefficients(values: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Coefficients of a symmetric function of a cell in an orthogonal basis."""
    return basis @ values / (basis**2).sum(axis=1)
