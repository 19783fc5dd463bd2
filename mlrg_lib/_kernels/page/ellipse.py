"""Two correlated Gaussian variables: samples, and their principal components in closed form."""

import math

from .._compile import kernel
from ..rng import next_normals


@kernel
def normal_pairs(deviates, state):
    """Fill ``deviates`` float64 (n, 2) with independent standard normal numbers."""
    for k in range(deviates.shape[0]):
        deviates[k, 0], deviates[k, 1] = next_normals(state)


@kernel
def principal_axes(out, points, deviates, major, minor, angle):
    """Place the samples and find their principal components.

    Modified in place: ``points`` (n, 2), the deviates stretched to standard deviations ``major`` and ``minor`` and
    turned by ``angle``; and ``out`` (3,): the larger and the smaller eigenvalue of their covariance matrix (mean
    subtracted, divided by n), and the angle of the first component in (-pi/2, pi/2].
    """
    n = points.shape[0]
    c, s = math.cos(angle), math.sin(angle)
    mean_x = mean_y = xx = yy = xy = 0.0
    for k in range(n):
        a, b = major * deviates[k, 0], minor * deviates[k, 1]
        x, y = c * a - s * b, s * a + c * b
        points[k, 0], points[k, 1] = x, y
        mean_x += x / n
        mean_y += y / n
    for k in range(n):
        x, y = points[k, 0] - mean_x, points[k, 1] - mean_y
        xx += x * x / n
        yy += y * y / n
        xy += x * y / n
    middle, half = 0.5 * (xx + yy), math.sqrt(0.25 * (xx - yy) * (xx - yy) + xy * xy)
    out[0], out[1], out[2] = middle + half, max(middle - half, 0.0), 0.5 * math.atan2(2.0 * xy, xx - yy)
