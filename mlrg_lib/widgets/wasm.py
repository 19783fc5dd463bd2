"""The library's numba kernels as one WebAssembly module, so that a page without a server computes.

The module is compiled from the very functions the library runs, and from the few that only the page has use for
(``mlrg_lib._kernels.live`` lists both), when it is first wanted, and kept beside numba's own caches under a key of its
sources and of the compilers.
"""

import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from numba.core.caching import FunctionCache

from .._kernels._compile import Kept, say

__all__ = ["kernel_module"]

_ENTRIES = "mlrg_lib._kernels.live"
_PACKAGE = Path(__file__).resolve().parents[1]
_STACK = 1 << 16
_SIZE_LIMIT = 160 * 1024
_LINK = ("--no-entry", "--strip-all", "--gc-sections", "--stack-first", "--export=__heap_base", "--export-memory")


@dataclass(frozen=True)
class KernelModule:
    """A linked module.

    Attributes
    ----------
    code : bytes
        The WebAssembly binary. It exports each kernel under its own name, ``memory`` and ``__heap_base``,
        and imports from ``env`` the functions of ``imports``.
    sizes : dict of str to int
        Bytes of each kernel's object before linking.
    imports : tuple of str
        The mathematical functions the host must supply: ``exp``, ``logf``, …
    """

    code: bytes
    sizes: dict[str, int]
    imports: tuple[str, ...]


def kernel_module() -> KernelModule:
    """Return the module of all exported kernels, from the cache if nothing it depends on has changed.

    Returns
    -------
    KernelModule

    Raises
    ------
    RuntimeError
        If a kernel cannot be exported (the message names it and says why), the linker is missing, or the
        module is larger than 160 kB.

    Notes
    -----
    It is kept in the folder that numba takes: ``NUMBA_CACHE_DIR`` if set, else ``__pycache__`` beside this file, else
    the user's own; where none can be written it is built in each process, which takes half a minute.
    """
    try:
        kept = Kept(Path(FunctionCache(build).cache_path), "wasm", _key())
    except (OSError, RuntimeError):  # no folder that can be written, or no plain source files
        say("Each process compiles the live figures again: no folder for them can be written. Set NUMBA_CACHE_DIR.")
        return _built()
    if stored := kept.read():
        head, code = stored.split(b"\n", 1)
        about = json.loads(head)
        return KernelModule(code, about["sizes"], tuple(about["imports"]))
    module = _built()
    about = {"sizes": module.sizes, "imports": module.imports}
    kept.write(json.dumps(about).encode() + b"\n" + module.code)
    return module


def build(entries: str) -> KernelModule:
    """Compile and link the kernels that the module named ``entries`` lists in its ``ENTRIES``.

    Parameters
    ----------
    entries : str
        Dotted name of a module whose ``ENTRIES`` maps an export's name to (numba dispatcher, signature).

    Returns
    -------
    KernelModule

    Raises
    ------
    RuntimeError
        As :func:`kernel_module`.
    """
    if importlib.util.find_spec("ziglang") is None:
        raise RuntimeError("live figures need the linker of the ziglang package: pip install ziglang")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | {"NUMBA_OPT": "0", "NUMBA_CPU_NAME": "generic", "NUMBA_CACHE_DIR": name}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        _run([sys.executable, "-W", "ignore", "-m", "mlrg_lib.widgets._compile", name, entries], environment)
        imports = json.loads((folder / "imports.json").read_text())
        objects = {kernel: folder / f"{kernel}.o" for kernel in imports}
        linked = folder / "kernels.wasm"
        exports = [f"--export={kernel}" for kernel in objects]
        _run(
            [sys.executable, "-m", "ziglang", "wasm-ld", *_LINK, "-z", f"stack-size={_STACK}", "--allow-undefined"]
            + [*exports, *map(str, objects.values()), "-o", str(linked)],
            os.environ | {"ZIG_GLOBAL_CACHE_DIR": name},
        )
        code = linked.read_bytes()
        sizes = {kernel: path.stat().st_size for kernel, path in objects.items()}
    if len(code) > _SIZE_LIMIT:
        raise RuntimeError(f"the WebAssembly module has {len(code)} bytes, more than {_SIZE_LIMIT}: {sizes}")
    return KernelModule(code, sizes, tuple(sorted(set().union(*imports.values()))))


@functools.cache
def _built() -> KernelModule:
    return build(_ENTRIES)


def _run(command, environment):
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip())


def _key() -> str:
    digest = hashlib.sha256()
    own = [Path(__file__), Path(__file__).with_name("_compile.py")]
    for path in [*sorted((_PACKAGE / "_kernels").rglob("*.py")), *own]:
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    for package in ("numba", "llvmlite", "ziglang"):
        try:
            digest.update(f"{package} {importlib.metadata.version(package)}\0".encode())
        except importlib.metadata.PackageNotFoundError:
            continue
    return digest.hexdigest()[:20]
