"""What is measured on sampled lattices, with errors that know about autocorrelation.

Every function of ``spins`` takes ``int8`` ±1 lattices of shape (n_samples, L, L), or one (L, L) lattice. A site has
four neighbours for every L >= 2; at L = 2 the two neighbours along an axis are the same site, counted twice.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .._kernels import lattice
from .._validation import check_array, check_int, check_lattices, check_real

__all__ = [
    "Estimate",
    "autocorrelation_time",
    "binder",
    "correlation",
    "energy",
    "jackknife",
    "magnetization",
    "mean_with_error",
    "second_moment_length",
    "structure_factor",
]


class Estimate(NamedTuple):
    """A value with its standard error; both floats, or arrays of one shape."""

    value: float | np.ndarray
    error: float | np.ndarray


def energy(spins: np.ndarray) -> np.ndarray:
    r"""Return the energy per site of each configuration.

    Parameters
    ----------
    spins : ndarray of int8, shape (n_samples, L, L) or (L, L)
        Lattices of ±1.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        :math:`-L^{-2}\sum_{\langle ij\rangle}s_is_j`, in [-2, 2].

    Raises
    ------
    ValueError
        If ``spins`` is not a batch of square lattices of ±1.

    Examples
    --------
    >>> energy(np.ones((1, 3, 3), dtype=np.int8)).tolist()
    [-2.0]
    """
    spins = check_lattices("spins", spins)
    return -_bond_sums(spins) / spins[0].size


def magnetization(spins: np.ndarray) -> np.ndarray:
    r"""Return the magnetization per site, signed, of each configuration.

    Parameters
    ----------
    spins : ndarray of int8, shape (n_samples, L, L) or (L, L)
        Lattices of ±1.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        :math:`L^{-2}\sum_is_i`, in [-1, 1].

    Raises
    ------
    ValueError
        If ``spins`` is not a batch of square lattices of ±1.

    Examples
    --------
    >>> magnetization(-np.ones((1, 3, 3), dtype=np.int8)).tolist()
    [-1.0]
    """
    spins = check_lattices("spins", spins)
    return spins.sum(axis=(1, 2), dtype=np.int64) / spins[0].size


def binder(spins: np.ndarray, n_blocks: int | None = None) -> float | Estimate:
    r"""Return Binder's cumulant :math:`U=1-\langle m^4\rangle/3\langle m^2\rangle^2`.

    Parameters
    ----------
    spins : ndarray of int8, shape (n_samples, L, L)
        Lattices of ±1.
    n_blocks : int, optional
        If given (>= 2), also estimate the error by a jackknife over this many blocks of consecutive samples;
        a block should be much longer than the autocorrelation time.

    Returns
    -------
    float or Estimate
        2/3 in the ordered phase, 0 in the disordered, 0.61069 on the square torus at the critical point.

    Raises
    ------
    ValueError
        If ``spins`` is not a batch of square lattices of ±1, if every magnetization is zero, or if ``n_blocks``
        is not between 2 and the number of samples.

    References
    ----------
    K. Binder, Z. Phys. B 43, 119 (1981); J. Salas and A. D. Sokal, J. Stat. Phys. 98, 551 (2000).

    Examples
    --------
    >>> round(binder(np.ones((2, 3, 3), dtype=np.int8)), 12)
    0.666666666667
    """
    square = magnetization(spins) ** 2
    if not square.any():
        raise ValueError("spins must have a non-zero magnetization somewhere for Binder's cumulant, got all zero")
    moments = np.stack([square, square**2], axis=1)
    return _with_blocks(lambda mean: 1 - mean[1] / (3 * mean[0] ** 2), moments, n_blocks)


def correlation(spins: np.ndarray, n_blocks: int | None = None) -> np.ndarray | Estimate:
    r"""Return the correlation function along the lattice axes.

    Parameters
    ----------
    spins : ndarray of int8, shape (n_samples, L, L) or (L, L)
        Lattices of ±1.
    n_blocks : int, optional
        If given (>= 2), also estimate the errors by a jackknife over this many blocks of consecutive samples.

    Returns
    -------
    ndarray of float64, shape (L // 2 + 1,), or Estimate of such arrays
        :math:`C(r)=\langle s_{x}s_{x+r}\rangle`, averaged over samples, sites and both axes; C(0) = 1. Nothing is
        subtracted: in the ordered phase C(r) tends to the squared magnetization.

    Raises
    ------
    ValueError
        If ``spins`` is not a batch of square lattices of ±1, or ``n_blocks`` is not between 2 and n_samples.

    Examples
    --------
    >>> stripes = np.ones((1, 4, 4), dtype=np.int8)
    >>> stripes[0, 1::2] = -1
    >>> correlation(stripes).tolist()
    [1.0, 0.0, 1.0]
    """
    spins = check_lattices("spins", spins)
    L = spins.shape[1]
    sums = np.empty((len(spins), L // 2 + 1), dtype=np.int64)
    lattice.axis_correlations(sums, spins)
    return _with_blocks(lambda mean: mean, sums / (2 * L**2), n_blocks)


def structure_factor(spins: np.ndarray) -> np.ndarray:
    r"""Return the structure factor on the grid of lattice momenta.

    Parameters
    ----------
    spins : ndarray of int8, shape (n_samples, L, L) or (L, L)
        Lattices of ±1.

    Returns
    -------
    ndarray of float64, shape (L, L)
        :math:`S(k)=L^{-2}\langle|\sum_xs_xe^{-ik\cdot x}|^2\rangle` at :math:`k=2\pi(n_1,n_2)/L`, in numpy's FFT order.
        S(0) is the susceptibility without subtraction, and the mean over k is 1.

    Raises
    ------
    ValueError
        If ``spins`` is not a batch of square lattices of ±1.

    Examples
    --------
    >>> structure_factor(np.ones((2, 2, 2), dtype=np.int8)).tolist()
    [[4.0, 0.0], [0.0, 0.0]]
    """
    spins = check_lattices("spins", spins)
    n_samples, L, _ = spins.shape
    total = np.zeros((L, L))
    step = max(1, 2**21 // L**2)
    for start in range(0, n_samples, step):
        modes = np.fft.fft2(spins[start : start + step])
        total += np.sum(modes.real**2 + modes.imag**2, axis=0)
    return total / (n_samples * L**2)


def second_moment_length(spins: np.ndarray, n_blocks: int | None = None) -> float | Estimate:
    r"""Return the second-moment correlation length, in lattice spacings.

    Parameters
    ----------
    spins : ndarray of int8, shape (n_samples, L, L)
        Lattices of ±1.
    n_blocks : int, optional
        If given (>= 2), also estimate the error by a jackknife over this many blocks of consecutive samples.

    Returns
    -------
    float or Estimate
        :math:`\xi=\frac{1}{2\sin(\pi/L)}\sqrt{\chi/F-1}`, with :math:`\chi=S(0)` not subtracted and F the structure
        factor at the smallest momentum, averaged over both axes. NaN where chi < F: then no length is resolved.

    Raises
    ------
    ValueError
        If ``spins`` is not a batch of square lattices of ±1, if F vanishes, or ``n_blocks`` is not between 2 and
        n_samples.

    Notes
    -----
    A length of the disordered phase and the critical point, where xi / L tends to 0.90505. Below the critical
    temperature chi holds the squared magnetization and the formula is no correlation length. It is not the
    exponential length of :func:`mlrg_lib.ising.exact.correlation_length`: 7.37(4) against 7.467 at beta = 0.408.

    References
    ----------
    J. Salas and A. D. Sokal, J. Stat. Phys. 98, 551 (2000).

    Examples
    --------
    >>> domain = np.ones((1, 4, 4), dtype=np.int8)
    >>> domain[0, 0, 0] = -1
    >>> round(second_moment_length(domain), 6)
    4.898979
    """
    spins = check_lattices("spins", spins)
    n_samples, L, _ = spins.shape
    wave = np.exp(-2j * np.pi * np.arange(L) / L)
    rows, columns = (spins.sum(axis=axis, dtype=np.int64) for axis in (2, 1))
    powers = np.empty((n_samples, 2))
    powers[:, 0] = rows.sum(axis=1) ** 2
    powers[:, 1] = (np.abs(rows @ wave) ** 2 + np.abs(columns @ wave) ** 2) / 2
    if powers[:, 1].mean() < 1e-12 * L**4:
        raise ValueError("spins must vary at the smallest momentum for a correlation length, got uniform lattices")

    def length(mean):
        ratio = mean[0] / mean[1] - 1
        return np.sqrt(ratio) / (2 * np.sin(np.pi / L)) if ratio >= 0 else np.nan

    return _with_blocks(length, powers, n_blocks)


def autocorrelation_time(series: np.ndarray, *, window: float = 6.0) -> tuple[float, float]:
    r"""Return the integrated autocorrelation time of a series and its standard error.

    Parameters
    ----------
    series : ndarray of float, shape (n,) or (n_chains, n)
        Equally spaced measurements in equilibrium; several rows are independent chains of one ensemble, with a
        common mean, and their autocovariances are averaged.
    window : float
        Sokal's constant c: the sum stops at the first W >= c max(tau(W), 1). Between 4 and 10.

    Returns
    -------
    tuple of float
        ``(tau, error)`` in units of the spacing; tau = 1/2 for independent data.

    Raises
    ------
    ValueError
        If ``series`` is constant, or shorter than 50 tau (in total, and 2 W a chain): then no honest estimate exists.

    Notes
    -----
    :math:`\hat\tau(W)=\frac12+\sum_{t=1}^W\hat\rho(t)`, error :math:`\hat\tau\sqrt{2(2W+1)/n}` with n the total number
    of measurements. For a 5 % error n is about 1e4 tau. The autocovariance is done by FFT, O(n log n).

    References
    ----------
    A. D. Sokal, in Functional Integration: Basics and Applications (Plenum, 1997), p. 131.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=100_000)
    >>> tau, error = autocorrelation_time(noise)
    >>> abs(tau - 0.5) < 4 * error
    True
    """
    series = check_array("series", series, ndim=(1, 2))
    window = check_real("window", window, 4.0, 10.0)
    tau, error, _ = _sokal(series, window)
    return tau, error


def mean_with_error(series: np.ndarray, *, window: float = 6.0) -> Estimate:
    r"""Return the mean of a series and its standard error, corrected for autocorrelation.

    Parameters
    ----------
    series : ndarray of float, shape (n,) or (n_chains, n)
        Equally spaced measurements in equilibrium; rows are independent chains.
    window : float
        As in :func:`autocorrelation_time`.

    Returns
    -------
    Estimate
        The mean, and :math:`\sigma\sqrt{2\hat\tau/n}` with n the total number of measurements.

    Raises
    ------
    ValueError
        As :func:`autocorrelation_time`.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=10_000)
    >>> mean, error = mean_with_error(noise)
    >>> abs(mean) < 4 * error, abs(error / 0.01 - 1) < 0.1
    (True, True)
    """
    series = check_array("series", series, ndim=(1, 2))
    window = check_real("window", window, 4.0, 10.0)
    tau, _, variance = _sokal(series, window)
    return Estimate(float(series.mean()), float(np.sqrt(variance * 2 * tau / series.size)))


def jackknife(function: Callable[[np.ndarray], float | np.ndarray], data: np.ndarray, n_blocks: int = 32) -> Estimate:
    r"""Return ``function`` of the mean of ``data``, with its error by a jackknife over blocks.

    Parameters
    ----------
    function : callable
        Takes the mean over samples, shape ``data.shape[1:]``, and returns a float or an array.
    data : ndarray of float, shape (n_samples, ...)
        One row of measurements per sample, in the order they were taken.
    n_blocks : int
        Number of blocks of consecutive samples, from 2 to n_samples; each should be many autocorrelation times long.

    Returns
    -------
    Estimate
        ``function`` of the full mean, and its standard error.

    Raises
    ------
    ValueError
        If ``data`` is empty or not finite, or ``n_blocks`` is outside 2 .. n_samples.

    Notes
    -----
    :math:`\sigma^2=\frac{B-1}{B}\sum_b(f_{(b)}-\bar f)^2` over the values with block b left out. Samples are split as
    evenly as possible; the error itself is known to :math:`1/\sqrt{2B}`.

    Examples
    --------
    >>> data = np.random.default_rng(1).normal(2.0, 1.0, size=(6400, 1))
    >>> value, error = jackknife(lambda mean: mean[0] ** 2, data, 64)
    >>> abs(value - 4) < 4 * error, abs(error / 0.05 - 1) < 0.3
    (True, True)
    """
    data = check_array("data", data, ndim=tuple(range(1, 8)))
    n_samples = len(data)
    n_blocks = check_int("n_blocks", n_blocks, 2, n_samples)
    starts = np.arange(n_blocks) * n_samples // n_blocks
    sizes = np.diff(np.append(starts, n_samples)).reshape(-1, *[1] * (data.ndim - 1))
    sums = np.add.reduceat(data, starts, axis=0)
    total = sums.sum(axis=0)
    left_out = np.array([function(mean) for mean in (total - sums) / (n_samples - sizes)])
    spread = np.sum((left_out - left_out.mean(axis=0)) ** 2, axis=0)
    error = np.sqrt((n_blocks - 1) / n_blocks * spread)
    value = function(total / n_samples)
    return Estimate(float(value), float(error)) if np.ndim(value) == 0 else Estimate(value, error)


def _with_blocks(function, data, n_blocks):
    """Evaluate on the mean alone, or with the jackknife error when blocks are asked for."""
    if n_blocks is not None:
        return jackknife(function, data, n_blocks)
    value = function(data.mean(axis=0))
    return float(value) if np.ndim(value) == 0 else value


def _bond_sums(spins: np.ndarray) -> np.ndarray:
    """Sum over the 2 L**2 bonds of each lattice, int64 (n_samples,)."""
    sums = np.empty(len(spins), dtype=np.int64)
    lattice.bond_sums(sums, spins)
    return sums


def _sokal(series: np.ndarray, window: float) -> tuple[float, float, float]:
    """Return tau, its error, and the variance of one measurement; raise when the series cannot tell."""
    chains = np.atleast_2d(series)
    n_chains, length = chains.shape
    if length < 2:
        raise ValueError(f"series must have at least 2 measurements a chain, got shape {series.shape}")
    centred = chains - chains.mean()
    variance = float(np.mean(centred**2))
    if variance <= 1e-28 * max(1.0, float(np.mean(chains**2))):
        raise ValueError("series must vary: a constant series has no autocorrelation time")
    covariance = np.zeros(length)
    size = 1 << (2 * length - 1).bit_length()
    for chain in centred:
        spectrum = np.fft.rfft(chain, size)
        covariance += np.fft.irfft(np.abs(spectrum) ** 2, size)[:length]
    covariance /= n_chains * np.arange(length, 0, -1)
    running = np.cumsum(covariance) / variance - 0.5
    lags = np.arange(length)
    reached = np.flatnonzero(lags >= window * np.maximum(running, 1.0))
    cut = int(reached[0]) if len(reached) else length
    tau = float(running[cut]) if cut < length else np.inf
    if cut == length or 2 * cut > length or chains.size < 50 * tau:
        shown = f"about {tau:.3g}" if np.isfinite(tau) else f"above {length / (2 * window):.3g}"
        raise ValueError(
            f"series is too short for its autocorrelation time: {n_chains} chain(s) of {length} measurements, "
            f"tau {shown}; needed are 50 tau in all and {2 * window:.0f} tau a chain"
        )
    tau = max(tau, 0.5 / chains.size)
    bias = 1 + (2 * cut + 1) / chains.size  # subtracting the estimated mean removes this much, to first order
    return tau * bias, tau * float(np.sqrt(2 * (2 * cut + 1) / chains.size)), variance
