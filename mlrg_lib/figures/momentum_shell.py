"""Figures of the momentum-shell flow: flow pictures, sampled shells, and exponents from divergent series."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from . import theme

__all__ = ["exponent_orders", "exponents_against_dimension", "flow_picture", "shell_ratios"]


@theme.checked
def flow_picture(
    field: Sequence[tuple],
    line: tuple,
    points: Mapping[str, tuple[float, float]],
    *,
    alt: str,
    title: str | None = None,
    range_x: tuple[float, float] = (-0.7, 0.5),
    range_y: tuple[float, float] = (0.0, 2.6),
) -> go.Figure:
    """Draw flow lines, one highlighted line with its start, and fixed points.

    Parameters
    ----------
    field : sequence of (x, y)
        Background lines, each from start to end; an arrow head is put at the end.
    line : (x, y)
        The highlighted line.
    points : mapping of str to (x, y)
        Fixed points.
    alt, title
        As in :func:`mlrg_lib.figures.theme.figure`.
    range_x, range_y : (float, float)
    """
    fig = theme.figure(alt=alt, title=title, x="r", y="A u", height=480, range_x=range_x, range_y=range_y)
    xs, ys = [], []
    for x, y in field:
        xs += [*np.round(x, 3).tolist(), None]
        ys += [*np.round(y, 3).tolist(), None]
    fig.add_trace(theme.line(xs, ys, name="flow", color=theme.NEUTRAL, width=1, hoverinfo="skip"))
    ends = np.array([[x[-1], y[-1]] for x, y in field]).round(3)
    before = np.array([[x[-2], y[-2]] for x, y in field])
    angle = np.degrees(np.arctan2(*((ends - before) / np.array([np.ptp(range_x), np.ptp(range_y)])).T)).round(0)
    heads = {"symbol": "triangle-up", "size": 8, "angle": angle, "color": theme.NEUTRAL}
    fig.add_scatter(x=ends[:, 0], y=ends[:, 1], mode="markers", marker=heads, showlegend=False, hoverinfo="skip")
    x, y = (np.round(v, 4) for v in line)
    fig.add_trace(theme.line(x, y, name="from your start", color=theme.COLORS[1], width=3))
    start = {"size": 11, "color": theme.COLORS[1]}
    fig.add_trace(go.Scatter(x=x[:1], y=y[:1], mode="markers", marker=start, name="start", showlegend=False))
    for k, (name, (px, py)) in enumerate(points.items()):
        marker = {"size": 13, "color": theme.COLORS[(0, 2)[k % 2]], "symbol": ("circle", "star")[k % 2]}
        fig.add_trace(go.Scatter(x=[px], y=[py], mode="markers", marker=marker, name=name))
    return fig


@theme.checked
def shell_ratios(points: Mapping[str, Sequence[dict]], *, alt: str, title: str | None = None) -> go.Figure:
    """Draw −(u′ − u)/(u² I) against u, with the one-loop value 9.

    Parameters
    ----------
    points : mapping of str to sequence of dict
        Each dict has "u", "ratio", "error", "integral".
    alt, title
        As in :func:`mlrg_lib.figures.theme.figure`.
    """
    fig = theme.figure(alt=alt, title=title, x="9 u I, the relative change in one loop", y="−(u′ − u) / u² I")
    for k, (name, values) in enumerate(points.items()):
        x = [9 * p["u"] * p["integral"] for p in values]
        ratio, error = ([p[key] for p in values] for key in ("ratio", "error"))
        style = {"name": name, "color": theme.COLORS[k], "symbol": ("circle", "square")[k % 2]}
        fig.add_trace(theme.error_bars(np.round(x, 5), ratio, error, **style))
    return theme.reference(fig, y=9.0, text="one loop: 9")


@theme.checked
def exponent_orders(
    orders, sums, resummed: Mapping[str, tuple], accepted: float, *, alt: str, title: str | None = None, y: str,
    range_y: tuple[float, float] | None = None,
) -> go.Figure:  # fmt: skip
    """Draw an exponent against the order of its series: partial sums and resummed values.

    Parameters
    ----------
    orders, sums : array_like
        Partial sums.
    resummed : mapping of str to (orders, values, errors)
    accepted : float
        Drawn as a reference line.
    alt, title, y
        As in :func:`mlrg_lib.figures.theme.figure`.
    range_y : (float, float), optional
    """
    fig = theme.figure(alt=alt, title=title, x="highest power of ε", y=y, range_y=range_y)
    markers = {"mode": "lines+markers", "line": {"dash": "dot", "color": theme.COLORS[1]}}
    fig.add_trace(go.Scatter(x=orders, y=sums, name="partial sum", **markers))
    for k, (name, (x, values, errors)) in enumerate(resummed.items()):
        color, symbol = theme.COLORS[(0, 2, 3)[k % 3]], ("circle", "square", "diamond")[k % 3]
        fig.add_trace(theme.error_bars(np.array(x) + 0.12 * k, values, errors, name=name, color=color, symbol=symbol))
    theme.reference(fig, y=accepted, text="accepted")
    fig.update_xaxes(dtick=1)
    return fig


@theme.checked
def exponents_against_dimension(
    d,
    curves: Mapping[str, tuple],
    accepted: Mapping[str, Sequence[tuple]],
    *,
    alt: str,
    title: str | None = None,
    y: str,
) -> go.Figure:
    """Draw an exponent against the dimension, with a band for each resummation and accepted points.

    Parameters
    ----------
    d : array_like
    curves : mapping of str to (value, error)
        ``error`` None for a bare line.
    accepted : mapping of str to sequence of (d, value)
    alt, title, y
        As in :func:`mlrg_lib.figures.theme.figure`.
    """
    fig = theme.figure(alt=alt, title=title, x="dimension d", y=y)
    d = np.asarray(d, dtype=float)
    for k, (name, (value, error)) in enumerate(curves.items()):
        color = theme.COLORS[(3, 0, 2)[k % 3]]
        if error is not None:
            x = np.concatenate([d, d[::-1]])
            band = np.concatenate([value - error, (value + error)[::-1]]).round(5)
            style = {"fill": "toself", "fillcolor": "rgba(0,114,178,0.18)", "line": {"width": 0}, "hoverinfo": "skip"}
            fig.add_trace(go.Scatter(x=x, y=band, name="its spread", **style))
        dash = "dash" if error is None else "solid"
        fig.add_trace(theme.line(d, np.round(value, 5), name=name, color=color, dash=dash))
    for k, (name, values) in enumerate(accepted.items()):
        marker = {"size": 11, "symbol": ("star", "diamond", "x")[k % 3], "color": theme.COLORS[1]}
        x, v = zip(*values, strict=True)
        fig.add_trace(go.Scatter(x=x, y=v, mode="markers", marker=marker, name=name))
    return fig
