"""Reading and writing trained machines: one npz file, no pickles."""

import json
import os
import zipfile
import zlib

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._files import replacing

__all__ = ["Storable"]

_DAMAGED = (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile, zlib.error)


class Storable:
    """A machine that can be written to a file and read again: all the machines of this library.

    Examples
    --------
    >>> import os, tempfile
    >>> from mlrg_lib.machines import RBM
    >>> machine = RBM.from_parameters([[-1.0], [-1.0]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "machine.npz")
    ...     machine.save(path)
    ...     again = RBM.load(path)
    >>> again.weights_.tolist()
    [[-1.0], [-1.0]]
    """

    def save(self, path: str | os.PathLike) -> None:
        """Write the machine to one ``.npz`` file, atomically and without pickling.

        Parameters, what was learned and the history are kept; of an :class:`RBM`, alone or in a stack, also momentum,
        chains and counters, so that ``partial_fit`` goes on after ``load`` exactly as it would have. ``on_epoch`` and
        a ``rng`` that is no integer are not stored.

        Parameters
        ----------
        path : str or path
            An existing file is replaced, but only when the new one is complete.

        Raises
        ------
        OSError
            If the file cannot be written; an earlier one is as it was.
        """
        check_is_fitted(self, self._learned)
        header, arrays = self._parts()
        header = {"format": self._format(), "parameters": stored_parameters(self)} | header
        text = np.frombuffer(json.dumps(header, default=_plain).encode(), dtype=np.uint8)
        with replacing(path) as file:
            np.savez(file, header=text, **arrays)

    @classmethod
    def load(cls, path: str | os.PathLike):
        """Read a machine written by ``save`` of the same class.

        Parameters
        ----------
        path : str or path

        Returns
        -------
        machine
            Of the class it is called on.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file is damaged or holds something else.
        """
        wanted = f"path must name a saved {cls._kind}, got {os.fspath(path)!r}"
        if not os.path.exists(path):
            raise FileNotFoundError(f"{wanted}, which does not exist")
        try:
            with open(path, "rb") as source, np.load(source, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            header = json.loads(arrays["header"].tobytes().decode())
            if header["format"] != cls._format():
                raise ValueError(f"its format is {header['format']!r}")
            return cls._from_parts(header, arrays)
        except _DAMAGED as error:
            raise ValueError(f"{wanted}: {error}") from error

    @classmethod
    def _format(cls) -> str:
        return f"mlrg_lib {cls._kind} 1"

    # A machine provides _kind, its name in files; _learned, an attribute that it has once it is fitted; _parts(), what
    # to store beside its parameters, a dict that JSON can write and a dict of arrays; and the class method
    # _from_parts(header, arrays), the machine made of these again.


def stored_parameters(machine) -> dict:
    """Return the constructor's parameters, without those that no file can hold."""
    parameters = machine.get_params(deep=False)
    if "on_epoch" in parameters:
        parameters["on_epoch"] = None
    if isinstance(parameters["rng"], np.random.Generator | np.random.SeedSequence | np.random.BitGenerator):
        parameters["rng"] = None
    return parameters


def _plain(value):
    return value.item() if isinstance(value, np.generic) else str(value)
