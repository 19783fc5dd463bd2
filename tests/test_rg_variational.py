"""Exact renormalization on enumerated systems: naive twins, the theorems of the mapping, couplings."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import rg as naive
from oracles import rg as oracle

from mlrg_lib.rg import variational as va

TIGHT = 1e-12
seeds = st.integers(0, 2**32 - 1)


def random_machine(seed, nv=5, nh=3, size=0.8):
    rng = np.random.default_rng(seed)
    return va.RBMWeights(rng.normal(0, size, (nv, nh)), rng.normal(0, size, nh), rng.normal(0, size, nv))


def random_energy(seed, n=5, size=1.5):
    return np.random.default_rng(seed + 1).normal(0, size, 1 << n)


# The order of states, couplings


def test_configurations_equal_the_naive_list():
    for n in (1, 2, 5):
        assert np.array_equal(va.configurations(n), naive.states(n))
    assert va.configurations(3).dtype == np.int8


@settings(max_examples=15, deadline=None)
@given(seed=seeds, n=st.integers(1, 6))
def test_couplings_equal_the_naive_sums_and_come_back(seed, n):
    energies = np.random.default_rng(seed).normal(size=1 << n)
    made = va.couplings(energies)
    assert list(made) == naive.subsets(n)
    for sites in made:
        assert made[sites] == pytest.approx(naive.coupling(energies, n, sites), abs=TIGHT)
    assert np.allclose(made.energies(), energies, rtol=0, atol=TIGHT)
    assert np.allclose(va.hamiltonian(made, n), energies, rtol=0, atol=TIGHT)


@pytest.mark.parametrize("n", [11, 12, 13, 14])
def test_the_tiled_and_the_paired_stages_of_the_transform_agree_with_the_definition(n):
    values = np.random.default_rng(n).normal(size=1 << n)
    states = np.arange(1 << n)
    made = va.couplings(values)
    for mask in (0, 1, 2, 1 << (n - 1), 3 << (n - 2), (1 << n) - 1, 0b1010101010):
        down = np.bitwise_count(~states & mask & ((1 << n) - 1))
        assert made.values_by_mask[mask] == pytest.approx(np.mean(values * (-1.0) ** down), abs=TIGHT)
    assert np.allclose(made.energies(), values, rtol=0, atol=TIGHT)


def test_couplings_behave_as_a_mapping():
    terms = {(): 0.3, (0,): 0.1, (0, 2): -0.7, (0, 1, 2): 0.05}
    made = va.couplings(va.hamiltonian(terms, 3))
    assert len(made) == 8
    assert made[2, 0] == made[0, 2] == made[{0, 2}] == pytest.approx(-0.7)
    assert made[0] == made[(0,)] == pytest.approx(0.1)
    assert made.ferro(0, 2) == pytest.approx(0.7)
    assert (0, 1) in made
    assert (0, 3) not in made
    assert dict(made.items())[()] == pytest.approx(0.3)
    assert made.of_order(3) == {(0, 1, 2): pytest.approx(0.05)}
    assert list(made.of_order(2)) == [(0, 1), (0, 2), (1, 2)]
    assert list(made.largest(2)) == [(0, 2), (0,)]
    assert np.allclose(made.norm_by_order(), [0.3, 0.1, 0.7, 0.05])
    assert made.norm_without([(0, 2)]) == pytest.approx(math.hypot(0.1, 0.05))
    assert np.allclose(made.truncated([(0, 2)]).energies(), va.hamiltonian({(): 0.3, (0, 2): -0.7}, 3))
    assert "3 spins" in repr(made)
    with pytest.raises(ValueError, match="read-only"):
        made.values_by_mask[0] = 1.0


@pytest.mark.parametrize(("shape", "columns"), [((3, 3), 3), ((2, 4), 4), ([2, 3], 3)])
def test_ising_energy_of_a_torus_equals_the_naive_sum(shape, columns):
    assert np.allclose(va.ising_energy(shape, 0.4), naive.torus_energy(shape[0], columns, 0.4), rtol=0, atol=TIGHT)


def test_ising_energy_of_a_ring_with_a_field_equals_the_naive_sum():
    assert np.allclose(va.ising_energy(5, 0.4, 0.2), naive.ring_energy(5, 0.4, 0.2), rtol=0, atol=TIGHT)


def test_density_of_states_of_the_four_by_four_torus():
    energy, count = np.unique(va.ising_energy((4, 4), 1.0).round(6), return_counts=True)
    assert dict(zip(energy.tolist(), count.tolist(), strict=True)) == {
        sign * e: c
        for e, c in {0: 20524, 4: 13568, 8: 6688, 12: 1728, 16: 424, 20: 64, 24: 32, 32: 2}.items()
        for sign in (-1, 1)
    }


# Criteria


@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_criteria_equal_their_naive_twins(seed):
    T, H = np.random.default_rng(seed).normal(size=(16, 4)), random_energy(seed, 4)
    p = np.exp(-H) / naive.partition(H)
    trace = np.array(naive.trace(T))
    assert va.log_partition(H) == pytest.approx(math.log(naive.partition(H)), abs=TIGHT)
    assert np.allclose(va.boltzmann(H), p, rtol=TIGHT, atol=0)
    assert np.allclose(va.renormalized_energy(T, H), naive.renormalized_energy(T, H), rtol=0, atol=TIGHT)
    assert np.allclose(va.trace_condition(T), trace, rtol=TIGHT, atol=0)
    assert np.allclose(va.trace_condition(T, log=True), np.log(trace), rtol=0, atol=TIGHT)
    assert np.allclose(va.visible_energy(T, H), H - np.log(trace), rtol=0, atol=TIGHT)
    assert va.free_energy_error(T, H) == pytest.approx(-math.log(p @ trace), abs=TIGHT)
    assert va.jensen_gap(T, H) == pytest.approx(math.log(p @ trace) - p @ np.log(trace), abs=TIGHT)
    assert va.kl_divergence(H, H - np.log(trace)) == pytest.approx(naive.kl(H, H - np.log(trace)), abs=TIGHT)
    assert va.mutual_information(T, H) == pytest.approx(naive.mutual_information(T, H), abs=TIGHT)


def test_large_operators_are_handled_in_pieces():
    rng = np.random.default_rng(0)
    T, H = rng.normal(size=(1 << 13, 2)), rng.normal(size=1 << 13)
    assert np.allclose(va.renormalized_energy(T, H), -np.log(np.exp(T - H[:, None]).sum(axis=0)), rtol=0, atol=1e-11)
    assert np.allclose(va.trace_condition(T), np.exp(T).sum(axis=1), rtol=TIGHT, atol=0)


def test_nothing_overflows_far_from_one():
    T, H = np.array([[900.0, 901.0], [-900.0, -905.0]]), np.array([800.0, -800.0])
    assert np.allclose(
        va.trace_condition(T, log=True), [901 + math.log1p(math.exp(-1)), -900 + math.log1p(math.exp(-5))]
    )
    assert np.isfinite(va.renormalized_energy(T, H)).all()
    assert np.isfinite(va.jensen_gap(T, H))
    assert va.kl_divergence(H, -H) == pytest.approx(1600.0)


def test_tiny_divergences_are_numbers_and_not_rounding():
    """Second order: KL = Var(δ)/2 for a small perturbation δ; here 5e-21 and still right to 1e-4."""
    H, delta = random_energy(3, 6), 1e-10 * random_energy(4, 6, 1.0)
    p = va.boltzmann(H)
    second = 0.5 * (p @ delta**2 - (p @ delta) ** 2)
    assert second < 1e-19
    assert va.kl_divergence(np.zeros(64), 1e-10 * va.hamiltonian({0: 1.0}, 6)) == pytest.approx(5e-21, rel=1e-4)


# Theorems of the mapping, for random Hamiltonians and random machines


@settings(max_examples=25, deadline=None)
@given(seed=seeds, size=st.floats(0.0, 3.0))
def test_renormalized_energy_is_the_machines_hidden_energy(seed, size):
    rbm, H = random_machine(seed, size=size), random_energy(seed)
    T = va.from_rbm(rbm, H)
    assert np.allclose(va.renormalized_energy(T, H), va.rbm_hidden_energy(rbm), rtol=0, atol=TIGHT)
    assert np.allclose(va.visible_energy(T, H), va.rbm_visible_energy(rbm), rtol=0, atol=TIGHT)


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_operator_is_the_conditional_probability_times_the_ratio_of_marginals(seed):
    rbm, H = random_machine(seed), random_energy(seed)
    v, h = va.configurations(5), va.configurations(3)
    field = rbm.hidden_bias_ + v @ rbm.weights_
    conditional = np.prod(1 / (1 + np.exp(2 * h[None] * field[:, None])), axis=2)
    ratio = np.exp(H - va.rbm_visible_energy(rbm))
    assert np.allclose(np.exp(va.from_rbm(rbm, H)), conditional * ratio[:, None], rtol=1e-10, atol=0)


@settings(max_examples=25, deadline=None)
@given(seed=seeds, shift=st.floats(-3, 3))
def test_mean_of_the_trace_and_the_jensen_identity(seed, shift):
    rbm, H = random_machine(seed), random_energy(seed)
    T = va.from_rbm(rbm, H) + shift
    log_ratio = va.log_partition(va.rbm_visible_energy(rbm)) - va.log_partition(H) + shift
    assert math.log(va.boltzmann(H) @ va.trace_condition(T)) == pytest.approx(log_ratio, abs=TIGHT)
    assert va.free_energy_error(T, H) == pytest.approx(-log_ratio, abs=TIGHT)
    kl = va.kl_divergence(H, va.rbm_visible_energy(rbm))
    assert va.jensen_gap(T, H) == pytest.approx(kl, abs=TIGHT)
    assert va.jensen_gap(T + va.free_energy_error(T, H), H) == pytest.approx(kl, abs=TIGHT)
    assert va.free_energy_error(T + va.free_energy_error(T, H), H) == pytest.approx(0.0, abs=TIGHT)


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_equal_partition_functions_do_not_make_a_map_exact(seed):
    """Lin and Tegmark: E = H(v) + H'(h) + K(v) + const with Z kept has the wrong visible marginal."""
    H, hidden, K = random_energy(seed), random_energy(seed + 2, 3), random_energy(seed + 4)
    T = va.independent_transformation(5, hidden) - K[:, None]
    T += va.free_energy_error(T, H)
    assert va.free_energy_error(T, H) == pytest.approx(0.0, abs=TIGHT)
    assert va.log_partition(va.renormalized_energy(T, H)) == pytest.approx(va.log_partition(H), abs=TIGHT)
    assert np.abs(va.trace_condition(T) - 1).max() > 0.1
    assert va.kl_divergence(H, va.visible_energy(T, H)) > 1e-3


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_hidden_spins_that_ignore_the_visible_ones_are_exact_and_no_machine(seed):
    H, hidden = random_energy(seed), random_energy(seed + 2, 3)
    T = va.independent_transformation(5, hidden)
    made = va.renormalized_energy(T, H)
    assert np.allclose(va.trace_condition(T), 1, rtol=0, atol=TIGHT)
    assert np.allclose(made - hidden, made[0] - hidden[0], rtol=0, atol=TIGHT)
    assert va.mutual_information(T, H) == pytest.approx(0.0, abs=TIGHT)
    assert va.non_bilinear_norm(T, H) > 0.1


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_any_operator_can_be_normalised_and_then_keeps_every_partition_function(seed):
    T = va.normalize(np.random.default_rng(seed).normal(0, 3, (32, 8)))
    assert np.allclose(va.trace_condition(T), 1, rtol=0, atol=TIGHT)
    for H in (random_energy(seed), random_energy(seed + 7)):
        assert va.free_energy_error(T, H) == pytest.approx(0.0, abs=TIGHT)
        assert va.kl_divergence(H, va.visible_energy(T, H)) < 1e-20


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_only_machines_have_bilinear_energies(seed):
    rbm, H = random_machine(seed), random_energy(seed)
    T = va.from_rbm(rbm, H)
    assert va.non_bilinear_norm(T + 0.7, H) < TIGHT
    v, h = va.configurations(5), va.configurations(3)
    visible_bond, hidden_bond = 0.25 * v[:, [0]] * v[:, [3]], -0.5 * h[:, 1] * h[:, 2]
    assert va.non_bilinear_norm(T + visible_bond + hidden_bond, H) == pytest.approx(math.hypot(0.25, 0.5), abs=TIGHT)
    other = np.random.default_rng(seed).normal(size=T.shape)
    made = va.couplings((H[:, None] - other).T.ravel())
    outside = [k for k in made if sum(i < 5 for i in k) > 1 or sum(i >= 5 for i in k) > 1]
    assert va.non_bilinear_norm(other, H) == pytest.approx(math.hypot(*(made[k] for k in outside)), abs=TIGHT)


# Machines


@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_energies_of_a_machine_equal_their_naive_twins(seed):
    rbm = random_machine(seed, 4, 3)
    joint = np.array(naive.rbm_energy(rbm.weights_, rbm.hidden_bias_, rbm.visible_bias_))
    assert np.allclose(va.rbm_energy(rbm), joint, rtol=0, atol=TIGHT)
    assert np.allclose(va.rbm_visible_energy(rbm), -np.log(np.exp(-joint).sum(axis=1)), rtol=0, atol=TIGHT)
    assert np.allclose(va.rbm_hidden_energy(rbm), -np.log(np.exp(-joint).sum(axis=0)), rtol=0, atol=TIGHT)


@settings(max_examples=10, deadline=None)
@given(seed=seeds, unit=st.integers(0, 2))
def test_flipping_a_hidden_unit_is_a_gauge(seed, unit):
    rbm = random_machine(seed)
    signs = np.where(np.arange(3) == unit, -1.0, 1.0)
    flipped = va.RBMWeights(rbm.weights_ * signs, rbm.hidden_bias_ * signs, rbm.visible_bias_)
    assert np.allclose(va.rbm_visible_energy(flipped), va.rbm_visible_energy(rbm), rtol=0, atol=TIGHT)
    swapped = va.configurations(3) * signs.astype(int)
    order = ((swapped + 1) // 2) @ (1 << np.arange(3))
    assert np.allclose(va.rbm_hidden_energy(flipped), va.rbm_hidden_energy(rbm)[order], rtol=0, atol=TIGHT)


def test_a_fitted_estimator_crosses_the_bridge():
    """The library's own machine: same energies, same order of states, eq. (9) equal to its eq. (4)."""
    from mlrg_lib import machines

    H = va.ising_energy(6, 0.5)
    X = va.configurations(6)[np.random.default_rng(0).choice(64, p=va.boltzmann(H), size=200)]
    rbm = machines.RBM(3, n_epochs=2, rng=0).fit(X)
    hidden = va.renormalized_energy(va.from_rbm(rbm, H), H)
    assert np.allclose(hidden, rbm.hidden_energy(va.configurations(3)), rtol=0, atol=TIGHT)
    assert np.allclose(machines.exact.visible_distribution(rbm), va.boltzmann(va.rbm_visible_energy(rbm)), atol=TIGHT)


def test_a_traced_unit_with_two_legs_makes_a_bond():
    for w in (0.1, 0.7, 3.0):
        made = va.couplings(va.rbm_hidden_energy(va.RBMWeights([[w, w]], [0, 0], [0])))
        assert made.ferro(0, 1) == pytest.approx(0.5 * math.log(math.cosh(2 * w)), abs=1e-13)
        assert math.tanh(made.ferro(0, 1)) == pytest.approx(math.tanh(w) ** 2, abs=1e-13)
    made = va.couplings(va.rbm_hidden_energy(va.RBMWeights([[0.4, -0.9]], [0, 0], [0])))
    assert made.ferro(0, 1) == pytest.approx(0.5 * math.log(math.cosh(-0.5) / math.cosh(1.3)), abs=1e-13)


def test_a_traced_unit_with_four_legs_makes_six_bonds_and_a_quartic_coupling():
    K = 0.44
    made = va.couplings(va.rbm_hidden_energy(va.RBMWeights([[K] * 4], [0] * 4, [0])))
    four, two = math.log(math.cosh(4 * K)), math.log(math.cosh(2 * K))
    assert made.ferro() == pytest.approx(math.log(2) + four / 8 + two / 2, abs=1e-13)
    assert np.allclose([made.ferro(*pair) for pair in made.of_order(2)], four / 8, rtol=0, atol=1e-13)
    assert made.ferro(0, 1, 2, 3) == pytest.approx(four / 8 - two / 2, abs=1e-13)
    assert np.allclose(made.norm_by_order()[[1, 3]], 0, atol=1e-13)


def test_weak_weights_make_pair_couplings_by_the_leading_formula():
    rbm = random_machine(5, 6, 4, size=0.02)
    rbm = va.RBMWeights(rbm.weights_, rbm.hidden_bias_, np.linspace(-1, 1, 6))
    made = va.couplings(va.rbm_hidden_energy(rbm))
    W, slope = rbm.weights_, np.tanh(rbm.visible_bias_)
    pairs = W.T @ ((1 - slope**2)[:, None] * W)
    for j, k in made.of_order(2):
        assert made.ferro(j, k) == pytest.approx(pairs[j, k], abs=3e-6)
    for j in range(4):
        assert made[j] == pytest.approx(rbm.hidden_bias_[j] - W[:, j] @ slope, abs=1e-4)


@pytest.mark.parametrize("K", [0.2, 0.7, 1.5])
@pytest.mark.parametrize("B", [0.0, 1.0, 8.0])
def test_decimation_machine_has_the_decimated_chain_in_its_hidden_layer_for_every_copy_strength(K, B):
    rbm = va.decimation_rbm(8, K, B)
    made = va.couplings(va.rbm_hidden_energy(rbm))
    ring = [(0, 1), (1, 2), (2, 3), (0, 3)]
    for pair in ring:
        assert made.ferro(*pair) == pytest.approx(0.5 * math.log(math.cosh(2 * K)), abs=TIGHT)
    assert made.norm_without(ring) < TIGHT
    constant = 4 * 0.5 * math.log(4 * math.cosh(2 * K)) + 4 * math.log(2 * math.cosh(B))
    assert made.ferro() == pytest.approx(constant, abs=TIGHT)


def test_decimation_machine_learns_the_chain_as_its_copies_sharpen():
    H = va.ising_energy(8, 0.7)
    kl = {B: va.kl_divergence(H, va.rbm_visible_energy(va.decimation_rbm(8, 0.7, B))) for B in (1, 2, 3, 5, 6, 7, 8)}
    for B, known in {1: 1.46e-1, 2: 5.6e-3, 3: 1.2e-4, 5: 4.2e-8, 8: 2.6e-13}.items():
        assert kl[B] == pytest.approx(known, rel=0.02)
    assert math.log(kl[7] / kl[6]) == pytest.approx(-4, abs=0.05)
    errors = [
        va.free_energy_error(va.from_rbm(va.decimation_rbm(8, 0.7, B), H) - 4 * math.log(2 * math.cosh(B)), H)
        for B in (0, 1, 8)
    ]
    assert np.allclose(errors, 0, rtol=0, atol=TIGHT)


def test_checkerboard_machine_is_the_square_lattice_and_keeps_a_plus_shaped_field():
    H = va.ising_energy((4, 4), oracle.K_C)
    for B, known in {2: 2.4e-2, 4: 1.1e-5, 8: 1.27e-12}.items():
        rbm = va.checkerboard_rbm(4, oracle.K_C, B)
        assert va.kl_divergence(H, va.rbm_visible_energy(rbm)) == pytest.approx(known, rel=0.05)
    assert np.array_equal(np.count_nonzero(rbm.weights_, axis=0), np.full(8, 5))
    assert np.array_equal(np.flatnonzero(rbm.weights_[:, 0]), [0, 1, 3, 4, 12])


def test_checkerboard_machines_hidden_energy_is_the_decimated_lattice():
    """On L = 6 no two neighbours coincide by wrapping: 18 hidden spins, 36 + 36 pairs and 18 quartets."""
    made = va.couplings(va.rbm_hidden_energy(va.checkerboard_rbm(6, oracle.K_C, 3.0)))
    values = -made.values_by_mask
    order = np.bitwise_count(np.arange(len(values)))
    pairs, quartets = values[order == 2], values[order == 4]
    for value, count in ((0.274653, 36), (0.137327, 36)):
        assert np.sum(np.abs(pairs - value) < 1e-6) == count
    assert np.sum(np.abs(quartets + 0.035960) < 1e-6) == 18
    assert np.sum(np.abs(values[1:]) > 1e-10) == 36 + 36 + 18


@pytest.mark.parametrize("K", [0.0, 0.3, oracle.K_C, 0.8])
def test_bond_machine_is_the_square_lattice_at_every_temperature(K):
    rbm = va.bond_rbm(4, K)
    assert va.kl_divergence(va.ising_energy((4, 4), K), va.rbm_visible_energy(rbm)) < 1e-13
    if K == oracle.K_C:
        assert -rbm.weights_.min() == pytest.approx(0.764285, abs=1e-6)
    assert rbm.weights_.shape == (16, 32)


def test_bipartite_chain_read_as_a_machine_coarse_grains_nothing():
    K, n = 0.9, 4
    W = np.zeros((n, n))
    for a in range(n):
        W[a, a] = W[(a + 1) % n, a] = -K
    rbm = va.RBMWeights(W, np.zeros(n), np.zeros(n))
    ring = va.ising_energy(n, 0.5 * math.log(math.cosh(2 * K)))
    for energies in (va.rbm_visible_energy(rbm), va.rbm_hidden_energy(rbm)):
        assert np.ptp(energies - ring) < TIGHT


# Operators


@settings(max_examples=15, deadline=None)
@given(p=st.floats(0.0, 4.0))
def test_kadanoff_operator_equals_its_twin_and_meets_the_trace_condition(p):
    blocks = [[0, 1], [2, 3, 4], [1, 4]]
    T = va.kadanoff_transformation(5, blocks, p)
    assert np.allclose(T, naive.kadanoff_transformation(5, blocks, p), rtol=0, atol=TIGHT)
    assert np.allclose(va.trace_condition(T), 1, rtol=0, atol=TIGHT)
    H = va.ising_energy(5, 0.6)
    assert va.log_partition(va.renormalized_energy(T, H)) == pytest.approx(va.log_partition(H), abs=TIGHT)


def test_a_strong_kadanoff_transformation_is_the_majority_rule():
    blocks = va.block_sites(4, 2)[:, :3]
    strong, rule = va.kadanoff_transformation(16, blocks, 30.0), va.majority_transformation(16, blocks)
    assert np.allclose(np.exp(strong), np.exp(rule), rtol=0, atol=1e-15)
    even = va.majority_transformation(2, [[0, 1]])
    assert np.allclose(np.exp(even), [[1, 0], [0.5, 0.5], [0.5, 0.5], [0, 1]])


def test_decimation_operator_copies_and_the_ring_halves_exactly():
    T = va.decimation_transformation(8, [0, 2, 4, 6])
    v, h = va.configurations(8), va.configurations(4)
    assert np.array_equal(np.exp(T) == 1, (v[:, None, ::2] == h[None]).all(axis=2))
    made = va.couplings(va.renormalized_energy(T, va.ising_energy(8, 0.7)))
    assert made.ferro(0, 1) == pytest.approx(0.5 * math.log(math.cosh(1.4)), abs=TIGHT)
    assert va.mutual_information(T, va.ising_energy(8, 0.7)) == pytest.approx(
        -sum(p * math.log(p) for p in va.boltzmann(made.energies())), abs=TIGHT
    )


def test_blocks_are_the_blocks_of_the_lattice_rules():
    from mlrg_lib.rg import block_spin

    v = va.configurations(16)[::37]
    lattices = v.reshape(-1, 4, 4)
    for b in (1, 2, 4):
        sums = v[:, va.block_sites(4, b)].sum(axis=2)
        assert np.array_equal(sums.reshape(-1, 4 // b, 4 // b), [naive.block_totals(one, b) for one in lattices])
    decided = sums != 0
    assert np.array_equal(block_spin.majority(lattices, 4, 0).reshape(-1, 1)[decided], np.sign(sums)[decided])


@pytest.mark.parametrize("p", list(oracle.BLOCK_COUPLINGS))
def test_block_spins_of_the_four_by_four_torus(p):
    H, T = va.ising_energy((4, 4), oracle.K_C), va.kadanoff_transformation(16, va.block_sites(4, 2), p)
    made = va.couplings(va.renormalized_energy(T, H))
    nearest, diagonal, quartic, information = oracle.BLOCK_COUPLINGS[p]
    assert np.allclose([made.ferro(*s) / 2 for s in ((0, 1), (0, 2), (1, 3), (2, 3))], nearest, rtol=0, atol=6e-5)
    assert np.allclose([made.ferro(0, 3) / 4, made.ferro(1, 2) / 4], diagonal, rtol=0, atol=6e-5)
    assert made.ferro(0, 1, 2, 3) == pytest.approx(quartic, abs=6e-5)
    assert va.mutual_information(T, H) == pytest.approx(information, abs=6e-5)
    assert va.free_energy_error(T, H) == pytest.approx(0, abs=TIGHT)


# Errors

GOOD_T, GOOD_H = np.zeros((4, 2)), np.zeros(4)


@pytest.mark.parametrize("function", [va.renormalized_energy, va.visible_energy, va.free_energy_error, va.jensen_gap])
@pytest.mark.parametrize(
    ("T", "H", "message"),
    [
        (np.zeros((4, 3)), GOOD_H, "T must have one entry per state"),
        (np.zeros((1, 2)), GOOD_H, "T must have one entry per state"),
        (np.zeros(4), GOOD_H, "T must have shape"),
        (np.full((4, 2), np.nan), GOOD_H, "T must be finite or -inf"),
        (np.full((4, 2), np.inf), GOOD_H, "T must be finite or -inf"),
        (np.full((4, 2), -np.inf), GOOD_H, "T must leave every visible state"),
        ([["a"]], GOOD_H, "T must be an array of real numbers"),
        ([[0.0], [0.0, 0.0]], GOOD_H, "T must be a rectangular array"),
        (GOOD_T, np.zeros(8), "T must have one row per state of H"),
        (GOOD_T, np.zeros(3), "H must have one entry per state"),
        (GOOD_T, np.full(4, np.inf), "H must be finite"),
    ],
)
def test_operators_and_hamiltonians_that_do_not_fit_are_refused(function, T, H, message):
    with pytest.raises(ValueError, match=message):
        function(T, H)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: va.configurations(25), "n must be an integer >= 1 and <= 24"),
        (lambda: va.configurations(0), "n must be"),
        (lambda: va.couplings(np.zeros(6)), "energies must have one entry per state"),
        (lambda: va.couplings([[0.0, 1.0]]), "energies must have 1 dimension"),
        (lambda: va.couplings([np.nan, 0.0]), "energies must be finite"),
        (lambda: va.Couplings(np.zeros(3)), "values_by_mask must have one entry"),
        (lambda: va.hamiltonian({(0, 0): 1.0}, 2), "each spin once"),
        (lambda: va.hamiltonian({(0, 2): 1.0}, 2), "a spin index must be"),
        (lambda: va.hamiltonian({"01": 1.0}, 2), "a set of spins must be"),
        (lambda: va.hamiltonian({(0,): np.nan}, 2), "terms"),
        (lambda: va.hamiltonian([1.0], 2), "terms must map"),
        (lambda: va.couplings(GOOD_H).of_order(3), "k must be"),
        (lambda: va.couplings(GOOD_H).largest(0), "count must be"),
        (lambda: va.ising_energy((2, 2, 2), 1.0), "shape must be one or two sides"),
        (lambda: va.ising_energy((5, 5), 1.0), "shape must have at most 24"),
        (lambda: va.ising_energy((1, 5), 1.0), "shape must be an integer >= 2"),
        (lambda: va.ising_energy(4, np.inf), "beta must be"),
        (lambda: va.ising_energy(4, 1.0, "h"), "field must be"),
        (lambda: va.kl_divergence(np.zeros(2), np.zeros(4)), "model must have as many states"),
        (lambda: va.trace_condition(GOOD_T, log=1), "log must be True or False"),
        (lambda: va.renormalized_energy([[0.0, -np.inf], [0.0, -np.inf]], [0.0, 0.0]), "a column of -inf"),
        (lambda: va.non_bilinear_norm([[0.0, -np.inf], [0.0, 0.0]], [0.0, 0.0]), "T must be finite everywhere"),
        (lambda: va.non_bilinear_norm(np.zeros((1 << 23, 4)), np.zeros(1 << 23)), "1 <= n <= 24"),
        (lambda: va.from_rbm(va.RBMWeights([[0.0]], [0.0], [0.0]), GOOD_H), "H must have one entry per visible"),
        (lambda: va.from_rbm(object(), GOOD_H), "rbm must have weights_, hidden_bias_ and visible_bias_"),
        (lambda: va.RBMWeights([[0.0]], [0.0, 1.0], [0.0]), "rbm must have biases that fit weights of shape"),
        (lambda: va.rbm_energy(va.bond_rbm(4, 0.1)), "at most 24 units in all"),
        (lambda: va.rbm_visible_energy(va.bond_rbm(5, 0.1)), "1 <= n <= 24"),
        (lambda: va.decimation_rbm(7, 0.5, 1.0), "n_visible must be even"),
        (lambda: va.decimation_rbm(2, 0.5, 1.0), "n_visible must be"),
        (lambda: va.decimation_rbm(8, 0.5, -1.0), "copy_strength must be"),
        (lambda: va.checkerboard_rbm(5, 0.5, 1.0), "L must be even"),
        (lambda: va.bond_rbm(2, 0.5), "L must be"),
        (lambda: va.bond_rbm(4, -0.5), "beta must be"),
        (lambda: va.block_sites(4, 3), "b must divide"),
        (lambda: va.kadanoff_transformation(4, [], 0.5), "blocks must be"),
        (lambda: va.kadanoff_transformation(4, [[]], 0.5), "blocks must be"),
        (lambda: va.kadanoff_transformation(4, [[0, 0]], 0.5), "blocks must be"),
        (lambda: va.kadanoff_transformation(4, [[4]], 0.5), "blocks must be an integer"),
        (lambda: va.kadanoff_transformation(4, [[0]], -1.0), "p must be"),
        (lambda: va.kadanoff_transformation(23, [[0], [1]], 1.0), "at most 24 spins in all"),
        (lambda: va.independent_transformation(24, [0.0, 0.0]), "n_visible must be"),
        (lambda: va.normalize([[-np.inf, -np.inf]] * 2), "a row of -inf"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_public_names_are_documented():
    for name in va.__all__:
        assert getattr(va, name).__doc__
