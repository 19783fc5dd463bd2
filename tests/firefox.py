"""A small WebDriver BiDi client: Firefox speaks that protocol itself, so no driver is needed.

Commands and events are JSON over a WebSocket (https://www.w3.org/TR/webdriver-bidi/).
"""

import contextlib
import itertools
import json
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import websocket
from patience import PATIENCE

PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """A headless Firefox with one tab; ``events`` collects what its pages log and request."""

    def __init__(self, path: str):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        profile = Path(self.folder.name)
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items())
        (profile / "user.js").write_text("\n".join(lines))
        command = [path, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
        log = profile / "log.txt"
        with log.open("w") as file:
            self.process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        address = self._address(log)
        self.numbers, self.answers, self.arrived, self.events = itertools.count(1), {}, threading.Condition(), []
        self.socket = websocket.create_connection(f"{address}/session", suppress_origin=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.command("session.new", capabilities={})
        self.tab = self.command("browsingContext.getTree")["contexts"][0]["context"]
        events = ["log.entryAdded", "network.beforeRequestSent", "network.responseCompleted", "network.fetchError"]
        self.command("session.subscribe", events=events)

    def _address(self, log: Path) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            found = re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text())
            if found:
                return found.group(1)
            time.sleep(0.1)
        raise RuntimeError(f"Firefox did not start:\n{log.read_text()}")

    def _read(self):
        with contextlib.suppress(websocket.WebSocketException, OSError, ValueError):
            while True:
                message = json.loads(self.socket.recv())
                with self.arrived:
                    if message.get("id") is None:
                        self.events.append(message)
                    else:
                        self.answers[message["id"]] = message
                    self.arrived.notify_all()

    def command(self, method: str, **params):
        """Send a command; return its result or raise what the browser says is wrong."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        with self.arrived:
            if not self.arrived.wait_for(lambda: number in self.answers, PATIENCE):
                raise TimeoutError(f"no answer to {method}")
            answer = self.answers.pop(number)
        if answer["type"] == "error":
            raise RuntimeError(f"{method}: {answer['error']}: {answer['message']}")
        return answer["result"]

    def open(self, address: str, *, width: int = 1280, height: int = 900):
        """Load a page; the events of the page before are forgotten."""
        self.command("browsingContext.setViewport", context=self.tab, viewport={"width": width, "height": height})
        self.command("browsingContext.navigate", context=self.tab, url="about:blank", wait="complete")
        self.events.clear()
        self.command("browsingContext.navigate", context=self.tab, url=address, wait="complete")

    def run(self, expression: str, *arguments):
        """Call a JavaScript function with JSON arguments; promises are awaited and its value returned."""
        wrapped = f"async (text) => JSON.stringify((await ({expression})(...JSON.parse(text))) ?? null)"
        answer = self.command(
            "script.callFunction",
            functionDeclaration=wrapped,
            awaitPromise=True,
            target={"context": self.tab},
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def wait(self, expression: str, *arguments, patience: float = PATIENCE):
        """Wait until a JavaScript function returns something true, and return it."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            value = self.run(expression, *arguments)
            if value:
                return value
            time.sleep(0.05)
        raise TimeoutError(f"still false after {patience:g} s: {expression} {arguments}")

    def press(self, *keys: str):
        """Press and release keys on the element that has the focus; special keys are the protocol's code points."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self.command("input.performActions", context=self.tab, actions=[source])

    def troubles(self, allowed: tuple[str, ...]) -> list[str]:
        """Errors logged, failed answers, and requests to other places than ``allowed`` prefixes, since :meth:`open`."""
        found = []
        for event in list(self.events):
            params = event["params"]
            url = params.get("request", {}).get("url", "")
            if event["method"] == "log.entryAdded" and params["level"] == "error":
                found.append(f"error: {params.get('text')}")
            elif event["method"] == "network.beforeRequestSent" and not url.startswith(allowed):
                found.append(f"foreign request: {url}")
            elif event["method"] == "network.responseCompleted" and params["response"]["status"] >= 400:
                found.append(f"{params['response']['status']}: {url}")
        return found

    def close(self):
        with contextlib.suppress(Exception):
            self.command("browser.close")
        with contextlib.suppress(Exception):
            self.socket.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()
