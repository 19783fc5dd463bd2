"""Block spin or correlation? The size of an RBM's receptive fields from the ordered phase to infinite temperature.

Run it with::

    python -m mlrg_lib.studies.block_or_correlation book/results/block_or_correlation.json [folder] [processes]

Each point draws its own configurations, or those of a control, trains one machine on them and measures its fields. A
finished point is kept in ``folder`` (``_build/studies`` by default), so an interrupted study goes on where it was.
"""

import os
from collections.abc import Sequence

import numpy as np

from .._validation import check_int
from ..ising import CRITICAL_BETA
from ..machines import RBM, fields
from . import _results
from . import block_data as data

__all__ = ["load", "main", "measure"]

SIDE, N_SAMPLES, N_EPOCHS, N_SEEDS = 16, 12_000, 40, 5
RECIPE = {"learning_rate": 0.02, "batch_size": 100, "momentum": 0.5}
WIDTHS = (9, 25, 64)
WEAK, PENALTY = 4e-3, 1e-2
TEMPERATURES = (1.5, 2.0, 2.2, 1 / CRITICAL_BETA, 2.35, 2.5, 2.65, 3.0, 3.5, 5.0, np.inf)
BETAS = tuple(round(1 / T, 12) for T in TEMPERATURES)
MEASURES = ("size", "radius", "half_area", "participation", "overlap", "same_sign", "learned", "largest", "nonzero")
_CHECKPOINTS = (2, 5, 10, 15, 20, 30, 40, 60, 80, 120, 160)


def _grid() -> list[dict]:
    def cases(kind, betas, widths, penalties, n_seeds, n_epochs=N_EPOCHS, side=SIDE):
        return [
            {"kind": kind, "beta": b, "n_hidden": n, "l1": l1, "seed": s, "n_epochs": n_epochs, "side": side}
            for s in range(n_seeds)
            for b in betas
            for n in widths
            for l1 in penalties
        ]

    ordered, near, hot = BETAS[:3], BETAS[3:5], BETAS[5:10]
    some = (BETAS[5], BETAS[6], BETAS[8])
    main = cases("ising", BETAS, WIDTHS, (PENALTY,), N_SEEDS)
    like = [
        *cases("gaussian", BETAS[1:2] + near + hot[:4], WIDTHS[1:], (PENALTY,), 2),
        *cases("free_field", hot, WIDTHS[1:], (PENALTY,), 2),
    ]
    others = [
        *cases("permuted", hot[:1], WIDTHS[1:], (PENALTY,), 2),
        *cases("coins", ordered[1:2], WIDTHS[2:], (PENALTY,), 2),
        *cases("resampled", (ordered[1], hot[0]), WIDTHS[2:], (PENALTY,), 2),
        *cases("ising", some, WIDTHS[1:], (WEAK,), 2),
        *cases("ising", some, WIDTHS[2:], (0.0,), 2),
        *cases("ising", some[1:2], WIDTHS[1:], (PENALTY,), 1, n_epochs=160),
        *cases("aligned", ordered[1:], WIDTHS[1:], (PENALTY,), 2),
        *cases("ising", some[:2], (56,), (PENALTY,), 2, side=24),
    ]
    early = [given for given in main if given["seed"] < 2]
    central = [given for given in main if given["seed"] > 1 and given["beta"] in hot]
    return early + like + central + others + [given for given in main if given not in early + central]


GRID = _grid()


def measure(weights: np.ndarray) -> list[float]:
    """Return the numbers of ``MEASURES`` for the receptive fields of one machine.

    Parameters
    ----------
    weights : ndarray, shape (side*side, n_hidden)

    Returns
    -------
    list of float
        Over the units that learned: the mean "size", √(half-maximum area), of a field; the mean "radius"; medians of
        "half_area", "participation", "overlap" with the best square block and "same_sign", ``|Σw|/Σ|w|``. Then the
        number of units that "learned", the "largest" weight and the share of weights that are "nonzero". NaN for the
        first six if no unit learned anything.

    Examples
    --------
    >>> measure(np.eye(16)[:, :3])[:4]
    [1.0, 0.0, 1.0, 1.0]
    """
    alive = weights[:, fields.learned(weights)]
    size = np.abs(weights)
    last = [float(alive.shape[1]), float(size.max()), float(np.mean(size > 0))]
    if alive.shape[1] == 0:
        return [float("nan")] * 6 + last
    area = fields.half_maximum_area(alive)
    first = [
        np.mean(np.sqrt(area)),
        np.mean(fields.radius(alive)),
        np.median(area),
        np.median(fields.participation_ratio(alive)),
        np.median(fields.block_overlap(alive)[0]),
        np.median(np.abs(alive.sum(axis=0)) / np.abs(alive).sum(axis=0)),
    ]
    return [float(x) for x in first] + last


@_results.timed
def point(
    kind: str,
    beta: float,
    n_hidden: int,
    l1: float,
    seed: int,
    *,
    n_epochs: int = N_EPOCHS,
    side: int = SIDE,
    n_samples: int = N_SAMPLES,
) -> dict:
    """Train one machine on one training set and measure its receptive fields.

    Parameters
    ----------
    kind : str
        "ising", "aligned", "coins", "resampled", "permuted", "gaussian" or "free_field".
    beta : float
        >= 0; the inverse temperature of the Ising model, or of the one that the control imitates.
    n_hidden : int
    l1 : float
    seed : int
        >= 0; gives the data and the machine.
    n_epochs, side, n_samples : int

    Returns
    -------
    dict
        ``measures``, in the order of ``MEASURES``. ``trajectory``, rows (epoch, size, radius). ``unscrambled``, the
        measures with the sites in their old places if the kind is "permuted", else the same again. ``sparse``, the
        measures of the weights cut to the largest 10%. ``score``, the mean log-pseudo-likelihood per site of 2000
        further configurations. ``fields``, int8, four receptive fields, with the largest ``|weight|`` as 127.
        ``seconds``, the processor time it took.

    Examples
    --------
    >>> found = point("ising", 0.4, 4, 1e-2, 0, n_epochs=1, side=8, n_samples=100)
    >>> found["measures"].shape, found["fields"].shape
    ((9,), (64, 4))
    """
    seed, side = check_int("seed", seed, 0), check_int("side", side, 3)
    rng = np.random.default_rng([seed, n_hidden, round(beta * 1e9), round(l1 * 1e9), side])
    X = data.training_set(kind, beta, side, n_samples + 2000, rng=rng)
    rows = []

    def remember(rbm, epoch):
        if epoch in _CHECKPOINTS or epoch == n_epochs:
            rows.append([epoch, *measure(rbm.weights_)[:2]])

    rbm = RBM(n_hidden, l1=l1, n_epochs=n_epochs, evaluate_every=0, on_epoch=remember, rng=rng, **RECIPE)
    weights = rbm.fit(X[:n_samples]).weights_
    back = weights
    if kind == "permuted":
        back = np.empty_like(weights)
        back[data.permutation(side)] = weights
    cut = np.where(np.abs(weights) >= np.quantile(np.abs(weights), 0.9), weights, 0.0)
    loudest = np.argsort(-np.linalg.norm(weights, axis=0), kind="stable")[:4]
    shown = -weights[:, loudest] / max(np.abs(weights).max(), 1e-30)
    return {
        "measures": np.array(measure(weights)),
        "trajectory": np.array(rows),
        "unscrambled": np.array(measure(back)),
        "sparse": np.array(measure(cut)),
        "score": rbm.score(X[n_samples:]) / side**2,
        "fields": np.round(127 * shown).astype(np.int8),
    }


def _plain(given: dict, found: dict) -> dict:
    """Return a point's results as JSON has them: five digits, None for NaN, fields of the first seed only."""
    kept = ["measures", "score"]
    kept += ["trajectory"] if given["seed"] == 0 else []
    kept += ["unscrambled"] if given["kind"] == "permuted" else []
    kept += ["sparse"] if given["kind"] == "ising" and given["l1"] in (0.0, PENALTY) else []
    plain = _results.plain({name: found[name] for name in kept}, 5)
    shown = (given["l1"], given["n_epochs"], given["side"]) == (PENALTY, N_EPOCHS, SIDE)
    if given["seed"] == 0 and given["kind"] in ("ising", "gaussian") and shown:
        plain["fields"] = found["fields"].T.tolist()
    return plain


def _contents(points: Sequence[dict], results: list[dict]) -> dict:
    rows = [given | _plain(given, found) for given, found in zip(points, results, strict=True)]
    return {"measures": MEASURES, "points": rows}


main = _results.main_of(
    "block_or_correlation",
    point,
    GRID,
    _contents,
    seed="each point from its own parameters",
    recipe=RECIPE,
    n_samples=N_SAMPLES,
)


def load(path: str | os.PathLike) -> tuple[dict, list[dict]]:
    """Return the stored study.

    Parameters
    ----------
    path : path

    Returns
    -------
    tuple
        Its provenance, and the points: the arguments of :func:`point` with its results. Each name of ``MEASURES`` is
        an entry of its own; ``sparse`` and ``unscrambled`` are dicts of the same names; None is read as NaN.
    """
    return _results.read(path, "block_or_correlation", _points)


def _points(stored: dict) -> list[dict]:
    names, points = stored["measures"], []
    for row in stored["points"]:
        row = dict(row)
        row |= dict(zip(names, np.array(row.pop("measures"), dtype=float).tolist(), strict=True))
        for key in {"sparse", "unscrambled"} & row.keys():
            row[key] = dict(zip(names, np.array(row[key], dtype=float).tolist(), strict=True))
        for key in {"trajectory", "fields"} & row.keys():
            row[key] = np.array(row[key], dtype=float)
        points.append(row)
    if not points or not all("size" in row and "beta" in row for row in points):
        raise KeyError("size")
    return points


if __name__ == "__main__":
    _results.run("block_or_correlation", main)
