"""Principal components of two variables against scikit-learn, and the deviates against the normal distribution."""

import numpy as np
import pytest
from scipy import stats
from sklearn.decomposition import PCA

from mlrg_lib._kernels.page import ellipse


def deviates(n, seed=1):
    out = np.empty((n, 2))
    ellipse.normal_pairs(out, np.random.default_rng(seed).integers(0, 2**64, 4, dtype=np.uint64))
    return out


def test_deviates_are_standard_normal_and_independent():
    z = deviates(200_000)
    assert stats.kstest(z.ravel(), "norm").pvalue > 1e-4
    assert abs(stats.pearsonr(*z.T).statistic) < 4 / np.sqrt(len(z))
    error = np.sqrt(2 / z.size)
    assert abs((z**2).mean() - 1) < 4 * error
    assert abs(((1.01 * z) ** 2).mean() - 1) > 4 * error  # a spread 1 % too wide is seen


@pytest.mark.parametrize(
    ("major", "minor", "angle", "n"), [(2.0, 0.5, 0.6, 1000), (1.0, 1.0, -1.2, 50), (3.0, 0.0, 1.5, 5)]
)
def test_samples_are_turned_and_axes_are_those_of_scikit_learn(major, minor, angle, n):
    out, points, z = np.empty(3), np.empty((n, 2)), deviates(n)
    ellipse.principal_axes(out, points, z, major, minor, angle)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    np.testing.assert_allclose(points, z * [major, minor] @ turn.T, atol=1e-12)
    pca = PCA(2).fit(points)
    np.testing.assert_allclose(out[:2], pca.explained_variance_ * (n - 1) / n, atol=1e-12)
    first = np.array([np.cos(out[2]), np.sin(out[2])])
    assert abs(abs(first @ pca.components_[0]) - 1) < 1e-9
