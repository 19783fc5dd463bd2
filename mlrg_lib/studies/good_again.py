"""Good transformations, again: which rules arrive at the Ising fixed point, how fast, and from how far?

Run it with::

    python -m mlrg_lib.studies.good_again book/results/good_again.json [folder] [processes]

Every rule blocks the same critical lattices: rules made by hand, what convolutional machines learned, single units and
mean kernels of fully connected machines, and 100 controls. The rules, the margins and what counts as which answer are
in ``book/protocols/good_again.md``, written before the runs; the answers are in ``good_answers``.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..ising import CRITICAL_BETA, sample
from ..machines import RBM, fields
from . import _results, learning_ising
from . import good_transformations as first
from .block_or_correlation import N_EPOCHS, N_SAMPLES, PENALTY, RECIPE
from .runner import run_study

__all__ = ["load", "main"]

SOURCES = "book/results"  # where the stored studies lie whose machines are tested
SEED, TRAINED_ON, WINDOW, N_SINGLE, N_CONTROLS = 1982, 16, 7, 5, 50
TRAINING = {"n_epochs": N_EPOCHS, "n_samples": N_SAMPLES}
RUNS, MEASURING = range(3000, 3020), {"side": 256, "n_samples": 400}
MACHINES = {
    f"{n} units, {method.upper()}-{k}{'' if l1 else ', no penalty'}, seed {seed}": (n, method, k, l1, seed)
    for n, l1 in ((64, PENALTY), (128, PENALTY), (64, 0.0))
    for method, k in (("cd", 1), ("pcd", 5))
    for seed in range(3)
}
FEW = {"y_t": 4, "y_h": 3}  # operators of the second set


@_results.timed
def train(name: str, n_epochs: int, n_samples: int) -> dict:
    """Train one fully connected machine on critical lattices of side 16.

    Parameters
    ----------
    name : str
        Of ``MACHINES``. Machines of one seed share their lattices.
    n_epochs, n_samples : int

    Returns
    -------
    dict
        "weights" (256, n_hidden).
    """
    n_hidden, method, k, l1, seed = MACHINES[name]
    lattices = sample(TRAINED_ON, CRITICAL_BETA, n_samples, rng=np.random.default_rng([SEED, seed]))
    recipe = RECIPE | {"method": method, "k": k, "l1": l1, "n_epochs": n_epochs, "evaluate_every": 0}
    recipe |= {"learning_rate": 0.01} if method == "pcd" else {}
    machine = RBM(n_hidden, rng=np.random.default_rng([SEED, seed, 1]), **recipe)
    return {"weights": machine.fit(lattices.reshape(n_samples, -1)).weights_}


def aligned(weights: np.ndarray) -> np.ndarray:
    """Return the fields of the units that learned, the largest norm first, each around its strongest place.

    Parameters
    ----------
    weights : ndarray, shape (side*side, n_hidden)

    Returns
    -------
    ndarray, shape (n_learned, side, side)
        The strongest weight of each is at (side//2, side//2), and negative: the hidden unit points along it.
    """
    alive = weights[:, fields.learned(weights)]
    side = round(np.sqrt(len(alive)))
    found = alive[:, np.argsort(-np.linalg.norm(alive, axis=0), kind="stable")].T.reshape(-1, side, side).copy()
    for unit in found:
        place = np.unravel_index(np.argmax(np.abs(unit)), unit.shape)
        unit[:] = np.roll(-np.sign(unit[place]) * unit, side // 2 - np.array(place), axis=(0, 1))
    return found


def kernels(name: str, weights: np.ndarray, n_single: int) -> list[dict]:
    """Make rules of a fully connected machine: of its mean aligned field and of single units, cut to 7 × 7 sites.

    Parameters
    ----------
    name : str
    weights : ndarray, shape (side*side, n_hidden)
    n_single : int
        Single units, at equal steps in the order of norms.

    Returns
    -------
    list of dict
        "name", "weights" and "kept", the part of the squared norm that the window holds.
    """
    units = aligned(weights)
    shown = {"mean": units.mean(axis=0)}
    for k in range(n_single):
        rank = int((k + 0.5) / n_single * len(units))
        shown[f"unit {rank + 1} of {len(units)}"] = units[rank]
    start, found = len(units[0]) // 2 - WINDOW // 2, []
    for which, kernel in shown.items():
        inside = kernel[start : start + WINDOW, start : start + WINDOW]
        part = float((inside**2).sum() / (kernel**2).sum())
        found.append({"name": f"{name}: {which}", "weights": inside.tolist(), "kept": part})
    return found


def rules(trained: Sequence[dict]) -> list[dict]:
    """Return all rules of the study; machines of former studies come from ``SOURCES``.

    Parameters
    ----------
    trained : sequence of dict
        What :func:`train` returned, in the order of ``MACHINES``.

    Returns
    -------
    list of dict
        As for :func:`mlrg_lib.studies.good_transformations.rule`.
    """
    _, measured = first.load(Path(SOURCES) / "good_transformations.json")
    _, stacks = learning_ising.load(Path(SOURCES) / "learning_ising.npz")
    plus = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]]) * -50.0  # as good as a vote at zero temperature
    found = first.hand_made(float(-measured["block 2 × 2"]["weights"].mean()))
    found += [{"name": "kadanoff, p = 0.3", "p": 0.3}, {"name": "plus", "weights": plus.tolist()}]
    found += [{"name": name, "weights": measured[name]["weights"].tolist()} for name in first.MACHINES]
    for name, stored in (("stack", "ising"), ("stack, weaker penalty", "published")):
        found += kernels(name, stacks[stored].layers[0].fields.astype(float), N_SINGLE)
    for name, result in zip(MACHINES, trained, strict=True):
        found += kernels(name, result["weights"], 1)
    window = measured["window 4 × 4"]["weights"]
    return found + [
        {"name": f"{kind} {seed}", "weights": first.control(window, kind, seed).tolist()}
        for kind in ("shuffled", "random")
        for seed in range(1, N_CONTROLS + 1)
    ]


def main(path: str | os.PathLike, folder: str | os.PathLike = _results.FOLDER, n_jobs: int = 1) -> dict:
    """Train the machines, block every run with every rule, and store what the answers need.

    Parameters
    ----------
    path : path
        The JSON file.
    folder : path
        Where finished parts are kept.
    n_jobs : int
        Processes.

    Returns
    -------
    dict
        What was stored.
    """
    options = {"n_jobs": n_jobs, "verbose": True}
    trained = run_study(train, [{"name": name, **TRAINING} for name in MACHINES], folder, **options)
    specs = rules(trained)
    coupled = run_study(first.couple, [{"spec": spec, "own": False} for spec in specs], folder, **options)
    found = run_study(first.measure, [{"run": run, "rules": specs, **MEASURING} for run in RUNS], folder, **options)
    facts = {"seed": SEED, "runs": list(RUNS), **MEASURING, "seconds": _results.seconds([*trained, *coupled, *found])}
    stored = {spec["name"]: _kept(spec, found, reach) for spec, reach in zip(specs, coupled, strict=True)}
    return _results.write(path, "good_again", {"rules": stored}, **facts)


def _kept(spec: dict, runs: list[dict], reach: dict) -> dict:
    """Return what is stored of one rule; exponents without one run as differences from the whole, in millionths."""
    found, kept = first.join(runs, spec["name"]), {}
    for y, few in FEW.items():
        for name, n in ((y, 0), (f"{y}_few", few)):
            values, errors = found.__dict__[f"{y}_by_operators"], found.__dict__[f"{y}_by_operators_error"]
            kept |= {name: values[:, n - 1], f"{name}_error": errors[:, n - 1]}
        kept[f"{y}_left_out"] = np.round(1e6 * (found.__dict__[f"{y}_left_out"][:, :, -1] - kept[y]))
    return {k: _results.plain(spec[k], 5) for k in spec if k != "name"} | _results.plain(kept | reach, 6)


def load(path: str | os.PathLike) -> tuple[dict, dict[str, dict]]:
    """Return the stored study.

    Parameters
    ----------
    path : path

    Returns
    -------
    tuple
        Its provenance, and for each rule arrays: "y_t", "y_h" of each level with all operators, "y_t_few", "y_h_few"
        with fewer, each with its "…_error"; "y_t_left_out", "y_h_left_out" (n_runs, n_levels) without one run;
        "couplings", "couplings_error" (3, 8); where there are any "p", "weights" and "kept".
    """
    return _results.read(path, "good_again", _rules)


def _rules(stored: dict) -> dict[str, dict]:
    found = {name: {k: np.array(v, dtype=float) for k, v in kept.items()} for name, kept in stored["rules"].items()}
    for kept in found.values():
        for y in FEW:
            kept[f"{y}_left_out"] = kept[y] + kept[f"{y}_left_out"] / 1e6
    return found


if __name__ == "__main__":
    _results.run("good_again", main)
