"""Arguments for every kernel of the browser's module, of any size: arrays become pointers, numbers stay."""

import numpy as np

from mlrg_lib.ising._engines import local_rule

BETA = 0.42
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


def build(L=64, side=16, hidden=8, n_modes=12, n_samples=1100):
    """Return by kernel a function of a random generator that makes its arguments.

    A lattice of L² spins; a machine of ``hidden`` units on side² sites; ``n_modes`` variables
    observed ``n_samples`` times.
    """
    planes, words = 2 * (L // 64) * (L // 2 + 2), L * L // 64
    replicas = 2 * side * (side // 2 + 2)
    quarter, n, samples = L * L // 4, n_modes, n_samples

    def rule(algorithm):
        heat_bath, thresholds = local_rule(algorithm, BETA)
        return int(heat_bath), thresholds

    def sums(rng):
        return (2 * rng.integers(-2, 3, quarter)).astype(np.int8)

    def machine(rng):
        """The weights with the hidden bias below them, and the visible bias."""
        return [rng.normal(0, 0.2, m).astype(np.float32) for m in ((side**2 + 1) * hidden, side**2)]

    def machine_work():
        return work(side**2 * hidden, np.float32), work(hidden * 64, np.float32)

    return {
        "random_words": lambda rng: (work(50, np.uint64), 50, random_words(rng, 1)),
        "local_rule": lambda rng: (work(26, np.uint64), int(rng.integers(2)), rng.uniform(0.2, 1)),
        "columns_pack": lambda rng: (work(planes, np.uint64), random_spins(rng, L * L), L),
        "columns_unpack": lambda rng: (work(L * L, np.int8), random_words(rng, planes), L),
        "columns_sweeps": lambda rng: (
            *(random_words(rng, planes), L, *rule("metropolis"), 7, random_words(rng, 4 * (L // 2))),
        ),
        "columns_sums": lambda rng: (work(2, np.int64), random_words(rng, planes), L),
        "ising_wolff": lambda rng: (
            *(random_spins(rng, L * L), L, work(L * L, np.int32), BETA, 200, random_states(rng)),
        ),
        "ising_swendsen_wang": lambda rng: (
            *(random_spins(rng, L * L), L, work(words, np.uint64), work(words, np.uint64), work(words, np.uint32)),
            *(work(words, np.uint64), work(L * L, np.uint32), work(64, np.uint64), BETA, 5, random_states(rng)),
        ),
        "ising_sums": lambda rng: (work(2, np.int64), random_spins(rng, L * L), L),
        "block_sums": lambda rng: (work(quarter, np.int8), random_spins(rng, L * L), L),
        "columns_block_sums": lambda rng: (work(quarter, np.int8), random_words(rng, planes), L),
        "block_majority": lambda rng: (work(quarter, np.int8), sums(rng), L // 2, random_states(rng)),
        "block_kadanoff": lambda rng: (
            *(work(quarter, np.int8), work(5, np.float64), sums(rng), L // 2, BETA, random_states(rng)),
        ),
        "block_decimate": lambda rng: (work(quarter, np.int8), random_spins(rng, L * L), L),
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
            *(random_words(rng, replicas), side, rule("heat_bath")[1], 5, random_words(rng, 32)),
        ),
        "replicas_batch": lambda rng: (
            *(work(side * side * 64, np.float32), random_words(rng, replicas), side, random_words(rng, 1)),
        ),
        "replicas_energy": lambda rng: (random_units(rng, side * side * 64), side),
        "replicas_overlap": lambda rng: (random_units(rng, 1000), random_units(rng, 1000), 1000),
        "rbm_fields": lambda rng: (
            *(work(3, np.float64), work(side**2 * hidden, np.float32), work(hidden, np.float64)),
            *(normal(rng, side**2 * hidden), side**2, hidden),
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
        "modes_variances": lambda rng: (
            *(work(n, np.float64), rng.uniform(0.1, 1, n), normal(rng, n * n), n, samples),
        ),
        "modes_curve": lambda rng: (
            *(work(n, np.float64), work(n, np.float64), work(n * n, np.float64), work(n * n, np.float64)),
            *(work(8 * 1024, np.float32), normal(rng, n * n), normal(rng, n * samples), work(n, np.int64)),
            *(work(n, np.float64), n, n, samples),
        ),
        "modes_resampled": lambda rng: (
            *(work(2, np.float64), work(3 * n, np.float64), rng.uniform(1, 2, 4 * n), rng.uniform(1, 2, 4 * n)),
            *(work(n, np.float64), n, samples, 4, 30, random_states(rng)),
        ),
        "modes_rebuilt": lambda rng: (
            *(work(4 * n, np.float64), work(4 * n, np.float64), work(20, np.int32), work(samples, np.float32)),
            *(normal(rng, n * n), normal(rng, n * samples), 1, 10, n, samples, 4, 20, 5.0),
        ),
        "modes_shuffle": lambda rng: (normal(rng, n * samples), n, samples, random_states(rng)),
        "modes_gaussian": lambda rng: (
            *(work(n * samples, np.float32), rng.uniform(0.1, 1, n), n, samples, random_states(rng)),
        ),
        "flow_critical": lambda rng: (rng.uniform(0.02, 0.2, 6), 3, rng.uniform(0.5, 1), 1.0),
        "flow_fixed_points": lambda rng: (work(16, np.float64), rng.uniform(-1, 2), 3.0),
        "flow_lines": lambda rng: (rng.uniform(-0.2, 0.2, 5 * 300 * 2), 5, 300, 0.02, 1.0, 1.0),
    }
