"""The training of a restricted Boltzmann machine: start, epochs, history, and what an interruption leaves."""

import math
import warnings

import numpy as np

from .._progress import progress
from .._rbm import draw_seed
from .._threads import one_blas_thread
from .._validation import as_generator, check_choice, check_int, check_real
from . import _measures as measures
from ._enumeration import MAX_TABULATED
from ._epochs import check_callback, ends
from ._machine import checked_momentum, checked_rate, mean_bias
from ._training import Settings, State, train_epoch
from .exact import log_partition

__all__ = ["initialise", "settings", "train"]

_METHODS = ("cd", "pcd", "exact")
_EXACT_HISTORY = 20  # units in the smaller layer up to which the history holds the exact log-likelihood
_HISTORY_ROWS = 4096  # samples the history is measured on
_HISTORY_WORK = 1 << 24  # rows * visible * hidden of the pseudo-likelihood in the history: about 10 ms
_LOST = 3.0  # times the pseudo-likelihood of fair coins, below which training has gone astray
_START_SCALE = 0.01


def settings(rbm) -> Settings:
    """Return the checked parameters that the loops need."""
    check_int("n_hidden", rbm.n_hidden, 1)
    check_int("evaluate_every", rbm.evaluate_every, 0)
    check_callback(rbm)
    momentum, rate = checked_momentum(rbm), checked_rate(rbm)
    return Settings(
        method=check_choice("method", rbm.method, _METHODS),
        k=check_int("k", rbm.k, 1),
        learning_rate=rate,
        batch_size=None if rbm.batch_size is None else check_int("batch_size", rbm.batch_size, 1),
        momentum=momentum,
        l1=check_real("l1", rbm.l1, 0.0),
        l2=check_real("l2", rbm.l2, 0.0),
    )


def initialise(rbm, X) -> None:
    """Give the machine its first parameters."""
    rng = as_generator(rbm.rng)
    seed = int(draw_seed(rng))
    n_visible, n_hidden = X.shape[1], rbm.n_hidden
    start = np.random.default_rng(seed)
    rbm.weights_ = _START_SCALE * start.standard_normal((n_visible, n_hidden))
    rbm.hidden_bias_ = np.zeros(n_hidden)
    rbm.visible_bias_ = mean_bias(X)
    rbm.history_, rbm.n_epochs_ = {}, 0
    rbm._state = _new_state(rbm, seed)


def _new_state(rbm, seed) -> State:
    kind = np.float64 if rbm.method == "exact" else np.float32
    arrays = (np.array(a, dtype=kind, order="C") for a in (rbm.weights_, rbm.hidden_bias_, rbm.visible_bias_))
    return State(*arrays, seed=seed, epochs=rbm.n_epochs_)


def _working_state(rbm) -> State:
    """Return a state to train on: the present parameters with the stored momentum, chains and counters."""
    if not hasattr(rbm, "_state"):
        rbm._state = _new_state(rbm, int(draw_seed(as_generator(rbm.rng))))
    old, state = rbm._state, _new_state(rbm, rbm._state.seed)
    state.calls, state.epochs = old.calls, old.epochs
    state.chains = None if old.chains is None else old.chains.copy()
    state.velocities = [v.astype(state.weights.dtype) for v in old.velocities]
    state.lay_out()
    return state


def train(rbm, X, settings, n_epochs) -> None:
    """Pass ``n_epochs`` times over the data, from the present parameters, momentum and chains."""
    n_visible, n_hidden = rbm.weights_.shape
    if settings.method == "exact" and min(n_visible, n_hidden) > MAX_TABULATED:
        raise ValueError(
            f'method="exact" must have at most {MAX_TABULATED} units in its smaller layer, '
            f"got {n_visible} visible and {n_hidden} hidden units"
        )
    state = _working_state(rbm)
    probe = X[np.random.default_rng([state.seed, 1]).permutation(len(X))[:_HISTORY_ROWS]]
    with one_blas_thread(), progress(rbm.verbose, total=n_epochs, unit="epoch") as bar:
        for epoch in range(n_epochs):
            _one_epoch(rbm, state, X, settings, last=epoch == n_epochs - 1)
            with np.errstate(over="ignore", invalid="ignore"):  # on the way to divergence
                _record(rbm, probe)
            _show(rbm, bar)
            if ends(rbm, rbm.n_epochs_):
                break
    _warn_if_lost(rbm)


def _one_epoch(rbm, state, X, settings, *, last) -> None:
    try:
        train_epoch(state, X, settings)
        finite = state.is_finite()
    except FloatingPointError:
        finite = False
    if not finite:
        raise FloatingPointError(
            f"training diverged in epoch {rbm.n_epochs_ + 1} with learning_rate={rbm.learning_rate}: "
            "the parameters are no longer finite; use a smaller learning_rate"
        )
    rbm._state = state if last else state.copy()  # what a later epoch breaks off must be as it was
    rbm.weights_, rbm.hidden_bias_, rbm.visible_bias_ = (
        a.astype(np.float64) for a in (state.weights, state.hidden_bias, state.visible_bias)
    )
    rbm.n_epochs_ = state.epochs


def _record(rbm, probe) -> None:
    if rbm.evaluate_every == 0 or rbm.n_epochs_ % rbm.evaluate_every:
        return
    few = probe[: max(32, _HISTORY_WORK // rbm.weights_.size)]
    entry = {
        "epoch": rbm.n_epochs_,
        "reconstruction_error": float(np.mean((few - measures.reconstruct(rbm, few)) ** 2)),
        "pseudo_likelihood": float(measures.pseudo_likelihood(rbm, few).mean()),
    }
    if min(rbm.weights_.shape) <= _EXACT_HISTORY:
        entry["log_likelihood"] = float(-measures.free_energy(rbm, probe).mean()) - log_partition(rbm)
    for name, value in entry.items():
        rbm.history_.setdefault(name, []).append(value)


def _warn_if_lost(rbm) -> None:
    """Warn when training ended far below what a machine without weights reaches, if the history knows that."""
    if rbm.history_.get("epoch", [None])[-1] != rbm.n_epochs_:
        return
    found, coins = rbm.history_["pseudo_likelihood"][-1], -rbm.n_features_in_ * math.log(2.0)
    if not found > _LOST * coins:
        warnings.warn(
            f"training has probably diverged: the pseudo-likelihood is {found:.4g}, fair coins have {coins:.4g}; "
            f"use a smaller learning_rate than {rbm.learning_rate}",
            RuntimeWarning,
            stacklevel=4,
        )


def _show(rbm, bar) -> None:
    bar.update(1)
    for name in ("log_likelihood", "pseudo_likelihood"):
        if rbm.history_.get(name):
            bar.set_postfix({name: f"{rbm.history_[name][-1]:.4g}"})
            return
