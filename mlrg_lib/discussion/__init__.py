"""What the essay's discussion asks, computed: sloppy models, entanglement renormalization, deep against flat networks.

Submodules load on first use.
"""

from importlib import import_module

_MODULES = ("cheap_learning", "confusion", "mera", "quantum_states", "sloppy", "tensor_rg")

__all__ = list(_MODULES)


def __getattr__(name: str):
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
