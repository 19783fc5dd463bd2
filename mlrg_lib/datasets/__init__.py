"""Real and synthetic ensembles, one sample a row, with their sources and licences. Nothing is downloaded here."""

from ._common import DataSet
from .ensembles import ising
from .recordings import FMRI_PACKAGE, STOCKS_PACKAGE, fmri, images, neurons, stocks, stocks_available

__all__ = [
    "FMRI_PACKAGE",
    "STOCKS_PACKAGE",
    "DataSet",
    "fmri",
    "images",
    "ising",
    "neurons",
    "stocks",
    "stocks_available",
]
