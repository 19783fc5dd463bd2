"""Rebuild ``photographs.npz`` from scikit-learn's two sample photographs. Needs Pillow.

Run it with::

    python book/_tools/rebuild_photographs.py mlrg_lib/datasets/photographs.npz

The mean of the three colours, averaged over blocks of 2 by 2 pixels, in 1/16 of a grey level.
"""

import sys
from pathlib import Path

import numpy as np


def rebuild(target) -> Path:
    """Write both photographs in grey, at half their resolution, to ``target``.

    Parameters
    ----------
    target : path-like
        Where to write the npz.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ImportError
        From scikit-learn, if Pillow is not installed.
    """
    from sklearn.datasets import load_sample_image

    gray = {}
    for name in ("china", "flower"):
        pixels = load_sample_image(f"{name}.jpg").astype(np.float64).mean(axis=2)
        rows, columns = (2 * (size // 2) for size in pixels.shape)
        blocks = (
            pixels[:rows, :columns]
            .reshape(rows // 2, 2, columns // 2, 2)
            .mean(axis=(1, 3))
        )
        gray[name] = np.round(16 * blocks).astype(np.uint16)
    target = Path(target)
    with target.open("wb") as file:
        np.savez_compressed(file, **gray)
    return target


if __name__ == "__main__":
    print(rebuild(sys.argv[1]))
