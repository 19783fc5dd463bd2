"""Deep belief networks and deep Boltzmann machines: two models, each against sums over all of its states."""

import itertools

import numpy as np
import pytest
from naive import machines as naive
from oracles import machines as oracles
from scipy.special import logsumexp

from mlrg_lib.machines import RBM, DeepBeliefNetwork, DeepBoltzmannMachine, exact

SIZES = (4, 3, 2, 3)


def stack(seed=0, scale=0.8, sizes=SIZES):
    """Weights, biases (visible first) of a stack."""
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=shape) * scale for shape in itertools.pairwise(sizes)]
    return weights, [rng.normal(size=n) * scale for n in sizes]


def belief_network(weights, biases):
    """The machines share no biases: each has the lower layer's as its visible one, halves where layers meet."""
    rbms = [RBM.from_parameters(W, biases[k + 1], biases[k]) for k, W in enumerate(weights)]
    return DeepBeliefNetwork.from_rbms(rbms)


def all_units(sizes):
    layers = [naive.states(n) for n in sizes]
    return itertools.product(*layers)


def naive_boltzmann(weights, biases):
    """P(v) of the deep Boltzmann machine by summing exp(-E) over every state of every unit."""
    p = {}
    for units in all_units([len(b) for b in biases]):
        E = sum(b @ u for b, u in zip(biases, units, strict=True))
        E += sum(a @ W @ b for W, (a, b) in zip(weights, itertools.pairwise(units), strict=True))
        p[tuple(units[0])] = p.get(tuple(units[0]), 0.0) + np.exp(-E)
    total = sum(p.values())
    return np.array([p[tuple(v)] / total for v in naive.states(len(biases[0]))])


def naive_belief(dbn):
    """P(v) of the deep belief network: the top machine's joint distribution times the conditionals below."""
    sizes = [dbn.rbms_[0].weights_.shape[0], *(r.weights_.shape[1] for r in dbn.rbms_)]
    top = dbn.rbms_[-1]
    log_z = logsumexp(-naive.joint(top))
    p = {}
    for units in all_units(sizes):
        weight = np.exp(-naive.energy(top, units[-2], units[-1]) - log_z)
        for rbm, below, above in zip(dbn.rbms_[:-1], units[:-2], units[1:-1], strict=True):
            field = rbm.visible_bias_ + rbm.weights_ @ above
            weight *= np.prod(np.exp(-field * below) / (2 * np.cosh(field)))
        p[tuple(units[0])] = p.get(tuple(units[0]), 0.0) + weight
    return np.array([p[tuple(v)] for v in naive.states(sizes[0])])


@pytest.mark.parametrize("sizes", [(4, 3), (4, 3, 2), (3, 2, 3, 2), (2, 3, 2, 2, 2)])
def test_exact_distributions_of_both_models(sizes):
    weights, biases = stack(sizes=sizes)
    dbm, dbn = DeepBoltzmannMachine.from_parameters(weights, biases), belief_network(weights, biases)
    V = naive.states(sizes[0])
    for machine, expected in ((dbm, naive_boltzmann(weights, biases)), (dbn, naive_belief(dbn))):
        np.testing.assert_allclose(machine.visible_distribution(), expected, atol=1e-13)
        np.testing.assert_allclose(machine.log_likelihood(V), np.log(expected), atol=1e-11)


def test_the_two_models_agree_with_one_layer_and_differ_with_more():
    weights, biases = stack()
    one = DeepBoltzmannMachine.from_parameters(weights[:1], biases[:2]).visible_distribution()
    np.testing.assert_allclose(one, belief_network(weights[:1], biases[:2]).visible_distribution(), atol=1e-14)
    dbm = DeepBoltzmannMachine.from_parameters(weights, biases).visible_distribution()
    dbn = belief_network(weights, biases).visible_distribution()
    assert np.abs(dbm - dbn).sum() > 0.05


def test_a_top_machine_that_is_the_one_below_turned_over_changes_nothing():
    """The start of greedy training: P(h1) of the stack is that of the first machine, so P(v) is unchanged."""
    (W, *_), (c, b, *_) = stack()
    first = RBM.from_parameters(W, b, c)
    turned = RBM.from_parameters(W.T, c, b)
    np.testing.assert_allclose(
        DeepBeliefNetwork.from_rbms([first, turned]).visible_distribution(),
        exact.visible_distribution(first),
        atol=1e-14,
    )


def test_the_boltzmann_machine_is_one_restricted_machine_in_disguise():
    weights, biases = stack()
    dbm = DeepBoltzmannMachine.from_parameters(weights, biases)
    rbm = dbm.as_rbm()
    assert rbm.weights_.shape == (6, 6)
    p = exact.visible_distribution(rbm).reshape(4, 16).sum(axis=0)  # v are the fastest four of the even side
    np.testing.assert_allclose(p, dbm.visible_distribution(), atol=1e-13)


@pytest.mark.parametrize("sizes", [(4, 3), (4, 3, 2), (3, 2, 3, 2)])
def test_the_exact_gradient_is_the_derivative_of_the_likelihood(sizes):
    weights, biases = stack(sizes=sizes, scale=0.5)
    dbm = DeepBoltzmannMachine.from_parameters(weights, biases)
    V = naive.states(sizes[0])[np.random.default_rng(0).integers(0, 2 ** sizes[0], size=25)].astype(np.int8)
    gradient = dbm._two_sides().exact_gradient(V)
    for values, g in zip((*dbm.weights_, *dbm.biases_), gradient, strict=True):
        for index in np.ndindex(*values.shape):
            sides = []
            for step in (1e-5, -1e-5):
                values[index] += step
                sides.append(dbm.log_likelihood(V).mean())
                values[index] -= step
            assert g[index] == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-8)


def test_samples_of_both_models_have_their_distributions():
    weights, biases = stack(scale=0.5)
    V = naive.states(4)
    for machine in (DeepBoltzmannMachine.from_parameters(weights, biases), belief_network(weights, biases)):
        X = machine.sample(60_000, 60, rng=1)
        assert X.dtype == np.int8
        p = machine.visible_distribution()
        counts = np.bincount(((X > 0) << np.arange(4)).sum(axis=1), minlength=16)
        z = (counts - 60_000 * p) / np.sqrt(60_000 * p * (1 - p))
        assert np.abs(z).max() < 4.5
        assert len(V) == len(p)


@pytest.mark.parametrize("method", ["exact", "pcd"])
def test_training_a_boltzmann_machine_raises_the_likelihood_towards_the_bound(method):
    p = oracles.ising_probabilities(3, 0.3)
    X = oracles.ising_samples(3, 0.3, 1500, np.random.default_rng(0))
    dbm = DeepBoltzmannMachine(
        (6, 3), method=method, learning_rate=0.1 if method == "exact" else 0.03, n_epochs=40, batch_size=100, rng=1
    ).fit(X)
    gap = -oracles.entropy(p) - p @ dbm.log_likelihood(naive.states(9))
    start = -oracles.entropy(p) + 9 * np.log(2)
    assert 0 < gap < 0.5 * start
    curve = dbm.history_["log_likelihood"]
    assert curve[-1] > curve[0]
    assert dbm.history_["epoch"] == list(range(1, 41))
    assert dbm.history_["log_likelihood"][-1] == pytest.approx(dbm.log_likelihood(X).mean())
    again = DeepBoltzmannMachine(**dbm.get_params()).fit(X)
    np.testing.assert_array_equal(again.weights_[1], dbm.weights_[1])


def test_the_mean_field_is_the_exact_posterior_of_one_layer():
    weights, biases = stack()
    dbm = DeepBoltzmannMachine.from_parameters(weights[:1], biases[:2])
    rbm = RBM.from_parameters(weights[0], biases[1], biases[0])
    np.testing.assert_allclose(dbm.transform(naive.states(4)), rbm.transform(naive.states(4)), atol=1e-14)


def test_the_mean_field_hears_the_layer_above():
    """For weak couplings the exact posterior of every layer is close; without the layer above it is not."""
    weights, biases = stack(sizes=(4, 3, 2), scale=0.15)
    biases[2] += 1.0
    dbm = DeepBoltzmannMachine.from_parameters(weights, biases)
    V = naive.states(4)
    middle, top = dbm._mean_field(V)[1:]
    for v, m, t in zip(V, middle, top, strict=True):
        total, mean_middle, mean_top = 0.0, np.zeros(3), np.zeros(2)
        for h1, h2 in itertools.product(naive.states(3), naive.states(2)):
            w = np.exp(-(biases[1] @ h1 + biases[2] @ h2 + v @ weights[0] @ h1 + h1 @ weights[1] @ h2))
            total, mean_middle, mean_top = total + w, mean_middle + w * h1, mean_top + w * h2
        np.testing.assert_allclose(m, mean_middle / total, atol=0.06)
        np.testing.assert_allclose(t, mean_top / total, atol=0.06)
    deaf = -np.tanh(biases[1] + V @ weights[0])
    assert np.abs(deaf - middle).max() > 0.1


# -- the stack ------------------------------------------------------------------------------------------------------


def test_a_stack_is_trained_layer_by_layer():
    X = oracles.ising_samples(3, 0.35, 2000, np.random.default_rng(0))
    dbn = DeepBeliefNetwork((6, 4, 2), learning_rate=0.02, n_epochs=(20, 5, 3), method=("cd", "pcd", "exact"), rng=3)
    dbn.fit(X)
    assert [r.n_epochs_ for r in dbn.rbms_] == [20, 5, 3]
    assert [r.method for r in dbn.rbms_] == ["cd", "pcd", "exact"]
    assert [r.weights_.shape for r in dbn.rbms_] == [(9, 6), (6, 4), (4, 2)]
    again = DeepBeliefNetwork(**dbn.get_params()).fit(X)
    for a, b in zip(dbn.rbms_, again.rbms_, strict=True):
        np.testing.assert_array_equal(a.weights_, b.weights_)
    np.testing.assert_allclose(dbn.receptive_fields(1), dbn.rbms_[0].weights_)
    product = dbn.rbms_[0].weights_ @ dbn.rbms_[1].weights_
    np.testing.assert_allclose(dbn.receptive_fields(2), product)
    np.testing.assert_allclose(dbn.receptive_fields(), product @ dbn.rbms_[2].weights_)
    assert dbn.transform(X).shape == (2000, 2)
    np.testing.assert_allclose(dbn.transform(X, 1), dbn.rbms_[0].transform(X))
    np.testing.assert_allclose(dbn.reconstruct(X, 1), dbn.rbms_[0].reconstruct(X))
    assert np.abs(dbn.reconstruct(X)).max() <= 1
    uniform = -9 * np.log(2)
    assert dbn.log_likelihood(X).mean() > uniform + 0.3
    table = dbn.visible_distribution()
    np.testing.assert_allclose(dbn.log_likelihood(X[:50]), np.log(table)[index(X[:50])], atol=1e-10)


def index(X):
    return ((X > 0) << np.arange(X.shape[1])).sum(axis=1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda X: DeepBeliefNetwork(()).fit(X), "layers must be a non-empty tuple"),
        (lambda X: DeepBeliefNetwork((3, 0)).fit(X), "layers must be"),
        (lambda X: DeepBeliefNetwork((3, 2), n_epochs=(1, 2, 3)).fit(X), "n_epochs must be one value or 2"),
        (lambda X: DeepBeliefNetwork((3, 2), method="x").fit(X), "method must be one of"),
        (lambda X: DeepBeliefNetwork((3,)).fit(X * 2), "X must hold only"),
        (lambda X: DeepBeliefNetwork((3,), n_epochs=1).fit(X).transform(X, 2), "layer must be"),
        (lambda X: DeepBeliefNetwork((3,), n_epochs=1).fit(X).receptive_fields(0), "layer must be"),
        (lambda X: DeepBeliefNetwork((3,), n_epochs=1).fit(X).sample(0), "n must be"),
        (lambda X: DeepBeliefNetwork.from_rbms([]), "rbms must hold at least one"),
        (
            lambda X: DeepBeliefNetwork.from_rbms([RBM.from_parameters(np.ones((2, 3))), RBM.from_parameters([[1.0]])]),
            "rbms must fit on top of each other",
        ),
        (
            lambda X: DeepBeliefNetwork.from_rbms(
                [RBM.from_parameters(np.ones((13, 13))), RBM.from_parameters(np.ones((13, 1)))]
            ).visible_distribution(),
            "layers must have at most 24 units in two neighbours",
        ),
        (lambda X: DeepBoltzmannMachine(()).fit(X), "layers must be a non-empty tuple"),
        (lambda X: DeepBoltzmannMachine((2.5,)).fit(X), "layers must be"),
        (lambda X: DeepBoltzmannMachine(method="cd").fit(X), "method must be one of 'exact', 'pcd'"),
        (lambda X: DeepBoltzmannMachine(k=0).fit(X), "k must be"),
        (lambda X: DeepBoltzmannMachine(n_mean_field=0).fit(X), "n_mean_field must be"),
        (lambda X: DeepBoltzmannMachine(learning_rate=0.0).fit(X), "learning_rate must be above 0"),
        (lambda X: DeepBoltzmannMachine(momentum=1.0).fit(X), "momentum must be below 1"),
        (lambda X: DeepBoltzmannMachine(batch_size=0).fit(X), "batch_size must be"),
        (lambda X: DeepBoltzmannMachine(n_epochs=-1).fit(X), "n_epochs must be"),
        (lambda X: DeepBoltzmannMachine((17,)).fit(X), "at most 16 units in the odd layers"),
        (lambda X: DeepBoltzmannMachine().fit(X * 2), "X must hold only"),
        (lambda X: DeepBoltzmannMachine.from_parameters([]), "weights must hold at least one matrix"),
        (
            lambda X: DeepBoltzmannMachine.from_parameters([np.ones((2, 3)), np.ones((2, 2))]),
            "fit on top of each other",
        ),
        (lambda X: DeepBoltzmannMachine.from_parameters([np.ones((2, 3))], [[0.0], [0.0]]), "biases must have lengths"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.ones((6, 3), dtype=np.int8))


def test_a_diverging_boltzmann_machine_says_so():
    X = oracles.ising_samples(3, 0.3, 50, np.random.default_rng(0))
    with pytest.raises(FloatingPointError, match=r"diverged in epoch 1 with learning_rate=1000000\.0"):
        DeepBoltzmannMachine((3, 2), learning_rate=1e6, rng=0).fit(X)
