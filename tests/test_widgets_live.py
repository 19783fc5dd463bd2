"""What Python gives the live figures: checked parameters, the static piece of HTML, the widget, the page's script."""

import base64
import html
import importlib
import json
import re
import zlib

import numpy as np
import pytest

from mlrg_lib import datasets
from mlrg_lib.rg import pca
from mlrg_lib.widgets import _figures, _modes
from mlrg_lib.widgets.live import StaticFigure, live, static_html, write_assets

page = importlib.import_module("mlrg_lib.widgets.live")  # the package's `live` is the function

NAMES = sorted(_figures.FIGURES)


@pytest.mark.parametrize("name", NAMES)
def test_static_html_carries_data_picture_and_sentence(name):
    text = static_html(name)
    data = json.loads(html.unescape(re.search(r'data-params="([^"]*)"', text).group(1)))
    assert set(data) == {"params", "values"}
    assert re.search(r'<img src="data:image/(png|svg\+xml);base64,', text)
    assert "needs JavaScript" in text
    assert len(text) < (110_000 if name == "modes" else 60_000)  # the recordings travel with it


@pytest.mark.parametrize("name", NAMES)
def test_live_has_two_faces(monkeypatch, name):
    monkeypatch.setenv("MLRG_STATIC", "1")
    static = live(name)
    assert isinstance(static, StaticFigure)
    monkeypatch.delenv("MLRG_STATIC")
    widget = live(name)
    assert widget.values == static.start["values"]
    assert len(widget.wasm) > 1000
    assert "import {" not in widget._esm
    assert widget._esm.count("export default") == 1


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("ising", {"temperature": 0.5}, "temperature"),
        ("ising", {"size": 100}, "size"),
        ("ising", {"algorithm": "gibbs"}, "algorithm"),
        ("ising", {"level": 6}, "level"),
        ("ising", {"colour": "red"}, "colour"),
        ("rbm", {"hidden": 10}, "hidden"),
        ("rbm", {"l1": -1}, "l1"),
        ("flow", {"d": 6}, "d must"),
        ("variational", {"coupling": 0}, "coupling"),
        ("ellipse", {"samples": 7}, "samples"),
        ("modes", {"data": "stocks"}, "data"),
        ("modes", {"compare": "noise"}, "compare"),
        ("modes", {"kept": 0}, "kept"),
        ("modes", {"dropped": 0.9}, "dropped"),
        ("nothing", {}, "name must"),
    ],
)
def test_wrong_parameters_are_refused_by_name(name, wrong, message):
    with pytest.raises(ValueError, match=message):
        live(name, **wrong)


def test_assets_are_one_deterministic_script_without_addresses(tmp_path):
    first, second = (write_assets(tmp_path / folder).read_text() for folder in ("a", "b"))
    assert first == second
    assert not re.search(r"https?://(?!www\.w3\.org/)", first)
    for name in NAMES:
        assert f'"{name}"' in first


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_joined_from_the_modules_it_needs_each_after_what_it_imports(name):
    modules = page._modules(name)
    assert modules[-1] == name
    assert len(set(modules)) == len(modules)
    for k, module in enumerate(modules):
        imported = re.findall(r'^(?:import .*|\}) ?from "\./(\w+)\.js";$', page._read(f"{module}.js"), re.M)
        assert set(imported) <= set(modules[:k]), module
        assert "import" not in re.findall(r"^\w+", page._plain(module), re.M)


def unpacked(name):
    """What the page makes of the packed recordings, written again: bytes, then the data matrix."""
    about = _modes.packed()[name]
    raw = np.frombuffer(zlib.decompress(base64.b64decode(about["bytes"]), -15), np.uint8)
    if name == "neurons":
        halves = raw.reshape(about["n"], -1)
        return np.stack([halves & 15, halves >> 4], axis=2).reshape(about["n"], -1)[:, : about["samples"]].T
    pixels = np.cumsum(raw.reshape(about["shape"]), axis=2) % 256
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (1, about["patch"], about["patch"]))
    return about["step"] * windows[:, :: about["stride"], :: about["stride"]].reshape(-1, about["patch"] ** 2)


def test_the_page_gets_every_neuron_in_every_bin():
    np.testing.assert_array_equal(unpacked("neurons"), datasets.neurons().X)
    np.testing.assert_array_equal(_modes.matrix("neurons"), datasets.neurons().X)


def test_the_small_photographs_flow_like_the_full_ones():
    """The page has a quarter of the resolution in 8 bits: the same moments as the library's, within their errors."""
    small = _modes.matrix("photographs")
    np.testing.assert_allclose(unpacked("photographs") - small, (unpacked("photographs") - small)[0, 0], atol=2e-4)
    for dropped, fractions in ((0.0, [1.0, 0.5, 0.1]), (0.05, [0.5, 0.1])):
        a, b = (pca.mode_flow(X, fractions, drop_largest=dropped) for X in (small, datasets.images(24, 12).X))
        print(dropped, a.moment, a.error, b.moment, b.error)
        assert (np.abs(a.moment - b.moment) < 4 * np.hypot(a.error, b.error)).all()


def test_prices_that_may_not_be_redistributed_are_not_on_the_page():
    assert set(_modes.packed()) == {"neurons", "photographs"}
    assert set(_modes.SETS) == {"neurons", "photographs", "ising"}
    assert "stock" not in json.dumps(_figures.start("modes", {})).lower()
