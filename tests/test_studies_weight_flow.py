"""The flow in the space of weights: its measures, its analysis on flows of known answer, and its protocol."""

import json
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
import yaml

from mlrg_lib import checks
from mlrg_lib.analysis import fits
from mlrg_lib.studies import _results, weight_fits, weight_flow

BOOK = Path(__file__).resolve().parents[1] / "book"
PROTOCOL = BOOK / "protocols" / "weight_flow.md"
STORED = BOOK / "results" / "weight_flow.json"
ALL = (*weight_flow.X, weight_fits.FAR, -weight_fits.FAR)


def test_a_kernel_is_described_around_its_strongest_place():
    """A plus in each of the four places that are alike, and what the window cuts off left out."""
    window = np.zeros((5, 5))
    window[1:4, 1:4] = [[0.2, 0.6, 0.2], [0.6, 2.0, 0.6], [0.2, 0.6, 0.2]]
    window[0, 0], window[4, 4] = 0.9, 0.18
    for kernel in (window[:4, :4], window[:4, :4][::-1], window[:4, :4][:, ::-1]):
        assert weight_fits.shape(kernel) == pytest.approx([2.0, 0.6, 0.2, 0.9 / 7, 6.1])
    both = weight_fits.shape(np.stack([window, 2 * window]))
    assert both[0] == pytest.approx([2.0, 0.6, 0.2, (0.9 + 0.18) / 16, 6.28])
    assert both[1] == pytest.approx(2 * both[0])
    corner = weight_fits.shape(np.array([[2.0, 1.0], [1.0, 0.5]]))
    assert corner[:3].tolist() == [2.0, 1.0, 0.5]
    assert np.isnan(corner[3])


def made(exponent, start, seeds=10, noise=0.0, rng=0, arm="learned", xs=weight_flow.X, larger=1.0):
    """Kernels of a flow with this exponent; ``start`` is how far from the fixed point it begins, halved each level."""
    rng, points = np.random.default_rng(rng), []
    for side in (128, 64, 32, 16):
        for x in xs:
            for seed in range(seeds):
                kernels = []
                for n in range(int(np.log2(side)) - 2):
                    shift = start * 0.5**n + 0.04 * x / side * 2 ** (exponent * n) * 64
                    base = np.full((4, 4), -0.04)
                    base[:3, :3] = [[0.3, 0.6, 0.3], [0.6, 2.0, 0.6], [0.3, 0.6, 0.3]]
                    kernels.append(larger * base * (1 + shift) + noise * rng.normal(size=(4, 4)))
                points.append({"arm": arm, "side": side, "x": x, "seed": seed, "kernels": np.array(kernels)})
    return points


@pytest.mark.parametrize("exponent", [0.6, 1.0, 1.3])
def test_the_exponent_of_a_known_flow_is_found(exponent):
    for row in weight_fits.matched(made(exponent, 0.0), "learned", 128):
        assert row["exponent"] == pytest.approx(exponent)
        np.testing.assert_allclose(row["change"], 0, atol=1e-12)
    rows = weight_fits.matched(made(exponent, 0.0, noise=0.02), "learned", 128)
    assert all(abs(row["exponent"] - exponent) < 4 * row["exponent_error"] + 1e-3 for row in rows)


def test_a_flow_that_has_not_arrived_is_seen():
    rows = weight_fits.matched(made(1.0, 0.4, noise=0.01), "learned", 128)
    changes = [row["change"][0] for row in rows]
    assert changes[0] < -0.1 < changes[-1] < 0
    assert [row["side"] for row in rows] == [64, 32, 16, 8]
    first, last = (fits.within(row["change"][0], row["change_error"][0], 0.05, 9) for row in (rows[0], rows[-1]))
    assert (first, last) == ("no", "yes")


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """90 % intervals of the exponent over 300 flows of ten seeds."""
    hits = 0
    for trial in range(300):
        row = weight_fits.matched(made(1.0, 0.0, noise=0.05, rng=trial), "learned", 128)[2]
        hits += abs(row["exponent"] - 1) < row["exponent_error"] * scipy.stats.t.ppf(0.95, 9)
    assert 0.85 < hits / 300 < 0.95


def test_machines_that_leave_are_seen_and_those_that_stay_are_not():
    leave, stay = (weight_fits.departures(made(y, 0.0, noise=0.001, xs=ALL)) for y in (1.0, 0.0))
    wanted = [(x, n) for x in (-weight_fits.FAR, weight_fits.FAR) for n in (1, 2, 3, 4)]
    assert [(row["x"], row["level"]) for row in leave] == wanted
    assert all(row["grows"] for row in leave)
    assert not all(row["grows"] for row in stay)
    first, second = weight_fits.departures(made(1.0, 0.0, xs=ALL))[:2]
    assert second["distance"] == pytest.approx(2 * first["distance"])
    assert second["growth"] == pytest.approx(first["distance"])


@pytest.mark.parametrize(("larger", "noise", "equal", "own"), [(1.0, 0.005, "yes", "no"), (1.2, 0.005, "no", "yes")])
def test_whether_two_kinds_of_data_teach_the_same_kernels(larger, noise, equal, own):
    points = made(1.0, 0.0, noise=noise, xs=ALL) + made(1.0, 0.0, 5, noise, 1, "gaussian", larger=larger)
    rows = weight_fits.differences(points)
    assert [(row["side"], row["level"]) for row in rows] == [(64, n) for n in range(4)] + [(32, n) for n in range(3)]
    assert {row["equal"][0] for row in rows} == {equal}
    found = weight_fits.answers(points, ["gaussian"])
    assert {name: found[name] for name in ("fixed point", "direction", "only at K_c", "its own")} == {
        "fixed point": "yes",
        "direction": "yes",
        "only at K_c": "yes",
        "its own": own,
    }
    assert found["arms"]["gaussian"]["direction"] == "yes"
    assert abs(found["exponent"] - 1) < 4 * found["exponent_error"]


def test_the_rules_say_no_and_undecided():
    points = made(1.6, 0.0, xs=ALL) + made(1.6, 0.9, 5, arm="gaussian")
    found = weight_fits.answers(points, ["gaussian"])
    assert found["direction"] == found["arms"]["gaussian"]["fixed point"] == "no"
    noisy = made(1.0, 0.0, noise=0.2, xs=ALL) + made(1.0, 0.0, 5, 0.2, 1, "gaussian")
    found = weight_fits.answers(noisy, ["gaussian"])
    assert found["fixed point"] == "undecided"
    assert found["its own"] != "no"


def test_an_incomplete_pair_is_refused():
    points = [p for p in made(1.0, 0.0) if p["side"] != 64]
    with pytest.raises(ValueError, match=r"arm='learned' of side 64"):
        weight_fits.matched(points, "learned", 128)


@pytest.mark.parametrize("arm", weight_flow.ARMS)
def test_every_arm_runs_and_is_reproducible(arm):
    one, two = (weight_flow.point(arm, 16, 0.64, 3, n_samples=30) for _ in range(2))
    assert one["kernels"].shape[0] == 2
    assert one["kernels"].sum(axis=(1, 2)).min() >= 0
    np.testing.assert_array_equal(one["kernels"], two["kernels"])
    other = weight_flow.point("learned", 16, 0.64, 3, n_samples=30)
    assert (one["nearest"][0] == other["nearest"][0]) == (arm != "gaussian")  # the arms share their lattices


def test_the_grid_is_the_protocols():
    text = PROTOCOL.read_text(encoding="utf-8")
    said = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])
    assert list(said["arms"]) == list(weight_flow.ARMS)
    assert said["lattices"] == weight_flow.N_SAMPLES
    cases = {(p["arm"], p["side"], p["x"], p["seed"]) for p in weight_flow.GRID}
    wanted = set()
    for arm in said["arms"]:
        group = "learned" if arm == "learned" else "others"
        xs = said["x"]["all"] + (said["x"]["learned only"] if arm == "learned" else [])
        wanted |= {(arm, L, x, s) for L in said["sides"][group] for x in xs for s in range(said["seeds"][group])}
    assert cases == wanted
    assert len(cases) == len(weight_flow.GRID)


@pytest.fixture(scope="module")
def stored():
    return weight_flow.load(STORED)


def test_stored_results_carry_the_hash_of_their_protocol_and_hold_its_grid(stored):
    provenance, points = stored
    assert provenance["protocol"] == _results.protocol(STORED, "weight_flow")
    key = ("arm", "side", "x", "seed")
    assert [tuple(p[k] for k in key) for p in points] == [tuple(p[k] for k in key) for p in weight_flow.GRID]


def test_a_point_repeats_the_stored_one(stored):
    """The data agree exactly. Processors add in different orders, and single weights then go different ways."""
    wanted = next(p for p in stored[1] if (p["arm"], p["side"], p["x"], p["seed"]) == ("learned", 16, 0.64, 3))
    found = weight_flow.point("learned", 16, 0.64, 3)
    assert found["nearest"][0] == pytest.approx(wanted["nearest"][0], rel=1e-5)
    sums = weight_fits.shape(found["kernels"])[:, -1], weight_fits.shape(wanted["kernels"])[:, -1]
    np.testing.assert_allclose(*sums, rtol=0.1)


def test_the_smallest_machine_is_what_counting_gives(stored):
    """One block of four, seen through ∏ 2 cosh p M: the best p needs no training."""
    sums = [weight_fits.shape(p["kernels"])[0, -1] for p in stored[1] if p["arm"] == "window 2" and p["x"] == 0.0]
    spins = weight_flow._lattices("ising", 32, 0.0, 0, 4000)
    blocks = np.abs(spins.reshape(-1, 16, 2, 16, 2).sum(axis=(2, 4)))
    seen = np.array([np.mean(blocks == M) for M in (0, 2, 4)])
    assert np.mean(sums) == pytest.approx(4 * checks.weight_flow.strength.truth(seen), rel=0.02)


def test_the_hash_leaves_deviations_out_and_sees_all_else(tmp_path):
    (tmp_path / "protocols").mkdir()
    (tmp_path / "results").mkdir()
    file, result = tmp_path / "protocols" / "some.md", tmp_path / "results" / "some.json"
    assert _results.protocol(result, "some") is None
    file.write_text("# A\n\nmargin 5\n\n## Deviations\n\nNone.\n")
    first = _results.protocol(result, "some")
    file.write_text("# A\n\nmargin 5\n\n## Deviations\n\nOne.\n")
    assert _results.protocol(result, "some") == first
    file.write_text("# A\n\nmargin 6\n\n## Deviations\n\nNone.\n")
    assert _results.protocol(result, "some") != first
    _results.write(result, "some", {"a": 1})
    assert json.loads(result.read_text())["provenance"]["protocol"] == _results.protocol(result, "some")
