"""One run inside the benchmarks' environment: build each row, measure it, print and store."""

import json
import os
import platform
import time
from pathlib import Path

from . import report, work_data, work_ising, work_machines, work_startup
from .measure import measure

ROOT = Path(__file__).resolve().parent.parent
ROWS = {**work_ising.ROWS, **work_machines.ROWS, **work_data.ROWS, **work_startup.ROWS}


def chosen(words: list[str]) -> list[str]:
    """Return the keys that contain one of the words, or all."""
    keys = [key for key in ROWS if not words or any(word in key for word in words)]
    if not keys:
        raise SystemExit(f"no row's key contains {' or '.join(words)}; there are {', '.join(ROWS)}")
    return keys


def run(options) -> int:
    """Measure the rows asked for; return 0."""
    missing = json.loads(os.environ["MLRG_BENCHMARK_MISSING"])
    report.warn_if_busy(os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0)
    rounds = options.rounds or (3 if options.quick else 9)
    if options.scaling or options.targets:
        from . import scaling, targets

        part = scaling if options.scaling else targets
        return part.run(options.output or ROOT / "book/results/performance.json", options.quick, rounds)
    begin, results = time.perf_counter(), []
    for key in chosen(options.only):
        start = time.perf_counter()
        results.append(measure(ROWS[key](options.quick), rounds))
        print(f"{key}: {time.perf_counter() - start:.1f} s", flush=True)
    contents = report.document(results, missing, quick=options.quick, seconds=time.perf_counter() - begin)
    print("\n" + report.table(results, missing) + "\n")
    name = f"{platform.machine()}-{contents['date'][:19].replace(':', '')}{'-quick' if options.quick else ''}.json"
    path = options.output or ROOT / "benchmarks/results" / name
    report.store(path, contents)
    print(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
    return 0
