"""How a kernel is compiled: without the interpreter's lock, without exceptions, kept on disk until its sources change.

numba keeps a compiled function until the file it stands in changes. What it calls is inlined, though, and may stand in
another file: change that one alone, by hand or by updating a clone, and numba goes on running the old code. Here a
compiled kernel is valid for one text of its own file and of every kernel file that one imports.
"""

import functools
import hashlib
import re
from pathlib import Path

import numba

_IMPORT = re.compile(r"^from (\.+)([\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)


@functools.cache
def sources(file: Path) -> frozenset[Path]:
    """Return the kernel file and all those it imports from, directly or not."""
    found = {file}
    for dots, module, names in _IMPORT.findall(file.read_text(encoding="utf8")):
        place = file.parents[len(dots) - 1].joinpath(*module.split("."))
        modules = (place.with_suffix(".py"), *(place / f"{name}.py" for name in re.findall(r"\w+", names)))
        found.update(*(sources(other) for other in modules if other.is_file()))
    return frozenset(found)


@functools.cache
def stamp(file: Path) -> str:
    """Return a digest that changes when the text of any of the :func:`sources` does."""
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sorted(sources(file)))).hexdigest()


def kernel(function=None, **options):
    """Compile a function for numba's nopython mode; ``options`` go to `numba.njit`. With and without parentheses."""
    if function is None:
        return functools.partial(kernel, **options)
    compiled = numba.njit(cache=True, nogil=True, error_model="numpy", **options)(function)
    if kept := getattr(compiled, "_cache", None):  # none when the compiler is switched off
        kept._cache_file._source_stamp = stamp(Path(function.__code__.co_filename))
    return compiled
