"""Synthetic ensembles whose answer is known."""

import numpy as np

from .._validation import as_generator, check_int, check_real
from ._common import DataSet

__all__ = ["ising"]


def ising(L: int, *, temperature: float, n_samples: int, rng: np.random.Generator | int | None = None) -> DataSet:
    """Sample spins of the two-dimensional Ising model as a data matrix.

    Parameters
    ----------
    L : int
        Side of the periodic lattice.
    temperature : float
        T, positive, J = k_B = 1; the critical one is 2.2692. By name only: :func:`mlrg_lib.ising.sample` takes the
        inverse temperature in this place.
    n_samples : int
        Number of configurations, drawn by :func:`mlrg_lib.ising.sample`.
    rng : numpy.random.Generator, int or None
        Source of randomness.

    Returns
    -------
    DataSet
        ``X`` holds ±1 as float64; site (y, x) is variable y * L + x.

    Examples
    --------
    >>> ising(8, temperature=3.0, n_samples=16, rng=0).X.shape
    (16, 64)
    """
    from ..ising import sample

    L = check_int("L", L, minimum=2)
    temperature = check_real("temperature", temperature, minimum=0.0, strict=True)
    n_samples = check_int("n_samples", n_samples, minimum=1)
    spins = sample(L, 1.0 / temperature, n_samples, rng=as_generator(rng))
    return DataSet(
        X=spins.reshape(n_samples, -1).astype(np.float64),
        names=tuple(f"{y},{x}" for y in range(L) for x in range(L)),
        title=f"Ising model, T = {temperature:g}",
        source="sampled by mlrg_lib.ising",
        licence="none needed",
        note=f"{n_samples} configurations on a periodic {L} by {L} lattice",
    )
