"""What every data set comes as."""

from dataclasses import dataclass

import numpy as np

__all__ = ["DataSet"]


@dataclass(frozen=True)
class DataSet:
    """Data with what a reader must know to use them.

    Attributes
    ----------
    X : ndarray of float64, shape (n_samples, n_variables)
        One sample a row, in time order for time series; not centred.
    names : tuple of str
        One per variable.
    title, source, licence, note : str
        What it is, where it comes from, under which terms, and what was done to it.
    """

    X: np.ndarray
    names: tuple[str, ...]
    title: str
    source: str
    licence: str
    note: str
