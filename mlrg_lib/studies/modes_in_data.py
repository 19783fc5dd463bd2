"""What do the modes of data share? Processes whose answer is known, at the sizes of the data; then the data.

Run it with::

    python -m mlrg_lib.studies.modes_in_data book/results/modes_in_data.json [folder] [processes]

Every point measures the statistics of :func:`mlrg_lib.rg.pca.power_correlations` on one data matrix. The processes, the
sizes, the margins and what counts as which answer are in ``book/protocols/modes_in_data.md``, written before the runs.
The stocks and the fMRI need packages that are only read; without them the study stops and says which.
"""

import os
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from scipy.signal import lfilter

from .. import datasets
from .._validation import check_choice, check_int
from ..ising import CRITICAL_BETA
from ..rg import pca
from . import _results

__all__ = ["load", "main"]

SEED, N_MODES = 1610, 12
FRACTIONS = (0.5, 0.25, 0.125, 0.0625)
SHAPES = {"neurons": (2399, 144), "fMRI": (1200, 94), "stocks": (1257, 452)}  # samples, variables
N_SEEDS = {"neurons": 60, "fMRI": 60, "stocks": 20}
TRUTH = {"neurons": 50_000, "fMRI": 50_000, "stocks": 20_000}  # samples of the one run that stands for the truth
CRITICAL = {1.25: (0.0064, -0.16578), 1.75: (0.004, -0.087998), 2.5: (0.0056, -0.097922)}  # g, r of ``phi4_flow``
GAIN, SLOW = 0.35, 20  # standard deviation of ln gain; its correlation time in samples


def _slow(rng: np.random.Generator, n_samples: int, n: int = 1, time: float = SLOW) -> np.ndarray:
    """Return n Gaussian series of unit variance (n_samples, n) that forget in ``time`` samples."""
    keep = np.exp(-1 / time) if time else 0.0
    noise = rng.standard_normal((n_samples, n))
    noise[1:] *= np.sqrt(1 - keep**2)
    return lfilter([1.0], [1.0, -keep], noise, axis=0)


@cache
def _axes(n: int) -> np.ndarray:
    """Modes of the processes below, one a row, with the standard deviations of a power law: softest first."""
    return pca.haar_modes(n, rng=SEED) * np.arange(1, n + 1)[:, None] ** -0.4


def _gaussian(rng, n_samples, n):
    return rng.standard_normal((n_samples, n)) @ _axes(n)


def _gain(time):
    return lambda rng, m, n: np.exp(GAIN * _slow(rng, m, 1, time)) * _gaussian(rng, m, n)


def _own_gain(rng, n_samples, n):
    """The softest mode has a gain of its own, all others share another."""
    amplitudes = rng.standard_normal((n_samples, n)) * np.exp(GAIN * _slow(rng, n_samples))
    amplitudes[:, 0] = rng.standard_normal(n_samples) * np.exp(GAIN * _slow(rng, n_samples)[:, 0])
    return amplitudes @ _axes(n)


def _groups(rng, n_samples, n):
    """Four groups of modes, 1, 5, 9, ... and so on, each with its gain."""
    gains = np.exp(GAIN * _slow(rng, n_samples, 4))
    return (rng.standard_normal((n_samples, n)) * gains[:, np.arange(n) % 4]) @ _axes(n)


def _two_states(rng, n_samples, n):
    amplitudes = rng.standard_normal((n_samples, n))
    amplitudes[:, 0] = 0.95 * rng.choice([-1, 1], n_samples) + 0.3 * amplitudes[:, 0]
    return amplitudes @ _axes(n)


def _two_states_and_gain(rng, n_samples, n):
    """The softest mode has two states, all others share a gain: no coupling, and yet D < 0 and a kurtosis below 3."""
    amplitudes = rng.standard_normal((n_samples, n)) * np.exp(GAIN * _slow(rng, n_samples))
    amplitudes[:, 0] = 0.95 * rng.choice([-1, 1], n_samples) + 0.3 * rng.standard_normal(n_samples)
    return amplitudes @ _axes(n)


def _cox(rng, n_samples, n):
    """Poisson counts whose rates share one gain."""
    rates = 0.5 * np.exp(np.random.default_rng(SEED).normal(-0.5, 1.0, n))
    return rng.poisson(rates * np.exp(0.5 * _slow(rng, n_samples))).astype(float)


def _latent_fields(rng, n_samples, n):
    """Binary units driven by five slow fields with random weights, as of Morrell, Sederberg and Nemenman."""
    weights = np.random.default_rng(SEED).normal(size=(5, n)) / np.sqrt(5)
    return (rng.random((n_samples, n)) < 1 / (1 + np.exp(2.0 - 1.5 * _slow(rng, n_samples, 5) @ weights))).astype(float)


def _phi4(alpha):
    def sample(rng, n_samples, n):
        spectrum = pca.power_law_eigenvalues(n, alpha), pca.ring_modes(n)
        return pca.sample_phi4(*spectrum, *CRITICAL[alpha], n_samples=n_samples, thin=4, rng=rng).fields[:n_samples]

    return sample


def _ising(temperature):
    return lambda rng, m, n: datasets.ising(int(n**0.5), temperature=temperature, n_samples=m, rng=rng).X


def _vectors(rng, n_samples, n):
    """Three-component spins in mean field at their critical point: weight exp(−r⁴) of a common vector, and noise."""
    radius = rng.gamma(0.75, size=(n_samples, 1)) ** 0.25
    direction = rng.standard_normal((n_samples, 3))
    direction *= radius / np.linalg.norm(direction, axis=1, keepdims=True)
    return np.repeat(direction, n // 3, axis=1) + rng.standard_normal((n_samples, n // 3 * 3))


def _times_gain(process):
    return lambda rng, m, n: np.exp(GAIN * _slow(rng, m)) * process(rng, m, n)


PROCESSES: dict[str, Callable] = {
    "Gaussian": _gaussian,
    "gain, fast": _gain(0),
    "gain": _gain(SLOW),
    "gain, slow": _gain(5 * SLOW),
    "heavy factors": lambda rng, m, n: rng.standard_t(8, size=(m, n)) @ _axes(n),
    "four gains": _groups,
    "own gain": _own_gain,
    "two states": _two_states,
    "two states and a gain": _two_states_and_gain,
    "Cox process": _cox,
    "latent fields": _latent_fields,
    "φ⁴, α = 1.25": _phi4(1.25),
    "φ⁴, α = 1.75": _phi4(1.75),
    "φ⁴, α = 2.5": _phi4(2.5),
    "Ising, T = 2.27": _ising(1 / CRITICAL_BETA),
    "Ising, T = 3": _ising(3.0),
    "O(3), mean field": _vectors,
    "φ⁴, α = 1.25, with a gain": _times_gain(_phi4(1.25)),
    "Ising, T = 2.27, with a gain": _times_gain(_ising(1 / CRITICAL_BETA)),
}
COUNTS = ("Cox process", "latent fields", "neurons", "neurons after 22 s", "stocks")  # standardized
MOMENT = {"Gaussian": 3.0} | dict.fromkeys(("gain, fast", "gain", "gain, slow"), 3 * np.exp(4 * GAIN**2))
NULLS = ("data", "shuffled", "shifted", "phases", "copula")
PHOTOGRAPHS = ("photographs", "photographs, mean removed", "photographs, contrast divided")
SERIES = ("neurons", "neurons after 22 s", "stocks", *(f"fMRI {k}" for k in range(7)))
GRID = [{"process": name, "shape": s, "seed": -1} for s in SHAPES for name in PROCESSES]
GRID += [
    {"process": name, "shape": s, "seed": seed} for s in SHAPES for seed in range(N_SEEDS[s]) for name in PROCESSES
]
GRID += [{"data": name, "null": null} for name in SERIES for null in NULLS]
GRID += [{"data": name, "null": null} for name in PHOTOGRAPHS for null in ("data", "shuffled", "copula")]


def _read(name: str) -> np.ndarray:
    if name.startswith("neurons"):
        X = datasets.neurons().X
        X = X[440:] if name.endswith("22 s") else X
        return X[:, X.std(axis=0) > 0]
    if name == "stocks":
        return datasets.stocks().X
    if name.startswith("fMRI"):
        return datasets.fmri(int(name.split()[1])).X
    X = datasets.images(8, 8).X
    X = X if name == PHOTOGRAPHS[0] else X - X.mean(axis=1, keepdims=True)
    return pca.divide_by_gain(X[X.any(axis=1)]) if name == PHOTOGRAPHS[2] else X


def _null(X: np.ndarray, null: str) -> np.ndarray:
    if null == "copula":
        return pca.copula_surrogate(X, rng=SEED)[0]
    if null == "data":
        return X
    if null == "shifted":
        return pca.circular_shift(X, smallest=len(X) // 20, rng=SEED)
    return {"shuffled": pca.time_shuffle, "phases": pca.phase_surrogate}[null](X, rng=SEED)


def _skewness(X: np.ndarray, standardize: bool) -> list[float]:
    """Return the median over variables of the absolute skewness, with all modes and with those of FRACTIONS."""
    X = X - X.mean(axis=0)
    X = X / X.std(axis=0) if standardize else X
    modes = pca.principal_components(X)[1]
    kept = [X] + [X @ modes[:k].T @ modes[:k] for k in (max(1, round(f * X.shape[1])) for f in FRACTIONS)]
    return [float(np.median(abs(np.mean(x**3, axis=0)) / np.mean(x**2, axis=0) ** 1.5)) for x in kept]


@_results.timed
def point(
    process: str | None = None, shape: str = "neurons", seed: int = 0, data: str | None = None, null: str = "data"
) -> dict:
    """Measure one data matrix: one draw of a process, or data, or a null model of data.

    Parameters
    ----------
    process : str, optional
        A name of ``PROCESSES``.
    shape : str
        A name of ``SHAPES``: the numbers of samples and of variables.
    seed : int
        >= 0; −1 is the long run that stands for the truth.
    data : str, optional
        Instead of a process: "neurons", "stocks", "fMRI 0" to "fMRI 6", ...
    null : str
        "data" itself, "shuffled", "shifted", "phases" or "copula".

    Returns
    -------
    dict
        "softest", "others", "contrast", "kurtosis", "skew" of the ``N_MODES`` softest modes, each [value, error];
        "share" of the softest quarter and "share of an eighth"; where ``MOMENT`` knows the truth, for seed 0 and for
        data "moment" at FRACTIONS: [value, error with components refitted, error with components fixed]; for data also
        "skewness", "variances" of all modes and "held out", the variances of the second half of the samples along the
        components of the first. "seconds".

    Examples
    --------
    >>> sorted(point("Gaussian", "fMRI", 0))[:4]
    ['contrast', 'kurtosis', 'moment', 'others']
    """
    if data is not None:
        check_choice("data", data, SERIES + PHOTOGRAPHS)
        X, name = _null(_read(data), check_choice("null", null, NULLS)), data
    else:
        name = check_choice("process", process, tuple(PROCESSES))
        n_samples, n_variables = SHAPES[check_choice("shape", shape, tuple(SHAPES))]
        n_samples = TRUTH[shape] if check_int("seed", seed, -1) < 0 else n_samples
        rng = np.random.default_rng([SEED, list(SHAPES).index(shape), list(PROCESSES).index(name), seed + 1])
        X = PROCESSES[name](rng, n_samples, n_variables)
    standardize = name in COUNTS
    found = pca.power_correlations(X, N_MODES, standardize=standardize)
    names = ("softest", "others", "contrast", "kurtosis", "skew")
    result = {key: list(getattr(found, key)) for key in names}
    for label, part in (("share", 4), ("share of an eighth", 8)):
        result[label] = list(pca.power_correlations(X, X.shape[1] // part, standardize=standardize).share)
    if data is not None or seed == 0 or (name in MOMENT and seed > 0):
        setting = {"standardize": standardize}
        refitted = pca.mode_flow(X, FRACTIONS, **setting)
        modes = pca.principal_components(X, **setting)[1]
        fixed = pca.mode_flow(X, FRACTIONS, modes=modes, **setting)
        result["moment"] = np.stack([refitted.moment, refitted.error, fixed.error], axis=1).tolist()
    if data is not None:
        result["skewness"] = _skewness(X, standardize)
        result |= {key: values.tolist() for key, values in _spectrum(X, standardize).items()}
    return result


def _spectrum(X: np.ndarray, standardize: bool) -> dict[str, np.ndarray]:
    """Return the variances of the modes, and those that the second half has along the components of the first."""
    X = X - X.mean(axis=0)
    X = X / X.std(axis=0) if standardize else X
    half = len(X) // 2
    modes = pca.principal_components(X[:half])[1]
    return {"variances": pca.principal_components(X)[0], "held out": np.mean((X[half:] @ modes.T) ** 2, axis=0)}


def _contents(points: Sequence[dict], results: list[dict]) -> dict:
    return {"points": [p | _results.plain(r, 4) for p, r in zip(points, results, strict=True)]}


main = _results.main_of("modes_in_data", point, GRID, _contents, seed=SEED, n_modes=N_MODES)


def load(path: str | os.PathLike) -> tuple[dict, list[dict]]:
    """Return the stored study.

    Parameters
    ----------
    path : path

    Returns
    -------
    tuple
        Its provenance, and the points: the arguments of :func:`point` with its results.
    """
    return _results.read(path, "modes_in_data", _points)


def _points(stored: dict) -> list[dict]:
    if any("contrast" not in row for row in stored["points"]):
        raise ValueError("its points are those of another study")
    return stored["points"]


if __name__ == "__main__":
    _results.run("modes_in_data", main)
