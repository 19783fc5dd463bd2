"""One call, two faces: frames for the static page, a FigureWidget that follows the last move of a slider."""

import ast
import asyncio
import itertools
import json
import re

import numpy as np
import plotly.graph_objects as go
import pytest

from mlrg_lib.figures import theme
from mlrg_lib.widgets import explore


def draw(power, points=5):
    x = np.linspace(0, 1, points)
    return theme.figure(alt="A power.", title=f"power {power}").add_trace(theme.line(x, x**power, name="curve"))


def test_static_face_has_a_frame_for_every_combination(monkeypatch):
    monkeypatch.setenv("MLRG_STATIC", "1")
    fig = explore(draw, power=[1.0, 2.0, 3.0], points=[4, 8], start={"power": 3.0, "points": 4})
    assert isinstance(fig, go.Figure)
    assert [frame.name for frame in fig.frames] == [f"{i},{j}" for i, j in itertools.product(range(3), range(2))]
    np.testing.assert_allclose(fig.data[0].y, np.linspace(0, 1, 4) ** 3)
    np.testing.assert_allclose(fig.frames[1].data[0].y, np.linspace(0, 1, 8))
    assert fig.layout.meta["explore"][0] == {"label": "power", "values": ["1", "2", "3"], "start": 2}
    assert fig.layout.meta["alt"] == "A power."


def test_live_face_recomputes_on_a_move(monkeypatch):
    monkeypatch.delenv("MLRG_STATIC", raising=False)
    box = explore(draw, power=[1.0, 2.0], live={"power": [1.0, 1.5, 2.0]}, labels={"power": "exponent"})
    slider, status, graph = box.children
    assert slider.description == "exponent"
    assert slider.options == (("1", 1.0), ("1.5", 1.5), ("2", 2.0))
    slider.value = 2.0
    np.testing.assert_allclose(graph.data[0].y, np.linspace(0, 1, 5) ** 2)
    assert graph.layout.title.text == "power 2.0"
    assert status.value == ""


def test_moves_made_meanwhile_replace_each_other(monkeypatch):
    monkeypatch.delenv("MLRG_STATIC", raising=False)
    calls = []

    def counted(power):
        calls.append(power)
        return draw(power)

    async def session():
        slider = explore(counted, power=[float(k) for k in range(1, 30)]).children[0]
        calls.clear()
        for value in range(1, 30):
            slider.value = float(value)
        await asyncio.sleep(0.2)

    asyncio.run(session())
    assert calls == [29.0]


def test_an_error_while_drawing_is_shown_to_the_reader(monkeypatch):
    monkeypatch.delenv("MLRG_STATIC", raising=False)

    def fragile(power):
        if power > 1:
            raise ValueError("power must be at most 1")
        return draw(power)

    slider, status, _ = explore(fragile, power=[1.0, 2.0], start={"power": 1.0}).children
    slider.value = 2.0
    assert status.value == "ValueError: power must be at most 1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "at least one parameter"),
        ({"power": []}, "power must offer"),
        ({"power": [[1, 2, 3]]}, "power must offer single values"),
        ({"power": [1.0], "labels": {"beta": "b"}}, "labels names"),
        ({"power": [1.0], "start": {"power": 2.0}}, r"start\['power'\] must be one of"),
        (
            {"power": [1, 2, 3], "live": {"power": [1, 2.5, 3]}},
            r"live\['power'\] must offer more than the page's 3 values and reach from 1 to 3, got 3 from 1 to 3",
        ),
        (
            {"power": [1, 9], "live": {"power": [1, 2, 3]}},
            "must offer more than .* reach from 1 to 9, got 3 from 1 to 3",
        ),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        explore(draw, **arguments)


@pytest.mark.site
def test_the_notebooks_sliders_are_as_fine_as_the_pages_promise(site_folder):
    promised = 0
    for path in sorted((site_folder / "run").glob("*/*.ipynb")):
        cells = json.loads(path.read_text("utf8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        offered = [live for cell in code if "explore(" in cell for live in live_values(cell)]
        page = (site_folder / f"book/{path.parent.name}/{path.stem}.html").read_text("utf8")
        figures = map(json.loads, re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL))
        metas = [
            fig["layout"]["meta"]["explore"] for fig in figures if "explore" in fig.get("layout", {}).get("meta", {})
        ]
        assert offered == [[p["finer"] for p in meta if "finer" in p] for meta in metas], path.name
        assert all(p["finer"] > len(p["values"]) for meta in metas for p in meta if "finer" in p), path.name
        promised += sum(map(bool, offered))
    assert promised >= 19


def live_values(code: str):
    """Yield for each figure of a cell how many values its sliders have where a kernel runs."""
    for call in ast.walk(ast.parse(code)):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "explore":
            given = [ast.unparse(k.value) for k in call.keywords if k.arg == "live"]
            yield [len(values) for text in given for values in eval(text, {"np": np}).values()]


def test_figures_need_an_alt_text():
    with pytest.raises(ValueError, match="alt must be"):
        theme.figure(alt=" ")
