"""Series and fits: one home, found where it was before, and the one jackknife that everything uses."""

import dataclasses

import numpy as np
import pytest

import mlrg_lib as mlrg
from mlrg_lib.analysis import fits, series
from mlrg_lib.ising._plan import Plan
from mlrg_lib.studies import block_fits


def test_the_jackknife_of_a_mean_is_its_standard_error():
    x = np.random.default_rng(0).normal(size=(40, 3))
    left_out = (x.sum(axis=0) - x) / 39
    np.testing.assert_allclose(series.jackknife_error(left_out), x.std(axis=0, ddof=1) / np.sqrt(40), rtol=1e-10)
    value, error = series.jackknife(lambda mean: mean, x, 40)
    np.testing.assert_allclose(error, series.jackknife_error(left_out), rtol=1e-10)
    np.testing.assert_allclose(value, x.mean(axis=0))


def test_names_are_found_where_they_were():
    observables = mlrg.ising.observables
    assert all(getattr(observables, name) is getattr(series, name) for name in series.__all__)
    assert {"compare", "mean_and_error", "ratio", "two_lengths"} <= set(block_fits.__all__) & set(fits.__all__)


@pytest.mark.parametrize(
    ("old", "new"), [("statistics", "analysis.series"), ("validate", "studies.sampler_validation")]
)
def test_modules_that_moved_are_told_by_their_old_names(old, new):
    with pytest.raises(AttributeError, match=rf"mlrg_lib\.ising\.{old} is now mlrg_lib\.{new}$"):
        getattr(mlrg.ising, old)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (
            lambda: mlrg.rg.lower_bound.free_energy,
            AttributeError,
            r"is now mlrg_lib\.rg\.lower_bound\.log_part",
        ),
        (lambda: mlrg.rg.recursions.flow, AttributeError, r"is now mlrg_lib\.rg\.recursions\.trajectory$"),
        (lambda: mlrg.rg.rbm_flow.flow, AttributeError, r"is now mlrg_lib\.rg\.rbm_flow\.trajectory$"),
        (lambda: mlrg.rg.monte_carlo.couplings, AttributeError, r"monte_carlo\.estimate_couplings$"),
        (lambda: mlrg.rg.variational.kadanoff_operator, AttributeError, r"variational\.kadanoff_transformation$"),
        (lambda: mlrg.machines.ConvolutionalRBM().hidden_means, AttributeError, r"is now ConvolutionalRBM\.transform$"),
        (lambda: mlrg.machines.ConvolutionalRBM().sample(np.ones((1, 4, 4)), 2), TypeError, "'start'"),
        (
            lambda: mlrg.machines.annealing.log_partition(None, temperatures=5),
            TypeError,
            "more: it is betas",
        ),
    ],
)
def test_what_was_renamed_says_its_new_name(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_a_plan_leaves_nothing_auto_and_stays_as_it_is():
    options = {"thin": None, "burn_in": None, "n_chains": None, "symmetrize": True, "measure": None}
    plan = Plan(8, 0.5, 10, algorithm="auto", start="auto", n_threads=None, verbose=False, **options)
    assert (plan.algorithm, plan.start, plan.beta) == ("swendsen_wang", "ordered", 0.5)
    assert plan.n_threads >= 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.beta = 0.1
    start = np.ones((5, 8, 8), dtype=np.int8)
    plan = Plan(8, 0.3, 10, algorithm="wolff", start=start, n_threads=2, verbose=False, **options)
    assert (plan.algorithm, plan.n_chains, plan.n_threads) == ("wolff", 5, 2)
