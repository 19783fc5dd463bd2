"""What is measured on sampled lattices, with errors that know about autocorrelation.

Every function of ``spins`` takes ``int8`` ±1 lattices of shape (n_samples, L, L), or one (L, L) lattice. A site has
four neighbours for every L >= 2; at L = 2 the two neighbours along an axis are the same site, counted twice.
"""

import numpy as np

from .._kernels import lattice
from .._validation import check_lattices
from .statistics import Estimate, autocorrelation_time, jackknife, mean_with_error

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
    exponential length of :func:`mlrg_lib.ising.exact.correlation_length`, though above the critical temperature the
    two are close: 7.42(2) on L = 40 against 7.467 at beta = 0.408. At the critical point the other is infinite.

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
