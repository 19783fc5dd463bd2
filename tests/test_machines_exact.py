"""Exact sums, annealing, tempering and the map to {0, 1} units, against enumeration of every state."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import machines as naive
from oracles import machines as oracles
from scipy.special import logsumexp
from sklearn.neural_network import BernoulliRBM

from mlrg_lib.machines import RBM, annealing, exact, from_binary, to_binary

EXACT = 1e-12


def machine(n_visible=6, n_hidden=4, seed=0, scale=0.6):
    rng = np.random.default_rng(seed)
    return RBM.from_parameters(*(rng.normal(size=s) * scale for s in ((n_visible, n_hidden), n_hidden, n_visible)))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 10**6), st.floats(0.0, 5.0))
def test_sums_agree_with_the_joint_table(n_visible, n_hidden, seed, scale):
    rbm = machine(n_visible, n_hidden, seed, scale)
    E = naive.joint(rbm)
    log_z = logsumexp(-E)
    P = np.exp(-E - log_z)
    assert exact.log_partition(rbm) == pytest.approx(log_z, abs=1e-11)
    np.testing.assert_allclose(exact.visible_distribution(rbm), P.sum(axis=1), atol=EXACT)
    np.testing.assert_allclose(exact.hidden_distribution(rbm), P.sum(axis=0), atol=EXACT)
    V = naive.states(n_visible)
    np.testing.assert_allclose(exact.log_likelihood(rbm, V), logsumexp(-E, axis=1) - log_z, atol=1e-11)


def test_both_layers_give_the_same_partition_function():
    wide = machine(14, 9, scale=0.4)
    turned = RBM.from_parameters(wide.weights_.T, wide.visible_bias_, wide.hidden_bias_)
    value = exact.log_partition(wide)
    assert exact.log_partition(turned) == pytest.approx(value, rel=1e-14)
    assert logsumexp(-wide.free_energy(naive.states(14))) == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(exact.visible_distribution(turned), exact.hidden_distribution(wide), rtol=1e-11)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5)])
def test_the_gradient_is_the_derivative_of_the_likelihood(shape):
    rbm = machine(*shape)
    rng = np.random.default_rng(1)
    X = naive.states(shape[0])[rng.integers(0, 2 ** shape[0], size=40)]
    share = rng.random(40)
    gradient = exact.log_likelihood_gradient(rbm, X, share)
    for name, g in zip(("weights_", "hidden_bias_", "visible_bias_"), gradient, strict=True):
        values = getattr(rbm, name)
        for index in np.ndindex(*values.shape):
            sides = []
            for step in (1e-5, -1e-5):
                values[index] += step
                sides.append(share @ exact.log_likelihood(rbm, X) / share.sum())
                values[index] -= step
            assert g[index] == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-8)


def test_the_gradient_vanishes_where_model_and_data_agree():
    rbm = machine()
    gradient = exact.log_likelihood_gradient(rbm, naive.states(6), exact.visible_distribution(rbm))
    assert max(np.abs(g).max() for g in gradient) < EXACT
    plain = exact.log_likelihood_gradient(rbm, naive.states(6))
    equal = exact.log_likelihood_gradient(rbm, naive.states(6), np.full(64, 0.1))
    for a, b in zip(plain, equal, strict=True):
        np.testing.assert_allclose(a, b, atol=EXACT)


def test_twenty_units_are_summed_right():
    """Without hidden biases every state of 20 independent units: a product formula."""
    w, c = np.linspace(-1, 1, 20), np.linspace(0, 0.5, 20)
    rbm = RBM.from_parameters(np.diag(w), visible_bias=c)
    expected = np.sum(np.log(4) + np.log(np.cosh(w)) + np.log(np.cosh(c)))
    assert exact.log_partition(rbm) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exact.log_partition(RBM.from_parameters(np.zeros((29, 30)))), "rbm must have at most 28 units"),
        (lambda: exact.visible_distribution(RBM.from_parameters(np.zeros((25, 1)))), "rbm must have at most 24 units"),
        (lambda: exact.hidden_distribution(RBM.from_parameters(np.zeros((1, 25)))), "rbm must have at most 24 units"),
        (lambda: exact.log_partition(3), "rbm must have weights_, hidden_bias_ and visible_bias_"),
        (lambda: exact.log_partition(RBM(3)), "rbm must have weights_"),
        (lambda: exact.log_likelihood(machine(), [[1, -1]]), "X must have 6 columns"),
        (lambda: exact.log_likelihood(machine(), np.zeros((2, 6))), "X must hold only"),
        (lambda: exact.log_likelihood_gradient(machine(), np.ones((2, 6)), [1.0]), "sample_weight must be 2 numbers"),
        (lambda: exact.log_likelihood_gradient(machine(), np.ones((2, 6)), [1, -1]), "sample_weight must be 2 numbers"),
        (lambda: exact.log_likelihood_gradient(machine(), np.ones((2, 6)), [0, 0]), "sample_weight must be 2 numbers"),
    ],
)
def test_limits_of_exactness_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_biases_that_do_not_fit_are_named():
    wrong = SimpleNamespace(weights_=np.zeros((2, 2)), hidden_bias_=np.zeros(3), visible_bias_=np.zeros(2))
    with pytest.raises(ValueError, match="biases that fit weights of shape"):
        exact.log_partition(wrong)


# -- sampling and annealing -----------------------------------------------------------------------------------------


def chi_square_z(samples, p):
    """Standard score of Pearson's statistic of ±1 samples against the probabilities of all states."""
    index = ((samples > 0) << np.arange(samples.shape[1])).sum(axis=1)
    n, counts = len(samples), np.bincount(index, minlength=len(p))
    chi2 = ((counts - n * p) ** 2 / (n * p)).sum()
    variance = 2 * (len(p) - 1) + ((1 / p).sum() - len(p) ** 2 - 2 * len(p) + 2) / n
    return (chi2 - (len(p) - 1)) / np.sqrt(variance)


def test_gibbs_chains_have_the_exact_distribution():
    rbm = machine(6, 4, seed=3, scale=0.5)
    p = exact.visible_distribution(rbm)
    assert abs(chi_square_z(rbm.sample(100_000, 60, rng=0), p)) < 4
    wrong = RBM.from_parameters(rbm.weights_ * 1.05, rbm.hidden_bias_, rbm.visible_bias_)
    assert chi_square_z(wrong.sample(100_000, 60, rng=0), p) > 8


def test_hidden_samples_have_the_right_means():
    rbm = machine()
    X = np.repeat(naive.states(6)[[5, 40]], 40_000, axis=0)
    H = rbm.sample_hidden(X, rng=0)
    assert H.dtype == np.int8
    for rows in (slice(0, 40_000), slice(40_000, None)):
        mean = rbm.transform(X[rows][:1])[0]
        error = np.sqrt((1 - mean**2) / 40_000)
        assert (np.abs(H[rows].mean(axis=0) - mean) < 4.5 * error).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_annealing_agrees_with_enumeration(seed):
    rbm = machine(8, 5, seed=seed, scale=0.7)
    runs = annealing.annealed_weights(rbm, n_chains=1000, betas=401, rng=seed)
    value, error = runs.log_partition
    assert abs(value - exact.log_partition(rbm)) < 4 * error
    assert error < 0.02
    assert 200 < runs.effective_sample_size <= 1000
    again = annealing.log_partition(rbm, n_chains=1000, betas=401, rng=seed)
    assert again == (value, error)


def test_the_annealing_error_is_the_scatter():
    rbm = machine(6, 4, seed=9, scale=0.8)
    runs = [annealing.log_partition(rbm, n_chains=100, betas=61, rng=s) for s in range(80)]
    z = np.array([(r.value - exact.log_partition(rbm)) / r.error for r in runs])
    assert abs(z.mean()) < 4 / np.sqrt(80)
    assert 0.7 < z.std() < 1.35


def test_weighted_final_states_represent_the_machine():
    rbm = machine(5, 4, seed=2, scale=0.9)
    runs = annealing.annealed_weights(rbm, n_chains=40_000, betas=[0.0, 0.3, 0.6, 1.0], rng=1)
    w = np.exp(runs.log_weights - runs.log_weights.max())
    exact_mean = exact.visible_distribution(rbm) @ naive.states(5)
    mean = w @ runs.samples / w.sum()
    error = np.sqrt((w**2) @ (runs.samples - mean) ** 2) / w.sum()
    assert (np.abs(mean - exact_mean) < 4.5 * error).all()
    assert error.max() < 0.02


def test_annealing_too_fast_shows_in_the_effective_sample_size():
    rbm = machine(10, 8, seed=1, scale=2.0)
    assert annealing.annealed_weights(rbm, n_chains=200, betas=3, rng=0).effective_sample_size < 10


def test_tempering_mixes_between_valleys_where_gibbs_cannot():
    rbm = RBM.from_parameters(np.full((6, 3), -1.5), np.zeros(3), np.full(6, 0.05))
    p = exact.visible_distribution(rbm)
    target = p @ naive.states(6).mean(axis=1)
    run = annealing.parallel_tempering(rbm, 20_000, betas=13, n_chains=500, burn_in=300, thin=20, rng=0)
    assert run.samples.shape == (20_000, 6)
    assert run.samples.dtype == np.int8
    assert (run.swap_rates > 0.1).all()
    chains = run.samples.mean(axis=1).reshape(40, 500).mean(axis=0)
    assert abs(chains.mean() - target) < 4.5 * chains.std() / np.sqrt(500)
    assert chains.std() / np.sqrt(500) < 0.02
    stuck = rbm.sample(500, 1000, start=np.ones((500, 6)), rng=0).mean()
    assert abs(stuck - target) > 0.3


def test_tempering_has_the_exact_distribution():
    rbm = machine(5, 3, seed=7, scale=0.8)
    run = annealing.parallel_tempering(rbm, 30_000, betas=5, n_chains=30_000, burn_in=60, thin=1, rng=3)
    assert abs(chi_square_z(run.samples, exact.visible_distribution(rbm))) < 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: annealing.log_partition(r, n_chains=1), "n_chains must be"),
        (lambda r: annealing.log_partition(r, betas=1), "betas must be"),
        (lambda r: annealing.log_partition(r, betas=[0.0, 0.5]), "betas must increase from 0 to 1"),
        (lambda r: annealing.log_partition(r, betas=[0.0, 0.7, 0.5, 1.0]), "betas must increase"),
        (lambda r: annealing.log_partition(r, rng=1.5), "rng must be"),
        (lambda r: annealing.parallel_tempering(r, 0), "n must be"),
        (lambda r: annealing.parallel_tempering(r, 1, n_chains=0), "n_chains must be"),
        (lambda r: annealing.parallel_tempering(r, 1, burn_in=-1), "burn_in must be"),
        (lambda r: annealing.parallel_tempering(r, 1, thin=0), "thin must be"),
        (lambda r: annealing.parallel_tempering(r, 1, betas=[1.0]), "betas must increase"),
        (lambda r: annealing.log_partition(RBM(2)), "rbm must have weights_"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(machine())


# -- {0, 1} units ---------------------------------------------------------------------------------------------------


def test_scikit_learns_machine_has_the_same_free_energies():
    rng = np.random.default_rng(4)
    X01 = (rng.random((200, 12)) < 0.4).astype(float)
    theirs = BernoulliRBM(7, learning_rate=0.1, n_iter=5, random_state=0).fit(X01)
    ours = from_binary(theirs)
    difference = ours.free_energy(2 * X01 - 1) - theirs._free_energy(X01)
    assert np.ptp(difference) < 1e-6
    offset = ours.weights_.sum() - ours.hidden_bias_.sum() - ours.visible_bias_.sum()
    np.testing.assert_allclose(difference, offset, atol=1e-10)
    np.testing.assert_allclose((ours.transform(2 * X01 - 1) + 1) / 2, theirs.transform(X01), atol=EXACT)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.0, 4.0))
def test_the_map_is_exact_both_ways(seed, scale):
    rbm = machine(5, 3, seed, scale)
    binary = to_binary(rbm)
    back = from_binary(binary)
    for name in ("weights_", "hidden_bias_", "visible_bias_"):
        np.testing.assert_allclose(getattr(back, name), getattr(rbm, name), atol=EXACT)
    x = (naive.states(5) + 1) // 2
    theirs = binary.as_sklearn()._free_energy(x.astype(float))
    np.testing.assert_allclose(rbm.free_energy(naive.states(5)), theirs + binary.energy_offset, atol=1e-10)
    y = (naive.states(3) + 1) // 2
    energy = -(x @ binary.intercept_visible_)[:, None] - y @ binary.intercept_hidden_ - x @ binary.components_.T @ y.T
    np.testing.assert_allclose(naive.joint(rbm), energy + binary.energy_offset, atol=1e-10)


def test_binary_machines_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="machine must have components_"):
        from_binary(BernoulliRBM())
    wrong = SimpleNamespace(components_=np.zeros((2, 3)), intercept_hidden_=np.zeros(3), intercept_visible_=np.zeros(3))
    with pytest.raises(ValueError, match="intercepts that fit components of shape"):
        from_binary(wrong)
    with pytest.raises(ValueError, match="rbm must have"):
        to_binary(None)


# -- training with known answers ------------------------------------------------------------------------------------


def test_exact_training_on_all_states_finds_a_machine_that_is_the_model():
    """Nine hidden pairs suffice for a 9-bond open chain; here 3x3 Ising: KL falls steadily towards zero."""
    p = oracles.ising_probabilities(3, 0.2)
    V = naive.states(9)
    rbm = RBM.from_parameters(np.random.default_rng(0).normal(size=(9, 12)) * 0.1)
    kl = []
    for _ in range(250):
        for name, g in zip(
            ("weights_", "hidden_bias_", "visible_bias_"), exact.log_likelihood_gradient(rbm, V, p), strict=True
        ):
            getattr(rbm, name)[...] += 0.25 * g
        kl.append(-oracles.entropy(p) - p @ exact.log_likelihood(rbm, V))
    assert (np.diff(kl) < 1e-12).all()
    assert -1e-12 < kl[-1] < 0.1 * kl[0]
