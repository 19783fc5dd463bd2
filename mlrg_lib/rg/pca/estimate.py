"""The quartic coupling of data: score matching of the φ⁴ model to the modes kept."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import check_bool, check_int
from ...analysis.series import block_edges, jackknife_error
from .flow import _eigenmodes, _mode_numbers, _prepare

__all__ = ["estimate_coupling"]

_NO_VARIANCE = 1e-10  # part of the largest variance below which a mode has none


@dataclass(frozen=True)
class CouplingEstimate:
    """Quartic couplings fitted to data, one entry per number of modes kept, from most to fewest.

    Attributes
    ----------
    fraction, n_modes : ndarray
        Modes kept, as a fraction of the variables and as a number.
    coupling, error : ndarray of float64
        g of H = ½φKφ + gΣφ⁴ and its standard error, in units of the data to the power −4.
    cubic, cubic_error : ndarray of float64
        h of H = Jφ + ½φKφ + hΣφ³ + gΣφ⁴, to the power −3; NaN where it was not fitted.
    dimensionless, dimensionless_error : ndarray of float64
        g̃ = gρ(Λ)/Λ, free of units, at the cut-off.
    cutoff, density : ndarray of float64
        Λ, the inverse of the smallest variance kept, and the density ρ(Λ) of modes there, per variable; NaN if one mode
        is all there is.
    """

    fraction: np.ndarray
    n_modes: np.ndarray
    coupling: np.ndarray
    error: np.ndarray
    cubic: np.ndarray
    cubic_error: np.ndarray
    dimensionless: np.ndarray
    dimensionless_error: np.ndarray
    cutoff: np.ndarray
    density: np.ndarray


def estimate_coupling(
    X: ArrayLike,
    fractions: ArrayLike | None,
    *,
    cubic: bool = False,
    center: bool = True,
    standardize: bool = False,
    n_blocks: int = 20,
) -> CouplingEstimate:
    r"""Fit K and g of the φ⁴ model to the principal components kept, by score matching.

    Score matching [1]_ minimizes :math:`\langle\tfrac12|\partial H|^2 - \partial^2 H\rangle` over the data, which
    needs no partition function. H is linear in K and in the couplings θ, so the minimum is a linear problem: with modes
    of variance c, the rebuilt field ψ, the forces :math:`f^j_\mu = \sum_i u_{i\mu} k_j\psi_i^{k_j-1}` of the terms
    :math:`\theta_j\sum\psi^{k_j}`, and :math:`D^j_{\mu\nu} = \tfrac12\langle f^j_\mu\tilde\phi_\nu +
    f^j_\nu\tilde\phi_\mu\rangle`,

    .. math::
        \sum_l A_{jl}\theta_l = \langle\nabla\!\cdot\! f^j\rangle - \sum_\mu \frac{D^j_{\mu\mu}}{c_\mu}, \qquad
        A_{jl} = \langle f^j\!\cdot\! f^l\rangle - 2\sum_{\mu\nu} \frac{D^j_{\mu\nu}D^l_{\mu\nu}}{c_\mu+c_\nu} .

    Parameters
    ----------
    X : array_like, shape (n_samples, n_variables)
        One sample a row, in time order if it is a time series; many more samples than modes kept.
    fractions : array_like of float
        Fractions of the variables' number to keep, each in (0, 1].
    cubic : bool
        Fit a cubic coupling as well, and a linear one that keeps the means at zero: for data without the symmetry
        φ → −φ, where the cubic term comes before the quartic one.
    center, standardize : bool
        As in :func:`principal_components`.
    n_blocks : int
        Contiguous blocks of samples, each left out once for the jackknife error; at least 4.

    Returns
    -------
    CouplingEstimate

    Raises
    ------
    ValueError
        If an argument is out of range, fewer than two samples per kept mode are given, or a mode kept has no variance
        (1e-10 of the largest), because variables are copies or sums of each other, say.

    Notes
    -----
    The estimate is consistent for data of a smooth density that the model can produce. A negative g means
    tails heavier than a Gaussian's: eq. 16 with g > 0 cannot produce them, and with g < 0 is no probability at
    all unless a higher term stops it; the number is then a local measure of the departure. The density of
    modes is a difference quotient of the rank over ±20 per cent of the modes kept.

    References
    ----------
    .. [1] A. Hyvärinen, J. Mach. Learn. Res. 6, 695 (2005).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(1).standard_normal((4000, 8))
    >>> fit = estimate_coupling(X, [1.0])
    >>> bool(abs(fit.coupling[0]) < 4 * fit.error[0])
    True
    """
    n_blocks = check_int("n_blocks", n_blocks, minimum=4)
    data = _prepare(X, center, standardize)
    n_samples, n_variables = data.shape
    n_modes = _mode_numbers(fractions, n_variables, n_variables)
    if n_samples < 2 * n_modes[0] * n_blocks / (n_blocks - 1):
        raise ValueError(
            f"X must have at least two samples per mode kept, in every jackknife part: {n_modes[0]} modes, "
            f"{n_samples} samples"
        )
    eigenvalues, vectors = _eigenmodes(data, min(n_samples, n_variables))
    scores = data @ vectors[: n_modes[0]].T
    edges = block_edges(n_samples, n_blocks)
    powers = (4, 3) if check_bool("cubic", cubic) else (4,)
    rows = []
    for k in n_modes:
        sums = [_sums(scores[first:last, :k], vectors[:k], powers) for first, last in pairwise(edges)]
        total = [sum(column) for column in zip(*sums, strict=True)]
        best = _solve(*total)
        left_out = np.array([_solve(*(t - p for t, p in zip(total, part, strict=True))) for part in sums])
        error = jackknife_error(left_out)
        cutoff, density = _density(eigenvalues, k, n_variables)
        third = (best[1], error[1]) if cubic else (np.nan, np.nan)
        scale = density / cutoff
        rows.append((best[0], error[0], *third, best[0] * scale, error[0] * scale, cutoff, density))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return CouplingEstimate(n_modes / n_variables, n_modes, *columns)


def _sums(a, u, powers) -> tuple:
    """Return sums over samples: aa, the forces, forces by a, forces by forces, their divergence; and the samples."""
    field = a @ u
    forces = np.stack([n * field ** (n - 1) @ u.T for n in powers])
    divergence = [n * (n - 1) * np.sum(field ** (n - 2) @ np.sum(u**2, axis=0)) for n in powers]
    products = np.einsum("jtm,ltm->jl", forces, forces)
    return a.T @ a, forces.sum(axis=1), np.swapaxes(forces, 1, 2) @ a, products, np.array(divergence), len(a)


def _solve(second, force, cross, products, divergence, n_samples) -> np.ndarray:
    """Score-matching couplings from sums over samples, with K symmetric and otherwise free."""
    variances, turn = np.linalg.eigh(second / n_samples)
    rank = np.count_nonzero(variances > _NO_VARIANCE * variances[-1])
    if rank < len(variances):
        raise ValueError(
            f"X must have variance along every mode kept, in every jackknife part: {len(variances)} modes, rank {rank}"
        )
    d = turn.T @ (cross / n_samples) @ turn
    d = 0.5 * (d + np.swapaxes(d, 1, 2))
    means = force / n_samples if len(force) > 1 else np.zeros_like(force)  # what the linear term takes away
    matrix = products / n_samples - means @ means.T
    matrix -= 2 * np.einsum("jmn,lmn,mn->jl", d, d, 1 / np.add.outer(variances, variances))
    slope = divergence / n_samples - np.sum(np.diagonal(d, axis1=1, axis2=2) / variances, axis=1)
    return np.linalg.solve(matrix, slope)


def _density(eigenvalues, n_kept, n_variables) -> tuple[float, float]:
    low = max(1, int(0.8 * n_kept))
    rank = np.count_nonzero(eigenvalues > _NO_VARIANCE * eigenvalues[0])
    high = min(rank, max(low + 1, int(np.ceil(1.2 * n_kept))))
    if high == low:
        return 1 / eigenvalues[n_kept - 1], np.nan
    width = 1 / eigenvalues[high - 1] - 1 / eigenvalues[low - 1]
    return 1 / eigenvalues[n_kept - 1], (high - low) / n_variables / width
