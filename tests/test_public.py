"""The public surface: explicit, importable, typed and documented, and every name of it is in the reference."""

import ast
import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mlrg_lib

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
from reference import RETURNED, is_returned  # noqa: E402

MOST_NAMES = 290  # that a user may have to know; exercises are not counted
FIXED = {
    "ising": "CRITICAL_BETA sample exact observables",
    "ising.exact": "onsager_energy spontaneous_magnetization correlation_length "
    "torus_log_partition torus_energy torus_heat_capacity",
    "ising.observables": "energy magnetization binder correlation second_moment_length autocorrelation_time",
    "machines": "RBM DeepBeliefNetwork exact annealing",
    "machines.exact": "log_partition visible_distribution hidden_distribution log_likelihood_gradient",
    "machines.annealing": "log_partition",
    "rg": "block_spin variational",
    "rg.block_spin": "majority decimate kadanoff",
    "rg.variational": "couplings renormalized_energy trace_condition from_rbm",
}


def public_modules() -> list[str]:
    names = [info.name for info in pkgutil.walk_packages(mlrg_lib.__path__, "mlrg_lib.")]
    return sorted(name for name in names if not any(part.startswith("_") for part in name.split(".")))


def own(module):
    """The public functions and classes that this module itself defines."""
    for name in module.__all__:
        value = getattr(module, name)
        if (inspect.isfunction(value) or inspect.isclass(value)) and value.__module__ == module.__name__:
            yield name, value


MODULES = public_modules()


@pytest.mark.parametrize("name", MODULES)
def test_all_is_explicit_and_true(name):
    module = importlib.import_module(name)
    assert isinstance(module.__all__, list | tuple), name
    assert len(set(module.__all__)) == len(module.__all__)
    for member in module.__all__:
        assert getattr(module, member) is not None


@pytest.mark.parametrize("module", sorted(FIXED))
def test_names_promised_to_users_exist(module):
    loaded = importlib.import_module(f"mlrg_lib.{module}")
    assert [name for name in FIXED[module].split() if not hasattr(loaded, name)] == []


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_is_documented_with_an_example_and_typed(name):
    physics = name.split(".")[1] not in {"figures", "widgets", "studies"}
    lacking = []
    for member, value in own(importlib.import_module(name)):
        text = inspect.getdoc(value) or ""
        if not text or (physics and inspect.isfunction(value) and ">>>" not in text):
            lacking.append(f"{member}: docstring or example")
        function = value.__init__ if inspect.isclass(value) else value
        parameters = inspect.signature(function).parameters.values() if inspect.isfunction(function) else []
        untyped = [p.name for p in parameters if p.annotation is p.empty and p.name not in {"self", "args", "kwargs"}]
        if physics and untyped:
            lacking.append(f"{member}: no type for {untyped}")
    assert not lacking


@pytest.mark.parametrize("name", MODULES)
def test_what_functions_return_is_documented_field_by_field(name):
    module, lacking = importlib.import_module(name), []
    for value in filter(lambda value: is_returned(module, value), vars(module).values()):
        fields = getattr(value, "__dataclass_fields__", getattr(value, "_fields", ()))
        text = inspect.getdoc(value) or ""
        lacking += [f"{value.__name__}.{field}" for field in fields if not re.search(rf"\b{field}\b", text)]
    assert not lacking


def test_the_public_names_are_few():
    modules = [importlib.import_module(name) for name in MODULES if not name.startswith("mlrg_lib.checks")]
    names = {name for module in modules if not hasattr(module, "__path__") for name in module.__all__}
    assert len(names) <= MOST_NAMES


PAGE = """
.. automodule:: mlrg_lib.machines.tiling
   :members:
.. automodule:: mlrg_lib.machines.rbm
   :members:
.. automodule:: mlrg_lib.discussion.sloppy.models
   :members:
"""


def test_the_reference_shows_what_functions_return(tmp_path):
    pytest.importorskip("sphinx", reason="the lowest versions are tested without the book's tools")
    (tmp_path / "index.rst").write_text(PAGE)
    settings = [
        "extensions=sphinx.ext.autodoc,sphinx.ext.napoleon,reference",
        "autodoc_typehints=none",
        "napoleon_use_ivar=1",
    ]
    command = [sys.executable, "-m", "sphinx", "-q", "-C", *(f"-D{setting}" for setting in settings), "-b", "text"]
    search = os.pathsep.join([str(ROOT / "book" / "_ext"), str(ROOT)])
    run = [*command, str(tmp_path), str(tmp_path / "out")]
    subprocess.run(run, check=True, env={**os.environ, "PYTHONPATH": search})
    text = (tmp_path / "out" / "index.txt").read_text(encoding="utf8")
    made = text.split("class mlrg_lib.machines.tiling.Tiling")[1].split("mlrg_lib.machines.tiling.")[0]
    assert RETURNED.strip("*") in made.replace("\n   ", " ")
    assert "unevenness" in made
    assert "mlrg_lib.machines.tiling.owners" in text
    assert "class mlrg_lib.machines.rbm.RBM" in text
    assert "exponentials_jacobian" in text
    assert text.count(RETURNED.strip("*")) == 1  # not where a class is only imported
    assert "set_score_request" not in text
    assert "Alias for field" not in text


@pytest.mark.parametrize("name", [name for name in MODULES if list(own(importlib.import_module(name)))])
def test_the_reference_has_every_public_module(name):
    pages = "".join(page.read_text(encoding="utf8") for page in (ROOT / "book/api").glob("*.md"))
    assert name in re.findall(r"automodule:: (mlrg_lib[\w.]*)", pages)
    assert f"`{name.removeprefix('mlrg_lib.')}`" in (ROOT / "book/api.md").read_text(encoding="utf8")


def test_every_module_of_the_reference_is_an_attribute_after_the_import_it_prescribes():
    """In the table's order and in the other one, so that no module is there only because another imported it.

    A function that bears its module's name may stand in for it.
    """
    page = (ROOT / "book/api.md").read_text(encoding="utf8")
    rows = [line.split("|")[2] for line in page.splitlines() if line.startswith("| {doc}")]
    names = [name for row in rows for name in re.findall(r"`([\w.]+)`", row)]
    assert len(names) > 90
    code = (
        "import sys, operator, mlrg_lib as mlrg\n"
        "found = {name: operator.attrgetter(name)(mlrg) for name in sys.argv[1:]}\n"
        "for name, value in found.items():\n"
        "    assert f'mlrg_lib.{name}' in (value.__name__, getattr(value, '__module__', None)), (name, value)\n"
        "assert mlrg.studies.run_study is mlrg.studies.runner.run_study\n"
        "assert all(set(p.__all__) <= set(dir(p)) for p in (mlrg, mlrg.ising, mlrg.rg, mlrg.studies))\n"
    )
    for order in (names, names[::-1]):
        subprocess.run([sys.executable, "-c", code, *order], check=True)


@pytest.mark.parametrize("name", ["mlrg_lib", "mlrg_lib.ising", "mlrg_lib.rg", "mlrg_lib.studies"])
def test_a_lazy_package_says_what_it_lacks(name):
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'nothing'"):
        importlib.import_module(name).nothing  # noqa: B018


def test_no_unfinished_code():
    for path in (ROOT / "mlrg_lib").rglob("*.py"):
        text = path.read_text(encoding="utf8")
        assert not re.search(r"\b(TODO|FIXME|XXX)\b", text), path
        raises = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name) and n.id == "NotImplementedError"]
        assert not raises, path
