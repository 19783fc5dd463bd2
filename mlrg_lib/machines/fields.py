"""How local is a receptive field? Several measures, because they disagree under noise."""

import numpy as np

from .._validation import check_array, check_int, check_real

__all__ = ["centres", "half_maximum_area", "learned", "participation_ratio", "radius"]


def _columns(weights) -> np.ndarray:
    return np.abs(check_array("weights", weights, ndim=2))


def _lattice_side(weights, side) -> int:
    n_visible = weights.shape[0]
    if side is None:
        side = round(np.sqrt(n_visible))
    side = check_int("side", side, 1)
    if side * side != n_visible:
        raise ValueError(f"weights must have side*side rows, got {n_visible} rows and side {side}")
    return side


def learned(weights: np.ndarray, threshold: float = 0.25) -> np.ndarray:
    """Tell hidden units that learned something from those that stayed near zero.

    Parameters
    ----------
    weights : ndarray, shape (n_visible, n_hidden)
        Receptive fields as columns.
    threshold : float in [0, 1]
        A unit counts if its largest ``|weight|`` is at least this fraction of the largest of all units.

    Returns
    -------
    ndarray of bool, shape (n_hidden,)

    Raises
    ------
    ValueError
        For weights that are not a finite matrix, or a threshold outside [0, 1].

    Examples
    --------
    >>> learned(np.array([[1.0, 0.1], [0.0, 0.1]]))
    array([ True, False])
    """
    threshold = check_real("threshold", threshold, 0.0, 1.0)
    peak = _columns(weights).max(axis=0)
    return (peak >= threshold * peak.max()) & (peak > 0)


def participation_ratio(weights: np.ndarray) -> np.ndarray:
    """Return (Σ w²)² / Σ w⁴ of each column: how many sites share its weight.

    One for a single site, n for n equal sites, n_visible for a uniform field; n_visible/3 for Gaussian noise.

    Parameters
    ----------
    weights : ndarray, shape (n_visible, n_hidden)

    Returns
    -------
    ndarray, shape (n_hidden,)
        NaN for a column of zeros.

    Raises
    ------
    ValueError
        For weights that are not a finite matrix.

    Examples
    --------
    >>> participation_ratio(np.array([[1.0, 2.0], [0.0, 2.0]]))
    array([1., 2.])
    """
    square = _columns(weights) ** 2
    return _ratio(square.sum(axis=0) ** 2, (square**2).sum(axis=0))


def half_maximum_area(weights: np.ndarray, level: float = 0.5) -> np.ndarray:
    """Return the number of sites at which each field reaches ``level`` of its largest ``|weight|``.

    The noise floor does not enter as long as it stays below ``level``, which makes this the steadiest measure.

    Parameters
    ----------
    weights : ndarray, shape (n_visible, n_hidden)
    level : float in (0, 1]

    Returns
    -------
    ndarray of int, shape (n_hidden,)
        0 for a column of zeros.

    Raises
    ------
    ValueError
        For weights that are not a finite matrix, or a level outside (0, 1].

    Examples
    --------
    >>> half_maximum_area(np.array([[1.0, 2.0], [0.6, 0.5]]))
    array([2, 1])
    """
    level = check_real("level", level, 0.0, 1.0)
    if level == 0.0:
        raise ValueError("level must be > 0, got 0.0")
    size = _columns(weights)
    peak = size.max(axis=0)
    return ((size >= level * peak) & (peak > 0)).sum(axis=0)


def centres(weights: np.ndarray, side: int | None = None) -> np.ndarray:
    """Return the centre of each field on the periodic lattice, as the phase of its first Fourier modes.

    Parameters
    ----------
    weights : ndarray, shape (side*side, n_hidden)
        Rows are sites in row-major order.
    side : int, optional
        Side of the lattice; the root of the number of rows by default.

    Returns
    -------
    ndarray, shape (n_hidden, 2)
        Row and column in [0, side), the circular mean with weights w².

    Raises
    ------
    ValueError
        For weights that are not a finite matrix, or whose rows do not make a square.

    Examples
    --------
    >>> field = np.zeros((9, 1)); field[4] = -2.0
    >>> np.allclose(centres(field), [[1.0, 1.0]])
    True
    """
    size = _columns(weights)
    side = _lattice_side(size, side)
    mass = (size**2).reshape(side, side, -1)
    phases = np.exp(2j * np.pi * np.arange(side) / side)
    angles = [np.angle(np.tensordot(phases, mass.sum(axis=1 - axis), axes=(0, 0))) for axis in (0, 1)]
    return np.stack(angles, axis=1) * side / (2 * np.pi) % side


def radius(weights: np.ndarray, side: int | None = None, level: float = 0.25) -> np.ndarray:
    """Return the root-mean-square distance of each field's weight from its centre, on the periodic lattice.

    Only sites that reach ``level`` of the largest ``|weight|`` count: on a large lattice even a small noise floor
    would otherwise dominate the sum.

    Parameters
    ----------
    weights : ndarray, shape (side*side, n_hidden)
    side : int, optional
        Side of the lattice; the root of the number of rows by default.
    level : float in [0, 1]

    Returns
    -------
    ndarray, shape (n_hidden,)
        In lattice spacings; NaN for a column of zeros. A uniform field has about side/√6.

    Raises
    ------
    ValueError
        For weights that are not a finite matrix, whose rows do not make a square, or a level outside [0, 1].

    Examples
    --------
    >>> field = np.zeros((25, 1)); field[[11, 13]] = 1.0
    >>> radius(field)
    array([1.])
    """
    level = check_real("level", level, 0.0, 1.0)
    size = _columns(weights)
    side = _lattice_side(size, side)
    mass = np.where(size >= level * size.max(axis=0), size, 0.0) ** 2
    middle = centres(np.sqrt(mass), side)
    rows, columns = np.divmod(np.arange(side * side), side)
    distance = np.stack([rows, columns], axis=1)[:, None, :] - middle[None]
    distance -= side * np.round(distance / side)
    return np.sqrt(_ratio((mass * (distance**2).sum(axis=2)).sum(axis=0), mass.sum(axis=0)))


def _ratio(numerator, denominator) -> np.ndarray:
    out = np.full_like(numerator, np.nan)
    return np.divide(numerator, denominator, out=out, where=denominator > 0)
