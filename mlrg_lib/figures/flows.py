"""Figures of learned transformations: temperatures along a machine's flow, where flows end, information kept."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from . import theme

__all__ = ["end_points", "flow_lines", "information_curves", "two_thermometers"]

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")


@theme.checked
def flow_lines(
    steps: Sequence[int],
    panels: Mapping[str, Mapping[str, tuple]],
    *,
    reference: float,
    alt: str,
    title: str | None = None,
    height: int = 640,
) -> go.Figure:
    """Draw temperature against step, one panel above another, one line for each start.

    Parameters
    ----------
    steps : sequence of int
        Steps at which the temperature was read; drawn at equal distances.
    panels : mapping of str to mapping of str to (temperature, error)
        By panel title and name of the start, arrays of the length of ``steps``.
    reference : float
        Temperature of the dashed line, T_c.
    alt, title, height
        As in :func:`mlrg_lib.figures.theme.figure`.
    """
    fig = theme.figure(alt=alt, title=title, height=height)
    ticks, gap = [str(s) for s in steps], 0.09
    tall = (1 - gap * (len(panels) - 1)) / len(panels)
    for k, (heading, lines) in enumerate(panels.items()):
        suffix = "" if k == 0 else str(k + 1)
        top = 1 - k * (tall + gap)
        for i, (name, (temperature, error)) in enumerate(lines.items()):
            color = theme.COLORS[i % len(theme.COLORS)]
            trace = theme.error_bars(
                np.arange(len(steps)), np.round(temperature, 3), np.round(error, 3), name=name, color=color,
                symbol=_SYMBOLS[i % 6], legendgroup=name, showlegend=k == 0, xaxis=f"x{suffix}", yaxis=f"y{suffix}",
            )  # fmt: skip
            fig.add_trace(trace.update(mode="lines+markers", line={"color": color, "width": 1}))
        last = k == len(panels) - 1
        fig.update_layout(
            {
                f"xaxis{suffix}": {
                    "anchor": f"y{suffix}", "tickvals": list(range(len(steps))), "ticktext": ticks,
                    "showticklabels": last, "title": "steps v → h → v" if last else None,
                },
                f"yaxis{suffix}": {
                    "anchor": f"x{suffix}", "domain": [max(top - tall, 0.0), top], "title": "temperature",
                    "range": [0.7, 6.3],
                },
            }
        )  # fmt: skip
        x, y = (f"x{suffix}", f"y{suffix}")
        dashed = {"dash": "dash", "width": 1.5, "color": theme.NEUTRAL}
        fig.add_shape(type="line", x0=0, x1=1, y0=reference, y1=reference, xref=f"{x} domain", yref=y, line=dashed)
        fig.add_annotation(
            text=heading, x=1, y=1, xref=f"{x} domain", yref=f"{y} domain", xanchor="right", yanchor="top",
            showarrow=False,
        )  # fmt: skip
    fig.update_layout(margin={"b": 110})
    return fig


@theme.checked
def end_points(
    groups: Mapping[str, tuple],
    *,
    reference: float,
    diagonal: bool,
    x: str,
    alt: str,
    title: str | None = None,
    labels: Sequence[str] | None = None,
    log_x: bool = False,
) -> go.Figure:
    """Draw where flows end, with the spread over machines, against a property of the machines.

    Parameters
    ----------
    groups : mapping of str to (x, temperature, spread)
        Arrays of one length, one entry for each kind of machine.
    reference : float
        Temperature of the dashed line, T_c.
    diagonal : bool
        Whether to draw the line on which the end is the x value.
    x : str
        Label of the horizontal axis.
    labels : sequence of str, optional
        Tick labels at the x values of the first group, for a few values only.
    log_x : bool
    alt, title
        As in :func:`mlrg_lib.figures.theme.figure`.
    """
    fig = theme.figure(alt=alt, title=title, x=x, y="temperature where the flow ends", height=460)
    if diagonal:
        every = np.concatenate([np.asarray(g[0], dtype=float) for g in groups.values()])
        both = [every.min(), every.max()]
        fig.add_trace(theme.line(both, both, name="the training set's temperature", color=theme.NEUTRAL, width=1.5))
    for i, (name, (where, temperature, spread)) in enumerate(groups.items()):
        color, symbol = theme.COLORS[i % len(theme.COLORS)], _SYMBOLS[i % 6]
        points = theme.error_bars(where, np.round(temperature, 3), np.round(spread, 3), name=name, color=color)
        fig.add_trace(points.update(marker={"symbol": symbol, "size": 10}))
    theme.reference(fig, y=reference, text="T<sub>c</sub>")
    first = next(iter(groups.values()))[0]
    if labels is not None:
        fig.update_xaxes(tickvals=list(first), ticktext=list(labels))
    if log_x:
        fig.update_xaxes(type="log")
    fig.update_layout(margin={"b": 130})
    return fig


@theme.checked
def two_thermometers(
    truth: Sequence[float], readings: Mapping[str, tuple], *, alt: str, title: str | None = None
) -> go.Figure:
    """Draw readings of inverse temperature less the truth, with errors, for several thermometers.

    Parameters
    ----------
    truth : sequence of float
        True inverse temperatures.
    readings : mapping of str to (value, error)
        By thermometer, arrays of the length of ``truth``.
    alt, title
        As in :func:`mlrg_lib.figures.theme.figure`.
    """
    fig = theme.figure(alt=alt, title=title, x="true β", y="(reading − β) / error", height=380)
    fig.add_hrect(y0=-1, y1=1, fillcolor=theme.NEUTRAL, opacity=0.15, line_width=0)
    for i, (name, (value, error)) in enumerate(readings.items()):
        pulls = (np.asarray(value) - np.asarray(truth)) / np.asarray(error)
        marker = {"color": theme.COLORS[i], "size": 8, "symbol": _SYMBOLS[i]}
        fig.add_trace(go.Scatter(x=truth, y=np.round(pulls, 3), mode="markers", marker=marker, name=name))
    fig.update_yaxes(range=[-4.2, 4.2])
    return fig


@theme.checked
def information_curves(
    where: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    *,
    x: str,
    y: str,
    alt: str,
    title: str | None = None,
    mark: tuple[float, str] | None = None,
) -> go.Figure:
    """Draw exact information, or a share of it, against a parameter: one curve for each rule.

    Parameters
    ----------
    where : sequence of float
        The parameter.
    curves : mapping of str to sequence of float
        By rule, values of the length of ``where``.
    x, y : str
        Axis labels.
    mark : (float, str), optional
        A value of the parameter to mark, and its label.
    alt, title
        As in :func:`mlrg_lib.figures.theme.figure`.
    """
    dashes = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
    fig = theme.figure(alt=alt, title=title, x=x, y=y, height=460)
    for i, (name, values) in enumerate(curves.items()):
        color = theme.COLORS[i % len(theme.COLORS)]
        fig.add_trace(theme.line(where, np.round(values, 5), name=name, color=color, dash=dashes[i % 6]))
    if mark is not None:
        theme.reference(fig, x=mark[0], text=mark[1])
    fig.update_layout(margin={"b": 130})
    return fig
