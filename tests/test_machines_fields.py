"""Measures of receptive fields on images whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlrg_lib.machines import fields, tiling


def block(side, size, row, column):
    image = np.zeros((side, side))
    for i in range(size):
        for j in range(size):
            image[(row + i) % side, (column + j) % side] = -0.7
    return image.ravel()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(0, 15), st.integers(0, 15))
def test_a_block_is_measured_right_wherever_it_lies(size, row, column):
    weights = block(16, size, row, column)[:, None]
    assert fields.participation_ratio(weights)[0] == pytest.approx(size**2)
    assert fields.half_maximum_area(weights)[0] == size**2
    assert fields.radius(weights)[0] == pytest.approx(np.sqrt((size**2 - 1) / 6), abs=1e-9)
    centre = (np.array([row, column]) + (size - 1) / 2) % 16
    np.testing.assert_allclose((fields.centres(weights)[0] - centre + 8) % 16, 8, atol=1e-9)


def test_noise_spreads_over_a_third_of_the_sites_and_uniform_fields_over_all():
    noise = np.random.default_rng(0).normal(size=(4096, 50))
    assert fields.participation_ratio(noise).mean() == pytest.approx(4096 / 3, rel=0.02)
    uniform = np.ones((1024, 1))
    assert fields.participation_ratio(uniform)[0] == pytest.approx(1024)
    assert fields.radius(uniform)[0] == pytest.approx(32 / np.sqrt(6), rel=0.02)


def test_a_noise_floor_below_the_level_does_not_move_the_steady_measures():
    rng = np.random.default_rng(1)
    clean = block(40, 3, 10, 20)[:, None]
    noisy = clean + 0.02 * rng.normal(size=clean.shape)
    assert fields.half_maximum_area(noisy)[0] == 9
    assert fields.radius(noisy)[0] == pytest.approx(fields.radius(clean)[0], rel=0.05)
    assert fields.radius(noisy, level=0.0)[0] > 2 * fields.radius(clean)[0]


def test_dead_units_are_told_apart():
    weights = np.column_stack([block(8, 2, 0, 0), 0.1 * block(8, 2, 3, 3), np.zeros(64)])
    np.testing.assert_array_equal(fields.learned(weights), [True, False, False])
    np.testing.assert_array_equal(fields.half_maximum_area(weights), [4, 4, 0])
    assert np.isnan(fields.participation_ratio(weights)[2])
    assert np.isnan(fields.radius(weights)[2])
    assert not fields.learned(np.zeros((4, 2))).any()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9), st.integers(0, 9), st.integers(0, 9))
def test_a_square_block_overlaps_itself_wherever_it_lies(size, row, column):
    weights = block(10, size, row, column)[:, None] if size < 5 else np.zeros((100, 1))
    for i in range(size):
        for j in range(size):
            weights[(row + i) % 10 * 10 + (column + j) % 10] = 2.0
    overlap, best = fields.block_overlap(weights)
    assert overlap[0] == pytest.approx(1.0)
    assert best[0] == size


def test_block_overlap_is_the_largest_cosine_of_all_blocks():
    rng = np.random.default_rng(2)
    weights = rng.normal(size=(36, 4)) + 1.5 * block(6, 3, 4, 1)[:, None]
    expected, sizes = [], []
    for column in weights.T:
        found = {}
        for size in range(1, 7):
            for row in range(6):
                for left in range(6):
                    square = block(6, size, row, left)
                    cosine = abs(column @ square) / np.linalg.norm(column) / np.linalg.norm(square)
                    found[cosine] = size
        expected.append(max(found))
        sizes.append(found[max(found)])
    overlap, best = fields.block_overlap(weights)
    np.testing.assert_allclose(overlap, expected, rtol=1e-12)
    np.testing.assert_array_equal(best, sizes)


def test_signs_count_in_the_overlap_and_noise_overlaps_little():
    checkerboard = (1 - 2 * (np.indices((8, 8)).sum(axis=0) % 2)).reshape(64, 1).astype(float)
    assert fields.block_overlap(checkerboard)[0][0] == pytest.approx(1 / 8)
    noise = np.random.default_rng(3).normal(size=(1600, 60))
    assert 0.07 < np.median(fields.block_overlap(noise)[0]) < 0.13


def blocks(side, size):
    """Every block of a perfect tiling, as columns."""
    corners = range(0, side, size)
    return np.column_stack([block(side, size, row, column) for row in corners for column in corners])


def test_a_perfect_tiling_is_even_and_thrown_at_random_it_is_not():
    weights = blocks(16, 4)
    np.testing.assert_allclose(fields.spacing(weights), 4.0)
    np.testing.assert_array_equal(tiling.owners(weights), np.ones(256))
    value, error = tiling.tiling(weights)
    assert value == (1.0, 0.0, 0.0)
    assert error.owners == pytest.approx(0.0, abs=1e-12)  # all blocks are alike
    mean, spread = tiling.scattered(weights, n=200, rng=4)
    # a site is missed by one block with probability 1 - 16/256, by all 16 independently
    assert abs(mean.bare - (15 / 16) ** 16) < 4 * spread.bare / np.sqrt(200)
    assert mean.owners == pytest.approx(1.0)
    # owners of a site are binomial, 16 trials of 1/16
    assert abs(mean.unevenness - 15 / 16) < 4 * spread.unevenness / np.sqrt(200)


def test_neighbours_across_the_edge_are_neighbours():
    pair = np.column_stack([block(16, 1, 0, 15), block(16, 1, 15, 0)])
    np.testing.assert_allclose(fields.spacing(pair), np.sqrt(2))


def test_the_jackknife_is_the_spread_of_independent_fields():
    rng = np.random.default_rng(5)

    def draw():
        places = rng.integers(0, 12, size=(40, 2))
        sizes = rng.integers(1, 4, size=40)
        return np.column_stack([block(12, s, r, c) for s, (r, c) in zip(sizes, places, strict=True)])

    found = [tiling.tiling(draw()) for _ in range(60)]
    for name in ("owners", "bare"):
        spread = np.std([getattr(value, name) for value, _ in found], ddof=1)
        claimed = np.mean([getattr(error, name) for _, error in found])
        assert 0.7 < claimed / spread < 1.4


def test_the_bootstrap_error_of_a_median_of_normal_numbers():
    values = np.random.default_rng(6).normal(size=2000)
    assert fields.bootstrap_error(values, rng=0) == pytest.approx(np.sqrt(np.pi / 2 / 2000), rel=0.35)
    assert fields.bootstrap_error(values, rng=0) == fields.bootstrap_error(values, rng=0)


def test_fields_of_zeros_own_nothing():
    weights = np.column_stack([block(8, 2, 0, 0), np.zeros(64), block(8, 2, 4, 4)])
    assert tiling.owners(weights).sum() == 8
    overlap, size = fields.block_overlap(weights)
    assert np.isnan(overlap[1])
    assert size[1] == 0
    assert np.isnan(tiling.tiling(np.zeros((16, 3)))[0].unevenness)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fields.block_overlap(np.ones((8, 2))), r"side\*side rows"),
        (lambda: fields.spacing(np.ones((9, 1))), "at least two columns"),
        (lambda: fields.bootstrap_error(np.ones((2, 2))), "values must have 1 dimension"),
        (lambda: fields.bootstrap_error(np.ones(4), n=1), "n must be"),
        (lambda: tiling.owners(np.ones((4, 2)), level=0.0), "level must be"),
        (lambda: tiling.tiling(np.ones((4, 1))), "at least two columns"),
        (lambda: tiling.scattered(np.ones((8, 2))), r"side\*side rows"),
        (lambda: tiling.scattered(np.ones((9, 2)), n=1), "n must be"),
        (lambda: fields.radius(np.ones((8, 2))), r"side\*side rows"),
        (lambda: fields.centres(np.ones((9, 2)), side=4), r"side\*side rows"),
        (lambda: fields.participation_ratio(np.ones(4)), r"weights must have 2 dimension"),
        (lambda: fields.participation_ratio(np.full((4, 2), np.nan)), "weights must be finite"),
        (lambda: fields.half_maximum_area(np.ones((4, 2)), level=0.0), "level must be"),
        (lambda: fields.learned(np.ones((4, 2)), threshold=2), "threshold must be"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
