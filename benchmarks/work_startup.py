"""Rows of starting up and of memory, each in a process of its own."""

import importlib.util
import subprocess
import sys

from .measure import Contender, Row

_SAMPLE = "import mlrg_lib; mlrg_lib.ising.sample(16, 0.3, 64, rng=0)"
_KERNEL = "import numpy; from mlrg_lib._kernels.rng import next_double; next_double(numpy.ones(4, numpy.uint64))"
_PEAK = """
import sys
sys.path.insert(0, {root!r})
def peak():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
import numpy as np
from benchmarks.work_ising import independent_chains
from mlrg_lib.ising import sample
sample(16, 0.3, 64, rng=0, n_threads=2)
before = peak()
independent_chains({threads})
print(before, peak())
"""


def python(code: str) -> str:
    """Run code in a fresh interpreter like this one and return what it prints."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def import_row(quick):
    """Start Python and import the library, or a peer."""
    peers = []
    for module in ("mcising", "sklearn.neural_network", "torch"):
        if importlib.util.find_spec(module.split(".")[0]) is not None:
            peers.append(Contender(module, lambda m=module: python(f"import {m}")))
    return Row("import", "start Python and import mlrg_lib", "s", 1.0, False,
               Contender("ours", lambda: python("import mlrg_lib")), tuple(peers),
               Contender("python alone", lambda: python("pass")), threads=0)  # fmt: skip


def first_result_row(quick):
    """From the start of the process to a first sample, kernels from the cache."""
    note = "target: 0.6 s; the bound calls one kernel of three lines, kept on disk too: what numba itself takes"
    return Row("first-result", "process start to 64 samples of 16², kernels cached", "s", 1.0, False,
               Contender("ours", lambda: python(_SAMPLE)), (),
               Contender("numba's own start", lambda: python(_KERNEL)), None, note, threads=0)  # fmt: skip


def peak_memory(threads: int = 2) -> dict[str, float]:
    """Return the peak resident memory in MiB of drawing the 20,480 configurations, before and after (Linux)."""
    from .environment import ROOT

    before, after = map(float, python(_PEAK.format(root=str(ROOT), threads=threads)).split())
    return {"MiB at peak before": before, "MiB at peak": after, "MiB of output": 20480 * 40 * 40 / 2**20}


ROWS = {"import": import_row, "first-result": first_result_row}
