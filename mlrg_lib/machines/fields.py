"""How local is a receptive field? Several measures, because they disagree under noise."""

import numpy as np

from .._validation import as_generator, check_array, check_int, check_real

__all__ = [
    "block_overlap",
    "bootstrap_error",
    "centres",
    "half_maximum_area",
    "learned",
    "participation_ratio",
    "radius",
    "spacing",
]


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

    Examples
    --------
    >>> half_maximum_area(np.array([[1.0, 2.0], [0.6, 0.5]]))
    array([2, 1])
    """
    return _owned(weights, level).sum(axis=0)


def _owned(weights: np.ndarray, level: float) -> np.ndarray:
    """Return which sites each field owns, a bool for each weight: those that reach ``level`` of its maximum."""
    size = _columns(weights)
    if (level := check_real("level", level, 0.0, 1.0)) == 0.0:
        raise ValueError("level must be > 0, got 0.0")
    peak = size.max(axis=0)
    return (size >= level * peak) & (peak > 0)


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
    """Return the root-mean-square distance of each field's sites from its centre, with weights w², on the torus.

    Only sites that reach ``level`` of the largest ``|weight|`` count: on a large lattice even a small noise floor
    would otherwise dominate the sum. A uniform block has the same radius at every level. A field with soft edges has
    not, so a radius means little without its level: compare several.

    Parameters
    ----------
    weights : ndarray, shape (side*side, n_hidden)
    side : int, optional
        Side of the lattice; the root of the number of rows by default.
    level : float in [0, 1]
        The cut; 0 keeps every site.

    Returns
    -------
    ndarray, shape (n_hidden,)
        In lattice spacings; NaN for a column of zeros. A uniform field has about side/√6, and a block of n sites
        √((n − 1)/6).

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


def block_overlap(weights: np.ndarray, side: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return how much each field is a square block: its largest cosine with the indicator of an s x s block.

    The cosine with a block B of s² sites is ``|Σ_{i in B} w_i| / (s |w|)``. The largest over all places and sizes is
    one for a uniform square block, less for a field with soft edges, opposite signs or a noise floor.

    Parameters
    ----------
    weights : ndarray, shape (side*side, n_hidden)
    side : int, optional
        Side of the lattice; the root of the number of rows by default.

    Returns
    -------
    overlap : ndarray, shape (n_hidden,)
        In [0, 1]; NaN for a column of zeros.
    size : ndarray of int, shape (n_hidden,)
        Side s of the best block, in lattice spacings; 0 for a column of zeros.

    Notes
    -----
    Cost: side window sums of the whole lattice for each field, side³ additions.

    Examples
    --------
    >>> field = np.zeros((6, 6)); field[1:4, 2:5] = -0.5
    >>> block_overlap(field.reshape(36, 1))
    (array([1.]), array([3]))
    """
    weights = check_array("weights", weights, ndim=2)
    side = _lattice_side(weights, side)
    images = np.ascontiguousarray(weights.T).reshape(-1, side, side)
    norm = np.sqrt((images**2).sum(axis=(1, 2)))
    rows = np.zeros_like(images)
    best, size = np.zeros(len(images)), np.zeros(len(images), dtype=np.int64)
    for s in range(1, side + 1):
        rows += np.roll(images, 1 - s, axis=1)  # sums of s rows, grown by one row each time
        ends = np.cumsum(np.concatenate([rows, rows[:, :, :s]], axis=2), axis=2)
        blocks = ends[:, :, s - 1 : s - 1 + side].copy()
        blocks[:, :, 1:] -= ends[:, :, : side - 1]
        cosine = _ratio(np.abs(blocks).max(axis=(1, 2)), s * norm)
        better = cosine > best + 1e-12
        best, size = np.where(better, cosine, best), np.where(better, s, size)
    return np.where(norm > 0, np.minimum(best, 1.0), np.nan), size


def spacing(weights: np.ndarray, side: int | None = None) -> np.ndarray:
    """Return the distance from each field's centre to the nearest other centre, on the periodic lattice.

    n centres on a square grid are side/√n apart; n centres thrown at random are on average half as far.

    Parameters
    ----------
    weights : ndarray, shape (side*side, n_hidden)
        At least two fields.
    side : int, optional
        Side of the lattice; the root of the number of rows by default.

    Returns
    -------
    ndarray, shape (n_hidden,)
        In lattice spacings. Centres are those of :func:`centres` for weights of at least a quarter of the largest.

    Examples
    --------
    >>> field = np.zeros((36, 3)); field[[0, 2, 18], [0, 1, 2]] = 1.0
    >>> spacing(field)
    array([2., 2., 3.])
    """
    size = _columns(weights)
    side = _lattice_side(size, side)
    if size.shape[1] < 2:
        raise ValueError(f"weights must have at least two columns, got shape {size.shape}")
    middle = centres(np.where(size >= 0.25 * size.max(axis=0), size, 0.0), side)
    apart = middle[:, None, :] - middle[None, :, :]
    apart -= side * np.round(apart / side)
    distance = np.sqrt((apart**2).sum(axis=2))
    np.fill_diagonal(distance, np.inf)
    return np.round(distance.min(axis=1), 12)


def bootstrap_error(values: np.ndarray, *, n: int = 400, rng: np.random.Generator | int | None = None) -> float:
    """Return the standard error of the median, from resampled values: the spread between hidden units.

    Parameters
    ----------
    values : ndarray, shape (n_values,)
        One number for each hidden unit.
    n : int
        >= 2; resampled sets.
    rng : numpy.random.Generator, int or None

    Returns
    -------
    float
        Units of one machine are not independent, so this is not the spread between machines.

    Examples
    --------
    >>> bootstrap_error(np.ones(20), rng=0)
    0.0
    """
    values, n, rng = check_array("values", values, ndim=1), check_int("n", n, 2), as_generator(rng)
    medians = np.median(values[rng.integers(0, len(values), size=(n, len(values)))], axis=1)
    return float(medians.std(ddof=1))


def _ratio(numerator, denominator) -> np.ndarray:
    out = np.full_like(numerator, np.nan)
    return np.divide(numerator, denominator, out=out, where=denominator > 0)
