"""Firefox on the live figures: every slider moved by its keys, every picture changed, and in the right direction."""

import json
import time

import browser as browser_finder
import numpy as np
import pytest
from firefox import Firefox
from patience import PATIENCE
from test_live_figures import PAGE
from test_site import book_pages

from mlrg_lib.ising import exact
from mlrg_lib.rg import momentum_shell, pca
from mlrg_lib.widgets import _modes
from mlrg_lib.widgets.live import static_html, write_assets

pytestmark = pytest.mark.site

HOME, END = "\ue011", "\ue010"  # WebDriver's names of the keys
LOCAL = ("http://127.0.0.1:", "file:", "data:", "blob:", "about:")
DATA = "(k) => document.querySelectorAll('.mlrg-figure')[k]?.dataset"
# What a reader sees of figure k, as text.
PICTURE = """(k) => {
  const figure = document.querySelectorAll('.mlrg-figure')[k];
  const drawn = [...figure.querySelectorAll('canvas')].map((c) => c.toDataURL());
  return [...drawn, ...[...figure.querySelectorAll('svg')].map((s) => s.innerHTML)].join('|'); }"""
FOCUS = """(k, n) => {
  const slider = document.querySelectorAll('.mlrg-figure')[k].querySelectorAll('input[type=range]')[n];
  slider.focus();
  return [slider.labels[0].textContent, slider.disabled, slider.value, slider.min, slider.max]; }"""
VALUE = """(k, n) => document.querySelectorAll('.mlrg-figure')[k].querySelectorAll('input[type=range]')[n].value"""


@pytest.fixture(scope="module")
def firefox():
    running = Firefox(browser_finder.find_firefox())
    yield running
    running.close()


@pytest.fixture(scope="module")
def live_site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("firefox")
    write_assets(folder / "_static")
    return folder


@pytest.fixture
def show(firefox, live_site):
    """A function that opens a page with one live figure; afterwards nothing may have gone wrong on it."""

    def opener(name, **parameters):
        file = live_site / f"{name}.html"
        file.write_text(PAGE.format(name=name, theme="light", before="", figure=static_html(name, **parameters)))
        firefox.open(file.as_uri(), width=1000)
        return LivePage(firefox).ready(0)

    yield opener
    assert not firefox.troubles(LOCAL)


class LivePage:
    """The live figures of the page that Firefox shows."""

    def __init__(self, firefox):
        self.firefox = firefox

    def ready(self, k):
        self.firefox.wait(f"(k) => ['ready', 'failed'].includes(({DATA})(k)?.state)", k)
        assert self.firefox.run(f"(k) => ({DATA})(k).state", k) == "ready"
        return self

    def data(self, name, k=0):
        return json.loads(self.firefox.run(f"(k, name) => ({DATA})(k)[name]", k, name))

    def wait(self, condition, k=0):
        self.firefox.wait(f"(k) => {{ const d = ({DATA})(k); return {condition}; }}", k)
        return self

    def to_end(self, k, n, key):
        """Press Home or End on slider ``n`` of figure ``k``; return its name, or None if it is switched off."""
        name, disabled, _, low, high = self.firefox.run(FOCUS, k, n)
        if disabled:
            return None
        self.firefox.press(key)
        wanted = low if key == HOME else high
        self.firefox.wait(f"(k, n, v) => Math.abs(({VALUE})(k, n) - v) < 1e-6", k, n, float(wanted))
        return name

    def every_slider_changes_the_picture(self, k):
        sliders = "document.querySelectorAll('.mlrg-figure')[k].querySelectorAll('input[type=range]')"
        count = self.firefox.run(f"(k) => {sliders}.length", k)
        self.firefox.run("() => document.querySelectorAll('.mlrg-more').forEach((fold) => { fold.open = true; })")
        moved = []
        for n in range(count):
            if self.to_end(k, n, HOME) is None:
                continue
            self.firefox.run("() => new Promise((done) => setTimeout(done, 700))")
            before = self.firefox.run(PICTURE, k)
            moved.append(self.to_end(k, n, END))
            self.firefox.wait(f"(k, before) => ({PICTURE})(k) !== before", k, before)
        self.ready(k)
        return moved


def test_lattices_disorder_with_the_temperature(show):
    page = show("ising", size=64, order="up", temperature=1.5, level=0, speed=6, seed=1)
    page.wait("d.settled === 'true'")
    assert abs(page.data("e") - exact.torus_energy(64, 1 / 1.5)) < 4.5 * page.data("de") + 1e-3
    assert page.data("m") > 0.98
    assert page.to_end(0, 0, END) == "Temperature"
    page.wait("d.temperature === '4' && Math.abs(Number(d.mNow)) < 0.2")
    page.wait("d.settled === 'true'")
    assert abs(page.data("e") - exact.torus_energy(64, 1 / 4)) < 4.5 * page.data("de") + 1e-3


def test_the_machine_sees_hotter_data(show):
    page = show("rbm", hidden=16, temperature=2.45, seed=1)
    assert page.to_end(0, 0, HOME) == "Temperature"
    page.wait("Number(d.data) < -1.7")
    page.to_end(0, 0, END)
    page.wait("Number(d.data) > -0.5")


def test_the_fixed_point_moves_with_the_dimension(show):
    page = show("flow", d=3.0)
    area = momentum_shell.shell_area(3.0)
    assert abs(page.data("g") - area * momentum_shell.fixed_points(3.0)[1].u) < 1e-9
    page.to_end(0, 0, HOME)
    page.wait("Number(d.d) === 2")
    assert abs(page.data("g") - momentum_shell.shell_area(2.0) * momentum_shell.fixed_points(2.0)[1].u) < 1e-9


def test_block_spins_couple_more_at_large_strength(show):
    page = show("variational", strength=1.0)
    page.to_end(0, 0, HOME)
    page.wait("d.strength === '0' && Math.abs(Number(d.bond)) < 1e-9")
    page.to_end(0, 0, END)
    page.wait("d.strength === '3' && Number(d.bond) > 0.05 && Math.abs(Number(d.error)) < 1e-9")


def test_the_longer_axis_has_the_larger_variance(show):
    page = show("ellipse", major=1.0, minor=0.2, samples=5000, seed=1)
    assert abs(page.data("large") - 1) < 4.5 * np.sqrt(2 / 5000)
    page.to_end(0, 0, END)
    page.wait("d.major === '3'")
    assert abs(page.data("large") / 9 - 1) < 4.5 * np.sqrt(2 / 5000)


def test_fewer_modes_are_more_gaussian(show):
    page = show("modes", data="neurons", kept=0.25, seed=1)
    flow = pca.mode_flow(_modes.matrix("neurons"), standardize=True, n_blocks=0)
    np.testing.assert_allclose(page.data("curve"), flow.moment[::-1], rtol=2e-4)
    page.to_end(0, 0, END)
    page.wait("d.modes === '144'")
    first = page.data("moment")
    page.to_end(0, 0, HOME)
    page.wait("d.modes === '1'")
    assert page.data("moment") < first - 4


def test_the_site_is_silent_and_its_live_figures_answer(firefox, site, site_folder):
    pages = [name for name in book_pages(site_folder) if 'class="mlrg-live"' in (site_folder / name).read_text("utf8")]
    assert len(pages) >= 4
    for name in pages:
        firefox.open(site + name)
        count = firefox.run("() => document.querySelectorAll('.mlrg-live').length")
        for k in range(count):
            firefox.run("(k) => document.querySelectorAll('.mlrg-live')[k].scrollIntoView({ block: 'center' })", k)
            firefox.wait("(k) => document.querySelectorAll('.mlrg-figure').length > k", k)
            page = LivePage(firefox).ready(k)
            assert page.every_slider_changes_the_picture(k), name
        assert not firefox.troubles(LOCAL), name


def test_a_browser_that_sees_errors(firefox, live_site):
    """The watch itself: an error and a foreign request on a page are reported."""
    file = live_site / "wrong.html"
    file.write_text(
        "<!doctype html><script>setTimeout(() => { throw new Error('on purpose'); })</script>"
        "<img src='http://127.0.0.1:59999/none.png'>"
    )
    firefox.open(file.as_uri())
    end = time.monotonic() + PATIENCE
    for word, allowed in (("on purpose", LOCAL), ("foreign", ("file:",))):
        while not any(word in trouble for trouble in firefox.troubles(allowed)):
            assert time.monotonic() < end, f"{word} was not seen"
            time.sleep(0.1)
