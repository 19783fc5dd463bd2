"""Real and synthetic ensembles, one sample a row, with their sources and licences. Nothing is downloaded here."""

from ._common import DataSet
from .ensembles import ising
from .recordings import STOCKS_PACKAGE, images, neurons, stocks, stocks_available

__all__ = ["STOCKS_PACKAGE", "DataSet", "images", "ising", "neurons", "stocks", "stocks_available"]
