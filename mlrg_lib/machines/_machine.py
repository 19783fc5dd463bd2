"""What every machine on rows of ±1 units repeats: checks of data and parameters, the start, scikit-learn's tags."""

import numbers

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from .._validation import check_int, check_real, check_units, check_unmasked
from .storage import Storable

__all__ = ["Machine", "check_layers", "checked_momentum", "checked_rate", "coins", "mean_bias"]


class Machine(Storable, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """An estimator of ±1 rows with the parameters ``binarize`` and ``rng``."""

    def _check_inputs(self, X, *, reset: bool) -> np.ndarray:
        """Return X as int8 ±1 rows."""
        check_unmasked("X", X)
        X = validate_data(self, X, reset=reset, dtype="numeric")
        if self.binarize is None:
            return check_units("X", X, ndim=2)
        return np.where(check_real("binarize", self.binarize) < X, 1, -1).astype(np.int8)

    def _fitted_inputs(self, X) -> np.ndarray:
        check_is_fitted(self, self._learned)
        return self._check_inputs(X, reset=False)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.non_deterministic = not isinstance(self.rng, numbers.Integral)
        return tags


def check_layers(layers) -> list[int]:
    """Return the layers' numbers of units."""
    if not isinstance(layers, tuple | list) or len(layers) == 0:
        raise ValueError(f"layers must be a non-empty tuple of integers, got {layers!r}")
    return [check_int("layers", n, 1) for n in layers]


def checked_rate(machine) -> float:
    """Return the parameter ``learning_rate``."""
    rate = check_real("learning_rate", machine.learning_rate, 0.0)
    if rate == 0.0:
        raise ValueError("learning_rate must be above 0, got 0.0")
    return rate


def checked_momentum(machine) -> float:
    """Return the parameter ``momentum``."""
    momentum = check_real("momentum", machine.momentum, 0.0, 1.0)
    if momentum == 1.0:
        raise ValueError("momentum must be below 1, got 1.0")
    return momentum


def mean_bias(X: np.ndarray) -> np.ndarray:
    """Return the visible biases that reproduce the mean of each unit, with one more sample of either sign."""
    ups = (X > 0).sum(axis=0)
    return -0.5 * np.log((ups + 1.0) / (len(X) - ups + 1.0))


def coins(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw ±1 units that nothing holds, int8."""
    return (2 * rng.integers(0, 2, size=shape) - 1).astype(np.int8)
