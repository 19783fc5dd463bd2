"""Print the test files nearest to what has changed, for ``make check``.

    python tests/near.py [files]

Changed is what differs from the last commit, or that commit itself if nothing does. A test is near to a module of the
library that it imports by name, or else to one whose package it imports; near to any other file that it names; a
changed test is near to itself, and ``test_javascript`` to every script. ``test_book``, ``test_layers`` and
``test_size`` look at every file in seconds and are always near.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
ALWAYS = ("test_book.py", "test_layers.py", "test_size.py")


def changed() -> list[str]:
    """Return the paths of what differs from the last commit, or of that commit."""

    def git(*words):
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")

    found = git("diff", "-z", "--name-only", "HEAD") + git("ls-files", "-z", "--others", "--exclude-standard")
    return sorted({*filter(None, found)}) or sorted(filter(None, git("show", "-z", "--name-only", "--format=", "HEAD")))


def imported(text: str) -> set[str]:
    """Return the dotted names that a module imports, and those it imports from them."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update((node.module, *(f"{node.module}.{alias.name}" for alias in node.names)))
    return names


def near(path: str, tests: dict[str, str]) -> set[str]:
    """Return the names of the tests, of ``tests`` from names to texts, that are nearest to a changed file."""
    file = Path(path)
    if file.name in tests:
        return {file.name}
    if file.parts[0] == "mlrg_lib" and file.suffix == ".py":
        parts = file.with_suffix("").parts
        for length in range(len(parts), 1, -1):
            module = ".".join(parts[:length])
            found = {name for name, text in tests.items() if module in imported(text)}
            if found:
                return found
    if file.suffix == ".js":
        return {"test_javascript.py"} & tests.keys()
    names = re.compile(rf"(?<![\w-]){re.escape(file.name)}|\b(?:import|from) {re.escape(file.stem)}\b")
    return {name for name, text in tests.items() if names.search(text)}


def main(paths: list[str]) -> None:
    tests = {file.name: file.read_text(encoding="utf-8") for file in sorted(TESTS.glob("test_*.py"))}
    found = {*ALWAYS}.union(*(near(path, tests) for path in paths or changed()))
    print(*(f"tests/{name}" for name in sorted(found)))


if __name__ == "__main__":
    main(sys.argv[1:])
