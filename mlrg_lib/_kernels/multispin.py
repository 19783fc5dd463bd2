"""Bit-parallel updates: 64 independent lattices in a word, one spin of each per bit (set = up).

Layouts, all ``uint64``, V words side by side for 64 V lattices (bit b of word v is lattice 64 v + b):

- even L, ``planes`` (2, L, (L/2 + 2) V): checkerboard colour, row, then V words for each site of that colour in the
  row, after V words of halo that repeat the last site and before V words that repeat the first. The site at position
  x' of colour c and row r is column 2 x' + (r + c) % 2.
- odd L, ``sites`` (L, L, V).

Random words come from one xoshiro256+ generator per position in a row (at most ``lanes`` of them, then they repeat),
``states`` uint64 (4, lanes), one word a step: a second word of the same step is correlated with it and biases the
energy.

How a bit is set with probability p, for 64 lattices at once. Write p 2**12 = T + F with T an integer and 0 <= F < 1.
Comparing a 12-bit random number with T from the lowest bit up is one bit-select per random word, r = (w ? r : t) with t
the bit of T spread over the word; random bits may select because a random number is as uniform as its exclusive-or with
T. The comparison starts not from 0 but from one shared random bit that is set with probability F, which makes each
lattice's probability exactly p (to 2**-64). Where the probability depends on the neighbours, t differs from bit to bit
and the cost does not change. The shared start correlates two lattices' decisions by at most 2**-26.
"""

import numpy as np

from ._compile import kernel

_ZERO, _ONE = np.uint64(0), np.uint64(1)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_U17, _U45, _U19 = np.uint64(17), np.uint64(45), np.uint64(19)


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
def _select(r, mask, w, low, mix):
    """Return ``r`` where ``w`` is set, elsewhere the threshold's bit: ``low``, turned over by ``mix`` in ``mask``.

    A function of its own, not a line of the loops: LLVM makes shorter code of it (and-not for 256-bit vectors), which
    is worth one seventh of the time.
    """
    t = low ^ (mask & mix)
    return t ^ (w & (r ^ t))


@kernel
def metropolis_words(own, n1, n2, n3, n4, s0, s1, s2, s3, low, mix, tie_low, tie_high):
    """Attempt one Metropolis flip of every spin in ``own``, whose neighbours are ``n1`` .. ``n4``.

    Modified in place: ``own`` and the generator states ``s0`` .. ``s3``. All are uint64 (n,), C-contiguous, and ``own``
    overlaps no other. ``low`` uint64 (12,) spreads the bits of T, lowest first, for the probability exp(-8 beta) (no
    antiparallel neighbour); ``mix`` is ``low`` exclusive-or the same for exp(-4 beta) (one of them); ``tie_low`` and
    ``tie_high`` are the two fractions F times 2**64. 13 random words for 64 attempts.
    """
    l0, l1, l2, l3, l4, l5 = low[0], low[1], low[2], low[3], low[4], low[5]
    l6, l7, l8, l9, l10, l11 = low[6], low[7], low[8], low[9], low[10], low[11]
    x0, x1, x2, x3, x4, x5 = mix[0], mix[1], mix[2], mix[3], mix[4], mix[5]
    x6, x7, x8, x9, x10, x11 = mix[6], mix[7], mix[8], mix[9], mix[10], mix[11]
    for i in range(own.size):
        spin = own[i]
        u1, u2, u3, u4 = spin ^ n1[i], spin ^ n2[i], spin ^ n3[i], spin ^ n4[i]
        or12, and12, or34, and34 = u1 | u2, u1 & u2, u3 | u4, u3 & u4
        one = or12 | or34
        two = and12 | and34 | (or12 & or34)
        w, a, b, c, d = _step(s0[i], s1[i], s2[i], s3[i])
        start_low = _ALL if w < tie_low else _ZERO
        start_high = _ALL if w < tie_high else _ZERO
        r = start_low ^ (one & (start_low ^ start_high))
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, one, w, l0, x0)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, one, w, l1, x1)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, one, w, l2, x2)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, one, w, l3, x3)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, one, w, l4, x4)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, one, w, l5, x5)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, one, w, l6, x6)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, one, w, l7, x7)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, one, w, l8, x8)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, one, w, l9, x9)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, one, w, l10, x10)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, one, w, l11, x11)
        s0[i], s1[i], s2[i], s3[i] = a, b, c, d
        own[i] = spin ^ (two | r)


@kernel
def heat_bath_words(own, n1, n2, n3, n4, s0, s1, s2, s3, low, mix, tie_low, tie_high):
    """Draw every spin in ``own`` anew given its neighbours ``n1`` .. ``n4``.

    As :func:`metropolis_words`; here ``low`` is for the probability 1 / (1 + exp(8 beta)) that a spin opposes four
    equal neighbours, and ``mix`` leads to 1 / (1 + exp(4 beta)), to oppose three of four. Between two and two the coin
    is fair.
    """
    l0, l1, l2, l3, l4, l5 = low[0], low[1], low[2], low[3], low[4], low[5]
    l6, l7, l8, l9, l10, l11 = low[6], low[7], low[8], low[9], low[10], low[11]
    x0, x1, x2, x3, x4, x5 = mix[0], mix[1], mix[2], mix[3], mix[4], mix[5]
    x6, x7, x8, x9, x10, x11 = mix[6], mix[7], mix[8], mix[9], mix[10], mix[11]
    for i in range(own.size):
        u1, u2, u3, u4 = n1[i], n2[i], n3[i], n4[i]
        or12, and12, or34, and34 = u1 | u2, u1 & u2, u3 | u4, u3 & u4
        odd = u1 ^ u2 ^ u3 ^ u4
        three = (and12 & or34) | (and34 & or12)
        equal = ~(odd | (and12 & and34) | ~(or12 | or34))
        w, a, b, c, d = _step(s0[i], s1[i], s2[i], s3[i])
        start_low = _ALL if w < tie_low else _ZERO
        start_high = _ALL if w < tie_high else _ZERO
        r = start_low ^ (odd & (start_low ^ start_high))
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, odd, w, l0, x0)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, odd, w, l1, x1)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, odd, w, l2, x2)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, odd, w, l3, x3)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, odd, w, l4, x4)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, odd, w, l5, x5)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, odd, w, l6, x6)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, odd, w, l7, x7)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, odd, w, l8, x8)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, odd, w, l9, x9)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, odd, w, l10, x10)
        w, a, b, c, d = _step(a, b, c, d)
        r = _select(r, odd, w, l11, x11)
        s0[i], s1[i], s2[i], s3[i] = a, b, c, d
        own[i] = (r ^ (equal & (r ^ w))) ^ three


@kernel
def fill_halo(planes, width):
    """Copy each row's last and first ``width`` words into its halos, in place; ``planes`` as in the module's text."""
    n = planes.shape[2] - 2 * width
    for c in range(2):
        for r in range(planes.shape[1]):
            for v in range(width):
                planes[c, r, v] = planes[c, r, n + v]
                planes[c, r, n + width + v] = planes[c, r, width + v]


@kernel
def even_sweeps(planes, states, width, heat_bath, low, mix, ties, n_sweeps):
    """Advance the lattices of even side by ``n_sweeps`` sweeps, colour 0 then colour 1.

    Modified in place: ``planes`` (halos filled, V = ``width``) and ``states`` uint64 (4, lanes). ``low``, ``mix``
    uint64 (12,) and ``ties`` uint64 (2,) belong to Metropolis, or to the heat bath if ``heat_bath``. Cost: about 0.1 ns
    an attempt with 256-bit vectors and 0.05 ns with 512-bit ones.
    """
    L, n, lanes = planes.shape[1], planes.shape[2] - 2 * width, states.shape[1]
    s0, s1, s2, s3 = states[0], states[1], states[2], states[3]
    for _ in range(n_sweeps):
        for c in range(2):
            for r in range(L):
                own, same = planes[c, r], planes[1 - c, r]
                up = planes[1 - c, r - 1 if r > 0 else L - 1]
                down = planes[1 - c, r + 1 if r < L - 1 else 0]
                shift = width if (r + c) % 2 == 1 else -width
                for first in range(width, n + width, lanes):
                    last = min(first + lanes, n + width)
                    m = last - first
                    if heat_bath:
                        heat_bath_words(
                            own[first:last], up[first:last], down[first:last],
                            same[first:last], same[first + shift : last + shift],
                            s0[:m], s1[:m], s2[:m], s3[:m], low, mix, ties[0], ties[1],
                        )  # fmt: skip
                    else:
                        metropolis_words(
                            own[first:last], up[first:last], down[first:last],
                            same[first:last], same[first + shift : last + shift],
                            s0[:m], s1[:m], s2[:m], s3[:m], low, mix, ties[0], ties[1],
                        )  # fmt: skip
                for v in range(width):
                    own[v] = own[n + v]
                    own[n + width + v] = own[width + v]


@kernel
def odd_sweeps(sites, states, heat_bath, low, mix, ties, n_sweeps):
    """Advance the lattices of any side by ``n_sweeps`` sweeps in reading order.

    Modified in place: ``sites`` uint64 (L, L, V) and ``states`` uint64 (4, V). The rest as in :func:`even_sweeps`.
    """
    L = sites.shape[0]
    s0, s1, s2, s3 = states[0], states[1], states[2], states[3]
    for _ in range(n_sweeps):
        for y in range(L):
            row = sites[y]
            above, below = sites[y - 1 if y > 0 else L - 1], sites[y + 1 if y < L - 1 else 0]
            for x in range(L):
                left, right = row[x - 1 if x > 0 else L - 1], row[x + 1 if x < L - 1 else 0]
                if heat_bath:
                    heat_bath_words(row[x], above[x], below[x], left, right, s0, s1, s2, s3, low, mix, ties[0], ties[1])
                else:
                    metropolis_words(
                        row[x], above[x], below[x], left, right, s0, s1, s2, s3, low, mix, ties[0], ties[1]
                    )


@kernel
def unpack_even(spins, planes, width):
    """Write the first lattices of ``planes`` as ±1 into ``spins``, int8 (n, L, L) with n <= 64 V. About 1 ns a spin."""
    n, L, _ = spins.shape
    for first in range(0, n, 64):
        count = min(64, n - first)
        for y in range(L):
            for x in range(L):
                word = planes[(x + y) & 1, y, width * (1 + x // 2) + first // 64]
                for b in range(count):
                    spins[first + b, y, x] = np.int8(2) * np.int8((word >> np.uint64(b)) & _ONE) - np.int8(1)


@kernel
def unpack_odd(spins, sites):
    """Write the first lattices of ``sites`` as ±1 into ``spins``, int8 (n, L, L) with n <= 64 V."""
    n, L, _ = spins.shape
    for first in range(0, n, 64):
        count = min(64, n - first)
        for y in range(L):
            for x in range(L):
                word = sites[y, x, first // 64]
                for b in range(count):
                    spins[first + b, y, x] = np.int8(2) * np.int8((word >> np.uint64(b)) & _ONE) - np.int8(1)


@kernel
def _add(counter, one, two):
    """Add the bits of two words to 64 counters, bit plane k of which is ``counter[k]``, uint64 (n_planes,)."""
    total = counter[0]
    carry = (one & two) | (total & (one ^ two))
    counter[0] = total ^ one ^ two
    k = 1
    while carry != _ZERO:
        total = counter[k]
        counter[k] = total ^ carry
        carry &= total
        k += 1


@kernel
def _read(counts, counter):
    """Write 64 counters into ``counts``, int64 (64,), and clear them."""
    for b in range(64):
        total = _ZERO
        for k in range(counter.size):
            total |= ((counter[k] >> np.uint64(b)) & _ONE) << np.uint64(k)
        counts[b] = np.int64(total)
    counter[:] = _ZERO


@kernel
def count_even(unequal, up, planes, width):
    """Count each lattice's antiparallel bonds into ``unequal`` and its up spins into ``up``, both int64 (V, 64).

    ``planes`` with halos filled. About 0.2 ns a spin.
    """
    L, half = planes.shape[1], planes.shape[2] // width - 2
    bonds, spins = np.zeros(40, dtype=np.uint64), np.zeros(40, dtype=np.uint64)
    for v in range(width):
        for r in range(L):
            for c in range(2):
                shift = width if (r + c) % 2 == 1 else 0
                for x in range(half):
                    i = (1 + x) * width + v
                    own = planes[c, r, i]
                    right, down = planes[1 - c, r, i + shift], planes[1 - c, r + 1 if r < L - 1 else 0, i]
                    _add(bonds, own ^ right, own ^ down)
            for i in range(width + v, (half + 1) * width, width):
                _add(spins, planes[0, r, i], planes[1, r, i])
        _read(unequal[v], bonds)
        _read(up[v], spins)


@kernel
def count_odd(unequal, up, sites):
    """Count as :func:`count_even` does, for ``sites`` (L, L, V)."""
    L, width = sites.shape[0], sites.shape[2]
    bonds, spins = np.zeros(40, dtype=np.uint64), np.zeros(40, dtype=np.uint64)
    for v in range(width):
        for y in range(L):
            below = y + 1 if y < L - 1 else 0
            for x in range(L):
                own = sites[y, x, v]
                _add(bonds, own ^ sites[y, x + 1 if x < L - 1 else 0, v], own ^ sites[below, x, v])
                _add(spins, own, _ZERO)
        _read(unequal[v], bonds)
        _read(up[v], spins)
