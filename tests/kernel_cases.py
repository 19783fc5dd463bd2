"""Arguments for every kernel of the browser's module, of any size: arrays become pointers, numbers stay."""

import math
from fractions import Fraction

import numpy as np

from mlrg_lib.ising._engines import thresholds

BETA = 0.42
P_UP = 1 / (1 + np.exp(-2 * BETA * np.arange(-4.0, 5.0, 2.0)))
work = np.zeros


def random_states(rng, *shape):
    return rng.integers(0, 2**64, (*shape, 4), dtype=np.uint64)


def random_words(rng, n):
    return rng.integers(0, 2**64, n, dtype=np.uint64)


def random_spins(rng, n):
    return 2 * rng.integers(0, 2, n, dtype=np.int8) - 1


def random_units(rng, n):
    return (2 * rng.integers(0, 2, n) - 1).astype(np.float32)


def normal(rng, n):
    return rng.normal(size=n).astype(np.float32)


def threshold():
    scaled = Fraction(-math.expm1(-2 * BETA)) * 2**32
    return np.array([int(scaled), int((scaled - int(scaled)) * 2**64)], dtype=np.uint64)


def build(L=64, n_strips=32, side=16, hidden=8, n_modes=12, n_samples=1100):
    """Return by kernel a function of a random generator that makes its arguments.

    A lattice of L² spins in ``n_strips`` strips; a machine of ``hidden`` units on side² sites; ``n_modes`` variables
    observed ``n_samples`` times.
    """
    planes = 2 * (L // n_strips) * (L // 2 + 2)
    replicas = 2 * side * (side // 2 + 2)
    quarter, n, samples = L * L // 4, n_modes, n_samples

    def sums(rng):
        return (2 * rng.integers(-2, 3, quarter)).astype(np.int8)

    def machine(rng):
        """The weights with the hidden bias below them, and the visible bias."""
        return [rng.normal(0, 0.2, m).astype(np.float32) for m in ((side**2 + 1) * hidden, side**2)]

    def machine_work():
        return work(side**2 * hidden, np.float32), work(hidden * 64, np.float32)

    return {
        "strips_pack": lambda rng: (work(planes, np.uint64), random_spins(rng, L * L), L, n_strips),
        "strips_unpack": lambda rng: (work(L * L, np.int8), random_words(rng, planes), L, n_strips),
        "strips_sweeps": lambda rng: (
            *(random_words(rng, planes), work(L // 2, np.uint64), random_words(rng, 4 * (L // 2)), L, n_strips),
            *(int(rng.integers(2)), *thresholds(math.exp(-8 * BETA), math.exp(-4 * BETA)), 7),
        ),
        "strips_sums": lambda rng: (work(2, np.int64), work(L // 2, np.uint64), random_words(rng, planes), L, n_strips),
        "ising_wolff": lambda rng: (
            random_spins(rng, L * L),
            L,
            work(L * L, np.int32),
            threshold(),
            200,
            random_states(rng),
        ),
        "ising_swendsen_wang": lambda rng: (
            random_spins(rng, L * L),
            L,
            work(L * L, np.int32),
            threshold(),
            5,
            random_states(rng),
        ),
        "ising_sums": lambda rng: (work(2, np.int64), random_spins(rng, L * L), L),
        "block_sums": lambda rng: (work(quarter, np.int8), random_spins(rng, L * L), L),
        "strips_block_sums": lambda rng: (work(quarter, np.int8), random_words(rng, planes), L, n_strips),
        "block_majority": lambda rng: (work(quarter, np.int8), sums(rng), L // 2, random_states(rng)),
        "block_stochastic": lambda rng: (work(quarter, np.int8), sums(rng), L // 2, P_UP, random_states(rng)),
        "ising_paint": lambda rng: (
            work(L * L, np.int32),
            random_spins(rng, L * L),
            L * L,
            1,
            np.array([7, -9], dtype=np.int32),
        ),
        "settling_add": lambda rng: (
            *(rng.normal(size=512), rng.normal(size=2), np.array([255, 8, 7, 0]), rng.normal(), rng.normal()),
        ),
        "settling_judge": lambda rng: (work(4, np.float64), rng.normal(size=512), np.array([200, 8, 3, 0])),
        "replicas_sweeps": lambda rng: (
            *(random_words(rng, replicas), random_words(rng, 32), side),
            *(*thresholds(math.exp(-8 * BETA), math.exp(-4 * BETA)), 5),
        ),
        "replicas_batch": lambda rng: (
            *(work(side * side * 64, np.float32), random_words(rng, replicas), side, random_words(rng, 1)),
        ),
        "rbm_update": lambda rng: (
            *(
                *machine(rng),
                *machine(rng),
                *map(np.zeros_like, machine(rng)),
                *machine_work(),
                work(hidden * 64, np.float32),
            ),
            *(random_units(rng, 2 * side**2 * 64), work(64, np.float32), random_words(rng, 2)),
            *(side**2, hidden, 2, 0.05, 0.5, 0.01),
        ),
        "rbm_gibbs": lambda rng: (
            *(
                random_units(rng, side**2 * 64),
                machine_work()[1],
                *machine(rng),
                machine_work()[0],
                work(64, np.float32),
            ),
            *(random_words(rng, 2), side**2, hidden, 3),
        ),
        "kadanoff_weights": lambda rng: (work(625, np.float64), rng.uniform(0.2, 0.6)),
        "kadanoff_renormalized": lambda rng: (
            *(work(7, np.float64), work(16, np.float64), work(5, np.float64)),
            *(rng.uniform(0.1, 1, 625), rng.uniform(0.2, 2)),
        ),
        "ellipse_deviates": lambda rng: (work(200, np.float64), 100, random_states(rng)),
        "ellipse_axes": lambda rng: (
            work(3, np.float64),
            work(200, np.float64),
            rng.normal(size=200),
            100,
            2.0,
            0.7,
            0.4,
        ),
        "modes_center": lambda rng: (normal(rng, n * samples), n, samples, int(rng.integers(2))),
        "modes_find": lambda rng: (
            *(work(n, np.float64), work(n * n, np.float64), normal(rng, n * samples)),
            *(work(n * n, np.float64), work(4 * n, np.float64), n, samples),
        ),
        "modes_project": lambda rng: (
            *(work(n * samples, np.float32), normal(rng, n * n), normal(rng, n * samples), n, samples),
        ),
        "modes_moments": lambda rng: (
            *(work(n * n, np.float64), work(n * n, np.float64), work(8 * 1024, np.float32)),
            *(normal(rng, n * n), normal(rng, n * samples), np.arange(n), n, n, samples),
        ),
        "modes_rebuilt": lambda rng: (
            *(work(4 * n, np.float64), work(4 * n, np.float64), work(20, np.int32), work(samples, np.float32)),
            *(normal(rng, n * n), normal(rng, n * samples), 1, 10, n, samples, 4, 20, 5.0),
        ),
        "modes_shuffle": lambda rng: (normal(rng, n * samples), n, samples, random_states(rng)),
        "modes_gaussian": lambda rng: (
            *(work(n * samples, np.float32), rng.uniform(0.1, 1, n), n, samples, random_states(rng)),
        ),
        "flow_lines": lambda rng: (rng.uniform(-0.2, 0.2, 5 * 300 * 2), 5, 300, 0.02, 1.0, 1.0),
    }
