"""Checks of samples and their weights that the exact sums share."""

import numpy as np

from .._validation import check_array, check_units

__all__ = ["checked_samples", "checked_shares"]


def checked_samples(X, n_visible) -> np.ndarray:
    """Return ±1 rows with the machine's number of columns, int8."""
    V = check_units("X", X, ndim=2)
    if V.shape[1] != n_visible:
        raise ValueError(f"X must have {n_visible} columns, one per visible unit, got shape {V.shape}")
    return V


def checked_shares(sample_weight, n) -> np.ndarray:
    """Return the weights of n samples, normalised; equal by default."""
    if sample_weight is None:
        return np.full(n, 1.0 / n)
    share = check_array("sample_weight", sample_weight, ndim=1)
    if len(share) != n or (share < 0).any() or share.sum() <= 0:
        raise ValueError(f"sample_weight must be {n} numbers >= 0, not all zero, got shape {share.shape}")
    return share / share.sum()
