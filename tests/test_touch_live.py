"""The live figures under a finger: it scrolls the page, and no control moves while a figure runs."""

from pathlib import Path

import pytest
from finger import FRAMES, PHONE, middle, scrolls, swipe

pytestmark = pytest.mark.site

LIVE = {
    "ising": "book/intro.html",
    "rbm": "book/crash_course/rbm.html",
    "ellipse": "book/crash_course/pca.html",
    "variational": "book/rg_and_rbm/variational_rg.html",
    "flow": "book/rg_and_pca/momentum_shell.html",
    "modes": "book/rg_and_pca/fixed_points_in_data.html",
}
READY = "() => document.querySelector('.mlrg-figure')?.dataset.state === 'ready'"
# Every place that every control has had, frame by frame, in pixels of the figure: text above may still be typeset.
WATCH = """() => {
  const root = document.querySelector('.mlrg-figure'), text = root.querySelector('.mlrg-readout');
  const [run, seen] = [window.run = {}, window.seen = {}];
  window.changes = 0;
  let before = text.innerText;
  const look = () => {
    if (window.run !== run) return;
    if (text.innerText !== before) { before = text.innerText; window.changes++; }
    const top = root.getBoundingClientRect().top;
    root.querySelectorAll('input, select, button, output').forEach((control, k) => {
      const box = control.getBoundingClientRect();
      const place = [box.left, box.top - top, box.width, box.height].map((x) => Math.round(x)).join(' ');
      (seen[`${control.tagName} ${k}`] ??= new Set()).add(place);
    });
    requestAnimationFrame(look);
  };
  look(); }"""
MOVED = "Object.entries(window.seen).filter(([, places]) => places.size > 1).map(([name, p]) => [name, [...p]])"
# Move a slider to a part of its range, as a drag does.
DRAG = """(e, part) => {
  e.value = Number(e.min) + part * (e.max - e.min);
  e.dispatchEvent(new Event('input', { bubbles: true })); }"""


@pytest.fixture
def live_figure(phone, site):
    """A function that opens the page of a live figure, brings it on screen and waits until it computes."""

    def opener(name, *, reduced_motion="no-preference"):
        phone.emulate_media(reduced_motion=reduced_motion)
        phone.goto(site + LIVE[name])
        phone.locator(f'.mlrg-live[data-figure="{name}"]').scroll_into_view_if_needed()
        phone.wait_for_function(READY)
        return phone, phone.locator(".mlrg-figure").first

    return opener


@pytest.mark.parametrize("name", LIVE)
def test_a_swipe_over_a_live_figure_scrolls_and_changes_nothing(live_figure, name):
    page, root = live_figure(name, reduced_motion="reduce")
    watched = "e => JSON.stringify(['points', 'major', 'minor', 'angle', 'd', 'temperature'].map((n) => e.dataset[n]))"
    before = root.evaluate(watched)
    pictures = [p for p in root.locator("canvas, svg.mlrg-plot").all() if p.is_visible()]
    assert pictures
    for picture in pictures:
        assert scrolls(page, *middle(page, picture, 0.3))
    assert root.evaluate(watched) == before


def test_a_tap_drops_a_point_and_a_drag_does_not(live_figure):
    page, root = live_figure("flow", reduced_motion="reduce")
    diagram = root.get_by_role("application")
    x, y = middle(page, diagram)
    page.touchscreen.tap(x, y)
    page.wait_for_function("() => document.querySelector('.mlrg-figure').dataset.points === '5'")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 20, steps=4)
    page.mouse.up()
    page.mouse.click(x - 40, y)
    page.wait_for_function("() => document.querySelector('.mlrg-figure').dataset.points === '6'")


def test_a_finger_still_drags_the_axes_of_the_ellipse(live_figure):
    page, root = live_figure("ellipse")
    before = root.get_attribute("data-minor")
    x, y = middle(page, root.locator("g.mlrg-points2 circle").last)
    swipe(page, x, y, 45)
    page.wait_for_function("b => document.querySelector('.mlrg-figure').dataset.minor !== b", arg=before)


def test_a_finger_that_goes_sideways_over_the_curve_sets_the_temperature(live_figure):
    page, root = live_figure("ising", reduced_motion="reduce")
    x, y = middle(page, root.locator("svg.mlrg-plot").first)
    swipe(page, x, y, distance=0, sideways=90)
    page.wait_for_function("() => Number(document.querySelector('.mlrg-figure').dataset.temperature) > 2.8")


@pytest.mark.parametrize("name", LIVE)
def test_no_control_moves_while_the_figure_runs_or_a_slider_is_dragged(live_figure, name):
    page, root = live_figure(name)
    running = root.get_by_role("button", name="Pause the simulation").count() and name != "flow"
    for width in (360, 390, 1280):
        page.set_viewport_size({"width": width, "height": PHONE["height"]})
        root.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
        page.evaluate(FRAMES, 3)
        page.evaluate(WATCH)
        if running:
            page.wait_for_function("() => window.changes >= 12")
        for slider in root.locator('input[type="range"]:enabled').all():
            for part in (0, 0.3, 0.5, 1, 0.7):
                slider.evaluate(DRAG, part)
                page.evaluate(FRAMES, 9)
        assert page.evaluate(MOVED) == [], width


def test_a_disabled_slider_has_a_disabled_button(live_figure):
    page, root = live_figure("modes")
    critical = root.get_by_role("button", name="Set the critical temperature, 2.269")
    assert critical.is_disabled()
    root.get_by_label("Data", exact=True).select_option("ising")
    page.wait_for_function("() => document.querySelector('.mlrg-figure').dataset.data === 'ising'")
    assert critical.is_enabled()


def test_an_untrained_machine_dreams_noise(live_figure):
    """As it stays on the screen of a reader who prefers reduced motion."""
    _, root = live_figure("rbm", reduced_motion="reduce")
    data = {
        name: float(root.get_attribute(f"data-{name}")) for name in ("updates", "likeness", "overlap", "dream", "data")
    }
    assert data["updates"] == 0
    assert abs(data["likeness"]) < 0.05  # 64 pictures of 256 spins, some of them correlated: about 0.01
    assert abs(data["overlap"]) < 0.1  # of a reconstruction by weights that are nearly zero
    assert abs(data["dream"]) < 0.06
    assert data["data"] < -1


def test_nothing_here_is_left_behind():
    files = (Path(__file__).parents[1] / "mlrg_lib/widgets/frontend").glob("*.js")
    assert set(LIVE) == {path.stem for path in files if "export default figure(" in path.read_text(encoding="utf8")}
