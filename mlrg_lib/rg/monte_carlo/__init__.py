"""The Monte Carlo renormalization group: exponents and couplings of a transformation, from configurations."""

from .blocked import Moments, block, merge, moments
from .couplings import couplings
from .matrix import exponents, exponents_from
from .operators import EVEN, ODD, Operator, operator_sums

__all__ = [
    "EVEN",
    "ODD",
    "Moments",
    "Operator",
    "block",
    "couplings",
    "exponents",
    "exponents_from",
    "merge",
    "moments",
    "operator_sums",
]
