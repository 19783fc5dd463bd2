"""Operators on the square lattice: sums of products of a few spins over all translations and symmetries."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import index

import numpy as np
from numpy.typing import ArrayLike

from ..._kernels import operators as kernels
from ..._validation import check_lattices

__all__ = ["EVEN", "ODD", "Operator", "operator_sums"]

_REACH = 64


@dataclass(frozen=True)
class Operator:
    """A product of spins, to be summed over all translations, rotations and reflections of the square lattice.

    Attributes
    ----------
    name : str
    sites : tuple of (row, column)
        Distinct sites of one term, up to a translation.

    Raises
    ------
    ValueError
        If there are no sites, a site comes twice, or two are 64 or more apart.

    Examples
    --------
    >>> Operator("nearest neighbours", ((0, 0), (0, 1))).terms
    (((0, 0), (0, 1)), ((0, 0), (1, 0)))
    """

    name: str
    sites: tuple[tuple[int, int], ...]

    def __post_init__(self):
        try:
            sites = tuple((index(y), index(x)) for y, x in self.sites)
        except (TypeError, ValueError):
            sites = ()
        if not sites or sites != tuple(tuple(site) for site in self.sites) or len(set(sites)) < len(sites):
            raise ValueError(f"sites must be distinct pairs of integers (row, column), got {self.sites!r}")
        if max(np.ptp(sites, axis=0)) >= _REACH:
            raise ValueError(f"sites must lie within {_REACH} rows and columns, got {self.sites!r}")
        object.__setattr__(self, "sites", sites)

    @property
    def is_even(self) -> bool:
        """Whether turning all spins leaves the operator as it is."""
        return len(self.sites) % 2 == 0

    @property
    def terms(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """The distinct images of the term under the eight symmetries of the square, moved to the corner (0, 0)."""
        images = set()
        for points in (np.array(self.sites), np.array(self.sites)[:, ::-1]):
            for sign_y in (1, -1):
                for sign_x in (1, -1):
                    image = points * (sign_y, sign_x)
                    image -= image.min(axis=0)
                    images.add(tuple(sorted((int(y), int(x)) for y, x in image)))
        return tuple(sorted(images))


EVEN = (
    Operator("nearest", ((0, 0), (0, 1))),
    Operator("diagonal", ((0, 0), (1, 1))),
    Operator("plaquette", ((0, 0), (0, 1), (1, 0), (1, 1))),
    Operator("distance 2", ((0, 0), (0, 2))),
    Operator("knight", ((0, 0), (1, 2))),
    Operator("diagonal 2", ((0, 0), (2, 2))),
    Operator("diamond", ((0, 1), (1, 0), (1, 2), (2, 1))),
    Operator("rectangle", ((0, 0), (0, 2), (1, 0), (1, 2))),
)
"""Eight even operators, the shortest first; the first four are those of the published tables."""

ODD = (
    Operator("spin", ((0, 0),)),
    Operator("corner", ((0, 0), (0, 1), (1, 0))),
    Operator("line", ((0, 0), (0, 1), (0, 2))),
    Operator("wedge", ((0, 0), (1, 1), (0, 2))),
    Operator("plus", ((0, 1), (1, 0), (1, 1), (1, 2), (2, 1))),
)
"""Five odd operators, the shortest first."""


def operator_sums(spins: ArrayLike, operators: Sequence[Operator] = EVEN + ODD) -> np.ndarray:
    """Return the sum of each operator over each lattice.

    Parameters
    ----------
    spins : array_like, shape (n_samples, L, L) or (L, L)
        Lattices of ±1 on the torus.
    operators : sequence of Operator
        What to sum; no two may be the same on a torus of side L.

    Returns
    -------
    ndarray of int64, shape (n_samples, n_operators)

    Raises
    ------
    ValueError
        If ``spins`` are not square lattices of ±1, or the lattice is too small to tell the operators apart.

    Notes
    -----
    A row is packed into words, products are exclusive ors, and sums are counts of bits: a lattice of 64 x 64 with the
    thirteen operators of the default takes a few microseconds.

    Examples
    --------
    >>> import numpy as np
    >>> operator_sums(np.ones((4, 4)), EVEN[:3] + ODD[:1])
    array([[32, 32, 16, 16]])
    """
    lattices = check_lattices("spins", spins)
    operators = check_operators("operators", operators, lattices.shape[1])
    out = np.empty((len(lattices), len(operators)), dtype=np.int64)
    kernels.operator_sums(out, lattices, *as_tables(operators))
    return out


def check_operators(name: str, operators, L: int, parity: bool | None = None) -> tuple[Operator, ...]:
    """Return the operators as a tuple, or raise if a torus of side L cannot tell two of them apart.

    ``parity`` True asks for even ones only, False for odd ones only.
    """
    kind = {True: "even ", False: "odd ", None: ""}[parity]
    operators = tuple(operators) if isinstance(operators, Sequence) else ()
    if not operators or not all(isinstance(o, Operator) and parity in (None, o.is_even) for o in operators):
        raise ValueError(f"{name} must be a sequence of {kind}operators, at least one, got {operators!r}")
    seen: dict[tuple, str] = {}
    for operator in operators:
        reduced = {(y % L, x % L) for y, x in operator.sites}
        if len(reduced) < len(operator.sites) or max(np.ptp(operator.sites, axis=0)) >= L:
            raise ValueError(f"{name} must fit on the lattice, got {operator.name!r} on a torus of side {L}")
        classes = {_on_torus(term, L) for term in operator.terms}
        for other in sorted(seen[c] for c in classes if c in seen):
            raise ValueError(
                f"{name} must differ, got {other!r} and {operator.name!r}, the same on a torus of side {L}"
            )
        seen.update(dict.fromkeys(classes, operator.name))
    return operators


def as_tables(operators: Sequence[Operator]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return terms, their numbers of sites and their owners as the kernels want them."""
    listed = [(term, owner) for owner, operator in enumerate(operators) for term in operator.terms]
    terms = np.zeros((len(listed), max(len(term) for term, _ in listed), 2), dtype=np.int64)
    for row, (term, _) in zip(terms, listed, strict=True):
        row[: len(term)] = term
    return terms, np.array([len(term) for term, _ in listed]), np.array([owner for _, owner in listed])


def _on_torus(term, L: int) -> tuple:
    """Return a name of the term that all its translations on the torus share."""
    return min(tuple(sorted(((y - y0) % L, (x - x0) % L) for y, x in term)) for y0, x0 in term)
