"""The live figures in a real browser, from a file and without a server: every control moved, every picture checked."""

import base64
import json
import math
import os

import numpy as np
import pytest

from mlrg_lib.datasets import ising
from mlrg_lib.ising import exact
from mlrg_lib.rg import momentum_shell, pca, variational
from mlrg_lib.widgets import _modes
from mlrg_lib.widgets.live import live, static_html, write_assets

pytestmark = pytest.mark.site

SCRIPT_LIMIT = 300_000
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>{name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>body {{ margin: 8px }}</style>
<script defer src="_static/mlrg-live.js"></script></head><body>{before}<main>{figure}</main></body></html>"""


@pytest.fixture(scope="session")
def live_site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("live")
    script = write_assets(folder / "_static")
    size = script.stat().st_size
    print(f"\nmlrg-live.js: {size} bytes")
    assert size <= SCRIPT_LIMIT
    return folder


@pytest.fixture
def show(live_site, open_page):
    """A function that opens a page with one live figure and returns it."""

    def opener(name, *, theme="light", before="", reduced_motion="no-preference", width=1000, touch=False, **params):
        file = live_site / "page.html"
        file.write_text(PAGE.format(name=name, theme=theme, before=before, figure=static_html(name, **params)))
        page = open_page(width=width, reduced_motion=reduced_motion, touch=touch)
        page.goto(file.as_uri())
        return Figure(page)

    return opener


class Figure:
    """A live figure on a page: its controls by their labels, its numbers from its data attributes."""

    def __init__(self, page):
        self.page = page
        self.root = page.locator(".mlrg-figure")

    def wait(self, condition):
        """Wait until a JavaScript condition on ``d``, the figure's data, holds."""
        script = f"() => {{ const d = document.querySelector('.mlrg-figure')?.dataset; return d && ({condition}); }}"
        self.page.wait_for_function(script)
        return self

    def ready(self):
        return self.wait("d.state === 'ready'")

    def data(self, name):
        return json.loads(self.root.evaluate(f"e => e.dataset.{name}"))

    def set(self, label, value):
        self.root.get_by_label(label, exact=True).fill(str(value))
        return self

    def choose(self, label, value):
        self.root.get_by_label(label, exact=True).select_option(str(value))
        return self

    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()
        return self

    def picture(self, k=0):
        """Mean darkness of a canvas and the number of changes between neighbouring pixels, per pixel."""
        return (
            self.root.locator("canvas")
            .nth(k)
            .evaluate(
                """c => { const { width: w, height: h } = c, p = c.getContext('2d').getImageData(0, 0, w, h).data;
            let dark = 0, edges = 0;
            for (let i = 0; i < h; i++) for (let j = 0; j < w; j++) {
              const at = p[4 * (i * w + j)] < 128;
              dark += at; edges += at !== (p[4 * (i * w + (j + 1) % w)] < 128); }
            return [dark / w / h, edges / w / h, w]; }"""
            )
        )

    def keyboard_reaches_everything(self):
        """Tab through the page; return the labels of what received a visible focus."""
        names = []
        for _ in range(60):
            self.page.keyboard.press("Tab")
            name, outline = self.page.evaluate(
                """() => { const e = document.activeElement, s = getComputedStyle(e);
                const label = e.labels?.[0]?.textContent || e.getAttribute('aria-label') || e.textContent;
                return [e.closest('.mlrg-figure') ? label : null, parseFloat(s.outlineWidth)]; }"""
            )
            if name is None:
                if names:
                    break
                continue
            assert outline >= 2, name
            names.append(name)
        return names

    def largest(self, name):
        """Visit the choice that needs the most memory and come back; return the bytes the kernels then have."""
        for label, most, usual, reached in {
            "ising": [("Lattice", 2048, 256, "Number(d.bytes) > 16e6")],
            "rbm": [("Hidden units", 100, 64, "d.hidden === '100'")],
            "flow": [("Components n", 12, 1, "Number(d.n) === 12")],
        }.get(name, ()):
            control = self.root.get_by_label(label, exact=True)
            move = control.select_option if control.evaluate("e => e.tagName") == "SELECT" else control.fill
            move(str(most))
            self.wait(reached)
            move(str(usual))
        return self.data("bytes")

    def sliders_at_both_ends(self):
        """Move every slider to its ends and through a few values, every choice to each option."""
        for slider in self.root.locator('input[type="range"]').all():
            before = slider.input_value()
            low, high = slider.get_attribute("min"), slider.get_attribute("max")
            for value in (low, high, low, before):
                if slider.is_enabled():
                    slider.fill(value)
                    self.page.wait_for_timeout(120)
        for select in self.root.locator("select").all():
            before = select.input_value()
            for value in [*select.locator("option").evaluate_all("o => o.map(x => x.value)"), before]:
                select.select_option(value)
                self.page.wait_for_timeout(200)


# ------------------------------------------------------------------------------------------------ every figure

NAMES = ("ising", "rbm", "flow", "variational", "ellipse", "modes")


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_fits_a_phone_and_says_its_tier(show, name):
    figure = show(name, width=360, touch=True).ready()
    assert figure.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert "your browser" in figure.root.inner_text()
    small = figure.root.locator("button, select").evaluate_all(
        "b => b.filter(e => e.getBoundingClientRect().height < 40).length"
    )
    assert small == 0


@pytest.mark.parametrize("name", NAMES)
def test_every_control_has_a_name_and_is_reached_by_keyboard(show, name):
    figure = show(name).ready()
    figure.page.keyboard.press("Escape")
    reached = figure.keyboard_reaches_everything()
    controls = figure.root.locator("button:enabled, select:enabled, input:enabled").count()
    assert len(reached) >= controls
    assert all(label.strip() for label in reached)
    unnamed = figure.root.locator('[role="img"]:not([aria-label])').count()
    assert unnamed == 0


@pytest.mark.parametrize("name", NAMES)
def test_reduced_motion_starts_paused(show, name):
    figure = show(name, reduced_motion="reduce").ready()
    if figure.root.get_by_role("button", name="Run the simulation").count():
        picture = "(c => c.toDataURL?.() ?? c.innerHTML)(document.querySelector('.mlrg-figure :is(canvas, svg)'))"
        figure.page.wait_for_timeout(300)
        before = figure.page.evaluate(picture)
        figure.page.wait_for_timeout(400)
        assert figure.page.evaluate(picture) == before


@pytest.mark.parametrize("name", NAMES)
def test_off_screen_figures_wait(show, name):
    figure = show(name, before='<div style="height: 4000px">text</div>')
    figure.page.wait_for_timeout(300)
    assert figure.page.locator(".mlrg-figure").count() == 0
    assert figure.page.locator(".mlrg-live > img").count() == 1
    figure.page.locator(".mlrg-live").scroll_into_view_if_needed()
    figure.ready()


@pytest.mark.parametrize("name", NAMES)
def test_dark_mode_changes_the_ink(show, name):
    figure = show(name).ready()
    ink = "getComputedStyle(document.querySelector('.mlrg-figure')).color"
    light = figure.page.evaluate(ink)
    figure.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert figure.page.evaluate(ink) != light


@pytest.mark.parametrize("name", NAMES)
def test_sliders_survive_both_ends_without_growing(show, name):
    figure = show(name).ready()
    first = figure.largest(name)
    figure.sliders_at_both_ends()
    figure.page.wait_for_timeout(500)
    assert figure.root.get_attribute("data-state") == "ready"
    assert figure.data("bytes") <= first


@pytest.mark.weekly
@pytest.mark.parametrize("name", NAMES)
def test_sliders_thrown_between_their_ends_leave_nothing_behind(show, name):
    """For three rounds each, a minute all together, or for ``MLRG_SOAK_ROUNDS`` each. The heap after garbage
    collection, the elements on the page and the kernels' memory stay where they were after the first round."""
    figure = show(name).ready()
    session = figure.page.context.new_cdp_session(figure.page)
    session.send("Performance.enable")

    def used():
        session.send("HeapProfiler.collectGarbage")
        figure.page.wait_for_timeout(200)
        session.send("HeapProfiler.collectGarbage")
        found = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        return found["JSHeapUsedSize"] / 1e6, found["Nodes"], figure.data("bytes")

    figure.largest(name)
    figure.sliders_at_both_ends()
    figure.page.wait_for_timeout(1000)
    heap, nodes, memory = used()
    rounds = int(os.environ.get("MLRG_SOAK_ROUNDS", "3"))
    for _ in range(rounds):
        figure.sliders_at_both_ends()
    figure.page.wait_for_timeout(1000)
    later, more, same = used()
    print(
        f"\n{name}: {rounds} rounds, heap {heap:.1f} -> {later:.1f} MB, nodes {nodes} -> {more}, kernels {same} bytes"
    )
    assert figure.root.get_attribute("data-state") == "ready"
    assert same <= memory
    assert later - heap < 2
    assert more - nodes < 500


@pytest.mark.parametrize("name", NAMES)
def test_without_scripts_there_is_a_picture_and_a_sentence(live_site, browser, name):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    file = live_site / "plain.html"
    file.write_text(PAGE.format(name=name, theme="light", before="", figure=static_html(name)))
    page.goto(file.as_uri())
    assert page.locator(".mlrg-live > img").get_attribute("alt")
    assert "needs JavaScript" in page.locator("main").inner_text()
    context.close()


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_widget_draws_the_same_figure(show, monkeypatch, name):
    """The module that anywidget gets, rendered with the widget's own state, and its values written back."""
    monkeypatch.delenv("MLRG_STATIC", raising=False)
    widget = live(name)
    state = {"params": widget.params, "values": widget.values}
    page = show(name).ready().page
    page.evaluate(
        """async ([esm, code, state]) => {
        const bytes = new DataView(Uint8Array.from(atob(code), c => c.charCodeAt(0)).buffer);
        const el = document.createElement('div');
        const model = { get: k => k === 'wasm' ? bytes : state[k], set: (k, v) => { state[k] = v; }, on() {}, off() {},
          save_changes: () => { window.saved = state.values; } };
        const module = await import(URL.createObjectURL(new Blob([esm], { type: 'text/javascript' })));
        document.querySelector('.mlrg-live').replaceChildren(el);
        window.stop = module.default.render({ model, el }); }""",
        [widget._esm, base64.b64encode(widget.wasm).decode(), state],
    )
    figure = Figure(page).ready()
    slider = figure.root.locator('input[type="range"]').first
    slider.fill(slider.get_attribute("max"))
    page.wait_for_function("window.saved")
    page.evaluate("window.stop()")


# ------------------------------------------------------------------------------------------------ Ising


def test_ising_hot_is_disordered_and_cold_ordered(show):
    figure = show("ising", size=128, order="up", temperature=1.0, seed=1).ready()
    dark, edges, _ = figure.picture()
    assert dark > 0.98
    figure.set("Temperature", 4.0).wait("Number(d.eNow) > -0.8")
    dark, hot_edges, _ = figure.picture()
    assert abs(dark - 0.5) < 0.1
    assert hot_edges > edges + 0.2


@pytest.mark.parametrize(
    ("algorithm", "temperature"), [("metropolis", 2.0), ("heat_bath", 2.1), ("wolff", 2.3), ("swendsen_wang", 2.4)]
)
def test_ising_agrees_with_the_exact_curves(show, algorithm, temperature):
    L = 128
    figure = show("ising", size=L, order="up", temperature=temperature, algorithm=algorithm, speed=6, seed=2)
    figure.ready().wait("d.settled === 'true' && Number(d.de) < 0.001 && Number(d.dm) < 0.005")
    figure.press("Pause the simulation").wait("d.running === 'false'")
    e, error = figure.data("e"), figure.data("de")
    assert abs(e - exact.torus_energy(L, 1 / temperature)) < 4.5 * error
    if temperature < 2.2:
        m, m_error = figure.data("m"), figure.data("dm")
        assert abs(m - exact.spontaneous_magnetization(1 / temperature)) < 4.5 * m_error + 1e-4


def test_ising_quench_reset_and_step(show):
    figure = show("ising", size=64, temperature=3.0, seed=3).ready()
    figure.press("Step").wait("d.running === 'false'")
    before = figure.data("eNow")
    figure.press("Step").wait(f"Number(d.eNow) !== {before}")
    figure.press("Reset").wait("Number(d.mNow) === 1")
    figure.press("Quench").wait("Math.abs(Number(d.temperature) - 1.5) < 1e-9 && Number(d.eNow) < -1.5")


def test_ising_coarse_graining_flows_away_from_the_critical_point(show):
    hot = show("ising", size=256, temperature=2.8, level=0, seed=4).ready()
    hot.wait("d.settled === 'true'")
    energies = []
    for level in (1, 3):
        side = 256 >> level
        energies.append(hot.set("Coarse-grain", level).wait(f"d.side === '{side}'").data("blockedE"))
        assert hot.picture(1)[2] == side
    assert hot.data("eNow") + 0.1 < energies[0]  # to infinite temperature
    assert energies[0] + 0.1 < energies[1]
    hot.page.close()
    # from the ordered state: a hot lattice that is suddenly cooled keeps its domain walls for long
    cold = show("ising", size=256, temperature=1.9, order="up", level=3, seed=5).ready()
    cold.wait("d.settled === 'true'")
    assert cold.data("blockedE") + 0.1 < cold.data("eNow") < -1.65  # to zero temperature


def test_ising_temperature_is_dragged_along_the_curve(show):
    figure = show("ising", size=64, temperature=2.0, seed=4).ready()
    box = figure.root.locator("svg.mlrg-plot").first.bounding_box()
    at = [(box["x"] + part * box["width"], box["y"] + 0.5 * box["height"]) for part in (0.5, 0.9)]
    mouse = figure.page.mouse
    mouse.move(*at[0])
    mouse.down()
    figure.wait("Number(d.temperature) > 2.2 && Number(d.temperature) < 2.9")
    mouse.move(*at[1], steps=4)
    figure.wait("Number(d.temperature) > 3.4")
    mouse.up()
    mouse.move(*at[0])
    figure.set("Coarse-grain", 4).wait("d.side === '4'")
    assert figure.data("temperature") > 3.4


def test_ising_with_few_controls_has_two_and_the_others_behind_a_word(show):
    words = '<button data-move="temperature=3 level=1">hot</button>'
    figure = show("ising", size=64, temperature=2.0, level=2, few=True, seed=4, before=words).ready()
    inputs = figure.root.locator("input, select")
    assert [control.is_visible() for control in inputs.all()] == 2 * [True] + (inputs.count() - 2) * [False]
    figure.root.get_by_text("More controls").click()
    assert all(control.is_visible() for control in inputs.all())
    figure.choose("Lattice", 128).wait("d.side === '32'")
    figure.page.get_by_role("button", name="hot", exact=True).click()
    figure.wait("Number(d.temperature) === 3 && d.side === '64'")
    assert figure.root.get_by_label("Temperature", exact=True).input_value() == "3"


def test_ising_rules_differ(show):
    figure = show("ising", size=256, level=2, temperature=2.27, seed=5).ready()
    figure.press("Step").wait("d.running === 'false'")
    energy = {}
    for rule in ("majority", "decimation", "kadanoff"):
        figure.choose("Block rule", rule).wait(f"d.rule === '{rule}'")
        energy[rule] = figure.data("blockedE")
    assert energy["majority"] < energy["decimation"] - 0.05
    figure.set("Strength p", 0).wait("Math.abs(Number(d.blockedE)) < 0.2")
    figure.set("Strength p", 3).wait(f"Number(d.blockedE) < {energy['decimation']}")


@pytest.mark.parametrize("size", [512, 2048])
def test_ising_says_its_speed(show, size):
    """How fast it is, ``benchmarks/browser.py`` measures."""
    figure = show("ising", size=size, speed=6, level=1).ready()
    figure.wait("Number(d.fps) > 0 && Number(d.attempts) > 0 && Number(d.sweepRate) > 0")


# ------------------------------------------------------------------------------------------------ RBM


def test_rbm_learns_local_fields_and_the_energy(show):
    figure = show("rbm", temperature=2.45, hidden=64, seed=1).ready().press("Pause the simulation")
    figure.press("Restart").wait("Number(d.updates) < 5").press("Step").wait("Number(d.updates) === 1")
    first, early = figure.data("fieldSize"), figure.data("dream")
    figure.press("Run the simulation").wait("Number(d.updates) > 3500 && Number(d.fieldSize) <= 12")
    assert first > 20  # waves and noise before blocks
    exact_energy = exact.torus_energy(16, 1 / 2.45)
    assert abs(figure.data("data") - exact_energy) < 0.03
    assert abs(figure.data("dream") - exact_energy) < 0.08
    assert figure.data("dream") < early
    ms, rate, fps = (figure.data(name) for name in ("perUpdate", "rate", "fps"))
    print(f"\nRBM 256 x 64: {ms} ms an update, {rate} updates/s, {fps} frames/s")


def test_rbm_follows_the_temperature(show):
    figure = show("rbm", temperature=2.0, hidden=16, seed=2).ready().wait("Number(d.updates) > 50")
    assert figure.data("data") < -1.5
    figure.set("Temperature", 5).wait("Number(d.data) > -0.5")


def test_rbm_strong_l1_leaves_exact_zeros(show):
    figure = show("rbm", temperature=5.0, hidden=32, seed=3, l1=0.0).ready().wait("Number(d.updates) > 200")
    assert figure.data("zeros") == 0
    figure.set("L1 penalty", 0.01).wait("Number(d.zeros) > 0.004")


def test_rbm_hidden_units_and_restart(show):
    figure = show("rbm", hidden=16, seed=4).ready().wait("Number(d.updates) > 20")
    assert figure.picture()[2] == 4 * 17 - 1
    figure.choose("Hidden units", 100).wait("d.hidden === '100'")
    assert figure.picture()[2] == 10 * 17 - 1
    figure.wait("Number(d.updates) > 100").press("Pause the simulation")
    figure.press("Restart").wait("Number(d.updates) < 5")
    figure.press("Step").wait("Number(d.updates) === 1")


# ------------------------------------------------------------------------------------------------ RG flow


@pytest.mark.parametrize(("d", "n"), [(3.0, 1), (3.9, 3), (2.0, 0), (5.0, 1)])
def test_flow_fixed_points_are_the_library_ones(show, d, n):
    figure = show("flow", reduced_motion="reduce").ready()
    figure.set("Dimension d", d).set("Components n", n).wait(f"Number(d.d) === {d} && Number(d.n) === {n}")
    point = momentum_shell.fixed_points(d, n)[1]
    assert math.isclose(figure.data("r"), point.r, abs_tol=1e-9)
    assert math.isclose(figure.data("g"), momentum_shell.shell_area(d) * point.u, abs_tol=1e-9)
    eigenvalues = sorted(np.real(point.eigenvalues))
    assert np.allclose(sorted([figure.data("yt"), figure.data("yu")]), eigenvalues, atol=1e-9)


def test_flow_points_end_on_their_side_of_the_critical_line(show):
    figure = show("flow").ready()
    figure.press("Clear").wait("d.points === '0'")
    diagram = figure.root.get_by_role("application")
    box = diagram.bounding_box()
    diagram.click(position={"x": 0.8 * box["width"], "y": 0.5 * box["height"]})
    figure.wait("d.points === '1' && d.disordered === '1'")
    diagram.click(position={"x": 0.2 * box["width"], "y": 0.7 * box["height"]})
    figure.wait("d.points === '2' && d.ordered === '1'")
    diagram.focus()
    for key in ("ArrowLeft", "ArrowUp", "Enter"):
        figure.page.keyboard.press(key)
    figure.wait("d.points === '3'")
    figure.press("Drop on the critical line").wait("d.points === '4' && d.undecided === '1'")
    figure.page.wait_for_timeout(1500)
    assert figure.root.locator("g.mlrg-line2 path").count() == 4


# ------------------------------------------------------------------------------------------------ variational RG


@pytest.mark.parametrize(("strength", "coupling"), [(0.5, 0.3), (1.0, 0.44), (3.0, 0.8), (0.0, 0.1)])
def test_variational_figure_shows_the_library_numbers(show, strength, coupling):
    figure = show("variational").ready()
    figure.set("Strength p", strength).set("Coupling K", coupling)
    figure.wait(f"Number(d.strength) === {strength} && Number(d.coupling) === {coupling}")
    H = variational.ising_energy((4, 4), coupling)
    T = variational.kadanoff_transformation(16, variational.block_sites(4, 2), strength)
    terms = variational.couplings(variational.renormalized_energy(T, H))
    assert abs(figure.data("bond") + terms[0, 1] / 2) < 1e-9
    assert abs(figure.data("four") + terms[0, 1, 2, 3]) < 1e-9
    assert abs(figure.data("error")) < 1e-9
    assert abs(figure.data("information") - variational.mutual_information(T, H)) < 1e-9


# ------------------------------------------------------------------------------------------------ PCA ellipse


def test_ellipse_finds_what_was_set(show):
    figure = show("ellipse", major=3.0, minor=0.5, angle=40.0, samples=5000, seed=1).ready()
    assert abs(figure.data("large") / 9 - 1) < 4 * np.sqrt(2 / 5000)
    assert abs(figure.data("small") / 0.25 - 1) < 4 * np.sqrt(2 / 5000)
    assert abs(figure.data("error")) < 4 * figure.data("expected") < 2
    figure.set("Direction", -60).wait("d.angle === '-60' && Math.abs(Number(d.error)) < 2")
    few = figure.choose("Samples", 5).wait("d.samples === '5'").data("error")
    figure.press("New samples").wait(f"Number(d.error) !== {few}")


def test_ellipse_is_dragged(show):
    figure = show("ellipse", major=2.0, minor=0.5, angle=0.0, seed=2).ready()
    ends = [handle.bounding_box() for handle in figure.root.locator("g.mlrg-points2 circle").all()]
    (x1, y1), (x2, _) = [(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2) for end in ends]
    unit = (x1 - x2) / 2
    mouse = figure.page.mouse
    mouse.move(x1, y1)
    mouse.down()
    mouse.move(x2, y1 - 2.5 * unit, steps=6)
    mouse.up()
    figure.wait("Math.abs(Math.abs(Number(d.angle)) - 90) <= 2 && Math.abs(Number(d.major) - 2.5) < 0.11")


# ------------------------------------------------------------------------------------------------ modes


@pytest.mark.parametrize(("name", "dropped"), [("neurons", 0.0), ("neurons", 0.1), ("photographs", 0.05)])
def test_modes_figure_shows_the_library_numbers(show, name, dropped):
    figure = show("modes", data=name, dropped=dropped, kept=0.25, seed=1).ready()
    X, standardize = _modes.matrix(name), name == "neurons"
    flow = pca.mode_flow(X, drop_largest=dropped, standardize=standardize, n_blocks=0)
    np.testing.assert_allclose(figure.data("curve"), flow.moment[::-1], rtol=2e-4)
    here = pca.mode_flow(X, [0.25], drop_largest=dropped, standardize=standardize)
    assert figure.data("modes") == here.n_modes[0]
    assert abs(figure.data("moment") / here.moment[0] - 1) < 2e-4
    assert 0.3 < figure.data("error") / here.error[0] < 1.4  # blocks drawn, with one set of components: smaller


def test_modes_distribution_is_that_of_the_kept_modes(show):
    figure = show("modes", data="neurons", kept=0.1, compare="none").ready()
    density = np.array(figure.data("density"))
    X = _modes.matrix("neurons")
    z = (X - X.mean(axis=0)) / X.std(axis=0)
    kept = pca.principal_components(X, standardize=True)[1][: figure.data("modes")]
    rebuilt = z @ kept.T @ kept
    unit = rebuilt / np.sqrt(np.mean(rebuilt**2, axis=0))
    expected = np.histogram(unit, len(density), (-8, 8))[0] / unit.size / (16 / len(density))
    np.testing.assert_allclose(density, expected, atol=2e-4)


def test_modes_sliders_move_the_moment_the_right_way(show):
    figure = show("modes", data="neurons", kept=1.0, seed=2).ready()
    first, null = figure.data("moment"), figure.data("nullMoment")
    assert abs(first / null - 1) < 1e-4  # shuffling in time changes no single variable
    figure.set("Modes kept", -1).wait("d.modes === '14'")
    assert 3 < figure.data("nullMoment") < figure.data("moment") < first - 2
    apart = figure.data("moment") - figure.data("nullMoment")
    assert apart > 3 * math.hypot(figure.data("error"), figure.data("nullError"))
    picture = figure.root.locator("g.mlrg-line2 path").first.get_attribute("d")
    figure.set("Largest dropped", 0.1).wait("d.removed === '14'")
    assert figure.root.locator("g.mlrg-line2 path").first.get_attribute("d") != picture
    figure.choose("Data", "photographs").wait("d.data === 'photographs'")
    brighter = figure.data("moment")
    figure.set("Largest dropped", 0).wait("d.removed === '0'")
    assert figure.data("moment") + 3 < brighter  # without the brightness of the patch edges are left, rare and strong


def test_modes_nulls(show):
    figure = show("modes", data="neurons", kept=0.25, compare="gaussian", seed=3).ready()
    assert abs(figure.data("nullMoment") - 3) < 4.5 * figure.data("nullError")
    assert figure.data("nullError") < 0.1
    before = figure.data("nullMoment")
    figure.press("Draw again").wait("d.draw === '1'")
    assert figure.data("nullMoment") != before
    figure.choose("Compare with", "shuffled").wait("d.kind === 'shuffled'")
    X = _modes.matrix("neurons")
    expected = pca.mode_flow(pca.time_shuffle(X, rng=1), [0.25], standardize=True)
    assert abs(figure.data("nullMoment") - expected.moment[0]) < 4.5 * math.hypot(
        figure.data("nullError"), expected.error[0]
    )
    figure.choose("Compare with", "none").wait("d.kind === 'none'")
    assert figure.data("nullMoment") is None


def test_modes_of_spins_have_a_plateau_at_the_critical_temperature_only(show):
    figure = show("modes", data="ising", kept=0.05, compare="none", temperature=2.27, seed=4).ready()
    critical = figure.data("moment"), figure.data("error")
    known = pca.mode_flow(ising(16, temperature=2.27, n_samples=4096, rng=1).X, [0.05])
    assert abs(critical[0] - known.moment[0]) < 4.5 * math.hypot(critical[1], known.error[0])
    assert 1.2 < critical[0] < 1.45
    figure.set("Temperature", 4).wait("d.temperature === '4'")
    known = pca.mode_flow(ising(16, temperature=4.0, n_samples=4096, rng=3).X, [0.05])
    assert abs(figure.data("moment") - known.moment[0]) < 4.5 * math.hypot(figure.data("error"), known.error[0])
    assert figure.data("moment") > 2.5
