"""The one-loop momentum-shell flow of (r, u) for O(n) fields in d dimensions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp
from scipy.special import gamma

from ..._validation import check_array, check_bool, check_real

__all__ = ["amplitude", "fixed_points", "flow", "potential_flow", "shell_area", "shell_integral", "trajectory"]


@dataclass(frozen=True)
class FixedPoint:
    """A fixed point with Λ = 1.

    Attributes
    ----------
    name : str
    r, u : float
        Mass and coupling.
    eigenvalues : ndarray, shape (2,)
        Of the linearized flow.
    eigenvectors : ndarray, shape (2, 2)
        As columns.
    """

    name: str
    r: float
    u: float
    eigenvalues: np.ndarray
    eigenvectors: np.ndarray


@dataclass(frozen=True)
class Trajectory:
    """A flow line.

    Attributes
    ----------
    scale, r, u : ndarray, shape (n_points,)
        l = ln(Λ0/Λ), and the mass and the coupling there.
    escaped : bool
        Whether it left before the last scale.
    """

    scale: np.ndarray
    r: np.ndarray
    u: np.ndarray
    escaped: bool


def shell_area(d: float) -> float:
    r"""Return :math:`K_d = S_d/(2\pi)^d = 2/[(4\pi)^{d/2}\Gamma(d/2)]`, the phase-space area of the unit sphere.

    Parameters
    ----------
    d : float
        Dimension, positive.

    Returns
    -------
    float

    Examples
    --------
    >>> import math
    >>> math.isclose(shell_area(4), 1 / (8 * math.pi**2))
    True
    """
    d = check_real("d", d, minimum=0.0, strict=True)
    return float(2 / ((4 * np.pi) ** (d / 2) * gamma(d / 2)))


def shell_integral(d: float, scale: float, r: float = 0.0) -> float:
    r"""Return the one-loop integral over a shell, :math:`\int \frac{d^dk}{(2\pi)^d}\frac{1}{(k^2+r)^2}`.

    The shell is :math:`e^{-l} < |k| < 1`; a quadrature, not a formula, so that thick shells and any d work.

    Parameters
    ----------
    d : float
        Dimension, positive.
    scale : float
        l ≥ 0.
    r : float
        Mass term, above −exp(−2l).

    Returns
    -------
    float

    Examples
    --------
    >>> round(9 * shell_integral(4, 1e-4) / 1e-4 / amplitude(4), 9)
    1.0
    """
    area = shell_area(d)
    scale = check_real("scale", scale, minimum=0.0)
    r = check_real("r", r, minimum=-float(np.exp(-2 * scale)), strict=True)
    nodes, weights = np.polynomial.legendre.leggauss(64)
    log_k = -0.5 * scale * (nodes + 1)
    k = np.exp(log_k)
    return float(area * 0.5 * scale * np.sum(weights * k**d / (k * k + r) ** 2))


def amplitude(d: float, n: float = 1) -> float:
    r"""Return the essay's "hard-to-calculate" A of eq. 13, :math:`A = (n+8) K_d` with Λ = 1.

    Parameters
    ----------
    d : float
        Dimension, positive.
    n : float
        Number of field components; any real above −2 makes sense in the flow.

    Returns
    -------
    float
        9/8π² ≈ 0.11399 for the Ising class at d = 4.

    Notes
    -----
    For the quartic term ¼u(S²)². With u/4! the coefficient is (n + 8)K_d/6, at d = 4 the usual 3/16π².

    Examples
    --------
    >>> import math
    >>> math.isclose(amplitude(4), 9 / (8 * math.pi**2))
    True
    """
    return (_check_n(n) + 8) * shell_area(d)


def flow(r: ArrayLike, u: ArrayLike, d: float, n: float = 1):
    r"""Return the one-loop velocities (dr/dl, du/dl) at the points (r, u).

    .. math::
        \frac{dr}{dl} = 2r + \frac{(n+2)K_d u}{1+r}, \qquad
        \frac{du}{dl} = (4-d)u - \frac{(n+8)K_d u^2}{(1+r)^2}

    for :math:`H = \int d^dr\,[\tfrac12(\nabla S)^2 + \tfrac12 rS^2 + \tfrac14 uS^4]`, weight :math:`e^{-H}`, cut-off
    Λ = 1 and l = ln(Λ0/Λ). The essay's eq. 11 has the gradient not squared and the opposite overall sign.

    Parameters
    ----------
    r, u : float or array_like
        Couplings, broadcast together; r > −1.
    d : float
        Dimension, positive.
    n : float
        Number of field components, above −2.

    Returns
    -------
    tuple of float or ndarray

    References
    ----------
    .. [1] K. G. Wilson and J. Kogut, Phys. Rep. 12, 75 (1974).
    .. [2] N. Goldenfeld, Lectures on Phase Transitions and the Renormalization Group (1992), ch. 12.

    Examples
    --------
    >>> flow(0.5, 0.0, d=3)
    (1.0, 0.0)
    """
    area = shell_area(d)
    n = _check_n(n)
    r_values = np.reshape(check_array("r", r), np.shape(r))
    u_values = np.reshape(check_array("u", u), np.shape(u))
    if (r_values <= -1).any():
        raise ValueError(f"r must be above -1 everywhere, or the shell itself is unstable; got {r_values.min():g}")
    dr = 2 * r_values + (n + 2) * area * u_values / (1 + r_values)
    du = (4 - d) * u_values - (n + 8) * area * u_values**2 / (1 + r_values) ** 2
    return (float(dr), float(du)) if np.ndim(dr) == 0 else (dr, du)


def _stability_matrix(r: float, u: float, d: float, n: float) -> np.ndarray:
    """Return the Jacobian (2, 2) of :func:`flow` with respect to (r, u), by differentiating the formula."""
    area = shell_area(d)
    low, high = (n + 2) * area, (n + 8) * area
    return np.array(
        [
            [2 - low * u / (1 + r) ** 2, low / (1 + r)],
            [2 * high * u**2 / (1 + r) ** 3, 4 - d - 2 * high * u / (1 + r) ** 2],
        ]
    )


def fixed_points(d: float, n: float = 1, *, expanded: bool = False) -> tuple[FixedPoint, FixedPoint]:
    r"""Return the Gaussian and the Wilson–Fisher fixed point.

    With ε = 4 − d and a = ε(n + 2)/(n + 8), the zero of :func:`flow` is

    .. math:: r^* = -\frac{a}{2+a}, \qquad u^* = \frac{\varepsilon (1+r^*)^2}{(n+8)K_d},

    and to leading order in ε, the only order at which one loop is exact, r* = −a/2, u* = ε/[(n + 8)K_4], with
    eigenvalues 2 − a and −ε.

    Parameters
    ----------
    d : float
        Dimension, in (2, 6) for most purposes; a must exceed −2.
    n : float
        Number of field components, above −2.
    expanded : bool
        Leading order in ε instead of the zero of the equations as they stand.

    Returns
    -------
    tuple of FixedPoint
        Gaussian, Wilson–Fisher. The latter has u* < 0 for d > 4. Eigenvalues in decreasing order.

    Examples
    --------
    >>> gaussian, wilson_fisher = fixed_points(3)
    >>> round(wilson_fisher.r, 12) == round(-1 / 7, 12)
    True
    """
    d, n = check_real("d", d, minimum=0.0, strict=True), _check_n(n)
    epsilon = 4 - d
    a = epsilon * (n + 2) / (n + 8)
    gaussian = _fixed_point("Gaussian", 0.0, 0.0, _stability_matrix(0.0, 0.0, d, n))
    if check_bool("expanded", expanded):
        r, u = -a / 2, epsilon / amplitude(4, n)
        mixing = (n + 2) * shell_area(4) * (1 + a / 2)
        matrix = np.array([[2 - a, mixing], [0.0, -epsilon]])
        return gaussian, _fixed_point("Wilson–Fisher", r, u, matrix)
    if a <= -2:
        raise ValueError(f"d must be below {4 + 2 * (n + 8) / (n + 2):g} for n = {n:g}, got {d:g}")
    r = -a / (2 + a)
    u = epsilon * (1 + r) ** 2 / amplitude(d, n)
    return gaussian, _fixed_point("Wilson–Fisher", r, u, _stability_matrix(r, u, d, n))


def _fixed_point(name, r, u, matrix) -> FixedPoint:
    values, vectors = np.linalg.eig(matrix)
    order = np.argsort(values.real)[::-1]
    return FixedPoint(name, float(r), float(u), values.real[order], vectors.real[:, order])


def trajectory(r: float, u: float, d: float, n: float = 1, *, scale: ArrayLike) -> Trajectory:
    """Follow the one-loop flow from a starting point.

    Parameters
    ----------
    r, u : float
        Starting point; −0.99 < r ≤ 10, −1000 ≤ u ≤ 1000.
    d, n : float
        As in :func:`flow`.
    scale : array_like, shape (n_scales,)
        Values of l at which the point is wanted: from 0 up, increasing, or from 0 down, decreasing.

    Returns
    -------
    Trajectory
        It ends early where r reaches −0.99 or 10, or u leaves [−1000, 1000].

    Examples
    --------
    >>> line = trajectory(0.0, 0.0, 3, scale=[0.0, 1.0])
    >>> line.r.tolist(), line.escaped
    ([0.0, 0.0], False)
    """
    r = check_real("r", check_real("r", r, maximum=10.0), minimum=-0.99, strict=True)
    u = check_real("u", u, minimum=-1e3, maximum=1e3)
    area, n = shell_area(d), _check_n(n)
    scale = check_array("scale", scale, ndim=1)
    steps = np.diff(scale)
    if len(scale) < 2 or scale[0] != 0 or not ((steps > 0).all() or (steps < 0).all()):
        raise ValueError("scale must start at 0 and then only increase or only decrease")

    def velocity(_, y):
        return (
            2 * y[0] + (n + 2) * area * y[1] / (1 + y[0]),
            (4 - d) * y[1] - (n + 8) * area * y[1] ** 2 / (1 + y[0]) ** 2,
        )

    def leaves(_, y):
        return min(y[0] + 0.99, 10.0 - y[0], 1e3 - abs(y[1]))

    leaves.terminal, leaves.direction = True, -1  # a start on the edge may move inwards
    found = solve_ivp(
        velocity, (0.0, float(scale[-1])), (r, u), t_eval=scale, events=leaves, rtol=1e-9, atol=1e-12, method="LSODA"
    )
    return Trajectory(found.t, found.y[0], found.y[1], len(found.t) < len(scale))


def potential_flow(slope: ArrayLike, curvature: ArrayLike, potential: ArrayLike, field: ArrayLike, d: float):
    r"""Return the velocity of a whole potential V(φ): the sharp cut-off flow of which :func:`flow` keeps two terms.

    .. math:: \partial_l V = dV - \frac{d-2}{2}\varphi V' + \frac{K_d}{2}\ln(1 + V'')

    (n = 1). With V = ½rφ² + ¼uφ⁴ the φ² and φ⁴ terms of the right side are the flow of r and u.

    Parameters
    ----------
    slope, curvature, potential : array_like
        V′, V″ > −1 and V at the points ``field``.
    field : array_like
        φ.
    d : float
        Dimension, positive.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    ValueError
        If shapes disagree or V″ ≤ −1 somewhere.

    References
    ----------
    .. [1] F. J. Wegner and A. Houghton, Phys. Rev. A 8, 401 (1973).

    Examples
    --------
    >>> potential_flow([0.0], [0.0], [1.0], [0.0], d=3).tolist()
    [3.0]
    """
    arrays = [check_array(k, v) for k, v in zip(("slope", "curvature", "potential", "field"),
                                                (slope, curvature, potential, field), strict=True)]  # fmt: skip
    if len({array.shape for array in arrays}) != 1:
        raise ValueError(f"slope, curvature, potential and field must have one shape, got {[a.shape for a in arrays]}")
    d = check_real("d", d, minimum=0.0, strict=True)
    first, second, value, phi = arrays
    if (second <= -1).any():
        raise ValueError(f"curvature must be above -1 everywhere, got {second.min():g}")
    return d * value - 0.5 * (d - 2) * phi * first + 0.5 * shell_area(d) * np.log1p(second)


def _check_n(n) -> float:
    return check_real("n", n, minimum=-2.0, strict=True)
