"""The figures as a person on a phone meets them: a finger that swipes scrolls the page, and nothing moves under it."""

import json

import plotly.graph_objects as go
import plotly.io as pio
import pytest
from finger import FRAMES, MEET, MET, STILL, middle, scrolls, swipe

from mlrg_lib.figures import theme
from mlrg_lib.widgets import explore

pytestmark = pytest.mark.site

RANGES = """g => JSON.stringify(Object.entries(g._fullLayout)
  .filter(([name]) => /^[xy]axis[0-9]*$/.test(name)).map(([name, axis]) => [name, axis.range]))"""
# One graph of each kind on the page, by its kinds of traces and whether it has sliders: [traces, sliders, place].
KINDS = """async () => {
  await mlrgDrawAll();
  const found = new Map();
  [...document.querySelectorAll('.mlrg-plotly-graph')].forEach((graph, place) => {
    const traces = [...new Set(graph._fullData.map((t) => t.type))].sort().join(' ');
    const sliders = graph.parentElement.querySelector('.mlrg-sliders input') !== null;
    if (!found.has(traces + sliders)) found.set(traces + sliders, [traces, sliders, place]);
  });
  return [...found.values()]; }"""
FOREIGN = """() => [...document.querySelectorAll('.modebar-btn, [data-title*="Share"]')].map((e) => e.outerHTML)
  .concat(document.body.innerText.match(/Plotly Cloud/g) ?? [])"""
# What is promised under each figure with sliders, and how many values of each the notebook has.
LINES = """() => [...document.querySelectorAll('.mlrg-plotly:has(.mlrg-sliders)')].map((figure) => [
  figure.querySelector('.mlrg-tier').innerText,
  JSON.parse(figure.querySelector('script[type="application/json"]').textContent)
    .layout.meta.explore.map((p) => p.finer).filter(Boolean)])"""
# The place of a point, a bar or a cell of the figure that is in the picture, which is brought on screen.
AIM = """(g) => {
  const plot = g.querySelector('.nsewdrag');
  plot.scrollIntoView({ block: 'center', behavior: 'instant' });
  const { left, right, top, bottom } = plot.getBoundingClientRect();
  return [...g.querySelectorAll('.point, .hm image'), plot].map((e) => e.getBoundingClientRect())
    .map((box) => [box.x + box.width / 2, box.y + box.height / 2])
    .find(([x, y]) => x > left && x < right && y > top && y < bottom); }"""
UNLABELLED = "g => g.querySelector('.hoverlayer .hovertext') === null"


def plotly_pages(folder):
    return [
        path.relative_to(folder).as_posix()
        for path in sorted((folder / "book").rglob("*.html"))
        if 'class="mlrg-plotly"' in path.read_text(encoding="utf8")
    ]


def test_a_finger_that_something_holds_is_told_from_one_that_scrolls(phone):
    phone.goto("about:blank")
    phone.set_content("""<div style="height: 9000px"><p id="free">1</p><p id="style" style="touch-action: none">2</p>
      <p id="listener">3</p></div><style>p { height: 300px }</style>""")
    phone.evaluate("""() => document.querySelector("#listener")
      .addEventListener("touchstart", (event) => event.preventDefault(), { passive: false })""")
    found = {name: scrolls(phone, *middle(phone, phone.locator(f"#{name}"))) for name in ("free", "style", "listener")}
    assert found == {"free": True, "style": False, "listener": False}


# ------------------------------------------------------------------------------------------------ plotly figures


def stuck(page, graph, has_sliders):
    """Swipe over the plot, its title and its left axis, and over the plot that a slider has drawn anew: what fails."""
    found = []
    ranges = graph.evaluate(RANGES)
    for part in (".nsewdrag", ".infolayer .g-gtitle", ".yaxislayer-above, .xaxislayer-above"):
        for place in graph.locator(part).all()[:1]:
            if place.bounding_box() and not scrolls(page, *middle(page, place)):
                found.append(f"a swipe over {part} does not scroll")
    if graph.evaluate(RANGES) != ranges:
        found.append("the ranges changed")
    if has_sliders:
        slider = graph.locator("xpath=..").locator(".mlrg-sliders input").first
        slider.focus()
        before = graph.evaluate("g => JSON.stringify(g.data)")
        page.keyboard.press("End")
        page.wait_for_function("([g, b]) => JSON.stringify(g.data) !== b", arg=[graph.element_handle(), before])
        page.evaluate(FRAMES, 2)
        if not scrolls(page, *middle(page, graph.locator(".nsewdrag").first)):
            found.append("a swipe over what a slider has drawn does not scroll")
    return found


@pytest.fixture(scope="module")
def met(touched, site, site_folder):
    """Each page with plotly figures, met once: every kind of figure swiped, tapped and pointed at."""
    found = {"stuck": {}, "kinds": set(), "labels": {"tap": set(), "move": set()}, "foreign": {}, "lines": {}}
    for name in plotly_pages(site_folder):
        touched.goto(site + name)
        for traces, sliders, index in touched.evaluate(KINDS):
            if (traces, sliders) in found["kinds"]:
                continue
            found["kinds"].add((traces, sliders))
            graph = touched.locator(".mlrg-plotly-graph").nth(index)
            if faults := stuck(touched, graph, sliders):
                found["stuck"][name, traces, sliders] = faults
            for how, ends in (("tap", "click"), ("move", "mousemove")):
                if how == "move":
                    touched.mouse.move(1, 1)
                    touched.wait_for_function(UNLABELLED, arg=graph.element_handle())
                place = graph.evaluate(AIM)
                touched.evaluate(MEET, [ends])
                (touched.touchscreen.tap if how == "tap" else touched.mouse.move)(*place)
                touched.wait_for_function(MET)
                touched.evaluate(FRAMES, 30)
                if not graph.evaluate(UNLABELLED):
                    found["labels"][how].add((traces, sliders))
        if foreign := touched.evaluate(FOREIGN):
            found["foreign"][name] = foreign
        found["lines"][name] = touched.evaluate(LINES)
    return found


def test_a_swipe_over_any_kind_of_plotly_figure_scrolls_the_page(met):
    kinds = met["kinds"]
    print(sorted(kinds))
    assert {"bar", "heatmap", "scatter"} <= {trace for traces, _ in kinds for trace in traces.split()}
    assert {sliders for _, sliders in kinds} == {True, False}
    assert not met["stuck"]


def test_no_mode_bar_no_sharing_and_labels_on_hover_and_tap(met):
    assert not met["foreign"]
    print(met["labels"])
    assert len(met["labels"]["move"]) >= 3
    assert len(met["labels"]["tap"]) >= 3


def test_a_line_under_a_slider_promises_what_the_notebook_has(met):
    lines = [(name, line, finer) for name, found in met["lines"].items() for line, finer in found]
    for name, line, finer in lines:
        assert ("notebook" in line) == bool(finer), (name, line)
        assert all(f"{n} values" in line for n in finer), (name, line)
    assert len(lines) >= 15


def test_zoom_is_asked_for_and_undone(phone, site):
    phone.goto(site + "book/crash_course/ising.html")
    figure = phone.locator(".mlrg-plotly").first
    phone.evaluate("mlrgDrawAll()")
    graph, zoom, reset = (
        figure.locator(".mlrg-plotly-graph"),
        figure.get_by_role("button", name="Zoom"),
        figure.get_by_role("button", name="Reset view"),
    )
    ranges = graph.evaluate(RANGES)
    assert zoom.get_attribute("aria-pressed") == "false"
    assert reset.count() == 0
    zoom.focus()
    phone.keyboard.press("Enter")
    assert zoom.get_attribute("aria-pressed") == "true"
    phone.wait_for_function("g => g._fullLayout.dragmode === 'zoom'", arg=graph.element_handle())
    x, y = middle(phone, graph.locator(".nsewdrag").first)
    before = phone.evaluate("scrollY")
    swipe(phone, x, y, 80)
    phone.evaluate(STILL)
    assert phone.evaluate("scrollY") == before
    phone.wait_for_function(f"([g, r]) => ({RANGES})(g) !== r", arg=[graph.element_handle(), ranges])
    reset.click()
    phone.wait_for_function(f"([g, r]) => ({RANGES})(g) === r", arg=[graph.element_handle(), ranges])
    zoom.click()
    phone.wait_for_function("g => g._fullLayout.dragmode === false", arg=graph.element_handle())
    assert scrolls(phone, *middle(phone, graph.locator(".nsewdrag").first))
    assert graph.evaluate(RANGES) == ranges


def test_a_zoomed_view_survives_a_tap_and_can_be_left_after_zoom_is_off(phone, site):
    phone.goto(site + "book/crash_course/ising.html")
    figure = phone.locator(".mlrg-plotly").first
    phone.evaluate("mlrgDrawAll()")
    graph = figure.locator(".mlrg-plotly-graph")
    ranges = graph.evaluate(RANGES)
    zoom = figure.get_by_role("button", name="Zoom")
    zoom.tap()
    phone.wait_for_function("g => g._fullLayout.dragmode === 'zoom'", arg=graph.element_handle())
    swipe(phone, *middle(phone, graph.locator(".nsewdrag").first), 80)
    phone.wait_for_function(f"([g, r]) => ({RANGES})(g) !== r", arg=[graph.element_handle(), ranges])
    zoom.tap()
    phone.wait_for_function("g => g._fullLayout.dragmode === false", arg=graph.element_handle())
    zoomed = graph.evaluate(RANGES)
    place = middle(phone, graph.locator(".nsewdrag").first)
    phone.evaluate(MEET, ["click"])
    phone.touchscreen.tap(*place)
    phone.wait_for_function(MET)
    phone.evaluate(FRAMES, 30)
    assert graph.evaluate(RANGES) == zoomed  # plotly makes two clicks of a tap
    figure.get_by_role("button", name="Reset view").tap()
    phone.wait_for_function(f"([g, r]) => ({RANGES})(g) === r", arg=[graph.element_handle(), ranges])
    assert phone.locator(".plotly-notifier .notifier-note").count() == 0


# ------------------------------------------------------------------------------------------------ in a notebook

MIME = "application/vnd.plotly.v1+json"
MODE_BAR = """async (figure) => {
  const graph = document.body.appendChild(document.createElement('div'));
  await Plotly.newPlot(graph, figure.data, figure.layout, figure.config);
  return [...graph.querySelectorAll('.modebar-btn')].map((b) => b.dataset.title); }"""


def test_what_the_library_shows_in_a_notebook_does_not_offer_to_share(phone, site, monkeypatch):
    """The figure of `explore` and a plain one, drawn as a notebook does: by plotly with its own settings."""
    monkeypatch.delenv("MLRG_STATIC", raising=False)

    def draw(power):
        return theme.figure(alt="A power.").add_scatter(y=[x**power for x in range(4)])

    phone.goto(site + "book/licences.html")
    phone.add_script_tag(url=site + "_static/plotly.min.js")
    widget = explore(draw, power=[1, 2]).children[-1]
    faces = {
        "explore": (go.Figure({"data": widget._widget_data, "layout": widget._widget_layout}), widget._config),
        "figure": (draw(1), pio.renderers["plotly_mimetype"].to_mimebundle(draw(1).to_dict())[MIME]["config"]),
    }
    for figure, config in faces.values():
        offered = phone.evaluate(MODE_BAR, {**json.loads(figure.to_json()), "config": config})
        assert "Zoom" in offered
        assert not [title for title in offered if "hare" in title or "Plotly" in title]
    plain = phone.evaluate(MODE_BAR, json.loads(go.Figure(go.Scatter(y=[1, 2])).to_json()))
    assert {"Share chart...", "Produced with Plotly.js"} <= {str(title).partition(" (")[0] for title in plain}
