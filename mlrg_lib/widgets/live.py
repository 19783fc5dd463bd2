"""Figures that compute in the reader's browser, on a static page and in a live notebook from the same files."""

import base64
import functools
import html
import json
import os
import re
from importlib import resources
from pathlib import Path

from . import _figures, wasm

__all__ = ["live"]

_FRONTEND = resources.files(__package__) / "frontend"
_SCRIPT = "mlrg-live.js"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.M)


def live(name: str, **params):
    """Return a figure whose kernels run in the reader's browser.

    In a live notebook it is an anywidget: its ``values`` (a dict of what the controls show) can be read and set
    from Python. While the book is built (environment ``MLRG_STATIC=1``) it is a piece of HTML that the page's
    own script brings to life, with a picture and a sentence for readers without JavaScript.

    Parameters
    ----------
    name : str
        ``"ising"``, ``"rbm"``, ``"flow"``, ``"variational"``, ``"ellipse"`` or ``"modes"``.
    **params
        What the controls show first. ``ising``: temperature (1 to 4), size (64 to 2048, a power of two), algorithm,
        level (0 to 5 block-spin steps), rule, strength (0 to 3), speed (0 to 6), order ("equilibrium", "hot" or "up"),
        few (whether all controls but two are folded).
        ``rbm``: temperature (1.5 to 5), hidden (16, 32, 64 or 100), l1 (0 to 0.01), rate (0 to 5, the slider's
        position). ``flow``: d (2 to 5), n (0 to 12). ``variational``: strength (0 to 3), coupling (0.1 to 0.8).
        ``ellipse``: major and minor (standard deviations up to 3), angle (degrees), samples (5 to 5000).
        ``modes``: data ("neurons", "photographs" or "ising"), compare ("shuffled", "gaussian" or "none"), kept (0.005
        to 1), dropped (0 to 0.5), temperature (of the spins, 1.8 to 4). All that sample take a
        ``seed``, which makes the sequence of random numbers repeat.

    Returns
    -------
    anywidget.AnyWidget or StaticFigure

    Raises
    ------
    ValueError
        If there is no such figure or it has no such parameter, or a value is out of its range.

    Examples
    --------
    >>> import os
    >>> os.environ["MLRG_STATIC"] = "1"
    >>> "data-figure" in live("ising", temperature=2.0)._repr_html_()
    True
    >>> del os.environ["MLRG_STATIC"]
    """
    start = _figures.start(name, params)
    return StaticFigure(name, start) if os.environ.get("MLRG_STATIC") == "1" else _widget_class()(name, start)


class StaticFigure:
    """A live figure on a page without a kernel; notebooks and Sphinx show its HTML.

    Parameters
    ----------
    name : str
        The figure.
    start : dict
        ``params`` (fixed data) and ``values`` (what the controls show first), ready for JSON.
    """

    def __init__(self, name: str, start: dict):
        self.name, self.start = name, start

    def _repr_html_(self) -> str:
        from . import _stills

        data = html.escape(json.dumps(self.start, separators=(",", ":")), quote=True)
        alt = html.escape(_figures.FIGURES[self.name].alt, quote=True)
        picture = _stills.PICTURES[self.name](**self.start["values"])
        return (
            f'<div class="mlrg-live" data-figure="{self.name}" role="group" aria-label="{alt}" data-params="{data}">'
            f'<img src="{picture}" alt="{alt}" width="320" loading="lazy">'
            "<noscript><p>This figure computes in the browser and needs JavaScript. "
            f"The picture shows: {alt}</p></noscript></div>"
        )


def static_html(name: str, **params) -> str:
    """Return the HTML of a live figure, for pages that are not notebooks; parameters as :func:`live`."""
    return StaticFigure(name, _figures.start(name, params))._repr_html_()


def write_assets(static_dir: str | os.PathLike) -> Path:
    """Write the script that brings every live figure of a static page to life.

    Parameters
    ----------
    static_dir : path
        The site's folder of static files; made if missing.

    Returns
    -------
    pathlib.Path
        The script, ``mlrg-live.js``: one classic script, to be loaded with ``defer``. It holds the kernels and
        the figures, asks the network for nothing, and works from ``file:`` too.

    Raises
    ------
    RuntimeError
        If the kernels cannot be built.
    """
    figures = {name: _modules(name) for name in _figures.FIGURES}
    bundle = {
        "wasm": base64.b64encode(wasm.kernel_module().code).decode(),
        "css": _read("live.css"),
        "modules": {module: _plain(module) for modules in figures.values() for module in modules},
        "figures": figures,
    }
    text = json.dumps(bundle, ensure_ascii=True, separators=(",", ":"))
    target = Path(static_dir) / _SCRIPT
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"(() => {{\nconst BUNDLE = {text};\n{_read('loader.js')}}})();\n", encoding="utf8")
    return target


def _read(name: str) -> str:
    return (_FRONTEND / name).read_text(encoding="utf8")


def _modules(name: str) -> list[str]:
    """Return the names of a module and of all it imports, each after what it needs itself."""
    needed = [module for other in _IMPORT.findall(_read(f"{name}.js")) for module in _modules(other)]
    return [*dict.fromkeys(needed), name]


def _plain(module: str) -> str:
    """Return the text of a module without its imports, nor the word before what others import from it."""
    return _slim(re.sub(r"^export (?=function|class|const)", "", _IMPORT.sub("", _read(f"{module}.js")), flags=re.M))


def _slim(module: str) -> str:
    """Drop indentation, blank lines and lines that are comments; no string of ours spans lines."""
    lines = (line.strip() for line in module.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


@functools.cache
def _widget_class():
    import anywidget
    import traitlets

    class LiveFigure(anywidget.AnyWidget):
        """A live figure in a notebook; ``values`` is what its controls show."""

        _esm = traitlets.Unicode().tag(sync=True)
        _css = traitlets.Unicode(_read("live.css")).tag(sync=True)
        wasm = traitlets.Bytes().tag(sync=True)
        params = traitlets.Dict().tag(sync=True)
        values = traitlets.Dict().tag(sync=True)

        def __init__(self, name: str, start: dict):
            super().__init__(_esm="".join(map(_plain, _modules(name))), wasm=wasm.kernel_module().code, **start)
            self.add_class("mlrg-live")

    return LiveFigure
