"""The batch-in-lanes machine against its obvious twin, its exact distribution, and the gradient it should follow."""

import itertools

import numpy as np

from mlrg_lib._kernels import rbm
from mlrg_lib._kernels.page import small_rbm

N_VISIBLE, N_HIDDEN, N_BATCH = 8, 4, 64
ROUNDING = 2e-6
SEED = np.uint64(2026)


def machine(seed, scale=0.5):
    """The matrix of the weights with b below them, and the vector c."""
    rng = np.random.default_rng(seed)
    matrix = np.vstack([rng.normal(0, scale, (N_VISIBLE, N_HIDDEN)), rng.normal(0, 0.3, (1, N_HIDDEN))])
    return matrix.astype(np.float32), rng.normal(0, 0.3, N_VISIBLE).astype(np.float32)


def units(seed, n_batch=N_BATCH):
    return np.random.default_rng(seed).choice([-1, 1], (N_VISIBLE, n_batch)).astype(np.float32)


def work(n_batch=N_BATCH):
    shapes = (N_HIDDEN, N_VISIBLE), (N_VISIBLE, n_batch), (N_HIDDEN, n_batch), (N_HIDDEN, n_batch)
    return tuple(np.empty(shape, np.float32) for shape in shapes)


def zero(n_batch=N_BATCH):
    return np.zeros(n_batch, np.float32)


def like(parameters):
    return tuple(np.zeros_like(part) for part in parameters)


def naive_gibbs(visible, matrix, c, call):
    """One step: fields by the definition, in float64; the draws are the library's own pass."""
    weights, b = matrix[:-1].astype(float), matrix[-1]
    hidden = (b[:, None] + weights.T @ visible).astype(np.float32)
    rbm.sample_units(hidden, zero(visible.shape[1]), SEED, np.uint64(call))
    new = (c[:, None] + weights @ hidden).astype(np.float32)
    rbm.sample_units(new, zero(visible.shape[1]), SEED, np.uint64(call + 1))
    return new, hidden


def gibbs(visible, hidden, matrix, c, call, n_steps):
    weights, b = matrix[:-1], matrix[-1]
    transposed = np.ascontiguousarray(weights.T)
    zeros = zero(visible.shape[1])
    small_rbm.gibbs_steps(visible, hidden, weights, transposed, b, c, zeros, SEED, np.uint64(call), n_steps)


def update(parameters, velocities, gradients, scratch, data, *, call=0, k=1, rate=0.1, momentum=0.0, l1=0.0):
    numbers = (np.float32(x) for x in (rate, momentum, l1))
    small_rbm.cd_update(
        parameters, velocities, gradients, scratch, data, zero(data.shape[1]), SEED, np.uint64(call), k, *numbers
    )


def exact_visible(matrix, c):
    """All visible states and their probabilities, by enumerating both layers."""
    v = np.array(list(itertools.product([-1, 1], repeat=N_VISIBLE)))
    h = np.array(list(itertools.product([-1, 1], repeat=N_HIDDEN)))
    energy = (h @ matrix[-1])[None] + (v @ c)[:, None] + v @ matrix[:-1].astype(float) @ h.T
    p = np.exp(-energy)
    return v, p.sum(axis=1) / p.sum()


def test_gibbs_steps_equal_the_naive_twin():
    matrix, c = machine(1)
    visible, twin, hidden = units(2), units(2), np.empty((N_HIDDEN, N_BATCH), np.float32)
    for step in range(3):
        twin, twin_hidden = naive_gibbs(twin, matrix, c, 7 + 2 * step)
    gibbs(visible, hidden, matrix, c, 7, 3)
    np.testing.assert_array_equal(visible, twin)
    np.testing.assert_array_equal(hidden, twin_hidden)


def test_the_update_is_the_contrastive_gradient():
    parameters, data = machine(4), units(5)
    (matrix, c), rate, l1, momentum = (part.copy() for part in parameters), 0.1, 0.05, 0.5
    velocities, scratch = tuple(np.full_like(part, 0.01) for part in parameters), work()
    update(parameters, velocities, like(parameters), scratch, data, call=3, rate=rate, l1=l1, momentum=momentum)
    end, _ = naive_gibbs(data, matrix, c, 3)
    np.testing.assert_array_equal(scratch[1], end)
    seen, dreamt = (-np.tanh(matrix[-1][:, None] + matrix[:-1].T @ v) for v in (data, end))
    free = matrix[:-1] + momentum * 0.01 + rate * (end @ dreamt.T - data @ seen.T) / N_BATCH
    shrunk = np.sign(free) * np.maximum(np.abs(free) - rate * l1, 0)
    np.testing.assert_allclose(parameters[0][:-1], shrunk, atol=ROUNDING)
    new_b = matrix[-1] + momentum * 0.01 + rate * (dreamt - seen).mean(axis=1)
    np.testing.assert_allclose(parameters[0][-1], new_b, atol=ROUNDING)
    np.testing.assert_allclose(parameters[1], c + momentum * 0.01 + rate * (end - data).mean(axis=1), atol=ROUNDING)


def test_l1_leaves_exact_zeros():
    parameters = machine(7, scale=1e-3)
    update(parameters, like(parameters), like(parameters), work(), units(8), rate=0.01, l1=10)
    assert (parameters[0][:-1] == 0).all()
    assert (parameters[0][-1] != 0).all()


def test_long_chains_sample_the_model():
    matrix, c = machine(10)
    p = exact_visible(matrix, c)[1]
    n_batch, n_steps = 512, 400
    visible = units(11, n_batch)
    hidden = np.empty((N_HIDDEN, n_batch), np.float32)
    counts = np.zeros(2**N_VISIBLE)
    gibbs(visible, hidden, matrix, c, 0, 50)
    for step in range(n_steps):
        gibbs(visible, hidden, matrix, c, 100 + 10 * step, 5)
        counts += np.bincount((visible > 0).T @ (1 << np.arange(N_VISIBLE)[::-1]), minlength=2**N_VISIBLE)
    n = n_batch * n_steps

    def z(p):
        chi2 = ((counts - n * p) ** 2 / (n * p)).sum()
        return (chi2 - len(p)) / np.sqrt(2 * len(p))

    assert abs(z(p)) < 6
    wrong = exact_visible(np.float32(1.03) * matrix, c)[1]
    assert z(wrong) > 12  # the same test refuses weights 3 % too strong


def test_learning_approaches_the_data():
    """A machine trained on another's samples ends far closer to it in Kullback-Leibler divergence."""
    teacher = machine(13, scale=0.7)
    v, p = exact_visible(*teacher)
    rng = np.random.default_rng(14)
    parameters = machine(15, scale=0.01)
    velocities, gradients, scratch = like(parameters), like(parameters), work()

    def divergence():
        return float((p * np.log(p / exact_visible(*parameters)[1])).sum())

    before = divergence()
    for step in range(4000):
        data = np.ascontiguousarray(v[rng.choice(len(v), N_BATCH, p=p)].T.astype(np.float32))
        rate = 0.1 if step < 3000 else 0.02
        update(parameters, velocities, gradients, scratch, data, call=10 * step, k=5, rate=rate)
    assert divergence() < 0.1 * before
