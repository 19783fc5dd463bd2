"""Reference numbers for principal components and the φ⁴ model, each with its source."""

import numpy as np
from scipy.integrate import quad

GAUSSIAN_MOMENT = 3.0  # <x⁴>/<x²>² of a normal variable
UNIFORM_MOMENT = 9 / 5  # of a uniform one
LAPLACE_MOMENT = 6.0  # of a Laplace one

# <m⁴>/<m²>² of the critical square-lattice Ising model on a torus: Salas and Sokal, J. Stat. Phys. 98, 551 (2000).
ISING_ZERO_MODE_MOMENT = 1.16793


def single_site_moments(stiffness, coupling):
    """<x²> and <x⁴> of exp(−½ stiffness x² − coupling x⁴), by quadrature."""
    weight = lambda x: np.exp(-0.5 * stiffness * x**2 - coupling * x**4)  # noqa: E731
    total = quad(weight, -12, 12)[0]
    return tuple(quad(lambda x, p=p: x**p * weight(x), -12, 12)[0] / total for p in (2, 4))


def independent_units_moment(excess, fraction, n_variables):
    """Moment after random orthogonal modes of independent units of excess kurtosis are kept, fraction f of them.

    ψ_i = Σ_j P_ij φ_j with a random projector: P_ii ≈ f, Σ_j≠i P_ij⁴ ≈ 3 f²(1−f)²/N, divided by (Σ P_ij²)² = f².
    """
    spread = 3 * fraction**2 * (1 - fraction) ** 2 / n_variables
    return 3 + excess * (fraction**4 + spread) / fraction**2
