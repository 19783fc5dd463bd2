"""Figures of variational maps: the trace and its two criteria, one Hamiltonian against another, sets of maps."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from . import theme

__all__ = ["mapping_panels", "sets", "trace_criteria"]

_DIAGONAL = "rgba(128,136,144,0.9)"


@theme.checked
def trace_criteria(
    log_trace,
    probability,
    *,
    log_mean: float,
    mean_log: float,
    scan: Mapping[str, np.ndarray],
    at: float,
    alt: str,
    title: str | None = None,
) -> go.Figure:
    """Draw the distribution of ln Tr exp(T) over the data, above the two criteria as functions of a parameter.

    Parameters
    ----------
    log_trace, probability : array_like, shape (n_states,)
        ln Tr_h exp(T) of every visible state, and the state's probability.
    log_mean, mean_log : float
        ln⟨Tr⟩, which is −ΔF, and ⟨ln Tr⟩. Their distance is the Kullback-Leibler divergence.
    scan : mapping with "parameter", "free_energy_error" and "divergence", arrays of one shape
        Both criteria along the parameter.
    at : float
        The parameter's value drawn above.
    """
    values, inverse = np.unique(np.round(log_trace, 6), return_inverse=True)
    weights = np.bincount(inverse, np.asarray(probability))
    fig = theme.figure(alt=alt, title=title, height=620)
    kept = weights > 1e-4
    bars = {"color": theme.COLORS[5]}
    drawn = np.stack([values, weights])[:, kept].astype(np.float32)  # single precision halves what the page weighs
    fig.add_trace(go.Bar(x=drawn[0], y=drawn[1], marker=bars, width=0.03, name="probability"))
    for x, name, color, dash in (
        (log_mean, "ln⟨Tr⟩ = −ΔF", theme.COLORS[1], "solid"),
        (mean_log, "⟨ln Tr⟩", theme.COLORS[0], "dash"),
    ):
        fig.add_trace(theme.line([x, x], [0, 0.55], name=name, color=color, dash=dash, width=3))
    grid = scan["parameter"]
    lower = {"xaxis": "x2", "yaxis": "y2"}
    for key, name, color, here in (
        ("free_energy_error", "|ΔF|", theme.COLORS[1], abs(log_mean)),
        ("divergence", "divergence", theme.COLORS[2], log_mean - mean_log),
    ):
        fig.add_trace(theme.line(grid, np.abs(scan[key]), name=name, color=color, **lower))
        point = {"color": color, "size": 11}
        fig.add_trace(go.Scatter(x=[at], y=[here], mode="markers", marker=point, showlegend=False, **lower))
    fig.update_layout(
        xaxis={"title": "ln Tr<sub>h</sub> e<sup>T</sup>", "range": [-1.6, 2.2], "anchor": "y"},
        yaxis={"title": "probability", "domain": [0.6, 1.0], "range": [0, 0.55]},
        xaxis2={"title": "normaliser λ", "anchor": "y2", "range": [float(grid[0]), float(grid[-1])]},
        yaxis2={"title": "k<sub>B</sub>T, or nats", "domain": [0.0, 0.42], "type": "log", "range": [-3.2, 0.6]},
        legend={"y": 1.02, "font": {"size": 12}},
        bargap=0,
        margin={"t": 30},
    )
    fig.update_yaxes(dtick=1, selector={"type": "log"})
    return fig


@theme.checked
def mapping_panels(
    renormalized, hidden, data, model, *, alt: str, title: str | None = None, limits: tuple[float, float]
) -> go.Figure:
    """Draw eq. 9 against eq. 4 for every hidden state, above the model's against the data's probabilities.

    Parameters
    ----------
    renormalized, hidden : array_like, shape (n_hidden_states,)
        H' of eq. 9 and H_h of eq. 4.
    data, model : array_like, shape (n_visible_states,)
        Probabilities of visible states.
    limits : tuple of float
        Range of both probability axes, as powers of ten.
    """
    fig = theme.figure(alt=alt, title=title, height=700)
    low, high = float(min(np.min(hidden), np.min(renormalized))), float(max(np.max(hidden), np.max(renormalized)))
    margin = 0.06 * (high - low) + 1e-9
    ends = [low - margin, high + margin]
    marker = {"size": 8, "color": theme.COLORS[0], "opacity": 0.75}
    fig.add_trace(go.Scatter(x=hidden, y=renormalized, mode="markers", marker=marker, name="hidden states"))
    diagonal = {"color": _DIAGONAL, "dash": "dash", "width": 1.5}
    fig.add_trace(theme.line(ends, ends, name="equal", **diagonal))
    lower = {"xaxis": "x2", "yaxis": "y2"}
    marker = {"size": 6, "color": theme.COLORS[1], "opacity": 0.6}
    fig.add_trace(go.Scatter(x=data, y=model, mode="markers", marker=marker, name="visible states", **lower))
    ends = [10.0 ** limits[0], 10.0 ** limits[1]]
    fig.add_trace(theme.line(ends, ends, name="equal", **diagonal, showlegend=False, **lower))
    log = {"type": "log", "range": list(limits), "dtick": 1, "exponentformat": "power"}
    fig.update_layout(
        xaxis={"title": "H<sub>h</sub> of eq. (4)", "anchor": "y"},
        yaxis={"title": "H′ of eq. (9)", "domain": [0.58, 1.0]},
        xaxis2={"title": "probability in the data", "anchor": "y2", **log},
        yaxis2={"title": "in the machine", "domain": [0.0, 0.42], **log},
        legend={"font": {"size": 12}},
    )
    return fig


_CENTRES = ((-0.62, 0.42), (0.62, 0.42), (0.0, -0.62))
_PLACES = {
    (True, False, False): (-1.15, 0.75),
    (False, True, False): (1.15, 0.75),
    (False, False, True): (0.0, -1.25),
    (True, True, False): (0.0, 0.85),
    (True, False, True): (-0.62, -0.3),
    (False, True, True): (0.62, -0.3),
    (True, True, True): (0.0, 0.05),
    (False, False, False): (-1.4, -1.3),
}


@theme.checked
def sets(
    names: Sequence[str],
    members: Sequence[tuple[str, tuple[bool, bool, bool], str]],
    *,
    everything: str,
    alt: str,
    title: str | None = None,
) -> go.Figure:
    """Draw three overlapping sets with one numbered example in each region.

    Parameters
    ----------
    names : sequence of 3 str
        Names of the sets: upper left, upper right, below.
    members : sequence of (name, membership, detail)
        Examples in the order of their numbers; ``membership`` says for each set whether the example is in it,
        ``detail`` is shown when the reader points at it.
    everything : str
        Name of the set that contains all.
    """
    fig = theme.figure(alt=alt, title=title, height=460)
    for (x, y), color in zip(_CENTRES, theme.COLORS, strict=False):
        circle = {"type": "circle", "x0": x - 1, "x1": x + 1, "y0": y - 1, "y1": y + 1, "layer": "below"}
        fig.add_shape(**circle, fillcolor=color, opacity=0.22, line={"width": 0})
        fig.add_shape(**circle, line={"color": color, "width": 2})
    frame = {"type": "rect", "x0": -1.85, "x1": 1.85, "y0": -1.85, "y1": 1.75, "layer": "below"}
    fig.add_shape(**frame, line={"color": _DIAGONAL, "width": 1})
    labels = (*names, everything)
    for text, (x, y) in zip(labels, ((-1.0, 1.55), (1.0, 1.55), (0.0, -1.72), (1.3, -1.3)), strict=True):
        fig.add_annotation(x=x, y=y, text=text, showarrow=False, font={"size": 14})
    places = np.array([_PLACES[membership] for _, membership, _ in members])
    numbers, told = [str(k + 1) for k in range(len(members))], [[name, detail] for name, _, detail in members]
    style = {"marker": {"size": 28, "color": "#0b3c5d"}, "textfont": {"color": "#ffffff", "size": 14}}
    style |= {"hovertemplate": "%{customdata[0]}<br>%{customdata[1]}<extra></extra>", "showlegend": False}
    fig.add_scatter(x=places[:, 0], y=places[:, 1], mode="markers+text", text=numbers, customdata=told, **style)
    hidden = {"visible": False, "fixedrange": True}
    fig.update_layout(
        xaxis={**hidden, "range": [-1.9, 1.9], "constrain": "domain"},
        yaxis={**hidden, "range": [-1.9, 1.8], "scaleanchor": "x", "constrain": "domain"},
        margin={"l": 5, "r": 5, "t": 10, "b": 5},
    )
    return fig
