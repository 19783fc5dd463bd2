"""A restricted Boltzmann machine whose hidden units form a lattice: one window of weights, moved over the torus."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from .._kernels import convolution as kernels
from .._rbm import mean
from .._validation import as_generator, check_array, check_choice, check_int, check_lattices, check_real
from ._enumeration import model_moments
from ._epochs import check_callback, epochs
from ._gibbs import drawer, sample_from_fields
from ._machine import checked_momentum, checked_rate
from .exact import log_partition
from .rbm import RBM
from .storage import Storable

__all__ = ["ConvolutionalRBM"]

_METHODS = ("cd", "pcd", "exact")
_MAX_EXACT = 20
_START_SCALE = 0.05


class ConvolutionalRBM(Storable, BaseEstimator):
    r"""Translation-invariant machine on the torus: each hidden unit sees one window of the visible lattice.

    .. math:: E(v, h) = \sum_a h_a \Big( b + \sum_{x} W_x\, v_{s a + x} \Big) + c \sum_i v_i

    The hidden units a form a lattice of side L/s for visible lattices of side L, so P(h | v) is a block-spin rule, and
    the machine works on a lattice of any side that the stride divides. Signs as in :class:`mlrg_lib.machines.RBM`: a
    negative weight aligns.

    Parameters
    ----------
    kernel : int
        Side of the window. It is centred on the block of stride x stride sites as well as it can be.
    stride : int
        Distance s between neighbouring windows. A window of the same side never overlaps: one block, one hidden unit.
    method : {"cd", "pcd", "exact"}
        Where the model half of the gradient comes from: ``k`` Gibbs sweeps from the data, persistent chains, or the
        enumeration of the hidden layer, at most 20 units.
    k : int
        Gibbs sweeps per step.
    learning_rate : float
        Step along the gradient of the log-likelihood of one sample, divided by the number of hidden units.
    batch_size : int or None
        Samples per step, also the number of persistent chains; None for all.
    n_epochs : int
        Passes over the data.
    momentum : float in [0, 1)
        Fraction of the last step that is added to the next.
    biases : bool
        Whether b and c are learned. False keeps them zero, and with them the symmetry of turning all spins.
    on_epoch : callable or None
        Called as ``on_epoch(machine, epoch)`` after every epoch, 1-based; training stops if it returns True.
    rng : numpy.random.Generator, int or None
        Source of all randomness.
    verbose : bool
        Show a progress bar.

    Attributes
    ----------
    weights_ : ndarray, float64, shape (kernel, kernel)
        W.
    hidden_bias_, visible_bias_ : float
        b and c.
    history_ : dict of lists
        After each ``epoch``: ``gradient``, the norm of the last step's gradient of W; ``norm`` of W; and for "exact"
        the mean ``log_likelihood`` of the last batch before its step.

    Notes
    -----
    There is little to overfit: k² weights are learned from n_samples (L/s)² windows. W and −W are the same machine with
    h turned; after training the sign is chosen so that Σ W <= 0 and h points along its window.

    References
    ----------
    .. [1] H. Lee et al., Proceedings of the 26th International Conference on Machine Learning, 609 (2009).

    Examples
    --------
    >>> import numpy as np
    >>> machine = ConvolutionalRBM.from_parameters(-0.5 * np.ones((2, 2)), stride=2)
    >>> machine.transform(np.ones((1, 4, 4))).round(4).tolist()  # Kadanoff's rule with p = 0.5
    [[[0.964, 0.964], [0.964, 0.964]]]
    """

    def __init__(
        self,
        kernel: int = 4,
        *,
        stride: int = 2,
        method: str = "cd",
        k: int = 1,
        learning_rate: float = 0.05,
        batch_size: int | None = 100,
        n_epochs: int = 20,
        momentum: float = 0.5,
        biases: bool = False,
        on_epoch: Callable[["ConvolutionalRBM", int], bool | None] | None = None,
        rng: np.random.Generator | int | None = None,
        verbose: bool = False,
    ):
        self.kernel = kernel
        self.stride = stride
        self.method = method
        self.k = k
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.n_epochs = n_epochs
        self.momentum = momentum
        self.biases = biases
        self.on_epoch = on_epoch
        self.rng = rng
        self.verbose = verbose

    @classmethod
    def from_parameters(
        cls, weights: ArrayLike, hidden_bias: float = 0.0, visible_bias: float = 0.0, **params
    ) -> "ConvolutionalRBM":
        """Return a machine with given parameters, as if it had been fitted.

        Parameters
        ----------
        weights : array_like, shape (kernel, kernel)
        hidden_bias, visible_bias : float
        **params
            Constructor parameters other than ``kernel``.

        Returns
        -------
        ConvolutionalRBM
        """
        W = check_array("weights", weights, ndim=2).copy()
        if W.shape[0] != W.shape[1]:
            raise ValueError(f"weights must be square, got shape {W.shape}")
        machine = cls(len(W), **params)
        machine._check_geometry()
        machine.weights_ = W
        machine.hidden_bias_ = check_real("hidden_bias", hidden_bias)
        machine.visible_bias_ = check_real("visible_bias", visible_bias)
        machine.history_ = {}
        return machine

    def fit(self, X: ArrayLike, y: None = None) -> "ConvolutionalRBM":
        """Start from small random weights and train for ``n_epochs`` passes over the data.

        Parameters
        ----------
        X : array_like, shape (n_samples, L, L)
            Lattices of ±1.
        y : None
            Ignored.

        Returns
        -------
        ConvolutionalRBM
            Itself.
        """
        X = self._lattices(X)
        n_samples, units = len(X), (X.shape[1] // self.stride) ** 2
        method = check_choice("method", self.method, _METHODS)
        if method == "exact" and units > _MAX_EXACT:
            raise ValueError(f'method="exact" must have at most {_MAX_EXACT} hidden units, got {units}')
        n_epochs = check_int("n_epochs", self.n_epochs, 0)
        size = n_samples if self.batch_size is None else check_int("batch_size", self.batch_size, 1)
        rate, momentum = checked_rate(self), checked_momentum(self)
        check_int("k", self.k, 1)
        check_callback(self)
        rng = as_generator(self.rng)
        draw = drawer(rng)
        self.weights_ = _START_SCALE * rng.standard_normal((self.kernel, self.kernel))
        self.hidden_bias_ = self.visible_bias_ = 0.0
        measured = ("epoch", "gradient", "norm", *(["log_likelihood"] if method == "exact" else []))
        self.history_ = {name: [] for name in measured}
        kind = np.float64 if method == "exact" else np.float32
        chains = X[rng.integers(0, n_samples, min(size, n_samples))].astype(kind) if method == "pcd" else None
        velocity = None
        for epoch in epochs(self, n_epochs):
            order = rng.permutation(n_samples)
            for start in range(0, n_samples, size):
                batch = X[order[start : start + size]].astype(kind)
                if method == "exact":
                    likelihood = self._mean_log_likelihood(batch)
                step = self._gradient(batch, batch.copy() if chains is None else chains, draw, method)
                velocity = step if velocity is None else [momentum * v + g for v, g in zip(velocity, step, strict=True)]
                self._move(velocity, rate)
            self.history_["epoch"].append(epoch)
            self.history_["gradient"].append(float(np.linalg.norm(step[0])))
            self.history_["norm"].append(float(np.linalg.norm(self.weights_)))
            if method == "exact":
                self.history_["log_likelihood"].append(likelihood)
        if self.weights_.sum() > 0:
            self.weights_, self.hidden_bias_ = -self.weights_, -self.hidden_bias_
        return self

    def free_energy(self, X: ArrayLike) -> np.ndarray:
        """Return F(v) = c Σ v − Σ ln 2cosh(field of h), with P(v) ∝ exp(−F).

        Parameters
        ----------
        X : array_like, shape (n_samples, L, L)

        Returns
        -------
        ndarray, float64, shape (n_samples,)
        """
        X = self._trained_on(X)
        fields = self._hidden_fields(X)
        return self.visible_bias_ * X.sum(axis=(1, 2)) - np.logaddexp(fields, -fields).sum(axis=(1, 2))

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return the mean hidden units ⟨h | v⟩.

        Parameters
        ----------
        X : array_like, shape (n_samples, L, L)

        Returns
        -------
        ndarray, float64, shape (n_samples, L/stride, L/stride)
        """
        return -np.tanh(self._hidden_fields(self._trained_on(X)))

    def sample_hidden(self, X: ArrayLike, rng: np.random.Generator | int | None = None) -> np.ndarray:
        """Draw h from P(h | v): the learned block-spin rule, called as :func:`mlrg_lib.rg.monte_carlo.block` calls one.

        Parameters
        ----------
        X : array_like, shape (n_samples, L, L)
        rng : numpy.random.Generator, int or None

        Returns
        -------
        ndarray, int8, shape (n_samples, L/stride, L/stride)
        """
        fields = self._hidden_fields(self._trained_on(X))
        return sample_from_fields(fields.reshape(len(X), -1), as_generator(rng)).reshape(fields.shape)

    def sample(
        self, n: int, n_steps: int = 1000, *, start: ArrayLike, rng: np.random.Generator | int | None = None
    ) -> np.ndarray:
        """Draw visible states with ``n`` independent Gibbs chains.

        Parameters
        ----------
        n : int
            Number of chains, one state returned from each.
        n_steps : int
            Sweeps h|v, v|h per chain.
        start : array_like, shape (n, L, L)
            Where they begin: lattices of ±1, of any side L that the machine works on.
        rng : numpy.random.Generator, int or None

        Returns
        -------
        ndarray, int8, shape (n, L, L)
        """
        check_is_fitted(self, "weights_")
        n, n_steps = check_int("n", n, 1), check_int("n_steps", n_steps, 0)
        chains = self._lattices(start, "start").astype(np.float32)
        if len(chains) != n:
            raise ValueError(f"start must be {n} lattices, got {len(chains)}")
        draw = drawer(as_generator(rng))
        for _ in range(n_steps):
            self._sweep(chains, draw)
        return chains.astype(np.int8)

    def to_dense(self, L: int) -> RBM:
        """Return the machine on a torus of side L as an ordinary RBM, sites and hidden units numbered row by row.

        Parameters
        ----------
        L : int

        Returns
        -------
        RBM
            With L² visible and (L/stride)² hidden units.
        """
        check_is_fitted(self, "weights_")
        self._check_side(check_int("L", L, 2))
        side = L // self.stride
        W = np.zeros((L, L, side, side))
        for (A, B, y, x), value in np.ndenumerate(np.broadcast_to(self.weights_, (side, side, *self.weights_.shape))):
            W[(self.stride * A + y - self._shift()) % L, (self.stride * B + x - self._shift()) % L, A, B] += value
        hidden, visible = np.full(side**2, self.hidden_bias_), np.full(L**2, self.visible_bias_)
        return RBM.from_parameters(W.reshape(L * L, side * side), hidden, visible)

    @property
    def hidden_means(self):
        raise AttributeError("ConvolutionalRBM.hidden_means is now ConvolutionalRBM.transform")

    _kind, _learned = "ConvolutionalRBM", "weights_"

    def _parts(self):
        biases = np.array([self.hidden_bias_, self.visible_bias_])
        return {"history": self.history_}, {"weights": self.weights_, "biases": biases}

    @classmethod
    def _from_parts(cls, header, arrays):
        parameters = dict(header["parameters"])
        kernel = parameters.pop("kernel")
        machine = cls.from_parameters(arrays["weights"], *arrays["biases"].tolist(), **parameters)
        machine.kernel, machine.history_ = kernel, header["history"]
        return machine

    # -- one step ---------------------------------------------------------------------------------------------------

    def _gradient(self, batch, chains, draw, method) -> list[np.ndarray]:
        """Return the ascent direction of W, b and c, a sample and a hidden unit; changes ``chains``; floats, both."""
        data = self._statistics(batch)
        if method == "exact":
            model = self._exact_statistics(batch.shape[1])
        else:
            for _ in range(self.k):
                self._sweep(chains, draw)
            model = self._statistics(chains)
        return [m - d for d, m in zip(data, model, strict=True)]

    def _statistics(self, X) -> list[np.ndarray]:
        """Return means of v h at each place of the window, of h, and of Σ v over Σ h's number of terms."""
        means = self._hidden_fields(X, X.dtype)
        if means.dtype == np.float32:
            mean(means.reshape(len(X), -1), np.zeros(means[0].size, dtype=np.float32), 0)
        else:
            means = -np.tanh(means)
        products = np.empty_like(self.weights_)
        kernels.correlate(products, X, means, self.stride, self._shift())
        return [products / means.size, means.mean(dtype=np.float64), X.mean(dtype=np.float64) * self.stride**2]

    def _exact_statistics(self, L) -> list[np.ndarray]:
        dense = self.to_dense(L)
        products, hidden, visible = model_moments(dense.weights_, dense.hidden_bias_, dense.visible_bias_)
        side = L // self.stride
        products = products.reshape(L, L, side, side)
        tied = np.zeros_like(self.weights_)
        for A, B, y, x in np.ndindex(side, side, *tied.shape):
            row, column = self.stride * A + y - self._shift(), self.stride * B + x - self._shift()
            tied[y, x] += products[row % L, column % L, A, B]
        return [tied / side**2, hidden.mean(), visible.mean() * self.stride**2]

    def _mean_log_likelihood(self, X) -> float:
        return float(-self.free_energy(X).mean()) - log_partition(self.to_dense(X.shape[1]))

    def _move(self, velocity, rate) -> None:
        self.weights_ = self.weights_ + rate * velocity[0]
        if self.biases:
            self.hidden_bias_ += rate * float(velocity[1])
            self.visible_bias_ += rate * float(velocity[2])
        if not np.isfinite(self.weights_).all():
            raise FloatingPointError(f"training diverged with learning_rate={self.learning_rate}; use a smaller one")

    def _sweep(self, chains, draw) -> None:
        hidden = draw(self._hidden_fields(chains, np.float32))
        parameters = self.weights_.astype(np.float32), np.float32(self.visible_bias_)
        kernels.visible_fields(chains, hidden, *parameters, self.stride, self._shift())
        draw(chains)

    def _hidden_fields(self, X, kind=np.float64) -> np.ndarray:
        side = X.shape[1] // self.stride
        out = np.empty((len(X), side, side), dtype=kind)
        parameters = self.weights_.astype(kind), out.dtype.type(self.hidden_bias_)
        kernels.hidden_fields(out, X, *parameters, self.stride, self._shift())
        return out

    # -- checks -----------------------------------------------------------------------------------------------------

    def _shift(self) -> int:
        return max(0, (self.kernel - self.stride) // 2)

    def _check_geometry(self) -> None:
        check_int("kernel", self.kernel, 1)
        check_int("stride", self.stride, 1)

    def _check_side(self, L: int) -> None:
        if L % self.stride or self.kernel > L:
            raise ValueError(
                f"L must be a multiple of stride={self.stride} and at least kernel={self.kernel}, got L={L}"
            )

    def _lattices(self, X, name: str = "X") -> np.ndarray:
        self._check_geometry()
        X = check_lattices(name, X)
        self._check_side(X.shape[1])
        return X

    def _trained_on(self, X) -> np.ndarray:
        check_is_fitted(self, "weights_")
        return self._lattices(X)
