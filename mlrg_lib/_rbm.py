"""What restricted Boltzmann machines have in common, whoever made them: their parameters, and a sweep of both layers.

It stands below ``machines``, which trains them, and below ``rg``, which takes any object with their parameters.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from ._kernels import rbm as kernels
from ._validation import check_array

__all__ = ["Parameters", "RBMLike", "alternate", "checked_parameters", "draw_seed", "mean", "sampler"]

Parameters = tuple[np.ndarray, np.ndarray, np.ndarray]  # W (n_visible, n_hidden), b (n_hidden,), c (n_visible,)
_NAMES = ("weights_", "hidden_bias_", "visible_bias_")


class RBMLike(Protocol):
    """Anything with the parameters of a restricted Boltzmann machine."""

    weights_: np.ndarray
    hidden_bias_: np.ndarray
    visible_bias_: np.ndarray


def checked_parameters(rbm: RBMLike, dtype=np.float64) -> Parameters:
    """Return checked (W, b, c)."""
    missing = [name for name in _NAMES if not hasattr(rbm, name)]
    if missing:
        wanted = f"{', '.join(_NAMES[:2])} and {_NAMES[2]}"
        raise ValueError(f"rbm must have {wanted}, which fitting gives it, got {type(rbm).__name__} without {missing}")
    W, b, c = (
        check_array(f"rbm.{name}", getattr(rbm, name), ndim=ndim, dtype=dtype)
        for name, ndim in zip(_NAMES, (2, 1, 1), strict=True)
    )
    if (len(c), len(b)) != W.shape:
        raise ValueError(f"rbm must have biases that fit weights of shape {W.shape}, got {len(c)} and {len(b)}")
    return W, b, c


def draw_seed(rng: np.random.Generator) -> np.uint64:
    """Draw the key of a counter-based stream."""
    return np.uint64(rng.integers(0, 2**64, dtype=np.uint64))


def sampler(seed: np.uint64) -> Callable[[np.ndarray, np.ndarray, int], None]:
    """Return the rule that draws a layer given the other: call k always uses the same random numbers."""
    return lambda units, bias, call: kernels.sample_units(units, bias, seed, np.uint64(call))


def mean(units: np.ndarray, bias: np.ndarray, call: int) -> None:
    """Put a layer's means given the other in its place."""
    kernels.mean_units(units, bias, np.float32(1))


def alternate(parameters: Parameters, visible: np.ndarray, n_steps: int, rule: Callable) -> np.ndarray:
    """Apply ``rule`` to h given v and to v given h, ``n_steps`` times, changing ``visible``; return the hidden layer.

    All in float32. The hidden layer is the one that the last visible layer was made from; zeros if there was no step.
    """
    W, b, c = parameters
    hidden = np.zeros((len(visible), W.shape[1]), dtype=np.float32)
    for step in range(n_steps):
        np.dot(visible, W, out=hidden)
        rule(hidden, b, 2 * step)
        np.dot(hidden, W.T, out=visible)
        rule(visible, c, 2 * step + 1)
    return hidden
