"""Figures of principal components: clouds and their axes, spectra, moment flows, couplings."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from . import theme

__all__ = ["cloud", "coupling_flows", "couplings", "images", "moment_flow", "spectra", "spectrum_histogram"]

_FRACTIONS = [1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]


@theme.checked
def cloud(points, eigenvalues, components, *, alt: str, title: str | None = None) -> go.Figure:
    """Draw a cloud of points in the plane, its one-standard-deviation ellipse, its axes, and its shadow on the first.

    Parameters
    ----------
    points : array_like, shape (n, 2)
    eigenvalues : array_like, shape (2,)
        Variances along the components.
    components : array_like, shape (2, 2)
        Orthonormal, one a row.
    alt, title
        As in :func:`mlrg_lib.figures.theme.figure`.
    """
    points = np.asarray(points, dtype=np.float32)
    fig = theme.figure(alt=alt, title=title, x="φ<sub>1</sub>", y="φ<sub>2</sub>", height=540)
    marker = {"size": 4, "opacity": 0.45, "color": theme.COLORS[5]}
    fig.add_trace(go.Scatter(x=points[:, 0], y=points[:, 1], mode="markers", marker=marker, name="samples"))
    shadow = (points @ components[0])[:, None] * components[0]
    marker = {"size": 3, "opacity": 0.6, "color": theme.COLORS[1]}
    fig.add_trace(go.Scatter(x=shadow[:, 0], y=shadow[:, 1], mode="markers", marker=marker, name="kept"))
    angle = np.linspace(0, 2 * np.pi, 73)
    circle = np.stack([np.cos(angle), np.sin(angle)]) * np.sqrt(np.maximum(eigenvalues, 0))[:, None]
    ellipse = (circle.T @ components).astype(np.float32)
    fig.add_trace(theme.line(ellipse[:, 0], ellipse[:, 1], name="1σ", color=theme.COLORS[0]))
    for k, (value, component) in enumerate(zip(eigenvalues, components, strict=True)):
        end = np.sqrt(max(value, 0)) * np.asarray(component, dtype=float)
        name = f"component {k + 1}: variance {value:.2f}"
        fig.add_trace(theme.line([0, end[0]], [0, end[1]], name=name, color=theme.COLORS[(1, 3)[k]], width=4))
    fig.update_xaxes(range=[-3.6, 3.6], constrain="domain")
    fig.update_yaxes(range=[-3.6, 3.6], scaleanchor="x")
    return fig


@theme.checked
def spectrum_histogram(
    eigenvalues, grid, density, *, alt: str, title: str | None = None, n_bins: int = 50, weight: float = 1.0
) -> go.Figure:
    """Draw a histogram of eigenvalues with a predicted density.

    Parameters
    ----------
    eigenvalues : array_like
    grid, density : array_like
        The prediction, normalized to ``weight``.
    alt, title
        As in :func:`mlrg_lib.figures.theme.figure`.
    n_bins : int
    weight : float
        Area under the histogram.
    """
    values = np.asarray(eigenvalues, dtype=float)
    top = 1.15 * max(values.max(), np.max(grid))
    counts, edges = np.histogram(values, bins=np.linspace(0, top, n_bins + 1))
    height = counts * weight / len(values) / np.diff(edges)
    fig = theme.figure(alt=alt, title=title, x="eigenvalue of the sample covariance", y="density")
    middles = 0.5 * (edges[1:] + edges[:-1])
    fig.add_trace(go.Bar(x=middles.round(4), y=height.round(5), name="sample", marker_color=theme.COLORS[5]))
    fig.add_trace(theme.line(np.round(grid, 4), np.round(density, 5), name="prediction", color=theme.COLORS[1]))
    fig.update_layout(bargap=0.02)
    return fig


@theme.checked
def spectra(
    curves: Mapping[str, Sequence], *, alt: str, title: str | None = None, slopes: Mapping[str, tuple] | None = None
) -> go.Figure:
    """Draw rank-ordered variances on logarithmic axes, with lines of given slope.

    Parameters
    ----------
    curves : mapping of str to array_like
        Eigenvalues in decreasing order.
    alt, title
        As in :func:`mlrg_lib.figures.theme.figure`.
    slopes : mapping of str to (rank, value, slope), optional
        Reference power laws through a point.
    """
    fig = theme.figure(alt=alt, title=title, x="rank", y="variance")
    for k, (name, values) in enumerate(curves.items()):
        kept = np.asarray(values, dtype=np.float32)
        kept = kept[kept > 0]
        rank = np.unique(np.geomspace(1, len(kept), 160).astype(int))
        fig.add_trace(theme.line(rank, kept[rank - 1], name=name, color=theme.COLORS[k % 6]))
    for name, (rank, value, slope) in (slopes or {}).items():
        x = np.array([rank / 6, rank * 6])
        fig.add_trace(theme.line(x, value * (x / rank) ** slope, name=name, color=theme.NEUTRAL, dash="dot"))
    fig.update_xaxes(type="log")
    fig.update_yaxes(type="log")
    return fig


@theme.checked
def moment_flow(
    flows: Mapping[str, object],
    nulls: Mapping[str, object] | None = None,
    *,
    alt: str,
    title: str | None = None,
    quartiles: bool = False,
    range_y: tuple[float, float] | None = None,
) -> go.Figure:
    """Draw normalized fourth moments against the fraction of modes kept, fewest modes at the right.

    Parameters
    ----------
    flows : mapping of str to ModeFlow
        Drawn as points with error bars.
    nulls : mapping of str to ModeFlow, optional
        Null models, drawn as lines.
    alt, title
        As in :func:`mlrg_lib.figures.theme.figure`.
    quartiles : bool
        Shade the quartiles over variables of the first flow.
    range_y : (float, float), optional
    """
    labels = {"x": "fraction of modes kept", "y": "⟨φ⁴⟩ / ⟨φ²⟩², median"}
    fig = theme.figure(alt=alt, title=title, **labels, height=460, range_y=range_y)
    first = next(iter(flows.values()))
    if quartiles:
        x = np.concatenate([first.fraction, first.fraction[::-1]])
        y = np.concatenate([first.lower, first.upper[::-1]])
        fill = {"fill": "toself", "fillcolor": "rgba(0,114,178,0.15)", "line": {"width": 0}, "hoverinfo": "skip"}
        fig.add_trace(go.Scatter(x=x.round(4), y=y.round(3), name="quartiles of the variables", **fill))
    for k, (name, flow) in enumerate(flows.items()):
        symbol = ("circle", "square", "diamond", "triangle-up", "x", "star")[k % 6]
        bars = theme.error_bars(
            flow.fraction.round(4), flow.moment.round(3), flow.error.round(3), name=name, color=theme.COLORS[k % 6],
            symbol=symbol,
        )  # fmt: skip
        fig.add_trace(bars)
    for k, (name, flow) in enumerate((nulls or {}).items()):
        dash = ("dot", "dash", "dashdot", "longdash")[k % 4]
        color = theme.COLORS[(1, 2, 3, 4)[k % 4]]
        fig.add_trace(theme.line(flow.fraction.round(4), flow.moment.round(3), name=name, color=color, dash=dash))
    theme.reference(fig, y=3.0, text="Gaussian")
    fig.update_xaxes(type="log", autorange="reversed", tickvals=_FRACTIONS, ticktext=[f"{x:g}" for x in _FRACTIONS])
    return fig


@theme.checked
def coupling_flows(
    theory: Mapping[str, tuple], measured: Mapping[str, tuple], *, alt: str, title: str | None = None,
    fixed_points: Mapping[str, float] | None = None, range_y: tuple[float, float] | None = None,
) -> go.Figure:  # fmt: skip
    """Draw couplings g̃ against t = ln(Λ0/Λ): one-loop curves and measured points.

    Parameters
    ----------
    theory : mapping of str to (scale, coupling)
    measured : mapping of str to (scale, coupling, error)
        In the order of ``theory``; colours agree.
    alt, title
        As in :func:`mlrg_lib.figures.theme.figure`.
    fixed_points : mapping of str to float, optional
        Horizontal reference lines.
    range_y : (float, float), optional
    """
    labels = {"x": "t = ln(Λ<sub>0</sub>/Λ)", "y": "coupling g̃"}
    fig = theme.figure(alt=alt, title=title, **labels, height=460, range_y=range_y)
    for k, (name, (scale, coupling)) in enumerate(theory.items()):
        fig.add_trace(theme.line(np.round(scale, 4), np.round(coupling, 6), name=name, color=theme.COLORS[k % 6]))
    for k, (name, (scale, coupling, error)) in enumerate(measured.items()):
        points = theme.error_bars(
            np.round(scale, 4), np.round(coupling, 6), np.round(error, 6), name=name, color=theme.COLORS[k % 6]
        )
        fig.add_trace(points)
    for name, value in (fixed_points or {}).items():
        theme.reference(fig, y=value, text=name)
    return fig


@theme.checked
def couplings(
    estimates: Mapping[str, object], *, alt: str, title: str | None = None, lines: Mapping[str, float] | None = None,
    range_y: tuple[float, float] | None = None,
) -> go.Figure:  # fmt: skip
    """Draw dimensionless couplings fitted to data against the fraction of modes kept.

    Parameters
    ----------
    estimates : mapping of str to CouplingEstimate
    alt, title
        As in :func:`mlrg_lib.figures.theme.figure`.
    lines : mapping of str to float, optional
        Horizontal reference lines.
    range_y : (float, float), optional
    """
    labels = {"x": "fraction of modes kept", "y": "coupling g̃"}
    fig = theme.figure(alt=alt, title=title, **labels, height=460, range_y=range_y)
    for k, (name, found) in enumerate(estimates.items()):
        symbol = ("circle", "square", "diamond", "triangle-up", "x", "star")[k % 6]
        style = {"name": name, "color": theme.COLORS[k % 6], "symbol": symbol}
        measured = found.dimensionless, found.dimensionless_error
        fig.add_trace(theme.error_bars(found.fraction.round(4), *measured, **style))
    for name, value in (lines or {}).items():
        theme.reference(fig, y=value, text=name)
    fig.update_xaxes(type="log", autorange="reversed", tickvals=_FRACTIONS, ticktext=[f"{x:g}" for x in _FRACTIONS])
    return fig


@theme.checked
def images(
    panels, titles: Sequence[str], *, alt: str, title: str | None = None, height: int = 260, scale="diverging"
) -> go.Figure:
    """Draw square images side by side, each on its own symmetric colour scale.

    Parameters
    ----------
    panels : sequence of array_like, shape (side, side)
    titles : sequence of str
    alt, title, height
        As in :func:`mlrg_lib.figures.theme.figure`.
    scale : {"diverging", "sequential"}
        Colours; the sequential scale runs from each image's least to its largest value.
    """
    heatmaps = []
    for panel in panels:
        values = np.asarray(panel, dtype=np.float32)
        top = float(np.abs(values).max()) or 1.0
        style = {"zmin": -top, "zmax": top, "colorscale": theme.DIVERGING}
        if scale == "sequential":
            style = {"zmin": float(values.min()), "zmax": float(values.max()), "colorscale": theme.SEQUENTIAL}
        heatmaps.append({"z": values.round(3), "hoverinfo": "skip", **style})
    return theme.panels(theme.figure(alt=alt, title=title, height=height), heatmaps, titles, gap=0.03)
