"""Energies of all states of n spins, and their Walsh expansion in couplings (essay eq. 6)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..._kernels.walsh import walsh_hadamard
from ..._validation import check_array, check_int, check_real
from ._states import MAX_SPINS, n_spins

__all__ = ["Couplings", "configurations", "couplings", "hamiltonian", "ising_energy"]


def configurations(n: int) -> np.ndarray:
    """List all states of n spins in the library's order.

    Parameters
    ----------
    n : int
        Number of spins, 1 to 24.

    Returns
    -------
    ndarray, int8, shape (2**n, n)
        Row k has spin i equal to +1 if bit i of k is set and -1 if not; spin 0 changes fastest.

    Examples
    --------
    >>> configurations(2)
    array([[-1, -1],
           [ 1, -1],
           [-1,  1],
           [ 1,  1]], dtype=int8)
    """
    n = check_int("n", n, 1, MAX_SPINS)
    states = np.arange(1 << n, dtype=np.uint32)
    out = np.empty((1 << n, n), dtype=np.int8)
    for i in range(n):
        out[:, i] = 2 * ((states >> np.uint32(i)) & np.uint32(1)).astype(np.int8) - 1
    return out


@dataclass(frozen=True, eq=False, repr=False)
class Couplings(Mapping):
    r"""Couplings K_S of H(v) = Σ_S K_S Π_{i∈S} v_i, a mapping from tuples of spins to numbers.

    Keys are ascending tuples of spin indices, ordered by their length and then lexicographically; ``()`` is
    the constant. A key may be asked for in any order, and a single spin as an integer.

    Attributes
    ----------
    values_by_mask : ndarray, float64, shape (2**n,)
        The coupling of every set of spins, indexed by the bit mask of the set. Read-only.

    Notes
    -----
    The sign is the essay's: P ∝ exp(−H), so a ferromagnetic bond has a *negative* coupling. The method
    :meth:`ferro` turns it round.

    Examples
    --------
    >>> bond = couplings([-0.5, 0.5, 0.5, -0.5])
    >>> bond[0, 1], bond.ferro(0, 1), bond[()]
    (-0.5, 0.5, 0.0)
    >>> list(bond)
    [(), (0,), (1,), (0, 1)]
    """

    values_by_mask: np.ndarray

    def __post_init__(self):
        values = check_array("values_by_mask", self.values_by_mask, ndim=1).copy()
        n_spins("values_by_mask", len(values))
        values.flags.writeable = False
        object.__setattr__(self, "values_by_mask", values)

    @property
    def n_spins(self) -> int:
        """Number of spins."""
        return len(self.values_by_mask).bit_length() - 1

    def __getitem__(self, sites) -> float:
        return float(self.values_by_mask[_mask(sites, self.n_spins)])

    def __contains__(self, sites) -> bool:
        try:
            _mask(sites, self.n_spins)
        except ValueError:
            return False
        return True

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        return iter(sorted((_sites(mask) for mask in range(len(self))), key=lambda key: (len(key), key)))

    def __len__(self) -> int:
        return len(self.values_by_mask)

    def __repr__(self) -> str:
        largest = ", ".join(f"{key}: {value:.4g}" for key, value in self.largest(3).items())
        return f"Couplings({self.n_spins} spins; largest {{{largest}}})"

    def ferro(self, *sites: int) -> float:
        """Return −K_S, the coupling in the ferromagnetic sign convention H = −Σ K_S Π v."""
        return -self[sites]

    def of_order(self, k: int) -> dict[tuple[int, ...], float]:
        """Return the couplings of all sets of exactly ``k`` spins."""
        k = check_int("k", k, 0, self.n_spins)
        masks = np.flatnonzero(np.bitwise_count(np.arange(len(self))) == k)
        return {key: self[key] for key in sorted(_sites(mask) for mask in masks)}

    def largest(self, count: int) -> dict[tuple[int, ...], float]:
        """Return the ``count`` couplings of largest size, the constant left out, in decreasing size."""
        count = check_int("count", count, 1)
        order = np.argsort(-np.abs(self.values_by_mask), kind="stable")
        masks = [mask for mask in order if mask][:count]
        return {_sites(mask): float(self.values_by_mask[mask]) for mask in masks}

    def norm_by_order(self) -> np.ndarray:
        """Return the root of the sum of squares of the couplings of 0, 1, …, n spins, shape (n + 1,)."""
        orders = np.bitwise_count(np.arange(len(self)))
        return np.sqrt(np.bincount(orders, self.values_by_mask**2, minlength=self.n_spins + 1))

    def norm_without(self, sets: Iterable[tuple[int, ...]]) -> float:
        """Return the root of the sum of squares of all couplings but the constant and those in ``sets``.

        By Parseval it is the standard deviation, over states drawn uniformly, of the part of the
        Hamiltonian that these sets leave out.
        """
        rest = self.values_by_mask.copy()
        rest[[0, *(_mask(key, self.n_spins) for key in sets)]] = 0.0
        return float(np.linalg.norm(rest))

    def truncated(self, sets: Iterable[tuple[int, ...]]) -> "Couplings":
        """Return the couplings with all but the constant and those in ``sets`` set to zero."""
        kept = np.zeros(len(self))
        masks = [0, *(_mask(key, self.n_spins) for key in sets)]
        kept[masks] = self.values_by_mask[masks]
        return Couplings(kept)

    def energies(self) -> np.ndarray:
        """Return the Hamiltonian on all states, the inverse of :func:`couplings`, shape (2**n,)."""
        return _synthesis(self.values_by_mask)


def couplings(energies: ArrayLike) -> Couplings:
    r"""Expand a Hamiltonian on all states of n spins in couplings.

    .. math:: H(v) = \sum_S K_S \prod_{i\in S} v_i, \qquad K_S = 2^{-n} \sum_v H(v) \prod_{i\in S} v_i.

    Parameters
    ----------
    energies : array_like, shape (2**n,)
        H in units of k_B T, in the order of :func:`configurations`, 1 <= n <= 24.

    Returns
    -------
    Couplings
        A mapping from tuples of spins to couplings; ``()`` is the constant. A ferromagnetic bond is negative.

    Notes
    -----
    Fast Walsh-Hadamard transform, n 2**n additions: 16 spins take a fraction of a millisecond.

    References
    ----------
    .. [1] Essay eq. (6); P. Mehta and D. J. Schwab, arXiv:1410.3831 (2014), eq. (2).

    Examples
    --------
    Tracing out the middle spin of three leaves a bond with tanh K' = tanh² K:

    >>> import numpy as np
    >>> v = configurations(2)
    >>> K = couplings(-np.log(2 * np.cosh(0.7 * v.sum(axis=1))))
    >>> bool(np.isclose(np.tanh(K.ferro(0, 1)), np.tanh(0.7) ** 2))
    True
    """
    values = check_array("energies", energies, ndim=1)
    n_spins("energies", len(values))
    return Couplings(_analysis(values))


def hamiltonian(terms: Mapping, n: int) -> np.ndarray:
    r"""Return H(v) = Σ_S K_S Π_{i∈S} v_i on all states of n spins.

    Parameters
    ----------
    terms : mapping of tuple of int (or int) to float
        Couplings of sets of spins, ``()`` for a constant; sets that are absent are zero. A ferromagnetic
        bond is negative. A :class:`Couplings` is accepted.
    n : int
        Number of spins, 1 to 24.

    Returns
    -------
    ndarray, float64, shape (2**n,)

    Examples
    --------
    >>> hamiltonian({(0, 1): -0.5}, 2).tolist()
    [-0.5, 0.5, 0.5, -0.5]
    """
    n = check_int("n", n, 1, MAX_SPINS)
    if not isinstance(terms, Mapping):
        raise ValueError(f"terms must map sets of spins to couplings, got {type(terms).__name__}")
    values = np.zeros(1 << n)
    for sites, value in terms.items():
        values[_mask(sites, n)] += check_real(f"terms[{sites}]", value)
    return _synthesis(values)


def ising_energy(shape: int | Sequence[int], beta: float, field: float = 0.0) -> np.ndarray:
    r"""Return the Ising Hamiltonian −β Σ_⟨ij⟩ v_i v_j − h Σ v_i on all states of a periodic chain or lattice.

    Parameters
    ----------
    shape : int or sequence of int
        ``N`` or ``(N,)`` for a ring, ``(L, M)`` for a torus with row-major sites; at most 24 spins, and at
        least 2 along every side.
    beta : float
        Coupling of nearest neighbours, in units of k_B T.
    field : float
        Magnetic field, in units of k_B T.

    Returns
    -------
    ndarray, float64, shape (2**n,)

    Notes
    -----
    Every site carries one bond per direction, so a side of length 2 has double bonds.

    Examples
    --------
    >>> float(ising_energy((4, 4), 0.5).min())
    -16.0
    """
    sides = tuple(shape) if isinstance(shape, Sequence | np.ndarray) else (shape,)
    if not 1 <= len(sides) <= 2:
        raise ValueError(f"shape must be one or two sides, got {sides}")
    sides = tuple(check_int("shape", side, 2) for side in sides)
    n = int(np.prod(sides))
    if n > MAX_SPINS:
        raise ValueError(f"shape must have at most {MAX_SPINS} spins, got {sides}")
    beta, field = check_real("beta", beta), check_real("field", field)
    sites = np.arange(n).reshape(sides)
    values = np.zeros(1 << n)
    for axis in range(len(sides)):
        pairs = (1 << sites) | (1 << np.roll(sites, -1, axis=axis))
        np.add.at(values, pairs.ravel(), -beta)
    values[1 << sites.ravel()] -= field
    return _synthesis(values)


def _synthesis(values: np.ndarray) -> np.ndarray:
    """Sum values[S] Π_{i∈S} v_i over S for every state.

    Π_{i∈S} v_i is (−1) to the number of spins of S that are down, and the spins that are down are the bits
    of the complemented state: the plain transform, read backwards.
    """
    out = np.array(values, dtype=np.float64)
    walsh_hadamard(out)
    return out[::-1].copy()


def _analysis(energies: np.ndarray) -> np.ndarray:
    """Average energies[v] Π_{i∈S} v_i over states for every set S: the inverse of the synthesis."""
    out = energies[::-1].copy()
    walsh_hadamard(out)
    return out / len(out)


def _mask(sites, n: int) -> int:
    """Bit mask of a set of spins given as an integer index or an iterable of distinct ones."""
    indices = (sites,) if isinstance(sites, int | np.integer) else sites
    if not isinstance(indices, tuple | list | set | frozenset):
        raise ValueError(f"a set of spins must be a tuple of indices, got {sites!r}")
    indices = [check_int("a spin index", i, 0, n - 1) for i in indices]
    if len(set(indices)) != len(indices):
        raise ValueError(f"a set of spins must name each spin once, got {sites!r}")
    return sum(1 << i for i in indices)


def _sites(mask: int) -> tuple[int, ...]:
    mask = int(mask)
    return tuple(i for i in range(mask.bit_length()) if mask >> i & 1)
