"""Entries of the live lattice: a torus of L² spins as bytes, ``spins`` (L, L), or as bits, ``planes``.

Those are the planes of :mod:`columns` for one lattice, (2, L / 64, L/2 + 2); L is a multiple of 64.
"""

import math

import numpy as np
from numba import carray

from .. import blocking, columns
from ..clusters import wolff_updates
from ..lattice import bond_sums
from ..multispin import local_thresholds
from ..page import kadanoff, pictures, settling
from ..runs import swendsen_wang_sweeps
from ..words import fill_random
from ._entry import entry, f64, i8, i32, i64, integer, real, u32, u64


@entry
def random_words(words: u64, n: integer, seed: u64):
    """:func:`words.fill_random`: ``words`` (n,), ``seed`` (1,)."""
    fill_random(carray(words, n), carray(seed, 1))


@entry
def local_rule(thresholds: u64, heat_bath: integer, beta: real):
    """:func:`multispin.local_thresholds`: ``thresholds`` (2, 13)."""
    local_thresholds(carray(thresholds, (2, 13)), heat_bath != 0, beta)


@entry
def columns_pack(planes: u64, spins: i8, L: integer):
    """:func:`columns.pack` of one lattice."""
    columns.pack(carray(planes, (2, L // 64, L // 2 + 2)), carray(spins, (1, L, L)), 1)


@entry
def columns_unpack(spins: i8, planes: u64, L: integer):
    """:func:`columns.unpack` of one lattice."""
    columns.unpack(carray(spins, (1, L, L)), carray(planes, (2, L // 64, L // 2 + 2)), 1)


@entry
def columns_sweeps(planes: u64, L: integer, heat_bath: integer, thresholds: u64, n_sweeps: integer, states: u64):
    """:func:`columns.sweeps` of one lattice: ``thresholds`` (2, 13), ``states`` (4, L/2)."""
    words, lanes = carray(planes, (2, L // 64, L // 2 + 2)), carray(states, (4, L // 2))
    columns.sweeps(words, 1, heat_bath != 0, carray(thresholds, (2, 13)), n_sweeps, lanes)


@entry
def columns_sums(sums: i64, planes: u64, L: integer):
    """Write the sum of the spins and the sum over bonds into ``sums`` (2,), by :func:`columns.count`."""
    out = carray(sums, 2)
    columns.count(out[1:], out[:1], carray(planes, (2, L // 64, L // 2 + 2)), 1)
    out[0] = 2 * out[0] - L * L
    out[1] = 2 * L * L - 2 * out[1]


@entry
def ising_wolff(spins: i8, L: integer, stack: i32, beta: real, n_updates: integer, state: u64) -> integer:
    """Flip clusters by :func:`clusters.wolff_updates`: ``stack`` (L*L,). Returns the number of spins flipped."""
    p = -math.expm1(-2.0 * beta)
    return np.int32(wolff_updates(carray(spins, (1, L, L)), carray(stack, L * L), p, n_updates, carray(state, (1, 4))))


@entry
def ising_swendsen_wang(
    spins: i8, L: integer, rows: u64, heads: u64, bases: u32, signs: u64, parent: u32, bits: u64, beta: real,
    n_sweeps: integer, state: u64,
):  # fmt: skip
    """:func:`runs.swendsen_wang_sweeps` of one lattice: ``rows``, ``heads``, ``bases`` (L, L / 64)."""
    shape, sites = (L, L // 64), L * L
    swendsen_wang_sweeps(
        carray(spins, (1, L, L)), carray(rows, shape), carray(heads, shape), carray(bases, shape),
        carray(signs, sites // 64), carray(parent, sites), carray(bits, 64), -math.expm1(-2.0 * beta), n_sweeps,
        carray(state, (1, 4)),
    )  # fmt: skip


@entry
def ising_sums(sums: i64, spins: i8, L: integer):
    """Write the sum of the spins and, by :func:`lattice.bond_sums`, the sum over bonds into ``sums`` (2,)."""
    out, lattice = carray(sums, 2), carray(spins, (1, L, L))
    bond_sums(out[1:], lattice)
    out[0] = pictures.total(lattice[0])


@entry
def block_sums(out: i8, values: i8, n: integer):
    """:func:`pictures.block_sums`: ``values`` (n, n)."""
    pictures.block_sums(carray(out, (n // 2, n // 2)), carray(values, (n, n)))


@entry
def columns_block_sums(out: i8, planes: u64, L: integer):
    """:func:`pictures.word_block_sums`: ``out`` (L/2, L/2)."""
    pictures.word_block_sums(carray(out, (L // 2, L // 2)), carray(planes, (2, L // 64, L // 2 + 2)))


@entry
def block_majority(out: i8, sums: i8, n: integer, state: u64):
    """:func:`blocking.signs` row by row: ``out`` and the sums of 2 x 2 blocks ``sums`` (n, n)."""
    spins, totals = carray(out, (n, n)), carray(sums, (n, n))
    for i in range(n):
        blocking.signs(spins[i], totals[i], True, carray(state, 4))


@entry
def block_kadanoff(out: i8, odds: f64, sums: i8, n: integer, strength: real, state: u64):
    """:func:`blocking.draws` row by row, with the odds of :func:`kadanoff.block_odds`, written into ``odds`` (5,)."""
    spins, totals, table = carray(out, (n, n)), carray(sums, (n, n)), carray(odds, 5)
    kadanoff.block_odds(table, strength)
    for i in range(n):
        blocking.draws(spins[i], totals[i], 2, table, carray(state, 4))


@entry
def block_decimate(out: i8, values: i8, n: integer):
    """:func:`pictures.decimate`: ``values`` (n, n)."""
    pictures.decimate(carray(out, (n // 2, n // 2)), carray(values, (n, n)))


@entry
def ising_paint(pixels: i32, values: i8, n: integer, b: integer, colours: i32):
    """:func:`pictures.paint`: ``pixels`` and ``values`` (n,), ``colours`` (b*b + 1,)."""
    pictures.paint(carray(pixels, n), carray(values, n), b, carray(colours, b * b + 1))


@entry
def settling_add(batches: f64, filling: f64, counts: i64, first: real, second: real):
    """:func:`settling.add`: ``batches`` (256, 2), ``filling`` (2,), ``counts`` (4,)."""
    settling.add(carray(batches, (settling.N_BATCHES, 2)), carray(filling, 2), carray(counts, 4), first, second)


@entry
def settling_judge(out: f64, batches: f64, counts: i64) -> integer:
    """:func:`settling.judge`: ``out`` (4,)."""
    return np.int32(settling.judge(carray(out, 4), carray(batches, (settling.N_BATCHES, 2)), carray(counts, 4)))
