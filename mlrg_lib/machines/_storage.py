"""Reading and writing trained machines: one npz file, no pickles."""

import json
import os
import tempfile
import zipfile
import zlib

import numpy as np

from ._training import State

__all__ = ["load_rbm", "save_rbm"]

_FORMAT = "mlrg_lib RBM 1"
_DAMAGED = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)


def save_rbm(rbm, path) -> None:
    """Write ``rbm`` to ``path``; the file appears complete or not at all."""
    parameters = rbm.get_params(deep=False)
    parameters["on_epoch"] = None
    if isinstance(parameters["rng"], np.random.Generator):
        parameters["rng"] = None
    header = {"format": _FORMAT, "parameters": parameters, "history": rbm.history_, "n_epochs": rbm.n_epochs_}
    arrays = {"weights": rbm.weights_, "hidden_bias": rbm.hidden_bias_, "visible_bias": rbm.visible_bias_}
    if (state := getattr(rbm, "_state", None)) is not None:
        header["state"] = {"seed": state.seed, "calls": state.calls, "epochs": state.epochs}
        arrays |= {f"velocity_{i}": v for i, v in enumerate(state.velocities)}
        if state.chains is not None:
            arrays["chains"] = state.chains.astype(np.int8)
    text = np.frombuffer(json.dumps(header, default=_plain).encode(), dtype=np.uint8)
    folder = os.path.dirname(os.path.abspath(path))
    handle, temporary = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, header=text, **arrays)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _plain(value):
    return value.item() if isinstance(value, np.generic) else str(value)


def load_rbm(cls, path):
    """Return the machine stored at ``path``."""
    if not os.path.exists(path):
        raise FileNotFoundError(f"path must name a saved RBM, got {os.fspath(path)!r}, which does not exist")
    try:
        with open(path, "rb") as source, np.load(source, allow_pickle=False) as file:
            stored = {name: file[name] for name in file.files}
        header = json.loads(stored["header"].tobytes().decode())
        if header["format"] != _FORMAT:
            raise ValueError(f"its format is {header['format']!r}")
        parameters = dict(header["parameters"])
        n_hidden = parameters.pop("n_hidden")
        rbm = cls.from_parameters(stored["weights"], stored["hidden_bias"], stored["visible_bias"], **parameters)
        rbm.n_hidden = n_hidden
        rbm.history_, rbm.n_epochs_ = header["history"], header["n_epochs"]
        if "state" in header:
            rbm._state = _state(rbm, header["state"], stored)
    except _DAMAGED as error:
        raise ValueError(f"path must name a saved RBM, got {os.fspath(path)!r}: {error}") from error
    return rbm


def _state(rbm, counters, stored) -> State:
    kind = stored["velocity_0"].dtype
    chains = stored["chains"].astype(np.float32) if "chains" in stored else None
    return State(
        *(a.astype(kind) for a in (rbm.weights_, rbm.hidden_bias_, rbm.visible_bias_)),
        seed=int(counters["seed"]),
        calls=int(counters["calls"]),
        epochs=int(counters["epochs"]),
        chains=chains,
        velocities=[stored[f"velocity_{i}"] for i in range(3)],
    )
