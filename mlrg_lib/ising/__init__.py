"""The two-dimensional Ising model: exact results, samplers, and what is measured on the samples.

The submodule ``thermometer`` loads on first use.
"""

from importlib import import_module

from .._moved import moved
from . import exact, observables, samplers
from .exact import CRITICAL_BETA
from .samplers import sample, simulate

_MODULES = ("thermometer",)

__all__ = ["CRITICAL_BETA", "exact", "observables", "sample", "samplers", "simulate", *_MODULES]


_gone = moved(
    "mlrg_lib.ising", {"statistics": "mlrg_lib.analysis.series", "validate": "mlrg_lib.studies.sampler_validation"}
)


def __getattr__(name: str):
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    return _gone(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
