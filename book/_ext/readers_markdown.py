"""Nodes of a resolved page as plain Markdown, such as Jupyter shows without any extension.

A node that is not known here is an error: what the page shows may not be lost in the notebook without a word.
"""

import re
import unicodedata

from docutils import nodes
from readers_site import command, inline_html

EMPTY = (nodes.target, nodes.comment, nodes.substitution_definition)
NOTHING = {"index", "HiddenCellNode"}  # of Sphinx and Jupyter Book, unseen
WORDS = {
    "langle": "⟨", "rangle": "⟩", "times": "×", "sim": "∼", "pm": "±", "le": "≤", "ge": "≥", "to": "→",
    "infty": "∞", "propto": "∝", "sum": "∑", "int": "∫", "sqrt": "√", "ln": "ln", "cdot": "·", "approx": "≈",
}  # fmt: skip


class UnknownNode(ValueError):
    """What the page holds has no form in a notebook."""

    def __init__(self, node, why=""):
        text = re.sub(r"\s+", " ", node.astext())[:60]
        super().__init__(f"no notebook form of {type(node).__name__} ({why or text!r})")
        self.node = node


def escape(text: str) -> str:
    """Return text that Markdown leaves alone."""
    text = text.replace("\n", " ")
    text = re.sub(r"([\\`*~])", r"\\\1", text)
    text = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)
    text = re.sub(r"<(?=[A-Za-z/!?])", r"\\<", text)
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text)
    return re.sub(r"\](?=[\[(:])", r"\\]", text)


def no_tags(tex: str) -> str:
    """Return a formula in which no reader of Markdown sees the beginning of a tag."""
    return re.sub(r"<(?=[A-Za-z/!?])", "< ", tex)


def plain(node) -> str:
    """Return a node's text for a tooltip, which cannot set formulas: their commands become letters."""
    words = []
    for leaf in node.findall(nodes.Text):
        text = str(leaf)
        if isinstance(leaf.parent, (nodes.math, nodes.math_block)):
            text = re.sub(r"\\[,;:! ]", " ", text.replace(r"\|", "‖"))
            text = re.sub(r"\\([A-Za-z]+)", _letter, text)
            text = re.sub(r"[{}\\]", "", text)
        words.append(text)
    return re.sub(r"\s+", " ", "".join(words)).strip()


def _letter(match) -> str:
    name = match[1]
    kind = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        greek = unicodedata.lookup(f"GREEK {kind} LETTER {name.removeprefix('var')}")
    except KeyError:
        greek = ""
    return WORDS.get(name) or greek


def fenced(code: str, language: str = "") -> str:
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", code)), 3)
    return f"{fence}{language}\n{code.rstrip()}\n{fence}"


def indented(text: str, first: str) -> str:
    """Return a block behind the mark of a list, its other lines below the first."""
    space = " " * len(first)
    lines = text.split("\n")
    rest = [space + line if line else "" for line in lines[1:]]
    return "\n".join([first + lines[0], *rest])


class Markdown:
    """Writes nodes as Markdown. ``link`` takes a reference and returns where it leads, or None, and its tooltip."""

    def __init__(self, link, equation_number):
        self.link, self.equation_number = link, equation_number
        self.in_table = self.in_citation = False

    def blocks(self, children) -> str:
        return "\n\n".join(filter(None, map(self.block, children)))

    def block(self, node) -> str:
        name = type(node).__name__
        if isinstance(node, EMPTY) or name in NOTHING:
            return ""
        method = getattr(self, f"block_{name}", None)
        if method is None:
            raise UnknownNode(node)
        return method(node)

    def inlines(self, node) -> str:
        return "".join(map(self.inline, node.children))

    def inline(self, node) -> str:
        name = type(node).__name__
        if isinstance(node, EMPTY) or name in NOTHING:
            return ""
        method = getattr(self, f"inline_{name}", None)
        if method is None:
            raise UnknownNode(node)
        return method(node)

    # Within a line

    def inline_Text(self, node):
        if "$" not in node:
            return escape(str(node))
        text, *rest = re.split(r"(\$[^$]+\$)", str(node))
        if not self.in_citation or "$" in "".join([text, *rest[1::2]]):
            raise UnknownNode(node, "a dollar would begin a formula")
        return escape(text) + "".join(  # the bibliography's titles keep their TeX
            part if k % 2 == 0 else escape(part) for k, part in enumerate(rest)
        )

    def inline_emphasis(self, node):
        return self._marked(node, "*", "em")

    def inline_strong(self, node):
        return self._marked(node, "**", "strong")

    def _marked(self, node, mark, tag):
        """Asterisks between a full stop and a letter, or beside a space, would be printed: then a tag."""
        body = self.inlines(node)
        before, after = (
            self._beside(node, step, place) for step, place in ((-1, -1), (1, 0))
        )
        lost = body != body.strip()
        lost = lost or (after.isalnum() and not body[-1].isalnum())
        lost = lost or (before.isalnum() and not body[0].isalnum())
        return f"<{tag}>{body}</{tag}>" if lost else f"{mark}{body}{mark}"

    @staticmethod
    def _beside(node, step, place):
        siblings = node.parent.children
        at = siblings.index(node) + step
        text = siblings[at].astext() if 0 <= at < len(siblings) else ""
        return text[place] if text else ""

    def inline_literal(self, node):
        text = node.astext().replace("\n", " ")
        fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
        space = " " if text.startswith("`") or text.endswith("`") else ""
        return f"{fence}{space}{text}{space}{fence}"

    def inline_math(self, node):
        tex = no_tags(re.sub(r"\s+", " ", node.astext()).strip())
        if (
            self.in_table
        ):  # a bar would begin the next cell, in other readers than JupyterLab
            tex = tex.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
        return f"${tex}$"

    def inline_reference(self, node):
        text = self.inlines(node)
        target, tooltip = self.link(node)
        if target is None:
            return text
        if re.search(r"[\s()]", target):
            target = f"<{target}>"
        if not tooltip:
            return f"[{text}]({target})"
        tooltip = re.sub(r"\s+", " ", tooltip).replace("\\", "\\\\")
        tooltip = tooltip.replace('"', "&quot;")
        return f'[{text}]({target} "{tooltip}")'

    inline_number_reference = inline_reference

    def inline_inline(self, node):
        return self.inlines(node)

    def inline_sd_badge(self, node):
        return f"`{node.astext()}`"

    def inline_superscript(self, node):
        return f"<sup>{self.inlines(node)}</sup>"

    def inline_subscript(self, node):
        return f"<sub>{self.inlines(node)}</sub>"

    def inline_raw(self, node):
        return inline_html(node) if node["format"] == "html" else ""

    # Blocks

    def block_paragraph(self, node):
        text = self.inlines(node)
        text = re.sub(r"^([#>+-]|=+$)", r"\\\1", text)
        return re.sub(r"^(\d+)([.)])(?=\s)", r"\1\\\2", text)

    def block_compact_paragraph(self, node):  # of a table of contents
        whole = node.next_node(nodes.bullet_list, descend=True)
        return self._children(node) if whole else self.block_paragraph(node)

    def block_math_block(self, node):
        tex = no_tags(re.sub(r"\n\s*\n", "\n", node.astext().strip()))
        if node.get("nowrap"):
            raise UnknownNode(
                node, "an environment outside $$ cannot be told its number"
            )
        outer = re.sub(r"\\begin\{(\w+\*?)\}.*?\\end\{\1\}", "", tex, flags=re.DOTALL)
        if r"\\" in outer:  # as Sphinx does for the page
            tex = rf"\begin{{split}}{tex}\end{{split}}"
        number = self.equation_number(node)
        tag = f"\n\\tag{{{number}}}" if number else ""
        return f"$$\n{tex}{tag}\n$$"

    def block_literal_block(self, node):
        language = node.get("language", "")
        names = {"ipython3": "python", "none": "", "default": ""}
        return fenced(command(node.astext()), names.get(language, language))

    def block_bullet_list(self, node):
        return self._items(node, ["- "] * len(node))

    def block_enumerated_list(self, node):
        first = node.get("start", 1)
        return self._items(node, [f"{first + k}. " for k in range(len(node))])

    def _items(self, node, marks):
        filled = [item for item in node.children if item.children]
        items = [self.blocks(item.children) for item in filled]
        tight = all(
            len(item) == 1 or isinstance(item[-1], nodes.bullet_list) for item in filled
        )
        if tight:
            items = [re.sub(r"\n\n(?=[-\d])", "\n", item) for item in items]
        items = map(indented, items, marks)
        return ("\n" if tight else "\n\n").join(items)

    def block_definition_list(self, node):
        return "\n\n".join(
            indented(f"{self.term(item[0])}\n\n{self.blocks(item[-1].children)}", "- ")
            for item in node.children
        )

    def term(self, node):
        text = self.inlines(node).strip()
        return text if node.next_node(nodes.strong) else f"**{text}**"

    def block_block_quote(self, node):
        lines = self.blocks(node.children).split("\n")
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def block_admonition(self, node):
        return self._boxed(self.inlines(node[0]), node.children[1:])

    def block_note(self, node):
        return self._boxed(type(node).__name__.capitalize(), node.children)

    block_tip = block_hint = block_important = block_warning = block_note

    def _boxed(self, title, children):
        body = self.blocks(children)
        return f'<div class="alert alert-info">\n\n**{title}**\n\n{body}\n\n</div>'

    def block_table(self, node):
        caption = [c for c in node.children if isinstance(c, nodes.title)]
        (group,) = (c for c in node.children if isinstance(c, nodes.tgroup))
        head = [row for part in group.findall(nodes.thead) for row in part.children]
        body = [row for part in group.findall(nodes.tbody) for row in part.children]
        if len(head) > 1 or any(
            "morecols" in e or "morerows" in e for e in group.findall(nodes.entry)
        ):
            raise UnknownNode(node, "cells over several rows or columns")
        self.in_table = True
        rows = [[self._cell(entry) for entry in row.children] for row in head + body]
        self.in_table = False
        if not head:
            rows.insert(0, [""] * len(rows[0]))
        first = (head + body)[0].children
        rows.insert(1, [self._alignment(entry) for entry in first])
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n\n".join(
            [f"**{self.inlines(c)}**" for c in caption] + ["\n".join(lines)]
        )

    def _cell(self, entry):
        if not all(isinstance(c, nodes.paragraph) for c in entry.children):
            raise UnknownNode(entry, "a table's cell with more than lines of text")
        return "<br>".join(map(self.inlines, entry.children)).replace("|", r"\|")

    @staticmethod
    def _alignment(entry):
        marks = {"text-left": ":--", "text-center": ":-:", "text-right": "--:"}
        return next((marks[c] for c in entry["classes"] if c in marks), "---")

    def block_citation(self, node):
        label, *rest = node.children
        self.in_citation = True
        text = self.blocks(rest)
        self.in_citation = False
        return f"**[{label.astext()}]** {text}"

    def block_title(self, node):
        return f"**{self.inlines(node)}**"

    def block_transition(self, node):
        return "---"

    def block_raw(self, node):
        text = node.astext().strip()
        if node["format"] != "html" or text.startswith("<!--"):
            return ""
        raise UnknownNode(node)

    def _children(self, node):
        return self.blocks(node.children)

    block_compound = _children  # around a table of contents
