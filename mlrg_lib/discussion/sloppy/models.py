"""Two sloppy models: a sum of decaying exponentials, and the Vandermonde matrix that all of them resemble."""

from decimal import Decimal

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import check_array, check_int
from .precision import Spectrum, gram_eigenvalues

__all__ = ["exponentials_eigenvalues", "exponentials_jacobian", "vandermonde", "vandermonde_eigenvalues"]


def exponentials_jacobian(rates: ArrayLike, times: ArrayLike) -> np.ndarray:
    """Return the derivatives of y(t) = Σ exp(−θ_μ t) by the logarithms of its rates.

    Parameters
    ----------
    rates : array_like, shape (n,)
        θ_μ > 0, in inverse units of time.
    times : array_like, shape (m,)
        Times of the observations, >= 0.

    Returns
    -------
    ndarray of float64, shape (m, n)
        ∂y/∂ ln θ_μ = −θ_μ t exp(−θ_μ t). The Fisher information of observations with Gaussian noise σ is JᵀJ/σ².

    References
    ----------
    J. J. Waterfall et al., Phys. Rev. Lett. 97, 150601 (2006).

    Examples
    --------
    >>> exponentials_jacobian([1.0, 2.0], [0.0, 1.0]).round(4).tolist()
    [[-0.0, -0.0], [-0.3679, -0.2707]]
    """
    rates, times = _check(rates, times)
    argument = rates * times[:, None]
    return -argument * np.exp(-argument)


def exponentials_eigenvalues(rates: ArrayLike, times: ArrayLike, *, relative_error: float = 1e-10) -> Spectrum:
    """Return the eigenvalues of JᵀJ/m of a sum of exponentials, with all the digits they need.

    Parameters
    ----------
    rates, times : array_like
        As in :func:`exponentials_jacobian`, different rates; the floating-point numbers are taken as exact.
    relative_error : float
        Of the smallest eigenvalue.

    Returns
    -------
    Spectrum
        Decreasing eigenvalues of the Fisher information per observation at unit noise, and the digits carried.

    Raises
    ------
    ValueError
        If an argument is out of range, or there are fewer positive times than rates.

    Examples
    --------
    >>> rates, times = np.linspace(0.5, 2, 4), np.linspace(0, 5, 30)
    >>> np.log10(exponentials_eigenvalues(rates, times).eigenvalues).round(2).tolist()
    [-0.79, -1.59, -2.9, -4.74]
    """
    rates, times = _check(rates, times)
    if len(np.unique(rates)) < len(rates) or np.count_nonzero(times) < len(rates):
        raise ValueError("rates must all differ, and be no more than the positive times: else JᵀJ is singular")
    exact_rates, exact_times = [Decimal(float(x)) for x in rates], [Decimal(float(x)) for x in times]

    def rows(context):
        root = Decimal(len(times)).sqrt()
        return [[(-r * t) * (-r * t).exp() / root for r in exact_rates] for t in exact_times]

    return gram_eigenvalues(rows, relative_error=relative_error)


def vandermonde(parameters: ArrayLike, n_rows: int) -> np.ndarray:
    """Return the Vandermonde matrix V with entries θ_μ^i.

    Parameters
    ----------
    parameters : array_like, shape (n,)
        θ_μ.
    n_rows : int
        Powers i = 0 … n_rows − 1.

    Returns
    -------
    ndarray of float64, shape (n_rows, n)

    Examples
    --------
    >>> vandermonde([1.0, 2.0], 3).tolist()
    [[1.0, 1.0], [1.0, 2.0], [1.0, 4.0]]
    """
    parameters = check_array("parameters", parameters, ndim=1)
    n_rows = check_int("n_rows", n_rows, minimum=1)
    return parameters ** np.arange(n_rows)[:, None]


def vandermonde_eigenvalues(parameters: ArrayLike, n_rows: int, *, relative_error: float = 1e-10) -> Spectrum:
    """Return the eigenvalues of VᵀV with all the digits they need.

    Parameters
    ----------
    parameters : array_like, shape (n,)
        Different θ_μ; the floating-point numbers are taken as exact.
    n_rows : int
        Powers i = 0 … n_rows − 1, at least n of them.
    relative_error : float
        Of the smallest eigenvalue.

    Returns
    -------
    Spectrum
        Decreasing eigenvalues, and the digits carried.

    Raises
    ------
    ValueError
        If an argument is out of range or VᵀV is singular.

    Notes
    -----
    For parameters within δ of each other successive eigenvalues fall by a factor of order δ²: the spectrum is even in
    the logarithm, whatever the model that made the parameters redundant.

    References
    ----------
    J. J. Waterfall et al., Phys. Rev. Lett. 97, 150601 (2006).

    Examples
    --------
    >>> np.log10(vandermonde_eigenvalues(np.linspace(0.9, 1.1, 8), 8).eigenvalues).round(2).tolist()
    [1.86, 0.14, -2.34, -5.28, -8.6, -12.3, -16.45, -21.28]
    """
    parameters = check_array("parameters", parameters, ndim=1)
    n_rows = check_int("n_rows", n_rows, minimum=len(parameters))
    if len(np.unique(parameters)) < len(parameters):
        raise ValueError("parameters must all differ: else VᵀV is singular")
    exact = [Decimal(float(x)) for x in parameters]

    def rows(context):
        return [[x**i if i else Decimal(1) for x in exact] for i in range(n_rows)]

    return gram_eigenvalues(rows, relative_error=relative_error)


def _check(rates, times) -> tuple[np.ndarray, np.ndarray]:
    rates, times = check_array("rates", rates, ndim=1), check_array("times", times, ndim=1)
    if rates.min() <= 0:
        raise ValueError(f"rates must be positive, got {rates.min()}")
    if times.min() < 0:
        raise ValueError(f"times must be >= 0, got {times.min()}")
    return rates, times
