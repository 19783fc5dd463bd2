"""Second-order Taylor arithmetic: a value with its first and second derivative in one variable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__: list[str] = []


@dataclass(frozen=True)
class Jet:
    """A function's value, first and second derivative at a point (arrays that broadcast together)."""

    value: np.ndarray
    first: np.ndarray
    second: np.ndarray

    __array_ufunc__ = None  # let an ndarray on the left defer to the methods below

    def _compose(self, value, first, second) -> Jet:
        """Chain rule: the jet of g(self) from g, g' and g'' at ``self.value``."""
        return Jet(value, first * self.first, second * self.first**2 + first * self.second)

    def __add__(self, other) -> Jet:
        other = _lift(other)
        return Jet(self.value + other.value, self.first + other.first, self.second + other.second)

    def __mul__(self, other) -> Jet:
        other = _lift(other)
        return Jet(
            self.value * other.value,
            self.first * other.value + self.value * other.first,
            self.second * other.value + 2 * self.first * other.first + self.value * other.second,
        )

    def __neg__(self) -> Jet:
        return self * -1.0

    def __sub__(self, other) -> Jet:
        return self + -_lift(other)

    def __rsub__(self, other) -> Jet:
        return -self + other

    def __truediv__(self, other) -> Jet:
        return self * _lift(other) ** -1

    def __pow__(self, n: int) -> Jet:
        x = self.value
        second = n * (n - 1) * x ** float(n - 2) if n not in (0, 1) else 0.0 * x
        return self._compose(x ** float(n), n * x ** float(n - 1), second)

    __radd__ = __add__
    __rmul__ = __mul__

    def sqrt(self) -> Jet:
        root = np.sqrt(self.value)
        return self._compose(root, 0.5 / root, -0.25 / root**3)

    def log(self) -> Jet:
        inverse = 1 / self.value
        return self._compose(np.log(self.value), inverse, -(inverse**2))

    def exp(self) -> Jet:
        value = np.exp(self.value)
        return self._compose(value, value, value)

    def sum(self) -> Jet:
        """Sum over the last axis, kept with length one."""
        return Jet(*(np.sum(part, axis=-1, keepdims=True) for part in (self.value, self.first, self.second)))


def _lift(other) -> Jet:
    return other if isinstance(other, Jet) else Jet(np.asarray(other, dtype=np.float64), np.float64(0), np.float64(0))
