"""Reference numbers for the momentum-shell flow and the ε-expansion, each with its source."""

# Six-loop ε-series for n = 1: Kompaniets and Panzer, Phys. Rev. D 96, 036016 (2017), eqs. (4.1)–(4.3).
SERIES = {
    "eta": (0, 0, 1 / 54, 0.0186900, -0.0083288, 0.0256565, -0.0812726),
    "inverse_nu": (2, -1 / 3, -0.1172840, 0.1245274, -0.3068502, 0.9512377, -3.572581),
    "omega": (0, 1, -17 / 27, 1.618221, -5.235136, 20.74984, -93.1113),
}

# Ising class in three dimensions, conformal bootstrap: Kos et al., JHEP 08 (2016) 036; ω: JHEP 03 (2017) 086.
NU_3D, ETA_3D, OMEGA_3D = 0.629971, 0.0362978, 0.82966

# Two dimensions, exact: Onsager (1944).
NU_2D, ETA_2D = 1.0, 0.25


def inverse_nu_to_third_order(n, epsilon, zeta3):
    """1/ν of the O(n) class to ε³, closed form: Brézin, Le Guillou and Zinn-Justin, Phys. Lett. A 44, 227 (1973)."""
    a, b = n + 2, n + 8
    third = 3 * n**3 - 452 * n**2 - 2672 * n - 5312 + 96 * b * (5 * n + 22) * zeta3
    return 2 - a / b * epsilon - a * (13 * n + 44) / (2 * b**3) * epsilon**2 + a / (8 * b**5) * third * epsilon**3


def eta_to_third_order(n, epsilon):
    """η of the O(n) class to ε³, same source."""
    a, b = n + 2, n + 8
    return a * epsilon**2 / (2 * b**2) * (1 + epsilon / (4 * b**2) * (-(n**2) + 56 * n + 272))
