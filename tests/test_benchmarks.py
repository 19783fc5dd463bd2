"""The benchmarks' own logic: turns, ratios, table, stored result, installation. No peer is needed, nothing is timed."""

import importlib
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from mlrg_lib.figures import performance

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    names = ("environment", "measure", "report", "plain", "tables", "targets")
    return SimpleNamespace(**{name: importlib.import_module(f"benchmarks.{name}") for name in names})


class Clock:
    """A clock that the contenders advance."""

    def __init__(self):
        self.now, self.calls = 0.0, []

    def __call__(self):
        return self.now

    def worker(self, name, durations):
        durations = iter(durations)

        def run():
            self.calls.append(name)
            self.now += next(durations)

        return run


def two_contenders(bench):
    clock = Clock()
    ours = bench.measure.Contender("ours", clock.worker("ours", [100, 1, 2, 4]), 2.0)
    peer = bench.measure.Contender("peer", clock.worker("peer", [100, 30, 20, 10]), 1.0)
    bound = bench.measure.Contender("limit", clock.worker("limit", [100, 0.25, 0.5, 1.0]), 1.0)
    return clock, ours, peer, bound


def test_contenders_take_turns_and_the_warm_up_is_not_counted(bench):
    clock, ours, peer, _ = two_contenders(bench)
    seconds = bench.measure.interleave([ours, peer], 3, clock)
    assert clock.calls == ["ours", "peer", "ours", "peer", "peer", "ours", "ours", "peer"]
    assert seconds == {"ours": [0.5, 1.0, 2.0], "peer": [30.0, 20.0, 10.0]}


def test_contenders_with_one_name_are_refused(bench):
    _, ours, _, _ = two_contenders(bench)
    with pytest.raises(ValueError, match="different names"):
        bench.measure.interleave([ours, ours], 1)


@pytest.mark.parametrize("rate", [True, False])
def test_ratios_are_taken_turn_by_turn(bench, rate):
    """Not of the medians, which a change of load between turns would spoil: 60, 20 and 5, not 20 / 1."""
    clock, ours, peer, bound = two_contenders(bench)
    row = bench.measure.Row("key", "work", "unit", 10.0, rate, ours, (peer,), bound, 2.0, "note", {"n": 3})
    result = bench.measure.summarise(row, bench.measure.interleave([ours, peer, bound], 3, clock))
    assert result["peers"]["peer"]["ratio"] == {"median": 20.0, "low": 5.0, "high": 60.0}
    assert result["bound"]["fraction"] == {"median": 0.5, "low": 0.5, "high": 0.5}
    assert result["ours"]["median"] == 10.0
    assert result["ours"]["high"] == 20.0
    assert result["rounds"] == 3
    json.dumps(result)


def a_result(bench, name="work", **changes):
    number = {"median": 0.5, "low": 0.25, "high": 1.0}
    peers = {"peer": {"value": {**number, "median": 1234.5}, "ratio": {"median": 20.4, "low": 5.0, "high": 60.0}}}
    bound = {"name": "limit", "value": number, "fraction": number}
    base = {"key": "k", "work": name, "unit": "ns", "ours": number, "peers": peers, "bound": bound, "note": "",
            "numbers": {}}  # fmt: skip
    return base | changes


def test_the_table_shows_ratio_range_bound_and_what_is_missing(bench):
    second = a_result(bench, "other", peers={}, bound=None, note="read me", numbers={"gap": 7})
    text = bench.report.table([a_result(bench), second], {"rbms": "no wheel for this machine"})
    header, rule, first, alone, *rest = text.splitlines()
    assert [cell.strip() for cell in header.strip("|").split("|")] == list(bench.report.HEADER)
    assert set(rule) == {"|", "-"}
    cells = [cell.strip() for cell in first.strip("|").split("|")]
    assert cells == ["work", "ns", "0.500", "peer 1,234", "20.4× [5.00–60.0]", "0.500 (limit)", "0.50"]
    assert len({len(line) for line in (header, rule, first, alone)}) == 1
    assert "other: read me" in rest
    assert "other: gap 7" in rest
    assert "not measured: rbms (no wheel for this machine)" in rest


def test_a_second_peer_is_on_its_own_line(bench):
    result = a_result(bench)
    result["peers"]["another"] = result["peers"]["peer"]
    lines = bench.report.lines(result)
    assert [line[0] for line in lines] == ["work", ""]
    assert lines[1][3].startswith("another")


def test_the_stored_result_names_machine_date_and_versions(bench, tmp_path):
    path = tmp_path / "new" / "result.json"
    bench.report.store(path, bench.report.document([a_result(bench)], {"rbms": "why"}, quick=True, seconds=1.23))
    stored = json.loads(path.read_text())
    assert stored["command"].endswith("--quick")
    assert stored["missing"] == {"rbms": "why"}
    assert stored["versions"]["numpy"] == np.__version__
    assert stored["date"].startswith("20")
    assert {"processor", "vectors", "n_processors", "forced_target", "load_average"} <= set(stored["machine"])
    assert list(path.parent.iterdir()) == [path]


def test_a_peer_that_cannot_be_installed_is_named_and_the_rest_goes_on(bench, tmp_path, monkeypatch):
    environment = bench.environment
    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(environment, "STAMP", tmp_path / "peers.json")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "HERE", tmp_path / "benchmarks")
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks/requirements.txt").write_text("good==1.0  # a comment\nbad==2.0\ntorch==2.13.0\n")
    library = "".join(f"{name}==1.0\n" for name in environment.LIBRARY)
    (tmp_path / "requirements.txt").write_text(library)
    commands = []

    def run(command, **options):
        commands.append(command)
        failed = "bad==2.0" in command
        return SimpleNamespace(returncode=int(failed), stderr="Collecting bad\nERROR: no matching distribution\n")

    assert environment.prepare(run) == {"bad": "ERROR: no matching distribution"}
    assert any("good==1.0" in command for command in commands)
    torches = [word for command in commands for word in command if word.startswith("torch")]
    assert torches
    assert set(torches) == {"torch==2.13.0"}
    count = len(commands)
    assert environment.prepare(run) == {"bad": "ERROR: no matching distribution"}  # remembered
    assert len(commands) == count
    (tmp_path / "requirements.txt").write_text(library.replace("numpy==1.0", "numpy==1.1"))
    environment.prepare(run)
    assert len(commands) > count


def test_every_pin_is_exact(bench):
    pins = bench.environment.pins((ROOT / "benchmarks/requirements.txt").read_text())
    assert pins["torch"] == "torch==2.13.0"
    assert all("==" in line for line in pins.values())


def test_one_thread_for_every_pool(bench):
    variables = bench.environment.one_thread_environment()
    assert variables["OPENBLAS_NUM_THREADS"] == variables["RAYON_NUM_THREADS"] == "1"


def test_a_forced_target_has_its_own_instructions_and_no_others(bench):
    environ = bench.environment
    assert environ.each_target({"A": "1"}, False) == [{"A": "1"}]
    own, *others = environ.each_target({"A": "1"}, True)
    assert own == {"A": "1"}
    assert [other["NUMBA_CPU_NAME"] for other in others] == list(environ.target_names()[1:])
    assert {other["NUMBA_CPU_FEATURES"] for other in others} == {""}
    assert environ.target_names("AMD64") == environ.target_names("x86_64") == ("", "haswell", "nehalem", "generic")
    assert environ.target_names("arm64") == ("", "generic")


def test_targets_are_kept_in_order_beside_the_curves_and_for_one_processor(bench):
    def entry(target, processor="one", value=1):
        return {"machine": {"processor": processor, "forced_target": target}, "value": value}

    stored = {"curves": 1, "targets": [entry("", "another"), entry("")]}
    stored = bench.targets.merged(stored, entry("generic"))
    assert stored == {"curves": 1, "targets": [entry(""), entry("generic")]}
    stored = bench.targets.merged(stored, entry("", value=2))
    assert stored["targets"] == [entry("", value=2), entry("generic")]
    assert bench.targets.merged({}, entry("")) == {"targets": [entry("")]}


def test_the_page_says_what_the_stored_rows_say(bench):
    slow = a_result(bench, "slow", note="read me", numbers={"gap": 7, "MiB at peak": 3.0})
    slow["peers"]["peer"]["ratio"] = {"median": 0.5, "low": 0.4, "high": 0.6}
    assert bench.tables.behind([a_result(bench)]) == "In no row of this run was a peer faster."
    assert bench.tables.behind([a_result(bench), slow]) == "A peer was faster in slow (peer, 0.500×)."
    assert bench.tables.notes([a_result(bench), slow]) == "- slow: read me; gap, 7.00."
    slow["note"] = "target: 1 ms; read me"
    slow["peers"] = {"one matrix product": slow["peers"]["peer"], "ours, one thread": slow["peers"]["peer"]}
    assert bench.tables.notes([slow]) == "- slow: read me; gap, 7.00."
    assert bench.tables.behind([slow]) == (
        "In no row of this run was a peer faster. Not peers but yardsticks: one matrix product; ours, one thread."
    )
    assert bench.tables.table([slow]).count("| yardstick, ") == 2
    drawn = performance.ratios([a_result(bench), slow], alt="One peer.")
    assert [trace.name for trace in drawn.data] == ["measured"]
    assert len(drawn.data[0].x) == 1
    numbers = {"MiB at peak before": 100.0, "MiB at peak": 140.0, "MiB of output": 31.25}
    assert "140 MiB, 40 MiB more" in bench.tables.memory([a_result(bench, numbers=numbers)])
    assert "does not tell" in bench.tables.memory([a_result(bench)])
    curve = {"x": "L", "y": "ns", "series": {"a": {"x": [8, 64], "median": [9.0, 2.0]},
                                             "b": {"x": [512], "median": [3.0]}}}  # fmt: skip
    text = bench.tables.flatness(curve, ("a", "b", "absent"))
    assert text == (
        "From L = 64 to 512 the median lies between 2.00 and 3.00 ns: a factor 1.50 over a factor 64.0 in the "
        "number of sites."
    )


@pytest.mark.parametrize(("vectors", "said"), [("avx2", True), ("avx512f", False)])
def test_the_table_of_targets_has_a_line_for_each_row(bench, vectors, said):
    rows = [a_result(bench, "small"), a_result(bench, "large", peers={})]
    entries = [
        {"machine": {"forced_target": name, "vectors": vectors}, "rows": rows} for name in ("", "nehalem", "other")
    ]
    table, _, after = bench.tables.targets(entries).partition("\n\n")
    lines = table.splitlines()
    assert len(lines) == 2 + 6
    assert lines[2] == f"| this processor ({vectors}) | small | 0.500 | 0.50 | 20.4× [5.00–60.0] |"
    assert lines[3] == "|  | large | 0.500 | 0.50 |  |"
    assert lines[4].startswith("| nehalem: SSE4.2")
    assert lines[6].startswith("| other: other")
    assert ("no 512-bit vectors" in after) == said


def test_the_plain_programs_are_right(bench):
    """A comparison with a wrong program would be worth nothing."""
    rng = np.random.default_rng(0)
    W, c, b = 0.5 * rng.standard_normal((5, 4)), *(0.5 * rng.standard_normal(n) for n in (5, 4))
    signs = [2 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1) - 1 for n in (5, 4)]
    logs = -signs[0] @ c[:, None] + (signs[0] @ W) @ signs[1].T + (signs[1] @ b)[None]
    expected = np.log(np.exp(logs).sum())
    assert bench.plain.log_partition_numpy(W, c, b) == pytest.approx(expected, abs=1e-12)
    assert bench.plain.log_partition_gray(W, c, b) == pytest.approx(expected, abs=1e-12)
    X = rng.laplace(size=(500, 6)) @ rng.standard_normal((6, 6))
    found = bench.plain.moments_by_products(*bench.plain.modes_and_scores(X), np.array([6]))
    centred = X - X.mean(axis=0)
    assert found[0] == pytest.approx(np.median((centred**4).mean(axis=0) / (centred**2).mean(axis=0) ** 2), rel=1e-4)


def test_the_stored_targets_are_of_one_processor_and_have_the_same_rows():
    targets = json.loads((ROOT / "book/results/performance.json").read_text())["targets"]
    assert len({entry["machine"]["processor"] for entry in targets}) == 1
    assert targets[0]["machine"]["forced_target"] == ""
    assert len(targets) >= 2
    assert all([row["key"] for row in entry["rows"]] == [row["key"] for row in targets[0]["rows"]] for entry in targets)


def test_the_stored_curves_have_machine_date_and_equal_lengths():
    stored = json.loads((ROOT / "book/results/performance.json").read_text())
    assert {"command", "date", "machine", "versions", "curves"} <= set(stored)
    for curve in stored["curves"].values():
        for series in curve["series"].values():
            assert len(series["x"]) == len(series["median"]) == len(series["low"]) == len(series["high"]) >= 3
            ranges = zip(series["low"], series["median"], series["high"], strict=True)
            assert all(low <= middle <= high for low, middle, high in ranges)
