"""Principal components without a linear-algebra library, for the browser: every step of a fourth-moment flow.

Data are float32 (n_variables, n_samples), one variable a row. Nothing allocates. ``reassoc`` and ``contract`` let
the compiler sum in vector lanes, as in ``moments``; nothing else of fast mathematics is allowed.
"""

import math

import numpy as np

from ._compile import kernel
from .rng import next_below, next_double

_LANES = {"reassoc", "contract"}
_CHUNK = 1024
_MOST_STEPS = 60  # of the QL iteration, per eigenvalue; two or three are usual
_EPSILON = 2.0**-52


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
def tridiagonalize(diagonal, beside, turned, matrix, work):
    """Bring a symmetric matrix to tridiagonal form by Householder's reflections.

    Modified in place: ``matrix`` float64 (n, n), destroyed; ``diagonal`` and ``beside`` (n,), the tridiagonal matrix
    (the last entry of ``beside`` is 0); ``turned`` (n, n), the orthogonal matrix Q with Q matrix Qᵀ tridiagonal;
    ``work`` (3, n). Cost: about 6 n³ floating-point operations.
    """
    n = matrix.shape[0]
    v, p, q = work[0], work[1], work[2]
    for i in range(n):
        turned[i, :] = 0.0
        turned[i, i] = 1.0
    for k in range(n - 2):
        row = matrix[k]
        tail = 0.0
        for i in range(k + 2, n):
            tail += row[i] * row[i]
        head = row[k + 1]
        beside[k] = head
        if tail == 0.0:
            continue
        size = -math.sqrt(head * head + tail) if head > 0.0 else math.sqrt(head * head + tail)
        beside[k] = size
        factor = 1.0 / (size * (size - head))
        for i in range(k + 1, n):
            v[i] = row[i]
            q[i] = 0.0
        q[: k + 1] = 0.0
        v[k + 1] = head - size
        overlap = 0.0
        for i in range(k + 1, n):
            line, total = matrix[i], 0.0
            for j in range(k + 1, n):
                total += line[j] * v[j]
            p[i] = factor * total
            overlap += p[i] * v[i]
        for i in range(k + 1, n):
            p[i] -= 0.5 * factor * overlap * v[i]
        for i in range(k + 1, n):
            line, vi, pi = matrix[i], v[i], p[i]
            for j in range(k + 1, n):
                line[j] -= vi * p[j] + pi * v[j]
        for i in range(k + 1, n):
            line, vi = turned[i], v[i]
            for j in range(n):
                q[j] += vi * line[j]
        for i in range(k + 1, n):
            line, step = turned[i], factor * v[i]
            for j in range(n):
                line[j] -= step * q[j]
    for i in range(n):
        diagonal[i] = matrix[i, i]
    if n > 1:
        beside[n - 2] = matrix[n - 2, n - 1]
    beside[n - 1] = 0.0


@kernel
def diagonalize(diagonal, beside, vectors):
    """Diagonalize a tridiagonal matrix by the QL algorithm with implicit shifts [1]_.

    Modified in place: ``diagonal`` becomes the eigenvalues, ``beside`` is destroyed, and the rows of ``vectors``,
    given as what :func:`tridiagonalize` leaves in ``turned``, become the eigenvectors.

    References
    ----------
    .. [1] H. Bowdler, R. S. Martin, C. Reinsch and J. H. Wilkinson, Numer. Math. 11, 293 (1968).
    """
    n = diagonal.shape[0]
    for first in range(n):
        for _ in range(_MOST_STEPS):
            last = first
            while last < n - 1:
                scale = abs(diagonal[last]) + abs(diagonal[last + 1])
                if abs(beside[last]) <= _EPSILON * scale:
                    break
                last += 1
            if last == first:
                break
            shift = (diagonal[first + 1] - diagonal[first]) / (2.0 * beside[first])
            root = math.sqrt(shift * shift + 1.0)
            g = diagonal[last] - diagonal[first] + beside[first] / (shift + (root if shift >= 0.0 else -root))
            s, c, p = 1.0, 1.0, 0.0
            whole = True
            for i in range(last - 1, first - 1, -1):
                f, b = s * beside[i], c * beside[i]
                root = math.sqrt(f * f + g * g)
                beside[i + 1] = root
                if root == 0.0:
                    diagonal[i + 1] -= p
                    beside[last] = 0.0
                    whole = False
                    break
                s, c = f / root, g / root
                g = diagonal[i + 1] - p
                root = (diagonal[i] - g) * s + 2.0 * c * b
                p = s * root
                diagonal[i + 1] = g + p
                g = c * root - b
                _turn(vectors[i], vectors[i + 1], c, s)
            if whole:
                diagonal[first] -= p
                beside[first] = g
                beside[last] = 0.0


@kernel
def _turn(a, b, c, s):
    for j in range(a.shape[0]):
        x, y = a[j], b[j]
        a[j] = c * x - s * y
        b[j] = s * x + c * y


@kernel
def eigenmodes(values, vectors, matrix, work):
    """Diagonalize a symmetric matrix: ``values`` (n,) in decreasing order, ``vectors`` (n, n) with one mode a row.

    ``matrix`` (n, n) is destroyed; ``work`` (4, n). Everything float64.
    """
    n = matrix.shape[0]
    tridiagonalize(values, work[3], vectors, matrix, work[:3])
    diagonalize(values, work[3], vectors)
    for i in range(n - 1):
        top = i
        for j in range(i + 1, n):
            if values[j] > values[top]:
                top = j
        if top != i:
            values[i], values[top] = values[top], values[i]
            for j in range(n):
                vectors[i, j], vectors[top, j] = vectors[top, j], vectors[i, j]


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
            radius = math.sqrt(-2.0 * math.log(1.0 - next_double(state)))
            angle = 2.0 * math.pi * next_double(state)
            row[t] = np.float32(radius * math.cos(angle))
            if t + 1 < n_samples:
                row[t + 1] = np.float32(radius * math.sin(angle))
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
