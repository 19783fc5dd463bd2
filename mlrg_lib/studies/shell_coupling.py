"""The change of u when one shell is integrated out, by Monte Carlo in three and four dimensions.

Run it with::

    python -m mlrg_lib.studies.shell_coupling book/results/shell_coupling.json

A point is one dimension and one coupling; its repeats have seeds of their own, so any of them can be recomputed
alone: ``point(3, 0.25)``. A finished point is kept in a folder, so an interrupted study goes on where it was.
"""

import numpy as np

from .._moved import moved
from ..rg import momentum_shell
from . import _results

__all__ = ["main"]

BOXES = {3: {"length": 13, "inner": 1.5, "outer": 3.0}, 4: {"length": 9, "inner": 1.0, "outer": 2.0}}
COUPLINGS = {3: (0.0625, 0.125, 0.25, 0.5, 1.0), 4: (0.25, 0.5, 1.0, 2.0, 4.0)}
GRID = [{"d": d, "u": u} for d, values in COUPLINGS.items() for u in values]


@_results.timed
def point(d: int, u: float, n_repeats: int = 6, n_samples: int = 1920) -> dict:
    """Measure −(u′ − u)/(u² I) for one dimension and coupling.

    Parameters
    ----------
    d : int
        3 or 4.
    u : float
        Coupling, positive.
    n_repeats, n_samples : int
        Independent repeats, and configurations in each.

    Returns
    -------
    dict
        "d", "u", "ratio" (9 in one loop), "error", the box's "integral" I, the "continuum" one, "n_modes"; "seconds".

    Examples
    --------
    >>> found = point(3, 0.25, n_repeats=1, n_samples=960)
    >>> 4 < found["ratio"] < 14
    True
    """
    found = [
        momentum_shell.shell_monte_carlo(
            u, d, **BOXES[d], n_samples=n_samples, rng=np.random.default_rng([d, int(1e4 * u), k])
        )
        for k in range(n_repeats)
    ]
    ratios = np.array([f.ratio[0] for f in found])
    weights = 1 / np.array([f.ratio_error[0] for f in found]) ** 2
    return {
        "d": d,
        "u": u,
        "ratio": float(np.sum(weights * ratios) / weights.sum()),
        "error": float(1 / np.sqrt(weights.sum())),
        "integral": found[0].integral,
        "continuum": found[0].continuum,
        "n_modes": found[0].n_modes,
    }


main = _results.main_of(
    "shell_coupling",
    point,
    GRID,
    lambda _, results: {"points": _results.plain(results)},
    seed="each repeat from its dimension, coupling and number",
)


__getattr__ = moved("mlrg_lib.studies.shell_coupling", {"run": "mlrg_lib.studies.shell_coupling.main"})


if __name__ == "__main__":
    _results.run("shell_coupling", main)
