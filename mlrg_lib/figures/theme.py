"""One look for every figure: template, colour-blind-safe palette, alt text."""

import plotly.graph_objects as go

__all__ = ["COLORS", "DIVERGING", "SEQUENTIAL", "SPINS", "error_bars", "figure", "image_axes", "line", "reference"]

# Okabe & Ito's palette without its black and yellow: told apart in all common colour-vision deficiencies,
# on light and on dark pages.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_NEUTRAL = "#808890"

# Spins: -1 is sand, +1 is navy. Diverging maps are blue-white-orange, symmetric about zero.
SPINS = [[0.0, "#f3e9d2"], [1.0, "#0b3c5d"]]
DIVERGING = [[0.0, "#b35806"], [0.25, "#f1a340"], [0.5, "#f7f7f7"], [0.75, "#67a9cf"], [1.0, "#053061"]]
SEQUENTIAL = "Cividis"

_AXIS = {
    "showline": True,
    "linewidth": 1,
    "linecolor": _NEUTRAL,
    "ticks": "outside",
    "zeroline": False,
    "automargin": True,
}
_TEMPLATE = go.layout.Template(
    layout={
        "colorway": list(COLORS),
        "font": {"size": 14, "color": _NEUTRAL},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "title": {"x": 0.02, "xanchor": "left", "font": {"size": 16}},
        "margin": {"l": 60, "r": 20, "t": 60, "b": 55},
        "hovermode": "closest",
        "legend": {"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0.0, "xanchor": "left", "x": 0.0},
        "xaxis": {**_AXIS, "gridcolor": "rgba(128,136,144,0.25)"},
        "yaxis": {**_AXIS, "gridcolor": "rgba(128,136,144,0.25)"},
    }
)


def figure(
    *, alt: str, title: str | None = None, x: str | None = None, y: str | None = None, height: int = 420
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
    return fig


def error_bars(x, y, error, *, name: str, color: str = COLORS[0], symbol: str = "circle", **kwargs) -> go.Scatter:
    """Return measured points with symmetric error bars (one standard error)."""
    bars = {"type": "data", "array": error, "thickness": 1.5, "width": 3}
    marker = {"color": color, "size": 7, "symbol": symbol}
    return go.Scatter(x=x, y=y, error_y=bars, mode="markers", marker=marker, name=name, **kwargs)


def line(x, y, *, name: str, color: str = COLORS[0], dash: str = "solid", width: float = 2, **kwargs) -> go.Scatter:
    """Return a curve; exact results are drawn as lines, measured ones as points."""
    return go.Scatter(x=x, y=y, mode="lines", line={"color": color, "dash": dash, "width": width}, name=name, **kwargs)


def reference(fig: go.Figure, *, x: float | None = None, y: float | None = None, text: str) -> go.Figure:
    """Add a labelled dashed reference line at ``x`` or at ``y`` and return the figure."""
    style = {"line_dash": "dash", "line_width": 1.5, "line_color": _NEUTRAL, "annotation_text": text}
    if x is not None:
        fig.add_vline(x=x, annotation_position="top right", **style)
    if y is not None:
        fig.add_hline(y=y, annotation_position="top right", **style)
    return fig


def image_axes(fig: go.Figure, suffix: str = "") -> go.Figure:
    """Make axis pair ``suffix`` ("", "2", …) suit an image: square pixels, first row on top, no ticks."""
    fig.update_layout(
        {
            f"xaxis{suffix}": {"visible": False, "constrain": "domain"},
            f"yaxis{suffix}": {
                "visible": False,
                "autorange": "reversed",
                "scaleanchor": f"x{suffix}",
                "constrain": "domain",
            },
        }
    )
    return fig
