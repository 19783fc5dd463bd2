"""The convolutional machine: kernels against naive twins, everything else against the dense machine it stands for."""

import numpy as np
import pytest
from naive import monte_carlo as naive

from mlrg_lib import ising
from mlrg_lib._kernels import convolution as kernels
from mlrg_lib.machines import RBM, exact
from mlrg_lib.machines.convolutional import ConvolutionalRBM
from mlrg_lib.rg import block_spin

CASES = [(2, 2, 8), (4, 2, 8), (6, 2, 8), (3, 1, 5), (3, 3, 6), (4, 2, 4), (1, 2, 6)]


def machine(kernel, stride, seed=0, biases=True):
    rng = np.random.default_rng(seed)
    b, c = (0.2, -0.1) if biases else (0.0, 0.0)
    return ConvolutionalRBM.from_parameters(0.4 * rng.normal(size=(kernel, kernel)), b, c, stride=stride)


def coins(n, L, seed=1):
    return np.where(np.random.default_rng(seed).random((n, L, L)) < 0.5, 1, -1).astype(np.int8)


@pytest.mark.parametrize(("kernel", "stride", "L"), CASES)
def test_fields_equal_their_naive_twins(kernel, stride, L):
    model, v, h = machine(kernel, stride), coins(2, L), coins(2, L // stride, seed=2)
    shift, W = max(0, (kernel - stride) // 2), model.weights_
    hidden, visible = np.empty(h.shape), np.empty(v.shape)
    kernels.hidden_fields(hidden, v, W, 0.3, stride, shift)
    kernels.visible_fields(visible, h, W, -0.2, stride, shift)
    for (s, A, B), value in np.ndenumerate(hidden):
        assert value == pytest.approx(naive.hidden_field(v[s], W, 0.3, stride, shift, A, B), abs=1e-12)
    for (s, y, x), value in np.ndenumerate(visible):
        expected = naive.visible_field(h[s], W, -0.2, stride, shift, L, (y, x))
        assert value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("kernel", "stride", "L"), CASES)
def test_free_energy_and_means_are_those_of_the_dense_machine(kernel, stride, L):
    model, v = machine(kernel, stride), coins(5, L)
    dense = model.to_dense(L)
    flat = v.reshape(5, -1)
    assert model.free_energy(v) == pytest.approx(dense.free_energy(flat), abs=1e-10)
    assert model.transform(v).reshape(5, -1) == pytest.approx(
        -np.tanh(flat @ dense.weights_ + dense.hidden_bias_), abs=1e-12
    )


@pytest.mark.parametrize(("kernel", "stride", "L"), [(2, 2, 4), (4, 2, 4), (3, 1, 3), (2, 2, 6)])
def test_exact_gradient_is_the_dense_one_with_the_tied_weights_added_up(kernel, stride, L):
    model, v = machine(kernel, stride), coins(40, L)
    dense = model.to_dense(L)
    weights, hidden, visible = exact.log_likelihood_gradient(dense, v.reshape(40, -1))
    tied, side, shift = np.zeros((kernel, kernel)), L // stride, max(0, (kernel - stride) // 2)
    for A, B in np.ndindex(side, side):
        seen = naive.window(A, B, kernel, stride, shift, L)
        for y, x in np.ndindex(kernel, kernel):
            tied[y, x] += weights[seen[y][x][0] * L + seen[y][x][1], A * side + B]
    found = model._gradient(v.astype(float), v.astype(float), None, "exact")
    assert found[0] * side**2 == pytest.approx(tied, abs=1e-10)
    assert found[1] * side**2 == pytest.approx(hidden.sum(), abs=1e-10)
    assert found[2] * side**2 == pytest.approx(visible.sum(), abs=1e-10)


def test_exact_gradient_is_the_slope_of_the_log_likelihood():
    v, step = coins(30, 4), 1e-5
    model = machine(3, 2)
    slope = np.empty((3, 3))
    for index in np.ndindex(3, 3):
        ends = []
        for sign in (1, -1):
            W = model.weights_.copy()
            W[index] += sign * step
            moved = ConvolutionalRBM.from_parameters(W, model.hidden_bias_, model.visible_bias_, stride=2)
            ends.append(exact.log_likelihood(moved.to_dense(4), v.reshape(30, -1)).mean())
        slope[index] = (ends[0] - ends[1]) / (2 * step)
    assert 4 * model._gradient(v.astype(float), v.astype(float), None, "exact")[0] == pytest.approx(slope, abs=1e-7)


def test_uniform_blocks_are_kadanoffs_rule():
    """P(h | v) is Kadanoff's with p = −w to rounding, whatever the block; not with another p."""
    v, p = coins(20, 8), 0.7
    rule = ConvolutionalRBM.from_parameters(-p * np.ones((2, 2)), stride=2)
    totals = v.reshape(20, 4, 2, 4, 2).sum(axis=(2, 4), dtype=float)
    assert rule.transform(v) == pytest.approx(np.tanh(p * totals), abs=1e-14)
    many = np.repeat(v[:1], 4000, axis=0)
    drawn = rule.sample_hidden(many, rng=1).mean(axis=0)
    same = block_spin.kadanoff(many, 2, p, rng=2).mean(axis=0)
    other = block_spin.kadanoff(many, 2, p / 2, rng=2).mean(axis=0)
    error = np.sqrt(2 / len(many))
    assert np.abs(drawn - same).max() < 4.5 * error
    assert np.abs(drawn - other).max() > 10 * error


def test_samples_have_the_stated_means():
    """40 000 draws of each hidden unit of one lattice, |z| < 4.5."""
    model, v = machine(4, 2), coins(1, 8)
    drawn = model.sample_hidden(np.repeat(v, 40_000, axis=0), rng=3).mean(axis=0)
    means = model.transform(v)[0]
    assert np.all(np.abs(drawn - means) < 4.5 * np.sqrt((1 - means**2) / 40_000))


def test_gibbs_chains_reach_the_models_own_distribution():
    """Mean energies of visible states against the enumerated distribution, |z| < 4."""
    model = machine(3, 2)
    P = exact.visible_distribution(model.to_dense(4))
    states = 2 * ((np.arange(2**16)[:, None] >> np.arange(16)) & 1) - 1
    chains = model.sample(20_000, 30, start=coins(20_000, 4), rng=0).reshape(20_000, 16)
    for i, j in ((0, 1), (0, 4), (2, 7), (5, 5)):
        products = states[:, i] * (states[:, j] if i != j else 1)
        mean = P @ products
        found = (chains[:, i] * (chains[:, j] if i != j else 1)).mean()
        assert abs(found - mean) < 4 * np.sqrt((1 - mean**2) / 20_000)


def test_exact_training_solves_the_one_block_problem():
    """For one unit per block, 4 tanh w = ⟨m tanh(w m)⟩ at the best uniform weight −w."""
    spins = ising.sample(4, ising.CRITICAL_BETA, 3000, rng=1)
    spins = np.concatenate([spins, spins[:, ::-1], spins[:, :, ::-1], spins[:, ::-1, ::-1]])
    found = ConvolutionalRBM(
        2, method="exact", batch_size=None, n_epochs=150, learning_rate=0.5, momentum=0.8, rng=0
    ).fit(spins)
    w = -found.weights_.mean()
    assert w > 0
    totals = spins.reshape(-1, 2, 2, 2, 2).sum(axis=(2, 4), dtype=float)
    assert 4 * np.tanh(w) == pytest.approx(np.mean(totals * np.tanh(w * totals)), abs=1e-4)
    assert np.ptp(found.weights_) < 1e-4
    assert np.all(np.diff(found.history_["log_likelihood"])[100:] > -1e-6)


@pytest.mark.parametrize("method", ["cd", "pcd"])
def test_sampled_training_comes_near_the_exact_solution(method):
    spins = ising.sample(6, 0.35, 2000, rng=2)
    options = {"method": method, "k": 5, "batch_size": 500, "n_epochs": 40, "learning_rate": 0.2, "momentum": 0.5}
    found = ConvolutionalRBM(2, rng=0, **options).fit(spins)
    best = ConvolutionalRBM(
        2, method="exact", batch_size=None, n_epochs=60, learning_rate=0.5, momentum=0.8, rng=0
    ).fit(spins)
    assert np.abs(found.weights_ - best.weights_).max() < 0.06
    again = ConvolutionalRBM(2, rng=0, **options).fit(spins)
    assert np.array_equal(found.weights_, again.weights_)


def test_biases_learn_a_magnetization_and_stay_zero_unless_asked():
    spins = np.where(np.random.default_rng(0).random((500, 4, 4)) < 0.7, 1, -1)
    options = {"method": "exact", "batch_size": None, "n_epochs": 400, "learning_rate": 0.3, "rng": 0}
    with_bias = ConvolutionalRBM(2, biases=True, **options).fit(spins)
    P = exact.visible_distribution(with_bias.to_dense(4))
    mean = P @ (np.bitwise_count(np.arange(2**16)) / 8 - 1)
    assert mean == pytest.approx(spins.mean(), abs=0.01)
    without = ConvolutionalRBM(2, **options).fit(spins)
    assert without.hidden_bias_ == without.visible_bias_ == 0.0


@pytest.mark.parametrize(
    ("options", "shape", "message"),
    [
        ({"kernel": 0}, (4, 8, 8), "kernel"),
        ({"stride": 0}, (4, 8, 8), "stride"),
        ({"stride": 3}, (4, 8, 8), "multiple of stride"),
        ({"kernel": 9}, (4, 8, 8), "at least kernel"),
        ({"method": "gibbs"}, (4, 8, 8), "method"),
        ({"method": "exact"}, (4, 16, 16), "at most 20"),
        ({"learning_rate": 0.0}, (4, 8, 8), "learning_rate"),
        ({"momentum": 1.0}, (4, 8, 8), "momentum"),
        ({"batch_size": 0}, (4, 8, 8), "batch_size"),
        ({"n_epochs": -1}, (4, 8, 8), "n_epochs"),
        ({"k": 0}, (4, 8, 8), "k must"),
        ({}, (4, 64), "lattices"),
    ],
)
def test_bad_arguments_are_named(options, shape, message):
    with pytest.raises(ValueError, match=message):
        ConvolutionalRBM(**options).fit(np.ones(shape))


def test_bad_parameters_are_named():
    with pytest.raises(ValueError, match="square"):
        ConvolutionalRBM.from_parameters(np.ones((2, 3)))
    with pytest.raises(ValueError, match="multiple of stride"):
        machine(4, 2).to_dense(7)
    assert isinstance(machine(4, 2).to_dense(6), RBM)
