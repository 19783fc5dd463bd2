"""Sums over all states of a bipartite machine: one layer state by state, the other in closed form, in products only.

The enumerated layer of n units is cut into a low part (n1 units, fast index) and a high part. For a unit j of the
other layer 2cosh(x_low + x_high) = E1 E2 + 1 / (E1 E2), so tables of exponentials over the 2**n1 and 2**n2 half
states replace every transcendental function in the loop. Products are kept as mantissa times a power of two, which
neither overflows nor underflows. State s has unit i at +1 if bit i of s is set and at -1 if not.
"""

import math

import numpy as np

from ._compile import kernel

_FRACTION = np.int64(0x000FFFFFFFFFFFFF)
_UNIT = np.int64(0x3FF0000000000000)
_BIAS, _SHIFT = np.int64(1023), np.int64(52)


@kernel
def fill_fields(out, weights, bias):
    """Write bias[j] + sum_i s_i weights[i, j] to ``out`` (2**n, m) for every state of the n rows of ``weights``."""
    n, m = weights.shape
    for j in range(m):
        low = bias[j]
        for i in range(n):
            low -= weights[i, j]
        out[0, j] = low
    for i in range(n):
        half = 1 << i
        for s in range(half):
            for j in range(m):
                out[half + s, j] = out[s, j] + 2.0 * weights[i, j]


@kernel
def _normalise(mantissa, exponent):
    """Move the powers of two of positive normal ``mantissa`` to ``exponent`` (int64), leaving [1, 2)."""
    for s in range(mantissa.shape[0]):
        bits = np.float64(mantissa[s]).view(np.int64)
        exponent[s] += (bits >> _SHIFT) - _BIAS
        mantissa[s] = np.int64((bits & _FRACTION) | _UNIT).view(np.float64)


@kernel(fastmath={"contract"})
def fill_products(mantissa, exponent, low_up, low_down, high_up, high_down, every):
    """Write prod_j (low_up[j, s] high_up[j] + low_down[j, s] high_down[j]) as ``mantissa`` * 2**``exponent``.

    ``mantissa`` float64 and ``exponent`` int64 (2**n1,), overwritten; ``low_*`` (m, 2**n1), ``high_*`` (m,).
    The powers of two are taken out after each group of ``every`` factors.
    """
    size = mantissa.shape[0]
    for s in range(size):
        mantissa[s], exponent[s] = 1.0, 0
    m = high_up.shape[0]
    for start in range(0, m, every):
        for j in range(start, min(start + every, m)):
            up, down = high_up[j], high_down[j]
            a, b = low_up[j], low_down[j]
            for s in range(size):
                mantissa[s] *= a[s] * up + b[s] * down
        _normalise(mantissa, exponent)


@kernel(fastmath={"reassoc", "contract"})
def log_sum(low_up, low_down, high_up, high_down, every, mantissa, exponent):
    """Return ln of the sum over all states of the product over j; ``high_*`` (2**n2, m), the rest as above.

    Cost: about 0.3 ns per (state, unit).
    """
    size = mantissa.shape[0]
    total, top = 0.0, np.int64(-(1 << 60))
    for t in range(high_up.shape[0]):
        fill_products(mantissa, exponent, low_up, low_down, high_up[t], high_down[t], every)
        largest = exponent[0]
        for s in range(size):
            largest = max(largest, exponent[s])
        if largest > top:
            total = math.ldexp(total, np.int32(max(top - largest, -2000)))
            top = largest
        part = 0.0
        for s in range(size):
            power = max(exponent[s] - top, -_BIAS + 1) + _BIAS  # what is 2**-1022 of the largest is as good as zero
            part += mantissa[s] * np.int64(power << _SHIFT).view(np.float64)
        total += part
    return math.log(total) + top * math.log(2.0)


@kernel
def log_weights(out, low_up, low_down, high_up, high_down, every, mantissa, exponent):
    """Write ln of the product over j for every state to ``out`` (2**(n1 + n2),); arguments as in :func:`log_sum`."""
    size = mantissa.shape[0]
    for t in range(high_up.shape[0]):
        fill_products(mantissa, exponent, low_up, low_down, high_up[t], high_down[t], every)
        for s in range(size):
            out[t * size + s] = math.log(mantissa[s]) + exponent[s] * math.log(2.0)


@kernel
def mean_products(low_moment, high_moment, probability, low_up, low_down, high_up, high_down):
    """Add p(s) tanh(field_j(s)), summed over the other half of s, to ``low_moment`` and ``high_moment``.

    ``low_moment``, ``low_up`` and ``low_down`` (m, 2**n1); ``high_moment``, ``high_up`` and ``high_down`` (2**n2, m);
    ``probability`` (2**(n1 + n2),). Cost: about 1 ns per (state, unit).
    """
    m, size = low_up.shape
    for t in range(high_up.shape[0]):
        p = probability[t * size : (t + 1) * size]
        for j in range(m):
            up, down = high_up[t, j], high_down[t, j]
            a, b, moment = low_up[j], low_down[j], low_moment[j]
            total = 0.0
            for s in range(size):
                x, y = a[s] * up, b[s] * down
                value = p[s] * (x - y) / (x + y)
                moment[s] += value
                total += value
            high_moment[t, j] += total


@kernel
def log_weights_directly(out, low_fields, high_fields, own_low, own_high):
    """Write own_low[s] + own_high[t] + sum_j ln 2cosh(low_fields[s, j] + high_fields[t, j]) to ``out``.

    ``out`` (2**(n1 + n2),); fields (2**n1, m) and (2**n2, m); own fields (2**n1,) and (2**n2,). For fields so large
    that their exponentials leave the range of a float64. Cost: about 10 ns per (state, unit).
    """
    size, m = low_fields.shape
    for t in range(high_fields.shape[0]):
        for s in range(size):
            total = own_low[s] + own_high[t]
            for j in range(m):
                x = abs(low_fields[s, j] + high_fields[t, j])
                total += x + math.log1p(math.exp(-2.0 * x))
            out[t * size + s] = total


@kernel
def mean_products_directly(low_moment, high_moment, probability, low_fields, high_fields):
    """Do what :func:`mean_products` does from the fields themselves, (2**n1, m) and (2**n2, m)."""
    size, m = low_fields.shape
    for t in range(high_fields.shape[0]):
        for s in range(size):
            p = probability[t * size + s]
            for j in range(m):
                value = p * math.tanh(low_fields[s, j] + high_fields[t, j])
                low_moment[j, s] += value
                high_moment[t, j] += value
