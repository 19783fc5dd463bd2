"""Other attempts: wavelet MERA, tensor renormalization, cheap learning, confusion, neural quantum states."""

import numpy as np
import pytest
from naive import discussion as naive
from oracles import discussion as known

from mlrg_lib import ising
from mlrg_lib.discussion import cheap_learning, confusion, mera, quantum_states, tensor_rg
from mlrg_lib.discussion.mera import filters

HAAR = np.full(2, 0.5**0.5)


@pytest.mark.parametrize("orders", sorted(known.WAVELET_ERRORS))
def test_wavelet_energies(orders):
    h, g = mera.hilbert_pair(*orders)
    energy = mera.wavelet_energy(h, g, 512).sum()
    error = 1 - energy / mera.hopping_energy(512)
    assert error > 0
    assert error == pytest.approx(known.WAVELET_ERRORS[orders], rel=0.03)


def test_equal_filters_make_dimers_whatever_the_filter():
    for filter_ in (HAAR, mera.hilbert_pair(2, 0)[0], mera.hilbert_pair(3, 2)[0]):
        assert mera.wavelet_energy(filter_, filter_, 64).sum() == pytest.approx(-0.5, abs=1e-12)
        assert mera.block_entropy(mera.wavelet_correlations(filter_, filter_, 64), 16) < 1e-9


def test_daubechies_filter_is_two_layers_of_a_twelfth_and_a_sixth_of_pi():
    taps = mera.hilbert_pair(2, 0)[0]
    np.testing.assert_allclose(taps, known.DAUBECHIES_4, atol=1e-12)
    np.testing.assert_allclose(mera.rotation_angles(taps), [np.pi / 12, -np.pi / 6], atol=1e-12)


def filter_of_circuit(angles):
    """The low-pass filter of layers of rotations, the first next to the coarse mode."""
    taps = np.array([np.cos(angles[0]), np.sin(angles[0])])
    for angle in angles[1:]:
        cos, sin = np.cos(angle), np.sin(angle)
        taps = (np.pad(taps, 1).reshape(-1, 2) @ np.array([[cos, sin], [-sin, cos]])).ravel()
    return taps


@pytest.mark.parametrize("orders", [(1, 0), (1, 1), (2, 2), (4, 3)])
def test_circuit_and_filter_are_inverse(orders):
    for taps in mera.hilbert_pair(*orders):
        np.testing.assert_allclose(filter_of_circuit(mera.rotation_angles(taps)), taps, atol=1e-10)


def test_any_circuit_makes_an_orthonormal_basis():
    taps = filter_of_circuit(np.random.default_rng(0).uniform(-3, 3, 4))
    basis = np.hstack(filters.wavelet_basis(taps, 32))
    np.testing.assert_allclose(basis.T @ basis, np.eye(32), atol=1e-12)


def test_pair_is_half_a_sample_apart():
    h, g = mera.hilbert_pair(4, 3)
    k = np.linspace(0.01, 1.0, 30)
    wave = np.exp(-1j * k[:, None] * np.arange(len(h)))
    np.testing.assert_allclose(np.angle(wave @ g / (wave @ h)), -k / 2, atol=2e-4)


def test_wavelet_energy_is_the_energy_of_its_correlations():
    h, g = mera.hilbert_pair(2, 1)
    correlations = mera.wavelet_correlations(h, g, 32)
    np.testing.assert_allclose(correlations @ correlations, correlations, atol=1e-12)
    energy = np.trace(naive.hopping_matrix(32) @ correlations) / 32
    assert energy == pytest.approx(mera.wavelet_energy(h, g, 32).sum(), abs=1e-12)
    lowest = np.linalg.eigvalsh(naive.hopping_matrix(32))[:32].sum() / 32
    assert lowest == pytest.approx(mera.hopping_energy(32), abs=1e-12)


def test_a_better_filter_carries_the_right_entropy():
    lengths = np.array([8, 16, 32, 64])

    def slope(orders):
        correlations = mera.wavelet_correlations(*mera.hilbert_pair(*orders), 128)
        entropies = [np.mean([mera.block_entropy(correlations, n, s) for s in range(0, 256, 16)]) for n in lengths]
        return mera.central_charge(lengths, entropies, 256)

    assert slope((1, 0)) == pytest.approx(0, abs=1e-9)
    assert slope((4, 3)) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("n_sites", "block"), [(8, 1), (8, 4), (10, 3)])
def test_ising_entropy_against_the_wave_function(n_sites, block):
    _, state = quantum_states.exact_ground_state(n_sites, 1.0)
    assert mera.ising_chain_entropy(n_sites, block) == pytest.approx(naive.chain_entropy(state, block), abs=1e-8)


def test_central_charge_of_the_ising_chain():
    lengths = np.arange(32, 129, 16)
    entropies = [mera.ising_chain_entropy(256, int(n)) for n in lengths]
    assert mera.central_charge(lengths, entropies, 256) == pytest.approx(known.CENTRAL_CHARGE, abs=1e-4)


@pytest.mark.parametrize("beta", [0.3, ising.CRITICAL_BETA, 0.6])
def test_tensors_of_small_tori_are_exact(beta):
    flow = tensor_rg.renormalize(beta, 16, 4)
    assert 16 * flow.log_partition[4] == pytest.approx(ising.exact.torus_log_partition(4, beta), abs=1e-12)
    assert 4 * flow.log_partition[2] == pytest.approx(ising.exact.torus_log_partition(2, beta), abs=1e-12)


@pytest.mark.parametrize(
    ("beta", "chi", "bar"), [(0.3, 16, 2e-8), (0.4, 16, 1e-6), (0.4407, 16, 1e-5), (0.5, 16, 1e-6)]
)
def test_tensor_free_energy(beta, chi, bar):
    flow = tensor_rg.renormalize(beta, chi)
    assert abs(flow.log_partition[-1] / ising.exact.onsager_log_partition(beta) - 1) < bar


@pytest.mark.slow
def test_tensor_free_energy_at_the_critical_point_to_six_digits():
    flow = tensor_rg.renormalize(ising.CRITICAL_BETA, 32, 30)
    assert abs(flow.log_partition[-1] / ising.exact.onsager_log_partition(ising.CRITICAL_BETA) - 1) < 1e-6


def test_tensor_exponents():
    flow = tensor_rg.renormalize(ising.CRITICAL_BETA, 20, 12)
    assert flow.central_charge[10] == pytest.approx(known.CENTRAL_CHARGE, abs=0.005)
    assert flow.scaling_dimensions[10, 1] == pytest.approx(known.SPIN_DIMENSION, abs=0.002)
    assert flow.scaling_dimensions[10, 2] == pytest.approx(known.ENERGY_DIMENSION, abs=0.04)


def test_an_eigenvalue_that_is_nearly_zero_has_an_infinite_dimension():
    assert np.isinf(tensor_rg.renormalize(0.233, 3, 24).scaling_dimensions).any()  # and nothing is warned of


def test_tensors_off_the_critical_point_flow_to_trivial_ones():
    warm, cold = tensor_rg.renormalize(0.3, 12, 24), tensor_rg.renormalize(0.6, 12, 24)
    assert warm.scaling_dimensions[-1, 1] > 3  # one state
    assert cold.scaling_dimensions[-1, 1] == pytest.approx(0, abs=1e-6)  # two
    assert cold.scaling_dimensions[-1, 2] > 3


@pytest.mark.parametrize("activation", sorted(cheap_learning.ACTIVATIONS))
def test_product_gate(activation):
    grid = np.linspace(-1, 1, 41)
    error = cheap_learning.product_gate(grid, grid[:, None], 0.01, activation=activation) - grid * grid[:, None]
    taylor = cheap_learning.ACTIVATIONS[activation][1]
    coefficient = abs(taylor[4] / (3 * taylor[2]))  # of the next term, at the corners
    assert np.abs(error).max() / 0.01**2 == pytest.approx(coefficient, rel=1e-3)


def test_softplus_gate_error():
    taylor = cheap_learning.ACTIVATIONS["softplus"][1]
    assert abs(taylor[4] / (3 * taylor[2])) == pytest.approx(known.GATE, abs=1e-15)


@pytest.mark.parametrize("activation", sorted(cheap_learning.ACTIVATIONS))
def test_taylor_coefficients(activation):
    sigma, taylor = cheap_learning.ACTIVATIONS[activation]
    complex_sigma = (lambda z: np.log(1 + np.exp(z))) if activation == "softplus" else sigma
    z = 0.5 * np.exp(2j * np.pi * np.arange(64) / 64)
    factorial = np.cumprod([1, 1, 2, 3, 4, 5, 6])
    found = [np.mean(complex_sigma(z) * z**-k).real * factorial[k] for k in range(7)]
    np.testing.assert_allclose(found, taylor, atol=1e-10)


@pytest.mark.parametrize("n_inputs", [2, 3, 4])
def test_rank_of_subset_products(n_inputs):
    rng = np.random.default_rng(n_inputs)
    for m in range(1, 2**n_inputs + 3):
        weights = rng.integers(-50, 51, (n_inputs, m))
        assert cheap_learning.exact_rank(cheap_learning.subset_products(weights)) == min(m, 2**n_inputs)


def test_subset_products_and_rank_of_special_matrices():
    weights = [[2, 3], [5, 7], [11, 13]]
    expected = [[np.prod([w[j] for k, w in enumerate(weights) if s >> k & 1]) for j in (0, 1)] for s in range(8)]
    np.testing.assert_array_equal(cheap_learning.subset_products(weights).astype(float), expected)
    assert cheap_learning.exact_rank([[0, 0], [0, 0]]) == 0
    assert cheap_learning.exact_rank([[0, 1], [1, 0], [1, 1]]) == 2


def test_flat_and_deep_products():
    x = np.random.default_rng(1).uniform(-1, 1, (100, 4))
    exact = x.prod(axis=1)
    for scale in (0.1, 0.05):
        flat, n_flat = cheap_learning.flat_product(x, scale)
        deep, n_deep = cheap_learning.product_tree(x, scale)
        assert (n_flat, n_deep) == (16, 12)
        assert np.abs(flat - exact).max() < scale**2
        assert np.abs(deep - exact).max() < scale**2
    flat_3, n_flat = cheap_learning.flat_product(x[:, :3], 0.03, activation="exp")
    assert n_flat == 8
    np.testing.assert_allclose(flat_3, x[:, :3].prod(axis=1), atol=1e-3)


@pytest.mark.parametrize(("n", "half_suffices"), [(2, False), (4, True), (6, True)])
def test_softplus_multiplies_with_half_the_neurons_from_four_factors_on(n, half_suffices):
    x = np.random.default_rng(1).uniform(-1, 1, (50, n))
    sigma, taylor = cheap_learning.ACTIVATIONS["softplus"]
    signs = 1 - 2 * ((np.arange(2 ** (n - 1))[:, None] >> np.arange(n)) & 1)  # the last sign is +1
    half = sigma(0.2 * x @ signs.T) @ signs.prod(axis=1) / (2 ** (n - 1) * taylor[n] * 0.2**n)
    assert np.allclose(half, cheap_learning.flat_product(x, 0.2)[0], atol=1e-7) == half_suffices


def test_a_layer_that_multiplies_has_independent_rows_as_far_as_its_coefficients_do_not_vanish():
    def rank(n, even, m):
        signs = 1 - 2 * ((np.arange(m)[:, None] >> np.arange(n)) & 1)
        rows = cheap_learning.subset_products(signs.T)
        kept = [k for k in range(2**n) if not even or k.bit_count() % 2 == 0]
        return cheap_learning.exact_rank(rows[kept]), len(kept)

    assert rank(4, False, 16) == (16, 16)  # exp: all signs
    assert rank(4, True, 8) == (8, 8)  # softplus: half of them
    assert rank(4, True, 7) == (7, 8)


def test_bit_product():
    bits = np.array([[1, 1, 1], [1, 1, -1], [-1, -1, -1]])
    for steepness in (10.0, 20.0):
        error = np.abs(cheap_learning.bit_product(bits, steepness) - [1, 0, 0])
        assert error.max() == pytest.approx(np.exp(-steepness / 2), rel=0.01)


@pytest.mark.parametrize("L", [3, 4])
def test_energy_levels(L):
    expected = naive.energy_counts(L)
    energies, counts = confusion.energy_levels(L)
    assert {int(e): int(c) for e, c in zip(energies, counts, strict=True) if c} == expected


@pytest.mark.parametrize("L", [5, 6])
def test_energy_levels_give_the_partition_function(L):
    energies, counts = confusion.energy_levels(L)
    for beta in (0.2, 0.44, 0.8):
        log_z = np.log((counts * np.exp(-beta * (energies + 2.0 * L * L))).sum()) + 2 * beta * L * L
        assert log_z == pytest.approx(ising.exact.torus_log_partition(L, beta), rel=1e-12)


def test_optimal_accuracy_by_trying_every_classifier():
    distributions = np.random.default_rng(4).dirichlet(np.ones(4), size=3)
    best = []
    for guess in range(4):
        below = distributions[:guess].sum(0)
        above = distributions[guess:].sum(0)
        best.append(max(sum(below[x] if rule >> x & 1 else above[x] for x in range(4)) / 3 for rule in range(16)))
    np.testing.assert_allclose(confusion.optimal_accuracy(distributions), best, atol=1e-12)


def test_exact_confusion_is_shaped_like_a_w_around_the_specific_heats_peak():
    temperatures = np.linspace(1.0, 3.6, 27)
    curve = confusion.optimal_accuracy(confusion.energy_distributions(6, temperatures))
    middle = curve[8:20]
    peak = 8 + int(np.argmax(middle))
    np.testing.assert_allclose(curve[[0, -1]], 1)
    assert curve[peak] > curve[:8].min() + 0.05
    assert curve[peak] > curve[20:26].min() + 0.01
    assert 2.0 < temperatures[peak] < 2.5


def test_no_network_beats_the_optimal_classifier():
    temperatures = np.linspace(1.4, 3.4, 6)
    spins = np.stack([ising.sample(4, 1 / t, 1000, rng=k) for k, t in enumerate(temperatures)])
    curve = confusion.trained_accuracy(spins.reshape(6, 1000, 16), rng=0)
    best = confusion.optimal_accuracy(confusion.energy_distributions(4, temperatures))
    assert (curve.accuracy < best + 4 * curve.error + 1e-12).all()
    assert curve.accuracy[3] > 0.6


@pytest.mark.parametrize("field", [0.5, 1.0, 2.0])
def test_chain(field):
    H = naive.chain_hamiltonian(6, field)
    np.testing.assert_allclose(np.column_stack([quantum_states._apply_hamiltonian(v, field) for v in np.eye(64)]), H)
    values, vectors = np.linalg.eigh(H)
    energy, state = quantum_states.exact_ground_state(6, field)
    assert energy == pytest.approx(values[0], abs=1e-10)
    assert quantum_states.chain_energy(6, field) == pytest.approx(values[0], abs=1e-10)
    assert abs(state @ vectors[:, 0]) == pytest.approx(1, abs=1e-10)


def test_log_amplitude_is_the_trace_over_hidden_units():
    rng = np.random.default_rng(0)
    c, b, w = rng.normal(size=3), rng.normal(size=2), rng.normal(size=(3, 2))
    v = np.array([1.0, -1.0, 1.0])
    hidden = [np.array(h) for h in ((-1, -1), (-1, 1), (1, -1), (1, 1))]
    expected = np.log(sum(np.exp(-(b @ h + c @ v + v @ w @ h)) for h in hidden))
    assert quantum_states.log_amplitude(c, b, w, [v])[0] == pytest.approx(expected, abs=1e-12)


def test_reconfiguration_finds_the_ground_state():
    found = quantum_states.optimize(8, 1.0, 16, rng=0)
    exact = quantum_states.chain_energy(8, 1.0)
    assert (found.energy > exact).all()  # variational
    assert found.energy[-1] / exact - 1 > -1e-5
    assert 1 - found.overlap < 1e-5
    assert 0 <= found.variance < 1e-3


def test_result_agrees_with_its_parameters():
    found = quantum_states.optimize(6, 0.7, 3, n_iterations=20, rng=1)
    spins = 2.0 * ((np.arange(64)[:, None] >> np.arange(6)) & 1) - 1
    state = np.exp(quantum_states.log_amplitude(found.visible_bias, found.hidden_bias, found.weights, spins))
    H = naive.chain_hamiltonian(6, 0.7)
    energy = state @ H @ state / (state @ state)
    assert energy == pytest.approx(found.energy[-1], abs=1e-10)
    assert found.variance == pytest.approx(state @ H @ H @ state / (state @ state) - energy**2, abs=1e-8)
    assert (found.information > -1e-12).all()


def test_sampled_gradients_are_worse_but_work():
    found = quantum_states.optimize(8, 1.0, 8, n_samples=500, rng=0)
    error = 1 - found.energy[-1] / quantum_states.chain_energy(8, 1.0)
    assert 0 < error < 1e-3
    again = quantum_states.optimize(8, 1.0, 8, n_samples=500, rng=0)
    assert again.energy[-1] == found.energy[-1]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: mera.hilbert_pair(0, 1), "n_zeros"),
        (lambda: mera.hilbert_pair(6, 5), "n_zeros"),
        (lambda: mera.rotation_angles([1.0, 1.0]), "low_pass"),
        (lambda: filters.wavelet_basis(HAAR, 12), "n_cells"),
        (lambda: mera.block_entropy(np.ones((2, 3)), 1), "correlations"),
        (lambda: mera.block_entropy(np.eye(2), 3), "n_sites"),
        (lambda: mera.ising_chain_entropy(8, 8), "block"),
        (lambda: mera.central_charge([1, 1], [0.0, 0.0], 8), "lengths"),
        (lambda: tensor_rg.renormalize(-1.0, 4), "beta"),
        (lambda: tensor_rg.renormalize(0.4, 1), "bond_dimension"),
        (lambda: tensor_rg.renormalize(0.0, 4), "beta"),
        (lambda: cheap_learning.product_gate(1.0, 1.0, 0.0), "scale"),
        (lambda: cheap_learning.product_gate(1.0, 1.0, 0.1, activation="relu"), "activation"),
        (lambda: cheap_learning.flat_product([[1.0, 1.0, 1.0]], 0.1), "activation"),
        (lambda: cheap_learning.flat_product([[1.0]], 0.1), "number of factors"),
        (lambda: cheap_learning.subset_products([[0.5]]), "weights"),
        (lambda: cheap_learning.exact_rank([[0.5]]), "matrix"),
        (lambda: cheap_learning.bit_product([[0, 1]], 1.0), "bits"),
        (lambda: confusion.energy_levels(2), "L"),
        (lambda: confusion.energy_distributions(4, [0.0]), "temperatures"),
        (lambda: confusion.optimal_accuracy([[0.5, 0.6]]), "distributions"),
        (lambda: confusion.trained_accuracy(np.zeros((1, 10, 2))), "samples"),
        (lambda: quantum_states.chain_energy(2, 1.0), "n_sites"),
        (lambda: quantum_states.exact_ground_state(4, 0.0), "field"),
        (lambda: quantum_states.log_amplitude([0.0], [0.0], [[0.0, 1.0]], [[1.0]]), "weights"),
        (lambda: quantum_states.optimize(4, 1.0, 2, shift=0.0), "shift"),
        (lambda: quantum_states.optimize(4, 1.0, 2, n_samples=1), "n_samples"),
    ],
)
def test_bad_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=name):
        call()
