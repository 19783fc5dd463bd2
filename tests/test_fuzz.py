"""Every public function, called with what it was not made for (see `fuzz`)."""

import faulthandler
import importlib.util

import fuzz
import pytest

HANG = 400  # seconds after which a kernel that cannot be interrupted ends the run, with a traceback


@pytest.mark.parametrize("module", fuzz.modules())
def test_bad_arguments_are_refused_or_answered(module):
    faulthandler.dump_traceback_later(HANG, exit=True)
    try:
        made, found, uncalled = fuzz.fuzz(module)
    finally:
        faulthandler.cancel_dump_traceback_later()
    print(f"{module}: {made} calls")
    not_here = {"write_assets"}  # compiles for the browser
    if importlib.util.find_spec("pyhuge") is None:
        not_here.add("stocks")
    assert not set(uncalled) - not_here, "no example calls these"
    assert not found, "\n".join(map(str, found))


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
