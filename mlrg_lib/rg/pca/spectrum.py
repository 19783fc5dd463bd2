"""Spectra of the kernel K: power laws, their modes, their exponents, and the spectrum of pure noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import as_generator, check_array, check_int, check_real

__all__ = [
    "haar_modes",
    "marchenko_pastur_density",
    "marchenko_pastur_edges",
    "power_law_eigenvalues",
    "ring_modes",
    "spectral_exponent",
]


@dataclass(frozen=True)
class SpectralExponent:
    """The exponent of ρ(λ) ∝ λ^(α−1).

    Attributes
    ----------
    alpha, error : float
        The exponent and its standard error.
    n_eigenvalues : int
        How many entered the fit.
    """

    alpha: float
    error: float
    n_eigenvalues: int


def power_law_eigenvalues(n_modes: int, alpha: float, cutoff: float = 1.0) -> np.ndarray:
    r"""Return the eigenvalues of a translation-invariant ring whose density is an exact power law.

    .. math:: \lambda_q = \Lambda_0 (2|q|/N)^{1/\alpha}, \quad q = 0, \pm1, \dots, \qquad
        \rho(\lambda) = \frac{\alpha}{\Lambda_0} (\lambda/\Lambda_0)^{\alpha-1}.

    Parameters
    ----------
    n_modes : int
        Number of sites of the ring, at least 2.
    alpha : float
        Exponent of the density, positive; α = d/2 mimics d-dimensional space.
    cutoff : float
        Largest eigenvalue Λ0, positive (reached exactly when ``n_modes`` is even).

    Returns
    -------
    ndarray of float64, shape (n_modes,)
        In increasing order, matching the rows of :func:`ring_modes`: 0, then pairs.

    Examples
    --------
    >>> power_law_eigenvalues(8, alpha=0.5).tolist()
    [0.0, 0.0625, 0.0625, 0.25, 0.25, 0.5625, 0.5625, 1.0]
    """
    n_modes = check_int("n_modes", n_modes, minimum=2)
    alpha = check_real("alpha", alpha, minimum=0.0, strict=True)
    cutoff = check_real("cutoff", cutoff, minimum=0.0, strict=True)
    wave_number = (np.arange(n_modes) + 1) // 2
    return cutoff * (2 * wave_number / n_modes) ** (1 / alpha)


def ring_modes(n_sites: int) -> np.ndarray:
    """Return the real Fourier modes of a ring, one orthonormal mode a row, in order of increasing wave number.

    Parameters
    ----------
    n_sites : int
        Number of sites, at least 2.

    Returns
    -------
    ndarray of float64, shape (n_sites, n_sites)
        The constant; then cosine and sine for each wave number; the alternating mode last if ``n_sites`` is even.

    Examples
    --------
    >>> import numpy as np
    >>> modes = ring_modes(6)
    >>> bool(np.allclose(modes @ modes.T, np.eye(6)))
    True
    """
    n_sites = check_int("n_sites", n_sites, minimum=2)
    wave_number = (np.arange(n_sites) + 1) // 2
    phase = 2 * np.pi * np.outer(wave_number, np.arange(n_sites)) / n_sites
    rows = np.where((np.arange(n_sites) % 2 == 0)[:, None], np.sin(phase), np.cos(phase))
    rows[0] = 1.0
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def haar_modes(n_sites: int, *, rng: np.random.Generator | int | None = None) -> np.ndarray:
    """Return modes drawn uniformly from the orthogonal group, one a row: a spectrum without a geometry.

    Parameters
    ----------
    n_sites : int
        Number of sites, at least 2.
    rng : numpy.random.Generator, int or None
        Source of randomness.

    Returns
    -------
    ndarray of float64, shape (n_sites, n_sites)

    Examples
    --------
    >>> import numpy as np
    >>> modes = haar_modes(5, rng=0)
    >>> bool(np.allclose(modes @ modes.T, np.eye(5)))
    True
    """
    n_sites = check_int("n_sites", n_sites, minimum=2)
    q, r = np.linalg.qr(as_generator(rng).standard_normal((n_sites, n_sites)))
    return np.ascontiguousarray((q * np.sign(np.diag(r))).T)


def spectral_exponent(
    eigenvalues: ArrayLike, *, smallest: float | None = None, largest: float | None = None, of: str = "precision"
) -> SpectralExponent:
    r"""Estimate the exponent α of the density ρ(λ) ∝ λ^(α−1) of the eigenvalues of K at its lower end.

    Maximum likelihood for a power law truncated to the window ``smallest`` < λ ≤ ``largest``.

    Parameters
    ----------
    eigenvalues : array_like, shape (n,)
        Eigenvalues of K or, with ``of="covariance"``, of the covariance matrix C, whose inverses are taken:
        a rank plot λ_C ∝ rank^(−s) has α = 1/s.
    smallest, largest : float, optional
        Window, in units of the eigenvalues of K. By default all positive ones.
    of : {"precision", "covariance"}
        What the eigenvalues belong to.

    Returns
    -------
    SpectralExponent
        The error is the one of independent draws, and too large for regular spectra, whose levels repel.

    Raises
    ------
    ValueError
        If fewer than three eigenvalues lie in the window or they are all equal.

    Notes
    -----
    With x = ln(λ/largest) the likelihood is an exponential truncated at the window's width w, and α solves
    mean(x) = −1/α + w/(exp(αw) − 1), of which every real α, also α ≤ 0, is allowed (a spectrum uniform in
    ln λ, as of sloppy models, has α = 0). Near the edges of a Marchenko–Pastur bulk the fit means nothing.

    Examples
    --------
    >>> fit = spectral_exponent(power_law_eigenvalues(4000, alpha=1.25))
    >>> round(fit.alpha, 2)
    1.25
    """
    values = check_array("eigenvalues", eigenvalues, ndim=1)
    if of not in ("precision", "covariance"):
        raise ValueError(f"of must be one of 'precision', 'covariance', got {of!r}")
    values = values[values > 0]
    if of == "covariance":
        values = 1.0 / values
    if smallest is not None:
        values = values[values > check_real("smallest", smallest, minimum=0.0)]
    if largest is not None:
        values = values[values <= check_real("largest", largest, minimum=0.0, strict=True)]
    if len(values) < 3 or values.min() == values.max():
        raise ValueError(f"eigenvalues must have at least 3 unequal positive values in the window, got {len(values)}")
    top = values.max() if largest is None else largest
    logs = np.log(values / top)
    bottom = smallest or values.min()
    width = np.log(top / bottom)
    alpha = _truncated_exponential(logs.mean(), width)
    information = (
        1 / alpha**2 - width**2 / (4 * np.sinh(alpha * width / 2) ** 2)
        if abs(alpha * width) > 1e-3
        else (width**2 / 12)
    )
    return SpectralExponent(float(alpha), float(1 / np.sqrt(len(values) * information)), len(values))


def _truncated_exponential(mean, width) -> float:
    low, high = -1.0, 1.0
    while _mean_log(low, width) > mean:
        low *= 2
    while _mean_log(high, width) < mean:
        high *= 2
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _mean_log(middle, width) < mean else (low, middle)
    return 0.5 * (low + high)


def _mean_log(alpha, width) -> float:
    """Mean of ln(λ/largest) for the truncated power law; −width/2 + alpha width²/12 near alpha = 0."""
    scaled = alpha * width
    if abs(scaled) < 1e-4:
        return width * (-0.5 + scaled / 12)
    if scaled > 500:
        return -1 / alpha
    return -1 / alpha + width / np.expm1(scaled)


def marchenko_pastur_edges(n_variables: int, n_samples: int, variance: float = 1.0) -> tuple[float, float]:
    r"""Return the edges of the spectrum of a sample covariance of independent variables.

    .. math:: \lambda_\pm = \sigma^2 \left(1 \pm \sqrt{m/n}\right)^2

    Parameters
    ----------
    n_variables, n_samples : int
        m and n, at least 1.
    variance : float
        σ², positive.

    Returns
    -------
    tuple of float
        Lower and upper edge. For m > n there are m − n zero eigenvalues besides.

    References
    ----------
    .. [1] V. A. Marchenko and L. A. Pastur, Math. USSR-Sb. 1, 457 (1967).

    Examples
    --------
    >>> marchenko_pastur_edges(250, 1000)
    (0.25, 2.25)
    """
    ratio = np.sqrt(check_int("n_variables", n_variables, minimum=1) / check_int("n_samples", n_samples, minimum=1))
    variance = check_real("variance", variance, minimum=0.0, strict=True)
    return float(variance * (1 - ratio) ** 2), float(variance * (1 + ratio) ** 2)


def marchenko_pastur_density(
    eigenvalues: ArrayLike, n_variables: int, n_samples: int, variance: float = 1.0
) -> np.ndarray:
    r"""Return the density of the non-zero eigenvalues of a sample covariance of independent variables.

    .. math:: p(\lambda) = \frac{\sqrt{(\lambda_+-\lambda)(\lambda-\lambda_-)}}{2\pi\sigma^2 (m/n) \lambda}

    Parameters
    ----------
    eigenvalues : array_like
        Where to evaluate; the density is zero outside the edges.
    n_variables, n_samples, variance
        As in :func:`marchenko_pastur_edges`.

    Returns
    -------
    ndarray of float64
        Its integral is 1 for m ≤ n and n/m otherwise.

    Examples
    --------
    >>> marchenko_pastur_density([0.1, 1.0, 3.0], 250, 1000).round(4).tolist()
    [0.0, 0.6164, 0.0]
    """
    lower, upper = marchenko_pastur_edges(n_variables, n_samples, variance)
    values = check_array("eigenvalues", eigenvalues).reshape(np.shape(eigenvalues))
    inside = (values > lower) & (values < upper)
    safe = np.where(inside, values, 1.0)
    height = np.sqrt(np.where(inside, (upper - values) * (values - lower), 0.0))
    return np.where(inside, height / (2 * np.pi * variance * (n_variables / n_samples) * safe), 0.0)
