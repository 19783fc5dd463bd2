"""Every machine is what it was after it was written to a file and read again; what else goes with epochs."""

import json
import os
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest
from patience import PATIENCE
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from threadpoolctl import threadpool_info, threadpool_limits

from mlrg_lib._threads import one_blas_thread
from mlrg_lib.machines import RBM, ConvolutionalRBM, DeepBeliefNetwork, DeepBoltzmannMachine

ROWS = np.random.default_rng(0).choice([-1, 1], size=(60, 6)).astype(np.int8)
LATTICES = np.random.default_rng(1).choice([-1, 1], size=(12, 8, 8)).astype(np.int8)
MACHINES = {
    "RBM": (RBM(4, method="pcd", n_epochs=2, rng=3), ROWS),
    "DeepBeliefNetwork": (DeepBeliefNetwork((4, 2), k=(1, 2), n_epochs=2, batch_size=20, rng=3), ROWS),
    "DeepBoltzmannMachine": (DeepBoltzmannMachine((3, 2), n_epochs=2, rng=3), ROWS),
    "ConvolutionalRBM": (ConvolutionalRBM(2, biases=True, n_epochs=2, rng=3), LATTICES),
}


def learned(machine) -> list[np.ndarray]:
    """Return everything a machine learned, whatever its class."""
    parts = [machine, *getattr(machine, "rbms_", [])]
    names = ("weights_", "hidden_bias_", "visible_bias_", "biases_")
    found = [getattr(part, name) for part in parts for name in names if hasattr(part, name)]
    return [np.asarray(a) for value in found for a in (value if isinstance(value, list) else [value])]


@pytest.mark.parametrize("name", MACHINES)
def test_what_is_read_is_what_was_written(name, tmp_path):
    machine, X = MACHINES[name]
    machine.fit(X).save(tmp_path / "a.npz")
    again = type(machine).load(tmp_path / "a.npz")
    assert type(again) is type(machine)
    assert again.get_params() == machine.get_params()
    assert getattr(again, "history_", None) == getattr(machine, "history_", None)
    assert len(learned(machine)) >= 3
    for a, b in zip(learned(machine), learned(again), strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype
    n, start = (len(X), {"start": X}) if name == "ConvolutionalRBM" else (5, {})
    first, second = (m.sample(n, 3, rng=1, **start) for m in (machine, again))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(again.fit(X).save(tmp_path / "b.npz") or learned(again)[0], learned(machine)[0])


@pytest.mark.parametrize("name", MACHINES)
def test_a_file_of_another_machine_is_refused(name, tmp_path):
    machine, X = MACHINES[name]
    machine.fit(X).save(tmp_path / "a.npz")
    for other in sorted(MACHINES.keys() - {name}):
        with pytest.raises(ValueError, match=f"must name a saved {other}, got .*its format is 'mlrg_lib {name} 1'"):
            type(MACHINES[other][0]).load(tmp_path / "a.npz")


@pytest.mark.parametrize("name", MACHINES)
def test_a_file_without_one_of_its_arrays_is_refused(name, tmp_path):
    machine, X = MACHINES[name]
    machine.fit(X).save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    assert json.loads(arrays["header"].tobytes())["format"] == f"mlrg_lib {name} 1"
    for missing in sorted(arrays.keys() - {"chains"}):
        np.savez(tmp_path / "b.npz", **{key: a for key, a in arrays.items() if key != missing})
        with pytest.raises(ValueError, match=f"path must name a saved {name}"):
            type(machine).load(tmp_path / "b.npz")


@pytest.mark.parametrize("name", [name for name in MACHINES if name != "DeepBeliefNetwork"])
@pytest.mark.parametrize("kind", [bool, np.bool_], ids=["bool", "numpy"])
def test_a_callback_ends_training_with_either_true(name, kind):
    machine, X = MACHINES[name]
    seen = []
    options = machine.get_params() | {"n_epochs": 9, "on_epoch": lambda m, e: seen.append((m, e)) or kind(e >= 3)}
    stopped = type(machine)(**options)
    stopped.fit(X)
    assert [epoch for _, epoch in seen] == [1, 2, 3]
    assert all(found is stopped for found, _ in seen)


@pytest.mark.parametrize("answer", [1, "stop", np.array([True])])
def test_an_answer_that_is_neither_is_refused(answer):
    with pytest.raises(ValueError, match="on_epoch must return True, False or None, got"):
        RBM(2, n_epochs=2, rng=0, on_epoch=lambda m, e: answer).fit(ROWS)


def test_epochs_are_shown(capsys):
    for machine, X in MACHINES.values():
        type(machine)(**machine.get_params() | {"verbose": True}).fit(X)
        assert "2/2" in capsys.readouterr().err


def blas_threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_blas_has_its_threads_back_when_the_last_of_several_is_done():
    second_is_in, first_is_out, during = threading.Event(), threading.Event(), []

    def second():
        with one_blas_thread():
            second_is_in.set()
            assert first_is_out.wait(PATIENCE)
            during.append(blas_threads())

    thread = threading.Thread(target=second)
    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        assert set(before) == {2}
        with one_blas_thread():
            thread.start()
            assert second_is_in.wait(PATIENCE)
            during.append(blas_threads())
        first_is_out.set()
        thread.join()
        assert during == [[1] * len(before)] * 2
        assert blas_threads() == before


def test_limits_around_ours_hold_again_after_it():
    before = blas_threads()
    with threadpool_limits(limits=2, user_api="blas"):
        inside = blas_threads()
        with one_blas_thread():
            assert set(blas_threads()) == {1}
        assert blas_threads() == inside
    assert blas_threads() == before


def test_a_machine_that_got_lost_says_so():
    with pytest.warns(RuntimeWarning, match=r"training has probably diverged: the pseudo-likelihood is -"):
        RBM(4, learning_rate=50.0, n_epochs=3, rng=0).fit(ROWS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        RBM(4, learning_rate=0.1, n_epochs=3, rng=0).fit(ROWS)
    lost = RBM(4, learning_rate=50.0, n_epochs=1, evaluate_every=1, rng=0)
    with pytest.warns(RuntimeWarning, match="training has probably diverged"):
        lost.fit(ROWS)
    lost.weights_, lost.hidden_bias_, lost.visible_bias_ = np.zeros((6, 4)), np.zeros(4), np.zeros(6)
    with warnings.catch_warnings():  # what an earlier epoch recorded says nothing of this one
        warnings.simplefilter("error")
        lost.set_params(learning_rate=1e-3, evaluate_every=0).partial_fit(ROWS)


@pytest.mark.parametrize("name", MACHINES)
def test_what_could_not_be_fitted_cannot_be_saved(name, tmp_path):
    machine = clone(MACHINES[name][0])
    with pytest.raises(ValueError, match="must"):
        machine.fit(np.zeros_like(MACHINES[name][1]))
    with pytest.raises(NotFittedError):
        machine.save(tmp_path / "a.npz")
    assert not list(tmp_path.iterdir())


def test_libraries_that_come_later_are_held_too_when_one_looks_again():
    code = (
        "import numpy, threadpoolctl\n"
        "from mlrg_lib._threads import one_blas_thread\n"
        "def blas(): return [pool['num_threads'] for pool in threadpoolctl.threadpool_info()]\n"
        "with one_blas_thread():\n"
        "    n = len(blas())\n"
        "    import scipy.linalg\n"
        "    before = blas()\n"
        "    with one_blas_thread(look_again=True):\n"
        "        print(sorted(before), blas(), n)\n"
        "print(set(blas()))\n"
    )
    settings = os.environ | {"OPENBLAS_NUM_THREADS": "2"}
    run = subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=True)
    assert run.stdout == "[1, 2] [1, 1] 1\n{2}\n"
