"""The restricted Boltzmann machine with ±1 units, as a scikit-learn estimator."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from .._validation import as_generator, check_array, check_int, check_units
from . import _fitting as fitting
from . import _measures as measures
from ._gibbs import gibbs, hidden_fields, sample_from_fields
from ._machine import Machine, coins
from ._training import State

__all__ = ["RBM"]


class RBM(Machine):
    r"""Restricted Boltzmann machine with ±1 units, P(v, h) ∝ exp(−E).

    .. math:: E(v, h) = \sum_j b_j h_j + \sum_i c_i v_i + \sum_{ij} v_i W_{ij} h_j

    The signs are those of the essay's eq. 2: a negative weight aligns its two units, so draw −W.

    Parameters
    ----------
    n_hidden : int
        Number of hidden units.
    method : {"cd", "pcd", "exact"}
        How the model half of the gradient is found: chains of ``k`` sweeps started at the data (contrastive
        divergence), chains that persist from batch to batch, or enumeration of the smaller layer (at most 24 units).
    k : int
        Gibbs sweeps per gradient; no effect on "exact".
    learning_rate : float
        Step along the mean gradient of the log-likelihood. ±1 units want about 1/16 of the step of {0, 1} units.
        Persistent chains get lost for large steps; keep them at 0.01 or below.
    batch_size : int or None
        Samples per step, also the number of persistent chains; None for all samples.
    n_epochs : int
        Passes over the data made by ``fit``.
    momentum : float in [0, 1)
        Fraction of the last step that is added to the next one.
    l1 : float
        Strength of the penalty Σ|W|, applied as a soft threshold, so that weights can be exactly zero.
        A strength λ on {0, 1} units corresponds to 4 λ.
    l2 : float
        Strength of the penalty Σ W²/2. Biases are never penalised.
    evaluate_every : int
        Epochs between entries of ``history_``; 0 for none.
    binarize : float or None
        Threshold above which inputs count as +1, the rest as −1. None demands inputs that are ±1 already.
    on_epoch : callable or None
        Called as ``on_epoch(rbm, epoch)`` after every epoch, 1-based; training stops if it returns True. It may
        return False or None to go on.
    rng : numpy.random.Generator, int or None
        Source of all randomness. One number is drawn from it per fit; the same number gives the same result for any
        number of BLAS threads.
    verbose : bool
        Show a progress bar.

    Attributes
    ----------
    weights_ : ndarray, float64, shape (n_visible, n_hidden)
        W.
    hidden_bias_ : ndarray, float64, shape (n_hidden,)
        The essay's b.
    visible_bias_ : ndarray, float64, shape (n_visible,)
        The essay's c.
    history_ : dict of lists
        ``epoch``; ``reconstruction_error``, the mean of (v − ⟨v⟩)² with ⟨v⟩ computed from ⟨h|v⟩;
        ``pseudo_likelihood``, the mean of Σ_i ln P(v_i | the other v); and, if the smaller layer has at most 20 units,
        ``log_likelihood``, the exact mean of ln P(v). All on a fixed random subset of the training samples: at most
        4096 for ``log_likelihood``; for the other two at most 2²⁴ / (n_visible n_hidden) of these, but at least 32.
    n_epochs_ : int
        Epochs done since the parameters were initialised.
    n_features_in_ : int
        n_visible.

    Raises
    ------
    FloatingPointError
        From ``fit`` and ``partial_fit`` when training diverges; the state before that epoch is kept.

    Warns
    -----
    RuntimeWarning
        After training that ends, with finite parameters, at a pseudo-likelihood below three times that of fair coins.

    Notes
    -----
    ∂ ln P/∂W_ij = −⟨v_i h_j⟩_data + ⟨v_i h_j⟩_model. Both halves use ⟨h|v⟩ in place of samples of h. CD and PCD work in
    float32 and cost 3 + 2k matrix products of a batch per step, "exact" works in float64. BLAS is held to one thread
    while training. Interrupting ``fit`` (Ctrl-C) raises KeyboardInterrupt and leaves the machine as it was after the
    last complete epoch, ready for use or for ``partial_fit``.

    References
    ----------
    .. [1] G. E. Hinton, Neural Computation 14, 1771 (2002).
    .. [2] T. Tieleman, Proceedings of the 25th International Conference on Machine Learning, 1064 (2008).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.repeat([[1, 1, 1], [-1, -1, -1]], 50, axis=0)
    >>> rbm = RBM(1, method="exact", learning_rate=0.2, batch_size=None, n_epochs=100, rng=0).fit(X)
    >>> bool(rbm.history_["log_likelihood"][-1] > -0.8)  # two equal states: at most -ln 2
    True
    """

    def __init__(
        self,
        n_hidden: int = 64,
        *,
        method: str = "cd",
        k: int = 1,
        learning_rate: float = 0.01,
        batch_size: int | None = 100,
        n_epochs: int = 20,
        momentum: float = 0.5,
        l1: float = 0.0,
        l2: float = 0.0,
        evaluate_every: int = 1,
        binarize: float | None = None,
        on_epoch: Callable[["RBM", int], bool | None] | None = None,
        rng: np.random.Generator | int | None = None,
        verbose: bool = False,
    ):
        self.n_hidden = n_hidden
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
        self.on_epoch = on_epoch
        self.rng = rng
        self.verbose = verbose

    @classmethod
    def from_parameters(
        cls, weights: ArrayLike, hidden_bias: ArrayLike | None = None, visible_bias: ArrayLike | None = None, **params
    ) -> "RBM":
        """Return a machine with given parameters, as if it had been fitted.

        Parameters
        ----------
        weights : array_like, shape (n_visible, n_hidden)
        hidden_bias, visible_bias : array_like, shapes (n_hidden,) and (n_visible,), optional
            Zero by default.
        **params
            Constructor parameters other than ``n_hidden``.

        Returns
        -------
        RBM

        Examples
        --------
        >>> RBM.from_parameters([[-1.0], [-1.0]]).free_energy([[1, 1], [1, -1]]).round(4)
        array([-2.0181, -0.6931])
        """
        W = check_array("weights", weights, ndim=2).copy()
        b = np.zeros(W.shape[1]) if hidden_bias is None else check_array("hidden_bias", hidden_bias, ndim=1).copy()
        c = np.zeros(W.shape[0]) if visible_bias is None else check_array("visible_bias", visible_bias, ndim=1).copy()
        for name, bias, n in (("hidden_bias", b, W.shape[1]), ("visible_bias", c, W.shape[0])):
            if len(bias) != n:
                raise ValueError(f"{name} must have {n} entries to fit weights of shape {W.shape}, got {len(bias)}")
        rbm = cls(W.shape[1], **params)
        rbm.n_features_in_ = W.shape[0]
        rbm.weights_, rbm.hidden_bias_, rbm.visible_bias_ = W, b, c
        rbm.history_, rbm.n_epochs_ = {}, 0
        return rbm

    # -- training ---------------------------------------------------------------------------------------------------

    def fit(self, X: ArrayLike, y: None = None) -> "RBM":
        """Initialise the parameters and train for ``n_epochs`` passes over the data.

        Weights start as Gaussian noise of width 0.01, hidden biases at 0, visible biases at the values that
        reproduce the mean of each unit.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.
        y : None
            Ignored.

        Returns
        -------
        RBM
            Itself.
        """
        settings = fitting.settings(self)
        X = self._check_inputs(X, reset=True)
        fitting.initialise(self, X)
        fitting.train(self, X, settings, check_int("n_epochs", self.n_epochs, 0))
        return self

    def partial_fit(self, X: ArrayLike, y: None = None) -> "RBM":
        """Train for one more pass over ``X``, going on from the present parameters, momentum and chains.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.
        y : None
            Ignored.

        Returns
        -------
        RBM
            Itself.
        """
        settings = fitting.settings(self)
        fresh = not hasattr(self, "weights_")
        X = self._check_inputs(X, reset=fresh)
        if fresh:
            fitting.initialise(self, X)
        fitting.train(self, X, settings, 1)
        return self

    # -- what a fitted machine computes -----------------------------------------------------------------------------

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return the mean hidden units ⟨h_j⟩ = −tanh(b_j + Σ_i v_i W_ij) given each sample.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.

        Returns
        -------
        ndarray, float64, shape (n_samples, n_hidden)
            In [−1, 1].
        """
        return -np.tanh(hidden_fields(self, self._fitted_inputs(X)))

    def sample_hidden(self, X: ArrayLike, *, rng: np.random.Generator | int | None = None) -> np.ndarray:
        """Draw hidden units given each sample.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.
        rng : numpy.random.Generator, int or None

        Returns
        -------
        ndarray, int8, shape (n_samples, n_hidden)
        """
        return sample_from_fields(hidden_fields(self, self._fitted_inputs(X)), as_generator(rng))

    def reconstruct(self, X: ArrayLike) -> np.ndarray:
        """Return the mean visible units −tanh(c + W ⟨h⟩), with ⟨h⟩ the mean hidden units given each sample.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.

        Returns
        -------
        ndarray, float64, shape (n_samples, n_visible)
        """
        return measures.reconstruct(self, self._fitted_inputs(X))

    def free_energy(self, X: ArrayLike) -> np.ndarray:
        """Return F(v) = −ln Tr_h e^{−E} = c·v − Σ_j ln 2cosh(b_j + Σ_i v_i W_ij) of each sample.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.

        Returns
        -------
        ndarray, float64, shape (n_samples,)
        """
        return measures.free_energy(self, self._fitted_inputs(X))

    def hidden_energy(self, H: ArrayLike) -> np.ndarray:
        """Return the hidden Hamiltonian H_h = −ln Tr_v e^{−E} = b·h − Σ_i ln 2cosh(c_i + Σ_j W_ij h_j), essay eq. 4.

        Parameters
        ----------
        H : array_like, shape (n_samples, n_hidden)
            Entries +1 and −1.

        Returns
        -------
        ndarray, float64, shape (n_samples,)
        """
        check_is_fitted(self, "weights_")
        H = check_units("H", H, ndim=2)
        if H.shape[1] != self.weights_.shape[1]:
            raise ValueError(f"H must have {self.weights_.shape[1]} columns, one per hidden unit, got shape {H.shape}")
        return measures.hidden_energy(self, H)

    def score_samples(self, X: ArrayLike) -> np.ndarray:
        """Return the log-pseudo-likelihood Σ_i ln P(v_i | the other v) of each sample, exact and without log Z.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.

        Returns
        -------
        ndarray, float64, shape (n_samples,)
            In nats per sample. For the log-likelihood proper see :func:`mlrg_lib.machines.exact.log_likelihood`.

        Notes
        -----
        About half a nanosecond per sample, visible and hidden unit. Scikit-learn's BernoulliRBM estimates the same
        sum from one random site per sample; this is the whole sum, and deterministic.
        """
        return measures.pseudo_likelihood(self, self._fitted_inputs(X))

    def score(self, X: ArrayLike, y: None = None) -> float:
        """Return the mean of ``score_samples(X)``, so that model selection tools have something to maximise.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_visible)
            Entries +1 and −1.
        y : None
            Ignored.

        Returns
        -------
        float
        """
        return float(self.score_samples(X).mean())

    def sample(
        self,
        n: int,
        n_steps: int = 1000,
        *,
        start: ArrayLike | None = None,
        rng: np.random.Generator | int | None = None,
    ) -> np.ndarray:
        """Draw visible states with ``n`` independent Gibbs chains.

        Parameters
        ----------
        n : int
            Number of chains, one state returned from each.
        n_steps : int
            Sweeps h|v, v|h per chain. Independent samples need more sweeps than the chain's autocorrelation time;
            see :func:`mlrg_lib.machines.annealing.parallel_tempering` for machines that mix slowly.
        start : array_like, shape (n, n_visible), optional
            Entries +1 and −1; fair coins by default.
        rng : numpy.random.Generator, int or None

        Returns
        -------
        ndarray, int8, shape (n, n_visible)
        """
        check_is_fitted(self, "weights_")
        n, n_steps, rng = check_int("n", n, 1), check_int("n_steps", n_steps, 0), as_generator(rng)
        n_visible = self.weights_.shape[0]
        if start is None:
            start = coins(rng, n, n_visible)
        else:
            start = check_units("start", start, ndim=2)
            if start.shape != (n, n_visible):
                raise ValueError(f"start must have shape {(n, n_visible)}, got {start.shape}")
        return gibbs(self, start, n_steps, rng)[0]

    # -- storage and scikit-learn's protocol ------------------------------------------------------------------------

    _kind, _learned = "RBM", "weights_"

    def _parts(self):
        header = {"history": self.history_, "n_epochs": self.n_epochs_}
        arrays = {"weights": self.weights_, "hidden_bias": self.hidden_bias_, "visible_bias": self.visible_bias_}
        if (state := getattr(self, "_state", None)) is not None:
            header["state"], further = state.parts()
            arrays |= further
        return header, arrays

    @classmethod
    def _from_parts(cls, header, arrays):
        parameters = dict(header["parameters"])
        n_hidden = parameters.pop("n_hidden")
        rbm = cls.from_parameters(arrays["weights"], arrays["hidden_bias"], arrays["visible_bias"], **parameters)
        rbm.n_hidden, rbm.history_, rbm.n_epochs_ = n_hidden, header["history"], header["n_epochs"]
        if "state" in header:
            rbm._state = State.from_parts(rbm, header["state"], arrays)
        return rbm

    @property
    def _n_features_out(self) -> int:
        return self.weights_.shape[1]
