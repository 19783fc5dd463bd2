"""The deep belief network: restricted Boltzmann machines stacked greedily, each trained on samples of the one below."""

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp
from sklearn.utils.validation import check_is_fitted

from .._rbm import draw_seed
from .._validation import as_generator, check_array, check_int
from . import exact
from ._enumeration import states
from ._gibbs import gibbs, sample_from_fields
from ._machine import Machine, check_layers, coins
from .rbm import RBM
from .storage import stored_parameters

__all__ = ["DeepBeliefNetwork"]

_MAX_PAIR = 24  # units of two neighbouring layers whose joint states are tabulated


class DeepBeliefNetwork(Machine):
    """Stack of RBMs, P(v, h¹, …, h^L) = P(v|h¹) ⋯ P(h^{L−2}|h^{L−1}) P_RBM(h^{L−1}, h^L): only the top is undirected.

    Parameters
    ----------
    layers : tuple of int
        Hidden units of each machine, bottom to top.
    method, k, learning_rate, batch_size, n_epochs, momentum, l1, l2, evaluate_every
        As for :class:`RBM`; one value for all machines, or a tuple with one per machine.
    binarize : float or None
        Threshold above which inputs count as +1, the rest as −1. None demands inputs that are ±1 already.
    rng : numpy.random.Generator, int or None
        Source of all randomness.
    verbose : bool
        Show one progress bar per machine.

    Attributes
    ----------
    rbms_ : list of RBM
        The machines, bottom to top.
    n_features_in_ : int
        n_visible.

    Raises
    ------
    FloatingPointError
        From ``fit`` when a machine diverges.

    Notes
    -----
    Machine l + 1 is trained on one ±1 sample of h^l per training sample, drawn from P(h^l | the sample below). Each
    machine trained this way raises a lower bound on ln P(v) as long as it starts from the machine below turned upside
    down [1]_; with the random start used here the bound need not rise. In a deep *Boltzmann machine* all layers are
    undirected: see :class:`DeepBoltzmannMachine`. There is no ``partial_fit``: the data of a
    machine are samples of the one below it, so a machine that goes on learning takes theirs from those above.

    References
    ----------
    .. [1] G. E. Hinton, S. Osindero and Y.-W. Teh, Neural Computation 18, 1527 (2006).
    .. [2] P. Mehta and D. J. Schwab, arXiv:1410.3831 (2014).

    Examples
    --------
    >>> X = np.repeat([[1, 1, 1, 1], [-1, -1, -1, -1]], 100, axis=0)
    >>> dbn = DeepBeliefNetwork((3, 1), learning_rate=0.1, n_epochs=30, rng=0).fit(X)
    >>> dbn.receptive_fields(2).shape, bool((np.sign(dbn.reconstruct(X)) == X).all())
    ((4, 1), True)
    """

    def __init__(
        self,
        layers: tuple[int, ...] = (400, 100, 25),
        *,
        method: str | tuple[str, ...] = "cd",
        k: int | tuple[int, ...] = 1,
        learning_rate: float | tuple[float, ...] = 0.01,
        batch_size: int | tuple[int | None, ...] | None = 100,
        n_epochs: int | tuple[int, ...] = 20,
        momentum: float | tuple[float, ...] = 0.5,
        l1: float | tuple[float, ...] = 0.0,
        l2: float | tuple[float, ...] = 0.0,
        evaluate_every: int | tuple[int, ...] = 1,
        binarize: float | None = None,
        rng: np.random.Generator | int | None = None,
        verbose: bool = False,
    ):
        self.layers = layers
        self.method = method
        self.k = k
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.n_epochs = n_epochs
        self.momentum = momentum
        self.l1 = l1
        self.l2 = l2
        self.evaluate_every = evaluate_every
        self.binarize = binarize
        self.rng = rng
        self.verbose = verbose

    @classmethod
    def from_rbms(cls, rbms: list[RBM], **params) -> "DeepBeliefNetwork":
        """Stack machines that exist already.

        Parameters
        ----------
        rbms : list of RBM
            Bottom to top; the hidden units of one are the visible units of the next.
        **params
            Constructor parameters other than ``layers``.

        Returns
        -------
        DeepBeliefNetwork

        Examples
        --------
        >>> pair = [RBM.from_parameters(np.ones((4, 2))), RBM.from_parameters(np.ones((2, 1)))]
        >>> DeepBeliefNetwork.from_rbms(pair).receptive_fields(2).ravel()
        array([2., 2., 2., 2.])
        """
        if len(rbms) == 0:
            raise ValueError("rbms must hold at least one machine, got none")
        for below, above in pairwise(rbms):
            if below.weights_.shape[1] != above.weights_.shape[0]:
                raise ValueError(
                    f"rbms must fit on top of each other, got weights of shapes {[r.weights_.shape for r in rbms]}"
                )
        dbn = cls(tuple(rbm.weights_.shape[1] for rbm in rbms), **params)
        dbn.rbms_ = list(rbms)
        dbn.n_features_in_ = rbms[0].weights_.shape[0]
        return dbn

    def fit(self, X: ArrayLike, y: None = None) -> "DeepBeliefNetwork":
        """Train the machines one after the other.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.
        y : None
            Ignored.

        Returns
        -------
        DeepBeliefNetwork
            Itself.
        """
        settings = self._per_layer()
        data = self._check_inputs(X, reset=True)
        rng = as_generator(self.rng)
        self.rbms_ = []
        for options in settings:
            rbm = RBM(**options, rng=int(draw_seed(rng)), verbose=self.verbose).fit(data)
            self.rbms_.append(rbm)
            data = rbm.sample_hidden(data, rng=rng)
        return self

    def _per_layer(self) -> list[dict]:
        """Return the constructor arguments of each machine."""
        names = ("method", "k", "learning_rate", "batch_size", "n_epochs", "momentum", "l1", "l2", "evaluate_every")
        options = [{"n_hidden": n} for n in check_layers(self.layers)]
        for name in names:
            value = getattr(self, name)
            each = value if isinstance(value, tuple | list) else [value] * len(options)
            if len(each) != len(options):
                raise ValueError(f"{name} must be one value or {len(options)}, one per layer, got {len(each)}")
            for option, chosen in zip(options, each, strict=True):
                option[name] = chosen
        return options

    def _layer(self, layer) -> int:
        check_is_fitted(self, "rbms_")
        return len(self.rbms_) if layer is None else check_int("layer", layer, 1, len(self.rbms_))

    def transform(self, X: ArrayLike, layer: int | None = None) -> np.ndarray:
        """Return mean hidden units, each layer from the means of the one below.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.
        layer : int, optional
            1 for the lowest hidden layer; the top one by default.

        Returns
        -------
        ndarray, float64, shape (n_samples, layers[layer - 1])
            In [−1, 1].
        """
        means, layer = self._fitted_inputs(X).astype(np.float64), self._layer(layer)
        for rbm in self.rbms_[:layer]:
            means = -np.tanh(means @ rbm.weights_ + rbm.hidden_bias_)
        return means

    def reconstruct(self, X: ArrayLike, layer: int | None = None) -> np.ndarray:
        """Return mean visible units computed down from the means of a hidden layer.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.
        layer : int, optional
            The layer that is kept, 1 for the lowest; the top one by default.

        Returns
        -------
        ndarray, float64, shape (n_samples, n_visible)
            In [−1, 1].
        """
        layer = self._layer(layer)
        means = self.transform(X, layer)
        for rbm in reversed(self.rbms_[:layer]):
            means = -np.tanh(means @ rbm.weights_.T + rbm.visible_bias_)
        return means

    def receptive_fields(self, layer: int | None = None) -> np.ndarray:
        """Return effective receptive fields r^(l) = r^(l−1) W^(l), r^(1) = W^(1).

        Parameters
        ----------
        layer : int, optional
            1 for the lowest hidden layer; the top one by default.

        Returns
        -------
        ndarray, float64, shape (n_visible, layers[layer - 1])
            A linear measure: it ignores the units' nonlinearity, and products of local fields widen by themselves.
            With the essay's signs, odd layers align with −r and even layers with +r.
        """
        fields = self.rbms_[0].weights_ if self._layer(layer) else None
        for rbm in self.rbms_[1 : self._layer(layer)]:
            fields = fields @ rbm.weights_
        return fields.copy()

    def sample(self, n: int, n_steps: int = 1000, *, rng: np.random.Generator | int | None = None) -> np.ndarray:
        """Draw visible states: Gibbs chains in the top machine, then one pass down.

        Parameters
        ----------
        n : int
            Number of independent chains, one state from each.
        n_steps : int
            Sweeps of the top machine per chain.
        rng : numpy.random.Generator, int or None

        Returns
        -------
        ndarray, int8, shape (n, n_visible)
        """
        check_is_fitted(self, "rbms_")
        n, n_steps, rng = check_int("n", n, 1), check_int("n_steps", n_steps, 0), as_generator(rng)
        top = self.rbms_[-1]
        start = coins(rng, n, top.weights_.shape[0])
        units = gibbs(top, start, n_steps, rng)[0]
        for rbm in reversed(self.rbms_[:-1]):
            units = sample_from_fields(units @ rbm.weights_.T + rbm.visible_bias_, rng)
        return units

    def visible_distribution(self) -> np.ndarray:
        """Return P(v) of all visible states, by summing over every hidden layer.

        Returns
        -------
        ndarray, float64, shape (2**n_visible,)

        Raises
        ------
        ValueError
            If two neighbouring layers have more than 24 units together.
        """
        check_is_fitted(self, "rbms_")
        p = exact.visible_distribution(self.rbms_[-1])
        for rbm in reversed(self.rbms_[:-1]):
            p = np.exp(logsumexp(self._log_conditional(rbm, states(rbm.weights_.shape[0])), b=p, axis=1))
        return p

    def log_likelihood(self, X: ArrayLike) -> np.ndarray:
        """Return the exact ln P(v) of each sample, by summing over every hidden layer.

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
            If two neighbouring layers of hidden units have more than 24 units together.
        """
        V = self._fitted_inputs(X)
        if len(self.rbms_) == 1:
            return exact.log_likelihood(self.rbms_[0], V)
        p = DeepBeliefNetwork.from_rbms(self.rbms_[1:]).visible_distribution()
        out = np.empty(len(V))
        rows = max(1, (1 << _MAX_PAIR) // len(p))
        for start in range(0, len(V), rows):
            part = slice(start, start + rows)
            out[part] = logsumexp(self._log_conditional(self.rbms_[0], V[part]), b=p, axis=1)
        return out

    @staticmethod
    def _log_conditional(rbm, V) -> np.ndarray:
        """Return ln P(v|h) of rows v and all states h, float64 (len(V), 2**n_hidden)."""
        n_hidden = rbm.weights_.shape[1]
        if len(V) << n_hidden > 1 << _MAX_PAIR:
            raise ValueError(
                f"layers must have at most {_MAX_PAIR} units in two neighbours to be summed over, "
                f"got weights of shape {rbm.weights_.shape}"
            )
        fields = check_array("fields", states(n_hidden) @ rbm.weights_.T + rbm.visible_bias_)
        return -(V @ fields.T) - np.logaddexp(fields, -fields).sum(axis=1)

    _kind, _learned = "DeepBeliefNetwork", "rbms_"

    def _parts(self):
        headers, arrays = [], {}
        for i, rbm in enumerate(self.rbms_):
            header, own = rbm._parts()
            headers.append({"parameters": stored_parameters(rbm)} | header)
            arrays |= {f"{i}.{name}": array for name, array in own.items()}
        return {"rbms": headers}, arrays

    @classmethod
    def _from_parts(cls, header, arrays):
        def machine(i, own):
            prefix = f"{i}."
            found = {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}
            return RBM._from_parts(own, found)

        parameters = dict(header["parameters"])
        layers = parameters.pop("layers")
        dbn = cls.from_rbms([machine(i, own) for i, own in enumerate(header["rbms"])], **_tuples(parameters))
        dbn.layers = tuple(layers)
        return dbn

    @property
    def _n_features_out(self) -> int:
        return self.rbms_[-1].weights_.shape[1]


def _tuples(parameters: dict) -> dict:
    """Return the parameters with tuples in place of the lists that JSON makes of them."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in parameters.items()}
