"""The strip layout of one large lattice: where the bits are, who their neighbours are, and the exact energy."""

import numpy as np
import pytest

from mlrg_lib._kernels import lattice, multispin, strips
from mlrg_lib.ising import exact
from mlrg_lib.ising._engines import thresholds

SHAPES = [(64, 32), (128, 64), (256, 64), (32, 8)]


def random_lattice(rng, L):
    return 2 * rng.integers(0, 2, (L, L), dtype=np.int8) - 1


def packed(spins, n_strips):
    L = len(spins)
    planes = np.empty((2, L // n_strips, L // 2 + 2), dtype=np.uint64)
    strips.pack(planes, spins, n_strips)
    return planes


def metropolis(beta):
    return thresholds(np.exp(-8 * beta), np.exp(-4 * beta))


def heat_bath(beta):
    return thresholds(1 / (1 + np.exp(8 * beta)), 1 / (1 + np.exp(4 * beta)))


def naive_words(bits, c, r, n_strips):
    """Words of row ``r`` and colour ``c`` gathered site by site from 64/n lattices of bits (64/n, L, L)."""
    L = bits.shape[1]
    words = np.zeros(L // 2, dtype=np.uint64)
    for b in range(64):
        y = r + (b % n_strips) * (L // n_strips)
        for i in range(L // 2):
            words[i] |= np.uint64(int(bits[b // n_strips, y, 2 * i + (r + c) % 2]) << b)
    return words


@pytest.mark.parametrize(("L", "n_strips"), SHAPES)
def test_unpacking_undoes_packing(L, n_strips):
    spins = random_lattice(np.random.default_rng(1), L)
    out = np.empty_like(spins)
    strips.unpack(out, packed(spins, n_strips), n_strips)
    np.testing.assert_array_equal(out, spins)


@pytest.mark.parametrize(("L", "n_strips"), SHAPES)
def test_sums_are_those_of_the_plain_lattices(L, n_strips):
    spins = random_lattice(np.random.default_rng(2), L)
    bonds, out = np.empty(1, dtype=np.int64), np.empty(2, dtype=np.int64)
    lattice.bond_sums(bonds, spins[None])
    strips.sums(out, np.empty(L // 2, dtype=np.uint64), packed(spins, n_strips), n_strips)
    copies = 64 // n_strips
    assert out[0] == copies * spins.sum(dtype=np.int64)
    assert out[1] == copies * bonds[0]


@pytest.mark.parametrize(("L", "n_strips"), [(32, 8), (16, 8)])
@pytest.mark.parametrize("rule", [metropolis, heat_bath])
def test_one_sweep_equals_site_by_site_neighbours(L, n_strips, rule):
    rng = np.random.default_rng(3)
    rows, copies = L // n_strips, 64 // n_strips
    planes = packed(random_lattice(rng, L), n_strips)
    states = rng.integers(0, 2**64, (4, L // 2), dtype=np.uint64)
    low, mix, ties = rule(0.4)
    edge = np.empty(L // 2, dtype=np.uint64)
    words = multispin.heat_bath_words if rule is heat_bath else multispin.metropolis_words
    strips.sweeps(planes, edge, states.copy(), n_strips, rule is heat_bath, low, mix, ties, 3)  # lattices now differ

    def unpacked(planes):
        bits = np.zeros((copies, L, L), dtype=np.int64)
        for b in range(64):
            for c in range(2):
                for r in range(rows):
                    y = r + (b % n_strips) * rows
                    bits[b // n_strips, y, (r + c) % 2 :: 2] = (planes[c, r, 1:-1] >> np.uint64(b)) & np.uint64(1)
        return bits

    bits, twin = unpacked(planes), states.copy()
    for c in range(2):
        for r in range(rows):
            own = naive_words(bits, c, r, n_strips)
            around = [naive_words(np.roll(bits, shift, axis), c, r, n_strips) for axis in (1, 2) for shift in (1, -1)]
            words(own, *around, *twin, low, mix, *ties)
            for b in range(64):
                y = r + (b % n_strips) * rows
                bits[b // n_strips, y, (r + c) % 2 :: 2] = (own >> np.uint64(b)) & np.uint64(1)
    strips.sweeps(planes, edge, states, n_strips, rule is heat_bath, low, mix, ties, 1)
    np.testing.assert_array_equal(unpacked(planes), bits)
    np.testing.assert_array_equal(states, twin)


@pytest.mark.parametrize(("L", "n_strips"), [(64, 32), (128, 64)])
@pytest.mark.parametrize("rule", [metropolis, heat_bath])
def test_energy_is_exact_on_the_torus(L, n_strips, rule):
    beta, n_batches, n_sweeps = 0.408, 64, 400
    rng = np.random.default_rng(4)
    planes = packed(random_lattice(rng, L), n_strips)
    states = rng.integers(0, 2**64, (4, L // 2), dtype=np.uint64)
    low, mix, ties = rule(beta)
    edge, out = np.empty(L // 2, dtype=np.uint64), np.empty(2, dtype=np.int64)
    strips.sweeps(planes, edge, states, n_strips, rule is heat_bath, low, mix, ties, 2000)
    energies = np.zeros(n_batches)
    for batch in range(n_batches):
        for _ in range(n_sweeps):
            strips.sweeps(planes, edge, states, n_strips, rule is heat_bath, low, mix, ties, 2)
            strips.sums(out, edge, planes, n_strips)
            energies[batch] -= out[1] / (L * L * (64 // n_strips)) / n_sweeps
    error = energies.std(ddof=1) / np.sqrt(n_batches)
    assert error < 6e-4
    assert abs(energies.mean() - exact.torus_energy(L, beta)) < 4 * error
    assert abs(energies.mean() - exact.torus_energy(L, beta + 0.004)) > 4 * error  # a wrong beta is seen
