"""Entanglement entropy of blocks: of fermion states, and of the critical Ising chain."""

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import check_array, check_int

__all__ = ["block_entropy", "central_charge", "ising_chain_entropy"]


def block_entropy(correlations: ArrayLike, n_sites: int, start: int = 0) -> float:
    """Return the entanglement entropy of consecutive sites in a Gaussian state of fermions.

    Parameters
    ----------
    correlations : array_like, shape (n, n)
        ⟨c†_i c_j⟩ on a ring.
    n_sites : int
        1 to n.
    start : int
        First site of the block.

    Returns
    -------
    float
        In nats.

    Examples
    --------
    Half a fermion on a site that shares it with another: ln 2.

    >>> round(block_entropy([[0.5, 0.5], [0.5, 0.5]], 1), 6)
    0.693147
    """
    correlations = check_array("correlations", correlations, ndim=2)
    if correlations.shape[0] != correlations.shape[1]:
        raise ValueError(f"correlations must be square, got shape {correlations.shape}")
    n_sites = check_int("n_sites", n_sites, minimum=1, maximum=len(correlations))
    block = (check_int("start", start) + np.arange(n_sites)) % len(correlations)
    return _entropy(np.linalg.eigvalsh(correlations[np.ix_(block, block)]))


def ising_chain_entropy(n_sites: int, block: int) -> float:
    """Return the exact entanglement entropy of a block of the critical transverse-field Ising chain.

    Parameters
    ----------
    n_sites : int
        N >= 3, periodic.
    block : int
        Consecutive spins, 1 to N − 1.

    Returns
    -------
    float
        In nats.

    Notes
    -----
    The chain is one of 2N Majorana fermions, with correlations 1/(N sin(πr/2N)) at odd distances r and none at even
    ones. For long chains S = (c/3) ln[(N/π) sin(πℓ/N)] + const with c = ½.

    Examples
    --------
    >>> round(ising_chain_entropy(64, 32), 4)
    0.9809
    """
    n_sites = check_int("n_sites", n_sites, minimum=3)
    block = check_int("block", block, minimum=1, maximum=n_sites - 1)
    distance = np.arange(2 * block)[:, None] - np.arange(2 * block)
    with np.errstate(divide="ignore"):
        matrix = np.where(distance % 2 != 0, 1 / (n_sites * np.sin(np.pi * distance / (2 * n_sites))), 0.0)
    positive = np.linalg.svd(matrix, compute_uv=False)[::2]
    return _entropy((1 + positive) / 2)


def central_charge(lengths: ArrayLike, entropies: ArrayLike, n_sites: int) -> float:
    """Return c from the entropies of blocks on a periodic chain.

    Parameters
    ----------
    lengths : array_like of int, shape (n,)
        Block lengths, between 1 and n_sites − 1, at least two different ones.
    entropies : array_like, shape (n,)
        In nats.
    n_sites : int
        Length of the chain.

    Returns
    -------
    float
        Three times the slope of S against ln[(N/π) sin(πℓ/N)], by least squares.

    References
    ----------
    P. Calabrese and J. Cardy, J. Stat. Mech. P06002 (2004).

    Examples
    --------
    >>> lengths = [8, 16, 24, 32]
    >>> round(central_charge(lengths, [ising_chain_entropy(64, n) for n in lengths], 64), 3)
    0.5
    """
    lengths, entropies = check_array("lengths", lengths, ndim=1), check_array("entropies", entropies, ndim=1)
    n_sites = check_int("n_sites", n_sites, minimum=2)
    if len(lengths) != len(entropies) or len(np.unique(lengths)) < 2 or lengths.min() < 1 or lengths.max() >= n_sites:
        raise ValueError("lengths must be at least two different numbers from 1 to n_sites - 1, one for each entropy")
    chord = np.log(n_sites / np.pi * np.sin(np.pi * lengths / n_sites))
    return float(3 * np.polyfit(chord, entropies, 1)[0])


def _entropy(occupation) -> float:
    p = np.clip(occupation, 1e-300, 1.0)
    q = np.clip(1 - occupation, 1e-300, 1.0)
    return float(max(-(p * np.log(p) + q * np.log(q)).sum(), 0.0))
