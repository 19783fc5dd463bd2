"""Null models for time series: what is left when one property of the data is destroyed and the rest kept."""

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import as_generator, check_array, check_int

__all__ = [
    "circular_shift",
    "copula_surrogate",
    "divide_by_gain",
    "gaussian_surrogate",
    "phase_surrogate",
    "time_shuffle",
]


def time_shuffle(X: ArrayLike, *, rng: np.random.Generator | int | None = None) -> np.ndarray:
    """Permute every variable in time, each with its own permutation: marginals kept, all correlations destroyed.

    Parameters
    ----------
    X : array_like, shape (n_samples, n_variables)
        Data, one sample a row.
    rng : numpy.random.Generator, int or None
        Source of randomness.

    Returns
    -------
    ndarray of float64, shape (n_samples, n_variables)

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(6.0).reshape(3, 2)
    >>> np.sort(time_shuffle(X, rng=0), axis=0).tolist() == X.tolist()
    True
    """
    data = check_array("X", X, ndim=2)
    return as_generator(rng).permuted(data, axis=0)


def circular_shift(X: ArrayLike, *, smallest: int = 1, rng: np.random.Generator | int | None = None) -> np.ndarray:
    """Shift every variable around in time by its own random lag: marginals and autocorrelations kept.

    Parameters
    ----------
    X : array_like, shape (n_samples, n_variables)
        Data in time order.
    smallest : int
        Smallest lag, in samples, from 0 to half the length.
    rng : numpy.random.Generator, int or None
        Source of randomness.

    Returns
    -------
    ndarray of float64, shape (n_samples, n_variables)

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(8.0).reshape(4, 2)
    >>> circular_shift(X, smallest=2, rng=0)[:, 0].tolist()
    [4.0, 6.0, 0.0, 2.0]
    """
    data = check_array("X", X, ndim=2)
    n_samples = len(data)
    smallest = check_int("smallest", smallest, minimum=0, maximum=n_samples // 2)
    lags = as_generator(rng).integers(smallest, n_samples - smallest + 1, size=data.shape[1])
    rows = (np.arange(n_samples)[:, None] - lags) % n_samples
    return np.take_along_axis(data, rows, axis=0)


def gaussian_surrogate(X: ArrayLike, *, rng: np.random.Generator | int | None = None) -> np.ndarray:
    """Draw independent Gaussian samples with exactly the mean and covariance of the data.

    Parameters
    ----------
    X : array_like, shape (n_samples, n_variables)
        Data, one sample a row.
    rng : numpy.random.Generator, int or None
        Source of randomness.

    Returns
    -------
    ndarray of float64, shape (n_samples, n_variables)
        Its sample covariance equals the one of ``X``, so its principal components are the same ones.

    Notes
    -----
    White noise is turned orthogonal in sample space and then coloured: with X = U S Vᵀ (centred), the
    surrogate is Q S Vᵀ with Q random orthonormal columns, orthogonal to the constant.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).exponential(size=(50, 3))
    >>> Y = gaussian_surrogate(X, rng=1)
    >>> bool(np.allclose(np.cov(X.T), np.cov(Y.T)))
    True
    """
    data = check_array("X", X, ndim=2)
    if len(data) < 2:
        raise ValueError(f"X must have at least 2 samples (rows), got shape {data.shape}")
    mean = data.mean(axis=0)
    _, size, right = np.linalg.svd(data - mean, full_matrices=False)
    size, right = size[: len(data) - 1], right[: len(data) - 1]
    noise = as_generator(rng).standard_normal((len(data), len(size)))
    columns, triangle = np.linalg.qr(noise - noise.mean(axis=0))
    return (columns * np.sign(np.diag(triangle)) * size) @ right + mean


def phase_surrogate(X: ArrayLike, *, rng: np.random.Generator | int | None = None) -> np.ndarray:
    """Randomize Fourier phases, the same for all variables: every auto- and cross-correlation function kept.

    Parameters
    ----------
    X : array_like, shape (n_samples, n_variables)
        Data in time order.
    rng : numpy.random.Generator, int or None
        Source of randomness.

    Returns
    -------
    ndarray of float64, shape (n_samples, n_variables)

    References
    ----------
    .. [1] D. Prichard and J. Theiler, Phys. Rev. Lett. 73, 951 (1994).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).exponential(size=(50, 3))
    >>> bool(np.allclose(np.cov(X.T), np.cov(phase_surrogate(X, rng=1).T)))
    True
    """
    data = check_array("X", X, ndim=2)
    n_samples = len(data)
    spectrum = np.fft.rfft(data, axis=0)
    phases = np.exp(2j * np.pi * as_generator(rng).random(len(spectrum)))
    phases[0] = 1.0
    if n_samples % 2 == 0:
        phases[-1] = 1.0
    return np.fft.irfft(spectrum * phases[:, None], n=n_samples, axis=0)


def copula_surrogate(
    X: ArrayLike, *, n_rounds: int = 5, rng: np.random.Generator | int | None = None
) -> tuple[np.ndarray, float]:
    """Draw data with the marginals and, nearly, the covariance of the data, as static functions of Gaussian variables.

    Gaussian variables are drawn and each is mapped monotonically onto the values of its twin in the data [1]_. Their
    covariance is corrected, round after round, by what the mapping makes of it. This is one model with these marginals
    and covariances, without memory; maps of Gaussian variables have cumulants of every order.

    Parameters
    ----------
    X : array_like, shape (n_samples, n_variables)
        Data, one sample a row; no variable is constant.
    n_rounds : int
        Corrections of the covariance.
    rng : numpy.random.Generator, int or None
        Source of randomness.

    Returns
    -------
    surrogate : ndarray of float64, shape (n_samples, n_variables)
        Every column holds the values of that column of ``X``, in another order.
    deviation : float
        Root mean square difference of its correlation coefficients from those of the data. Correlations that no
        Gaussian variables can make with these marginals, of rare events that exclude each other, say, are not reached.

    References
    ----------
    .. [1] M. C. Cario and B. L. Nelson, Modeling and generating random vectors with arbitrary marginal distributions
       and correlation matrix (Northwestern University, 1997).

    Examples
    --------
    >>> import numpy as np
    >>> common = np.random.default_rng(0).exponential(size=(500, 1))
    >>> X = common + np.random.default_rng(1).exponential(size=(500, 3))
    >>> Y, deviation = copula_surrogate(X, rng=2)
    >>> bool((np.sort(Y, axis=0) == np.sort(X, axis=0)).all()), deviation < 0.02
    (True, True)
    """
    data = check_array("X", X, ndim=2)
    if len(data) < 3 or data.shape[1] < 2 or (np.ptp(data, axis=0) == 0).any():
        raise ValueError(
            f"X must have 3 or more samples and 2 or more variables, none of them constant, got shape {data.shape}"
        )
    generator, n_rounds = as_generator(rng), check_int("n_rounds", n_rounds, minimum=0)
    values, target = np.sort(data, axis=0), np.corrcoef(data.T)
    noise = generator.standard_normal(data.shape)
    noise = np.linalg.svd(noise - noise.mean(axis=0), full_matrices=False)[0] if len(data) > data.shape[1] else noise
    latent, best = target.copy(), (None, np.inf)
    for _ in range(n_rounds + 1):
        weights, vectors = np.linalg.eigh(latent)
        drawn = noise @ (vectors * np.sqrt(np.maximum(weights, 0.0)) @ vectors.T)
        surrogate = np.take_along_axis(values, drawn.argsort(axis=0).argsort(axis=0), axis=0)
        excess = np.corrcoef(surrogate.T) - target
        deviation = float(np.sqrt(np.mean(excess[~np.eye(len(excess), dtype=bool)] ** 2)))
        best = min(best, (surrogate, deviation), key=lambda pair: pair[1])
        latent = latent - excess
    return best


def divide_by_gain(X: ArrayLike, gain: ArrayLike | None = None) -> np.ndarray:
    """Divide every sample by a common gain, by default its root mean square over variables.

    A control for a shared volatility: if one slow scalar multiplies everything, the quotient is nearer to a Gaussian.

    Parameters
    ----------
    X : array_like, shape (n_samples, n_variables)
        Data; centre and standardize the variables first.
    gain : array_like, shape (n_samples,), optional
        Positive gains measured elsewhere, for example on other variables.

    Returns
    -------
    ndarray of float64, shape (n_samples, n_variables)

    Notes
    -----
    A gain made of the variables themselves over-corrects: it gives every sample the same norm, and takes even
    Gaussian data below 3. A gain made of other variables over-corrects where a heavy-tailed factor is common to
    both. It is a control, not a proof.

    Examples
    --------
    >>> divide_by_gain([[3.0, 4.0], [0.3, -0.4]]).round(3).tolist()
    [[0.849, 1.131], [0.849, -1.131]]
    """
    data = check_array("X", X, ndim=2)
    values = np.sqrt(np.mean(data**2, axis=1)) if gain is None else check_array("gain", gain, ndim=1)
    if len(values) != len(data):
        raise ValueError(f"gain must have one value per sample, {len(data)}, got {len(values)}")
    if (values <= 0).any():
        raise ValueError("gain must be positive for every sample: a sample that is zero everywhere has none")
    return data / values[:, None]
