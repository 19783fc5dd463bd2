"""Mehta and Schwab's experiment at full size: a stack 1600-400-100-25 on the Ising model, with its controls.

Run it with::

    python -m mlrg_lib.studies.learning_ising book/results/learning_ising.npz [folder] [processes]

Each stack learns layer by layer from 20,000 configurations of the 40 x 40 model at beta = 0.408, or of fair coins.
A trained layer is kept in ``folder`` (``_build/studies`` by default), so an interrupted study goes on where it was.
The file stored at the end is small: receptive fields, measures of every unit, and a few reconstructions.
"""

import os
import time
from typing import NamedTuple

import numpy as np

from .._validation import check_choice
from ..ising import sample
from ..machines import RBM, DeepBeliefNetwork, fields
from ..machines.tiling import scattered, tiling
from . import _results
from .runner import run_study

__all__ = ["load", "main", "summary", "train_layer"]

SIDE, N_SAMPLES, BETA, WIDTHS, N_EPOCHS, SEED = 40, 20_000, 0.408, (400, 100, 25), 200, 2014
HISTORY = ("largest", "half_area", "participation", "radius", "learned")
UNITS = ("half_area", "participation", "radius", "overlap", "block", "spacing")
_DEAD = 10  # epochs after which a machine with no weight left is given up
_N_UNSEEN, _N_SHOWN, _KEPT = 2000, 6, {"ising": (100, 100, 25), "published": (25, 25, 25), "published_coins": (9, 9, 9)}


class _Case(NamedTuple):
    """One stack of the study: its data, its recipe and its seed."""

    beta: float = BETA
    l1: float = 1e-2
    learning_rate: float = 0.01
    batch_size: int = 200
    n_epochs: int = N_EPOCHS
    seed: int = SEED


CASES = {
    "ising": _Case(),
    "coins": _Case(beta=0.0),
    "published": _Case(l1=8e-4, learning_rate=0.1 / 16, batch_size=100),
    "published_coins": _Case(beta=0.0, l1=8e-4, learning_rate=0.1 / 16, batch_size=100, n_epochs=40),
}


class Layer(NamedTuple):
    """What is known of one layer of a stack.

    Attributes
    ----------
    fields : ndarray of float32, shape (1600, n_kept)
        Effective receptive fields of the units with the largest norm; empty for most stacks.
    units : dict of ndarray, shape (n_units,)
        Measures of every unit: "half_area", "participation", "radius", "overlap" with the best square block, its side
        "block", and "spacing" to the nearest centre. NaN for units that learned nothing.
    history : dict of ndarray, shape (n_epochs,)
        After each of up to 200 epochs: the "largest" weight of this layer's machine; medians over the units that
        learned of "half_area", "participation" and "radius" of the effective fields; the number "learned" of these.
    tiling : ndarray, shape (4, 3)
        Owners, bare fraction and unevenness: their values, errors, mean and spread for fields at random places.
    permuted : dict of float
        Medians of "half_area", "participation", "radius", "overlap" if each unit's weights are dealt out anew to the
        units below.
    seconds : float
        What this layer's training took.
    """

    fields: np.ndarray
    units: dict[str, np.ndarray]
    history: dict[str, np.ndarray]
    tiling: np.ndarray
    permuted: dict[str, float]
    seconds: float


class Learning(NamedTuple):
    """What one stack of the study left behind.

    Attributes
    ----------
    layers : list of Layer
        Bottom to top.
    remembered : ndarray, shape (3, 3)
        Share of the variance of unseen configurations that a layer of 400, 100, 25 units (rows) carries: the units of
        the stack, as many square blocks' magnetizations, as many principal components (columns).
    remembered_error : ndarray, shape (3, 3)
        Standard errors over the configurations.
    data, reconstructions : ndarray of int8 or float32, shapes (6, 40, 40) and (3, 6, 40, 40)
        Unseen configurations, and what the mean units of each layer give back; None for most stacks.
    """

    layers: list[Layer]
    remembered: np.ndarray
    remembered_error: np.ndarray
    data: np.ndarray | None
    reconstructions: np.ndarray | None


def measure(weights: np.ndarray) -> list[float]:
    """Return the numbers of ``HISTORY`` for one set of receptive fields.

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


def measure_units(weights: np.ndarray) -> np.ndarray:
    """Return the measures of ``UNITS``, one row each, of all receptive fields.

    Parameters
    ----------
    weights : ndarray, shape (side*side, n_hidden)

    Returns
    -------
    ndarray of float32, shape (6, n_hidden)
        NaN for units that learned nothing.
    """
    alive = fields.learned(weights)
    out = np.full((len(UNITS), weights.shape[1]), np.nan, dtype=np.float32)
    if alive.sum() < 2:
        return out
    kept = weights[:, alive]
    functions = (fields.half_maximum_area, fields.participation_ratio, fields.radius)
    out[:3, alive] = [function(kept) for function in functions]
    out[3:5, alive] = fields.block_overlap(kept)
    out[5, alive] = fields.spacing(kept)
    return out


def train_layer(
    *, beta, widths, l1, learning_rate, batch_size, n_epochs, seed, side, n_samples, folder=None, verbose=False
) -> dict:
    """Train the top machine of a stack on samples of the stack below it, training that one first if need be.

    Training stops early if the penalty has held every weight at exactly zero for ten epochs.

    Parameters
    ----------
    beta : float
        Inverse temperature of the data; 0 for fair coins.
    widths : sequence of int
        Hidden units of each layer so far; the last one is trained.
    l1, learning_rate, batch_size, n_epochs, seed
        As for :class:`mlrg_lib.machines.RBM`; the seed also draws the data.
    side, n_samples : int
        Of the lattices.
    folder : path, optional
        Where the layers below are kept.
    verbose : bool
        Show a progress bar.

    Returns
    -------
    dict
        "weights", "hidden_bias", "visible_bias", "history" with one row of ``HISTORY`` per epoch, and "seconds".
    """
    recipe = {"beta": beta, "l1": l1, "learning_rate": learning_rate, "batch_size": batch_size, "n_epochs": n_epochs}
    recipe |= {"seed": seed, "side": side, "n_samples": n_samples}
    rbms = _machines(recipe, list(widths)[:-1], folder, verbose)
    data = sample(side, beta, n_samples, rng=seed).reshape(n_samples, -1)
    for level, rbm in enumerate(rbms):
        data = rbm.sample_hidden(data, rng=np.random.default_rng([seed, level]))
    below = DeepBeliefNetwork.from_rbms(rbms).receptive_fields() if rbms else None
    history = []

    def record(rbm, _):
        row = measure(rbm.weights_ if below is None else below @ rbm.weights_)
        history.append([float(np.abs(rbm.weights_).max()), *row[1:]])
        return len(history) >= _DEAD and not np.any([row[0] for row in history[-_DEAD:]])

    began = time.perf_counter()
    settings = {"learning_rate": learning_rate, "batch_size": batch_size, "momentum": 0.5, "l1": l1}
    settings |= {"n_epochs": n_epochs, "evaluate_every": 0, "verbose": verbose, "on_epoch": record}
    top = RBM(widths[-1], **settings, rng=np.random.default_rng([seed, len(widths), 1])).fit(data)
    return {
        "weights": top.weights_.astype(np.float32),
        "hidden_bias": top.hidden_bias_,
        "visible_bias": top.visible_bias_,
        "history": np.array(history),
        "seconds": time.perf_counter() - began,
    }


def point(name: str, depth: int = 3, **changes) -> dict:
    """Return the arguments of :func:`train_layer` for one layer of a case.

    Parameters
    ----------
    name : str
        One of ``CASES``.
    depth : int
        Which layer, 1 for the lowest.
    **changes
        Arguments that differ from the study's, a smaller lattice say.

    Returns
    -------
    dict
    """
    case = CASES[check_choice("name", name, CASES)]
    full = {**case._asdict(), "widths": list(WIDTHS[:depth]), "side": SIDE}
    return {**full, "n_samples": N_SAMPLES, **changes}


def _trained(recipe, widths, folder, verbose) -> list[dict]:
    """Return the results of every layer, bottom to top, from the folder if there is one."""
    results = []
    for depth in range(1, len(widths) + 1):
        arguments = {**recipe, "widths": widths[:depth]}
        if folder is None:
            results.append(train_layer(**arguments))
        else:
            context = {"folder": str(folder), "verbose": verbose}
            results += run_study(train_layer, [arguments], folder, context=context)
    return results


def _machines(recipe, widths, folder, verbose) -> list[RBM]:
    results = _trained(recipe, widths, folder, verbose)
    return [RBM.from_parameters(r["weights"], r["hidden_bias"], r["visible_bias"]) for r in results]


def stack(name: str, folder: str | os.PathLike | None = None, **changes) -> tuple[DeepBeliefNetwork, list[dict]]:
    """Return the trained stack of a case and what :func:`train_layer` returned for each layer.

    Parameters
    ----------
    name : str
        One of ``CASES``.
    folder : path, optional
        Where trained layers are kept.
    **changes
        As for :func:`point`.

    Returns
    -------
    tuple
    """
    arguments = point(name, **changes)
    widths = arguments.pop("widths")
    results = _trained(arguments, widths, folder, False)
    rbms = [RBM.from_parameters(r["weights"], r["hidden_bias"], r["visible_bias"]) for r in results]
    return DeepBeliefNetwork.from_rbms(rbms), results


def remembered(dbn: DeepBeliefNetwork, seen: np.ndarray, unseen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of variance that each layer carries, beside as many blocks and principal components.

    Parameters
    ----------
    dbn : DeepBeliefNetwork
        Each layer's number of units must be that of square blocks that fill the lattice.
    seen, unseen : ndarray, shapes (n_samples, side*side)
        Training samples, for the components, and others to measure on.

    Returns
    -------
    share, error : ndarray, shape (n_layers, 3)
        Columns: units, blocks, components. Errors over the unseen samples.
    """
    side = round(np.sqrt(seen.shape[1]))
    directions = np.linalg.eigh(np.cov(seen.T.astype(np.float32)))[1][:, ::-1]
    share = []
    for level, rbm in enumerate(dbn.rbms_, start=1):
        n = rbm.weights_.shape[1]
        b = round(side / np.sqrt(n))
        means = unseen.reshape(-1, side // b, b, side // b, b).mean(axis=(2, 4))
        kept = directions[:, :n]
        guesses = (
            dbn.reconstruct(unseen, level),
            means.repeat(b, axis=1).repeat(b, axis=2).reshape(len(unseen), -1),
            unseen @ kept @ kept.T,
        )
        share.append([1 - ((unseen - guess) ** 2).mean(axis=1) for guess in guesses])
    share = np.array(share)
    return share.mean(axis=2), share.std(axis=2, ddof=1) / np.sqrt(len(unseen))


def _permuted(dbn: DeepBeliefNetwork, level: int, rng) -> list[float]:
    """Return medians of fields whose top weights are dealt out anew: what products of local fields do by themselves."""
    weights = rng.permuted(dbn.rbms_[level - 1].weights_, axis=0)
    product = weights if level == 1 else dbn.receptive_fields(level - 1) @ weights
    units = measure_units(product)[:4]
    alive = np.isfinite(units[0])
    return np.median(units[:, alive], axis=1).tolist() if alive.any() else [np.nan] * 4


def summarise(name: str, dbn: DeepBeliefNetwork, results: list[dict], arguments: dict) -> dict[str, np.ndarray]:
    """Return the arrays that the stored file keeps of one stack."""
    side, n_samples, seed = arguments["side"], arguments["n_samples"], arguments["seed"]
    seen = sample(side, arguments["beta"], n_samples, rng=seed).reshape(n_samples, -1)
    unseen = sample(side, arguments["beta"], _N_UNSEEN, rng=seed + 10_000).reshape(_N_UNSEEN, -1)
    arrays = {}
    for level, result in enumerate(results, start=1):
        weights = dbn.receptive_fields(level)
        rng = np.random.default_rng([seed, level, 2])
        nothing = np.full((4, 3), np.nan)
        some = fields.learned(weights).sum() >= 2
        shares = np.array([*tiling(weights), *scattered(weights, rng=rng)]) if some else nothing
        layer = {"units": measure_units(weights), "history": result["history"].astype(np.float32), "tiling": shares}
        layer |= {"permuted": np.array(_permuted(dbn, level, rng)), "seconds": result["seconds"]}
        n_kept = _KEPT.get(name, (0, 0, 0))[level - 1]
        kept = np.argsort(-np.linalg.norm(weights, axis=0), kind="stable")[:n_kept]
        scale = float(np.abs(weights).max()) or 1.0
        layer |= {"fields": np.round(weights[:, kept] / scale * 127).astype(np.int8), "scale": scale}
        arrays |= {f"{name}_{level}_{key}": np.asarray(value) for key, value in layer.items()}
    share, error = remembered(dbn, seen, unseen)
    arrays |= {f"{name}_remembered": share, f"{name}_remembered_error": error}
    if name == "ising":
        few = unseen[:_N_SHOWN]
        back = np.stack([dbn.reconstruct(few, level) for level in range(1, len(results) + 1)])
        arrays["ising_data"] = few.reshape(-1, side, side).astype(np.int8)
        arrays["ising_reconstructions"] = np.round(back * 127).astype(np.int8).reshape(*back.shape[:2], side, side)
    return arrays


def main(path: str | os.PathLike, folder: str | os.PathLike = _results.FOLDER, n_jobs: int = 1, **changes) -> dict:
    """Train every stack, layer by layer, and write the file, whole or not at all; return what was stored."""
    context = {"folder": str(folder), "verbose": n_jobs == 1}
    points = [point(name, **changes) for name in CASES]
    run_study(train_layer, points, folder, context=context, n_jobs=n_jobs, verbose=True)
    arrays = {}
    for name in CASES:
        arrays |= summarise(name, *stack(name, folder, **changes), point(name, **changes))
    facts = {
        "cases": {name: case._asdict() for name, case in CASES.items()},
        "settings": {"widths": WIDTHS, "side": SIDE, "n_samples": N_SAMPLES, **changes},
        "training_seconds": {
            name: round(sum(float(arrays[f"{name}_{k}_seconds"]) for k in (1, 2, 3))) for name in CASES
        },
    }
    return _results.write(path, "learning_ising", arrays, **facts)


def load(path: str | os.PathLike) -> tuple[dict, dict[str, Learning]]:
    """Return the stored study.

    Parameters
    ----------
    path : path

    Returns
    -------
    tuple
        Its provenance, and a :class:`Learning` for each case.
    """
    return _results.read(path, "learning_ising", _stacks)


def summary(layer: Layer) -> dict[str, tuple[float, float]]:
    """Return the median of every measure of a layer's units with its bootstrap error over units.

    Parameters
    ----------
    layer : Layer

    Returns
    -------
    dict
        A pair (value, error) for each of ``UNITS``, NaN if no unit learned anything; "owners", "bare" and "unevenness"
        with their jackknife errors; and the same with ``scattered_`` before the name for fields at random places.
    """
    out = {}
    for name, values in layer.units.items():
        finite = values[np.isfinite(values)]
        nothing = len(finite) == 0
        out[name] = (np.nan, np.nan) if nothing else (float(np.median(finite)), fields.bootstrap_error(finite, rng=0))
    value, error, mean, spread = layer.tiling
    for k, name in enumerate(("owners", "bare", "unevenness")):
        out[name] = (float(value[k]), float(error[k]))
        out[f"scattered_{name}"] = (float(mean[k]), float(spread[k]))
    return out


def _stacks(stored: dict[str, np.ndarray]) -> dict[str, Learning]:
    return {name: _learning(stored, name) for name in CASES}


def _learning(stored: dict[str, np.ndarray], name: str) -> Learning:
    layers = []
    for level in range(1, len(WIDTHS) + 1):
        part = {key: stored[f"{name}_{level}_{key}"] for key in (*Layer._fields, "scale")}
        part["fields"] = (part["fields"] * (part.pop("scale") / 127)).astype(np.float32)
        part["units"] = dict(zip(UNITS, part["units"], strict=True))
        part["history"] = dict(zip(HISTORY, part["history"].T, strict=True))
        part["permuted"] = dict(zip(UNITS[:4], part["permuted"].tolist(), strict=True))
        layers.append(Layer(**{**part, "seconds": float(part["seconds"])}))
    shown = f"{name}_data" in stored
    return Learning(
        layers,
        stored[f"{name}_remembered"],
        stored[f"{name}_remembered_error"],
        stored[f"{name}_data"] if shown else None,
        (stored[f"{name}_reconstructions"] / 127).astype(np.float32) if shown else None,
    )


if __name__ == "__main__":
    _results.run("learning_ising", main)
