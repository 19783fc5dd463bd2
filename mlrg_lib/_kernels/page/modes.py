"""Fourth-moment flows of principal components without a linear-algebra library.

Data are float32 (n_variables, n_samples), one variable a row. Nothing allocates. ``reassoc`` and ``contract`` let
the compiler sum in vector lanes, as in ``moments``; nothing else of fast mathematics is allowed.
"""

import math

import numpy as np

from .._compile import kernel
from ..rng import next_below, next_normals
from .order import median

_LANES = {"reassoc", "contract"}
_CHUNK = 1024
_RESIDUE = 1e-10  # of its variance: what is left of a variable that has no weight on the modes kept


@kernel(fastmath=_LANES)
def center(data, standardize):
    """Subtract the mean of each row of ``data`` in place; with ``standardize`` divide by its standard deviation."""
    n_samples = data.shape[1]
    for i in range(data.shape[0]):
        row = data[i]
        total = 0.0
        for t in range(n_samples):
            total += np.float64(row[t])
        mean, square = total / n_samples, 0.0
        for t in range(n_samples):
            square += (row[t] - mean) * (row[t] - mean)
        factor = 1.0 / math.sqrt(square / n_samples) if standardize and square > 0.0 else 1.0
        for t in range(n_samples):
            row[t] = np.float32((row[t] - mean) * factor)


@kernel(fastmath=_LANES)
def dot(a, b):
    """Return the scalar product of two float32 rows, summed in float64."""
    total = 0.0
    for t in range(a.shape[0]):
        total += np.float64(a[t]) * np.float64(b[t])
    return total


@kernel
def second_moments(matrix, data):
    """Write the mean products of the rows of ``data`` into ``matrix``, float64 (n, n). Cost: n² n_samples."""
    n, n_samples = data.shape
    for i in range(n):
        for j in range(i + 1):
            matrix[i, j] = matrix[j, i] = dot(data[i], data[j]) / n_samples


@kernel(fastmath=_LANES)
def _combine(row, weights, lines, first, last, start, stop):
    """Write the sum of ``weights[k] * lines[k]``, ``first <= k < last``, into ``row``, four at a time."""
    row[start:stop] = np.float32(0.0)
    k = first
    while k + 4 <= last:
        a, b, c, d = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        y0, y1, y2, y3 = lines[k], lines[k + 1], lines[k + 2], lines[k + 3]
        for t in range(start, stop):
            row[t] += a * y0[t] + b * y1[t] + c * y2[t] + d * y3[t]
        k += 4
    while k < last:
        a, y0 = weights[k], lines[k]
        for t in range(start, stop):
            row[t] += a * y0[t]
        k += 1


@kernel
def project(scores, vectors, data):
    """Write the components of ``data`` along the modes into ``scores``, float32 (n_modes, n_samples)."""
    n_modes, n_samples = scores.shape
    for start in range(0, n_samples, _CHUNK):
        for k in range(n_modes):
            _combine(scores[k], vectors[k], data, 0, data.shape[0], start, min(start + _CHUNK, n_samples))


@kernel
def rebuilt(second, fourth, counts, reach, row, weights, scores, first, last):
    """Rebuild every variable from the modes ``first`` to ``last`` and describe it.

    Modified in place: ``second`` and ``fourth`` float64 (n_blocks, n_variables), the sums of squares and of fourth
    powers in contiguous blocks of samples; ``counts`` int32 (n_bins,), increased by a histogram, over all variables,
    of each variable divided by its own root mean square, in equal bins from -``reach`` to ``reach``; ``row``
    float32 (n_samples,), scratch. ``weights`` float32 (n_variables, n_modes) is the transposed of the modes.
    """
    n_blocks, n_variables = second.shape
    n_samples, n_bins = row.shape[0], counts.shape[0]
    for i in range(n_variables):
        for start in range(0, n_samples, _CHUNK):
            _combine(row, weights[i], scores, first, last, start, min(start + _CHUNK, n_samples))
        whole = 0.0
        for b in range(n_blocks):
            squares = fourths = 0.0
            for t in range(b * n_samples // n_blocks, (b + 1) * n_samples // n_blocks):
                square = np.float64(row[t]) * np.float64(row[t])
                squares += square
                fourths += square * square
            second[b, i], fourth[b, i] = squares, fourths
            whole += squares
        if whole <= 0.0:
            continue
        unit = math.sqrt(n_samples / whole) * n_bins / (2.0 * reach)
        for t in range(n_samples):
            place = row[t] * unit + 0.5 * n_bins
            if 0.0 <= place < n_bins:
                counts[int(place)] += 1


@kernel
def shuffle(data, state):
    """Permute every row of ``data`` in place, each by its own random permutation."""
    n_samples = data.shape[1]
    for i in range(data.shape[0]):
        row = data[i]
        for t in range(n_samples - 1, 0, -1):
            j = next_below(state, t + 1)
            row[t], row[j] = row[j], row[t]


@kernel(fastmath=_LANES)
def gaussian_scores(scores, values, state):
    """Fill ``scores`` float32 (n_modes, n_samples) with Gaussian components of mean 0 and exactly these variances.

    The rows are made exactly orthogonal, so data rebuilt from them have the same covariance, and modes, as the data
    whose ``values`` are given. n_samples exceeds n_modes.
    """
    n_modes, n_samples = scores.shape
    for k in range(n_modes):
        row = scores[k]
        for t in range(0, n_samples, 2):
            first, second = next_normals(state)
            row[t] = np.float32(first)
            if t + 1 < n_samples:
                row[t + 1] = np.float32(second)
        total = 0.0
        for t in range(n_samples):
            total += np.float64(row[t])
        for t in range(n_samples):
            row[t] -= np.float32(total / n_samples)
        for j in range(k):  # rows above have the length sqrt(n_samples)
            overlap = np.float32(dot(row, scores[j]) / n_samples)
            for t in range(n_samples):
                row[t] -= overlap * scores[j, t]
        factor = np.float32(math.sqrt(n_samples / dot(row, row)))
        for t in range(n_samples):
            row[t] *= factor
    for k in range(n_modes):
        factor = np.float32(math.sqrt(max(values[k], 0.0)))
        for t in range(n_samples):
            scores[k, t] *= factor


@kernel
def variances(full, values, weights, n_samples):
    """Set ``full`` float64 (n_variables,) to the sum of squares of each variable over all modes.

    ``values`` float64 (n_modes,), ``weights`` float32 (n_variables, n_modes).
    """
    for i in range(full.size):
        total = 0.0
        for k in range(values.size):
            total += values[k] * np.float64(weights[i, k]) * np.float64(weights[i, k])
        full[i] = total * n_samples


@kernel
def normalized_moment(ratios, second, fourth, full, n_samples):
    """Return the median over variables of <x⁴> / <x²>², from sums over samples; NaN if none is left.

    ``ratios`` float64 (n_variables,) is overwritten. A variable counts if ``second`` is above a residue of ``full``.
    """
    left = 0
    for i in range(full.size):
        if second[i] > _RESIDUE * full[i]:
            ratios[left] = n_samples * fourth[i] / (second[i] * second[i])
            left += 1
    return median(ratios[:left]) if left > 0 else math.nan


@kernel
def resampled(out, work, second, fourth, full, n_samples, n_draws, state):
    """Set ``out`` (2,) to the normalized moment and to its error, from ``n_draws`` resamplings of the blocks.

    ``second``, ``fourth`` float64 (n_blocks, n_variables) are those of :func:`rebuilt`; ``work`` (3, n_variables) is
    overwritten.
    """
    n_blocks = second.shape[0]
    ratios, two, four = work[0], work[1], work[2]
    sums = squares = 0.0
    for draw in range(n_draws + 1):  # the first takes every block once
        two[:] = 0.0
        four[:] = 0.0
        for b in range(n_blocks):
            block = b if draw == 0 else next_below(state, n_blocks)
            for i in range(two.size):
                two[i] += second[block, i]
                four[i] += fourth[block, i]
        moment = normalized_moment(ratios, two, four, full, n_samples)
        if draw == 0:
            out[0] = moment
        else:
            sums += moment - out[0]
            squares += (moment - out[0]) * (moment - out[0])
    out[1] = math.sqrt((squares - sums * sums / n_draws) / (n_draws - 1))
