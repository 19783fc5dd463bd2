"""What only the site has, said in a notebook: files below its ``run/``, and the command that installs from there."""

import re

from docutils import nodes

LINK = re.compile(r'<a [^>]*href="(?![a-z]+:)')
FROM_SITE = re.compile(r'"[\w-]+(\[\w+\]) @ https://THIS-SITE/run/([^"]+)"')


def inline_html(node) -> str:
    """Return raw HTML within a line; a link to a file of the site is its name and where to find it."""
    text = node.astext()
    if LINK.match(text):
        return ""
    if text == "</a>":
        before = node.parent.children[: node.parent.index(node)]
        raw = [other.astext() for other in before if isinstance(other, nodes.raw)]
        if LINK.match(next(tag for tag in reversed(raw) if tag.startswith("<a "))):
            return " (on the book's site)"
    return text


def command(text: str) -> str:
    """Return a command that installs from the site's address as one that installs from a file."""
    found = FROM_SITE.search(text)
    if not found:
        return text
    file = f'"./{found[2]}{found[1]}"'
    return f"# in the folder that holds {found[2]}\n{FROM_SITE.sub(file, text)}"
