"""Figures of the Monte Carlo renormalization group: exponents by level, couplings, and learned windows."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from . import theme

__all__ = ["coupling_levels", "exponent_levels", "windows"]

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")


@theme.checked
def exponent_levels(
    rules: Mapping[str, tuple],
    *,
    exact: tuple[float, float],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    alt: str,
    title: str | None = None,
) -> go.Figure:
    """Draw y_t above y_h against the level of blocking.

    Parameters
    ----------
    rules : mapping of name to (y_t, y_t_error, y_h, y_h_error)
        Arrays of one entry per level; at most six rules.
    exact : tuple of float
        Reference values of y_t and y_h.
    ranges : tuple of two ranges
        Of the two vertical axes.
    """
    fig = theme.figure(alt=alt, title=title, height=600)
    gap = 0.06
    for k, (name, (y_t, t_error, y_h, h_error)) in enumerate(rules.items()):
        levels = np.arange(1, len(y_t) + 1) + gap * (k - (len(rules) - 1) / 2)
        style = {"color": theme.COLORS[k], "symbol": _SYMBOLS[k]}
        fig.add_trace(theme.error_bars(levels, y_t, t_error, name=name, legendgroup=name, **style))
        lower = {"xaxis": "x2", "yaxis": "y2", "legendgroup": name, "showlegend": False}
        fig.add_trace(theme.error_bars(levels, y_h, h_error, name=name, **style, **lower))
    n_levels = max(len(entry[0]) for entry in rules.values())
    for y, (axis_x, axis_y) in zip(exact, (("x", "y"), ("x2", "y2")), strict=True):
        line = {"dash": "dash", "width": 1.5, "color": theme.NEUTRAL}
        fig.add_shape(type="line", x0=0.6, x1=n_levels + 0.4, y0=y, y1=y, xref=axis_x, yref=axis_y, line=line)
    axis = {"dtick": 1, "range": [0.6, n_levels + 0.4]}
    fig.update_layout(
        xaxis={**axis, "anchor": "y"},
        yaxis={"title": "y<sub>t</sub>", "domain": [0.56, 1.0], "range": list(ranges[0])},
        xaxis2={**axis, "anchor": "y2", "title": "blocking"},
        yaxis2={"title": "y<sub>h</sub>", "domain": [0.0, 0.44], "range": list(ranges[1])},
    )
    return fig


@theme.checked
def coupling_levels(
    rules: Mapping[str, tuple], names: Sequence[str], *, alt: str, title: str | None = None
) -> go.Figure:
    """Draw couplings against their operators, one symbol for each rule or level, below the two largest a close-up.

    Parameters
    ----------
    rules : mapping of name to (couplings, errors)
        Arrays with one entry per operator; at most six.
    names : sequence of str
        The operators.
    """
    fig = theme.figure(alt=alt, title=title, height=560)
    for k, (name, (values, errors)) in enumerate(rules.items()):
        style = {"color": theme.COLORS[k], "symbol": _SYMBOLS[k]}
        values, errors = np.asarray(values, dtype=float), np.asarray(errors, dtype=float)
        place = np.arange(len(values)) + 0.1 * (k - (len(rules) - 1) / 2)
        fig.add_trace(theme.error_bars(place, values, errors, name=name, legendgroup=name, **style))
        lower = {"xaxis": "x2", "yaxis": "y2", "legendgroup": name, "showlegend": False}
        fig.add_trace(theme.error_bars(place[2:], values[2:], errors[2:], name=name, **style, **lower))
    ticks = {"tickvals": list(range(len(names))), "zeroline": False}
    fig.update_layout(
        xaxis={**ticks, "ticktext": [""] * len(names), "anchor": "y", "range": [-0.5, len(names) - 0.5]},
        yaxis={"title": "coupling", "domain": [0.6, 1.0]},
        xaxis2={**ticks, "ticktext": list(names), "anchor": "y2", "range": [-0.5, len(names) - 0.5], "tickangle": -40},
        yaxis2={"title": "coupling", "domain": [0.0, 0.5]},
    )
    return fig


@theme.checked
def windows(weights: Mapping[str, np.ndarray], *, alt: str, title: str | None = None, height: int = 270) -> go.Figure:
    """Draw learned windows of weights side by side, in one colour scale, aligned weights positive.

    Parameters
    ----------
    weights : mapping of name to ndarray, shape (kernel, kernel)
        With the library's sign; −W is drawn.
    """
    fig = theme.figure(alt=alt, title=title, height=height)
    limit = max(float(np.abs(w).max()) for w in weights.values())
    style = {"colorscale": theme.DIVERGING, "zmin": -limit, "zmax": limit, "hovertemplate": "%{text}<extra></extra>"}
    drawn = [-np.asarray(w) for w in weights.values()]
    heatmaps = [{"z": w.astype(np.float32), "text": np.round(w, 2).astype(str), **style} for w in drawn]
    theme.panels(fig, heatmaps, list(weights), gap=0.05)
    fig.update_layout(margin={"l": 5, "r": 5, "b": 5})
    return fig
