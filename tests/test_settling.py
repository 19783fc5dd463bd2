"""Whether what is called settled is: on chains of known mean, wrong by three of its errors no more than by chance.

A page looks at a run again and again, so two things count: of all looks that say "settled", those at which either of
the two means is wrong by more than three errors, and the runs that ever say so. For Gaussian means with known errors
the first is 0.54 %, and the second, as a run grows a hundredfold, about 11 %. The bounds are twice the first, as the
looks at one run are much alike, and the second.
"""

import math

import numba
import numpy as np
import pytest
from naive import settling as naive

from mlrg_lib._kernels import clusters, multispin, runs
from mlrg_lib._kernels.page import settling
from mlrg_lib.ising import exact
from mlrg_lib.ising._engines import local_rule, swendsen_wang_work

LOOKS_WRONG = 0.01  # of all looks that say "settled"
RUNS_WRONG = 0.11  # of all runs, ever
NEVER = 6  # errors: nothing settled is further off
CRITICAL = 1 / exact.CRITICAL_BETA


def empty():
    counts = np.zeros(4, dtype=np.int64)
    counts[1] = 1
    return np.zeros((settling.N_BATCHES, 2)), np.zeros(2), counts, np.zeros(4)


@numba.njit
def _follow(series, every, add, judge, batches, filling, counts, out):
    """Return one row for each look: the verdict, then mean and error of both columns."""
    rows = np.full((len(series) // every, 5), np.nan)
    for t in range(len(series)):
        add(batches, filling, counts, series[t, 0], series[t, 1])
        if (t + 1) % every == 0:
            row = rows[t // every]
            row[0] = judge(out, batches, counts)
            row[1:] = out
    return rows


def follow(series, every):
    return _follow(np.ascontiguousarray(series, dtype=float), every, settling.add, settling.judge, *empty())


# --------------------------------------------------------------------------------------- the rule that was there before


@numba.njit
def _moments(x):
    n, mean = x.size, x.mean()
    square = ((x - mean) ** 2).sum()
    product = ((x[1:] - mean) * (x[:-1] - mean)).sum()
    r = min(0.95, max(0.0, product / square)) if square > 0 else 0.0
    return mean, math.sqrt(square / (n - 1) / n * (1 + r) / (1 - r)), r


@numba.njit
def _former_add(batches, filling, counts, first, second):
    """64 batches of at least 8 values."""
    counts[1] = max(counts[1], 8)
    filling[0] += first
    filling[1] += second
    counts[2] += 1
    if counts[2] == counts[1]:
        n = counts[0]
        batches[n] = filling / counts[1]
        filling[:] = 0
        counts[0], counts[2] = n + 1, 0
        if n + 1 == 64:
            batches[:32] = (batches[0:64:2] + batches[1:64:2]) / 2
            counts[0], counts[1] = 32, 2 * counts[1]


@numba.njit
def _former_judge(out, batches, counts):
    """Settled if neighbouring batches are correlated by less than a half and two halves agree within 3.5 errors."""
    kept = batches[(counts[0] + 3) // 4 : counts[0]]
    if len(kept) < 8:
        return -1
    settled, half = 1, len(kept) // 2
    for c in range(2):
        out[2 * c], out[2 * c + 1], r = _moments(kept[:, c].copy())
        (a, da, _), (b, db, _) = _moments(kept[:half, c].copy()), _moments(kept[half:, c].copy())
        if r >= 0.5 or abs(a - b) > 3.5 * math.hypot(da, db):
            settled = 0
    return settled


def follow_former(series, every):
    return _follow(np.ascontiguousarray(series, dtype=float), every, _former_add, _former_judge, *empty())


# ------------------------------------------------------------------------------------------------ counting wrong looks


class Tally:
    """Looks that say "settled", those that are wrong, and the runs behind them."""

    def __init__(self):
        self.looks = self.wrong = self.runs = self.runs_wrong = self.runs_settled = 0
        self.furthest = 0.0

    def add(self, rows, truth, uncertainty=(0.0, 0.0)):
        settled = rows[:, 0] == 1
        error = np.hypot(rows[settled][:, [2, 4]], uncertainty)
        off = np.abs(rows[settled][:, [1, 3]] - truth) / error
        off = off.max(axis=1) if len(off) else np.zeros(0)
        self.looks += len(off)
        self.wrong += np.sum(off > 3)
        self.runs += 1
        self.runs_wrong += bool(np.any(off > 3))
        self.runs_settled += len(off) > 0
        self.furthest = max(self.furthest, off.max(initial=0))
        return self

    def __str__(self):
        return (
            f"{self.runs_settled}/{self.runs} runs settled; wrong: {self.wrong / max(1, self.looks):.2%} of "
            f"{self.looks} looks, {self.runs_wrong / self.runs:.1%} of the runs; furthest {self.furthest:.1f} errors"
        )

    def total(self, others):
        for other in others:
            for name in ("looks", "wrong", "runs", "runs_wrong", "runs_settled"):
                setattr(self, name, getattr(self, name) + getattr(other, name))
            self.furthest = max(self.furthest, other.furthest)
        return self


def honest(tally):
    return (
        tally.wrong <= LOOKS_WRONG * tally.looks
        and tally.runs_wrong <= RUNS_WRONG * tally.runs
        and tally.furthest < NEVER
    )


# -------------------------------------------------------------------------------------------------- the kernel's twin


@pytest.mark.parametrize("seed", range(3))
def test_the_kernel_is_its_slow_twin(seed):
    rng = np.random.default_rng(seed)
    series = np.cumsum(rng.normal(size=(1500, 2)), axis=0) * [0.03, 0.0] + rng.exponential(size=(1500, 2))
    series[:40] += 30
    every = 37
    rows = follow(series, every)
    looks = range(every, len(series) + 1, every)
    said = [None if verdict < 0 else bool(verdict) for verdict in rows[:, 0]]
    assert said == naive.verdicts(series, looks)
    for row, length in zip(rows, looks, strict=True):
        found = naive.describe(series[:length])
        if found is not None:
            np.testing.assert_allclose([row[1::2], row[2::2]], found[:2], rtol=1e-10)


def test_constant_series_never_settle():
    assert follow(np.ones((5000, 2)), 10)[:, 0].max() == 0


# ------------------------------------------------------------------------------------------------- chains of known tau


@numba.njit
def _autoregressive(out, noise, rho, start):
    x = start
    for t in range(len(out)):
        x = rho * x + math.sqrt(1 - rho * rho) * noise[t]
        out[t] = x


def autoregressive(rng, n, tau, start):
    """A Gaussian chain of mean 0, variance 1 and integrated autocorrelation time ``tau``."""
    out = np.empty(n)
    _autoregressive(out, rng.normal(size=n), (2 * tau - 1) / (2 * tau + 1), start)
    return out


def chains(tau, n, n_runs, far):
    rng = np.random.default_rng(int(10 * tau + far))
    for _ in range(n_runs):
        yield np.column_stack([autoregressive(rng, n, tau, far), autoregressive(rng, n, tau, -far)])


@pytest.mark.parametrize("far", [0.0, 100.0])
@pytest.mark.parametrize(("tau", "n", "n_runs"), [(0.5, 20_000, 200), (5, 60_000, 100), (50, 400_000, 40)])
def test_known_chains_are_wrong_no_more_often_than_by_chance(tau, n, n_runs, far):
    """The chance is that of the same means at the same looks with the errors they have, which are known here."""
    rule, chance = Tally(), Tally()
    for series in chains(tau, n, n_runs, far):
        rows = follow(series, n // 400)
        rule.add(rows, 0.0)
        known = rows.copy()
        length = np.arange(1, len(rows) + 1) * (n // 400)
        known[:, 2::2] = np.sqrt(2 * tau / (0.75 * length))[:, None]
        chance.add(known, 0.0)
    print(f"\ntau {tau}, start {far}: {rule}\n  known errors: {chance}")
    assert rule.runs_settled > 0.9 * rule.runs
    assert rule.wrong <= LOOKS_WRONG * rule.looks
    assert rule.runs_wrong <= chance.runs_wrong + 3 * math.sqrt(RUNS_WRONG * rule.runs)
    assert rule.furthest < NEVER


def test_a_run_shorter_than_its_memory_never_settles():
    for tau in (1000, 5000):
        for far in (0.0, 100.0):
            for series in chains(tau, 20_000, 10, far):
                assert follow(series, 50)[:, 0].max() < 1


def test_a_small_slow_part_is_not_overlooked_if_the_other_series_shows_it():
    """As the energy near T_c: fast noise over a slow drift that the magnetization shows plainly."""
    rng = np.random.default_rng(3)
    now, former = Tally(), Tally()
    for _ in range(40):
        slow = autoregressive(rng, 60_000, 300, 5.0)
        series = np.column_stack([slow, rng.normal(size=len(slow)) + 0.2 * slow])
        now.add(follow(series, 100), 0.0)
        former.add(follow_former(series, 100), 0.0)
    print(f"\nnow {now}\nbefore {former}")
    assert honest(now)
    assert not honest(former)


# ------------------------------------------------------------------------------------------------------ Ising lattices


def local(L, temperature, start, n, seed):
    """|m| and e of 64 lattices every fourth Metropolis sweep, (n, 64, 2)."""
    rng = np.random.default_rng(seed)
    planes = np.full((2, L, L // 2 + 2), np.uint64(2**64 - 1))
    if start == "hot":
        planes[:] = rng.integers(0, 2**64, planes.shape, dtype=np.uint64)
    multispin.fill_halo(planes, 1)
    states = rng.integers(0, 2**64, (4, 8), dtype=np.uint64)
    rule = local_rule("metropolis", 1 / temperature)
    unequal, up = np.zeros((1, 64), dtype=np.int64), np.zeros((1, 64), dtype=np.int64)
    out = np.empty((n, 64, 2))
    for row in out:
        multispin.even_sweeps(planes, 1, *rule, 4, states)
        multispin.count_even(unequal, up, planes, 1)
        row[:, 0], row[:, 1] = np.abs(2 * up[0] / L**2 - 1), 2 * unequal[0] / L**2 - 2
    return out


def by_clusters(L, temperature, wolff, n, seed, n_chains=8):
    """The same after each Swendsen-Wang sweep, or after four Wolff clusters, from a hot start."""
    rng = np.random.default_rng(seed)
    spins = 2 * rng.integers(0, 2, (n_chains, L, L), dtype=np.int8) - 1
    states, stack = rng.integers(0, 2**64, (n_chains, 4), dtype=np.uint64), np.empty(L * L, dtype=np.int32)
    work, bond = swendsen_wang_work(L), -math.expm1(-2 / temperature)
    out = np.empty((n, n_chains, 2))
    for row in out:
        if wolff:
            clusters.wolff_updates(spins, stack, bond, 4, states)
        else:
            runs.swendsen_wang_sweeps(spins, *work, bond, 1, states)
        row[:, 0] = np.abs(spins.mean(axis=(1, 2)))
        right, down = np.roll(spins, 1, axis=2), np.roll(spins, 1, axis=1)
        row[:, 1] = -(spins * (right + down)).mean(axis=(1, 2))
    return out


# |m| and its error, from 96,000 Swendsen-Wang sweeps; below 2.1 the infinite lattice's is the same to five digits
LONG_RUN = {(32, 2.2): (0.7870, 0.0007), (32, 3.0): (0.0851, 0.0003), (64, 2.2): (0.7847, 0.0005)}


def truth(L, temperature):
    energy = float(exact.torus_energy(L, 1 / temperature))
    if temperature < 2.1:
        return (float(exact.spontaneous_magnetization(1 / temperature)), energy), (0.0, 0.0)
    m, error = LONG_RUN.get((L, temperature), (0.0, math.inf))  # where it is not known only the energy is judged
    return (m, energy), (error, 0.0)


LATTICES = [  # side, temperature, start, samples
    (16, CRITICAL, "hot", 12000),
    (32, 2.2, "up", 12000),
    (32, 2.0, "hot", 6000),
    (32, 3.0, "up", 6000),
    (64, CRITICAL, "hot", 2000),
    (64, CRITICAL, "up", 2000),
    (64, 1.5, "hot", 2000),
    (64, 1.0, "hot", 2000),
]


@pytest.fixture(scope="module")
def tallies():
    """For each lattice what the rule says, and what the former one said."""
    found = {}
    for k, (L, temperature, start, n) in enumerate(LATTICES):
        now, former = Tally(), Tally()
        for series in local(L, temperature, start, n, k).transpose(1, 0, 2):
            now.add(follow(series, n // 400), *truth(L, temperature))
            former.add(follow_former(series, n // 400), *truth(L, temperature))
        found[L, temperature, start] = now, former
        print(f"\n{L} at {temperature:.3f} from {start}: {now}\n  before: {former}")
    return found


@pytest.mark.slow
def test_lattices_are_wrong_no_more_often_than_by_chance(tallies):
    """Cold and hot starts, and quenches that leave a third of the lattices in stripes; below, at and above T_c."""
    together = Tally().total(now for now, _ in tallies.values())
    print(f"\ntogether {together}")
    assert together.runs_settled > 0.6 * together.runs
    assert honest(together)


@pytest.mark.slow
@pytest.mark.parametrize("start", ["hot", "up"])
def test_the_former_rule_fails_at_the_critical_temperature(tallies, start):
    now, former = tallies[64, CRITICAL, start]
    assert honest(now)
    assert not honest(former)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("L", "temperature", "wolff", "n"),
    [(32, CRITICAL, False, 12_000), (64, CRITICAL, True, 5000), (64, 2.0, True, 1000)],
)
def test_cluster_runs_settle_and_are_right(L, temperature, wolff, n):
    tally = Tally()
    for series in by_clusters(L, temperature, wolff, n, 5).transpose(1, 0, 2):
        tally.add(follow(series, 10), *truth(L, temperature))
    print(f"\n{'Wolff' if wolff else 'Swendsen-Wang'} at {temperature:.3f}: {tally}")
    assert tally.runs_settled >= 6
    assert tally.runs_wrong <= 3
    assert tally.furthest < NEVER
