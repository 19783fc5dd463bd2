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
from .multispin import fill_halo, heat_bath_word, metropolis_word, scalars
from .words import ALL, EVEN_BITS, ONE, U63, ZERO, popcount


@kernel(inline="always")
def _around(here, before, after, above, below, from_before, lowest, highest):
    """Return the words of the neighbours above, below and in the next pair of columns, from the other colour's words.

    ``from_before`` marks the rows whose next pair is that ``before``; the neighbour of row 64 w is bit ``lowest`` of
    ``above``, and bit 0 of ``below`` that of the row at bit ``highest``.
    """
    up = (here << ONE) | ((above >> lowest) & ONE)
    down = ((here >> ONE) & ~(ONE << highest)) | (below << highest)  # past ``highest`` there are no rows
    return up, down, (before & from_before) | (after & ~from_before)


@kernel
def _update(
    own, before, here, after, above, below, from_before, lowest, highest, heat_bath, thresholds, s0, s1, s2, s3
):
    """Update the words ``own`` (n,) in place; the other colour's as in :func:`_around`, (n,) each."""
    rarer, other = scalars(thresholds[0]), scalars(thresholds[1])
    if heat_bath:
        for i in range(own.size):
            up, down, side = _around(here[i], before[i], after[i], above[i], below[i], from_before, lowest, highest)
            own[i], s0[i], s1[i], s2[i], s3[i] = heat_bath_word(
                up, down, here[i], side, rarer, other, s0[i], s1[i], s2[i], s3[i]
            )
    else:
        for i in range(own.size):
            up, down, side = _around(here[i], before[i], after[i], above[i], below[i], from_before, lowest, highest)
            own[i], s0[i], s1[i], s2[i], s3[i] = metropolis_word(
                own[i], up, down, here[i], side, rarer, other, s0[i], s1[i], s2[i], s3[i]
            )


@kernel
def sweeps(planes, width, heat_bath, thresholds, n_sweeps, states):
    """Advance the lattices by ``n_sweeps`` sweeps, colour 0 then colour 1.

    Modified in place: ``planes`` (halos filled, V = ``width``) and ``states`` uint64 (4, L/2 V). ``heat_bath`` and
    ``thresholds`` as in :func:`multispin.even_sweeps`. Cost: about 0.25 ns an attempt for one lattice of side 40,
    0.1 ns for 256 (256-bit vectors).
    """
    n, words = states.shape[1], planes.shape[1]
    last = np.uint64((2 * n // width - 1) % 64)
    s0, s1, s2, s3 = states[0], states[1], states[2], states[3]
    for _ in range(n_sweeps):
        for c in range(2):
            for w in range(words):
                row, other = planes[c, w], planes[1 - c, w]
                above = planes[1 - c, w - 1 if w > 0 else words - 1]
                below = planes[1 - c, w + 1 if w < words - 1 else 0]
                _update(
                    row[width : n + width], other[:n], other[width : n + width], other[2 * width : n + 2 * width],
                    above[width : n + width], below[width : n + width], EVEN_BITS if c == 0 else ~EVEN_BITS,
                    U63 if w > 0 else last, U63 if w < words - 1 else last, heat_bath, thresholds, s0, s1, s2, s3,
                )  # fmt: skip
                for v in range(width):
                    row[v] = row[n + v]
                    row[n + width + v] = row[width + v]


@kernel
def count(unequal, up_spins, planes, width):
    """Count each lattice's antiparallel bonds into ``unequal`` and its up spins into ``up_spins``, both int64 (V,).

    ``planes`` with halos filled. A bond joins a site of colour 0 to one of colour 1, so the neighbours of colour 0 are
    all there is to count. About 0.05 ns a spin.
    """
    words, n = planes.shape[1], planes.shape[2] - 2 * width
    last = np.uint64((2 * n // width - 1) % 64)
    unequal[:] = 0
    up_spins[:] = 0
    for w in range(words):
        own, here = planes[0, w], planes[1, w]
        above, below = planes[1, w - 1 if w > 0 else words - 1], planes[1, w + 1 if w < words - 1 else 0]
        lowest, highest = U63 if w > 0 else last, U63 if w < words - 1 else last
        inside = ALL >> (U63 - highest)
        for v in range(width):
            bonds = spins = ZERO
            for i in range(width + v, n + width, width):
                up, down, side = _around(
                    here[i], here[i - width], here[i + width], above[i], below[i], EVEN_BITS, lowest, highest
                )
                mask = own[i]
                bonds += popcount((mask ^ up) & inside) + popcount((mask ^ down) & inside)
                bonds += popcount((mask ^ side) & inside) + popcount((mask ^ here[i]) & inside)
                spins += popcount(mask & inside) + popcount(here[i] & inside)
            unequal[v] += np.int64(bonds)
            up_spins[v] += np.int64(spins)


@kernel
def pack(planes, spins, width):
    """Write ``spins``, int8 (n, L, L) with n <= V, into the first lattices of ``planes``, halos included.

    About 1 ns a spin.
    """
    L = spins.shape[1]
    for k in range(spins.shape[0]):
        for y in range(L):
            row, bit = spins[k, y], np.uint64(y % 64)
            kept = (ONE << bit) - ONE  # the rows that are written already
            first, second = planes[y & 1, y // 64], planes[1 - (y & 1), y // 64]
            for x in range(L // 2):
                i = (1 + x) * width + k
                first[i] = (first[i] & kept) | (np.uint64(row[2 * x] > 0) << bit)
                second[i] = (second[i] & kept) | (np.uint64(row[2 * x + 1] > 0) << bit)
    fill_halo(planes, width)


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
                row[2 * x] = np.int8(2 * np.int64((first[i] >> bit) & ONE) - 1)
                row[2 * x + 1] = np.int8(2 * np.int64((second[i] >> bit) & ONE) - 1)
