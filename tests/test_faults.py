"""Answers that never end, workflows that run what the Makefile has, and stored results that a test finds again."""

import json
import re
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from patience import PATIENCE

from mlrg_lib.checks import _core
from mlrg_lib.studies import sampler_validation as validate

ROOT = Path(__file__).resolve().parents[1]
# Each file of stored results, and the test that computes a part of it again.
FOUND_AGAIN = {
    "block_or_correlation.json": "test_studies_block_or_correlation.py: test_a_point_repeats_the_stored_one",
    "good_again.json": "test_studies_good_again.py: test_a_part_of_the_stored_study_is_found_again",
    "good_transformations.json": (
        "test_studies_good_transformations.py: test_a_machine_trained_again_has_the_stored_weights"
    ),
    "learning_ising.npz": "test_studies_learning_ising.py: test_first_epoch_repeats_the_stored_one",
    "modes_in_data.json": "test_studies_modes_in_data.py: test_stored_points_are_found_again",
    "phi4_flow.json": "test_rg_pca_figures.py: test_stored_flow_is_the_grid_and_a_point_of_it_is_found_again",
    "rbm_flow.json": "test_rg_rbm_flow.py: test_a_stored_point_is_what_its_parameters_give",
    "shell_coupling.json": "test_rg_pca_figures.py: test_stored_shells_cover_both_dimensions_and_one_is_found_again",
    "weight_flow.json": "test_studies_weight_flow.py: test_a_point_repeats_the_stored_one",
    "validation.json": "test_faults.py: test_a_stored_check_of_a_sampler_is_found_again",
}
# Times, of the machine they name; and what `make mutants` finds in a night.
MEASURED = {"benchmark.json", "browser.json", "course.json", "mutants.json", "performance.json"}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


checker = _core.Function(
    "ex-endless",
    "its argument: ``answer(x)``",
    calls=lambda: [(1,)],
    truth=lambda x: x,
    mistakes=lambda *_: {},
    otherwise="another one",
    praise="right",
)


def endless(x):
    while True:
        try:
            x = x + 1 - 1
        except Exception:
            continue


def test_an_endless_loop_earns_a_hint_and_an_alarm_outlives_it(monkeypatch):
    monkeypatch.setattr(_core, "PATIENCE", 0.2)
    rung = []
    handler = signal.signal(signal.SIGVTALRM, lambda *_: rung.append(1))
    signal.setitimer(signal.ITIMER_VIRTUAL, 3600.0)
    try:
        verdict = checker(endless)
        assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] > 3000
        assert not verdict
        assert "loop whose condition never becomes false" in verdict.message
        assert checker(lambda x: x)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.01)
        end = time.process_time() + 60
        while not rung and time.process_time() < end:
            pass
        assert rung
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, handler)


def test_waiting_is_not_an_endless_loop(monkeypatch):
    """As every answer waits on a busy machine."""
    monkeypatch.setattr(_core, "PATIENCE", 0.2)
    assert checker(lambda x: (time.sleep(0.5), x)[1])


def test_other_threads_have_no_limit_and_no_error():
    verdicts = []
    thread = threading.Thread(target=lambda: verdicts.append(checker(lambda x: x)))
    thread.start()
    thread.join(PATIENCE)
    assert verdicts
    assert verdicts[0]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_are_read_by_a_parser_and_run_targets_that_exist(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf8"))
    wanted = "write" if path.name == "pages.yml" else "read"  # pages.yml also publishes the branch of notebooks
    assert workflow["permissions"]["contents"] == wanted
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf8"), flags=re.M))
    assert True in workflow, "`on:`, which YAML reads as true"
    for name, job in workflow["jobs"].items():
        assert 0 < job.get("timeout-minutes", 10) <= 240, name
        steps = job["steps"]
        assert all(("uses" in step) != ("run" in step) for step in steps), name
        assert all(re.fullmatch(r"[\w/-]+@v\d+", step["uses"]) for step in steps if "uses" in step), name
        runs = "\n".join(step["run"] for step in steps if "run" in step)
        assert set(re.findall(r"\bmake ([a-z-]+)", runs)) <= targets, name


def test_every_week_the_newest_and_the_lowest_versions_and_the_checked_kernels_are_tried():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "weekly.yml").read_text(encoding="utf8"))
    assert workflow[True]["schedule"][0]["cron"].split()[4] != "*"
    runs = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert {f"make {t}" for t in ("test", "weekly", "boundscheck", "interpreted", "floors", "installed")} <= set(runs)


def test_a_part_of_each_stored_result_is_computed_again():
    stored = {path.name for path in (ROOT / "book" / "results").iterdir() if not path.name.startswith(".")}
    assert stored - MEASURED == set(FOUND_AGAIN)
    for place in FOUND_AGAIN.values():
        module, name = place.split(": ")
        assert f"def {name}(" in (ROOT / "tests" / module).read_text(encoding="utf8"), place


def test_a_stored_check_of_a_sampler_is_found_again():
    stored = json.loads((ROOT / "book" / "results" / "validation.json").read_text(encoding="utf8"))["checks"]
    old = next(check for check in stored if check["algorithm"] == "heat_bath" and check["L"] == 16)
    new = validate.energy_check("heat_bath", 16, old["beta"], relative_error=1e-3, rng=1)
    assert new.exact == pytest.approx(old["exact"], rel=1e-12)
    assert abs(new.energy - old["energy"]) < 4 * np.hypot(new.error, old["error"])
    for check in stored:
        assert (check["energy"] - check["exact"]) / check["error"] == pytest.approx(check["z"], abs=1e-6)
