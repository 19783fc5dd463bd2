"""A machine without the library, for the first cell of a notebook: Python alone, and pip or a stand-in for it."""

import json
import os
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

# Writes down what it was asked, and leaves an importable library.
PIP = """
import pathlib, sys
print(*sys.argv[1:], file=open(pathlib.Path(__file__).with_name("log"), "a"))
library = pathlib.Path(__file__).parents[1] / "mlrg_lib"
library.mkdir(exist_ok=True)
(library / "__init__.py").write_text("")
"""


class Machine:
    """Python with a stand-in for pip, and a folder of the reader's for one notebook."""

    def __init__(self, folder: Path):
        self.python, self.home = folder / "python", folder / "Eigene Daten"
        self.home.mkdir()
        self.add("pip/__init__.py", "")
        self.add("pip/__main__.py", PIP)

    def add(self, name: str, text: str) -> None:
        (self.python / name).parent.mkdir(parents=True, exist_ok=True)
        (self.python / name).write_text(text)

    def run(self, code: str, folder: Path | None = None) -> subprocess.CompletedProcess:
        """Run code in a folder, and print where it went and which stored results are there."""
        shown = "\nfrom glob import glob; import json, os; print(json.dumps([os.getcwd(), glob('../results/*')]))"
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(self.python), "PYTHONUTF8": "1"}
        environment["PYTHONUSERBASE"] = str(self.python.parent / "user")
        command = [sys.executable, "-S", "-c", code + shown]
        return subprocess.run(
            command, env=environment, cwd=folder or self.home, capture_output=True, text=True, timeout=300, check=False
        )

    def asked(self) -> list[str]:
        """What pip was asked, in all runs."""
        log = self.python / "pip/log"
        return log.read_text("utf8").splitlines() if log.exists() else []

    def arrived(self, done, companion: Path, chapter: str, results: list[str]) -> None:
        """Check that the code went to the chapter's folder, results beside it, and had the wheel installed once."""
        assert done.returncode == 0, done.stderr
        companion = companion.resolve()
        where, found = json.loads(done.stdout.splitlines()[-1])
        assert where == str(companion / chapter)
        assert set(results) <= set(found)
        (wheel,) = companion.glob("mlrg_lib-*.whl")
        assert self.asked() == [f"install --quiet {wheel}[widgets]"]
        assert not list(self.home.glob("tmp*")), "something unpacked was left behind"


# A real environment without a network: what pip would fetch is lent by the one the tests run in


def brought(texts: list[str], extra: str = "") -> set[str]:
    """Return the names of all distributions that these requirements bring, theirs included."""
    found, waiting = set(), [(text, extra) for text in texts]
    while waiting:
        text, extra = waiting.pop()
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        for wanted in {"", *requirement.extras} - {extra for name, extra in found if name == requirement.name}:
            found.add((requirement.name, wanted))
            waiting += [(need, wanted) for need in metadata.requires(requirement.name) or []]
    return {name for name, _ in found}


def environment(folder: Path, wheel: Path) -> Path:
    """Make an environment with pip, a kernel and what the wheel says that its extra ``widgets`` needs."""
    with zipfile.ZipFile(wheel) as packed:
        (name,) = (name for name in packed.namelist() if name.endswith(".dist-info/METADATA"))
        needs = re.findall(r"^Requires-Dist: (.*)$", packed.read(name).decode(), re.M)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    lent = folder / "lent"
    lent.mkdir()
    for name in brought(needs, "widgets") | brought(["ipykernel", "nbclient"]):
        distribution = metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}:
            if not (lent / top).exists():
                (lent / top).symlink_to(distribution.locate_file(top))
    (packages,) = folder.glob("lib/python3*/site-packages")
    (packages / "lent.pth").write_text(f"{lent}\n")
    return folder / "bin/python"
