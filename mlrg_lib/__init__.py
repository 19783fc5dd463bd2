"""Ising lattices, Boltzmann machines and renormalization-group maps, accelerated with numba.

Import it as ``import mlrg_lib as mlrg``. Subpackages load on first use, so the import itself is
quick and never needs plotly or ipywidgets.

Conventions, everywhere: units and spins are ±1 ``int8``; P ∝ exp(−E) with k_B = J = 1; a lattice
is ``(L, L)``, a batch ``(n_samples, L, L)``, a data matrix ``(n_samples, n_visible)``.

A bad argument raises a ``ValueError`` that names it, what came and what is allowed. Sections *Raises* tell only what
else may fail, or what no range of one argument says.
"""

from ._extras import submodules
from ._version import __version__

_SUBPACKAGES = (
    "analysis",
    "checks",
    "datasets",
    "discussion",
    "figures",
    "ising",
    "machines",
    "rg",
    "studies",
    "widgets",
)

__all__ = ["__version__", *_SUBPACKAGES]

__getattr__, __dir__ = submodules(__name__, _SUBPACKAGES, __all__)
