"""The browser's principal components and fourth moments against NumPy and the library."""

import numpy as np
import pytest
from scipy import stats

from mlrg_lib._kernels.page import eigen, modes
from mlrg_lib.rg import pca


def random_state(seed=1):
    return np.random.default_rng(seed).integers(0, 2**64, 4, dtype=np.uint64)


def correlated(n=12, n_samples=900, seed=1):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, n)) @ rng.laplace(size=(n, n_samples)) + 3.0).astype(np.float32)


def diagonalized(matrix):
    n = len(matrix)
    values, vectors = np.empty(n), np.empty((n, n))
    eigen.eigenmodes(values, vectors, matrix.copy(), np.empty((4, n)))
    return values, vectors


@pytest.mark.parametrize("standardize", [False, True])
def test_center_and_second_moments(standardize):
    data = correlated()
    expected = data - data.mean(axis=1, keepdims=True, dtype=np.float64)
    expected /= expected.std(axis=1, keepdims=True) if standardize else 1.0
    modes.center(data, standardize)
    np.testing.assert_allclose(data, expected, atol=2e-5)
    matrix = np.empty((len(data), len(data)))
    modes.second_moments(matrix, data)
    np.testing.assert_allclose(
        matrix, data.astype(float) @ data.T.astype(float) / data.shape[1], rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("n", [1, 2, 3, 7, 40])
def test_eigenmodes_of_random_matrices(n):
    half = np.random.default_rng(n).normal(size=(n, n))
    matrix = half + half.T
    values, vectors = diagonalized(matrix)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix)[::-1], atol=1e-12 * n)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(n), atol=1e-12)
    np.testing.assert_allclose(vectors @ matrix @ vectors.T, np.diag(values), atol=1e-11)


@pytest.mark.parametrize(
    "matrix",
    [
        np.eye(6),
        np.zeros((5, 5)),
        np.ones((8, 8)),
        np.diag([1.0, 5.0, 3.0]),
        np.kron(np.eye(4), np.array([[2.0, 1.0], [1.0, 2.0]])),
        np.diag(10.0 ** -np.arange(0, 24, 2)) + 1e-14,
        np.diag([2.0, 1.0, 3.0, 4.0]) - 0.5 * (np.eye(4, k=1) + np.eye(4, k=-1)) + 1e-12 * np.ones((4, 4)),
    ],
    ids=["identity", "zero", "rank one", "diagonal", "degenerate", "twelve decades", "nearly tridiagonal"],
)
def test_eigenmodes_of_difficult_matrices(matrix):
    values, vectors = diagonalized(matrix)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix)[::-1], atol=1e-13)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(len(matrix)), atol=1e-12)
    np.testing.assert_allclose(vectors.T @ np.diag(values) @ vectors, matrix, atol=1e-12)


def test_projecting_and_rebuilding():
    data = correlated(n=11, n_samples=1500)
    modes.center(data, False)
    vectors = pca.principal_components(data.T)[1].astype(np.float32)
    scores = np.empty_like(data)
    modes.project(scores, vectors, data)
    np.testing.assert_allclose(scores, vectors @ data, rtol=1e-4, atol=1e-4)
    first, last, n_blocks = 1, 7, 4
    second, fourth, counts = np.empty((n_blocks, 11)), np.empty((n_blocks, 11)), np.zeros(60, np.int32)
    weights = np.ascontiguousarray(vectors.T)
    modes.rebuilt(second, fourth, counts, 4.0, np.empty(1500, np.float32), weights, scores, first, last)
    expected = vectors[first:last].T.astype(float) @ scores[first:last]
    blocks = expected.reshape(11, n_blocks, -1)
    np.testing.assert_allclose(second, (blocks**2).sum(axis=2).T, rtol=1e-4)
    np.testing.assert_allclose(fourth, (blocks**4).sum(axis=2).T, rtol=1e-4)
    unit = expected / np.sqrt(np.mean(expected**2, axis=1, keepdims=True))
    histogram = np.histogram(unit, 60, (-4, 4))[0]
    assert np.abs(counts - histogram).sum() <= 8  # a value within rounding of an edge may change its bin


def test_shuffling_keeps_the_values_and_loses_the_correlations():
    data = correlated(n=6, n_samples=5000)
    before = data.copy()
    modes.shuffle(data, random_state())
    np.testing.assert_array_equal(np.sort(data, axis=1), np.sort(before, axis=1))
    off = np.abs(np.corrcoef(data) - np.eye(6)).max()
    assert off < 4.5 / np.sqrt(5000)
    assert np.abs(np.corrcoef(before) - np.eye(6)).max() > 0.2
    assert not np.array_equal(np.argsort(data[0]), np.argsort(data[1]))


def test_short_rows_are_shuffled_evenly():
    rows = np.tile(np.arange(3, dtype=np.float32), (60_000, 1))
    modes.shuffle(rows, random_state(3))
    _, counts = np.unique(rows @ [9, 3, 1], return_counts=True)
    assert len(counts) == 6
    assert stats.chisquare(counts).pvalue > 1e-4


def test_gaussian_scores_have_exactly_the_variances_and_nothing_else():
    values = 2.0 ** -np.arange(10)
    scores = np.empty((10, 4001), np.float32)
    modes.gaussian_scores(scores, values, random_state(2))
    np.testing.assert_allclose(scores.mean(axis=1), 0, atol=1e-4)
    covariance = scores.astype(float) @ scores.T.astype(float) / 4001
    np.testing.assert_allclose(covariance, np.diag(values), atol=1e-6)
    unit = (scores / np.sqrt(values)[:, None]).ravel()
    assert stats.kstest(unit, "norm").pvalue > 1e-4
    assert abs(np.mean(unit**4) - 3) < 4.5 * np.sqrt(96 / unit.size)
