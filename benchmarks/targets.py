"""One kernel compiled for this processor and for older ones that it can stand in for, each in a process of its own.

Numba reads what to compile for when it starts, from ``NUMBA_CPU_NAME`` and ``NUMBA_CPU_FEATURES``.
"""

import json
from pathlib import Path

from . import report, work_ising
from .environment import target_names
from .measure import measure

SIDES = 64, 1024


def merged(contents: dict, found: dict) -> dict:
    """Return the stored ``contents`` with one target's results put in; those of another processor go."""
    same = [old for old in contents.get("targets", []) if old["machine"]["processor"] == found["machine"]["processor"]]
    name = found["machine"]["forced_target"]
    kept = [old for old in same if old["machine"]["forced_target"] != name]
    order = target_names()
    every = sorted([*kept, found], key=lambda entry: order.index(entry["machine"]["forced_target"]))
    return {**contents, "targets": every}


def run(path: Path, quick: bool, rounds: int) -> int:
    """Measure local updates with the kernels compiled for ``NUMBA_CPU_NAME`` and put them into ``path``; return 0."""
    results = [measure(work_ising.local_row("metropolis", side, quick), rounds) for side in SIDES]
    found = report.document(results, {}, quick=quick, seconds=0.0)
    found |= {"command": "python benchmarks/run.py --targets" + (" --quick" if quick else "")}
    for name in ("missing", "seconds"):
        del found[name]
    print(found["machine"]["forced_target"] or "this processor")
    print(report.table(results, {}), flush=True)
    contents = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    report.store(path, merged(contents, found))
    return 0
