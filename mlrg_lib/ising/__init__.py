"""The two-dimensional Ising model: exact results, samplers, and what is measured on the samples."""

from . import exact, observables, statistics
from .exact import CRITICAL_BETA
from .samplers import Simulation, sample, simulate

__all__ = ["CRITICAL_BETA", "Simulation", "exact", "observables", "sample", "simulate", "statistics"]
