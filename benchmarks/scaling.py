"""How the cost grows with the size: the curves of the book's appendix, with the machine and the date."""

import json
import time
from pathlib import Path

import numpy as np

from mlrg_lib.machines import exact
from mlrg_lib.rg.pca import mode_flow

from . import report, work_data, work_ising, work_machines
from .bounds import generator_bound
from .measure import Contender, interleave, spread
from .peers import local_peers


def _curve(title, x_name, y_name, points, *, rate, scale, rounds, processor=True):
    """Measure ``points``, pairs of x and contenders, turn by turn; return the series by contender's name."""
    clock = time.process_time if processor else time.perf_counter
    series = {}
    for x, contenders in points:
        for name, seconds in interleave(contenders, rounds, clock).items():
            values = spread([scale / t if rate else scale * t for t in seconds])
            entry = series.setdefault(name, {"x": [], "median": [], "low": [], "high": []})
            for key, value in {"x": x, **values._asdict()}.items():
                entry[key].append(float(f"{value:.4g}"))
    print(title, {name: entry["median"] for name, entry in series.items()}, flush=True)
    return {"title": title, "x": x_name, "y": y_name, "series": series}


def _local(quick):
    attempts = 3e7 if quick else 1.5e8
    for L in (8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096):
        contenders = []
        if L <= 128:
            contenders.append(work_ising.lattices("metropolis", L, 512, attempts, name="512 lattices"))
        if L >= 128:
            contenders.append(work_ising.lattices("metropolis", L, 1, attempts, name="one lattice"))
        contenders += [peer for peer in local_peers("metropolis", L, attempts / 100) if L >= 32]
        yield L, [*contenders, generator_bound()]


def _clusters(quick):
    for L in (16, 32, 64, 128, 256, 512, 1024):
        row = work_ising.cluster_row("swendsen_wang", L, quick)
        yield L, [row.ours, *row.peers]


def _threads(quick):
    for n in (1, 2, 4):
        yield n, [work_ising.lattices("metropolis", 64, 2048, 1e8 if quick else 5e8, n_threads=n)]


def _hidden(quick):
    X = work_machines.data(400 if quick else 1000)
    for n_hidden in (25, 50, 100, 200, 400, 800, 1600):
        bound = work_machines.products_bound(len(X), 100, 1, n_hidden)
        yield n_hidden, [work_machines.ours(X, "cd", 100, 1, n_hidden), bound]


def _enumeration(quick):
    for n in range(8, 21 if quick else 23, 2):
        machine = work_machines.exact_machine(np.random.default_rng(2), n)
        count = max(1, 2**18 // (n * 2**n))
        yield (
            n,
            [
                Contender(
                    "ours",
                    lambda machine=machine, count=count: [exact.log_partition(machine) for _ in range(count)],
                    n * 2.0**n * count,
                )
            ],
        )


def _variables(quick):
    n_samples = 4096 if quick else 8192
    for n in (32, 64, 128, 256, 512):
        X = work_data.data(n_samples, n)
        few = np.arange(n, 0, -1)[:: max(1, n // 16)]
        yield n, [Contender("ours", lambda X=X: mode_flow(X, n_blocks=0)), work_data.product_loop(X, few)]


def _samples(quick):
    for n_samples in (1000, 2000, 4000, 8000, 16000, 32000):
        X = work_data.data(n_samples, 128)
        yield n_samples, [Contender("ours", lambda X=X: mode_flow(X, n_blocks=0), n_samples)]


def run(path: Path, quick: bool, rounds: int) -> int:
    """Measure every curve and store them, keeping what is there of other targets; return 0."""
    begin = time.perf_counter()
    make = {
        "attempts": (_local, "Metropolis", "L", "attempts a nanosecond", True, 1e-9),
        "clusters": (_clusters, "Swendsen–Wang at Tc", "L", "nanoseconds a site", False, 1e9),
        "threads": (_threads, "Metropolis, 2048 lattices of 64²", "threads", "attempts a nanosecond", True, 1e-9),
        "hidden": (_hidden, "RBM CD-1, 1600 visible units", "hidden units", "microseconds a sample", False, 1e6),
        "enumeration": (_enumeration, "ln Z of n × n units", "n", "nanoseconds a state and unit", False, 1e9),
        "variables": (_variables, "fourth moments, all fractions", "variables N", "seconds", False, 1.0),
        "samples": (_samples, "fourth moments, N = 128", "samples T", "microseconds a sample", False, 1e6),
    }
    curves = {}
    for key, (points, title, x, y, rate, scale) in make.items():
        curves[key] = _curve(
            title, x, y, points(quick), rate=rate, scale=scale, rounds=rounds, processor=key != "threads"
        )
    contents = report.document([], {}, quick=quick, seconds=time.perf_counter() - begin)
    contents |= {"command": "python benchmarks/run.py --scaling" + (" --quick" if quick else ""), "curves": curves}
    for name in ("rows", "missing"):
        del contents[name]
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    report.store(path, contents | {name: old[name] for name in ("targets",) if name in old})
    print(path.name)
    return 0
