"""Figures of the stack that learns the Ising model: its layers, how blocks grow, who owns which site."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from . import theme
from .machines import add_rows

__all__ = ["architecture", "growth", "rows", "territories"]

_SLANT, _FLAT, _RISE = 0.4, 0.5, 0.8
_BLOCK = "#d55e00"


def _project(x, y, side: int, level: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where the point (x, y) of a lattice of this side lies on the page, as part of layer ``level``."""
    x, y = np.asarray(x) / side - 0.5, np.asarray(y) / side - 0.5
    return x + _SLANT * y, _FLAT * y + _RISE * level


def _square(left, low, width, side, level) -> tuple[list, list]:
    x, y = _project(
        [left, left + width, left + width, left, left], [low, low, low + width, low + width, low], side, level
    )
    return x.tolist(), y.tolist()


@theme.checked
def architecture(widths: Sequence[int], *, alt: str, title: str | None = None, height: int = 470) -> go.Figure:
    """Draw a stack of square layers, and the block of each layer that one unit at the top would look at.

    Parameters
    ----------
    widths : sequence of int
        Units of each layer, bottom to top; squares of integers that divide each other.
    """
    sides = [round(np.sqrt(width)) for width in widths]
    fig = theme.figure(alt=alt, title=title, height=height)
    still = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    corners = []
    for level, side in enumerate(sides):
        xs, ys = [], []
        for k in range(side + 1):
            for line in (([k, k], [0, side]), ([0, side], [k, k])):
                x, y = _project(*line, side, level)
                xs += [*np.round(x, 4).tolist(), None]
                ys += [*np.round(y, 4).tolist(), None]
        fig.add_scatter(x=xs, y=ys, line={"color": theme.COLORS[5], "width": max(0.4, 8 / (side + 3))}, **still)
        width = side // sides[-1]
        x, y = _square(2 * width, 2 * width, width, side, level)
        fig.add_scatter(x=x, y=y, fill="toself", fillcolor=_BLOCK, line={"color": _BLOCK}, **still)
        corners.append((x, y))
        name = "spins" if level == 0 else f"layer {level}"
        place = {"x": 0.55, "y": _RISE * level - 0.1, "xanchor": "left"}
        fig.add_annotation(text=f"{name}: {side} × {side}", showarrow=False, **place)
    dotted = {"color": theme.NEUTRAL, "width": 1, "dash": "dot"}
    for (x, y), (above_x, above_y) in pairwise(corners):
        for k in range(4):
            fig.add_scatter(x=[x[k], above_x[k]], y=[y[k], above_y[k]], line=dotted, **still)
    fig.update_xaxes(visible=False, range=[-0.75, 1.3])
    fig.update_yaxes(visible=False)
    return fig


@theme.checked
def growth(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    sites: Sequence[float],
    *,
    alt: str,
    y: str,
    title: str | None = None,
    law: tuple[Sequence[float], str] | None = None,
) -> go.Figure:
    """Draw a measure of each layer's fields with error bars against the number of sites per unit, on log scales.

    Parameters
    ----------
    series : mapping from names to (values, errors)
    sites : sequence of float
        Visible sites per hidden unit of each layer.
    law : (values, name), optional
        A curve to compare with.
    """
    fig = theme.figure(alt=alt, title=title, x="sites per hidden unit", y=y)
    if law is not None:
        fig.add_trace(theme.line(sites, law[0], name=law[1], color=theme.NEUTRAL, dash="dash"))
    symbols = ("circle", "square", "diamond", "cross", "x", "triangle-up")
    for k, (name, (values, errors)) in enumerate(series.items()):
        shift = 1.0 + 0.03 * (k - (len(series) - 1) / 2)
        color, symbol = theme.COLORS[k % len(theme.COLORS)], symbols[k % len(symbols)]
        x = np.asarray(sites) * shift
        fig.add_trace(theme.error_bars(x, values, errors, name=name, color=color, symbol=symbol))
    fig.update_xaxes(type="log", tickvals=list(sites), ticktext=[f"{n:g}" for n in sites])
    ticks = [factor * 10.0**power for power in range(-1, 4) for factor in (1, 2, 5)]
    fig.update_yaxes(type="log", tickvals=ticks, ticktext=[f"{n:g}" for n in ticks])
    return fig


@theme.checked
def rows(
    series: Mapping[str, np.ndarray], *, count: int, alt: str, title: str | None = None, height: int = 460
) -> go.Figure:
    """Draw a row of receptive fields for each name, every field on its own scale.

    Parameters
    ----------
    series : mapping from names to weights, shape (side*side, n_hidden)
        The first ``count`` columns are drawn, as −W with the largest weight positive.
    """
    images = []
    for weights in series.values():
        kept = np.asarray(weights, dtype=np.float64)[:, :count].T
        largest = kept[np.arange(len(kept)), np.abs(kept).argmax(axis=1)]
        side = round(np.sqrt(kept.shape[1]))
        images.append((kept / np.where(largest == 0, 1, largest)[:, None]).reshape(-1, side, side))
    fig = theme.figure(alt=alt, title=title, height=height)
    return add_rows(fig, dict(zip(series, images, strict=True)), count, theme.DIVERGING)


@theme.checked
def territories(weights, *, alt: str, title: str | None = None, height: int = 460) -> go.Figure:
    """Colour every site by the hidden unit that weighs it most.

    Parameters
    ----------
    weights : array_like, shape (side*side, n_hidden)
        At most 127 receptive fields.
    """
    weights = np.abs(np.asarray(weights, dtype=np.float64))
    side, n = round(np.sqrt(len(weights))), weights.shape[1]
    owner = weights.argmax(axis=1).reshape(side, side)
    shades = _shades(owner, n)
    fig = theme.figure(alt=alt, title=title, height=height)
    top = len(theme.COLORS) - 1
    colors = [[k / top, color] for k, color in enumerate(theme.COLORS)]
    style = {"zmin": 0, "zmax": top, "colorscale": colors, "showscale": False, "xgap": 1, "ygap": 1}
    style["hovertemplate"] = "row %{y}, column %{x}: unit %{customdata}<extra></extra>"
    fig.add_heatmap(z=shades[owner].astype(np.int8), customdata=(owner + 1).astype(np.int8), **style)
    return theme.image_axes(fig)


def _shades(owner, n: int) -> np.ndarray:
    """Return a colour number for each unit, different for territories that touch as far as there are colours."""
    touching = np.zeros((n, n), dtype=np.int64)
    for axis in (0, 1):
        np.add.at(touching, (owner.ravel(), np.roll(owner, 1, axis=axis).ravel()), 1)
    touching = touching + touching.T
    np.fill_diagonal(touching, 0)
    shade = np.full(n, -1)
    for unit in np.argsort(-touching.sum(axis=1), kind="stable"):
        cost = np.zeros(len(theme.COLORS))
        for other in np.flatnonzero((touching[unit] > 0) & (shade >= 0)):
            cost[shade[other]] += touching[unit, other]
        shade[unit] = int(cost.argmin())
    return shade
