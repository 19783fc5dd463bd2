"""Good plain programs: what a careful person writes first, to be compared with."""

import math

import numba
import numpy as np

from mlrg_lib._kernels.rng import next_double


@numba.njit(cache=True, nogil=True, error_model="numpy")
def metropolis_sweeps(spins, accept, n_sweeps, state):
    """Sweep one int8 lattice (L, L) in checkerboard order; ``accept`` (5,) by number of parallel neighbours."""
    L = spins.shape[0]
    for _ in range(n_sweeps):
        for colour in range(2):
            for y in range(L):
                above, below = spins[y - 1 if y > 0 else L - 1], spins[y + 1 if y < L - 1 else 0]
                row = spins[y]
                for x in range((y + colour) & 1, L, 2):
                    around = above[x] + below[x] + row[x - 1 if x > 0 else L - 1] + row[x + 1 if x < L - 1 else 0]
                    k = (row[x] * around + 4) >> 1
                    if k <= 2 or next_double(state) < accept[k]:
                        row[x] = -row[x]


def log_partition_numpy(weights: np.ndarray, visible_bias: np.ndarray, hidden_bias: np.ndarray) -> float:
    """Return ln Z of a ±1 machine, exp(-E) with all signs of E positive: states of the visible layer, in chunks."""
    n = len(visible_bias)
    top, total = -math.inf, 0.0
    for first in range(0, 1 << n, 1 << 13):
        numbers = np.arange(first, min(first + (1 << 13), 1 << n))
        states = 2.0 * (numbers[:, None] >> np.arange(n) & 1) - 1
        fields = np.abs(states @ weights + hidden_bias)
        logs = -states @ visible_bias + (fields + np.log1p(np.exp(-2 * fields))).sum(axis=1)
        largest = max(top, logs.max())
        total = total * math.exp(top - largest) + np.exp(logs - largest).sum()
        top = largest
    return top + math.log(total)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def log_partition_gray(weights, visible_bias, hidden_bias):
    """Return the same by a Gray code: one visible unit changes at a time, and every field is carried along."""
    n, m = weights.shape
    state = -np.ones(n)
    fields = hidden_bias.copy()
    own = 0.0
    for i in range(n):
        own += visible_bias[i]
        for j in range(m):
            fields[j] -= weights[i, j]
    top, total = -np.inf, 0.0
    for k in range(1, (1 << n) + 1):
        value = own
        for j in range(m):
            x = abs(fields[j])
            value += x + math.log1p(math.exp(-2.0 * x))
        if value > top:
            total = total * math.exp(top - value) + 1.0
            top = value
        else:
            total += math.exp(value - top)
        bit = 0
        while bit < n - 1 and not k >> bit & 1:
            bit += 1
        state[bit] = -state[bit]
        own -= 2.0 * state[bit] * visible_bias[bit]
        for j in range(m):
            fields[j] += 2.0 * state[bit] * weights[bit, j]
    return top + math.log(total)


def modes_and_scores(data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the principal components, columns of decreasing variance, and the data in their basis; float32."""
    X = (data - data.mean(axis=0)).astype(np.float32)
    _, vectors = np.linalg.eigh(X.T.astype(np.float64) @ X / len(X))
    modes = np.ascontiguousarray(vectors[:, ::-1], dtype=np.float32)
    return modes, X @ modes


def moments_by_products(modes: np.ndarray, scores: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return the median normalized fourth moment by number of modes kept: a product for each number."""
    rebuilt = np.empty_like(scores)
    out = np.empty(len(numbers))
    for row, k in enumerate(numbers):
        np.dot(scores[:, :k], modes[:, :k].T, out=rebuilt)
        np.multiply(rebuilt, rebuilt, out=rebuilt)
        second = rebuilt.mean(axis=0)
        np.multiply(rebuilt, rebuilt, out=rebuilt)
        out[row] = np.median(rebuilt.mean(axis=0) / second**2)
    return out


class NumpyRBM:
    """CD-1 of ±1 units in float32 by whole-array numpy: no loop but the one over batches."""

    def __init__(self, n_visible, n_hidden, rate=0.01, momentum=0.5, l1=1e-4):
        self.rng = np.random.default_rng(0)
        self.W = 0.01 * self.rng.standard_normal((n_visible, n_hidden), dtype=np.float32)
        self.b, self.c = np.zeros(n_hidden, np.float32), np.zeros(n_visible, np.float32)
        self.velocity = np.zeros_like(self.W)
        self.rate, self.momentum, self.l1 = np.float32(rate), np.float32(momentum), np.float32(l1)

    def _sample(self, fields):
        p = 1 / (1 + np.exp(2 * fields))
        return np.where(self.rng.random(p.shape, dtype=np.float32) < p, np.float32(1), np.float32(-1)), 2 * p - 1

    def epoch(self, X, batch, k=1):
        """Pass once over ``X`` float32 (n, n_visible)."""
        for first in range(0, len(X), batch):
            v0 = X[first : first + batch]
            h, m0 = self._sample(v0 @ self.W + self.b)
            for _ in range(k):
                v, _ = self._sample(h @ self.W.T + self.c)
                h, m = self._sample(v @ self.W + self.b)
            n = np.float32(len(v0))
            step = (v.T @ m - v0.T @ m0) / n - self.l1 * np.sign(self.W)
            self.velocity = self.momentum * self.velocity + self.rate * step
            self.W += self.velocity
            self.b += self.rate * (m - m0).mean(axis=0)
            self.c += self.rate * (v - v0).mean(axis=0)
