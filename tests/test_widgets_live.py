"""What Python gives the live figures: checked parameters, the static piece of HTML, the widget, the page's script."""

import html
import json
import re

import pytest

from mlrg_lib.widgets import _figures
from mlrg_lib.widgets.live import StaticFigure, live, static_html, write_assets

NAMES = sorted(_figures.FIGURES)


@pytest.mark.parametrize("name", NAMES)
def test_static_html_carries_data_picture_and_sentence(name):
    text = static_html(name)
    data = json.loads(html.unescape(re.search(r'data-params="([^"]*)"', text).group(1)))
    assert set(data) == {"params", "values"}
    assert re.search(r'<img src="data:image/(png|svg\+xml);base64,', text)
    assert "needs JavaScript" in text
    assert len(text) < 60_000


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
