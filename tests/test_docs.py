"""The README and the pages say what is true: their code runs, their targets and folders exist."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from mlrg_lib import ising, machines

ROOT = Path(__file__).resolve().parents[1]


def python_blocks(path: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf8"), flags=re.S)


@pytest.mark.parametrize("name", ["README.md", "book/how_to_use.md"])
def test_code_in_the_text_runs(name):
    for block in python_blocks(ROOT / name):
        quick = block.replace("20_000", "500").replace(".show()", ".to_json()")
        exec(compile(quick, name, "exec"), {})


@pytest.mark.parametrize("name", ["README.md", "book/how_to_use.md"])
def test_make_targets_in_the_text_exist(name):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    assert set(re.findall(r"\bmake ([a-z-]+)", (ROOT / name).read_text(encoding="utf8"))) <= targets


def test_folders_in_the_readme_exist():
    for path in re.findall(r"^\| `([^`]+)`", (ROOT / "README.md").read_text(encoding="utf8"), flags=re.M):
        stem, _, group = path.partition("{")
        names = group.split("}")[0].split(",") if group else [""]
        assert all((ROOT / f"{stem}{name}").is_dir() for name in names), path


def test_code_in_a_docstring_of_a_module_is_marked_as_code():
    """Else the page shows it as a quotation, with curly quotes, and a copied command does not run."""
    unmarked = []
    for path in sorted((ROOT / "mlrg_lib").rglob("*.py")):
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf8"))) or ""
        before = re.findall(r"(\S[^\n]*)\n\n {4}", text)
        unmarked += [(path.name, line) for line in before if not line.endswith("::")]
    assert not unmarked


# The notation page against the code

WHERE = {
    "L": ["ising.sample(L)", "ising.exact.torus_energy(L)"],
    "beta": ["ising.sample(beta)", "ising.exact.onsager_energy(beta)"],
    "ising": ["ising"],
    "CRITICAL_BETA": ["ising.CRITICAL_BETA"],
    "correlation_length": ["ising.exact.correlation_length"],
    "second_moment_length": ["ising.observables.second_moment_length"],
    "magnetization": ["ising.observables.magnetization"],
    "energy": ["ising.observables.energy"],
    "binder": ["ising.observables.binder"],
    "autocorrelation_time": ["ising.observables.autocorrelation_time"],
    "X": ["machines.RBM.fit(X)", "machines.exact.log_likelihood(X)"],
    "H": ["machines.RBM.hidden_energy(H)"],
    "weights_": ["machines.RBM().weights_"],
    "hidden_bias_": ["machines.RBM().hidden_bias_"],
    "visible_bias_": ["machines.RBM().visible_bias_"],
    "free_energy": ["machines.RBM.free_energy"],
    "hidden_energy": ["machines.RBM.hidden_energy"],
    "log_partition": ["machines.exact.log_partition", "machines.annealing.log_partition"],
    "T": ["rg.variational.trace_condition(T)", "rg.variational.jensen_gap(T)"],
    "b": ["rg.block_spin.majority(b)", "rg.block_spin.decimate(b)"],
    "r": ["rg.momentum_shell.flow(r)"],
    "u": ["rg.momentum_shell.flow(u)"],
    "shell_area": ["rg.momentum_shell.shell_area"],
    "amplitude": ["rg.momentum_shell.amplitude"],
    "loop_coefficient": ["rg.pca.loop_coefficient"],
    "d": ["rg.momentum_shell.flow(d)", "rg.momentum_shell.fixed_points(d)"],
    "alpha": ["rg.pca.coupling_flow(alpha)", "rg.pca.power_law_eigenvalues(alpha)"],
    "mass": ["rg.pca.coupling_flow(mass)", "rg.pca.mode_recursion(mass)"],
    "cutoff": ["rg.pca.power_law_eigenvalues(cutoff)"],
    "scale": ["rg.pca.coupling_flow(scale)"],
    "coupling": ["rg.pca.coupling_flow(coupling)", "rg.pca.mode_recursion(coupling)"],
}


def notation_rows() -> list[list[str]]:
    text = (ROOT / "book/notation.md").read_text(encoding="utf8").split("## Symbols")[1]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return rows[2:]


def names_in_notation() -> set[str]:
    codes = " ".join(re.findall(r"`([^`]+)`", " ".join(row[1] for row in notation_rows())))
    return set(re.findall(r"[A-Za-z_]\w*", codes))


def exists(place: str) -> bool:
    """Whether a dotted name, a parameter in brackets behind one, or an attribute of a fitted machine is there."""
    path, _, rest = place.partition("(")
    value = None
    for part in path.split("."):
        if value is None:
            value = importlib.import_module(f"mlrg_lib.{part}")
        elif not hasattr(value, part):
            return False
        else:
            value = getattr(value, part)
    if rest.startswith(")."):
        return hasattr(value.from_parameters(np.zeros((3, 2))), rest[2:])
    return not rest or rest.removesuffix(")") in inspect.signature(value).parameters


def test_every_name_of_the_notation_page_is_in_the_code():
    assert len(notation_rows()) >= 18
    assert names_in_notation() == set(WHERE)
    assert [place for places in WHERE.values() for place in places if not exists(place)] == []


@pytest.mark.parametrize(
    "place", ["ising.sample(K)", "machines.RBM().coupling_", "rg.pca.coupling_flow(g)", "ising.Tc"]
)
def test_a_name_that_the_code_does_not_have_is_found(place):
    assert not exists(place)


def test_shapes_and_signs_of_the_notation_page():
    text = (ROOT / "book/notation.md").read_text(encoding="utf8")
    assert re.search(r"T_c = ([\d.]+)", text)[1] == f"{1 / ising.CRITICAL_BETA:.8f}"[:8]
    spins = ising.sample(4, 0.4, 3, rng=1)
    assert (spins.shape, spins.dtype) == ((3, 4, 4), np.int8)
    assert set(np.unique(spins)) <= {-1, 1}
    machine = machines.RBM.from_parameters(np.array([[-2.0], [-2.0], [0.0]]))
    assert machine.weights_.shape == (3, 1)
    aligned, opposed = machine.free_energy(np.array([[1, 1, 1], [1, -1, 1]], dtype=np.int8))
    assert aligned < opposed
    assert ising.observables.energy(np.ones((1, 4, 4), dtype=np.int8))[0] == -2
