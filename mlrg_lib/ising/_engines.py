"""Many Markov chains of one lattice size and temperature, advanced together by the kernels.

An engine has ``n_chains`` and three methods: ``advance(n)`` makes n updates in every chain, ``measure(n)`` returns
energy and magnetization per site of the first n chains (None: all), ``write(out)`` stores the configurations of the
first ``len(out)``.
Every chain, or word of 64 chains, owns its random state, so results do not depend on how threads share the work.
"""

import itertools
import math
import os
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np

from .._kernels import clusters, columns, lattice, multispin, runs
from . import _words

__all__: list[str] = []

MULTISPIN_METROPOLIS_BETA = 0.1
MULTISPIN_METROPOLIS_SIDE = 6
_ROW_WORDS = 256  # words in a row that keep vectors busy and generators in the first-level cache
_SITE_WORDS = 64
_LANES = 512


def random_states(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw random uint64 states; the all-zero state of a stream has probability 2**-256."""
    return rng.integers(0, 2**64, size=shape, dtype=np.uint64)


def initial_spins(rng: np.random.Generator, start: str | np.ndarray, n_chains: int, L: int) -> np.ndarray:
    """Return int8 (n_chains, L, L): independent fair spins, all up, or those given."""
    if not isinstance(start, str):
        return np.array(given(start, n_chains), order="C")
    if start == "ordered":
        return np.ones((n_chains, L, L), dtype=np.int8)
    return 2 * rng.integers(0, 2, size=(n_chains, L, L), dtype=np.int8) - 1


def given(start: np.ndarray, n_chains: int) -> np.ndarray:
    """Return the first ``n_chains`` of the lattices that are given, or their only one as often."""
    return np.broadcast_to(start[:n_chains], (n_chains, *start.shape[1:]))


def initial_words(rng: np.random.Generator, start: str | np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return uint64 words of fair bits, of set ones (up), or of unset ones where lattices are given, to be filled."""
    if not isinstance(start, str):
        return np.zeros(shape, dtype=np.uint64)
    if start == "ordered":
        return np.full(shape, 2**64 - 1, dtype=np.uint64)
    return rng.integers(0, 2**64, size=shape, dtype=np.uint64)


def cpu_count() -> int:
    """Return the number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default_threads() -> int:
    """Return the number of threads where none is given: every processor, within numba's limit for this thread."""
    try:
        return min(cpu_count(), numba.get_num_threads())
    except ValueError:  # numba's own threads do not start, as with a threading layer that is not there; none is needed
        return min(cpu_count(), numba.config.NUMBA_NUM_THREADS)


class Pool:
    """Calls a function on parts 0 .. n - 1, in threads when there is more than one thread and part."""

    def __init__(self, n_threads: int):
        self.n_threads = n_threads
        self._executor = ThreadPoolExecutor(n_threads) if n_threads > 1 else None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self._executor is not None:
            self._executor.shutdown()

    def map(self, function, n: int) -> list:
        if self._executor is None or n == 1:
            return [function(part) for part in range(n)]
        return list(self._executor.map(function, range(n)))


class Plain:
    """Chains of plain int8 lattices: Metropolis, heat bath, Swendsen-Wang or Wolff."""

    def __init__(self, algorithm, L, beta, n_chains, start, rng, pool):
        self.n_chains = n_chains
        self.clusters_per_update = 1
        self._pool = pool
        self._states = random_states(rng, (n_chains, 4))
        self._spins = initial_spins(rng, start, n_chains, L)
        self._algorithm = algorithm
        n_parts = min(n_chains, 4 * pool.n_threads)
        edges = np.arange(n_parts + 1) * n_chains // n_parts
        self._parts = [slice(a, b) for a, b in itertools.pairwise(edges)]
        if algorithm == "metropolis":
            self._table = np.exp(-2 * beta * np.array([0.0, 0.0, 0.0, 2.0, 4.0]))
        elif algorithm == "heat_bath":
            self._table = np.array([logistic(2 * beta * h) for h in range(-4, 5, 2)])
        else:
            self._bond = float(-np.expm1(-2 * beta))
            self._work = [np.empty(L * L, dtype=np.int32) for _ in self._parts]
        if algorithm == "swendsen_wang":
            self._work = [swendsen_wang_work(L) for _ in self._parts]
        if algorithm == "wolff":
            self._choose_cluster_number()

    def _choose_cluster_number(self):
        """Fix how many clusters make one update of about one sweep, from a first look; it stays fixed from there."""
        sites = self._spins[0].size
        flipped = clusters_flipped = 0
        while flipped < 20 * sites * self.n_chains and clusters_flipped < 20 * sites * self.n_chains:
            flipped += sum(self._pool.map(lambda part: self._advance_part(part, 8), len(self._parts)))
            clusters_flipped += 8 * self.n_chains
        self.clusters_per_update = max(1, round(sites * clusters_flipped / flipped))

    def _advance_part(self, part, n):
        spins, states = self._spins[self._parts[part]], self._states[self._parts[part]]
        match self._algorithm:
            case "metropolis":
                return lattice.metropolis_sweeps(spins, self._table, n, states)
            case "heat_bath":
                return lattice.heat_bath_sweeps(spins, self._table, n, states)
            case "swendsen_wang":
                return runs.swendsen_wang_sweeps(spins, *self._work[part], self._bond, n, states)
            case _:
                return clusters.wolff_updates(spins, self._work[part], self._bond, n, states)

    def advance(self, n: int) -> None:
        n *= self.clusters_per_update
        self._pool.map(lambda part: self._advance_part(part, n), len(self._parts))

    def measure(self, n: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        spins = self._spins[:n]
        sums = np.empty(len(spins), dtype=np.int64)
        lattice.bond_sums(sums, spins)
        sites = spins[0].size
        return -sums / sites, spins.sum(axis=(1, 2), dtype=np.int64) / sites

    def write(self, out: np.ndarray) -> None:
        out[:] = self._spins[: len(out)]


class Columns:
    """Few chains of even side, the rows of each side by side in its words: Metropolis or heat bath, bit-parallel."""

    clusters_per_update = 1

    def __init__(self, algorithm, L, beta, n_chains, start, rng, pool):
        self.n_chains = n_chains
        self._L, self._pool = L, pool
        self._heat_bath, self._thresholds = local_rule(algorithm, beta)
        wanted = max(1, 2 * _ROW_WORDS // L)
        n_blocks = -(-n_chains // wanted)
        self._width = -(-n_chains // n_blocks)
        n = L // 2 * self._width
        shape = (n_blocks, 2, -(-L // 64), n + 2 * self._width)
        self._states = random_states(rng, (n_blocks, 4, n))
        self._words = initial_words(rng, start, shape)
        for words in self._words:
            multispin.fill_halo(words, self._width)
        if not isinstance(start, str):
            lattices = np.ascontiguousarray(given(start, n_chains))
            for k, words in enumerate(self._words):
                columns.pack(words, lattices[k * self._width : (k + 1) * self._width], self._width)
        self._counts = np.zeros((2, n_blocks, self._width), dtype=np.int64)

    def _advance_block(self, block, n):
        words, rule = self._words[block], (self._heat_bath, self._thresholds)
        columns.sweeps(words, self._width, *rule, n, self._states[block])

    def advance(self, n: int) -> None:
        self._pool.map(lambda block: self._advance_block(block, n), len(self._words))

    def measure(self, n: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        n = self.n_chains if n is None else min(n, self.n_chains)
        unequal, up = self._counts
        for k in range(-(-n // self._width)):
            columns.count(unequal[k], up[k], self._words[k], self._width)
        sites = self._L**2
        return 2 * unequal.ravel()[:n] / sites - 2, 2 * up.ravel()[:n] / sites - 1

    def write(self, out: np.ndarray) -> None:
        for k in range(-(-len(out) // self._width)):
            columns.unpack(out[k * self._width : (k + 1) * self._width], self._words[k], self._width)


class Multispin:
    """Chains 64 to a word: Metropolis or heat bath, bit-parallel."""

    clusters_per_update = 1

    def __init__(self, algorithm, L, beta, n_chains, start, rng, pool):
        self.n_chains = n_chains
        self._L, self._pool = L, pool
        self._even = L % 2 == 0
        self._heat_bath, self._thresholds = local_rule(algorithm, beta)
        words = -(-n_chains // 64)
        wanted = max(1, _ROW_WORDS // (L // 2)) if self._even else _SITE_WORDS
        n_blocks = max(-(-words // wanted), min(words, 2))
        self._width = -(-words // n_blocks)
        shape = (2, L, (L // 2 + 2) * self._width) if self._even else (L, L, self._width)
        lanes = min(_LANES, L // 2 * self._width) if self._even else self._width
        self._states = random_states(rng, (n_blocks, 4, lanes))
        self._words = initial_words(rng, start, (n_blocks, *shape))
        if not isinstance(start, str):
            _words.fill_multispin(self._words, given(start, n_chains), self._width)
        if self._even:
            for words in self._words:
                multispin.fill_halo(words, self._width)
        self._counts = np.zeros((2, n_blocks, self._width, 64), dtype=np.int64)

    def _advance_block(self, block, n):
        words, rule, states = self._words[block], (self._heat_bath, self._thresholds), self._states[block]
        if self._even:
            multispin.even_sweeps(words, self._width, *rule, n, states)
        else:
            multispin.odd_sweeps(words, *rule, n, states)

    def advance(self, n: int) -> None:
        self._pool.map(lambda block: self._advance_block(block, n), len(self._words))

    def measure(self, n: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        n = self.n_chains if n is None else min(n, self.n_chains)
        unequal, up = self._counts

        def count(block):
            if self._even:
                multispin.count_even(unequal[block], up[block], self._words[block], self._width)
            else:
                multispin.count_odd(unequal[block], up[block], self._words[block])

        self._pool.map(count, -(-n // (64 * self._width)))
        sites = self._L**2
        return 2 * unequal.ravel()[:n] / sites - 2, 2 * up.ravel()[:n] / sites - 1

    def write(self, out: np.ndarray) -> None:
        size = 64 * self._width

        def unpack(block):
            part = out[block * size : (block + 1) * size]
            if self._even:
                multispin.unpack_even(part, self._words[block], self._width)
            else:
                multispin.unpack_odd(part, self._words[block])

        self._pool.map(unpack, -(-len(out) // size))


def swendsen_wang_work(L: int) -> tuple[np.ndarray, ...]:
    """Return the work space of :func:`runs.swendsen_wang_sweeps` for side L."""
    shape = L, -(-L // 64)
    words = [np.empty(shape, dtype=np.uint64) for _ in range(2)]
    signs, bits = np.empty(shape[0] * shape[1], dtype=np.uint64), np.empty(64, dtype=np.uint64)
    return *words, np.empty(shape, dtype=np.uint32), signs, np.empty(L * L, dtype=np.uint32), bits


def logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x)); that of scipy takes longer to import than sampling takes to begin."""
    decay = math.exp(-abs(x))
    return (1.0 if x >= 0 else decay) / (1.0 + decay)


def local_rule(algorithm: str, beta: float) -> tuple[bool, np.ndarray]:
    """Return whether it is the heat bath, and the bit-parallel kernels' thresholds."""
    heat_bath, thresholds = algorithm == "heat_bath", np.empty((2, 13), dtype=np.uint64)
    multispin.local_thresholds(thresholds, heat_bath, float(beta))
    return heat_bath, thresholds


def is_bit_parallel(algorithm: str, L: int, beta: float) -> bool:
    """Tell whether the bit-parallel kernels may do it.

    Metropolis in a fixed order has two weaknesses, and where they matter it visits random sites instead, spin by spin.
    At small beta it accepts almost every flip and merely turns the lattice over. And it never leaves, or enters, the
    few states whose every neighbour sum is zero, since there every flip is accepted: 36 of the 65,536 states at L = 4,
    for instance.
    """
    if algorithm == "metropolis":
        return beta >= MULTISPIN_METROPOLIS_BETA and L >= MULTISPIN_METROPOLIS_SIDE
    return algorithm == "heat_bath"


def is_multispin(algorithm: str, L: int, beta: float, n_chains: int | None) -> bool:
    """Tell whether 64 lattices share a word: local updates, unless fewer chains are asked for."""
    return is_bit_parallel(algorithm, L, beta) and (n_chains is None or n_chains >= 64)


def is_trap(start: str | np.ndarray) -> bool:
    """Tell whether every neighbour sum of one of the lattices given is zero; see :func:`is_bit_parallel`."""
    if isinstance(start, str):
        return False
    sums = sum(np.roll(start, shift, axis) for axis in (1, 2) for shift in (1, -1))
    return not sums.any(axis=(1, 2)).all()


def create(algorithm, L, beta, n_samples, n_chains, start, rng, pool):
    """Return the engine for an algorithm; ``n_chains`` None chooses the number of chains.

    Local updates go 64 lattices to a word; with fewer chains of even side the rows of one lattice share it, and the
    rest go spin by spin; so does Metropolis from lattices that it would never leave in a fixed order.
    """
    bit_parallel = is_bit_parallel(algorithm, L, beta) and not (algorithm == "metropolis" and is_trap(start))
    if bit_parallel and is_multispin(algorithm, L, beta, n_chains):
        if n_chains is None:
            words = min(max(-(-n_samples // (64 * 8)), -(-128 // L)), 128, -(-n_samples // 64))
            n_chains = min(n_samples, 64 * words)
        return Multispin(algorithm, L, beta, n_chains, start, rng, pool)
    if L % 2 == 0 and bit_parallel:
        return Columns(algorithm, L, beta, n_chains, start, rng, pool)
    if n_chains is None:
        n_chains = min(n_samples, max(32, min(256, n_samples // 64)))
    return Plain(algorithm, L, beta, n_chains, start, rng, pool)
