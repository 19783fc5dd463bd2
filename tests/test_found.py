"""The page "What we found": its pictures are what the stored results give, and its sentences are true of them."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from mlrg_lib.ising import exact
from mlrg_lib.studies import block_fits, block_or_correlation, good_transformations

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


def test_the_learned_rule_approaches_as_the_majority_rule_does_and_decimation_does_not():
    _, measured = good_transformations.load(RESULTS / "good_transformations.json")
    away = {rule: np.abs(np.array(found["y_h"]) - 15 / 8) for rule, found in measured.items()}
    for rule in ("majority", "window 4 × 4", "shuffled"):
        steps = away[rule][0] / away[rule][1], away[rule][1] / away[rule][2]
        assert min(steps) > 1.8, rule
    assert away["shuffled"][2] > 3 * away["window 4 × 4"][2]
    assert away["decimation"][2] > 0.6 * away["decimation"][0]


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
