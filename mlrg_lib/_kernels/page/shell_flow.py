"""The one-loop momentum-shell flow in the variables r and g = K_d u, where no K_d remains, for O(n) in 4 - epsilon."""

import math

from .._compile import kernel

_LIMIT = 20.0  # beyond this a line has left every picture
_POLE = -0.98  # the flow itself diverges at r = -1
_DISORDERED, _ORDERED = 1.0, -0.9  # a line that comes so far in r stays on its side


@kernel
def velocity(r, g, epsilon, n):
    """Return (dr/dl, dg/dl) at (r, g)."""
    return 2 * r + (n + 2) * g / (1 + r), epsilon * g - (n + 8) * g * g / ((1 + r) * (1 + r))


@kernel
def advance(r, g, step, epsilon, n):
    """Return the point a distance ``step`` further in l, by the classical fourth-order Runge-Kutta rule.

    NaN where a line has left |r|, |g| < 20 or passes r = -0.98.
    """
    a1, b1 = velocity(r, g, epsilon, n)
    a2, b2 = velocity(r + 0.5 * step * a1, g + 0.5 * step * b1, epsilon, n)
    a3, b3 = velocity(r + 0.5 * step * a2, g + 0.5 * step * b2, epsilon, n)
    a4, b4 = velocity(r + step * a3, g + step * b3, epsilon, n)
    r += step * (a1 + 2 * a2 + 2 * a3 + a4) / 6
    g += step * (b1 + 2 * b2 + 2 * b3 + b4) / 6
    if _POLE < r < _LIMIT and abs(g) < _LIMIT:
        return r, g
    return math.nan, math.nan


@kernel
def lines(paths, step, epsilon, n):
    """Continue each line from its first point.

    Modified in place: ``paths`` float64 (n_lines, n_points, 2); ``paths[:, 0]`` is given, and l advances by ``step``
    from point to point.
    """
    for k in range(paths.shape[0]):
        for m in range(1, paths.shape[1]):
            paths[k, m, 0], paths[k, m, 1] = advance(paths[k, m - 1, 0], paths[k, m - 1, 1], step, epsilon, n)


@kernel
def is_disordered(r, g, epsilon, n):
    """Tell whether a line ends at large positive r; followed up to l = 12."""
    for _ in range(1200):
        if r > _DISORDERED or r < _ORDERED:
            break
        further, g = advance(r, g, 0.01, epsilon, n)
        if math.isnan(further):
            break
        r = further
    return r > 0


@kernel
def critical_line(points, epsilon, n):
    """Find r where lines turn from ordered to disordered: ``points`` float64 (n_points, 2) hold g and receive r."""
    for k in range(points.shape[0]):
        low, high = -0.95, 0.5
        for _ in range(44):
            middle = 0.5 * (low + high)
            if is_disordered(middle, points[k, 1], epsilon, n):
                high = middle
            else:
                low = middle
        points[k, 0] = 0.5 * (low + high)


@kernel
def fixed_points(points, epsilon, n):
    """Describe the Gaussian and the Wilson-Fisher fixed point, which coincide at epsilon = 0.

    Modified in place: ``points`` float64 (2, 8): r and g; the larger and the smaller eigenvalue of the linear flow; and
    the direction, a unit vector (r, g), of each.
    """
    a = (n + 2) / (n + 8) * epsilon
    points[:, :2] = 0.0
    points[1, 0] = -a / (2 + a)
    points[1, 1] = epsilon * (1 + points[1, 0]) * (1 + points[1, 0]) / (n + 8)
    for k in range(2):
        s, g = 1 + points[k, 0], points[k, 1]
        rr, rg = 2 - (n + 2) * g / (s * s), (n + 2) / s
        gr, gg = 2 * (n + 8) * g * g / (s * s * s), epsilon - 2 * (n + 8) * g / (s * s)
        half, root = 0.5 * (rr + gg), math.sqrt(0.25 * (rr - gg) * (rr - gg) + rg * gr)
        for m in range(2):
            value = half + root if m == 0 else half - root
            length = math.sqrt(rg * rg + (value - rr) * (value - rr))
            points[k, 2 + m] = value
            points[k, 4 + 2 * m], points[k, 5 + 2 * m] = rg / length, (value - rr) / length
