"""Few lattices of even side, bit-parallel: the rows of one lattice side by side in a word (set = up).

When there are not 64 lattices to share a word, one lattice fills it: a word holds the sites of one checkerboard colour
in a pair of columns, bit b of word w those of row 64 w + b. A site's neighbours above and below are the next bits of
the other colour's word, and all its neighbours in the row are in that word and one beside it::

    columns    2x'-2 2x'-1 | 2x' 2x'+1 | 2x'+2 2x'+3
    row b even     .   1   |  0    1   |   .    .       colour 0, x':  beside it colour 1 of x' and of x'-1
    row b odd      .   .   |  1    0   |   1    .                      beside it colour 1 of x' and of x'+1

Layout: ``planes`` uint64 (2, W, (L/2 + 2) V), W = ceil(L / 64), for V lattices: colour, word of rows, then V words for
each pair of columns, between two halos of V words that repeat the last and the first pair. The site at row y of colour
c and pair x' is column 2 x' + (y + c) % 2. Bits past row L - 1 are never read as neighbours.
"""

import numpy as np

from ._compile import kernel
from .multispin import heat_bath_words, metropolis_words
from .strips import _popcount

_ONE, _U63 = np.uint64(1), np.uint64(63)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_EVEN_ROWS, _ODD_ROWS = np.uint64(0x5555555555555555), np.uint64(0xAAAAAAAAAAAAAAAA)


@kernel
def _neighbours(up, down, side, other, w, c, width, last):
    """Write the neighbours of colour ``c``'s words ``w``, except those in the same pair of columns.

    ``up``, ``down``, ``side`` uint64 (L/2 V,) are overwritten; ``other`` (W, (L/2 + 2) V) is the other colour, ``last``
    the place of row L - 1 in its word.
    """
    n, words = up.size, other.shape[0]
    row = other[w]
    here = row[width : n + width]
    before, after = row[:n], row[2 * width : n + 2 * width]
    from_before = _EVEN_ROWS if c == 0 else _ODD_ROWS
    for i in range(n):
        side[i] = (before[i] & from_before) | (after[i] & ~from_before)
    above = other[w - 1 if w > 0 else words - 1][width : n + width]
    lowest = _U63 if w > 0 else last
    for i in range(n):
        up[i] = (here[i] << _ONE) | ((above[i] >> lowest) & _ONE)
    below = other[w + 1 if w < words - 1 else 0][width : n + width]
    highest = _U63 if w < words - 1 else last
    rest = ~(_ONE << highest)
    for i in range(n):
        down[i] = ((here[i] >> _ONE) & rest) | ((below[i] & _ONE) << highest)


@kernel
def sweeps(planes, scratch, states, width, heat_bath, low, mix, ties, n_sweeps):
    """Advance the lattices by ``n_sweeps`` sweeps, colour 0 then colour 1.

    Modified in place: ``planes`` (halos filled, V = ``width``), ``scratch`` uint64 (3, L/2 V) and ``states`` uint64
    (4, L/2 V). ``low``, ``mix``, ``ties`` and ``heat_bath`` as in :func:`multispin.even_sweeps`, whose row kernels do
    the work. Cost: about 0.25 ns an attempt for one lattice of side 40, 0.1 ns for 256 (256-bit vectors).
    """
    n = states.shape[1]
    last = np.uint64((2 * n // width - 1) % 64)
    up, down, side = scratch[0], scratch[1], scratch[2]
    s0, s1, s2, s3 = states[0], states[1], states[2], states[3]
    for _ in range(n_sweeps):
        for c in range(2):
            for w in range(planes.shape[1]):
                row = planes[c, w]
                own, beside = row[width : n + width], planes[1 - c, w][width : n + width]
                _neighbours(up, down, side, planes[1 - c], w, c, width, last)
                if heat_bath:
                    heat_bath_words(own, up, down, beside, side, s0, s1, s2, s3, low, mix, ties[0], ties[1])
                else:
                    metropolis_words(own, up, down, beside, side, s0, s1, s2, s3, low, mix, ties[0], ties[1])
                for v in range(width):
                    row[v] = row[n + v]
                    row[n + width + v] = row[width + v]


@kernel
def count(unequal, up_spins, planes, scratch, width):
    """Count each lattice's antiparallel bonds into ``unequal`` and its up spins into ``up_spins``, both int64 (V,).

    ``planes`` with halos filled; ``scratch`` uint64 (3, L/2 V) is overwritten. A bond joins a site of colour 0 to one
    of colour 1, so the neighbours of colour 0 are all there is to count. About 0.1 ns a spin.
    """
    n = scratch.shape[1]
    last = np.uint64((2 * n // width - 1) % 64)
    up, down, side = scratch[0], scratch[1], scratch[2]
    unequal[:] = 0
    up_spins[:] = 0
    for w in range(planes.shape[1]):
        own, beside = planes[0, w][width : n + width], planes[1, w][width : n + width]
        _neighbours(up, down, side, planes[1], w, 0, width, last)
        inside = _ALL if w < planes.shape[1] - 1 else _ALL >> (_U63 - last)
        for i in range(n):
            mask = own[i] & inside
            bonds = _popcount(mask ^ (up[i] & inside)) + _popcount(mask ^ (down[i] & inside))
            bonds += _popcount(mask ^ (side[i] & inside)) + _popcount(mask ^ (beside[i] & inside))
            unequal[i % width] += np.int64(bonds)
            up_spins[i % width] += np.int64(_popcount(mask) + _popcount(beside[i] & inside))


@kernel
def unpack(spins, planes, width):
    """Write the first lattices of ``planes`` as ±1 into ``spins``, int8 (n, L, L) with n <= V. About 1 ns a spin."""
    L = spins.shape[1]
    for k in range(spins.shape[0]):
        for y in range(L):
            row, bit = spins[k, y], np.uint64(y % 64)
            first, second = planes[y & 1, y // 64], planes[1 - (y & 1), y // 64]
            for x in range(L // 2):
                i = (1 + x) * width + k
                row[2 * x] = np.int8(2 * np.int64((first[i] >> bit) & _ONE) - 1)
                row[2 * x + 1] = np.int8(2 * np.int64((second[i] >> bit) & _ONE) - 1)
