"""Results in, plotly figures out. Nothing here computes physics, and no physics module imports this."""

from .._extras import submodules

_MODULES = (
    "blocks",
    "discussion",
    "flows",
    "ising",
    "learning",
    "machines",
    "momentum_shell",
    "monte_carlo",
    "pca",
    "performance",
    "theme",
    "variational",
)

__all__ = list(_MODULES)

__getattr__, __dir__ = submodules(__name__, _MODULES, __all__)
