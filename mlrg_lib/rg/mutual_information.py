r"""Coarse-graining by mutual information, exactly: what a hidden unit knows about the far environment.

The spins of a system fall into a block, a buffer around it that is traced over, and an environment. Hidden units h see
the block alone, through filters Λ with :math:`P(h|v)\propto\exp(\sum_{ij}v_i\Lambda_{ij}h_j)`. Real-space
mutual-information coarse-graining chooses the filters that maximise I(h; environment). Everything here is a sum over
all states, in nats.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import log_expit

from .._validation import as_generator, check_array, check_int, check_real
from .variational import boltzmann, configurations
from .variational._states import check_energy, n_spins

__all__ = [
    "block_information",
    "decimation_filter",
    "environment_information",
    "joint_distribution",
    "likelihood_filter",
    "majority_filter",
    "noisy_pair_joint",
    "optimal_filter",
    "principal_filter",
]

# Strength of a filter that decides: P(h|v) is 0 or 1 to 1e-17, or 1/2 where v and the filter are orthogonal.
_HARD = 40.0
_MAX_BLOCK, _MAX_HIDDEN = 10, 4
_SMALL = 1e-6


class Optimum(NamedTuple):
    """Filters found by an optimisation from several random starts.

    Attributes
    ----------
    filters : ndarray, float64, shape (n_block, n_hidden)
        Λ of the best start; a positive entry aligns the hidden unit with the spin.
    value : float
        What was maximised, in nats: I(h; environment) or the mean log-likelihood of the block.
    values : ndarray, float64, shape (n_starts,)
        The same from every start, best first.
    """

    filters: np.ndarray
    value: float
    values: np.ndarray


def joint_distribution(energies: ArrayLike, block: Sequence[int], environment: Sequence[int]) -> np.ndarray:
    """Return the exact P(block, environment), the other spins traced over.

    Parameters
    ----------
    energies : array_like, shape (2**n,)
        Hamiltonian on all states, in the order of :func:`mlrg_lib.rg.variational.configurations`; P ∝ exp(−H).
    block, environment : sequences of int
        Different spins, 0 to n − 1; at most 10 in the block. The spins named in neither are the buffer.

    Returns
    -------
    ndarray, float64, shape (2**n_block, 2**n_environment)

    Raises
    ------
    ValueError
        If a spin is out of range or named twice, or the block is too large.

    Examples
    --------
    >>> from mlrg_lib.rg import variational
    >>> joint_distribution(variational.ising_energy(4, 0.5), [0], [2]).round(4)
    array([[0.3521, 0.1479],
           [0.1479, 0.3521]])
    """
    energies = check_energy("energies", energies)
    n = n_spins("energies", len(energies))
    groups = []
    for name, sites in (("block", block), ("environment", environment)):
        sites = [check_int(name, site, 0, n - 1) for site in sites]
        if not sites or (name == "block" and len(sites) > _MAX_BLOCK):
            raise ValueError(f"{name} must name 1 to {_MAX_BLOCK if name == 'block' else n} spins, got {len(sites)}")
        groups.append(sites)
    if len(set(groups[0] + groups[1])) < len(groups[0]) + len(groups[1]):
        raise ValueError(f"block and environment must name different spins, got {groups[0]} and {groups[1]}")
    states = np.arange(1 << n)
    rows, columns = (sum(((states >> site) & 1) << k for k, site in enumerate(sites)) for sites in groups)
    shape = (1 << len(groups[0]), 1 << len(groups[1]))
    return np.bincount(rows * shape[1] + columns, boltzmann(energies), shape[0] * shape[1]).reshape(shape)


def noisy_pair_joint(length: int, coupling: float, noise: float, distance: int = 2) -> np.ndarray:
    r"""Return P(block, environment) of a ring of Ising spins with a decoupled noise pair in the block.

    The block holds two neighbouring spins of the ring, and beside them a pair of spins that feel nothing but each
    other: :math:`H=-K\sum_x s_xs_{x+1}-K_{noise}\,n_1n_2`. The environment is the ring from ``distance`` on.

    Parameters
    ----------
    length : int
        Spins of the ring, 6 to 16.
    coupling, noise : float
        K and K_noise, in units of k_B T.
    distance : int
        Bonds between the block and the environment on either side, >= 1; ``distance − 1`` buffer spins each.

    Returns
    -------
    ndarray, float64, shape (16, 2**n_environment)
        The block's spins in the order s_1, s_2, n_1, n_2.

    Raises
    ------
    ValueError
        If an argument is out of range or no spin is left for the environment.

    Examples
    --------
    >>> joint = noisy_pair_joint(8, 0.8, 2.0)
    >>> bool(environment_information([0, 0, 1, 1], joint) < 1e-12 < environment_information([1, 1, 0, 0], joint))
    True
    """
    from .variational import hamiltonian

    length, distance = check_int("length", length, 6, 16), check_int("distance", distance, 1)
    coupling, noise = check_real("coupling", coupling), check_real("noise", noise)
    environment = list(range(1 + distance, length - distance + 1))
    if not environment:
        raise ValueError(f"distance must leave spins for the environment of a ring of {length}, got {distance}")
    bonds = {tuple(sorted((x, (x + 1) % length))): -coupling for x in range(length)}
    energies = hamiltonian({**bonds, (length, length + 1): -noise}, length + 2)
    return joint_distribution(energies, [0, 1, length, length + 1], environment)


def environment_information(filters: ArrayLike, joint: ArrayLike) -> float:
    r"""Return I(h; environment) of hidden units that see the block through filters.

    Parameters
    ----------
    filters : array_like, shape (n_block,) or (n_block, n_hidden)
        Λ; at most 4 hidden units.
    joint : array_like, shape (2**n_block, 2**n_environment)
        P(block, environment).

    Returns
    -------
    float
        In nats; at most n_hidden ln 2, and at most :func:`block_information`.

    Examples
    --------
    >>> round(float(environment_information([50.0], [[0.5, 0.0], [0.0, 0.5]]) / np.log(2)), 12)
    1.0
    """
    joint = _check_joint(joint)
    return _information(_check_filters(filters, joint), joint)[0]


def block_information(joint: ArrayLike) -> float:
    """Return I(block; environment), which no coarse-graining of the block can exceed.

    Parameters
    ----------
    joint : array_like, shape (2**n_block, 2**n_environment)
        P(block, environment).

    Returns
    -------
    float
        In nats.

    Examples
    --------
    >>> block_information([[0.25, 0.25], [0.25, 0.25]])
    0.0
    """
    joint = _check_joint(joint)
    return float(np.sum(joint * _log_ratio(joint)))


def majority_filter(n_block: int, sites: Sequence[int] | None = None) -> np.ndarray:
    """Return the filter of the majority rule, ties at random, over the block or some of its spins.

    Parameters
    ----------
    n_block : int
        Spins of the block, 1 to 10.
    sites : sequence of int, optional
        The spins that vote; all by default.

    Returns
    -------
    ndarray, float64, shape (n_block, 1)

    Examples
    --------
    >>> majority_filter(3, [0, 2])[:, 0].tolist()
    [40.0, 0.0, 40.0]
    """
    n_block = check_int("n_block", n_block, 1, _MAX_BLOCK)
    sites = range(n_block) if sites is None else [check_int("sites", site, 0, n_block - 1) for site in sites]
    if len(sites) == 0 or len(set(sites)) < len(sites):
        raise ValueError(f"sites must be different spins of the block, got {list(sites)}")
    filters = np.zeros((n_block, 1))
    filters[list(sites)] = _HARD
    return filters


def decimation_filter(n_block: int, site: int = 0) -> np.ndarray:
    """Return the filter that keeps one spin of the block.

    Parameters
    ----------
    n_block : int
        Spins of the block, 1 to 10.
    site : int
        The spin kept.

    Returns
    -------
    ndarray, float64, shape (n_block, 1)

    Examples
    --------
    >>> decimation_filter(3, 2)[:, 0].tolist()
    [0.0, 0.0, 40.0]
    """
    return majority_filter(n_block, [site])


def principal_filter(joint: ArrayLike) -> np.ndarray:
    """Return the sign of the block's leading principal component, as a filter.

    Parameters
    ----------
    joint : array_like, shape (2**n_block, 2**n_environment)
        P(block, environment); only the block's own distribution is used.

    Returns
    -------
    ndarray, float64, shape (n_block, 1)
        Scaled so that its largest entry is 40, a filter that decides.

    Examples
    --------
    >>> principal_filter(noisy_pair_joint(8, 0.5, 1.0))[:, 0].round(6).tolist()
    [0.0, 0.0, 40.0, 40.0]
    """
    marginal = _check_joint(joint).sum(axis=1)
    v = _block_states(marginal)
    centred = v - marginal @ v
    _, vectors = np.linalg.eigh(centred.T @ (marginal[:, None] * centred))
    leading = np.where(np.abs(vectors[:, -1]) > 1e-10, vectors[:, -1], 0.0)
    largest = leading[np.abs(leading).argmax()]
    return _HARD * (leading / largest)[:, None]


def optimal_filter(
    joint: ArrayLike,
    n_hidden: int = 1,
    *,
    n_starts: int = 8,
    bound: float = 8.0,
    rng: np.random.Generator | int | None = None,
) -> Optimum:
    r"""Find the filters that keep the most information about the environment.

    Parameters
    ----------
    joint : array_like, shape (2**n_block, 2**n_environment)
        P(block, environment).
    n_hidden : int
        Hidden units, 1 to 4.
    n_starts : int
        Random starts, >= 1; Gaussian filters of unit width.
    bound : float
        Largest size of a filter's entry, > 0. The information often grows to the last with the strength.
    rng : numpy.random.Generator, int or None

    Returns
    -------
    Optimum
        Its ``value`` is I(h; environment). Columns are signed so that they sum to a non-negative number.

    Notes
    -----
    :math:`\partial I/\partial P(h|v)=\sum_eP(v,e)\ln[P(h,e)/P(h)P(e)]`; with it L-BFGS-B climbs in a few dozen steps.
    The landscape has several maxima (each spin of a block can be the favourite), so use several starts.

    References
    ----------
    M. Koch-Janusz and Z. Ringel, Nature Physics 14, 578 (2018).

    Examples
    --------
    >>> found = optimal_filter(noisy_pair_joint(8, 0.8, 2.0), rng=0)
    >>> (np.abs(found.filters) > 0.01).any(axis=1).tolist()  # it sees the spins of the ring, not the noise
    [True, True, False, False]
    """
    joint = _check_joint(joint)
    n_block = n_spins("joint", len(joint))
    return _climb(lambda filters: _information(filters, joint), n_block, n_hidden, n_starts, bound, rng)


def likelihood_filter(
    joint: ArrayLike,
    n_hidden: int = 1,
    *,
    n_starts: int = 8,
    bound: float = 8.0,
    rng: np.random.Generator | int | None = None,
) -> Optimum:
    r"""Find the filters of the restricted Boltzmann machine that best describes the block.

    Parameters
    ----------
    joint : array_like, shape (2**n_block, 2**n_environment)
        P(block, environment); only the block's own distribution is used.
    n_hidden : int
        Hidden units, 1 to 4.
    n_starts : int
        Random starts, >= 1.
    bound : float
        Largest size of an entry, > 0.
    rng : numpy.random.Generator, int or None

    Returns
    -------
    Optimum
        Λ = −W of the machine without biases that maximises the likelihood; exact gradients over all states, no
        sampling. Of equally good filters a penalty 1e-6 Σ Λ² picks the smallest; ``value`` is the mean log-likelihood
        less this penalty.

    Examples
    --------
    >>> found = likelihood_filter(noisy_pair_joint(8, 0.8, 2.0), rng=0)
    >>> (np.abs(found.filters[:, 0]) > 0.1).tolist()  # it sees the noise, not the ring
    [False, False, True, True]
    """
    marginal = _check_joint(joint).sum(axis=1)
    v = _block_states(marginal)

    def height(filters):
        field = v @ filters
        log_weight = np.logaddexp(field, -field).sum(axis=1)
        top = log_weight.max()
        weight = np.exp(log_weight - top)
        model = weight / weight.sum()
        value = marginal @ log_weight - top - np.log(weight.sum()) - _SMALL * np.sum(filters**2)
        return value, v.T @ ((marginal - model)[:, None] * np.tanh(field)) - 2 * _SMALL * filters

    return _climb(height, v.shape[1], n_hidden, n_starts, bound, rng)


def _climb(height, n_block, n_hidden, n_starts, bound, rng) -> Optimum:
    """Climb with the values and gradients that ``height`` returns, from several starts."""
    n_hidden, n_starts = check_int("n_hidden", n_hidden, 1, _MAX_HIDDEN), check_int("n_starts", n_starts, 1)
    bound, rng = check_real("bound", bound, 0.0, strict=True), as_generator(rng)
    shape = n_block, n_hidden

    def loss(x):
        value, gradient = height(x.reshape(shape))
        return -value, -gradient.ravel()

    limits = [(-bound, bound)] * (shape[0] * shape[1])
    options = {"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-10}
    found = []
    for _ in range(n_starts):
        start = np.clip(rng.standard_normal(shape[0] * shape[1]), -bound, bound)
        found.append(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=limits, options=options))
    found.sort(key=lambda result: result.fun)
    filters = found[0].x.reshape(shape)
    filters = filters * np.where(filters.sum(axis=0) < 0, -1.0, 1.0)
    return Optimum(filters, -float(found[0].fun), -np.array([result.fun for result in found]))


def _information(filters: np.ndarray, joint: np.ndarray) -> tuple[float, np.ndarray]:
    """Return I(h; environment) and its gradient in the filters."""
    v, h = _block_states(joint), configurations(filters.shape[1]).astype(float)
    field = v @ filters
    conditional = np.exp(log_expit(2 * field[:, :, None] * h.T[None]).sum(axis=1))
    together = conditional.T @ joint
    ratio = _log_ratio(together)
    slopes = conditional * (joint @ ratio.T)  # of I in ln P(h|v)
    # d ln P(h|v) / d field_j = h_j - tanh(field_j)
    by_field = slopes @ h - slopes.sum(axis=1)[:, None] * np.tanh(field)
    return float(np.sum(together * ratio)), v.T @ by_field


def _log_ratio(joint: np.ndarray) -> np.ndarray:
    """ln P(a, b) / P(a) P(b), and 0 where P(a, b) = 0."""
    apart = joint.sum(axis=1)[:, None] * joint.sum(axis=0)[None]
    return np.log(np.divide(joint, apart, out=np.ones_like(joint), where=joint > 0))


def _block_states(rows: np.ndarray) -> np.ndarray:
    return configurations(n_spins("joint", len(rows))).astype(float)


def _check_joint(joint) -> np.ndarray:
    joint = check_array("joint", joint, ndim=2)
    n_spins("joint", joint.shape[0], _MAX_BLOCK)
    if (joint < 0).any() or abs(joint.sum() - 1) > 1e-9:
        raise ValueError(f"joint must be probabilities that sum to 1, got a sum of {joint.sum()}")
    return joint


def _check_filters(filters, joint) -> np.ndarray:
    filters = check_array("filters", filters, ndim=(1, 2))
    filters = filters.reshape(len(filters), -1)
    n_block = n_spins("joint", len(joint))
    if len(filters) != n_block or filters.shape[1] > _MAX_HIDDEN:
        raise ValueError(
            f"filters must have shape ({n_block}, n_hidden) with n_hidden <= {_MAX_HIDDEN}, got shape {filters.shape}"
        )
    return filters
