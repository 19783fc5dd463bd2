"""Passes of a restricted Boltzmann machine whose hidden lattice sees the visible torus through one moving window.

Hidden unit (A, B) sees the sites (stride A + y − shift, stride B + x − shift) of the torus, y, x = 0 … k−1, with the
weights[y, x]. Fields become means and samples in ``rbm``.

The windows of one row move in steps of ``stride``. ``planes`` (stride, P, Q) hold the torus, unrolled to P = L + k rows
and columns so that no window meets its edge, with column j in plane j % stride at place j // stride: what one place of
the window sees from left to right then lies side by side, and the loops over it become vectors. All arrays of a call
have one float type but the spins, which may be int8.
"""

import numpy as np

from ._compile import kernel


@kernel
def unroll(planes, spins, shift):
    """Set the planes' row i and column j to the spin at (i − shift, j − shift) of the torus.

    Modified in place: ``planes``. ``spins`` (L, L), 0 <= ``shift`` < L, ``stride`` divides L.
    """
    stride, size, places = planes.shape
    length = spins.shape[0]
    row = (length - shift) % length
    for i in range(size):
        source = spins[row]
        for plane in range(stride):
            target, column = planes[plane, i], (plane + length - shift) % length
            for place in range(places):
                target[place] = source[column]
                column += stride
                if column >= length:
                    column -= length
        row = row + 1 if row + 1 < length else 0


@kernel
def roll_up(out, planes, shift):
    """Add to each site (L, L) what the planes hold of it: the transpose of :func:`unroll`."""
    stride, size, places = planes.shape
    length = out.shape[0]
    row = (length - shift) % length
    for i in range(size):
        target = out[row]
        for plane in range(stride):
            source, column = planes[plane, i], (plane + length - shift) % length
            for place in range(places):
                target[column] += source[place]
                column += stride
                if column >= length:
                    column -= length
        row = row + 1 if row + 1 < length else 0


@kernel
def hidden_fields(out, spins, weights, bias, stride, shift):
    """Set ``out`` to the hidden fields, bias + Σ W v.

    Modified in place: ``out`` (n, M, M), M = L / stride. ``spins`` (n, L, L); ``weights`` (k, k), k <= L;
    0 <= ``shift`` < L. Cost: k**2 multiplications a hidden unit.
    """
    n, side = out.shape[0], out.shape[1]
    length, k = spins.shape[1], weights.shape[0]
    planes = np.zeros((stride, length + k, (length + k) // stride), dtype=out.dtype)
    for s in range(n):
        unroll(planes, spins[s], shift)
        for A in range(side):
            target = out[s, A]
            target[:] = bias
            for y in range(k):
                for x in range(k):
                    w = weights[y, x]
                    seen = planes[x % stride, stride * A + y, x // stride :]
                    for B in range(side):
                        target[B] += w * seen[B]


@kernel
def visible_fields(out, hidden, weights, bias, stride, shift):
    """Set ``out`` to the visible fields, bias + Σ W h.

    Modified in place: ``out`` (n, L, L). ``hidden`` (n, M, M), M = L / stride; the rest as in :func:`hidden_fields`.
    Cost: k**2 multiplications a hidden unit.
    """
    n, length = out.shape[0], out.shape[1]
    side, k = hidden.shape[1], weights.shape[0]
    planes = np.zeros((stride, length + k, (length + k) // stride), dtype=out.dtype)
    for s in range(n):
        planes[:] = 0.0
        for A in range(side):
            values = hidden[s, A]
            for y in range(k):
                for x in range(k):
                    w = weights[y, x]
                    seen = planes[x % stride, stride * A + y, x // stride :]
                    for B in range(side):
                        seen[B] += w * values[B]
        out[s] = bias
        roll_up(out[s], planes, shift)


@kernel(fastmath={"reassoc"})
def correlate(out, spins, means, stride, shift):
    """Set ``out[y, x]`` to Σ v h over all samples and hidden units, v being what the window has at (y, x).

    Modified in place: ``out`` float64 (k, k). ``spins`` (n, L, L), ``means`` (n, M, M); rows are added up in its type.
    """
    n, side = means.shape[0], means.shape[1]
    length, k = spins.shape[1], out.shape[0]
    planes = np.zeros((stride, length + k, (length + k) // stride), dtype=means.dtype)
    out[:] = 0.0
    for s in range(n):
        unroll(planes, spins[s], shift)
        for A in range(side):
            values = means[s, A]
            for y in range(k):
                for x in range(k):
                    seen = planes[x % stride, stride * A + y, x // stride :]
                    total = means.dtype.type(0)
                    for B in range(side):
                        total += values[B] * seen[B]
                    out[y, x] += total
