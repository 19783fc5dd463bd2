"""Sloppy models: spectra with certified digits, walkers, Gaussians and the Ising model seen through fewer spins."""

import itertools
from decimal import Decimal

import numpy as np
import pytest
from naive import discussion as naive
from oracles import discussion as known

from mlrg_lib._kernels import clamped
from mlrg_lib._kernels.rng import next_double
from mlrg_lib.discussion import sloppy
from mlrg_lib.ising import CRITICAL_BETA
from mlrg_lib.rg.pca import spectral_exponent

SEVEN = np.full(7, 1 / 7)
DISPLACEMENTS = [(0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 1)]


def log10(spectrum):
    return np.log10(spectrum.eigenvalues)


def test_exponentials_spectrum():
    found = sloppy.exponentials_eigenvalues(np.linspace(0.5, 2, 6), np.linspace(0, 5, 200))
    np.testing.assert_allclose(log10(found), known.EXPONENTIALS_6, atol=0.005)


def test_vandermonde_spectrum():
    found = sloppy.vandermonde_eigenvalues(np.linspace(0.9, 1.1, 8), 8)
    np.testing.assert_allclose(log10(found), known.VANDERMONDE_8, atol=0.05)
    assert found.digits == 60


def test_more_digits_change_nothing_and_the_determinant_agrees():
    theta = np.linspace(0.9, 1.1, 8)
    coarse, fine = (sloppy.vandermonde_eigenvalues(theta, 8, relative_error=e).eigenvalues for e in (1e-8, 1e-40))
    np.testing.assert_allclose(coarse, fine, rtol=1e-8)
    determinant = np.prod([b - a for a, b in itertools.combinations(theta, 2)]) ** 2
    np.testing.assert_allclose(np.log(fine).sum(), np.log(determinant), rtol=1e-12)


def test_what_double_precision_sees():
    J = sloppy.exponentials_jacobian(np.linspace(0.5, 2, 12), np.linspace(0, 5, 200)) / np.sqrt(200)
    exact = sloppy.exponentials_eigenvalues(np.linspace(0.5, 2, 12), np.linspace(0, 5, 200)).eigenvalues
    from_gram, from_root = np.linalg.eigvalsh(J.T @ J)[::-1], np.linalg.svd(J, compute_uv=False) ** 2
    assert exact[-1] / exact[0] < 1e-24
    np.testing.assert_allclose(from_gram[:5], exact[:5], rtol=1e-6)
    assert np.abs(from_gram[9:] / exact[9:] - 1).min() > 0.5  # squaring has lost them
    np.testing.assert_allclose(from_root, exact, rtol=0.01)  # the root has not


def test_float_inputs_agree_with_numpy_where_both_see():
    J = np.random.default_rng(0).normal(size=(9, 4))
    found = sloppy.gram_eigenvalues(lambda context: [[Decimal(x) for x in row] for row in J.tolist()])
    np.testing.assert_allclose(found.eigenvalues, np.linalg.svd(J, compute_uv=False) ** 2, rtol=1e-12)


def test_singular_matrices_are_refused_not_guessed():
    with pytest.raises(RuntimeError, match="singular"):
        sloppy.gram_eigenvalues(lambda context: [[Decimal(1), Decimal(1)]] * 2, max_digits=60)
    with pytest.raises(ValueError, match="rates"):
        sloppy.exponentials_eigenvalues([1.0, 1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="parameters"):
        sloppy.vandermonde_eigenvalues([1.0, 1.0], 2)
    with pytest.raises(ValueError, match="n_rows"):
        sloppy.vandermonde_eigenvalues([1.0, 2.0], 1)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: sloppy.gram_eigenvalues(3), "rows"),
        (lambda: sloppy.gram_eigenvalues(lambda c: [[Decimal(1)], []]), "rows"),
        (lambda: sloppy.gram_eigenvalues(lambda c: [[Decimal(1)]], relative_error=0.0), "relative_error"),
        (lambda: sloppy.exponentials_jacobian([-1.0], [1.0]), "rates"),
        (lambda: sloppy.exponentials_jacobian([1.0], [-1.0]), "times"),
        (lambda: sloppy.hop_metric([1.0, 1.0], 2), "rates"),
        (lambda: sloppy.hop_metric([1.0, 0.0, 1.0], 2), "rates"),
        (lambda: sloppy.hop_eigenvalues([1.0], 0), "n_steps"),
        (lambda: sloppy.covariance_information([[1.0, 2.0], [2.0, 1.0]], np.ones((1, 2, 2))), "covariance"),
        (lambda: sloppy.covariance_information(np.eye(2), np.ones((1, 3, 3))), "derivatives"),
        (lambda: sloppy.kept_sites(6, 3), "L"),
        (lambda: sloppy.exact_metric(5, 0.4), "L"),
        (lambda: sloppy.pair_operators(np.ones((1, 4, 4)), [(0.5, 1.0)]), "displacements"),
        (lambda: sloppy.sampled_metric(8, 0.4, n_samples=2), "n_samples"),
    ],
)
def test_bad_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=name):
        call()


def test_log_uniform_spectra_have_exponent_zero():
    values = 10 ** np.random.default_rng(2).uniform(-8, 0, 40_000)
    found = spectral_exponent(values, smallest=1e-8, largest=1.0)
    assert abs(found.alpha) < 0.02


def test_density_counts_paths():
    counts = naive.hop_counts(7, 6)
    np.testing.assert_allclose(sloppy.hop_density(SEVEN, 6), np.array(counts) / 7.0**6, rtol=1e-13)


def test_metric_by_finite_differences():
    rates, step = np.array([0.1, 0.3, 0.25, 0.2, 0.12]), 1e-6
    density = sloppy.hop_density(rates, 5)
    slopes = [
        (sloppy.hop_density(rates + step * e, 5) - sloppy.hop_density(rates - step * e, 5)) / (2 * step)
        for e in np.eye(5)
    ]
    expected = np.array([[(a * b / density).sum() for a in slopes] for b in slopes])
    np.testing.assert_allclose(sloppy.hop_metric(rates, 5), expected, rtol=1e-8)


def test_hop_eigenvalues_have_all_their_digits():
    steps = 128
    before, after = naive.hop_counts(7, steps - 1), naive.hop_counts(7, steps)

    def rows(context):
        scale = Decimal(steps) * (Decimal(7) ** (2 - steps)).sqrt()
        return [
            [scale * (before[x - m] if 0 <= x - m < len(before) else 0) / Decimal(after[x]).sqrt() for m in range(7)]
            for x in range(len(after))
        ]

    exact = sloppy.gram_eigenvalues(rows).eigenvalues
    found = sloppy.hop_eigenvalues(SEVEN, steps)
    np.testing.assert_allclose(found, exact, rtol=1e-5)
    assert exact[-1] / exact[0] < 1e-16
    assert abs(np.linalg.eigvalsh(sloppy.hop_metric(SEVEN, steps))[0] / exact[-1] - 1) > 1e-4


def test_hop_exponents():
    exponents = np.log2(sloppy.hop_eigenvalues(SEVEN, 256) / sloppy.hop_eigenvalues(SEVEN, 128))[:6]
    np.testing.assert_allclose(exponents, known.HOP_EXPONENTS, atol=0.005)
    np.testing.assert_allclose(exponents[:5], 2 - np.arange(5), atol=0.03)


def test_gaussian_information_is_the_inverse_of_the_estimates_scatter():
    rng = np.random.default_rng(5)
    covariance = np.array([[2.0, 0.6], [0.6, 1.0]])
    samples = rng.multivariate_normal([0, 0], covariance, size=(4000, 200))
    means = np.cov(samples.mean(1).T)
    np.testing.assert_allclose(means, covariance / 200, atol=6e-4)
    estimates = np.einsum("kni,knj->kij", samples, samples)[:, [0, 0, 1], [0, 1, 1]] / 200
    derivatives = np.array([[[1, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 1]]])
    expected = np.linalg.inv(200 * sloppy.covariance_information(covariance, derivatives))
    np.testing.assert_allclose(np.cov(estimates.T), expected, rtol=0.12, atol=6e-4)


def test_pair_sums():
    spins = np.where(np.random.default_rng(3).random((5, 5, 5)) < 0.5, 1, -1).astype(np.int8)
    expected = [naive.pair_operators(lattice, DISPLACEMENTS) for lattice in spins]
    np.testing.assert_array_equal(sloppy.pair_operators(spins, DISPLACEMENTS), expected)


def test_clamped_sweeps_equal_their_naive_twin():
    rng = np.random.default_rng(5)
    spins = np.where(rng.random((4, 5, 5)) < 0.5, 1, -1).astype(np.int8)
    free = rng.permutation(list(itertools.product(range(5), repeat=2)))[:22]  # disordered: every neighbour matters
    up, state = np.array([0.9, 0.2, 0.7, 0.1, 0.6]), rng.integers(0, 2**64, 4, dtype=np.uint64)
    expected, words = spins.tolist(), state.copy()
    by_sum = dict(zip(range(-4, 5, 2), up, strict=True))
    for lattice in expected:
        for _ in range(6):
            naive.clamped_sweep(lattice, free, by_sum, lambda: next_double(words))
    clamped.clamped_sweeps(spins, *np.ascontiguousarray(free.T), up, 6, state)
    np.testing.assert_array_equal(spins, expected)
    np.testing.assert_array_equal(state, words)


def test_clamped_sweeps_leave_the_seen_spins_and_reach_the_conditional_means():
    kept, beta = sloppy.kept_sites(4, 2), 0.44
    start = np.where(np.random.default_rng(8).random((4, 4)) < 0.5, 1, -1).astype(np.int8)
    chains = np.repeat(start[None], 20_000, axis=0)
    rows, columns = np.nonzero(~kept)
    up = 1 / (1 + np.exp(-2 * beta * np.arange(-4.0, 5.0, 2.0)))
    clamped.clamped_sweeps(chains, rows, columns, up, 60, np.array([1, 2, 3, 4], dtype=np.uint64))
    assert (chains[:, kept] == start[kept]).all()
    expected = naive.conditional_means(kept, start, beta, [(0, 1), (1, 1)])
    operators = sloppy.pair_operators(chains, [(0, 1), (1, 1)])
    z = (operators.mean(0) - expected) / (operators.std(0) / np.sqrt(len(chains)))
    assert np.abs(z).max() < 4


def test_information_without_decimation_is_the_covariance_of_the_operators():
    beta, step = 0.3, 1e-4
    spins = np.array(list(itertools.product((-1, 1), repeat=9)), dtype=np.int8).reshape(-1, 3, 3)
    operators = sloppy.pair_operators(spins, [(0, 1), (1, 0)])

    def log_z(theta):
        return np.log(np.exp(operators @ theta).sum())

    at = np.array([0.0, beta, beta])
    shifts = step * np.eye(3)
    hessian = [
        [
            (log_z(at + a + b) - log_z(at + a - b) - log_z(at - a + b) + log_z(at - a - b)) / (4 * step**2)
            for a in shifts
        ]
        for b in shifts
    ]
    found = sloppy.exact_metric(3, beta, 0, displacements=[(0, 1), (1, 0)]).metric[0]
    np.testing.assert_allclose(found, hessian, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("beta", [0.25, CRITICAL_BETA])
def test_decimation_loses_information_in_every_direction(beta):
    found = sloppy.exact_metric(4, beta)
    assert (found.loewner_gap() > -1e-10).all()
    assert (np.diff(found.eigenvalues, axis=0) < 1e-9).all()
    # Four seen spins have 16 states, and by symmetry two independent even operators beside the field.
    assert (found.eigenvalues[2, 5:] < 1e-10).all()


def test_the_critical_field_survives_and_the_irrelevant_directions_do_not():
    critical, warm = sloppy.exact_metric(4, CRITICAL_BETA), sloppy.exact_metric(4, 0.25)
    fields = [found.metric[:, 0, 0] / found.metric[0, 0, 0] for found in (critical, warm)]
    assert fields[0][2] > 0.95
    assert fields[1][2] < 0.70
    assert critical.eigenvalues[2, 4] / critical.eigenvalues[0, 4] < 0.002


def test_sampled_information_agrees_with_the_exact_one():
    exact = sloppy.exact_metric(4, CRITICAL_BETA)
    found = sloppy.sampled_metric(4, CRITICAL_BETA, 2, n_samples=20_000, rng=11)
    z = (found.metric - exact.metric) / found.error
    assert np.abs(z).max() < 5
    assert 0.5 < z.std() < 1.6


def test_one_noisy_estimate_instead_of_two_would_be_seen():
    """The negative control: covariances of a single noisy mean are too large by its noise."""
    exact = sloppy.exact_metric(4, CRITICAL_BETA).metric[2]
    found = sloppy.sampled_metric(4, CRITICAL_BETA, 2, n_samples=20_000, n_inner=1, n_gap=1, rng=11)
    z = (found.metric[2] - exact) / found.error[2]
    assert z.max() > 8


def test_a_seed_fixes_the_sampled_metric():
    first, second = (sloppy.sampled_metric(8, 0.4, 2, n_samples=100, rng=3).metric for _ in range(2))
    np.testing.assert_array_equal(first, second)
