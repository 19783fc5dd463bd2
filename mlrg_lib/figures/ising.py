"""Figures of lattices: configurations, thermodynamics against exact curves, correlations, chains and their errors."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from . import theme

__all__ = ["configurations", "correlations", "curves", "series", "z_histogram"]


@theme.checked
def configurations(spins, titles: Sequence[str], *, alt: str, title: str | None = None, height: int = 340) -> go.Figure:
    """Draw ±1 lattices side by side.

    Parameters
    ----------
    spins : array_like, shape (n, L, L) or a sequence of n square arrays
        Spins ±1; the sizes may differ, as under block spins.
    titles : sequence of n str
    alt, title, height
        As in :func:`mlrg_lib.figures.theme.figure`.
    """
    fig = theme.figure(alt=alt, title=title, height=height)
    style = {"colorscale": theme.SPINS, "zmin": -1, "zmax": 1, "hoverinfo": "skip"}
    lattices = [{"z": np.asarray(lattice, dtype=np.int8), **style} for lattice in spins]
    return theme.panels(fig, lattices, titles)


@theme.checked
def curves(
    exact: Mapping[str, tuple],
    measured: Mapping[str, tuple],
    *,
    alt: str,
    x: str,
    y: str,
    title: str | None = None,
    at: tuple[float, str] | None = None,
    height: int = 420,
) -> go.Figure:
    """Draw exact curves as lines and measurements as points with error bars.

    Parameters
    ----------
    exact : mapping of name to (x, y)
        Every line.
    measured : mapping of name to (x, y, error)
        Every set of points; a set that shares its name's position with a line shares its colour.
    at : (x, text), optional
        A vertical reference line.
    """
    fig = theme.figure(alt=alt, title=title, x=x, y=y, height=height)
    for color, (name, (xs, ys)) in zip(theme.COLORS, exact.items(), strict=False):
        fig.add_trace(theme.line(xs, ys, name=name, color=color))
    for color, (name, (xs, ys, error)) in zip(theme.COLORS, measured.items(), strict=False):
        fig.add_trace(theme.error_bars(xs, ys, error, name=name, color=color))
    if at is not None:
        theme.reference(fig, x=at[0], text=at[1])
    return fig


@theme.checked
def correlations(distance, values, errors, decay, *, alt: str, title: str) -> go.Figure:
    """Draw a measured correlation function on a logarithmic axis with its exact large-distance form.

    Parameters
    ----------
    distance, values, errors : array_like, shape (n,)
        The correlation function along an axis and its standard errors.
    decay : array_like, shape (n,)
        The exact asymptotic form, with its constant fitted.
    """
    fig = theme.figure(alt=alt, title=title, x="distance r", y="correlation C(r)")
    distance, values, errors = (np.asarray(a, dtype=float) for a in (distance, values, errors))
    theme.same_length(distance=distance, values=values, errors=errors)
    seen = values > 2 * errors
    fig.add_trace(theme.error_bars(distance[seen], values[seen], errors[seen], name="measured"))
    name = "exact decay, one constant fitted"
    fig.add_trace(theme.line(distance, decay, name=name, color=theme.COLORS[1], dash="dash"))
    fig.update_yaxes(type="log", range=[-3.2, 0.1], dtick=1)
    return fig


@theme.checked
def series(
    runs: Mapping[str, np.ndarray], *, alt: str, x: str, y: str, title: str | None = None, height: int = 420
) -> go.Figure:
    """Draw time series one above the other in one pair of axes."""
    fig = theme.figure(alt=alt, title=title, x=x, y=y, height=height)
    for color, (name, values) in zip(theme.COLORS, runs.items(), strict=False):
        values = np.asarray(values, dtype=np.float32)
        fig.add_trace(theme.line(np.arange(len(values)), values, name=name, color=color, width=1.5))
    return fig


@theme.checked
def z_histogram(scores: Mapping[str, np.ndarray], *, alt: str, title: str) -> go.Figure:
    """Draw histograms of z-scores over the standard normal density they should follow."""
    fig = theme.figure(alt=alt, title=title, x="z = (mean − exact) / claimed error", y="density")
    edges = np.linspace(-12, 12, 49)
    centres = 0.5 * (edges[1:] + edges[:-1])
    for color, (name, values) in zip(theme.COLORS, scores.items(), strict=False):
        density = np.histogram(np.clip(values, -11.9, 11.9), bins=edges, density=True)[0]
        fig.add_trace(go.Bar(x=centres, y=density, name=name, marker={"color": color}, opacity=0.6, width=0.5))
    normal = np.exp(-(centres**2) / 2) / np.sqrt(2 * np.pi)
    fig.add_trace(theme.line(centres, normal, name="standard normal", color=theme.COLORS[4]))
    fig.update_layout(barmode="overlay")
    return fig
