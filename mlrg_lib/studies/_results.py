"""The file of a whole study: it says where it comes from, is written whole or not at all, and is read by its own study.

A study's module has a function of one point, ``main(path, folder, n_jobs)`` that computes all points and stores what
the book shows, and ``load`` where reading takes more than JSON. What is the same for every study stands here.
"""

import argparse
import functools
import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from .. import __version__
from .._files import replacing
from .runner import run_study

__all__ = ["FOLDER", "main_of", "plain", "protocol", "read", "run", "seconds", "timed", "write"]

FOLDER = "_build/studies"  # where finished points wait


def timed(function: Callable[..., dict]) -> Callable[..., dict]:
    """Let a point's result hold the processor ``seconds`` it took: a study that resumes cannot look at a clock."""

    @functools.wraps(function)
    def clocked(*args, **kwargs) -> dict:
        began = time.process_time()
        return function(*args, **kwargs) | {"seconds": time.process_time() - began}

    return clocked


def seconds(results: list[dict]) -> int:
    """Take the seconds out of timed results and return their sum."""
    return round(sum(float(found.pop("seconds")) for found in results))


def plain(value, digits: int | None = None):
    """Return numbers, arrays and containers of them as JSON has them: None if not finite, else to so many figures."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {key: plain(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, digits) for item in value]
    if not isinstance(value, float):
        return value
    if not np.isfinite(value):
        return None
    return value if digits is None else float(f"{value:.{digits}g}")


def protocol(path: str | os.PathLike, study: str) -> str | None:
    """Return the SHA-256 of the protocol of a study whose file is ``path``, without its deviations; None without one.

    Protocols lie in ``protocols``, beside the folder of results.
    """
    file = Path(path).resolve().parent.parent / "protocols" / f"{study}.md"
    if not file.is_file():
        return None
    text = file.read_text(encoding="utf-8").partition("\n## Deviations")[0]
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def write(path: str | os.PathLike, study: str, results: Mapping, **facts) -> dict:
    """Store results with their provenance: as arrays if the path ends in ``.npz``, as JSON else.

    Parameters
    ----------
    path : path
    study : str
        The study's module.
    results : mapping
        From names to arrays, or to what JSON can write.
    **facts
        What else tells how the results were made: seeds, sizes, the seconds it took.

    Returns
    -------
    dict
        What was stored: "provenance" and the results.
    """
    provenance = {
        "command": f"python -m mlrg_lib.studies.{study} {os.fspath(path)}",
        **({"protocol": found} if (found := protocol(path, study)) else {}),
        **facts,
        "date": datetime.now(UTC).date().isoformat(),
        "mlrg_lib": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "processor": _processor(),
    }
    stored = {"provenance": provenance, **results}
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        if Path(path).suffix == ".npz":
            np.savez_compressed(file, **{**stored, "provenance": np.array(json.dumps(provenance))})
        else:
            text = json.dumps(stored, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
            file.write(text.encode("utf-8"))
            stored = json.loads(text)
    return stored


def read(path: str | os.PathLike, study: str, parse: Callable[[dict], object]) -> tuple[dict, object]:
    """Return the provenance of a stored study and what ``parse`` makes of its results.

    Raises
    ------
    FileNotFoundError
        If there is no such file: it says how to make it.
    ValueError
        If the file is not a complete result of this study.
    """
    wanted = f"path must be a result of studies.{study}, got {os.fspath(path)!r}"
    try:
        stored = _contents(Path(path))
        return stored.pop("provenance"), parse(stored)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{wanted}, which does not exist: `make study` computes those of the book, and "
            f"`python -m mlrg_lib.studies.{study} {os.fspath(path)}` this one"
        ) from error
    except Exception as error:
        raise ValueError(f"{wanted}: {error}") from error


def _contents(path: Path) -> dict:
    if path.suffix != ".npz":
        return json.loads(path.read_text(encoding="utf-8"))
    with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return {**arrays, "provenance": json.loads(str(arrays["provenance"]))}


def main_of(study: str, point: Callable, grid: Sequence[dict], contents: Callable, **facts) -> Callable[..., dict]:
    """Return the ``main`` of a study of one grid; ``contents`` makes of points and their results what is stored."""

    def main(
        path: str | os.PathLike,
        folder: str | os.PathLike = FOLDER,
        n_jobs: int = 1,
        points: Sequence[dict] = tuple(grid),
    ) -> dict:
        """Compute every point and write the file, whole or not at all.

        Parameters
        ----------
        path : path
            The JSON file.
        folder : path
            Where finished points wait.
        n_jobs : int
            Processes.
        points : sequence of dict
            Keyword arguments of ``point``; the study's own by default.

        Returns
        -------
        dict
            What was stored.
        """
        results = run_study(point, points, folder, n_jobs=n_jobs, verbose=True)
        took = seconds(results)
        return write(path, study, contents(points, results), **facts, seconds=took)

    main.__module__ = point.__module__
    return main


def run(study: str, main: Callable[..., dict]) -> None:
    """Run a study with the arguments of its command and print the provenance of what it stored."""
    parser = argparse.ArgumentParser(prog=f"python -m mlrg_lib.studies.{study}")
    parser.add_argument("path", help="the file to write")
    parser.add_argument("folder", nargs="?", default=FOLDER, help="where finished points wait (default: %(default)s)")
    parser.add_argument("processes", nargs="?", type=int, default=1, help="how many (default: %(default)s)")
    given = parser.parse_args()
    print(json.dumps(main(given.path, given.folder, given.processes)["provenance"]))


def _processor() -> str:
    """Return the processor's name and the number of cores."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        name = next(line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores"
