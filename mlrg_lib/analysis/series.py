"""Means, errors and autocorrelation times of series of measurements.

For lattices the names here are also found in :mod:`mlrg_lib.ising.observables`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .._validation import check_array, check_int, check_real

__all__ = ["Estimate", "autocorrelation_time", "jackknife", "mean_with_error"]

_FEWEST = 100  # measurements; of fewer, a tau that is estimated too small passes its own test
_FEWEST_CHAINS = 20  # whose means have a spread known to 16 %


class Estimate(NamedTuple):
    """A value with its error; unpacks as ``value, error = ...``.

    Attributes
    ----------
    value, error : float or ndarray
        Both floats, or arrays of one shape; the error is a standard error where nothing else is said.
    """

    value: float | np.ndarray
    error: float | np.ndarray


def autocorrelation_time(series: np.ndarray, *, window: float = 6.0) -> Estimate:
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
    Estimate
        tau and its error, in units of the spacing; tau = 1/2 for independent data.

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
    return Estimate(tau, error)


def mean_with_error(series: np.ndarray, *, window: float = 6.0) -> Estimate:
    r"""Return the mean of a series and its standard error, corrected for autocorrelation.

    Parameters
    ----------
    series : ndarray of float, shape (n,) or (n_chains, n)
        Equally spaced measurements in equilibrium, 100 or more; rows are independent chains. Samples of several chains
        come interleaved: give ``run.chains(values)`` of :func:`mlrg_lib.ising.simulate`, not ``values``.
    window : float
        As in :func:`autocorrelation_time`.

    Returns
    -------
    Estimate
        The mean, and :math:`\sigma\sqrt{2\hat\tau/n}` with n the total number of measurements and tau 1/2 or more.
        Where 20 chains or more are too short to tell tau, the standard error of their means. A series that never
        changes has the error 0, which says no more than that.

    Raises
    ------
    ValueError
        If there are fewer than 20 chains, and fewer than 100 measurements or than :func:`autocorrelation_time` needs.

    Notes
    -----
    Whether a series is long enough is judged by its own tau. Of autoregressive series of 90 true tau nearly all pass,
    with errors 10 % too small; of 45 true tau two in three, 25 % too small; of 10, one in ten, 3 times too small. So
    measure 1000 times if tau is not known beforehand. Anticorrelated series get an error that is too large.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=10_000)
    >>> mean, error = mean_with_error(noise)
    >>> abs(mean) < 4 * error, abs(error / 0.01 - 1) < 0.1
    (True, True)
    """
    series = check_array("series", series, ndim=(1, 2))
    window = check_real("window", window, 4.0, 10.0)
    chains = np.atleast_2d(series)
    n_chains = len(chains)
    if chains.size < _FEWEST and n_chains < _FEWEST_CHAINS:
        raise ValueError(
            f"series is too short for an error: {_FEWEST} measurements or {_FEWEST_CHAINS} chains (rows) are needed, "
            f"got shape {series.shape}"
        )
    mean = float(chains.mean())
    if _is_constant(chains):
        return Estimate(mean, 0.0)
    try:
        tau, _, variance = _sokal(series, window)
    except ValueError:
        if n_chains < _FEWEST_CHAINS:
            raise
        return Estimate(mean, float(chains.mean(axis=1).std(ddof=1) / np.sqrt(n_chains)))
    return Estimate(mean, float(np.sqrt(variance * 2 * max(tau, 0.5) / series.size)))


def jackknife(function: Callable[[np.ndarray], float | np.ndarray], data: np.ndarray, n_blocks: int = 32) -> Estimate:
    r"""Return ``function`` of the mean of ``data``, with its error by a jackknife over blocks.

    Parameters
    ----------
    function : callable
        Takes the mean over samples, shape ``data.shape[1:]``, and returns a float or an array.
    data : ndarray of float, shape (n_samples, ...)
        One row of measurements per sample, in the order they were taken; those of several chains one chain after the
        other, ``np.concatenate(run.chains(data))`` of :func:`mlrg_lib.ising.simulate`.
    n_blocks : int
        Number of blocks of consecutive samples, from 2 to n_samples; each should be many autocorrelation times long,
        or hold whole chains.

    Returns
    -------
    Estimate
        ``function`` of the full mean, and its standard error.

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
    edges = block_edges(n_samples, n_blocks)
    return jackknife_of_blocks(function, np.add.reduceat(data, edges[:-1], axis=0), np.diff(edges))


def jackknife_error(left_out: np.ndarray) -> np.ndarray:
    """Return the standard error from the values (n_blocks, ...) found with each block left out."""
    return np.sqrt((len(left_out) - 1) * left_out.var(axis=0))


def block_edges(n_samples: int, n_blocks: int) -> np.ndarray:
    """Return where blocks of consecutive samples begin, and where the last one ends, int64 (n_blocks + 1,)."""
    return np.arange(n_blocks + 1) * n_samples // n_blocks


def jackknife_of_blocks(function, sums: np.ndarray, sizes: np.ndarray) -> Estimate:
    """Return what :func:`jackknife` does, from the sum (n_blocks, ...) and the number of the samples in each block."""
    n_samples, total = sizes.sum(), sums.sum(axis=0)
    rest = (n_samples - sizes).reshape(-1, *[1] * (sums.ndim - 1))
    error = jackknife_error(np.array([function(mean) for mean in (total - sums) / rest]))
    value = function(total / n_samples)
    return Estimate(float(value), float(error)) if np.ndim(value) == 0 else Estimate(value, error)


def _is_constant(chains: np.ndarray) -> bool:
    """Tell whether the series varies no more than rounding does."""
    return float(chains.var()) <= 1e-28 * float(np.mean(chains**2))


def _sokal(series: np.ndarray, window: float) -> tuple[float, float, float]:
    """Return tau, its error, and the variance of one measurement; raise when the series cannot tell."""
    chains = np.atleast_2d(series)
    n_chains, length = chains.shape
    if length < 2:
        raise ValueError(f"series must have at least 2 measurements a chain, got shape {series.shape}")
    if _is_constant(chains):
        raise ValueError("series must vary: a constant series has no autocorrelation time")
    centred = chains - chains.mean()
    variance = float(np.mean(centred**2))
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
    if cut == length or 2 * cut > length or chains.size < 50 * max(tau, 0.5):
        shown = f"about {tau:.3g}" if np.isfinite(tau) else f"above {length / (2 * window):.3g}"
        raise ValueError(
            f"series is too short for its autocorrelation time: {n_chains} chain(s) of {length} measurements, "
            f"tau {shown}; needed are 50 tau in all and {2 * window:.0f} tau a chain"
        )
    tau = max(tau, 0.5 / chains.size)
    bias = 1 + (2 * cut + 1) / chains.size  # subtracting the estimated mean removes this much, to first order
    return tau * bias, tau * float(np.sqrt(2 * (2 * cut + 1) / chains.size)), variance
