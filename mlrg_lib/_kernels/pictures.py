"""What the page's lattice shows: sums of 2 x 2 blocks, from bytes or from bits, block spins from sums, and pixels.

A block sum is -4, -2, 0, 2 or 4. Block spins follow from it by :func:`majority_of_sums` or :func:`stochastic_of_sums`,
which draw the same words in the same order as :mod:`blocking`; sums of sums are the shades of a picture smaller than
the lattice.
"""

import numpy as np

from ._compile import kernel
from .rng import next_double, next_uint64

_ONE, _U63 = np.uint64(1), np.uint64(63)


@kernel
def block_sums(out, values):
    """Set ``out`` int8 (n/2, n/2) to the sums of the 2 x 2 blocks of ``values``, int8 (n, n)."""
    for i in range(out.shape[0]):
        above, below, row = values[2 * i], values[2 * i + 1], out[i]
        for j in range(row.size):
            row[j] = np.int8(np.int32(above[2 * j]) + above[2 * j + 1] + below[2 * j] + below[2 * j + 1])


@kernel
def strip_block_sums(out, planes, n_strips):
    """:func:`block_sums` of the first lattice of ``planes``, whose layout :mod:`strips` describes; ``out`` (L/2, L/2).

    The four spins of a block are one bit at one place of four words.
    """
    n_rows, n = planes.shape[1], out.shape[1]
    for strip in range(n_strips):
        shift = np.uint64(strip)
        for r in range(0, n_rows, 2):
            a, b, c, d = planes[0, r], planes[1, r], planes[0, r + 1], planes[1, r + 1]
            row = out[(strip * n_rows + r) // 2]
            for j in range(n):
                k = j + 1
                odd, both, third, rest = a[k] ^ b[k], a[k] & b[k], c[k] ^ d[k], c[k] & d[k]
                ones, carry = odd ^ third, odd & third
                # ones + 2 (carry + both + rest) are up; of these three words only both and rest are ever set together
                up = ((ones >> shift) & _ONE) + (((carry | both) >> shift) & _ONE) * np.uint64(2)
                up += ((rest >> shift) & _ONE) * np.uint64(2)
                row[j] = np.int8(2 * np.int32(up) - 4)


@kernel
def majority_of_sums(out, sums, state):
    """Set ``out`` to the signs of ``sums``, int8 (n, n) both, ties at random: :func:`blocking.majority` from sums."""
    n = sums.shape[1]
    for i in range(sums.shape[0]):
        for first in range(0, n, 32):
            word = next_uint64(state)
            for j in range(first, min(first + 32, n)):
                tie_break = 2 * np.int32(word >> _U63) - 1
                word <<= _ONE
                out[i, j] = 1 if 2 * np.int32(sums[i, j]) + tie_break > 0 else -1


@kernel
def stochastic_of_sums(out, sums, probability, state):
    """Set ``out`` to +1 with ``probability`` (5,) of the number of spins up: :func:`blocking.stochastic` from sums."""
    for i in range(sums.shape[0]):
        for j in range(sums.shape[1]):
            up = (np.int32(sums[i, j]) + 4) // 2
            out[i, j] = 1 if next_double(state) < probability[up] else -1


@kernel
def paint(pixels, values, b, colours):
    """Set ``pixels`` int32 (m,) to the colours of ``values`` int8 (m,), sums of b x b spins; ``colours`` (b*b + 1,)."""
    for k in range(pixels.size):
        pixels[k] = colours[(np.int32(values[k]) + b * b) >> 1]
