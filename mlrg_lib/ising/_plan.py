"""What a run shall do: the arguments of a sampler, checked once, and what "auto" stands for."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._validation import check_bool, check_choice, check_int, check_lattices, check_real
from . import _engines
from .exact import CRITICAL_BETA, correlation_length

__all__: list[str] = []

ALGORITHMS = ("auto", "metropolis", "heat_bath", "wolff", "swendsen_wang")
STARTS = ("auto", "random", "ordered")
_LONGEST_LOCAL_TIME = 250  # sweeps; beyond, five Swendsen-Wang updates cost less


@dataclass(frozen=True, eq=False)
class Plan:
    """Arguments of :func:`mlrg_lib.ising.simulate`, as it takes them; after that, checked and with nothing left "auto".

    ``start`` is "random", "ordered" or lattices (1 or n_chains, L, L); None for ``thin``, ``burn_in`` and ``n_chains``
    leaves them to what is measured, and to the engine.
    """

    L: int
    beta: float
    n_samples: int
    algorithm: str
    thin: int | None
    burn_in: int | None
    n_chains: int | None
    start: str | np.ndarray
    symmetrize: bool
    measure: Callable[[np.ndarray], np.ndarray] | None
    n_threads: int | None
    verbose: bool

    def __post_init__(self):
        checked = {
            "L": check_int("L", self.L, 2, 2**14),
            "beta": check_real("beta", self.beta, 0.0),
            "n_samples": check_int("n_samples", self.n_samples, 1),
            "algorithm": check_choice("algorithm", self.algorithm, ALGORITHMS),
            "thin": _count("thin", self.thin, 1),
            "burn_in": _count("burn_in", self.burn_in, 0),
            "n_chains": _count("n_chains", self.n_chains, 1, self.n_samples),
            "symmetrize": check_bool("symmetrize", self.symmetrize),
            "n_threads": _count("n_threads", self.n_threads, 1) or _engines.default_threads(),
            "verbose": check_bool("verbose", self.verbose),
        }
        L, beta, n_samples = checked["L"], checked["beta"], checked["n_samples"]
        if self.measure is not None and not callable(self.measure):
            raise ValueError(f"measure must be a function of lattices or None, got {self.measure!r}")
        checked["start"], checked["n_chains"] = _checked_start(self.start, L, n_samples, checked["n_chains"])
        if checked["algorithm"] == "auto":
            checked["algorithm"] = choose(L, beta, n_samples)
        if isinstance(checked["start"], str) and checked["start"] == "auto":
            checked["start"] = "ordered" if beta > CRITICAL_BETA else "random"
        for name, value in checked.items():
            object.__setattr__(self, name, value)


def _count(name: str, value: int | None, minimum: int, maximum: int | None = None) -> int | None:
    return None if value is None else check_int(name, value, minimum, maximum)


def _checked_start(start, L: int, n_samples: int, n_chains: int | None) -> tuple[str | np.ndarray, int | None]:
    """Return the start, lattices as (1 or n_chains, L, L), and the number of chains, which several lattices fix."""
    if isinstance(start, str):
        return check_choice("start", start, STARTS), n_chains
    lattices = check_lattices("start", start)
    many = np.ndim(start) == 3
    if lattices.shape[1] != L:
        raise ValueError(f"start must be lattices of side L={L}, got shape {lattices.shape}")
    if many and len(lattices) != (n_chains or min(len(lattices), n_samples)):
        allowed = f"n_chains={n_chains} lattices" if n_chains else f"at most n_samples={n_samples} lattices"
        raise ValueError(f"start must be one (L, L) lattice, or {allowed}, got shape {lattices.shape}")
    return lattices, len(lattices) if many else n_chains


def local_time(L: int, beta: float) -> float:
    """Return about the autocorrelation time of local updates, in sweeps, up to the critical point.

    The form is that of critical slowing down; the factor fits what was measured at L = 40 (17 at beta = 0.408, 69 at
    the critical point) and L = 128 (830 at the critical point).
    """
    return 0.25 * min(correlation_length(beta), L / 3) ** 2.17


def choose(L: int, beta: float, n_samples: int) -> str:
    """Pick an algorithm from the expected cost of an independent sample; see the notes of `mlrg_lib.ising.sample`."""
    if beta > CRITICAL_BETA or local_time(L, beta) * max(1.0, 64 / n_samples) > _LONGEST_LOCAL_TIME:
        return "swendsen_wang"
    return "metropolis" if beta >= _engines.MULTISPIN_METROPOLIS_BETA else "heat_bath"
