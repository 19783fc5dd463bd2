"""The state of free fermions that two wavelet bases prepare: its energy and its correlations."""

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import check_int
from .filters import wavelet_basis

__all__ = ["hopping_energy", "wavelet_correlations", "wavelet_energy"]


def hopping_energy(n_cells: int) -> float:
    """Return the exact ground-state energy of the half-filled hopping ring, per cell of two sites.

    Parameters
    ----------
    n_cells : int
        >= 1.

    Returns
    -------
    float
        −cot(π/2n)/n, which tends to −2/π.

    Notes
    -----
    The singular values of M are ``|sin(k/2)|``. Two copies of the critical Ising chain make this chain.

    Examples
    --------
    >>> round(hopping_energy(512), 6)
    -0.636618
    """
    n_cells = check_int("n_cells", n_cells, minimum=1)
    return float(-1 / np.tan(np.pi / (2 * n_cells)) / n_cells)


def wavelet_energy(h: ArrayLike, g: ArrayLike, n_cells: int = 512) -> np.ndarray:
    """Return the energy per cell of the state made of two wavelet bases, and what each scale contributes.

    Parameters
    ----------
    h, g : array_like, shape (2 m,)
        Low-pass filters of the sublattices a and b, as :func:`hilbert_pair` returns them.
    n_cells : int
        A power of two.

    Returns
    -------
    ndarray of float64, shape (log2(n_cells),)
        Energy per cell by scale, finest first; their sum is the state's energy, and never below the ground state's.

    Notes
    -----
    The modes (ψ^h_j ∓ ψ^g_j)/√2 are filled, with the sign that lowers the energy: ``E = −Σ_j |ψ^h_j · M ψ^g_j|``.

    References
    ----------
    G. Evenbly and S. R. White, Phys. Rev. Lett. 116, 140403 (2016); J. Haegeman et al., Phys. Rev. X 8, 011003 (2018).

    Examples
    --------
    >>> haar = [0.5**0.5, 0.5**0.5]
    >>> round(wavelet_energy(haar, haar).sum().item(), 12)
    -0.5
    """
    pairs = zip(wavelet_basis(h, n_cells)[:-1], wavelet_basis(g, n_cells)[:-1], strict=True)
    return np.array([-np.abs(_hopping(a, b)).sum() / n_cells for a, b in pairs])


def wavelet_correlations(h: ArrayLike, g: ArrayLike, n_cells: int) -> np.ndarray:
    """Return the correlation matrix ⟨c†_i c_j⟩ of the state of :func:`wavelet_energy`.

    Parameters
    ----------
    h, g, n_cells
        As in :func:`wavelet_energy`.

    Returns
    -------
    ndarray of float64, shape (2 n_cells, 2 n_cells)
        A projector of rank n_cells; sites in order along the chain, a_0 b_0 a_1 b_1 ….

    Examples
    --------
    >>> haar = [0.5**0.5, 0.5**0.5]
    >>> np.trace(wavelet_correlations(haar, haar, 8)).round(9).item()
    8.0
    """
    correlations = np.zeros((2 * n_cells, 2 * n_cells))
    for a, b in zip(wavelet_basis(h, n_cells), wavelet_basis(g, n_cells), strict=True):
        sign = np.where(_hopping(a, b) < 0, -1.0, 1.0)
        modes = np.empty((2 * n_cells, a.shape[1]))
        modes[::2], modes[1::2] = a / np.sqrt(2), -sign * b / np.sqrt(2)
        correlations += modes @ modes.T
    return correlations


def _hopping(a, b) -> np.ndarray:
    return (a * (b - np.roll(b, 1, axis=0))).sum(axis=0) / 2
