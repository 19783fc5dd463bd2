"""The two-dimensional Ising model: exact results, samplers, and what is measured on the samples.

The submodules ``thermometer`` and ``validate`` load on first use.
"""

from importlib import import_module

from . import exact, observables, samplers, statistics
from .exact import CRITICAL_BETA
from .samplers import Simulation, sample, simulate

_MODULES = ("thermometer", "validate")

__all__ = [
    "CRITICAL_BETA",
    "Simulation",
    "exact",
    "observables",
    "sample",
    "samplers",
    "simulate",
    "statistics",
    *_MODULES,
]


def __getattr__(name: str):
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
