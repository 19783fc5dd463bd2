"""Momentum-shell renormalization of φ⁴: the one-loop flow, its check by simulation, and the ε-expansion resummed."""

from .critical import ACCEPTED_3D, EXACT_2D, exponents
from .epsilon import epsilon_series
from .oneloop import amplitude, fixed_points, flow, potential_flow, shell_area, shell_integral, trajectory
from .resummation import pade, resum
from .shell import box_modes, box_shell_integral, shell_monte_carlo

__all__ = [
    "ACCEPTED_3D",
    "EXACT_2D",
    "amplitude",
    "box_modes",
    "box_shell_integral",
    "epsilon_series",
    "exponents",
    "fixed_points",
    "flow",
    "pade",
    "potential_flow",
    "resum",
    "shell_area",
    "shell_integral",
    "shell_monte_carlo",
    "trajectory",
]
