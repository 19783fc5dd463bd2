"""The deep Boltzmann machine: every layer undirected, all trained together."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from .._validation import as_generator, check_array, check_choice, check_int, check_real
from ._enumeration import MAX_TABULATED, states
from ._epochs import check_callback, epochs
from ._gibbs import gibbs
from ._machine import Machine, check_layers, checked_momentum, checked_rate, coins, mean_bias
from ._two_sides import MAX_ODD, TwoSides
from .rbm import RBM

__all__ = ["DeepBoltzmannMachine"]


class DeepBoltzmannMachine(Machine):
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
        given = [np.zeros(n) for n in sizes] if biases is None else biases
        b = [check_array("biases", x, ndim=1).copy() for x in given]
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
        self.biases_[0] = mean_bias(V)
        self.history_ = {}
        if self.method == "exact":
            self._two_sides().check_enumerable()
        velocity = [np.zeros_like(a) for a in (*self.weights_, *self.biases_)]
        chains = None
        for epoch in epochs(self, n_epochs):
            order = rng.permutation(len(V))
            for start in range(0, len(V), size or len(V)):
                batch = V[order[start : start + (size or len(V))]]
                if self.method == "exact":
                    gradient = self._two_sides().exact_gradient(batch)
                else:
                    gradient, chains = self._persistent_gradient(batch, chains, rng)
                self._ascend(gradient, velocity, rates, epoch)
            self._record(V, epoch)
        return self

    def _check_parameters(self):
        check_layers(self.layers)
        check_callback(self)
        check_choice("method", self.method, ("exact", "pcd"))
        check_int("k", self.k, 1)
        check_int("n_mean_field", self.n_mean_field, 1)
        rates = checked_rate(self), checked_momentum(self), check_real("l2", self.l2, 0.0)
        size = None if self.batch_size is None else check_int("batch_size", self.batch_size, 1)
        return check_int("n_epochs", self.n_epochs, 0), size, rates

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
        sides = self._two_sides()
        if sides.n_odd <= MAX_ODD:
            self.history_.setdefault("log_likelihood", []).append(float(sides.log_likelihood(V).mean()))

    def _persistent_gradient(self, V, chains, rng):
        """Data half in mean field, model half from chains on the two sides."""
        layers = self._mean_field(V)
        data = [a.T @ b / len(V) for a, b in pairwise(layers)] + [a.mean(axis=0) for a in layers]
        rbm = self.as_rbm()
        if chains is None:
            chains = coins(rng, len(V), rbm.weights_.shape[0])
        chains = gibbs(rbm, chains, self.k, rng)[0]
        even = chains.astype(np.float64)
        odd = -np.tanh(even @ rbm.weights_ + rbm.hidden_bias_)
        moments = even.T @ odd / len(even), odd.mean(axis=0), even.mean(axis=0)
        return self._two_sides().minus_model(data, moments), chains

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

    # -- what a fitted machine computes -----------------------------------------------------------------------------

    def as_rbm(self) -> RBM:
        """Return the same distribution as a restricted machine: visible side (v, h², …), hidden side (h¹, h³, …)."""
        return RBM.from_parameters(*self._two_sides().parameters())

    def _two_sides(self) -> TwoSides:
        check_is_fitted(self, self._learned)
        return TwoSides(self.weights_, self.biases_)

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
        return self._mean_field(self._fitted_inputs(X))[-1]

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
        V, sides = self._fitted_inputs(X), self._two_sides()
        sides.check_enumerable()
        return sides.log_likelihood(V)

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
        sides = self._two_sides()
        n = check_int("n_visible", len(self.biases_[0]), 1, MAX_TABULATED)
        sides.check_enumerable()
        return np.exp(sides.log_likelihood(states(n)))

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
