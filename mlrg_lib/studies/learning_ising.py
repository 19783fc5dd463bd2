"""The first layer of Mehta and Schwab's experiment at full size, with independent spins as its control.

    python -m mlrg_lib.studies.learning_ising book/results/learning_ising.npz

Machines of 1600 visible and 400 hidden units learn from 20,000 configurations each: of the 40 x 40 Ising model at
beta = 0.408 with a stronger and a weaker L1 penalty, and of fair coins. Everything else is the same. Stored are the
largest receptive fields of each, and how local the fields were after every epoch.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import __version__
from .._validation import check_choice, check_int
from ..ising import sample
from ..machines import RBM, fields

__all__ = ["CASES", "RECIPE", "Case", "Learning", "load", "main", "measure", "train"]

SIDE, N_SAMPLES, SEED = 40, 20_000, 2014
RECIPE = {"n_hidden": 400, "learning_rate": 0.01, "batch_size": 200, "momentum": 0.5}
N_KEPT = 100
MEASURES = ("largest", "half_area", "participation", "radius", "learned")


class Case(NamedTuple):
    """One machine of the study: the data's inverse temperature, the L1 penalty and the number of epochs."""

    beta: float
    l1: float
    n_epochs: int


CASES = {"ising": Case(0.408, 1e-2, 40), "gentle": Case(0.408, 5e-3, 60), "coins": Case(0.0, 1e-2, 40)}


class Learning(NamedTuple):
    """What one machine of the study left behind.

    Attributes
    ----------
    weights : ndarray of float32, shape (1600, 100)
        Receptive fields of the 100 hidden units with the largest norm, rounded to 1/127 of the largest weight.
    measures : dict of ndarray, shape (n_epochs,)
        After each epoch: the largest ``|weight|``, and medians over the units that learned of the half-maximum area,
        the participation ratio and the radius; and the number of those units.
    """

    weights: np.ndarray
    measures: dict[str, np.ndarray]


def measure(weights: np.ndarray) -> list[float]:
    """Return the numbers of ``MEASURES`` for one set of receptive fields.

    Parameters
    ----------
    weights : ndarray, shape (side*side, n_hidden)

    Returns
    -------
    list of float
        NaN for the medians if no unit learned anything.
    """
    alive = weights[:, fields.learned(weights)]
    if alive.shape[1] == 0:
        return [0.0, np.nan, np.nan, np.nan, 0.0]
    functions = (fields.half_maximum_area, fields.participation_ratio, fields.radius)
    medians = [float(np.median(function(alive))) for function in functions]
    return [float(np.abs(weights).max()), *medians, float(alive.shape[1])]


def train(name: str, n_epochs: int | None = None, *, verbose: bool = False) -> tuple[RBM, list[list[float]]]:
    """Train one machine of the study.

    Parameters
    ----------
    name : {"ising", "gentle", "coins"}
    n_epochs : int, optional
        >= 1; the case's own number by default.
    verbose : bool
        Show a progress bar.

    Returns
    -------
    tuple
        The machine, and :func:`measure` after every epoch.
    """
    case = CASES[check_choice("name", name, CASES)]
    n_epochs = case.n_epochs if n_epochs is None else check_int("n_epochs", n_epochs, 1)
    data = sample(SIDE, case.beta, N_SAMPLES, rng=SEED).reshape(N_SAMPLES, -1)
    rows = []

    def record(rbm, _):
        rows.append(measure(rbm.weights_))

    settings = {"n_epochs": n_epochs, "evaluate_every": 0, "rng": SEED, "verbose": verbose}
    rbm = RBM(**RECIPE, l1=case.l1, on_epoch=record, **settings).fit(data)
    return rbm, rows


def main(path: str) -> None:
    """Train the machines and write the file, whole or not at all."""
    began = time.perf_counter()
    arrays = {}
    for ensemble in CASES:
        rbm, rows = train(ensemble, verbose=True)
        order = np.argsort(-np.linalg.norm(rbm.weights_, axis=0), kind="stable")[:N_KEPT]
        scale = float(np.abs(rbm.weights_).max()) or 1.0
        arrays[f"{ensemble}_weights"] = np.round(rbm.weights_[:, order] / scale * 127).astype(np.int8)
        arrays[f"{ensemble}_scale"] = np.array(scale)
        arrays[f"{ensemble}_measures"] = np.array(rows)
    provenance = {
        "command": f"python -m mlrg_lib.studies.learning_ising {path}",
        "seed": SEED,
        "recipe": RECIPE,
        "cases": {name: case._asdict() for name, case in CASES.items()},
        "n_samples": N_SAMPLES,
        "seconds": round(time.perf_counter() - began),
        "mlrg_lib": __version__,
        "numpy": np.__version__,
    }
    target = Path(path)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as file:
        np.savez_compressed(file, provenance=np.array(json.dumps(provenance)), **arrays)
    os.replace(file.name, target)


def load(path: str | os.PathLike) -> tuple[dict, dict[str, Learning]]:
    """Return the stored study.

    Parameters
    ----------
    path : path

    Returns
    -------
    tuple
        Its provenance, and a :class:`Learning` for each case.

    Raises
    ------
    ValueError
        If the file is not a complete result of this study.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            provenance = json.loads(str(stored["provenance"]))
            machines = {
                name: Learning(
                    (stored[f"{name}_weights"] * (stored[f"{name}_scale"] / 127)).astype(np.float32),
                    dict(zip(MEASURES, stored[f"{name}_measures"].T, strict=True)),
                )
                for name in CASES
            }
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(
            f"path must be a result of studies.learning_ising, got {os.fspath(path)!r}: {error}"
        ) from error
    return provenance, machines


if __name__ == "__main__":
    main(sys.argv[1])
