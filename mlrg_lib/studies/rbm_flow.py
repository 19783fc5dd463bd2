"""Where the flow v → h → v → … of a trained machine ends: for several training sets, sizes and lengths of training.

Run it with::

    python -m mlrg_lib.studies.rbm_flow book/results/rbm_flow.json

Each point trains one machine on 10 x 10 lattices and follows ensembles from cold, critical and hot starts. The training
sets are equal parts of Ising ensembles at temperatures in a window, the experiment of Iso, Shiba and Yokoo with its
window and with others, or at one temperature. Points are seeded by their parameters and can be recomputed alone. A
finished point is kept in a folder, so an interrupted study goes on where it was.
"""

import os
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from .._validation import check_choice, check_int
from ..ising import sample, thermometer
from ..machines import RBM
from ..rg import rbm_flow
from . import _results

__all__ = ["load", "main"]

SIDE = 10
N_SAMPLES, N_CHAINS, MEAN_FIELD_STEPS = 10_000, 500, 128
STARTS = (1.0, 2.269185, 6.0)
STEPS = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
RECIPE = {"learning_rate": 0.01, "batch_size": 100, "momentum": 0.5}

_QUARTERS = np.arange(41) * 0.25


def _window(low: float, high: float) -> tuple[float, ...]:
    return tuple(_QUARTERS[(low <= _QUARTERS) & (high >= _QUARTERS)].tolist())


TRAINING = {
    "0 to 6": _window(0.0, 6.0),
    "0 to 3": _window(0.0, 3.0),
    "2 to 10": _window(2.0, 10.0),
    "0 to 1.5 and 3.5 to 6": _window(0.0, 1.5) + _window(3.5, 6.0),
    "only 1.8": (1.8,),
    "only 2.269": (2.269185,),
    "only 3": (3.0,),
}


def _grid() -> list[dict]:
    cases = [("0 to 6", n, 40, "cd") for n in (9, 16, 36, 100, 225)]
    cases += [(name, n, 40, "cd") for name in ("0 to 3", "0 to 1.5 and 3.5 to 6", "2 to 10") for n in (36, 100)]
    cases += [(name, 100, 40, "cd") for name in ("only 1.8", "only 2.269", "only 3")]
    cases += [(name, 100, 40, "pcd") for name in ("0 to 6", "2 to 10")]
    cases += [("0 to 6", 225, 160, "cd")]
    keys = ("training", "n_hidden", "n_epochs", "method")
    return [dict(zip(keys, case, strict=True)) | {"seed": seed} for seed in range(3) for case in cases]


GRID = _grid()


def training_set(training: str, n_samples: int = N_SAMPLES, *, rng: np.random.Generator) -> np.ndarray:
    """Return lattices from equal parts of the ensembles of a training set, shuffled.

    Parameters
    ----------
    training : str
        A key of ``TRAINING``.
    n_samples : int
        At least one for each temperature; what does not divide evenly is left out.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int8, shape (n, 10, 10)
        At T = 0 the two ground states.
    """
    temperatures = TRAINING[check_choice("training", training, TRAINING)]
    each = check_int("n_samples", n_samples, len(temperatures)) // len(temperatures)
    parts = []
    for T in temperatures:
        if T == 0:
            signs = rng.choice(np.array([-1, 1], dtype=np.int8), size=(each, 1, 1))
            parts.append(np.broadcast_to(signs, (each, SIDE, SIDE)))
        else:
            parts.append(sample(SIDE, 1 / T, each, rng=rng))
    return rng.permutation(np.concatenate(parts))


@_results.timed
def point(
    training: str,
    n_hidden: int,
    n_epochs: int,
    method: str,
    seed: int,
    *,
    n_samples: int = N_SAMPLES,
    n_chains: int = N_CHAINS,
    steps: Sequence[int] = STEPS,
) -> dict:
    """Train one machine and follow its flow from three starts.

    Parameters
    ----------
    training : str
        A key of ``TRAINING``.
    n_hidden, n_epochs : int
    method : {"cd", "pcd"}
        With one Gibbs sweep a gradient.
    seed : int
        >= 0; gives the data, the machine and the flow.
    n_samples, n_chains : int
        Training configurations, and configurations in each ensemble.
    steps : sequence of int
        When to read the thermometers.

    Returns
    -------
    dict
        ``temperature`` and ``error`` of shape (starts, steps); ``mean_field`` of shape (starts,), the temperature
        after 128 steps of the mean-field flow; and of the last ensemble of the cold, the critical and the hot start the
        ``final_temperature``, its error, ``chi2`` of the two thermometers, ``long``, the second thermometer's
        temperature, and ``dispersion``. ``data_temperature``, ``data_chi2`` and ``data_dispersion`` are read on the
        training set. ``seconds`` of processor time.

    Examples
    --------
    >>> few = point("only 3", 9, 2, "cd", 0, n_samples=200, n_chains=100, steps=(0, 1))
    >>> few["temperature"].shape
    (3, 2)
    """
    check_int("seed", seed, 0)
    check_int("n_hidden", n_hidden, 1)
    which = list(TRAINING).index(check_choice("training", training, TRAINING))
    rng = np.random.default_rng([which, n_hidden, n_epochs, int(method == "pcd"), seed])
    data, starts = _ensembles(training, n_samples, n_chains, seed)
    rbm = RBM(n_hidden, method=method, n_epochs=n_epochs, evaluate_every=0, rng=rng, **RECIPE)
    rbm.fit(data.reshape(len(data), -1))
    flows, mean_field = [], []
    for start in starts:
        flows.append(rbm_flow.trajectory(rbm, start, steps, rng=rng))
        ended = rbm_flow.iterate(rbm, start, MEAN_FIELD_STEPS, mode="mean_field", rng=rng)
        mean_field.append(_temperature(thermometer.read(ended).beta))
    read = thermometer.read(data)
    return {
        "temperature": np.array([f.temperature for f in flows]),
        "error": np.array([f.temperature_error for f in flows]),
        "mean_field": np.array(mean_field),
        "final_temperature": np.array([f.temperature[-1] for f in flows]),
        "final_error": np.array([f.temperature_error[-1] for f in flows]),
        "long": np.array([_temperature(f.beta_long[-1]) for f in flows]),
        "chi2": np.array([f.chi2[-1] for f in flows]),
        "dispersion": np.array([f.dispersion[-1] for f in flows]),
        "data_temperature": _temperature(read.beta),
        "data_chi2": read.chi2,
        "data_dispersion": read.dispersion,
    }


def _contents(points: Sequence[dict], results: list[dict]) -> dict:
    return {"points": [given | _results.plain(found, 5) for given, found in zip(points, results, strict=True)]}


main = _results.main_of(
    "rbm_flow",
    point,
    GRID,
    _contents,
    seed="each point from its own parameters",
    side=SIDE,
    n_samples=N_SAMPLES,
    n_chains=N_CHAINS,
    mean_field_steps=MEAN_FIELD_STEPS,
    starts=STARTS,
    steps=STEPS,
    recipe=RECIPE,
)


def load(path: str | os.PathLike) -> tuple[dict, list[dict]]:
    """Return the stored study.

    Parameters
    ----------
    path : path

    Returns
    -------
    tuple
        Its provenance, and the points: the arguments and results of :func:`point`, None read as NaN.
    """
    return _results.read(path, "rbm_flow", _points)


def _points(stored: dict) -> list[dict]:
    names = ("training", "n_hidden", "n_epochs", "method", "seed")
    points = [{k: v if k in names else np.array(v, dtype=float) for k, v in p.items()} for p in stored["points"]]
    if not all("final_temperature" in p for p in points) or not points:
        raise KeyError("final_temperature")
    return points


def _temperature(beta: float) -> float:
    return 1 / beta if beta else np.inf


@lru_cache(maxsize=8)
def _ensembles(training: str, n_samples: int, n_chains: int, seed: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """The training set of a seed, the same for every machine, and the ensembles that start the flow."""
    rng = np.random.default_rng([list(TRAINING).index(training), seed])
    data = training_set(training, n_samples, rng=rng)
    return data, [sample(SIDE, 1 / T, n_chains, rng=rng) for T in STARTS]


if __name__ == "__main__":
    _results.run("rbm_flow", main)
