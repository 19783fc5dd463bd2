"""The arrows point down: kernels know nothing above them, physics never imports figures, widgets or plotly."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "mlrg_lib"
FLOORS = {
    "_extras": set(),
    "_files": set(),
    "_moved": set(),
    "_kernels": {"_kernels"},
    "analysis": {"_validation", "analysis"},
    "ising": {"_kernels", "_moved", "_progress", "_validation", "analysis", "ising"},
    "_rbm": {"_kernels", "_validation"},
    "machines": {
        "_files",
        "_kernels",
        "_moved",
        "_progress",
        "_rbm",
        "_threads",
        "_validation",
        "analysis",
        "machines",
        "_version",
    },
    "rg": {"_extras", "_kernels", "_moved", "_rbm", "_validation", "analysis", "rg", "ising"},
    "discussion": {"_extras", "_kernels", "_validation", "analysis", "discussion", "rg", "ising", "machines"},
    "datasets": {"_validation", "datasets", "ising"},
    "figures": {"_extras", "figures"},
    "checks": {"_extras", "_validation", "checks", "datasets", "discussion", "ising", "machines", "rg"},
}
ROOMS = {  # folders of rg that may know others
    "phi4": {"_kernels", "_validation"},
    "pca": {"_kernels", "_moved", "_validation", "analysis", "rg.phi4"},
    "momentum_shell": {"_kernels", "_validation", "analysis", "rg.phi4"},
}


def imports(path: Path) -> set[str]:
    """Dotted names a module imports; relative ones are resolved against the package."""
    names = set()
    package = ("mlrg_lib", *path.relative_to(PACKAGE).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level]) if node.level else ""
            stem = ".".join(filter(None, (base, node.module)))
            names |= {f"{stem}.{alias.name}" for alias in node.names}
    return names


def modules(floor: str) -> list[Path]:
    single = PACKAGE / f"{floor}.py"
    return [single] if single.exists() else sorted((PACKAGE / floor).rglob("*.py"))


def violations(path: Path, allowed: set[str]) -> list[str]:
    inside = {name.split(".")[1] for name in imports(path) if name.startswith("mlrg_lib.") and name.count(".") >= 1}
    return sorted(inside - allowed - {"__version__"})


@pytest.mark.parametrize("floor", sorted(FLOORS))
def test_each_floor_imports_only_what_is_below(floor):
    found = {str(p.relative_to(PACKAGE)): v for p in modules(floor) if (v := violations(p, FLOORS[floor]))}
    assert not found


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_the_field_theory_is_sampled_below_what_reads_it(room):
    allowed, found = ROOMS[room] | {f"rg.{room}"}, set()
    for path in modules(f"rg/{room}"):
        names = {name.split(".", 1)[1] for name in imports(path) if name.startswith("mlrg_lib.")}
        found |= {name for name in names if not any(f"{name}.".startswith(f"{below}.") for below in allowed)}
    assert not found


def test_nothing_in_the_library_imports_the_checkers():
    above = [p for p in PACKAGE.rglob("*.py") if "checks" not in p.relative_to(PACKAGE).parts]
    assert not [path for path in above if "checks" in violations(path, set())]


def test_the_check_itself_sees_an_upward_import(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    (tmp_path / "_kernels").mkdir()
    bad = tmp_path / "_kernels" / "bad.py"
    bad.write_text("from ..figures import theme\nimport mlrg_lib.widgets.explore\n")
    assert violations(bad, FLOORS["_kernels"]) == ["figures", "widgets"]


def test_physics_loads_without_plotly_or_widgets():
    code = (
        "import sys, mlrg_lib as m; m.ising, m.machines, m.rg;"
        "bad = {'plotly', 'ipywidgets', 'anywidget', 'pandas'} & set(sys.modules);"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_kernels_never_use_parallel_or_full_fastmath():
    for path in modules("_kernels"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg in {"parallel", "fastmath"}:
                assert not (isinstance(node.value, ast.Constant) and node.value.value is True), path


def kernel_imports(path: Path, kernels: Path) -> set[tuple[Path, str]]:
    """The kernel files a file imports from, each with the name that it takes; a whole module has no name."""
    found, package = set(), kernels.parent.parent
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.ImportFrom):
            start = path.parents[node.level - 1] if node.level else package
            place = start.joinpath(*(node.module or "").split("."))
            for alias in node.names:
                whole = (place / f"{alias.name}.py").is_file()
                found.add((place / f"{alias.name}.py", "") if whole else (place.with_suffix(".py"), alias.name))
    return {(file, name) for file, name in found if file.is_relative_to(kernels)}


def test_kernels_share_only_what_has_a_public_name():
    """A step, a count, a mask lives in one module and is imported from there; nobody takes another's private parts."""
    kernels = PACKAGE / "_kernels"
    users = [*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "benchmarks").glob("*.py")]
    private = {(str(user), name) for user in users for _, name in kernel_imports(user, kernels) if name[:1] == "_"}
    assert not private


def test_the_library_runs_without_the_page_and_the_page_only_by_its_entries():
    kernels = PACKAGE / "_kernels"
    users = {
        user.relative_to(PACKAGE).parts[:2]
        for user in PACKAGE.rglob("*.py")
        for file, _ in kernel_imports(user, kernels)
        if file.is_relative_to(kernels / "page")
    }
    assert users == {("_kernels", "page"), ("_kernels", "live"), ("widgets", "_stills.py")}


def test_entries_only_turn_pointers_into_arrays_and_call():
    """No entry decides anything: there is no `if`, and its loops are over the rows that it hands on."""
    for path in (PACKAGE / "_kernels" / "live").glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            if isinstance(function, ast.FunctionDef) and path.name != "_entry.py":
                assert not [n for n in ast.walk(function) if isinstance(n, ast.If | ast.While | ast.IfExp)], (
                    function.name
                )
                assert sum(isinstance(n, ast.For) for n in ast.walk(function)) <= 2, function.name


@pytest.mark.parametrize("name", ["figures.machines", "widgets.live"])
def test_a_missing_extra_is_named_with_the_way_to_get_it(name):
    hide = "import sys; sys.modules.update(plotly=None, anywidget=None, ipywidgets=None); import mlrg_lib; "
    run = subprocess.run([sys.executable, "-c", f"{hide}mlrg_lib.{name}"], capture_output=True, text=True)
    assert run.returncode == 1
    assert 'install it with pip install "mlrg-lib[widgets]"' in run.stderr.splitlines()[-1]
