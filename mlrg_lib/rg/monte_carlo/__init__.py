"""The Monte Carlo renormalization group: exponents and couplings of a transformation, from configurations."""

from ..._moved import moved
from .blocked import Moments, block, merge, moments
from .estimate import estimate_couplings
from .matrix import exponents, exponents_from
from .operators import EVEN, ODD, Operator, operator_sums

__getattr__ = moved("mlrg_lib.rg.monte_carlo", {"couplings": "mlrg_lib.rg.monte_carlo.estimate_couplings"})

__all__ = [
    "EVEN",
    "ODD",
    "Moments",
    "Operator",
    "block",
    "estimate_couplings",
    "exponents",
    "exponents_from",
    "merge",
    "moments",
    "operator_sums",
]
