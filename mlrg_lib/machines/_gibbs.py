"""Block Gibbs sampling, in float32, and the chunked float64 products of the public methods."""

import itertools
from collections.abc import Callable

import numpy as np

from .._rbm import alternate, draw_seed, sampler

__all__ = ["chunks", "drawer", "gibbs", "hidden_fields", "sample_from_fields", "visible_fields"]

_ROWS = 4096


def chunks(n: int) -> list[slice]:
    """Return slices that cover n rows, so that float64 copies of int8 data stay small."""
    return [slice(start, min(start + _ROWS, n)) for start in range(0, n, _ROWS)]


def hidden_fields(rbm, V: np.ndarray) -> np.ndarray:
    """Return b_j + Σ_i v_i W_ij of int8 rows, float64 (n, n_hidden)."""
    return _products(V, rbm.weights_, rbm.hidden_bias_)


def visible_fields(rbm, H: np.ndarray) -> np.ndarray:
    """Return c_i + Σ_j W_ij h_j of rows of hidden units, float64 (n, n_visible)."""
    return _products(H, rbm.weights_.T, rbm.visible_bias_)


def _products(rows, weights, bias):
    out = np.empty((len(rows), weights.shape[1]))
    for part in chunks(len(rows)):
        np.dot(rows[part].astype(np.float64), weights, out=out[part])
    out += bias
    return out


def sample_from_fields(fields: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw int8 units whose energies are fields * unit."""
    values = fields.astype(np.float32)
    sampler(draw_seed(rng))(values, np.zeros(values.shape[1], dtype=np.float32), 0)
    return values.astype(np.int8)


def drawer(rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Return what replaces float32 fields by samples of their units, and returns them; every call is independent."""
    rule, calls = sampler(draw_seed(rng)), itertools.count()

    def draw(fields):
        rule(fields.reshape(len(fields), -1), np.zeros(fields[0].size, dtype=np.float32), next(calls))
        return fields

    return draw


def gibbs(rbm, V: np.ndarray, n_steps: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Run ``n_steps`` sweeps h|v, v|h from each row of ``V`` and return the final (v, h), int8.

    The hidden layer returned is the one the last visible layer was drawn from, a joint sample of both; zeros if
    there was no sweep.
    """
    parameters = (rbm.weights_, rbm.hidden_bias_, rbm.visible_bias_)
    visible = V.astype(np.float32)
    single = tuple(np.ascontiguousarray(a, dtype=np.float32) for a in parameters)
    hidden = alternate(single, visible, n_steps, sampler(draw_seed(rng)))
    return visible.astype(np.int8), hidden.astype(np.int8)
