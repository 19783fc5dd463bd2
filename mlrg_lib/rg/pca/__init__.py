"""Principal components as momentum shells: moment flows of data, and the φ⁴ model whose modes are integrated out.

Two conventions of the model are in use. "half" is H = ½φKφ + ½rφ² + gΣφ⁴, with propagator 1/(λ + r); "essay"
is H = φKφ + gΣφ⁴ of the essay's eq. 16. Modes of largest λ(K) are those of smallest variance: the ones PCA discards.
"""

from ..._moved import moved
from ..phi4 import hartree_mass, measure_coupling, sample_phi4
from .coupling import (
    coupling_fixed_point,
    coupling_flow,
    coupling_velocity,
    critical_mass,
    loop_coefficient,
    mode_recursion,
)
from .estimate import estimate_coupling
from .flow import mode_flow, principal_components
from .nulls import (
    circular_shift,
    copula_surrogate,
    divide_by_gain,
    gaussian_surrogate,
    phase_surrogate,
    time_shuffle,
)
from .powers import power_correlations
from .spectrum import (
    haar_modes,
    marchenko_pastur_density,
    marchenko_pastur_edges,
    power_law_eigenvalues,
    ring_modes,
    spectral_exponent,
)

__all__ = [
    "circular_shift",
    "copula_surrogate",
    "coupling_fixed_point",
    "coupling_flow",
    "coupling_velocity",
    "critical_mass",
    "divide_by_gain",
    "estimate_coupling",
    "gaussian_surrogate",
    "haar_modes",
    "hartree_mass",
    "loop_coefficient",
    "marchenko_pastur_density",
    "marchenko_pastur_edges",
    "measure_coupling",
    "mode_flow",
    "mode_recursion",
    "phase_surrogate",
    "power_correlations",
    "power_law_eigenvalues",
    "principal_components",
    "ring_modes",
    "sample_phi4",
    "spectral_exponent",
    "time_shuffle",
]

__getattr__ = moved("mlrg_lib.rg.pca", {"model": "mlrg_lib.rg.phi4.sampling", "simulation": "mlrg_lib.rg.phi4.shells"})
