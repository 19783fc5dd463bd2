"""Do receptive fields tile the lattice? Owners of each site, against the same fields thrown at random."""

from typing import NamedTuple

import numpy as np

from .._validation import as_generator, check_int
from ..analysis.series import jackknife_error
from .fields import _lattice_side, _owned

__all__ = ["owners", "scattered", "tiling"]


class Tiling(NamedTuple):
    """How the sites of a lattice are shared out among fields.

    Attributes
    ----------
    owners : float
        Mean number of owners of a site.
    bare : float
        Fraction of sites without an owner.
    unevenness : float
        Variance over mean of the number of owners: 0 if all sites have the same number, about 1 if owners are
        independent from site to site, more for large fields thrown at random.
    """

    owners: float
    bare: float
    unevenness: float


def owners(weights: np.ndarray, level: float = 0.5) -> np.ndarray:
    """Return the number of fields that own each site: those that reach ``level`` of their own maximum there.

    Parameters
    ----------
    weights : ndarray, shape (n_visible, n_hidden)
        Receptive fields as columns.
    level : float in (0, 1]

    Returns
    -------
    ndarray of int, shape (n_visible,)

    Examples
    --------
    >>> owners(np.array([[1.0, 0.8], [0.6, 0.1], [0.1, 1.0]]))
    array([2, 1, 1])
    """
    return _owned(weights, level).sum(axis=1)


def _summary(count) -> np.ndarray:
    """Return the numbers of a Tiling along the last axis of ``count``."""
    mean = count.mean(axis=-1)
    uneven = np.divide(count.var(axis=-1), mean, out=np.full_like(mean, np.nan), where=mean > 0)
    return np.stack([mean, (count == 0).mean(axis=-1), uneven], axis=-1)


def tiling(weights: np.ndarray, level: float = 0.5) -> tuple[Tiling, Tiling]:
    """Return how the fields share out the lattice, and the standard errors over fields.

    Parameters
    ----------
    weights : ndarray, shape (n_visible, n_hidden)
        At least two fields.
    level : float in (0, 1]
        As for :func:`owners`.

    Returns
    -------
    value, error : Tiling
        Errors by the jackknife: one field left out at a time. The unevenness of fields that own nothing is NaN.

    Examples
    --------
    >>> tiling(np.repeat(np.eye(4), 3, axis=0))[0]
    Tiling(owners=1.0, bare=0.0, unevenness=0.0)
    """
    owned = _owned(weights, level)
    n = owned.shape[1]
    if n < 2:
        raise ValueError(f"weights must have at least two columns, got shape {owned.shape}")
    count = owned.sum(axis=1)
    without = _summary((count - owned.T).astype(np.float64))
    error = jackknife_error(without)
    return Tiling(*map(float, _summary(count.astype(np.float64)))), Tiling(*map(float, error))


def scattered(
    weights: np.ndarray,
    side: int | None = None,
    level: float = 0.5,
    *,
    n: int = 50,
    rng: np.random.Generator | int | None = None,
) -> tuple[Tiling, Tiling]:
    """Return what :func:`tiling` gives for the same fields moved to random places of the periodic lattice.

    Parameters
    ----------
    weights : ndarray, shape (side*side, n_hidden)
    side : int, optional
        Side of the lattice; the root of the number of rows by default.
    level : float in (0, 1]
        As for :func:`owners`.
    n : int
        >= 2; draws.
    rng : numpy.random.Generator, int or None

    Returns
    -------
    mean, spread : Tiling
        Over the draws; ``spread`` is the standard deviation of one draw. NaN as in :func:`tiling`.

    Examples
    --------
    >>> mean, _ = scattered(np.eye(16), rng=0)
    >>> mean.owners, bool(0.2 < mean.bare < 0.5)
    (1.0, True)
    """
    owned = _owned(weights, level)
    side, n, rng = _lattice_side(owned, side), check_int("n", n, 2), as_generator(rng)
    images = owned.T.reshape(-1, side, side)
    count = np.zeros((n, side, side))
    for image in images:
        for draw, (down, right) in enumerate(rng.integers(0, side, size=(n, 2))):
            count[draw] += np.roll(image, (down, right), axis=(0, 1))
    found = _summary(count.reshape(n, -1))
    return Tiling(*map(float, found.mean(axis=0))), Tiling(*map(float, found.std(axis=0, ddof=1)))
