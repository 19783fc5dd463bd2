"""Boltzmann machines with ±1 units: restricted, stacked and deep; exact where enumeration reaches."""

from . import exact, fields
from .rbm import RBM

__all__ = ["RBM", "exact", "fields"]
