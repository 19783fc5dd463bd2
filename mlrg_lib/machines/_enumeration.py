"""Enumeration of the layer s of a bipartite ±1 model P(s, u) ∝ exp(s·W·u + field·s + bias·u), with u in closed form."""

from functools import cached_property

import numpy as np
from scipy.special import logsumexp

from .._kernels import enumeration as kernels

__all__ = [
    "MAX_SUMMED",
    "MAX_TABULATED",
    "Enumeration",
    "enumerate_hidden",
    "enumerate_visible",
    "log_partition",
    "model_moments",
    "states",
]

MAX_SUMMED = 28  # units enumerated for one number: seconds
MAX_TABULATED = 24  # units enumerated into a table: 2**24 float64 are 128 MiB
_LOW_UNITS = 9  # 2**9 low states per pass: long enough loops, tables that stay in the second-level cache
_RANGE = 690.0  # ln of what a product of factors may lose before its exponent is taken out; float64 ends at 708


def states(n: int) -> np.ndarray:
    """Return all states of n units, int8 (2**n, n); unit i of row k is +1 if bit i of k is set, else -1."""
    bits = np.arange(1 << n, dtype=np.uint32)[:, None] >> np.arange(n, dtype=np.uint32)
    return (2 * (bits & np.uint32(1)).astype(np.int8) - 1).astype(np.int8)


class Enumeration:
    """Tables for the sums over all 2**n states of the layer s; ``weights`` (n, m), ``field`` (n,), ``bias`` (m,)."""

    def __init__(self, weights: np.ndarray, field: np.ndarray, bias: np.ndarray, *, maximum: int, what: str):
        self.n, self.m = weights.shape
        if self.n > maximum:
            raise ValueError(f"{what} must have at most {maximum} units in its smaller layer, got {self.n}")
        self.n_low = min(self.n, self.n // 2 + 2, _LOW_UNITS)
        low, high = weights[: self.n_low], weights[self.n_low :]
        low_fields, high_fields = self._fields(low, np.zeros(self.m)), self._fields(high, bias)
        own_low, own_high = self._fields(field[: self.n_low, None]), self._fields(field[self.n_low :, None])
        low_scale, high_scale = np.abs(low_fields).max(axis=0), np.abs(high_fields).max(axis=0)
        scale = low_scale + high_scale
        self._direct = None
        if not scale.max() < _RANGE:
            if self.n > MAX_TABULATED:
                limit = f"fields below {_RANGE:g} to be enumerated over {self.n} units"
                raise ValueError(f"{what} must have {limit}, got {scale.max():.4g}")
            self._direct = low_fields, high_fields, own_low[:, 0], own_high[:, 0]
            return
        own = np.abs(field).sum()
        copies = max(1, int(np.ceil(2 * own / 300.0)))  # of the states' own weight, so that no factor underflows
        largest = max(float(scale.max()), 2 * own / copies, 1e-12)
        self.every = int(np.clip(_RANGE / largest, 1, 512))
        self.log_scale = float(scale.sum() + own)

        def tables(fields, scales, own_fields):
            share = np.repeat(own_fields / copies - np.abs(own_fields).max() / copies, copies, axis=1)
            up, down = np.exp(fields - scales), np.exp(-fields - scales)
            return np.hstack([up, np.exp(share)]), np.hstack([down, np.zeros_like(share)])

        low_tables = tables(low_fields, low_scale, own_low)
        self.low = tuple(np.ascontiguousarray(table.T) for table in low_tables)
        self.high = tables(high_fields, high_scale, own_high)
        self._scratch = np.empty(1 << self.n_low), np.empty(1 << self.n_low, dtype=np.int64)

    @staticmethod
    def _fields(weights, bias=None):
        bias = np.zeros(weights.shape[1]) if bias is None else bias
        out = np.empty((1 << len(weights), weights.shape[1]))
        kernels.fill_fields(out, np.ascontiguousarray(weights), bias)
        return out

    def log_partition(self) -> float:
        """Return ln Σ_{s,u} exp(...)."""
        if self._direct:
            return float(logsumexp(self.log_weights))
        return float(kernels.log_sum(*self.low, *self.high, self.every, *self._scratch)) + self.log_scale

    @cached_property
    def log_weights(self) -> np.ndarray:
        """ln Σ_u exp(...) for every state s, float64 (2**n,)."""
        out = np.empty(1 << self.n)
        if self._direct:
            kernels.log_weights_directly(out, *self._direct)
            return out
        kernels.log_weights(out, *self.low, *self.high, self.every, *self._scratch)
        out += self.log_scale
        return out

    @cached_property
    def probabilities(self) -> np.ndarray:
        """P(s), float64 (2**n,)."""
        return np.exp(self.log_weights - logsumexp(self.log_weights))

    def moments(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return <s_i u_j> (n, m), <s_i> (n,) and <u_j> (m,)."""
        p = self.probabilities
        low, high = np.zeros((self.m, 1 << self.n_low)), np.zeros((1 << (self.n - self.n_low), self.m))
        if self._direct:
            kernels.mean_products_directly(low, high, p, *self._direct[:2])
        else:
            kernels.mean_products(low, high, p, *(t[: self.m] for t in self.low), *(t[:, : self.m] for t in self.high))
        low_signs = states(self.n_low).astype(np.float64)
        high_signs = states(self.n - self.n_low).astype(np.float64)
        grid = p.reshape(len(high_signs), len(low_signs))
        products = np.vstack([low_signs.T @ low.T, high_signs.T @ high])
        means = np.concatenate([grid.sum(axis=0) @ low_signs, grid.sum(axis=1) @ high_signs])
        return products, means, high.sum(axis=0)


def log_partition(weights, hidden_bias, visible_bias):
    """Return ln Z of the model by enumeration of its smaller layer."""
    enumerate_layer = enumerate_visible if weights.shape[0] <= weights.shape[1] else enumerate_hidden
    return enumerate_layer(weights, hidden_bias, visible_bias, MAX_SUMMED).log_partition()


def model_moments(weights, hidden_bias, visible_bias):
    """Return <v_i h_j>, <h_j>, <v_i> of the model, in the order of W, b, c, by enumeration of its smaller layer."""
    if weights.shape[0] <= weights.shape[1]:
        products, visible, hidden = enumerate_visible(weights, hidden_bias, visible_bias, MAX_TABULATED).moments()
        return products, hidden, visible
    products, hidden, visible = enumerate_hidden(weights, hidden_bias, visible_bias, MAX_TABULATED).moments()
    return products.T, hidden, visible


def enumerate_visible(weights, hidden_bias, visible_bias, maximum):
    """Return the enumeration of the visible layer; its log weights are -F(v)."""
    return Enumeration(-weights, -visible_bias, -hidden_bias, maximum=maximum, what="rbm")


def enumerate_hidden(weights, hidden_bias, visible_bias, maximum):
    """Return the enumeration of the hidden layer; its log weights are -H_h(h)."""
    return Enumeration(-weights.T, -hidden_bias, -visible_bias, maximum=maximum, what="rbm")
