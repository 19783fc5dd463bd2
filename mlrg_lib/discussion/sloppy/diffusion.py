"""A walker with short hops, observed after many of them: most of its parameters fade from view."""

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import check_array, check_int

__all__ = ["hop_density", "hop_eigenvalues", "hop_metric"]


def hop_density(rates: ArrayLike, n_steps: int) -> np.ndarray:
    """Return the density of walkers after ``n_steps`` hops: the rates convolved with themselves.

    Parameters
    ----------
    rates : array_like, shape (2R + 1,)
        θ_μ > 0 for hops μ = −R … R. Their sum need not be 1: it multiplies the number of walkers at each step.
    n_steps : int
        t >= 0.

    Returns
    -------
    ndarray of float64, shape (2 R t + 1,)
        ρ_t(x) for x = −R t … R t, from one walker at 0.

    Examples
    --------
    >>> hop_density([0.25, 0.5, 0.25], 2).tolist()
    [0.0625, 0.25, 0.375, 0.25, 0.0625]
    """
    rates, n_steps = _check(rates, n_steps, 0)
    density = np.ones(1)
    for _ in range(n_steps):
        density = np.convolve(density, rates)
    return density


def hop_metric(rates: ArrayLike, n_steps: int) -> np.ndarray:
    """Return the Fisher information of the hopping rates from the positions of many walkers after ``n_steps``.

    Parameters
    ----------
    rates, n_steps
        As in :func:`hop_density`, with ``n_steps`` >= 1.

    Returns
    -------
    ndarray of float64, shape (2R + 1, 2R + 1)
        g_μν = Σ_x ∂_μρ_t(x) ∂_νρ_t(x) / ρ_t(x), per initial walker; walkers arrive independently (Poisson counts).

    Notes
    -----
    ∂_μ ρ_t(x) = t ρ_{t−1}(x − μ). The eigenvalues go as t^(2−n), n = 0, 1, 2, …: the growth of the number of walkers,
    drift, diffusion constant, and then all that the central limit theorem forgets. Take them from
    :func:`hop_eigenvalues`: float64 loses an eigenvalue of this matrix once it is 10⁻¹⁶ of the largest.

    References
    ----------
    B. B. Machta, R. Chachra, M. K. Transtrum and J. P. Sethna, Science 342, 604 (2013).

    Examples
    --------
    After one step each hop is counted by itself, so the metric is diag(1/θ).

    >>> hop_metric([0.25, 0.5, 0.25], 1).round(9).tolist()
    [[4.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 4.0]]
    """
    scaled = _scaled_jacobian(rates, n_steps)
    return scaled.T @ scaled


def hop_eigenvalues(rates: ArrayLike, n_steps: int) -> np.ndarray:
    """Return the eigenvalues of :func:`hop_metric` from the singular values of its square root.

    Parameters
    ----------
    rates, n_steps
        As in :func:`hop_metric`.

    Returns
    -------
    ndarray of float64, shape (2R + 1,)
        Decreasing. Values above about 10⁻²⁶ of the largest are right to a few digits or better: the density is a sum
        of positive terms, so each entry of the root is known to a relative error of order t 10⁻¹⁶.

    Examples
    --------
    >>> hop_eigenvalues([1 / 7] * 7, 1).round(6).tolist()
    [7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0]
    >>> ratio = hop_eigenvalues([1 / 7] * 7, 256) / hop_eigenvalues([1 / 7] * 7, 128)
    >>> np.log2(ratio).round(1).tolist()
    [2.0, 1.0, -0.0, -1.0, -2.0, -3.0, -4.1]
    """
    return np.linalg.svd(_scaled_jacobian(rates, n_steps), compute_uv=False) ** 2


def _scaled_jacobian(rates, n_steps) -> np.ndarray:
    rates, n_steps = _check(rates, n_steps, 1)
    before = hop_density(rates, n_steps - 1)
    after = np.convolve(before, rates)
    keep = after >= 1e-290  # the farthest positions may underflow; they weigh next to nothing and are left out
    jacobian = np.zeros((len(after), len(rates)))
    for hop in range(len(rates)):
        jacobian[hop : hop + len(before), hop] = n_steps * before
    return jacobian[keep] / np.sqrt(after[keep])[:, None]


def _check(rates, n_steps, minimum: int) -> tuple[np.ndarray, int]:
    rates = check_array("rates", rates, ndim=1)
    if len(rates) % 2 == 0 or rates.min() <= 0:
        raise ValueError(f"rates must be an odd number of positive numbers, got {len(rates)} from {rates.min()} up")
    return rates, check_int("n_steps", n_steps, minimum=minimum)
