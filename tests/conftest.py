"""Fixtures shared by the tests: the built site, and a browser that watches for errors and foreign requests."""

import functools
import http.server
import threading
from pathlib import Path
from typing import ClassVar

import browser as browser_finder
import hypothesis
import pytest
from built_site import SITE
from finger import PHONE
from patience import PATIENCE

# Kernels compile on their first call: a deadline per example would measure that, and the machine's load.
too_slow = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("book", deadline=None, suppress_health_check=too_slow)
hypothesis.settings.load_profile("book")

FIREFOX = browser_finder.find_firefox()
collect_ignore = [] if FIREFOX else ["test_firefox.py"]


def pytest_configure(config):
    config.addinivalue_line("markers", "weekly: left out of `make test`, part of `make weekly`")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    if config.getvalue("dist") != "loadfile":
        return None
    from spread import Spread

    return Spread(config, log)


def pytest_report_header():
    return f"Firefox: {FIREFOX or 'none found, test_firefox.py is not collected (Debian: apt install firefox-esr)'}"


@pytest.fixture(scope="session")
def site_folder() -> Path:
    assert (SITE / "index.html").exists(), "the site is not built: run `make book` first"
    return SITE


@pytest.fixture(scope="session")
def site(site_folder):
    """The built site on a loopback port; yields its base address."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        extensions_map: ClassVar = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".wasm": "application/wasm"}

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(site_folder)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    path = browser_finder.find()
    assert path, "no browser: run `python tests/browser.py`"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=path, args=list(browser_finder.ARGUMENTS), timeout=1000 * PATIENCE
        )
        running.new_context, running.new_page = patient(running.new_context), patient(running.new_page)
        yield running
        running.close()


def patient(opener):
    """Let a browser's contexts and pages wait for a load, a click or a condition for as long as everything else."""

    def opened(*args, **kwargs):
        place = opener(*args, **kwargs)
        place.set_default_timeout(1000 * PATIENCE)
        return place

    return opened


@pytest.fixture(scope="module")
def touched(browser):
    """One phone for all visits of a module: what pages share, plotly above all, is then read and compiled once."""
    context = browser.new_context(viewport=PHONE, has_touch=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(touched):
    touched.set_viewport_size(PHONE)
    touched.emulate_media(reduced_motion="no-preference")
    return touched


def watch(page):
    """Keep in lists what a page asks of others and what it logs as an error."""
    page.foreign, page.errors = [], []
    local = ("http://127.0.0.1:", "file:", "data:", "blob:")
    page.on("request", lambda r: None if r.url.startswith(local) else page.foreign.append(r.url))
    page.on("response", lambda r: page.errors.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    aborted = "ERR_ABORTED"  # a request that the test itself cut off by opening the next page
    page.on(
        "requestfailed",
        lambda r: None if aborted in str(r.failure) else page.errors.append(f"failed {r.url} {r.failure}"),
    )
    page.on("pageerror", lambda e: page.errors.append(f"{page.url}: {e}"))
    page.on("console", lambda m: page.errors.append(f"{page.url}: {m.text}") if m.type == "error" else None)
    return page


def assert_silent(page):
    assert not page.foreign, f"requests that leave the site: {page.foreign}"
    assert not page.errors, f"errors in the browser: {page.errors}"


@pytest.fixture(scope="module")
def shared(browser):
    """One page for all visits of a module: what pages share, plotly above all, is then read and compiled once."""
    context = browser.new_context()
    yield watch(context.new_page())
    context.close()


@pytest.fixture
def desk(shared):
    """That page, as if new; afterwards it may have asked nothing foreign and logged no error."""
    shared.foreign.clear()
    shared.errors.clear()
    shared.set_viewport_size({"width": 1280, "height": 900})
    shared.emulate_media(media="screen", color_scheme="light")
    yield shared
    assert_silent(shared)


@pytest.fixture
def open_page(browser):
    """A function that opens pages; afterwards no page may have asked anything foreign or logged an error."""
    opened = []

    def opener(*, width=1280, height=900, color_scheme="light", reduced_motion="no-preference", touch=False):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=color_scheme,
            reduced_motion=reduced_motion,
            has_touch=touch,
        )
        opened.append(watch(context.new_page()))
        return opened[-1]

    yield opener
    for page in opened:
        page.context.close()
    for page in opened:
        assert_silent(page)
