"""Measures of receptive fields on images whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlrg_lib.machines import fields


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


@pytest.mark.parametrize(
    ("call", "message"),
    [
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
