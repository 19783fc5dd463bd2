"""Renormalized energies and what makes a map good: trace condition, free energy, divergence, information."""

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import check_bool
from ._states import check_energy, check_operator, check_pair, chunks, log_trace, n_spins
from .hamiltonians import configurations

__all__ = [
    "boltzmann",
    "free_energy_error",
    "jensen_gap",
    "kl_divergence",
    "log_partition",
    "mutual_information",
    "non_bilinear_norm",
    "renormalized_energy",
    "trace_condition",
    "visible_energy",
]


def log_partition(energies: ArrayLike) -> float:
    """Return ln Z = ln Σ exp(−H).

    Parameters
    ----------
    energies : array_like, shape (2**n,)
        H in units of k_B T.

    Returns
    -------
    float

    Examples
    --------
    >>> round(log_partition([0.0, 0.0, 0.0, 0.0]), 6)
    1.386294
    """
    energies = check_energy("energies", energies)
    lowest = energies.min()
    return float(np.log(np.exp(lowest - energies).sum()) - lowest)


def boltzmann(energies: ArrayLike) -> np.ndarray:
    """Return the probabilities exp(−H) / Z of all states.

    Parameters
    ----------
    energies : array_like, shape (2**n,)
        H in units of k_B T.

    Returns
    -------
    ndarray, float64, shape (2**n,)
        Non-negative and of sum 1.

    Examples
    --------
    >>> boltzmann([0.0, 0.0]).tolist()
    [0.5, 0.5]
    """
    energies = check_energy("energies", energies)
    weights = np.exp(energies.min() - energies)
    return weights / weights.sum()


def renormalized_energy(T: ArrayLike, H: ArrayLike) -> np.ndarray:
    r"""Return the Hamiltonian of the hidden spins (essay eq. 9).

    .. math:: e^{-H'(h)} = \mathrm{Tr}_v\, e^{T(v, h) - H(v)}.

    Parameters
    ----------
    T : array_like, shape (2**n_visible, 2**n_hidden)
        The transformation. ``-inf`` forbids a pair of states.
    H : array_like, shape (2**n_visible,)
        Hamiltonian of the visible spins in units of k_B T.

    Returns
    -------
    ndarray, float64, shape (2**n_hidden,)
        Its constant is meaningful: with an exact map both partition functions are equal.

    Raises
    ------
    ValueError
        If the shapes do not fit, ``H`` is not finite, ``T`` holds NaN or +inf, or some hidden state has no
        visible partner.

    References
    ----------
    .. [1] P. Mehta and D. J. Schwab, arXiv:1410.3831 (2014), eq. (6).

    Examples
    --------
    >>> import numpy as np
    >>> T = np.full((4, 2), np.log(0.5))       # hidden spins that ignore the visible ones
    >>> H = np.array([-1.0, 1.0, 1.0, -1.0])
    >>> bool(np.allclose(renormalized_energy(T, H), np.log(2) - log_partition(H)))
    True
    """
    T, H = check_pair(T, H)
    top = np.full(T.shape[1], -np.inf)
    for rows in chunks(T):
        np.maximum(top, (T[rows] - H[rows, None]).max(axis=0), out=top)
    if np.isneginf(top).any():
        raise ValueError("T must leave every hidden state at least one visible partner, got a column of -inf")
    total = np.zeros(T.shape[1])
    for rows in chunks(T):
        total += np.exp(T[rows] - H[rows, None] - top).sum(axis=0)
    return -(top + np.log(total))


def trace_condition(T: ArrayLike, *, log: bool = False) -> np.ndarray:
    r"""Return Tr_h exp(T(v, h)) for every visible state; the map is exact if and only if it is 1 everywhere.

    Parameters
    ----------
    T : array_like, shape (2**n_visible, 2**n_hidden)
        The transformation. ``-inf`` forbids a pair of states.
    log : bool
        Return the logarithm, for transformations whose traces are very far from 1.

    Returns
    -------
    ndarray, float64, shape (2**n_visible,)

    Raises
    ------
    ValueError
        If ``T`` is not of shape (2**n, 2**m), or holds NaN, +inf or a row of -inf.

    Notes
    -----
    If it holds, exp(T) is a conditional probability P(h | v), the map is a rule for drawing hidden spins, and
    Z is kept for *every* Hamiltonian. Equality of the two partition functions for *one* Hamiltonian is
    weaker: it only says that the mean of the trace over P(v) is 1. The "if and only if" below eq. (8) of [1]_
    holds in one direction only; its authors on this: [2]_.

    References
    ----------
    .. [1] P. Mehta and D. J. Schwab, arXiv:1410.3831 (2014), eq. (9).
    .. [2] D. J. Schwab and P. Mehta, arXiv:1609.03541 (2016).

    Examples
    --------
    >>> import numpy as np
    >>> trace_condition(np.log([[0.5, 0.5], [0.9, 0.1]])).round(12).tolist()
    [1.0, 1.0]
    """
    values = log_trace(check_operator("T", T))
    return values if check_bool("log", log) else np.exp(values)


def visible_energy(T: ArrayLike, H: ArrayLike) -> np.ndarray:
    r"""Return the Hamiltonian of the visible marginal, H(v) − ln Tr_h exp(T(v, h)).

    It is the visible twin of :func:`renormalized_energy`: with T = H − E it equals −ln Tr_h exp(−E), the free
    energy of a Boltzmann machine.

    Parameters
    ----------
    T : array_like, shape (2**n_visible, 2**n_hidden)
        The transformation.
    H : array_like, shape (2**n_visible,)
        Hamiltonian of the visible spins in units of k_B T.

    Returns
    -------
    ndarray, float64, shape (2**n_visible,)

    Raises
    ------
    ValueError
        As :func:`renormalized_energy`, and if a row of ``T`` is -inf.

    Examples
    --------
    >>> import numpy as np
    >>> visible_energy(np.log([[0.5, 0.5], [0.9, 0.1]]), [1.0, 2.0]).round(12).tolist()
    [1.0, 2.0]
    """
    T, H = check_pair(T, H)
    return H - log_trace(T)


def free_energy_error(T: ArrayLike, H: ArrayLike) -> float:
    r"""Return ΔF = F' − F, the error of the free energy in units of k_B T.

    .. math:: \Delta F = \ln Z - \ln\mathrm{Tr}_h e^{-H'(h)} = -\ln\langle\mathrm{Tr}_h e^{T}\rangle_{P(v)}.

    Parameters
    ----------
    T : array_like, shape (2**n_visible, 2**n_hidden)
        The transformation.
    H : array_like, shape (2**n_visible,)
        Hamiltonian of the visible spins in units of k_B T.

    Returns
    -------
    float
        Zero for an exact map, and zero for any map after adding a constant to T.

    Examples
    --------
    >>> import numpy as np
    >>> round(free_energy_error(np.zeros((4, 2)), np.zeros(4)), 6)
    -0.693147
    """
    T, H = check_pair(T, H)
    return log_partition(H) - log_partition(H - log_trace(T))


def jensen_gap(T: ArrayLike, H: ArrayLike) -> float:
    r"""Return ln⟨Tr_h exp T⟩ − ⟨ln Tr_h exp T⟩, averages over P(v) ∝ exp(−H(v)).

    Parameters
    ----------
    T : array_like, shape (2**n_visible, 2**n_hidden)
        The transformation.
    H : array_like, shape (2**n_visible,)
        Hamiltonian of the visible spins in units of k_B T.

    Returns
    -------
    float
        In nats, never negative up to rounding. It is the Kullback-Leibler divergence from P to the visible
        marginal of the map, so it vanishes if and only if the trace is the same number for every v.

    Notes
    -----
    The free-energy error is the first term with a minus sign. One random variable, the trace, carries both
    criteria: its mean is the free energy, its spread is the divergence. A constant added to T moves the mean
    and not the gap.

    Examples
    --------
    >>> import numpy as np
    >>> round(jensen_gap(np.log([[0.5, 0.5], [0.9, 0.1]]) + 3.0, [1.0, 2.0]), 12)
    0.0
    """
    T, H = check_pair(T, H)
    trace = log_trace(T)
    return float(log_partition(H - trace) - log_partition(H) - boltzmann(H) @ trace)


def kl_divergence(H: ArrayLike, model: ArrayLike) -> float:
    r"""Return the Kullback-Leibler divergence from exp(−H)/Z to exp(−model)/Z_model, in nats.

    .. math:: D_{KL}(P\|Q) = \sum_v P(v) \ln\frac{P(v)}{Q(v)}.

    Parameters
    ----------
    H, model : array_like, shape (2**n,)
        Hamiltonians of the true and of the approximate distribution in units of k_B T.

    Returns
    -------
    float
        Non-negative; constants in either Hamiltonian drop out.

    Notes
    -----
    Computed from the centred difference x = (model − H) − ⟨model − H⟩_P as ln⟨exp(−x)⟩_P, with ``expm1`` and
    ``log1p`` while x is moderate, so that a divergence of 1e-20 is still a number and not rounding.

    References
    ----------
    .. [1] S. Kullback and R. A. Leibler, Ann. Math. Stat. 22, 79 (1951).

    Examples
    --------
    >>> round(kl_divergence([0.0, 0.0], [0.0, 1.0]), 6)
    0.120115
    """
    H, model = check_energy("H", H), check_energy("model", model)
    if H.shape != model.shape:
        raise ValueError(f"model must have as many states as H, got {model.shape} and {H.shape}")
    p = boltzmann(H)
    mean = p @ (model - H)
    x = model - H - mean
    if x.min() > -30.0:
        return float(max(0.0, np.log1p(p @ (np.expm1(-x) + x))))
    return float(log_partition(model) - log_partition(H) + mean)


def mutual_information(T: ArrayLike, H: ArrayLike) -> float:
    r"""Return the mutual information of visible and hidden spins under the joint weight exp(T − H), in nats.

    Parameters
    ----------
    T : array_like, shape (2**n_visible, 2**n_hidden)
        The transformation.
    H : array_like, shape (2**n_visible,)
        Hamiltonian of the visible spins in units of k_B T.

    Returns
    -------
    float
        Between 0 (the hidden spins ignore the visible ones) and the entropy of the hidden spins (they are a
        function of the visible ones).

    Examples
    --------
    >>> import numpy as np
    >>> round(mutual_information([[0.0, -np.inf], [-np.inf, 0.0]], [0.0, 0.0]), 6)
    0.693147
    """
    T, H = check_pair(T, H)
    trace = log_trace(T)
    joint_visible = boltzmann(H - trace)
    hidden = renormalized_energy(T, H)
    hidden_p = boltzmann(hidden)
    noise = 0.0
    for rows in chunks(T):
        log_p = T[rows] - trace[rows, None]
        p = np.exp(log_p)
        log_p[p == 0.0] = 0.0
        noise -= joint_visible[rows] @ (p * log_p).sum(axis=1)
    return float(_entropy(hidden_p) - noise)


def non_bilinear_norm(T: ArrayLike, H: ArrayLike) -> float:
    r"""Return how far E = H − T is from an energy that a restricted Boltzmann machine can have.

    Parameters
    ----------
    T : array_like, shape (2**n_visible, 2**n_hidden)
        The transformation; every entry finite, at most 24 spins in all.
    H : array_like, shape (2**n_visible,)
        Hamiltonian of the visible spins in units of k_B T.

    Returns
    -------
    float
        Root of the sum of squares of all Walsh coefficients of E(v, h) other than the constant, the fields
        b_j and c_i and the weights W_ij: zero if and only if E is the essay's eq. (2) plus a constant.
        By Parseval it is the root mean square of what the best such energy leaves.

    Examples
    --------
    >>> import numpy as np
    >>> T = np.array([[0.3, -0.3], [-0.3, 0.3]])
    >>> round(non_bilinear_norm(T, [1.0, -1.0]), 12)
    0.0
    """
    T, H = check_pair(T, H)
    if not np.isfinite(T).all():
        raise ValueError("T must be finite everywhere to be expanded in couplings, got -inf")
    n_spins("T", T.size)
    left, right = (_with_constant(int(length).bit_length() - 1) for length in T.shape)
    fit = sum(left[rows].T @ (H[rows, None] - T[rows]) for rows in chunks(T)) @ right / T.size
    total = 0.0
    for rows in chunks(T):
        total += float(np.sum((H[rows, None] - T[rows] - left[rows] @ fit @ right.T) ** 2))
    return float(np.sqrt(total / T.size))


def _with_constant(n: int) -> np.ndarray:
    states = configurations(n).astype(np.float64)
    return np.concatenate([np.ones((len(states), 1)), states], axis=1)


def _entropy(p: np.ndarray) -> float:
    positive = p[p > 0.0]
    return float(-(positive @ np.log(positive)))
