"""The second study of transformations: its rules, its answers on made-up exponents, its protocol, its results."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import yaml

from mlrg_lib.machines import ConvolutionalRBM
from mlrg_lib.rg import monte_carlo
from mlrg_lib.studies import _results, good_again, good_answers
from mlrg_lib.studies import good_transformations as first

BOOK = Path(__file__).resolve().parents[1] / "book"
PROTOCOL = BOOK / "protocols" / "good_again.md"
STORED = BOOK / "results" / "good_again.json"
LEVELS = np.arange(1, 7)


def made(amplitude=0.02, rate=1.5, noise=3e-4, rng=0, t_amplitude=0.1, t_noise=5e-3, n_runs=20, shift=0.0):
    """A rule whose exponents approach by one law; ``noise`` is the standard error at every level."""
    rng, rule = np.random.default_rng(rng), {}
    for y, a, size in (("y_h", amplitude, noise), ("y_t", t_amplitude, t_noise)):
        truth = good_answers.EXACT[y] + a * 2.0 ** (-rate * LEVELS) + shift * (y == "y_h")
        runs = truth + size * np.sqrt(n_runs) * rng.normal(size=(n_runs, len(LEVELS)))
        rule[y] = rule[f"{y}_few"] = runs.mean(axis=0)
        rule[f"{y}_left_out"] = (runs.sum(axis=0) - runs) / (n_runs - 1)
        rule[f"{y}_error"] = rule[f"{y}_few_error"] = runs.std(axis=0, ddof=1) / np.sqrt(n_runs)
    return rule


@pytest.mark.parametrize(("amplitude", "rate"), [(0.1, 0.5), (-0.05, 1.0), (0.02, 2.0), (0.06, 0.0)])
def test_a_known_approach_is_found_again(amplitude, rate):
    law = good_answers.approach(made(amplitude, rate, noise=1e-7))
    assert law.amplitude.value == pytest.approx(amplitude, rel=0.01)
    assert law.rate.value == pytest.approx(rate, abs=2e-3)
    foreseen = abs(amplitude) * 2.0 ** (-rate * good_answers.FAR)
    assert law.foreseen == pytest.approx((foreseen, foreseen), rel=0.1)


def test_errors_of_the_law_hold_it_as_often_as_they_should():
    """Of 400 made-up rules: 90 % intervals of A and ω, and of the distance at a far level."""
    held = np.zeros(3)
    half = 1.729  # Student's t with 19 degrees of freedom
    for seed in range(400):
        law = good_answers.approach(made(0.08, 0.6, noise=4e-4, rng=seed))
        held += [
            abs(law.amplitude.value - 0.08) < half * law.amplitude.error,
            abs(law.rate.value - 0.6) < half * law.rate.error,
            law.foreseen[0] < 0.08 * 2.0**-6 < law.foreseen[1],
        ]
    assert held / 400 == pytest.approx(0.9, abs=0.05)


@pytest.mark.parametrize(
    ("rule", "h", "t", "basin"),
    [
        (made(), "yes", "yes", "yes"),
        (made(t_noise=0.06), "yes", "undecided", "undecided"),
        (made(t_amplitude=5.0, rate=1.0), "yes", "no", "undecided"),
        (made(0.1, 0.2), "no", "undecided", "no"),
        (made(0.1, 0.0, t_amplitude=0.0), "no", "yes", "no"),
        (made(0.4, 0.8, t_amplitude=0.0), "no", "yes", "undecided"),
        (made(0.02, 1.5, noise=5e-3), "undecided", "yes", "undecided"),
        (made(shift=0.05), "no", "yes", "no"),
    ],
)
def test_the_rules_of_the_protocol(rule, h, t, basin):
    assert good_answers.basin(rule) == {"y_h": h, "y_t": t, "basin": basin}


def test_a_rule_outside_the_margin_is_hardly_ever_called_arrived():
    """At the edge of the margin for y_h each of two tests at two levels errs once in twenty, and both must."""
    wrong = sum(good_answers.basin(made(0.0, noise=1e-3, rng=k, shift=0.005))["y_h"] == "yes" for k in range(400))
    assert wrong / 400 < 0.02
    right = sum(good_answers.basin(made(0.0, noise=1e-3, rng=k, shift=0.0))["y_h"] == "yes" for k in range(400))
    assert right / 400 > 0.95


def test_what_has_no_exponent_at_some_level_is_undecided():
    rule = made()
    for name in ("y_h", "y_h_few", "y_h_error"):
        rule[name] = np.where(LEVELS == 5, np.nan, rule[name])
    assert good_answers.basin(rule)["basin"] == "undecided"
    assert np.isnan(good_answers.approach(rule).chi2)


def test_pairs_see_less_noise_than_two_rules_apart():
    common = made(noise=1e-2, rng=1)
    other = {name: values + 1e-3 * (name != "y_h_error") for name, values in common.items()}
    value, error = good_answers.difference(other, common)
    assert value == pytest.approx(1e-3)
    assert error == pytest.approx(0.0, abs=1e-12)


def test_far_couplings_are_summed_without_signs():
    rule = {"couplings": np.array([[1, 1, 0.1, -0.2, 0, 0, 0, 0]] * 3), "couplings_error": np.full((3, 8), 0.01)}
    value, error = good_answers.reach(rule)
    assert value == pytest.approx([0.3, 0.3])
    assert error == pytest.approx([0.01 * np.sqrt(6)] * 2)


def test_gains_by_hand_and_by_enumeration():
    """A vote of n coins: n times the chance that the others tie, 3/8 of four (ties are tossed) and 6/16 of five."""
    one, plus = np.zeros((2, 2)), -50 * np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
    one[1, 0] = -50
    assert good_answers.gain(one) == pytest.approx(1)
    assert good_answers.gain(-50 * np.ones((2, 2))) == pytest.approx(4 * 3 / 8)
    assert good_answers.gain(plus) == pytest.approx(5 * 6 / 16)
    assert good_answers.gain(-1e-4 * np.ones((3, 3))) == pytest.approx(9e-4, rel=1e-6)
    weights = np.random.default_rng(0).normal(size=(3, 3))
    coins = np.array(list(itertools.product((-1, 1), repeat=9)))
    by_hand = np.mean(coins.sum(axis=1) * np.tanh(-coins @ weights.ravel()))
    assert good_answers.gain(weights) == pytest.approx(by_hand)
    large = np.zeros((7, 7))
    large[:3, :3] = weights
    assert good_answers.gain(large) == pytest.approx(by_hand)
    large[3:, 3:] = 1e-9
    assert good_answers.gain(large) == pytest.approx(by_hand, abs=0.02)


def test_a_weak_common_part_grows_by_the_gain():
    """Fair coins with a small bias m, blocked by Kadanoff's rule: the blocks' mean is the gain times m."""
    rng, bias = np.random.default_rng(0), 0.05
    spins = np.where(rng.random((400, 64, 64)) < (1 + bias) / 2, 1, -1)
    blocked = monte_carlo.block(spins, 2, 1, transformation="kadanoff", p=0.76, rng=1)[1]
    grown = good_answers.gain(-0.76 * np.ones((2, 2))) * bias
    assert blocked.mean() == pytest.approx(grown, abs=5 / np.sqrt(blocked.size))


def test_fields_are_moved_to_the_middle_and_turned():
    unit = np.zeros((8, 8))
    unit[7, 0], unit[7, 1], unit[0, 0] = 2.0, 0.5, -0.25
    other = np.zeros((8, 8))
    other[3, 3] = -1.0
    middle, second = good_again.aligned(np.stack([other.ravel(), unit.ravel(), np.zeros(64)], axis=1))
    assert middle[4, 4] == -2.0
    assert middle[4, 5] == -0.5
    assert middle[5, 4] == 0.25
    assert second[4, 4] == -1.0
    mean, single = good_again.kernels("x", np.stack([other.ravel(), unit.ravel()], axis=1), 1)
    assert mean["name"] == "x: mean"
    assert single["name"] == "x: unit 2 of 2"
    assert np.array(mean["weights"])[3, 3] == -1.5
    assert mean["kept"] == single["kept"] == 1.0
    unit[2, 4] = 1.0  # far from the strongest place
    assert good_again.kernels("x", unit.reshape(64, 1), 1)[1]["kept"] == pytest.approx(1 - 1 / 5.3125)


def test_the_middle_of_a_kernel_lies_in_its_own_block():
    """A window of 7 × 7 whose one weight is in the middle is decimation."""
    weights = np.zeros((7, 7))
    weights[3, 3] = -50.0
    spins = np.where(np.random.default_rng(0).random((3, 16, 16)) < 0.5, 1, -1)
    drawn = ConvolutionalRBM.from_parameters(weights, stride=2).sample_hidden(spins, rng=0)
    assert np.array_equal(drawn, spins[:, 1::2, 1::2])


def test_a_small_study_runs_from_end_to_end_and_goes_on_where_it_was(tmp_path, monkeypatch):
    small = {"N_CONTROLS": 1, "RUNS": (0, 1, 2), "SOURCES": BOOK / "results"}
    small |= {"MEASURING": {"side": 32, "n_samples": 150}, "TRAINING": {"n_epochs": 1, "n_samples": 200}}
    for name, value in (small | {"MACHINES": dict(list(good_again.MACHINES.items())[:1])}).items():
        monkeypatch.setattr(good_again, name, value)
    monkeypatch.setattr(first.couple.__wrapped__, "__defaults__", (True, 150))
    path = tmp_path / "out.json"
    stored = good_again.main(path, tmp_path / "parts")
    provenance, rules = good_again.load(path)
    assert provenance == stored["provenance"]
    assert provenance["side"] == 32
    assert rules["majority"]["y_h"].shape == (3,)
    assert rules["majority"]["y_h_left_out"].shape == (3, 3)
    assert rules["shuffled 1"]["couplings"].shape == (3, 8)
    n_runs, left_out = 3, rules["plus"]["y_h_left_out"]
    error = np.sqrt((n_runs - 1) * left_out.var(axis=0))
    assert error == pytest.approx(rules["plus"]["y_h_error"], rel=0.01)
    monkeypatch.setattr("mlrg_lib.studies.runner._evaluate", lambda *_: pytest.fail("computed again"))
    assert good_again.main(path, tmp_path / "parts") == stored


@pytest.fixture(scope="module")
def stored():
    return good_again.load(STORED)


def test_the_stored_study_is_the_one_of_its_protocol_and_whole(stored):
    provenance, rules = stored
    assert provenance["protocol"] == _results.protocol(STORED, "good_again")
    assert provenance["runs"] == list(good_again.RUNS)
    assert {name: provenance[name] for name in good_again.MEASURING} == good_again.MEASURING
    said = yaml.safe_load(PROTOCOL.read_text(encoding="utf-8").split("```yaml")[1].split("```")[0])
    names = [*said["by hand"], *said["convolutional"]]
    for stack in ("stack", "stack, weaker penalty"):
        names += [name for name in rules if name.startswith(f"{stack}: ")]
        assert sum(name.startswith(f"{stack}: unit") for name in rules) == said[stack]["single units"]
    for machine in good_again.MACHINES:
        names += [name for name in rules if name.startswith(f"{machine}: ")]
        assert f"{machine}: mean" in rules
    names += [f"{kind} {k}" for kind, n in said["controls"].items() for k in range(1, n + 1)]
    assert sorted(names) == sorted(rules)
    assert len(good_again.MACHINES) == 18
    machines, bare = said["machines"], said["machines without penalty"]
    assert len(good_again.MACHINES) == 3 * 2 * (len(machines["units"]) + len(bare["units"]))
    assert machines["seeds"] == bare["seeds"] == 3
    assert STORED.stat().st_size < 600_000


def test_a_part_of_the_stored_study_is_found_again(stored):
    """A control's weights and couplings; and on fresh lattices the first levels of two rules, told apart."""
    _, rules = stored
    _, measured = first.load(BOOK / "results" / "good_transformations.json")
    weights = first.control(measured["window 4 × 4"]["weights"], "random", 7)
    assert rules["random 7"]["weights"] == pytest.approx(weights, rel=1e-4)
    coupled = first.couple({"name": "random 7", "weights": weights.tolist()}, False)
    errors = rules["random 7"]["couplings_error"]
    assert (np.abs(coupled["couplings"] - rules["random 7"]["couplings"]) < errors).all()
    specs = [{"name": "majority"}, {"name": "stack: mean", "weights": rules["stack: mean"]["weights"].tolist()}]
    fresh = [first.measure(9000 + k, specs, 64, 300) for k in range(4)]  # the first levels hardly feel the side
    for spec in specs:
        found = first.join(fresh, spec["name"])
        for level in (0, 1):
            # four runs give an error bar that is itself uncertain by two fifths
            far = found.y_h_by_operators[level, 2] - rules[spec["name"]]["y_h_few"][level]
            assert abs(far) < 8 * found.y_h_by_operators_error[level, 2], (spec["name"], level)
        other = rules["decimation"]["y_h_few"][0]
        assert abs(found.y_h_by_operators[0, 2] - other) > 10 * found.y_h_by_operators_error[0, 2]


def test_a_machine_trained_again_gives_the_stored_rule(stored):
    name = "64 units, CD-1, seed 0"
    trained = good_again.train(name, **good_again.TRAINING)["weights"]
    mean, _ = good_again.kernels(name, trained, 1)
    assert np.array(mean["weights"]) == pytest.approx(stored[1][mean["name"]]["weights"], abs=0.03)
