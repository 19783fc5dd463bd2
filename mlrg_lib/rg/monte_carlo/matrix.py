"""Swendsen's Monte Carlo renormalization group: exponents from correlations of blocked and unblocked operators."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...analysis.series import jackknife_error
from .blocked import Moments, Transformation, moments
from .operators import EVEN, ODD, Operator

__all__ = ["exponents", "exponents_from"]


@dataclass(frozen=True, eq=False)
class Exponents:
    """Exponents of each blocking, from all operators and from the first few; errors are one standard error.

    Attributes
    ----------
    y_t, y_t_error, y_h, y_h_error : ndarray, shape (n_levels,)
        Thermal and magnetic exponents with all operators. NaN where no eigenvalue is real.
    y_t_by_operators, y_t_by_operators_error : ndarray, shape (n_levels, n_even)
        With the first 1, 2, ... even operators.
    y_h_by_operators, y_h_by_operators_error : ndarray, shape (n_levels, n_odd)
        With the first 1, 2, ... odd operators.
    y_t_left_out, y_h_left_out : ndarray, shapes (n_runs, n_levels, n_even) and (n_runs, n_levels, n_odd)
        The same without one run, for errors of what is made of them.
    even_matrix, odd_matrix : ndarray, shapes (n_levels, n_even, n_even) and (n_levels, n_odd, n_odd)
        The linearised transformations T.
    sides : ndarray of int, shape (n_levels + 1,)
        Sides of the lattices; level k goes from ``sides[k]`` to ``sides[k + 1]``.
    n_samples, n_runs : int
        Configurations, and the independent runs the jackknife leaves out one by one.
    """

    y_t: np.ndarray
    y_t_error: np.ndarray
    y_h: np.ndarray
    y_h_error: np.ndarray
    y_t_by_operators: np.ndarray
    y_t_by_operators_error: np.ndarray
    y_h_by_operators: np.ndarray
    y_h_by_operators_error: np.ndarray
    y_t_left_out: np.ndarray
    y_h_left_out: np.ndarray
    even_matrix: np.ndarray
    odd_matrix: np.ndarray
    sides: np.ndarray
    n_samples: int
    n_runs: int


def exponents(
    spins: ArrayLike,
    b: int,
    *,
    transformation: Transformation = "majority",
    p: float | None = None,
    n_levels: int | None = None,
    even: Sequence[Operator] = EVEN,
    odd: Sequence[Operator] = ODD,
    runs: int | ArrayLike = 20,
    rng: np.random.Generator | int | None = None,
) -> Exponents:
    r"""Measure the exponents y_t and y_h of a block-spin transformation at a critical point.

    Parameters
    ----------
    spins : array_like, shape (n_samples, L, L)
        Critical configurations of ±1; independent ones, or long runs whose members ``runs`` tells apart.
    b : int
        Side of a block, >= 2.
    transformation : {"majority", "decimation", "kadanoff"} or callable
        The rule; "decimate" is another name of "decimation". A callable gets lattices (n_samples, L, L) of int8 and a
        generator, and returns (n_samples, L/b, L/b).
    p : float, optional
        Strength of Kadanoff's rule, >= 0; for that rule only, and required there.
    n_levels : int, optional
        How often to block. None blocks while the result has a side of 4 or more.
    even, odd : sequence of Operator
        The operators, the most important first. No two may be the same on the smallest lattice.
    runs : int or array_like of int, shape (n_samples,)
        Number of equal blocks of consecutive samples, or a label for each sample. The jackknife leaves out one run at a
        time, so runs must be independent. At least 2. Samples of several chains come interleaved; of those less than
        3 tau apart group the chains: ``run.chain_labels % 20``, of :func:`mlrg_lib.ising.simulate`.
    rng : numpy.random.Generator, int or None, optional
        Source of the rule's randomness.

    Returns
    -------
    Exponents

    Raises
    ------
    ValueError
        If an argument is out of range, the side is not divisible by b often enough, the operators cannot be told apart
        or determined from so few samples, or a callable returns something else than lattices of ±1.

    Notes
    -----
    Couplings K of the blocked lattice depend on those of the lattice before it, and by the chain rule

    .. math:: \langle S' S \rangle_c = \langle S' S' \rangle_c \, T, \qquad T = \partial K' / \partial K .

    Both connected correlations are measured on the same configurations. With λ the real eigenvalue of T of largest
    magnitude, ``y = ln |λ| / ln b``, so that a rule may also turn all spins. Even operators give y_t, odd ones y_h. Two
    things limit the result and are in no error bar: the operators left out, and the distance of the start from the
    fixed point, which decays with the level.

    References
    ----------
    .. [1] R. H. Swendsen, Phys. Rev. Lett. 42, 859 (1979).

    Examples
    --------
    >>> from mlrg_lib import ising
    >>> spins = ising.sample(16, ising.CRITICAL_BETA, 4000, rng=1)
    >>> found = exponents(spins, 2, rng=2)
    >>> found.sides, abs(found.y_h[0] - 1.88) < 0.01
    (array([16,  8,  4]), np.True_)
    """
    found = moments(
        spins, b, transformation=transformation, p=p, n_levels=n_levels, even=even, odd=odd, runs=runs, rng=rng
    )
    return exponents_from(found)


def exponents_from(found: Moments) -> Exponents:
    """Return exponents and their jackknife errors from the moments of independent runs.

    Parameters
    ----------
    found : Moments
        At least two runs.

    Returns
    -------
    Exponents

    Raises
    ------
    ValueError
        If there is one run only, or too few samples to tell the operators apart.

    Examples
    --------
    >>> from mlrg_lib import ising
    >>> part = moments(ising.sample(8, 0.44, 1000, rng=0), 2, runs=5, rng=0)
    >>> exponents_from(part).y_t.shape
    (1,)
    """
    if not isinstance(found, Moments):
        raise ValueError(f"found must be moments, got {found!r}")
    n_runs = len(found.counts)
    if n_runs < 2:
        raise ValueError(f"runs must be at least 2 for a jackknife, got {n_runs}")
    kept = np.vstack([np.ones(n_runs), 1 - np.eye(n_runs)]) * found.counts  # all runs, then all but one
    kept /= kept.sum(axis=1, keepdims=True)
    results = {}
    for name, y in (("even", "y_t"), ("odd", "y_h")):
        parts = (getattr(found, f"{name}_{what}") for what in ("mean", "within", "across"))
        values, matrices = _solve(*(np.tensordot(kept, part, axes=1) for part in parts), found.b)
        error = jackknife_error(values[1:])
        results |= {y: values[0, :, -1], f"{y}_error": error[:, -1], f"{name}_matrix": matrices[0]}
        results |= {f"{y}_by_operators": values[0], f"{y}_by_operators_error": error, f"{y}_left_out": values[1:]}
    return Exponents(**results, sides=found.sides, n_samples=int(found.counts.sum()), n_runs=n_runs)


def _solve(mean, within, across, b: int) -> tuple[np.ndarray, np.ndarray]:
    """Return exponents (n_sets, n_levels, n) with the first 1 ... n operators, and T (n_sets, n_levels, n, n)."""
    after, before = mean[:, 1:, :, None], mean[:, :-1, None, :]
    B = within[:, 1:] - after * after.mT
    A = across - after * before
    n = B.shape[-1]
    values = np.empty((*B.shape[:2], n))
    for k in range(1, n + 1):
        try:
            T = np.linalg.solve(B[..., :k, :k], A[..., :k, :k])
        except np.linalg.LinAlgError:
            raise ValueError("spins must be enough and varied enough to tell the operators apart") from None
        roots = np.linalg.eigvals(T)
        real = np.where(np.abs(roots.imag) < 1e-9 * np.abs(roots), np.abs(roots), 0.0).max(axis=-1)
        values[..., k - 1] = np.log(np.where(real > 0, real, np.nan)) / np.log(b)
    return values, T
