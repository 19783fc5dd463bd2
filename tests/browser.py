"""Find the browsers of the site tests; run as a script it installs them where it may, or says exactly what to do.

Chromium is needed. Firefox is wanted: where there is none its tests are not collected, and pytest's header says so.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FIREFOXES = ("firefox-esr", "firefox")
APPLICATIONS = ("Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """The browser's path: $CHROMIUM, else the first known name on the PATH, else a macOS application."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    on_path = next(filter(None, map(shutil.which, CANDIDATES)), None)
    in_applications = (str(p) for a in APPLICATIONS if (p := Path("/Applications") / a).exists())
    return on_path or next(in_applications, None)


def find_firefox() -> str | None:
    """The path of a Firefox: $FIREFOX, else the first known name on the PATH, else a macOS application."""
    application = Path("/Applications/Firefox.app/Contents/MacOS/firefox")
    on_path = next(filter(None, map(shutil.which, FIREFOXES)), None)
    return os.environ.get("FIREFOX") or on_path or (str(application) if application.exists() else None)


def install(package: str = "chromium") -> str | None:
    """Install a Debian package if this machine has apt and lets us; return Chromium's path, if there is one now."""
    apt = shutil.which("apt-get")
    if not apt:
        return None
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode:
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-q"], ["install", "-qy", "--no-install-recommends", package]):
        subprocess.run([*sudo, apt, *step], env=environment, stdout=subprocess.DEVNULL, check=False)
    return find()


def main() -> int:
    path = find() or install()
    if path is None:
        print(
            "The site tests need a browser and this machine does not let them install one. Install Chromium\n"
            "(Debian: apt install chromium; macOS: brew install --cask chromium) or point CHROMIUM at one:\n"
            "    CHROMIUM=/path/to/chrome make test",
            file=sys.stderr,
        )
        return 1
    print(f"browser: {path}")
    if find_firefox() is None:
        install("firefox-esr")
    print(f"Firefox: {find_firefox() or 'none here (Debian: apt install firefox-esr), its tests are left out'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
