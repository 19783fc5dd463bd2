"""Whether a function is the one that computed a stored result: what it executes, not how its file reads."""

import hashlib
import inspect
import re
import sys
from types import CodeType

__all__ = ["differ", "digest"]


def digest(function) -> str:
    """Return a digest of what the function executes, with the version of Python whose bytecode it is."""
    function = inspect.unwrap(function)
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return ""
    defaults = repr((getattr(function, "__defaults__", None), getattr(function, "__kwdefaults__", None)))
    text = _text(code) + re.sub(r" at 0x[0-9a-f]+", "", defaults)
    return f"{sys.implementation.cache_tag} {hashlib.sha256(text.encode()).hexdigest()}"


def _text(code: CodeType) -> str:
    """Return a function's bytecode, names and constants as text that is the same in every process."""
    constants = [
        _text(c) if isinstance(c, CodeType) else sorted(map(repr, c)) if isinstance(c, frozenset) else repr(c)
        for c in code.co_consts
    ]
    return repr((code.co_code, code.co_names, constants))


def differ(first: str, second: str) -> bool:
    """Tell whether two digests are of different functions; digests of different Pythons do not tell."""
    return first != second and first.partition(" ")[0] == second.partition(" ")[0]
