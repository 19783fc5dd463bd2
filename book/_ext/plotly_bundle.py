"""Fetch the small bundle of plotly.js that the site ships: cartesian figures only, a third of the whole's weight.

It is the npm package of plotly's own releases, in the version of the Python package, fetched by deno and held to a
checksum. Where it cannot be fetched, the site ships the whole bundle of the Python package and says so.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import plotly
from deno import find_deno_bin

PACKAGE = "plotly.js-cartesian-dist-min"
VERSION = "4.1.1"  # of plotly.js, as the Python package has it
SHA256 = "79542150855a52c567260e3137095dbe2b744e6d702a5cabe67da246942fba7a"
TRACES = frozenset(
    {
        *("bar", "box", "contour", "heatmap", "histogram", "histogram2d"),
        *("histogram2dcontour", "image", "pie", "scatter", "scatterternary", "violin"),
    }
)
WHOLE = Path(plotly.__file__).parent / "package_data/plotly.min.js"
SMALL = Path(sys.prefix) / "share/plotly" / f"plotly-cartesian-{VERSION}.min.js"


def bundle() -> Path:
    """Return the bundle to ship: the small one if it has been fetched, else the whole."""
    return SMALL if SMALL.exists() else WHOLE


def version_of(script: Path) -> str:
    """Return the version of plotly.js that a bundle says it is."""
    with script.open(encoding="utf8") as lines:
        return re.search(r"v(\d+\.\d+\.\d+)", lines.read(400)).group(1)


def fetch() -> str | None:
    """Put the small bundle beside the installed packages; return why not, where that fails."""
    with tempfile.TemporaryDirectory() as folder:
        trusted = {"DENO_TLS_CA_STORE": "mozilla,system"}  # as pip does
        surroundings = trusted | os.environ | {"DENO_DIR": folder, "NO_COLOR": "1"}
        command = [os.fsdecode(find_deno_bin()), "cache", f"npm:{PACKAGE}@{VERSION}"]
        try:
            done = subprocess.run(
                command,
                cwd=folder,  # with no configuration of ours
                env=surroundings,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return "no answer for five minutes"
        found = next(Path(folder).rglob("plotly-cartesian.min.js"), None)
        if done.returncode or found is None:
            return (done.stderr.strip() or "no such file in the package").splitlines()[
                -1
            ]
        came = hashlib.sha256(found.read_bytes()).hexdigest()
        if came != SHA256:
            raise SystemExit(
                f"{PACKAGE} {VERSION} has the checksum {came}; {SHA256} was expected: it is not used"
            )
        SMALL.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found, SMALL)
    return None


def main() -> int:
    if not SMALL.exists() and (reason := fetch()):
        print(
            f"{PACKAGE} could not be fetched ({reason}): the site will ship the whole of plotly.js, 4.8 MB"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
