"""Block-spin rules on square lattices: majority with random ties, and Kadanoff's stochastic rule."""

import numpy as np

from ._compile import kernel
from .rng import next_double, next_uint64

_U1, _U63 = np.uint64(1), np.uint64(63)


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
def majority(out, spins, b, state):
    """Set ``out`` to the sign of each block's sum; an exact tie takes a random bit.

    Modified in place: ``out`` int8 (n_samples, L // b, L // b) and the generator ``state`` (uint64, (4,)).
    ``spins`` int8 (n_samples, L, L), ±1. One random word serves 32 blocks of a row, its high half one bit
    a block, whether the block is tied or not: the rule has no branch. Odd blocks draw nothing.
    Cost: one addition a site.
    """
    n_samples, length = spins.shape[0], spins.shape[1]
    side = length // b
    rows = np.empty(side * b, dtype=np.int32)
    totals = np.empty(side, dtype=np.int32)
    for s in range(n_samples):
        for i in range(side):
            block_sums(totals, rows, spins[s, i * b : i * b + b], b)
            for j in range(0, side, 32):
                word = next_uint64(state) if b % 2 == 0 else np.uint64(0)
                for k in range(j, min(j + 32, side)):
                    tie_break = 2 * np.int32(word >> _U63) - 1
                    word <<= _U1
                    out[s, i, k] = 1 if 2 * totals[k] + tie_break > 0 else -1


@kernel
def stochastic(out, spins, b, probability, state):
    """Set each block spin to +1 with a probability that depends on the sum of its block only.

    Modified in place: ``out`` int8 (n_samples, L // b, L // b) and ``state`` (uint64, (4,)). ``spins`` int8
    (n_samples, L, L), ±1. ``probability`` float64 (b*b + 1,) is indexed by the number of spins that are +1.
    Cost: one addition a site and one random word a block.
    """
    n_samples, length = spins.shape[0], spins.shape[1]
    side = length // b
    rows = np.empty(side * b, dtype=np.int32)
    totals = np.empty(side, dtype=np.int32)
    for s in range(n_samples):
        for i in range(side):
            block_sums(totals, rows, spins[s, i * b : i * b + b], b)
            for k in range(side):
                up = (totals[k] + b * b) // 2
                out[s, i, k] = 1 if next_double(state) < probability[up] else -1
