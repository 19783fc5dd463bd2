"""Exact results: against enumeration, published values, and each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import ising as oracle

from mlrg_lib.ising import CRITICAL_BETA, exact
from mlrg_lib.ising._jets import Jet

BETAS = [0.0, 1e-8, 0.01, 0.1, 0.3, 0.408, CRITICAL_BETA, 0.5, 0.8, 2.0, 5.0]
TORUS = (exact.torus_log_partition, exact.torus_energy, exact.torus_heat_capacity)
INFINITE = (
    exact.onsager_energy,
    exact.onsager_heat_capacity,
    exact.onsager_log_partition,
    exact.spontaneous_magnetization,
    exact.correlation_length,
)


def test_critical_point():
    assert pytest.approx(0.44068679350977147, abs=1e-16) == CRITICAL_BETA
    assert pytest.approx(2.269185314213022, abs=1e-15) == 1 / CRITICAL_BETA
    assert np.sinh(2 * CRITICAL_BETA) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("L", [2, 3, 4])
@pytest.mark.parametrize("beta", BETAS)
def test_torus_equals_enumeration(L, beta):
    got = [function(L, beta) for function in TORUS]
    np.testing.assert_allclose(got, oracle.torus_thermodynamics(L, beta), rtol=1e-12, atol=1e-12)


def test_four_by_four_density_of_states():
    energies, counts = np.unique(oracle.total_energies(oracle.all_states(4)), return_counts=True)
    expected = {e: n for base, n in oracle.STATES_4X4.items() for e in (base, -base)}
    assert dict(zip(energies.tolist(), counts.tolist(), strict=True)) == expected


@pytest.mark.parametrize("beta", oracle.TORUS_4X4)
def test_four_by_four_published_values(beta):
    got = [function(4, beta) for function in TORUS]
    np.testing.assert_allclose(got, oracle.TORUS_4X4[beta][:3], atol=1e-9)


@pytest.mark.parametrize("L", [8, 16, 32, 40, 64])
def test_torus_published_values(L):
    assert exact.torus_energy(L, CRITICAL_BETA) == pytest.approx(oracle.CRITICAL_ENERGY[L], abs=1e-8)
    assert exact.torus_energy(L, 0.408) == pytest.approx(oracle.ENERGY_408[L], abs=1e-8)
    if L in oracle.CRITICAL_HEAT_CAPACITY:
        expected = oracle.CRITICAL_HEAT_CAPACITY[L]
        assert exact.torus_heat_capacity(L, CRITICAL_BETA) == pytest.approx(expected, abs=2e-5)


@given(st.integers(2, 600), st.floats(0, 1.2))
def test_torus_derivatives_are_the_partition_functions(L, beta):
    h = 1e-4
    points = beta + h * np.arange(1, 6) * 1.0
    log_z, energy, heat = (function(L, points) for function in TORUS)
    slope = (log_z[0] - 8 * log_z[1] + 8 * log_z[3] - log_z[4]) / (12 * h)
    curvature = (energy[0] - 8 * energy[1] + 8 * energy[3] - energy[4]) / (12 * h)
    scale = (L * h) ** 4 / h**0  # the fourth-order remainder grows with the size near the critical point
    assert -slope / L**2 == pytest.approx(energy[2], abs=1e-8 + scale)
    assert -(points[2] ** 2) * curvature == pytest.approx(heat[2], abs=1e-8 + 10 * L**2 * scale)


@given(st.integers(2, 200), st.floats(0, 3))
def test_torus_bounds(L, beta):
    log_z, energy, heat = (function(L, beta) for function in TORUS)
    assert log_z >= L**2 * np.log(2) - 1e-9
    assert log_z >= 2 * beta * L**2 + np.log(2) * (beta > 0) - 1e-9 * L**2
    assert -2 - 1e-12 <= energy <= 1e-12
    assert heat >= -1e-12


@pytest.mark.parametrize("beta", [0.2, 0.35, 0.55, 1.0])
def test_a_large_torus_is_the_infinite_lattice(beta):
    for L in (512, 513):
        assert exact.torus_energy(L, beta) == pytest.approx(exact.onsager_energy(beta), abs=1e-12)
        assert exact.torus_heat_capacity(L, beta) == pytest.approx(exact.onsager_heat_capacity(beta), abs=1e-10)
        correction = np.log(2) / L**2 if beta > CRITICAL_BETA else 0.0
        per_site = exact.torus_log_partition(L, beta) / L**2 - correction
        assert per_site == pytest.approx(exact.onsager_log_partition(beta), abs=1e-11)


def test_torus_converges_at_the_critical_point_as_one_over_L():
    gaps = [-np.sqrt(2) - exact.torus_energy(L, CRITICAL_BETA) for L in (256, 512, 1024)]
    assert gaps[0] / gaps[1] == pytest.approx(2, abs=1e-4)
    assert gaps[1] / gaps[2] == pytest.approx(2, abs=1e-4)


def test_extremes():
    assert exact.torus_log_partition(512, 0.0) == pytest.approx(512**2 * np.log(2), rel=1e-14)
    assert exact.torus_log_partition(7, 1000.0) == pytest.approx(2 * 49 * 1000 + np.log(2), rel=1e-15)
    assert exact.torus_energy(512, 1000.0) == exact.onsager_energy(1000.0) == -2
    assert exact.torus_heat_capacity(512, 1000.0) == pytest.approx(0, abs=1e-9)
    assert exact.onsager_heat_capacity(0.0) == exact.onsager_energy(0.0) == 0
    assert exact.correlation_length(0.0) == 0
    assert exact.correlation_length(CRITICAL_BETA) == exact.onsager_heat_capacity(CRITICAL_BETA) == np.inf
    assert exact.spontaneous_magnetization(1000.0) == 1
    assert exact.spontaneous_magnetization(CRITICAL_BETA) == exact.spontaneous_magnetization(0.1) == 0


def test_infinite_lattice_published_values():
    for beta, energy in oracle.ONSAGER_ENERGY.items():
        assert exact.onsager_energy(beta) == pytest.approx(energy, abs=1e-11)
    assert exact.onsager_energy(CRITICAL_BETA) == pytest.approx(-np.sqrt(2), abs=1e-14)
    expected = np.log(2) / 2 + 2 * oracle.CATALAN / np.pi
    assert exact.onsager_log_partition(CRITICAL_BETA) == pytest.approx(expected, abs=1e-12)
    for temperature, magnetization in oracle.YANG_MAGNETIZATION.items():
        assert exact.spontaneous_magnetization(1 / temperature) == pytest.approx(magnetization, abs=1e-11)
    for beta, length in oracle.AXIS_LENGTH.items():
        assert exact.correlation_length(beta) == pytest.approx(length, rel=1e-4)
    for temperature, length in oracle.AXIS_LENGTH_ORDERED.items():
        assert exact.correlation_length(1 / temperature) == pytest.approx(length, abs=5e-4)


@given(st.floats(0.01, 3).filter(lambda beta: abs(beta - CRITICAL_BETA) > 0.02))
def test_infinite_lattice_derivatives(beta):
    h = 1e-4
    points = beta + h * np.arange(-2, 3)
    log_z, energy = exact.onsager_log_partition(points), exact.onsager_energy(points)
    weights = np.array([1, -8, 0, 8, -1]) / (12 * h)
    assert -(weights @ log_z) == pytest.approx(energy[2], abs=1e-7)
    assert -(beta**2) * (weights @ energy) == pytest.approx(exact.onsager_heat_capacity(beta), abs=1e-7)


def test_high_temperature_series():
    beta = np.array([1e-9, 1e-6, 1e-4])
    tanh = np.tanh(beta)
    np.testing.assert_allclose(exact.onsager_energy(beta), -2 * tanh - 4 * tanh**3, rtol=1e-9)
    np.testing.assert_allclose(exact.onsager_heat_capacity(beta), 2 * beta**2 + 10 * beta**4, rtol=1e-9)
    across = exact.onsager_heat_capacity([0.99999e-3, 1.00001e-3])
    assert across[1] / across[0] == pytest.approx((1.00001 / 0.99999) ** 2, rel=1e-9)


@pytest.mark.parametrize("function", INFINITE + tuple(lambda beta, f=f: f(5, beta) for f in TORUS))
def test_arrays_keep_their_shape_and_scalars_are_floats(function):
    betas = np.array([[0.0, 0.2, 0.3], [0.5, 0.7, 3.0]])
    values = function(betas)
    assert values.shape == betas.shape
    for index in np.ndindex(betas.shape):
        single = function(betas[index])
        assert isinstance(single, float)
        assert values[index] == pytest.approx(single, rel=1e-15, abs=1e-15)
    assert function([0.1, 0.2]).shape == (2,)


@pytest.mark.parametrize("function", INFINITE + tuple(lambda beta, f=f: f(5, beta) for f in TORUS))
@pytest.mark.parametrize("beta", [-0.1, np.nan, np.inf, "hot", [0.1, -0.1], []])
def test_bad_beta_is_named(function, beta):
    with pytest.raises(ValueError, match="beta"):
        function(beta)


@pytest.mark.parametrize("function", TORUS)
@pytest.mark.parametrize("L", [1, 0, -3, 4.0, "4", True, None])
def test_bad_side_is_named(function, L):
    with pytest.raises(ValueError, match="L must be an integer >= 2"):
        function(L, 0.3)


@given(st.floats(0.2, 3))
def test_jets_differentiate(x):
    jet = Jet(np.array([x]), np.ones(1), np.zeros(1))
    result = (3 - jet / 2).exp() * jet.log() + (jet * jet + 1).sqrt() - jet**3 + 2.0 * jet
    e, root = np.exp(3 - x / 2), np.sqrt(x * x + 1)
    value = e * np.log(x) + root - x**3 + 2 * x
    first = e * (1 / x - np.log(x) / 2) + x / root - 3 * x**2 + 2
    second = e * (np.log(x) / 4 - 1 / x - 1 / x**2) + 1 / root**3 - 6 * x
    for got, expected in zip((result.value, result.first, result.second), (value, first, second), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-10)
