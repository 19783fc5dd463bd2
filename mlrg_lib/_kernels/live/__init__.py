"""What the browser calls: kernels behind C pointers, compiled to WebAssembly by ``mlrg_lib.widgets.wasm``.

An entry only turns pointers into arrays and calls a kernel, the library's own where it has one, else one of
:mod:`mlrg_lib._kernels.page`. Nothing allocates, raises or runs in parallel; work arrays are arguments. ``ENTRIES``
maps the name of an export to what numba compiles and its signature.
"""

from . import flow, ising, modes, rbm
from ._entry import ENTRIES

__all__ = ["ENTRIES", "flow", "ising", "modes", "rbm"]
