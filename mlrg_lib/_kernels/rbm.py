"""Passes of a restricted Boltzmann machine with ±1 units between its matrix products, and their counter-based noise.

A unit with activation ``a`` (its field in E, bias included) is +1 with probability 1 / (1 + exp(2 a)) and has mean
-tanh(a). Every uniform number is a hash of (seed, call, row, column): nothing is carried from one to the next, so a
row's samples depend neither on the batch it came in nor on who computed it.
"""

import math

import numpy as np

from ._compile import kernel
from .words import GAMMA, ONE, U32, mix64

COLUMN = np.uint32(0x9E3779B9)
_HASH1, _HASH2 = np.uint32(0x21F0AAAD), np.uint32(0xD35A2D97)
_S8, _S15, _S16 = np.uint32(8), np.uint32(15), np.uint32(16)
_UNIT = np.float32(16777216.0)  # 2**24: a uniform number is an integer below it, and is never divided

_ONE, _TWO = np.float32(1.0), np.float32(2.0)
_TWO_LOG2E = np.float32(2.0 / math.log(2.0))
_LIMIT = np.float32(80.0)  # 2**80: tanh is ±1 and no sample can differ long before
_ROUND = np.float32(12582912.0)  # 1.5 * 2**23
# Weighted least squares towards the minimax fit of 2**f - 1 on [-1/2, 1/2], relative error 9e-8.
_C1, _C2, _C3 = np.float32(0.693147), np.float32(0.24022242), np.float32(0.055507336)
_C4, _C5 = np.float32(0.009671513), np.float32(0.0013264727)
_U23 = np.uint32(23)


@kernel
def row_key(seed, call, row):
    """Return the 64-bit key of one row of one call; ``seed`` and ``call`` uint64, ``row`` an integer."""
    return mix64(mix64(seed + call * GAMMA) + (np.uint64(row) + ONE) * GAMMA)


@kernel
def hash32(counter, high):
    """Return 32 random bits for column n of a row, given ``counter`` = low + n * COLUMN and the halves of its key.

    The counter runs in 32 bits because a 64-bit one would keep the whole hash in 64-bit vectors.
    """
    x = np.uint32(np.uint32(counter ^ np.uint32(counter >> _S16)) * _HASH1)
    x = np.uint32(np.uint32(x ^ np.uint32(x >> _S15)) + high)
    x = np.uint32(x * _HASH2)
    return np.uint32(x ^ np.uint32(x >> _S15))


@kernel(fastmath={"contract"})
def exp_twice(a):
    """Return exp(2 a) of a float32, relative error below 1e-6 for |a| < 4; the result is clamped to 2**±80.

    Adding 1.5 * 2**23 rounds to the nearest integer and leaves it in the low bits of the float.
    """
    y = min(max(a * _TWO_LOG2E, -_LIMIT), _LIMIT)
    rounded = y + _ROUND
    f = y - (rounded - _ROUND)
    power = _ONE + f * (_C1 + f * (_C2 + f * (_C3 + f * (_C4 + f * _C5))))
    shift = np.uint32(np.float32(rounded).view(np.uint32) << _U23)
    return np.uint32(np.float32(power).view(np.uint32) + shift).view(np.float32)


@kernel
def gather_rows(out, rows, order):
    """Copy ``rows[order]`` to ``out``: int8 (n, units) and the batch's rows, float32 (len(order), units)."""
    for r in range(order.shape[0]):
        source, target = rows[order[r]], out[r]
        for j in range(source.shape[0]):
            target[j] = np.float32(source[j])


@kernel(fastmath={"contract"})
def sample_units(values, bias, seed, call):
    """Replace fields by samples: ``values`` (rows, units) float32, ``bias`` (units,) float32.

    Modified in place: ``values`` holds the matrix product on entry and ±1 on return. Cost: one pass, about
    one nanosecond per unit.
    """
    rows, units = values.shape
    for r in range(rows):
        key = row_key(seed, call, r)
        counter, high = np.uint32(key), np.uint32(key >> U32)
        row = values[r]
        for j in range(units):
            uniform = np.float32(np.int32(hash32(counter, high) >> _S8))
            counter = np.uint32(counter + COLUMN)
            row[j] = _ONE if uniform * (_ONE + exp_twice(row[j] + bias[j])) < _UNIT else -_ONE


@kernel(fastmath={"contract"})
def mean_units(values, bias, scale):
    """Replace fields by ``scale`` times the units' means, -tanh(values + bias); all float32, in place."""
    rows, units = values.shape
    for r in range(rows):
        row = values[r]
        for j in range(units):
            row[j] = scale * (_TWO / (_ONE + exp_twice(row[j] + bias[j])) - _ONE)


@kernel(fastmath={"contract"})
def mean_and_sample_units(values, samples, bias, scale, seed, call):
    """Do :func:`mean_units` on ``values`` and write :func:`sample_units` of the same fields to ``samples``."""
    rows, units = values.shape
    for r in range(rows):
        key = row_key(seed, call, r)
        counter, high = np.uint32(key), np.uint32(key >> U32)
        row, out = values[r], samples[r]
        for j in range(units):
            uniform = np.float32(np.int32(hash32(counter, high) >> _S8))
            counter = np.uint32(counter + COLUMN)
            weight = _ONE + exp_twice(row[j] + bias[j])
            out[j] = _ONE if uniform * weight < _UNIT else -_ONE
            row[j] = scale * (_TWO / weight - _ONE)


@kernel(fastmath={"contract"})
def update_parameters(parameters, velocity, gradient, momentum, step, l1, l2):
    """Take one ascent step with momentum, then shrink: all arrays (rows, columns) of one float type.

    Modified in place: velocity = momentum * velocity + step * (gradient - l2 * parameters); parameters move by the
    velocity, then every one moves by step * l1 towards zero and stops there (the proximal step of an L1 penalty).
    """
    rows, columns = parameters.shape
    threshold = step * l1
    for r in range(rows):
        w, v, g = parameters[r], velocity[r], gradient[r]
        for j in range(columns):
            v[j] = momentum * v[j] + step * (g[j] - l2 * w[j])
            moved = w[j] + v[j]
            w[j] = math.copysign(max(abs(moved) - threshold, parameters.dtype.type(0)), moved)


@kernel
def sum_log_cosh(out, values, bias):
    """Write sum_j ln 2cosh(values[r, j] + bias[j]) to ``out`` (rows,); float64. About 5 ns per entry.

    Σ|x| plus the logarithm of a running product of factors 1 + exp(-2|x|) in [1, 2], taken every 512 factors.
    """
    rows, units = values.shape
    for r in range(rows):
        total, product = 0.0, 1.0
        for j in range(units):
            x = abs(values[r, j] + bias[j])
            total += x
            product *= 1.0 + math.exp(-2.0 * x)
            if j & 511 == 511:
                total += math.log(product)
                product = 1.0
        out[r] = total + math.log(product)


@kernel(fastmath={"reassoc", "contract"})
def _product(a, b, p, q):
    """Return the product of a_j p_j + b_j q_j."""
    product = 1.0
    for j in range(a.shape[0]):
        product *= a[j] * p[j] + b[j] * q[j]
    return product


@kernel
def _log_cosh(x):
    """Return ln 2cosh(x)."""
    return abs(x) + math.log1p(math.exp(-2.0 * abs(x)))


@kernel
def _gain(fields, shifts, up, down, plus, minus, sign):
    """Return sum_j ln cosh(a - x) - ln cosh(a) - |x| for x = ``sign`` * ``shifts``: one logarithm per 128 terms.

    Terms that would underflow in the product are computed one by one.
    """
    n = up.shape[0]
    total = 0.0
    for start in range(0, n, 128):
        part = slice(start, start + 128)
        product = _product(up[part], down[part], plus[part], minus[part])
        if product > 1e-250:
            total += math.log(product)
        else:
            for j in range(start, min(start + 128, n)):
                x = sign * shifts[j]
                total += _log_cosh(fields[j] - x) - _log_cosh(fields[j]) - abs(x)
    return total


@kernel
def pseudo_log_likelihood(out, spins, fields, up, down, visible_bias, weights):
    """Write sum_i ln P(v_i | the other v) to ``out`` (rows,).

    ``spins`` int8 (rows, visible); ``fields``, ``up`` and ``down`` (rows, hidden) are the hidden fields a, bias
    included, and P(h = -1 | v) and P(h = +1 | v); ``visible_bias`` (visible,); ``weights`` (visible, hidden); all but
    spins float64. When v_i flips, each hidden unit contributes ln cosh(a - x) - ln cosh(a) with x = 2 v_i w, that is
    |x| + ln(up e^(-x-|x|) + down e^(x-|x|)): the exponentials are taken once per weight, so that only products remain
    in the loop and nothing cancels. Cost: about a nanosecond per (row, visible, hidden) for 32 rows or more.
    """
    rows, visible = spins.shape
    hidden = weights.shape[1]
    shifts, plus, minus = np.empty(hidden), np.empty(hidden), np.empty(hidden)
    out[:] = 0.0
    for i in range(visible):
        size = 0.0
        for j in range(hidden):
            x = 2.0 * weights[i, j]
            size += abs(x)
            shifts[j], plus[j], minus[j] = x, math.exp(-x - abs(x)), math.exp(x - abs(x))
        for r in range(rows):
            if spins[r, i] > 0:
                gain = size + _gain(fields[r], shifts, up[r], down[r], plus, minus, 1.0)
            else:
                gain = size + _gain(fields[r], shifts, up[r], down[r], minus, plus, -1.0)
            rise = -2.0 * spins[r, i] * visible_bias[i] - gain  # F(flipped) - F(v)
            out[r] += min(rise, 0.0) - math.log1p(math.exp(-abs(rise)))
