"""The deep Boltzmann machine: every layer undirected, all trained together."""

import numbers
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from .._kernels import rbm as kernels
from .._validation import as_generator, check_array, check_choice, check_int, check_real, check_units, check_unmasked
from . import exact
from ._enumeration import states
from ._epochs import check_callback, epochs
from ._gibbs import gibbs
from ._training import model_moments
from .rbm import RBM
from .storage import Storable

__all__ = ["DeepBoltzmannMachine"]

_MAX_ODD = 16  # units of the odd layers, enumerated for every sample
_BLOCK = 1 << 22  # entries of a (samples, odd states) table


class DeepBoltzmannMachine(Storable, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    r"""Boltzmann machine with several hidden layers, each connected to the next one only.

    .. math:: E = c\cdot v + \sum_l b^l\cdot h^l + v W^1 h^1 + h^1 W^2 h^2 + \cdots, \quad P \propto e^{-E}

    Meant for small machines, whose likelihood is exact: even layers (v, h², …) and odd layers (h¹, h³, …) are the two
    sides of one restricted Boltzmann machine with a block-shaped weight matrix (``as_rbm``).

    Parameters
    ----------
    layers : tuple of int
        Hidden units of each layer, bottom to top.
    method : {"exact", "pcd"}
        "exact" enumerates both halves of the gradient (at most 16 units in the odd layers, 24 in the smaller of the
        even and odd sides). "pcd" takes the data half from a mean field and the model half from persistent chains.
    k : int
        Gibbs sweeps of the chains per step of "pcd".
    n_mean_field : int
        Rounds of the mean field, in "pcd" and ``transform``.
    learning_rate, momentum, l2 : float
        As for :class:`RBM`. The default suits "exact"; "pcd" wants 0.01 or less.
    batch_size : int or None
        Samples per step, also the number of chains; None for all samples.
    n_epochs : int
        Passes over the data.
    binarize : float or None
        Threshold above which inputs count as +1, the rest as −1. None demands inputs that are ±1 already.
    on_epoch : callable or None
        Called as ``on_epoch(machine, epoch)`` after every epoch, 1-based; training stops if it returns True.
    rng : numpy.random.Generator, int or None
    verbose : bool
        Show a progress bar.

    Attributes
    ----------
    weights_ : list of ndarray
        W¹ (n_visible, layers[0]), W² (layers[0], layers[1]), …
    biases_ : list of ndarray
        c, b¹, b², …
    history_ : dict of lists
        ``epoch`` and, where it can be enumerated, ``log_likelihood``: the exact mean of ln P(v) of the training data.
    n_features_in_ : int
        n_visible.

    Raises
    ------
    ValueError
        From the methods, for parameters or data out of range.
    FloatingPointError
        From ``fit`` when training diverges.

    Notes
    -----
    A :class:`DeepBeliefNetwork` with the same weights is a different model: its lower layers are directed, so that the
    top machine is a prior on the layer below it, while here every layer hears both its neighbours.

    References
    ----------
    .. [1] R. Salakhutdinov and G. Hinton, Proceedings of the 12th International Conference on Artificial Intelligence
       and Statistics, 448 (2009).

    Examples
    --------
    >>> X = np.repeat([[1, 1, 1], [-1, -1, -1]], 20, axis=0)
    >>> dbm = DeepBoltzmannMachine((2, 1), learning_rate=0.2, batch_size=None, n_epochs=200, rng=0).fit(X)
    >>> bool(dbm.log_likelihood(X).mean() > -0.8)  # two equal states: at most -ln 2
    True
    """

    def __init__(
        self,
        layers: tuple[int, ...] = (8, 4),
        *,
        method: str = "exact",
        k: int = 5,
        n_mean_field: int = 20,
        learning_rate: float = 0.05,
        batch_size: int | None = 100,
        n_epochs: int = 50,
        momentum: float = 0.5,
        l2: float = 0.0,
        binarize: float | None = None,
        on_epoch: Callable[["DeepBoltzmannMachine", int], bool | None] | None = None,
        rng: np.random.Generator | int | None = None,
        verbose: bool = False,
    ):
        self.layers = layers
        self.method = method
        self.k = k
        self.n_mean_field = n_mean_field
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.n_epochs = n_epochs
        self.momentum = momentum
        self.l2 = l2
        self.binarize = binarize
        self.on_epoch = on_epoch
        self.rng = rng
        self.verbose = verbose

    @classmethod
    def from_parameters(
        cls, weights: list[ArrayLike], biases: list[ArrayLike] | None = None, **params
    ) -> "DeepBoltzmannMachine":
        """Return a machine with given parameters, as if it had been fitted.

        Parameters
        ----------
        weights : list of array_like
            W¹ (n_visible, n¹), W² (n¹, n²), …
        biases : list of array_like, optional
            c, b¹, b², …; zero by default.
        **params
            Constructor parameters other than ``layers``.

        Returns
        -------
        DeepBoltzmannMachine

        Raises
        ------
        ValueError
            If the list is empty or shapes do not fit together.

        Examples
        --------
        >>> DeepBoltzmannMachine.from_parameters([np.zeros((3, 2)), np.zeros((2, 1))]).log_likelihood([[1, 1, 1]])
        array([-2.07944154])
        """
        if len(weights) == 0:
            raise ValueError("weights must hold at least one matrix, got none")
        W = [check_array("weights", w, ndim=2).copy() for w in weights]
        sizes = [W[0].shape[0], *(w.shape[1] for w in W)]
        if any(w.shape[0] != n for w, n in zip(W, sizes, strict=False)):
            raise ValueError(f"weights must fit on top of each other, got shapes {[w.shape for w in W]}")
        b = (
            [np.zeros(n) for n in sizes]
            if biases is None
            else [check_array("biases", x, ndim=1).copy() for x in biases]
        )
        if [len(x) for x in b] != sizes:
            raise ValueError(f"biases must have lengths {sizes}, got {[len(x) for x in b]}")
        dbm = cls(tuple(sizes[1:]), **params)
        dbm.weights_, dbm.biases_, dbm.history_, dbm.n_features_in_ = W, b, {}, sizes[0]
        return dbm

    # -- training ---------------------------------------------------------------------------------------------------

    def fit(self, X: ArrayLike, y: None = None) -> "DeepBoltzmannMachine":
        """Initialise the parameters and train all layers together.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.
        y : None
            Ignored.

        Returns
        -------
        DeepBoltzmannMachine
            Itself.
        """
        n_epochs, size, rates = self._check_parameters()
        V = self._check_inputs(X, reset=True)
        rng = as_generator(self.rng)
        sizes = [V.shape[1], *(int(n) for n in self.layers)]
        self.weights_ = [0.1 * rng.standard_normal(shape) / np.sqrt(shape[0]) for shape in pairwise(sizes)]
        self.biases_ = [np.zeros(n) for n in sizes]
        ups = (V > 0).sum(axis=0)
        self.biases_[0] = -0.5 * np.log((ups + 1.0) / (len(V) - ups + 1.0))
        self.history_ = {}
        if self.method == "exact":
            self._check_enumerable()
        velocity = [np.zeros_like(a) for a in (*self.weights_, *self.biases_)]
        chains = None
        for epoch in epochs(self, n_epochs):
            order = rng.permutation(len(V))
            for start in range(0, len(V), size or len(V)):
                batch = V[order[start : start + (size or len(V))]]
                if self.method == "exact":
                    gradient = self._exact_gradient(batch)
                else:
                    gradient, chains = self._persistent_gradient(batch, chains, rng)
                self._ascend(gradient, velocity, rates, epoch)
            self._record(V, epoch)
        return self

    def _check_parameters(self):
        if not isinstance(self.layers, tuple | list) or len(self.layers) == 0:
            raise ValueError(f"layers must be a non-empty tuple of integers, got {self.layers!r}")
        for n in self.layers:
            check_int("layers", n, 1)
        check_callback(self)
        check_choice("method", self.method, ("exact", "pcd"))
        check_int("k", self.k, 1)
        check_int("n_mean_field", self.n_mean_field, 1)
        rate, momentum = (check_real(n, getattr(self, n), 0.0) for n in ("learning_rate", "momentum"))
        if rate == 0.0 or momentum >= 1.0:
            raise ValueError(f"learning_rate must be above 0 and momentum below 1, got {rate} and {momentum}")
        size = None if self.batch_size is None else check_int("batch_size", self.batch_size, 1)
        return check_int("n_epochs", self.n_epochs, 0), size, (rate, momentum, check_real("l2", self.l2, 0.0))

    def _check_inputs(self, X, *, reset: bool) -> np.ndarray:
        check_unmasked("X", X)
        X = validate_data(self, X, reset=reset, dtype="numeric")
        if self.binarize is None:
            return check_units("X", X, ndim=2)
        return np.where(check_real("binarize", self.binarize) < X, 1, -1).astype(np.int8)

    def _check_enumerable(self) -> None:
        odd = sum(len(b) for b in self.biases_[1::2])
        even = sum(len(b) for b in self.biases_[::2])
        if odd > _MAX_ODD or min(odd, even) > exact.MAX_TABULATED:
            raise ValueError(f"layers must have at most {_MAX_ODD} units in the odd layers to be enumerated, got {odd}")

    def _ascend(self, gradient, velocity, rates, epoch) -> None:
        rate, momentum, l2 = rates
        with np.errstate(over="ignore", invalid="ignore"):
            for k, (values, v, g) in enumerate(zip((*self.weights_, *self.biases_), velocity, gradient, strict=True)):
                v *= momentum
                v += rate * (g - l2 * values if k < len(self.weights_) else g)
                values += v
        if not all(np.isfinite(a).all() and np.abs(a).max() < 1e3 for a in (*self.weights_, *self.biases_)):
            raise FloatingPointError(
                f"training diverged in epoch {epoch} with learning_rate={rate}: a parameter is beyond 1000 or not "
                "finite; use a smaller learning_rate"
            )

    def _record(self, V, epoch) -> None:
        self.history_.setdefault("epoch", []).append(epoch)
        if sum(len(b) for b in self.biases_[1::2]) <= _MAX_ODD:
            self.history_.setdefault("log_likelihood", []).append(float(self._log_likelihood(V).mean()))

    def _exact_gradient(self, V):
        """Data half by enumerating the odd layers given each sample, model half by enumerating one side."""
        S, odd_of = self._odd_states()
        even_means = self._even_means(S, odd_of)
        posterior = np.zeros(len(S))
        v_odd = np.zeros((V.shape[1], S.shape[1]))
        for rows, table in self._odd_tables(V, S, odd_of):
            p = np.exp(table - logsumexp(table, axis=1, keepdims=True))
            posterior += p.sum(axis=0)
            v_odd += V[rows].T.astype(np.float64) @ (p @ S)
        posterior /= len(V)
        weighted = posterior[:, None] * S
        products = {0: v_odd / len(V)} | {l: m.T @ weighted for l, m in even_means.items()}
        means = {0: V.mean(axis=0)} | {l: posterior @ m for l, m in even_means.items()}
        odd_mean = posterior @ S
        data_W = [self._block(products, odd_of, l) for l in range(len(self.weights_))]
        data_b = [odd_mean[odd_of[l]] if l % 2 else means[l] for l in range(len(self.biases_))]
        return self._minus_model(data_W, data_b, *model_moments(*self._sides()))

    def _block(self, products, odd_of, l):
        """Return <layer l, layer l + 1> from products of even layers with all odd units."""
        return products[l][:, odd_of[l + 1]] if l % 2 == 0 else products[l + 1][:, odd_of[l]].T

    def _minus_model(self, data_W, data_b, products, even, odd):
        """Return model minus data moments, in the order of the parameters."""
        even_of, odd_of = self._positions()
        model_W = [
            products[even_of[l]][:, odd_of[l + 1]] if l % 2 == 0 else products[even_of[l + 1]][:, odd_of[l]].T
            for l in range(len(self.weights_))
        ]
        model_b = [odd[odd_of[l]] if l % 2 else even[even_of[l]] for l in range(len(self.biases_))]
        return [m - d for m, d in zip((*model_W, *model_b), (*data_W, *data_b), strict=True)]

    def _persistent_gradient(self, V, chains, rng):
        """Data half in mean field, model half from chains on the two sides."""
        layers = self._mean_field(V)
        data_W = [a.T @ b / len(V) for a, b in pairwise(layers)]
        data_b = [a.mean(axis=0) for a in layers]
        rbm = self.as_rbm()
        if chains is None:
            chains = (2 * rng.integers(0, 2, size=(len(V), rbm.weights_.shape[0])) - 1).astype(np.int8)
        chains = gibbs(rbm, chains, self.k, rng)[0]
        even = chains.astype(np.float64)
        odd = -np.tanh(even @ rbm.weights_ + rbm.hidden_bias_)
        moments = even.T @ odd / len(even), even.mean(axis=0), odd.mean(axis=0)
        return self._minus_model(data_W, data_b, *moments), chains

    def _mean_field(self, V):
        """Return self-consistent means of all layers with the visible one clamped."""
        W, b = self.weights_, self.biases_
        layers = [V.astype(np.float64), *(np.zeros((len(V), w.shape[1])) for w in W)]
        for _ in range(check_int("n_mean_field", self.n_mean_field, 1)):
            for l in range(1, len(layers)):
                field = b[l] + layers[l - 1] @ W[l - 1]
                if l < len(W):
                    field += layers[l + 1] @ W[l].T
                layers[l] = -np.tanh(field)
        return layers

    # -- enumeration ------------------------------------------------------------------------------------------------

    def _positions(self):
        """Return {layer: slice} on the even and on the odd side."""
        out = []
        for parity in (0, 1):
            ends = np.cumsum([0, *(len(b) for b in self.biases_[parity::2])])
            out.append({2 * i + parity: slice(ends[i], ends[i + 1]) for i in range(len(ends) - 1)})
        return out

    def _sides(self):
        """Return (weights, odd bias, even bias) of the two-sided machine."""
        even_of, odd_of = self._positions()
        odd, even = np.concatenate(self.biases_[1::2]), np.concatenate(self.biases_[::2])
        weights = np.zeros((len(even), len(odd)))
        for l, W in enumerate(self.weights_):
            if l % 2 == 0:
                weights[even_of[l], odd_of[l + 1]] = W
            else:
                weights[even_of[l + 1], odd_of[l]] = W.T
        return weights, odd, even

    def _odd_states(self):
        """Return all states of the odd units as float64, and where each odd layer is."""
        odd_of = self._positions()[1]
        return states(sum(len(b) for b in self.biases_[1::2])).astype(np.float64), odd_of

    def _even_fields(self, S, odd_of, l):
        field = self.biases_[l] + S[:, odd_of[l - 1]] @ self.weights_[l - 1]
        return field + S[:, odd_of[l + 1]] @ self.weights_[l].T if l < len(self.weights_) else field

    def _even_means(self, S, odd_of):
        """Return {even hidden layer: its means given every odd state}."""
        return {l: -np.tanh(self._even_fields(S, odd_of, l)) for l in range(2, len(self.biases_), 2)}

    def _odd_tables(self, V, S, odd_of):
        """Yield (rows, ln Σ over even hidden layers of exp(−E)) with one column per odd state."""
        common = -(S @ np.concatenate(self.biases_[1::2]))
        for l in range(2, len(self.biases_), 2):
            sums = np.empty(len(S))
            kernels.sum_log_cosh(sums, self._even_fields(S, odd_of, l), np.zeros(len(self.biases_[l])))
            common += sums
        first = S[:, odd_of[1]] @ self.weights_[0].T + self.biases_[0]
        step = max(1, _BLOCK // len(S))
        for start in range(0, len(V), step):
            rows = slice(start, start + step)
            yield rows, common - V[rows] @ first.T

    def _log_likelihood(self, V):
        S, odd_of = self._odd_states()
        out = np.empty(len(V))
        for rows, table in self._odd_tables(V, S, odd_of):
            out[rows] = logsumexp(table, axis=1)
        return out - exact.log_partition(self.as_rbm())

    # -- what a fitted machine computes -----------------------------------------------------------------------------

    def as_rbm(self) -> RBM:
        """Return the same distribution as a restricted machine: visible side (v, h², …), hidden side (h¹, h³, …)."""
        check_is_fitted(self, "weights_")
        return RBM.from_parameters(*self._sides())

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return mean-field means of the top layer given each sample.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.

        Returns
        -------
        ndarray, float64, shape (n_samples, layers[-1])
        """
        check_is_fitted(self, "weights_")
        return self._mean_field(self._check_inputs(X, reset=False))[-1]

    def log_likelihood(self, X: ArrayLike) -> np.ndarray:
        """Return the exact ln P(v) of each sample.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.

        Returns
        -------
        ndarray, float64, shape (n_samples,)

        Raises
        ------
        ValueError
            If the odd layers have more than 16 units.
        """
        check_is_fitted(self, "weights_")
        V = self._check_inputs(X, reset=False)
        self._check_enumerable()
        return self._log_likelihood(V)

    def visible_distribution(self) -> np.ndarray:
        """Return P(v) of all visible states.

        Returns
        -------
        ndarray, float64, shape (2**n_visible,)

        Raises
        ------
        ValueError
            If the odd layers have more than 16 units, or there are more than 24 visible ones.
        """
        check_is_fitted(self, "weights_")
        n = check_int("n_visible", len(self.biases_[0]), 1, exact.MAX_TABULATED)
        self._check_enumerable()
        return np.exp(self._log_likelihood(states(n)))

    def sample(self, n: int, n_steps: int = 1000, *, rng: np.random.Generator | int | None = None) -> np.ndarray:
        """Draw visible states with ``n`` independent Gibbs chains.

        Parameters
        ----------
        n : int
            Number of chains, one state from each.
        n_steps : int
            Sweeps per chain.
        rng : numpy.random.Generator, int or None

        Returns
        -------
        ndarray, int8, shape (n, n_visible)
        """
        rbm = self.as_rbm()
        return np.ascontiguousarray(rbm.sample(n, n_steps, rng=rng)[:, : len(self.biases_[0])])

    _kind, _learned = "DeepBoltzmannMachine", "weights_"

    def _parts(self):
        weights = {f"weights_{i}": w for i, w in enumerate(self.weights_)}
        return {"history": self.history_}, weights | {f"biases_{i}": b for i, b in enumerate(self.biases_)}

    @classmethod
    def _from_parts(cls, header, arrays):
        parameters = dict(header["parameters"])
        layers = tuple(parameters.pop("layers"))
        weights = [arrays[f"weights_{i}"] for i in range(len(layers))]
        machine = cls.from_parameters(weights, [arrays[f"biases_{i}"] for i in range(len(layers) + 1)], **parameters)
        machine.layers, machine.history_ = layers, header["history"]
        return machine

    @property
    def _n_features_out(self) -> int:
        return len(self.biases_[-1])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.non_deterministic = not isinstance(self.rng, numbers.Integral)
        return tags
