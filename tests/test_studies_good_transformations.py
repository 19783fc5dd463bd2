"""The stored study of transformations: points of it computed again, and its controls."""

from pathlib import Path

import numpy as np
import pytest

from mlrg_lib.machines import ConvolutionalRBM
from mlrg_lib.rg import monte_carlo
from mlrg_lib.studies import good_transformations as study

STORED = Path(__file__).resolve().parents[1] / "book" / "results" / "good_transformations.json"


@pytest.fixture(scope="module")
def stored():
    return study.load(str(STORED))


def test_provenance_says_how_it_was_made(stored):
    provenance, rules = stored
    assert provenance["runs"] == study.N_RUNS
    assert provenance["samples_per_run"] == study.N_SAMPLES
    assert "good_transformations" in provenance["command"]
    assert {*study.MACHINES, "majority", "decimation", "shuffled", "random"} <= set(rules)
    assert STORED.stat().st_size < 200_000


def turned(weights):
    """The window with its strongest place nearest to the first corner: which of a block's sites it is, is chance."""
    k = len(weights)
    row, column = np.unravel_index(np.argmin(weights), weights.shape)
    weights = weights[::-1] if 2 * row >= k else weights
    weights = weights[:, ::-1] if 2 * column >= k else weights
    return (weights + weights.T) / 2


def test_a_machine_trained_again_has_the_stored_weights(stored):
    again, before = study.train(**study.MACHINES["window 4 × 4, CD-1"])["weights"], stored[1]["window 4 × 4, CD-1"]
    assert turned(again) == pytest.approx(turned(before["weights"]), abs=0.05)
    assert turned(again) != pytest.approx(turned(stored[1]["window 4 × 4"]["weights"]), abs=0.05)


def test_fresh_runs_agree_with_the_stored_exponents(stored):
    """Eight fresh runs of 250 lattices of side 64, three rules, levels 1 and 2; another rule's values are not met."""
    rules = stored[1]
    specs = [{"name": "majority"}, {"name": "decimation"}]
    specs.append({"name": "window 4 × 4", "weights": rules["window 4 × 4"]["weights"].tolist()})
    runs = [study.measure(5000 + k, specs, n_samples=250) for k in range(8)]
    fresh = {}
    for spec in specs:
        name = spec["name"]
        parts = {part: np.concatenate([r[f"{name}|{part}"] for r in runs]) for part in study.PARTS}
        moments = monte_carlo.Moments(b=2, sides=64 // 2 ** np.arange(5), counts=np.full(8, 250), **parts)
        fresh[name] = monte_carlo.exponents_from(moments)
        for y in ("y_t_by_operators", "y_h_by_operators"):
            for level in (0, 1):
                values, errors = getattr(fresh[name], y)[level, 0], getattr(fresh[name], f"{y}_error")[level, 0]
                far = values - rules[name][y][level, 0]
                # eight runs give an error bar that is itself uncertain by a quarter
                assert abs(far) < 4.5 * 1.3 * np.hypot(errors, rules[name][f"{y}_error"][level, 0]), (name, y, level)
    wrong = fresh["majority"].y_h_by_operators[0, 0] - rules["decimation"]["y_h_by_operators"][0, 0]
    assert abs(wrong) > 10 * fresh["majority"].y_h_by_operators_error[0, 0]


def test_controls_keep_the_size_and_lose_the_pattern(stored):
    window = stored[1]["window 4 × 4"]["weights"]
    shuffled, random = (study.control(window, kind) for kind in ("shuffled", "random"))
    assert np.array_equal(np.sort(np.abs(shuffled).ravel()), np.sort(np.abs(window).ravel()))
    assert np.linalg.norm(random) == pytest.approx(np.linalg.norm(window))
    assert random.sum() <= 0
    for kind, weights in (("shuffled", shuffled), ("random", random)):
        assert stored[1][kind]["weights"] == pytest.approx(weights, abs=2e-6)


def test_rules_become_arguments(stored):
    spins = np.where(np.random.default_rng(0).random((2, 8, 8)) < 0.5, 1, -1)
    assert study.rule({"name": "kadanoff, p = 1", "p": 1.0}) == {"transformation": "kadanoff", "p": 1.0}
    weights = stored[1]["block 2 × 2"]["weights"]
    drawn = study.rule({"name": "x", "weights": weights.tolist()})["transformation"](spins, 3)
    machine = ConvolutionalRBM.from_parameters(weights, stride=2)
    assert np.array_equal(drawn, machine.sample_hidden(spins, rng=3))


def test_a_small_study_runs_from_end_to_end(tmp_path, monkeypatch):
    monkeypatch.setattr(
        study,
        "MACHINES",
        {name: {**study.MACHINES[name], "n_epochs": 1, "n_samples": 200} for name in ("block 2 × 2", "window 4 × 4")},
    )
    monkeypatch.setattr(study, "N_RUNS", 2)
    for function, small in (("measure", 60), ("couple", 60)):
        inner = getattr(study, function).__wrapped__
        monkeypatch.setattr(inner, "__defaults__", (*inner.__defaults__[:-1], small))
    monkeypatch.setattr(study, "N_SAMPLES", 60)
    path = tmp_path / "out.json"
    study.main(str(path), str(tmp_path / "parts"))
    provenance, rules = study.load(str(path))
    assert provenance["runs"] == 2
    assert rules["majority"]["y_t"].shape == (4,)
    assert rules["window 4 × 4"]["own"].shape == (8,)
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []
