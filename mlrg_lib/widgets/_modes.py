"""The data that the live figure of modes carries: real recordings, packed small, and exactly what the page unpacks."""

import base64
import zlib

import numpy as np

from .. import datasets

__all__ = ["SETS", "matrix", "packed"]

PATCH, STRIDE = 12, 3  # of the photographs, in pixels of a quarter of the original resolution
_STRATEGIES = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY)

SETS = {
    "neurons": "Neurons: all 2399 bins of 50 ms, 144 units. © 2018 International Brain Laboratory, MIT licence.",
    "photographs": (
        f"Photographs: patches of {PATCH} × {PATCH} pixels, every {STRIDE}, of two pictures in grey at a quarter of "
        "their resolution, 8 bits of the log intensity. China by danielbuechele, flower by vultilion, CC BY 2.0."
    ),
    "ising": "Ising spins: 2048 lattices of 16 × 16, sampled in your browser now.",
}


def _counts() -> np.ndarray:
    """Spike counts, uint8 (n_samples, n_variables)."""
    return datasets.neurons().X.astype(np.uint8)


def _pictures() -> tuple[np.ndarray, float, float]:
    """The photographs in 8 bits at half the stored resolution; a pixel q stands for low + step * q."""
    blocks = datasets.images(2, 2).X.mean(axis=1).reshape(2, 106, 160)
    low, high = float(blocks.min()), float(blocks.max())
    step = (high - low) / 255
    return np.round((blocks - low) / step).astype(np.uint8), low, step


def matrix(name: str) -> np.ndarray:
    """Return the data the page analyses, float64 (n_samples, n_variables); ``"neurons"`` or ``"photographs"``."""
    if name == "neurons":
        return _counts().astype(np.float64)
    pictures, low, step = _pictures()
    patches = [
        np.lib.stride_tricks.sliding_window_view(picture, (PATCH, PATCH))[::STRIDE, ::STRIDE].reshape(-1, PATCH**2)
        for picture in pictures
    ]
    return low + step * np.concatenate(patches)


def _deflated(values: np.ndarray) -> str:
    """Base64 of the smallest raw deflate stream of bytes."""

    def attempt(strategy):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, strategy)
        return packer.compress(values.tobytes()) + packer.flush()

    return base64.b64encode(min(map(attempt, _STRATEGIES), key=len)).decode()


def packed() -> dict:
    """Return the recordings for the page: counts as half bytes, a unit after the other; pixels as differences."""
    counts = np.minimum(_counts().T, 15)
    n, n_samples = counts.shape
    even = np.pad(counts, ((0, 0), (0, n_samples % 2)))
    pictures, _, step = _pictures()
    differences = np.diff(pictures, axis=2, prepend=np.uint8(0))  # modulo 256
    pixels = {"shape": list(pictures.shape), "patch": PATCH, "stride": STRIDE, "step": round(step, 6)}
    return {
        "neurons": {"n": n, "samples": n_samples, "bytes": _deflated(even[:, ::2] | even[:, 1::2] << 4)},
        "photographs": {**pixels, "bytes": _deflated(differences)},
    }
