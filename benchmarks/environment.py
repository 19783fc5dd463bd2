"""The benchmarks' own environment: the library as it is pinned for the book, and every peer that can be installed."""

import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "peers.json"
TARGETS = {"x86_64": ("", "haswell", "nehalem", "generic")}  # processors to compile for; "" is the present one
LIBRARY = ("numpy", "numba", "scipy", "joblib", "threadpoolctl", "tqdm")
# One thread each: measured with more, BLAS and the peers' pools wait for one another.
ONE_THREAD = (
    *("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "NUMBA_NUM_THREADS"),
    *("VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS"),
)


def pins(text: str) -> dict[str, str]:
    """Return the pinned lines of a requirements file by package name."""
    lines = (line.split("#")[0].split(";")[0].strip() for line in text.splitlines())
    return {re.split(r"[=<>~! ]", line)[0].lower(): line for line in lines if line}


def first_reason(output: str) -> str:
    """Return the line of a failed installation that says why."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.upper().startswith("ERROR")]
    return (errors or lines or ["no message"])[0][:200]


def prepare(run=subprocess.run) -> dict[str, str]:
    """Make the environment if it is not there or not up to date; return the peers that are missing, with reasons."""
    library = pins((ROOT / "requirements.txt").read_text())
    peers = pins((HERE / "requirements.txt").read_text())
    wanted = [library[name] for name in LIBRARY]
    key = hashlib.sha256(json.dumps([wanted, peers, sys.version]).encode()).hexdigest()
    if STAMP.exists():
        stamp = json.loads(STAMP.read_text())
        if stamp["key"] == key:
            return stamp["missing"]
    if not PYTHON.exists():
        print(f"making {VENV.relative_to(ROOT)}", flush=True)
        run([sys.executable, "-m", "venv", str(VENV)], check=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, *wanted], check=True)
    run([*pip, "setuptools"], check=True)
    missing = {}
    for name, line in peers.items():
        print(f"installing {line}", flush=True)
        done = run([*pip, line, *(pin for other, pin in peers.items() if other == "torch" != name), *wanted],
                   capture_output=True, text=True)  # fmt: skip
        if done.returncode:
            missing[name] = first_reason(done.stderr)
    run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], check=True)
    STAMP.write_text(json.dumps({"key": key, "missing": missing}))
    return missing


def one_thread_environment() -> dict[str, str]:
    """Return the environment variables of a measurement: this process's, and one thread for every pool."""
    return {**os.environ, **dict.fromkeys(ONE_THREAD, "1"), "PYTHONPATH": str(ROOT)}


def target_names(architecture: str = platform.machine()) -> tuple[str, ...]:
    """Return the processors that kernels are compiled for; elsewhere than on x86-64 only the portable one."""
    return TARGETS.get({"AMD64": "x86_64"}.get(architecture, architecture), ("", "generic"))


def each_target(environ: dict[str, str], wanted: bool) -> list[dict[str, str]]:
    """Return the environment of each process to start: the one given, or one for each target."""
    if not wanted:
        return [environ]
    # Without the second variable numba adds this processor's own instructions to those of the one named.
    forced = [{"NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": ""} if name else {} for name in target_names()]
    return [environ | variables for variables in forced]
