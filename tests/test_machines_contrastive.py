"""The average direction of contrastive divergence: against a walk through the joint table, chains, and the gradient."""

import numpy as np
import pytest
from naive import machines as naive

from mlrg_lib.machines import RBM, exact
from mlrg_lib.machines.contrastive import expected_directions


def machine(n_visible, n_hidden, seed=3, scale=0.6):
    rng = np.random.default_rng(seed)
    return RBM.from_parameters(*(rng.normal(size=s) * scale for s in ((n_visible, n_hidden), n_hidden, n_visible)))


@pytest.mark.parametrize("shape", [(4, 3), (3, 5), (1, 1)])
def test_directions_are_those_of_the_visible_chain(shape):
    rbm = machine(*shape)
    V, H = naive.states(shape[0]), naive.states(shape[1])
    joint = np.exp(-naive.joint(rbm))
    hidden_given_visible = joint / joint.sum(axis=1, keepdims=True)
    visible_given_hidden = joint / joint.sum(axis=0, keepdims=True)
    step = hidden_given_visible @ visible_given_hidden.T  # v -> h -> v
    start = np.random.default_rng(5).random(len(V))
    start /= start.sum()

    def moments(p):
        means = hidden_given_visible @ H
        return (V * p[:, None]).T @ means, p @ means, p @ V

    for k, direction in zip((1, 2, 7), expected_directions(rbm, V, (1, 2, 7), sample_weight=start), strict=True):
        expected = moments(start @ np.linalg.matrix_power(step, k))
        for ours, moved, data in zip(direction, expected, moments(start), strict=True):
            np.testing.assert_allclose(ours, moved - data, atol=1e-13)


def test_many_steps_reach_the_gradient_from_more_states_than_one_block():
    rbm = machine(13, 4, scale=0.3)
    X = np.random.default_rng(1).choice([-1, 1], size=(50, 13))
    far = expected_directions(rbm, X, (200,))[0]
    for ours, gradient in zip(far, exact.log_likelihood_gradient(rbm, X), strict=True):
        np.testing.assert_allclose(ours, gradient, atol=1e-12)


def test_chains_that_are_drawn_scatter_about_the_average():
    rbm = machine(6, 3)
    X = np.repeat([[1, -1, 1, 1, -1, 1]], 40_000, axis=0).astype(np.int8)
    moved = rbm.sample(len(X), 2, start=X, rng=7)
    drawn = moved.astype(float).mean(axis=0) - X[0]
    expected = expected_directions(rbm, X[:1], (2,))[0][2]
    error = moved.std(axis=0) / np.sqrt(len(X))
    assert np.all(np.abs(drawn - expected) < 4.5 * error + 1e-12)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="12 hidden"):
        expected_directions(machine(2, 13), [[1, 1]], (1,))
    with pytest.raises(ValueError, match="26 units in all"):
        expected_directions(machine(20, 7), np.ones((1, 20)), (1,))
    with pytest.raises(ValueError, match="steps must be an integer >= 1, got 0"):
        expected_directions(machine(2, 2), [[1, 1]], (1, 0))
    assert expected_directions(machine(2, 2), [[1, 1]], ()) == []
