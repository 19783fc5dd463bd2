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
from .clusters import _step

_ZERO, _ONE = np.uint64(0), np.uint64(1)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_TWO, _FOUR, _SIX, _U32, _U56, _U63 = (
    np.uint64(2),
    np.uint64(4),
    np.uint64(6),
    np.uint64(32),
    np.uint64(56),
    np.uint64(63),
)
_ODD, _PAIRS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_NIBBLES, _BYTES = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)


@kernel
def _count(x):
    """Return the number of set bits; one instruction where the processor has it."""
    x = x - ((x >> _ONE) & _ODD)
    x = (x & _PAIRS) + ((x >> _TWO) & _PAIRS)
    return (((x + (x >> _FOUR)) & _NIBBLES) * _BYTES) >> _U56


@kernel
def _open(bonds, p, a, b, c, d):
    """Return the open ones of ``bonds``, and the generator's state; ``p`` (64,) spreads p's bits, highest first."""
    opened = _ZERO
    k = 0
    while bonds != _ZERO and k < 64:
        w, a, b, c, d = _step(a, b, c, d)
        opened |= bonds & p[k] & ~w
        bonds &= ~(w ^ p[k])
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
    before, base = np.uint64(bases[upper, w]) - _ONE, np.uint64(bases[lower, w]) - _ONE
    links &= ~(links << _ONE) | above | below  # left out: the same two runs as the bond to the left
    while links != _ZERO:
        lowest = links & (~links + _ONE)
        links ^= lowest
        upto = lowest | (lowest - _ONE)
        _join(parent, before + _count(above & upto), base + _count(below & upto))


@kernel
def swendsen_wang_sweeps(spins, rows, heads, bases, signs, parent, high, low, n_sweeps, states):
    """Advance each chain by ``n_sweeps`` Swendsen-Wang updates: every cluster gets a fresh random sign.

    Modified in place: ``spins`` int8 (n_chains, L, L), L >= 2, ``states`` uint64 (n_chains, 4), and the work space
    ``rows``, ``heads`` uint64 (L, W), ``bases`` uint32 (L, W), ``signs`` uint64 (L*W,) and ``parent`` uint32 (L*L,),
    where W = ceil(L / 64).
    A bond between equal spins is open with probability (high 2**32 + low 2**-32) / 2**64, ``low`` cut to 32 bits.
    Order of the random words: in each row and word the bonds to the left, the first column's to the last; then, but
    for row 0, the bonds upwards; after the last row those of row 0 upwards; last, a word for each 64 runs, their signs.
    Cost: about 4 ns a site at the critical point.
    """
    n_chains, L, _ = spins.shape
    W = rows.shape[1]
    rest = np.uint64(L - 64 * (W - 1))
    inside = _ALL >> (np.uint64(64) - rest)  # the bits of a row's last word that are sites
    p = np.empty(64, dtype=np.uint64)
    for k in range(64):
        word = high << _U32 | low >> _U32
        p[k] = _ALL if high >> _U32 != _ZERO or (word >> np.uint64(63 - k)) & _ONE != _ZERO else _ZERO
    for chain in range(n_chains):
        a, b, c, d = states[chain, 0], states[chain, 1], states[chain, 2], states[chain, 3]
        _pack(rows, spins[chain])
        for _ in range(n_sweeps):
            n_runs = _ZERO
            for y in range(L):
                left = rows[y, W - 1] >> (rest - _ONE)
                first_open = _ZERO
                for w in range(W):
                    word = rows[y, w]
                    mask = inside if w == W - 1 else _ALL
                    bonds, a, b, c, d = _open(~(word ^ (word << _ONE | left)) & mask, p, a, b, c, d)
                    left = word >> _U63
                    begins = ~bonds & mask
                    if w == 0:
                        first_open = bonds & _ONE
                        begins |= _ONE
                    bases[y, w] = n_runs
                    heads[y, w] = begins
                    after = n_runs + _count(begins)
                    while n_runs < after:
                        parent[n_runs] = n_runs
                        n_runs += _ONE
                    if y > 0:
                        links, a, b, c, d = _open(~(word ^ rows[y - 1, w]) & mask, p, a, b, c, d)
                        _join_rows(parent, links, heads, bases, y - 1, y, w)
                if first_open != _ZERO:
                    _join(parent, np.uint64(bases[y, 0]), n_runs - _ONE)
            for w in range(W):
                mask = inside if w == W - 1 else _ALL
                links, a, b, c, d = _open(~(rows[0, w] ^ rows[L - 1, w]) & mask, p, a, b, c, d)
                _join_rows(parent, links, heads, bases, L - 1, 0, w)
            for i in range(np.int64(n_runs + _U63) >> 6):
                signs[i], a, b, c, d = _step(a, b, c, d)
            run = _ZERO
            for y in range(L):
                last = _ZERO
                for w in range(W):
                    word, begins = last, heads[y, w]
                    while begins != _ZERO:
                        lowest = begins & (~begins + _ONE)
                        begins ^= lowest
                        root = np.uint64(parent[parent[run]])
                        parent[run] = root
                        run += _ONE
                        sign = (signs[root >> _SIX] >> (root & _U63)) & _ONE
                        turn = (word ^ (_ZERO - sign)) & lowest
                        word ^= _ZERO - turn
                    rows[y, w] = word & (inside if w == W - 1 else _ALL)
                    last = _ZERO - (word >> _U63)
        _unpack(spins[chain], rows)
        states[chain, 0], states[chain, 1], states[chain, 2], states[chain, 3] = a, b, c, d


@kernel
def _pack(rows, spins):
    """Write ``spins`` int8 (L, L) as bits into ``rows`` uint64 (L, W)."""
    L = spins.shape[0]
    for y in range(L):
        for w in range(rows.shape[1]):
            word = _ZERO
            for b in range(min(64, L - 64 * w)):
                word |= np.uint64(spins[y, 64 * w + b] > 0) << np.uint64(b)
            rows[y, w] = word


@kernel
def _unpack(spins, rows):
    """Write ``rows`` as ±1 into ``spins``."""
    L = spins.shape[0]
    for y in range(L):
        for w in range(rows.shape[1]):
            word = rows[y, w]
            for b in range(min(64, L - 64 * w)):
                spins[y, 64 * w + b] = np.int8(2 * np.int64((word >> np.uint64(b)) & _ONE) - 1)
