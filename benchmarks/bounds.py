"""What no implementation of a method can leave out, as kernels of its own: they compute nothing else."""

import numba
import numpy as np

from mlrg_lib._kernels.words import step

from .measure import Contender

_LANES = 256


@numba.njit(inline="always")
def _three(x, a, b, c, d):
    """Return ``x`` exclusive-or three further words, and the state."""
    w1, a, b, c, d = step(a, b, c, d)
    w2, a, b, c, d = step(a, b, c, d)
    w3, a, b, c, d = step(a, b, c, d)
    return x ^ w1 ^ w2 ^ w3, a, b, c, d


@numba.njit(cache=True, nogil=True, error_model="numpy")
def draw_words(out, s0, s1, s2, s3, repeats):
    """Draw 13 words of each generator, ``repeats`` times, and keep the exclusive-or; all uint64 (n,)."""
    for _ in range(repeats):
        for i in range(out.size):
            x, a, b, c, d = step(s0[i], s1[i], s2[i], s3[i])
            x, a, b, c, d = _three(x, a, b, c, d)
            x, a, b, c, d = _three(x, a, b, c, d)
            x, a, b, c, d = _three(x, a, b, c, d)
            x, a, b, c, d = _three(x, a, b, c, d)
            out[i] ^= x
            s0[i], s1[i], s2[i], s3[i] = a, b, c, d


def generator_bound(repeats: int = 5000) -> Contender:
    """Return 13 words for every 64 attempts, from as many generators as stay in the first-level cache."""
    states = np.random.default_rng(0).integers(0, 2**64, size=(4, _LANES), dtype=np.uint64)
    out = np.zeros(_LANES, dtype=np.uint64)
    return Contender("random words", lambda: draw_words(out, *states, repeats), 64 * _LANES * repeats)


@numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def multiply_products(product, up, down, p, q, repeats):
    """Multiply 4 x 64 numbers by u p + d q, ``repeats`` times, all float64 in the first-level cache."""
    for _ in range(repeats):
        for s in range(product.size):
            product[s] *= up[s] * p + down[s] * q


def product_bound(steps: int) -> Contender:
    """Return ``steps`` factors u p + d q multiplied into products: two multiplications and a multiply-add each."""
    size = 512
    product, tables = np.ones(size), np.full((2, size), 0.5)
    n = steps // size // 4
    return Contender("products", lambda: multiply_products(product, *tables, 1.0, 1.0, n), n * size / steps)


@numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def square_updates(x, y, a, repeats):
    """Add a y to x and return the sum of fourth powers, ``repeats`` times, float32 in the first-level cache."""
    total = np.float32(0.0)
    for _ in range(repeats):
        for t in range(x.size):
            x[t] += a * y[t]
            q = x[t] * x[t]
            total += q * q
    return total


def moments_bound(steps: float) -> Contender:
    """Return ``steps`` updates of a rebuilt variable with its fourth moment: three operations each."""
    size = 1024
    x, y = np.zeros(size, dtype=np.float32), np.ones(size, dtype=np.float32)
    n = max(1, round(steps / size / 4))
    return Contender("updates", lambda: square_updates(x, y, np.float32(1e-6), n), n * size / steps)
