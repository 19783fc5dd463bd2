"""Calls every public function with arguments it was not made for; the good arguments come from its own example.

    python tests/fuzz.py mlrg_lib.ising.exact [...]      prints what each module gets wrong

The doctests of a module are run once with a recorder around its public functions and methods. Then one argument at a
time is replaced. What must come back is a ``ValueError`` or ``TypeError``, or a result without a warning, and without
NaN unless the docstring speaks of NaN. Numbers near 1e300 may overflow, if a warning says so. A count of 2**62
may take for ever, if it can be interrupted. An array that is read-only, strided or of another byte order holds the
same numbers: the result must be the same too. Arrays of unequal length under one name of a mapping must be refused.
"""

import collections.abc
import contextlib
import copy
import doctest
import importlib
import inspect
import io
import numbers
import os
import pkgutil
import re
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import figure_examples
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book" / "_ext"))
from reference import is_returned

ALLOWED = (ValueError, TypeError, OSError, MemoryError, OverflowError)
SECONDS = 60  # of the processor, for one call
BUDGET = float(os.environ.get("FUZZ_BUDGET", 5))  # seconds of the processor for a function's variants; weekly more
HUGE = 2**62
# The compiler for the browser has tests of its own that hand in such faults; a point of a study takes seconds to
# minutes; the figures of measured times read one file.
ELSEWHERE = tuple(
    f"mlrg_lib.{name}"
    for name in (
        *("widgets.wasm", "figures.performance", "studies.block_or_correlation", "studies.good_transformations"),
        *("studies.learning_ising", "studies.rbm_flow", "studies.phi4_flow", "studies.shell_coupling"),
        *("studies.weight_flow", "studies.weight_fits", "studies.modes_in_data", "studies.mode_answers"),
        *("studies.good_again", "studies.good_answers"),
    )
)
HUGE_LABELS = {repr(v) for v in (HUGE, -HUGE, 1e300, 1e-300)} | {"huge"}
FURTHER = {  # examples of methods that their docstrings leave out
    "mlrg_lib.datasets.recordings": """
with contextlib.suppress(FileNotFoundError):  # the prices come with a package that not every system has
    stocks()
with contextlib.suppress(FileNotFoundError):
    fmri(0)
""",
    "mlrg_lib.machines.rbm": """
X = np.random.default_rng(0).choice([-1, 1], size=(12, 4)).astype(np.int8)
machine = RBM(3, n_epochs=1, rng=1).fit(X)
machine.partial_fit(X), machine.transform(X), machine.sample_hidden(X, rng=1), machine.reconstruct(X)
machine.hidden_energy(machine.sample_hidden(X, rng=1)), machine.score_samples(X), machine.score(X)
machine.sample(5, 2, rng=1), machine.sample(12, 2, start=X, rng=1)
""",
    "mlrg_lib.machines.storage": """
from mlrg_lib.machines import RBM
RBM.from_parameters(np.ones((2, 1))).save("machine.npz")
""",
    "mlrg_lib.machines.deep": """
X = np.random.default_rng(0).choice([-1, 1], size=(12, 4)).astype(np.int8)
stack = DeepBeliefNetwork((3, 2), n_epochs=1, rng=1).fit(X)
stack.sample(4, 3, rng=1), stack.visible_distribution(), stack.log_likelihood(X)
""",
    "mlrg_lib.machines.deep_boltzmann": """
X = np.random.default_rng(0).choice([-1, 1], size=(12, 4)).astype(np.int8)
deep = DeepBoltzmannMachine((3, 2), n_epochs=1, rng=1).fit(X)
deep.transform(X), deep.visible_distribution(), deep.sample(4, 3, rng=1)
""",
    "mlrg_lib.machines.convolutional": """
X = np.random.default_rng(0).choice([-1, 1], size=(8, 4, 4)).astype(np.int8)
machine = ConvolutionalRBM(2, n_epochs=1, rng=1).fit(X)
machine.free_energy(X), machine.sample_hidden(X, rng=1), machine.sample(8, 2, start=X, rng=1), machine.to_dense(4)
""",
    "mlrg_lib.rg.variational.hamiltonians": """
bond = couplings([-0.5, 0.5, 0.5, -0.5])
bond.of_order(2), bond.largest(2), bond.norm_by_order(), bond.norm_without([(0,)]), bond.truncated([(0, 1)])
bond.energies()
""",
    "mlrg_lib.studies.block_data": """
rng = np.random.default_rng(0)
spins = rng.choice([-1, 1], size=(6, 8, 8)).astype(np.int8)
clipped_correlation(free_field_spectrum(2.0, 8)), permutation(8)
clipped_gaussian(np.ones((8, 8)), 3, rng=rng)
""",
    "mlrg_lib.studies.block_fits": """
predicted_size(np.eye(16), 4)
""",
    "mlrg_lib.widgets.live": """
StaticFigure("ising", {"params": {}, "values": {}}), static_html("ising", temperature=2.0)
""",
    **figure_examples.FURTHER,
}


class Call(NamedTuple):
    """One recorded call: the function, its bound arguments, and the object it is a method of."""

    function: object
    arguments: dict
    owner: object


class Finding(NamedTuple):
    """A call that broke the rule."""

    function: str
    parameter: str
    value: str
    what: str

    def __str__(self):
        return f"{self.function}({self.parameter}={self.value}): {self.what}"


def public(module):
    """Yield (name, holder, function) for each public function that the module defines, and for the methods of what
    these return."""
    for name in (*module.__all__, *(name for name, value in vars(module).items() if is_returned(module, value))):
        value = getattr(module, name)
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value):
            yield name, module, value
        elif inspect.isclass(value) and not issubclass(value, tuple) and not getattr(value, "_is_protocol", False):
            for method, function in vars(value).items():
                if inspect.isfunction(function) and (method == "__init__" or not method.startswith("_")):
                    yield f"{name}.{method}", value, function


def record(module) -> dict[str, Call]:
    """Run the module's doctests and return the first call of each public function in them."""
    calls, undo = {}, []

    def wrap(name, function, is_method):
        signature = inspect.signature(function)

        def recorder(*args, **kwargs):
            found = None
            if name not in calls:
                with contextlib.suppress(Exception):
                    bound = signature.bind(*args, **kwargs)
                    bound.apply_defaults()
                    arguments = dict(bound.arguments)
                    owner = copy.deepcopy(arguments.pop("self")) if is_method else None
                    found = Call(function, copy.deepcopy(arguments), owner)
            result = function(*args, **kwargs)
            if found:
                calls.setdefault(name, found)
            return result

        recorder.__wrapped__, recorder.__module__ = function, function.__module__
        recorder.__name__, recorder.__doc__ = function.__name__, function.__doc__
        return recorder

    loaded = [m for n, m in list(sys.modules.items()) if n.startswith("mlrg_lib") and m is not None]
    tests = doctest.DocTestFinder().find(module, module.__name__)
    try:
        for name, holder, function in list(public(module)):
            wrapper = wrap(name, function, inspect.isclass(holder))
            for where in [holder] if inspect.isclass(holder) else loaded:
                key = function.__name__
                if vars(where).get(key) is function:
                    undo.append((where, key, function))
                    setattr(where, key, wrapper)
        with contextlib.redirect_stdout(io.StringIO()):
            exec(FURTHER.get(module.__name__, ""), {**vars(module), "np": np, "contextlib": contextlib})
            for test in tests:
                test.globs.update(vars(module))
                doctest.DocTestRunner(verbose=False).run(test, clear_globs=False)
    finally:
        for where, key, function in undo:
            setattr(where, key, function)
    return calls


def wrong_values(value) -> list[tuple[str, object]]:
    """Return (label, replacement) pairs that the argument was not made for."""
    bad = [("None", None), ("object()", object()), ("'nonsense'", "nonsense")]
    if isinstance(value, bool):
        return [*bad, ("2", 2), ("nan", np.nan)]
    if isinstance(value, numbers.Number):
        numeric = [-1, 0, -value, HUGE, -HUGE, np.nan, np.inf, -np.inf, 2.5, 1e300, 1e-300, 1j, True]
        return bad + [(repr(v), v) for v in numeric] + [("[value, value]", [value, value]), ("empty", np.empty(0))]
    if isinstance(value, str):
        return [("None", None), ("3", 3), ("'nonsense'", "nonsense"), ("''", ""), ("'../x'", "../x\0")]
    if isinstance(value, np.random.Generator):
        return [("-1", -1), ("'x'", "x"), ("2.5", 2.5)]
    array = as_numbers(value)
    if array is None:
        return [*bad, ("3", 3), ("empty", np.empty(0))]
    nan, infinite = np.array(array, dtype=float), np.array(array, dtype=float)
    nan.flat[-1:], infinite.flat[-1:] = np.nan, np.inf
    return bad + [
        ("NaN inside", nan),
        ("infinity inside", infinite),
        ("empty", np.empty((0,) * max(array.ndim, 1))),
        ("no rows", array[:0]),
        ("one axis more", array[None]),
        ("one axis less", array[0] if array.ndim else array),
        ("last axis shorter", array[..., :-1] if array.ndim else array),
        ("first axis shorter", array[:-1] if array.ndim else array),
        ("one row", array[:1] if array.ndim else array),
        ("strings", array.astype(str)),
        ("objects", array.astype(object)),
        ("complex", array.astype(complex) + 1j),
        ("huge", array * 1e300),
        ("negative", -array if array.dtype.kind != "b" else array),
        ("zeros", np.zeros_like(array)),
        ("halves", array + 0.5),
        ("a number", 3),
        ("ragged", [[1, 2], [3]]),
        *([(MASKED, masked(array))] if array.size else []),
    ]


UNEQUAL = "one of its arrays is shorter than the others"
MASKED = "an entry behind a mask"


def masked(array):
    """Return the array with its last entry hidden."""
    found = np.ma.array(np.atleast_1d(array), mask=False)
    found.mask.flat[-1:] = True
    return found


def wrong_inside(value) -> list[tuple[str, object]]:
    """Return (label, replacement) pairs for a mapping: the same mapping with one wrong entry."""
    if not isinstance(value, collections.abc.Mapping) or not value:
        return []
    first, entry = next(iter(value.items()))
    found = [(f"[{first!r}] {label}", {**value, first: wrong}) for label, wrong in wrong_values(entry)]
    if isinstance(entry, tuple) and len({np.shape(item) for item in entry if item is not None}) == 1:
        for k, item in enumerate(entry):
            if np.ndim(item) == 1 and len(item) > 1:
                variants = [*wrong_values(item), (UNEQUAL, item[:-1])]
                entries = [(label, (*entry[:k], wrong, *entry[k + 1 :])) for label, wrong in variants]
                found += [(f"[{first!r}][{k}] {label}", {**value, first: wrong}) for label, wrong in entries]
    return found


def same_numbers(value) -> list[tuple[str, object]]:
    """Return (label, replacement) pairs that hold the same numbers in another form."""
    array = as_numbers(value)
    if array is None or not isinstance(value, np.ndarray) or array.size == 0:
        return []
    frozen = array.copy()
    frozen.flags.writeable = False
    wide = np.repeat(array, 2, axis=-1) if array.ndim else array
    forms = [("read-only", frozen), ("strided", wide[..., ::2] if array.ndim else array), ("list", array.tolist())]
    if array.ndim > 1:
        forms.append(("Fortran order", np.asfortranarray(array)))
    if array.dtype.kind == "i":
        forms.append(("int64", array.astype(np.int64)))
    if array.dtype.kind in "if":
        forms.append(("big-endian", array.astype(array.dtype.newbyteorder(">"))))
    return forms


def as_numbers(value) -> np.ndarray | None:
    """Return the value as a numeric array if it is one, a list or a tuple of numbers."""
    if isinstance(value, np.ndarray):
        return value if value.dtype.kind in "biuf" else None
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        with contextlib.suppress(ValueError, TypeError):
            array = np.asarray(value)
            return array if array.dtype.kind in "biuf" else None
    return None


def leaves(result):
    """Yield the numbers of a result, wherever they sit."""
    if isinstance(result, np.ndarray | numbers.Number):
        if np.asarray(result).dtype.kind in "biufc":
            yield np.asarray(result)
    elif isinstance(result, dict):
        for value in result.values():
            yield from leaves(value)
    elif isinstance(result, list | tuple):
        for value in result:
            yield from leaves(value)
    elif hasattr(result, "__dataclass_fields__"):
        yield from leaves([getattr(result, name) for name in result.__dataclass_fields__])


def speaks_of_nan(call: Call) -> bool:
    return "NaN" in (call.function.__doc__ or "")


def has_nan(result) -> bool:
    return any(bool(np.isnan(leaf).any()) for leaf in leaves(result) if leaf.dtype.kind in "fc")


class TookTooLong(Exception):
    """The alarm's exception."""


def _alarm(*_):
    raise TookTooLong


def attempt(call: Call, arguments: dict, seconds: int = SECONDS):
    """Make the call; return (result, None) or (None, what went wrong)."""
    owner, arguments = copy.deepcopy(call.owner), {k: copied(v) for k, v in arguments.items()}
    signature = inspect.signature(call.function)
    args, kwargs = [] if call.owner is None else [owner], {}
    for name, parameter in signature.parameters.items():
        if name not in arguments:
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            args += list(arguments[name]) if isinstance(arguments[name], list | tuple) else [arguments[name]]
        elif parameter.kind is parameter.VAR_KEYWORD:
            kwargs.update(arguments[name] if isinstance(arguments[name], dict) else {})
        elif parameter.kind is parameter.KEYWORD_ONLY:
            kwargs[name] = arguments[name]
        else:
            args.append(arguments[name])
    # Again and again: an alarm that rings inside a callback of the garbage collector is printed and lost.
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    try:
        with np.errstate(), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):  # alarms skip exits
            warnings.simplefilter("error")
            result = call.function(*args, **kwargs)
            if inspect.isgenerator(result):
                result = next(result, None)
            return result, None
    except ALLOWED as error:
        return None, error
    except TookTooLong:
        return None, f"no answer in {seconds} s of the processor"
    except (Exception, SystemExit) as error:
        return None, f"{type(error).__name__}: {error}".splitlines()[0][:150]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def copied(value):
    try:
        return copy.deepcopy(value) if not isinstance(value, np.ndarray) or value.flags.writeable else value
    except Exception:
        return value


def equal(a, b) -> bool:
    pairs = list(zip(leaves(a), leaves(b), strict=False))
    return all(x.shape == y.shape and np.allclose(x, y, rtol=1e-6, atol=1e-9, equal_nan=True) for x, y in pairs)


def fuzz(module_name: str) -> tuple[int, list[Finding], list[str]]:
    """Return the number of calls made, what was found, and the functions whose example never called them."""
    face = os.environ.get("MLRG_STATIC")
    try:
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            return _fuzz(importlib.import_module(module_name))
    finally:
        os.environ.pop("MLRG_STATIC", None)
        if face is not None:
            os.environ["MLRG_STATIC"] = face


def _fuzz(module):
    calls = record(module)
    os.environ["MLRG_STATIC"] = "1"  # the live faces of widgets compile, and wait for a kernel
    missing = [name for name, *_ in public(module) if name not in calls]
    signal.signal(signal.SIGPROF, _alarm)
    made, found = 0, []
    for name, call in calls.items():
        base, problem = attempt(call, call.arguments)
        made += 1
        if problem is not None:
            found.append(Finding(name, "", "its own example", str(problem)))
            continue
        stop = time.process_time() + BUDGET
        holds_or_draws = name.endswith("__init__") or ".figures" in module.__name__
        refused = (UNEQUAL,) if holds_or_draws else (UNEQUAL, MASKED)
        seeded = isinstance(call.arguments.get("rng", 0), int | np.random.Generator)
        for parameter, value in call.arguments.items():
            if time.process_time() > stop:
                print(f"{name}: stopped before {parameter}, its example is slow")
                break
            for label, replacement in wrong_values(value) + wrong_inside(value):
                if holds_or_draws and label.endswith(MASKED):
                    continue
                huge = label.rpartition("] ")[2] in HUGE_LABELS
                result, problem = attempt(call, {**call.arguments, parameter: replacement}, 2 if huge else SECONDS)
                made += 1
                if isinstance(problem, str):
                    if not (huge and re.match(r"\w+Warning|no answer|RuntimeError: 600 digits", problem)):
                        found.append(Finding(name, parameter, label, problem))
                elif problem is None and label.endswith(refused):
                    found.append(Finding(name, parameter, label, "accepted"))
                elif problem is None and has_nan(result) and not (has_nan(base) or speaks_of_nan(call)):
                    found.append(Finding(name, parameter, label, "NaN in the result"))
            for label, replacement in same_numbers(value):
                result, problem = attempt(call, {**call.arguments, parameter: replacement})
                made += 1
                if problem is not None:
                    found.append(Finding(name, parameter, label, f"refused: {problem}"))
                elif seeded and not equal(base, result):
                    found.append(Finding(name, parameter, label, "another result for the same numbers"))
    return made, found, missing


def modules() -> list[str]:
    """Return the modules that define something public, but for those that compile or train for minutes."""
    import mlrg_lib

    names = [info.name for info in pkgutil.walk_packages(mlrg_lib.__path__, "mlrg_lib.")]
    names = [n for n in names if not any(p.startswith("_") for p in n.split(".")) and not n.startswith(ELSEWHERE)]
    return [n for n in names if next(public(importlib.import_module(n)), None)]


if __name__ == "__main__":
    for wanted in sys.argv[1:] or modules():
        count, findings, uncalled = fuzz(wanted)
        print(f"{wanted}: {count} calls, {len(findings)} findings, examples do not call {uncalled}", flush=True)
        for finding in findings:
            print("   ", finding, flush=True)
