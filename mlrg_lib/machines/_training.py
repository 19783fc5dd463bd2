"""Training loops of the restricted Boltzmann machine: contrastive divergence, persistent chains, exact gradient."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from .._kernels import rbm as kernels
from ._enumeration import model_moments

__all__ = ["Settings", "State", "train_epoch"]

_F32 = np.float32
_LINE = 64  # bytes of a cache line


def adjacent(kind: type, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    """Return uninitialised arrays that lie side by side in one block of memory.

    Numpy asks for large pages only for blocks of 4 MiB or more, and they make the passes over a big machine's
    parameters about a fifth faster.
    """
    unit = _LINE // np.dtype(kind).itemsize
    starts = np.cumsum([0, *(-(-math.prod(shape) // unit) * unit for shape in shapes)])
    block = np.empty(starts[-1], dtype=kind)
    return [
        block[start : start + math.prod(shape)].reshape(shape) for start, shape in zip(starts[:-1], shapes, strict=True)
    ]


@dataclass(frozen=True)
class Settings:
    """What the loops need of the estimator's parameters, checked."""

    method: str
    k: int
    learning_rate: float
    batch_size: int | None
    momentum: float
    l1: float
    l2: float


@dataclass
class State:
    """Everything that training changes: parameters and their velocities (float32, or float64 for the exact method)."""

    weights: np.ndarray
    hidden_bias: np.ndarray
    visible_bias: np.ndarray
    seed: int
    calls: int = 0
    epochs: int = 0
    chains: np.ndarray | None = None  # hidden states of the persistent chains
    velocities: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self):
        if not self.velocities:
            self.velocities = [np.zeros_like(a) for a in (self.weights, self.hidden_bias, self.visible_bias)]

    def lay_out(self) -> None:
        """Move the weights and their velocity next to each other."""
        old = self.weights, self.velocities[0]
        self.weights, self.velocities[0] = adjacent(self.weights.dtype, *(a.shape for a in old))
        self.weights[...], self.velocities[0][...] = old

    def copy(self) -> "State":
        """Return a copy that shares no array."""
        arrays = {name: getattr(self, name).copy() for name in ("weights", "hidden_bias", "visible_bias")}
        chains = None if self.chains is None else self.chains.copy()
        return replace(self, **arrays, chains=chains, velocities=[v.copy() for v in self.velocities])

    def parts(self) -> tuple[dict, dict[str, np.ndarray]]:
        """Return what to store beside the parameters: the counters, and the arrays by name."""
        arrays = {f"velocity_{i}": v for i, v in enumerate(self.velocities)}
        if self.chains is not None:
            arrays["chains"] = self.chains.astype(np.int8)
        return {"seed": self.seed, "calls": self.calls, "epochs": self.epochs}, arrays

    @classmethod
    def from_parts(cls, machine, counters: dict, arrays: dict[str, np.ndarray]) -> "State":
        """Return the state of a machine whose parameters are read already."""
        kind = arrays["velocity_0"].dtype
        return cls(
            *(a.astype(kind) for a in (machine.weights_, machine.hidden_bias_, machine.visible_bias_)),
            **{name: int(counters[name]) for name in ("seed", "calls", "epochs")},
            chains=arrays["chains"].astype(np.float32) if "chains" in arrays else None,
            velocities=[arrays[f"velocity_{i}"] for i in range(3)],
        )

    def next_call(self) -> np.uint64:
        """Return the number of the next pass that draws random numbers."""
        self.calls += 1
        return np.uint64(self.calls)

    def is_finite(self) -> bool:
        """Tell whether every parameter is a finite number."""
        return all(bool(np.isfinite(a).all()) for a in (self.weights, self.hidden_bias, self.visible_bias))


def train_epoch(state: State, X: np.ndarray, settings: Settings) -> None:
    """Pass once over ``X`` (int8) in shuffled mini-batches, changing ``state``; float errors surface as NaN or inf."""
    size = min(settings.batch_size or len(X), len(X))
    order = np.random.default_rng([state.seed, state.epochs]).permutation(len(X))
    batches = [order[start : start + size] for start in range(0, len(X), size)]
    step = _exact_gradient if settings.method == "exact" else _Sampled(state, size, settings)
    with np.errstate(over="ignore", invalid="ignore"):
        for rows in batches:
            _ascend(state, step(state, X, rows), settings)
    state.epochs += 1


def _ascend(state, gradients, settings):
    """Move along the gradients; the biases carry no penalty."""
    kind = state.weights.dtype.type
    momentum, rate = kind(settings.momentum), kind(settings.learning_rate)
    l1, l2, zero = kind(settings.l1), kind(settings.l2), kind(0)
    W, b, c = gradients
    velocity_W, velocity_b, velocity_c = (v.reshape(len(v), -1) for v in state.velocities)
    kernels.update_parameters(state.weights, velocity_W, W, momentum, rate, l1, l2)
    for bias, velocity, gradient in ((state.hidden_bias, velocity_b, b), (state.visible_bias, velocity_c, c)):
        kernels.update_parameters(bias[:, None], velocity, gradient[:, None], momentum, rate, zero, zero)


class _Sampled:
    """CD-k and PCD-k gradients. The data half and the model half of a batch lie in one buffer, so that one product
    V^T H with the model's means negated gives both halves of the gradient of the weights.
    """

    def __init__(self, state, size, settings):
        self.k, self.persistent = settings.k, settings.method == "pcd"
        n_visible, n_hidden = state.weights.shape
        if self.persistent and state.chains is None:
            chains = np.zeros((size, n_hidden), dtype=_F32)
            kernels.sample_units(chains, state.hidden_bias, np.uint64(state.seed), state.next_call())
            state.chains = chains
        self.n_chains = len(state.chains) if self.persistent else size
        rows = size + self.n_chains
        shapes = (rows, n_visible), (rows, n_hidden), (size, n_hidden), (n_visible, n_hidden)
        self.visible, self.means, self.samples, self.gradient = adjacent(_F32, *shapes)
        self.ones = np.ones(rows, dtype=_F32)

    def __call__(self, state, X, rows):
        W, b, c, seed = state.weights, state.hidden_bias, state.visible_bias, np.uint64(state.seed)
        n = len(rows)
        total = n + (self.n_chains if self.persistent else n)
        data, model = slice(0, n), slice(n, total)
        visible, means = self.visible[:total], self.means[:total]
        share = _F32(1.0 / n)
        kernels.gather_rows(visible[data], X, rows)
        np.dot(visible[data], W, out=means[data])
        if self.persistent:
            samples = state.chains
            kernels.mean_units(means[data], b, -share)
        else:
            samples = self.samples[:n]
            kernels.mean_and_sample_units(means[data], samples, b, -share, seed, state.next_call())
        weight = _F32(1.0 / (total - n))
        for sweep in range(self.k):
            np.dot(samples, W.T, out=visible[model])
            kernels.sample_units(visible[model], c, seed, state.next_call())
            if sweep < self.k - 1:
                np.dot(visible[model], W, out=samples)
                kernels.sample_units(samples, b, seed, state.next_call())
                continue
            np.dot(visible[model], W, out=means[model])
            if self.persistent:
                kernels.mean_and_sample_units(means[model], samples, b, weight, seed, state.next_call())
            else:
                kernels.mean_units(means[model], b, weight)
        # means hold -<h>/n on the data and +<h>/n on the model: the ascent direction is V^T means
        np.dot(visible.T, means, out=self.gradient)
        hidden = self.ones[:total] @ means
        # sums of ±1, so exact in float32 in any order
        sums = self.ones[: total - n] @ visible[model], self.ones[:n] @ visible[data]
        visible_gradient = weight * sums[0] - share * sums[1]
        return self.gradient, hidden, visible_gradient


def _exact_gradient(state, X, rows):
    """Data half from the batch, model half by enumeration of the smaller layer; float64."""
    V = X[rows].astype(np.float64)
    means = -np.tanh(V @ state.weights + state.hidden_bias)
    products, hidden, visible = model_moments(state.weights, state.hidden_bias, state.visible_bias)
    return products - V.T @ means / len(V), hidden - means.mean(axis=0), visible - V.mean(axis=0)
