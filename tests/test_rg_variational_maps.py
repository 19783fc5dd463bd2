"""Decimation, its recovery by search, and the approximate maps: lower bound, Migdal-Kadanoff, Niemeijer-van Leeuwen."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import rg as naive
from oracles import rg as oracle
from scipy.optimize import check_grad, minimize_scalar

from mlrg_lib.rg import decimation, lower_bound, recursions
from mlrg_lib.rg import variational as va

# Decimation


@settings(max_examples=50, deadline=None)
@given(K=st.floats(-8, 8), b=st.integers(1, 5))
def test_chain_coupling_obeys_the_law_of_tanh(K, b):
    assert math.tanh(decimation.chain_coupling(K, b)) == pytest.approx(math.tanh(K) ** b, rel=1e-12, abs=1e-290)


@pytest.mark.parametrize("b", [2, 4])
def test_chain_coupling_is_what_enumeration_gives(b):
    T = va.decimation_transformation(12, list(range(0, 12, b)))
    made = va.couplings(va.renormalized_energy(T, va.ising_energy(12, 0.8)))
    assert made.ferro(0, 1) == pytest.approx(decimation.chain_coupling(0.8, b), abs=1e-12)


def test_chain_coupling_at_its_ends():
    assert decimation.chain_coupling(0.0) == 0.0
    assert decimation.chain_coupling(30.0) == pytest.approx(30 - 0.5 * math.log(2), rel=1e-14)
    assert decimation.chain_coupling(2000.0) == pytest.approx(2000 - 0.5 * math.log(2), rel=1e-14)
    assert decimation.chain_coupling(1e-8) == pytest.approx(1e-16, rel=1e-12)
    assert decimation.chain_coupling(np.array([[0.5], [1.0]])).shape == (2, 1)
    assert decimation.chain_length(0.0) == 0.0


@settings(max_examples=25, deadline=None)
@given(K=st.floats(0.01, 8), b=st.integers(2, 4))
def test_decimation_divides_the_correlation_length(K, b):
    assert decimation.chain_length(decimation.chain_coupling(K, b)) == pytest.approx(
        decimation.chain_length(K) / b, rel=1e-10
    )


@settings(max_examples=20, deadline=None)
@given(K=st.floats(-2, 2))
def test_square_couplings_equal_the_walsh_expansion(K):
    made = va.couplings(-np.log(2 * np.cosh(K * va.configurations(4).sum(axis=1))))
    formula = decimation.square_couplings(K)
    assert formula.nearest / 2 == pytest.approx(made.ferro(0, 1), abs=1e-13)
    assert formula.next_nearest == pytest.approx(made.ferro(0, 2), abs=1e-13)
    assert formula.quartic == pytest.approx(made.ferro(0, 1, 2, 3), abs=1e-13)
    assert formula.constant == pytest.approx(made.ferro(), abs=1e-13)


def test_square_couplings_at_the_critical_point():
    made = decimation.square_couplings(oracle.K_C)
    for name, value in oracle.DECIMATED.items():
        assert getattr(made, name) == pytest.approx(value, abs=6e-7)


# Recovery


def test_gradient_of_the_search_is_exact():
    problem = decimation._Search(8, 0.7)
    for seed in range(3):
        theta = np.random.default_rng(seed).normal(size=7)
        error = check_grad(lambda x: problem.loss(x)[0], lambda x: problem.loss(x)[1], theta)
        assert error < 1e-5 * np.linalg.norm(problem.loss(theta)[1])


@pytest.mark.parametrize(("beta", "seed"), [(0.4, 0), (0.7, 1), (1.2, 2)])
def test_search_finds_decimation_from_random_starts(beta, seed):
    found = decimation.recover(8, beta, n_starts=5, rng=seed)
    assert found.losses.min() < 1e-12
    assert found.coupling == pytest.approx(decimation.chain_coupling(beta), abs=1e-6)
    assert found.trace_error < 1e-5
    assert found.other_couplings < 1e-6
    assert found.noise < 1e-12
    # One spin outweighs the other two together, so the hidden spin is a copy of it.
    weights = np.sort(np.abs(found.weights))
    assert weights[2] > weights[:2].sum() + 5
    p = np.exp(found.operator)
    copies = va.configurations(8)[:, (2 * np.arange(4) + np.abs(found.weights).argmax() - 1) % 8]
    copies = copies * int(np.sign(found.weights[np.abs(found.weights).argmax()]))
    index = ((copies + 1) // 2) @ (1 << np.arange(4))
    assert np.allclose(p[np.arange(256), index], 1, rtol=0, atol=1e-4)


def test_search_is_reproducible_and_reports_every_start():
    a, b = (decimation.recover(8, 0.5, n_starts=2, rng=3) for _ in range(2))
    assert np.array_equal(a.losses, b.losses)
    assert a.losses.shape == (2,)
    assert a.start.shape == (7,)
    assert np.array_equal(a.weights, b.weights)
    assert a.operator.shape == (256, 16)


def test_without_the_demand_of_determinism_the_useless_map_would_win():
    """Indifferent hidden spins meet the first two demands exactly; the third costs them ln 2 a spin."""
    problem = decimation._Search(8, 0.7)
    value, _ = problem.loss(np.array([0, 0, 0, math.log(2), 0, 0, 0]))
    assert value == pytest.approx(math.log(2), abs=1e-12)


# Lower bound


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), p=st.floats(0, 2))
def test_lower_bound_step_equals_its_naive_twin(seed, p):
    V = np.random.default_rng(seed).normal(size=16)
    assert np.allclose(lower_bound.step(V, p), naive.lower_bound_step(V, p), rtol=0, atol=1e-11)


def test_cell_potential_counts_each_bond_of_a_torus_once():
    v = va.configurations(16)
    sites = np.arange(16).reshape(4, 4)
    total = np.zeros(len(v))
    for r in range(4):
        for c in range(4):
            around = [sites[r, c], sites[r, (c + 1) % 4], sites[(r + 1) % 4, (c + 1) % 4], sites[(r + 1) % 4, c]]
            total += lower_bound.cell_potential(0.4, 0.1)[((v[:, around] + 1) // 2) @ (1 << np.arange(4))]
    assert np.allclose(-total, va.ising_energy((4, 4), 0.4, 0.1), rtol=0, atol=1e-12)


@pytest.mark.parametrize("p", list(oracle.LOWER_BOUND))
def test_lower_bound_exponents_at_fixed_parameter(p):
    point = lower_bound.fixed_point(p)
    y_t, y_h = oracle.LOWER_BOUND[p]
    assert point.y_t == pytest.approx(y_t, abs=1.2e-4)
    assert point.y_h == pytest.approx(y_h, abs=1.2e-4)
    moved = lower_bound.step(point.potential, p)
    assert np.ptp(moved - point.potential) < 1e-10


def test_lower_bound_optimum():
    point = lower_bound.optimal_parameter()
    known = oracle.LOWER_BOUND_OPTIMUM
    assert point.p == pytest.approx(known["p"], abs=1e-5)
    assert point.y_t == pytest.approx(known["y_t"], abs=1e-4)
    assert point.y_h == pytest.approx(known["y_h"], abs=1e-4)
    assert lower_bound.critical_coupling(point.p) == pytest.approx(known["critical"], abs=1e-4)
    assert (point.nearest, point.next_nearest, point.quartic) == pytest.approx(
        (0.158721, 0.107707, -0.007530), abs=2e-6
    )
    assert abs(point.stationarity) < 1e-9


def test_stationarity_is_the_slope_of_the_free_energy_at_the_fixed_point():
    """The constant generated by all further steps at p + dp, started from V*(p), by finite difference."""
    point, h = lower_bound.fixed_point(0.8), 1e-9

    def total(p):
        V, out, weight = point.potential, 0.0, 1.0
        for _ in range(20):
            V = lower_bound.step(V, p)
            mean = V.mean()
            weight /= 4
            out, V = out + weight * mean, V - mean
        return out

    slope = (total(0.8 + h) - total(0.8 - h)) / (2 * h)
    assert slope == pytest.approx(point.stationarity / 3, rel=2e-3)


@pytest.mark.parametrize(("K", "gap"), [(0.2, 0.0119), (0.3, 0.0196), (0.4, 0.0217), (0.44068, 0.0182), (0.5, 0.0086)])
def test_moving_potentials_bounds_the_partition_function(K, gap):
    exact = oracle.onsager_log_partition(K)
    best = minimize_scalar(lambda p: lower_bound.log_partition_bound(K, p), bounds=(0.1, 2.0), method="bounded").fun
    assert best - exact == pytest.approx(gap, abs=6e-5)
    for p in (0.0, 0.5, 1.0, 3.0):
        assert lower_bound.log_partition_bound(K, p) >= exact


# Recursions


def test_migdal_kadanoff():
    point = recursions.fixed_point(recursions.migdal_kadanoff, (0.1, 1.0), b=2)
    assert (point.coupling, point.y_t) == pytest.approx(oracle.MIGDAL_KADANOFF, abs=1e-5)
    K = 0.37
    assert recursions.migdal_kadanoff(K) == pytest.approx(0.5 * math.log(math.cosh(4 * K)), abs=1e-14)
    assert recursions.migdal_kadanoff(K, b=3, d=1) == pytest.approx(decimation.chain_coupling(K, 3), abs=1e-14)
    assert math.tanh(recursions.migdal_kadanoff(K, b=3, d=3)) == pytest.approx(math.tanh(9 * K) ** 3, abs=1e-14)
    assert np.allclose(recursions.migdal_kadanoff(np.array([K, 0.0])), [recursions.migdal_kadanoff(K), 0.0])


def test_migdal_kadanoff_raises_the_partition_function():
    """Bond moving on the 4 x 4 torus: bonds of even rows and columns doubled, the others gone."""
    K = 0.3
    terms = {}
    for r in range(4):
        for c in range(4):
            for to, stays in (((r, (c + 1) % 4), r % 2 == 0), (((r + 1) % 4, c), c % 2 == 0)):
                key = tuple(sorted((4 * r + c, 4 * to[0] + to[1])))
                terms[key] = terms.get(key, 0.0) - 2 * K * stays
    moved = va.hamiltonian(terms, 16)
    assert va.log_partition(moved) > va.log_partition(va.ising_energy((4, 4), K))
    made = va.couplings(va.renormalized_energy(va.decimation_transformation(16, [0, 2, 8, 10]), moved))
    assert made.ferro(0, 1) == pytest.approx(2 * recursions.migdal_kadanoff(K), abs=1e-12)
    assert made.norm_without([(0, 1), (0, 2), (1, 3), (2, 3)]) < 1e-12


def test_niemeijer_van_leeuwen():
    point = recursions.fixed_point(recursions.niemeijer_van_leeuwen, (0.1, 1.0), b=math.sqrt(3))
    assert (point.coupling, point.y_t) == pytest.approx(oracle.NIEMEIJER_VAN_LEEUWEN, abs=1e-5)
    # First order: 2K times the square of the mean of a spin in a triangle of majority +1.
    K = 0.4
    states = [s for s in naive.states(3) if sum(s) > 0]
    weights = [math.exp(K * (s[0] * s[1] + s[1] * s[2] + s[2] * s[0])) for s in states]
    mean = sum(w * s[0] for w, s in zip(weights, states, strict=True)) / sum(weights)
    assert recursions.niemeijer_van_leeuwen(K) == pytest.approx(2 * K * mean**2, abs=1e-14)
    assert np.isfinite(recursions.niemeijer_van_leeuwen([-200.0, 200.0])).all()


def test_flow_leaves_the_fixed_point_on_both_sides():
    point = recursions.fixed_point(recursions.migdal_kadanoff, (0.1, 1.0), b=2)
    weak = recursions.trajectory(recursions.migdal_kadanoff, point.coupling - 1e-3, 20)
    strong = recursions.trajectory(recursions.migdal_kadanoff, point.coupling + 1e-3, 20)
    assert weak.shape == (21,)
    assert weak[-1] < 1e-6
    assert strong[-1] > 1
    assert recursions.trajectory(recursions.migdal_kadanoff, 0.3, 0).tolist() == [0.3]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: decimation.chain_coupling(np.nan), "K must be finite"),
        (lambda: decimation.chain_coupling(1.0, 0), "b must be"),
        (lambda: decimation.chain_length("x"), "K must be"),
        (lambda: decimation.square_couplings(np.inf), "K must be"),
        (lambda: decimation.recover(9), "n_visible must be even"),
        (lambda: decimation.recover(6), "n_visible must be"),
        (lambda: decimation.recover(8, 0.0), "beta must not be zero"),
        (lambda: decimation.recover(8, n_starts=0), "n_starts must be"),
        (lambda: decimation.recover(8, rng="x"), "rng must be"),
        (lambda: lower_bound.step(np.zeros(8), 0.7), "potential must have 16 entries"),
        (lambda: lower_bound.step(np.zeros((4, 4)), 0.7), "potential must have 1 dimension"),
        (lambda: lower_bound.step(np.zeros(16), -0.7), "p must be"),
        (lambda: lower_bound.cell_potential(np.nan), "beta must be"),
        (lambda: lower_bound.cell_potential(0.1, np.nan), "field must be"),
        (lambda: lower_bound.log_partition_bound(0.4, 0.7, n_steps=0), "n_steps must be"),
        (lambda: lower_bound.log_partition_bound(0.4, -0.7), "p must be"),
        (lambda: lower_bound.fixed_point(0.5), "p must be a finite number >= 0.7 and <= 1.5"),
        (lambda: lower_bound.critical_coupling(2.0), "p must be"),
        (lambda: recursions.migdal_kadanoff(0.3, b=1), "b must be"),
        (lambda: recursions.migdal_kadanoff(0.3, d=0), "d must be"),
        (lambda: recursions.niemeijer_van_leeuwen(np.nan), "K must be finite"),
        (lambda: recursions.fixed_point(recursions.migdal_kadanoff, (0.1, 0.2), b=2), "bracket must hold"),
        (lambda: recursions.fixed_point(recursions.migdal_kadanoff, (0.1, 1.0), b=1), "b must be"),
        (lambda: recursions.fixed_point(lambda K: K / 2 + 0.5, (0.1, 2.0), b=2), "unstable fixed point: dK'/dK is 0.5"),
        (lambda: recursions.fixed_point(lambda K: 2 - 2 * K, (0.1, 2.0), b=2), "dK'/dK is -2 at the one at 0.666667"),
        (lambda: recursions.trajectory(recursions.migdal_kadanoff, 0.3, -1), "n_steps must be"),
        (lambda: recursions.trajectory(recursions.migdal_kadanoff, np.nan, 1), "K must be"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
