"""One result, one file: written whole or not at all, and believed only if its contents match their checksum."""

import contextlib
import hashlib
import json
import os
import time
import uuid
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np

__all__ = ["DamagedError", "read", "remove_leftovers", "write"]

_INPUTS, _CHECKSUM, _SOURCE = "_inputs", "_checksum", "_source"
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
_LEFTOVER_SECONDS = 3600.0


class DamagedError(Exception):
    """A stored file that is not, or not any more, what was written."""


def _checksum(inputs: str, arrays: dict[str, np.ndarray]) -> str:
    """Return a SHA-256 of the inputs and of every array's name, type, shape and bytes."""
    digest = hashlib.sha256(inputs.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(json.dumps([name, array.dtype.str, array.shape]).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def write(path: Path, inputs: str, arrays: dict[str, np.ndarray], source: str = "") -> None:
    """Write one result atomically, with a digest of the text that computed it; an error leaves no part of a file."""
    buffer = BytesIO()
    marks = {_INPUTS: inputs, _CHECKSUM: _checksum(inputs, arrays), _SOURCE: source}
    marks = {name: np.array(mark) for name, mark in marks.items()}
    # The form of `numpy.savez`, which takes no ``allow_pickle`` before NumPy 2.2, and names among its arguments.
    with zipfile.ZipFile(buffer, "w") as archive:
        for key, array in (marks | arrays).items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
    part = path.parent / f".{path.stem}.{uuid.uuid4().hex}.part"
    try:
        with open(part, "xb") as file:
            file.write(buffer.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        message = f"{reason}: the result for {path.name} could not be stored; every earlier one is complete"
        raise OSError(error.errno, message, str(path.parent)) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system lets folders be synchronised."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    with contextlib.suppress(OSError):  # network shares refuse it; the result itself is there
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read(path: Path, inputs: str) -> tuple[dict[str, np.ndarray], str] | None:
    """Return the arrays stored at ``path`` and the digest of the text that computed them, or None if there is no such
    file; raise DamagedError if it cannot be trusted."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except FileNotFoundError:
        return None
    except _UNREADABLE as error:
        raise DamagedError(f"it cannot be read: {error}") from error
    if (found := arrays.pop(_INPUTS, None)) is None or str(found) != inputs:
        raise DamagedError("it belongs to other inputs")
    source = str(arrays.pop(_SOURCE, ""))  # older files have none
    if (found := arrays.pop(_CHECKSUM, None)) is None or str(found) != _checksum(inputs, arrays):
        raise DamagedError("its checksum does not match its contents")
    return arrays, source


def remove_leftovers(folder: Path) -> None:
    """Remove the parts that killed processes left behind; a part younger than an hour may be another's at work."""
    for part in folder.glob(".*.part"):
        try:
            if time.time() - part.stat().st_mtime > _LEFTOVER_SECONDS:
                part.unlink()
        except FileNotFoundError:
            continue
