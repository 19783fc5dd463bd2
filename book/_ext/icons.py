"""Ship the icons that the site shows and no others: the theme brings 2,000, its pages use about a dozen."""

import re
from pathlib import Path

from fontTools import subset

FONT = "_static/vendor/fontawesome/webfonts/fa-solid-900"
THEME_CSS = "_static/styles/pydata-sphinx-theme.css"
RULE = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"\\([0-9a-f]+)"\}')
GLYPH = re.compile(r"""["']\\([ef][0-9a-f]{3})["']""")


def prune_icons(out: Path) -> None:
    """Drop the style rules of icons that no page or script names, and their glyphs from the font."""
    texts = (
        path.read_text("utf8")
        for kind in ("html", "js")
        for path in out.rglob(f"*.{kind}")
    )
    used = {name for text in texts for name in re.findall(r"\bfa-[\w-]+", text)}

    def keep(rule: re.Match) -> str:
        names = re.findall(r"fa-[\w-]+", rule[1])
        return rule[0] if used.intersection(names) else ""

    css = out / THEME_CSS
    pruned = RULE.sub(keep, css.read_text("utf8"))
    css.write_text(pruned, encoding="utf8")
    styles = [pruned, *(p.read_text("utf8") for p in out.rglob("*.css") if p != css)]
    glyphs = {int(code, 16) for style in styles for code in GLYPH.findall(style)}
    font = out / f"{FONT}.woff2"
    options = subset.Options(
        flavor="woff2", layout_features=[], name_IDs=[0, 1, 2, 13, 14]
    )
    whole = subset.load_font(font, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=glyphs)
    subsetter.subset(whole)
    subset.save_font(whole, font, options)
