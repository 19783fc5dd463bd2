"""How the powers of modes vary together: what tells a quartic coupling from a shared gain."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import check_int
from ...analysis.series import Estimate, block_edges, jackknife_error
from .flow import _check_modes, _eigenmodes, _prepare

__all__ = ["power_correlations"]


@dataclass(frozen=True)
class PowerCorrelations:
    r"""How the squared amplitudes of the modes kept vary together; a pair of floats is a value with its error.

    Attributes
    ----------
    matrix : ndarray of float64, shape (n_modes, n_modes)
        :math:`C_{\mu\nu} = \operatorname{cov}(a_\mu^2, a_\nu^2)/(\langle a_\mu^2\rangle\langle a_\nu^2\rangle)`; the
        diagonal is 2 for a Gaussian.
    variances : ndarray of float64, shape (n_modes,)
        ⟨a²⟩, in the order of the modes: largest first if they are the principal components.
    softest : tuple of float
        C₁, the mean of :math:`C_{1\nu}` over the other modes kept: negative where modes compete for power, positive
        where something raises the power of all.
    others : tuple of float
        C̄, the mean of :math:`C_{\mu\nu}` over pairs without the first mode.
    contrast : tuple of float
        D = ln[(1 + C₁)/(1 + C̄)]. A gain that all modes share multiplies both by the same factor and leaves D alone.
    kurtosis : tuple of float
        ⟨a₁⁴⟩/⟨a₁²⟩² of the first mode: 3 for a Gaussian, and never below 3 for a Gaussian with a fluctuating gain that
        is independent of it.
    skew : tuple of float
        S₁, the mean over the other modes of cov(a₁, a²)/(⟨a₁²⟩^½ ⟨a²⟩): zero where φ → −φ is a symmetry. The sign is
        that of variables which rise with a₁: its loadings add up to a positive number.
    share : tuple of float
        3V/(M₄ − 3), with V the mean of :math:`C_{\mu\nu}` over all pairs, weighted with the product of their variances,
        and M₄ the median over variables, rebuilt from the modes kept, of ⟨ψ⁴⟩/⟨ψ²⟩². It is 1 where one shared gain
        makes the whole excess of the fourth moment, and means nothing where there is no excess.
    """

    matrix: np.ndarray
    variances: np.ndarray
    softest: Estimate
    others: Estimate
    contrast: Estimate
    kurtosis: Estimate
    skew: Estimate
    share: Estimate


def power_correlations(
    X: ArrayLike,
    n_modes: int = 12,
    *,
    modes: ArrayLike | None = None,
    center: bool = True,
    standardize: bool = False,
    n_blocks: int = 20,
) -> PowerCorrelations:
    r"""Measure how the powers of the softest modes vary together.

    To first order in a quartic coupling, a pair of modes of variances c has

    .. math:: C_{\mu\nu} = -24\, g\, c_\mu c_\nu \sum_i u_{i\mu}^2 u_{i\nu}^2 \qquad
        (H = \tfrac12\phi K\phi + g\textstyle\sum\phi^4),

    so a positive coupling makes modes compete, and the softest, whose variance is largest, most of all. A Gaussian
    multiplied by one gain s has :math:`C = \langle s^4\rangle/\langle s^2\rangle^2 - 1` for every pair.

    Parameters
    ----------
    X : array_like, shape (n_samples, n_variables)
        One sample a row, in time order if it is a time series.
    n_modes : int
        Modes of largest variance that are kept, 3 or more.
    modes : array_like, shape (n_modes or more, n_variables), optional
        Orthonormal modes, softest first, used instead of the principal components.
    center, standardize : bool
        As in :func:`principal_components`.
    n_blocks : int
        Contiguous blocks of samples, each left out once for the jackknife errors, with components computed anew; at
        least 4. A block must be longer than the correlation time, also of a slow gain.

    Returns
    -------
    PowerCorrelations

    Raises
    ------
    ValueError
        If an argument is out of range, more modes are asked for than the data have, or a variable is constant, in the
        data or with a block left out.

    Notes
    -----
    The fourth cumulant that a quartic term makes is −24 g Σφφφφ to first order [1]_; C is that cumulant of two modes,
    each twice, over their variances, since principal components are uncorrelated. With strong coupling the first mode
    stays negative, but the others need not: where the first is small, all others are large. Gains that modes do not
    share move D as well, so D < 0 alone does not prove a coupling. C₁ < 0 no Gaussian with gains can have, as long as
    these do not fall where others rise; variables that are bounded, or static functions of Gaussian ones, can. Counts
    whose rate is what is coupled can have D ≥ 0 in spite of the coupling.

    References
    ----------
    .. [1] M. Le Bellac, Quantum and Statistical Field Theory (Oxford University Press, 1991).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> gain = np.exp(0.3 * rng.standard_normal((4000, 1)))
    >>> found = power_correlations(gain * rng.standard_normal((4000, 20)) * np.arange(20, 0, -1), 6)
    >>> bool(found.softest.value > 0.2), bool(abs(found.contrast.value) < 4 * found.contrast.error)
    (True, True)
    """
    n_modes, n_blocks = check_int("n_modes", n_modes, minimum=3), check_int("n_blocks", n_blocks, minimum=4)
    data = _prepare(X, center, False)
    n_samples, n_variables = data.shape
    given = None if modes is None else _check_modes(modes, n_variables)
    available = min(n_samples - -(-n_samples // n_blocks), n_variables) if given is None else len(given)
    if n_modes > available:
        raise ValueError(f"n_modes must be at most {available} for these data, got {n_modes}")
    if n_samples < 2 * n_blocks:
        raise ValueError(f"X must have at least 2 * n_blocks = {2 * n_blocks} samples, got {n_samples}")
    full, matrix, variances = _measure(data, n_modes, given, center, standardize)
    parts = (np.delete(data, np.s_[first:last], axis=0) for first, last in pairwise(block_edges(n_samples, n_blocks)))
    errors = jackknife_error(np.array([_measure(part, n_modes, given, center, standardize)[0] for part in parts]))
    return PowerCorrelations(matrix, variances, *map(Estimate, full.tolist(), errors.tolist()))


def _measure(X, n_modes, modes, center, standardize) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return C₁, C̄, D, kurtosis, S₁ and the share; the matrix; the variances."""
    data = _prepare(X, center, standardize)
    vectors = (_eigenmodes(data, min(data.shape))[1] if modes is None else modes)[:n_modes]
    vectors = vectors * np.where(vectors.sum(axis=1) < 0, -1, 1)[:, None]
    amplitudes = data @ vectors.T
    power = amplitudes**2
    variances = power.mean(axis=0)
    if variances.min() <= 1e-10 * variances[0]:
        raise ValueError(f"n_modes must be at most {(variances > 1e-10 * variances[0]).sum()}: no more have variance")
    power /= variances
    matrix = power.T @ power / len(power) - 1
    pair = ~np.eye(n_modes, dtype=bool)
    first, others = matrix[0, 1:].mean(), matrix[1:, 1:][pair[1:, 1:]].mean()
    skew = np.mean(amplitudes[:, 0] @ power[:, 1:]) / len(power) / np.sqrt(variances[0])
    shared = np.average(matrix[pair], weights=np.outer(variances, variances)[pair])
    squares = (amplitudes @ vectors[:, vectors.any(axis=0)]) ** 2
    fourth = np.median(np.mean(squares**2, axis=0) / np.mean(squares, axis=0) ** 2)
    contrast = np.log((1 + first) / (1 + others))
    return np.array([first, others, contrast, 1 + matrix[0, 0], skew, 3 * shared / (fourth - 3)]), matrix, variances
