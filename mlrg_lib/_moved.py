"""Names that have moved: whoever asks for the old one is told the new one."""

from collections.abc import Callable

__all__ = ["moved"]


def moved(module: str, names: dict[str, str]) -> Callable[[str], None]:
    """Return a module's ``__getattr__`` for names that now stand elsewhere, or are called otherwise."""

    def __getattr__(name: str):
        if name in names:
            raise AttributeError(f"{module}.{name} is now {names[name]}")
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return __getattr__
