"""Block-spin rules on square lattices: majority with random ties, and Kadanoff's stochastic rule."""

import numpy as np

from ._compile import kernel
from .rng import next_double, next_uint64
from .words import ONE, U63, ZERO


@kernel
def block_sums(totals, rows, spins, b):
    """Set ``totals`` to the sums of the b x b blocks of one strip of spins.

    Modified in place: ``totals`` int32 (L // b,) and the scratch ``rows`` int32 (L,). ``spins`` int8 (b, L).
    Cost: b L additions, in vector lanes.
    """
    length = rows.shape[0]
    rows[:] = spins[0]
    for i in range(1, b):
        for j in range(length):
            rows[j] += spins[i, j]
    for block in range(totals.shape[0]):
        total = np.int32(0)
        for j in range(block * b, block * b + b):
            total += rows[j]
        totals[block] = total


@kernel
def signs(out, totals, has_ties, state):
    """Set ``out`` int8 (n,) to the signs of ``totals``; a tie, which an even block can have, takes a random bit.

    One random word serves 32 blocks, its high half one bit a block, whether the block is tied or not: the rule has no
    branch. Without ties nothing is drawn. Modified in place: ``out`` and ``state`` (uint64, (4,)).
    """
    for j in range(0, out.size, 32):
        word = next_uint64(state) if has_ties else ZERO
        for k in range(j, min(j + 32, out.size)):
            tie_break = 2 * np.int32(word >> U63) - 1
            word <<= ONE
            out[k] = 1 if 2 * np.int32(totals[k]) + tie_break > 0 else -1


@kernel
def draws(out, totals, b, probability, state):
    """Set ``out`` int8 (n,) to +1 with the ``probability`` (b*b + 1,) of the number of spins up in each block.

    One random word a block. Modified in place: ``out`` and ``state`` (uint64, (4,)).
    """
    for k in range(out.size):
        up = (np.int32(totals[k]) + b * b) // 2
        out[k] = 1 if next_double(state) < probability[up] else -1


@kernel
def majority(out, spins, b, state):
    """Set ``out`` to the sign of each block's sum, by :func:`signs`.

    Modified in place: ``out`` int8 (n_samples, L // b, L // b) and the generator ``state`` (uint64, (4,)).
    ``spins`` int8 (n_samples, L, L), ±1. Cost: one addition a site.
    """
    side = spins.shape[1] // b
    rows, totals = np.empty(side * b, dtype=np.int32), np.empty(side, dtype=np.int32)
    for s in range(spins.shape[0]):
        for i in range(side):
            block_sums(totals, rows, spins[s, i * b : i * b + b], b)
            signs(out[s, i], totals, b % 2 == 0, state)


@kernel
def stochastic(out, spins, b, probability, state):
    """Set each block spin to +1 with a probability that depends on the sum of its block only, by :func:`draws`.

    Modified in place: ``out`` int8 (n_samples, L // b, L // b) and ``state`` (uint64, (4,)). ``spins`` int8
    (n_samples, L, L), ±1. Cost: one addition a site.
    """
    side = spins.shape[1] // b
    rows, totals = np.empty(side * b, dtype=np.int32), np.empty(side, dtype=np.int32)
    for s in range(spins.shape[0]):
        for i in range(side):
            block_sums(totals, rows, spins[s, i * b : i * b + b], b)
            draws(out[s, i], totals, b, probability, state)
