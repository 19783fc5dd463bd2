"""The layout of few lattices, rows in words: where the bits are, who their neighbours are, and the exact energy."""

import numpy as np
import pytest
from oracles import ising as oracle
from scipy.stats import chi2

from mlrg_lib._kernels import columns, multispin
from mlrg_lib.ising import _engines, exact
from mlrg_lib.ising.observables import energy, magnetization

SHAPES = [(2, 1), (4, 2), (6, 1), (10, 3), (64, 1), (66, 2), (130, 1)]


def random_lattices(rng, n, L):
    return 2 * rng.integers(0, 2, (n, L, L), dtype=np.int8) - 1


def packed(spins, rng):
    """Words of ±1 lattices, by the definition in the kernels' module; bits past the last row are noise."""
    n, L, _ = spins.shape
    planes = np.zeros((2, -(-L // 64), (L // 2 + 2) * n), dtype=np.uint64)
    if L % 64:
        planes[:, -1] = rng.integers(0, 2 ** (64 - L % 64), planes.shape[::2], dtype=np.uint64) << np.uint64(L % 64)
    for k, y, x in np.ndindex(spins.shape):
        planes[(x + y) % 2, y // 64, (1 + x // 2) * n + k] |= np.uint64(int(spins[k, y, x] > 0) << (y % 64))
    multispin.fill_halo(planes, n)
    return planes


def thresholds(heat_bath, beta=0.4):
    return _engines.local_rule("heat_bath" if heat_bath else "metropolis", beta)[1]


@pytest.mark.parametrize(("L", "n"), SHAPES)
def test_unpacking_undoes_packing(L, n):
    rng = np.random.default_rng(1)
    spins = random_lattices(rng, n, L)
    out = np.empty_like(spins)
    columns.unpack(out, packed(spins, rng), n)
    np.testing.assert_array_equal(out, spins)


@pytest.mark.parametrize(("L", "n"), SHAPES)
def test_packing_is_by_the_definition(L, n):
    rng = np.random.default_rng(7)
    spins = random_lattices(rng, n, L)
    planes = packed(random_lattices(rng, n, L), rng)
    columns.pack(planes, spins, n)
    inside = ~np.uint64(0) >> np.uint64(-L % 64)
    planes[:, -1] &= inside
    expected = packed(spins, rng)
    expected[:, -1] &= inside
    np.testing.assert_array_equal(planes, expected)


@pytest.mark.parametrize(("L", "n"), SHAPES)
def test_counts_are_those_of_the_plain_lattices(L, n):
    rng = np.random.default_rng(2)
    spins = random_lattices(rng, n, L)
    unequal, up = np.full((2, n), -1)
    columns.count(unequal, up, packed(spins, rng), n)
    np.testing.assert_allclose(2 * unequal / L**2 - 2, energy(spins), atol=1e-14)
    np.testing.assert_array_equal(up, (spins > 0).sum(axis=(1, 2)))


@pytest.mark.parametrize(("L", "n"), [(2, 2), (6, 1), (10, 3), (66, 1)])
@pytest.mark.parametrize("heat_bath", [False, True])
def test_sweeps_equal_site_by_site_neighbours(L, n, heat_bath):
    """The same random words, with every neighbour gathered by rolling the plain lattices."""
    rng = np.random.default_rng(3)
    spins = random_lattices(rng, n, L)
    planes, states = packed(spins, rng), rng.integers(0, 2**64, (4, L // 2 * n), dtype=np.uint64)
    twin, rule = states.copy(), thresholds(heat_bath)
    columns.sweeps(planes, n, heat_bath, rule, 3, states)

    y, x = np.indices((L, L))
    for _ in range(3):
        for c in range(2):
            for w in range(-(-L // 64)):
                places = [(y // 64 == w) & ((x + y) % 2 == c) & (x // 2 == pair) for pair in range(L // 2)]

                def gather(lattices, places=places):
                    return np.array(
                        [
                            sum(int(s[yy, xx] > 0) << int(yy % 64) for yy, xx in np.argwhere(place))
                            for place in places
                            for s in lattices
                        ],
                        dtype=np.uint64,
                    )

                own = gather(spins)
                around = [gather(np.roll(spins, shift, axis)) for axis in (1, 2) for shift in (1, -1)]
                multispin.update_words(own, *around, heat_bath, rule, *twin)
                for (pair, k), word in zip(np.ndindex(L // 2, n), own.tolist(), strict=True):
                    for yy, xx in np.argwhere(places[pair]):
                        spins[k, yy, xx] = 2 * (word >> int(yy % 64) & 1) - 1
    out = np.empty_like(spins)
    columns.unpack(out, planes, n)
    np.testing.assert_array_equal(out, spins)
    np.testing.assert_array_equal(states, twin)


@pytest.mark.parametrize(("algorithm", "L", "beta"), [("metropolis", 2, 0.4), ("metropolis", 9, 0.4)])
def test_what_a_fixed_order_cannot_do_goes_spin_by_spin(algorithm, L, beta):
    rng, pool = np.random.default_rng(0), _engines.Pool(1)
    assert isinstance(_engines.create(algorithm, L, beta, 5, 5, "random", rng, pool), _engines.Plain)
    assert isinstance(_engines.create("heat_bath", 8, beta, 5, 5, "random", rng, pool), _engines.Columns)


def test_chains_of_an_engine_are_measured_and_written_in_one_order():
    """More chains than fit side by side: energies and magnetizations are those of the configurations."""
    engine = _engines.Columns("metropolis", 64, 0.4, 21, "random", np.random.default_rng(4), _engines.Pool(1))
    assert len(engine._words) > 1
    engine.advance(5)
    spins = np.empty((21, 64, 64), dtype=np.int8)
    engine.write(spins)
    for got, expected in zip(engine.measure(), (energy(spins), magnetization(spins)), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-14)
    np.testing.assert_array_equal(engine.measure(7)[0], energy(spins)[:7])


@pytest.mark.parametrize("algorithm", ["metropolis", "heat_bath"])
@pytest.mark.parametrize(("L", "n"), [(16, 3), (40, 1), (70, 2)])
def test_energy_is_exact_on_the_torus(algorithm, L, n):
    """Batches of one long run; neighbouring batches are hundreds of autocorrelation times long."""
    beta, n_batches = 0.38, 64
    engine = _engines.Columns(algorithm, L, beta, n, "random", np.random.default_rng(5), _engines.Pool(1))
    engine.advance(1000)
    batches = np.zeros(n_batches)
    for k in range(n_batches):
        for _ in range(600):
            engine.advance(2)
            batches[k] += engine.measure()[0].mean() / 600
    error = batches.std(ddof=1) / np.sqrt(n_batches)
    assert error < 1e-3
    assert abs(batches.mean() - exact.torus_energy(L, beta)) < 4 * error
    assert abs(batches.mean() - exact.torus_energy(L, beta + 0.006)) > 4 * error  # a wrong beta is seen


@pytest.mark.parametrize(("beta", "agrees"), [(0.408, True), (0.424, False)])
def test_all_energies_and_magnetizations_of_four_by_four(beta, agrees):
    """Classes of energy and |magnetization| against enumeration; records twelve sweeps apart are independent."""
    n, n_records = 48, 1500
    engine = _engines.Columns("heat_bath", 4, beta, n, "random", np.random.default_rng(6), _engines.Pool(1))
    engine.advance(100)
    spins = np.empty((n_records, n, 4, 4), dtype=np.int8)
    for record in spins:
        engine.advance(12)
        engine.write(record)
    states, p = oracle.all_states(4), oracle.boltzmann(4, 0.408)

    def label(s):
        return 100 * oracle.total_energies(s) + np.abs(s.sum(axis=(1, 2), dtype=int))

    classes, inverse = np.unique(label(states), return_inverse=True)
    expected = np.bincount(inverse, weights=p) * n * n_records
    counts = np.bincount(np.searchsorted(classes, label(spins.reshape(-1, 4, 4))), minlength=len(classes))
    common = expected > 20
    statistic = np.sum((counts - expected)[common] ** 2 / expected[common])
    assert (chi2.sf(statistic, common.sum() - 1) > 1e-4) == agrees
