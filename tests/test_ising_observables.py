"""Observables against enumeration and their definitions; errors against known processes; every documented error."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from naive import ising as naive
from oracles import ising as oracle
from scipy.signal import lfilter

from mlrg_lib.ising import exact, observables, sample

AT_BETA = [
    partial(observables.heat_capacity, beta=0.4),
    partial(observables.susceptibility, beta=0.4),
    partial(observables.susceptibility, beta=0.4, connected=True),
]
SPIN_FUNCTIONS = [
    *AT_BETA,
    observables.energy,
    observables.magnetization,
    observables.binder,
    observables.correlation,
    observables.structure_factor,
    observables.second_moment_length,
]
BLOCK_FUNCTIONS = [
    *AT_BETA,
    observables.binder,
    observables.correlation,
    observables.structure_factor,
    observables.second_moment_length,
]


def lattices(min_samples=1):
    shapes = st.tuples(st.integers(min_samples, 4), st.integers(2, 7)).map(lambda p: (p[0], p[1], p[1]))
    return hnp.arrays(np.int8, shapes, elements=st.sampled_from([-1, 1]))


def autoregressive(a, n, n_chains=1, seed=0):
    """AR(1) chains in equilibrium; tau = (1 + a) / 2 (1 - a)."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n_chains, n)) * np.sqrt(1 - a * a)
    start = rng.normal(size=(n_chains, 1)) * a
    return lfilter([1.0], [1.0, -a], noise, zi=start)[0]


@pytest.mark.parametrize("beta", oracle.TORUS_4X4)
def test_published_moments_of_the_four_by_four_torus(beta):
    """Weighted by repetition: the mean over states with Boltzmann counts is the published average."""
    states, p = oracle.all_states(4), oracle.boltzmann(4, beta)
    m = observables.magnetization(states)
    _, energy, _, absolute, square, binder, length = oracle.TORUS_4X4[beta]
    assert p @ observables.energy(states) == pytest.approx(energy, abs=1e-9)
    assert p @ np.abs(m) == pytest.approx(absolute, abs=1e-9)
    assert p @ m**2 == pytest.approx(square, abs=1e-9)
    assert 1 - p @ m**4 / (3 * (p @ m**2) ** 2) == pytest.approx(binder, abs=1e-9)
    factor = np.einsum("n,nij->ij", p, np.abs(np.fft.fft2(states)) ** 2) / 16
    got = np.sqrt(factor[0, 0] / ((factor[0, 1] + factor[1, 0]) / 2) - 1) / (2 * np.sin(np.pi / 4))
    assert got == pytest.approx(length, abs=1e-7)


def test_derived_quantities_by_their_formulas():
    spins = np.random.default_rng(0).choice([-1, 1], size=(50, 6, 6), p=[0.3, 0.7]).astype(np.int8)
    m = observables.magnetization(spins)
    assert observables.binder(spins) == pytest.approx(1 - np.mean(m**4) / (3 * np.mean(m**2) ** 2), rel=1e-12)
    factor = observables.structure_factor(spins)
    assert factor[0, 0] == pytest.approx(36 * np.mean(m**2), rel=1e-12)
    assert factor.mean() == pytest.approx(1, rel=1e-12)
    expected = np.sqrt(factor[0, 0] / ((factor[0, 1] + factor[1, 0]) / 2) - 1) / (2 * np.sin(np.pi / 6))
    assert observables.second_moment_length(spins) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("beta", [0.2, 0.408])
def test_responses_of_the_four_by_four_torus(beta):
    states, p = oracle.all_states(4), oracle.boltzmann(4, beta)
    m, samples = observables.magnetization(states), sample(4, beta, 40_000, n_chains=40_000, rng=6)
    square, absolute = p @ m**2, p @ np.abs(m)
    for (value, error), expected in (
        (observables.heat_capacity(samples, beta, 100), exact.torus_heat_capacity(4, beta)),
        (observables.susceptibility(samples, beta, 100), 16 * beta * square),
        (observables.susceptibility(samples, beta, 100, connected=True), 16 * beta * (square - absolute**2)),
    ):
        assert abs(value - expected) < 4 * error
        assert error < 0.03 * expected


def test_responses_by_their_formulas():
    spins = np.random.default_rng(3).choice([-1, 1], size=(50, 6, 6), p=[0.3, 0.7]).astype(np.int8)
    m, factor = observables.magnetization(spins), observables.structure_factor(spins)
    assert observables.susceptibility(spins, 0.3) == pytest.approx(0.3 * factor[0, 0], rel=1e-12)
    assert observables.susceptibility(spins, 0.3, connected=True) == pytest.approx(10.8 * np.abs(m).var(), rel=1e-12)
    energies = observables.energy(spins)
    assert observables.heat_capacity(spins, 0.3) == pytest.approx(0.09 * 36 * energies.var(), rel=1e-12)
    assert observables.heat_capacity(np.ones((9, 7, 7)), 3.0, 3) == (0.0, 0.0)
    means = np.array([observables.structure_factor(one) for one in spins])
    value, error = observables.structure_factor(spins, 7)
    expected = observables.jackknife(lambda mean: mean, means, 7)
    np.testing.assert_allclose([value, error], expected, rtol=1e-10)


@pytest.mark.parametrize("function", [observables.heat_capacity, observables.susceptibility])
def test_bad_arguments_of_responses_are_named(function):
    spins = np.ones((2, 4, 4), np.int8)
    with pytest.raises(ValueError, match=r"beta must be a finite number >= 0\.0, got -1\.0"):
        function(spins, -1.0)
    with pytest.raises(ValueError, match="connected must be True or False"):
        observables.susceptibility(spins, 0.3, connected="yes")


@given(lattices())
def test_energy_and_correlation_equal_their_twins(spins):
    L = spins.shape[1]
    np.testing.assert_allclose(observables.energy(spins), [naive.energy(s) for s in spins], atol=1e-14)
    expected = [np.mean([naive.axis_correlation(s, r) for s in spins]) for r in range(L // 2 + 1)]
    np.testing.assert_allclose(observables.correlation(spins), expected, atol=1e-14)
    assert -2 * observables.correlation(spins)[1] == pytest.approx(observables.energy(spins).mean(), abs=1e-14)
    np.testing.assert_allclose(observables.magnetization(spins), spins.mean(axis=(1, 2)), atol=1e-14)


@given(lattices(), st.integers(0, 6), st.integers(0, 6), st.sampled_from(["shift", "flip", "transpose", "reflect"]))
def test_symmetries(spins, dy, dx, symmetry):
    moved = {
        "shift": np.roll(spins, (dy, dx), axis=(1, 2)),
        "flip": -spins,
        "transpose": spins.transpose(0, 2, 1),
        "reflect": spins[:, ::-1],
    }[symmetry]
    np.testing.assert_array_equal(observables.energy(moved), observables.energy(spins))
    np.testing.assert_array_equal(observables.correlation(moved), observables.correlation(spins))
    np.testing.assert_array_equal(np.abs(observables.magnetization(moved)), np.abs(observables.magnetization(spins)))
    np.testing.assert_allclose(np.sum(observables.structure_factor(moved)), np.sum(observables.structure_factor(spins)))


def test_one_lattice_is_a_batch_of_one():
    spins = np.random.default_rng(1).choice([-1, 1], size=(5, 5)).astype(np.int8)
    for function in SPIN_FUNCTIONS:
        np.testing.assert_array_equal(function(spins), function(spins[None]))


def test_large_batches_are_summed_in_pieces():
    spins = np.random.default_rng(2).choice([-1, 1], size=(70, 256, 256)).astype(np.int8)
    pieces = [observables.structure_factor(part) for part in (spins[:35], spins[35:])]
    np.testing.assert_allclose(observables.structure_factor(spins), np.mean(pieces, axis=0), rtol=1e-12)


def test_unresolved_length_is_nan():
    """Column stripes of period 4 have chi = 0 < F."""
    stripes = np.ones((2, 4, 4), dtype=np.int8)
    stripes[:, :, 2:] = -1
    assert np.isnan(observables.second_moment_length(stripes))


@pytest.mark.parametrize("a", [0.0, 0.5, 0.9, -0.5])
def test_autocorrelation_time_of_an_autoregressive_process(a):
    exact = 0.5 * (1 + a) / (1 - a)
    tau, error = observables.autocorrelation_time(autoregressive(a, 1_000_000)[0])
    assert abs(tau - exact) < 4 * error + 0.005  # an alternating series leaves 2**-8 beyond the window
    assert error < 0.03 * exact
    many, many_error = observables.autocorrelation_time(autoregressive(a, 5_000, 200, seed=1))
    assert abs(many - exact) < 4 * many_error + 0.005


def test_autocorrelation_error_is_the_spread():
    estimates = [observables.autocorrelation_time(x) for x in autoregressive(0.8, 20_000, 300)]
    taus, errors = np.array(estimates).T
    assert np.mean(taus) == pytest.approx(4.5, rel=0.02)
    assert np.std(taus) == pytest.approx(np.mean(errors), rel=0.2)


def test_mean_with_error_covers():
    """z of the mean over many autocorrelated series is a unit normal; the naive error is not."""
    series = autoregressive(0.8, 4_000, 400, seed=3)
    z = np.array([value / error for value, error in map(observables.mean_with_error, series)])
    assert np.std(z) == pytest.approx(1, abs=0.15)
    assert abs(z.mean()) < 0.2
    wrong = series.mean(axis=1) / (series.std(axis=1) / np.sqrt(4_000))
    assert np.std(wrong) > 2.5


@pytest.mark.parametrize(("a", "n", "spread"), [(0.0, 100, 1.0), (0.0, 200, 1.0), (0.5, 100, 1.25), (0.8, 400, 1.1)])
def test_errors_of_short_series_are_not_too_small(a, n, spread):
    """The tau of short noise often comes out near zero; an error made with it was 1.5 times too small at n = 100."""
    z = []
    for series in autoregressive(a, n, 1500, seed=8):
        try:
            mean, error = observables.mean_with_error(series)
        except ValueError:
            continue
        z.append(mean / error)
    assert len(z) > 1200
    assert np.std(z) == pytest.approx(spread, abs=0.1)


def test_chains_too_short_to_tell_tau_have_the_error_of_their_means():
    chains = autoregressive(0.9, 6, 25, seed=9) + 3
    mean, error = observables.mean_with_error(chains)
    means = chains.mean(axis=1)
    assert mean == pytest.approx(means.mean(), rel=1e-12)
    assert error == pytest.approx(means.std(ddof=1) / 5, rel=1e-12)
    with pytest.raises(ValueError, match="too short"):
        observables.mean_with_error(chains[:19])
    with pytest.raises(ValueError, match="too short"):
        observables.autocorrelation_time(chains)
    column = np.random.default_rng(10).normal(size=(64, 1))
    assert observables.mean_with_error(column).error == pytest.approx(column.std(ddof=1) / 8, rel=1e-12)


def test_a_series_that_never_changes_has_no_error():
    assert observables.mean_with_error(np.full(2000, -2.0)) == (-2.0, 0.0)
    assert observables.mean_with_error(np.full((30, 3), 0.1)).error == 0.0


@given(st.integers(1, 30))
def test_autocovariance_twin(lag):
    series = autoregressive(0.6, 400, seed=lag)[0]
    centred = series - series.mean()
    direct = np.mean(centred[: len(series) - lag] * centred[lag:])
    assert naive.autocovariance(series.tolist(), lag) == pytest.approx(direct, abs=1e-12)


def test_tau_by_the_definition():
    series = autoregressive(0.7, 3_000, seed=5)[0]
    rho = [naive.autocovariance(series.tolist(), t) / series.var() for t in range(40)]
    window = next(w for w in range(1, 40) if w >= 6 * max(0.5 + sum(rho[1 : w + 1]), 1))
    plain = 0.5 + sum(rho[1 : window + 1])
    expected = plain * (1 + (2 * window + 1) / 3_000)
    tau, error = observables.autocorrelation_time(series)
    assert tau == pytest.approx(expected, rel=1e-9)
    assert error == pytest.approx(plain * np.sqrt(2 * (2 * window + 1) / 3_000), rel=1e-9)


def test_jackknife_of_the_mean_is_the_standard_error():
    data = np.random.default_rng(4).normal(size=1_000)
    value, error = observables.jackknife(lambda mean: mean, data, 1_000)
    assert value == pytest.approx(data.mean(), abs=1e-14)
    assert error == pytest.approx(data.std(ddof=1) / np.sqrt(1_000), rel=1e-10)


def test_jackknife_errors_are_the_spread_of_independent_estimates():
    rng = np.random.default_rng(5)
    bias = rng.uniform(-0.6, 0.6, size=(200, 400))
    spins = np.where(rng.random((200, 400, 4, 4)) < (1 + bias[..., None, None]) / 2, 1, -1).astype(np.int8)
    for function in BLOCK_FUNCTIONS:
        estimates = [function(batch, n_blocks=20) for batch in spins]
        values, errors = (np.array([getattr(e, name) for e in estimates]) for name in ("value", "error"))
        np.testing.assert_array_equal(values[0], function(spins[0]))
        spread = values.std(axis=0)
        keep = spread > 1e-12
        np.testing.assert_allclose(np.sqrt((errors**2).mean(axis=0))[keep], spread[keep], rtol=0.25)


@pytest.mark.parametrize("function", SPIN_FUNCTIONS)
@pytest.mark.parametrize(
    "spins",
    [
        np.ones((2, 3, 4), np.int8),
        np.ones(4, np.int8),
        np.ones((1, 1, 1), np.int8),
        np.zeros((1, 3, 3), np.int8),
        np.full((1, 3, 3), 0.5),
        np.ones((0, 3, 3), np.int8),
        "spins",
    ],
)
def test_bad_spins_are_named(function, spins):
    with pytest.raises(ValueError, match="spins"):
        function(spins)


@pytest.mark.parametrize("function", BLOCK_FUNCTIONS)
@pytest.mark.parametrize("n_blocks", [1, 0, 6, 2.5, "many"])
def test_bad_blocks_are_named(function, n_blocks):
    spins = np.random.default_rng(0).choice([-1, 1], size=(5, 3, 3)).astype(np.int8)
    with pytest.raises(ValueError, match="n_blocks must be an integer >= 2 and <= 5"):
        function(spins, n_blocks=n_blocks)


def test_degenerate_lattices_are_refused():
    up = np.ones((3, 4, 4), np.int8)
    board = up * (-1) ** np.indices((4, 4)).sum(axis=0)
    with pytest.raises(ValueError, match="magnetization"):
        observables.binder(board)
    with pytest.raises(ValueError, match="uniform"):
        observables.second_moment_length(up)


@pytest.mark.parametrize("function", [observables.autocorrelation_time, observables.mean_with_error])
def test_series_that_cannot_tell_are_refused(function):
    with pytest.raises(ValueError, match="too short"):
        function(autoregressive(0.99, 2_000)[0])
    with pytest.raises(ValueError, match="too short"):
        function(np.arange(100.0))
    with pytest.raises(ValueError, match=r"(at least 2|too short).* got shape \(5, 1\)"):
        function(np.ones((5, 1)))
    with pytest.raises(ValueError, match="series"):
        function([[1.0, np.nan]])
    with pytest.raises(ValueError, match=r"window must be a finite number >= 4\.0 and <= 10\.0"):
        function(autoregressive(0.0, 1_000)[0], window=2)


@pytest.mark.parametrize("scale", [1e-15, 1e-40, 1e40])
def test_the_scale_of_a_series_scales_its_error(scale):
    noise = np.random.default_rng(0).normal(size=1000)
    value, error = observables.mean_with_error(scale * noise)
    wanted = observables.mean_with_error(noise)
    assert (value, error) == pytest.approx((scale * wanted.value, scale * wanted.error), rel=1e-9, abs=0)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e-15, -3e20])
def test_a_constant_series_has_no_error(value):
    assert observables.mean_with_error(np.full(12_345, value)).error == 0


def test_a_constant_series_has_no_autocorrelation_time():
    with pytest.raises(ValueError, match="constant"):
        observables.autocorrelation_time(np.full(1000, 0.1))


def test_bad_jackknife_arguments_are_named():
    with pytest.raises(ValueError, match="data"):
        observables.jackknife(lambda mean: mean, [np.nan, 1.0], 2)
    with pytest.raises(ValueError, match="n_blocks"):
        observables.jackknife(lambda mean: mean, np.arange(10.0), 11)
