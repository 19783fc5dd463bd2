"""Lattices into the words of the bit-parallel kernels, whose modules describe the layouts; a set bit is a spin up."""

import numpy as np

__all__: list[str] = []


def pack(up: np.ndarray) -> np.ndarray:
    """Return bools (n, ...) as uint64 words (ceil(n / 64), ...): bit b of word w is entry 64 w + b, or unset."""
    n, *shape = up.shape
    padded = np.zeros((-(-n // 64), 64, *shape), dtype=bool)
    padded.reshape(-1, *shape)[:n] = up
    octets = np.moveaxis(np.packbits(padded, axis=1, bitorder="little"), 1, -1)
    return np.ascontiguousarray(octets).view("<u8")[..., 0].astype(np.uint64)


def colours(sites: np.ndarray) -> np.ndarray:
    """Return (L, L) sites by checkerboard colour, (2, L, L/2): place x' of row y is column 2 x' + (y + c) % 2."""
    y = np.arange(len(sites))[:, None]
    return np.stack([sites[y, np.arange(0, len(sites), 2) + (y + c) % 2] for c in range(2)])


def fill_multispin(words: np.ndarray, lattices: np.ndarray, width: int) -> None:
    """Write ``lattices`` (n, L, L) into blocks of ``width`` words of 64 lattices; halos are left as they are."""
    L = lattices.shape[1]
    for first in range(0, len(lattices), 64):
        block, v = divmod(first // 64, width)
        sites = pack(lattices[first : first + 64] > 0)[0]
        if L % 2 == 0:
            words[block][:, :, v + width : -width : width] = colours(sites)
        else:
            words[block][:, :, v] = sites
