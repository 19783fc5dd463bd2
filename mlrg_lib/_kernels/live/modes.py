"""Entries of the fourth-moment flow: ``n`` variables, ``n_samples`` samples of each, up to n modes."""

from numba import carray

from ..moments import add_moments
from ..page import eigen, modes
from ._entry import entry, f32, f64, i32, i64, integer, real, u64


@entry
def modes_center(data: f32, n: integer, n_samples: integer, standardize: integer):
    """:func:`modes.center`: ``data`` (n, n_samples)."""
    modes.center(carray(data, (n, n_samples)), standardize != 0)


@entry
def modes_find(values: f64, vectors: f64, data: f32, matrix: f64, work: f64, n: integer, n_samples: integer):
    """:func:`modes.second_moments` and :func:`eigen.eigenmodes`: ``matrix`` (n, n), ``work`` (4, n)."""
    square = carray(matrix, (n, n))
    modes.second_moments(square, carray(data, (n, n_samples)))
    eigen.eigenmodes(carray(values, n), carray(vectors, (n, n)), square, carray(work, (4, n)))


@entry
def modes_project(scores: f32, vectors: f32, data: f32, n: integer, n_samples: integer):
    """:func:`modes.project` on all n modes."""
    modes.project(carray(scores, (n, n_samples)), carray(vectors, (n, n)), carray(data, (n, n_samples)))


@entry
def modes_variances(full: f64, values: f64, weights: f32, n: integer, n_samples: integer):
    """:func:`modes.variances`: ``weights`` (n, n)."""
    modes.variances(carray(full, n), carray(values, n), carray(weights, (n, n)), n_samples)


@entry
def modes_curve(
    curve: f64, ratios: f64, second: f64, fourth: f64, block: f32, vectors: f32, scores: f32, rows: i64, full: f64,
    n_modes: integer, n: integer, n_samples: integer,
):  # fmt: skip
    """:func:`moments.add_moments`, a row for each of ``n_modes`` (a multiple of four), then the moment of each row.

    ``curve`` (n_modes,), ``second`` and ``fourth`` (n_modes, n), ``block`` (8, 1024). The numbers of the rows are
    written into ``rows`` (n_modes,).
    """
    shape, order = (n_modes, n), carray(rows, n_modes)
    squares, fourths, left = carray(second, shape), carray(fourth, shape), carray(full, n)
    for k in range(n_modes):
        order[k] = k
        squares[k] = 0.0
        fourths[k] = 0.0
    add_moments(
        carray(block, (8, 1024)), squares, fourths, carray(vectors, shape), carray(scores, (n_modes, n_samples)), order,
        0, n,
    )  # fmt: skip
    for k in range(n_modes):
        carray(curve, n_modes)[k] = modes.normalized_moment(carray(ratios, n), squares[k], fourths[k], left, n_samples)


@entry
def modes_rebuilt(
    second: f64, fourth: f64, counts: i32, row: f32, weights: f32, scores: f32, first: integer, last: integer,
    n: integer, n_samples: integer, n_blocks: integer, n_bins: integer, reach: real,
):  # fmt: skip
    """:func:`modes.rebuilt`: ``second`` and ``fourth`` (n_blocks, n), ``weights`` (n, n), ``scores`` (n, n_samples)."""
    modes.rebuilt(
        carray(second, (n_blocks, n)), carray(fourth, (n_blocks, n)), carray(counts, n_bins), reach,
        carray(row, n_samples), carray(weights, (n, n)), carray(scores, (n, n_samples)), first, last,
    )  # fmt: skip


@entry
def modes_resampled(
    out: f64, work: f64, second: f64, fourth: f64, full: f64, n: integer, n_samples: integer, n_blocks: integer,
    n_draws: integer, state: u64,
):  # fmt: skip
    """:func:`modes.resampled`: ``work`` (3, n), ``second`` and ``fourth`` (n_blocks, n)."""
    shape = (n_blocks, n)
    modes.resampled(
        carray(out, 2), carray(work, (3, n)), carray(second, shape), carray(fourth, shape), carray(full, n), n_samples,
        n_draws, carray(state, 4),
    )  # fmt: skip


@entry
def modes_shuffle(data: f32, n: integer, n_samples: integer, state: u64):
    """:func:`modes.shuffle`."""
    modes.shuffle(carray(data, (n, n_samples)), carray(state, 4))


@entry
def modes_gaussian(scores: f32, values: f64, n: integer, n_samples: integer, state: u64):
    """:func:`modes.gaussian_scores`."""
    modes.gaussian_scores(carray(scores, (n, n_samples)), carray(values, n), carray(state, 4))
