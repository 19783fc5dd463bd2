"""Study functions for the tests of the runner, in a module that every process can import."""

import os
import time
from pathlib import Path

import numpy as np


def record(folder, what):
    """Leave a mark that survives this process: one file for each call."""
    if folder is not None:
        handle = os.open(Path(folder) / f"{what}.{os.getpid()}.{time.time_ns()}", os.O_CREAT | os.O_EXCL)
        os.close(handle)


def noisy(x, rng, calls=None, gate=None, seconds=0.0, n=3):
    """Return numbers that depend on the parameters and on the generator; from x = 8 on, wait for the gate's file."""
    time.sleep(seconds)
    record(calls, f"x{x}")
    while gate is not None and x >= 8 and not Path(gate).exists():
        time.sleep(0.01)
    return {"square": x * x, "noise": rng.normal(size=n)}


def big(x, n=4096):
    """Return an array, for tests that damage its file."""
    return {"values": np.arange(n) * 0.5 + x, "label": "big"}


def threads(x):
    """Return how many threads BLAS and numba may use here."""
    import numba
    from threadpoolctl import threadpool_info

    blas = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return {"numba": numba.get_num_threads(), "blas": max(blas, default=1)}


def failing(x):
    """Fail at x = 2."""
    if x == 2:
        raise ZeroDivisionError("two is not allowed")
    return {"x": x}


def wrong(kind):
    """Return what no study may return."""
    return {
        "object": {"x": object()},
        "ragged": {"x": [[1], [1, 2]]},
        "list": [1, 2],
        "name": {"_x": 1},
        "masked": {"x": np.ma.array([1, 2], mask=[False, True])},
    }[kind]
