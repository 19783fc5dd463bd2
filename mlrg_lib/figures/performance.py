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
        up = [high - middle for high, middle in zip(series["high"], series["median"], strict=True)]
        down = [middle - low for low, middle in zip(series["low"], series["median"], strict=True)]
        bars = {"type": "data", "array": up, "arrayminus": down, "thickness": 1.5, "width": 3}
        style = {"marker": {"color": color, "size": 7}, "line": {"color": color, "width": 1.5}}
        x, y = series["x"], series["median"]
        fig.add_trace(go.Scatter(x=x, y=y, error_y=bars, mode="lines+markers", name=name, **style))
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
    spreads = [peer["ratio"] for _, _, peer in compared]
    values = [ratio["median"] for ratio in spreads]
    bars = {
        "type": "data",
        "array": [ratio["high"] - ratio["median"] for ratio in spreads],
        "arrayminus": [ratio["median"] - ratio["low"] for ratio in spreads],
        "thickness": 1.5,
        "width": 3,
    }
    marker = {"color": theme.COLORS[0], "size": 8}
    fig.add_trace(go.Scatter(x=values, y=places, error_x=bars, mode="markers", marker=marker, name="measured"))
    for place, (row, name, _) in zip(places, compared, strict=True):
        text = f"{row['work']}: {name}"
        style = {"xref": "paper", "x": 0, "xanchor": "left", "y": place, "yshift": 13, "showarrow": False}
        fig.add_annotation(text=text, font={"size": 10}, **style)
    fig.update_xaxes(type="log")
    fig.update_yaxes(range=[len(compared) - 0.5, -1], showticklabels=False, tickvals=places)
    return theme.reference(fig, x=1.0, text="")


def is_yardstick(name: str) -> bool:
    """Whether this is no other program for the same work: the library itself, or a part of the work alone."""
    return name == "one matrix product" or name.startswith("ours")
