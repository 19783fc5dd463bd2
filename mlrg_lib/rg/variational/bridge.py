"""The bridge between restricted Boltzmann machines and variational maps, and machines that are exact."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..._rbm import RBMLike, checked_parameters
from ..._validation import check_int, check_real
from ._states import MAX_SPINS, check_energy, n_spins
from .hamiltonians import configurations

__all__ = [
    "RBMWeights",
    "bond_rbm",
    "checkerboard_rbm",
    "decimation_rbm",
    "from_rbm",
    "rbm_energy",
    "rbm_hidden_energy",
    "rbm_visible_energy",
]


@dataclass(frozen=True, eq=False)
class RBMWeights:
    """Parameters of a restricted Boltzmann machine, E = Σ b_j h_j + Σ c_i v_i + Σ v_i W_ij h_j.

    Attributes
    ----------
    weights_ : ndarray, float64, shape (n_visible, n_hidden)
        W; a negative entry aligns its two units.
    hidden_bias_ : ndarray, float64, shape (n_hidden,)
        The essay's b.
    visible_bias_ : ndarray, float64, shape (n_visible,)
        The essay's c.

    Examples
    --------
    >>> RBMWeights([[0.5], [0.5]], [0.0], [0.0, 0.0]).weights_.shape
    (2, 1)
    """

    weights_: np.ndarray
    hidden_bias_: np.ndarray
    visible_bias_: np.ndarray

    def __post_init__(self):
        for name, value in zip(("weights_", "hidden_bias_", "visible_bias_"), checked_parameters(self), strict=True):
            object.__setattr__(self, name, value)


def rbm_energy(rbm: RBMLike) -> np.ndarray:
    """Return E(v, h) on all pairs of states (essay eq. 2).

    Parameters
    ----------
    rbm : object with ``weights_``, ``hidden_bias_`` and ``visible_bias_``
        At most 24 units in all.

    Returns
    -------
    ndarray, float64, shape (2**n_visible, 2**n_hidden)

    Examples
    --------
    >>> rbm_energy(RBMWeights([[0.5]], [0.0], [0.0])).tolist()
    [[0.5, -0.5], [-0.5, 0.5]]
    """
    W, b, c = checked_parameters(rbm)
    if sum(W.shape) > MAX_SPINS:
        raise ValueError(f"rbm must have at most {MAX_SPINS} units in all to be enumerated, got {W.shape}")
    v = configurations(W.shape[0]).astype(np.float64)
    h = configurations(W.shape[1]).astype(np.float64)
    energy = (v @ W + b) @ h.T
    energy += (v @ c)[:, None]
    return energy


def rbm_visible_energy(rbm: RBMLike) -> np.ndarray:
    r"""Return −ln Tr_h exp(−E) on all visible states, without listing hidden ones.

    .. math:: c\cdot v - \sum_j \ln 2\cosh\big(b_j + (v^T W)_j\big).

    Parameters
    ----------
    rbm : object with ``weights_``, ``hidden_bias_`` and ``visible_bias_``
        At most 24 visible units; any number of hidden ones.

    Returns
    -------
    ndarray, float64, shape (2**n_visible,)

    Examples
    --------
    >>> rbm_visible_energy(RBMWeights([[0.0]], [0.0], [1.0])).round(6).tolist()
    [-1.693147, 0.306853]
    """
    W, b, c = checked_parameters(rbm)
    return _traced(W, b, c)


def rbm_hidden_energy(rbm: RBMLike) -> np.ndarray:
    r"""Return H_h = −ln Tr_v exp(−E) on all hidden states (essay eq. 4), without listing visible ones.

    .. math:: b\cdot h - \sum_i \ln 2\cosh\big(c_i + (W h)_i\big).

    Parameters
    ----------
    rbm : object with ``weights_``, ``hidden_bias_`` and ``visible_bias_``
        At most 24 hidden units; any number of visible ones.

    Returns
    -------
    ndarray, float64, shape (2**n_hidden,)

    Examples
    --------
    >>> rbm_hidden_energy(RBMWeights([[0.0]], [1.0], [0.0])).round(6).tolist()
    [-1.693147, 0.306853]
    """
    W, b, c = checked_parameters(rbm)
    return _traced(W.T, c, b)


def from_rbm(rbm: RBMLike, H: ArrayLike) -> np.ndarray:
    """Return the transformation that a restricted Boltzmann machine defines for data of Hamiltonian H (essay eq. 10).

    Parameters
    ----------
    rbm : object with ``weights_``, ``hidden_bias_`` and ``visible_bias_``
        Trained or not; at most 24 units in all.
    H : array_like, shape (2**n_visible,)
        Hamiltonian of the data in units of k_B T.

    Returns
    -------
    ndarray, float64, shape (2**n_visible, 2**n_hidden)
        T(v, h) = H(v) − E(v, h).

    Raises
    ------
    ValueError
        If the machine's visible units are not those of ``H``, or there are more than 24 units.

    Notes
    -----
    Then eq. (9) gives the hidden Hamiltonian of eq. (4) identically, whatever the parameters. T contains the
    data's own H, so one machine is one transformation for one Hamiltonian, not a map of couplings to couplings.

    References
    ----------
    .. [1] P. Mehta and D. J. Schwab, arXiv:1410.3831 (2014), eq. (18).

    Examples
    --------
    >>> from mlrg_lib.rg.variational import renormalized_energy
    >>> rbm = RBMWeights([[0.3], [-0.8]], [0.1], [0.0, 0.2])
    >>> H = np.array([0.0, 1.0, 2.0, -1.0])
    >>> bool(np.allclose(renormalized_energy(from_rbm(rbm, H), H), rbm_hidden_energy(rbm)))
    True
    """
    H = check_energy("H", H)
    energy = rbm_energy(rbm)
    if len(energy) != len(H):
        raise ValueError(f"H must have one entry per visible state of the machine, {len(energy)} entries, got {len(H)}")
    np.subtract(H[:, None], energy, out=energy)
    return energy


def decimation_rbm(n_visible: int, beta: float, copy_strength: float) -> RBMWeights:
    r"""Return the machine that does exact decimation of an Ising ring.

    Hidden unit a copies spin 2a and takes over the bonds of its two neighbours:
    W[2a, a] = −B, W[2a±1, a] = −β, no biases.

    Parameters
    ----------
    n_visible : int
        Number of spins of the ring, even, >= 4.
    beta : float
        Coupling of the ring, in units of k_B T.
    copy_strength : float
        B >= 0. The visible distribution becomes that of the ring as exp(−4B).

    Returns
    -------
    RBMWeights
        n_visible visible and n_visible / 2 hidden units.

    Notes
    -----
    For *every* B the hidden Hamiltonian is a ring of nearest-neighbour coupling K' with
    tanh K' = tanh² β, and nothing else.

    Examples
    --------
    >>> from mlrg_lib.rg.variational import couplings
    >>> K = couplings(rbm_hidden_energy(decimation_rbm(8, 0.7, 2.0)))
    >>> bool(np.isclose(np.tanh(K.ferro(0, 1)), np.tanh(0.7) ** 2)), abs(K[0, 2]) < 1e-12
    (True, True)
    """
    n = check_int("n_visible", n_visible, 4)
    if n % 2:
        raise ValueError(f"n_visible must be even, got {n}")
    beta, B = check_real("beta", beta), check_real("copy_strength", copy_strength, 0.0)
    kept = np.arange(0, n, 2)
    W = np.zeros((n, n // 2))
    W[kept, np.arange(n // 2)] = -B
    for step in (1, -1):
        W[(kept + step) % n, np.arange(n // 2)] -= beta
    return RBMWeights(W, np.zeros(n // 2), np.zeros(n))


def checkerboard_rbm(L: int, beta: float, copy_strength: float) -> RBMWeights:
    r"""Return the machine that keeps one sublattice of the square-lattice Ising model, exactly.

    Each hidden unit copies one site of the even sublattice with weight −B and acts on its four neighbours
    with weight −β: its receptive field is a five-site plus, at every temperature.

    Parameters
    ----------
    L : int
        Side of the torus, even, >= 4.
    beta : float
        Coupling of nearest neighbours, in units of k_B T.
    copy_strength : float
        B >= 0. The visible distribution becomes that of the Ising model as exp(−4B).

    Returns
    -------
    RBMWeights
        L² visible and L²/2 hidden units, hidden ones in the row-major order of their sites.

    Examples
    --------
    >>> checkerboard_rbm(4, 0.44, 8.0).weights_.shape
    (16, 8)
    """
    L = check_int("L", L, 4)
    if L % 2:
        raise ValueError(f"L must be even, got {L}")
    beta, B = check_real("beta", beta), check_real("copy_strength", copy_strength, 0.0)
    row, column = np.divmod(np.arange(L * L), L)
    kept = np.flatnonzero((row + column) % 2 == 0)
    hidden = np.arange(len(kept))
    W = np.zeros((L * L, len(kept)))
    W[kept, hidden] = -B
    for up, right in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        W[(row[kept] + up) % L * L + (column[kept] + right) % L, hidden] -= beta
    return RBMWeights(W, np.zeros(len(kept)), np.zeros(L * L))


def bond_rbm(L: int, beta: float) -> RBMWeights:
    r"""Return the machine with one hidden unit per bond of the square-lattice Ising model, exact at every β.

    Each hidden unit has two legs of weight −w with cosh 2w = exp(2β): its receptive field is two sites.

    Parameters
    ----------
    L : int
        Side of the torus, >= 3.
    beta : float
        Coupling of nearest neighbours, >= 0, in units of k_B T.

    Returns
    -------
    RBMWeights
        L² visible and 2L² hidden units: the bonds to the right of every site, then those down.

    Examples
    --------
    >>> from mlrg_lib.rg.variational import ising_energy, kl_divergence
    >>> rbm = bond_rbm(3, 0.44)
    >>> bool(kl_divergence(ising_energy((3, 3), 0.44), rbm_visible_energy(rbm)) < 1e-13)
    True
    """
    L, beta = check_int("L", L, 3), check_real("beta", beta, 0.0)
    w = 0.5 * np.arccosh(np.exp(2.0 * beta))
    sites = np.arange(L * L).reshape(L, L)
    ends = np.concatenate([np.roll(sites, -1, axis=1).ravel(), np.roll(sites, -1, axis=0).ravel()])
    W = np.zeros((L * L, 2 * L * L))
    bonds = np.arange(2 * L * L)
    W[np.tile(sites.ravel(), 2), bonds] = -w
    W[ends, bonds] = -w
    return RBMWeights(W, np.zeros(2 * L * L), np.zeros(L * L))


def _traced(W: np.ndarray, inner: np.ndarray, outer: np.ndarray) -> np.ndarray:
    """Sum over the second layer: outer·v − Σ_j ln 2cosh(inner_j + (vᵀW)_j), built one unit at a time."""
    n_spins("the states of this layer", 1 << min(len(outer), MAX_SPINS + 1))
    out = _linear(outer, 0.0)
    for j in range(len(inner)):
        x = np.abs(_linear(W[:, j], inner[j]))
        out -= x
        np.multiply(x, -2.0, out=x)
        np.exp(x, out=x)
        out -= np.log1p(x, out=x)
    return out


def _linear(slopes: np.ndarray, constant: float) -> np.ndarray:
    """Return constant + Σ_i slopes_i v_i on all states by doubling: one addition a state."""
    out = np.array([constant])
    for slope in slopes:
        out = np.concatenate([out - slope, out + slope])
    return out
