"""Blocking configurations again and again, and what is kept of their operators."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import as_generator, check_array, check_choice, check_int, check_lattices, check_real, check_units
from .. import block_spin
from .operators import EVEN, ODD, Operator, check_operators, operator_sums

__all__ = ["Moments", "block", "merge", "moments"]

Transformation = str | Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""A rule's name, or a function of lattices (n_samples, L, L) and a generator that returns (n_samples, L/b, L/b)."""

_RULES = ("majority", "decimation", "decimate", "kadanoff")
_SMALLEST = 4


@dataclass(frozen=True, eq=False)
class Moments:
    """Means and products of operators before and after each blocking, for independent runs.

    Attributes
    ----------
    b : int
        Side of a block.
    sides : ndarray of int, shape (n_levels + 1,)
        Sides of the lattices, the unblocked one first.
    counts : ndarray of int, shape (n_runs,)
        Configurations in each run.
    even_mean, odd_mean : ndarray, shape (n_runs, n_levels + 1, n)
        ⟨S⟩ on each lattice.
    even_within, odd_within : ndarray, shape (n_runs, n_levels + 1, n, n)
        ⟨S S⟩ on the same lattice.
    even_across, odd_across : ndarray, shape (n_runs, n_levels, n, n)
        ⟨S S⟩, the first on the blocked lattice, the second on the one before.
    """

    b: int
    sides: np.ndarray
    counts: np.ndarray
    even_mean: np.ndarray
    even_within: np.ndarray
    even_across: np.ndarray
    odd_mean: np.ndarray
    odd_within: np.ndarray
    odd_across: np.ndarray


def block(
    spins: ArrayLike,
    b: int,
    n_levels: int = 1,
    *,
    transformation: Transformation = "majority",
    p: float | None = None,
    rng: np.random.Generator | int | None = None,
) -> list[np.ndarray]:
    """Apply a block-spin transformation again and again.

    Parameters
    ----------
    spins : array_like, shape (n_samples, L, L) or (L, L)
        Lattices of ±1.
    b : int
        Side of a block, >= 2.
    n_levels : int
        How often, >= 0.
    transformation, p, rng
        As in :func:`mlrg_lib.rg.monte_carlo.exponents`.

    Returns
    -------
    list of ndarray, int8
        The lattices given, shape (n_samples, L, L), then those of each level.

    Examples
    --------
    >>> import numpy as np
    >>> [len(lattice[0]) for lattice in block(np.ones((8, 8)), 2, 2, rng=0)]
    [8, 4, 2]
    """
    lattices = check_lattices("spins", spins)
    b = check_int("b", b, 2, lattices.shape[1])
    n_levels = check_int("n_levels", n_levels, 0)
    _check_depth(lattices.shape[1], b, n_levels, 1)
    rule = _rule(transformation, p, b)
    rng = as_generator(rng)
    levels = [lattices]
    for _ in range(n_levels):
        levels.append(_checked(rule(levels[-1], rng), levels[-1], b))
    return levels


def moments(
    spins: ArrayLike,
    b: int,
    *,
    transformation: Transformation = "majority",
    p: float | None = None,
    n_levels: int | None = None,
    even: Sequence[Operator] = EVEN,
    odd: Sequence[Operator] = ODD,
    runs: int | ArrayLike = 1,
    rng: np.random.Generator | int | None = None,
) -> Moments:
    """Block configurations and keep what the exponents need; for more of them than fit into memory.

    Parameters
    ----------
    spins, b, transformation, p, n_levels, even, odd, rng
        As in :func:`mlrg_lib.rg.monte_carlo.exponents`.
    runs : int or array_like of int, shape (n_samples,)
        As in :func:`mlrg_lib.rg.monte_carlo.exponents`; 1 is allowed.

    Returns
    -------
    Moments
        To be joined with others by :func:`merge`.

    Examples
    --------
    >>> from mlrg_lib import ising
    >>> from mlrg_lib.rg.monte_carlo import exponents_from
    >>> parts = [moments(ising.sample(8, 0.44, 500, rng=seed), 2, rng=seed) for seed in range(4)]
    >>> exponents_from(merge(parts)).n_runs
    4
    """
    lattices = check_lattices("spins", spins)
    L = lattices.shape[1]
    b = check_int("b", b, 2, L)
    if n_levels is None:
        n_levels = 0
        while L % b ** (n_levels + 1) == 0 and L // b ** (n_levels + 1) >= _SMALLEST:
            n_levels += 1
        n_levels = max(n_levels, 1)
    n_levels = check_int("n_levels", n_levels, 1)
    _check_depth(L, b, n_levels, _SMALLEST)
    smallest = L // b**n_levels
    even, odd = check_operators("even", even, smallest, True), check_operators("odd", odd, smallest, False)
    labels = run_labels(runs, len(lattices))
    levels = block(lattices, b, n_levels, transformation=transformation, p=p, rng=rng)
    sums = np.array([operator_sums(level, even + odd) for level in levels], dtype=np.float64)
    parts = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    arrays = {}
    for name, chosen in (("even", sums[:, :, : len(even)]), ("odd", sums[:, :, len(even) :])):
        groups = [chosen[:, rows] for rows in parts]
        arrays[f"{name}_mean"] = np.array([g.mean(axis=1) for g in groups])
        arrays[f"{name}_within"] = np.array([g.mT @ g / g.shape[1] for g in groups])
        arrays[f"{name}_across"] = np.array([g[1:].mT @ g[:-1] / g.shape[1] for g in groups])
    sides = np.array([level.shape[1] for level in levels])
    return Moments(b=b, sides=sides, counts=np.array([len(rows) for rows in parts]), **arrays)


def merge(parts: Sequence[Moments]) -> Moments:
    """Join the runs of several measurements of the same kind.

    Parameters
    ----------
    parts : sequence of Moments
        With the same blocks, sides and operators.

    Returns
    -------
    Moments
        All their runs.

    Examples
    --------
    >>> import numpy as np
    >>> part = moments(np.sign(np.random.default_rng(0).normal(size=(90, 8, 8))), 2, rng=0)
    >>> merge([part, part]).counts
    array([90, 90])
    """
    parts = list(parts)
    if not parts or not all(isinstance(part, Moments) for part in parts):
        raise ValueError(f"parts must be moments, at least one, got {parts!r}")
    first = parts[0]
    for part in parts:
        same = part.b == first.b and np.array_equal(part.sides, first.sides)
        if not same or any(
            getattr(part, f).shape[1:] != getattr(first, f).shape[1:] for f in ("even_mean", "odd_mean")
        ):
            raise ValueError("parts must have the same blocks, sides and numbers of operators")
    joined = {f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Moments)[2:]}
    return Moments(b=first.b, sides=first.sides, **joined)


def _check_depth(L: int, b: int, n_levels: int, smallest: int) -> None:
    if n_levels and (L % b or L // b < smallest):
        raise ValueError(f"b must divide the side L={L} of the lattices and leave {smallest} or more of it, got {b}")
    if L % b**n_levels or L // b**n_levels < smallest:
        raise ValueError(
            f"n_levels must leave whole lattices of side {smallest} or more, got L={L}, b={b} and n_levels={n_levels}"
        )


def run_labels(runs, n_samples: int) -> np.ndarray:
    if np.ndim(runs) == 0:
        n_runs = check_int("runs", runs, 1)
        if n_runs > n_samples:
            raise ValueError(f"spins must hold at least runs={n_runs} configurations, got {n_samples}")
        return np.arange(n_samples) * n_runs // n_samples
    labels = check_array("runs", runs, ndim=1, dtype=None)
    if len(labels) != n_samples or labels.dtype.kind not in "iu":
        raise ValueError(f"runs must be an integer or {n_samples} integer labels, got shape {labels.shape}")
    return labels


def _rule(transformation, p, b: int) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    """Return the transformation as a function of lattices and a generator."""
    named = not callable(transformation)
    if named:
        check_choice("transformation", transformation, _RULES)
    if named and transformation == "kadanoff":
        strength = check_real("p", p, 0.0)
        return lambda spins, rng: block_spin.kadanoff(spins, b, strength, rng)
    if p is not None:
        raise ValueError(f'p must be None unless transformation="kadanoff", got {p!r}')
    if not named:
        return transformation
    if transformation == "majority":
        return lambda spins, rng: block_spin.majority(spins, b, rng)
    return lambda spins, rng: block_spin.decimate(spins, b)  # "decimation", or "decimate" after the function


def _checked(blocked, before: np.ndarray, b: int) -> np.ndarray:
    blocked = check_units("transformation's result", blocked, ndim=3)
    wanted = (len(before), before.shape[1] // b, before.shape[1] // b)
    if blocked.shape != wanted:
        raise ValueError(f"transformation must return lattices of shape {wanted}, got {blocked.shape}")
    return blocked
