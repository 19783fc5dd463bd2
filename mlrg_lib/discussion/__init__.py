"""What the essay's discussion asks, computed: sloppy models, entanglement renormalization, deep against flat networks.

Submodules load on first use.
"""

from .._extras import submodules

_MODULES = ("cheap_learning", "confusion", "mera", "quantum_states", "sloppy", "tensor_rg")

__all__ = list(_MODULES)

__getattr__, __dir__ = submodules(__name__, _MODULES, __all__)
