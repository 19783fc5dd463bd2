"""The quartic coupling of data: score matching of the φ⁴ model to the modes kept."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import check_int
from ...analysis.series import jackknife_error
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
    dimensionless: np.ndarray
    dimensionless_error: np.ndarray
    cutoff: np.ndarray
    density: np.ndarray


def estimate_coupling(
    X: ArrayLike, fractions: ArrayLike | None, *, center: bool = True, standardize: bool = False, n_blocks: int = 20
) -> CouplingEstimate:
    r"""Fit K and g of the φ⁴ model to the principal components kept, by score matching.

    Score matching [1]_ minimizes :math:`\langle\tfrac12|\partial H|^2 - \partial^2 H\rangle` over the data, which
    needs no partition function. H is linear in (K, g), so the minimum is a linear problem: with modes of
    variance c, the rebuilt field ψ, its projected cube f, and :math:`D_{\mu\nu} = \langle f_\mu\tilde\phi_\nu\rangle`,

    .. math::
        g = \frac{L - \operatorname{tr} C^{-1}D}{4\langle|f|^2\rangle - 2Q}, \qquad
        Q = \sum_{\mu\nu} \frac{(D_{\mu\nu}+D_{\nu\mu})^2}{c_\mu+c_\nu}, \qquad
        L = 3\sum_i\langle\psi_i^2\rangle\sum_\mu u_{i\mu}^2 .

    Parameters
    ----------
    X : array_like, shape (n_samples, n_variables)
        One sample a row, in time order if it is a time series; many more samples than modes kept.
    fractions : array_like of float
        Fractions of the variables' number to keep, each in (0, 1].
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
    edges = np.linspace(0, n_samples, n_blocks + 1).astype(int)
    rows = []
    for k in n_modes:
        a, u = scores[:, :k], vectors[:k]
        cube = (a @ u) ** 3 @ u.T
        weights = np.sum(u**2, axis=0)
        laplacian = 3 * (a @ u) ** 2 @ weights
        parts = [slice(edges[b], edges[b + 1]) for b in range(n_blocks)]
        sums = [
            (a[s].T @ a[s], cube[s].T @ a[s], np.sum(cube[s] ** 2), laplacian[s].sum(), a[s].shape[0]) for s in parts
        ]
        total = [sum(column) for column in zip(*sums, strict=True)]
        best = _solve(*total)
        left_out = np.array([_solve(*(t - p for t, p in zip(total, part, strict=True))) for part in sums])
        error = jackknife_error(left_out)
        cutoff, density = _density(eigenvalues, k, n_variables)
        rows.append((best, error, best * density / cutoff, error * density / cutoff, cutoff, density))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return CouplingEstimate(n_modes / n_variables, n_modes, *columns)


def _solve(second, cross, cube_power, laplacian, n_samples) -> float:
    """Score-matching coupling from sums over samples, with K symmetric and otherwise free."""
    variances, turn = np.linalg.eigh(second / n_samples)
    rank = np.count_nonzero(variances > _NO_VARIANCE * variances[-1])
    if rank < len(variances):
        raise ValueError(
            f"X must have variance along every mode kept, in every jackknife part: {len(variances)} modes, rank {rank}"
        )
    d = turn.T @ (cross / n_samples) @ turn
    symmetric = 0.5 * (d + d.T)
    slope = laplacian / n_samples - np.sum(np.diag(d) / variances)
    curvature = 4 * cube_power / n_samples - 8 * np.sum(symmetric**2 / np.add.outer(variances, variances))
    return slope / curvature


def _density(eigenvalues, n_kept, n_variables) -> tuple[float, float]:
    low = max(1, int(0.8 * n_kept))
    rank = np.count_nonzero(eigenvalues > _NO_VARIANCE * eigenvalues[0])
    high = min(rank, max(low + 1, int(np.ceil(1.2 * n_kept))))
    if high == low:
        return 1 / eigenvalues[n_kept - 1], np.nan
    width = 1 / eigenvalues[high - 1] - 1 / eigenvalues[low - 1]
    return 1 / eigenvalues[n_kept - 1], (high - low) / n_variables / width
