"""Boltzmann machines with ±1 units: restricted, stacked and deep; exact where enumeration reaches."""

from . import annealing, contrastive, exact, fields, tiling
from .binary import from_binary, to_binary
from .convolutional import ConvolutionalRBM
from .deep import DeepBeliefNetwork
from .deep_boltzmann import DeepBoltzmannMachine
from .rbm import RBM

__all__ = [
    "RBM",
    "ConvolutionalRBM",
    "DeepBeliefNetwork",
    "DeepBoltzmannMachine",
    "annealing",
    "contrastive",
    "exact",
    "fields",
    "from_binary",
    "tiling",
    "to_binary",
]
