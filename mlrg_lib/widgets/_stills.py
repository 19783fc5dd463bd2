"""What the still pictures show, computed by the library while the page is built."""

import numpy as np

from .._kernels import small_rbm
from ..figures.theme import DIVERGING
from ..ising import sample

__all__: list[str] = []

_BATCH = 64


def receptive_fields(*, temperature: float, hidden: int, l1: float, rate: float, n_updates: int = 800) -> np.ndarray:
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
    zero, numbers = np.zeros(_BATCH, np.float32), [np.float32(x) for x in (rate, 0.0, l1)]
    for call in range(n_updates):
        signs = rng.choice([-1, 1], (_BATCH, 1)).astype(np.float32)
        batch = np.ascontiguousarray((signs * lattices[rng.integers(0, len(lattices), _BATCH)]).T)
        small_rbm.cd_update(
            parameters, tuple(velocities), tuple(gradients), work, batch, zero,
            np.uint64(1), np.uint64(2 * call), 1, *numbers,
        )  # fmt: skip
    fields = matrix[:-1].T.reshape(hidden, L, L)
    strongest = np.take_along_axis(fields.reshape(hidden, -1), np.abs(fields).reshape(hidden, -1).argmax(1)[:, None], 1)
    return tiles(fields * np.sign(strongest)[:, :, None])


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
