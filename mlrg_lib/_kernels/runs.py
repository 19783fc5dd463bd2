"""Swendsen-Wang updates by rows of bits: bonds 64 at a time, clusters joined run by run.

A lattice is packed for the time of a call: bit b of word w of row y is the spin at column 64 w + b (set = up), so that
64 neighbours are compared by one exclusive-or::

    spins     ... 1 1 1 0 0 1 1 1 1 0      a word of row y
    bonds     ... 1 0 . 1 . 1 0 1 . 0      open to the left; a dot: the two spins differ, nothing is drawn
    heads     ... 0 1 1 0 1 0 1 0 1 1      closed to the left: a **run** begins
    run       ... 5 4 3 3 2 2 1 1 0 ..     its number: the heads up to here, counted by one instruction

**Bonds.** One bit decides 64 bonds by one bit of the probability p, from the highest down: a bond whose random bit
differs from p's is decided, open if p has the one; the others stay. Half of them are decided by every word, so
some seven words do for 64 bonds, and each bond is open with probability p to 2**-64, independently of all others.

**Clusters.** Sites of a run belong together, so the trees of the union-find hold runs, not sites. An open bond to the
row above joins two runs; it is left out if the bond to its left joins the same two. A root is the smallest run of its
cluster, so one pass in order meets every root before its branches.

**Signs.** Run i of a sweep takes bit i of a stream of random words if it is a root, else its root's. A row is written
by turning over all bits from a head on where the sign changes.
"""

import numpy as np

from ._compile import kernel
from .words import ALL, ONE, U6, U63, ZERO, popcount, split, step


@kernel
def _open(bonds, bits, a, b, c, d):
    """Return the open ones of ``bonds``, and the generator's state; ``bits`` (64,) spreads p's, highest first."""
    opened = ZERO
    k = 0
    while bonds != ZERO and k < 64:
        w, a, b, c, d = step(a, b, c, d)
        opened |= bonds & bits[k] & ~w
        bonds &= ~(w ^ bits[k])
        k += 1
    return opened, a, b, c, d


@kernel
def _join(parent, i, j):
    """Merge the trees of ``i`` and ``j``; the smaller root remains, and both point to it.

    Most joins are of runs that one parent already has; to see it before any walk is worth a quarter of the time.
    Numbers are unsigned throughout: signed ones would be checked for counting from the end.
    """
    first, second = i, j
    i, j = np.uint64(parent[i]), np.uint64(parent[j])
    if i == j:
        return
    while parent[i] != i:
        i = np.uint64(parent[i])
    while parent[j] != j:
        j = np.uint64(parent[j])
    root = min(i, j)
    parent[max(i, j)] = root
    parent[first] = root
    parent[second] = root


@kernel
def _join_rows(parent, links, heads, bases, upper, lower, w):
    """Join the runs of two rows that ``links`` connects, the bits of word ``w``."""
    above, below = heads[upper, w], heads[lower, w]
    before, base = np.uint64(bases[upper, w]) - ONE, np.uint64(bases[lower, w]) - ONE
    links &= ~(links << ONE) | above | below  # left out: the same two runs as the bond to the left
    while links != ZERO:
        lowest = links & (~links + ONE)
        links ^= lowest
        upto = lowest | (lowest - ONE)
        _join(parent, before + popcount(above & upto), base + popcount(below & upto))


@kernel
def swendsen_wang_sweeps(spins, rows, heads, bases, signs, parent, bits, p, n_sweeps, states):
    """Advance each chain by ``n_sweeps`` Swendsen-Wang updates: every cluster gets a fresh random sign.

    Modified in place: ``spins`` int8 (n_chains, L, L), L >= 2, ``states`` uint64 (n_chains, 4), and the work space
    ``rows``, ``heads`` uint64 (L, W), ``bases`` uint32 (L, W), ``signs`` uint64 (L*W,), ``parent`` uint32 (L*L,) and
    ``bits`` uint64 (64,), where W = ceil(L / 64). A bond between equal spins is open with probability ``p``, to 2**-64.
    Order of the random words: in each row and word the bonds to the left, the first column's to the last; then, but
    for row 0, the bonds upwards; after the last row those of row 0 upwards; last, a word for each 64 runs, their signs.
    Cost: about 4 ns a site at the critical point.
    """
    n_chains, L, _ = spins.shape
    W = rows.shape[1]
    rest = np.uint64(L - 64 * (W - 1))
    inside = ALL >> (np.uint64(64) - rest)  # the bits of a row's last word that are sites
    certain, word = split(p, 1.0)
    for k in range(64):
        bits[k] = ALL if certain != ZERO else ZERO - ((word >> np.uint64(63 - k)) & ONE)
    for chain in range(n_chains):
        a, b, c, d = states[chain, 0], states[chain, 1], states[chain, 2], states[chain, 3]
        _pack(rows, spins[chain])
        for _ in range(n_sweeps):
            n_runs = ZERO
            for y in range(L):
                left = rows[y, W - 1] >> (rest - ONE)
                first_open = ZERO
                for w in range(W):
                    word = rows[y, w]
                    mask = inside if w == W - 1 else ALL
                    bonds, a, b, c, d = _open(~(word ^ (word << ONE | left)) & mask, bits, a, b, c, d)
                    left = word >> U63
                    begins = ~bonds & mask
                    if w == 0:
                        first_open = bonds & ONE
                        begins |= ONE
                    bases[y, w] = n_runs
                    heads[y, w] = begins
                    after = n_runs + popcount(begins)
                    while n_runs < after:
                        parent[n_runs] = n_runs
                        n_runs += ONE
                    if y > 0:
                        links, a, b, c, d = _open(~(word ^ rows[y - 1, w]) & mask, bits, a, b, c, d)
                        _join_rows(parent, links, heads, bases, y - 1, y, w)
                if first_open != ZERO:
                    _join(parent, np.uint64(bases[y, 0]), n_runs - ONE)
            for w in range(W):
                mask = inside if w == W - 1 else ALL
                links, a, b, c, d = _open(~(rows[0, w] ^ rows[L - 1, w]) & mask, bits, a, b, c, d)
                _join_rows(parent, links, heads, bases, L - 1, 0, w)
            for i in range(np.int64(n_runs + U63) >> 6):
                signs[i], a, b, c, d = step(a, b, c, d)
            run = ZERO
            for y in range(L):
                last = ZERO
                for w in range(W):
                    word, begins = last, heads[y, w]
                    while begins != ZERO:
                        lowest = begins & (~begins + ONE)
                        begins ^= lowest
                        root = np.uint64(parent[parent[run]])
                        parent[run] = root
                        run += ONE
                        sign = (signs[root >> U6] >> (root & U63)) & ONE
                        turn = (word ^ (ZERO - sign)) & lowest
                        word ^= ZERO - turn
                    rows[y, w] = word & (inside if w == W - 1 else ALL)
                    last = ZERO - (word >> U63)
        _unpack(spins[chain], rows)
        states[chain, 0], states[chain, 1], states[chain, 2], states[chain, 3] = a, b, c, d


@kernel
def _pack(rows, spins):
    """Write ``spins`` int8 (L, L) as bits into ``rows`` uint64 (L, W)."""
    L = spins.shape[0]
    for y in range(L):
        for w in range(rows.shape[1]):
            word = ZERO
            for b in range(min(64, L - 64 * w)):
                word |= np.uint64(spins[y, 64 * w + b] > 0) << np.uint64(b)
            rows[y, w] = word


@kernel
def _unpack(spins, rows):
    """Write ``rows`` as ±1 into ``spins``."""
    for y in range(spins.shape[0]):
        for w in range(rows.shape[1]):
            part, word = spins[y, 64 * w : 64 * w + 64], rows[y, w]
            for b in range(part.size):
                part[b] = np.int8(2 * np.int64((word >> np.uint64(b)) & ONE) - 1)
