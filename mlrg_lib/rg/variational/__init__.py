"""Variational renormalization on systems small enough to enumerate: every trace is taken, nothing is sampled.

A system has at most 24 spins, visible and hidden ones together where both are enumerated.

Order of states, the same everywhere: state ``k`` of ``n`` spins has spin ``i`` up (+1) where bit ``i`` of
``k`` is set, spin 0 in the lowest bit (:func:`configurations` lists them). An energy is an array of shape
``(2**n,)``; a transformation ``T`` is ``(2**n_visible, 2**n_hidden)``; a set of spins is a tuple of ascending
indices, or the bit mask that has these bits set.
"""

from ..._moved import moved
from .bridge import (
    RBMWeights,
    bond_rbm,
    checkerboard_rbm,
    decimation_rbm,
    from_rbm,
    rbm_energy,
    rbm_hidden_energy,
    rbm_visible_energy,
)
from .criteria import (
    boltzmann,
    free_energy_error,
    jensen_gap,
    kl_divergence,
    log_partition,
    mutual_information,
    non_bilinear_norm,
    renormalized_energy,
    trace_condition,
    visible_energy,
)
from .hamiltonians import Couplings, configurations, couplings, hamiltonian, ising_energy
from .transformations import (
    block_sites,
    decimation_transformation,
    independent_transformation,
    kadanoff_transformation,
    majority_transformation,
    normalize,
)

__getattr__ = moved(
    "mlrg_lib.rg.variational",
    {
        f"{rule}_operator": f"mlrg_lib.rg.variational.{rule}_transformation"
        for rule in ("decimation", "independent", "kadanoff", "majority")
    },
)

__all__ = [
    "Couplings",
    "RBMWeights",
    "block_sites",
    "boltzmann",
    "bond_rbm",
    "checkerboard_rbm",
    "configurations",
    "couplings",
    "decimation_transformation",
    "decimation_rbm",
    "free_energy_error",
    "from_rbm",
    "hamiltonian",
    "independent_transformation",
    "ising_energy",
    "jensen_gap",
    "kadanoff_transformation",
    "kl_divergence",
    "log_partition",
    "majority_transformation",
    "mutual_information",
    "non_bilinear_norm",
    "normalize",
    "rbm_energy",
    "rbm_hidden_energy",
    "rbm_visible_energy",
    "renormalized_energy",
    "trace_condition",
    "visible_energy",
]
