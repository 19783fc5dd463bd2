"""A search that any word may be typed into: Sphinx looks words up in plain objects, which know some words themselves.

``constructor`` is found in every object of JavaScript, as a function and not as a list of pages; ``__proto__`` too.
"""

from pathlib import Path

OWN = (
    "((own) => Object.setPrototypeOf(own, Object.create(null, "
    "{hasOwnProperty: {value: Object.prototype.hasOwnProperty}})))"
)
CHANGES = {
    "const terms = Search._index.terms;": f"const terms = {OWN}(Search._index.terms);",
    "const titleTerms = Search._index.titleterms;": f"const titleTerms = {OWN}(Search._index.titleterms);",
    "scoreMap.set(file, {})": "scoreMap.set(file, Object.create(null))",
}


def mend_search(out: Path) -> None:
    """Give the search's tables of words no word of their own; say so if Sphinx has changed its script."""
    script = out / "_static/searchtools.js"
    text = script.read_text(encoding="utf8")
    for before, after in CHANGES.items():
        if before not in text and after not in text:
            raise ValueError(
                f"{script.name} has no {before!r} any more: see whether book/_ext/search.py is still needed"
            )
        text = text.replace(before, after)
    script.write_text(text, encoding="utf8")
