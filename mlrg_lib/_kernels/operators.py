"""Lattice operators on ±1 tori: sums of spin products, all at once on packed bits, and their parts at each site."""

import math

import numpy as np

from ._compile import kernel
from .words import ALL, ONE, ZERO, popcount

_U64 = np.uint64(64)


@kernel
def pack_rows(planes, spins):
    """Set ``planes[x, y, w]`` to the packed row y of ``spins``, begun at column x; a set bit is a spin −1.

    Modified in place: ``planes`` uint64 (n_shifts, n_rows, n_words), n_shifts <= 64, n_rows >= L; rows past the last
    repeat the first. ``spins`` int8 (L, L). Bits past the end of a row repeat its beginning.
    """
    n_shifts, n_rows, n_words = planes.shape
    length = spins.shape[0]
    extended = np.empty(n_words + 1, dtype=np.uint64)
    for y in range(n_rows):
        if y >= length:
            for x in range(n_shifts):
                planes[x, y] = planes[x, y - length]
            continue
        column = 0
        for w in range(n_words + 1):
            word = ZERO
            for j in range(64):
                word |= np.uint64(spins[y, column] < 0) << np.uint64(j)
                column = column + 1 if column + 1 < length else 0
            extended[w] = word
        planes[0, y] = extended[:n_words]
        for x in range(1, n_shifts):
            shift = np.uint64(x)
            for w in range(n_words):
                planes[x, y, w] = (extended[w] >> shift) | (extended[w + 1] << (_U64 - shift))


@kernel
def operator_sums(out, spins, terms, n_sites, owner):
    """Set ``out[s, a]`` to the sum over the lattice s of all terms of operator a.

    Modified in place: ``out`` int64 (n_samples, n_operators). ``spins`` int8 (n_samples, L, L); ``terms`` int64
    (n_terms, max_sites, 2), offsets (row, column) in [0, 64); ``n_sites`` int64 (n_terms,) of which the first count;
    ``owner`` int64 (n_terms,) the operator a term belongs to. Cost: about a nanosecond a site to pack, then one
    exclusive or of L**2 / 64 words for each site of a term.
    """
    n_samples, length = spins.shape[0], spins.shape[1]
    n_words = (length + 63) // 64
    n_all = length * n_words
    planes = np.empty((terms[:, :, 1].max() + 1, length + terms[:, :, 0].max(), n_words), dtype=np.uint64)
    flat = planes.reshape(planes.shape[0], -1)
    product = np.empty(n_all, dtype=np.uint64)
    mask = np.full(n_all, ALL, dtype=np.uint64)
    if length % 64:
        mask[n_words - 1 :: n_words] = (ONE << np.uint64(length % 64)) - ONE
    out[:] = 0
    for s in range(n_samples):
        pack_rows(planes, spins[s])
        for t in range(len(terms)):
            product[:] = mask
            begin = terms[t, 0, 0] * n_words
            product &= flat[terms[t, 0, 1], begin : begin + n_all]
            for k in range(1, n_sites[t]):
                begin = terms[t, k, 0] * n_words
                source = flat[terms[t, k, 1], begin : begin + n_all]
                for i in range(n_all):
                    product[i] ^= source[i]
            odd = np.int64(0)
            for i in range(n_all):
                odd += np.int64(popcount(product[i] & mask[i]))
            out[s, owner[t]] += length * length - 2 * odd


@kernel
def site_sums(out, spins, terms, n_sites, owner):
    """Set ``out[a, y, x]`` to the sum of the terms of operator a that contain the site (y, x).

    Modified in place: ``out`` int8 (n_operators, L, L). ``spins`` int8 (L, L); ``terms``, ``n_sites``, ``owner`` as in
    :func:`operator_sums`, offsets in [0, L). Turning the spin (y, x) turns the sign of ``out[:, y, x]``.
    """
    length = spins.shape[0]
    product = np.empty((length, length), dtype=np.int8)
    out[:] = 0
    for t in range(len(terms)):
        product[:] = 1
        for k in range(n_sites[t]):
            dy, dx = terms[t, k]
            for y in range(length):
                source = spins[(y + dy) % length]
                for x in range(length - dx):
                    product[y, x] *= source[x + dx]
                for x in range(length - dx, length):
                    product[y, x] *= source[x + dx - length]
        target = out[owner[t]]
        for k in range(n_sites[t]):
            dy, dx = terms[t, k]
            for y in range(length):
                row = target[(y + dy) % length]
                for x in range(length - dx):
                    row[x + dx] += product[y, x]
                for x in range(length - dx, length):
                    row[x + dx - length] += product[y, x]


@kernel
def pseudo_likelihood(gradient, hessian, sites, couplings):
    """Return the sum of ln P(spin | the others) over all sites of one lattice, and add its derivatives.

    Modified in place: ``gradient`` float64 (n,) and ``hessian`` float64 (n, n), upper triangle, of the *negative*
    second derivatives. ``sites`` int8 (n, n_sites) of :func:`site_sums`; ``couplings`` float64 (n,), P ∝ exp(Σ K S).
    """
    n, n_sites = sites.shape
    value = 0.0
    for i in range(n_sites):
        field = 0.0
        for a in range(n):
            field += couplings[a] * sites[a, i]
        against = 1.0 / (1.0 + math.exp(2.0 * field))
        value += math.log(1.0 - against)
        curvature = 4.0 * against * (1.0 - against)
        for a in range(n):
            gradient[a] += 2.0 * against * sites[a, i]
            part = curvature * sites[a, i]
            for c in range(a, n):
                hessian[a, c] += part * sites[c, i]
    return value
