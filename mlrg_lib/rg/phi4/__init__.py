"""The φ⁴ model with a chosen spectrum: exact samples, and the couplings that are left when fast modes are summed over.

H = ½φKφ + ½rφ² + gΣφ⁴. Below both :mod:`mlrg_lib.rg.pca`, where the spectrum is that of data, and
:mod:`mlrg_lib.rg.momentum_shell`, where it is that of a lattice.
"""

from .sampling import hartree_mass, sample_phi4
from .shells import measure_coupling

__all__ = ["hartree_mass", "measure_coupling", "sample_phi4"]
