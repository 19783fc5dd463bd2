"""Modules that need packages the library itself does without."""

from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType

__all__ = ["import_extra", "submodules"]

_EXTRA = {"plotly", "ipywidgets", "anywidget"}  # what pyproject.toml lists under "widgets"


def import_extra(name: str) -> ModuleType:
    """Import a module; if a package is missing that only the extra brings, say how to get it."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        message = f'{name} needs {error.name}; install it with pip install "mlrg-lib[widgets]"'
        raise ModuleNotFoundError(message, name=error.name) from error


def submodules(package: str, names: Sequence[str], public: Sequence[str]) -> tuple[Callable, Callable]:
    """Return a package's ``__getattr__``, which imports these submodules on first use, and its ``__dir__``."""

    def __getattr__(name: str):
        if name in names:
            return import_extra(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return __getattr__, lambda: sorted(public)
