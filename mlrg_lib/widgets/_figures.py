"""The live figures: what each is given to start with."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._validation import check_bool, check_choice, check_int, check_real
from ..ising import exact

__all__ = ["FIGURES", "RATES", "start"]


@dataclass(frozen=True)
class LiveFigure:
    """What Python knows of a live figure.

    Attributes
    ----------
    alt : str
        One sentence for readers who do not see it.
    start : callable
        ``start(**parameters) -> {"params": ..., "values": ...}``, both ready for JSON.
    """

    alt: str
    start: Callable[..., dict]


def start(name: str, parameters: dict) -> dict:
    """Return what the figure ``name`` starts with, its parameters checked."""
    figure = FIGURES[check_choice("name", name, FIGURES)]
    allowed = figure.start.__kwdefaults__
    unknown = sorted(set(parameters) - set(allowed))
    if unknown:
        raise ValueError(f"the live figure {name!r} has no parameter {unknown[0]!r}; it has {', '.join(allowed)}")
    return figure.start(**parameters)


def _seeded(seed: int | None, **params) -> dict:
    return params if seed is None else {**params, "seed": check_int("seed", seed, 0)}


def _ising_start(
    *,
    temperature=2.27,
    size=256,
    algorithm="metropolis",
    level=2,
    rule="majority",
    strength=1.0,
    speed=3,
    seed=None,
    order="equilibrium",
    few=False,
) -> dict:
    values = {
        "temperature": check_real("temperature", temperature, 1.0, 4.0),
        "size": int(check_choice("size", str(size), [str(L) for L in _SIZES])),
        "algorithm": check_choice("algorithm", algorithm, ("metropolis", "heat_bath", "wolff", "swendsen_wang")),
        "level": check_int("level", level, 0, 5),
        "rule": check_choice("rule", rule, ("majority", "decimation", "kadanoff")),
        "strength": check_real("strength", strength, 0.0, 3.0),
        "speed": check_int("speed", speed, 0, 6),
    }
    order = check_choice("order", order, ("equilibrium", "hot", "up"))
    params = _seeded(seed, curves=_ising_curves(), start=order, few=check_bool("few", few))
    return {"params": params, "values": values}


_SIZES = (64, 128, 256, 512, 1024, 2048)
# the positions of the slider, and the critical temperature, which has a button
_TEMPERATURES = np.sort(np.append(np.round(np.arange(1.0, 4.005, 0.01), 2), 1 / exact.CRITICAL_BETA))


def _ising_curves() -> dict:
    """Exact curves at every temperature the controls can set; on the torus only where it differs visibly."""
    beta = 1 / _TEMPERATURES
    near = np.flatnonzero((_TEMPERATURES >= 2.0) & (_TEMPERATURES <= 2.6))
    return {
        "T": _TEMPERATURES.tolist(),
        "m": np.round(exact.spontaneous_magnetization(beta), 5).tolist(),
        "e": np.round(exact.onsager_energy(beta), 5).tolist(),
        "first": int(near[0]),
        "torus": {L: np.round(exact.torus_energy(L, beta[near]), 5).tolist() for L in _SIZES[:4]},
    }


RATES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)  # positions of the learning-rate slider
_RBM_TEMPERATURES = np.round(np.arange(1.5, 5.025, 0.05), 2)


def _rbm_start(*, temperature=2.45, hidden=64, l1=0.002, rate=3, seed=None) -> dict:
    values = {
        "temperature": check_real("temperature", temperature, 1.5, 5.0),
        "hidden": int(check_choice("hidden", str(hidden), ("16", "32", "64", "100"))),
        "l1": check_real("l1", l1, 0.0, 0.01),
        "rate": check_int("rate", rate, 0, len(RATES) - 1),
    }
    energy = exact.torus_energy(16, 1 / _RBM_TEMPERATURES)
    curve = {"T": _RBM_TEMPERATURES.tolist(), "e": np.round(energy, 5).tolist()}
    return {"params": _seeded(seed, curve=curve), "values": values}


def _flow_start(*, d=3.0, n=1.0) -> dict:
    values = {"d": check_real("d", d, 2.0, 5.0), "n": check_real("n", n, 0.0, 12.0)}
    return {"params": {}, "values": values}


def _variational_start(*, strength=1.0, coupling=0.44) -> dict:
    values = {
        "strength": check_real("strength", strength, 0.0, 3.0),
        "coupling": check_real("coupling", coupling, 0.1, 0.8),
    }
    return {"params": {}, "values": values}


def _ellipse_start(*, major=2.0, minor=0.6, angle=30.0, samples=200, seed=None) -> dict:
    values = {
        "major": check_real("major", major, 0.2, 3.0),
        "minor": check_real("minor", minor, 0.0, 3.0),
        "angle": check_real("angle", angle, -90.0, 90.0),
        "samples": int(check_choice("samples", str(samples), ("5", "20", "50", "200", "1000", "5000"))),
    }
    return {"params": _seeded(seed), "values": values}


def _modes_start(*, data="neurons", compare="shuffled", kept=0.25, dropped=0.0, temperature=2.27, seed=None) -> dict:
    from . import _modes

    values = {
        "data": check_choice("data", data, tuple(_modes.SETS)),
        "kind": check_choice("compare", compare, ("shuffled", "gaussian", "none")),
        "kept": check_real("kept", kept, 0.005, 1.0),
        "dropped": check_real("dropped", dropped, 0.0, 0.5),
        "temperature": check_real("temperature", temperature, 1.8, 4.0),
    }
    return {"params": _seeded(seed, recordings=_modes.packed(), credits=_modes.SETS), "values": values}


FIGURES = {
    "ising": LiveFigure(
        "A lattice of Ising spins at a temperature the reader sets, the same lattice coarse-grained, and its "
        "magnetisation and energy against the exact curves.",
        _ising_start,
    ),
    "rbm": LiveFigure(
        "The receptive fields of a restricted Boltzmann machine while it learns from Ising lattices: at first noise, "
        "then smooth waves, then local blocks; beside them lattices, reconstructions and the machine's own samples.",
        _rbm_start,
    ),
    "flow": LiveFigure(
        "The momentum-shell flow in the plane of the mass term r and the coupling u: arrows, the Gaussian and the "
        "Wilson-Fisher fixed points with their directions, the critical line, and points that the reader drops.",
        _flow_start,
    ),
    "variational": LiveFigure(
        "Kadanoff's block-spin operator on an enumerated 4 x 4 lattice: the couplings of the block spins against the "
        "operator's strength p, the free-energy error, which is zero at every p, and what a truncation costs.",
        _variational_start,
    ),
    "ellipse": LiveFigure(
        "A cloud of points of two correlated variables, the ellipse of their true covariance, which the reader drags, "
        "and the ellipse and axes that principal component analysis finds in the sample.",
        _ellipse_start,
    ),
    "modes": LiveFigure(
        "The normalized fourth moment of neurons, photographs or Ising spins against the fraction of principal "
        "components kept, with shuffled or Gaussian data for comparison, and the distribution of what is left.",
        _modes_start,
    ),
}
