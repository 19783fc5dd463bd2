"""Is there a fixed point in the space of weights? Machines trained on the hidden layers of machines, level after level.

Run it with::

    python -m mlrg_lib.studies.weight_flow book/results/weight_flow.json [folder] [processes]

A machine with one moving window learns lattices of side L; lattices of side L/2 are drawn from its hidden units; the
same recipe learns those; and so on down to side 8. Lattices of side L0 that were blocked n times are compared with
lattices of side L0/2 that were blocked n - 1 times: they have the same side, so only the transformation tells them
apart. Temperatures are given by x = (K/K_c - 1) L0, which such a pair shares. The questions, the margins, and what
counts as which answer are in ``book/protocols/weight_flow.md``, written before the runs.
"""

import os
from collections.abc import Sequence

import numpy as np

from .._validation import check_choice, check_int, check_real
from ..ising import CRITICAL_BETA, sample
from ..machines import ConvolutionalRBM
from ..rg import block_spin
from . import _results
from .block_data import clipped_gaussian, gaussian_spectrum, ising_correlation
from .good_transformations import control

__all__ = ["load", "main"]

SEED, N_SAMPLES, SMALLEST = 2017, 4000, 8
N_STEPS, SITES = 20, 2**22  # steps of an epoch; sites that an epoch sees at most
RECIPE = {"kind": "ising", "block": "learned", "kernel": 4, "method": "cd", "k": 5}
RECIPE |= {"learning_rate": 0.1, "momentum": 0.9, "n_epochs": 20}
X = (0.0, 0.64, -0.64)
FURTHER_X = (1.28, -1.28, 2.56, -2.56)
ARMS = {
    "learned": {},
    "gaussian": {"kind": "gaussian"},
    "CD-1": {"k": 1},
    "CD-20": {"k": 20},
    "PCD-5": {"method": "pcd", "learning_rate": 0.05, "momentum": 0.5, "n_epochs": 60},
    "window 2": {"kernel": 2},
    "window 6": {"kernel": 6},
    "majority": {"block": "majority"},
    "decimation": {"block": "decimation"},
    "shuffled": {"block": "shuffled"},
    "random": {"block": "random"},
}
GRID = [
    {"arm": arm, "side": side, "x": x, "seed": seed}
    for arms, sides, xs, n_seeds in (
        (["learned"], (128, 64, 32, 16), X, 10),
        (list(ARMS)[1:], (64, 32), X, 5),
        (["learned"], (128, 64, 32, 16), FURTHER_X, 10),
    )
    for seed in range(n_seeds)
    for arm in arms
    for side in sides
    for x in xs
]


def _lattices(kind: str, side: int, x: float, seed: int, n_samples: int) -> np.ndarray:
    """Return the lattices of one seed, the same for every arm."""
    beta = CRITICAL_BETA * (1 + x / side)
    rng = np.random.default_rng([SEED, side, round(100 * x) % 2**32, seed])
    if kind == "ising":
        return sample(side, beta, n_samples, algorithm="swendsen_wang", rng=rng)
    power, _ = gaussian_spectrum(ising_correlation(beta, side))
    return clipped_gaussian(power, n_samples, rng=rng).reshape(n_samples, side, side)


def _train(X: np.ndarray, rng: np.random.Generator, *, kernel: int, n_epochs: int, **options) -> np.ndarray:
    """Return the weights (kernel, kernel) of one machine, averaged over the second half of its training."""
    shown = X[: max(1, min(len(X), SITES // X.shape[1] ** 2))]
    kept = []

    def keep(machine, epoch):
        if epoch > n_epochs // 2:
            kept.append(machine.weights_)

    options |= {"batch_size": max(1, len(shown) // N_STEPS), "n_epochs": n_epochs, "on_epoch": keep}
    ConvolutionalRBM(kernel, rng=rng, **options).fit(shown)
    weights = np.mean(kept, axis=0)
    return weights if weights.sum() <= 0 else -weights


def _block(X: np.ndarray, weights: np.ndarray, block: str, rng: np.random.Generator) -> np.ndarray:
    if block == "majority":
        return block_spin.majority(X, 2, rng)
    if block == "decimation":
        return block_spin.decimate(X, 2)
    if block in ("shuffled", "random"):
        weights = control(weights, block, rng)
    return ConvolutionalRBM.from_parameters(weights).sample_hidden(X, rng)


@_results.timed
def point(arm: str, side: int, x: float, seed: int, *, n_samples: int = N_SAMPLES) -> dict:
    """Train, block and train again, from one set of lattices down to side 8.

    Parameters
    ----------
    arm : str
        A name of ``ARMS``: which data, which machine, and what draws the lattices of the next level.
    side : int
        Of the first lattices: 8 times a power of two.
    x : float
        (K/K_c − 1) ``side``.
    seed : int
        >= 0. Arms share the lattices of a seed.
    n_samples : int
        Lattices.

    Returns
    -------
    dict
        For each level: "kernels" (n_levels, kernel, kernel), minus the weights, so that positive ones align; and of the
        lattices that were learned "nearest", ⟨s s'⟩ of neighbours, and "magnetization2", ⟨m²⟩. "seconds".

    Examples
    --------
    >>> found = point("learned", 16, 0.0, 0, n_samples=20)
    >>> found["kernels"].shape, found["nearest"].shape
    ((2, 4, 4), (2,))
    """
    recipe = RECIPE | ARMS[check_choice("arm", arm, tuple(ARMS))]
    kind, block = recipe.pop("kind"), recipe.pop("block")
    side, seed = check_int("side", side, SMALLEST), check_int("seed", seed, 0)
    x, n_samples = check_real("x", x), check_int("n_samples", n_samples, 1)
    X = _lattices(kind, side, x, seed, n_samples)
    rng = np.random.default_rng([SEED, list(ARMS).index(arm), side, round(100 * x) % 2**32, seed])
    found = {"kernels": [], "nearest": [], "magnetization2": []}
    while True:
        weights = _train(X, rng, **recipe)
        found["kernels"].append(-weights)
        found["nearest"].append(np.mean(X * np.roll(X, 1, axis=1)))
        found["magnetization2"].append(np.mean(X.mean(axis=(1, 2)) ** 2))
        if X.shape[1] // 2 < SMALLEST:
            return {name: np.array(values) for name, values in found.items()}
        X = _block(X, weights, block, rng)


def _contents(points: Sequence[dict], results: list[dict]) -> dict:
    return {"points": [p | _results.plain(r, 6) for p, r in zip(points, results, strict=True)]}


main = _results.main_of("weight_flow", point, GRID, _contents, seed=SEED, n_samples=N_SAMPLES)


def load(path: str | os.PathLike) -> tuple[dict, list[dict]]:
    """Return the stored study.

    Parameters
    ----------
    path : path

    Returns
    -------
    tuple
        Its provenance, and the points: the arguments of :func:`point` with its results as arrays.
    """
    return _results.read(path, "weight_flow", _points)


def _points(stored: dict) -> list[dict]:
    names = ("kernels", "nearest", "magnetization2")
    return [row | {name: np.array(row[name]) for name in names} for row in stored["points"]]


if __name__ == "__main__":
    _results.run("weight_flow", main)
