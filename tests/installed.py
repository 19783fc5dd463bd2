"""What pyproject.toml declares, in environments of its own: the lowest versions, and each extra as it is installed.

    python tests/installed.py floors    the library's own tests on the lowest versions that are declared
    python tests/installed.py extras    the library alone and with [widgets], installed into nothing; first calls

Needs the package index; environments are made new below ``_build``.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
TOOLS = ("pytest", "pytest-xdist", "hypothesis")  # as pinned
# What is about the book, its tools and its browsers, and needs the pinned environment; and what calls everything with
# warnings as errors, for old versions warn of what newer ones brought.
BOOKISH = (
    *("benchmarks", "book", "checks", "docs", "download", "elsewhere", "essay_annotated", "exercises", "faults"),
    *("firefox", "fits", "found", "fuzz", "javascript", "jupyterlab", "jupyterlab_reading", "launch", "live_figures"),
    *("package", "pages", "pdf", "readers", "replay", "site", "stages", "touch", "touch_live", "widgets_wasm"),
)
ALONE = """
import numpy as np, tempfile
import mlrg_lib as mlrg
from mlrg_lib.studies import modes_in_data, runner
spins = mlrg.ising.sample(16, 0.4, 64, rng=1)
print(mlrg.ising.observables.energy(spins).mean())
machine = mlrg.machines.RBM(8, n_epochs=2, rng=1).fit(spins.reshape(len(spins), -1))
print(machine.weights_.shape, mlrg.machines.annealing.log_partition(machine, rng=1))
print(mlrg.rg.monte_carlo.exponents(mlrg.ising.sample(32, 0.44, 64, rng=1), 2, rng=1).y_t)
print(mlrg.rg.pca.mode_flow(mlrg.datasets.neurons().X, [0.5], n_blocks=0).moment)
with tempfile.TemporaryDirectory() as folder:
    for _ in range(2):
        runner.run_study(modes_in_data.point, [{"process": "Gaussian", "shape": "fMRI", "seed": 1}], folder)
"""
WITHOUT = """
try:
    mlrg.figures.ising
except ModuleNotFoundError as error:
    assert 'pip install "mlrg-lib[widgets]"' in str(error), error
else:
    raise AssertionError("plotly is here though nothing asked for it")
"""
WIDGETS = """
figure = mlrg.figures.ising.configurations(spins[:2], ["one", "two"], alt="two lattices")
figure.show(renderer="plotly_mimetype")
for shown in (
    mlrg.widgets.explore(
        lambda k: mlrg.figures.ising.configurations(spins[:k], ["a", "b"][:k], alt="lattices"), k=[1, 2]
    ),
    *(mlrg.widgets.live(name) for name in ("ising", "rbm", "flow", "variational", "ellipse", "modes")),
):
    bundle = shown._repr_mimebundle_()  # a pair with metadata, or the data alone
    assert "application/vnd.jupyter.widget-view+json" in (bundle[0] if isinstance(bundle, tuple) else bundle)
print(mlrg.widgets.live("ising"))
"""


def environment(name: str) -> Path:
    """Make a new virtual environment; return its Python."""
    folder = BUILD / name
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def run(*command, **options) -> None:
    print("+", *(str(part) if len(str(part)) < 100 else "..." for part in command), flush=True)
    subprocess.run(list(map(str, command)), check=True, **options)


def install(python: Path, *what: str) -> None:
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what)


def pinned() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf8").splitlines()
    return [line for line in lines if re.split("==", line)[0] in TOOLS]


def floors(*arguments: str) -> None:
    python = environment("floors")
    install(python, "uv")
    lowest = ("--quiet", "--resolution", "lowest-direct", "--python", python)
    run(python, "-m", "uv", "pip", "install", *lowest, "--editable", f"{ROOT}[widgets]", *pinned(), "pyyaml>=6")
    run(python, "-m", "uv", "pip", "list", "--python", python)
    ignored = [f"--ignore={path}" for path in sorted(ROOT.glob("tests/test_*.py")) if path.stem[5:] in BOOKISH]
    own = {"NUMBA_CACHE_DIR": str(BUILD / "floors/cache")}
    command = ("-m", "pytest", "-q", "-W", "default::DeprecationWarning", "-m", "not site and not slow", *ignored)
    run(python, *command, *(arguments or ("tests",)), cwd=ROOT, env=os.environ | own)


def extras() -> None:
    with tempfile.TemporaryDirectory() as name:
        source = Path(name, "source")  # an installer leaves its traces where it builds
        shutil.copytree(ROOT / "mlrg_lib", source / "mlrg_lib", ignore=shutil.ignore_patterns("__pycache__"))
        for file in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / file, source)
        for extra, code in (("", ALONE + WITHOUT), ("[widgets]", ALONE + WIDGETS)):
            python = environment(f"installed{extra.strip('[]')}")
            install(python, f"{source}{extra}")
            clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "MLRG_STATIC")}
            run(python, "-W", "error", "-c", code, cwd=name, env=clean)


if __name__ == "__main__":
    {"floors": floors, "extras": extras}[sys.argv[1]](*sys.argv[2:])
