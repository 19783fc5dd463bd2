"""Figures of the question "block spin or correlation?": sizes of fields against lengths, and controls side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from . import theme

__all__ = ["ratios", "sizes"]

_SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up")


@theme.checked
def sizes(
    series: Mapping[str, tuple[Sequence[float], Sequence[float], Sequence[float]]],
    *,
    alt: str,
    x: str,
    y: str,
    title: str | None = None,
    levels: Mapping[str, float] | None = None,
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
    law: tuple[Sequence[float], Sequence[float], str] | None = None,
    log: bool = True,
    height: int = 460,
) -> go.Figure:
    """Draw sizes with error bars, one colour a series, with what was predicted for each.

    Parameters
    ----------
    series : mapping from names to (x, sizes, errors)
    alt, x, y, title : str
    levels : mapping from names to float, optional
        A dashed line at this size, in the colour of the series.
    curves : mapping from names to (x, size), optional
        A dotted curve in the colour of the series.
    law : (x, size, name), optional
        A grey line for all.
    log : bool
        Both axes logarithmic.
    height : int
        Pixels.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    fig = theme.figure(alt=alt, title=title, x=x, y=y, height=height)
    if law is not None:
        fig.add_trace(theme.line(law[0], law[1], name=law[2], color=theme.NEUTRAL, dash="longdash"))
    edges = np.concatenate([np.asarray(values[0], dtype=float) for values in series.values()])
    for k, (name, (at, values, errors)) in enumerate(series.items()):
        color, symbol = theme.COLORS[k % len(theme.COLORS)], _SYMBOLS[k % len(_SYMBOLS)]
        if levels and name in levels:
            ends, level = [edges.min(), edges.max()], [levels[name]] * 2
            fig.add_trace(theme.line(ends, level, name=name, color=color, dash="dash", showlegend=False))
        if curves and name in curves:
            fig.add_trace(theme.line(*curves[name], name=name, color=color, dash="dot", showlegend=False))
        fig.add_trace(theme.error_bars(at, values, errors, name=name, color=color, symbol=symbol))
    if log:
        fig.update_xaxes(type="log", dtick="D2")
        fig.update_yaxes(type="log", dtick="D2")
    return fig


@theme.checked
def ratios(
    groups: Mapping[str, tuple[Sequence[str], Sequence[float], Sequence[float]]],
    *,
    alt: str,
    x: str,
    title: str | None = None,
    height: int = 460,
) -> go.Figure:
    """Draw ratios with error bars, one line of the figure each, and a reference line at one.

    Parameters
    ----------
    groups : mapping from names to (labels, ratios, errors)
        A colour for each group.
    alt, x, title : str
    height : int
        Pixels.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    fig = theme.figure(alt=alt, title=title, x=x, height=height)
    for k, (name, (labels, values, errors)) in enumerate(groups.items()):
        marker = {"color": theme.COLORS[k % len(theme.COLORS)], "size": 8, "symbol": _SYMBOLS[k % len(_SYMBOLS)]}
        bars = {"type": "data", "array": list(errors), "thickness": 1.5, "width": 3}
        theme.same_length(labels=labels, ratios=values, errors=errors)
        fig.add_scatter(x=list(values), y=list(labels), error_x=bars, mode="markers", marker=marker, name=name)
    fig.update_yaxes(autorange="reversed")
    return theme.reference(fig, x=1.0, text="equal")
