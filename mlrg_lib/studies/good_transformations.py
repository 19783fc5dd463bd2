"""Which transformations are good ones: exponents and couplings of block-spin rules, made by hand and learned.

Run it with::

    python -m mlrg_lib.studies.good_transformations book/results/good_transformations.json [folder] [processes]

First, machines with one moving window learn critical lattices of side 32. Then 20 independent runs of critical lattices
of side 64 go through all rules alike: the majority rule, decimation, Kadanoff's rule, what the machines learned, and
controls with the same weights in other places. Each part is kept in ``folder`` (``_build/studies`` by default), so an
interrupted study goes on where it was.
"""

import os
from functools import lru_cache

import numpy as np

from .._validation import as_generator, check_array
from ..ising import CRITICAL_BETA, sample
from ..machines.convolutional import ConvolutionalRBM
from ..rg import monte_carlo
from ..rg.monte_carlo.matrix import Exponents
from . import _results
from .runner import run_study

__all__ = ["load", "main"]

SEED, TRAINED_ON, MEASURED_ON = 1979, 32, 64
N_TRAIN, N_RUNS, N_SAMPLES, N_COUPLINGS = 4000, 20, 2000, 1000
MACHINES = {
    "block 2 × 2": {"kernel": 2, "seed": 0},
    "window 4 × 4": {"kernel": 4, "seed": 0},
    "window 4 × 4, second": {"kernel": 4, "seed": 1},
    "window 4 × 4, CD-1": {"kernel": 4, "seed": 0, "method": "cd", "k": 1},
    "window 6 × 6": {"kernel": 6, "seed": 0},
}
PARTS = ("even_mean", "even_within", "even_across", "odd_mean", "odd_within", "odd_across")


@_results.timed
def train(
    kernel: int, seed: int, method: str = "pcd", k: int = 5, n_epochs: int = 40, n_samples: int = N_TRAIN
) -> dict:
    """Train one machine on critical lattices of side 32.

    Parameters
    ----------
    kernel, seed, method, k, n_epochs
        Of the machine.
    n_samples : int
        Lattices to learn from; the same for every machine of one seed.

    Returns
    -------
    dict
        "weights" (kernel, kernel) and "gradient", "norm" of each epoch.
    """
    lattices = sample(TRAINED_ON, CRITICAL_BETA, n_samples, rng=np.random.default_rng([SEED, seed]))
    machine = ConvolutionalRBM(kernel, method=method, k=k, learning_rate=0.05, n_epochs=n_epochs, rng=seed)
    machine.fit(lattices)
    return {"weights": machine.weights_, **{name: np.array(machine.history_[name]) for name in ("gradient", "norm")}}


def rule(spec: dict):
    """Return the keyword arguments of :func:`mlrg_lib.rg.monte_carlo.exponents` for a rule.

    Parameters
    ----------
    spec : dict
        {"name": "majority"}, {"name": "kadanoff", "p": 0.76}, or {"name": anything, "weights": nested lists}.

    Returns
    -------
    dict
    """
    if "weights" not in spec:
        return {"transformation": spec["name"].split(",")[0], "p": spec.get("p")}
    machine = ConvolutionalRBM.from_parameters(check_array("weights", spec["weights"], ndim=2), stride=2)
    return {"transformation": machine.sample_hidden}


def control(weights: np.ndarray, kind: str, seed: int = 0) -> np.ndarray:
    """Return weights that have lost what was learned.

    Parameters
    ----------
    weights : ndarray, shape (kernel, kernel)
    kind : {"shuffled", "random"}
        The same numbers in other places, or Gaussian ones with the same norm.
    seed : int

    Returns
    -------
    ndarray, shape (kernel, kernel)
        With a negative sum, so that h points along its window.
    """
    rng = as_generator(seed)
    if kind == "shuffled":
        out = rng.permutation(weights.ravel()).reshape(weights.shape)
    else:
        out = rng.standard_normal(weights.shape)
        out *= np.linalg.norm(weights) / np.linalg.norm(out)
    return out if out.sum() <= 0 else -out


def hand_made(p_learned: float) -> list[dict]:
    """Return the rules that nobody learned.

    Parameters
    ----------
    p_learned : float
        Strength of Kadanoff's rule that one unit per block learns.

    Returns
    -------
    list of dict
    """
    strengths = {f"kadanoff, p = {p:g}": p for p in (0.5, 0.76, 1.0)} | {"kadanoff, learned p": p_learned}
    by_p = ({"name": name, "p": p} for name, p in strengths.items())
    return [{"name": "majority"}, {"name": "decimation"}, *by_p]


@lru_cache(1)
def _lattices(run: int, n_samples: int, side: int = MEASURED_ON) -> np.ndarray:
    rng = np.random.default_rng([SEED, 1000 + run])
    return sample(side, CRITICAL_BETA, n_samples, algorithm="swendsen_wang", rng=rng)


@_results.timed
def measure(run: int, rules: list[dict], side: int = MEASURED_ON, n_samples: int = N_SAMPLES) -> dict:
    """Block one independent run of critical lattices with every rule, down to side 4.

    Parameters
    ----------
    run : int
        Its number, which is its seed.
    rules : list of dict
        As for :func:`rule`.
    side : int
        Of the lattices.
    n_samples : int

    Returns
    -------
    dict
        For each rule and each array of :class:`mlrg_lib.rg.monte_carlo.Moments`, "rule|array".
    """
    spins, out = _lattices(run, n_samples, side), {}
    for spec in rules:
        found = monte_carlo.moments(spins, 2, rng=run, **rule(spec))
        out |= {f"{spec['name']}|{part}": getattr(found, part) for part in PARTS}
    return out


@_results.timed
def couple(spec: dict, own: bool = True, n_samples: int = N_COUPLINGS) -> dict:
    """Find the effective couplings of one rule's blocked lattices, and of a machine's own hidden layer.

    Parameters
    ----------
    spec : dict
        As for :func:`rule`.
    own : bool
        Whether the machine's own hidden layer is wanted, too.
    n_samples : int

    Returns
    -------
    dict
        "couplings", "couplings_error" (3, n_even) for sides 32, 16, 8; with weights also "own", "own_error" (n_even,)
        of h drawn from the machine's own distribution on a visible lattice of side 64, after 200 sweeps from the data.
    """
    spins = _lattices(999, n_samples)
    levels = monte_carlo.block(spins, 2, 3, rng=0, **rule(spec))[1:]
    found = [monte_carlo.estimate_couplings(level) for level in levels]
    out = {"couplings": [f.values for f in found], "couplings_error": [f.errors for f in found]}
    if own and "weights" in spec:
        machine = ConvolutionalRBM.from_parameters(np.array(spec["weights"]), stride=2)
        drawn = machine.sample(n_samples // 3, 200, start=spins[: n_samples // 3], rng=1)
        own = monte_carlo.estimate_couplings(machine.sample_hidden(drawn, rng=2))
        out |= {"own": own.values, "own_error": own.errors}
    return out


def join(results: list[dict], name: str) -> Exponents:
    """Return the exponents of one rule from what :func:`measure` found in runs of equal length.

    Parameters
    ----------
    results : list of dict
        At least two.
    name : str
        Of the rule.

    Returns
    -------
    Exponents
    """
    arrays = {part: np.concatenate([np.atleast_1d(r[f"{name}|{part}"]) for r in results]) for part in PARTS}
    sides = 4 * 2 ** np.arange(arrays["even_mean"].shape[1])[::-1]
    counts = np.full(len(results), N_SAMPLES)
    return monte_carlo.exponents_from(monte_carlo.Moments(b=2, sides=sides, counts=counts, **arrays))


def main(path: str | os.PathLike, folder: str | os.PathLike = _results.FOLDER, n_jobs: int = 1) -> dict:
    """Run the whole study and store what the book shows.

    Parameters
    ----------
    path : path
        The JSON file to write, atomically.
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
    trained = run_study(train, list(MACHINES.values()), folder, **options)
    learned = dict(zip(MACHINES, trained, strict=True))
    window = learned["window 4 × 4"]["weights"]
    rules = hand_made(float(-learned["block 2 × 2"]["weights"].mean()))
    rules += [{"name": name, "weights": result["weights"].tolist()} for name, result in learned.items()]
    rules += [{"name": kind, "weights": control(window, kind).tolist()} for kind in ("shuffled", "random")]
    runs = run_study(measure, [{"run": run, "rules": rules} for run in range(N_RUNS)], folder, **options)
    coupled = run_study(couple, [{"spec": spec} for spec in rules], folder, **options)
    facts = {"seed": SEED, "side": MEASURED_ON, "runs": N_RUNS, "samples_per_run": N_SAMPLES}
    facts["seconds"] = _results.seconds([*trained, *runs, *coupled])
    stored = {}
    for spec, couplings in zip(rules, coupled, strict=True):
        name, found = spec["name"], join(runs, spec["name"])
        kept = {k: v for k, v in vars(found).items() if k.startswith("y_") and not k.endswith("left_out")} | couplings
        kept |= {key: learned[name][key] for key in ("gradient", "norm") if name in learned}
        stored[name] = {key: spec[key] for key in ("p", "weights") if key in spec} | _results.plain(kept, 6)
    return _results.write(path, "good_transformations", {"rules": stored}, **facts)


def load(path: str | os.PathLike) -> tuple[dict, dict[str, dict]]:
    """Read a stored study.

    Parameters
    ----------
    path : str

    Returns
    -------
    provenance : dict
    rules : dict of dict
        For each rule the arrays y_t, y_h, … of :func:`mlrg_lib.rg.monte_carlo.exponents`, "couplings",
        "couplings_error", and where there are any "p", "weights", "gradient", "norm", "own", "own_error".
    """
    return _results.read(path, "good_transformations", _rules)


def _rules(stored: dict) -> dict[str, dict]:
    return {name: {k: np.array(v, dtype=float) for k, v in kept.items()} for name, kept in stored["rules"].items()}


if __name__ == "__main__":
    _results.run("good_transformations", main)
