"""Monte Carlo RG: operators against their naive twins, known exponents, known couplings, and what must fail."""

import numpy as np
import pytest
from naive import monte_carlo as naive

from mlrg_lib import ising
from mlrg_lib._kernels import operators as kernels
from mlrg_lib.rg import block_spin, monte_carlo
from mlrg_lib.rg.monte_carlo import EVEN, ODD, Operator
from mlrg_lib.rg.monte_carlo.operators import as_tables

ALL = EVEN + ODD


def coins(n, L, seed=0):
    return np.where(np.random.default_rng(seed).random((n, L, L)) < 0.5, 1, -1).astype(np.int8)


@pytest.fixture(scope="module")
def critical():
    """Independent critical lattices of side 32, in 20 runs."""
    return ising.sample(32, ising.CRITICAL_BETA, 6000, algorithm="swendsen_wang", thin=12, burn_in=150, rng=5)


def test_there_are_enough_operators_of_each_parity():
    assert len(EVEN) >= 7
    assert len(ODD) >= 4
    assert all(o.is_even for o in EVEN)
    assert not any(o.is_even for o in ODD)


@pytest.mark.parametrize("operator", ALL, ids=lambda o: o.name)
def test_terms_are_the_images_of_the_sites(operator):
    assert {frozenset(term) for term in operator.terms} == naive.images(operator.sites)


@pytest.mark.parametrize("L", [4, 5, 8, 63, 64, 65])
def test_operator_sums_equal_their_naive_twin(L):
    spins = coins(2, L, seed=L)
    chosen = ALL if L < 10 else (EVEN[3], EVEN[6], ODD[1])
    expected = [[naive.operator_sum(one, o.sites) for o in chosen] for one in spins]
    assert np.array_equal(monte_carlo.operator_sums(spins, chosen), expected)


def test_operator_sums_reach_63_columns():
    far = Operator("far", ((0, 0), (5, 63)))
    spins = coins(1, 70)
    assert monte_carlo.operator_sums(spins, [far])[0, 0] == naive.operator_sum(spins[0], far.sites)


@pytest.mark.parametrize("L", [4, 6])
def test_site_sums_equal_their_naive_twin(L):
    spins = coins(1, L, seed=3)[0]
    out = np.empty((len(ALL), L, L), dtype=np.int8)
    kernels.site_sums(out, spins, *as_tables(ALL))
    expected = [[[naive.site_sum(spins, o.sites, (y, x)) for x in range(L)] for y in range(L)] for o in ALL]
    assert np.array_equal(out, expected)


def test_pseudo_likelihood_equals_its_naive_twin_and_its_derivatives_are_right():
    spins, K, L = coins(1, 4, seed=7)[0], np.array([0.3, 0.1, -0.2]), 4
    sites = np.empty((3, L, L), dtype=np.int8)
    kernels.site_sums(sites, spins, *as_tables(EVEN[:3]))

    def value(couplings):
        gradient, hessian = np.zeros(3), np.zeros((3, 3))
        return kernels.pseudo_likelihood(gradient, hessian, sites.reshape(3, -1), couplings), gradient, hessian

    total, gradient, hessian = value(K)
    assert total == pytest.approx(naive.pseudo_likelihood(spins, [o.sites for o in EVEN[:3]], K), abs=1e-12)
    for a in range(3):
        shift = 1e-5 * np.eye(3)[a]
        up, down = value(K + shift), value(K - shift)
        assert gradient[a] == pytest.approx((up[0] - down[0]) / 2e-5, abs=1e-7)
        assert -hessian[a, a:] == pytest.approx(((up[1] - down[1]) / 2e-5)[a:], abs=1e-7)


def test_majority_reproduces_the_published_exponents(critical):
    """Swendsen's and our own large runs at L = 64: y_t .969(4), 1.000(2); y_h 1.8808(1), 1.8757(2). |z| < 4."""
    found = monte_carlo.exponents(critical, 2, n_levels=2, rng=1)
    for values, errors, expected, systematic in (
        (found.y_t_by_operators[:, 3], found.y_t_by_operators_error[:, 3], (0.970, 0.998), 0.01),
        (found.y_h, found.y_h_error, (1.8808, 1.8757), 0.0015),
    ):
        assert np.all(np.abs(values - expected) < 4 * np.hypot(errors, systematic))
    assert found.y_t_error.max() < 0.02
    assert found.y_h_error.max() < 0.0015


def test_kadanoff_reproduces_the_exact_exponents_at_its_second_level(critical):
    found = monte_carlo.exponents(critical, 2, transformation="kadanoff", p=1.0, n_levels=2, rng=1)
    assert abs(found.y_t[1] - 1) < 4 * np.hypot(found.y_t_error[1], 0.01)
    assert abs(found.y_h[1] - 15 / 8) < 4 * np.hypot(found.y_h_error[1], 0.002)


def test_decimation_fails_as_it_must(critical):
    """With the magnetization alone y_h is 2 at once, and y_t falls from level to level."""
    found = monte_carlo.exponents(critical, 2, transformation="decimation", n_levels=3, rng=1)
    assert abs(found.y_h_by_operators[0, 0] - 2) < 0.01
    assert found.y_h[0] > 15 / 8 + 10 * found.y_h_error[0]
    assert found.y_t[0] - found.y_t[2] > 5 * found.y_t_error[2]


def test_the_matrix_of_a_copy_is_the_identity():
    """A "transformation" of b = 2 that repeats the operators exactly has T with S' = S / 4 and T = 4."""
    small = coins(400, 8, seed=2)
    tiled = np.tile(small, (1, 2, 2))  # every operator of the tiling is four times that of the tile
    found = monte_carlo.exponents(tiled, 2, transformation=lambda s, rng: s[:, :8, :8], n_levels=1, rng=0)
    assert found.even_matrix[0] == pytest.approx(4 * np.eye(len(EVEN)), abs=1e-9)
    assert found.odd_matrix[0] == pytest.approx(4 * np.eye(len(ODD)), abs=1e-9)
    assert found.y_t == pytest.approx([2.0])
    assert found.y_h_error == pytest.approx([0.0], abs=1e-9)


def test_jackknife_errors_cover(critical):
    """Exponents of eight disjoint eighths scatter as their own errors say, within a factor of two."""
    parts = [monte_carlo.exponents(critical[k::8], 2, n_levels=1, rng=k) for k in range(8)]
    values, errors = np.array([p.y_t[0] for p in parts]), np.array([p.y_t_error[0] for p in parts])
    assert 0.5 < values.std(ddof=1) / np.sqrt(np.mean(errors**2)) < 2


def test_merged_runs_equal_one_measurement(critical):
    labels = np.arange(600) // 100
    whole = monte_carlo.exponents(critical[:600], 2, n_levels=1, transformation="decimation", runs=labels)
    parts = [
        monte_carlo.moments(critical[k : k + 100], 2, n_levels=1, transformation="decimation")
        for k in range(0, 600, 100)
    ]
    joined = monte_carlo.exponents_from(monte_carlo.merge(parts))
    assert joined.y_t == pytest.approx(whole.y_t, abs=1e-12)
    assert joined.y_h_error == pytest.approx(whole.y_h_error, abs=1e-10)
    assert joined.n_runs == whole.n_runs == 6
    assert joined.n_samples == 600


def test_a_callable_is_used_and_the_same_seed_gives_the_same(critical):
    named = monte_carlo.exponents(critical[:400], 2, n_levels=2, rng=3)
    own = monte_carlo.exponents(
        critical[:400], 2, n_levels=2, rng=3, transformation=lambda s, rng: block_spin.majority(s, 2, rng)
    )
    assert np.array_equal(named.y_t, own.y_t)
    assert not np.array_equal(named.y_t, monte_carlo.exponents(critical[:400], 2, n_levels=2, rng=4).y_t)


def test_block_returns_every_level():
    spins = coins(3, 16)
    levels = monte_carlo.block(spins, 2, 3, transformation="decimation")
    assert [level.shape for level in levels] == [(3, 16, 16), (3, 8, 8), (3, 4, 4), (3, 2, 2)]
    assert np.array_equal(levels[2], spins[:, ::4, ::4])


def test_couplings_of_a_known_model_are_found():
    """Nearest-neighbour lattices at β = 0.3: K = (0.3, 0, ..., 0), chi-squared of the eight within 4 sigma."""
    spins = ising.sample(12, 0.3, 2000, rng=2)
    found = monte_carlo.estimate_couplings(spins)
    error = found.values - np.array([0.3] + [0] * 7)
    chi2 = error @ np.linalg.solve(found.covariance, error)
    assert chi2 < 8 + 4 * np.sqrt(16)
    assert found.errors.max() < 0.01
    wrong = found.values - np.array([0.31] + [0] * 7)
    assert wrong @ np.linalg.solve(found.covariance, wrong) > 8 + 4 * np.sqrt(16)
    assert found.names == tuple(o.name for o in EVEN)


def test_decimated_couplings_have_the_exact_next_neighbours_of_the_sqrt2_map():
    """Keeping one checkerboard sublattice of a high-temperature lattice gives the star's couplings exactly."""
    beta = 0.3
    spins = ising.sample(16, beta, 8000, rng=4)
    i, j = np.indices((16, 16))
    turned = spins[:, (i + j) % 16, (i - j) % 16]  # the sublattice, rotated by 45 degrees; each spin comes twice
    found = monte_carlo.estimate_couplings(turned, EVEN[:3])
    near, quartic = np.log(np.cosh(4 * beta)), np.log(np.cosh(2 * beta))
    expected = np.array([near / 4, near / 8, near / 8 - quartic / 2])
    assert np.all(np.abs(found.values - expected) < 4 * found.errors)
    assert found.errors.max() < 0.006


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"b": 3}, "b must divide the side L=16 of the lattices and leave 4 or more of it, got 3"),
        ({"b": 8}, "b must divide"),
        ({"spins": coins(40, 6)}, "b must divide the side L=6 of the lattices and leave 4 or more of it, got 2"),
        ({"spins": coins(1, 16)[0]}, "spins must hold at least runs=20 configurations, got 1"),
        ({"runs": 61}, "spins must hold at least runs=61"),
        ({"runs": 0}, "runs must be an integer >= 1, got 0"),
        ({"b": 1}, "b must be"),
        ({"n_levels": 5}, "n_levels"),
        ({"n_levels": 0}, "n_levels"),
        ({"transformation": "average"}, "transformation"),
        ({"transformation": "kadanoff"}, "p must be"),
        ({"p": 0.5}, "p must be None"),
        ({"transformation": lambda s, rng: s}, "transformation must return"),
        ({"transformation": lambda s, rng: 0.5 * s[:, ::2, ::2]}, "transformation's result"),
        ({"even": ODD}, "even must be a sequence of even"),
        ({"odd": ()}, "odd must be"),
        ({"even": (EVEN[0], Operator("again", ((0, 0), (1, 0))))}, "must differ"),
        ({"even": (EVEN[0], Operator("wrapped", ((0, 0), (0, 3))))}, "must differ"),
        ({"even": (Operator("long", ((0, 0), (0, 7))),)}, "must fit"),
        ({"runs": 1}, "at least 2"),
        ({"runs": [0, 1]}, "labels"),
        ({"rng": "x"}, "rng"),
    ],
)
def test_bad_arguments_are_named(change, message):
    arguments = {"spins": coins(60, 16), "b": 2, "rng": 0} | change
    with pytest.raises(ValueError, match=message):
        monte_carlo.exponents(**arguments)


def test_decimation_has_its_functions_name_too():
    spins = coins(60, 8)
    one, other = (monte_carlo.block(spins, 2, transformation=name)[1] for name in ("decimation", "decimate"))
    assert (one == other).all()
    assert (one == block_spin.decimate(spins, 2)).all()


def test_too_few_or_frozen_samples_are_refused():
    frozen = np.ones((40, 8, 8), dtype=np.int8)
    with pytest.raises(ValueError, match="tell the operators apart"):
        monte_carlo.exponents(frozen, 2, rng=0)
    with pytest.raises(ValueError, match="tell the operators apart"):
        monte_carlo.estimate_couplings(frozen)
    with pytest.raises(ValueError, match="at least 2"):
        monte_carlo.estimate_couplings(coins(5, 8), runs=1)
    with pytest.raises(ValueError, match="spins must hold at least runs=20 configurations, got 5"):
        monte_carlo.estimate_couplings(coins(5, 8))
    with pytest.raises(ValueError, match="b must divide the side L=8 of the lattices and leave 1 or more of it, got 3"):
        monte_carlo.block(coins(5, 8), 3)
    with pytest.raises(ValueError, match="moments"):
        monte_carlo.merge([])
    first, second = (monte_carlo.moments(coins(90, L), 2, n_levels=1, rng=0) for L in (8, 16))
    with pytest.raises(ValueError, match="same blocks"):
        monte_carlo.merge([first, second])
    with pytest.raises(ValueError, match="moments"):
        monte_carlo.exponents_from(3)


@pytest.mark.parametrize("sites", [(), ((0, 0), (0, 0)), ((0, 0), (0, 64)), ((0, 0.5),), "no"])
def test_impossible_operators_are_refused(sites):
    with pytest.raises(ValueError, match="sites"):
        Operator("bad", sites)
