"""What the still pictures show, computed by the library while the page is built."""

import base64
import struct
import zlib

import numpy as np

from .._kernels.page import ellipse, kadanoff, small_rbm
from ..figures.theme import DIVERGING
from ..ising import sample
from ..rg import momentum_shell, pca
from . import _modes
from ._figures import RATES

__all__ = ["PICTURES"]

_BATCH = 64
_UP, _DOWN = (11, 60, 93), (243, 233, 210)


def png(pixels: np.ndarray) -> str:
    """Return the data URL of an image; ``pixels`` uint8 (height, width, 3)."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


def lattice(*, temperature: float, **_) -> str:
    """Draw one lattice."""
    spins = sample(128, 1 / temperature, 1, algorithm="swendsen_wang", burn_in=100, thin=1, rng=2)[0]
    return png(np.where((spins > 0)[..., None], np.array(_UP, np.uint8), np.array(_DOWN, np.uint8)))


def receptive_fields(*, temperature: float, hidden: int, l1: float, rate: int, n_updates: int = 800) -> str:
    """Return the picture, uint8 (height, width, 3), of a small machine's fields after ``n_updates`` of CD-1."""
    L = 16
    rng = np.random.default_rng(3)
    lattices = sample(L, 1 / temperature, 4096, rng=rng).reshape(-1, L * L).astype(np.float32)
    matrix = rng.normal(0, 0.01, (L * L + 1, hidden)).astype(np.float32)
    matrix[-1] = 0
    parameters = matrix, np.zeros(L * L, np.float32)
    velocities, gradients = ([np.zeros_like(part) for part in parameters] for _ in range(2))
    shapes = (hidden, L * L), (L * L, _BATCH), (hidden, _BATCH), (hidden, _BATCH)
    work = tuple(np.empty(shape, np.float32) for shape in shapes)
    zero, numbers = np.zeros(_BATCH, np.float32), [np.float32(x) for x in (RATES[rate], 0.0, l1)]
    for call in range(n_updates):
        signs = rng.choice([-1, 1], (_BATCH, 1)).astype(np.float32)
        batch = np.ascontiguousarray((signs * lattices[rng.integers(0, len(lattices), _BATCH)]).T)
        small_rbm.cd_update(
            parameters, tuple(velocities), tuple(gradients), work, batch, zero,
            np.uint64(1), np.uint64(2 * call), 1, *numbers,
        )  # fmt: skip
    fields = matrix[:-1].T.reshape(hidden, L, L)
    strongest = np.take_along_axis(fields.reshape(hidden, -1), np.abs(fields).reshape(hidden, -1).argmax(1)[:, None], 1)
    return png(tiles(fields * np.sign(strongest)[:, :, None]))


def tiles(fields: np.ndarray) -> np.ndarray:
    """Return a picture of square fields (n, L, L) in a square of tiles, colours symmetric about zero."""
    n, L, _ = fields.shape
    columns = int(np.ceil(np.sqrt(n)))
    grid = np.full((-(-n // columns) * (L + 1) - 1, columns * (L + 1) - 1), np.nan)
    for k, field in enumerate(fields):
        top, left = (L + 1) * (k // columns), (L + 1) * (k % columns)
        grid[top : top + L, left : left + L] = field
    return np.where(np.isnan(grid)[..., None], np.uint8(255), diverging(grid / np.nanmax(np.abs(grid))))


def diverging(values: np.ndarray) -> np.ndarray:
    """Return the colours, uint8 (..., 3), of values in [-1, 1] on the book's diverging scale."""
    stops = np.array([at for at, _ in DIVERGING])
    colours = np.array([[int(text[k : k + 2], 16) for k in (1, 3, 5)] for _, text in DIVERGING])
    at = (np.nan_to_num(values) + 1) / 2
    return np.stack([np.interp(at, stops, colours[:, k]) for k in range(3)], axis=-1).round().astype(np.uint8)


def drawing(x: tuple[float, float], y: tuple[float, float], curves, dots=(), labels=("", "")) -> str:
    """Return the data URL of a plain diagram: ``curves`` of (x values, y values), and ``dots`` (x, y)."""
    width, height, edge = 480, 360, 40

    def place(values, low, high, start, stop):
        return start + (np.asarray(values) - low) / (high - low) * (stop - start)

    parts = [f'<rect x="{edge}" y="10" width="{width - edge - 10}" height="{height - edge - 10}" stroke="#808890"/>']
    for xs, ys in curves:
        points = np.column_stack([place(xs, *x, edge, width - 10), place(ys, *y, height - edge, 10)])
        inside = points[(points[:, 1] >= 10) & (points[:, 1] <= height - edge) & (points[:, 0] >= edge)]
        inside = inside[inside[:, 0] <= width - 10]
        if len(inside) > 1:
            text = " ".join(f"{a:.1f},{b:.1f}" for a, b in inside)
            parts.append(f'<polyline points="{text}" stroke="#0072b2"/>')
    for a, b in dots:
        at = place(a, *x, edge, width - 10), place(b, *y, height - edge, 10)
        parts.append(f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="5" fill="#d55e00"/>')
    style = 'font-family="sans-serif" font-size="15" fill="#808890"'
    parts.append(f'<text x="{width / 2}" y="{height - 12}" {style}>{labels[0]}</text>')
    parts.append(f'<text x="8" y="{height / 2}" {style}>{labels[1]}</text>')
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" fill="none">{"".join(parts)}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def flow_diagram(*, d: float, n: float) -> str:
    """Return the drawing of the one-loop flow lines and fixed points in the plane of r and K_d u."""
    area, scale = momentum_shell.shell_area(d), np.linspace(0, 6, 241)
    lines = []
    for r in np.linspace(-0.3, 0.3, 9):
        for g in (0.002, 0.2):
            line = momentum_shell.trajectory(r, g / area, d, n, scale=scale)
            lines.append((line.r, area * line.u))
    dots = [(p.r, area * p.u) for p in momentum_shell.fixed_points(d, n)]
    return drawing((-0.5, 0.5), (-0.03, 0.25), lines, dots, ("r", "K u"))


def variational_couplings(*, coupling: float, **_) -> str:
    """Return the drawing of the block spins' couplings against the strength of Kadanoff's operator."""
    weights, energies, odds = np.empty(625), np.empty(16), np.empty(5)
    strengths = np.linspace(0, 3, 61)
    out = np.empty((61, 7))
    kadanoff.class_weights(weights, coupling)
    for row, p in zip(out, strengths, strict=True):
        kadanoff.renormalized(row, energies, odds, weights, p)
    return drawing((0, 3), (-0.2, 0.6), [(strengths, out[:, k]) for k in range(3)], labels=("p", "K"))


def ellipse_drawing(*, major: float, minor: float, angle: float, samples: int) -> str:
    """Return the drawing of a sample's principal axes and ellipse, over at most 200 of its points."""
    deviates, points, out = np.empty((samples, 2)), np.empty((samples, 2)), np.empty(3)
    ellipse.normal_pairs(deviates, np.arange(1, 5, dtype=np.uint64))
    ellipse.principal_axes(out, points, deviates, major, minor, np.radians(angle))
    turn = np.linspace(0, 2 * np.pi, 121)
    axes = np.array([[np.cos(out[2]), np.sin(out[2])], [-np.sin(out[2]), np.cos(out[2])]]) * np.sqrt(out[:2, None])
    ring = np.cos(turn)[:, None] * axes[0] + np.sin(turn)[:, None] * axes[1]
    curves = [ring.T, *([(-a[0], a[0]), (-a[1], a[1])] for a in axes)]
    return drawing((-5, 5), (-4, 4), curves, points[:200], ("x", "y"))


def moment_flow(*, data: str, dropped: float, temperature: float, **_) -> str:
    """Return the drawing of the fourth-moment flow of the data and of the data shuffled."""
    X = sample(16, 1 / temperature, 2048, rng=1).reshape(-1, 256) if data == "ising" else _modes.matrix(data)
    curves = []
    for x in (X, pca.time_shuffle(X, rng=2)):
        flow = pca.mode_flow(x, drop_largest=dropped, standardize=data == "neurons", n_blocks=0)
        curves.append((-np.log10(flow.fraction), flow.moment))
    top = 1.05 * max(4.0, *(moment.max() for _, moment in curves))
    curves.append(([0, 2.4], [3, 3]))
    return drawing((0, 2.4), (0.8, top), curves, labels=("fewer modes: 1, 1/10, 1/100", "M"))


PICTURES = {  # functions of what the controls of each live figure show first
    "ising": lattice,
    "rbm": receptive_fields,
    "flow": flow_diagram,
    "variational": variational_couplings,
    "ellipse": ellipse_drawing,
    "modes": moment_flow,
}
