"""Block-spin rules against their naive twins, their laws and their symmetries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import rg as naive

from mlrg_lib import rg
from mlrg_lib.rg import block_spin


def lattices(n, L, seed, up=0.5):
    return np.where(np.random.default_rng(seed).random((n, L, L)) < up, 1, -1).astype(np.int8)


def state(seed):
    return np.random.default_rng(seed).integers(0, 2**64, size=4, dtype=np.uint64)


@pytest.mark.parametrize(("L", "b"), [(4, 2), (6, 2), (6, 3), (8, 4), (9, 3), (70, 2), (6, 6)])
def test_majority_equals_its_naive_twin_ties_included(L, b):
    spins, words = lattices(3, L, seed=L), state(5)
    expected = np.array([naive.majority(one, b, words) for one in spins])
    assert np.array_equal(block_spin.majority(spins, b, rng=5), expected)


@pytest.mark.parametrize(("L", "b", "p"), [(4, 2, 0.76), (6, 3, 0.3), (8, 2, 0.0), (8, 8, 0.1)])
def test_kadanoff_equals_its_naive_twin(L, b, p):
    spins, words = lattices(3, L, seed=L), state(7)
    expected = np.array([naive.kadanoff(one, b, p, words) for one in spins])
    assert np.array_equal(block_spin.kadanoff(spins, b, p, rng=7), expected)


def test_decimation_keeps_the_first_spin_of_each_block_in_an_array_of_its_own():
    spins = lattices(2, 6, seed=0)
    out = block_spin.decimate(spins, 3)
    assert np.array_equal(out, [[[one[0, 0], one[0, 3]], [one[3, 0], one[3, 3]]] for one in spins])
    out[:] = 0
    assert np.abs(spins).min() == 1


@pytest.mark.parametrize(
    "rule",
    [
        lambda s: block_spin.majority(s, 2, rng=0),
        lambda s: block_spin.decimate(s, 2),
        lambda s: block_spin.kadanoff(s, 2, 0.8, rng=0),
    ],
)
def test_shape_follows_the_input_and_the_type_is_int8(rule):
    spins = lattices(5, 8, seed=1)
    assert rule(spins).shape == (5, 4, 4)
    assert rule(spins[0]).shape == (4, 4)
    assert rule(spins).dtype == np.int8
    assert np.array_equal(rule(spins), rule(spins.astype(float)))


def test_same_generator_same_result_and_default_is_fresh():
    spins = lattices(40, 16, seed=1)
    for rule in (
        lambda rng=None: block_spin.majority(spins, 2, rng),
        lambda rng=None: block_spin.kadanoff(spins, 2, 0.5, rng),
    ):
        assert np.array_equal(rule(3), rule(np.random.default_rng(3)))
        assert not np.array_equal(rule(3), rule(4))
        assert not np.array_equal(rule(), rule())


def test_ties_are_fair_and_independent():
    """40 000 tied blocks: their mean and the correlation of neighbours vanish, |z| < 4."""
    spins = np.tile(np.array([[1, -1], [-1, 1]], dtype=np.int8), (10, 100, 100))[:, :200, :200]
    out = block_spin.majority(spins, 2, rng=11).astype(float)
    for x in (out, out[:, :, 1:] * out[:, :, :-1], out[:, 1:] * out[:, :-1]):
        assert abs(x.sum()) / np.sqrt(x.size) < 4


def test_kadanoff_draws_with_the_stated_probability():
    """For each block sum the fraction of +1 follows the logistic law, |z| < 4; p off by 10 % is seen."""
    spins, p = lattices(60, 64, seed=3), 0.4
    out = block_spin.kadanoff(spins, 2, p, rng=5)
    totals = np.array([naive.block_totals(one, 2) for one in spins])

    def worst(p):
        z = []
        for total in (-4, -2, 0, 2, 4):
            up, q = out[totals == total] == 1, 1 / (1 + np.exp(-2 * p * total))
            z.append(abs(up.mean() - q) / np.sqrt(q * (1 - q) / up.size))
        return max(z)

    assert worst(p) < 4
    assert worst(1.1 * p) > 4


def test_strong_kadanoff_is_the_majority_where_there_is_one():
    spins = lattices(20, 16, seed=9)
    decided = np.array([naive.block_totals(one, 2) for one in spins]) != 0
    assert np.array_equal(
        block_spin.kadanoff(spins, 2, 50.0, rng=1)[decided], block_spin.majority(spins, 2, rng=2)[decided]
    )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), side=st.integers(1, 5), b=st.sampled_from([3, 5]))
def test_odd_majority_commutes_with_flips_and_block_translations(seed, side, b):
    spins = lattices(2, side * b, seed)
    out = block_spin.majority(spins, b)
    assert np.array_equal(block_spin.majority(-spins, b), -out)
    assert np.array_equal(block_spin.majority(np.roll(spins, b, axis=1), b), np.roll(out, 1, axis=1))


@pytest.mark.parametrize(
    "rule", [block_spin.majority, block_spin.decimate, lambda s, b: block_spin.kadanoff(s, b, 0.5)]
)
@pytest.mark.parametrize(
    ("spins", "b", "message"),
    [
        (np.ones((6, 6)), 4, "b must divide"),
        (np.ones((6, 6)), 1, "b must be an integer >= 2 and <= 6"),
        (np.ones((6, 6)), 7, "b must be an integer"),
        (np.ones((6, 6)), 2.0, "b must be an integer"),
        (np.zeros((6, 6)), 2, "spins must hold only"),
        (np.ones((4, 6)), 2, "spins must be square"),
        (np.ones(6), 2, "spins must have"),
    ],
)
def test_bad_lattices_and_blocks_are_refused(rule, spins, b, message):
    with pytest.raises(ValueError, match=message):
        rule(spins, b)


@pytest.mark.parametrize("p", [-0.1, np.nan, np.inf, "1", True])
def test_bad_p_is_refused(p):
    with pytest.raises(ValueError, match="p must be"):
        block_spin.kadanoff(np.ones((4, 4)), 2, p)


def test_bad_rng_is_refused():
    with pytest.raises(ValueError, match="rng must be"):
        block_spin.majority(np.ones((4, 4)), 2, rng=-1)


def test_public_names():
    assert set(block_spin.__all__) == {"majority", "decimate", "kadanoff"}
    assert set(rg.__all__) <= set(dir(rg))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        rg.nothing  # noqa: B018
