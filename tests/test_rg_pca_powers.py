"""How the powers of modes vary together: on exact cases, with errors from refitted components, and what is refused."""

import numpy as np
import pytest
from scipy.stats import t as student

from mlrg_lib.rg import pca

GAIN = 0.3


def gaussian(n_samples=4000, n=20, rng=0):
    return np.random.default_rng(rng).standard_normal((n_samples, n)) * np.arange(1, n + 1) ** -0.4


def gained(n_samples=4000, n=20, rng=0):
    return np.exp(GAIN * np.random.default_rng([rng, 1]).standard_normal((n_samples, 1))) * gaussian(n_samples, n, rng)


def naive(X, k, standardize=False):
    """One pair after the other."""
    X = X - X.mean(axis=0)
    X = X / X.std(axis=0) if standardize else X
    vectors = np.linalg.eigh(X.T @ X)[1][:, ::-1][:, :k]
    vectors = vectors * np.where(vectors.sum(axis=0) < 0, -1, 1)
    a = X @ vectors
    powers = [np.mean(a[:, i] ** 2) for i in range(k)]
    matrix = np.empty((k, k))
    for i in range(k):
        for j in range(k):
            matrix[i, j] = np.cov(a[:, i] ** 2, a[:, j] ** 2, bias=True)[0, 1] / (powers[i] * powers[j])
    pairs = [(i, j) for i in range(k) for j in range(k) if i != j]
    softest = np.mean([matrix[0, j] for j in range(1, k)])
    others = np.mean([matrix[i, j] for i, j in pairs if i and j])
    skew = np.mean([np.cov(a[:, 0], a[:, j] ** 2, bias=True)[0, 1] / powers[0] ** 0.5 / powers[j] for j in range(1, k)])
    psi = a @ vectors.T
    fourth = np.median(np.mean(psi**4, axis=0) / np.mean(psi**2, axis=0) ** 2)
    shared = sum(powers[i] * powers[j] * matrix[i, j] for i, j in pairs) / sum(powers[i] * powers[j] for i, j in pairs)
    share = 3 * shared / (fourth - 3)
    return matrix, [softest, others, np.log((1 + softest) / (1 + others)), 1 + matrix[0, 0], skew, share]


NAMES = ("softest", "others", "contrast", "kurtosis", "skew", "share")


@pytest.mark.parametrize("standardize", [False, True])
def test_against_pair_after_pair_and_a_jackknife_that_computes_components_anew(standardize):
    X = gained(600, 8) + np.random.default_rng(3).exponential(size=(600, 8)) ** 2
    found = pca.power_correlations(X, 4, standardize=standardize, n_blocks=6)
    matrix, values = naive(X, 4, standardize)
    np.testing.assert_allclose(found.matrix, matrix, atol=1e-10)
    blocks = np.array_split(np.arange(600), 6)
    parts = np.array([naive(np.delete(X, block, axis=0), 4, standardize)[1] for block in blocks])
    errors = np.sqrt(5 / 6 * np.sum((parts - parts.mean(axis=0)) ** 2, axis=0))
    for name, value, error in zip(NAMES, values, errors, strict=True):
        assert getattr(found, name) == pytest.approx((value, error), rel=1e-8), name


def test_one_gain_is_the_same_for_every_pair_and_the_contrast_does_not_see_it():
    found = pca.power_correlations(gained(40_000), 8)
    known = np.exp(4 * GAIN**2) - 1
    for estimate in (found.softest, found.others):
        assert abs(estimate.value - known) < 4 * estimate.error
    assert abs(found.contrast.value) < 4 * found.contrast.error
    assert abs(found.kurtosis.value - 3 * (1 + known)) < 4 * found.kurtosis.error
    assert found.share.value == pytest.approx(1, abs=0.1)
    assert abs(found.skew.value) < 4 * found.skew.error


def test_the_first_order_of_a_quartic_coupling_by_quadrature():
    """Two sites, every integral done: C/g goes to the formula of the docstring as g goes to zero."""
    modes = np.array([[0.8, 0.6], [0.6, -0.8]])
    grid = np.linspace(-9, 9, 601)
    a, b = np.meshgrid(grid, grid, indexing="ij")
    quartic = sum((modes[0, i] * a + modes[1, i] * b) ** 4 for i in range(2))
    slopes = []
    for coupling in (0.0004, 0.0002):
        weight = np.exp(-0.5 * (a**2 / 1.5 + b**2 / 0.7) - coupling * quartic)
        weight /= weight.sum()
        one, two, both = (np.sum(weight * x) for x in (a**2, b**2, a**2 * b**2))
        cross = np.sum(weight * a * b)  # modes of K are not quite uncorrelated once g is on
        slopes.append((both - one * two - 2 * cross**2) / (one * two) / coupling)
    expected = -24 * 1.5 * 0.7 * np.sum(modes[0] ** 2 * modes[1] ** 2)
    assert 2 * slopes[1] - slopes[0] == pytest.approx(expected, rel=2e-3)


def test_a_quartic_coupling_makes_modes_compete_and_a_gain_on_top_leaves_the_contrast():
    n, coupling = 32, 0.006
    values, modes = pca.power_law_eigenvalues(n, 1.25) + 0.03, pca.ring_modes(n)
    sample = pca.sample_phi4(values, modes, coupling, n_samples=40_000, n_chains=200, rng=2)
    found = pca.power_correlations(sample.fields, 10, modes=modes)
    overlap = modes[:10] ** 2 @ (modes[:10] ** 2).T
    first_order = -24 * coupling * np.outer(found.variances, found.variances) * overlap
    assert first_order[0, 1:].mean() < found.softest.value < 0.4 * first_order[0, 1:].mean()  # higher orders weaken it
    assert found.contrast.value < -4 * found.contrast.error
    gain = np.exp(GAIN * np.random.default_rng(4).standard_normal((len(sample.fields), 1)))
    under = pca.power_correlations(gain * sample.fields, 10, modes=modes)
    assert under.softest.value > 0
    assert abs(under.contrast.value - found.contrast.value) < 4 * np.hypot(under.contrast.error, found.contrast.error)


def test_counts_with_one_rate_are_skewed_and_the_sign_is_that_of_more_counts():
    rng = np.random.default_rng(5)
    X = rng.poisson(np.exp(0.5 * rng.standard_normal((4000, 1))) * rng.uniform(0.5, 2, 20))
    found = pca.power_correlations(X, 6, standardize=True)
    assert found.skew.value > 5 * found.skew.error
    assert pca.power_correlations(-X, 6, standardize=True).skew.value == pytest.approx(-found.skew.value)
    assert found.contrast.value > 0


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Of 100 data sets with one gain, with the components of 800 samples; the contrast's and the skew's truth is 0."""
    reach, hits = student.ppf(0.975, 19), np.zeros(2)
    for rng in range(100):
        found = pca.power_correlations(gained(800, 12, rng), 5)
        hits += [abs(e.value) < reach * e.error for e in (found.contrast, found.skew)]
    assert (hits >= 86).all()
    assert (hits <= 100).all()
    fixed = pca.power_correlations(gained(800, 12, 0), 5, modes=np.eye(12)[:5])
    assert fixed.contrast.error != pca.power_correlations(gained(800, 12, 0), 5).contrast.error


def test_a_copula_surrogate_keeps_marginals_and_covariance_and_no_gain():
    X = gained(3000, 30)
    surrogate, deviation = pca.copula_surrogate(X, rng=1)
    np.testing.assert_array_equal(np.sort(surrogate, axis=0), np.sort(X, axis=0))
    assert deviation < 0.02
    found, known = pca.power_correlations(surrogate, 6), pca.power_correlations(X, 6)
    assert known.others.value > 0.3
    assert abs(found.others.value) < 0.1
    counts = np.random.default_rng(7).poisson(
        np.exp(0.5 * np.random.default_rng(8).standard_normal((2000, 1))), (2000, 9)
    )
    close, far = (pca.copula_surrogate(counts, n_rounds=k, rng=2)[1] for k in (5, 0))
    assert close < far
    few, _ = pca.copula_surrogate(X[:20], rng=3)
    assert few.shape == (20, 30)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pca.power_correlations(gaussian(100), 2), "n_modes must be"),
        (lambda: pca.power_correlations(gaussian(100), 21), "n_modes must be at most 20 for these data, got 21"),
        (lambda: pca.power_correlations(gaussian(100), 5, n_blocks=3), "n_blocks must be"),
        (lambda: pca.power_correlations(gaussian(30), 5), r"2 \* n_blocks = 40"),
        (lambda: pca.power_correlations(gaussian(100), 5, modes=np.eye(20)[:4]), "n_modes must be at most 4"),
        (lambda: pca.power_correlations(gaussian(100), 5, modes=np.ones((5, 20))), "orthonormal"),
        (lambda: pca.power_correlations(np.repeat(gaussian(100, 3), 2, axis=1), 5), "n_modes must be at most 3"),
        (lambda: pca.power_correlations([[1.0, 2.0, np.nan]] * 50), "finite"),
        (lambda: pca.copula_surrogate(np.ones((50, 3))), "none of them constant"),
        (lambda: pca.copula_surrogate(gaussian(50, 1)), "2 or more variables"),
        (lambda: pca.copula_surrogate(gaussian(100), n_rounds=-1), "n_rounds must be"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_cubic_coupling_is_found_beside_the_quartic_one():
    """A constant background M makes g(φ + M)⁴, and around the mean φ̄ this has the cubic term 4g(M + φ̄)."""
    values, modes, coupling = np.linspace(0.5, 2, 8), pca.ring_modes(8), 0.1
    for background in (0.0, 0.5):
        sample = pca.sample_phi4(
            values, modes, coupling, n_samples=40_000, background=background, n_chains=100, rng=2
        ).fields
        found = pca.estimate_coupling(sample, [1.0], cubic=True)
        known = 4 * coupling * (background + sample.mean())
        assert abs(found.coupling[0] - coupling) < 4 * found.error[0]
        assert abs(found.cubic[0] - known) < 4 * found.cubic_error[0]
        assert found.cubic_error[0] < 0.01
        mirrored = pca.estimate_coupling(-sample, [1.0], cubic=True)
        assert mirrored.cubic == pytest.approx(-found.cubic)
        assert mirrored.coupling == pytest.approx(found.coupling)
        without = pca.estimate_coupling(sample, [1.0])
        assert np.isnan(without.cubic).all()
    assert abs(without.coupling[0] - coupling) > 4 * without.error[0]  # what is left out goes into what is there
