"""Renormalization-group maps: block spins, exact enumeration, recursions, momentum shell, data.

Submodules load on first use.
"""

from .._extras import submodules

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

__getattr__, __dir__ = submodules(__name__, _MODULES, __all__)
