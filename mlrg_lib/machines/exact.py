"""Exact sums for machines whose smaller layer can be enumerated.

Each function takes anything with ``weights_`` (n_visible, n_hidden), ``hidden_bias_`` and ``visible_bias_``. States are
numbered in the library's order: unit i is +1 if bit i of the number is set, else −1.
"""

import numpy as np
from numpy.typing import ArrayLike

from .._rbm import RBMLike, checked_parameters
from . import _enumeration
from ._checks import checked_samples, checked_shares
from ._enumeration import MAX_TABULATED, enumerate_hidden, enumerate_visible, model_moments
from ._gibbs import chunks, hidden_fields
from ._measures import free_energy

__all__ = ["hidden_distribution", "log_likelihood", "log_likelihood_gradient", "log_partition", "visible_distribution"]


def log_partition(rbm: RBMLike) -> float:
    """Return ln Z, Z = Tr_{v,h} exp(−E), by enumerating the smaller layer.

    Parameters
    ----------
    rbm : RBM or the like
        At most 28 units in its smaller layer.

    Returns
    -------
    float
        Relative error of Z below about 1e-12.

    Raises
    ------
    ValueError
        If the smaller layer is too large, or has more than 24 units and a field can exceed 690.

    Notes
    -----
    2^n states of the smaller layer times m units of the other at about 0.3 ns each: 20 × 20 units take milliseconds.

    Examples
    --------
    >>> from mlrg_lib.machines import RBM
    >>> float(round(log_partition(RBM.from_parameters([[0.0], [0.0]])) / np.log(2), 12))  # 8 states of equal weight
    3.0
    """
    return _enumeration.log_partition(*checked_parameters(rbm))


def visible_distribution(rbm: RBMLike) -> np.ndarray:
    """Return P(v) of all visible states.

    Parameters
    ----------
    rbm : RBM or the like
        At most 24 visible units.

    Returns
    -------
    ndarray, float64, shape (2**n_visible,)
        Sums to 1.

    Examples
    --------
    >>> from mlrg_lib.machines import RBM
    >>> visible_distribution(RBM.from_parameters([[-2.0], [-2.0]])).round(3)
    array([0.482, 0.018, 0.018, 0.482])
    """
    return enumerate_visible(*checked_parameters(rbm), MAX_TABULATED).probabilities


def hidden_distribution(rbm: RBMLike) -> np.ndarray:
    """Return P(h) = exp(−H_h)/Z of all hidden states (essay eq. 4).

    Parameters
    ----------
    rbm : RBM or the like
        At most 24 hidden units.

    Returns
    -------
    ndarray, float64, shape (2**n_hidden,)
        Sums to 1.

    Examples
    --------
    >>> from mlrg_lib.machines import RBM
    >>> hidden_distribution(RBM.from_parameters([[0.0]], hidden_bias=[0.5 * np.log(3)])).round(6)
    array([0.75, 0.25])
    """
    return enumerate_hidden(*checked_parameters(rbm), MAX_TABULATED).probabilities


def log_likelihood(rbm: RBMLike, X: ArrayLike) -> np.ndarray:
    """Return ln P(v) = −F(v) − ln Z of each sample.

    Parameters
    ----------
    rbm : RBM or the like
        At most 28 units in its smaller layer.
    X : array_like, shape (n_samples, n_visible)
        Entries +1 and −1.

    Returns
    -------
    ndarray, float64, shape (n_samples,)
        In nats.

    Examples
    --------
    >>> from mlrg_lib.machines import RBM
    >>> log_likelihood(RBM.from_parameters([[0.0], [0.0]]), [[1, -1]]).round(6)
    array([-1.386294])
    """
    V = checked_samples(X, len(checked_parameters(rbm)[2]))
    return -free_energy(rbm, V) - log_partition(rbm)


def log_likelihood_gradient(
    rbm: RBMLike, X: ArrayLike, sample_weight: ArrayLike | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradient of the mean log-likelihood with respect to W, b and c.

    Parameters
    ----------
    rbm : RBM or the like
        At most 24 units in its smaller layer.
    X : array_like, shape (n_samples, n_visible)
        Entries +1 and −1.
    sample_weight : array_like, shape (n_samples,), optional
        Weights of the samples, not negative; they are normalised. All states with their exact probabilities give the
        gradient of −KL(P_data ‖ P).

    Returns
    -------
    weights : ndarray, shape (n_visible, n_hidden)
        −⟨v_i h_j⟩_data + ⟨v_i h_j⟩_model.
    hidden_bias : ndarray, shape (n_hidden,)
        −⟨h_j⟩_data + ⟨h_j⟩_model.
    visible_bias : ndarray, shape (n_visible,)
        −⟨v_i⟩_data + ⟨v_i⟩_model.

    Examples
    --------
    >>> from mlrg_lib.machines import RBM
    >>> log_likelihood_gradient(RBM.from_parameters([[0.0], [0.0]]), [[1, 1], [1, -1]])[2]
    array([-1.,  0.])
    """
    W, b, c = checked_parameters(rbm)
    V = checked_samples(X, W.shape[0])
    share = checked_shares(sample_weight, len(V))
    products, hidden, visible = model_moments(W, b, c)
    for rows in chunks(len(V)):
        v = V[rows].astype(np.float64)
        means = -np.tanh(hidden_fields(rbm, V[rows])) * share[rows, None]
        products -= v.T @ means
        hidden -= means.sum(axis=0)
        visible -= share[rows] @ v
    return products, hidden, visible
