"""The φ⁴ model: its sampler, its couplings by simulation and by one loop, and couplings fitted to data."""

import numpy as np
import pytest
from naive import pca as naive
from oracles import pca as oracle

from mlrg_lib._kernels.phi4 import quartic_energy, quartic_force
from mlrg_lib.rg import momentum_shell as ms
from mlrg_lib.rg import pca, phi4

EXACT = 1e-12


def test_the_old_places_of_the_sampler_name_the_new_ones():
    assert pca.sample_phi4 is phi4.sample_phi4
    with pytest.raises(AttributeError, match=r"rg\.pca\.model is now mlrg_lib\.rg\.phi4\.sampling"):
        pca.model  # noqa: B018


def test_kernels_against_their_naive_twins():
    rng = np.random.default_rng(0)
    field, background = rng.normal(size=(3, 7)), rng.normal(size=3)
    force, energy = np.empty((3, 7)), np.empty(3)
    quartic_force(force, field, background, 0.3, -0.2)
    quartic_energy(energy, field, background, 0.3, -0.2)
    for c in range(3):
        expected = naive.quartic(field[c], background[c], 0.3, -0.2)
        assert energy[c] == pytest.approx(expected[0], rel=EXACT)
        np.testing.assert_allclose(force[c], expected[1], rtol=EXACT)


def test_force_is_minus_the_gradient_of_the_energy():
    rng = np.random.default_rng(1)
    field, background, h = rng.normal(size=(1, 5)), np.array([0.4]), 1e-5
    force, up, down = np.empty((1, 5)), np.empty(1), np.empty(1)
    quartic_force(force, field, background, 0.3, -0.2)
    for i in range(5):
        step = np.zeros((1, 5))
        step[0, i] = h
        quartic_energy(up, field + step, background, 0.3, -0.2)
        quartic_energy(down, field - step, background, 0.3, -0.2)
        assert force[0, i] == pytest.approx(-(up[0] - down[0]) / (2 * h), rel=1e-7)


def test_gaussian_model_has_the_exact_variances():
    values = pca.power_law_eigenvalues(32, 1.25)
    sample = pca.sample_phi4(values, pca.ring_modes(32), 0.0, 0.1, n_samples=12_800, rng=2)
    z = (np.mean(sample.amplitudes**2, axis=0) * (values + 0.1) - 1) / np.sqrt(2 / 12_800)
    assert sample.acceptance == 1.0
    assert np.abs(z).max() < 5


def test_independent_sites_against_quadrature():
    sample = pca.sample_phi4(np.array([1.0, 2.0]), np.eye(2), 0.3, 0.5, n_samples=60_000, n_chains=600, rng=3)
    for i, stiffness in enumerate((1.5, 2.5)):
        second, fourth = oracle.single_site_moments(stiffness, 0.3)
        x = sample.fields[:, i]
        assert abs(np.mean(x**2) - second) < 5 * np.std(x**2) / np.sqrt(len(x))
        assert abs(np.mean(x**4) - fourth) < 5 * np.std(x**4) / np.sqrt(len(x))


def test_double_well_is_sampled_on_both_sides():
    sample = pca.sample_phi4(np.array([-2.0]), np.eye(1), 0.25, n_samples=50_000, n_chains=500, rng=4)
    second, fourth = oracle.single_site_moments(-2.0, 0.25)
    assert np.mean(sample.fields**2) == pytest.approx(second, rel=0.02)
    assert np.mean(sample.fields**4) == pytest.approx(fourth, rel=0.03)
    assert abs(np.mean(sample.fields)) < 0.1


def test_diagnostics_hold_in_equilibrium():
    values, modes = pca.power_law_eigenvalues(64, 1.25), pca.ring_modes(64)
    sample = pca.sample_phi4(values, modes, 0.1, -0.8, n_samples=12_800, rng=5)
    assert sample.acceptance > 0.8
    assert abs(sample.virial - 1) < 5 * sample.virial_error < 0.02
    assert abs(sample.creutz - 1) < 5 * sample.creutz_error
    assert sample.rhat < 1.05
    np.testing.assert_allclose(sample.fields, sample.amplitudes @ modes)


def test_diagnostics_notice_a_chain_out_of_equilibrium():
    values, modes = pca.power_law_eigenvalues(64, 1.25), pca.ring_modes(64)
    coarse = pca.sample_phi4(values, modes, 0.1, -0.8, n_samples=640, burn_in=0, n_steps=1, rng=5)
    assert coarse.acceptance < 0.2
    assert coarse.rhat > 1.1


def test_hartree_mass_solves_its_equation():
    values = pca.power_law_eigenvalues(50, 1.5)
    for mass in (-2.0, 0.0, 1.0):
        m = pca.hartree_mass(values, 0.2, mass)
        assert m == pytest.approx(mass + 12 * 0.2 * np.mean(1 / (values + m)), abs=1e-9)
    assert pca.hartree_mass(values, 0.0, 0.3) == 0.3


def test_same_seed_same_sample():
    values, modes = pca.power_law_eigenvalues(16, 1.0), pca.ring_modes(16)
    one, two = (pca.sample_phi4(values, modes, 0.1, n_samples=128, rng=9) for _ in range(2))
    assert (one.fields == two.fields).all()


def test_velocity_is_the_momentum_shell_flow_in_other_units():
    """α = d/2, λ = k², u = 4g and t = 2l turn one into the other, for the reduced couplings u K_d = 8 g̃."""
    for d in (2.0, 3.0, 3.7):
        r, g = 0.3, 0.011
        u = 8 * g / ms.shell_area(d)
        dr, du = ms.flow(r, u, d)
        dg, dmass = pca.coupling_velocity(g, r, d / 2)
        assert 2 * dmass == pytest.approx(dr, rel=EXACT)
        assert 2 * dg == pytest.approx(du * ms.shell_area(d) / 8, rel=EXACT)


@pytest.mark.parametrize("convention", ["half", "essay"])
def test_loop_coefficient_from_the_determinant(convention):
    """B is minus the φ⁴ coefficient of ½ ln(stiffness + 12gφ²) in units of g²/λ²."""
    g, eigenvalue = 0.01, 1.3
    stiffness = eigenvalue if convention == "half" else 2 * eigenvalue
    phi2 = np.linspace(0, 0.05, 12)
    quartic = np.polynomial.polynomial.polyfit(phi2, 0.5 * np.log(stiffness + 12 * g * phi2), 4)[2]
    assert -quartic * eigenvalue**2 / g**2 == pytest.approx(pca.loop_coefficient(convention), rel=1e-6)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 1.5, 2.5])
@pytest.mark.parametrize("convention", ["half", "essay"])
def test_fixed_point_is_a_zero_and_has_the_right_sign(alpha, convention):
    point = pca.coupling_fixed_point(alpha, convention=convention)
    velocity = pca.coupling_velocity(point.coupling, point.mass, alpha, convention=convention)
    np.testing.assert_allclose(velocity, 0.0, atol=1e-14)
    assert np.sign(point.coupling) == np.sign(2 - alpha)
    leading = pca.coupling_fixed_point(alpha, convention=convention, expanded=True)
    assert leading.coupling == pytest.approx((2 - alpha) / (36 if convention == "half" else 9), abs=1e-10)
    assert (point.eigenvalues[1] < 0) == (alpha < 2)


def test_flow_stays_at_the_fixed_point_and_leaves_it_along_the_mass():
    point = pca.coupling_fixed_point(1.25)
    still = pca.coupling_flow(point.coupling, point.mass, 1.25, np.linspace(0, 2, 5))
    np.testing.assert_allclose(still.coupling, point.coupling, rtol=1e-6)
    off = pca.coupling_flow(point.coupling, point.mass + 1e-6, 1.25, np.linspace(0, 4, 5))
    assert (off.mass[-1] - point.mass) / (off.mass[1] - point.mass) == pytest.approx(
        np.exp(3 * point.eigenvalues[0]), rel=0.02
    )
    assert len(pca.coupling_flow(0.1, -0.9, 1.25, np.linspace(0, 20, 21)).scale) < 21


@pytest.mark.parametrize(("alpha", "coupling"), [(1.25, 0.004), (1.75, 0.02), (2.5, 0.01)])
def test_critical_mass_separates_the_phases(alpha, coupling):
    mass = pca.critical_mass(coupling, alpha)
    below, above = (pca.coupling_flow(coupling, mass + step, alpha, np.linspace(0, 25, 26)) for step in (-1e-4, 1e-4))
    assert below.ordered or below.mass[-1] < -10
    assert above.mass[-1] > 10
    assert not above.ordered


def test_recursion_against_its_naive_twin_and_the_differential_equation():
    values = np.random.default_rng(6).uniform(0.1, 2, 40)
    flow = pca.mode_recursion(values, 0.02, -0.05, n_sites=60)
    expected = naive.one_loop_recursion(values, 0.02, -0.05, 60, 36)
    np.testing.assert_allclose(np.stack([flow.coupling, flow.mass], axis=1), expected, rtol=EXACT)
    alpha, n = 1.25, 20_000
    spectrum = pca.power_law_eigenvalues(n, alpha)
    steps = pca.mode_recursion(spectrum, 0.005, -0.02)
    k = n // 2
    cutoff = np.sort(spectrum)[::-1][k]
    smooth = pca.coupling_flow(0.005 * alpha, -0.02, alpha, [0.0, steps.scale[k]])
    assert steps.coupling[k] * alpha * cutoff ** (alpha - 2) == pytest.approx(smooth.coupling[1], rel=1e-3)
    assert steps.mass[k] / cutoff == pytest.approx(smooth.mass[1], abs=1e-3)


def test_measured_coupling_obeys_one_loop_when_weak():
    alpha, g = 1.25, 0.001
    values, modes = pca.power_law_eigenvalues(64, alpha), pca.ring_modes(64)
    cutoffs = [0.6, 0.3]
    found = pca.measure_coupling(values, modes, g, 0.1, cutoffs, n_samples=9600, rng=7)
    for k, cutoff in enumerate(cutoffs):
        fast = values[values > cutoff]
        loop = np.sum(1 / (fast + 0.1 + 12 * g) ** 2) / 64  # with the mass that the fast modes give each other
        measured = (1 / found.coupling[k] - 1 / g) / loop
        error = found.coupling_error[k] / found.coupling[k] ** 2 / loop
        assert measured > 0  # modes of large K weaken the coupling: B > 0, the sign of eq. 21
        assert measured == pytest.approx(36, abs=5 * error + 1.5)


def test_measured_mass_is_the_bare_one_plus_the_tadpole_when_weak():
    values, modes = pca.power_law_eigenvalues(64, 1.25), pca.ring_modes(64)
    found = pca.measure_coupling(values, modes, 1e-3, 0.1, [0.3], n_samples=4800, rng=8)
    tadpole = pca.hartree_mass(values[values > 0.3], 1e-3, 0.1, n_sites=64)
    assert tadpole > 0.11
    assert found.mass[0] == pytest.approx(tadpole, rel=1e-3)


@pytest.mark.parametrize(("g", "seed"), [(0.0, 1), (0.02, 2), (0.1, 3)])
def test_score_matching_recovers_the_coupling(g, seed):
    values, modes = pca.power_law_eigenvalues(32, 1.25), pca.ring_modes(32)
    sample = pca.sample_phi4(values, modes, g, 0.1, n_samples=19_200, rng=seed)
    fit = pca.estimate_coupling(sample.fields, [1.0, 0.5])
    assert abs(fit.coupling[0] - g) < 4.5 * fit.error[0]
    assert fit.error[0] < 0.004
    if g:
        assert 0 < fit.coupling[1] < fit.coupling[0] - 3 * fit.error[0]


def test_score_matching_has_no_units_when_dimensionless():
    values, modes = pca.power_law_eigenvalues(16, 1.25), pca.ring_modes(16)
    X = pca.sample_phi4(values, modes, 0.1, 0.1, n_samples=3200, rng=4).fields
    one, two = pca.estimate_coupling(X, [0.5]), pca.estimate_coupling(3 * X, [0.5])
    assert two.coupling[0] == pytest.approx(one.coupling[0] / 81, rel=1e-8)
    assert two.dimensionless[0] == pytest.approx(one.dimensionless[0], rel=1e-8)


def test_copies_of_variables_are_refused_or_left_out():
    """Gaussian data with two copied columns: 20 of 22 modes have variance, and on these g is zero within errors."""
    X = np.random.default_rng(0).normal(size=(2000, 20))
    X = np.column_stack([X, X[:, :2]])
    with pytest.raises(ValueError, match="every jackknife part: 22 modes, rank 20"):
        pca.estimate_coupling(X, [1.0, 0.5])
    fit = pca.estimate_coupling(X, [20 / 22, 0.5])
    assert (np.abs(fit.coupling) < 4 * fit.error).all()
    variances = pca.principal_components(X)[0]
    width = 1 / variances[19] - 1 / variances[15]
    assert fit.density[0] == pytest.approx(4 / 22 / width, rel=1e-9)


def test_a_mode_that_lives_in_one_block_is_refused():
    X = np.random.default_rng(0).normal(size=(400, 4))
    X[20:, 3] = 0.0
    with pytest.raises(ValueError, match="every jackknife part: 4 modes, rank 3"):
        pca.estimate_coupling(X, [1.0], center=False)


def test_a_single_mode_has_a_coupling_but_no_density():
    fit = pca.estimate_coupling(np.random.default_rng(0).normal(size=(400, 1)), [1.0])
    assert abs(fit.coupling[0]) < 4 * fit.error[0]
    assert np.isnan([fit.density[0], fit.dimensionless[0]]).all()


def test_coupling_from_fewer_samples_than_variables():
    """The same as with the components completed to a basis."""
    X = np.random.default_rng(0).laplace(size=(60, 140))
    fit = pca.estimate_coupling(X, [0.1])
    X = X - X.mean(axis=0)
    values, modes = pca.principal_components(X)
    assert fit.cutoff[0] == pytest.approx(1 / values[13])
    alone = pca.estimate_coupling(X @ modes[:14].T @ modes[:14], [0.1])
    assert alone.coupling[0] == pytest.approx(fit.coupling[0], rel=1e-6)


def test_heavy_tails_have_a_negative_coupling():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(8000, 10)) * rng.choice([0.6, 1.4], size=(8000, 1))
    fit = pca.estimate_coupling(X, [1.0])
    assert fit.coupling[0] < -5 * fit.error[0]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: pca.sample_phi4([1.0], np.eye(2), 0.1, n_samples=4), "one row per eigenvalue"),
        (lambda: pca.sample_phi4([1.0, 1.0], np.ones((2, 2)), 0.1, n_samples=4), "orthonormal"),
        (lambda: pca.sample_phi4([1.0, 1.0], np.eye(2), -0.1, n_samples=4), "coupling must be"),
        (lambda: pca.sample_phi4([-1.0, 1.0], np.eye(2), 0.0, n_samples=4), "mass must exceed"),
        (lambda: pca.sample_phi4([1.0], np.eye(1), 0.1, n_samples=0), "n_samples must be"),
        (lambda: pca.sample_phi4([1.0], np.eye(1), 0.1, n_samples=4, background=[1.0, 2.0]), "background must be"),
        (lambda: pca.loop_coefficient("third"), "convention must be one of"),
        (lambda: pca.coupling_velocity(0.1, -1.0, 1.0), "mass must be above -1"),
        (lambda: pca.coupling_fixed_point(5.0), "alpha must be"),
        (lambda: pca.coupling_flow(0.1, 0.0, 1.0, [1.0, 0.5]), "scale must be increasing"),
        (lambda: pca.mode_recursion([1.0], 0.1, -2.0), "mass must leave"),
        (lambda: pca.critical_mass(0.9, 1.0), "coupling must be"),
        (lambda: pca.measure_coupling([1.0], np.eye(1), 0.1, 0.0, [2.0]), "at least two eigenvalues"),
        (lambda: pca.measure_coupling([1.0, 2.0], np.eye(2), 0.1, 0.0, [0.5]), "orthogonal to the constant"),
        (lambda: pca.measure_coupling([1.0], np.eye(1), 0.1, 0.0, [2.0], n_chains=25), "multiple of"),
        (lambda: pca.estimate_coupling(np.eye(4), [1.0]), "two samples per mode"),
        (lambda: pca.estimate_coupling(np.random.default_rng(0).normal(size=(99, 2)), [1.0], n_blocks=2), "n_blocks"),
    ],
)
def test_bad_arguments_are_named(call, match):
    with pytest.raises(ValueError, match=match):
        call()
