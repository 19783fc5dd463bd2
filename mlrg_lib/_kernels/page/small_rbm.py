"""Contrastive divergence for machines too small to need BLAS: every loop runs along the batch.

The passes are those of ``rbm``; only the matrix products are done here. Units are ±1 and P(v, h) ∝ exp(-E) with
E = b·h + c·v + v·W·h. All arrays are float32 and C-contiguous. Activities are transposed, (n_units, n_batch), so that a
batch lies in vector lanes; ``zero`` (n_batch,) is all zeros, for the passes that add a bias along that axis. The noise
is that of ``rbm``: a hash of (seed, call, unit, lane), both uint64; every pass takes a new ``call``.
"""

import numpy as np

from .._compile import kernel
from ..rbm import mean_units, sample_units, update_parameters
from .order import median

_F0, _F1 = np.float32(0.0), np.float32(1.0)
_HALF, _QUARTER = np.float32(0.5), np.float32(0.25)


@kernel
def _add_product(out, coefficients, units):
    """Add Σ_k coefficients[k] units[k] to ``out`` (n_batch,); the number of units is a multiple of four."""
    for k in range(0, units.shape[0], 4):
        w0, w1, w2, w3 = coefficients[k], coefficients[k + 1], coefficients[k + 2], coefficients[k + 3]
        x0, x1, x2, x3 = units[k], units[k + 1], units[k + 2], units[k + 3]
        for s in range(out.size):
            out[s] += (w0 * x0[s] + w1 * x1[s]) + (w2 * x2[s] + w3 * x3[s])


@kernel
def fields(out, coefficients, bias, units):
    """Set ``out`` (n_out, n_batch) to bias + coefficients · units, (n_in, n_batch) with n_in a multiple of 4."""
    for j in range(out.shape[0]):
        row = out[j]
        for s in range(row.size):
            row[s] = bias[j]
        _add_product(row, coefficients[j], units)


@kernel
def transpose(out, matrix):
    """Set ``out`` (n, m) to the transpose of ``matrix`` (m, n)."""
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[1]):
            out[j, i] = matrix[i, j]


@kernel(fastmath={"reassoc", "contract"})
def _overlap(x, y, u, v):
    """Return Σ_s (u v - x y)."""
    total = _F0
    for s in range(x.size):
        total += u[s] * v[s] - x[s] * y[s]
    return total


@kernel(fastmath={"reassoc", "contract"})
def _difference(x, u):
    """Return Σ_s (u - x)."""
    total = _F0
    for s in range(x.size):
        total += u[s] - x[s]
    return total


@kernel
def gibbs_steps(visible, hidden, weights, transposed, b, c, zero, seed, call, n_steps):
    """Draw hidden from visible, then visible from hidden, ``n_steps`` times; two calls of noise each.

    Modified in place: ``visible`` (n_visible, n_batch) and ``hidden`` (n_hidden, n_batch). ``weights``
    (n_visible, n_hidden) and ``transposed`` are the same matrix. Cost: 4 n_visible n_hidden n_batch operations a step.
    """
    for step in range(n_steps):
        fields(hidden, transposed, b, visible)
        sample_units(hidden, zero, seed, call + np.uint64(2 * step))
        fields(visible, weights, c, hidden)
        sample_units(visible, zero, seed, call + np.uint64(2 * step + 1))


@kernel
def cd_gradient(gradients, visible, hidden, negative, weights, transposed, b, c, data, zero, seed, call, k):
    """Estimate the log-likelihood gradient by k Gibbs steps from ``visible``: CD-k if that is the batch, else PCD-k.

    Modified in place: ``gradients``, one matrix of n_visible + 1 rows and n_hidden columns whose last row is for ``b``,
    and a vector (n_visible,) for ``c``; ``visible``, where the chain ends; ``hidden`` and ``negative``
    (n_hidden, n_batch), the mean hidden activities of the two phases. ``data`` (n_visible, n_batch) is the batch.
    Cost: (4 k + 8) n_visible n_hidden n_batch operations.
    """
    matrix, vector = gradients
    n_visible, n_hidden = weights.shape
    scale = _F1 / np.float32(data.shape[1])
    fields(hidden, transposed, b, data)
    mean_units(hidden, zero, _F1)
    gibbs_steps(visible, negative, weights, transposed, b, c, zero, seed, call, k)
    fields(negative, transposed, b, visible)
    mean_units(negative, zero, _F1)
    for i in range(n_visible):
        for j in range(n_hidden):
            matrix[i, j] = scale * _overlap(data[i], hidden[j], visible[i], negative[j])
        vector[i] = scale * _difference(data[i], visible[i])
    for j in range(n_hidden):
        matrix[n_visible, j] = scale * _difference(hidden[j], negative[j])


@kernel
def cd_update(parameters, velocities, gradients, work, data, zero, seed, call, k, rate, momentum, l1):
    """Make one step of CD-k on the batch ``data`` (n_visible, n_batch); 2 k calls of noise.

    ``parameters``, ``velocities`` and ``gradients`` are each a matrix (n_visible + 1, n_hidden), the weights with b
    below them, and a vector (n_visible,), c. ``work`` is transposed (n_hidden, n_visible), visible
    (n_visible, n_batch), hidden and negative (n_hidden, n_batch); ``visible`` ends as the reconstruction. All of these
    are modified in place. The step is :func:`rbm.update_parameters`; the penalty ``l1`` acts on the weights only.
    """
    matrix, c = parameters
    transposed, visible, hidden, negative = work
    n_visible = c.size
    weights, b = matrix[:n_visible], matrix[n_visible]
    transpose(transposed, weights)
    for i in range(n_visible):
        for s in range(data.shape[1]):
            visible[i, s] = data[i, s]
    cd_gradient(gradients, visible, hidden, negative, weights, transposed, b, c, data, zero, seed, call, k)
    speed, slope = velocities[0], gradients[0]
    update_parameters(weights, speed[:n_visible], slope[:n_visible], momentum, rate, l1, _F0)
    update_parameters(matrix[n_visible:], speed[n_visible:], slope[n_visible:], momentum, rate, _F0, _F0)
    speed, slope = velocities[1], gradients[1]
    for i in range(n_visible):
        speed[i] = momentum * speed[i] + rate * slope[i]
        c[i] += speed[i]


@kernel
def describe_fields(summary, tiles, sizes, weights):
    """Lay out the receptive fields, and say how large they are.

    Modified in place: ``tiles`` float32 (n_hidden, n_visible), the columns of ``weights`` with their strongest site
    made positive; the scratch ``sizes`` float64 (n_hidden,); and ``summary`` float64 (3,): the number of sites at least
    half as strong as a field's strongest, the median over units whose strongest is at least a quarter of the largest
    weight; the largest |weight|; and the share of weights that are zero.
    """
    n_visible, n_hidden = weights.shape
    most, zeros = 0.0, 0
    for j in range(n_hidden):
        tile, strongest = tiles[j], _F0
        for i in range(n_visible):
            tile[i] = weights[i, j]
            if abs(tile[i]) > abs(strongest):
                strongest = tile[i]
        most = max(most, np.float64(abs(strongest)))
        for i in range(n_visible):
            zeros += tile[i] == _F0
            if strongest < _F0:
                tile[i] = -tile[i]
    learned = 0
    for j in range(n_hidden):
        peak, size = _F0, 0
        for i in range(n_visible):
            peak = max(peak, tiles[j, i])
        for i in range(n_visible):
            size += abs(tiles[j, i]) >= _HALF * peak
        if peak >= _QUARTER * most:
            sizes[learned] = size
            learned += 1
    summary[0], summary[1], summary[2] = median(sizes[:learned]), most, zeros / (n_visible * n_hidden)
