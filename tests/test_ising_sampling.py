"""The sampling interface: reproducible, equilibrated, spaced as promised, and clear about wrong arguments."""

import contextlib
import io

import numba
import numpy as np
import pytest
from oracles import ising as oracle

from mlrg_lib import ising
from mlrg_lib._kernels import clusters
from mlrg_lib.ising import CRITICAL_BETA, _engines, _pilot, _plan, exact, observables, sample, simulate
from mlrg_lib.studies import sampler_validation as validate

ALGORITHMS = ["metropolis", "heat_bath", "wolff", "swendsen_wang"]


def test_public_names():
    assert ising.CRITICAL_BETA == exact.CRITICAL_BETA
    assert set(ising.__all__) <= set(dir(ising))


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, "auto"])
@pytest.mark.parametrize("L", [2, 3, 8, 9])
def test_shape_type_and_values(algorithm, L):
    spins = sample(L, 0.3, 150, algorithm=algorithm, rng=0)
    assert spins.shape == (150, L, L)
    assert spins.dtype == np.int8
    assert set(np.unique(spins)) == {-1, 1}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(("L", "n_chains"), [(9, 3), (16, 5), (8, 64), (128, 1)])
def test_a_run_in_pieces_is_the_run_in_one(algorithm, L, n_chains):
    """The driver's pieces grow with the clock, so no sample may depend on where they end."""
    outcomes = []
    for pieces in ((12,), (1, 2, 4, 5), (5, 7)):
        with _engines.Pool(1) as pool:
            engine = _engines.create(algorithm, L, 0.4, n_chains, n_chains, "random", np.random.default_rng(3), pool)
            for piece in pieces:
                engine.advance(piece)
            outcomes.append(np.empty((n_chains, L, L), dtype=np.int8))
            engine.write(outcomes[-1])
    np.testing.assert_array_equal(outcomes[1], outcomes[0])
    np.testing.assert_array_equal(outcomes[2], outcomes[0])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("L", [8, 9])
@pytest.mark.parametrize("n_chains", [None, 3])
def test_same_seed_same_samples_for_any_number_of_threads(algorithm, L, n_chains):
    runs = [simulate(L, 0.4, 700, algorithm=algorithm, n_chains=n_chains, n_threads=n, rng=5) for n in (1, 2, 5)]
    for run in runs[1:]:
        np.testing.assert_array_equal(run.spins, runs[0].spins)
        assert (run.thin, run.burn_in, run.tau) == (runs[0].thin, runs[0].burn_in, runs[0].tau)
    other = sample(L, 0.4, 700, algorithm=algorithm, n_chains=n_chains, rng=6)
    assert (other != runs[0].spins).any()
    generator = np.random.default_rng(5)
    np.testing.assert_array_equal(
        sample(L, 0.4, 700, algorithm=algorithm, n_chains=n_chains, rng=generator), runs[0].spins
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_infinite_temperature_is_fair_coins(algorithm):
    spins = sample(6, 0.0, 4_000, algorithm=algorithm, rng=1)
    n = spins.size
    assert abs(spins.sum(dtype=int)) < 4 * np.sqrt(n)
    assert abs(observables.energy(spins).sum() * 36) < 4 * np.sqrt(2 * n)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_frozen_lattices(algorithm):
    """At beta = 50 nothing moves; both signs come up."""
    spins = sample(7, 50.0, 300, algorithm=algorithm, rng=2)
    assert (observables.energy(spins) == -2).all()
    assert abs(observables.magnetization(spins).sum()) < 4 * np.sqrt(300)


def test_spacing_is_three_autocorrelation_times():
    run = simulate(16, 0.408, 3_000, algorithm="metropolis", rng=3)
    assert run.thin == int(np.ceil(3 * run.tau))
    assert run.burn_in >= 40 * run.tau
    assert run.tau == pytest.approx(8.0, rel=0.15)
    chains = run.spins[: 3_000 // run.n_chains * run.n_chains].reshape(-1, run.n_chains, 16, 16)
    size = np.abs(chains.mean(axis=(2, 3)))
    correlation = np.mean((size[1:] - size.mean()) * (size[:-1] - size.mean())) / size.var()
    assert correlation < 0.2


def test_measured_time_agrees_between_kernels():
    """The plain chains and the bit-parallel ones are the same dynamics for the heat bath up to the order of sites."""
    taus = [simulate(12, 0.4, 64, algorithm="heat_bath", n_chains=n, rng=4) for n in (63, 64)]
    assert taus[0].tau == pytest.approx(taus[1].tau, rel=0.3)


@pytest.mark.parametrize(
    ("arguments", "tau", "burn_in"),
    [((32, 0.3, 1), 1.13, 2048), ((8, 0.42, 2, "heat_bath"), 6.7, 16_384)],
)
def test_one_chain_measures_its_time_in_few_updates(arguments, tau, burn_in):
    """With 256 records of one chain 500 tau fit in only if tau is estimated far too small, after many a doubling."""
    algorithm = arguments[3] if len(arguments) > 3 else "auto"
    runs = [simulate(*arguments[:3], algorithm=algorithm, n_chains=1, rng=seed) for seed in range(12)]
    taus = [run.tau for run in runs]
    assert np.mean(taus) == pytest.approx(tau, rel=0.2)
    assert max(taus) < 2 * min(taus) + 0.5
    assert max(run.burn_in for run in runs) <= burn_in


def test_given_burn_in_and_thin_are_used_and_nothing_is_measured():
    run = simulate(8, 0.3, 100, algorithm="swendsen_wang", burn_in=7, thin=2, n_chains=10, rng=5)
    assert (run.burn_in, run.thin, run.tau, run.tau_error, run.n_chains) == (7, 2, None, None, 10)
    run = simulate(8, 0.3, 100, algorithm="swendsen_wang", burn_in=7, n_chains=10, rng=5)
    assert run.burn_in > 7
    assert run.tau > 0


def test_default_threads_keep_to_the_limit_of_numba(monkeypatch):
    pools, Pool = [], _engines.Pool
    monkeypatch.setattr(_engines, "Pool", lambda n: pools.append(n) or Pool(n))
    monkeypatch.setattr(_engines, "cpu_count", lambda: 64)
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        sample(8, 0.3, 10, rng=0)
        validate.energy_check("heat_bath", 4, 0.3, relative_error=1e-2, rng=0)
    finally:
        numba.set_num_threads(threads)
    sample(8, 0.3, 10, rng=0)
    monkeypatch.setattr(_engines, "cpu_count", lambda: 1)
    sample(8, 0.3, 10, rng=0)
    assert pools == [1, 1, threads, 1]


def test_threads_of_numba_are_not_needed(monkeypatch):
    """A threading layer that is not installed stops numba's own threads, which sampling does not use."""

    def fail():
        raise ValueError("No threading layer could be loaded.")

    monkeypatch.setattr(_engines.numba, "get_num_threads", fail)
    monkeypatch.setattr(_engines, "cpu_count", lambda: 1)
    assert _engines.default_threads() == 1
    assert sample(8, 0.3, 4, rng=0).shape == (4, 8, 8)


def test_symmetrized_samples_have_both_signs():
    plain = sample(12, 0.6, 200, algorithm="metropolis", symmetrize=False, burn_in=50, thin=5, rng=9)
    assert (plain.sum(axis=(1, 2)) > 0).all()
    signs = np.sign(sample(12, 0.6, 200, algorithm="metropolis", burn_in=50, thin=5, rng=9).sum(axis=(1, 2), dtype=int))
    assert abs(signs.sum()) < 4 * np.sqrt(200)


@pytest.mark.parametrize(
    ("L", "beta", "n_samples", "expected"),
    [
        (40, 0.0, 100, "heat_bath"),
        (40, 0.408, 20_000, "metropolis"),
        (41, CRITICAL_BETA, 20_000, "metropolis"),
        (40, 0.5, 100, "swendsen_wang"),
        (64, CRITICAL_BETA, 64, "metropolis"),
        (64, CRITICAL_BETA, 20, "swendsen_wang"),
        (96, CRITICAL_BETA, 20_000, "swendsen_wang"),
        (512, 0.3, 1, "metropolis"),
    ],
)
def test_auto_chooses(L, beta, n_samples, expected):
    assert _plan.choose(L, beta, n_samples) == expected


@pytest.mark.parametrize(("L", "beta"), [(16, 0.408), (40, 0.38), (24, CRITICAL_BETA)])
def test_the_time_that_the_choice_expects_is_the_measured_one(L, beta):
    run = simulate(L, beta, 512, algorithm="metropolis", rng=15)
    assert _plan.local_time(L, beta) == pytest.approx(run.tau, rel=0.3)


@pytest.mark.parametrize(
    ("algorithm", "L", "n_samples", "expected"),
    [
        ("metropolis", 40, 100, 100),
        ("metropolis", 40, 256, 256),
        ("metropolis", 40, 2000, 256),
        ("metropolis", 40, 20_480, 2560),
        ("heat_bath", 10, 200_000, 8192),
        ("swendsen_wang", 10, 20, 20),
        ("swendsen_wang", 10, 1000, 32),
        ("swendsen_wang", 10, 100_000, 256),
    ],
)
def test_number_of_chains(algorithm, L, n_samples, expected):
    rng, pool = np.random.default_rng(0), _engines.Pool(1)
    assert _engines.create(algorithm, L, 0.3, n_samples, None, "random", rng, pool).n_chains == expected


def test_every_sample_a_chain_of_its_own():
    """20 measured tau from a random start, and no more: the energy is the exact one, and nothing is correlated."""
    n, L, beta = 40_000, 12, 0.42
    run = simulate(L, beta, n, algorithm="metropolis", n_chains=n, rng=16)
    assert (run.n_chains, run.burn_in) == (n, int(np.ceil(20 * run.tau)))
    assert run.tau == pytest.approx(_plan.local_time(L, beta), rel=0.3)
    energies = observables.energy(run.spins)
    assert abs(energies.mean() - exact.torus_energy(L, beta)) < 4 * energies.std() / np.sqrt(n)
    again = simulate(L, beta, n, algorithm="metropolis", n_chains=n, n_threads=1, rng=16)
    np.testing.assert_array_equal(again.spins, run.spins)
    given = simulate(L, beta, 600, algorithm="metropolis", n_chains=600, burn_in=7, rng=16)
    assert given.burn_in > 7 + 20 * given.tau


def test_from_a_random_start_even_quantities_relax_in_tau():
    """The excess of energy and the want of squared magnetization fall e-fold in tau, not in the slower flip's time."""
    L, beta, tau = 40, 0.408, 17.3
    rng, excess = np.random.default_rng(17), []
    engine = _engines.create("metropolis", L, beta, 2**15, 2**15, "random", rng, _engines.Pool(1))
    for sweeps in (20, 40, 120):
        engine.advance(sweeps)
        e, m = engine.measure()
        excess.append((e.mean() - exact.torus_energy(L, beta), np.mean(m**2)))
    (early, small), (late, larger), (end, full) = excess
    assert early > 4e-3
    assert late < 1.5 * early * np.exp(-40 / tau)
    assert 1 - larger / full < 1.5 * (1 - small / full) * np.exp(-40 / tau)
    assert abs(end) < 4 * 0.061 / 2**7.5


def test_progress_bar_shows_when_asked():
    for verbose in (False, True):
        err = io.StringIO()
        with contextlib.redirect_stderr(err):
            sample(8, 0.3, 100, rng=0, verbose=verbose)
        assert ("update" in err.getvalue()) == verbose


def test_wolff_cluster_size_is_the_susceptibility():
    L, beta = 16, 0.42
    rng = np.random.default_rng(10)
    engine = _engines.create("wolff", L, beta, 64, 32, "random", rng, _engines.Pool(1))
    engine.advance(200)
    sizes, squares = [], []
    for _ in range(400):
        flipped = clusters.wolff_updates(engine._spins, engine._work[0], engine._bond, 8, engine._states)
        sizes.append(flipped / (8 * 32 * L**2))
        squares.append(np.mean(observables.magnetization(engine._spins) ** 2))
    assert np.mean(sizes) == pytest.approx(np.mean(squares), rel=0.01)


def test_binder_and_length_at_the_critical_point():
    small = sample(16, CRITICAL_BETA, 200_000, algorithm="metropolis", rng=11)
    value, error = observables.binder(small, n_blocks=100)
    assert error < 4e-4
    assert value == pytest.approx(0.6114, abs=1e-3 + 4 * error)
    large = sample(32, CRITICAL_BETA, 20_000, algorithm="metropolis", rng=12)
    length, error = observables.second_moment_length(large, n_blocks=100)
    assert length / 32 == pytest.approx(oracle.LENGTH_OVER_SIDE_LIMIT, abs=0.01 + 4 * error / 32)
    assert observables.binder(large) == pytest.approx(oracle.BINDER_LIMIT, abs=4e-3)


def test_correlations_decay_with_the_exponential_length():
    """Well inside the disordered phase: C(r) = exp(-r / length) up to a power, and an axis cannot tell from another."""
    spins = sample(32, 0.35, 20_000, rng=13)
    value, error = observables.correlation(spins, n_blocks=50)
    assert value[1] == pytest.approx(-exact.onsager_energy(0.35) / 2, abs=5 * error[1])
    slope = -np.log(value[7] / value[6])
    assert slope == pytest.approx(1 / exact.correlation_length(0.35) + 0.5 * np.log(7 / 6), rel=0.06)


def test_spontaneous_magnetization():
    spins = sample(64, 0.5, 400, rng=14)
    value, error = observables.mean_with_error(np.abs(observables.magnetization(spins)))
    assert abs(value - exact.spontaneous_magnetization(0.5)) < 4 * error
    assert error < 1e-3


def test_a_chain_too_slow_to_measure_is_refused(monkeypatch):
    monkeypatch.setattr(_pilot, "_PILOT_LIMIT", 256)
    with pytest.raises(RuntimeError, match="autocorrelation time could not be measured within 256 updates"):
        sample(32, CRITICAL_BETA, 10, algorithm="heat_bath", rng=0)
    sample(32, CRITICAL_BETA, 10, algorithm="heat_bath", burn_in=10, thin=10, rng=0)


def test_striped_chains_are_not_taken_for_equilibrium(monkeypatch):
    """Quenched from random starts some chains freeze in stripes: they differ for ever, and that is noticed."""
    monkeypatch.setattr(_pilot, "_PILOT_LIMIT", 4096)
    with pytest.raises(RuntimeError):
        sample(16, 2.0, 512, algorithm="metropolis", start="random", rng=0)


@pytest.mark.parametrize("function", [sample, simulate])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"L": 1}, "L must be an integer >= 2"),
        ({"L": 8.0}, "L must be an integer >= 2"),
        ({"L": 2**15}, "L must be an integer >= 2 and <= 16384"),
        ({"beta": -0.1}, "beta must be a finite number >= 0"),
        ({"beta": np.inf}, "beta must be a finite number >= 0"),
        ({"beta": "cold"}, "beta must be a finite number >= 0"),
        ({"n_samples": 0}, "n_samples must be an integer >= 1"),
        ({"algorithm": "metropolice"}, "algorithm must be one of 'auto', 'metropolis'"),
        ({"thin": 0}, "thin must be an integer >= 1"),
        ({"burn_in": -1}, "burn_in must be an integer >= 0"),
        ({"n_chains": 0}, "n_chains must be an integer >= 1 and <= 5"),
        ({"n_chains": 6}, "n_chains must be an integer >= 1 and <= 5"),
        ({"start": "hot"}, "start must be one of 'auto', 'random', 'ordered'"),
        ({"start": 1}, "start must have 2 or 3 dimension"),
        ({"start": [[1, -1], [1]]}, "start must be"),
        ({"start": np.zeros((4, 4))}, r"start must hold only \+1 and -1"),
        ({"start": np.ones((5, 5))}, r"start must be lattices of side L=4, got shape \(1, 5, 5\)"),
        (
            {"start": np.ones((6, 4, 4))},
            r"start must be one \(L, L\) lattice, or at most n_samples=5 lattices, got shape",
        ),
        ({"start": np.ones((2, 4, 4)), "n_chains": 3}, "start must be one .* or n_chains=3 lattices, got shape"),
        ({"symmetrize": 1}, "symmetrize must be True or False"),
        ({"n_threads": 0}, "n_threads must be an integer >= 1"),
        ({"rng": -1}, "rng must be"),
        ({"verbose": None}, "verbose must be True or False"),
    ],
)
def test_bad_arguments_are_named(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(**({"L": 4, "beta": 0.3, "n_samples": 5} | arguments))
