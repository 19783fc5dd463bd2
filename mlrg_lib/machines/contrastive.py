"""What contrastive divergence does on average, exactly, for machines whose two layers can both be listed."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_expit

from .._rbm import RBMLike, checked_parameters
from .._validation import check_int
from ._checks import checked_samples, checked_shares
from ._enumeration import states

__all__ = ["expected_directions"]

MAX_CHAIN_UNITS = 26  # visible and hidden units together: a table over both layers is walked through once
_ROWS = 4096  # visible states at a time


def expected_directions(
    rbm: RBMLike, X: ArrayLike, steps: Iterable[int], *, sample_weight: ArrayLike | None = None
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return the directions that CD-k takes on average over its random numbers, for W, b and c.

    Parameters
    ----------
    rbm : RBM or the like
        At most 26 units in both layers together, 12 of them hidden.
    X : array_like, shape (n_samples, n_visible)
        Entries +1 and −1: where the chains start.
    steps : iterable of int
        Numbers k of steps of block Gibbs sampling, v → h → v being one. At least 1 each.
    sample_weight : array_like, shape (n_samples,), optional
        Weights of the samples, not negative; they are normalised.

    Returns
    -------
    list of tuple
        For each k three arrays: −⟨v_i h_j⟩_data + ⟨v_i h_j⟩_k of shape (n_visible, n_hidden), the second average over
        chains of k steps; −⟨h_j⟩_data + ⟨h_j⟩_k of shape (n_hidden,); −⟨v_i⟩_data + ⟨v_i⟩_k of shape (n_visible,).

    Raises
    ------
    ValueError
        If the machine is too large, a number of steps is not a positive integer, X is not ±1 or has the wrong number
        of columns, or the weights are negative, all zero or of the wrong number.

    Notes
    -----
    Nothing is drawn. A step from hidden state to hidden state has the transition matrix ``Σ_v P(v|h) P(h'|v)`` of 2^m
    rows, which is applied k − 1 times to the hidden states that the data give; the last half step is a sum too. As
    k → ∞ the direction becomes `exact.log_likelihood_gradient` [1]_.

    References
    ----------
    .. [1] G. E. Hinton, Training products of experts by minimizing contrastive divergence, Neural Comput. 14 (2002).

    Examples
    --------
    >>> from mlrg_lib.machines import RBM, exact
    >>> machine = RBM.from_parameters([[-0.3, 0.9], [-0.5, 0.2]])
    >>> [round(float(weights[0, 0]), 4) for weights, _, _ in expected_directions(machine, [[1, -1]], (1, 2, 50))]
    [0.4886, 0.541, 0.5474]
    >>> round(float(exact.log_likelihood_gradient(machine, [[1, -1]])[0][0, 0]), 4)
    0.5474
    """
    W, b, c = checked_parameters(rbm)
    n, m = W.shape
    if n + m > MAX_CHAIN_UNITS or m > 12:
        limit = f"at most {MAX_CHAIN_UNITS} units in all and 12 hidden ones"
        raise ValueError(f"rbm must have {limit} for its chains to be summed, got {n} visible and {m} hidden")
    steps = [check_int("steps", k, minimum=1) for k in steps]
    last = max(steps, default=0)
    V = checked_samples(X, n)
    share = checked_shares(sample_weight, len(V))
    H = states(m).astype(np.float64)

    v = V.astype(np.float64)
    fields = v @ W + b
    means = -np.tanh(fields) * share[:, None]
    direction = -(v.T @ means), -means.sum(axis=0), -(share @ v)
    start = np.zeros(1 << m)
    for rows in range(0, len(V), _ROWS):
        part = slice(rows, rows + _ROWS)
        start += share[part] @ _conditional(fields[part], H)

    transition, statistics = np.zeros((1 << m, 1 << m)), np.zeros((1 << m, n * m + m + n))
    given = log_expit(-2 * (H @ W.T + c)), log_expit(2 * (H @ W.T + c))  # ln P(v_i = +1 | h), ln P(v_i = -1 | h)
    every = states(n)
    for rows in range(0, 1 << n, _ROWS):
        v = every[rows : rows + _ROWS].astype(np.float64)
        up = (v > 0).astype(np.float64)
        p_visible = np.exp(given[0] @ up.T + given[1] @ (1 - up).T)
        fields = v @ W + b
        transition += p_visible @ _conditional(fields, H) if last > 1 else 0.0
        means = -np.tanh(fields)
        products = (v[:, :, None] * means[:, None, :]).reshape(len(v), n * m)
        statistics += p_visible @ np.hstack([products, means, v])
    reached = {}
    for k in range(1, last + 1):
        moments = start @ statistics
        chain = moments[: n * m].reshape(n, m), moments[n * m : n * m + m], moments[n * m + m :]
        reached[k] = tuple(ours + theirs for ours, theirs in zip(direction, chain, strict=True))
        start = start @ transition
    return [reached[k] for k in steps]


def _conditional(fields: np.ndarray, H: np.ndarray) -> np.ndarray:
    """Return P(h|v), shape (len(fields), len(H)), from the fields on the hidden units."""
    up = (H > 0).astype(np.float64)
    return np.exp(log_expit(-2 * fields) @ up.T + log_expit(2 * fields) @ (1 - up).T)
