"""The temperature of a set of spin configurations, read twice, with known errors.

The first thermometer is the energy: at equal energies the exact torus tells the inverse temperature, and this is the
maximum-likelihood estimate. The second is the squared magnetization, a long-wavelength quantity. For configurations of
an Ising model both read the same, and the energy fluctuates as it must. For others they need not, and the reading says
by how many standard errors.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

from .._validation import check_array, check_int, check_lattices, check_real
from ._kaufman import log_partition
from .exact import torus_energy
from .observables import energy, magnetization

__all__ = ["maximum_likelihood", "read", "temperature_of_energy", "torus_square_magnetization"]

_MAX_SIDE = 10  # 2**9 states a parity sector: a quarter of a second a temperature
_LIMIT = 3.0  # |beta| beyond which every configuration of a sample is a ground state
_NEGATIVE_NODES = [-1.0, -0.7, -0.55, -0.45, -0.4, -0.35, -0.31, -0.27, -0.23]
_NODES = np.concatenate([np.linspace(-0.2, 0.25, 13), np.linspace(0.27, 0.65, 34), np.linspace(0.68, 0.98, 11)])


class Reading(NamedTuple):
    """What two thermometers say about one set of configurations.

    Attributes
    ----------
    beta, error : float
        Inverse temperature with the sample's mean energy, and its standard error from the sample's own spread.
    fisher_error : float
        The standard error if the configurations are Ising-distributed at ``beta``.
    beta_long, error_long : float
        The same from the squared magnetization.
    chi2 : float
        Squared distance of the two readings over its variance: for Ising configurations chi-squared with one degree
        of freedom.
    dispersion, dispersion_error : float
        Variance of the energy over the Ising model's at ``beta``: 1 for Ising configurations, more for mixtures.
    """

    beta: float
    error: float
    fisher_error: float
    beta_long: float
    error_long: float
    chi2: float
    dispersion: float
    dispersion_error: float


def torus_square_magnetization(L: int, beta: float) -> float:
    r"""Return the exact mean squared magnetization per site of the L x L torus.

    Parameters
    ----------
    L : int
        Side, 2 to 10.
    beta : float
        Inverse temperature, of either sign, at most 3 in size.

    Returns
    -------
    float
        :math:`\langle m^2\rangle` in [0, 1]; :math:`L^{-2}` at beta = 0.

    Notes
    -----
    With the symmetric row-to-row transfer matrix T and the row magnetization M,
    :math:`\langle m^2\rangle=L^{-3}\sum_d\operatorname{tr}(MT^dMT^{L-d})/\operatorname{tr}T^L`. M is odd under the
    flip of all spins, so that it joins the even and the odd states of a row, and each half is diagonalised by itself:
    :math:`O(2^{3L-3})`.

    Examples
    --------
    >>> round(torus_square_magnetization(4, 0.0), 12), round(torus_square_magnetization(4, 0.44068679), 6)
    (0.0625, 0.761359)
    """
    L = check_int("L", L, 2, _MAX_SIDE)
    beta = check_real("beta", beta, -_LIMIT, _LIMIT)
    rows = _rows(L)
    inside = 0.5 * beta * (rows * np.roll(rows, 1, axis=1)).sum(axis=1)
    overlap = beta * (rows @ rows.T)
    shift = 2 * inside.max() + abs(beta) * L
    frame = inside[:, None] + inside[None, :] - shift
    direct, flipped = np.exp(frame + overlap), np.exp(frame - overlap)
    even, even_states = np.linalg.eigh(direct + flipped)
    odd, odd_states = np.linalg.eigh(direct - flipped)
    squares = (even_states.T @ (rows.sum(axis=1)[:, None] * odd_states)) ** 2
    top = max(np.abs(even).max(), np.abs(odd).max())
    even, odd = even / top, odd / top
    total = 0.0
    for d in range(L):
        total += even**d @ squares @ odd ** (L - d) + even ** (L - d) @ squares @ odd**d
    return float(total / (L**3 * (np.sum(even**L) + np.sum(odd**L))))


def temperature_of_energy(L: int, mean_energy: float) -> float:
    """Return the inverse temperature at which the L x L torus has this mean energy.

    Parameters
    ----------
    L : int
        Side, even, >= 2.
    mean_energy : float
        Energy per site. Positive energies give negative temperatures (the antiferromagnet's).

    Returns
    -------
    float
        The inverse temperature; infinite, with the sign, within 5e-5 of a ground state's -2 or 2.

    Examples
    --------
    >>> round(temperature_of_energy(10, exact_energy), 10) if (exact_energy := torus_energy(10, 0.3)) else None
    0.3
    """
    L = _check_side(L)
    target = check_real("mean_energy", mean_energy, -2.0, 2.0)
    if abs(target) >= abs(torus_energy(L, _LIMIT)):
        return float(np.copysign(np.inf, -target))
    if target == 0:
        return 0.0
    size = brentq(lambda beta: torus_energy(L, beta) + abs(target), 0.0, _LIMIT, xtol=1e-13)
    return float(np.copysign(size, -target))


def maximum_likelihood(energies: np.ndarray, L: int) -> tuple[float, float, float]:
    r"""Return the maximum-likelihood inverse temperature of independent configurations, with its error.

    Parameters
    ----------
    energies : array_like, shape (n_samples,)
        Energy per site of each configuration of an L x L torus.
    L : int
        Side, even, >= 2.

    Returns
    -------
    tuple of float
        beta; its standard error from the measured spread of the energies; and the error that Fisher's information
        gives for Ising configurations. The errors are NaN if beta is infinite.

    Notes
    -----
    :math:`\partial_\beta\ln P=L^2(u(\beta)-e)` per configuration, so beta solves :math:`u(\beta)=\bar e`. The
    information is the variance of the energy, :math:`I=-L^2u'(\beta)` a configuration, and the error is
    :math:`(nI)^{-1/2}`. If the configurations are not Ising's, the likelihood is misspecified; the first error, the
    spread over :math:`|u'|\sqrt n`, still holds, and beta is the nearest Ising model in Kullback-Leibler divergence.
    The bias of beta is of order 1/n.

    References
    ----------
    H. White, Econometrica 50, 1 (1982), on likelihoods of the wrong family.

    Examples
    --------
    >>> beta, error, fisher = maximum_likelihood([-1.2, -1.6, -1.4, -1.4], 10)
    >>> round(beta, 4), round(error, 4), round(fisher, 4)
    (0.4295, 0.0115, 0.0188)
    """
    L = _check_side(L)
    energies = _check_energies(energies)
    beta = temperature_of_energy(L, float(energies.mean()))
    if np.isinf(beta):
        return beta, np.nan, np.nan
    slope = _energy_slope(L, beta)
    spread = float(energies.std(ddof=1) / np.sqrt(len(energies)))
    return beta, spread / slope, float(1 / np.sqrt(len(energies) * L**2 * slope))


def read(spins: np.ndarray) -> Reading:
    r"""Read both thermometers on a set of independent configurations.

    Parameters
    ----------
    spins : ndarray of int8, shape (n_samples, L, L)
        Lattices of ±1 with L even, 4 to 10; at least 10 of them.

    Returns
    -------
    Reading
        For a sample in a ground state, beta is infinite and everything that needs a slope is NaN.

    Notes
    -----
    To first order both readings are means over the configurations of :math:`(e-u)/u'` and :math:`(m^2-q)/q'`, with the
    exact u and q of the torus; the variance of their difference is taken from the sample. The exact q is tabulated
    once for each L, in about ten seconds at L = 10 and in less than one below, and interpolated to 1e-6.

    Examples
    --------
    >>> import mlrg_lib as mlrg
    >>> found = read(mlrg.ising.sample(4, 0.3, 4000, rng=1))
    >>> abs(found.beta - 0.3) < 4 * found.error, found.chi2 < 16
    (True, True)
    """
    spins = check_lattices("spins", spins)
    n, L = spins.shape[:2]
    if n < 10 or L % 2 or not 4 <= L <= _MAX_SIDE:
        raise ValueError(f"spins must be at least 10 lattices of even side 4 to {_MAX_SIDE}, got shape {spins.shape}")
    energies, squares = energy(spins), magnetization(spins) ** 2
    beta, error, fisher = maximum_likelihood(energies, L)
    if np.isinf(beta) or energies.std() == 0 or squares.std() == 0:
        return Reading(beta, *[float("nan")] * 7)
    table = _square_table(L)
    beta_long = _invert(table, float(squares.mean()))
    if np.isinf(beta_long):
        return Reading(beta, error, fisher, beta_long, *[float("nan")] * 4)
    shifts = -(energies - energies.mean()) / _energy_slope(L, beta)
    mean = squares.mean()
    long_shifts = (squares - mean) / float(table(beta_long, 1) * mean * (1 - mean))
    error_long, distance = (float(s.std(ddof=1) / np.sqrt(n)) for s in (long_shifts, shifts - long_shifts))
    centred = (energies - energies.mean()) ** 2
    unit = _energy_slope(L, beta) / L**2
    # the Ising variance is taken at the measured beta, which moves with the mean energy
    trend = _variance_slope(L, beta) / L**2 * centred.mean() / unit
    residual = centred - trend * shifts
    chi2 = float(((beta - beta_long) / distance) ** 2)
    spread, spread_error = float(energies.var(ddof=1) / unit), float(residual.std(ddof=1) / np.sqrt(n) / unit)
    return Reading(beta, error, fisher, beta_long, error_long, chi2, spread, spread_error)


def _rows(L: int) -> np.ndarray:
    """One of each pair of opposite row states, float (2**(L-1), L)."""
    bits = (np.arange(2 ** (L - 1))[:, None] >> np.arange(L)) & 1
    return 1.0 - 2.0 * bits


@lru_cache(maxsize=8)
def _square_table(L: int) -> CubicSpline:
    """Return logit <m^2> as a spline in beta, on nodes that crowd where it bends; it is nearly straight beyond."""
    nodes = np.concatenate([_NEGATIVE_NODES, _NODES, [1.1, 1.3, 1.6, 2.0]])
    squares = np.array([torus_square_magnetization(L, beta) for beta in nodes])
    return CubicSpline(nodes, np.log(squares / (1 - squares)))


def _invert(table: CubicSpline, target: float) -> float:
    if not 0 < target < 1:
        return float(np.copysign(np.inf, target - 0.5))
    low, high, target = table.x[0], table.x[-1], np.log(target / (1 - target))
    if not table(low) < target < table(high):
        return float(np.copysign(np.inf, target - table(high)))
    return float(brentq(lambda beta: float(table(beta)) - target, low, high, xtol=1e-12))


def _energy_slope(L: int, beta: float) -> float:
    """-du/dbeta, even in beta on a bipartite torus."""
    return float(log_partition(L, np.array(abs(beta))).second) / L**2


def _variance_slope(L: int, beta: float, step: float = 1e-4) -> float:
    """Derivative of -du/dbeta in beta."""
    return (_energy_slope(L, beta + step) - _energy_slope(L, beta - step)) / (2 * step)


def _check_side(L) -> int:
    L = check_int("L", L, 2)
    if L % 2:
        raise ValueError(f"L must be even, so that the energy is odd in beta, got {L}")
    return L


def _check_energies(energies) -> np.ndarray:
    energies = check_array("energies", energies, ndim=1)
    if len(energies) < 2:
        raise ValueError(f"energies must be at least 2 values, got {len(energies)}")
    if np.abs(energies).max() > 2:
        raise ValueError(f"energies must be in [-2, 2] per site, got {energies[np.abs(energies).argmax()]}")
    return energies
