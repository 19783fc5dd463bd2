"""Find a Chromium for the site tests; run as a script it installs one where it may, or says exactly what to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
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


def install() -> str | None:
    """Install Debian's chromium if this machine has apt and lets us, and return its path."""
    apt = shutil.which("apt-get")
    if not apt:
        return None
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode:
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-q"], ["install", "-qy", "--no-install-recommends", "chromium"]):
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
