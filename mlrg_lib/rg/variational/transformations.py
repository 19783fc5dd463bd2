"""Transformations T(v, h) that meet the trace condition: block spins, decimation, indifference."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import check_int, check_real
from ._states import MAX_SPINS, check_energy, check_operator, log_trace
from .criteria import log_partition
from .hamiltonians import configurations

__all__ = [
    "block_sites",
    "decimation_transformation",
    "independent_transformation",
    "kadanoff_transformation",
    "majority_transformation",
    "normalize",
]


def block_sites(L: int, b: int) -> np.ndarray:
    """List the sites of each b x b block of an L x L lattice with row-major sites.

    Parameters
    ----------
    L : int
        Side of the lattice, >= 2.
    b : int
        Side of a block, >= 1; it must divide L.

    Returns
    -------
    ndarray, int64, shape ((L // b)**2, b * b)
        Blocks in row-major order, each with its sites in ascending order.

    Examples
    --------
    >>> block_sites(4, 2)[1].tolist()
    [2, 3, 6, 7]
    """
    L = check_int("L", L, 2)
    b = check_int("b", b, 1, L)
    if L % b:
        raise ValueError(f"b must divide the side of the lattice, got b={b} and L={L}")
    side = L // b
    sites = np.arange(L * L).reshape(side, b, side, b)
    return sites.transpose(0, 2, 1, 3).reshape(side * side, b * b)


def kadanoff_transformation(n_visible: int, blocks: Sequence[Sequence[int]], p: float) -> np.ndarray:
    r"""Return Kadanoff's block-spin transformation on all pairs of states.

    .. math:: T_p(v, h) = \sum_a \Big[p\, h_a m_a(v) - \ln 2\cosh\big(p\, m_a(v)\big)\Big],
        \qquad m_a = \sum_{i\in a} v_i.

    Parameters
    ----------
    n_visible : int
        Number of visible spins.
    blocks : sequence of sequences of int
        The sites of each block; block a is represented by hidden spin a. Blocks may overlap or leave sites out.
    p : float
        Coupling of a block spin to its sites, >= 0.

    Returns
    -------
    ndarray, float64, shape (2**n_visible, 2**len(blocks))

    Notes
    -----
    Tr_h exp T_p = 1 for every p: the free energy cannot choose p.

    References
    ----------
    .. [1] L. P. Kadanoff, A. Houghton, M. C. Yalabik, J. Stat. Phys. 14, 171 (1976).

    Examples
    --------
    >>> T = kadanoff_transformation(4, [[0, 1], [2, 3]], 0.8)
    >>> T.shape, bool(np.allclose(np.exp(T).sum(axis=1), 1.0))
    ((16, 4), True)
    """
    p = check_real("p", p, 0.0)
    return _independent_blocks(n_visible, blocks, lambda total: 2.0 * p * total)


def majority_transformation(n_visible: int, blocks: Sequence[Sequence[int]]) -> np.ndarray:
    """Return the majority rule with random ties, the limit p → ∞ of :func:`kadanoff_transformation`.

    Parameters
    ----------
    n_visible : int
        Number of visible spins.
    blocks : sequence of sequences of int
        The sites of each block.

    Returns
    -------
    ndarray, float64, shape (2**n_visible, 2**len(blocks))
        Logarithms of probabilities: 0, −ln 2 for each tie, and ``-inf``.

    Examples
    --------
    >>> np.exp(majority_transformation(2, [[0, 1]])).round(12).tolist()
    [[1.0, 0.0], [0.5, 0.5], [0.5, 0.5], [0.0, 1.0]]
    """
    certain = {-1: -np.inf, 0: 0.0, 1: np.inf}
    return _independent_blocks(n_visible, blocks, lambda total: np.vectorize(certain.get)(np.sign(total)))


def decimation_transformation(n_visible: int, kept: Sequence[int]) -> np.ndarray:
    """Return the transformation that copies the kept spins and traces out the others.

    Parameters
    ----------
    n_visible : int
        Number of visible spins.
    kept : sequence of int
        Sites kept; hidden spin a is a copy of site ``kept[a]``.

    Returns
    -------
    ndarray, float64, shape (2**n_visible, 2**len(kept))
        0 where the hidden spins equal the kept ones and ``-inf`` elsewhere.

    Examples
    --------
    >>> np.exp(decimation_transformation(2, [1])).tolist()
    [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    """
    return majority_transformation(n_visible, [[site] for site in kept])


def independent_transformation(n_visible: int, hidden_energies: ArrayLike) -> np.ndarray:
    """Return the transformation whose hidden spins ignore the visible ones and have a Hamiltonian of their own.

    Parameters
    ----------
    n_visible : int
        Number of visible spins.
    hidden_energies : array_like, shape (2**n_hidden,)
        Any Hamiltonian H'(h) at all, in units of k_B T.

    Returns
    -------
    ndarray, float64, shape (2**n_visible, 2**n_hidden)
        T(v, h) = −H'(h) − ln Z'. It meets the trace condition exactly.

    References
    ----------
    .. [1] H. W. Lin, M. Tegmark and D. Rolnick, arXiv:1608.08225v2 (2016).

    Examples
    --------
    >>> np.exp(independent_transformation(1, [0.0, 0.0])).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    hidden = check_energy("hidden_energies", hidden_energies)
    n_visible = check_int("n_visible", n_visible, 1, MAX_SPINS - (len(hidden).bit_length() - 1))
    return np.tile(-hidden - log_partition(hidden), (1 << n_visible, 1))


def normalize(T: ArrayLike) -> np.ndarray:
    """Make any transformation exact: T(v, h) − ln Tr_h exp T(v, h), the logarithm of P(h | v).

    Parameters
    ----------
    T : array_like, shape (2**n_visible, 2**n_hidden)
        Any transformation; ``-inf`` forbids a pair of states.

    Returns
    -------
    ndarray, float64, shape (2**n_visible, 2**n_hidden)

    Raises
    ------
    ValueError
        If ``T`` is not of shape (2**n, 2**m), or holds NaN, +inf or a row of -inf.

    Examples
    --------
    >>> np.exp(normalize([[0.0, 0.0], [1.0, 1.0]])).round(12).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    T = check_operator("T", T)
    return T - log_trace(T)[:, None]


def _independent_blocks(n_visible, blocks, log_odds) -> np.ndarray:
    """Sum over blocks of ln σ(h_a x_a), where x_a = log_odds(block sum) is ln P(+)/P(−)."""
    n_visible = check_int("n_visible", n_visible, 1, MAX_SPINS)
    blocks = [[check_int("blocks", site, 0, n_visible - 1) for site in block] for block in blocks]
    if not blocks or any(len(set(block)) != len(block) or not block for block in blocks):
        raise ValueError("blocks must be one or more non-empty lists of distinct sites")
    n_hidden = len(blocks)
    if n_visible + n_hidden > MAX_SPINS:
        raise ValueError(f"blocks must leave at most {MAX_SPINS} spins in all, got {n_visible} + {n_hidden}")
    states = configurations(n_visible)
    out = np.zeros((len(states), 1))
    for block in reversed(blocks):  # the first block ends up in the lowest bit
        x = log_odds(states[:, block].sum(axis=1, dtype=np.int64))
        by_spin = -np.logaddexp(0.0, np.stack([x, -x], axis=1))
        out = (out[:, :, None] + by_spin[:, None, :]).reshape(len(states), -1)
    return out
