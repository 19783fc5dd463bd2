"""JupyterLab for the tests: a server of its own in a copy of the reader's working folder, and pages that watch it."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book/_tools"))
import live  # noqa: E402

PATIENCE = 600  # seconds, for a kernel to start or the kernels to compile on a busy machine
ISOLATED = ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR")
OPTIONS = (
    *("--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", "--IdentityProvider.token="),
    *("--ServerApp.allow_root=True", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url="),
)
KERNEL = "() => window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel?.status"


def working_folder(folder: Path, site_folder: Path) -> Path:
    """Return a new folder such as `make live` makes."""
    live.update(site_folder / "run", ROOT / "book/results", folder / "live")
    return folder / "live"


@contextlib.contextmanager
def serve(root: Path, state: Path, without: tuple[str, ...] = ()):
    """JupyterLab on a loopback port, with nothing of the user's, without these extensions; yields its address."""
    places = {name: str(state / name.lower()) for name in ISOLATED}
    # An environment that was made before the book stopped using this extension still has it.
    settings = Path(places["JUPYTER_CONFIG_DIR"]) / "labconfig/page_config.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"disabledExtensions": dict.fromkeys(("jupyterlab-myst", *without), True)}))
    environment = {k: v for k, v in os.environ.items() if k != "MLRG_STATIC"} | places
    log = state / "log.txt"
    command = [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--ServerApp.root_dir={root}"]
    with log.open("w") as file:
        server = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment, cwd=state)
    try:
        yield _address(server, Path(places["JUPYTER_RUNTIME_DIR"]), log)
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _address(server, runtime: Path, log: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            try:
                url = json.loads(file.read_text())["url"]
                with urllib.request.urlopen(f"{url}api/status", timeout=5):
                    return url
            except (OSError, ValueError):
                continue
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


def open_notebook(context, url: str, path: str):
    """Open a notebook and return the page, which remembers the errors it logged and what it asked of others."""
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.errors, page.foreign = [], []
    page.on("pageerror", lambda error: page.errors.append(f"{error}\n{error.stack}"))
    page.on("console", lambda m: page.errors.append(f"{m.text} {m.location}") if m.type == "error" else None)
    page.on("request", lambda r: None if r.url.startswith((url, "data:", "blob:")) else page.foreign.append(r.url))
    page.goto(f"{url}lab/workspaces/test/tree/{path}?reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    return page


def until(page, condition: str, arg=None):
    """Wait for a condition; asked from outside, since a busy page draws few frames and runs late timers."""
    deadline = time.monotonic() + PATIENCE
    while not page.evaluate(condition, arg):
        assert time.monotonic() < deadline, f"never came true: {condition} of {arg}"
        time.sleep(0.25)


def show(page, path: str):
    """Open a notebook in a running JupyterLab, in the place of what was open; to read it takes no kernel."""
    page.evaluate(
        """async (path) => {
          const {shell, commands} = window.jupyterapp;
          for (const widget of [...shell.widgets('main')]) widget.dispose();
          const widget = await commands.execute('docmanager:open', {path, kernelPreference: {shouldStart: false}});
          await widget.context.ready;
        }""",
        path,
    )


def run_all(page):
    """Run all cells; where JupyterLab asks which kernel to start, take the one it proposes."""
    accept, deadline = page.locator(".jp-Dialog .jp-mod-accept"), time.monotonic() + PATIENCE
    while page.evaluate(KERNEL) != "idle":
        assert time.monotonic() < deadline, f"the kernel is {page.evaluate(KERNEL)}"
        if accept.count():
            accept.first.click()
        page.wait_for_timeout(500)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
