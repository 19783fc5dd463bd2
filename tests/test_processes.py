"""Forks, threads, threading layers and file systems: what the library shares with the rest of its process."""

import errno
import os
import stat
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import study_points
from patience import PATIENCE

from mlrg_lib.machines import RBM
from mlrg_lib.studies import _store, runner

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def python(code: str, *arguments, **settings) -> str:
    """Run a script in a fresh process, warnings as errors; return what it printed."""
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *map(str, arguments)]
    folder = os.path.dirname(study_points.__file__)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")])} | settings
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert run.returncode == 0, run.stderr
    assert not run.stderr
    return run.stdout


def test_who_asks_for_no_bar_gets_no_thread(tmp_path):
    """tqdm starts one for a bar that is switched off, too, and a fork beside it warns or hangs."""
    code = """
        import sys, threading
        import numpy as np, study_points
        from mlrg_lib import ising, machines
        from mlrg_lib.studies import runner
        X = np.tile([[1, -1, 1], [-1, 1, 1]], (8, 1))
        machines.RBM(2, n_epochs=2, rng=1).fit(X)
        machines.DeepBeliefNetwork((2, 2), n_epochs=1, rng=1).fit(X)
        machines.DeepBoltzmannMachine((2, 2), n_epochs=1, rng=1).fit(X)
        ising.sample(4, 0.3, 8, rng=1)
        runner.run_study(study_points.big, [{"x": 1}], sys.argv[1])
        print("tqdm" in sys.modules, [thread.name for thread in threading.enumerate()])
    """
    assert python(code, tmp_path) == "False ['MainThread']\n"


FORK = """
    import os, threading
    import numpy
    from threadpoolctl import threadpool_info
    from mlrg_lib import _threads

    def blas():
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    before, held, done = blas(), threading.Event(), threading.Event()
    def other():
        with {held}:
            held.set()
            done.wait()
    thread = threading.Thread(target=other)
    thread.start()
    held.wait()
    with {own}:
        child = os.fork()
        if child == 0:
            with _threads.one_blas_thread():
                assert set(blas()) == {{1}}
    if child == 0:
        assert blas() == before, (blas(), before)
        os._exit(0)
    print(os.waitpid(child, 0)[1])
    done.set()
    thread.join()
    assert blas() == before
"""


@needs_fork
@pytest.mark.parametrize(
    ("held", "own"),
    [
        ("_threads.one_blas_thread()", "threading.Lock()"),
        ("_threads.one_blas_thread()", "_threads.one_blas_thread()"),
        ("_threads._LOCK", "threading.Lock()"),
    ],
)
def test_a_fork_while_another_thread_trains(held, own):
    """The child has neither the other's lock nor its limit, and keeps its own."""
    settings = {"OPENBLAS_NUM_THREADS": "2", "PYTHONWARNINGS": "ignore::DeprecationWarning"}
    code = textwrap.dedent(FORK).format(held=held, own=own)
    run = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | settings, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (run.returncode, run.stdout) == (0, "0\n"), run.stderr


def test_studies_need_no_threading_layer(tmp_path):
    """What numba runs in parallel may need one; a study's point need not."""
    code = """
        import sys
        sys.modules["numba.np.ufunc.tbbpool"] = None
        import study_points
        from mlrg_lib.studies import runner
        print(runner.run_study(study_points.big, [{"x": 1}], sys.argv[1])[0]["label"])
    """
    assert python(code, tmp_path, NUMBA_THREADING_LAYER="tbb") == "big\n"


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_share_that_does_not_synchronise_folders(tmp_path, monkeypatch, number):
    fsync = os.fsync

    def refusing(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        fsync(handle)

    monkeypatch.setattr(_store.os, "fsync", refusing)
    points = [{"x": x} for x in range(3)]
    assert len(runner.run_study(study_points.big, points, tmp_path)) == 3
    assert len(list(tmp_path.iterdir())) == 3


@pytest.fixture
def mask():
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.usefixtures("mask")
def test_a_saved_machine_is_a_file_like_others(tmp_path):
    """Readable for whom the mask lets read, with the mode of the file it replaces, at the end of a link."""
    machine = RBM.from_parameters(np.eye(2))
    (tmp_path / "other").touch()
    machine.save(tmp_path / "a.npz")
    assert (tmp_path / "a.npz").stat().st_mode == (tmp_path / "other").stat().st_mode
    (tmp_path / "a.npz").chmod(0o604)
    (tmp_path / "link.npz").symlink_to("a.npz")
    RBM.from_parameters(2 * np.eye(2)).save(tmp_path / "link.npz")
    assert (tmp_path / "link.npz").is_symlink()
    assert stat.S_IMODE((tmp_path / "a.npz").stat().st_mode) == 0o604
    assert RBM.load(tmp_path / "a.npz").weights_[0, 0] == 2
    assert {path.name for path in tmp_path.iterdir()} == {"a.npz", "link.npz", "other"}
