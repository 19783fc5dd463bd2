"""Entry points for the browser: the kernels behind C pointers, compiled to WebAssembly by ``mlrg_lib.widgets.wasm``.

Each entry only turns pointers into arrays and calls the library's own kernels. Nothing here allocates,
raises or runs in parallel; work arrays are arguments.
"""

import numba
import numpy as np
from numba import carray, types

from . import ellipse, kadanoff, modes, pictures, settling, shell_flow, small_rbm, strips
from .clusters import swendsen_wang_sweeps, wolff_updates
from .lattice import bond_sums
from .moments import add_moments
from .multispin import even_sweeps, fill_halo

_i8, _i32, _i64 = types.CPointer(types.int8), types.CPointer(types.int32), types.CPointer(types.int64)
_u64, _f64 = types.CPointer(types.uint64), types.CPointer(types.float64)
_f32 = types.CPointer(types.float32)
_int, _float = types.int32, types.float64

_U1 = np.uint64(1)


@numba.njit(error_model="numpy")
def strips_pack(planes, spins, L, n_strips):
    """:func:`strips.pack`: ``planes`` (2, L / n_strips, L/2 + 2), ``spins`` (L, L)."""
    strips.pack(carray(planes, (2, L // n_strips, L // 2 + 2)), carray(spins, (L, L)), n_strips)


@numba.njit(error_model="numpy")
def strips_unpack(spins, planes, L, n_strips):
    """:func:`strips.unpack`."""
    strips.unpack(carray(spins, (L, L)), carray(planes, (2, L // n_strips, L // 2 + 2)), n_strips)


@numba.njit(error_model="numpy")
def strips_sweeps(planes, edge, states, L, n_strips, heat_bath, low, mix, ties, n_sweeps):
    """:func:`strips.sweeps`: ``edge`` (L/2,), ``states`` (4, L/2), ``low`` and ``mix`` (12,), ``ties`` (2,)."""
    words = carray(planes, (2, L // n_strips, L // 2 + 2))
    lanes, scratch = carray(states, (4, L // 2)), carray(edge, L // 2)
    low_bits, mixed, starts = carray(low, 12), carray(mix, 12), carray(ties, 2)
    strips.sweeps(words, scratch, lanes, n_strips, heat_bath != 0, low_bits, mixed, starts, n_sweeps)


@numba.njit(error_model="numpy")
def strips_sums(sums, edge, planes, L, n_strips):
    """:func:`strips.sums`."""
    words = carray(planes, (2, L // n_strips, L // 2 + 2))
    strips.sums(carray(sums, 2), carray(edge, L // 2), words, n_strips)


@numba.njit(error_model="numpy")
def ising_wolff(spins, L, stack, threshold, n_updates, states):
    """Flip Wolff clusters of one chain; ``stack`` (L*L,), ``threshold`` (2,) = (high, low). Returns spins flipped."""
    chain, state, opens = carray(spins, (1, L, L)), carray(states, (1, 4)), carray(threshold, 2)
    return np.int32(wolff_updates(chain, carray(stack, L * L), opens[0], opens[1], n_updates, state))


@numba.njit(error_model="numpy")
def ising_swendsen_wang(spins, L, parent, threshold, n_sweeps, states):
    """One chain of :func:`swendsen_wang_sweeps`: ``parent`` (L*L,), ``threshold`` (2,) = (high, low)."""
    chain, state, opens = carray(spins, (1, L, L)), carray(states, (1, 4)), carray(threshold, 2)
    swendsen_wang_sweeps(chain, carray(parent, L * L), opens[0], opens[1], n_sweeps, state)


@numba.njit(error_model="numpy")
def ising_sums(sums, spins, L):
    """Write the sum of the spins and the sum over bonds of ``spins`` (L, L) into ``sums``, int64 (2,)."""
    out, lattice = carray(sums, 2), carray(spins, (1, L, L))
    bond_sums(out[1:], lattice)
    total = 0
    for i in range(L):
        part = 0
        for j in range(L):
            part += lattice[0, i, j]
        total += part
    out[0] = total


@numba.njit(error_model="numpy")
def block_sums(out, values, n):
    """:func:`pictures.block_sums`: ``values`` (n, n)."""
    pictures.block_sums(carray(out, (n // 2, n // 2)), carray(values, (n, n)))


@numba.njit(error_model="numpy")
def strips_block_sums(out, planes, L, n_strips):
    """:func:`pictures.strip_block_sums`."""
    words = carray(planes, (2, L // n_strips, L // 2 + 2))
    pictures.strip_block_sums(carray(out, (L // 2, L // 2)), words, n_strips)


@numba.njit(error_model="numpy")
def block_majority(out, sums, n, state):
    """:func:`pictures.majority_of_sums`: ``out`` and ``sums`` (n, n)."""
    pictures.majority_of_sums(carray(out, (n, n)), carray(sums, (n, n)), carray(state, 4))


@numba.njit(error_model="numpy")
def block_stochastic(out, sums, n, probability, state):
    """:func:`pictures.stochastic_of_sums`: ``out`` and ``sums`` (n, n)."""
    shape = (n, n)
    pictures.stochastic_of_sums(carray(out, shape), carray(sums, shape), carray(probability, 5), carray(state, 4))


@numba.njit(error_model="numpy")
def ising_paint(pixels, values, n, b, colours):
    """:func:`pictures.paint`: ``pixels`` and ``values`` (n,), ``colours`` (b*b + 1,)."""
    pictures.paint(carray(pixels, n), carray(values, n), b, carray(colours, b * b + 1))


@numba.njit(error_model="numpy")
def settling_add(batches, filling, counts, first, second):
    """:func:`settling.add`: ``batches`` (256, 2), ``filling`` (2,), ``counts`` (4,)."""
    settling.add(carray(batches, (settling.N_BATCHES, 2)), carray(filling, 2), carray(counts, 4), first, second)


@numba.njit(error_model="numpy")
def settling_judge(out, batches, counts):
    """:func:`settling.judge`: ``out`` (4,)."""
    return np.int32(settling.judge(carray(out, 4), carray(batches, (settling.N_BATCHES, 2)), carray(counts, 4)))


@numba.njit(error_model="numpy")
def replicas_sweeps(planes, states, L, low, mix, ties, n_sweeps):
    """Heat-bath :func:`even_sweeps` of 64 lattices, 16 divides L: ``planes`` (2, L, L/2 + 2), ``states`` (4, 8)."""
    words = carray(planes, (2, L, L // 2 + 2))
    fill_halo(words, 1)
    low_bits, mixed, starts = carray(low, 12), carray(mix, 12), carray(ties, 2)
    even_sweeps(words, carray(states, (4, 8)), 1, True, low_bits, mixed, starts, n_sweeps)


@numba.njit(error_model="numpy")
def replicas_batch(batch, planes, L, flips):
    """Write the 64 lattices as ±1 into ``batch``, float32 (L*L, 64); negated where ``flips`` (1,) has a bit."""
    words, out, negated = carray(planes, (2, L, L // 2 + 2)), carray(batch, (L, L, 64)), carray(flips, 1)[0]
    for y in range(L):
        for x in range(L):
            word = words[(x + y) & 1, y, 1 + x // 2] ^ negated
            row = out[y, x]
            for k in range(64):
                row[k] = np.float32(2 * np.int32((word >> np.uint64(k)) & _U1) - 1)


@numba.njit(error_model="numpy")
def rbm_update(
    matrix, c, matrix_speed, c_speed, matrix_slope, c_slope, transposed, hidden, negative, data, zero, noise,
    n_visible, n_hidden, k, rate, momentum, l1,
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


@numba.njit(error_model="numpy")
def rbm_gibbs(visible, hidden, matrix, c, transposed, zero, noise, n_visible, n_hidden, n_steps):
    """:func:`small_rbm.gibbs_steps` with 64 chains; ``visible`` (n_visible, 64), the rest as in :func:`rbm_update`."""
    both, words = carray(matrix, (n_visible + 1, n_hidden)), carray(noise, 2)
    weights, turned = both[:n_visible], carray(transposed, (n_hidden, n_visible))
    small_rbm.transpose(turned, weights)
    small_rbm.gibbs_steps(
        carray(visible, (n_visible, 64)), carray(hidden, (n_hidden, 64)), weights, turned, both[n_visible],
        carray(c, n_visible), carray(zero, 64), words[0], words[1], n_steps,
    )  # fmt: skip
    words[1] += np.uint64(2 * n_steps)


@numba.njit(error_model="numpy")
def flow_lines(paths, n_lines, n_points, step, epsilon, n):
    """:func:`shell_flow.lines`: ``paths`` (n_lines, n_points, 2)."""
    shell_flow.lines(carray(paths, (n_lines, n_points, 2)), step, epsilon, n)


@numba.njit(error_model="numpy")
def kadanoff_weights(weights, beta):
    """:func:`kadanoff.class_weights`: ``weights`` (625,)."""
    kadanoff.class_weights(carray(weights, 625), beta)


@numba.njit(error_model="numpy")
def kadanoff_renormalized(out, energies, odds, weights, strength):
    """:func:`kadanoff.renormalized`: ``out`` (7,), ``energies`` (16,), ``odds`` (5,)."""
    kadanoff.renormalized(carray(out, 7), carray(energies, 16), carray(odds, 5), carray(weights, 625), strength)


@numba.njit(error_model="numpy")
def ellipse_deviates(deviates, n, state):
    """:func:`ellipse.normal_pairs`: ``deviates`` (n, 2), ``state`` (4,)."""
    ellipse.normal_pairs(carray(deviates, (n, 2)), carray(state, 4))


@numba.njit(error_model="numpy")
def ellipse_axes(out, points, deviates, n, major, minor, angle):
    """:func:`ellipse.principal_axes`: ``out`` (3,), ``points`` and ``deviates`` (n, 2)."""
    ellipse.principal_axes(carray(out, 3), carray(points, (n, 2)), carray(deviates, (n, 2)), major, minor, angle)


@numba.njit(error_model="numpy")
def modes_center(data, n, n_samples, standardize):
    """:func:`modes.center`: ``data`` (n, n_samples)."""
    modes.center(carray(data, (n, n_samples)), standardize != 0)


@numba.njit(error_model="numpy")
def modes_find(values, vectors, data, matrix, work, n, n_samples):
    """:func:`modes.second_moments` and :func:`modes.eigenmodes`: ``matrix`` (n, n), ``work`` (4, n)."""
    square = carray(matrix, (n, n))
    modes.second_moments(square, carray(data, (n, n_samples)))
    modes.eigenmodes(carray(values, n), carray(vectors, (n, n)), square, carray(work, (4, n)))


@numba.njit(error_model="numpy")
def modes_project(scores, vectors, data, n, n_samples):
    """:func:`modes.project` on all n modes."""
    modes.project(carray(scores, (n, n_samples)), carray(vectors, (n, n)), carray(data, (n, n_samples)))


@numba.njit(error_model="numpy")
def modes_moments(second, fourth, block, vectors, scores, rows, n_modes, n, n_samples):
    """:func:`moments.add_moments` with a row for each of ``n_modes`` (a multiple of four) modes."""
    shape = (n_modes, n)
    add_moments(
        carray(block, (8, 1024)), carray(second, shape), carray(fourth, shape), carray(vectors, shape),
        carray(scores, (n_modes, n_samples)), carray(rows, n_modes), 0, n,
    )  # fmt: skip


@numba.njit(error_model="numpy")
def modes_rebuilt(
    second, fourth, counts, row, weights, scores, first, last, n, n_samples, n_blocks, n_bins, reach
):  # fmt: skip
    """:func:`modes.rebuilt`: ``second`` and ``fourth`` (n_blocks, n), ``weights`` (n, n), ``scores`` (n, n_samples)."""
    modes.rebuilt(
        carray(second, (n_blocks, n)), carray(fourth, (n_blocks, n)), carray(counts, n_bins), reach,
        carray(row, n_samples), carray(weights, (n, n)), carray(scores, (n, n_samples)), first, last,
    )  # fmt: skip


@numba.njit(error_model="numpy")
def modes_shuffle(data, n, n_samples, state):
    """:func:`modes.shuffle`."""
    modes.shuffle(carray(data, (n, n_samples)), carray(state, 4))


@numba.njit(error_model="numpy")
def modes_gaussian(scores, values, n, n_samples, state):
    """:func:`modes.gaussian_scores`."""
    modes.gaussian_scores(carray(scores, (n, n_samples)), carray(values, n), carray(state, 4))


ENTRIES = {
    "strips_pack": (strips_pack, types.void(_u64, _i8, _int, _int)),
    "strips_unpack": (strips_unpack, types.void(_i8, _u64, _int, _int)),
    "strips_sweeps": (
        strips_sweeps,
        types.void(_u64, _u64, _u64, _int, _int, _int, _u64, _u64, _u64, _int),
    ),
    "strips_sums": (strips_sums, types.void(_i64, _u64, _u64, _int, _int)),
    "ising_wolff": (ising_wolff, types.int32(_i8, _int, _i32, _u64, _int, _u64)),
    "ising_swendsen_wang": (ising_swendsen_wang, types.void(_i8, _int, _i32, _u64, _int, _u64)),
    "ising_sums": (ising_sums, types.void(_i64, _i8, _int)),
    "block_sums": (block_sums, types.void(_i8, _i8, _int)),
    "strips_block_sums": (strips_block_sums, types.void(_i8, _u64, _int, _int)),
    "block_majority": (block_majority, types.void(_i8, _i8, _int, _u64)),
    "block_stochastic": (block_stochastic, types.void(_i8, _i8, _int, _f64, _u64)),
    "ising_paint": (ising_paint, types.void(_i32, _i8, _int, _int, _i32)),
    "settling_add": (settling_add, types.void(_f64, _f64, _i64, _float, _float)),
    "settling_judge": (settling_judge, types.int32(_f64, _f64, _i64)),
    "replicas_sweeps": (replicas_sweeps, types.void(_u64, _u64, _int, _u64, _u64, _u64, _int)),
    "replicas_batch": (replicas_batch, types.void(_f32, _u64, _int, _u64)),
    "rbm_update": (rbm_update, types.void(*[_f32] * 11, _u64, _int, _int, _int, _float, _float, _float)),
    "rbm_gibbs": (rbm_gibbs, types.void(*[_f32] * 6, _u64, _int, _int, _int)),
    "flow_lines": (flow_lines, types.void(_f64, _int, _int, _float, _float, _float)),
    "kadanoff_weights": (kadanoff_weights, types.void(_f64, _float)),
    "kadanoff_renormalized": (kadanoff_renormalized, types.void(_f64, _f64, _f64, _f64, _float)),
    "ellipse_deviates": (ellipse_deviates, types.void(_f64, _int, _u64)),
    "ellipse_axes": (ellipse_axes, types.void(_f64, _f64, _f64, _int, _float, _float, _float)),
    "modes_center": (modes_center, types.void(_f32, _int, _int, _int)),
    "modes_find": (modes_find, types.void(_f64, _f64, _f32, _f64, _f64, _int, _int)),
    "modes_project": (modes_project, types.void(_f32, _f32, _f32, _int, _int)),
    "modes_moments": (modes_moments, types.void(_f64, _f64, _f32, _f32, _f32, _i64, _int, _int, _int)),
    "modes_rebuilt": (modes_rebuilt, types.void(_f64, _f64, _i32, *[_f32] * 3, *[_int] * 6, _float)),
    "modes_shuffle": (modes_shuffle, types.void(_f32, _int, _int, _u64)),
    "modes_gaussian": (modes_gaussian, types.void(_f32, _f64, _int, _int, _u64)),
}
