"""Chains: where they start and go on from, what is measured on them, and what correlated samples do to errors."""

import numpy as np
import pytest

from mlrg_lib.ising import exact, observables, sample, simulate

ALGORITHMS = ["metropolis", "heat_bath", "wolff", "swendsen_wang"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_one_chain_in_order(algorithm):
    """With thin = 1 successive samples are one update apart: sampling n and 2 n from one seed agrees on the first n."""
    short, long = (
        sample(8, 0.4, n, algorithm=algorithm, n_chains=1, thin=1, burn_in=10, symmetrize=False, rng=6)
        for n in (40, 80)
    )
    np.testing.assert_array_equal(short, long[:40])


def test_chains_are_interleaved():
    many = sample(6, 0.3, 12, algorithm="heat_bath", n_chains=4, thin=1, burn_in=3, symmetrize=False, rng=7)
    first = sample(6, 0.3, 4, algorithm="heat_bath", n_chains=4, thin=1, burn_in=3, symmetrize=False, rng=7)
    later = sample(6, 0.3, 4, algorithm="heat_bath", n_chains=4, thin=1, burn_in=5, symmetrize=False, rng=7)
    np.testing.assert_array_equal(many[:4], first)
    np.testing.assert_array_equal(many[8:], later)


def test_starts():
    options = {"n_chains": 100, "burn_in": 0, "thin": 1, "symmetrize": False, "rng": 8}
    for algorithm in ALGORITHMS:
        ordered = sample(8, 0.5, 100, algorithm=algorithm, start="ordered", **options)
        if algorithm != "wolff":  # which makes a few updates to learn its clusters' size
            assert (ordered == 1).all()
        assert (sample(8, 0.5, 100, algorithm=algorithm, start="random", **options) == -1).any()


@pytest.mark.parametrize("algorithm", ["metropolis", "heat_bath", "swendsen_wang"])
@pytest.mark.parametrize(("L", "n"), [(8, 1), (8, 3), (6, 70), (7, 130), (9, 5), (66, 2), (66, 65), (40, 500)])
def test_chains_start_where_they_are_told(algorithm, L, n):
    """Few or many chains, even or odd sides, a side beyond one word, more chains than a block holds."""
    given = np.random.default_rng(18).choice([-1, 1], size=(n, L, L))
    options = {"algorithm": algorithm, "burn_in": 0, "thin": 1, "symmetrize": False, "rng": 0}
    run = simulate(L, 0.4, n, start=given, **options)
    np.testing.assert_array_equal(run.spins, given)
    assert run.n_chains == n
    alone = simulate(L, 0.4, n, n_chains=n, start=given[0], **options).spins
    np.testing.assert_array_equal(alone, np.broadcast_to(given[0], given.shape))
    moved = sample(L, 0.4, 2 * n, start=given, **options)[n:]
    assert (moved != given).any()
    np.testing.assert_array_equal(given, np.random.default_rng(18).choice([-1, 1], size=(n, L, L)))


@pytest.mark.parametrize(("algorithm", "L"), [("heat_bath", 8), ("heat_bath", 7), ("metropolis", 66), ("wolff", 8)])
@pytest.mark.parametrize("n_chains", [4, 70])
def test_a_start_is_sampled_as_any_other(algorithm, L, n_chains):
    """All of its neighbours are in place: from all up, given as lattices or by name, the same seed does the same."""
    options = {"algorithm": algorithm, "n_chains": n_chains, "burn_in": 7, "thin": 1, "rng": 4}
    named = sample(L, 0.4, n_chains, start="ordered", **options)
    given = sample(L, 0.4, n_chains, start=np.ones((L, L), dtype=np.int8), **options)
    np.testing.assert_array_equal(given, named)


def test_every_sample_a_chain_of_its_own_from_given_lattices():
    given = np.ones((600, 8, 8), dtype=np.int8)
    run = simulate(8, 0.3, 600, start=given, rng=5)
    assert (run.n_chains, run.burn_in) == (600, int(np.ceil(20 * run.tau)))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("symmetrize", [True, False])
def test_what_is_measured_is_measured_on_the_samples(algorithm, symmetrize):
    options = {"algorithm": algorithm, "n_chains": 24, "thin": 2, "burn_in": 5, "symmetrize": symmetrize, "rng": 19}
    kept = simulate(8, 0.4, 100, **options)
    sizes = []

    def both(spins):
        sizes.append(len(spins))
        return np.column_stack([observables.energy(spins), observables.magnetization(spins)])

    run = simulate(8, 0.4, 100, measure=both, **options)
    np.testing.assert_array_equal(run.values, both(kept.spins))
    assert sizes[:-1] == [24, 24, 24, 24, 4]
    assert run.spins is None
    assert kept.values is None
    np.testing.assert_array_equal(run.last, kept.last)
    corners = simulate(
        8, 0.4, 100, measure=lambda spins: spins[:, 0, 0], **options
    )  # a view of what will be overwritten
    np.testing.assert_array_equal(corners.values, kept.spins[:, 0, 0])


@pytest.mark.parametrize("n_samples", [100, 128])
@pytest.mark.parametrize("symmetrize", [True, False])
def test_the_last_lattices_are_the_chains_own(n_samples, symmetrize):
    """Whether or not the samples are kept, have signs, or fill their last round."""
    options = {"algorithm": "heat_bath", "n_chains": 64, "burn_in": 50, "thin": 3, "rng": 20}
    kept = simulate(8, 0.4, n_samples, symmetrize=symmetrize, **options)
    measured = simulate(8, 0.4, n_samples, symmetrize=symmetrize, measure=observables.energy, **options)
    np.testing.assert_array_equal(kept.last, measured.last)
    assert not np.shares_memory(kept.last, kept.spins)
    plain = simulate(8, 0.4, n_samples, symmetrize=False, **options)
    assert plain.last.shape == (64, 8, 8)
    np.testing.assert_array_equal(plain.last[: n_samples - 64], plain.spins[64:])
    np.testing.assert_array_equal(kept.last, plain.last)


def test_chains_go_on_from_their_last_lattices():
    """With ``burn_in=thin`` no sample comes twice, and the spacing between the runs is that within one."""
    options = {"algorithm": "heat_bath", "thin": 3, "symmetrize": False}
    first = simulate(8, 0.4, 128, n_chains=64, burn_in=50, rng=20, **options)
    more = simulate(8, 0.4, 128, start=first.last, burn_in=first.thin, rng=21, **options)
    assert (more.spins[:64] != first.last).any(axis=(1, 2)).all()
    stepwise = simulate(8, 0.4, 256, start=first.last, burn_in=0, rng=21, **options)
    np.testing.assert_array_equal(more.spins[:64], stepwise.spins[64:128])


@pytest.mark.parametrize("rows", [True, False])
@pytest.mark.parametrize("n_chains", [1, 100])
def test_metropolis_leaves_lattices_whose_neighbours_cancel(rows, n_chains):
    """Where every flip costs nothing a fixed order turns the lattice over for ever; one such lattice is enough."""
    x, y = np.indices((16, 16))
    trap = 1 - 2 * (x % 2 if rows else (x + y) % 4 // 2)
    start = np.ones((n_chains, 16, 16), dtype=int)
    start[-1] = trap
    run = simulate(16, 0.3, 200 * n_chains, algorithm="metropolis", start=start, burn_in=100, thin=3, rng=0)
    assert run.n_chains == n_chains
    value, error = observables.mean_with_error(run.chains(observables.energy(run.spins))[-1])
    assert 0 < error < 0.03
    assert abs(value - exact.torus_energy(16, 0.3)) < 4 * error
    assert run.chains(observables.magnetization(run.spins))[-1].std() > 0.05


def test_the_choice_for_a_trap_measures_its_own_time():
    """Also where it is not among the chains of the pilot, and where one lattice starts all chains."""
    x, y = np.indices((16, 16))
    trap = 1 - 2 * ((x + y) % 4 // 2)
    start = np.ones((600, 16, 16), dtype=int)
    start[-1] = trap
    plain = simulate(16, 0.3, 600, algorithm="metropolis", start=trap, n_chains=600, rng=1)
    run = simulate(16, 0.3, 600, algorithm="metropolis", start=start, rng=1)
    assert run.tau == pytest.approx(plain.tau, rel=0.15)
    assert plain.tau > 1.3 * simulate(16, 0.3, 600, algorithm="metropolis", n_chains=600, rng=1).tau
    auto = simulate(16, 0.3, 100, start=trap, rng=0)
    assert auto.algorithm == "metropolis"
    assert auto.tau > 0.5


def test_samples_by_chain():
    """Errors of the samples in their order miss that those of one chain, 100 apart, are correlated."""
    options = {"algorithm": "heat_bath", "n_chains": 100, "burn_in": 400, "thin": 5}
    z = []
    for seed in range(60):
        run = simulate(16, 0.44, 1000, rng=seed, **options)
        energies = observables.energy(run.spins)
        by_chain = run.chains(energies)
        estimates = [
            observables.mean_with_error(energies),
            observables.mean_with_error(by_chain),
            observables.jackknife(float, np.concatenate(by_chain), 50),
        ]
        z.append([(e.value - exact.torus_energy(16, 0.44)) / e.error for e in estimates])
    wrong, *right = np.std(z, axis=0)
    assert wrong > 1.4
    assert right == pytest.approx([1, 1], abs=0.25)
    np.testing.assert_array_equal(by_chain[3], energies[3::100])
    np.testing.assert_array_equal(run.chain_labels[:250], np.arange(250) % 100)
    short = simulate(8, 0.4, 250, rng=0, **options)
    assert short.chains(short.spins).shape == (100, 2, 8, 8)
    assert short.chain_labels.shape == (250,)
    measured = simulate(8, 0.4, 250, measure=observables.energy, rng=0, **options)
    np.testing.assert_array_equal(measured.chains(measured.values), short.chains(observables.energy(short.spins)))
    with pytest.raises(ValueError, match=r"values must have one row for each of the 250 samples, got shape \(1000,\)"):
        short.chains(energies)


@pytest.mark.parametrize("function", [sample, simulate])
def test_samples_closer_than_twice_tau_warn(function):
    options = {"algorithm": "heat_bath", "rng": 0}
    text = r"thin=2 is below twice the autocorrelation time, .* chains\(values\)"
    with pytest.warns(UserWarning, match=text) as caught:
        function(16, 0.42, 200, n_chains=100, thin=2, **options)
    assert [warning.filename for warning in caught] == [__file__]
    with pytest.warns(UserWarning, match="thin=12 is below twice"):  # tau is 6.8
        function(8, 0.42, 200, n_chains=100, thin=12, **options)
    function(8, 0.42, 200, n_chains=100, thin=15, **options)
    function(8, 0.1, 200, n_chains=100, thin=1, **options)  # tau is 0.6: a tenth is missed
    function(8, 0.42, 200, n_chains=1, thin=2, **options)  # one chain's samples are in order
    function(16, 0.42, 100, n_chains=100, thin=2, **options)  # none has a second sample


def test_samples_at_the_limit_of_the_warning_have_errors_13_percent_too_small():
    """The spread of means over their naive errors, where samples are as close as they may be without a warning."""
    options = {"algorithm": "heat_bath", "n_chains": 50, "burn_in": 200, "thin": 14}
    z = []
    for seed in range(200):
        size = np.abs(observables.magnetization(sample(8, 0.42, 2000, rng=seed, **options)))
        z.append((size.mean(), size.std() / np.sqrt(2000)))
    means, errors = np.transpose(z)
    assert 1.0 < means.std() / errors.mean() < 1.15 + 3 / np.sqrt(400)


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        ("energy", "measure must be a function of lattices or None, got 'energy'"),
        (lambda spins: None, "measure must return one row of real numbers for each of 3 lattices"),
        (lambda spins: spins.mean(), r"measure must return one row .* got shape \(\)"),
        (lambda spins: [[1], [1, 2], [3]], "measure must return one row of real numbers .* got no array: "),
        (lambda spins: np.zeros(4), r"measure must return one row .* got shape \(4,\)"),
        (lambda spins: np.zeros((len(spins), len(spins))), r"rows of one shape, got \(3,\) and then \(2,\)"),
    ],
)
def test_bad_measures_are_named(measure, message):
    with pytest.raises(ValueError, match=message):
        simulate(4, 0.3, 5, algorithm="heat_bath", n_chains=3, burn_in=1, thin=1, measure=measure, rng=0)
