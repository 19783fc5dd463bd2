"""Block or correlation: training sets are what they claim, fits can fail, and the stored study can be repeated."""

from pathlib import Path

import numpy as np
import pytest

from mlrg_lib.ising import exact
from mlrg_lib.machines import fields
from mlrg_lib.studies import block_data, block_fits
from mlrg_lib.studies import block_or_correlation as study

STORED = Path(__file__).resolve().parents[1] / "book" / "results" / "block_or_correlation.json"
MAIN = {"kind": "ising", "l1": study.PENALTY, "n_epochs": study.N_EPOCHS, "side": study.SIDE}


# -- training sets ----------------------------------------------------------------------------------------------------


def two_point(X, L):
    """⟨s_0 s_r⟩ averaged over translations, and its standard error over samples."""
    spins = X.reshape(-1, L, L).astype(float)
    each = np.fft.ifft2(np.abs(np.fft.fft2(spins)) ** 2).real / L**2
    return each.mean(axis=0), each.std(axis=0, ddof=1) / np.sqrt(len(each))


def test_clipped_gaussian_has_the_wanted_two_point_function_and_the_naive_recipe_has_not():
    L, rng = 8, np.random.default_rng(1)
    wanted = block_data.ising_correlation(0.4, L)
    power, deviation = block_data.gaussian_spectrum(wanted)
    assert deviation == 0.0
    mean, error = two_point(block_data.clipped_gaussian(power, 20_000, rng=rng), L)
    assert np.abs((mean - wanted)[error > 0] / error[error > 0]).max() < 4.5
    naive = np.maximum(np.fft.fft2(wanted).real, 0)
    mean, error = two_point(block_data.clipped_gaussian(naive / naive.mean(), 20_000, rng=rng), L)
    assert np.abs((mean - wanted)[error > 0] / error[error > 0]).max() > 10


def test_an_impossible_two_point_function_is_reported():
    wanted = np.zeros((6, 6))
    wanted[0, 0] = 1.0
    wanted[0, 1] = wanted[0, -1] = wanted[1, 0] = wanted[-1, 0] = -0.6  # four neighbours cannot all be so opposed
    power, deviation = block_data.gaussian_spectrum(wanted)
    assert power.min() == 0.0
    assert deviation > 0.1


def test_ising_correlation_is_that_of_the_model():
    L, beta = 8, 0.4
    found = block_data.ising_correlation(beta, L)
    energy = -(found[0, 1] + found[1, 0])
    assert abs(energy - exact.torus_energy(L, beta)) < 0.01
    np.testing.assert_allclose(found, found.T, atol=1e-6)
    assert found[0, 0] == 1.0


def test_free_field_decays_with_the_wanted_length_along_an_axis():
    L, length = 24, 3.0
    planes = np.fft.ifft2(block_data.free_field_spectrum(length, L)).real.sum(axis=1)
    x = np.arange(L)
    np.testing.assert_allclose(planes / planes[0], np.cosh((L / 2 - x) / length) / np.cosh(L / 2 / length), rtol=1e-9)


def test_each_training_set_keeps_and_destroys_what_it_says():
    L, beta, n = 8, 0.45, 4000
    sets = {
        kind: block_data.training_set(kind, beta, L, n, rng=np.random.default_rng(3)) for kind in block_data.KINDS[:-1]
    }
    assert all(X.shape == (n, L * L) and set(np.unique(X)) == {-1, 1} for X in sets.values())
    neighbours = {kind: np.mean(X[:, 0] * X[:, 1].astype(float)) for kind, X in sets.items()}
    mean = sets["aligned"].mean()
    assert sets["aligned"].sum(axis=1).min() >= 0
    assert neighbours["aligned"] == neighbours["ising"] > 0.6
    np.testing.assert_array_equal(sets["resampled"].sum(axis=0), sets["aligned"].sum(axis=0))
    for kind in ("coins", "resampled"):
        assert abs(sets[kind].mean() - mean) < 4 * np.sqrt((1 - mean**2) / (n * L * L)) + 1e-12
        assert abs(neighbours[kind] - mean**2) < 4 / np.sqrt(n)
    order = block_data.permutation(L)
    np.testing.assert_array_equal(sets["permuted"], sets["ising"][:, order])
    assert not np.array_equal(order, np.arange(L * L))


def test_wrong_training_sets_are_named():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="kind must be one of"):
        block_data.training_set("potts", 0.4, 8, 10, rng=rng)
    with pytest.raises(ValueError, match="beta must give a finite"):
        block_data.training_set("free_field", 0.0, 8, 10, rng=rng)
    with pytest.raises(ValueError, match="beta must be"):
        block_data.training_set("ising", -0.1, 8, 10, rng=rng)
    with pytest.raises(ValueError, match="correlation must"):
        block_data.gaussian_spectrum(np.array([[np.nan]]))


# -- fits -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("q", "p"), [(1.0, 0.0), (0.0, 1.0), (0.5, 0.3)])
def test_two_lengths_finds_planted_powers(q, p):
    rng = np.random.default_rng(5)
    b, xi = (grid.ravel() for grid in np.meshgrid([2.0, 3.2, 5.3], [0.8, 1.4, 2.1, 3.8, 6.0]))
    sizes = [1.3 * x**q * y**p * np.exp(0.03 * rng.standard_normal(5)) for x, y in zip(b, xi, strict=True)]
    found = block_fits.two_lengths(sizes, b, xi, rng=rng)
    assert abs(found.block_power - q) < 4 * found.block_error < 0.15
    assert abs(found.correlation_power - p) < 4 * found.correlation_error < 0.1
    assert found.chi2 < 4 * found.dof + 20
    expected = 0.03 / np.sqrt(5) / np.sqrt(15) / np.log(xi).std()
    assert abs(found.correlation_error / expected - 1) < 0.5


def test_a_law_that_misses_the_data_has_errors_from_the_misfit():
    b, xi = (grid.ravel() for grid in np.meshgrid([2.0, 3.2, 5.3], [0.8, 1.4, 2.1, 3.8, 6.0]))
    sizes = [np.full(5, x * (1.2 if y < 1 else 1.0)) for x, y in zip(b, xi, strict=True)]  # no scatter among seeds
    found = block_fits.two_lengths(sizes, b, xi, rng=0)
    assert 0.01 < found.correlation_error < 0.1
    assert found.scatter > 0.03


def test_compare_prefers_the_law_that_made_the_data():
    x = np.array([0.8, 1.4, 2.1, 3.8, 6.0])
    made = {
        "constant": np.full(5, 3.0),
        "proportional to ξ": 1.2 * x,
        "a ξᵖ": 2 * x**0.5,
        "a + c ξ": 2 + 0.7 * x,
        "saturating a ξ/(ξ + c)": 4 * x / (x + 2),
    }
    for name, y in made.items():
        laws = block_fits.compare(x, y, np.full(5, 0.01))
        assert min(laws, key=lambda law: laws[law].aic) == name
        assert laws[name].chi2 < 1e-6
        assert laws[name].dof == 5 - len(laws[name].parameters)
    assert block_fits.compare(x, made["constant"], np.full(5, 0.01))["proportional to ξ"].chi2 > 1000


def test_gaussian_field_is_the_root_of_the_best_covariance():
    C = block_data.ising_correlation(0.35, 8)
    power = np.fft.fft2(C).real
    whole = np.fft.fft2(block_fits.gaussian_field(C, 64).reshape(8, 8))
    np.testing.assert_allclose(whole.real**2, np.maximum(1 - 1 / power, 0), atol=1e-9)
    few = np.fft.fft2(block_fits.gaussian_field(C, 7).reshape(8, 8)).real
    kept = few**2 / np.where(power > 1, 1 - 1 / power, 1)
    assert abs(kept.sum() - 7) < 1e-6
    assert kept.flat[0] == pytest.approx(1.0)
    side, radius = block_fits.predicted_size(C, 4)
    assert side > block_fits.predicted_size(C, 64)[0]
    assert radius > 0
    assert np.isnan(block_fits.predicted_size(np.eye(1, 64).reshape(8, 8), 4)).all()


def test_small_helpers_and_their_errors():
    assert block_fits.ratio(np.array([1.0, 3.0]), np.array([2.0, 2.0])) == (1.0, 0.5)
    assert np.isnan(block_fits.mean_and_error(np.ones(1))[1])
    with pytest.raises(ValueError, match="above and below"):
        block_fits.ratio(np.ones(1), np.ones(2))
    with pytest.raises(ValueError, match="points must have"):
        block_fits.group([{"n_hidden": 1, "beta": 0.0}], "size")
    with pytest.raises(ValueError, match="four groups"):
        block_fits.two_lengths([np.ones(2)] * 3, [1, 2, 3], [1, 2, 3])
    with pytest.raises(ValueError, match="vary independently"):
        block_fits.two_lengths([np.ones(2)] * 4, [1, 2, 3, 4], [1, 2, 3, 4])
    with pytest.raises(ValueError, match="as long and positive"):
        block_fits.compare([1, 2, 3], [1, 2, 3], [0, 1, 1])
    with pytest.raises(ValueError, match="correlation must be square"):
        block_fits.gaussian_field(np.ones((3, 4)), 1)


# -- the study --------------------------------------------------------------------------------------------------------


def test_the_stored_file_holds_the_whole_grid_and_says_where_it_comes_from():
    provenance, points = study.load(STORED)
    assert provenance["command"].startswith("python -m mlrg_lib.studies.block_or_correlation")
    assert provenance["recipe"] == study.RECIPE
    assert [{key: point[key] for key in study.GRID[0]} for point in points] == study.GRID
    assert len(study.TEMPERATURES) >= 8
    for n_hidden in study.WIDTHS:
        seeds = [p["seed"] for p in points if p["beta"] == study.BETAS[6] and p["n_hidden"] == n_hidden]
        assert len(set(seeds)) >= 5


def test_a_point_repeats_the_stored_one():
    _, points = study.load(STORED)
    given = {key: value for key, value in study.GRID[0].items()} | {"beta": study.BETAS[9], "n_hidden": 9}
    assert given in study.GRID
    (stored,) = (p for p in points if all(p[key] == value for key, value in given.items()))
    found = dict(zip(study.MEASURES, study.point(**given)["measures"], strict=True))
    for name, tolerance in {"size": 0.1, "radius": 0.1, "participation": 0.1, "largest": 0.1, "learned": 0.0}.items():
        assert found[name] == pytest.approx(stored[name], rel=tolerance), name


def test_permuted_data_give_scattered_fields_that_become_compact_in_their_old_places():
    found = study.point("permuted", 0.4, 9, study.PENALTY, 0, n_epochs=15, n_samples=3000)
    names = dict(zip(study.MEASURES, range(len(study.MEASURES)), strict=True))
    assert found["measures"][names["radius"]] > 1.5 * found["unscrambled"][names["radius"]]
    assert found["measures"][names["size"]] == found["unscrambled"][names["size"]]


def test_what_the_chapter_says_of_the_stored_study():
    _, points = study.load(STORED)
    sizes = block_fits.group(points, "size", **MAIN)
    hot = study.BETAS[5:10]
    cells = [(n, beta) for n in study.WIDTHS for beta in hot]
    lengths = [exact.correlation_length(beta) for _, beta in cells]
    law = block_fits.two_lengths([sizes[c] for c in cells], [16 / np.sqrt(n) for n, _ in cells], lengths, rng=0)
    assert 0.85 < law.block_power < 1.25
    assert -0.12 < law.correlation_power < 0.02
    assert not any(p["nonzero"] for p in points if p["kind"] in ("coins", "resampled"))
    for kind in ("gaussian", "free_field"):
        control = block_fits.group(points, "size", **(MAIN | {"kind": kind}))
        both = [block_fits.ratio(control[c], sizes[c])[0] for c in cells if c in control]
        assert len(both) >= 8
        assert 0.75 < min(both) < max(both) < 1.25


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"{}", lambda b: b""])
def test_a_damaged_file_is_refused(tmp_path, damage):
    bad = tmp_path / "bad.json"
    bad.write_bytes(damage(STORED.read_bytes()))
    with pytest.raises(ValueError, match="path must be a result"):
        study.load(bad)


def test_a_study_of_few_points_is_stored_and_read_back(tmp_path):
    points = [given | {"n_epochs": 1, "side": 6} for given in study.GRID[:1]]
    study.main(tmp_path / "few.json", tmp_path / "parts", points=points)
    provenance, rows = study.load(tmp_path / "few.json")
    assert provenance["n_samples"] == study.N_SAMPLES
    assert rows[0]["n_hidden"] == study.GRID[0]["n_hidden"]
    assert np.isfinite(rows[0]["score"])
    with pytest.raises(FileNotFoundError):
        study.load(tmp_path / "none.json")


def test_measures_of_known_fields():
    block = np.zeros((6, 6))
    block[1:4, 2:5] = -1.0
    found = dict(zip(study.MEASURES, study.measure(block.reshape(36, 1)), strict=True))
    assert found["size"] == 3.0
    assert found["half_area"] == 9.0
    assert found["overlap"] == found["same_sign"] == found["largest"] == found["learned"] == 1.0
    assert found["nonzero"] == 0.25
    assert found["radius"] == pytest.approx(fields.radius(block.reshape(36, 1))[0])
    assert np.isnan(study.measure(np.zeros((36, 2)))[:6]).all()
