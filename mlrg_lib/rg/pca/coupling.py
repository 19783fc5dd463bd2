"""How the quartic coupling changes as modes of large K are integrated out, to one loop."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import check_array, check_bool, check_choice, check_int, check_real

__all__ = [
    "coupling_fixed_point",
    "coupling_flow",
    "coupling_velocity",
    "critical_mass",
    "loop_coefficient",
    "mode_recursion",
]

_LOOP = {"half": 36.0, "essay": 9.0}


@dataclass(frozen=True)
class CouplingFixedPoint:
    """A fixed point.

    Attributes
    ----------
    coupling, mass : float
        g̃* and r̃*.
    eigenvalues : tuple of float
        Of the flow there: the thermal one, and that of the coupling.
    """

    coupling: float
    mass: float
    eigenvalues: tuple[float, float]


@dataclass(frozen=True)
class CouplingFlow:
    """A trajectory.

    Attributes
    ----------
    scale, coupling, mass : ndarray, shape (n_points,)
        t = ln(Λ0/Λ), and the dimensionless g̃ = gρ(Λ)/Λ and r̃ = r/Λ there; of :func:`mode_recursion`, which rescales
        nothing, g and r themselves.
    ordered : bool
        Whether it ended early in the ordered phase, where the modes at the cut-off are unstable.
    """

    scale: np.ndarray
    coupling: np.ndarray
    mass: np.ndarray
    ordered: bool = False


def loop_coefficient(convention: str = "half") -> float:
    """Return B, the coefficient of −g̃² in the flow: 36 for H = ½φKφ + gΣφ⁴, 9 for the essay's φKφ + gΣφ⁴.

    Parameters
    ----------
    convention : {"half", "essay"}
        Whether the quadratic form carries the ½.

    Returns
    -------
    float

    Notes
    -----
    In a constant background φ a mode adds ½ ln(λ + 12gφ²) ("half") or ½ ln(2λ + 12gφ²) ("essay") to H; the
    coefficient of φ⁴ is −36g²/λ² or −9g²/λ² per site and mode.

    Examples
    --------
    >>> loop_coefficient("half"), loop_coefficient("essay")
    (36.0, 9.0)
    """
    return _LOOP[check_choice("convention", convention, tuple(_LOOP))]


def coupling_velocity(coupling: ArrayLike, mass: ArrayLike, alpha: float, *, convention: str = "half"):
    r"""Return the one-loop velocities (dg̃/dt, dr̃/dt) for a spectrum ρ(λ) ∝ λ^(α−1).

    .. math::
        \frac{d\tilde g}{dt} = (2-\alpha)\tilde g - \frac{B\,\tilde g^2}{(1+\tilde r)^2}, \qquad
        \frac{d\tilde r}{dt} = \tilde r + \frac{B}{3}\frac{\tilde g}{1+\tilde r}, \qquad t = \ln(\Lambda_0/\Lambda).

    The essay's eq. 21 lacks the linear term, and then has the fixed point 0 only.

    Parameters
    ----------
    coupling, mass : float or array_like
        g̃ = gρ(Λ)/Λ and r̃ = r/Λ; r̃ > −1.
    alpha : float
        Exponent of the spectrum, positive.
    convention : {"half", "essay"}
        As in :func:`loop_coefficient`.

    Returns
    -------
    tuple of float or ndarray

    Examples
    --------
    >>> coupling_velocity(0.0, 0.25, alpha=1.0)
    (0.0, 0.25)
    """
    loop = loop_coefficient(convention)
    alpha = check_real("alpha", alpha, minimum=0.0)
    g = np.reshape(check_array("coupling", coupling), np.shape(coupling))
    r = np.reshape(check_array("mass", mass), np.shape(mass))
    if (r <= -1).any():
        raise ValueError(f"mass must be above -1 everywhere, or a mode at the cut-off is unstable; got {r.min():g}")
    dg = (2 - alpha) * g - loop * g**2 / (1 + r) ** 2
    dr = r + loop / 3 * g / (1 + r)
    return (float(dg), float(dr)) if np.ndim(dg) == 0 else (dg, dr)


def coupling_fixed_point(alpha: float, *, convention: str = "half", expanded: bool = False) -> CouplingFixedPoint:
    r"""Return the non-trivial fixed point of :func:`coupling_velocity`.

    To leading order in 2 − α, :math:`\tilde g^* = (2-\alpha)/B` — positive and attractive for α < 2: the
    essay's eq. 22 has the sign the other way round.

    Parameters
    ----------
    alpha : float
        Exponent of the spectrum, in [0, 5) (at α = 5 the fixed point runs off to r̃ = −∞).
    convention : {"half", "essay"}
        As in :func:`loop_coefficient`.
    expanded : bool
        Leading order in 2 − α, instead of the zero of the one-loop equations as they stand.

    Returns
    -------
    CouplingFixedPoint

    Notes
    -----
    With a = (2 − α)/3 the zero is r̃* = −a/(1 + a), g̃* = (2 − α)/[B(1 + a)²]. Only its leading order is a
    consistent approximation. α = d/2 and 2t' = t turn it into the momentum-shell fixed point.

    Examples
    --------
    >>> round(coupling_fixed_point(1.5, expanded=True).coupling * 36, 12)
    0.5
    """
    loop = loop_coefficient(convention)
    alpha = check_real("alpha", alpha, minimum=0.0)
    if alpha >= 5:
        raise ValueError(f"alpha must be >= 0 and < 5, got {alpha}")
    gap = 2 - alpha
    if check_bool("expanded", expanded):
        return CouplingFixedPoint(gap / loop, -gap / 3, (1 - gap / 3, -gap))
    a = gap / 3
    r = -a / (1 + a)
    g = gap * (1 + r) ** 2 / loop
    matrix = np.array(
        [
            [1 - loop / 3 * g / (1 + r) ** 2, loop / 3 / (1 + r)],
            [2 * loop * g**2 / (1 + r) ** 3, gap - 2 * loop * g / (1 + r) ** 2],
        ]
    )
    roots = np.sort(np.linalg.eigvals(matrix).real)[::-1]
    return CouplingFixedPoint(g, r, (float(roots[0]), float(roots[1])))


def coupling_flow(
    coupling: float, mass: float, alpha: float, scale: ArrayLike, *, convention: str = "half"
) -> CouplingFlow:
    """Integrate the one-loop flow of (g̃, r̃) for a power-law spectrum.

    Parameters
    ----------
    coupling, mass : float
        g̃ and r̃ at t = 0; g̃ ≥ 0, r̃ > −1.
    alpha : float
        Exponent of the spectrum, positive.
    scale : array_like, shape (n,)
        Increasing values of t = ln(Λ0/Λ) ≥ 0.
    convention : {"half", "essay"}
        As in :func:`loop_coefficient`.

    Returns
    -------
    CouplingFlow
        Shorter than ``scale`` if the trajectory reaches r̃ = −0.999 (the ordered phase) or r̃ = 10⁶.

    Examples
    --------
    >>> import numpy as np
    >>> g, r = 1.0 / 36, -1 / 4
    >>> flow = coupling_flow(coupling_fixed_point(1.0).coupling, r, 1.0, np.linspace(0, 3, 4))
    >>> bool(np.allclose(flow.mass, -0.25, atol=1e-6))
    True
    """
    from scipy.integrate import solve_ivp  # more than half of what importing this package would cost

    coupling = check_real("coupling", coupling, minimum=0.0)
    mass = check_real("mass", mass, minimum=-1.0, strict=True)
    alpha = check_real("alpha", alpha, minimum=0.0)
    loop = loop_coefficient(convention)
    scale = check_array("scale", scale, ndim=1)
    if (np.diff(scale) <= 0).any() or scale[0] < 0:
        raise ValueError("scale must be increasing and start at 0 or above")
    if scale[-1] == 0:
        return CouplingFlow(scale, np.array([coupling]), np.array([mass]))

    def velocity(_, y):
        g, r = y
        return (2 - alpha) * g - loop * g * g / (1 + r) ** 2, r + loop / 3 * g / (1 + r)

    def ordered(_, y):
        return y[1] + 0.999

    def disordered(_, y):
        return y[1] - 1e6

    ordered.terminal = disordered.terminal = True
    solution = solve_ivp(
        velocity, (0.0, float(scale[-1])), (coupling, mass), t_eval=scale, events=(ordered, disordered),
        method="LSODA", rtol=1e-10, atol=1e-12,
    )  # fmt: skip
    return CouplingFlow(solution.t, solution.y[0], solution.y[1], ordered=len(solution.t_events[0]) > 0)


def critical_mass(coupling: float, alpha: float, *, convention: str = "half") -> float:
    """Return the mass r̃ from which the one-loop flow runs neither to r̃ = +∞ nor to the ordered phase.

    Parameters
    ----------
    coupling : float
        g̃ at the start; 0 to 0.5 in units of 36/B.
    alpha : float
        Exponent of the spectrum, in [0, 5).
    convention : {"half", "essay"}
        As in :func:`loop_coefficient`.

    Returns
    -------
    float
        In (−1, 0], to about 1e-7, by bisection on flows over t = 20.

    Examples
    --------
    >>> point = coupling_fixed_point(1.25)
    >>> round(critical_mass(point.coupling, 1.25) - point.mass, 6)
    0.0
    """
    loop = loop_coefficient(convention)
    alpha = check_real("alpha", alpha, minimum=0.0, maximum=5.0)
    coupling = check_real("coupling", coupling, minimum=0.0, maximum=0.5 * 36 / loop)
    low, high = -1.0 + 1e-9, 0.0
    for _ in range(26):
        middle = 0.5 * (low + high)
        end = coupling_flow(coupling, middle, alpha, [0.0, 20.0], convention=convention)
        ordered = end.mass[-1] < 0 if len(end.scale) == 2 else end.ordered
        low, high = (middle, high) if ordered else (low, middle)
    return 0.5 * (low + high)


def mode_recursion(
    eigenvalues: ArrayLike, coupling: float, mass: float = 0.0, *, n_sites: int | None = None, convention: str = "half"
) -> CouplingFlow:
    r"""Integrate out modes one at a time from the top of K: the one-loop recursion for any spectrum.

    .. math::
        r \to r + \frac{B}{3N}\frac{g}{\lambda + r}, \qquad g \to g - \frac{B}{N}\frac{g^2}{(\lambda + r)^2}.

    Parameters
    ----------
    eigenvalues : array_like, shape (n_modes,)
        Eigenvalues of K, in any order.
    coupling, mass : float
        Bare g ≥ 0 and r, not rescaled.
    n_sites : int, optional
        N; the number of eigenvalues by default.
    convention : {"half", "essay"}
        As in :func:`loop_coefficient`.

    Returns
    -------
    CouplingFlow
        Entry k holds g and r (dimensionful) after the k largest eigenvalues are gone, and
        ``scale`` = ln(Λ0/Λ) with Λ the largest eigenvalue left. It ends before the last mode, or where λ + r ≤ 0.

    Examples
    --------
    >>> import numpy as np
    >>> flow = mode_recursion(np.array([1.0, 2.0, 4.0]), coupling=0.01)
    >>> flow.coupling[:2].round(6).tolist()
    [0.01, 0.009925]
    """
    values = np.sort(check_array("eigenvalues", eigenvalues, ndim=1))[::-1]
    g, r = check_real("coupling", coupling, minimum=0.0), check_real("mass", mass)
    n_sites = len(values) if n_sites is None else check_int("n_sites", n_sites, minimum=1)
    loop = loop_coefficient(convention)
    scales, couplings, masses = [], [], []
    for value in values:
        if value <= 0 or value + r <= 0:
            break
        scales.append(np.log(values[0] / value))
        couplings.append(g)
        masses.append(r)
        g, r = g - loop / n_sites * g**2 / (value + r) ** 2, r + loop / (3 * n_sites) * g / (value + r)
    if not scales:
        raise ValueError(f"mass must leave the largest mode stable: largest eigenvalue {values[0]:g} + mass {r:g} <= 0")
    return CouplingFlow(np.array(scales), np.array(couplings), np.array(masses))
