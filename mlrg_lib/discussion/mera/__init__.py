"""Entanglement renormalization one can check: wavelets for free fermions, and the entropy they have to carry.

The model is the half-filled hopping chain of 2n sites, sublattices a and b: H = Σ a†_i M_ij b_j + h.c. with
M = ½(1 − shift). Its ground state fills one combination of an a-mode and a b-mode for each mode of M, and the two
modes are half a lattice spacing apart. A pair of wavelet bases whose filters are half a sample apart is a quantum
circuit, scale by scale, that prepares nearly that state: a MERA.
"""

from .entropy import block_entropy, central_charge, ising_chain_entropy
from .filters import hilbert_pair, rotation_angles
from .states import hopping_energy, wavelet_correlations, wavelet_energy

__all__ = [
    "block_entropy",
    "central_charge",
    "hilbert_pair",
    "hopping_energy",
    "ising_chain_entropy",
    "rotation_angles",
    "wavelet_correlations",
    "wavelet_energy",
]
