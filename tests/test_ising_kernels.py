"""Each kernel equals its slow twin on the same random stream, and the generator is sound as the kernels use it."""

from fractions import Fraction

import numba
import numpy as np
import pytest
from naive import ising as naive
from naive import machines
from oracles import ising as oracle

from mlrg_lib._kernels import clusters, lattice, multispin, rng, words

SIDES = [2, 3, 4, 5]


def random_spins(n, L, seed=0):
    return np.random.default_rng(seed).choice([-1, 1], size=(n, L, L)).astype(np.int8)


def random_states(*shape, seed=1):
    return np.random.default_rng(seed).integers(0, 2**64, size=shape, dtype=np.uint64)


def as_integers(p, bits=12):
    """The whole part of p 2**bits and the fraction that remains, times 2**64, by fractions of integers."""
    scaled = int(Fraction(p) * 2 ** (64 + bits))
    return scaled >> 64, scaled & (2**64 - 1)


def thresholds(p_low, p_high):
    out = np.empty((2, 13), dtype=np.uint64)
    multispin.set_thresholds(out, p_low, p_high)
    return out


def same(got, expected):
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def pack(spins, width, words):
    """Write ±1 lattices into the words of either layout, by the definition in the kernels' module."""
    L = spins.shape[1]
    for k, y, x in np.ndindex(spins.shape):
        index = ((x + y) % 2, y, (1 + x // 2) * width + k // 64) if L % 2 == 0 else (y, x, k // 64)
        if spins[k, y, x] > 0:
            words[index] |= np.uint64(1) << np.uint64(k % 64)


@pytest.mark.parametrize("L", SIDES)
def test_plain_metropolis(L):
    spins, states = random_spins(3, L), random_states(3, 4)
    accept = np.exp(-0.8 * np.array([0.0, 0.0, 0.0, 2.0, 4.0]))
    expected = naive.metropolis_sweeps(spins, accept, 4, states)
    lattice.metropolis_sweeps(spins, accept, 4, states)
    same((spins, states), expected)


@pytest.mark.parametrize("L", SIDES)
def test_plain_heat_bath(L):
    spins, states = random_spins(3, L), random_states(3, 4)
    p_up = 1 / (1 + np.exp(-0.8 * np.arange(-4.0, 5.0, 2.0)))
    expected = naive.heat_bath_sweeps(spins, p_up, 4, states)
    lattice.heat_bath_sweeps(spins, p_up, 4, states)
    same((spins, states), expected)


@pytest.mark.parametrize("L", SIDES)
@pytest.mark.parametrize("p", [0.0, 0.2, 0.6, 1.0])
def test_wolff(L, p):
    high, low = as_integers(p, 32)
    spins, states = random_spins(3, L), random_states(3, 4)
    expected = naive.wolff_updates(spins, high, low, 12, states)
    flipped = clusters.wolff_updates(spins, np.empty(L * L, np.int32), p, 12, states)
    same((spins, states, flipped), expected)


def test_wolff_ties_draw_another_word():
    """A word whose half equals the threshold: the generator's first outputs are known, so take one as threshold."""
    spins, states = np.ones((1, 4, 4), np.int8), random_states(1, 4, seed=3)
    _, second = (lambda g: (g.word(), g.word()))(naive.Generator(states[0]))
    for low in (0, 2**64 - 2**44):  # p is a float: so many bits are left for the fraction
        expected = naive.wolff_updates(spins, second >> 32, low, 1, states)
        got = spins.copy(), states.copy()
        p = (second >> 32) / 2**32 + low / 2**96
        flipped = clusters.wolff_updates(got[0], np.empty(16, np.int32), p, 1, got[1])
        same((*got, flipped), expected)


@pytest.mark.parametrize("heat_bath", [False, True])
@pytest.mark.parametrize(("L", "width", "lanes"), [(2, 1, 1), (4, 1, 2), (4, 2, 4), (4, 2, 3), (6, 1, 3)])
def test_even_sweeps(heat_bath, L, width, lanes):
    """With fewer generators than words in a row, too."""
    p_low, p_high = (0.26, 0.38) if heat_bath else (0.36, 0.6)  # every bit of the comparison counts
    spins, states = random_spins(64 * width, L), random_states(4, lanes)
    planes = np.zeros((2, L, (L // 2 + 2) * width), dtype=np.uint64)
    pack(spins, width, planes)
    multispin.fill_halo(planes, width)
    expected = naive.even_sweeps(spins, width, states, heat_bath, as_integers(p_low), as_integers(p_high), 2)
    multispin.even_sweeps(planes, width, heat_bath, thresholds(p_low, p_high), 2, states)
    multispin.unpack_even(spins, planes, width)
    same((spins, states), expected)


@pytest.mark.parametrize("heat_bath", [False, True])
@pytest.mark.parametrize(("L", "width"), [(2, 1), (3, 2), (5, 1)])
def test_odd_sweeps(heat_bath, L, width):
    p_low, p_high = (0.26, 0.38) if heat_bath else (0.36, 0.6)  # every bit of the comparison counts
    spins, states = random_spins(64 * width, L), random_states(4, width)
    sites = np.zeros((L, L, width), dtype=np.uint64)
    for k, y, x in np.ndindex(spins.shape):
        sites[y, x, k // 64] |= np.uint64(int(spins[k, y, x] > 0) << (k % 64))
    expected = naive.odd_sweeps(spins, width, states, heat_bath, as_integers(p_low), as_integers(p_high), 2)
    multispin.odd_sweeps(sites, heat_bath, thresholds(p_low, p_high), 2, states)
    multispin.unpack_odd(spins, sites)
    same((spins, states), expected)


@pytest.mark.parametrize(("L", "width"), [(2, 3), (6, 2), (3, 1), (7, 2)])
def test_counts(L, width):
    spins = random_spins(64 * width, L)
    unequal, up = np.zeros((2, width, 64), dtype=np.int64)
    if L % 2 == 0:
        words = np.zeros((2, L, (L // 2 + 2) * width), dtype=np.uint64)
        pack(spins, width, words)
        multispin.fill_halo(words, width)
        multispin.count_even(unequal, up, words, width)
    else:
        words = np.zeros((L, L, width), dtype=np.uint64)
        pack(spins, width, words)
        multispin.count_odd(unequal, up, words)
    np.testing.assert_allclose(2 * unequal.ravel() / L**2 - 2, [naive.energy(s) for s in spins], atol=1e-14)
    np.testing.assert_array_equal(up.ravel(), (spins > 0).sum(axis=(1, 2)))


@pytest.mark.parametrize("p", [0.0, 1e-30, 2.0**-12, 0.1, 0.5, 0.999, 1 - 2.0**-53])
def test_thresholds_hold_the_probability_exactly(p):
    (whole, fraction), found = as_integers(p), thresholds(p, 0.25)
    for k in range(12):
        assert found[0, k + 1] == (2**64 - 1) * (whole >> k & 1)
        assert found[0, k + 1] ^ found[1, k + 1] == (2**64 - 1) * (2**10 >> k & 1)
    assert found[:, 0].tolist() == [fraction, 0]


@pytest.mark.parametrize("beta", [0.0, 0.1, 0.4406868, 3.0, 100.0])
def test_local_rules_have_the_probabilities_of_their_definition(beta):
    found = np.empty((2, 13), dtype=np.uint64)
    for heat_bath in (False, True):
        odds = np.exp(np.array([-8.0, -4.0]) * (beta or 1e-9))
        expected = odds / (1 + odds) if heat_bath else odds
        multispin.local_thresholds(found, heat_bath, beta or 1e-9)
        bits = np.stack([found[0, 1:], found[0, 1:] ^ found[1, 1:]]) & np.uint64(1)
        got = (bits @ 2.0 ** np.arange(12) + found[:, 0] / 2.0**64) / 2**12
        np.testing.assert_allclose(got, expected, rtol=1e-14, atol=2.0**-75)


@pytest.mark.parametrize("word", [0, 1, 2**63, 2**64 - 1, 0x0123456789ABCDEF])
def test_popcount(word):
    assert int(words.popcount(np.uint64(word))) == word.bit_count()


def test_random_words_are_splitmix():
    seed, found = np.array([2**64 - 5], dtype=np.uint64), np.empty(5, dtype=np.uint64)
    words.fill_random(found[:2], seed)
    words.fill_random(found[2:], seed)
    expected = [machines.mix64((2**64 - 5 + k * machines.GAMMA) % 2**64) for k in range(1, 6)]
    assert found.tolist() == expected


def test_reference_stream():
    generator = naive.Generator((1, 2, 3, 4))
    assert tuple(generator.word() for _ in oracle.XOSHIRO_1234) == oracle.XOSHIRO_1234
    state = np.array([1, 2, 3, 4], dtype=np.uint64)
    assert tuple(int(rng.next_uint64(state)) for _ in oracle.XOSHIRO_1234) == oracle.XOSHIRO_1234


@numba.njit
def lane_words(out, a, b, c, d):
    """Successive words of one lane, made by the kernels' own step."""
    for i in range(out.size):
        out[i], a, b, c, d = words.step(a, b, c, d)


@numba.njit
def two_words_a_step(out, a, b, c, d):
    """The known-bad way: the second sum of the same state as a further word."""
    for i in range(0, out.size, 2):
        second = b + c
        out[i], a, b, c, d = words.step(a, b, c, d)
        out[i + 1] = second


def largest_rotation_score(words, lags=16):
    """Largest |z| of popcount(w(t) ^ rotated w(t + lag)) over all 64 rotations and the lags 1 .. ``lags``."""
    worst = 0.0
    for lag in range(1, lags + 1):
        first, later = words[:-lag], words[lag:]
        for k in range(64):
            rotated = (later << np.uint64(k)) | (later >> np.uint64((64 - k) % 64)) if k else later
            total = int(np.bitwise_count(first ^ rotated).sum(dtype=np.int64))
            worst = max(worst, abs(total - 32 * len(first)) / (4 * np.sqrt(len(first))))
    return worst


def test_successive_words_of_a_lane_are_uncorrelated():
    found = np.empty(2**17, dtype=np.uint64)
    lane_words(found, *random_states(4, seed=11))
    assert largest_rotation_score(found) < 5  # 1024 scores: beyond 5 once in 1700 seeds


def test_the_test_of_the_generator_sees_a_bad_one():
    found = np.empty(2**17, dtype=np.uint64)
    two_words_a_step(found, *random_states(4, seed=11))
    assert largest_rotation_score(found) > 20
