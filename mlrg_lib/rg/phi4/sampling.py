"""The φ⁴ model of data, sampled exactly: its modes by hybrid Monte Carlo that turns the Gaussian part by hand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from ..._kernels.phi4 import quartic_energy, quartic_force
from ..._validation import as_generator, check_array, check_int, check_real

__all__ = ["hartree_mass", "sample_phi4"]


@dataclass(frozen=True)
class Phi4Sample:
    """Samples of the φ⁴ model and the diagnostics that say whether to believe them.

    Attributes
    ----------
    fields : ndarray of float64, shape (n_samples, n_sites)
        Without the background. Sample s belongs to chain s % n_chains.
    amplitudes : ndarray of float64, shape (n_samples, n_modes)
        The same configurations in the basis of the modes.
    gradients : ndarray of float64, shape (n_samples, n_modes)
        ∂H/∂φ̃, which makes zero-mean control variates.
    background : ndarray of float64, shape (n_chains,)
        The constant field M that each chain felt.
    acceptance : float
        Part of the trajectories accepted.
    creutz, creutz_error : float
        Mean of exp(−ΔH), 1 for a correct integrator in equilibrium, and its standard error.
    virial, virial_error : float
        Mean of φ·∂H/∂φ over the number of modes, exactly 1 in equilibrium, and its standard error.
    rhat : float
        Largest Gelman–Rubin ratio of the modes' variances-of-squares between and within chains; near 1.
    """

    fields: np.ndarray
    amplitudes: np.ndarray
    gradients: np.ndarray
    background: np.ndarray
    acceptance: float
    creutz: float
    creutz_error: float
    virial: float
    virial_error: float
    rhat: float


def hartree_mass(eigenvalues: ArrayLike, coupling: float, mass: float = 0.0, *, n_sites: int | None = None) -> float:
    r"""Solve the self-consistent (Hartree) equation for the mass of the modes.

    .. math:: m = r + \frac{12 g}{N} \sum_\mu \frac{1}{\lambda_\mu + m}, \qquad m > -\lambda_{\min}.

    Parameters
    ----------
    eigenvalues : array_like, shape (n_modes,)
        Eigenvalues of K.
    coupling : float
        g, positive or zero.
    mass : float
        r.
    n_sites : int, optional
        N; the number of modes by default.

    Returns
    -------
    float
        m, the mass that the sampler integrates exactly; at g = 0 it is r.

    Raises
    ------
    ValueError
        If g is negative, or g is zero and r leaves a mode unstable.

    Examples
    --------
    >>> round(hartree_mass([1.0], coupling=0.5), 6)
    2.0
    """
    values = check_array("eigenvalues", eigenvalues, ndim=1)
    coupling = check_real("coupling", coupling, minimum=0.0)
    mass = check_real("mass", mass)
    n_sites = len(values) if n_sites is None else check_int("n_sites", n_sites, minimum=1)
    lowest = -values.min()
    if coupling == 0.0:
        if mass <= lowest:
            raise ValueError(f"mass must exceed {lowest:g} when coupling is zero, or a mode is unstable; got {mass:g}")
        return mass

    def excess(m):
        return m - mass - 12 * coupling / n_sites * np.sum(1 / (values + m))

    scale = max(1.0, abs(mass), values.max(), coupling)
    low, high = lowest + 1e-12 * scale, lowest + scale
    while excess(high) < 0:
        high = lowest + 2 * (high - lowest)
    return float(brentq(excess, low, high, xtol=1e-13 * scale))


def sample_phi4(
    eigenvalues: ArrayLike,
    modes: ArrayLike,
    coupling: float,
    mass: float = 0.0,
    *,
    n_samples: int,
    background: ArrayLike = 0.0,
    n_chains: int = 64,
    burn_in: int = 50,
    thin: int = 1,
    n_steps: int = 8,
    rng: np.random.Generator | int | None = None,
) -> Phi4Sample:
    r"""Sample the φ⁴ model with a chosen spectrum, or some of its modes in a constant background.

    .. math::
        P(\tilde\phi) \propto e^{-H}, \quad
        H = \tfrac12\sum_\mu (\lambda_\mu + r)\tilde\phi_\mu^2 + g\sum_i (\phi_i + M)^4, \quad
        \phi_i = \sum_\mu \tilde\phi_\mu u_{\mu i}.

    Parameters
    ----------
    eigenvalues : array_like, shape (n_modes,)
        Eigenvalues λ of K. Any sign, if g > 0.
    modes : array_like, shape (n_modes, n_sites)
        Orthonormal modes u, one a row; all of them, or those that are integrated over.
    coupling : float
        g ≥ 0. The essay's H (no ½) is this one with eigenvalues doubled.
    mass : float
        r, added to every eigenvalue.
    n_samples : int
        Number of configurations, rounded up to whole rounds of ``n_chains``.
    background : float or array_like, shape (n_chains,)
        M, one value or one for each chain.
    n_chains : int
        Independent chains, at least 2.
    burn_in : int
        Trajectories discarded, after a start from the Gaussian of the Hartree mass.
    thin : int
        Trajectories per sample kept.
    n_steps : int
        Kicks per trajectory; raise it if ``acceptance`` is low.
    rng : numpy.random.Generator, int or None
        Source of randomness.

    Returns
    -------
    Phi4Sample

    Raises
    ------
    ValueError
        If shapes disagree, the modes are not orthonormal, g < 0, or the Gaussian model is unstable.

    Notes
    -----
    Hybrid Monte Carlo [1]_ with the kinetic masses λ + m, m from :func:`hartree_mass`: the Gaussian part of
    every mode then turns at the same unit frequency and is integrated exactly, only the rest is split off in
    kicks [2]_, and a trajectory lasts a quarter turn (jittered by 20 per cent): at g = 0 samples are
    nearly independent and acceptance is 1. Every eighth trajectory has steps a quarter as long, which frees chains
    from places where the kicks are violent. A trajectory costs 2 ``n_steps`` matrix products.

    References
    ----------
    .. [1] S. Duane, A. D. Kennedy, B. J. Pendleton and D. Roweth, Phys. Lett. B 195, 216 (1987).
    .. [2] B. Shahbaba, S. Lan, W. O. Johnson and R. M. Neal, Stat. Comput. 24, 339 (2014).

    Examples
    --------
    >>> import numpy as np
    >>> sample = sample_phi4(np.ones(8), np.eye(8), coupling=0.1, n_samples=640, rng=0)
    >>> sample.fields.shape, sample.acceptance > 0.9
    ((640, 8), True)
    """
    values = check_array("eigenvalues", eigenvalues, ndim=1)
    vectors = check_array("modes", modes, ndim=2)
    if vectors.shape[0] != len(values):
        raise ValueError(f"modes must have one row per eigenvalue, {len(values)}, got shape {vectors.shape}")
    if np.abs(vectors @ vectors.T - np.eye(len(values))).max() > 1e-8:
        raise ValueError("modes must be orthonormal rows: modes @ modes.T differs from the identity by more than 1e-8")
    n_sites = vectors.shape[1]
    reference_mass = hartree_mass(values, coupling, mass, n_sites=n_sites)
    n_samples = check_int("n_samples", n_samples, minimum=1)
    n_chains = check_int("n_chains", n_chains, minimum=2)
    burn_in = check_int("burn_in", burn_in, minimum=0)
    thin = check_int("thin", thin, minimum=1)
    n_steps = check_int("n_steps", n_steps, minimum=1)
    shifts = check_array("background", background, ndim=(0, 1))
    if shifts.size != 1 and len(shifts) != n_chains:
        raise ValueError(f"background must be a number or have shape ({n_chains},), got shape {shifts.shape}")
    shifts = np.broadcast_to(shifts.ravel(), (n_chains,)).copy()
    generator = as_generator(rng)
    stiffness = values + reference_mass
    chain = _Chain(vectors, stiffness, float(coupling), float(mass) - reference_mass, shifts, n_steps, generator)
    for k in range(burn_in):
        chain.trajectory(min(1.0, 0.05 + 2.0 * k / burn_in))  # short steps first: a start may be far out on one site
    chain.reset()
    n_rounds = -(-n_samples // n_chains)
    amplitudes = np.empty((n_rounds, n_chains, len(values)))
    gradients = np.empty_like(amplitudes)
    for kept in range(n_rounds):
        for k in range(kept * thin, (kept + 1) * thin):
            chain.trajectory(0.25 if k % 8 == 7 else 1.0)
        amplitudes[kept] = chain.amplitudes
        gradients[kept] = stiffness * chain.amplitudes - chain.force
    weights = np.concatenate(chain.weights)
    virial = np.mean(amplitudes * gradients, axis=(0, 2))
    flat = amplitudes.reshape(-1, len(values))
    return Phi4Sample(
        fields=flat @ vectors,
        amplitudes=flat,
        gradients=gradients.reshape(-1, len(values)),
        background=shifts,
        acceptance=chain.n_accepted / len(weights),
        creutz=float(weights.mean()),
        creutz_error=float(weights.std() / np.sqrt(len(weights))),
        virial=float(virial.mean()),
        virial_error=float(virial.std(ddof=1) / np.sqrt(n_chains)),
        rhat=_rhat(amplitudes**2, shifts),
    )


class _Chain:
    """A batch of hybrid Monte Carlo chains; ``force`` is minus the gradient of what is not the reference Gaussian."""

    def __init__(self, vectors, stiffness, coupling, mass, shifts, n_steps, generator):
        self.vectors, self.stiffness, self.n_steps, self.generator = vectors, stiffness, n_steps, generator
        self.coupling, self.mass, self.shifts = coupling, mass, shifts
        self.root = np.sqrt(stiffness)
        self.amplitudes = generator.standard_normal((len(shifts), len(stiffness))) / self.root
        self.site_force = np.empty((len(shifts), vectors.shape[1]))
        self.force, self.energy = self._evaluate(self.amplitudes)
        self.reset()

    def reset(self):
        self.weights, self.n_accepted = [], 0

    def _evaluate(self, amplitudes):
        field = amplitudes @ self.vectors
        quartic_force(self.site_force, field, self.shifts, self.coupling, self.mass)
        energy = np.empty(len(self.shifts))
        quartic_energy(energy, field, self.shifts, self.coupling, self.mass)
        energy += 0.5 * np.sum(self.stiffness * amplitudes**2, axis=1)
        return self.site_force @ self.vectors.T, energy

    @np.errstate(over="ignore", invalid="ignore")  # a trajectory that runs away is rejected
    def trajectory(self, pace):
        a, force = self.amplitudes, self.force
        momentum = self.generator.standard_normal(a.shape) * self.root
        start = self.energy + 0.5 * np.sum(momentum**2 / self.stiffness, axis=1)
        step = pace * 0.5 * np.pi / self.n_steps * self.generator.uniform(0.8, 1.2)
        cosine, sine = np.cos(step), np.sin(step)
        for _ in range(self.n_steps):
            momentum = momentum + 0.5 * step * force
            a, momentum = (
                a * cosine + momentum * (sine / self.stiffness),
                momentum * cosine - a * (sine * self.stiffness),
            )
            force, energy = self._evaluate(a)
            momentum += 0.5 * step * force
        change = energy + 0.5 * np.sum(momentum**2 / self.stiffness, axis=1) - start
        weight = np.where(np.isfinite(change), np.exp(np.minimum(-change, 50.0)), 0.0)
        accepted = self.generator.random(len(weight)) < weight
        self.amplitudes = np.where(accepted[:, None], a, self.amplitudes)
        self.force = np.where(accepted[:, None], force, self.force)
        self.energy = np.where(accepted, energy, self.energy)
        self.weights.append(weight)
        self.n_accepted += int(accepted.sum())


def _rhat(squares, shifts) -> float:
    """Gelman–Rubin ratio of mode powers, for chains that share a background; 1 if there is nothing to compare."""
    worst = 1.0
    for shift in np.unique(shifts):
        group = squares[:, shifts == shift]
        n_rounds, n_group = group.shape[:2]
        if n_rounds < 4 or n_group < 2:
            continue
        within = group.var(axis=0, ddof=1).mean(axis=0)
        between = group.mean(axis=0).var(axis=0, ddof=1)
        worst = max(worst, float(np.sqrt((n_rounds - 1) / n_rounds + between / within).max()))
    return worst
