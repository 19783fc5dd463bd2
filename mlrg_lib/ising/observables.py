"""What is measured on sampled lattices, with errors that know about autocorrelation.

Every function of ``spins`` takes ``int8`` ±1 lattices of shape (n_samples, L, L), or one (L, L) lattice. A site has
four neighbours for every L >= 2; at L = 2 the two neighbours along an axis are the same site, counted twice.

``n_blocks`` takes blocks of consecutive samples. Samples of several chains come interleaved; if they are less than
about 3 tau apart, give them chain by chain, ``np.concatenate(run.chains(run.spins))``, and a divisor of n_chains.
"""

import numpy as np

from .._kernels import lattice
from .._validation import check_bool, check_int, check_lattices, check_real
from ..analysis.series import (
    Estimate,
    autocorrelation_time,
    block_edges,
    jackknife,
    jackknife_of_blocks,
    mean_with_error,
)

__all__ = [
    "Estimate",
    "autocorrelation_time",
    "binder",
    "correlation",
    "energy",
    "heat_capacity",
    "jackknife",
    "magnetization",
    "mean_with_error",
    "second_moment_length",
    "structure_factor",
    "susceptibility",
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

    Examples
    --------
    >>> magnetization(-np.ones((1, 3, 3), dtype=np.int8)).tolist()
    [-1.0]
    """
    spins = check_lattices("spins", spins)
    return spins.sum(axis=(1, 2), dtype=np.int64) / spins[0].size


def heat_capacity(spins: np.ndarray, beta: float, n_blocks: int | None = None) -> float | Estimate:
    r"""Return the heat capacity per site from the fluctuations of the energy.

    Parameters
    ----------
    spins : ndarray of int8, shape (n_samples, L, L)
        Lattices of ±1, sampled at ``beta``.
    beta : float
        Inverse temperature, >= 0.
    n_blocks : int, optional
        If given (>= 2), also estimate the error by a jackknife over this many blocks of consecutive samples.

    Returns
    -------
    float or Estimate
        :math:`c=\beta^2L^2\left(\langle e^2\rangle-\langle e\rangle^2\right)` with e the energy per site, as in
        :func:`mlrg_lib.ising.exact.torus_heat_capacity`. With n samples it is too small by a factor 1 - 2 tau / n.

    Examples
    --------
    >>> pair = np.ones((2, 2, 2), dtype=np.int8)
    >>> pair[1, 0, 0] = -1
    >>> heat_capacity(pair, 0.5)
    1.0
    """
    spins, beta = check_lattices("spins", spins), check_real("beta", beta, 0.0)
    return _with_blocks(_variance(beta**2 * spins[0].size), _powers(energy(spins)), n_blocks)


def susceptibility(
    spins: np.ndarray, beta: float, n_blocks: int | None = None, *, connected: bool = False
) -> float | Estimate:
    r"""Return the magnetic susceptibility per site from the fluctuations of the magnetization.

    Parameters
    ----------
    spins : ndarray of int8, shape (n_samples, L, L)
        Lattices of ±1, sampled at ``beta``.
    beta : float
        Inverse temperature, >= 0.
    n_blocks : int, optional
        If given (>= 2), also estimate the error by a jackknife over this many blocks of consecutive samples.
    connected : bool
        Subtract the square of the mean absolute magnetization, as in the ordered phase.

    Returns
    -------
    float or Estimate
        :math:`\chi=\beta L^2\langle m^2\rangle`, which is :math:`\partial\langle m\rangle/\partial h` at field zero for
        the energy E - h L² m, since a finite torus has no mean magnetization; or, connected,
        :math:`\beta L^2\left(\langle m^2\rangle-\langle|m|\rangle^2\right)`.

    Notes
    -----
    This one carries beta. The chi of :func:`structure_factor` at k = 0 and of :func:`second_moment_length` does not:
    it is :math:`L^2\langle m^2\rangle`. Of independent coins the connected one is :math:`1-2/\pi` of the other.

    Examples
    --------
    >>> up = np.ones((2, 4, 4), dtype=np.int8)
    >>> susceptibility(up, 0.5), susceptibility(up, 0.5, connected=True)
    (8.0, 0.0)
    """
    spins, beta = check_lattices("spins", spins), check_real("beta", beta, 0.0)
    size = beta * spins[0].size
    if check_bool("connected", connected):
        return _with_blocks(_variance(size), _powers(np.abs(magnetization(spins))), n_blocks)
    return _with_blocks(lambda mean: size * mean[0], magnetization(spins)[:, None] ** 2, n_blocks)


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


def structure_factor(spins: np.ndarray, n_blocks: int | None = None) -> np.ndarray | Estimate:
    r"""Return the structure factor on the grid of lattice momenta.

    Parameters
    ----------
    spins : ndarray of int8, shape (n_samples, L, L) or (L, L)
        Lattices of ±1.
    n_blocks : int, optional
        If given (>= 2), also estimate the errors by a jackknife over this many blocks of consecutive samples.

    Returns
    -------
    ndarray of float64, shape (L, L), or Estimate of such arrays
        :math:`S(k)=L^{-2}\langle|\sum_xs_xe^{-ik\cdot x}|^2\rangle` at :math:`k=2\pi(n_1,n_2)/L`, in numpy's FFT order.
        S(0) is :func:`susceptibility` without its factor beta, and the mean over k is 1.

    Examples
    --------
    >>> structure_factor(np.ones((2, 2, 2), dtype=np.int8)).tolist()
    [[4.0, 0.0], [0.0, 0.0]]
    """
    spins = check_lattices("spins", spins)
    n_samples, L, _ = spins.shape
    edges = block_edges(n_samples, 1 if n_blocks is None else check_int("n_blocks", n_blocks, 2, n_samples))
    sums = np.zeros((len(edges) - 1, L, L))
    step = max(1, 2**21 // L**2)
    for total, begin, end in zip(sums, edges[:-1], edges[1:], strict=True):
        for start in range(begin, end, step):
            modes = np.fft.fft2(spins[start : min(start + step, end)])
            total += np.sum(modes.real**2 + modes.imag**2, axis=0)
    if n_blocks is None:
        return sums[0] / (n_samples * L**2)
    return jackknife_of_blocks(lambda mean: mean / L**2, sums, np.diff(edges))


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


def _powers(series: np.ndarray) -> np.ndarray:
    """Return a series, counted from its first value so that a constant one varies by nothing, and its square."""
    shifted = series - series[0]
    return np.stack([shifted, shifted**2], axis=1)


def _variance(factor: float):
    return lambda mean: factor * (mean[1] - mean[0] ** 2)


def _bond_sums(spins: np.ndarray) -> np.ndarray:
    """Sum over the 2 L**2 bonds of each lattice, int64 (n_samples,)."""
    sums = np.empty(len(spins), dtype=np.int64)
    lattice.bond_sums(sums, spins)
    return sums
