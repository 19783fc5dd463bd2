"""Figures of the discussion: spectra over many decades, a fading walker, errors and entropies."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from . import theme

__all__ = ["curves", "spectra", "walker"]


@theme.checked
def spectra(
    columns: Mapping[str, Sequence[float]], *, alt: str, title: str | None = None, y: str = "eigenvalue", low: int = -24
) -> go.Figure:
    """Draw eigenvalues as level diagrams, one column each, on a logarithmic axis.

    Parameters
    ----------
    columns : mapping of str to sequence of float
        Positive eigenvalues; each column is divided by its largest.
    alt, title, y : str
        As in :func:`mlrg_lib.figures.theme.figure`.
    low : int
        The lower end of the axis, as a power of ten.
    """
    fig = theme.figure(alt=alt, title=title, y=f"{y} / largest", height=460)
    for k, (name, values) in enumerate(columns.items()):
        values = np.asarray(values, dtype=float) / np.max(values)
        values = values[values > 10.0**low]
        x, levels = [], []
        for value in values:
            x += [k - 0.36, k + 0.36, None]
            levels += [float(f"{value:.4g}")] * 2 + [None]
        color = theme.COLORS[k % len(theme.COLORS)]
        fig.add_trace(theme.line(x, levels, name=name, color=color, width=2.5, showlegend=False))
    names = [name.replace(" ", "<br>") for name in columns]
    fig.update_xaxes(tickvals=list(range(len(names))), ticktext=names, range=[-0.6, len(names) - 0.4])
    fig.update_yaxes(type="log", range=[low, 0.6], exponentformat="power", dtick=4, showgrid=True)
    return fig


@theme.checked
def walker(positions, density, eigenvalues, *, alt: str, title: str | None = None) -> go.Figure:
    """Draw where a walker is, above the eigenvalues of the information about its hops.

    Parameters
    ----------
    positions, density : array_like, shape (n,)
        Position and its probability.
    eigenvalues : array_like, shape (m,)
        Decreasing; drawn per step squared, so that the largest stays where it is.
    alt, title : str
        As in :func:`mlrg_lib.figures.theme.figure`.
    """
    fig = theme.figure(alt=alt, title=title, height=560)
    positions, density = np.asarray(positions), np.asarray(density)
    kept = density > 1e-4 * density.max()
    x, p = positions[kept], density[kept]
    if len(x) > 161:
        step = -(-len(x) // 160)
        x, p = x[::step], p[::step]
    fig.add_trace(theme.line(x, [float(f"{v:.4g}") for v in p], name="density", showlegend=False))
    values = np.asarray(eigenvalues, dtype=float)
    levels = {"x": list(range(len(values))), "y": [float(f"{v:.4g}") for v in values]}
    marker = {"symbol": "line-ew", "size": 26, "line": {"width": 3, "color": theme.COLORS[1]}}
    lower = {"xaxis": "x2", "yaxis": "y2", "showlegend": False}
    fig.add_scatter(**levels, mode="markers", marker=marker, name="eigenvalues", **lower)
    log = {"type": "log", "range": [-25, 2], "dtick": 5, "exponentformat": "power"}
    fig.update_layout(
        xaxis={"title": "position", "anchor": "y"},
        yaxis={"title": "density", "domain": [0.62, 1.0], "rangemode": "tozero", "nticks": 4},
        xaxis2={"title": "n", "anchor": "y2", "dtick": 1, "range": [-0.6, len(values) - 0.4]},
        yaxis2={"title": "eigenvalue / t²", "domain": [0.0, 0.42], **log},
    )
    return fig


@theme.checked
def curves(
    series: Mapping[str, tuple],
    *,
    alt: str,
    x: str,
    y: str,
    title: str | None = None,
    log_x: bool = False,
    log_y: bool = False,
    range_x: tuple[float, float] | None = None,
    range_y: tuple[float, float] | None = None,
    markers: bool = False,
    height: int = 420,
) -> go.Figure:
    """Draw exact curves as lines and measurements as points with error bars.

    Parameters
    ----------
    series : mapping of str to (x, y) or (x, y, error)
        Two arrays make a line, three make points. A name that starts with "–" is dashed.
    alt, title, x, y : str
        As in :func:`mlrg_lib.figures.theme.figure`.
    log_x, log_y : bool
        Logarithmic axes.
    range_x, range_y : (float, float), optional
        Ends of the axes; powers of ten if logarithmic.
    markers : bool
        Put a marker on each point of the lines.
    height : int
        In pixels.
    """
    fig = theme.figure(alt=alt, title=title, x=x, y=y, height=height)
    for k, (name, data) in enumerate(series.items()):
        color = theme.COLORS[k % len(theme.COLORS)]
        short = [[float(f"{v:.5g}") for v in np.asarray(values, dtype=float)] for values in data]
        if len(short) == 3:
            fig.add_trace(theme.error_bars(*short, name=name, color=color))
            continue
        dash = "dash" if name.startswith("–") else "solid"
        trace = theme.line(*short, name=name.lstrip("– "), color=color, dash=dash)
        if markers and dash == "solid":
            trace.update(mode="lines+markers", marker={"size": 7, "color": color})
        fig.add_trace(trace)
    axes = (fig.update_xaxes, log_x, range_x), (fig.update_yaxes, log_y, range_y)
    for k, (axis, log, ends) in enumerate(axes):
        if log:
            axis(type="log", exponentformat="power")
            values = np.concatenate([np.asarray(data[k], dtype=float) for data in series.values()])
            decades = np.ptp(ends) if ends else np.log10(values.max() / values.min())
            if 1 < decades < 7:  # label powers of ten only
                axis(dtick=1)
        if ends is not None:
            axis(range=list(ends))
    return fig
