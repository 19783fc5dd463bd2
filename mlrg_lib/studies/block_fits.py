"""The sizes of receptive fields, collected from many machines, and the size that the covariance alone predicts.

The laws that are fitted to them are :mod:`mlrg_lib.analysis.fits`, whose functions are found here too.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from .._validation import check_array, check_int
from ..analysis.fits import compare, mean_and_error, ratio, two_lengths
from ..machines import fields

__all__ = ["compare", "gaussian_field", "group", "mean_and_error", "predicted_size", "ratio", "two_lengths"]


def group(points: Sequence[Mapping], name: str, **wanted) -> dict[tuple[int, float], np.ndarray]:
    """Collect one measure of all machines that agree with ``wanted``, by hidden units and inverse temperature.

    Parameters
    ----------
    points : sequence of mappings
        As :func:`mlrg_lib.studies.block_or_correlation.load` returns them.
    name : str
        A measure.
    **wanted
        Arguments of the study's points that must have these values.

    Returns
    -------
    dict
        From (n_hidden, beta) to an array with one number a seed. Machines without a number are left out.

    Examples
    --------
    >>> rows = [{"n_hidden": 4, "beta": 0.3, "kind": "ising", "size": x} for x in (1.0, 2.0)]
    >>> group(rows, "size", kind="ising")
    {(4, 0.3): array([1., 2.])}
    """
    found: dict[tuple[int, float], list[float]] = {}
    for row in points:
        if not isinstance(row, Mapping):
            raise ValueError(f"points must be mappings, got {row!r}")
        missing = ({name, "n_hidden", "beta"} | wanted.keys()) - row.keys()
        if missing:
            raise ValueError(f"points must have the entries {sorted(missing)}, got {sorted(row)}")
        if all(row[key] == value for key, value in wanted.items()) and np.isfinite(row[name]):
            found.setdefault((row["n_hidden"], row["beta"]), []).append(row[name])
    return {key: np.array(values) for key, values in sorted(found.items())}


def gaussian_field(correlation: np.ndarray, n_hidden: int) -> np.ndarray:
    r"""Return the receptive field that the two-point function alone predicts.

    If visible and hidden units were Gaussian, the likelihood of n hidden units would be largest for
    W Wᵀ = Σ_k (1 − 1/c_k) u_k u_kᵀ over the n modes of the covariance with the largest eigenvalues c_k, of those with
    c_k > 1.
    Any rotation among hidden units does as well. The most local choice for fields on all sites is the symmetric root,
    returned here.

    Parameters
    ----------
    correlation : ndarray, shape (L, L)
        ⟨s_0 s_r⟩ on the torus.
    n_hidden : int
        >= 1. Modes of one eigenvalue share what is left for them.

    Returns
    -------
    ndarray, shape (L*L, 1)
        Centred on site 0. Zeros if no eigenvalue is above one.

    Examples
    --------
    >>> gaussian_field(np.eye(1, 16).reshape(4, 4), 3).any()
    np.False_
    """
    correlation = check_array("correlation", correlation, ndim=2)
    if correlation.shape[0] != correlation.shape[1]:
        raise ValueError(f"correlation must be square, got shape {correlation.shape}")
    left = check_int("n_hidden", n_hidden, 1)
    power = np.fft.fft2(correlation).real
    levels = np.round(power, 6)
    share = np.zeros_like(power)
    for level in np.unique(levels)[::-1]:
        here = levels == level
        if left <= 0 or level <= 1 + 1e-6:
            break
        share[here] = min(1.0, left / here.sum())
        left -= here.sum()
    root = np.sqrt(share * np.maximum(1 - 1 / np.maximum(power, 1.0), 0.0))
    return np.fft.ifft2(root).real.reshape(-1, 1)


def predicted_size(correlation: np.ndarray, n_hidden: int) -> tuple[float, float]:
    """Return the size √(half-maximum area) and the radius of :func:`gaussian_field`; NaN if there is none."""
    field = gaussian_field(correlation, n_hidden)
    if not field.any():
        return float("nan"), float("nan")
    return float(np.sqrt(fields.half_maximum_area(field)[0])), float(fields.radius(field)[0])
