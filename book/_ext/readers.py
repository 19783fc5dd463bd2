"""Sphinx extension: every page as a notebook that any Jupyter shows as the site does, below ``run/`` of the site.

The sources are MyST, which only the site's builder reads. Here each page, its references resolved and its equations,
figures and exercises numbered, is written as a *reader's notebook*: plain Markdown, with the code of the source.
Solutions are folded text, so that *Run All* leaves the reader's answers alone. ``make live`` opens copies of these.
A notebook's metadata says which page it is and where on the site each link to another notebook leads.
"""

import posixpath
import re
from pathlib import Path

import launch
import nbformat
from docutils import nodes
from readers_code import code_of, is_code
from readers_markdown import Markdown, UnknownNode, fenced
from readers_page import BOOK, Heading, Page, straight
from sphinx import addnodes
from sphinx.environment.adapters.toctree import TocTree

NO_NOTEBOOK = (
    *("book/api", "book/developers", "book/found", "book/performance"),
    "book/protocols",
    *("genindex", "py-modindex", "search", "_modules"),
)
METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
FOLDED = {"jupyter": {"source_hidden": True}}


class Links:
    """Where a reference leads in a notebook, and the site's own place for each link that leaves the notebook."""

    def __init__(self, page, pages):
        self.page, self.pages, self.on_site = page, pages, {}

    def __call__(self, node):
        """Return where a reference leads, or None, and its tooltip."""
        tooltip = node.get("reftitle", "")
        uri = node.get("refuri") or f"#{node['refid']}"
        if re.match(r"[a-z]+:", uri):
            return uri, tooltip
        path, _, anchor = uri.partition("#")
        here = self.page.docname
        target = posixpath.join(posixpath.dirname(here), path) if path else here
        target = posixpath.normpath(target).removesuffix(".html")
        if target.startswith(NO_NOTEBOOK):
            return None, ""
        page = self.pages[target]
        if anchor and anchor not in page.places:
            raise UnknownNode(node, f"a link to {uri}, which is in no cell")
        return self._target(page, anchor), tooltip or page.tooltips.get(anchor, "")

    def _target(self, page, anchor):
        heading = page.places[anchor].heading if anchor else page.headings[0]
        if page is self.page and (name := page.linkable(heading)):
            return f"#{name}"
        link = posixpath.relpath(page.path, posixpath.dirname(self.page.path) or ".")
        site = f"{page.docname}.html"
        if anchor:
            cell = page.places[anchor].cell
            link += f"#cell-id={cell}"
            site += f"#{anchor}"
            if self.on_site.get(link, site) != site:  # two labels of one cell
                site = f"{page.docname}.html#{page.first_label[cell]}"
        self.on_site[link] = site
        return link


class Writer:
    """Writes the cells of one page as a notebook."""

    def __init__(self, page, pages):
        self.page, self.links = page, Links(page, pages)
        number = lambda node: page.number("displaymath", node)  # noqa: E731
        self.markdown = Markdown(self.links, number)

    def notebook(self) -> nbformat.NotebookNode:
        cells = []
        for cell in self.page.cells:
            if cell.code is not None:
                cells.append(_code_cell(cell.id, cell.code, cell.folded))
            elif text := self._text(cell):
                cells.append(
                    {
                        "id": cell.id,
                        "cell_type": "markdown",
                        "metadata": {},
                        "source": text,
                    }
                )
        if any(cell["cell_type"] == "code" for cell in cells):
            address = self.page.config.companion_repository
            source = launch.cell(address, self.page.docname)
            cells.insert(1, _code_cell("launch", source, folded=True))
        companion = {"page": f"{self.page.docname}.html", "links": self.links.on_site}
        metadata = METADATA | {"companion": companion}
        parts = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": metadata,
            "cells": cells,
        }
        notebook = nbformat.from_dict(parts)
        nbformat.validate(notebook)
        return notebook

    def _text(self, cell):
        try:
            return "\n\n".join(filter(None, map(self._block, cell.blocks)))
        except UnknownNode as error:
            raise self.page.error(f"{_line(error.node)}{error}") from error

    def _block(self, block):
        if isinstance(block, Heading):
            title = straight(self.markdown.inlines(block.title)).strip()
            words = ["#" * min(block.level, 6), block.prefix, title]
            return " ".join(filter(None, words))
        if isinstance(block, nodes.figure):
            (caption,) = block.findall(nodes.caption)
            name = self.page.config.numfig_format["figure"]
            name = name % self.page.number("figure", block)
            return f"**{name}.** {self.markdown.inlines(caption)}"
        if type(block).__name__ == "solution_node":
            return self._solution(block)
        return self.markdown.block(block)

    def _solution(self, node):
        exercise = self.page.places[node["target_label"]].heading.prefix.lower()
        parts = [f"<details>\n<summary>Solution to {exercise}</summary>"]
        for child in node[1].children:
            if not is_code(child):
                parts.append(self.markdown.block(child))
            elif child.next_node(nodes.figure):
                raise UnknownNode(child, "a figure in a solution")
            else:
                parts.append(fenced(code_of(child), "python"))
        return "\n\n".join(filter(None, [*parts, "</details>"]))


def _code_cell(name, source, folded) -> dict:
    return {
        "id": name,
        "cell_type": "code",
        "metadata": FOLDED if folded else {},
        "source": source,
        "execution_count": None,
        "outputs": [],
    }


def _line(node) -> str:
    """Say where in the source a node is: myst-nb counts ten thousand lines to a cell."""
    while node is not None and not node.line:
        node = node.parent
    cell, line = divmod(node.line if node is not None else 0, 10_000)
    return f"cell {cell - 1}: " if cell else f"line {line}: "


def start(app):
    app.companion_pages = {}


def collect(app, doctree, docname):
    if docname.startswith(BOOK):
        app.companion_pages[docname] = doctree.deepcopy()  # writing changes it


def _with_contents(app, docname):
    """Return a page's nodes with its tables of contents, which Sphinx puts in after all events."""
    doctree = app.companion_pages[docname]
    for node in list(doctree.findall(addnodes.toctree)):
        found = TocTree(app.env).resolve(docname, app.builder, node, prune=True)
        node.replace_self([found] if found else [])
    return doctree


def write_notebooks(app, exception):
    if exception or app.builder.format != "html":
        return
    pages = {}
    for name in sorted(app.env.found_docs):
        if not name.startswith(BOOK) or name.startswith(NO_NOTEBOOK):
            continue
        if name not in app.companion_pages:  # not written anew by this build
            app.env.get_and_resolve_doctree(name, app.builder)
        pages[name] = Page(app, name, _with_contents(app, name))
    out = Path(app.outdir) / "run"
    written = set()
    for page in pages.values():
        path = out / page.path
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(Writer(page, pages).notebook(), path)
        written.add(path)
    for left_over in set(out.rglob("*.ipynb")) - written:
        left_over.unlink()


def setup(app):
    app.connect("builder-inited", start)
    app.connect("doctree-resolved", collect, priority=900)
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
