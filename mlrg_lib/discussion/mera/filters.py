"""Orthonormal filters: pairs half a sample apart, the circuits of rotations that make them, their wavelets."""

from math import comb

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import check_array, check_int

__all__ = ["hilbert_pair", "rotation_angles"]


def hilbert_pair(n_zeros: int, delay_order: int) -> tuple[np.ndarray, np.ndarray]:
    """Return two orthonormal low-pass filters that are half a sample apart, as nearly as their length allows.

    Parameters
    ----------
    n_zeros : int
        K >= 1, vanishing moments.
    delay_order : int
        L >= 0, order of the all-pass filter that makes the half-sample delay; 0 gives one filter twice (Haar's for
        K = 1).

    Returns
    -------
    h, g : ndarray of float64, shape (2 (K + L),)
        Filters with g(n) ≈ h(n − ½), each with sum √2.

    Raises
    ------
    ValueError
        If an argument is out of range; K + L must be at most 9, beyond which the roots are not accurate.

    References
    ----------
    I. W. Selesnick, IEEE Trans. Signal Process. 50, 1144 (2002).

    Examples
    --------
    >>> h, g = hilbert_pair(1, 1)
    >>> h.round(4).tolist()
    [0.6585, 0.7498, 0.0486, -0.0427]
    >>> bool(abs(h[:2] @ h[2:]) < 1e-12)
    True
    """
    n_zeros = check_int("n_zeros", n_zeros, minimum=1)
    delay_order = check_int("delay_order", delay_order, minimum=0)
    if n_zeros + delay_order > 9:
        raise ValueError(f"n_zeros + delay_order must be at most 9, got {n_zeros + delay_order}")
    delay = np.ones(delay_order + 1)
    for n in range(1, delay_order + 1):
        ratios = [(0.5 - delay_order + k) / (1.5 + k) for k in range(n)]
        delay[n] = (-1) ** n * comb(delay_order, n) * np.prod(ratios)
    factor = np.convolve(delay, delay[::-1])
    for _ in range(2 * n_zeros):
        factor = np.convolve(factor, [1.0, 1.0])
    # The symmetric remainder r makes factor * r a half-band filter: 1 in the centre, 0 at even distances from it.
    length = 2 * (n_zeros + delay_order) - 1
    product = np.array([np.convolve(factor, row) for row in np.eye(length)]).T
    centre = (len(product) - 1) // 2
    even = np.arange(centre % 2, len(product), 2)
    remainder = np.linalg.solve(product[even], (even == centre).astype(float))
    roots = np.roots(remainder)
    common = np.real(np.poly(roots[np.abs(roots) < 1]))
    for _ in range(n_zeros):
        common = np.convolve(common, [1.0, 1.0])
    h, g = np.convolve(common, delay), np.convolve(common, delay[::-1])
    return h / np.linalg.norm(h), g / np.linalg.norm(g)


def rotation_angles(low_pass: ArrayLike) -> np.ndarray:
    """Return the angles of the layers of 2 x 2 rotations that make an orthonormal filter: its quantum circuit.

    Parameters
    ----------
    low_pass : array_like, shape (2 m,)
        Orthonormal to its own shifts by two.

    Returns
    -------
    ndarray of float64, shape (m,)
        Radians; the first is the layer next to the coarse mode. One layer is a tree, two or more need the layers that
        straddle its branches: the disentanglers.

    Examples
    --------
    >>> (rotation_angles([0.5**0.5, 0.5**0.5]) / np.pi).tolist()
    [0.25]
    """
    taps = _orthonormal("low_pass", low_pass)
    angles = []
    while len(taps) > 2:
        angle = np.arctan2(-taps[0], taps[1])
        pairs = taps.reshape(-1, 2) @ _rotation(angle)
        taps = pairs.ravel()[1:-1]
        angles.append(angle)
    angles.append(np.arctan2(taps[1], taps[0]))
    return np.array(angles[::-1])


def wavelet_basis(low_pass: ArrayLike, n_cells: int) -> list[np.ndarray]:
    """Return the wavelets of a filter on a ring, scale by scale.

    Parameters
    ----------
    low_pass : array_like, shape (2 m,)
        Orthonormal filter.
    n_cells : int
        A power of two, >= 2.

    Returns
    -------
    list of ndarray of float64
        Shapes (n_cells, n_cells/2), (n_cells, n_cells/4), …, (n_cells, 1), and last the constant mode (n_cells, 1): all
        columns together are an orthonormal basis.

    Examples
    --------
    >>> [scale.shape[1] for scale in wavelet_basis([0.5**0.5, 0.5**0.5], 8)]
    [4, 2, 1, 1]
    """
    taps = _orthonormal("low_pass", low_pass)
    n_cells = check_int("n_cells", n_cells, minimum=2)
    if n_cells & (n_cells - 1):
        raise ValueError(f"n_cells must be a power of two, got {n_cells}")
    high = taps[::-1] * (-1.0) ** np.arange(len(taps))
    scales, coarse = [], np.eye(n_cells)
    while coarse.shape[1] > 1:
        half = coarse.shape[1] // 2
        low, detail = np.zeros((2, 2 * half, half))
        columns = np.arange(half)
        for k in range(len(taps)):
            np.add.at(low, ((2 * columns + k) % (2 * half), columns), taps[k])
            np.add.at(detail, ((2 * columns + k) % (2 * half), columns), high[k])
        scales.append(coarse @ detail)
        coarse = coarse @ low
    return [*scales, coarse]


def _orthonormal(name: str, taps) -> np.ndarray:
    taps = check_array(name, taps, ndim=1)
    even = len(taps) % 2 == 0
    overlaps = [taps[: len(taps) - k] @ taps[k:] for k in range(0, len(taps), 2)]
    if not even or not np.allclose(overlaps, np.eye(len(overlaps))[0], atol=1e-8):
        raise ValueError(f"{name} must be orthonormal to its shifts by two and of even length, got {len(taps)} taps")
    return taps


def _rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
