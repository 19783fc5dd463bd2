"""Kernels that only the page runs, beside NumPy and the library: pictures, lanes, order, fields, moments."""

import numpy as np
import pytest

from mlrg_lib._kernels import columns, multispin
from mlrg_lib._kernels.page import lanes, modes, order, pictures, small_rbm
from mlrg_lib.ising.observables import energy
from mlrg_lib.machines import fields
from mlrg_lib.rg import block_spin, pca


def random_spins(rng, *shape):
    return (2 * rng.integers(0, 2, shape) - 1).astype(np.int8)


@pytest.mark.parametrize("side", [64, 128, 256])
def test_block_sums_from_bits_are_those_from_bytes(side):
    spins = random_spins(np.random.default_rng(side), side, side)
    planes = np.empty((2, side // 64, side // 2 + 2), np.uint64)
    columns.pack(planes, spins[None], 1)
    expected = spins.reshape(side // 2, 2, side // 2, 2).sum(axis=(1, 3))
    out = np.empty((2, side // 2, side // 2), np.int8)
    pictures.block_sums(out[0], spins)
    pictures.word_block_sums(out[1], planes)
    np.testing.assert_array_equal(out[0], expected)
    np.testing.assert_array_equal(out[1], expected)


def test_decimation_is_the_librarys():
    spins = random_spins(np.random.default_rng(1), 12, 12)
    out = np.empty((6, 6), np.int8)
    pictures.decimate(out, spins)
    np.testing.assert_array_equal(out, block_spin.decimate(spins[None], 2)[0])
    assert pictures.total(spins) == spins.sum()


@pytest.mark.parametrize("b", [1, 2, 4])
def test_pixels_have_the_colour_of_their_number_of_spins_up(b):
    up = np.arange(b * b + 1)
    pixels = np.empty(b * b + 1, np.int32)
    pictures.paint(pixels, (2 * up - b * b).astype(np.int8), b, (1000 + up).astype(np.int32))
    np.testing.assert_array_equal(pixels, 1000 + up)


def test_lanes_are_the_lattices_and_have_their_energy():
    rng, L = np.random.default_rng(2), 6
    planes = rng.integers(0, 2**64, (2, L, L // 2 + 2), dtype=np.uint64)
    spins, batch = np.empty((64, L, L), np.int8), np.empty((L, L, 64), np.float32)
    multispin.unpack_even(spins, planes, 1)
    flips = np.uint64(0b101)
    spins[[0, 2]] *= -1
    lanes.unpack_lanes(batch, planes, flips)
    np.testing.assert_array_equal(batch.transpose(2, 0, 1), spins)
    assert lanes.mean_energy(batch) == pytest.approx(energy(spins).mean(), abs=1e-12)
    other = random_spins(rng, batch.size).astype(np.float32)
    assert lanes.mean_product(batch.ravel(), other) == pytest.approx(np.mean(batch.ravel() * other), abs=1e-6)


@pytest.mark.parametrize("n", [1, 2, 5, 40, 57, 257])  # the steps of the sort depend on the size
def test_median(n):
    values = np.random.default_rng(n).integers(0, n, n).astype(float)
    expected = np.sort(values)
    assert order.median(values) == np.median(expected)
    np.testing.assert_array_equal(values, expected)


def test_fields_are_described_as_the_library_does():
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(64, 9)).astype(np.float32) ** 3
    weights[:, 4] *= 1e-3  # learned nothing
    weights[10:20, 2] = 0
    summary, tiles = np.empty(3), np.empty((9, 64), np.float32)
    small_rbm.describe_fields(summary, tiles, np.empty(9), weights)
    strongest = weights[np.abs(weights).argmax(axis=0), np.arange(9)]
    np.testing.assert_array_equal(tiles, (weights * np.sign(strongest)).T)
    learned = fields.learned(weights)
    assert not learned.all()
    assert summary[0] == np.median(fields.half_maximum_area(weights[:, learned]))
    assert summary[1] == np.abs(weights).max()
    assert summary[2] == 10 / weights.size


def test_fields_without_a_weight_cover_every_site():
    summary = np.empty(3)
    small_rbm.describe_fields(summary, np.empty((2, 16), np.float32), np.empty(2), np.zeros((16, 2), np.float32))
    assert summary.tolist() == [16, 0, 1]


def test_moment_is_the_librarys_and_error_that_of_blocks_drawn():
    """The page draws blocks and holds the components; the library's error, with components refitted, is larger."""
    rng, n, n_samples, n_blocks, kept = np.random.default_rng(4), 12, 4000, 20, 5
    X = rng.laplace(size=(n_samples, n)) @ rng.normal(size=(n, n))
    values, vectors = pca.principal_components(X)
    weights = np.ascontiguousarray(vectors.T.astype(np.float32))
    rebuilt = (X - X.mean(axis=0)) @ vectors[:kept].T @ vectors[:kept]
    blocks = rebuilt.reshape(n_blocks, -1, n)
    second, fourth, full = (blocks**2).sum(axis=1), (blocks**4).sum(axis=1), np.empty(n)
    modes.variances(full, values, weights, n_samples)
    np.testing.assert_allclose(full, n_samples * X.var(axis=0), rtol=1e-5)
    out, work, state = np.empty(2), np.empty((3, n)), rng.integers(0, 2**64, 4, dtype=np.uint64)
    moment = modes.normalized_moment(work[0], second.sum(axis=0), fourth.sum(axis=0), full, n_samples)
    modes.resampled(out, work, second, fourth, full, n_samples, 400, state)
    assert out[0] == pytest.approx(moment, rel=1e-12)
    drawn = rng.multinomial(n_blocks, np.full(n_blocks, 1 / n_blocks), 4000)
    medians = np.median(n_samples * (drawn @ fourth) / (drawn @ second) ** 2, axis=1)
    assert out[1] == pytest.approx(medians.std(), rel=0.15)  # of 400 draws: 3.5 %
    flow = pca.mode_flow(X, [kept / n], n_blocks=n_blocks)  # last: interpreted, it takes most of the time
    assert moment == pytest.approx(flow.moment[0], rel=1e-4)
    assert 0.3 < out[1] / flow.error[0] < 1.2


def test_variables_without_weight_do_not_count():
    second, full = np.array([1.0, 1e-12, 4.0]), np.ones(3)
    fourth = np.array([3.0, 5.0, 8.0])
    assert modes.normalized_moment(np.empty(3), second, fourth, full, 10) == np.median([30.0, 5.0])
    assert np.isnan(modes.normalized_moment(np.empty(3), np.zeros(3), fourth, full, 10))
