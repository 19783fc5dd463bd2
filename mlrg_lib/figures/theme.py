"""One look for every figure: template, colour-blind-safe palette, alt text."""

import functools
import inspect
import numbers
import reprlib
import types
import typing
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio

__all__ = [
    "COLORS",
    "DIVERGING",
    "NEUTRAL",
    "SEQUENTIAL",
    "SPINS",
    "error_bars",
    "figure",
    "image_axes",
    "line",
    "reference",
]

# Okabe & Ito's palette without its black and yellow: told apart in all common colour-vision deficiencies,
# on light and on dark pages.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
NEUTRAL = "#808890"  # text, axes, and whatever is no datum: readable on light and on dark

# Spins: -1 is sand, +1 is navy. Diverging maps are blue-white-orange, symmetric about zero.
SPINS = [[0.0, "#f3e9d2"], [1.0, "#0b3c5d"]]
DIVERGING = [[0.0, "#b35806"], [0.25, "#f1a340"], [0.5, "#f7f7f7"], [0.75, "#67a9cf"], [1.0, "#053061"]]
SEQUENTIAL = "Cividis"

_LINE = {"showline": True, "linewidth": 1, "linecolor": NEUTRAL, "gridcolor": "rgba(128,136,144,0.25)"}
_AXIS = {**_LINE, "ticks": "outside", "zeroline": False, "automargin": True}
_TEMPLATE = go.layout.Template(
    layout={
        "colorway": list(COLORS),
        "font": {"size": 14, "color": NEUTRAL},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "title": {"x": 0.02, "xanchor": "left", "font": {"size": 16}},
        "margin": {"l": 60, "r": 20, "t": 60, "b": 55},
        "hovermode": "closest",
        # A drag scrolls, as everywhere on a touch screen; the mode bar of a notebook zooms when asked. Its button for
        # uploading to a company's server is no part of these figures, whoever shows them: data may not leave by a slip.
        "dragmode": False,
        "modebar": {"remove": ["sendChartToCloud"]},
        "legend": {"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0.0, "xanchor": "left", "x": 0.0},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
    }
)

# Nor is plotly's logo, a link that leads away. No layout can say so, only what a notebook shows figures with.
SETTINGS = {"displaylogo": False}
for _shower in map(pio.renderers.__getitem__, pio.renderers):
    if isinstance(getattr(_shower, "config", None), dict):
        _shower.config.update(SETTINGS)


# What a wrong structure, a complex number, or an infinity where none can be drawn leads to.
_WRONG_INSIDE = (AttributeError, IndexError, KeyError, ArithmeticError, np.exceptions.ComplexWarning)


def checked(draw: Callable) -> Callable:
    """Make a drawing function refuse what it cannot draw: a ValueError that names the argument.

    Parameters
    ----------
    draw : callable
        Its annotations say what is text, a number, a whole number, True or False, or a mapping. Whatever turns out not
        to be of the documented structure while it is drawn is refused too.

    Returns
    -------
    callable

    Examples
    --------
    >>> @checked
    ... def nothing(*, alt: str):
    ...     return figure(alt=alt)
    >>> nothing(alt=3)
    Traceback (most recent call last):
        ...
    ValueError: alt must be text, got 3
    """
    signature = inspect.signature(draw)

    @functools.wraps(draw)
    def drawing(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        for name, value in bound.arguments.items():
            parameter = signature.parameters[name]
            if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                continue
            wanted = _wanted(parameter.annotation, value)
            if wanted:
                raise ValueError(f"{name} must be {wanted}, got {reprlib.repr(value)}")
        try:
            with warnings.catch_warnings(), np.errstate(divide="raise", invalid="raise"):
                warnings.simplefilter("error", np.exceptions.ComplexWarning)
                return draw(*args, **kwargs)
        except _WRONG_INSIDE as error:
            given = ", ".join(signature.parameters)
            message = f"{draw.__name__} cannot draw this, look at {given}: {type(error).__name__}: {error}"
            raise ValueError(message) from error

    return drawing


def _wanted(annotation, value) -> str | None:
    """Return what the annotation asks for in words if the value is something else, and None if it will do."""
    if isinstance(annotation, types.UnionType):
        answers = [_wanted(part, value) for part in typing.get_args(annotation)]
        return None if None in answers else " or ".join(dict.fromkeys(answers))
    kind = typing.get_origin(annotation) or annotation
    fits, wanted = _KINDS.get(kind, (None, None))
    return None if fits is None or fits(value) else wanted


def _is_number(value) -> bool:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and bool(np.isfinite(value))


_KINDS = {  # of annotations: what is checked, and what is called for
    types.NoneType: (lambda value: value is None, "None"),
    str: (lambda value: isinstance(value, str), "text"),
    bool: (lambda value: isinstance(value, bool | np.bool_), "True or False"),
    int: (lambda value: isinstance(value, numbers.Integral) and not isinstance(value, bool), "a whole number"),
    float: (_is_number, "a finite number"),
    Mapping: (lambda value: isinstance(value, Mapping), "a mapping from names"),
}


def same_length(**arrays) -> None:
    """Plotly leaves out what is beyond the shorter of two arrays; here that is an error."""
    lengths = {name: np.shape(array) for name, array in arrays.items() if array is not None}
    if any(len(shape) != 1 for shape in lengths.values()) or len(set(lengths.values())) > 1:
        got = ", ".join(f"{name} of shape {shape}" for name, shape in lengths.items())
        raise ValueError(f"{' and '.join(lengths)} must be sequences of one length, got {got}")


@checked
def figure(
    *,
    alt: str,
    title: str | None = None,
    x: str | None = None,
    y: str | None = None,
    height: int = 420,
    range_x: Sequence[float] | None = None,
    range_y: Sequence[float] | None = None,
) -> go.Figure:
    """Return an empty figure in the house style.

    Parameters
    ----------
    alt : str
        One sentence that says what the figure shows, for readers who cannot see it. Required.
    title, x, y : str, optional
        Title and axis labels, in Unicode or HTML (``T<sub>c</sub>``), never LaTeX.
    height : int
        Height in pixels; the width is the reader's.
    range_x, range_y : sequence of two floats, optional
        Ends of the axes; what is drawn decides by default.

    Returns
    -------
    plotly.graph_objects.Figure

    Examples
    --------
    >>> figure(alt="An empty figure.", x="T").layout.meta["alt"]
    'An empty figure.'
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt must be a sentence that says what the figure shows, got {alt!r}")
    fig = go.Figure(layout={"template": _TEMPLATE, "height": height, "meta": {"alt": alt}})
    fig.update_layout(title_text=title, xaxis_title_text=x, yaxis_title_text=y)
    fig.update_layout(xaxis_range=range_x, yaxis_range=range_y)
    return fig


@checked
def error_bars(x, y, error, *, name: str, color: str = COLORS[0], symbol: str = "circle", **kwargs) -> go.Scatter:
    """Return measured points with symmetric error bars (one standard error)."""
    same_length(x=x, y=y, error=error)
    bars = {"type": "data", "array": error, "thickness": 1.5, "width": 3}
    marker = {"color": color, "size": 7, "symbol": symbol}
    return go.Scatter(x=x, y=y, error_y=bars, mode="markers", marker=marker, name=name, **kwargs)


@checked
def line(x, y, *, name: str, color: str = COLORS[0], dash: str = "solid", width: float = 2, **kwargs) -> go.Scatter:
    """Return a curve; exact results are drawn as lines, measured ones as points."""
    same_length(x=x, y=y)
    return go.Scatter(x=x, y=y, mode="lines", line={"color": color, "dash": dash, "width": width}, name=name, **kwargs)


@checked
def reference(fig: go.Figure, *, x: float | None = None, y: float | None = None, text: str) -> go.Figure:
    """Add a labelled dashed reference line at ``x`` or at ``y`` and return the figure."""
    style = {"line_dash": "dash", "line_width": 1.5, "line_color": NEUTRAL, "annotation_text": text}
    if x is not None:
        fig.add_vline(x=x, annotation_position="top right", **style)
    if y is not None:
        fig.add_hline(y=y, annotation_position="top right", **style)
    return fig


@checked
def image_axes(fig: go.Figure, suffix: str = "") -> go.Figure:
    """Make axis pair ``suffix`` ("", "2", …) suit an image: square pixels, first row on top, no ticks."""
    plain = {"visible": False, "constrain": "domain"}
    rows = {**plain, "autorange": "reversed", "scaleanchor": f"x{suffix}"}
    return fig.update_layout({f"xaxis{suffix}": plain, f"yaxis{suffix}": rows})


def panels(fig: go.Figure, heatmaps: Iterable[Mapping], titles: Sequence[str], *, gap: float = 0.04) -> go.Figure:
    """Put heat maps, given by their properties, side by side with a title above each, and return the figure."""
    n = len(titles)
    width = (1 - gap * (n - 1)) / n
    for k, (heatmap, text) in enumerate(zip(heatmaps, titles, strict=True)):
        suffix = "" if k == 0 else str(k + 1)
        left = k * (width + gap)
        fig.add_trace(go.Heatmap(showscale=False, xaxis=f"x{suffix}", yaxis=f"y{suffix}", **heatmap))
        fig.update_layout(
            {f"xaxis{suffix}": {"domain": [left, left + width]}, f"yaxis{suffix}": {"anchor": f"x{suffix}"}}
        )
        image_axes(fig, suffix)
        place = {"x": left + width / 2, "y": 1.0, "xref": "paper", "yref": "paper"}
        fig.add_annotation(text=text, **place, xanchor="center", yanchor="bottom", showarrow=False)
    return fig
