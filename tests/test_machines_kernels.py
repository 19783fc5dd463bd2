"""Kernels of the machines against their slow twins, and the noise they draw."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import machines as naive
from scipy import stats
from scipy.special import logsumexp

from mlrg_lib._kernels import enumeration, words
from mlrg_lib._kernels import rbm as kernels
from mlrg_lib.machines._enumeration import Enumeration, states

U64 = st.integers(0, 2**64 - 1)
EXP_ERROR = 2e-6  # relative, of the float32 exponential


@settings(max_examples=100, deadline=None)
@given(U64, U64, st.integers(0, 2**31 - 1), st.integers(0, 5000))
def test_the_hash_is_the_twin_bit_for_bit(seed, call, row, column):
    key = kernels.row_key(np.uint64(seed), np.uint64(call), row)
    assert int(key) == naive.row_key(seed, call, row)
    counter = np.uint32((int(key) + column * int(kernels.COLUMN)) % 2**32)
    assert int(kernels.hash32(counter, np.uint32(int(key) >> 32))) == naive.bits(int(key), column)
    assert int(words.mix64(np.uint64(seed))) == naive.mix64(seed)


def test_samples_are_the_twins_samples():
    rng = np.random.default_rng(3)
    fields = rng.normal(scale=1.5, size=(40, 61)).astype(np.float32)
    bias = rng.normal(size=61).astype(np.float32)
    values, means, drawn = fields.copy(), fields.copy(), np.empty_like(fields)
    kernels.sample_units(values, bias, np.uint64(7), np.uint64(9))
    kernels.mean_and_sample_units(means, drawn, bias, np.float32(0.5), np.uint64(7), np.uint64(9))
    total = (fields + bias).astype(np.float64)
    p = 1.0 / (1.0 + np.exp(2.0 * total))
    u = naive.uniforms(7, 9, fields.shape)
    clear = np.abs(u - p) > EXP_ERROR
    assert (~clear).sum() <= 1  # float32 cannot tell these
    np.testing.assert_array_equal(values[clear], np.where(u < p, 1, -1)[clear])
    np.testing.assert_array_equal(drawn, values)
    np.testing.assert_allclose(means, -0.5 * np.tanh(total), atol=1e-6)
    only = fields.copy()
    kernels.mean_units(only, bias, np.float32(0.5))
    np.testing.assert_array_equal(only, means)


def test_rows_are_gathered_as_they_are():
    rows = np.random.default_rng(5).integers(-128, 128, size=(9, 37)).astype(np.int8)
    order = np.array([8, 0, 0, 3])
    out = np.full((4, 37), np.nan, dtype=np.float32)
    kernels.gather_rows(out, rows, order)
    np.testing.assert_array_equal(out, rows[order])


def test_a_row_does_not_depend_on_the_batch_it_came_in():
    fields = np.random.default_rng(0).normal(size=(9, 33)).astype(np.float32)
    bias = np.zeros(33, dtype=np.float32)
    whole, part = fields.copy(), fields[:4].copy()
    kernels.sample_units(whole, bias, np.uint64(1), np.uint64(2))
    kernels.sample_units(part, bias, np.uint64(1), np.uint64(2))
    np.testing.assert_array_equal(part, whole[:4])


@pytest.mark.parametrize("field", [0.0, 0.3, -1.2, 3.0, -44.0, 60.0, 1e30, -1e30])
def test_the_exponential_is_accurate_and_saturates(field):
    value = float(kernels.exp_twice(np.float32(field)))
    exact = np.exp(2 * np.clip(np.float64(np.float32(field)), -40 * np.log(2), 40 * np.log(2)))
    assert value == pytest.approx(exact, rel=EXP_ERROR * max(1.0, abs(np.log(exact))))


@pytest.mark.parametrize("field", [0.0, 0.5, -1.0, 2.0])
def test_units_have_the_right_mean_and_no_correlations(field):
    n, units = 20_000, 48
    values = np.full((n, units), field, dtype=np.float32)
    kernels.sample_units(values, np.zeros(units, dtype=np.float32), np.uint64(2024), np.uint64(11))
    mean, spread = -np.tanh(field), 1 / np.cosh(field)
    z = (values.astype(np.float64) - mean) / spread
    assert abs(z.mean()) * np.sqrt(z.size) < 4
    columns = z.T @ z / np.sqrt(n)
    assert np.abs(columns[np.triu_indices(units, 1)]).max() < 5
    for lag in (1, 2, 3, 16, 64):
        assert abs((z[lag:] * z[:-lag]).sum()) / np.sqrt(z[lag:].size) < 4.5
    again = np.full((n, units), field, dtype=np.float32)
    kernels.sample_units(again, np.zeros(units, dtype=np.float32), np.uint64(2024), np.uint64(12))
    assert abs((z * (again - mean) / spread).sum()) / np.sqrt(z.size) < 4.5
    other = np.full((n, units), field, dtype=np.float32)
    kernels.sample_units(other, np.zeros(units, dtype=np.float32), np.uint64(2025), np.uint64(11))
    assert abs((z * (other - mean) / spread).sum()) / np.sqrt(z.size) < 4.5


def test_the_hash_fills_all_bits_evenly():
    keys = [kernels.row_key(np.uint64(5), np.uint64(1), r) for r in range(400)]
    words = np.array([[naive.bits(int(k), j) for j in range(100)] for k in keys], dtype=np.uint64)
    ones = np.array([((words >> np.uint64(b)) & np.uint64(1)).sum() for b in range(32)], dtype=np.float64)
    assert np.abs((ones - words.size / 2) / np.sqrt(words.size / 4)).max() < 4.5
    for axis, lag in ((0, 1), (1, 1), (1, 2), (1, 7)):
        mixed = np.diff(words.astype(np.int64), axis=axis, n=1)[..., ::lag]
        assert len(np.unique(mixed)) > 0.999 * mixed.size * (1 - mixed.size / 2**32)
    counts = np.bincount((words.ravel() >> np.uint64(26)).astype(int), minlength=64)
    assert stats.chisquare(counts).pvalue > 1e-4


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 0.99), st.floats(0, 0.3), st.floats(0, 2), st.floats(0, 2))
def test_update_is_the_twins(seed, momentum, step, l1, l2):
    rng = np.random.default_rng(seed)
    W, v, g = (rng.normal(size=(5, 7)) for _ in range(3))
    expected, velocity = naive.update(W.copy(), v.copy(), g, momentum, step, l1, l2)
    kernels.update_parameters(W, v, g, momentum, step, l1, l2)
    np.testing.assert_allclose(W, expected, atol=1e-14)
    np.testing.assert_allclose(v, velocity, atol=1e-14)


def test_a_strong_l1_leaves_exact_zeros():
    W = np.array([[0.05, -0.05, 2.0]])
    kernels.update_parameters(W, np.zeros_like(W), np.zeros_like(W), 0.0, 0.1, 1.0, 0.0)
    np.testing.assert_allclose(W, [[0.0, 0.0, 1.9]])


@pytest.mark.parametrize("n", [1, 511, 512, 1300])
def test_sum_log_cosh_over_many_units(n):
    rng = np.random.default_rng(n)
    values, bias = rng.normal(scale=5, size=(3, n)), rng.normal(size=n)
    out = np.empty(3)
    kernels.sum_log_cosh(out, values, bias)
    x = values + bias
    np.testing.assert_allclose(out, np.logaddexp(x, -x).sum(axis=1), rtol=1e-13)


# -- enumeration ----------------------------------------------------------------------------------------------------


def model(n, m, scale, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, m)) * scale, rng.normal(size=n) * scale, rng.normal(size=m) * scale


def log_weights(W, field, bias):
    S = naive.states(len(field)).astype(np.float64)
    x = S @ W + bias
    return S @ field + np.logaddexp(x, -x).sum(axis=1)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 5), (7, 3), (8, 4), (11, 30)])
@pytest.mark.parametrize("scale", [0.01, 1.0, 15.0])
def test_enumeration_agrees_with_direct_sums(n, m, scale):
    W, field, bias = model(n, m, scale)
    layer = Enumeration(W, field, bias, maximum=24, what="model")
    expected = log_weights(W, field, bias)
    tolerance = 1e-13 * np.abs(expected).max() + 1e-13
    np.testing.assert_allclose(layer.log_weights, expected, atol=tolerance)
    assert layer.log_partition() == pytest.approx(logsumexp(expected), abs=tolerance)
    p = np.exp(expected - logsumexp(expected))
    products, s, u = layer.moments()
    S = naive.states(n)
    means = np.tanh(S @ W + bias)
    np.testing.assert_allclose(products, S.T @ (p[:, None] * means), atol=1e-12)
    np.testing.assert_allclose(s, p @ S, atol=1e-12)
    np.testing.assert_allclose(u, p @ means, atol=1e-12)


def test_products_that_would_underflow_keep_their_powers_of_two():
    """1000 units whose largest fields lie at opposite states: scaled factors reach exp(-60) each."""
    W = np.vstack([np.tile([30.0, -30.0], 500), np.full(1000, 0.1)])
    field, bias = np.zeros(2), np.tile([0.5, 0.7], 500)
    layer = Enumeration(W, field, bias, maximum=24, what="model")
    np.testing.assert_allclose(layer.log_weights, log_weights(W, field, bias), rtol=1e-13)
    frustrated = np.full((1, 2000), 1e-3)
    bias = np.tile([40.0, -40.0], 1000)
    layer = Enumeration(frustrated, np.array([300.0]), bias, maximum=24, what="model")
    assert layer.log_partition() == pytest.approx(
        logsumexp(log_weights(frustrated, np.array([300.0]), bias)), rel=1e-13
    )


def test_states_are_in_the_librarys_order():
    np.testing.assert_array_equal(states(3), naive.states(3))
    assert states(0).shape == (1, 0)
    fields = np.empty((8, 2))
    W = np.arange(6.0).reshape(3, 2)
    enumeration.fill_fields(fields, W, np.array([0.5, -0.5]))
    np.testing.assert_allclose(fields, naive.states(3) @ W + [0.5, -0.5])


@pytest.mark.parametrize("n", [3, 9])
def test_fields_beyond_the_range_of_exponentials_are_summed_directly(n):
    W, field, bias = model(n, 4, 300.0)
    layer = Enumeration(W, field, bias, maximum=24, what="rbm")
    expected = log_weights(W, field, bias)
    np.testing.assert_allclose(layer.log_weights, expected, rtol=1e-14)
    assert layer.log_partition() == pytest.approx(logsumexp(expected), rel=1e-14)
    p, S = np.exp(expected - logsumexp(expected)), naive.states(n)
    products, s, u = layer.moments()
    np.testing.assert_allclose(products, S.T @ (p[:, None] * np.tanh(S @ W + bias)), atol=1e-9)
    np.testing.assert_allclose(s, p @ S, atol=1e-9)
    np.testing.assert_allclose(u, p @ np.tanh(S @ W + bias), atol=1e-9)


def test_limits_of_enumeration_are_named():
    with pytest.raises(ValueError, match="rbm must have at most 3 units in its smaller layer, got 4"):
        Enumeration(np.zeros((4, 5)), np.zeros(4), np.zeros(5), maximum=3, what="rbm")
    with pytest.raises(ValueError, match="rbm must have fields below 690 to be enumerated over 25 units, got"):
        Enumeration(np.full((25, 1), 100.0), np.zeros(25), np.zeros(1), maximum=28, what="rbm")
