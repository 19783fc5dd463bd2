"""Checks and sums shared by the enumeration modules."""

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import check_array

MAX_SPINS = 24  # 2**24 float64 are 128 MiB
_ROWS = 4096  # rows of a transformation handled at once, so that temporaries stay small


def n_spins(name: str, length: int, maximum: int = MAX_SPINS) -> int:
    """Return n for a length 2**n with 1 <= n <= maximum, or raise naming the argument."""
    n = int(length).bit_length() - 1
    if length != 1 << n or not 1 <= n <= maximum:
        raise ValueError(
            f"{name} must have one entry per state, 2**n entries with 1 <= n <= {maximum} spins, got {length}"
        )
    return n


def check_energy(name: str, values: ArrayLike) -> np.ndarray:
    """Return a checked Hamiltonian on all states, float64 (2**n,)."""
    values = check_array(name, values, ndim=1)
    n_spins(name, len(values))
    return values


def check_operator(name: str, T: ArrayLike) -> np.ndarray:
    """Return a checked transformation, float64 (2**n_visible, 2**n_hidden); -inf is allowed, but not in a whole row."""
    array = check_array(name, T, finite=False)
    if array.ndim != 2:
        raise ValueError(f"{name} must have shape (2**n_visible, 2**n_hidden), got shape {array.shape}")
    for length in array.shape:
        n_spins(name, length)
    if np.isnan(array).any() or np.isposinf(array).any():
        raise ValueError(f"{name} must be finite or -inf, got NaN or +inf")
    if np.isneginf(array).all(axis=1).any():
        raise ValueError(f"{name} must leave every visible state at least one hidden partner, got a row of -inf")
    return array


def check_pair(T: ArrayLike, H: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return a checked transformation and the checked Hamiltonian of its visible spins."""
    T, H = check_operator("T", T), check_energy("H", H)
    if T.shape[0] != len(H):
        raise ValueError(f"T must have one row per state of H, got shapes {T.shape} and {H.shape}")
    return T, H


def chunks(T: np.ndarray) -> list[slice]:
    """Return slices that cover the rows of a transformation."""
    return [slice(start, start + _ROWS) for start in range(0, len(T), _ROWS)]


def log_trace(T: np.ndarray) -> np.ndarray:
    """Return ln Tr_h exp(T) of a checked transformation for every visible state, shape (2**n_visible,)."""
    out = np.empty(T.shape[0])
    for rows in chunks(T):
        top = T[rows].max(axis=1, keepdims=True)
        out[rows] = np.log(np.exp(T[rows] - top).sum(axis=1)) + top[:, 0]
    return out
