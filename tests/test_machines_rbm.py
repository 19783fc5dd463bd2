"""The restricted Boltzmann machine: conditionals, energies, sampling and training against enumeration."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import machines as naive
from oracles import machines as oracles
from scipy.special import logsumexp

from mlrg_lib.machines import RBM, exact

EXACT = 1e-12  # relative to energies of order ten


def machine(n_visible=5, n_hidden=4, seed=0, scale=0.8, **params):
    rng = np.random.default_rng(seed)
    parts = (rng.normal(size=s) * scale for s in ((n_visible, n_hidden), n_hidden, n_visible))
    return RBM.from_parameters(*parts, **params)


@pytest.mark.parametrize("scale", [0.1, 1.0, 20.0])
def test_energies_and_means_agree_with_sums_over_all_states(scale):
    rbm = machine(scale=scale)
    V, H, E = naive.states(5), naive.states(4), naive.joint(rbm)
    tolerance = EXACT * max(1.0, scale)
    np.testing.assert_allclose(rbm.free_energy(V), -logsumexp(-E, axis=1), atol=tolerance * 10)
    np.testing.assert_allclose(rbm.hidden_energy(H), -logsumexp(-E, axis=0), atol=tolerance * 10)
    given_v = np.exp(-E - logsumexp(-E, axis=1, keepdims=True))
    np.testing.assert_allclose(rbm.transform(V), given_v @ H, atol=EXACT)
    np.testing.assert_allclose(
        rbm.reconstruct(V), -np.tanh(rbm.visible_bias_ + (given_v @ H) @ rbm.weights_.T), atol=EXACT
    )


def test_score_is_the_whole_pseudo_likelihood():
    rbm = machine()
    V = naive.states(5)
    expected = [naive.pseudo_log_likelihood(rbm, v) for v in V]
    np.testing.assert_allclose(rbm.score_samples(V), expected, atol=1e-10)
    assert rbm.score(V) == pytest.approx(np.mean(expected))


def assert_pseudo_likelihood_follows_from_free_energies(rbm):
    V = naive.states(6)
    F = rbm.free_energy(V)
    expected = np.zeros(len(V))
    for i in range(6):
        flipped = V.copy()
        flipped[:, i] *= -1
        expected -= np.logaddexp(0.0, F - rbm.free_energy(flipped))
    np.testing.assert_allclose(rbm.score_samples(V), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_the_pseudo_likelihood_of_small_and_of_large_weights(scale):
    assert_pseudo_likelihood_follows_from_free_energies(machine(6, 20, seed=1, scale=scale))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 200.0))
def test_the_pseudo_likelihood_survives_any_weights(seed, scale):
    assert_pseudo_likelihood_follows_from_free_energies(machine(6, 40, seed=seed, scale=scale))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.permutations(range(4)), st.lists(st.sampled_from([-1, 1]), min_size=4, max_size=4))
def test_permuting_hidden_units_and_flipping_their_signs_leaves_the_data_distribution(seed, order, signs):
    rbm, order, signs = machine(seed=seed), list(order), np.array(signs)
    other = RBM.from_parameters((rbm.weights_ * signs)[:, order], (rbm.hidden_bias_ * signs)[order], rbm.visible_bias_)
    V = naive.states(5)
    np.testing.assert_allclose(other.free_energy(V), rbm.free_energy(V), atol=EXACT * 10)
    np.testing.assert_allclose(other.transform(V), (rbm.transform(V) * signs)[:, order], atol=EXACT)
    np.testing.assert_allclose(
        other.hidden_energy(naive.states(4) * signs), other_hidden(rbm, order, signs), atol=1e-10
    )


def other_hidden(rbm, order, signs):
    """H_h of the original machine at the states the permuted one calls naive.states(4) * signs."""
    H = np.empty((16, 4), dtype=np.int64)
    H[:, order] = naive.states(4) * signs
    return rbm.hidden_energy(H * signs)


@pytest.mark.parametrize("method", ["cd", "pcd", "exact"])
def test_training_reaches_the_entropy_bound(method):
    rng = np.random.default_rng(5)
    p = oracles.ising_probabilities(3, 0.3)
    X = oracles.ising_samples(3, 0.3, 8000, rng)
    rates = {"cd": 0.02, "pcd": 0.01, "exact": 0.05}
    gaps = []
    for seed in (2, 3, 4) if method != "exact" else (2,):  # one run of a chain may end far from its neighbours
        rbm = RBM(9, method=method, learning_rate=rates[method], n_epochs=40, batch_size=50, rng=seed).fit(X)
        gaps.append(-oracles.entropy(p) - p @ exact.log_likelihood(rbm, naive.states(9)))
        assert rbm.history_["log_likelihood"][-1] > rbm.history_["log_likelihood"][0]
    start = -oracles.entropy(p) + 9 * np.log(2)
    assert min(gaps) >= -1e-12
    assert np.median(gaps) < 0.09
    assert np.median(gaps) < 0.1 * start


def test_contrastive_divergence_with_many_sweeps_follows_the_exact_gradient():
    X = oracles.ising_samples(3, 0.2, 400, np.random.default_rng(0))
    target = exact.log_likelihood_gradient(machine(9, 6, scale=0.2), X)[0]
    moves = []
    for seed in range(150):
        rbm = machine(
            9, 6, scale=0.2, k=30, momentum=0.0, learning_rate=1e-3, batch_size=None, rng=seed, evaluate_every=0
        )
        before = rbm.weights_.copy()
        moves.append((rbm.partial_fit(X).weights_ - before) / 1e-3)
    mean, error = np.mean(moves, axis=0), np.std(moves, axis=0) / np.sqrt(len(moves))
    z = (mean - target) / error
    assert np.abs(z).max() < 5
    assert np.sqrt(np.mean(z**2)) < 1.5
    assert np.abs(mean / error).max() > 8  # a gradient of zero, or of the wrong sign, would be seen
