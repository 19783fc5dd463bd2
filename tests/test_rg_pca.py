"""The moment flow, its nulls, spectra and principal components."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import pca as naive
from oracles import pca as oracle
from scipy.integrate import quad
from sklearn.decomposition import PCA

from mlrg_lib._kernels.moments import further_moment_sums, moment_sums
from mlrg_lib.rg import pca
from mlrg_lib.rg.pca import flow as flow_module

FLOAT32 = 2e-5  # float32 within blocks of 1024 samples


def laplace(n_samples, n_variables, seed=0):
    return np.random.default_rng(seed).laplace(size=(n_samples, n_variables))


@pytest.mark.parametrize(("n_variables", "n_samples"), [(11, 37), (37, 2100)])
def test_kernel_against_its_naive_twin(n_variables, n_samples):
    """Within one block of variables and samples, and over the edges of several."""
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(8, n_variables)).astype(np.float32)
    scores = rng.normal(size=(8, n_samples)).astype(np.float32)
    second, fourth = np.zeros((8, n_variables)), np.zeros((8, n_variables))
    rows = np.arange(8)
    moment_sums(second, fourth, vectors, scores, rows, 0, 5)
    moment_sums(second, fourth, vectors, scores, rows, 5, n_variables)
    expected = naive.moment_sums(vectors, scores)
    np.testing.assert_allclose(second, expected[0], rtol=FLOAT32)
    np.testing.assert_allclose(fourth, expected[1], rtol=FLOAT32)


def test_kernel_writes_only_the_rows_asked_for():
    rng = np.random.default_rng(2)
    vectors, scores = rng.normal(size=(4, 3)).astype(np.float32), rng.normal(size=(4, 2000)).astype(np.float32)
    full = [np.zeros((4, 3)) for _ in range(2)]
    part = [np.zeros((1, 3)) for _ in range(2)]
    moment_sums(*full, vectors, scores, np.arange(4), 0, 3)
    moment_sums(*part, vectors, scores, np.array([-1, -1, 0, -1]), 0, 3)
    assert (part[0][0] == full[0][2]).all()
    assert (part[1][0] == full[1][2]).all()


def test_kernel_goes_on_where_it_stopped():
    """Modes in two parts, and variables in two parts, give what they give at once."""
    rng = np.random.default_rng(20)
    vectors, scores = rng.normal(size=(12, 19)).astype(np.float32), rng.normal(size=(12, 2100)).astype(np.float32)
    once, parts = ([np.zeros((12, 19)) for _ in range(2)] for _ in range(2))
    rebuilt = np.zeros((19, 2100), dtype=np.float32)
    moment_sums(*once, vectors, scores, np.arange(12), 0, 19)
    for k in (slice(0, 4), slice(4, 12)):
        for start, stop in ((0, 7), (7, 19)):
            further_moment_sums(*parts, rebuilt, vectors[k], scores[k], np.arange(12)[k], start, stop)
    np.testing.assert_allclose(parts, once, rtol=1e-6)
    np.testing.assert_allclose(rebuilt, vectors.T @ scores, rtol=FLOAT32, atol=FLOAT32)


@pytest.mark.parametrize("drop", [0.0, 0.2])
@pytest.mark.parametrize("standardize", [False, True])
def test_flow_against_one_projection_per_fraction(drop, standardize):
    X = laplace(1500, 25) @ np.random.default_rng(3).normal(size=(25, 25))
    flow = pca.mode_flow(X, drop_largest=drop, standardize=standardize, n_blocks=0)
    assert flow.n_modes.tolist() == list(range(25 - round(25 * drop), 0, -1))
    expected = [naive.mode_flow(X, k, round(25 * drop), standardize=standardize) for k in flow.n_modes]
    np.testing.assert_allclose(flow.moment, expected, rtol=FLOAT32)
    assert (flow.lower <= flow.moment).all()
    assert (flow.moment <= flow.upper).all()


@pytest.mark.parametrize(
    ("n_variables", "fractions", "drop"), [(21, None, 0.2), (26, [0.9, 0.85, 0.3, 0.25, 0.2, 0.1], 0.0)]
)
def test_flow_in_parts_is_the_flow_at_once(monkeypatch, n_variables, fractions, drop):
    X = laplace(500, n_variables)
    once = pca.mode_flow(X, fractions, drop_largest=drop)
    monkeypatch.setattr(flow_module, "_SUMS", 1)
    for n_threads in (1, 3):
        parts = pca.mode_flow(X, fractions, drop_largest=drop, n_threads=n_threads)
        for name in ("n_modes", "n_variables", "moment", "lower", "upper", "error"):
            np.testing.assert_allclose(getattr(parts, name), getattr(once, name), rtol=1e-6)


def test_memory_does_not_grow_with_the_blocks():
    """The flows without one block each follow one another: beside one there are the data, a part and the next part."""
    X, peak = laplace(600, 600), []
    pca.mode_flow(X[:, :5], n_blocks=0)  # what the compiler takes is not counted
    for n_blocks in (0, 8):
        tracemalloc.start()
        pca.mode_flow(X, n_blocks=n_blocks)
        peak.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peak[1] < peak[0] + 2 * X.nbytes
    assert peak[1] < flow_module._SUMS + 64 * X.size  # 32 bytes for each entry of the data and of the modes


@pytest.mark.parametrize("n_samples", [40, 90])
def test_fewer_samples_than_variables(n_samples):
    """Modes without variance are not computed and change nothing."""
    X = laplace(n_samples, 100)
    flow = pca.mode_flow(X, drop_largest=0.1)
    assert flow.n_modes.tolist() == list(range(90, 0, -1))
    assert (flow.n_variables == 100).all()
    expected = [naive.mode_flow(X, k, 10) for k in flow.n_modes]
    np.testing.assert_allclose(flow.moment, expected, rtol=FLOAT32)
    assert np.unique(flow.moment[: 90 - n_samples + 10]).size == np.unique(flow.error[: 90 - n_samples + 10]).size == 1
    with pytest.raises(ValueError, match=f"removes all {n_samples} modes"):
        pca.mode_flow(X, drop_largest=0.95)


@pytest.mark.parametrize(("n_samples", "center"), [(20, True), (20, False), (45, True)])
def test_components_of_fewer_samples_than_variables(n_samples, center):
    X = laplace(n_samples, 50) + 1.0
    values, vectors = pca.principal_components(X, center=center)
    assert values.shape == (50,)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(50), atol=1e-12)
    data = X - X.mean(axis=0) if center else X
    np.testing.assert_allclose(vectors.T * values @ vectors, data.T @ data / n_samples, atol=1e-12)
    assert (np.diff(values) <= 1e-14).all()
    assert (np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1) > 0).all()


def test_flow_without_centering_and_with_given_modes():
    X = laplace(900, 16) + 1.0
    flow = pca.mode_flow(X, [0.5], center=False, n_blocks=0)
    np.testing.assert_allclose(flow.moment, naive.mode_flow(X, 8, center=False), rtol=FLOAT32)
    modes = pca.ring_modes(16)
    flow = pca.mode_flow(X, [0.25, 1.0], modes=modes, n_blocks=0)
    centred = X - X.mean(axis=0)
    rebuilt = centred @ modes[:4].T @ modes[:4]
    expected = np.median(np.mean(rebuilt**4, axis=0) / np.mean(rebuilt**2, axis=0) ** 2)
    assert flow.moment[1] == pytest.approx(expected, rel=FLOAT32)
    np.testing.assert_allclose(flow.eigenvalues, np.mean((centred @ modes.T) ** 2, axis=0))


def test_gaussian_data_sit_at_three_everywhere():
    n_samples, n_variables = 20_000, 64
    rng = np.random.default_rng(4)
    X = rng.normal(size=(n_samples, n_variables)) @ rng.normal(size=(n_variables, n_variables))
    flow = pca.mode_flow(X)
    assert np.abs(flow.moment - oracle.GAUSSIAN_MOMENT).max() < 5 * np.sqrt(24 / n_samples)
    assert np.all(flow.error < 2 * np.sqrt(24 / n_samples))


def test_independent_units_flow_to_three_by_the_central_limit_theorem():
    flow = pca.mode_flow(laplace(40_000, 200), [1.0, 0.75, 0.5, 0.25, 0.05])
    excess = oracle.LAPLACE_MOMENT - 3
    expected = [oracle.independent_units_moment(excess, f, 200) for f in flow.fraction]
    assert flow.moment[0] == pytest.approx(oracle.LAPLACE_MOMENT, abs=5 * flow.error[0])
    # sample components lean towards kurtotic directions, so data lie somewhat above random ones
    assert 3.73 < flow.moment[2] < 3.90
    assert (flow.moment[1:] > np.array(expected[1:]) - 0.02).all()
    assert (flow.moment[1:] < np.array(expected[1:]) + 0.15).all()


def test_result_does_not_depend_on_threads_or_scale():
    X = laplace(700, 21)
    one, three = (pca.mode_flow(X, n_threads=k) for k in (1, 3))
    assert (one.moment == three.moment).all()
    assert (one.error == three.error).all()
    tiny = pca.mode_flow(1e-9 * X, n_blocks=0)
    np.testing.assert_allclose(tiny.moment, one.moment, rtol=FLOAT32)


@given(st.integers(2, 9), st.integers(0, 2**32))
@settings(deadline=None, max_examples=20)
def test_flow_ignores_the_order_and_signs_of_variables(n_variables, seed):
    rng = np.random.default_rng(seed)
    X = rng.exponential(size=(120, n_variables))
    order, signs = rng.permutation(n_variables), rng.choice([-1.0, 1.0], n_variables)
    flow, other = (pca.mode_flow(x, n_blocks=0) for x in (X, (X * signs)[:, order]))
    np.testing.assert_allclose(flow.moment, other.moment, rtol=1e-4)


def test_variables_without_weight_leave_the_median():
    rng = np.random.default_rng(6)
    X = np.zeros((400, 5))
    X[:, :3] = rng.laplace(size=(400, 1)) * 10
    X[:200, 3] = rng.normal(size=200)
    X[200:, 4] = rng.normal(size=200)
    X[:, 3:] -= X[:, 3:].mean(axis=0)
    X[:, :3] -= X[:, :3].mean()
    X[:, 3:] -= X[:, [0]] * (X[:, [0]].T @ X[:, 3:]) / (X[:, 0] @ X[:, 0])  # exactly uncorrelated with the rest
    flow = pca.mode_flow(X, [0.2], n_blocks=0)
    assert flow.n_variables.tolist() == [3]
    assert flow.moment[0] == pytest.approx(np.mean(X[:, 0] ** 4) / np.mean(X[:, 0] ** 2) ** 2, rel=1e-4)


def test_principal_components_are_those_of_scikit_learn():
    X = laplace(500, 7) @ np.random.default_rng(7).normal(size=(7, 7))
    values, vectors = pca.principal_components(X)
    reference = PCA().fit(X)
    np.testing.assert_allclose(values, reference.explained_variance_ * 499 / 500)
    np.testing.assert_allclose(np.abs(np.sum(vectors * reference.components_, axis=1)), 1.0)


def test_top_uncentred_eigenvalue_of_aligned_spins_is_their_mean_square():
    rng = np.random.default_rng(8)
    m = rng.choice([-0.8, 0.8], size=4000)
    spins = np.where(rng.random((4000, 30)) < 0.5 * (1 + m[:, None]), 1.0, -1.0)
    values, _ = pca.principal_components(spins, center=False)
    assert values[0] == pytest.approx(30 * np.mean(spins.mean(axis=1) ** 2), rel=0.01)


@pytest.mark.parametrize("alpha", [2.5, 2.0, 1.25, 1.0, 0.5])
def test_exponent_of_a_power_law_spectrum(alpha):
    fit = pca.spectral_exponent(pca.power_law_eigenvalues(8001, alpha))
    assert fit.alpha == pytest.approx(alpha, abs=0.01)
    assert fit.n_eigenvalues == 8000


def test_exponent_of_a_log_uniform_spectrum_is_zero():
    values = np.exp(np.random.default_rng(9).uniform(-9, 0, 20_000))
    fit = pca.spectral_exponent(values, smallest=np.exp(-9), largest=1.0)
    assert abs(fit.alpha) < 4 * fit.error < 0.02


def test_exponent_error_is_the_scatter_of_fits():
    rng = np.random.default_rng(10)
    fits = [pca.spectral_exponent(rng.random(300) ** (1 / 1.5), smallest=0.05, largest=1.0) for _ in range(200)]
    assert np.mean([f.alpha for f in fits]) == pytest.approx(1.5, abs=0.03)
    assert np.std([f.alpha for f in fits]) == pytest.approx(np.mean([f.error for f in fits]), rel=0.2)


def test_rank_plot_and_density_exponents_are_inverse():
    covariance = np.arange(1, 2001) ** -0.875  # the critical Ising model, λ_C ∝ rank^(−7/8)
    fit = pca.spectral_exponent(covariance, of="covariance")
    assert fit.alpha == pytest.approx(8 / 7, abs=0.01)


def test_marchenko_pastur_against_a_sample():
    X = np.random.default_rng(11).normal(size=(4000, 1000))
    values, _ = pca.principal_components(X, center=False)
    low, high = pca.marchenko_pastur_edges(1000, 4000)
    assert (low, high) == (0.25, 2.25)
    assert values[-1] == pytest.approx(low, rel=0.03)
    assert values[0] == pytest.approx(high, rel=0.03)
    counts, edges = np.histogram(values, bins=np.linspace(0.4, 2.0, 9))
    expected = [quad(lambda x: float(pca.marchenko_pastur_density(x, 1000, 4000)), a, b)[0]
                for a, b in pairwise(edges)]  # fmt: skip
    np.testing.assert_allclose(counts / 1000, expected, atol=0.005)


@pytest.mark.parametrize(("n", "t", "mass"), [(250, 1000, 1.0), (1000, 250, 0.25)])
def test_marchenko_pastur_density_is_normalized(n, t, mass):
    low, high = pca.marchenko_pastur_edges(n, t, 1.7)
    total = quad(lambda x: float(pca.marchenko_pastur_density(x, n, t, 1.7)), low, high, limit=200)[0]
    assert total == pytest.approx(mass, rel=1e-5)


@pytest.mark.parametrize("modes", [pca.ring_modes(9), pca.ring_modes(10), pca.haar_modes(10, rng=1)])
def test_modes_are_orthonormal_and_complete(modes):
    np.testing.assert_allclose(modes @ modes.T, np.eye(len(modes)), atol=1e-12)


def test_ring_modes_diagonalize_any_translation_invariant_kernel():
    n = 12
    values = pca.power_law_eigenvalues(n, 1.25)
    modes = pca.ring_modes(n)
    kernel = modes.T @ np.diag(values) @ modes
    np.testing.assert_allclose(kernel, np.roll(kernel, (1, 1), axis=(0, 1)), atol=1e-12)


def test_haar_modes_have_no_preferred_entry():
    entries = np.array([pca.haar_modes(6, rng=seed) for seed in range(3000)])
    np.testing.assert_allclose(entries.mean(axis=0), 0.0, atol=5 / np.sqrt(6 * 3000))
    np.testing.assert_allclose((entries**2).mean(axis=0), 1 / 6, atol=0.02)


def test_nulls_keep_what_they_promise():
    rng = np.random.default_rng(12)
    X = np.cumsum(rng.exponential(size=(256, 6)) - 1, axis=0) * 0.1 + rng.exponential(size=(256, 1))
    shuffled, shifted = pca.time_shuffle(X, rng=1), pca.circular_shift(X, rng=1)
    gauss, phases = pca.gaussian_surrogate(X, rng=1), pca.phase_surrogate(X, rng=1)
    for null in (shuffled, shifted):
        np.testing.assert_array_equal(np.sort(null, axis=0), np.sort(X, axis=0))
    for null in (gauss, phases):
        np.testing.assert_allclose(np.cov(null.T), np.cov(X.T), rtol=1e-8)
        np.testing.assert_allclose(null.mean(axis=0), X.mean(axis=0))
    power = lambda x: np.abs(np.fft.rfft(x - x.mean(axis=0), axis=0)) ** 2  # noqa: E731
    np.testing.assert_allclose(power(shifted), power(X), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(power(phases), power(X), rtol=1e-8, atol=1e-8)
    assert np.abs(np.corrcoef(shuffled.T) - np.eye(6)).max() < 0.3 < np.abs(np.corrcoef(X.T) - np.eye(6)).max()


def test_gaussian_surrogate_is_gaussian():
    X = laplace(4000, 30)
    flow = pca.mode_flow(pca.gaussian_surrogate(X, rng=2), [1.0, 0.3], n_blocks=0)
    assert np.abs(flow.moment - 3).max() < 0.1


def test_common_gain_is_divided_out():
    rng = np.random.default_rng(13)
    gain = rng.lognormal(size=(3000, 1))
    X = rng.normal(size=(3000, 100)) * gain
    raw, divided = (pca.mode_flow(x, [0.3], n_blocks=0).moment[0] for x in (X, pca.divide_by_gain(X)))
    known = pca.mode_flow(pca.divide_by_gain(X, gain.ravel()), [0.3], n_blocks=0).moment[0]
    assert raw > 10
    assert divided == pytest.approx(3, abs=0.25)
    assert known == pytest.approx(3, abs=0.15)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: pca.mode_flow(np.ones((50, 3))), "X must have no constant variable"),
        (lambda: pca.mode_flow(laplace(30, 3)), r"2 \* n_blocks"),
        (lambda: pca.mode_flow(laplace(50, 3), [0.0]), "fractions must keep"),
        (lambda: pca.mode_flow(laplace(50, 3), [1.1]), "fractions must keep"),
        (lambda: pca.mode_flow(laplace(50, 10), [1.0], drop_largest=0.2), "fractions must keep"),
        (lambda: pca.mode_flow(laplace(50, 3), drop_largest=1.0), "drop_largest must be below 1"),
        (lambda: pca.mode_flow(laplace(50, 3), modes=np.ones((3, 3))), "orthonormal"),
        (lambda: pca.mode_flow(laplace(50, 3), modes=np.eye(2)), "modes must have shape"),
        (lambda: pca.mode_flow(laplace(50, 3), modes=np.eye(3)[:1], drop_largest=0.5), "removes all"),
        (lambda: pca.mode_flow(laplace(50, 3), n_threads=0), "n_threads must be"),
        (lambda: pca.mode_flow([[np.nan, 1.0]] * 50), "finite"),
        (lambda: pca.mode_flow([1.0, 2.0]), "dimension"),
        (lambda: pca.mode_flow(laplace(50, 3), center="yes"), "center must be"),
        (lambda: pca.principal_components([[1.0, 2.0]]), "at least 2 samples"),
        (lambda: pca.power_law_eigenvalues(1, 1.0), "n_modes must be"),
        (lambda: pca.power_law_eigenvalues(8, 0.0), "alpha must be"),
        (lambda: pca.ring_modes(1), "n_sites must be"),
        (lambda: pca.haar_modes(4, rng=-1), "rng must be"),
        (lambda: pca.spectral_exponent([1.0, 1.0, 1.0]), "at least 3 unequal"),
        (lambda: pca.spectral_exponent([1.0, 2.0, 3.0], of="x"), "of must be"),
        (lambda: pca.marchenko_pastur_edges(0, 5), "n_variables must be"),
        (lambda: pca.marchenko_pastur_density([1.0], 5, 5, variance=0.0), "variance must be"),
        (lambda: pca.circular_shift(laplace(8, 2), smallest=5), "smallest must be"),
        (lambda: pca.gaussian_surrogate([[1.0, 2.0]]), "at least 2 samples"),
        (lambda: pca.divide_by_gain(laplace(5, 2), [1.0, 1.0]), "one value per sample"),
        (lambda: pca.divide_by_gain(np.zeros((5, 2))), "gain must be positive"),
    ],
)
def test_bad_arguments_are_named(call, match):
    with pytest.raises(ValueError, match=match):
        call()
