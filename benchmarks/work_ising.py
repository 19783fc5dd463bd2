"""Rows of the Ising model: local updates, cluster updates, data sets, the live figure and a temperature sweep."""

import math
from pathlib import Path

import numpy as np

from mlrg_lib.ising import CRITICAL_BETA, _engines, sample
from mlrg_lib.ising.observables import autocorrelation_time, energy, magnetization

from . import work_startup
from .bounds import generator_bound
from .measure import Contender, Row
from .peers import cluster_peers, local_peers, mcising_simulation
from .plain import metropolis_sweeps

_TEMPERATURES = np.linspace(1.6, 3.2, 50)


def _engine(algorithm, L, beta, n_chains, n_threads=1):
    rng = np.random.default_rng(1)
    return _engines.create(algorithm, L, beta, n_chains, n_chains, "random", rng, _engines.Pool(n_threads))


def lattices(algorithm, L, n_chains, attempts, *, beta=CRITICAL_BETA, n_threads=1, name="ours") -> Contender:
    """Return lattices advanced together by the library's engine, as :func:`mlrg_lib.ising.sample` does."""
    engine = _engine(algorithm, L, beta, n_chains, n_threads)
    n_sweeps = max(1, round(attempts / (L * L * n_chains)))
    return Contender(name, lambda: engine.advance(n_sweeps), L * L * n_chains * n_sweeps)


def local_row(algorithm, L, quick, target=None):
    """One sweep after another at the critical point, attempts per nanosecond."""
    attempts = 3e7 if quick else 2e8
    ours = lattices(algorithm, L, 512 if L <= 64 else 1, attempts)
    what = f"512 lattices of {L}²" if L <= 64 else f"one lattice of {L}²"
    name = "Metropolis" if algorithm == "metropolis" else "heat bath"
    note = "a peer advances one lattice at a time, so a ratio at small L is one of throughput" if L <= 64 else ""
    return Row(
        f"{algorithm}-{L}", f"{name}, {what}", "attempts/ns", 1e-9, True, ours,
        local_peers(algorithm, L, attempts / 60), generator_bound(), target, note,
    )  # fmt: skip


def single_chain_row(quick):
    """A single 40 x 40 chain: the rows of the lattice are the bits of a word."""
    L, attempts = 40, 3e6 if quick else 2e7
    ours = lattices("metropolis", L, 1, attempts)
    note = "the rows of the one lattice are the bits of a word, 40 of 64"
    return Row("single-chain", "Metropolis, a single chain of 40²", "attempts/ns", 1e-9, True, ours,
               local_peers("metropolis", L, attempts), None, 8.0, note)  # fmt: skip


def threads_row(quick):
    """Two threads against one."""
    attempts = 5e8
    one = lattices("metropolis", 64, 1024, attempts, name="ours, one thread")
    return Row("two-threads", "Metropolis, 1024 lattices of 64², two threads", "attempts/ns", 1e-9, True,
               lattices("metropolis", 64, 1024, attempts, n_threads=2), (one,), None, 1.8, threads=2)  # fmt: skip


def cluster_row(algorithm, L, quick):
    """Updates of lattices in equilibrium at the critical point."""
    n_chains, sites = 8 if L < 256 else 2, L * L
    if algorithm == "swendsen_wang":
        engine = _engine("swendsen_wang", L, CRITICAL_BETA, n_chains)
        engine.advance(200)
        n = max(1, round((1e6 if quick else 5e6) / (sites * n_chains)))
        ours = Contender("ours", lambda: engine.advance(n), sites * n * n_chains)
        return Row(f"swendsen-wang-{L}", f"Swendsen–Wang, {L}² at Tc", "ns/site", 1e9, False, ours,
                   cluster_peers(algorithm, L, n * n_chains), None, 4.0)  # fmt: skip
    engine = _engine("wolff", L, CRITICAL_BETA, n_chains)
    engine.advance(100)
    n = max(1, round((40 if quick else 200) * 128**2 / sites / engine.clusters_per_update))
    ours = Contender("ours", lambda: engine.advance(n), n * n_chains * engine.clusters_per_update)
    return Row(f"wolff-{L}", f"Wolff, {L}² at Tc", "µs/cluster", 1e6, False, ours,
               cluster_peers(algorithm, L, ours.amount))  # fmt: skip


def _spacing(series) -> int:
    """Return the updates between independent configurations: twice the slower of the two autocorrelation times."""
    return math.ceil(2 * max(autocorrelation_time(s)[0] for s in series))


def independent_row(L, quick):
    """Independent configurations at the critical point: two autocorrelation times apart, measured for each code."""
    n_chains = 8 if L < 256 else 2
    engine = _engine("swendsen_wang", L, CRITICAL_BETA, n_chains)
    engine.advance(200)
    records = []
    for _ in range(1000 if quick else 3000):
        engine.advance(1)
        records.append(engine.measure())
    energy, m = np.array(records)[:, 0].T, np.array(records)[:, 1].T
    gap = _spacing([energy, np.abs(m)])
    n = max(1, round((1e6 if quick else 5e6) / (L * L * n_chains * gap)))
    ours = Contender("ours", lambda: engine.advance(gap * n), n * n_chains)
    peers, numbers = [], {"ours: updates apart": gap}
    for algorithm in ("wolff", "swendsen_wang"):
        simulation = mcising_simulation(L, algorithm)
        if simulation is None:
            continue
        temperature = 1 / CRITICAL_BETA
        warm = 200 if algorithm == "swendsen_wang" else 1000
        simulation.sweep(warm, temperature=temperature)
        run = simulation.production_sweeps(4000 if quick else 10000, 1, temperature=temperature, store_configs=False)
        apart = _spacing([np.asarray(run["energies"])[None], np.abs(np.asarray(run["magnetizations"]))[None]])
        numbers[f"mcising {algorithm}: updates apart"] = apart
        count = 20 if L < 256 else 3
        peers.append(
            Contender(
                f"mcising {algorithm}",
                lambda s=simulation, n=apart * count: s.sweep(n, temperature=1 / CRITICAL_BETA),
                count,
            )
        )
    return Row(f"independent-{L}", f"independent configurations of {L}² at Tc", "1/s", 1.0, True, ours, tuple(peers),
               None, 4.0, "an independent configuration is 2 τ updates, τ measured in the same run for each code",
               numbers)  # fmt: skip


DATA_SIDE, DATA_BETA, DATA_SAMPLES = 40, 0.408, 20480
# From a hot start the energy and m² approach their values e-fold in 17 sweeps at this temperature. After 80 the energy
# is 1.5e-4 off and m² by 0.8 %; from 100 on, 409,600 chains see neither. 240 leave about a millionth of m².
_SWEEPS = 240


def independent_chains(n_threads):
    """Draw 20,480 configurations, each from a chain of its own that starts hot and makes 240 sweeps."""
    return sample(DATA_SIDE, DATA_BETA, DATA_SAMPLES, algorithm="metropolis", n_chains=DATA_SAMPLES,
                  burn_in=_SWEEPS, thin=1, n_threads=n_threads, rng=1)  # fmt: skip


def dataset_row(n_threads, quick):
    """The learning set of the book: 20,480 configurations as int8."""
    peers, numbers = [], {}
    simulation = mcising_simulation(DATA_SIDE, "wolff")
    if simulation is not None:
        temperature = 1 / DATA_BETA
        simulation.sweep(2000, temperature=temperature)
        run = simulation.production_sweeps(10000, 1, temperature=temperature, store_configs=False)
        apart = _spacing([np.asarray(run["energies"])[None], np.abs(np.asarray(run["magnetizations"]))[None]])
        n = 1024 if quick else 2048
        numbers = {"mcising Wolff: clusters apart": apart, "mcising: samples measured": n}
        peers.append(
            Contender(
                "mcising Wolff",
                lambda: simulation.production_sweeps(n, apart, temperature=temperature, store_configs=True),
                n / DATA_SAMPLES,
            )
        )
    if Path("/proc/self/status").exists():
        numbers |= work_startup.peak_memory(n_threads)
    attempts = DATA_SAMPLES * DATA_SIDE**2 * _SWEEPS
    words = generator_bound()
    bound = Contender("random words", words.run, words.amount / attempts * n_threads)
    note = (
        f"β = 0.408; ours: every configuration from its own chain, {_SWEEPS} sweeps from a hot start; "
        "the peer: one chain, 2 τ apart, a part of the samples measured and scaled, one thread"
    )
    work = f"20,480 lattices of 40², threads: {n_threads}"
    return Row(f"dataset-{n_threads}", work, "s", 1.0, False,
               Contender("ours", lambda: independent_chains(n_threads)), tuple(peers), bound, 4.0, note,
               numbers, n_threads)  # fmt: skip


def dataset_default_row(quick):
    """The same by the plain call, which measures its autocorrelation time first."""
    ours = Contender("ours", lambda: sample(DATA_SIDE, DATA_BETA, DATA_SAMPLES, n_threads=1, rng=1))
    return Row("dataset-default", "the same by sample(40, 0.408, 20480), one thread", "s", 1.0, False, ours)


def slider_row(quick):
    """What a move of the temperature slider costs before drawing: 100 sweeps of 128 x 128."""
    fast = lattices("metropolis", 128, 1, 100 * 128**2, beta=0.43)
    spins = np.random.default_rng(4).choice(np.array([-1, 1], dtype=np.int8), size=(128, 128))
    table = np.exp(-2 * 0.43 * np.array([0.0, 0.0, 0.0, 2.0, 4.0]))
    state = np.random.default_rng(4).integers(0, 2**64, size=4, dtype=np.uint64)
    plain = Contender("plain numba loop", lambda: metropolis_sweeps(spins, table, 100, state))
    note = "target: 1 ms"
    return Row("slider", "100 sweeps of 128², one lattice", "ms", 1e3, False, Contender("ours", fast.run), (plain,),
               None, None, note)  # fmt: skip


def temperature_sweep():
    """Measure energy and |m| with errors at 50 temperatures, from the spread of 32 chains."""
    points = []
    for temperature in _TEMPERATURES:
        spins = sample(64, 1 / temperature, 256, algorithm="swendsen_wang", n_chains=32, burn_in=30, thin=5,
                       n_threads=2, rng=5)  # fmt: skip
        for values in (energy(spins), np.abs(magnetization(spins))):
            means = values.reshape(8, 32).mean(axis=0)
            points.append((means.mean(), means.std(ddof=1) / math.sqrt(32)))
    return points


def temperature_row(quick):
    """A curve through the critical point."""
    note = "target: 2 s; 32 chains, 30 Swendsen–Wang updates before the first and 5 between records"
    return Row("temperatures", "50 temperatures at L = 64, 256 configurations each, with errors, threads: 2", "s", 1.0,
               False, Contender("ours", temperature_sweep), (), None, None, note, threads=2)  # fmt: skip


ROWS = {
    **{
        f"metropolis-{L}": (lambda quick, L=L: local_row("metropolis", L, quick, 40.0))
        for L in (40, 64, 256, 1024, 4096)
    },
    **{f"heat_bath-{L}": (lambda quick, L=L: local_row("heat_bath", L, quick)) for L in (64, 1024)},
    "single-chain": single_chain_row,
    "two-threads": threads_row,
    **{f"swendsen-wang-{L}": (lambda quick, L=L: cluster_row("swendsen_wang", L, quick)) for L in (128, 512)},
    "wolff-128": lambda quick: cluster_row("wolff", 128, quick),
    "independent-128": lambda quick: independent_row(128, quick),
    "dataset-1": lambda quick: dataset_row(1, quick),
    "dataset-2": lambda quick: dataset_row(2, quick),
    "dataset-default": dataset_default_row,
    "slider": slider_row,
    "temperatures": temperature_row,
}
