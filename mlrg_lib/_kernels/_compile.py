"""How a kernel is compiled: without the interpreter's lock, without exceptions, kept on disk until its sources change.

numba keeps a compiled function until the file it stands in changes. What it calls is inlined, though, and may stand in
another file: change that one alone, by hand or by updating a clone, and numba goes on running the old code. Here a
compiled kernel is valid for one text of its own file and of every kernel file that one imports.

What is kept only saves time. So nothing about it is an error: a folder that cannot be written, a full disk, a damaged
file, sources in an archive. The kernel is compiled as if there were no cache, and the log says so once.
"""

import contextlib
import functools
import glob
import hashlib
import logging
import os
import pickle
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numba
from numba.core.caching import FunctionCache
from numba.core.serialize import dumps

_IMPORT = re.compile(r"^from (\.+)([\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)
_DIGEST = hashlib.sha256().digest_size
# Files that pip did not write it does not remove: an uninstalled library would leave folders that can be imported.
_INSTALLED = {"site-packages", "dist-packages"}


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
    compiled = numba.njit(nogil=True, error_model="numpy", **options)(function)
    if hasattr(compiled, "_cache"):  # not when the compiler is switched off
        try:
            compiled._cache = _Cache(function, stamp(Path(function.__code__.co_filename)))
        except OSError:
            say("Each process compiles its kernels again: they are kept only beside plain source files.")
        except RuntimeError:  # numba finds no folder
            say("Each process compiles its kernels again: no folder for them can be written. Set NUMBA_CACHE_DIR.")
    return compiled


class _Elsewhere(FunctionCache._impl_class):
    """numba's choice of a folder, without the one beside the sources."""

    _locator_classes: ClassVar = [c for c in FunctionCache._impl_class._locator_classes if "InTree" not in c.__name__]


class _Cache(FunctionCache):
    """numba's cache for one function, in files of which one that is damaged counts as missing."""

    def __init__(self, function, stamp: str):
        if _INSTALLED & set(Path(function.__code__.co_filename).parts):
            self._impl_class = _Elsewhere
        super().__init__(function)
        self._stamp = stamp

    def _kept(self, signature, codegen) -> "Kept":
        key = repr((numba.__version__, self._index_key(signature, codegen)))
        return Kept(Path(self._cache_path), self._impl.filename_base, self._stamp, key)

    def _load_overload(self, signature, target_context):
        data = self._kept(signature, target_context.codegen()).read()
        return None if data is None else self._impl.rebuild(target_context, pickle.loads(data))

    def _save_overload(self, signature, data):
        if self._impl.check_cachable(data):
            self._kept(signature, data.codegen).write(dumps(self._impl.reduce(data)))


@dataclass(frozen=True)
class Kept:
    """What was computed at some cost, in a file of a cache: there whole or not at all, and missing when damaged.

    Attributes
    ----------
    folder : Path
        Made if missing.
    name : str
        Of what is kept; one name has files of one stamp only.
    stamp : str
        A digest of all that the contents follow from.
    key : str
        Tells versions apart that may be kept side by side.
    """

    folder: Path
    name: str
    stamp: str
    key: str = ""

    @property
    def path(self) -> Path:
        return self.folder / f"{self.name}.{self.stamp[:16]}-{hashlib.sha256(self.key.encode()).hexdigest()[:16]}"

    def read(self) -> bytes | None:
        """Return the contents, or None if they are not there or not what was written."""
        try:
            stored = self.path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(stored[_DIGEST:]).digest() == stored[:_DIGEST]:
            return stored[_DIGEST:]
        say(f"A file in {self.folder} is damaged: what it held is computed again.")
        return None

    def write(self, contents: bytes) -> None:
        """Store the contents and remove those of other stamps, as far as the system lets us."""
        part = self.path.with_name(f"{self.path.name}.{uuid.uuid4().hex}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(hashlib.sha256(contents).digest() + contents)
            os.replace(part, self.path)
        except OSError as error:
            say(f"{error.strerror}: nothing is kept in {self.folder}. NUMBA_CACHE_DIR names another folder.")
            with contextlib.suppress(OSError):
                part.unlink()
        for other in self.folder.glob(f"{glob.escape(self.name)}.*"):
            if not other.name.startswith(f"{self.name}.{self.stamp[:16]}-"):
                with contextlib.suppress(OSError):
                    other.unlink()


@functools.cache
def say(what: str) -> None:
    """Log the sentence, the first time."""
    logging.getLogger("mlrg_lib").warning(what)
