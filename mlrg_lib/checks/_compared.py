"""Numbers of an answer beside the right ones, and what can go wrong with any of them."""

import numpy as np


def agrees(given, wanted, rtol: float = 1e-6, atol: float = 1e-9) -> bool:
    """Return whether all numbers are close."""
    return bool(np.allclose(given, wanted, rtol=rtol, atol=atol))


def general(given: list[np.ndarray], truths: list[np.ndarray], rtol: float, atol: float) -> str | None:
    """Return the hint for what can go wrong with any quantity: its sign, a factor, a constant, its orientation."""
    a = np.concatenate([np.ravel(g) for g in given])
    b = np.concatenate([np.ravel(t) for t in truths]).astype(float)
    if agrees(a, -b, rtol, atol):
        return "the size is right and the sign is reversed"
    if a.size >= 3 and np.ptp(b) > 1e-6 * np.abs(b).max():
        if b @ b > 0 and agrees(a, b * (a @ b) / (b @ b), rtol, atol) and a @ b:
            return "everything is off by one and the same factor"
        if agrees(a - a.mean(), b - b.mean(), rtol, atol * 10):
            return "everything is off by one and the same additive constant"
    square = all(g.ndim == 2 and g.shape[0] == g.shape[1] for g in given)
    if square and all(agrees(g.T, t, rtol, atol) for g, t in zip(given, truths, strict=True)):
        return "rows and columns are exchanged"
    return None
