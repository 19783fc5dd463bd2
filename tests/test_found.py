"""The page "What we found": its pictures are what the stored results give, and its sentences are true of them."""

import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mlrg_lib.ising import exact
from mlrg_lib.studies import block_fits, block_or_correlation, good_again, good_answers, good_transformations

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book/_tools"))
import stills  # noqa: E402

PAGE = (ROOT / "book/found.md").read_text(encoding="utf8")
RESULTS = ROOT / "book/results"


@pytest.mark.parametrize("name", stills.PICTURES)
def test_pictures_are_what_the_results_give(name):
    stored = (ROOT / f"book/_static/found-{name}.svg").read_text(encoding="utf8")
    assert stored == stills.PICTURES[name](), "draw it: python book/_tools/stills.py"
    assert f"_static/found-{name}.svg\n:alt: " in PAGE


def test_every_section_asks_and_leads_to_its_evidence():
    sections = re.split(r"^## ", PAGE, flags=re.M)[1:]
    assert len(sections) >= 6
    for section in sections:
        title = section.splitlines()[0]
        assert title.endswith("?")
        assert "{doc}`" in section, title
        if title != sections[-1].splitlines()[0]:
            assert {"**", "*Conditions:*"} <= {word for word in ("**", "*Conditions:*") if word in section}, title


def test_sizes_change_by_a_fifth_while_the_correlation_length_grows_sevenfold():
    _, points = block_or_correlation.load(RESULTS / "block_or_correlation.json")
    xis = [exact.correlation_length(beta) for beta in block_or_correlation.BETAS[5:10]]
    assert 6.9 < max(xis) / min(xis) < 7.5
    main = {"kind": "ising", "l1": block_or_correlation.PENALTY, "n_epochs": block_or_correlation.N_EPOCHS, "side": 16}
    sizes = block_fits.group(points, "size", **main)
    for n in block_or_correlation.WIDTHS:
        means = [block_fits.mean_and_error(sizes[n, beta])[0] for beta in block_or_correlation.BETAS[5:10]]
        assert max(means) / min(means) < 1.225
        assert min(len(sizes[n, beta]) for beta in block_or_correlation.BETAS[5:10]) == 5


def test_learned_rules_arrive_free_or_not_and_shuffled_ones_are_not_shown_to_fail():
    _, rules = good_again.load(RESULTS / "good_again.json")
    answers = {name: good_answers.basin(found) for name, found in rules.items()}
    assert {answers[name]["basin"] for name in ("majority", *good_transformations.MACHINES)} == {"yes"}
    means = [answers[name] for name in rules if name.endswith(": mean")]
    assert len(means) == 20
    assert {found["y_h"] for found in means} == {"yes"}
    assert sum(found["y_t"] == "undecided" for found in means) == 8
    assert sum(found["y_t"] == "yes" for found in means) == 12
    assert sum(found["basin"] == "yes" for found in means) == 12

    def verdicts(kind):
        return Counter(found["basin"] for name, found in answers.items() if name.startswith(kind))

    assert verdicts("shuffled") == {"yes": 16, "undecided": 34}
    assert verdicts("random") == {"yes": 4, "no": 28, "undecided": 18}
    assert answers["decimation"]["basin"] == "no"
    away = np.abs(rules["decimation"]["y_h"][:5] - 15 / 8)
    assert away.min() > 0.04
    for name in ("majority", "window 4 × 4", "stack: mean"):
        assert np.abs(rules[name]["y_h"][2:5] - 15 / 8).max() < 0.0015


def test_no_rule_below_the_threshold_of_the_gain_arrives_and_one_above_it_does_not():
    _, rules = good_again.load(RESULTS / "good_again.json")
    counts = {True: Counter(), False: Counter()}
    for name, found in rules.items():
        vote = -float(found.get("p", 50)) * np.ones((2, 2))
        weights = np.diag([-50.0, 0.0]) if name == "decimation" else found.get("weights", vote)
        counts[good_answers.gain(weights) < good_answers.THRESHOLD][good_answers.basin(found)["basin"]] += 1
    assert counts[True] == {"no": 33, "undecided": 15}
    assert counts[False] == {"yes": 54, "no": 1, "undecided": 58}


def test_the_wilder_the_gain_the_smaller_the_fitted_coupling():
    moment, fitted, error = stills.gain_couplings().T
    assert (np.diff(moment) > 0).all()
    assert moment[-1] > 200
    lowest = np.argmin(fitted)
    assert 0 < lowest < 4
    assert fitted[lowest] > -0.07
    assert (np.diff(fitted[lowest:]) > 0).all()
    assert abs(fitted[-1]) < 0.05 * abs(fitted[lowest])
    assert abs(fitted[0]) < 4 * error[0]
