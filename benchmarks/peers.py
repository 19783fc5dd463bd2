"""The peers' calls for the same work; a peer that is not installed is left out here and named in the report."""

import importlib
import math

import numpy as np

from mlrg_lib.ising import CRITICAL_BETA

from .measure import Contender

_TEMPERATURE = 1 / CRITICAL_BETA


def load(name: str):
    """Return the module, or None if it cannot be imported."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def mcising_simulation(L: int, algorithm: str):
    """Return one lattice of mcising, or None."""
    module = load("mcising")
    return None if module is None else module.IsingSimulation(L, 1.0, 0.0, 0.0, 0.0, 7, algorithm, "square")


def _peapods_model(L: int):
    module = load("peapods")
    return None if module is None else module.Ising((L, L), temperatures=np.array([_TEMPERATURE]))


def local_peers(algorithm: str, L: int, attempts: float) -> tuple[Contender, ...]:
    """Return single-spin updates by the peers that offer them: mcising has no heat bath."""
    found = []
    n = max(1, round(attempts / L**2))
    if algorithm == "metropolis" and (simulation := mcising_simulation(L, "metropolis")) is not None:
        found.append(Contender("mcising", lambda: simulation.sweep(n, temperature=_TEMPERATURE), n * L * L))
    if (model := _peapods_model(L)) is not None:
        mode = "metropolis" if algorithm == "metropolis" else "gibbs"
        few = max(1, n // 3)
        found.append(Contender("peapods", lambda: model.sample(few, sweep_mode=mode, sequential=True), few * L * L))
    return tuple(found)


def cluster_peers(algorithm: str, L: int, n: int) -> tuple[Contender, ...]:
    """Return cluster updates in equilibrium: per site and update for Swendsen-Wang, per cluster for Wolff."""
    found = []
    per_update = L * L if algorithm == "swendsen_wang" else 1
    if (simulation := mcising_simulation(L, algorithm)) is not None:
        simulation.sweep(200 if algorithm == "swendsen_wang" else 2000, temperature=_TEMPERATURE)
        few = max(1, math.ceil(n / 5))
        found.append(Contender("mcising", lambda: simulation.sweep(few, temperature=_TEMPERATURE), few * per_update))
    if algorithm == "swendsen_wang" and (model := _peapods_model(L)) is not None:
        times = max(1, math.ceil(n / 10))
        found.append(
            Contender(
                "peapods (with its Metropolis sweep)",
                lambda: model.sample(times, cluster_update_interval=1, cluster_mode="sw", sequential=True),
                times * per_update,
            )
        )
    return tuple(found)
