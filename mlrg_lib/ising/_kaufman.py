"""Kaufman's partition function of the torus, with its first two derivatives in beta."""

import numpy as np

from ._jets import Jet

__all__: list[str] = []

CRITICAL_BETA: float = float(np.log1p(np.sqrt(2.0)) / 2)
"""Inverse critical temperature ln(1 + sqrt 2) / 2 = 0.44068679350977..., where sinh(2 beta) = 1."""


def log_partition(L: int, beta: np.ndarray) -> Jet:
    """Return ln Z of the torus with its first two derivatives in beta; all of shape ``beta.shape``."""
    flat = beta.ravel()[:, None]
    ordered = flat > CRITICAL_BETA
    # w = 1 - exp(-2 beta), or at the dual temperature 1 - tanh(beta); in [0, 2 - sqrt 2]
    rest = np.exp(-2 * flat)
    w = np.where(ordered, 2 * rest / (1 + rest), -np.expm1(-2 * flat))
    w = Jet(
        w,
        np.where(ordered, -w * (2 - w), 2 * (1 - w)),
        np.where(ordered, 2 * w * (1 - w) * (2 - w), -4 * (1 - w)),
    )
    s = w * (2 - w) / (2 * (1 - w))
    odd, odd_plus, odd_minus = _products(L, s, np.arange(1, 2 * L, 2))
    even, even_plus, even_minus = _products(L, s, np.arange(2, 2 * L, 2))
    even = even + L * (2 - w).log()
    ratio = (w / ((1 - w) * (2 - w))) ** L
    sign = np.where(ordered, 1.0, -1.0)
    periodic = (1 + ratio) * even_plus + sign * (1 - ratio) * even_minus
    total = odd + (0.5 * (odd_plus + odd_minus + (even - odd).exp() * periodic)).log()
    # for beta beyond the critical point: ln Z = L^2 ln sinh 2 beta + (the same at the dual temperature)
    with np.errstate(over="ignore", divide="ignore"):
        log_sinh = 2 * flat + np.log(-np.expm1(-4 * np.where(ordered, flat, 1.0))) - np.log(2)
    inverse = np.where(ordered, s.value, 0.0)
    duality = Jet(
        np.where(ordered, log_sinh, 0.0), np.where(ordered, 2 * np.sqrt(1 + inverse**2), 0.0), -4 * inverse**2
    )
    total = total + L**2 * duality
    return Jet(*(part.reshape(beta.shape) for part in (total.value, total.first, total.second)))


def _products(L: int, s: Jet, index: np.ndarray) -> tuple[Jet, Jet, Jet]:
    """Return the log of the product of [2 s exp(gamma)]**(L/2), and the products of 1 + exp(-L gamma), 1 - exp(...)."""
    one_minus_cos = 2 * np.sin(np.pi * index / (2 * L)) ** 2
    gap = (1 - s) * (1 - s) + s * one_minus_cos  # s (cosh gamma - 1)
    exponential = gap + s + (gap * (gap + 2 * s)).sqrt()  # s exp(gamma)
    power = (s / exponential) ** L
    log_product = (L / 2 * (2 * exponential).log()).sum()
    return log_product, (1 + power).log().sum().exp(), (1 - power).log().sum().exp()
