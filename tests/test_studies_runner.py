"""The runner of studies: it resumes, it trusts no damaged file, and every point arrives once, whatever is killed."""

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import warnings
from collections import Counter
from pathlib import Path

import joblib
import numpy as np
import pytest
import study_points
from patience import PATIENCE

from mlrg_lib.studies import _store, runner

KILLS = int(os.environ.get("MLRG_KILL_TRIALS", "60"))
TESTS = Path(__file__).resolve().parent
GRID = [{"x": x} for x in range(6)]


def same(first, second):
    assert len(first) == len(second)
    for a, b in zip(first, second, strict=True):
        assert a.keys() == b.keys()
        for key in a:
            np.testing.assert_array_equal(a[key], b[key])


def calls(folder) -> Counter:
    return Counter(path.name.split(".")[0] for path in folder.iterdir())


def inputs(path) -> str:
    with np.load(path, allow_pickle=False) as stored:
        return str(stored["_inputs"])


def script(text: str, *arguments, **kwargs) -> subprocess.Popen:
    """Start Python on a script that can import the tests' modules."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(text), *map(str, arguments)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **kwargs,
    )


def wait_for(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"never saw {what}"
        time.sleep(0.02)


def new_file(folder, seconds):
    """Wait until a name appears in the folder, without a pause, or the time is over."""
    before = set(os.listdir(folder))
    end = time.monotonic() + seconds
    while set(os.listdir(folder)) == before and time.monotonic() < end:
        pass


@pytest.fixture
def folders(tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    return tmp_path / "results", marks


def test_results_do_not_depend_on_order_processes_or_where_they_come_from(tmp_path):
    forward = runner.run_study(study_points.noisy, GRID, tmp_path / "a")
    backward = runner.run_study(study_points.noisy, GRID[::-1], tmp_path / "b", n_jobs=2)
    stored = runner.run_study(study_points.noisy, GRID, tmp_path / "a")
    single = [runner.evaluate(study_points.noisy, point) for point in GRID]
    for other in (backward[::-1], stored, single):
        same(forward, other)
    assert [result["square"] for result in forward] == [x * x for x in range(6)]
    assert len({float(result["noise"][0]) for result in forward}) == 6
    draws = runner.point_generator(study_points.noisy, GRID[4]).normal(size=3)
    np.testing.assert_array_equal(forward[4]["noise"], draws)


def test_a_study_computes_only_what_is_missing(folders):
    folder, marks = folders
    context = {"calls": str(marks)}
    runner.run_study(study_points.noisy, GRID[:3], folder, context=context)
    assert calls(marks) == {"x0": 1, "x1": 1, "x2": 1}
    runner.run_study(study_points.noisy, [*GRID, GRID[0]], folder, context=context)
    assert calls(marks) == {f"x{x}": 1 for x in range(6)}
    assert len(list(folder.iterdir())) == 6


def test_changed_parameters_and_versions_are_computed_again(folders, monkeypatch):
    folder, marks = folders
    context = {"calls": str(marks)}

    def count(point, **kwargs):
        runner.run_study(study_points.noisy, [point], folder, context=context, **kwargs)
        return sum(calls(marks).values())

    assert [count({"x": 1}), count({"x": 1})] == [1, 1]
    assert [count({"x": 1.0}), count({"x": 1, "seconds": 0.0})] == [2, 3]
    assert [count({"x": 1}, version=2), count({"x": 1}, version=2), count({"x": 1})] == [4, 4, 4]
    monkeypatch.setattr(runner, "__version__", "0.0.test")
    assert [count({"x": 1}), count({"x": 1})] == [5, 5]


def test_versions_share_their_random_numbers(tmp_path):
    first, second = (runner.run_study(study_points.noisy, GRID, tmp_path, version=v) for v in (1, 2))
    same(first, second)


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]


DAMAGE = {
    "a bit of the values": lambda data: flipped(data, len(data) // 2),
    "a bit of the first header": lambda data: flipped(data, 3),
    "a bit of the directory": lambda data: flipped(data, len(data) - 10),
    "half a file": lambda data: data[: len(data) // 2],
    "one byte short": lambda data: data[:-1],
    "an empty file": lambda data: b"",
    "zeros": lambda data: bytes(len(data)),
    "another kind of file": lambda data: b"not a result\n" * 100,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_is_named_and_computed_again(tmp_path, damage):
    before = runner.run_study(study_points.big, GRID[:2], tmp_path)
    victim = min(tmp_path.iterdir())
    whole = victim.read_bytes()
    victim.write_bytes(damage(whole))
    with pytest.warns(RuntimeWarning, match=f"{victim.name} is damaged"):
        after = runner.run_study(study_points.big, GRID[:2], tmp_path)
    same(before, after)
    assert victim.read_bytes() == whole


def test_no_flipped_bit_changes_a_result(tmp_path):
    expected = runner.run_study(study_points.big, GRID[:1], tmp_path)
    (victim,) = tmp_path.iterdir()
    whole = victim.read_bytes()
    for place in np.random.default_rng(0).integers(0, len(whole), size=150):
        victim.write_bytes(flipped(whole, int(place)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            same(runner.run_study(study_points.big, GRID[:1], tmp_path), expected)


def test_a_file_under_a_wrong_name_and_a_replaced_member_are_refused(tmp_path):
    runner.run_study(study_points.big, GRID[:2], tmp_path)
    one, two = sorted(tmp_path.iterdir())
    two.write_bytes(one.read_bytes())
    with pytest.warns(RuntimeWarning, match="it belongs to other inputs"):
        runner.run_study(study_points.big, GRID[:2], tmp_path)
    with np.load(one) as stored:
        arrays = dict(stored)
    arrays["values"] = arrays["values"] + 1e-9
    np.savez(one, **arrays)
    with pytest.warns(RuntimeWarning, match="its checksum does not match"):
        runner.run_study(study_points.big, GRID[:2], tmp_path)


STUDY = """
    import signal, sys, study_points
    from mlrg_lib.studies import runner
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it from birth
    folder, marks, n_jobs, *gate = sys.argv[1:]
    points = [{"x": x, "seconds": 0.1} for x in range(12)]
    context = {"calls": marks, **({"gate": gate[0]} if gate else {})}
    runner.run_study(study_points.noisy, points, folder, context=context, n_jobs=int(n_jobs))
    print("done")
"""
POINTS = [{"x": x, "seconds": 0.1} for x in range(12)]


def finish(folder, marks, points=POINTS):
    """Run the study to its end here and check that what was stored is kept and right."""
    kept = {path.name: path.read_bytes() for path in folder.glob("*.npz")}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing stored may be damaged
        results = runner.run_study(study_points.noisy, points, folder, context={"calls": str(marks)}, n_jobs=1)
    assert {name: (folder / name).read_bytes() for name in kept} == kept
    for point, result in zip(points, results, strict=True):
        assert result["square"] == point["x"] ** 2
        draws = runner.point_generator(study_points.noisy, point).normal(size=point.get("n", 3))
        np.testing.assert_array_equal(result["noise"], draws)
    assert len(list(folder.glob("*.npz"))) == len(points)
    return len(kept)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_interrupt_leaves_everything_finished(folders, n_jobs, tmp_path):
    folder, marks = folders
    process = script(STUDY, folder, marks, n_jobs, tmp_path / "gate", start_new_session=True)
    wait_for(lambda: folder.exists() and len(list(folder.glob("*.npz"))) >= 2, "two results")
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert "done" not in out
    assert "KeyboardInterrupt" in err
    assert finish(folder, marks) >= 2
    assert not list(folder.glob(".*"))


FORKS = """
    import json, os, sys
    import numba, study_points
    from mlrg_lib.studies import runner
    for line in sys.stdin:
        folder, marks, points = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                runner.run_study(study_points.noisy, points, folder, context={"calls": marks}, n_jobs=1)
                os._exit(0)
            finally:
                os._exit(1)
        print(child, flush=True)
        sys.stdin.readline()
        print(os.waitpid(child, 0)[1], flush=True)
"""
BRIEF = [{"x": x, "seconds": 0.005, "n": 100_000} for x in range(24)]


def test_killed_at_any_moment_the_study_resumes(tmp_path):
    """A process that has imported everything forks the study again for each trial: a trial takes half a second.

    Every other kill comes at a random moment, the rest as soon as a new name is seen in the folder of results. A study
    that came to its end is checked as a whole, and the next trial begins another one.
    """
    pauses = np.random.default_rng(3).uniform(0.0, 0.3, size=KILLS)
    server = script(FORKS, stdin=subprocess.PIPE)
    rounds = [tmp_path / "0"]
    killed = halves = stored = 0
    try:
        while killed < KILLS:
            folder, marks = rounds[-1] / "results", rounds[-1] / "marks"
            marks.mkdir(parents=True, exist_ok=True), folder.mkdir(exist_ok=True)
            before, parts = len(list(folder.glob("*.npz"))), len(list(folder.glob(".*")))
            started = sum(calls(marks).values())
            print(json.dumps([str(folder), str(marks), BRIEF]), file=server.stdin, flush=True)
            child = int(server.stdout.readline())
            wait_for(lambda: sum(calls(marks).values()) > started, "a point")  # noqa: B023
            if killed % 2:
                time.sleep(pauses[killed])
            else:
                new_file(folder, seconds=5)
            os.kill(child, signal.SIGKILL)
            print(file=server.stdin, flush=True)
            status = int(server.stdout.readline())
            assert status in (0, signal.SIGKILL)
            killed += status == signal.SIGKILL  # else it had come to its end
            results = list(folder.glob("*.npz"))
            assert len(results) >= before, killed
            for path in results:
                assert _store.read(path, inputs(path)) is not None
            halves += len(list(folder.glob(".*"))) > parts
            if len(results) == len(BRIEF):
                stored += finish(folder, marks, BRIEF)
                rounds.append(tmp_path / str(len(rounds)))
    finally:
        server.stdin.close()
        server.wait(timeout=PATIENCE)
        server.stdout.close(), server.stderr.close()
    if len(results) < len(BRIEF):
        stored += finish(folder, marks, BRIEF)
    print(f"{killed} kills, {halves} of them while a file was being written; {stored} results kept, none lost or wrong")
    assert stored >= 1


def test_two_processes_share_a_folder(folders):
    folder, marks = folders
    processes = [script(STUDY, folder, marks, 1) for _ in range(2)]
    outputs = [process.communicate(timeout=PATIENCE) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert finish(folder, marks) == len(POINTS)
    assert not list(folder.glob(".*"))


def test_a_full_disk_is_named_and_leaves_no_part(tmp_path, monkeypatch):
    runner.run_study(study_points.big, GRID[:2], tmp_path)

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(_store.os, "fsync", full)
        with pytest.raises(OSError, match=r"No space left on device: the result for .*big-") as caught:
            runner.run_study(study_points.big, GRID, tmp_path)
    assert caught.value.errno == errno.ENOSPC
    assert len(list(tmp_path.iterdir())) == 2
    runner.run_study(study_points.big, GRID, tmp_path)
    assert len(list(tmp_path.iterdir())) == 6


def test_a_file_that_may_not_grow_leaves_no_part(tmp_path):
    text = """
        import resource, signal, sys, study_points
        from mlrg_lib.studies import runner
        folder = sys.argv[1]
        points = [{"x": x, "n": n} for x, n in ((0, 10), (1, 10), (2, 200_000))]
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
        runner.run_study(study_points.big, points, folder)
    """
    process = script(text, tmp_path / "results")
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "File too large: the result for study_points.big-" in err
    assert len(list((tmp_path / "results").iterdir())) == 2


def test_old_leftovers_are_removed_and_young_ones_are_not(tmp_path):
    old, young = tmp_path / ".x.1.part", tmp_path / ".x.2.part"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1e9, 1e9))
    runner.run_study(study_points.big, GRID[:1], tmp_path)
    assert not old.exists()
    assert young.exists()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_workers_run_one_thread(tmp_path, n_jobs):
    for result in runner.run_study(study_points.threads, GRID[:2], tmp_path, n_jobs=n_jobs):
        assert (result["numba"], result["blas"]) == (1, 1)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_exception_says_where_it_happened_and_loses_nothing(tmp_path, n_jobs):
    with pytest.raises(ZeroDivisionError, match="two is not allowed") as caught:
        runner.run_study(study_points.failing, GRID, tmp_path, n_jobs=n_jobs)
    assert "at the point {'x': 2} of the study study_points.failing" in caught.value.__notes__
    if n_jobs == 1:
        assert len(list(tmp_path.iterdir())) == 2


KILLER = """
    import os, pathlib, signal, sys, time
    marks, workers, gate = sys.argv[1:]
    while len(seen := [name.split(".")[1] for name in os.listdir(marks)]) < 4:
        time.sleep(0.02)
    chosen = next(pid for pid in seen if pid in workers.split(","))
    os.kill(int(chosen), signal.SIGKILL)
    pathlib.Path(gate).touch()
    print(chosen)
"""


def test_a_worker_killed_in_a_cluster_costs_no_point(folders, tmp_path):
    pytest.importorskip("dask.distributed", reason="the lowest versions are tested without the book's tools")
    from dask.distributed import Client, LocalCluster

    folder, marks = folders
    points = [{"x": x, "seconds": 0.1} for x in range(16)]
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50)
    with warnings.catch_warnings(), cluster, Client(cluster) as client:
        warnings.simplefilter("ignore")
        client.wait_for_workers(2, timeout=PATIENCE)
        workers = ",".join(str(pid) for pid in client.run(os.getpid).values())
        killer = script(KILLER, marks, workers, tmp_path / "gate")
        context = {"calls": str(marks), "gate": str(tmp_path / "gate")}
        with joblib.parallel_config("dask"):
            results = runner.run_study(study_points.noisy, points, folder, context=context)
        out, err = killer.communicate(timeout=PATIENCE)
    killed = out.strip()
    assert killed, err
    used = {path.name.split(".")[1] for path in marks.iterdir()}
    assert killed in used
    assert str(os.getpid()) not in used  # the cluster computed, not this process
    assert [result["square"] for result in results] == [x * x for x in range(16)]
    for point, result in zip(points, results, strict=True):
        draws = runner.point_generator(study_points.noisy, point).normal(size=3)
        np.testing.assert_array_equal(result["noise"], draws)
    stored = [json.loads(inputs(path))["parameters"]["x"] for path in folder.iterdir()]
    assert sorted(stored) == list(range(16))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"function": lambda x: {"x": x}}, "function must be a function at the top level"),
        ({"function": 3}, "function must be a function at the top level"),
        ({"points": []}, "points must be a non-empty sequence"),
        ({"points": [3]}, "points must be mappings"),
        ({"points": [{1: 2}]}, "points must be mappings"),
        ({"points": [{"x": np.arange(3)}]}, "points must hold values that JSON can write"),
        ({"points": [{"x": np.nan}]}, "points must hold values that JSON can write"),
        ({"points": [{"x": 1, "calls": "here"}], "context": {"calls": "there"}}, "context must not repeat"),
        ({"context": 3}, "context must be"),
        ({"version": -1}, "version must be"),
        ({"n_jobs": 0}, "n_jobs must be"),
        ({"name": "../x"}, "name must be"),
        ({"verbose": 1}, "verbose must be"),
        ({"function": study_points.wrong, "points": [{"kind": "object"}]}, "function must return arrays and numbers"),
        ({"function": study_points.wrong, "points": [{"kind": "ragged"}]}, "function must return arrays and numbers"),
        ({"function": study_points.wrong, "points": [{"kind": "list"}]}, "function must return a dict"),
        ({"function": study_points.wrong, "points": [{"kind": "name"}]}, "under plain names"),
        ({"function": study_points.wrong, "points": [{"kind": "masked"}]}, "must not hide entries"),
    ],
)
def test_bad_arguments_are_named(tmp_path, arguments, message):
    given = {"function": study_points.noisy, "points": GRID, "folder": tmp_path / "results", **arguments}
    with pytest.raises(ValueError, match=message):
        runner.run_study(**given)


def test_a_progress_bar_shows_what_was_there_already(tmp_path, capsys):
    runner.run_study(study_points.big, GRID[:2], tmp_path)
    runner.run_study(study_points.big, GRID, tmp_path, verbose=True)
    shown = capsys.readouterr().err
    assert "2/6" in shown
    assert "6/6" in shown


def test_a_study_started_as_a_module_has_its_own_name(tmp_path):
    (tmp_path / "started.py").write_text(
        "import sys\nfrom mlrg_lib.studies import runner\ndef point(x):\n    return {'x': x}\n"
        "if __name__ == '__main__':\n    runner.run_study(point, [{'x': 1}], sys.argv[1], n_jobs=2)\n"
    )
    results = tmp_path / "results"
    command = [sys.executable, "-m", "started", str(results)]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=PATIENCE, capture_output=True)
    (stored,) = results.iterdir()
    assert stored.name.startswith("started.point-")


def test_what_is_stored_can_be_looked_at_without_computing(folders):
    folder, marks = folders
    assert runner.stored_results(study_points.noisy, GRID[:4], folder) == [None] * 4
    assert not folder.exists()
    done = runner.run_study(study_points.noisy, GRID[:2], folder, context={"calls": str(marks)})
    found = runner.stored_results(study_points.noisy, GRID[:4], folder)
    same(done, found[:2])
    assert found[2:] == [None, None]
    assert calls(marks) == {"x0": 1, "x1": 1}


def test_results_may_have_the_names_of_numpy_s_own_arguments(tmp_path):
    arrays = {name: np.arange(k) for k, name in enumerate(["file", "args", "allow_pickle", "kwds", "x"])}
    _store.write(tmp_path / "a.npz", "{}", arrays)
    found, _ = _store.read(tmp_path / "a.npz", "{}")
    same([arrays], [found])
    with np.load(tmp_path / "a.npz") as file:
        assert set(file.files) == {*arrays, "_inputs", "_checksum", "_source"}


def test_points_may_come_one_by_one_and_hold_numpy_numbers(tmp_path):
    first = runner.run_study(study_points.noisy, ({"x": x} for x in np.arange(3)), tmp_path)
    same(first, runner.run_study(study_points.noisy, GRID[:3], tmp_path))
    assert len(list(tmp_path.iterdir())) == 3


def test_results_of_an_edited_function_are_used_with_a_warning(tmp_path):
    text = "from mlrg_lib.studies import runner\ndef point(x):\n    return {'y': %s}\n"
    ask = (
        "import edited, sys, warnings\nwith warnings.catch_warnings(record=True) as seen:\n"
        "    warnings.simplefilter('always')\n"
        "    y = [int(r['y']) for r in edited.runner.run_study(edited.point, [{'x': 1}, {'x': 2}], sys.argv[1])]\n"
        "print(y, [str(w.message) for w in seen])\n"
    )

    def run(body):
        (tmp_path / "edited.py").write_text(text % body)
        command = [sys.executable, "-B", "-c", ask, str(tmp_path / "results")]
        return subprocess.run(
            command, cwd=tmp_path, check=True, timeout=PATIENCE, capture_output=True, text=True
        ).stdout

    assert run("x") == "[1, 2] []\n"
    assert run("x") == "[1, 2] []\n"
    warned = run("x * 10")
    assert warned.startswith("[1, 2]")
    assert "2 of 2 stored results" in warned
    assert "other code than edited.point has now" in warned


def test_a_function_of_a_script_is_refused_with_advice(tmp_path):
    process = script(
        """
        from mlrg_lib.studies.runner import run_study
        def point(x):
            return {"x": x}
        run_study(point, [{"x": 1}], "nowhere")
        """
    )
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "move it into a file of its own" in errors


def test_code_is_compared_as_it_runs_not_as_its_file_is(tmp_path):
    text = "from mlrg_lib.studies import runner\ndef point(x):\n    return {'y': %s}\n"
    (tmp_path / "edited.py").write_text(text % "x")
    process = script(
        """
        import importlib, pathlib, sys, warnings
        folder = pathlib.Path(sys.argv[1])
        sys.path.insert(0, str(folder))
        sys.dont_write_bytecode = True
        import edited
        (folder / "edited.py").write_text((folder / "edited.py").read_text().replace("x}", "x * 1000}"))
        edited.runner.run_study(edited.point, [{"x": 1}], folder / "results")
        importlib.reload(edited)
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            edited.runner.run_study(edited.point, [{"x": 1}], folder / "results")
        print(int(edited.point(1)["y"]), [str(w.message) for w in seen])
        """,
        tmp_path,
    )
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert output.startswith("1000 ")
    assert "other code than edited.point has now" in output
