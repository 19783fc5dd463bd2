"""The quartic coupling left when modes of large K are integrated out, measured by Monte Carlo."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import as_generator, check_array, check_int, check_real
from .sampling import hartree_mass, sample_phi4

__all__ = ["measure_coupling"]


@dataclass(frozen=True)
class MeasuredCoupling:
    """Couplings of the slow modes after the fast ones were sampled.

    Attributes
    ----------
    cutoff : ndarray, shape (n_cutoffs,)
        Λ.
    mass, mass_error, coupling, coupling_error : ndarray, shape (n_cutoffs,)
        r(Λ) and g(Λ) with their standard errors.
    chi2, acceptance : ndarray, shape (n_cutoffs,)
        The fit's χ² per degree of freedom, and the sampler's acceptance.
    """

    cutoff: np.ndarray
    mass: np.ndarray
    mass_error: np.ndarray
    coupling: np.ndarray
    coupling_error: np.ndarray
    chi2: np.ndarray
    acceptance: np.ndarray


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
        As in :func:`mlrg_lib.rg.phi4.sample_phi4`.
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
