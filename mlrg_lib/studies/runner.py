"""Run a study: one pure function on every point of a grid, each result stored as soon as it is there.

A study is a function at the top level of a module. It takes keyword arguments and returns a dict of arrays and
numbers. :func:`run_study` calls it on each point, on one core, on all cores, or on a Dask cluster::

    with joblib.parallel_config("dask"):
        run_study(point, points, folder)

Interrupt it whenever you like. What is finished stays, and the next call goes on from there. :func:`stored_results`
shows what is finished, also while a study runs.
"""

import hashlib
import inspect
import json
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import joblib
import numpy as np

from .. import __version__
from .._progress import progress
from .._threads import one_blas_thread
from .._validation import check_bool, check_int, check_unmasked
from . import _code, _store

__all__ = ["run_study", "stored_results"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def run_study(
    function: Callable[..., Mapping],
    points: Iterable[Mapping],
    folder: str | os.PathLike,
    *,
    context: Mapping | None = None,
    name: str | None = None,
    version: int = 1,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> list[dict]:
    """Evaluate a function at every point, keeping each result in a file of its own.

    Parameters
    ----------
    function : callable
        At the top level of a module that other processes can import, not of a script or a notebook, and pure: it is
        called as ``function(**point)`` and returns a dict of arrays and numbers. If it has a parameter ``rng`` that
        the points do not give, it gets ``point_generator(function, point)``.
    points : iterable of mappings
        Keyword arguments that JSON can write: numbers, strings, booleans, None, lists. NumPy scalars count as the
        Python numbers they are. Points may repeat; each distinct one is computed once.
    folder : path
        Where results are kept; created if missing. Several studies and several processes may share one.
    context : mapping, optional
        Further keyword arguments, the same for every point, which must not change any result: a folder of checkpoints,
        say. They are not part of a result's key.
    name : str, optional
        Beginning of the files' names; the function's module and name by default.
    version : int
        >= 0. Raise it when the function changes its meaning: results of other versions are then computed again.
    n_jobs : int, optional
        Processes, −1 for all cores; None for what ``joblib.parallel_config`` says, or one.
    verbose : bool
        Show a progress bar.

    Returns
    -------
    list of dict
        One for each point, in the order of the points, whatever the order of computation: arrays as NumPy arrays,
        numbers as NumPy scalars, the same whether computed now or read.

    Raises
    ------
    ValueError
        For a function that is not importable, points that JSON cannot write, or a result that is not a dict of arrays
        and numbers.
    OSError
        If a result cannot be stored, for a full disk say; the results before it are complete.

    Warns
    -----
    RuntimeWarning
        For each stored file that is damaged; it is named and its point computed again. And once if results that are
        used were computed by other code of ``function``: raise ``version`` if it changed their meaning.

    Notes
    -----
    A result's file name holds a hash of the function's qualified name, the parameters, the library's version and
    ``version``. The file holds these inputs and a SHA-256 of everything in it. It is written under another name in
    the same folder, synchronised and then renamed, so a file with the right name is always whole. Two processes on one
    folder at worst compute a point twice; they store the same.

    The calling process stores, so the workers of a cluster need not see the folder. BLAS and numba are held to one
    thread in each worker. An exception in one point ends the study with a note that says which point it was.

    Examples
    --------
    >>> import tempfile
    >>> from mlrg_lib.ising import exact
    >>> from mlrg_lib.studies import phi4_flow
    >>> grid = [{"alpha": 2.5, "start": start, "n_samples": 96} for start in (0.006, 0.014)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     now = run_study(phi4_flow.point, grid, folder)
    ...     again = run_study(phi4_flow.point, grid, folder)
    >>> bool(now[0]["coupling"] == again[0]["coupling"]), now[0]["coupling_at"].shape
    (True, (6,))
    """
    study = _study(function, points, folder, name, version)
    context, verbose = _check_context(context, study.wanted.values()), check_bool("verbose", verbose)
    if n_jobs is not None and check_int("n_jobs", n_jobs) == 0:
        raise ValueError("n_jobs must be a positive or negative integer or None, got 0")
    study.folder.mkdir(parents=True, exist_ok=True)
    _store.remove_leftovers(study.folder)

    found = _found(study)
    with progress(verbose, total=len(study.wanted), initial=len(found), unit="point") as bar:
        for text, arrays in _compute(study, context, found, n_jobs):
            _store.write(study.files[text], text, arrays, study.source)
            found[text] = arrays
            bar.update(1)
    for text in study.wanted.keys() - found.keys():  # another process finished these meanwhile
        arrays, _ = _trusted(study.files[text], text) or (None, "")
        if arrays is None:
            arrays = _evaluate(study.function, study.wanted[text], context, text)[1]
            _store.write(study.files[text], text, arrays, study.source)
        found[text] = arrays
    return [_plain(found[text]) for text in study.inputs]


def stored_results(
    function: Callable[..., Mapping],
    points: Iterable[Mapping],
    folder: str | os.PathLike,
    *,
    name: str | None = None,
    version: int = 1,
) -> list[dict | None]:
    """Return the results that are stored already, computing nothing: how far a study is.

    Parameters
    ----------
    function : callable
    points : iterable of mappings
    folder : path
    name : str, optional
    version : int
        As for :func:`run_study`.

    Returns
    -------
    list of dict or None
        One for each point, in the order of the points; None where nothing is stored, or nothing that can be trusted.

    Warns
    -----
    RuntimeWarning
        For each stored file that is damaged, and once for results of other code, as for :func:`run_study`.

    Examples
    --------
    >>> import tempfile
    >>> from mlrg_lib.studies import phi4_flow
    >>> grid = [{"alpha": 2.5, "start": start, "n_samples": 96} for start in (0.006, 0.014)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = run_study(phi4_flow.point, grid[:1], folder)
    ...     [result is None for result in stored_results(phi4_flow.point, grid, folder)]
    [False, True]
    """
    study = _study(function, points, folder, name, version)
    found = _found(study)
    return [_plain(found[text]) if text in found else None for text in study.inputs]


def evaluate(function: Callable[..., Mapping], point: Mapping) -> dict:
    """Evaluate one point exactly as :func:`run_study` does, storing nothing.

    Parameters
    ----------
    function : callable
    point : mapping
        As for :func:`run_study`.

    Returns
    -------
    dict

    Examples
    --------
    >>> from mlrg_lib.studies import phi4_flow
    >>> evaluate(phi4_flow.point, {"alpha": 2.5, "start": 0.006, "n_samples": 96})["coupling_at"].shape
    (6,)
    """
    _, function = _importable(function)
    (point,) = _check_points([point])
    return _plain(_evaluate(function, point, {}, "")[1])


def point_generator(function: Callable, point: Mapping) -> np.random.Generator:
    """Return the random generator of one point: it depends on the function's name and the parameters alone.

    Parameters
    ----------
    function : callable
    point : mapping
        As for :func:`run_study`.

    Returns
    -------
    numpy.random.Generator
        The same for any order of the points, any number of processes and any version.

    Examples
    --------
    >>> from mlrg_lib.studies import phi4_flow
    >>> a, b = (point_generator(phi4_flow.point, {"alpha": alpha}) for alpha in (1.5, 1.75))
    >>> bool(a.random() == b.random())
    False
    """
    qualified, _ = _importable(function)
    (point,) = _check_points([point])
    digest = hashlib.sha256(_canonical({"function": qualified, "parameters": point}).encode()).digest()
    return np.random.default_rng(np.random.SeedSequence(np.frombuffer(digest, dtype="<u4").tolist()))


class _Study(NamedTuple):
    """A function and its points, with the text that identifies each and the file it belongs in."""

    qualified: str
    function: Callable
    source: str  # digest of what the function executes, empty if that cannot be had
    folder: Path
    inputs: list[str]  # one for each point, in order
    wanted: dict[str, dict]
    files: dict[str, Path]


def _study(function, points, folder, name, version) -> _Study:
    qualified, function = _importable(function)
    points, version = _check_points(points), check_int("version", version, 0)
    prefix = qualified.removeprefix("mlrg_lib.studies.") if name is None else name
    if not isinstance(prefix, str) or not _NAME.fullmatch(prefix):
        raise ValueError(f"name must be letters, digits, '_', '-' and '.', got {name!r}")
    folder = Path(folder)
    if "\0" in str(folder):
        raise ValueError(f"folder must be a path, got {str(folder)!r}")
    inputs = [_inputs(qualified, point, version) for point in points]
    files = {text: folder / f"{prefix}-{hashlib.sha256(text.encode()).hexdigest()[:24]}.npz" for text in inputs}
    return _Study(
        qualified, function, _code.digest(function), folder, inputs, dict(zip(inputs, points, strict=True)), files
    )


def _found(study: _Study) -> dict[str, dict[str, np.ndarray]]:
    """Return what is stored and can be trusted; warn if the function was another one then."""
    read = {text: result for text in study.wanted if (result := _trusted(study.files[text], text)) is not None}
    others = sum(_code.differ(source, study.source) for _, source in read.values())
    if others:
        warnings.warn(
            f"{others} of {len(read)} stored results in {study.folder} were computed by other code than "
            f"{study.qualified} has now; raise version if that changed what they mean",
            RuntimeWarning,
            stacklevel=3,
        )
    return {text: arrays for text, (arrays, _) in read.items()}


def _plain(arrays: dict[str, np.ndarray]) -> dict:
    """Return the arrays, those without axes as NumPy scalars."""
    return {key: array[()] if array.ndim == 0 else array for key, array in arrays.items()}


def _importable(function) -> tuple[str, Callable]:
    """Return the name by which any process can import ``function``, and what it imports."""
    module, qualname = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    in_script = module == "__main__"
    if in_script:  # started as python -m package.module: the module has a name of its own
        spec = getattr(sys.modules["__main__"], "__spec__", None)
        module = None if spec is None else spec.name
    if callable(function) and module and qualname and "." not in qualname:
        imported = getattr(import_module(module), qualname, None)
        if imported is not None and getattr(imported, "__qualname__", None) == qualname:
            return f"{module}.{qualname}", imported
    advice = "; move it into a file of its own and import it from there" if in_script else ""
    raise ValueError(f"function must be a function at the top level of an importable module, got {function!r}{advice}")


def _canonical(value) -> str:
    return json.dumps(value, sort_keys=True, allow_nan=False)


def _check_points(points) -> list[dict]:
    if not isinstance(points, Iterable) or isinstance(points, str | Mapping) or len(points := list(points)) == 0:
        raise ValueError(f"points must be a non-empty sequence of mappings, got {points!r}")
    for point in points:
        if not isinstance(point, Mapping) or not all(isinstance(key, str) for key in point):
            raise ValueError(f"points must be mappings from parameter names to values, got {point!r}")
    points = [{key: _as_python(value) for key, value in point.items()} for point in points]
    for point in points:
        try:
            _canonical(point)
        except (TypeError, ValueError) as error:
            raise ValueError(f"points must hold values that JSON can write, got {point!r}: {error}") from error
    return points


def _as_python(value):
    return value.item() if isinstance(value, np.generic) else value


def _check_context(context, points) -> dict:
    if context is not None and (not isinstance(context, Mapping) or not all(isinstance(key, str) for key in context)):
        raise ValueError(f"context must be a mapping from parameter names to values or None, got {context!r}")
    repeated = sorted({key for point in points for key in point if key in (context or {})})
    if repeated:
        raise ValueError(f"context must not repeat parameters of the points, got {repeated}")
    return dict(context or {})


def _inputs(qualified: str, point: dict, version: int) -> str:
    return _canonical({"function": qualified, "parameters": point, "mlrg_lib": __version__, "version": version})


def _trusted(path: Path, inputs: str) -> tuple[dict[str, np.ndarray], str] | None:
    """Return a stored result and the digest of what computed it, or None: after a warning if its file is damaged."""
    try:
        return _store.read(path, inputs)
    except _store.DamagedError as error:
        warnings.warn(f"{path} is damaged and counts as missing: {error}", RuntimeWarning, stacklevel=4)
        return None


def _compute(study, context, found, n_jobs) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Yield each missing result as it comes; skip points whose file appeared since the study began."""
    missing = [text for text in study.wanted if text not in found]
    if not missing:
        return
    damaged = {text for text in missing if study.files[text].exists()}
    tasks = (
        joblib.delayed(_evaluate)(study.function, study.wanted[text], context, text)
        for text in missing
        if text in damaged or not study.files[text].exists()
    )
    parallel = joblib.Parallel(n_jobs=n_jobs, batch_size=1, return_as="generator_unordered")
    yield from parallel(tasks)


def _evaluate(function, point: dict, context: dict, text: str) -> tuple[str, dict[str, np.ndarray]]:
    """Call the function on one point, in whatever process this is, with one thread."""
    import numba

    try:
        threads = numba.get_num_threads()
        numba.set_num_threads(1)
    except ValueError:  # numba's own threads do not start, as with a threading layer that is not there
        threads = None
    try:
        extra = {}
        if "rng" not in point and "rng" in inspect.signature(function).parameters:
            extra["rng"] = point_generator(function, point)
        with one_blas_thread(look_again=True):
            result = function(**point, **context, **extra)
        return text, _as_arrays(result)
    except Exception as error:
        error.add_note(f"at the point {point} of the study {function.__module__}.{function.__qualname__}")
        raise
    finally:
        if threads:
            numba.set_num_threads(threads)


def _as_arrays(result) -> dict[str, np.ndarray]:
    if not isinstance(result, Mapping) or not all(isinstance(key, str) for key in result):
        raise ValueError(f"function must return a dict of arrays and numbers, got {type(result).__name__}")
    arrays = {}
    for key, value in result.items():
        check_unmasked(f"the result {key!r}", value)
        try:
            array = np.asarray(value)
        except ValueError as error:
            raise ValueError(f"function must return arrays and numbers, got {value!r} for {key!r}") from error
        if array.dtype.hasobject or key.startswith("_") or "/" in key:
            raise ValueError(f"function must return arrays and numbers under plain names, got {value!r} for {key!r}")
        arrays[key] = array
    return arrays
