"""A deep Boltzmann machine as a restricted one: even layers (v, h², …) on one side, odd ones (h¹, h³, …) on the other.

Given the odd layers, all units of the even ones are independent, so sums over the even hidden layers are in closed form
and the odd ones are listed.
"""

from collections.abc import Iterator

import numpy as np
from scipy.special import logsumexp

from .._kernels import rbm as kernels
from ._enumeration import MAX_TABULATED, log_partition, model_moments, states

__all__ = ["MAX_ODD", "TwoSides"]

MAX_ODD = 16  # units of the odd layers, enumerated for every sample
_BLOCK = 1 << 22  # entries of a (samples, odd states) table


class TwoSides:
    """The two sides of a deep machine with ``weights`` W¹, W², … and ``biases`` c, b¹, b², …"""

    def __init__(self, weights: list[np.ndarray], biases: list[np.ndarray]):
        self.weights, self.biases = weights, biases
        self.even_of, self.odd_of = _places(biases, 0), _places(biases, 1)  # where each layer is on its side
        self.n_even, self.n_odd = (sum(len(b) for b in biases[parity::2]) for parity in (0, 1))

    def check_enumerable(self) -> None:
        """Raise unless both halves of the gradient can be enumerated."""
        if self.n_odd > MAX_ODD or min(self.n_odd, self.n_even) > MAX_TABULATED:
            raise ValueError(
                f"layers must have at most {MAX_ODD} units in the odd layers to be enumerated, got {self.n_odd}"
            )

    def parameters(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (W, b, c) of the restricted machine whose visible side is the even one."""
        weights = np.zeros((self.n_even, self.n_odd))
        for l, W in enumerate(self.weights):
            if l % 2 == 0:
                weights[self.even_of[l], self.odd_of[l + 1]] = W
            else:
                weights[self.even_of[l + 1], self.odd_of[l]] = W.T
        return weights, np.concatenate(self.biases[1::2]), np.concatenate(self.biases[::2])

    def log_likelihood(self, V: np.ndarray) -> np.ndarray:
        """Return ln P(v) of each row."""
        out = np.empty(len(V))
        for rows, table in self._odd_tables(V, self._odd_states()):
            out[rows] = logsumexp(table, axis=1)
        return out - log_partition(*self.parameters())

    def exact_gradient(self, V: np.ndarray) -> list[np.ndarray]:
        """Data half by enumerating the odd layers given each sample, model half by enumerating one side."""
        S = self._odd_states()
        even_means = {l: -np.tanh(self._even_fields(S, l)) for l in range(2, len(self.biases), 2)}  # of hidden layers
        posterior = np.zeros(len(S))
        v_odd = np.zeros((V.shape[1], S.shape[1]))
        for rows, table in self._odd_tables(V, S):
            p = np.exp(table - logsumexp(table, axis=1, keepdims=True))
            posterior += p.sum(axis=0)
            v_odd += V[rows].T.astype(np.float64) @ (p @ S)
        posterior /= len(V)
        weighted = posterior[:, None] * S
        products = np.vstack([v_odd / len(V), *(m.T @ weighted for m in even_means.values())])
        even = np.concatenate([V.mean(axis=0), *(posterior @ m for m in even_means.values())])
        return self.minus_model(self._by_layer(products, posterior @ S, even), model_moments(*self.parameters()))

    def minus_model(self, data: list[np.ndarray], moments: tuple[np.ndarray, ...]) -> list[np.ndarray]:
        """Return model minus data moments in the order of the parameters; the model's are of even-odd products, of the
        odd side and of the even side, which are the hidden and the visible one of a restricted machine."""
        return [m - d for m, d in zip(self._by_layer(*moments), data, strict=True)]

    def _by_layer(self, products, odd, even) -> list[np.ndarray]:
        """Return the moments of the two sides as those of neighbouring layers, then of layers."""
        even_of, odd_of = self.even_of, self.odd_of
        pairs = [
            products[even_of[l], odd_of[l + 1]] if l % 2 == 0 else products[even_of[l + 1], odd_of[l]].T
            for l in range(len(self.weights))
        ]
        return pairs + [odd[odd_of[l]] if l % 2 else even[even_of[l]] for l in range(len(self.biases))]

    def _odd_states(self) -> np.ndarray:
        return states(self.n_odd).astype(np.float64)

    def _even_fields(self, S, l) -> np.ndarray:
        field = self.biases[l] + S[:, self.odd_of[l - 1]] @ self.weights[l - 1]
        return field + S[:, self.odd_of[l + 1]] @ self.weights[l].T if l < len(self.weights) else field

    def _odd_tables(self, V, S) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield (rows, ln Σ over even hidden layers of exp(−E)) with one column per odd state."""
        common = -(S @ np.concatenate(self.biases[1::2]))
        for l in range(2, len(self.biases), 2):
            sums = np.empty(len(S))
            kernels.sum_log_cosh(sums, self._even_fields(S, l), np.zeros(len(self.biases[l])))
            common += sums
        first = S[:, self.odd_of[1]] @ self.weights[0].T + self.biases[0]
        step = max(1, _BLOCK // len(S))
        for start in range(0, len(V), step):
            rows = slice(start, start + step)
            yield rows, common - V[rows] @ first.T


def _places(biases, parity) -> dict[int, slice]:
    ends = np.cumsum([0, *(len(b) for b in biases[parity::2])])
    return {2 * i + parity: slice(ends[i], ends[i + 1]) for i in range(len(ends) - 1)}
