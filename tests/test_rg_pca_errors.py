"""The errors of the moment flow: a jackknife with components refitted."""

import inspect

import numpy as np
import pytest
from scipy.stats import binom

from mlrg_lib.rg import pca


def gained(n_samples, n_variables, width, seed, slope=0.5):
    """Gaussian variables of unequal size under a common log-normal gain: the ratio is 3 exp(4 width²) for each."""
    rng = np.random.default_rng(seed)
    gain = np.exp(width * rng.normal(size=(n_samples, 1)))
    return rng.normal(size=(n_samples, n_variables)) * np.arange(1, n_variables + 1) ** -slope * gain


def naive_error(X, k, blocks, standardize=False, modes=None):
    """Everything anew without each block, with one projection."""
    medians = []
    for block in blocks:
        x = np.delete(X, block, axis=0)
        x = x - x.mean(axis=0)
        x = x / x.std(axis=0) if standardize else x
        kept = (np.linalg.eigh(x.T @ x)[1][:, ::-1].T if modes is None else modes)[:k]
        rebuilt = x @ kept.T @ kept
        medians.append(np.median(np.mean(rebuilt**4, axis=0) / np.mean(rebuilt**2, axis=0) ** 2))
    return np.sqrt((len(blocks) - 1) * np.var(medians))


@pytest.mark.parametrize("n_variables", [6, 7])
@pytest.mark.parametrize("standardize", [False, True])
@pytest.mark.parametrize("modes", [None, "given"])
def test_errors_are_those_of_a_naive_jackknife(n_variables, standardize, modes):
    X = np.random.default_rng(n_variables).laplace(size=(84, n_variables)) * np.arange(1, n_variables + 1) + 5
    modes = modes and pca.haar_modes(n_variables, rng=1)
    flow = pca.mode_flow(X, modes=modes, standardize=standardize, n_blocks=4)
    blocks = np.split(np.arange(84), 4)
    expected = [naive_error(X, k, blocks, standardize, modes) for k in flow.n_modes]
    np.testing.assert_allclose(flow.error, expected, rtol=1e-4)


@pytest.mark.parametrize("center", [False, True])
def test_blocks_of_unequal_length_and_no_centring(center):
    X = np.random.default_rng(1).laplace(size=(50, 5)) + 1
    flow = pca.mode_flow(X, [0.4], center=center, n_blocks=3)
    parts = [np.delete(X, block, axis=0) for block in (slice(0, 16), slice(16, 33), slice(33, 50))]
    moments = [pca.mode_flow(x, [0.4], center=center, n_blocks=0).moment[0] for x in parts]
    assert flow.error[0] == pytest.approx(np.sqrt(2 * np.var(moments)), rel=1e-4)


def test_without_blocks_there_is_no_error_and_the_moments_are_the_same():
    X = gained(300, 8, 0.3, 0)
    with_errors, without = pca.mode_flow(X), pca.mode_flow(X, n_blocks=0)
    assert np.isnan(without.error).all()
    assert (with_errors.error > 0).all()
    for name in ("moment", "lower", "upper", "n_variables", "eigenvalues"):
        np.testing.assert_array_equal(getattr(with_errors, name), getattr(without, name))


def test_components_that_are_refitted_give_larger_errors():
    """The leading components of few samples follow their largest: to leave these out turns the components."""
    ratios = []
    for seed in range(20):
        X = gained(1000, 24, 0.3, seed)
        fixed = pca.principal_components(X)[1]
        refitted, held = pca.mode_flow(X, [1.0, 0.25]), pca.mode_flow(X, [1.0, 0.25], modes=fixed)
        np.testing.assert_allclose(refitted.moment, held.moment, rtol=1e-4)
        ratios.append(refitted.error / held.error)
    assert np.median(ratios, axis=0)[0] == pytest.approx(1, abs=1e-3)  # all modes: nothing to fit
    assert np.median(ratios, axis=0)[1] > 1.2


def test_errors_cover_the_truth():
    """The median over few variables is not smooth, and the jackknife's error is then too large, up to twice."""
    n, truth = 100, 3 * np.exp(4 * 0.2**2)
    flows = [pca.mode_flow(gained(4000, 6, 0.2, seed), [1.0, 0.5]) for seed in range(n)]
    moments, errors = np.array([flow.moment for flow in flows]), np.array([flow.error for flow in flows])
    covered = np.sum(np.abs(moments - truth) < 1.96 * errors, axis=0)
    ratio = errors.mean(axis=0) / moments.std(axis=0, ddof=1)
    print("covered:", covered, "error over scatter:", ratio)
    assert (covered >= binom.ppf(1e-3, n, 0.95)).all()
    assert ((ratio > 0.8) & (ratio < 2)).all()


def test_a_variable_that_is_constant_without_one_block_leaves_that_median():
    X = np.random.default_rng(3).laplace(size=(60, 6))
    X[:, 5] = 1.0
    X[:15, 5] += np.random.default_rng(4).exponential(size=15)  # a neuron that fires in the first block only
    parts = [np.delete(X, slice(b, b + 15), axis=0) for b in range(0, 60, 15)]
    parts[0] = parts[0][:, :5]
    for standardize in (False, True):
        setting = {"standardize": standardize, "n_blocks": 0}
        left = [pca.mode_flow(x, [3 / x.shape[1]], **setting).moment for x in parts]  # as many modes of fewer variables
        flow = pca.mode_flow(X, [1.0, 0.5], standardize=standardize, n_blocks=4)
        assert flow.error[1] == pytest.approx(np.sqrt(3 * np.var(left)), rel=1e-4)
        assert np.isfinite(flow.error).all()


def test_no_median_without_a_block_is_no_error():
    """Of two variables one varies in the first block only; without it, nothing is on the given mode."""
    X = np.zeros((40, 2))
    X[:, 1] = np.random.default_rng(5).normal(size=40)
    X[:10, 0] = 10 * np.random.default_rng(6).normal(size=10)
    flow = pca.mode_flow(X, [0.5, 1.0], modes=np.eye(2), n_blocks=4)
    assert np.isfinite(flow.moment).all()
    assert np.isfinite(flow.error).tolist() == [True, False]
    assert np.isnan(pca.mode_flow(X[:, :1], n_blocks=4).error).all()


def test_parts_with_fewer_modes_than_are_dropped_have_no_error():
    """Forty samples have 39 modes with variance, of which 38 are dropped; without a block of ten there are 29."""
    X = np.random.default_rng(7).laplace(size=(40, 50))
    flow = pca.mode_flow(X, [0.02], drop_largest=0.76, n_blocks=4)
    assert np.isfinite(flow.moment).all()
    assert np.isnan(flow.error).all()


@pytest.mark.parametrize(("old", "new"), [({"n_bootstrap": 0}, "n_blocks=0"), ({"rng": 1}, "leave it out")])
def test_old_arguments_tell_the_new(old, new):
    with pytest.raises(TypeError, match=f"no argument {next(iter(old))} any more: .*{new}"):
        pca.mode_flow(np.eye(4), **old)
    assert not {"n_bootstrap", "rng"} & set(inspect.signature(pca.mode_flow).parameters)


@pytest.mark.parametrize("n_blocks", [1, -1, 2.0])
def test_bad_numbers_of_blocks_are_named(n_blocks):
    with pytest.raises(ValueError, match="n_blocks must be"):
        pca.mode_flow(np.random.default_rng(8).normal(size=(50, 3)), n_blocks=n_blocks)
