"""Results in, plotly figures out. Nothing here computes physics, and no physics module imports this."""

from .._extras import import_extra

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


def __getattr__(name: str):
    if name in _MODULES:
        return import_extra(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
