"""A pytest plugin that runs tests with the kernels as plain Python, and counts which of their lines were executed.

    NUMBA_DISABLE_JIT=1 python -m pytest -p interpreted tests/test_columns.py [...]

Python checks what a compiled kernel does not: every index, every name, every shape. The tests are the same that the
compiled kernels pass, most of them against slow twins, integer by integer. Three rules of numba that Python does not
share are put back: narrow integers widen when they are combined (``int8`` spins are handed over as `Widening` arrays),
unsigned integers wrap around without a warning, and ``math.ldexp`` takes an integer of any width. A test that is too
long for an interpreter is cut off after ``--seconds`` of the processor's time and counted; one that fails, fails. With
``--cut-off-fails`` it has failed, too: a changed kernel may never end.

At the end the lines of ``mlrg_lib/_kernels`` that no test executed are listed. With ``--least-covered`` a smaller
share than that, or a kernel that nothing called, is an error.
"""

import contextlib
import functools
import importlib
import inspect
import math
import pkgutil
import signal
import sys
import threading
import types
from pathlib import Path

import numba
import numpy as np
import pytest

KERNELS = Path(__file__).resolve().parents[1] / "mlrg_lib" / "_kernels"
ELSEWHERE = KERNELS / "live"  # takes C pointers; test_widgets_wasm.py calls every entry of it


class Widening(np.ndarray):
    """An array of narrow signed integers whose elements are read as int64, as they are in a compiled expression."""

    def __getitem__(self, index):
        value = super().__getitem__(index)
        return np.int64(value) if isinstance(value, np.signedinteger) else value


def widened(value):
    if isinstance(value, tuple):
        return tuple(map(widened, value))
    narrow = type(value) is np.ndarray and value.dtype.kind == "i" and value.dtype.itemsize < 8
    return value.view(Widening) if narrow else value


def lines_of(code: types.CodeType) -> set[int]:
    """Return the lines of a function, and of what is defined inside it, that hold something to execute."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    own = {line for *_, line in code.co_lines() if line is not None and line > code.co_firstlineno}
    return own.union(*map(lines_of, inner)) if inner else own


class Interpreter:
    """Stands in for the compiler: keeps the kernels as they are and remembers which lines of them ran."""

    def __init__(self):
        self.names, self.missing, self.called, self.n_lines = {}, {}, set(), 0
        self.inside, self.stopped = threading.local(), False

    def njit(self, *arguments, **options):
        """Do what `numba.njit` does when it is disabled, and count the kernels of this library."""
        if not (arguments and inspect.isfunction(arguments[0])):
            return lambda function: self.njit(function, **options)
        function, code = arguments[0], arguments[0].__code__
        path = Path(code.co_filename)
        if path.is_relative_to(KERNELS) and not path.is_relative_to(ELSEWHERE):
            self.names[code] = f"{path.relative_to(KERNELS)}: {function.__name__}"
            self.missing[code] = lines_of(code)
            self.n_lines += len(self.missing[code])

        @functools.wraps(function)
        def kernel(*args):
            if getattr(self.inside, "now", False):
                return function(*args)
            self.inside.now = True
            previous = sys.gettrace()
            sys.settrace(self.on_call)
            try:
                with np.errstate(all="ignore"):
                    return function(*map(widened, args))
            finally:
                sys.settrace(previous)
                self.inside.now = False

        return kernel

    def on_call(self, frame, event, _):
        if frame.f_code in self.names:
            self.called.add(frame.f_code)
        if threading.current_thread() is not threading.main_thread():
            return self.watch
        return self.on_line if self.missing.get(frame.f_code) else None

    def on_line(self, frame, event, _):
        missing = self.missing[frame.f_code]
        if event == "line":
            missing.discard(frame.f_lineno)
        return self.on_line if missing else None

    def watch(self, frame, event, argument):
        """Trace a thread that no signal reaches: it stops by itself when its test has been cut off."""
        if self.stopped:
            raise CutOff
        if self.missing.get(frame.f_code):
            self.on_line(frame, event, argument)
        return self.watch

    def import_kernels(self):
        """Import every module of kernels, so that what no test needs is seen to be missing."""
        import mlrg_lib._kernels as package

        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)

    def covered(self) -> float:
        return 1.0 - sum(map(len, self.missing.values())) / self.n_lines

    def gaps(self):
        """Yield a line of text for each kernel that did not run, or not all of it."""
        for code, name in sorted(self.names.items(), key=lambda item: item[1]):
            if code not in self.called:
                yield f"{name} was never called"
            elif self.missing[code]:
                yield f"{name}, lines {', '.join(map(str, sorted(self.missing[code])))}"


class CutOff(BaseException):
    """The alarm's exception: no test catches it."""


INTERPRETER = Interpreter()
CUT = []


def pytest_addoption(parser):
    parser.addoption("--seconds", type=int, default=10, help="of the processor, for one test")
    parser.addoption("--cut-off-fails", action="store_true", help="a test that is cut off has failed")
    parser.addoption("--least-covered", type=float, default=0.0, help="share of the kernels' lines that must run")


def pytest_configure(config):
    if not numba.config.DISABLE_JIT:
        raise pytest.UsageError("interpreted: set NUMBA_DISABLE_JIT=1")
    numba.njit = INTERPRETER.njit
    ldexp = math.ldexp
    math.ldexp = lambda mantissa, exponent: ldexp(mantissa, int(exponent))
    INTERPRETER.import_kernels()


@contextlib.contextmanager
def alarm(seconds):
    """Raise `CutOff` inside, in threads too, once the processor has worked for so long."""

    def ring(*_):
        INTERPRETER.stopped = True
        raise CutOff

    INTERPRETER.stopped = False
    previous = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)


def note(item):
    """Count a test that is cut off."""
    CUT.append(item.nodeid)
    if item.config.getoption("cut_off_fails"):
        pytest.fail("took too long", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Prepare the test under an alarm: what its fixtures compute may be too long, too."""
    try:
        with alarm(item.config.getoption("seconds")):
            return (yield)
    except CutOff:
        note(item)
        pytest.skip("cut off in a fixture")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Run the test under an alarm; one that is cut off has shown nothing wrong, and is counted apart."""
    try:
        with alarm(item.config.getoption("seconds")):
            return (yield)
    except CutOff:
        note(item)
        return None


def pytest_terminal_summary(terminalreporter, config):
    write = terminalreporter.write_line
    share = INTERPRETER.covered()
    write(f"kernels as Python: {len(CUT)} tests cut off after {config.getoption('seconds')} s", yellow=bool(CUT))
    for name in CUT:
        write(f"    {name}")
    write(f"kernels as Python: {share:.1%} of {INTERPRETER.n_lines} lines in {len(INTERPRETER.names)} kernels ran")
    for gap in INTERPRETER.gaps():
        write(f"    {gap}")


def pytest_sessionfinish(session):
    least = session.config.getoption("least_covered")
    uncalled = set(INTERPRETER.names) - INTERPRETER.called
    if least and session.exitstatus == 0 and (INTERPRETER.covered() < least or uncalled):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
