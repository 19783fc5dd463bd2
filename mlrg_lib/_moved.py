"""Names that have moved: whoever asks for the old one is told the new one."""

import functools
from collections.abc import Callable

__all__ = ["moved", "renamed"]


def moved(module: str, names: dict[str, str]) -> Callable[[str], None]:
    """Return a module's ``__getattr__`` for names that now stand elsewhere, or are called otherwise."""

    def __getattr__(name: str):
        if name in names:
            raise AttributeError(f"{module}.{name} is now {names[name]}")
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return __getattr__


def renamed(**names: str) -> Callable[[Callable], Callable]:
    """Make a call with an argument's old name fail with what stands in its place, given as ``old="new, ..."``."""

    def decorate(function: Callable) -> Callable:
        @functools.wraps(function)
        def call(*args, **kwargs):
            for old in names.keys() & kwargs.keys():
                raise TypeError(f"{function.__name__}() has no argument {old} any more: {names[old]}")
            return function(*args, **kwargs)

        return call

    return decorate
