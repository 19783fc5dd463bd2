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
Start from a bit r that is set with probability F and go through the bits t of T from the lowest up: keep r where a
random bit w is set, take t where it is not. Each step turns the probability P of r into (P + t) / 2, so twelve of them
leave (F + T) / 2**12 = p. With three bits and p = 0.7: 8 p = 5 + 0.6, T is 101 in binary, and P goes from 0.6 to
(0.6 + 1) / 2 = 0.8, to (0.8 + 0) / 2 = 0.4, to (0.4 + 1) / 2 = 0.7. Where the probability depends on the neighbours, t
differs from bit to bit of the word and the cost does not change. The start is one comparison of a random word with F
for all 64 lattices, which makes each one's probability p to 2**-76 and correlates two lattices' decisions by at most
2**-26.

``thresholds`` uint64 (2, 13) holds two probabilities: of the rarer event F, times 2**64, and then the bits of T, lowest
first, each spread over a word; of the other F and the words in which its bits differ from those.
"""

import math

import numpy as np

from ._compile import kernel
from .words import ALL, ONE, ZERO, split, step


@kernel
def set_thresholds(thresholds, rarer, other):
    """Set ``thresholds``, as in the module's text, for two probabilities, both below one."""
    low, thresholds[0, 0] = split(rarer, 4096.0)
    high, thresholds[1, 0] = split(other, 4096.0)
    for k in range(12):
        bit = np.uint64(k)
        thresholds[0, k + 1] = ZERO - ((low >> bit) & ONE)
        thresholds[1, k + 1] = ZERO - (((low ^ high) >> bit) & ONE)


@kernel
def local_thresholds(thresholds, heat_bath, beta):
    """Set ``thresholds`` for :func:`metropolis_word`, or for :func:`heat_bath_word` if ``heat_bath``."""
    rarer, other = math.exp(-8.0 * beta), math.exp(-4.0 * beta)
    if heat_bath:
        rarer, other = rarer / (1.0 + rarer), other / (1.0 + other)
    set_thresholds(thresholds, rarer, other)


@kernel
def scalars(row):
    """Return a row of the thresholds as scalars."""
    return row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10], row[11], row[12]


@kernel
def _keep(r, mask, bit, differs, a, b, c, d):
    """Return ``r`` where a random word is set, elsewhere ``bit``, turned over by ``differs`` in ``mask``.

    Also the random word and the generator's state.
    """
    w, a, b, c, d = step(a, b, c, d)
    t = bit ^ (mask & differs)
    return t ^ (w & (r ^ t)), w, a, b, c, d


@kernel(inline="always")
def _decide(mask, rarer, other, a, b, c, d):
    """Return bits set with the first probability, in ``mask`` with the second; the last random word; the state.

    Inlined, without a loop, and given :func:`scalars`: the callers' loops over words become vectors only if nothing
    inside them loops, calls, or is loaded from an array that their stores might change. With a loop over the bits, as a
    function of its own, or reading the thresholds itself it is four to nine times slower.
    """
    w, a, b, c, d = step(a, b, c, d)
    first = ALL if w < rarer[0] else ZERO
    second = ALL if w < other[0] else ZERO
    r = first ^ (mask & (first ^ second))
    r, w, a, b, c, d = _keep(r, mask, rarer[1], other[1], a, b, c, d)
    r, w, a, b, c, d = _keep(r, mask, rarer[2], other[2], a, b, c, d)
    r, w, a, b, c, d = _keep(r, mask, rarer[3], other[3], a, b, c, d)
    r, w, a, b, c, d = _keep(r, mask, rarer[4], other[4], a, b, c, d)
    r, w, a, b, c, d = _keep(r, mask, rarer[5], other[5], a, b, c, d)
    r, w, a, b, c, d = _keep(r, mask, rarer[6], other[6], a, b, c, d)
    r, w, a, b, c, d = _keep(r, mask, rarer[7], other[7], a, b, c, d)
    r, w, a, b, c, d = _keep(r, mask, rarer[8], other[8], a, b, c, d)
    r, w, a, b, c, d = _keep(r, mask, rarer[9], other[9], a, b, c, d)
    r, w, a, b, c, d = _keep(r, mask, rarer[10], other[10], a, b, c, d)
    r, w, a, b, c, d = _keep(r, mask, rarer[11], other[11], a, b, c, d)
    r, w, a, b, c, d = _keep(r, mask, rarer[12], other[12], a, b, c, d)
    return r, w, a, b, c, d


@kernel(inline="always")
def metropolis_word(spins, n1, n2, n3, n4, rarer, other, a, b, c, d):
    """Attempt one Metropolis flip of 64 spins with the neighbours ``n1`` .. ``n4``; return them and the state.

    The thresholds, as scalars, are those of exp(-8 beta), no antiparallel neighbour, and of exp(-4 beta), one of them.
    """
    u1, u2, u3, u4 = spins ^ n1, spins ^ n2, spins ^ n3, spins ^ n4
    or12, and12, or34, and34 = u1 | u2, u1 & u2, u3 | u4, u3 & u4
    two = and12 | and34 | (or12 & or34)
    r, _, a, b, c, d = _decide(or12 | or34, rarer, other, a, b, c, d)
    return spins ^ (two | r), a, b, c, d


@kernel(inline="always")
def heat_bath_word(n1, n2, n3, n4, rarer, other, a, b, c, d):
    """Draw 64 spins anew given their neighbours ``n1`` .. ``n4``; return them and the state.

    The thresholds are those of 1 / (1 + exp(8 beta)), that a spin opposes four equal neighbours, and of
    1 / (1 + exp(4 beta)), three of four. Between two and two the coin is fair.
    """
    or12, and12, or34, and34 = n1 | n2, n1 & n2, n3 | n4, n3 & n4
    odd = n1 ^ n2 ^ n3 ^ n4
    three = (and12 & or34) | (and34 & or12)
    equal = ~(odd | (and12 & and34) | ~(or12 | or34))
    r, w, a, b, c, d = _decide(odd, rarer, other, a, b, c, d)
    return (r ^ (equal & (r ^ w))) ^ three, a, b, c, d


@kernel
def update_words(own, n1, n2, n3, n4, heat_bath, thresholds, s0, s1, s2, s3):
    """Update every spin in ``own``, whose neighbours are ``n1`` .. ``n4``.

    Modified in place: ``own`` and the generator states ``s0`` .. ``s3``. All are uint64 (n,), C-contiguous, and ``own``
    overlaps no other. 13 random words for 64 attempts.
    """
    rarer, other = scalars(thresholds[0]), scalars(thresholds[1])
    if heat_bath:
        for i in range(own.size):
            own[i], s0[i], s1[i], s2[i], s3[i] = heat_bath_word(
                n1[i], n2[i], n3[i], n4[i], rarer, other, s0[i], s1[i], s2[i], s3[i]
            )
    else:
        for i in range(own.size):
            own[i], s0[i], s1[i], s2[i], s3[i] = metropolis_word(
                own[i], n1[i], n2[i], n3[i], n4[i], rarer, other, s0[i], s1[i], s2[i], s3[i]
            )


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
def even_sweeps(planes, width, heat_bath, thresholds, n_sweeps, states):
    """Advance the lattices of even side by ``n_sweeps`` sweeps, colour 0 then colour 1.

    Modified in place: ``planes`` (halos filled, V = ``width``) and ``states`` uint64 (4, lanes). ``thresholds`` belong
    to Metropolis, or to the heat bath if ``heat_bath``. Cost: about 0.1 ns an attempt with 256-bit vectors and 0.05 ns
    with 512-bit ones.
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
                    update_words(
                        own[first:last], up[first:last], down[first:last], same[first:last],
                        same[first + shift : last + shift], heat_bath, thresholds, s0[:m], s1[:m], s2[:m], s3[:m],
                    )  # fmt: skip
                for v in range(width):
                    own[v] = own[n + v]
                    own[n + width + v] = own[width + v]


@kernel
def odd_sweeps(sites, heat_bath, thresholds, n_sweeps, states):
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
                update_words(row[x], above[x], below[x], left, right, heat_bath, thresholds, s0, s1, s2, s3)


@kernel
def _unpack_word(spins, first, y, x, word):
    """Write the bits of a word as ±1 to one site of the lattices from ``first`` on, as far as there are any."""
    for b in range(min(64, spins.shape[0] - first)):
        spins[first + b, y, x] = np.int8(2) * np.int8((word >> np.uint64(b)) & ONE) - np.int8(1)


@kernel
def unpack_even(spins, planes, width):
    """Write the first lattices of ``planes`` as ±1 into ``spins``, int8 (n, L, L) with n <= 64 V. About 1 ns a spin."""
    n, L, _ = spins.shape
    for v in range((n + 63) // 64):
        for y in range(L):
            for x in range(L):
                _unpack_word(spins, 64 * v, y, x, planes[(x + y) & 1, y, width * (1 + x // 2) + v])


@kernel
def unpack_odd(spins, sites):
    """Write the first lattices of ``sites`` as ±1 into ``spins``, int8 (n, L, L) with n <= 64 V."""
    n, L, _ = spins.shape
    for v in range((n + 63) // 64):
        for y in range(L):
            for x in range(L):
                _unpack_word(spins, 64 * v, y, x, sites[y, x, v])


@kernel
def _add(counter, one, two):
    """Add the bits of two words to 64 counters, bit plane k of which is ``counter[k]``, uint64 (n_planes,)."""
    total = counter[0]
    carry = (one & two) | (total & (one ^ two))
    counter[0] = total ^ one ^ two
    k = 1
    while carry != ZERO:
        total = counter[k]
        counter[k] = total ^ carry
        carry &= total
        k += 1


@kernel
def _read(counts, counter):
    """Write 64 counters into ``counts``, int64 (64,), and clear them."""
    for b in range(64):
        total = ZERO
        for k in range(counter.size):
            total |= ((counter[k] >> np.uint64(b)) & ONE) << np.uint64(k)
        counts[b] = np.int64(total)
    counter[:] = ZERO


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
                _add(spins, own, ZERO)
        _read(unequal[v], bonds)
        _read(up[v], spins)
