"""Flow lines of the one-loop momentum-shell equations, in the variables r and K_d u, where no K_d remains."""

import math

from ._compile import kernel

_LIMIT = 20.0  # beyond this a line has left every picture
_POLE = -0.98  # the flow itself diverges at r = -1


@kernel
def velocity(r, g, epsilon, n):
    """Return (dr/dl, dg/dl) at (r, g = K_d u) for O(n) in 4 - epsilon dimensions."""
    return 2 * r + (n + 2) * g / (1 + r), epsilon * g - (n + 8) * g * g / ((1 + r) * (1 + r))


@kernel
def lines(paths, step, epsilon, n):
    """Continue each line from its first point by the classical fourth-order Runge-Kutta rule.

    Modified in place: ``paths`` float64 (n_lines, n_points, 2); ``paths[:, 0]`` is given, and the scale l advances by
    ``step`` from point to point. Where a line has left |r|, |g| < 20 or passes r = -0.98 its points are NaN.
    """
    for k in range(paths.shape[0]):
        r, g = paths[k, 0, 0], paths[k, 0, 1]
        for m in range(1, paths.shape[1]):
            a1, b1 = velocity(r, g, epsilon, n)
            a2, b2 = velocity(r + 0.5 * step * a1, g + 0.5 * step * b1, epsilon, n)
            a3, b3 = velocity(r + 0.5 * step * a2, g + 0.5 * step * b2, epsilon, n)
            a4, b4 = velocity(r + step * a3, g + step * b3, epsilon, n)
            r += step * (a1 + 2 * a2 + 2 * a3 + a4) / 6
            g += step * (b1 + 2 * b2 + 2 * b3 + b4) / 6
            if not (_POLE < r < _LIMIT and abs(g) < _LIMIT):
                r = g = math.nan
            paths[k, m, 0] = r
            paths[k, m, 1] = g
