"""Renormalization-group maps: block spins, exact enumeration, recursions, momentum shell, data.

Submodules load on first use.
"""

from importlib import import_module

_MODULES = (
    "block_spin",
    "decimation",
    "lower_bound",
    "momentum_shell",
    "monte_carlo",
    "mutual_information",
    "pca",
    "phi4",
    "rbm_flow",
    "recursions",
    "variational",
)

__all__ = list(_MODULES)


def __getattr__(name: str):
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
