"""Heat-bath sweeps of the Ising model with some spins held, and sums of spin pairs."""

import numpy as np

from ._compile import kernel
from .rng import next_double


@kernel
def clamped_sweeps(spins, free_rows, free_columns, up, n_sweeps, state):
    """Redraw the free spins of each lattice in order, ``n_sweeps`` times, from their distribution given the rest.

    Modified in place: ``spins`` int8 (n_samples, L, L) and the generator ``state`` uint64 (4,). ``free_rows`` and
    ``free_columns`` int64 (n_free,) are the sites redrawn. ``up`` float64 (5,) is the probability of +1 for a
    neighbour sum of −4, −2, 0, 2, 4. Cost: one random number a free spin and sweep.
    """
    length = spins.shape[1]
    for k in range(spins.shape[0]):
        lattice = spins[k]
        for _ in range(n_sweeps):
            for site in range(free_rows.shape[0]):
                i, j = free_rows[site], free_columns[site]
                above, below = (i - 1 if i > 0 else length - 1), (i + 1 if i + 1 < length else 0)
                left, right = (j - 1 if j > 0 else length - 1), (j + 1 if j + 1 < length else 0)
                total = lattice[above, j] + lattice[below, j] + lattice[i, left] + lattice[i, right]
                lattice[i, j] = 1 if next_double(state) < up[(total + 4) >> 1] else -1


@kernel
def add_pair_sums(out, spins, displacements):
    """Add to ``out`` the sum of the spins and Σ s(x) s(x + d) over all sites x for each displacement d.

    Modified in place: ``out`` float64 (n_samples, 1 + n_displacements). ``spins`` int8 (n_samples, L, L) on a torus,
    ``displacements`` int64 (n_displacements, 2) with entries in [0, L). Cost: one product a site and displacement.
    """
    length = spins.shape[1]
    for k in range(spins.shape[0]):
        total = np.int32(0)
        for i in range(length):
            for j in range(length):
                total += spins[k, i, j]
        out[k, 0] += total
        for d in range(displacements.shape[0]):
            down, right = displacements[d, 0], displacements[d, 1]
            total = np.int32(0)
            for i in range(length):
                here = spins[k, i]
                there = spins[k, i + down if i + down < length else i + down - length]
                for j in range(length - right):
                    total += here[j] * there[j + right]
                for j in range(length - right, length):
                    total += here[j] * there[j + right - length]
            out[k, 1 + d] += total
