"""The analysis of the flow in the space of weights, and its answers: see ``book/protocols/weight_flow.md``.

Every test is on a 90 % interval of Student's t over seeds, so that each one-sided test is one at 5 %.
"""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from ..analysis.fits import within
from ..analysis.series import jackknife_error
from .weight_flow import X

__all__ = ["answers", "departures", "differences", "matched", "shape"]

MARGIN, EXPONENT_MARGIN, ENDS = 0.05, 0.25, (16, 8)
NAMES = ("strongest", "neighbours", "diagonal", "elsewhere", "sum")
JUDGED = (0, 1, 2, 4)  # of NAMES: elsewhere is not judged, because small windows have no such places
FAR = 2.56


def shape(kernels: np.ndarray) -> np.ndarray:
    """Return what a kernel is like around its strongest place: which of a block's sites that is, is left to chance.

    Parameters
    ----------
    kernels : ndarray, shape (..., k, k)

    Returns
    -------
    ndarray, shape (..., 5)
        The largest weight; the means over its neighbours, over its diagonal neighbours and over all other places inside
        the window, NaN where there are none; and the sum of all weights.

    Examples
    --------
    >>> shape(np.array([[0.0, 0.3, 0.1], [0.3, 2.0, 0.3], [0.1, 0.3, 0.1]])).round(6).tolist()
    [2.0, 0.3, 0.075, nan, 3.5]
    """
    side = kernels.shape[-1]
    flat = kernels.reshape(-1, side * side)
    strongest = np.argmax(flat, axis=1)
    rows, columns = np.divmod(np.arange(side * side), side)
    squared = (rows - (strongest // side)[:, None]) ** 2 + (columns - (strongest % side)[:, None]) ** 2
    places = np.stack([squared == 0, squared == 1, squared == 2, squared > 2], axis=1)
    with np.errstate(invalid="ignore"):
        means = np.where(places, flat[:, None, :], 0).sum(axis=2) / places.sum(axis=2)
    return np.column_stack([means, flat.sum(axis=1)]).reshape(*kernels.shape[:-2], 5)


def matched(points: Sequence[dict], arm: str, side: int, n_seeds: int | None = None) -> list[dict]:
    """Compare lattices of one side that were blocked n times with those that were blocked n − 1 times.

    Parameters
    ----------
    points : sequence of dict
        As :func:`mlrg_lib.studies.weight_flow.load` returns them.
    arm : str
    side : int
        Of the lattices that began larger; those of ``side // 2`` are their partners.
    n_seeds : int, optional
        Only the first so many; all by default.

    Returns
    -------
    list of dict
        For n = 1, 2, …: the common "side"; "change" (5,), the difference at K_c of the numbers of :func:`shape`, each
        divided by the mean of the partner's, and "change_error"; "exponent", y = 1 + log₂ of the ratio of the slopes of
        the sum of all weights in x, NaN where the slopes differ in sign, "exponent_error", and "jackknife" (n_seeds,),
        the exponents with one seed left out. Errors are of means over seeds, the exponent's by the jackknife; both have
        "degrees" = seeds − 1 degrees of freedom.
    """
    large, small = (_table(points, arm, L0, n_seeds) for L0 in (side, side // 2))
    rows = []
    for n in range(1, len(large[0.0][0])):
        a, b = ({x: table[x][:, level] for x in X} for table, level in ((large, n), (small, n - 1)))
        with np.errstate(invalid="ignore", divide="ignore"):
            change, change_error = _mean((a[0.0] - b[0.0]) / b[0.0].mean(axis=0))
        slopes = np.array([(t[X[1]] - t[X[2]])[:, -1] for t in (a, b)])
        n_rows = slopes.shape[1]
        left_out = (slopes.sum(axis=1, keepdims=True) - slopes) / (n_rows - 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            exponent = 1 + np.log2(np.divide(*slopes.mean(axis=1)))
            jackknife = 1 + np.log2(np.divide(*left_out))
        row = {"side": side >> n, "change": change, "change_error": change_error, "degrees": n_rows - 1}
        row |= {
            "exponent": float(exponent),
            "exponent_error": float(jackknife_error(jackknife)),
            "jackknife": jackknife,
        }
        rows.append(row)
    return rows


def _mean(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard error over the first axis, the seeds."""
    return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(len(values))


def _table(points, arm, side, n_seeds=None) -> dict[float, np.ndarray]:
    """Return for each x the shapes (n_seeds, n_levels, 5) of one arm and one first side, in order of seeds."""
    found: dict[float, list] = {}
    for row in sorted(points, key=lambda row: row["seed"]):
        if (row["arm"], row["side"]) == (arm, side):
            found.setdefault(row["x"], []).append(shape(np.asarray(row["kernels"])))
    if not set(X) <= found.keys():
        raise ValueError(f"points must hold arm={arm!r} of side {side} at x = {X}, got x = {sorted(found)}")
    return {x: np.array(rows[:n_seeds]) for x, rows in found.items()}


def inside(value: float, error: float, margin: float, degrees: int) -> str:
    """Return the answer of :func:`mlrg_lib.analysis.fits.within`, or "undecided" for what is no number."""
    return within(float(value), float(error), margin, degrees) if np.isfinite(value + error) else "undecided"


def _all(verdicts: Sequence[str]) -> str:
    """Return "yes" if all are, "no" if one is, else "undecided"."""
    return "no" if "no" in verdicts else "undecided" if "undecided" in verdicts else "yes"


def _fixed_point(rows: Sequence[dict]) -> str:
    ends = [r for r in rows if r["side"] in ENDS]
    return _all([inside(r["change"][k], r["change_error"][k], MARGIN, r["degrees"]) for r in ends for k in JUDGED])


def _direction(rows: Sequence[dict]) -> tuple[float, float, str]:
    """Return the exponent averaged over the last two sides, its error, and whether it is one within the margin."""
    ends = [row for row in rows if row["side"] in ENDS]
    value = float(np.mean([row["exponent"] for row in ends]))
    error = float(jackknife_error(np.mean([row["jackknife"] for row in ends], axis=0)))
    return value, error, inside(value - 1, error, EXPONENT_MARGIN, ends[0]["degrees"])


def departures(points: Sequence[dict], side: int = 128, x: float = FAR) -> list[dict]:
    """Measure how far the machines of *learned* are from those at K_c, and by how much each level adds to it.

    Parameters
    ----------
    points : sequence of dict
        As :func:`mlrg_lib.studies.weight_flow.load` returns them.
    side : int
        Of the first lattices.
    x : float
        Positive; both signs are taken.

    Returns
    -------
    list of dict
        For each sign of "x" and each "level" from 1 on: "distance", the size of S(x) − S(0), sums of all weights, and
        "error"; "growth" of it since the level before, "growth_error", "degrees", and "grows": whether the 90 %
        interval of the growth lies above zero.
    """
    table, rows = _table(points, "learned", side), []
    for signed in (-x, x):
        away = (table[signed] - table[0.0])[:, :, -1]
        away = away * np.sign(away.mean(axis=0))
        for level in range(1, away.shape[1]):
            distance, error = _mean(away[:, level])
            growth, growth_error = _mean(away[:, level] - away[:, level - 1])
            low = growth - growth_error * stats.t.ppf(0.95, len(away) - 1)
            row = {"x": signed, "level": level, "distance": float(distance), "error": float(error)}
            row |= {"growth": float(growth), "growth_error": float(growth_error), "degrees": len(away) - 1}
            rows.append(row | {"grows": bool(low > 0)})
    return rows


def differences(points: Sequence[dict], arm: str = "gaussian", sides: Sequence[int] = (64, 32)) -> list[dict]:
    """Compare the machines of one arm at K_c with those of *learned*, seed by seed, at every level.

    Parameters
    ----------
    points : sequence of dict
        As :func:`mlrg_lib.studies.weight_flow.load` returns them.
    arm : str
    sides : sequence of int
        Of the first lattices.

    Returns
    -------
    list of dict
        For each first "side" and "level": "difference" (5,) of the numbers of :func:`shape` from those of *learned*, in
        parts of the latter's mean, "error" (5,), "degrees", and "equal" (5,): "yes" if the 90 % interval lies within
        ±5 %, "no" if outside, else "undecided".
    """
    rows = []
    for side in sides:
        other = _table(points, arm, side)[0.0]
        ours = _table(points, "learned", side)[0.0][: len(other)]
        value, error = _mean((other - ours) / ours.mean(axis=0))
        degrees = len(other) - 1
        for level, (v, e) in enumerate(zip(value, error, strict=True)):
            equal = [inside(a, b, MARGIN, degrees) for a, b in zip(v, e, strict=True)]
            rows.append({"side": side, "level": level, "difference": v, "error": e, "degrees": degrees, "equal": equal})
    return rows


def answers(points: Sequence[dict], arms: Sequence[str]) -> dict:
    """Return the answers that the protocol's rules give.

    Parameters
    ----------
    points : sequence of dict
        As :func:`mlrg_lib.studies.weight_flow.load` returns them.
    arms : sequence of str
        Those to judge from sides 64 and 32.

    Returns
    -------
    dict
        "fixed point", "direction", "only at K_c" and "its own": "yes", "no" or "undecided". "exponent" and
        "exponent_error", averaged over the last two sides, from 128 and 64. And "arms": for each of ``arms``, and for
        *learned* with as many seeds, the first two answers with the exponent, from 64 and 32.
    """
    rows = matched(points, "learned", 128)
    exponent, error, direction = _direction(rows)
    steps = [row["grows"] for row in departures(points) if row["level"] in (2, 3)]
    equal = [row["equal"][k] for row in differences(points) for k in JUDGED]
    found = {"fixed point": _fixed_point(rows), "direction": direction, "exponent": exponent, "exponent_error": error}
    found["only at K_c"] = "yes" if all(steps) else "no"
    found["its own"] = {"no": "yes", "yes": "no"}.get(_all(equal), "undecided")
    n_seeds = 1 + max(p["seed"] for p in points if p["arm"] == "gaussian")
    found["arms"] = {}
    for arm in ("learned", *arms):
        rows = matched(points, arm, 64, n_seeds)
        exponent, error, direction = _direction(rows)
        found["arms"][arm] = {"fixed point": _fixed_point(rows), "direction": direction}
        found["arms"][arm] |= {"exponent": exponent, "exponent_error": error}
    return found
