"""The stored study is what its code computes, and a damaged file is refused."""

from pathlib import Path

import numpy as np
import pytest

from mlrg_lib.figures import learning as figures
from mlrg_lib.machines import RBM, DeepBeliefNetwork, fields
from mlrg_lib.machines.tiling import tiling
from mlrg_lib.studies import learning_ising as study
from mlrg_lib.studies import runner

STORED = Path(__file__).resolve().parents[1] / "book" / "results" / "learning_ising.npz"
SMALL = {"side": 16, "n_samples": 1500, "n_epochs": 12, "widths": [64, 16, 4]}


@pytest.fixture(scope="module")
def stored():
    return study.load(STORED)


@pytest.mark.parametrize("name", ["ising", "coins"])
def test_first_epoch_repeats_the_stored_one(stored, name):
    again = study.train_layer(**study.point(name, 1, n_epochs=1))["history"][0]
    history = stored[1][name].layers[0].history
    np.testing.assert_allclose(again, [history[key][0] for key in study.HISTORY], rtol=0.1)


def test_the_stored_file_says_where_it_comes_from(stored):
    provenance, stacks = stored
    assert provenance["command"].startswith("python -m mlrg_lib.studies.learning_ising")
    assert provenance["cases"] == {name: case._asdict() for name, case in study.CASES.items()}
    assert provenance["settings"] == {"widths": [400, 100, 25], "side": 40, "n_samples": 20_000}
    assert set(stacks) == set(study.CASES) == set(provenance["training_seconds"])
    assert STORED.stat().st_size < 600_000


def test_stored_measures_are_those_of_the_stored_fields(stored):
    for stack in stored[1].values():
        for level, layer in enumerate(stack.layers):
            assert all(len(values) == study.WIDTHS[level] for values in layer.units.values())
            if layer.fields.shape[1] < study.WIDTHS[level] or not layer.fields.any():
                continue  # only some of the fields are stored
            again = study.measure_units(layer.fields)
            for key, values in zip(study.UNITS, again, strict=True):
                # fields are stored in steps of 1/127, and a site near a threshold may change sides
                tolerance = {"half_area": 4.0, "block": 1.1}.get(key, 0.1)
                close = np.isclose(np.sort(values), np.sort(layer.units[key]), rtol=0.03, atol=tolerance)
                assert close.mean() >= 0.95, key
                assert np.median(values) == pytest.approx(np.median(layer.units[key]), rel=0.06)
            value, _ = tiling(layer.fields)
            np.testing.assert_allclose(layer.tiling[0], value, atol=0.03)


def test_stored_histories_end_at_the_stored_measures(stored):
    for name, stack in stored[1].items():
        for layer in stack.layers:
            assert 10 <= len(layer.history["radius"]) <= study.CASES[name].n_epochs
            assert layer.history["learned"][-1] == np.isfinite(layer.units["radius"]).sum(), name
            if layer.history["learned"][-1]:
                for key in ("half_area", "participation", "radius"):
                    assert layer.history[key][-1] == pytest.approx(np.nanmedian(layer.units[key]), rel=1e-4)


def test_the_lattice_teaches_blocks_and_coins_do_not(stored):
    stacks = stored[1]
    for level, tile in enumerate((4, 16, 64)):
        layer = stacks["ising"].layers[level]
        found = study.summary(layer)
        assert found["radius"][0] == pytest.approx(np.sqrt((tile - 1) / 6), rel=0.2)
        assert found["overlap"][0] > 0.8 > layer.permuted["overlap"] + 0.1
        assert found["unevenness"][0] < 0.6 < found["scattered_unevenness"][0]
        assert not np.isfinite(stacks["coins"].layers[level].units["radius"]).any()


def test_a_stack_learns_the_same_with_and_without_a_folder(tmp_path):
    one, results = study.stack("ising", tmp_path, **SMALL)
    two, _ = study.stack("ising", **SMALL)
    for a, b in zip(one.rbms_, two.rbms_, strict=True):
        np.testing.assert_allclose(a.weights_, b.weights_, rtol=1e-6)
    assert len(list(tmp_path.iterdir())) == 3
    (again,) = runner.run_study(study.train_layer, [study.point("ising", **SMALL)], tmp_path)
    np.testing.assert_array_equal(again["weights"], results[2]["weights"])


def test_the_whole_study_on_a_small_lattice(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(study, "CASES", {name: study.CASES[name] for name in ("ising", "coins")})
    changes = {**SMALL, "n_epochs": 11}
    path = tmp_path / "small.npz"
    study.main(path, tmp_path / "parts", **changes)
    assert "2/2" in capsys.readouterr().err
    before = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "parts").iterdir()}
    assert len(before) == 3 * len(study.CASES)
    provenance, stacks = study.load(path)
    assert provenance["settings"]["side"] == 16
    assert set(stacks) == set(study.CASES)
    study.main(path, tmp_path / "parts", **changes)
    assert {p.name: p.stat().st_mtime_ns for p in (tmp_path / "parts").iterdir()} == before


def test_a_machine_without_weights_is_given_up():
    result = study.train_layer(**study.point("coins", 1, side=8, n_samples=500, widths=[8], l1=0.5, n_epochs=60))
    assert not result["weights"].any()
    assert len(result["history"]) < 60


def test_block_means_remember_what_they_should():
    rng = np.random.default_rng(0)
    blocks = (2 * rng.integers(0, 2, (3000, 2, 2)) - 1).repeat(4, axis=1).repeat(4, axis=2).reshape(3000, 64)
    coins = 2 * rng.integers(0, 2, (3000, 64)) - 1
    idle = DeepBeliefNetwork.from_rbms([RBM.from_parameters(np.zeros((64, 4)))])
    share, error = study.remembered(idle, blocks[:2000], blocks[2000:])
    np.testing.assert_allclose(share, [[0.0, 1.0, 1.0]], atol=1e-5)
    share, error = study.remembered(idle, coins[:2000], coins[2000:])
    assert abs(share[0, 1] - 4 / 64) < 4 * error[0, 1]
    assert abs(share[0, 2] - 4 / 64) < 0.02


def test_weights_dealt_anew_lose_their_place_and_keep_their_size():
    first = np.zeros((64, 16))
    for k in range(16):
        image = np.zeros((8, 8))
        image[2 * (k // 4) : 2 * (k // 4) + 2, 2 * (k % 4) : 2 * (k % 4) + 2] = 1.0
        first[:, k] = image.ravel()
    second = np.zeros((16, 4))
    for k, below in enumerate(([0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15])):
        second[below, k] = 1.0
    stack = DeepBeliefNetwork.from_rbms([RBM.from_parameters(first), RBM.from_parameters(second)])
    assert fields.block_overlap(stack.receptive_fields())[0].min() == pytest.approx(1.0)
    half, participation, radius, overlap = study._permuted(stack, 2, np.random.default_rng(1))
    assert (half, participation) == (16.0, 16.0)
    assert radius > 1.3 * np.sqrt(15 / 6)
    assert overlap < 0.9


@pytest.mark.parametrize(
    "damage", [lambda b: b[: len(b) // 2], lambda b: b[:5000] + bytes(200) + b[5200:], lambda b: b""]
)
def test_a_damaged_file_is_refused(tmp_path, damage):
    bad = tmp_path / "bad.npz"
    bad.write_bytes(damage(STORED.read_bytes()))
    with pytest.raises(ValueError, match="path must be a result"):
        study.load(bad)


def test_missing_files_and_unknown_cases_are_named(tmp_path):
    with pytest.raises(FileNotFoundError):
        study.load(tmp_path / "none.npz")
    with pytest.raises(ValueError, match="name must be one of 'ising'"):
        study.point("frogs")
    with pytest.raises(ValueError, match="learning_rate must be"):
        study.train_layer(**study.point("ising", 1, side=8, n_samples=100, learning_rate=0.0))


def test_the_stack_is_drawn_with_a_block_of_each_layer():
    fig = figures.architecture((64, 16, 4), alt="A stack.")
    text = [note.text for note in fig.layout.annotations]
    assert text == ["spins: 8 × 8", "layer 1: 4 × 4", "layer 2: 2 × 2"]
    blocks = [trace for trace in fig.data if trace.fill == "toself"]
    widths = [max(trace.x) - min(trace.x) for trace in blocks]
    np.testing.assert_allclose(widths, widths[0])  # a quarter of each layer is one unit of the top


def test_growth_draws_every_series_and_the_law():
    sites = [4, 16, 64]
    fig = figures.growth(
        {"a": ([1, 2, 4], [0.1, 0.1, 0.1]), "b": ([5, 5, 5], [0, 0, 0])},
        sites,
        law=([1, 2, 3], "law"),
        alt="Up.",
        y="r",
    )
    assert [trace.name for trace in fig.data] == ["law", "a", "b"]
    np.testing.assert_array_equal(fig.data[1].error_y.array, [0.1, 0.1, 0.1])
    np.testing.assert_allclose(np.sort(fig.data[1].x), fig.data[1].x)


def test_rows_scale_each_field_by_itself():
    weights = np.column_stack([np.eye(4)[0] * -3.0, np.eye(4)[3] * 0.5])
    fig = figures.rows({"first": weights, "second": 10 * weights}, count=2, alt="Rows.")
    image = np.asarray(fig.data[0].z)
    assert image.shape == (5, 5)
    assert [image[0, 0], image[1, 4], image[3, 0], image[4, 4]] == [127, 127, 127, 127]
    assert [note.text for note in fig.layout.annotations] == ["first", "second"]


def test_territories_that_touch_have_different_colours():
    weights = np.zeros((64, 16))
    for k in range(16):
        image = np.zeros((8, 8))
        image[2 * (k // 4) : 2 * (k // 4) + 2, 2 * (k % 4) : 2 * (k % 4) + 2] = -1.0
        weights[:, k] = image.ravel()
    fig = figures.territories(weights, alt="A map.")
    colours, owner = np.asarray(fig.data[0].z), np.asarray(fig.data[0].customdata)
    for axis in (0, 1):
        other, beside = np.roll(owner, 1, axis=axis), np.roll(colours, 1, axis=axis)
        assert not np.any((owner != other) & (colours == beside))
    assert owner[0, 0] == 1
    assert owner[7, 7] == 16
