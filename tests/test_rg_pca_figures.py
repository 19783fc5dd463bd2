"""Figures and stored studies of principal components and momentum shells: what they draw, what they store."""

import json
from pathlib import Path

import numpy as np
import pytest

from mlrg_lib.figures import momentum_shell as shell_figures
from mlrg_lib.figures import pca as pca_figures
from mlrg_lib.rg import momentum_shell as ms
from mlrg_lib.rg import pca
from mlrg_lib.studies import phi4_flow, shell_coupling

RESULTS = Path(__file__).resolve().parents[1] / "book" / "results"


@pytest.fixture(scope="module")
def flow():
    return pca.mode_flow(np.random.default_rng(0).laplace(size=(400, 12)))


def test_moment_flow_draws_data_nulls_and_the_gaussian_line(flow):
    fig = pca_figures.moment_flow({"data": flow}, {"null": flow}, alt="A flow.", quartiles=True)
    assert [trace.name for trace in fig.data] == ["quartiles of the variables", "data", "null"]
    np.testing.assert_allclose(fig.data[1].y, flow.moment, atol=1e-3)
    np.testing.assert_allclose(fig.data[1].error_y.array, flow.error, atol=1e-3)
    assert fig.layout.shapes[0].y0 == 3.0


def test_cloud_shows_the_axes_it_is_given():
    points = np.random.default_rng(1).normal(size=(50, 2)) * [2, 1]
    values, components = pca.principal_components(points)
    fig = pca_figures.cloud(points, values, components, alt="A cloud.")
    end = np.array([fig.data[3].x[1], fig.data[3].y[1]])
    np.testing.assert_allclose(end, np.sqrt(values[0]) * components[0])


def test_spectra_histogram_and_images_are_drawn():
    values = np.random.default_rng(2).exponential(size=200)
    histogram = pca_figures.spectrum_histogram(values, [0.0, 1.0], [1.0, 1.0], alt="Eigenvalues.")
    widths = np.diff(histogram.data[0].x[:2])[0]
    assert np.sum(histogram.data[0].y) * widths == pytest.approx(1.0, abs=0.01)
    fig = pca_figures.spectra({"a": np.sort(values)[::-1]}, alt="Spectrum.", slopes={"s": (10, 1.0, -1)})
    assert fig.layout.xaxis.type == "log"
    images = pca_figures.images([np.eye(3), -np.eye(3)], ["a", "b"], alt="Images.")
    assert images.data[0].zmin == -images.data[0].zmax == -1.0


def test_coupling_figures_carry_errors():
    fig = pca_figures.coupling_flows(
        {"t": ([0, 1], [0.1, 0.2])}, {"m": ([0.5], [0.15], [0.01])}, alt="Couplings.", fixed_points={"f": 0.2}
    )
    assert fig.data[1].error_y.array[0] == 0.01
    fit = pca.estimate_coupling(np.random.default_rng(3).normal(size=(500, 6)), [1.0, 0.5])
    assert len(pca_figures.couplings({"fit": fit}, alt="Fits.", lines={"0": 0.0}).data) == 1


def test_flow_picture_and_exponents_are_drawn():
    line = ms.trajectory(0.0, 0.5, 3, scale=[0.0, 0.5, 1.0])
    fig = shell_figures.flow_picture(
        [(line.r, line.u)], (line.r, line.u), {"Gaussian": (0, 0), "Wilson–Fisher": (None, None)}, alt="Flow."
    )
    assert len(fig.data) == 6
    orders = shell_figures.exponent_orders([1, 2], [0.6, 0.64], {"b": ([2], [0.63], [0.01])}, 0.63, alt="ν.", y="ν")
    assert orders.layout.shapes[0].y0 == 0.63
    dimension = shell_figures.exponents_against_dimension(
        [2, 3], {"b": (np.ones(2), 0.1 * np.ones(2)), "f": (np.ones(2), None)}, {"a": [(3, 0.63)]}, alt="ν(d).", y="ν"
    )
    assert len(dimension.data) == 4
    points = [{"u": 0.1, "ratio": 9.1, "error": 0.1, "integral": 0.02}]
    assert shell_figures.shell_ratios({"d = 3": points}, alt="Ratios.").data[0].y[0] == 9.1


def test_stored_flow_is_the_grid_and_a_point_of_it_is_found_again():
    stored = json.loads((RESULTS / "phi4_flow.json").read_text(encoding="utf-8"))
    assert [{key: p[key] for key in ("alpha", "start")} for p in stored["points"]] == phi4_flow.GRID
    assert {"command", "seed", "seconds", "python", "numpy"} <= set(stored["provenance"])
    old = {(p["alpha"], p["start"]): p for p in stored["points"]}[2.5, 0.006]
    values, modes = pca.power_law_eigenvalues(phi4_flow.N_SITES, 2.5), pca.ring_modes(phi4_flow.N_SITES)
    new = pca.measure_coupling(values, modes, old["coupling"], old["mass"], old["cutoff"][2:4], n_samples=4800, rng=1)
    spread = np.hypot(new.coupling_error, old["coupling_error"][2:4])
    assert (np.abs(new.coupling - old["coupling_at"][2:4]) < 4 * spread).all()


def test_stored_shells_cover_both_dimensions_and_one_is_found_again():
    stored = json.loads((RESULTS / "shell_coupling.json").read_text(encoding="utf-8"))
    assert {(p["d"], p["u"]) for p in stored["points"]} == {
        (d, u) for d, us in shell_coupling.COUPLINGS.items() for u in us
    }
    old = next(p for p in stored["points"] if (p["d"], p["u"]) == (3, 0.25))
    new = shell_coupling.point(3, 0.25, n_repeats=1, n_samples=960)
    assert abs(new["ratio"] - old["ratio"]) < 4 * np.hypot(new["error"], old["error"])
    assert new["integral"] == pytest.approx(old["integral"])
