"""Cluster updates of single lattices: Swendsen-Wang and Wolff.

A lattice is ``int8`` (L, L) on a torus, any L >= 2; at L = 2 a pair along an axis has two bonds, each tried on its own.
Random words come from one xoshiro256+ state per chain, ``uint64`` (4,), kept in registers inside a kernel.

A bond between equal spins is open with probability p = 1 - exp(-2 beta), given as two integers: ``high`` is the whole
part of p 2**32 and ``low`` the fraction that remains, times 2**64 (both uint64). Half a random word is compared with
``high``; one time in 2**32 they are equal, and then a further word is compared with ``low``, so that p is exact.
"""

import numpy as np

from ._compile import kernel

_U17, _U45, _U19 = np.uint64(17), np.uint64(45), np.uint64(19)
_U32, _U63 = np.uint64(32), np.uint64(63)
_HALF = np.uint64(0xFFFFFFFF)


@kernel
def _step(a, b, c, d):
    """Return the next xoshiro256+ word and state."""
    w = a + d
    t = b << _U17
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    return w, a, b, c, (d << _U45) | (d >> _U19)


@kernel
def _root(parent, i):
    """Return the root of ``i``, halving its path in ``parent`` int32 (n,)."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def _join(parent, i, j):
    """Merge the trees of ``i`` and ``j`` in ``parent`` and return the root, the smaller of the two."""
    i, j = _root(parent, i), _root(parent, j)
    if i < j:
        parent[j] = i
        return i
    parent[i] = j
    return j


@kernel
def swendsen_wang_sweeps(spins, parent, high, low, n_sweeps, states):
    """Advance each chain by ``n_sweeps`` Swendsen-Wang updates: every cluster gets a fresh random sign.

    Modified in place: ``spins`` int8 (n_chains, L, L), ``states`` uint64 (n_chains, 4), and the work space ``parent``
    int32 (L*L,). One random word a site in reading order: its upper half is for the bond to the left, the lower half
    for the bond upwards. Then, for k = 0 .. L-1, one word for the bonds that close the torus, the upper half in row k
    and the lower half in column k. A half that ties draws its further word at once, the upper first. Last, one word
    per cluster in order of its first site, whose top bit is the sign. A root is its cluster's smallest site, so one
    forward pass finds every sign. Cost: 10 to 20 ns a site.
    """
    n_chains, L, _ = spins.shape
    for chain in range(n_chains):
        s = spins[chain].reshape(L * L)
        a, b, c, d = states[chain, 0], states[chain, 1], states[chain, 2], states[chain, 3]
        for _ in range(n_sweeps):
            for i in range(L * L + L):
                w, a, b, c, d = _step(a, b, c, d)
                upper, lower = w >> _U32, w & _HALF
                open_row, open_column = upper < high, lower < high
                if upper == high:
                    w, a, b, c, d = _step(a, b, c, d)
                    open_row = w < low
                if lower == high:
                    w, a, b, c, d = _step(a, b, c, d)
                    open_column = w < low
                if i < L * L:
                    root = i
                    if open_row and i % L > 0 and s[i] == s[i - 1]:
                        root = parent[i - 1]
                    parent[i] = root
                    if open_column and i >= L and s[i] == s[i - L]:
                        parent[i] = _join(parent, root, i - L)
                else:
                    k = i - L * L
                    if open_row and s[k * L] == s[k * L + L - 1]:
                        _join(parent, k * L, k * L + L - 1)
                    if open_column and s[k] == s[L * (L - 1) + k]:
                        _join(parent, k, L * (L - 1) + k)
            for i in range(L * L):
                root = parent[i]
                if root == i:
                    w, a, b, c, d = _step(a, b, c, d)
                    s[i] = 1 if w >> _U63 else -1
                else:
                    root = parent[root]
                    parent[i] = root
                    s[i] = s[root]
        states[chain, 0], states[chain, 1], states[chain, 2], states[chain, 3] = a, b, c, d


@kernel
def wolff_updates(spins, stack, high, low, n_updates, states):
    """Flip ``n_updates`` Wolff clusters in each chain and return the number of spins flipped in all.

    Modified in place: ``spins`` int8 (n_chains, L, L), ``states`` uint64 (n_chains, 4), and the work space ``stack``
    int32 (L*L,). The upper half of one word, times L*L, is the seed site. Each site taken from the stack draws two
    words: the upper and lower half of the first are for the neighbours up and down, of the second for left and right,
    if they still carry the cluster's old sign. A half that ties then draws its further word at once.
    Cost: 15 to 25 ns a flipped site.
    """
    n_chains, L, _ = spins.shape
    sites = L * L
    flipped = 0
    for chain in range(n_chains):
        s = spins[chain].reshape(sites)
        a, b, c, d = states[chain, 0], states[chain, 1], states[chain, 2], states[chain, 3]
        for _ in range(n_updates):
            w, a, b, c, d = _step(a, b, c, d)
            seed = np.int64(((w >> _U32) * np.uint64(sites)) >> _U32)
            old = s[seed]
            s[seed] = -old
            stack[0] = seed
            depth = 1
            while depth > 0:
                depth -= 1
                i = np.int64(stack[depth])
                flipped += 1
                x = i % L
                for axis in range(2):
                    w, a, b, c, d = _step(a, b, c, d)
                    if axis == 0:
                        first = i - L if i >= L else i + sites - L
                        second = i + L if i < sites - L else x
                    else:
                        first = i - 1 if x > 0 else i + L - 1
                        second = i + 1 if x < L - 1 else i - L + 1
                    half = w >> _U32
                    for j in (first, second):
                        if s[j] == old and half <= high:
                            is_open = half < high
                            if not is_open:
                                tie, a, b, c, d = _step(a, b, c, d)
                                is_open = tie < low
                            if is_open:
                                s[j] = -old
                                stack[depth] = j
                                depth += 1
                        half = w & _HALF
        states[chain, 0], states[chain, 1], states[chain, 2], states[chain, 3] = a, b, c, d
    return flipped
