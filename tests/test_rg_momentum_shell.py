"""The one-loop flow, its fixed points and stability, against closed forms and limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import momentum_shell as oracle
from scipy.special import roots_genlaguerre, zeta

from mlrg_lib.rg import momentum_shell as ms
from mlrg_lib.rg.momentum_shell import epsilon, oneloop, resummation

EXACT = 1e-12


def test_amplitude_at_four_dimensions():
    assert ms.amplitude(4) == pytest.approx(9 / (8 * np.pi**2), rel=EXACT)
    assert ms.shell_area(3) == pytest.approx(1 / (2 * np.pi**2), rel=EXACT)
    assert ms.shell_area(2) == pytest.approx(1 / (2 * np.pi), rel=EXACT)


@pytest.mark.parametrize("d", [2, 2.7, 3, 4, 5])
def test_amplitude_is_the_loop_integral_over_a_thin_shell(d):
    thickness = 1e-5
    assert 9 * ms.shell_integral(d, thickness) / thickness == pytest.approx(ms.amplitude(d), rel=1e-4)


def test_box_sum_tends_to_the_shell_integral():
    errors = []
    for outer in (8, 16, 32):
        box = ms.box_shell_integral(1000, 4, outer / 2, outer)  # dimensionless at d = 4
        errors.append(abs(box / ms.shell_integral(4, np.log(2)) - 1))
    assert errors[2] < errors[1] < errors[0] < 0.05


def test_box_sum_counts_the_modes_it_sums():
    eigenvalues, _ = ms.box_modes(9, 4, 1, 2)
    assert np.sum(1 / (eigenvalues + 0.3) ** 2) / 9**4 == pytest.approx(
        ms.box_shell_integral(9, 4, 1, 2, 0.3), rel=EXACT
    )


@given(st.floats(2.1, 3.99), st.floats(-1.5, 20))
@settings(deadline=None, max_examples=50)
def test_fixed_points_are_zeros_of_the_flow(d, n):
    for point in ms.fixed_points(d, n):
        np.testing.assert_allclose(ms.flow(point.r, point.u, d, n), 0.0, atol=1e-10)


@given(st.floats(-0.5, 2), st.floats(-3, 3), st.floats(2, 4.5), st.floats(-1, 10))
@settings(deadline=None, max_examples=50)
def test_stability_matrix_is_the_derivative_of_the_flow(r, u, d, n):
    h = 1e-6
    columns = [
        (np.array(ms.flow(r + h * e, u + h * f, d, n)) - np.array(ms.flow(r - h * e, u - h * f, d, n))) / (2 * h)
        for e, f in ((1, 0), (0, 1))
    ]
    np.testing.assert_allclose(oneloop._stability_matrix(r, u, d, n), np.array(columns).T, rtol=1e-5, atol=1e-6)


def test_leading_order_in_epsilon():
    epsilon = 1e-3
    _, point = ms.fixed_points(4 - epsilon)
    assert point.r / epsilon == pytest.approx(-1 / 6, rel=1e-3)
    assert point.u * ms.shell_area(4 - epsilon) / epsilon == pytest.approx(1 / 9, rel=1e-3)
    assert (point.eigenvalues[0] - 2) / epsilon == pytest.approx(-1 / 3, rel=2e-3)
    assert point.eigenvalues[1] / epsilon == pytest.approx(-1, rel=2e-3)


@pytest.mark.parametrize("epsilon", [0.1, 1.0])
def test_closed_form_of_the_fixed_point(epsilon):
    assert ms.fixed_points(4 - epsilon)[1].r == pytest.approx(-epsilon / (6 + epsilon), abs=1e-12)


def test_expanded_fixed_point_is_the_limit():
    full, expanded = ms.fixed_points(3.999)[1], ms.fixed_points(3.999, expanded=True)[1]
    assert expanded.u == pytest.approx(8 * np.pi**2 * 1e-3 / 9, rel=EXACT)
    assert full.u == pytest.approx(expanded.u, rel=2e-3)
    assert expanded.eigenvalues.tolist() == pytest.approx([2 - 1e-3 / 3, -1e-3])


def test_stability_changes_hands_at_four_dimensions():
    gaussian, wilson_fisher = ms.fixed_points(3.5)
    assert (gaussian.eigenvalues > 0).all()
    assert wilson_fisher.eigenvalues[1] < 0 < wilson_fisher.eigenvalues[0]
    gaussian, wilson_fisher = ms.fixed_points(4.5)
    assert gaussian.eigenvalues[1] < 0 < gaussian.eigenvalues[0]
    assert wilson_fisher.u < 0


def test_trajectory_on_the_critical_line_ends_at_wilson_fisher():
    _, target = ms.fixed_points(3)
    start = np.array([target.r, target.u]) - 1e-3 * target.eigenvectors[:, 1]
    line = ms.trajectory(*start, 3, scale=np.linspace(0, 4, 5))
    distance = np.hypot(line.r - target.r, line.u - target.u)
    assert distance[2] == pytest.approx(distance[0] * np.exp(2 * target.eigenvalues[1]), rel=0.05)


def test_trajectory_runs_backwards_and_reports_escape():
    there = ms.trajectory(0.1, 0.5, 3, scale=[0.0, 0.5])
    back = ms.trajectory(there.r[-1], there.u[-1], 3, scale=[0.0, -0.5])
    assert back.r[-1] == pytest.approx(0.1, abs=1e-7)
    assert not back.escaped
    assert ms.trajectory(0.5, 0.5, 3, scale=[0.0, 10.0]).escaped


def test_trajectory_from_the_edge_leaves_at_once_or_runs_inwards():
    out = ms.trajectory(10.0, 0.5, 3, scale=[0.0, 0.1, 0.2])
    assert (out.scale.tolist(), out.escaped) == ([0.0], True)
    inwards = ms.trajectory(10.0, 0.5, 3, scale=[0.0, -0.1, -0.2])
    assert not inwards.escaped
    assert inwards.r[-1] < inwards.r[1] < 10.0


def test_potential_flow_contains_the_coupling_flow():
    r, u, d = 0.2, 0.7, 3.2
    phi = np.linspace(-0.05, 0.05, 21)
    velocity = ms.potential_flow(r * phi + u * phi**3, r + 3 * u * phi**2, r * phi**2 / 2 + u * phi**4 / 4, phi, d)
    quadratic, quartic = np.polynomial.polynomial.polyfit(phi**2, velocity, 5)[1:3]
    dr, du = ms.flow(r, u, d)
    assert 2 * quadratic == pytest.approx(dr, rel=1e-6)
    assert 4 * quartic == pytest.approx(du, rel=1e-3)


@pytest.mark.parametrize("name", list(oracle.SERIES))
def test_epsilon_series_against_the_published_ones(name):
    series = ms.epsilon_series(name)
    np.testing.assert_allclose(series[:5], oracle.SERIES[name][:5], atol=1e-5)
    np.testing.assert_allclose(series, oracle.SERIES[name], rtol=2e-5, atol=1e-6)


def test_general_formulas_give_the_published_one_component_functions():
    functions = epsilon._minimal_subtraction(1)
    np.testing.assert_allclose(functions["beta"][2:5], [3, -17 / 3, 145 / 8 + 12 * zeta(3)], rtol=EXACT)
    np.testing.assert_allclose(functions["gamma_phi"][2:5], [1 / 12, -1 / 16, 65 / 192], rtol=EXACT)
    fourth = 477 / 32 + 1.5 * zeta(3) + 3 * zeta(4)
    np.testing.assert_allclose(functions["gamma_m2"][1:5], [-1, 5 / 6, -7 / 2, fourth], rtol=EXACT)


@pytest.mark.parametrize("n", [-1, 0, 1.5, 2, 3, 10, 1000])
def test_series_for_any_number_of_components(n):
    small = 1e-2
    inverse_nu = np.polynomial.polynomial.polyval(small, ms.epsilon_series("inverse_nu", n, 3))
    eta = np.polynomial.polynomial.polyval(small, ms.epsilon_series("eta", n, 3))
    assert inverse_nu == pytest.approx(oracle.inverse_nu_to_third_order(n, small, zeta(3)), abs=1e-13)
    assert eta == pytest.approx(oracle.eta_to_third_order(n, small), abs=1e-13)


def test_infinitely_many_components_give_the_spherical_model():
    np.testing.assert_allclose(ms.epsilon_series("inverse_nu", 1e8, 3), [2, -1, 0, 0], atol=1e-6)


def test_gamma_series_obeys_the_scaling_relation():
    gamma, nu, eta = (ms.epsilon_series(name) for name in ("gamma", "nu", "eta"))
    two_minus_eta = -eta
    two_minus_eta[0] += 2
    np.testing.assert_allclose(gamma, np.convolve(nu, two_minus_eta)[:7], atol=1e-12)
    assert gamma[2] == pytest.approx(25 / 324)


def test_pade_approximants():
    inverse_nu = ms.epsilon_series("inverse_nu")
    assert 1 / ms.pade(inverse_nu, 3, 3, 1.0) == pytest.approx(0.63009, abs=1e-4)
    assert 1 / ms.pade(inverse_nu, 1, 1, 1.0) == pytest.approx(0.6731, abs=1e-4)
    assert ms.pade([1, 2, 4, 8], 0, 1, 0.25) == pytest.approx(2.0)
    assert np.isnan(ms.pade([1.0, 0.0, 0.0], 1, 1, 0.5))
    table = resummation.pade_table(inverse_nu, 1.0)
    assert table[3, 3] == ms.pade(inverse_nu, 3, 3, 1.0)
    assert np.isnan(table[4, 4])


def test_conformal_borel_reproduces_a_function_it_can_know():
    x = 0.7  # ∫ e^(−t) (1 + xt)^(−1) dt has Borel singularity −1
    nodes, weights = np.polynomial.laguerre.laggauss(120)
    exact = np.sum(weights / (1 + x * nodes))
    series = [(-1.0) ** k * np.prod(np.arange(1.0, k + 1)) for k in range(20)]
    found = resummation._borel_sum(np.array(series), x, 1.0, 0.0, 0.0, *roots_genlaguerre(80, 0.0))
    assert found == pytest.approx(exact, abs=1e-6)


def test_resummed_exponents_against_accepted_values():
    found = ms.exponents(3, 6, method="borel")
    assert abs(found.nu - oracle.NU_3D) < found.nu_error < 0.003
    assert abs(found.eta - oracle.ETA_3D) < found.eta_error < 0.003
    assert abs(found.omega - oracle.OMEGA_3D) < found.omega_error < 0.03
    plane = ms.exponents(2, 6, method="borel")
    assert abs(plane.nu - oracle.NU_2D) < 3 * plane.nu_error < 0.1
    assert abs(plane.eta - oracle.ETA_2D) < 3 * plane.eta_error < 0.1


def test_partial_sums_diverge_and_resummation_does_not():
    sums = [ms.exponents(3, order).nu for order in range(1, 7)]
    borel = [ms.exponents(3, order, method="borel").nu for order in (4, 5, 6)]
    assert abs(sums[5] - oracle.NU_3D) > 0.3
    assert max(abs(value - oracle.NU_3D) for value in borel) < 0.005


def test_exponents_obey_scaling_relations_and_mean_field():
    found = ms.exponents(3, 5, method="pade")
    assert found.alpha + 2 * found.beta + found.gamma == pytest.approx(2)
    assert found.gamma == pytest.approx(found.beta * (found.delta - 1))
    assert ms.exponents(4.5).beta == 0.5
    assert ms.exponents(3, order=1).nu == pytest.approx(0.6)


def test_shell_monte_carlo_finds_minus_nine_u_squared():
    found = ms.shell_monte_carlo([0.02, 0.1], d=3, n_samples=3840, rng=3)
    assert found.n_modes == 26
    assert (found.change < 0).all()
    assert abs(found.ratio[0] - 9) < 4 * found.ratio_error[0] + 0.1  # one loop up to O(u) of about 0.05
    assert found.ratio_error[0] < 0.3


def test_shell_monte_carlo_would_notice_a_wrong_coefficient():
    found = ms.shell_monte_carlo(0.05, d=3, n_samples=3840, rng=4)
    assert abs(found.ratio[0] - 9 * 2 / 3) > 6 * found.ratio_error[0]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: ms.amplitude(0), "d must be"),
        (lambda: ms.amplitude(3, -2), "n must be"),
        (lambda: ms.flow(-1.0, 0.0, 3), "r must be above -1"),
        (lambda: ms.flow("x", 0.0, 3), "r must be"),
        (lambda: ms.fixed_points(11), "d must be below"),
        (lambda: ms.fixed_points(3, expanded=1), "expanded must be"),
        (lambda: ms.shell_integral(3, -1), "scale must be"),
        (lambda: ms.shell_integral(3, 1.0, -0.9), "r must be"),
        (lambda: ms.trajectory(0, 0, 3, scale=[0, 1, 0.5]), "scale must start"),
        (lambda: ms.trajectory(0, 0, 3, scale=[1, 2]), "scale must start"),
        (lambda: ms.trajectory(20.0, 0.5, 3, scale=[0, 1]), "r must be a finite number <= 10.0, got 20.0"),
        (lambda: ms.trajectory(-0.99, 0.5, 3, scale=[0, 1]), "r must be a finite number > -0.99"),
        (lambda: ms.trajectory(0, -1001, 3, scale=[0, 1]), "u must be"),
        (lambda: ms.potential_flow([0], [0, 0], [0], [0], 3), "one shape"),
        (lambda: ms.potential_flow([0], [-1], [0], [0], 3), "curvature must be"),
        (lambda: ms.epsilon_series("zeta"), "exponent must be one of"),
        (lambda: ms.epsilon_series("nu", 2, 5), "order must be"),
        (lambda: ms.epsilon_series("nu", -3), "n must be"),
        (lambda: ms.pade([1, 2], 2, 2, 1.0), "coefficients must number"),
        (lambda: ms.resum([1, 2, 3, 4], 1.0, singularity=0), "singularity must be"),
        (lambda: ms.resum([1, 2], 1.0, singularity=1.0), "coefficients must reach"),
        (lambda: ms.exponents(1.5), "d must be"),
        (lambda: ms.exponents(3, 2, method="borel"), "order must be at least 3"),
        (lambda: ms.exponents(3, 2, method="magic"), "method must be one of"),
        (lambda: ms.box_modes(8, 2, 0, 4), "outer must be below"),
        (lambda: ms.box_modes(8, 2, 1.1, 1.2), "no wave vector"),
        (lambda: ms.shell_monte_carlo(-1.0), "u must be positive"),
        (lambda: ms.shell_monte_carlo(1.0, rng="seed"), "rng must be"),
    ],
)
def test_bad_arguments_are_named(call, match):
    with pytest.raises(ValueError, match=match):
        call()
