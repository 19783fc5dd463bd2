"""64 lattices side by side, the k-th of them in lane k of every word and of every row of a batch."""

import numpy as np

from .._compile import kernel
from ..words import ONE


@kernel
def unpack_lanes(batch, planes, negated):
    """Write the 64 lattices of :func:`multispin.even_sweeps` as ±1 into ``batch``, float32 (L, L, 64).

    Lattice k is turned over where bit k of ``negated`` is set.
    """
    for y in range(batch.shape[0]):
        for x in range(batch.shape[1]):
            word, row = planes[(x + y) & 1, y, 1 + x // 2] ^ negated, batch[y, x]
            for k in range(64):
                row[k] = np.float32(2 * np.int32((word >> np.uint64(k)) & ONE) - 1)


@kernel
def mean_energy(batch):
    """Return the mean energy per site of ±1 lattices, float32 (L, L, 64)."""
    L, total = batch.shape[0], 0.0
    for y in range(L):
        for x in range(L):
            own, below, right = batch[y, x], batch[(y + 1) % L, x], batch[y, (x + 1) % L]
            for k in range(64):
                total -= np.float64(own[k] * (below[k] + right[k]))
    return total / (L * L * 64)


@kernel
def mean_product(a, b):
    """Return the mean product of two arrays of units, float32 (n,)."""
    total = 0.0
    for k in range(a.size):
        total += np.float64(a[k] * b[k])
    return total / a.size
