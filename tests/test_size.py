"""How large the house is. The ceilings stay or fall: what comes in is paid by what goes out."""

import ast
import importlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mlrg_lib"
CODE = 15_000  # lines of the library without docstrings and comments
PAGE_ONLY = 680  # of them, of kernels that only the page runs
COLUMNS, LINES = 120, 300
# Files longer than that, each with what it may have at most. A file that has become short leaves the list.
LONG = {
    "book/_ext/readers_markdown.py": 320,
    "mlrg_lib/ising/_engines.py": 330,
    "mlrg_lib/ising/exact.py": 410,
    "mlrg_lib/ising/observables.py": 370,
    "mlrg_lib/ising/samplers.py": 400,
    "mlrg_lib/machines/convolutional.py": 400,
    "mlrg_lib/machines/deep.py": 360,
    "mlrg_lib/machines/deep_boltzmann.py": 360,
    "mlrg_lib/machines/rbm.py": 410,
    "mlrg_lib/rg/decimation.py": 330,
    "mlrg_lib/rg/momentum_shell/oneloop.py": 390,
    "mlrg_lib/rg/mutual_information.py": 470,
    "mlrg_lib/rg/pca/coupling.py": 330,
    "mlrg_lib/rg/pca/flow.py": 340,
    "mlrg_lib/rg/variational/bridge.py": 350,
    "mlrg_lib/rg/variational/criteria.py": 410,
    "mlrg_lib/studies/learning_ising.py": 440,
    "mlrg_lib/studies/runner.py": 410,
    "tests/fuzz.py": 430,
    "tests/test_discussion_attempts.py": 350,
    "tests/test_ising_observables.py": 330,
    "tests/test_ising_sampling.py": 330,
    "tests/test_live_figures.py": 570,
    "tests/test_machines_estimator.py": 350,
    "tests/test_rg_pca.py": 370,
    "tests/test_rg_variational.py": 510,
    "tests/test_settling.py": 340,
    "tests/test_studies_runner.py": 530,
}


def code_lines(path: Path) -> int:
    """Lines that are neither empty, a comment nor part of a docstring."""
    text = path.read_text(encoding="utf8")
    docstrings = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            docstrings |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(k not in docstrings and line.strip()[:1] not in ("", "#") for k, line in lines)


def written(*endings: str) -> list[Path]:
    """The project's files of these kinds that people write."""
    folders = ("mlrg_lib", "benchmarks", "book", "tests")
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in endings)


def all_of(module: str) -> list[str]:
    return importlib.import_module(module).__all__


def long_files(limit: int = LINES) -> dict[str, int]:
    lengths = {path: len(path.read_text(encoding="utf8").splitlines()) for path in written(".py", ".js")}
    return {path.relative_to(ROOT).as_posix(): length for path, length in lengths.items() if length > limit}


def test_the_library_stays_small():
    counted = sum(map(code_lines, PACKAGE.rglob("*.py")))
    print(f"\n{counted:,} lines of code in mlrg_lib without docstrings and comments, of {CODE:,} allowed")
    assert counted <= CODE


def test_what_only_the_page_runs_is_counted_and_stays_small():
    page, kernels = (sum(map(code_lines, (PACKAGE / "_kernels" / part).rglob("*.py"))) for part in ("page", ""))
    print(f"\n{page} lines of kernels that only the page runs, of {kernels}")
    assert page <= PAGE_ONLY


def test_no_line_of_javascript_is_wider_than_120_columns():
    wide = [
        f"{path.relative_to(ROOT)}:{k}: {len(line)}"
        for path in written(".js")
        for k, line in enumerate(path.read_text(encoding="utf8").splitlines(), 1)
        if len(line) > COLUMNS
    ]
    assert not wide


def test_files_are_short_but_for_those_that_are_known_to_be_long():
    found = long_files()
    print(f"\n{len(found)} files of more than {LINES} lines, the longest {max(found.values())}")
    assert not {name: length for name, length in found.items() if length > LONG.get(name, LINES)}


def test_a_file_that_has_become_short_leaves_the_list_of_long_ones():
    assert not set(LONG) - set(long_files())


def test_what_is_code_and_what_is_not(tmp_path):
    file = tmp_path / "some.py"
    file.write_text(
        '"""A module.\n\nOf two paragraphs."""\n\n# why\ndef f():\n    """What."""\n    return """a\n\nb"""\n'
    )
    assert code_lines(file) == 3


def test_a_long_file_is_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/new.js").write_text("\n" * 301)
    assert long_files() == {"tests/new.js": 301}
