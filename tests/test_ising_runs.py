"""Swendsen-Wang by rows of bits: its twin, its bonds' probability, and what it must leave alone."""

from fractions import Fraction

import numpy as np
import pytest
from naive import runs as naive

from mlrg_lib._kernels import runs
from mlrg_lib.ising import _engines


def random_lattices(n, L, seed=0):
    rng = np.random.default_rng(seed)
    spins = 2 * rng.integers(0, 2, size=(n, L, L), dtype=np.int8) - 1
    return spins, _engines.random_states(rng, (n, 4))


def bond(p):
    """The same as whole and fractional parts of 2**32, which the twin takes."""
    scaled = int(Fraction(p) * 2**96)
    return scaled >> 64, scaled & (2**64 - 1)


@pytest.mark.parametrize("L", [2, 3, 5, 8])
@pytest.mark.parametrize("p", [0.0, 1e-15, 0.3, 0.6, 0.95, 1.0])
def test_twin(L, p):
    spins, states = random_lattices(3, L)
    expected = naive.swendsen_wang_sweeps(spins, *bond(p), 4, states)
    runs.swendsen_wang_sweeps(spins, *_engines.swendsen_wang_work(L), p, 4, states)
    np.testing.assert_array_equal(spins, expected[0])
    np.testing.assert_array_equal(states, expected[1])


@pytest.mark.parametrize("L", [63, 64, 65])
def test_twin_across_words(L):
    """Rows of one word, exactly full, and of two."""
    spins, states = random_lattices(1, L, seed=1)
    spins[0, L // 2 :] = 1  # runs longer than a word, clusters around the torus
    expected = naive.swendsen_wang_sweeps(spins, *bond(0.6), 1, states)
    runs.swendsen_wang_sweeps(spins, *_engines.swendsen_wang_work(L), 0.6, 1, states)
    np.testing.assert_array_equal(spins, expected[0])
    np.testing.assert_array_equal(states, expected[1])


def test_bonds_are_open_with_probability_p_and_independent():
    """Counted bit by bit and in pairs, at four standard errors; the highest count of words is 64."""
    n, p = 40_000, 0.3785
    spread = np.array([np.uint64(2**64 - 1) * np.uint64(int(p * 2**64) >> (63 - k) & 1) for k in range(64)])
    state = np.random.default_rng(2).integers(0, 2**64, size=4, dtype=np.uint64)
    words = np.empty(n, dtype=np.uint64)
    for i in range(n):
        words[i], *state = runs._open(np.uint64(2**64 - 1), spread, *map(np.uint64, state))
    bits = (words[:, None] >> np.arange(64, dtype=np.uint64) & np.uint64(1)).astype(float)
    error = np.sqrt(p * (1 - p) / n)
    assert np.abs(bits.mean(axis=0) - p).max() < 4.5 * error  # of 64
    assert abs(bits.mean() - p) < 4 * error / 8
    pairs = ((bits - p).T @ (bits - p) / n)[np.triu_indices(64, 1)] / (p * (1 - p))
    assert np.abs(pairs).max() < 5 / np.sqrt(n)  # of 2016


def test_a_whole_lattice_turns_over_when_every_bond_is_open():
    spins, states = np.ones((8, 10, 10), dtype=np.int8), random_lattices(8, 10)[1]
    runs.swendsen_wang_sweeps(spins, *_engines.swendsen_wang_work(10), 1.0, 1, states)
    assert set(spins.mean(axis=(1, 2)).tolist()) == {-1.0, 1.0}


def test_chains_do_not_depend_on_their_company():
    spins, states = random_lattices(4, 9, seed=3)
    alone, alone_states = spins[2:3].copy(), states[2:3].copy()
    runs.swendsen_wang_sweeps(spins, *_engines.swendsen_wang_work(9), 0.5, 5, states)
    runs.swendsen_wang_sweeps(alone, *_engines.swendsen_wang_work(9), 0.5, 5, alone_states)
    np.testing.assert_array_equal(alone[0], spins[2])
    np.testing.assert_array_equal(alone_states[0], states[2])
