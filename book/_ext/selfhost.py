"""Sphinx extension: everything the site needs is served by the site, and plotly figures are light and lazy.

It renders plotly outputs as JSON that ``figures.js`` draws on approach, ships one MathJax bundle and one
plotly bundle, and mends three defects of the theme's script list. Nothing is fetched, at build or at reading.
"""

import html
import importlib.util
import json
import os
import re
import shutil
from pathlib import Path

import plotly_bundle
import yaml
from docutils import nodes
from icons import prune_icons
from mlrg_lib.widgets.live import static_html, write_assets
from myst_nb.core import render as myst_nb_render
from policy import add_policy
from previews import write_previews
from search import mend_search
from sphinx.util.docutils import SphinxDirective
from tables import dress_tables

PLOTLY_MIME = "application/vnd.plotly.v1+json"
MATHJAX_FILES = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "output/chtml.js",
    "output/chtml/fonts",
    "a11y/assistive-mml.js",
)
NOT_SHIPPED = (
    "_static/**/*.map",
    "_static/scripts/fontawesome.js*",
    "_static/thebelab*",
    "_static/sphinx-thebe*",
    "_static/images/logo_*",
)
NAMED = {  # what assistive technology needs a name or a landmark for
    '<summary><span class="toctree-toggle"': '<summary aria-label="Pages of this part"><span class="toctree-toggle"',
    'target="_blank"\n   class="btn btn-sm btn-download-notebook-button': 'download\n   class="btn btn-sm btn-download-notebook-button',
    '<div id="pst-primary-sidebar"': '<div id="pst-primary-sidebar" role="region" aria-label="The book"',
}


class PlotlyRenderer:
    """myst-nb MIME renderer: a figure becomes a labelled container around its JSON."""

    mime_priority_overrides = (("*", PLOTLY_MIME, 5),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        if inline or data.mime_type != PLOTLY_MIME:
            return None
        figure = (
            data.content if isinstance(data.content, dict) else json.loads(data.content)
        )
        figure = {
            key: figure[key] for key in ("data", "layout", "frames") if figure.get(key)
        }
        kinds = {trace.get("type", "scatter") for trace in figure.get("data", ())}
        if strange := kinds - plotly_bundle.TRACES:
            raise ValueError(
                f"a plotly figure has traces of type {', '.join(sorted(strange))}, which the site's bundle cannot draw"
            )
        layout = figure.setdefault("layout", {})
        meta = layout.get("meta") or {}
        alt = html.escape(
            meta.get("alt") or (layout.get("title") or {}).get("text") or "", quote=True
        )
        if not alt:
            raise ValueError(
                "a plotly figure has neither layout.meta.alt nor a title: give it an alt text"
            )
        body = json.dumps(figure, separators=(",", ":")).replace("</", "<\\/")
        height = int(layout.get("height") or 420)
        text = (
            f'<div class="mlrg-plotly" role="group" aria-label="{alt}" style="min-height:{height}px">'
            f"<noscript><p>This figure needs JavaScript. It shows: {alt}</p></noscript>"
            f'<script type="application/json">{body}</script></div>'
        )
        return [nodes.raw(text=text, format="html")]


class LiveFigureDirective(SphinxDirective):
    """``{live-figure} name`` puts a live figure on a page that is not a notebook; the content is YAML parameters."""

    required_arguments = 1
    has_content = True

    def run(self):
        name = self.arguments[0]
        parameters = yaml.safe_load("\n".join(self.content)) or {}
        text = static_html(name, **parameters)
        return [nodes.raw(text=text, format="html", live=(name, parameters))]


def _clean_page(app, pagename, templatename, context, doctree):
    """Drop thebe (never used, declared twice), repeated inline scripts and those the page has no use for."""
    unused = {"figures.js": "mlrg-plotly", "mlrg-live.js": "mlrg-live"}
    body = context.get("body") or ""
    unused = {name for name, mark in unused.items() if mark not in body}
    seen, keep = set(), []
    for script in context.get("script_files", []):
        inline = (getattr(script, "attributes", None) or {}).get("body") or ""
        key = (str(getattr(script, "filename", None) or script), inline)
        thebe = "thebe" in key[0].lower() or "THEBE" in inline
        if thebe or (inline and key in seen) or any(name in key[0] for name in unused):
            continue
        seen.add(key)
        keep.append(script)
    context["script_files"][:] = keep
    unused_css = {"thebe"} | ({"sphinx-design"} if 'class="sd-' not in body else set())
    context["css_files"][:] = [
        css
        for css in context.get("css_files", [])
        if not any(name in str(css).lower() for name in unused_css)
    ]
    if context.get("body"):
        context["body"] = context["body"].replace(
            'role="doc-biblioentry"', 'role="listitem"'
        )


def _ship_assets(app, exception):
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    static = out / "_static"
    shutil.copyfile(plotly_bundle.bundle(), static / "plotly.min.js")
    mathjax = (
        Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent
        / "static/mathjax"
    )
    for name in MATHJAX_FILES:
        source, target = mathjax / name, static / "mathjax" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, target)
    write_assets(static)
    unused = r"<(script|link)\b[^>]*(%s)\.js[^>]*>(</script>)?"
    on_search_page = re.compile(unused % "scripts/fontawesome")
    elsewhere = re.compile(
        unused % "scripts/fontawesome|searchtools|language_data|searchindex"
    )
    for page in out.rglob("*.html"):
        before = page.read_text(encoding="utf8")
        pattern = on_search_page if page.name == "search.html" else elsewhere
        after = pattern.sub("", before)
        for plain, named in NAMED.items():
            after = after.replace(plain, named)
        if after != before:
            page.write_text(after, encoding="utf8")
    for pattern in NOT_SHIPPED:
        for file in out.glob(pattern):
            file.unlink()
    prune_icons(out)
    mend_search(out)
    dress_tables(out)
    write_previews(out)
    (out / ".nojekyll").touch()  # or GitHub's pages would leave out _static
    add_policy(out)


def setup(app):
    os.environ["MLRG_STATIC"] = (
        "1"  # inherited by the kernels that execute the chapters
    )
    original = myst_nb_render.load_mime_renders
    myst_nb_render.load_mime_renders = lambda: [*original(), PlotlyRenderer]
    app.add_js_file("offline-search.js")
    app.add_js_file("formulas.js", loading_method="defer")  # before MathJax starts
    app.add_js_file("page.js", loading_method="defer")
    app.add_js_file("hovercards.js", loading_method="defer")
    app.add_js_file("figures.js", loading_method="defer")
    app.add_js_file("mlrg-live.js", loading_method="defer")
    app.add_css_file("book.css")
    app.add_directive("live-figure", LiveFigureDirective)
    app.connect("html-page-context", _clean_page, priority=950)
    app.connect("build-finished", _ship_assets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
