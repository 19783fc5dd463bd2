"""Fisher information of a Gaussian: what it has to do with the covariance matrix, and what it has not."""

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import check_array

__all__ = ["covariance_information"]


def covariance_information(covariance: ArrayLike, derivatives: ArrayLike) -> np.ndarray:
    """Return the Fisher information of parameters of a Gaussian's covariance.

    Parameters
    ----------
    covariance : array_like, shape (d, d)
        Σ(θ), symmetric and positive definite.
    derivatives : array_like, shape (n_parameters, d, d)
        ∂Σ/∂θ_μ.

    Returns
    -------
    ndarray of float64, shape (n_parameters, n_parameters)
        I_μν = ½ tr(Σ⁻¹ ∂_μΣ Σ⁻¹ ∂_νΣ). The estimates from n samples scatter with covariance (n I)⁻¹ for large n.

    Notes
    -----
    The information of the means is Σ⁻¹: the only sense in which the Fisher information and a covariance of data are
    inverses.

    References
    ----------
    M. Abt and W. J. Welch, Can. J. Stat. 26, 127 (1998).

    Examples
    --------
    A single variance s² has I = 1/(2 s⁴), so its estimate scatters with variance 2 s⁴/n.

    >>> covariance_information([[3.0]], [[[1.0]]]).tolist() == [[1 / 18]]
    True
    """
    covariance = _covariance(covariance)
    derivatives = check_array("derivatives", derivatives, ndim=3)
    if derivatives.shape[1:] != covariance.shape:
        raise ValueError(
            f"derivatives must have shape (n_parameters, {len(covariance)}, {len(covariance)}), got {derivatives.shape}"
        )
    relative = np.linalg.solve(covariance, derivatives)
    return 0.5 * np.einsum("aij,bji->ab", relative, relative)


def _covariance(covariance) -> np.ndarray:
    covariance = check_array("covariance", covariance, ndim=2)
    square = covariance.shape[0] == covariance.shape[1]
    if not square or not np.allclose(covariance, covariance.T) or np.linalg.eigvalsh(covariance)[0] <= 0:
        raise ValueError(f"covariance must be symmetric and positive definite, got shape {covariance.shape}")
    return covariance
