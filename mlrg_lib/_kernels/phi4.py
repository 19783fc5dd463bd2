"""Forces and energies of the quartic term of the φ⁴ model, one chain a row."""

from ._compile import kernel


@kernel
def quartic_force(force, field, background, coupling, mass):
    """Write minus the gradient of sum_i [g (φ_i + M)⁴ + ½ m φ_i²] into ``force``.

    Modified in place: ``force`` float64 (n_chains, n_sites). ``field`` the same shape, ``background`` M
    float64 (n_chains,), ``coupling`` g and ``mass`` m float64. Cost: 6 operations a site.
    """
    n_chains, n_sites = field.shape
    for c in range(n_chains):
        shift = background[c]
        for i in range(n_sites):
            x = field[c, i] + shift
            force[c, i] = -4.0 * coupling * x * x * x - mass * field[c, i]


@kernel
def quartic_energy(energy, field, background, coupling, mass):
    """Write sum_i [g (φ_i + M)⁴ + ½ m φ_i²] into ``energy`` float64 (n_chains,); arguments as in ``quartic_force``."""
    n_chains, n_sites = field.shape
    for c in range(n_chains):
        shift = background[c]
        quartic = 0.0
        quadratic = 0.0
        for i in range(n_sites):
            x = field[c, i] + shift
            quartic += x * x * x * x
            quadratic += field[c, i] * field[c, i]
        energy[c] = coupling * quartic + 0.5 * mass * quadratic
