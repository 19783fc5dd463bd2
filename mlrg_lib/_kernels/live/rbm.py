"""Entries of the machine that trains in the page, on 64 lattices of heat-bath dynamics; 16 divides their side L."""

import numpy as np
from numba import carray

from ..multispin import even_sweeps, fill_halo
from ..page import lanes, small_rbm
from ._entry import entry, f32, f64, integer, real, u64


@entry
def replicas_sweeps(planes: u64, L: integer, thresholds: u64, n_sweeps: integer, states: u64):
    """Heat-bath :func:`even_sweeps` of 64 lattices: ``planes`` (2, L, L/2 + 2), ``states`` (4, 8)."""
    words = carray(planes, (2, L, L // 2 + 2))
    fill_halo(words, 1)
    even_sweeps(words, 1, True, carray(thresholds, (2, 13)), n_sweeps, carray(states, (4, 8)))


@entry
def replicas_batch(batch: f32, planes: u64, L: integer, flips: u64):
    """:func:`lanes.unpack_lanes`: ``batch`` (L*L, 64), negated where ``flips`` (1,) has a bit."""
    lanes.unpack_lanes(carray(batch, (L, L, 64)), carray(planes, (2, L, L // 2 + 2)), carray(flips, 1)[0])


@entry
def replicas_energy(batch: f32, L: integer) -> real:
    """:func:`lanes.mean_energy`: ``batch`` (L*L, 64)."""
    return lanes.mean_energy(carray(batch, (L, L, 64)))


@entry
def replicas_overlap(a: f32, b: f32, n: integer) -> real:
    """:func:`lanes.mean_product`: ``a`` and ``b`` (n,)."""
    return lanes.mean_product(carray(a, n), carray(b, n))


@entry
def rbm_update(
    matrix: f32, c: f32, matrix_speed: f32, c_speed: f32, matrix_slope: f32, c_slope: f32, transposed: f32, hidden: f32,
    negative: f32, data: f32, zero: f32, noise: u64, n_visible: integer, n_hidden: integer, k: integer, rate: real,
    momentum: real, l1: real,
):  # fmt: skip
    """:func:`small_rbm.cd_update` with batches of 64; ``matrix`` (n_visible + 1, n_hidden) has b in its last row.

    ``data``: the batch and its reconstruction, (n_visible, 64) each; ``noise`` (2,): seed and call, the call advanced.
    """
    shape, units, words = (n_visible + 1, n_hidden), carray(data, (2, n_visible, 64)), carray(noise, 2)
    work = (
        carray(transposed, (n_hidden, n_visible)), units[1], carray(hidden, (n_hidden, 64)),
        carray(negative, (n_hidden, 64)),
    )  # fmt: skip
    small_rbm.cd_update(
        (carray(matrix, shape), carray(c, n_visible)), (carray(matrix_speed, shape), carray(c_speed, n_visible)),
        (carray(matrix_slope, shape), carray(c_slope, n_visible)), work, units[0], carray(zero, 64),
        words[0], words[1], k, np.float32(rate), np.float32(momentum), np.float32(l1),
    )  # fmt: skip
    words[1] += np.uint64(2 * k)


@entry
def rbm_gibbs(
    visible: f32, hidden: f32, matrix: f32, c: f32, transposed: f32, zero: f32, noise: u64, n_visible: integer,
    n_hidden: integer, n_steps: integer,
):  # fmt: skip
    """:func:`small_rbm.gibbs_steps` with 64 chains; ``visible`` (n_visible, 64), the rest as in :func:`rbm_update`."""
    both, words = carray(matrix, (n_visible + 1, n_hidden)), carray(noise, 2)
    weights, turned = both[:n_visible], carray(transposed, (n_hidden, n_visible))
    small_rbm.transpose(turned, weights)
    small_rbm.gibbs_steps(
        carray(visible, (n_visible, 64)), carray(hidden, (n_hidden, 64)), weights, turned, both[n_visible],
        carray(c, n_visible), carray(zero, 64), words[0], words[1], n_steps,
    )  # fmt: skip
    words[1] += np.uint64(2 * n_steps)


@entry
def rbm_fields(summary: f64, tiles: f32, sizes: f64, matrix: f32, n_visible: integer, n_hidden: integer):
    """:func:`small_rbm.describe_fields`: ``summary`` (3,), ``tiles`` (n_hidden, n_visible), ``sizes`` (n_hidden,)."""
    weights = carray(matrix, (n_visible, n_hidden))
    small_rbm.describe_fields(
        carray(summary, 3), carray(tiles, (n_hidden, n_visible)), carray(sizes, n_hidden), weights
    )
