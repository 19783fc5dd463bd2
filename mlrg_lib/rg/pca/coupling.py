"""How the quartic coupling changes as modes of large K are integrated out: one loop, and by simulation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp

from ..._validation import as_generator, check_array, check_bool, check_choice, check_int, check_real
from .model import hartree_mass, sample_phi4

__all__ = [
    "CouplingFixedPoint",
    "CouplingFlow",
    "MeasuredCoupling",
    "coupling_fixed_point",
    "coupling_flow",
    "coupling_velocity",
    "critical_mass",
    "loop_coefficient",
    "measure_coupling",
    "mode_recursion",
]

_LOOP = {"half": 36.0, "essay": 9.0}


@dataclass(frozen=True)
class CouplingFixedPoint:
    """A fixed point: the coupling g̃*, the mass r̃*, and the eigenvalues (thermal, coupling) of the flow there."""

    coupling: float
    mass: float
    eigenvalues: tuple[float, float]


@dataclass(frozen=True)
class CouplingFlow:
    """A trajectory: ``scale`` t = ln(Λ0/Λ), dimensionless ``coupling`` g̃ = gρ(Λ)/Λ and ``mass`` r̃ = r/Λ.

    ``ordered`` tells that it ended early in the ordered phase, where the modes at the cut-off are unstable.
    """

    scale: np.ndarray
    coupling: np.ndarray
    mass: np.ndarray
    ordered: bool = False


@dataclass(frozen=True)
class MeasuredCoupling:
    """Couplings of the slow modes after the fast ones were sampled; one entry per cut-off.

    ``cutoff`` is Λ, ``mass`` and ``coupling`` are r(Λ) and g(Λ) with their standard errors, ``chi2`` is the
    fit's χ² per degree of freedom and ``acceptance`` the sampler's.
    """

    cutoff: np.ndarray
    mass: np.ndarray
    mass_error: np.ndarray
    coupling: np.ndarray
    coupling_error: np.ndarray
    chi2: np.ndarray
    acceptance: np.ndarray


def loop_coefficient(convention: str = "half") -> float:
    """Return B, the coefficient of −g̃² in the flow: 36 for H = ½φKφ + gΣφ⁴, 9 for the essay's φKφ + gΣφ⁴.

    Parameters
    ----------
    convention : {"half", "essay"}
        Whether the quadratic form carries the ½.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If ``convention`` is not one of the two.

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

    Raises
    ------
    ValueError
        If an argument is out of range.

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

    Raises
    ------
    ValueError
        If an argument is out of range.

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

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> g, r = 1.0 / 36, -1 / 4
    >>> flow = coupling_flow(coupling_fixed_point(1.0).coupling, r, 1.0, np.linspace(0, 3, 4))
    >>> bool(np.allclose(flow.mass, -0.25, atol=1e-6))
    True
    """
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

    Raises
    ------
    ValueError
        If an argument is out of range.

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

    Raises
    ------
    ValueError
        If an argument is out of range.

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


def measure_coupling(
    eigenvalues: ArrayLike,
    modes: ArrayLike,
    coupling: float,
    mass: float,
    cutoffs: ArrayLike,
    *,
    n_samples: int = 20_000,
    n_chains: int = 96,
    n_backgrounds: int = 6,
    reach: float = 0.4,
    n_steps: int = 8,
    rng: np.random.Generator | int | None = None,
) -> MeasuredCoupling:
    r"""Integrate out all modes above a cut-off by Monte Carlo, and read off the couplings of what is left.

    The fast modes σ (λ > Λ) are sampled with the slow ones held at a constant background M. The effective
    potential's slope,

    .. math::
        \frac{V'(M)}{M} = r + \frac{4g}{M}\left\langle\overline{(M+\sigma)^3}\right\rangle
        = r(\Lambda) + 4 g(\Lambda) M^2 + O(M^4),

    is fitted by a cubic in M². Nothing is assumed small.

    Parameters
    ----------
    eigenvalues : array_like, shape (n_modes,)
        Eigenvalues of K.
    modes : array_like, shape (n_modes, n_sites)
        Their modes, one a row; those above the cut-offs must be orthogonal to the constant.
    coupling, mass : float
        Bare g > 0 and r, of H = ½φKφ + ½rφ² + gΣφ⁴.
    cutoffs : array_like, shape (n,)
        Values of Λ, each leaving at least two fast modes.
    n_samples : int
        Configurations per cut-off, shared by the backgrounds.
    n_chains : int
        Chains, a multiple of ``n_backgrounds`` with at least 4 chains each.
    n_backgrounds : int
        Values of M, at least 5; they fill 0 < 12gM² < ``reach`` (Λ + m), m the Hartree mass.
    reach : float
        Largest M, see above; below 1, where the expansion in M² converges.
    n_steps : int
        As in :func:`mlrg_lib.rg.pca.sample_phi4`.
    rng : numpy.random.Generator, int or None
        Source of randomness.

    Returns
    -------
    MeasuredCoupling

    Raises
    ------
    ValueError
        If an argument is out of range, or a fast mode is not orthogonal to the constant.

    Notes
    -----
    Errors come from the scatter between independent chains, after zero-mean combinations of the forces have taken
    out most of the noise. A χ² far above 1 says that terms beyond M⁶ exceed the error: at weak coupling and high
    cut-offs, where the error is below one part in a thousand. r(Λ) excludes the eigenvalue of the constant mode.

    Examples
    --------
    >>> from mlrg_lib.rg.pca import power_law_eigenvalues, ring_modes
    >>> found = measure_coupling(
    ...     power_law_eigenvalues(32, 1.5), ring_modes(32), 0.05, 0.0, [0.5], n_samples=4800, rng=0)
    >>> bool(found.coupling[0] < 0.05)
    True
    """
    values = check_array("eigenvalues", eigenvalues, ndim=1)
    vectors = check_array("modes", modes, ndim=2)
    if len(vectors) != len(values):
        raise ValueError(f"modes must have one row per eigenvalue, got {len(vectors)} rows for {len(values)}")
    coupling = check_real("coupling", coupling, minimum=0.0, strict=True)
    mass = check_real("mass", mass)
    cutoffs = check_array("cutoffs", cutoffs, ndim=1)
    n_samples = check_int("n_samples", n_samples, minimum=1)
    n_backgrounds = check_int("n_backgrounds", n_backgrounds, minimum=5)
    n_chains = check_int("n_chains", n_chains, minimum=4 * n_backgrounds)
    if n_chains % n_backgrounds:
        raise ValueError(f"n_chains must be a multiple of n_backgrounds = {n_backgrounds}, got {n_chains}")
    reach = check_real("reach", reach, minimum=0.0, strict=True)
    generator = as_generator(rng)
    rows = []
    for cutoff in cutoffs:
        fast = values > cutoff
        if fast.sum() < 2:
            raise ValueError(f"cutoffs must leave at least two eigenvalues above, but {cutoff:g} leaves {fast.sum()}")
        if np.abs(vectors[fast].sum(axis=1)).max() > 1e-6 * np.sqrt(vectors.shape[1]):
            raise ValueError("modes above the cut-offs must be orthogonal to the constant mode")
        dressed = hartree_mass(values[fast], coupling, mass, n_sites=vectors.shape[1])
        largest = reach * (cutoff + max(dressed, -0.5 * cutoff)) / (12 * coupling)
        nodes = np.sin(0.5 * np.pi * (np.arange(n_backgrounds) + 1) / n_backgrounds) ** 2  # dense at both ends
        backgrounds = np.sqrt(largest * np.maximum(nodes, 0.04))
        shifts = np.tile(backgrounds, n_chains // n_backgrounds)
        sample = sample_phi4(
            values[fast], vectors[fast], coupling, mass, n_samples=n_samples, background=shifts,
            n_chains=n_chains, n_steps=n_steps, rng=generator,
        )  # fmt: skip
        slopes = _slopes(sample, vectors[fast], values[fast] + dressed, coupling, mass)
        rows.append((cutoff, *_fit_potential(backgrounds, slopes.reshape(-1, n_backgrounds)), sample.acceptance))
    return MeasuredCoupling(*(np.array(column) for column in zip(*rows, strict=True)))


def _slopes(sample, vectors, stiffness, coupling, mass):
    """Estimate V'(M)/M for each chain, with the control variates div(v) - v·∂H of three vector fields v."""
    shifts = sample.background
    n_chains, n_sites = len(shifts), vectors.shape[1]
    field, smooth = sample.fields, (sample.gradients / stiffness) @ vectors
    propagator = np.sum(vectors**2 / stiffness[:, None], axis=0)
    total = field + np.tile(shifts, len(field) // n_chains)[:, None]
    observed = mass + 4 * coupling * np.mean(total**3, axis=1) / np.tile(shifts, len(field) // n_chains)
    controls = np.stack(
        [
            np.mean(field * smooth, axis=1) - propagator.sum() / n_sites,
            np.mean(field**2 * smooth - 2 * field * propagator, axis=1),
            np.mean(field**3 * smooth - 3 * field**2 * propagator, axis=1),
        ]
    ).reshape(3, -1, n_chains)
    observed = observed.reshape(-1, n_chains)
    slopes = np.empty(n_chains)
    for shift in np.unique(shifts):
        group = shifts == shift
        z = controls[:, :, group].reshape(3, -1)
        y = observed[:, group].ravel()
        weights = np.linalg.lstsq(z @ z.T, z @ (y - y.mean()), rcond=1e-12)[0]
        slopes[group] = np.mean(observed[:, group] - np.tensordot(weights, controls[:, :, group], axes=1), axis=0)
    return slopes


def _fit_potential(backgrounds, slopes):
    """Fit slope/M = r + 4 g M² + c M⁴ + e M⁶ to chains (rows) at each background; return r, g, errors, χ²/dof."""
    means = slopes.mean(axis=0)
    errors = slopes.std(axis=0, ddof=1) / np.sqrt(len(slopes))
    unit = backgrounds[-1] ** 2
    design = np.vander(backgrounds**2 / unit, 4, increasing=True) / errors[:, None]
    covariance = np.linalg.inv(design.T @ design)
    solution = covariance @ design.T @ (means / errors)
    chi2 = np.sum((design @ solution - means / errors) ** 2) / (len(backgrounds) - 4)
    sigma = np.sqrt(np.diag(covariance))
    return solution[0], sigma[0], solution[1] / (4 * unit), sigma[1] / (4 * unit), chi2
