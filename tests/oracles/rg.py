"""Known numbers of real-space renormalization, each with its source."""

import math

from scipy.integrate import quad

# Exact: Onsager, Phys. Rev. 65, 117 (1944).
K_C = 0.5 * math.log(1 + math.sqrt(2))

# One decimation of one sublattice from K_C; closed form, Kadanoff and Houghton, Phys. Rev. B 11, 377 (1975).
DECIMATED = {"nearest": 0.274653, "next_nearest": 0.137327, "quartic": -0.035960}

# Migdal-Kadanoff, b = 2, d = 2, and Niemeijer-van Leeuwen's first order: roots of one-line equations, solved by
# bisection with 30 digits.
MIGDAL_KADANOFF = (0.304689, 0.74724)
NIEMEIJER_VAN_LEEUWEN = (0.335614, 0.88220)

# Lower-bound map at given p: (y_t, y_h) from an independent Newton iteration with numerical derivatives.
LOWER_BOUND = {0.74: (0.8994, 1.8748), 0.76: (1.0111, 1.8775), 0.766: (1.0506, 1.8793), 0.8: (1.2638, 1.8943)}
LOWER_BOUND_OPTIMUM = {"p": 0.760989, "y_t": 1.01754, "y_h": 1.87774, "critical": 0.48365}

# 4 x 4 torus at K_C, 2 x 2 blocks to four block spins: nearest per bond, diagonal, quartic, information in nats,
# from a separate enumeration that loops over states.
BLOCK_COUPLINGS = {
    0.5: (0.2826, 0.0918, -0.1247, 1.0123),
    0.7659: (0.3268, 0.0864, -0.0331, 1.1313),
    1.0: (0.3391, 0.0837, 0.00026, 1.1719),
    3.0: (0.3464, 0.0818, 0.0196, 1.2075),
}


def onsager_log_partition(K: float) -> float:
    """Return ln Z per site of the infinite square lattice, by quadrature of Onsager's integral."""
    k = 2 * math.sinh(2 * K) / math.cosh(2 * K) ** 2
    value, _ = quad(lambda t: math.log((1 + math.sqrt(max(0.0, 1 - (k * math.sin(t)) ** 2))) / 2), 0, math.pi / 2)
    return math.log(2 * math.cosh(2 * K)) + value / math.pi
