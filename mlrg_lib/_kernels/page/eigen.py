"""Eigenvalues and eigenvectors of symmetric matrices, float64: WebAssembly has no LAPACK.

``reassoc`` and ``contract`` let the compiler sum in vector lanes; nothing else of fast mathematics is allowed.
"""

import math

from .._compile import kernel

_LANES = {"reassoc", "contract"}
_MOST_STEPS = 60  # of the QL iteration, per eigenvalue; two or three are usual
_EPSILON = 2.0**-52


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
