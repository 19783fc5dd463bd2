"""The Monte Carlo renormalization group: exponents and couplings of a transformation, from configurations."""

from .blocked import Moments, Transformation, block, merge, moments
from .couplings import Couplings, couplings
from .matrix import Exponents, exponents, exponents_from
from .operators import EVEN, ODD, Operator, operator_sums

__all__ = [
    "EVEN",
    "ODD",
    "Couplings",
    "Exponents",
    "Moments",
    "Operator",
    "Transformation",
    "block",
    "couplings",
    "exponents",
    "exponents_from",
    "merge",
    "moments",
    "operator_sums",
]
