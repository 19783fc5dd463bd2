"""Second and fourth moments of a data matrix rebuilt from its first k modes, for every k in one sweep.

Adding mode k is a rank-one update of the rebuilt data. A block of 16 variables and 2048 samples stays in
the second-level cache while all modes pass over it, four at a time, so memory is read once and each
element costs one multiply-add for the update, one multiplication and two accumulations.

``reassoc`` and ``contract`` let the compiler sum a block in vector lanes; nothing else of fast
mathematics is allowed. Sums run in float32 inside a block of samples and in float64 across blocks.
"""

import numpy as np

from ._compile import kernel

_BLOCK = 16, 2048  # variables and samples: long enough loops, and the scores are read once for 16 variables


@kernel(fastmath={"reassoc", "contract"})
def add_modes(block, second, fourth, vectors, scores, rows, first, width, begin, length):
    """Add all modes to a block and, after each, the sums over it to the rows that ``rows`` names.

    Modified in place: ``block`` float32, whose first ``width`` rows and ``length`` columns hold the variables from
    ``first`` and the samples from ``begin`` on, and ``second`` and ``fourth``, as in :func:`moment_sums`.
    """
    for k in range(0, len(scores), 4):
        y0 = scores[k, begin : begin + length]
        y1 = scores[k + 1, begin : begin + length]
        y2 = scores[k + 2, begin : begin + length]
        y3 = scores[k + 3, begin : begin + length]
        for v in range(width):
            x = block[v]
            i = first + v
            a0, a1, a2, a3 = vectors[k, i], vectors[k + 1, i], vectors[k + 2, i], vectors[k + 3, i]
            p0 = p1 = p2 = p3 = np.float32(0.0)
            s0 = s1 = s2 = s3 = np.float32(0.0)
            for t in range(length):
                z0 = x[t] + a0 * y0[t]
                z1 = z0 + a1 * y1[t]
                z2 = z1 + a2 * y2[t]
                z3 = z2 + a3 * y3[t]
                x[t] = z3
                q0, q1, q2, q3 = z0 * z0, z1 * z1, z2 * z2, z3 * z3
                p0 += q0
                p1 += q1
                p2 += q2
                p3 += q3
                s0 += q0 * q0
                s1 += q1 * q1
                s2 += q2 * q2
                s3 += q3 * q3
            if rows[k] >= 0:
                second[rows[k], i] += p0
                fourth[rows[k], i] += s0
            if rows[k + 1] >= 0:
                second[rows[k + 1], i] += p1
                fourth[rows[k + 1], i] += s1
            if rows[k + 2] >= 0:
                second[rows[k + 2], i] += p2
                fourth[rows[k + 2], i] += s2
            if rows[k + 3] >= 0:
                second[rows[k + 3], i] += p3
                fourth[rows[k + 3], i] += s3


@kernel(fastmath={"reassoc", "contract"})
def add_moments(block, second, fourth, vectors, scores, rows, start, stop):
    """:func:`moment_sums` with its scratch array: ``block`` float32 (variables, samples), overwritten."""
    n_samples = scores.shape[1]
    variables, samples = block.shape
    for first in range(start, stop, variables):
        width = min(variables, stop - first)
        for begin in range(0, n_samples, samples):
            length = min(samples, n_samples - begin)
            block[:, :] = np.float32(0.0)
            add_modes(block, second, fourth, vectors, scores, rows, first, width, begin, length)


@kernel(fastmath={"reassoc", "contract"})
def moment_sums(second, fourth, vectors, scores, rows, start, stop):
    """Add to ``second`` and ``fourth`` the sums over samples of the rebuilt variables' squares and fourth powers.

    Modified in place: ``second`` and ``fourth``, float64 (n_rows, n_variables), columns ``start`` to ``stop``.
    ``vectors`` float32 (n_modes, n_variables), ``scores`` float32 (n_modes, n_samples); n_modes is a
    multiple of four (pad with zeros). ``rows[k]`` is the row that receives the sums after modes 0..k have
    been added, or -1. Cost: about 6 n_modes n_samples (stop - start) floating-point operations.
    """
    add_moments(np.empty(_BLOCK, dtype=np.float32), second, fourth, vectors, scores, rows, start, stop)


@kernel(fastmath={"reassoc", "contract"})
def further_moment_sums(second, fourth, rebuilt, vectors, scores, rows, start, stop):
    """:func:`moment_sums` for some of the modes, on top of the data rebuilt from those before.

    Modified in place as well: ``rebuilt``, float32 (n_variables, n_samples), rows ``start`` to ``stop``: the data
    rebuilt from earlier modes, to which these modes are added. Parts of the modes, one after the other, give what all
    of them give at once.
    """
    n_samples = scores.shape[1]
    variables, samples = _BLOCK
    block = np.empty(_BLOCK, dtype=np.float32)
    for first in range(start, stop, variables):
        width = min(variables, stop - first)
        for begin in range(0, n_samples, samples):
            length = min(samples, n_samples - begin)
            block[:width, :length] = rebuilt[first : first + width, begin : begin + length]
            add_modes(block, second, fourth, vectors, scores, rows, first, width, begin, length)
            rebuilt[first : first + width, begin : begin + length] = block[:width, :length]
