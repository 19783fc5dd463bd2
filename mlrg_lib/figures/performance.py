"""Figures of speed: how the cost grows with the size, from stored measurements."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from . import theme

__all__ = ["ratios", "scaling"]


def scaling(
    curve: Mapping, *, alt: str, title: str | None = None, bounds: tuple[str, ...] = (), log_y: bool = True
) -> go.Figure:
    """Draw one curve of stored measurements: medians with the range of all turns, on a logarithmic axis of sizes.

    Parameters
    ----------
    curve : mapping
        With "x" and "y", the names of the axes, and "series": by name, lists "x", "median", "low" and "high".
    alt, title
        As in :func:`mlrg_lib.figures.theme.figure`.
    bounds : tuple of str
        Series that are limits and not programs: drawn as dashed lines without range.
    log_y : bool
        Logarithmic vertical axis; otherwise it starts at zero.
    """
    fig = theme.figure(alt=alt, title=title, x=curve["x"], y=curve["y"])
    for k, (name, series) in enumerate(curve["series"].items()):
        color = theme.COLORS[k % len(theme.COLORS)]
        if name in bounds:
            fig.add_trace(theme.line(series["x"], series["median"], name=name, color=color, dash="dash"))
            continue
        style = {"marker": {"color": color, "size": 7}, "line": {"color": color, "width": 1.5}}
        x, y, bars = series["x"], series["median"], _range(series["median"], series["low"], series["high"])
        fig.add_scatter(x=x, y=y, error_y=bars, mode="lines+markers", name=name, **style)
    sizes = sorted({x for series in curve["series"].values() for x in series["x"]})
    fig.update_xaxes(type="log", tickvals=sizes, ticktext=[f"{x:g}" for x in sizes])
    if log_y:
        fig.update_yaxes(type="log")
    else:
        fig.update_yaxes(rangemode="tozero")
    return fig


def ratios(rows: Sequence[Mapping], *, alt: str, title: str | None = None) -> go.Figure:
    """Draw how many times the library is ahead of the first peer of each row, with the range.

    Parameters
    ----------
    rows : sequence of mapping
        Stored rows: "work" and "peers", by name, with "ratio" (median, low, high). Rows without a peer are left out,
        and so are yardsticks: the library on one thread, a bare matrix product.
    alt, title
        As in :func:`mlrg_lib.figures.theme.figure`.
    """
    named = ((row, [item for item in row["peers"].items() if not is_yardstick(item[0])]) for row in rows)
    compared = [(row, *peers[0]) for row, peers in named if peers]
    fig = theme.figure(alt=alt, title=title, x="times as fast", height=170 + 38 * len(compared))
    places = list(range(len(compared)))
    values, low, high = ([peer["ratio"][key] for _, _, peer in compared] for key in ("median", "low", "high"))
    bars, marker = _range(values, low, high), {"color": theme.COLORS[0], "size": 8}
    fig.add_scatter(x=values, y=places, error_x=bars, mode="markers", marker=marker, name="measured")
    for place, (row, name, _) in zip(places, compared, strict=True):
        text = f"{row['work']}: {name}"
        style = {"xref": "paper", "x": 0, "xanchor": "left", "y": place, "yshift": 13, "showarrow": False}
        fig.add_annotation(text=text, font={"size": 10}, **style)
    fig.update_xaxes(type="log")
    fig.update_yaxes(range=[len(compared) - 0.5, -1], showticklabels=False, tickvals=places)
    return theme.reference(fig, x=1.0, text="")


def _range(values, low, high) -> dict:
    """Return the bars that reach from ``low`` to ``high``."""
    up = [top - value for top, value in zip(high, values, strict=True)]
    down = [value - bottom for bottom, value in zip(low, values, strict=True)]
    return {"type": "data", "array": up, "arrayminus": down, "thickness": 1.5, "width": 3}


def is_yardstick(name: str) -> bool:
    """Whether this is no other program for the same work: the library itself, or a part of the work alone."""
    return name == "one matrix product" or name.startswith("ours")
