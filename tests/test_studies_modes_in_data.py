"""The study of modes in data: its processes, its rules on cases of known answer, its protocol, and what is stored."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from mlrg_lib import datasets
from mlrg_lib.rg import pca
from mlrg_lib.studies import _results, mode_answers, modes_in_data

BOOK = Path(__file__).resolve().parents[1] / "book"
PROTOCOL = BOOK / "protocols" / "modes_in_data.md"
STORED = BOOK / "results" / "modes_in_data.json"


def found(softest=(0.0, 0.01), others=(0.0, 0.01), contrast=(0.0, 0.01), kurtosis=(3.0, 0.1), skew=(0.0, 0.01)):
    return {"softest": softest, "others": others, "contrast": contrast, "kurtosis": kurtosis, "skew": skew}


@pytest.mark.parametrize(
    ("measured", "symmetry", "competition", "one_gain"),
    [
        (found(), "yes", "no", "no"),
        (found(skew=(0.5, 0.1)), "no", "no", "no"),
        (found(skew=(-0.5, 0.1)), "no", "no", "no"),
        (found(skew=(0.09, 0.05)), "undecided", "no", "no"),
        (found(softest=(-0.1, 0.01), contrast=(-0.1, 0.02)), "yes", "yes", "no"),
        (found(others=(0.5, 0.1), softest=(0.5, 0.1), contrast=(0.0, 0.02)), "yes", "no", "yes"),
        (found(others=(0.5, 0.1), softest=(0.4, 0.1), contrast=(-0.03, 0.1)), "yes", "undecided", "undecided"),
        (found(others=(0.5, 0.1), contrast=(-0.4, 0.1), kurtosis=(2.0, 0.1)), "yes", "possible", "no"),
        (found(others=(0.5, 0.1), contrast=(-0.4, 0.1), kurtosis=(4.0, 0.1)), "yes", "undecided", "no"),
        (found(others=(0.5, 0.1), softest=(1.5, 0.1), contrast=(0.5, 0.1)), "yes", "no", "no"),
        (found(contrast=(0.0, None), others=(0.3, 0.1)), "yes", "undecided", "undecided"),
    ],
)
def test_the_rules(measured, symmetry, competition, one_gain):
    assert mode_answers.answers(measured) == {"symmetry": symmetry, "competition": competition, "one gain": one_gain}


def test_the_protocol_s_right_answers_are_the_module_s():
    text = PROTOCOL.read_text(encoding="utf-8").split("```yaml")[1].split("```")[0]
    table = {}
    for line in text.strip().splitlines():
        if not line.startswith("#"):
            name, _, words = line.rpartition(": [")
            table[name] = yaml.load(f"[{words}", yaml.BaseLoader)
    assert list(table) == list(modes_in_data.PROCESSES)
    said = {n: [w[0] if len(w) == 1 else "any" for w in row] for n, row in mode_answers.RIGHT.items()}
    assert said == table


@pytest.mark.parametrize("process", modes_in_data.PROCESSES)
def test_a_process_is_drawn_anew_for_each_seed_and_again_for_the_same(process):
    draw = modes_in_data.PROCESSES[process]
    first, again, other = (draw(np.random.default_rng(seed), 64, 36) for seed in (1, 1, 2))
    assert first.shape == (64, 36)
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_slow_series_have_unit_variance_and_forget_as_said():
    x = modes_in_data._slow(np.random.default_rng(0), 200_000, 2, 5.0)
    assert x.std(axis=0) == pytest.approx([1, 1], rel=0.02)
    assert np.mean(x[5:] * x[:-5]) == pytest.approx(np.exp(-1), abs=0.02)
    assert abs(np.mean(x[:, 0] * x[:, 1])) < 0.03
    white = modes_in_data._slow(np.random.default_rng(0), 50_000, 1, 0)
    assert abs(np.mean(white[1:] * white[:-1])) < 0.02


def test_phi4_stands_where_its_study_found_it_critical():
    points = json.loads((BOOK / "results" / "phi4_flow.json").read_text(encoding="utf-8"))["points"]
    for alpha, (coupling, mass) in modes_in_data.CRITICAL.items():
        near = [p for p in points if p["alpha"] == alpha and p["coupling"] == pytest.approx(coupling)]
        assert len(near) == 1
        assert near[0]["mass"] == pytest.approx(mass, abs=1e-5)


def test_a_point_is_what_the_library_measures():
    row = modes_in_data.point(data="photographs, contrast divided", null="shuffled")
    X = datasets.images(8, 8).X
    X = X - X.mean(axis=1, keepdims=True)
    X = pca.time_shuffle(pca.divide_by_gain(X[X.any(axis=1)]), rng=modes_in_data.SEED)
    known = pca.power_correlations(X, 12)
    assert row["contrast"] == list(known.contrast)
    assert row["share"] == list(pca.power_correlations(X, 16).share)
    flow = pca.mode_flow(X, modes_in_data.FRACTIONS)
    np.testing.assert_allclose(np.array(row["moment"])[:, :2], np.stack([flow.moment, flow.error], axis=1))
    assert len(row["skewness"]) == 5
    assert len(row["variances"]) == len(row["held out"]) == 64
    assert sum(row["held out"]) == pytest.approx(sum(row["variances"]), rel=0.5)


@pytest.mark.parametrize(
    "given",
    [
        {"process": "nobody"},
        {"process": "gain", "shape": "elephants"},
        {"data": "tea"},
        {"process": "gain", "seed": -2},
    ],
)
def test_what_is_not_in_the_study_is_refused(given):
    with pytest.raises(ValueError, match=r"must be"):
        modes_in_data.point(**given)


def test_coverage_counts_intervals_that_hold_the_truth():
    """Draws from a normal distribution with its true error: Student's interval is a little wider than needed."""
    rng, points = np.random.default_rng(0), [{"process": "Gaussian", "shape": "fMRI", "seed": -1} | found()]
    for seed in range(2000):
        row = {name: [truth + 0.1 * rng.normal(), 0.1] for name, truth in mode_answers.EXACT.items()}
        row |= {"moment": [[3 + 0.1 * rng.normal(), 0.1, 0.05]], "share": [0.0, 1.0]}
        points.append({"process": "Gaussian", "shape": "fMRI", "seed": seed} | row)
    (held,) = mode_answers.coverage(points, "fMRI").values()
    for name in (*mode_answers.EXACT, "moment"):
        assert held[name] == pytest.approx(0.963, abs=0.02)
    assert held["moment, fixed components"] == pytest.approx(0.705, abs=0.04)
    (narrow,) = mode_answers.coverage(points, "fMRI", 0.68).values()
    assert narrow["skew"] == pytest.approx(0.693, abs=0.04)
    counts = mode_answers.rates(points, "fMRI")["Gaussian"]["symmetry"]
    assert counts.total() == 2000


@pytest.fixture(scope="module")
def stored():
    return modes_in_data.load(STORED)


def test_the_stored_study_is_the_one_of_its_protocol_and_whole(stored):
    provenance, points = stored
    assert provenance["protocol"] == _results.protocol(STORED, "modes_in_data")
    keys = ("process", "shape", "seed", "data", "null")
    assert [{k: p[k] for k in keys if k in p} for p in points] == modes_in_data.GRID


def test_stored_points_are_found_again(stored):
    """A process and two nulls, from the seeds that the study names."""
    wanted = [{"process": "Cox process", "shape": "fMRI", "seed": 7}, {"data": "neurons", "null": "data"}]
    wanted.append({"data": "photographs", "null": "copula"})
    for given in wanted:
        (kept,) = [p for p in stored[1] if given.items() <= p.items()]
        again = modes_in_data.point(**given)
        for name in ("softest", "others", "contrast", "kurtosis", "skew", "share"):
            np.testing.assert_allclose(again[name], kept[name], rtol=2e-3, atol=1e-3)


def test_every_row_of_data_is_there(stored):
    rows = {(p["data"], p["null"]) for p in stored[1] if "data" in p}
    assert rows >= set(itertools.product(modes_in_data.SERIES, modes_in_data.NULLS))
