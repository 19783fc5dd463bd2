"""Figures of machines: receptive fields as mosaics, training curves, data beside reconstructions."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from . import theme

__all__ = ["mosaic", "receptive_fields", "side_by_side", "training"]


_GAP = -128  # images are int8: -127 to 127 is the scale, this is the gap between them


def _scale(colorscale) -> dict:
    """Return how a mosaic is coloured: a scale over -128..127 whose lowest value is the colour of the gaps."""
    edge = 0.5 / 255
    colors = [[0.0, "#9aa1a8"], [edge, "#9aa1a8"], *([edge + x * (1 - edge), color] for x, color in colorscale)]
    return {"zmin": -128, "zmax": 127, "colorscale": colors, "hoverinfo": "skip"}


@theme.checked
def mosaic(images, *, columns: int | None = None, pad: int = 1) -> np.ndarray:
    """Tile square images with values in [-1, 1] into one int8 image of the scale -127 to 127, -128 between them.

    Parameters
    ----------
    images : ndarray, shape (n, L, L)
    columns : int, optional
        Images in a row; near-square by default.
    pad : int
        Width of the gaps in pixels.

    Returns
    -------
    ndarray of int8, shape (rows*(L+pad)-pad, columns*(L+pad)-pad)

    Examples
    --------
    >>> mosaic(np.ones((3, 2, 2)), columns=2).shape
    (5, 5)
    """
    images = np.round(np.asarray(images) * 127).astype(np.int8)
    n, side = len(images), images.shape[1]
    columns = columns or int(np.ceil(np.sqrt(n)))
    rows = -(-n // columns)
    out = np.full((rows * (side + pad) - pad, columns * (side + pad) - pad), _GAP, dtype=np.int8)
    for k, image in enumerate(images):
        top, left = (side + pad) * (k // columns), (side + pad) * (k % columns)
        out[top : top + side, left : left + side] = image
    return out


@theme.checked
def receptive_fields(
    weights,
    *,
    side: int | None = None,
    count: int = 36,
    columns: int | None = None,
    alt: str,
    title: str | None = None,
    height: int = 520,
) -> go.Figure:
    """Draw receptive fields as a mosaic of images on one colour scale.

    Parameters
    ----------
    weights : array_like, shape (n_visible, n_hidden)
        One column per hidden unit. Drawn as −W: with E = … + v·W·h, a negative weight aligns the two units.
        Each field's free overall sign is set so that its largest weight is positive.
    side : int, optional
        Side of the square lattice; the root of n_visible by default.
    count : int
        Units shown, those with the largest norm first.
    """
    weights = np.asarray(weights, dtype=np.float64)
    side = side or round(np.sqrt(weights.shape[0]))
    order = np.argsort(-np.linalg.norm(weights, axis=0), kind="stable")[:count]
    fields = -weights[:, order].T.reshape(-1, side, side)
    flat = fields.reshape(len(fields), -1)
    signs = np.sign(flat[np.arange(len(flat)), np.abs(flat).argmax(axis=1)])
    fields = fields * np.where(signs == 0, 1, signs)[:, None, None]
    scale = float(np.abs(fields).max()) or 1.0
    fig = theme.figure(alt=alt, title=title, height=height)
    ticks = {"tickvals": [-127, 0, 127], "ticktext": [f"{-scale:.2g}", "0", f"{scale:.2g}"]}
    heading = {"text": "−W", "side": "right"}  # above, it would lie on the first number in some fonts
    colorbar = {"title": heading, **ticks, "thickness": 12}
    fig.add_heatmap(z=mosaic(fields / scale, columns=columns), **_scale(theme.DIVERGING), colorbar=colorbar)
    return theme.image_axes(fig)


@theme.checked
def training(
    curves: Mapping[str, Sequence[float]],
    *,
    alt: str,
    y: str,
    title: str | None = None,
    bound: tuple[float, str] | None = None,
):
    """Draw one curve per run against the epoch, with an optional exact bound as a reference line."""
    fig = theme.figure(alt=alt, title=title, x="epoch", y=y)
    for color, (name, values) in zip(theme.COLORS, curves.items(), strict=False):
        epochs = np.arange(1, len(values) + 1)
        fig.add_trace(theme.line(epochs, np.asarray(values, dtype=np.float64), name=name, color=color))
    if bound is not None:
        theme.reference(fig, y=bound[0], text=bound[1])
    return fig


@theme.checked
def side_by_side(rows: Mapping[str, np.ndarray], *, alt: str, title: str | None = None, height: int = 420) -> go.Figure:
    """Draw rows of images, one row per name, each (n, L, L) with the same n: data above reconstructions, say."""
    fig = theme.figure(alt=alt, title=title, height=height)
    return add_rows(fig, rows, len(next(iter(rows.values()))), theme.SPINS)


def add_rows(fig: go.Figure, rows: Mapping[str, np.ndarray], count: int, colorscale: list) -> go.Figure:
    """Put rows of ``count`` images (count, side, side) below each other, each with its name, and return the figure."""
    side = next(iter(rows.values())).shape[1]
    pad = max(1, side // 12)
    image = mosaic(np.concatenate(list(rows.values())), columns=count, pad=pad)
    fig.add_heatmap(z=image, **_scale(colorscale), showscale=False)
    for k, name in enumerate(rows):
        place = {"x": -0.01, "xref": "paper", "y": k * (side + pad) + side / 2, "yref": "y", "xanchor": "right"}
        fig.add_annotation(text=name, textangle=-90, showarrow=False, **place)
    return theme.image_axes(fig)
