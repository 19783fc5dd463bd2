"""The stored study is what its code computes, and a damaged file is refused."""

from pathlib import Path

import numpy as np
import pytest

from mlrg_lib.machines import fields
from mlrg_lib.studies import learning_ising as study

STORED = Path(__file__).resolve().parents[1] / "book" / "results" / "learning_ising.npz"


@pytest.mark.parametrize("name", ["ising", "coins"])
def test_first_epoch_repeats_the_stored_one(name):
    _, stored = study.load(STORED)
    _, rows = study.train(name, 1)
    kept = [stored[name].measures[measure][0] for measure in study.MEASURES]
    np.testing.assert_allclose(rows[0], kept, rtol=0.1)


def test_the_stored_file_says_where_it_comes_from_and_holds_what_it_says():
    provenance, stored = study.load(STORED)
    assert provenance["command"].startswith("python -m mlrg_lib.studies.learning_ising")
    assert provenance["recipe"] == study.RECIPE
    assert provenance["cases"] == {name: case._asdict() for name, case in study.CASES.items()}
    for name, case in study.CASES.items():
        assert stored[name].weights.shape == (study.SIDE**2, study.N_KEPT)
        assert all(len(values) == case.n_epochs for values in stored[name].measures.values())
        largest = stored[name].measures["largest"][-1]
        assert np.abs(stored[name].weights).max() <= largest * 1.001


def test_fields_of_the_lattice_are_local_and_coins_teach_nothing():
    _, stored = study.load(STORED)
    assert np.median(fields.half_maximum_area(stored["ising"].weights)) < 20
    assert not stored["coins"].weights.any()


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
        study.train("frogs", 1)
    with pytest.raises(ValueError, match="n_epochs must be"):
        study.train("ising", 0)
