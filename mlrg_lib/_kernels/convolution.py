"""Passes of a restricted Boltzmann machine whose hidden lattice sees the visible torus through one moving window.

Hidden unit (A, B) sees the sites (stride A + y − shift, stride B + x − shift) of the torus, y, x = 0 … k−1, with the
weights[y, x]. A unit with field f (bias included) is +1 with probability 1 / (1 + exp(2 f)) and has mean −tanh f.
"""

import math

import numpy as np

from ._compile import kernel
from .rng import next_double


@kernel
def unroll(padded, spins, shift):
    """Set ``padded[i, j]`` to the spin at (i − shift, j − shift) of the torus.

    Modified in place: ``padded`` float64 (P, P), any P. ``spins`` int8 (L, L), 0 <= ``shift`` < L.
    """
    size, length = padded.shape[0], spins.shape[0]
    row = (length - shift) % length
    for i in range(size):
        column = (length - shift) % length
        for j in range(size):
            padded[i, j] = spins[row, column]
            column = column + 1 if column + 1 < length else 0
        row = row + 1 if row + 1 < length else 0


@kernel
def hidden_fields(out, spins, weights, bias, stride, shift):
    """Set ``out`` to the hidden fields, bias + Σ W v.

    Modified in place: ``out`` float64 (n, M, M), M = L / stride. ``spins`` int8 (n, L, L); ``weights`` float64 (k, k),
    k <= L; 0 <= ``shift`` < L. Cost: k**2 multiplications a hidden unit.
    """
    n, side = out.shape[0], out.shape[1]
    k = weights.shape[0]
    padded = np.empty((spins.shape[1] + k, spins.shape[1] + k), dtype=np.float64)
    for s in range(n):
        unroll(padded, spins[s], shift)
        for A in range(side):
            target = out[s, A]
            target[:] = bias
            for y in range(k):
                row = padded[stride * A + y]
                for x in range(k):
                    w = weights[y, x]
                    for B in range(side):
                        target[B] += w * row[stride * B + x]


@kernel
def visible_fields(out, hidden, weights, bias, stride, shift):
    """Set ``out`` to the visible fields, bias + Σ W h.

    Modified in place: ``out`` float64 (n, L, L). ``hidden`` int8 (n, M, M), M = L / stride; the rest as in
    :func:`hidden_fields`. Cost: k**2 additions a hidden unit.
    """
    n, length = out.shape[0], out.shape[1]
    side, k = hidden.shape[1], weights.shape[0]
    padded = np.empty((length + k, length + k), dtype=np.float64)
    for s in range(n):
        padded[:] = 0.0
        for A in range(side):
            for y in range(k):
                row = padded[stride * A + y]
                for x in range(k):
                    w = weights[y, x]
                    for B in range(side):
                        row[stride * B + x] += w * hidden[s, A, B]
        out[s] = bias
        y = (length - shift) % length
        for i in range(length + k):
            x = (length - shift) % length
            for j in range(length + k):
                out[s, y, x] += padded[i, j]
                x = x + 1 if x + 1 < length else 0
            y = y + 1 if y + 1 < length else 0


@kernel
def draw(out, fields, state):
    """Set ``out`` to samples of the units with these fields.

    Modified in place: ``out`` int8 (n, M, M) and the generator ``state`` uint64 (4,). ``fields`` float64 (n, M, M).
    """
    spins, values = out.reshape(-1), fields.reshape(-1)
    for i in range(len(values)):
        spins[i] = 1 if next_double(state) * (1.0 + math.exp(2.0 * values[i])) < 1.0 else -1


@kernel
def correlate(out, spins, means, stride, shift):
    """Set ``out[y, x]`` to Σ v h over all samples and hidden units, v being what the window has at (y, x).

    Modified in place: ``out`` float64 (k, k). ``spins`` int8 (n, L, L), ``means`` float64 (n, M, M).
    """
    n, side = means.shape[0], means.shape[1]
    k = out.shape[0]
    padded = np.empty((spins.shape[1] + k, spins.shape[1] + k), dtype=np.float64)
    out[:] = 0.0
    for s in range(n):
        unroll(padded, spins[s], shift)
        for A in range(side):
            for y in range(k):
                row = padded[stride * A + y]
                for x in range(k):
                    total = 0.0
                    for B in range(side):
                        total += means[s, A, B] * row[stride * B + x]
                    out[y, x] += total
