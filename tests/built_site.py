"""Where the built site is, and its pages; tests are named after them when they are collected."""

from pathlib import Path

STATES = "els => els.map(e => [e.dataset.state, !!e.querySelector('svg.main-svg')])"
SITE = Path(__file__).resolve().parents[1] / "_build" / "html"


def pages(folder: Path) -> list[Path]:
    """Return the pages of the site that readers meet, whole."""
    left_out = {"_static", "_modules", "reports", "run"}
    return sorted(p for p in folder.rglob("*.html") if not left_out & set(p.relative_to(folder).parts))


def book_pages(folder: Path) -> list[str]:
    """Return the addresses of the book's own pages, relative to the site; one that says so if it is not built."""
    names = [p.relative_to(folder).as_posix() for p in pages(folder)]
    return [name for name in names if name.startswith("book/")] or ["not-built.html"]


def undrawn(page) -> list:
    """Return what of an open page, whose figures were told to draw, is no picture, and its formulas in error."""
    found = page.locator(".mlrg-plotly").evaluate_all(STATES)
    errors = page.locator("mjx-merror").count()
    return [state for state in found if state != ["ready", True]] + ["a formula in error"] * errors
