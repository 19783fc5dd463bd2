"""What the page's lattice shows: sums of 2 x 2 blocks, from bytes or from bits, block spins, and pixels.

A block sum is -4, -2, 0, 2 or 4. Block spins follow from it by the rules of :mod:`blocking`; sums of sums are the
shades of a picture smaller than the lattice.
"""

import numpy as np

from .._compile import kernel
from ..words import ONE


@kernel
def total(values):
    """Return the sum of ``values``, int8 (n, n)."""
    whole = 0
    for i in range(values.shape[0]):
        row, part = values[i], np.int32(0)
        for j in range(row.size):
            part += row[j]
        whole += part
    return whole


@kernel
def block_sums(out, values):
    """Set ``out`` int8 (n/2, n/2) to the sums of the 2 x 2 blocks of ``values``, int8 (n, n)."""
    for i in range(out.shape[0]):
        above, below, row = values[2 * i], values[2 * i + 1], out[i]
        for j in range(row.size):
            row[j] = np.int8(np.int32(above[2 * j]) + above[2 * j + 1] + below[2 * j] + below[2 * j + 1])


@kernel
def word_block_sums(out, planes):
    """:func:`block_sums` of one lattice in the layout of :mod:`columns`; ``out`` int8 (L/2, L/2).

    A block is two neighbouring bits of two words, one of each colour.
    """
    for i in range(out.shape[0]):
        shift = np.uint64(2 * i % 64)
        a, b, row = planes[0, i // 32], planes[1, i // 32], out[i]
        for j in range(row.size):
            x, y = a[j + 1] >> shift, b[j + 1] >> shift
            up = (x & ONE) + ((x >> ONE) & ONE) + (y & ONE) + ((y >> ONE) & ONE)
            row[j] = np.int8(2 * np.int32(up) - 4)


@kernel
def decimate(out, values):
    """Set ``out`` (n/2, n/2) to every second value, int8 (n, n), along both axes."""
    for i in range(out.shape[0]):
        row, kept = values[2 * i], out[i]
        for j in range(kept.size):
            kept[j] = row[2 * j]


@kernel
def paint(pixels, values, b, colours):
    """Set ``pixels`` int32 (m,) to the colours of ``values`` int8 (m,), sums of b x b spins; ``colours`` (b*b + 1,)."""
    for k in range(pixels.size):
        pixels[k] = colours[(np.int32(values[k]) + b * b) >> 1]
