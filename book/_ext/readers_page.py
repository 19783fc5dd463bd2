"""A resolved page of the book cut into the cells of a notebook, and where its labels are among them."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from docutils import nodes
from readers_code import code_of, is_code, live_code, names_in, tags
from readers_markdown import plain
from sphinx.errors import ExtensionError

BOOK = "book/"
LINKABLE = re.compile(r"[\w;,/?:@&=+$.!~*'()-]+", re.ASCII)  # what no URL rewrites
THEBE = ("x-thebe-config", "kernelName =")  # scripts that sphinx-thebe adds to pages


@dataclass
class Heading:
    level: int
    title: nodes.Element
    ids: list
    prefix: str = ""

    @property
    def name(self) -> str:
        """What JupyterLab calls it; nothing for one with a formula, which it names after the typeset form."""
        if self.title.next_node(nodes.math):
            return ""
        text = f"{self.prefix} {self.title.astext().strip()}".strip()
        return straight(text).replace(" ", "-")


@dataclass
class Cell:
    id: str
    code: str | None = None  # None: Markdown, of the blocks
    folded: bool = False
    blocks: list = field(default_factory=list)


@dataclass
class Place:
    cell: str
    heading: Heading


def straight(text: str) -> str:
    """Return a heading with plain apostrophes: JupyterLab finds no heading with a typographic one."""
    return text.replace("’", "'")


class Page:
    """One page: its cells, the places of its labels, and the tooltips of the terms that it defines."""

    def __init__(self, app, docname, doctree):
        self.config, self.docname, self.doctree = app.config, docname, doctree
        source = Path(app.env.doc2path(docname))
        self.file = source.relative_to(app.srcdir).as_posix()
        is_notebook = source.suffix == ".ipynb"
        self.source = nbformat.read(source, as_version=4).cells if is_notebook else None
        self.numbers = app.env.toc_fignumbers.get(docname, {})
        self.cells, self.headings, self.places, self.tooltips = [], [], {}, {}
        self.first_label = {}  # of a cell
        self.index = None  # of the source's cell that the last Markdown is from
        self._walk(doctree.children, 0)
        self._check_code()

    @property
    def path(self) -> str:
        return f"{self.docname.removeprefix(BOOK)}.ipynb"

    def number(self, kind: str, node) -> str:
        """Return the page's number of a figure, an equation or an exercise; nothing if it has none."""
        known = self.numbers.get(kind, {})
        found = [known[name] for name in node["ids"] if name in known]
        return ".".join(map(str, found[0])) if found else ""

    def linkable(self, heading) -> str:
        """Return the name by which JupyterLab finds a heading, if no other has it and no URL rewrites it."""
        name = heading.name
        alone = sum(other.name == name for other in self.headings) == 1
        return name if alone and LINKABLE.fullmatch(name) else ""

    def error(self, message, cell=None) -> ExtensionError:
        where = f"{self.file}, cell {cell}" if cell is not None else self.file
        return ExtensionError(f"{where}: {message}")

    # From nodes to cells

    def _walk(self, children, level):
        for node in children:
            name = type(node).__name__
            if is_code(node):
                self._code(node)
            elif name == "section":
                if self.source is None:
                    self._open(node["ids"][0])
                self._heading(Heading(level + 1, node[0], node["ids"]), node)
                self._walk(node.children[1:], level + 1)
            elif name == "exercise_enumerable_node":
                prefix = node[0]["title"].strip() % self.number("exercise", node)
                self._open(node["label"], node)
                self._heading(Heading(level + 1, node[0], node["ids"], prefix), node)
                self._walk(node[1].children, level + 1)
            elif name == "solution_node":
                self._open(node["label"])
                self._add(node)
                self._done()
            elif name == "citation":
                self._open(node["ids"][0])
                self._add(node)
            elif name == "container" and node.next_node(nodes.citation):
                self._walk(node.children, level)
            elif name == "glossary" or (name == "definition_list" and node["ids"]):
                self._entries(node, level)
            elif name == "raw" and "live" in node:
                figure, parameters = node["live"]
                code = live_code(figure, parameters)
                self._open(f"live-{figure}")
                self.cells[-1].code, self.cells[-1].folded = code, True
                self._done()
            elif name != "raw" or not any(mark in node.astext() for mark in THEBE):
                self._here(node)
                self._add(node)

    def _entries(self, node, level):
        """Give each entry of the glossary or the essay that can be linked to a heading and a cell of its own."""
        for one in node.findall(nodes.definition_list):
            for item in one.children:
                term, definition = item[0], item[-1]
                ids = [*(one["ids"] if item is one[0] else []), *term["ids"]]
                if not ids:
                    self._add(nodes.definition_list("", item.deepcopy()))
                    continue
                self._open(ids[-1])
                self._heading(Heading(max(level + 1, 4), term, ids), node)
                self.tooltips |= dict.fromkeys(term["ids"], plain(definition))
                for child in definition.children:
                    self._add(child)

    def _code(self, node):
        unknown = tags(node) - {"hide-input"}
        if unknown:
            say = f"has tags that mean nothing in a notebook: {sorted(unknown)}"
            raise self.error(say, node["cell_index"])
        index = node["cell_index"]
        name = self.source[index]["id"] if self.source else f"code-{index}"
        self._open(name)
        cell = self.cells[-1]
        cell.code, cell.folded = code_of(node), "hide-input" in tags(node)
        for figure in node.findall(nodes.figure):
            self._label(figure["ids"])
            self.cells.append(Cell(f"{name}-caption", blocks=[figure]))
        self._done()

    def _open(self, name, node=None):
        """Open a cell; text of the same cell of the source as the node's is to follow in it."""
        name = re.sub(r"[^\w-]", "-", name, flags=re.ASCII)[:60]
        taken = {cell.id for cell in self.cells}
        names = [name, *(f"{name}-{k}" for k in range(2, 100))]
        self.cells.append(Cell(next(n for n in names if n not in taken)))
        if node is not None:
            self.index = self._index(node)

    def _done(self):
        """Close a cell that nothing may follow in."""
        self.index = None
        if self.source is None:
            self._open(f"{self.headings[-1].ids[0]}-text")

    def _index(self, node):
        return node.line // 10_000 - 1 if node.line else self.index

    def _here(self, node):
        """Open a cell where the source has one."""
        index = self._index(node)
        if self.source is None or index == self.index is not None:
            return
        if index is None:
            raise self.error(f"text without a line in the source: {node.astext()!r}")
        self._open(self.source[index]["id"], node)

    def _heading(self, heading, node):
        self._here(node)
        self.headings.append(heading)
        self.cells[-1].blocks.append(heading)
        self._label(heading.ids)

    def _add(self, node):
        self.cells[-1].blocks.append(node)
        for inner in node.findall(nodes.Element):
            self._label(inner["ids"])

    def _label(self, names):
        cell = self.cells[-1].id
        self.places |= dict.fromkeys(names, Place(cell, self.headings[-1]))
        if names:
            self.first_label.setdefault(cell, names[0])

    # Checks

    def _check_code(self):
        """Nothing of the source is missing, and no cell needs a name of a solution, which is folded text here."""
        found, origin = set(), {}
        for node in filter(is_code, self.doctree.findall(nodes.container)):
            index, label = node["cell_index"], _solution(node)
            found.add(index)
            needed, made = names_in(code_of(node))
            for name in sorted(needed):
                if origin.get(name, label) not in ("", label):
                    say = f"needs {name} of the solution {origin[name]}, which no one runs in a notebook"
                    raise self.error(say, index)
            origin |= dict.fromkeys(made, label)
        for index, cell in enumerate(self.source or []):
            if cell.cell_type == "code" and index not in found:
                raise self.error("is not on the page", index)


def _solution(node) -> str:
    while node is not None and type(node).__name__ != "solution_node":
        node = node.parent
    return node["label"] if node is not None else ""
