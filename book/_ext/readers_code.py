"""The code of a page's cells as a reader sees it, and the names that cells need of one another."""

import ast
import re
import symtable

from docutils import nodes

CHECKED = re.compile(r"^#\s*NBVAL_\w+\n?", re.MULTILINE)
LINTED = re.compile(r"[ \t]*#\s*(?:noqa|fmt:)[^\n]*")


def is_code(node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def tags(cell) -> set:
    return set(cell["cell_metadata"].get("tags", []))


def code_of(cell) -> str:
    """Return a cell's code without the marks that are the tests' and the linter's."""
    blocks = cell.findall(nodes.literal_block)
    code = next(b.astext() for b in blocks if "output" not in b["classes"])
    return LINTED.sub("", CHECKED.sub("", code)).strip("\n")


def live_code(name: str, parameters: dict) -> str:
    """Return the cell that shows a live figure."""
    values = [f'"{name}"', *(f"{key}={value!r}" for key, value in parameters.items())]
    return f"from mlrg_lib.widgets import live\n\nlive({', '.join(values)})"


def names_in(code: str) -> tuple[set, set]:
    """Return the names that a cell needs of other cells, and those it makes."""
    needed, made = set(), set()
    for statement in ast.parse(code).body:
        table = symtable.symtable(ast.unparse(statement), "cell", "exec")
        symbols = table.get_symbols()
        assigned = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
        used = _used(table)
        if isinstance(statement, ast.AugAssign):
            used |= assigned
        elif not isinstance(statement, ast.Assign):  # a loop's variable, a function
            used -= assigned
        needed |= used - made
        made |= assigned
    return needed, made


def _used(table) -> set:
    top = table.get_type() == "module"
    used = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (top or symbol.is_global())
    }
    return used.union(*map(_used, table.get_children()))
