"""One large lattice, bit-parallel: its 64 horizontal strips side by side in a word (set = up).

A lattice of even side L is cut into n strips of S = L / n rows, S even and n a power of two up to 64. With n < 64 a
word holds 64 / n independent lattices, bit b being strip b mod n of lattice b // n. Row r of every strip lies in one
row of words, so a word is all of one checkerboard colour and its neighbours are words too; only across the strips'
first and last rows do the bits move, by one place.

Layout: ``planes`` uint64 (2, S, L/2 + 2), colour, row, and position x' = 1 .. L/2 between two halo words that repeat
the row's ends. The site at x' - 1 of colour c and row r is column 2 (x' - 1) + (r + c) % 2.
"""

import numpy as np

from ._compile import kernel
from .multispin import fill_halo, heat_bath_words, metropolis_words

_ZERO, _ONE, _TWO, _FOUR, _U56 = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(56)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_ODD, _PAIRS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_NIBBLES, _BYTES = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)


@kernel
def _popcount(x):
    x = x - ((x >> _ONE) & _ODD)
    x = (x & _PAIRS) + ((x >> _TWO) & _PAIRS)
    return (((x + (x >> _FOUR)) & _NIBBLES) * _BYTES) >> _U56


@kernel
def _lowest_bits(n_strips):
    """Return the word whose set bits are the first strip of each lattice."""
    mask, k = _ZERO, 0
    while k < 64:
        mask |= _ONE << np.uint64(k)
        k += n_strips
    return mask


@kernel
def _from_strip_above(out, words, n_strips):
    """Set each bit of ``out`` to that of the strip above, the last strip being above the first; uint64 (n,) both."""
    first, over = _lowest_bits(n_strips), np.uint64(n_strips - 1)
    for i in range(out.size):
        out[i] = ((words[i] << _ONE) & ~first) | ((words[i] >> over) & first)


@kernel
def _from_strip_below(out, words, n_strips):
    """Set each bit of ``out`` to that of the strip below, the first strip being below the last."""
    over = np.uint64(n_strips - 1)
    last = _lowest_bits(n_strips) << over
    for i in range(out.size):
        out[i] = ((words[i] >> _ONE) & ~last) | ((words[i] << over) & last)


@kernel
def pack(planes, spins, n_strips):
    """Write ``spins`` int8 (L, L), ±1, into every lattice of ``planes``, halos included. About 1 ns a spin."""
    L, rows = spins.shape[0], planes.shape[1]
    first = _lowest_bits(n_strips)
    planes[:] = _ZERO
    for y in range(L):
        strip, r = y // rows, y % rows
        bits = first << np.uint64(strip)
        for x in range(L):
            if spins[y, x] > 0:
                planes[(x + y) & 1, r, 1 + x // 2] |= bits
    fill_halo(planes, 1)


@kernel
def unpack(spins, planes, n_strips):
    """Write the first lattice of ``planes`` as ±1 into ``spins``, int8 (L, L). About 0.5 ns a spin."""
    L, rows = spins.shape[0], planes.shape[1]
    for y in range(L):
        strip, r = np.uint64(y // rows), y % rows
        even, odd = planes[y & 1, r], planes[1 - (y & 1), r]
        row = spins[y]
        for x in range(L // 2):
            row[2 * x] = np.int8(2 * np.int64((even[x + 1] >> strip) & _ONE) - 1)
            row[2 * x + 1] = np.int8(2 * np.int64((odd[x + 1] >> strip) & _ONE) - 1)


@kernel
def sweeps(planes, edge, states, n_strips, heat_bath, low, mix, ties, n_sweeps):
    """Advance the lattices by ``n_sweeps`` sweeps, colour 0 then colour 1.

    Modified in place: ``planes`` (halos filled), the scratch ``edge`` uint64 (L/2,) and ``states`` uint64 (4, L/2).
    ``low``, ``mix``, ``ties`` and ``heat_bath`` as in :func:`multispin.even_sweeps`, whose row kernels do the work.
    """
    rows, n = planes.shape[1], planes.shape[2] - 2
    s0, s1, s2, s3 = states[0], states[1], states[2], states[3]
    for _ in range(n_sweeps):
        for c in range(2):
            other = planes[1 - c]
            for r in range(rows):
                own, same = planes[c, r], other[r]
                up = other[r - 1 if r > 0 else rows - 1][1 : n + 1]
                down = other[r + 1 if r < rows - 1 else 0][1 : n + 1]
                if r == 0:
                    _from_strip_above(edge, up, n_strips)
                    up = edge
                elif r == rows - 1:
                    _from_strip_below(edge, down, n_strips)
                    down = edge
                side = same[2 : n + 2] if (r + c) % 2 == 1 else same[:n]
                inner = same[1 : n + 1]
                if heat_bath:
                    heat_bath_words(own[1 : n + 1], up, down, inner, side, s0, s1, s2, s3, low, mix, ties[0], ties[1])
                else:
                    metropolis_words(own[1 : n + 1], up, down, inner, side, s0, s1, s2, s3, low, mix, ties[0], ties[1])
                own[0] = own[n]
                own[n + 1] = own[1]


@kernel
def sums(out, edge, planes, n_strips):
    """Write the sum of the spins and the sum over bonds, of all lattices together, into ``out``, int64 (2,).

    ``edge`` uint64 (L/2,) is scratch. Cost: about 0.01 ns a spin with 512-bit vectors.
    """
    rows, n = planes.shape[1], planes.shape[2] - 2
    up_spins = unlike = _ZERO
    for r in range(rows):
        own, other = planes[0, r], planes[1, r]
        above, below = planes[1, r - 1 if r > 0 else rows - 1], planes[1, r + 1 if r < rows - 1 else 0]
        shift = 1 if r % 2 == 1 else -1
        for i in range(1, n + 1):
            up_spins += _popcount(own[i]) + _popcount(other[i])
            unlike += _popcount(own[i] ^ other[i]) + _popcount(own[i] ^ other[i + shift])
        if r > 0:
            for i in range(1, n + 1):
                unlike += _popcount(own[i] ^ above[i])
        else:
            _from_strip_above(edge, above[1 : n + 1], n_strips)
            for i in range(n):
                unlike += _popcount(own[i + 1] ^ edge[i])
        if r < rows - 1:
            for i in range(1, n + 1):
                unlike += _popcount(own[i] ^ below[i])
        else:
            _from_strip_below(edge, below[1 : n + 1], n_strips)
            for i in range(n):
                unlike += _popcount(own[i + 1] ^ edge[i])
    sites = 128 * rows * n
    out[0] = 2 * np.int64(up_spins) - sites
    out[1] = 2 * sites - 2 * np.int64(unlike)
