"""Fisher information of the Ising model's couplings, seen through fewer and fewer of its spins."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from ... import ising
from ..._kernels import clamped
from ..._validation import as_generator, check_array, check_int, check_lattices, check_real
from ...analysis.series import jackknife_error

__all__ = ["exact_metric", "kept_sites", "pair_operators", "sampled_metric"]

DISPLACEMENTS = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0), (1, 2), (2, 1))


@dataclass(frozen=True)
class LatticeMetric:
    """Fisher information after 0, 1, 2, … decimations by √2.

    Attributes
    ----------
    metric : ndarray of float64, shape (n_steps + 1, n_operators, n_operators)
        Per lattice. The first operator is the sum of the spins, the others follow ``displacements``.
    error : ndarray or None
        Jackknife standard error of each entry; None if the metric is exact.
    eigenvalues, eigenvalue_error : ndarray of float64, shape (n_steps + 1, n_operators)
        Decreasing in each row; the error is 0 if the metric is exact.
    displacements : tuple of (int, int)
        Of the pair operators.
    """

    metric: np.ndarray
    error: np.ndarray | None
    eigenvalues: np.ndarray
    eigenvalue_error: np.ndarray
    displacements: tuple[tuple[int, int], ...]

    def loewner_gap(self) -> np.ndarray:
        """Return the smallest eigenvalue of each difference of successive metrics; data processing makes it >= 0.

        Examples
        --------
        >>> bool((exact_metric(4, 0.4).loewner_gap() > 0).all())
        True
        """
        return np.linalg.eigvalsh(self.metric[:-1] - self.metric[1:])[:, 0]


def kept_sites(L: int, step: int) -> np.ndarray:
    """Return which spins are still seen after ``step`` decimations, each of which keeps every other spin.

    Parameters
    ----------
    L : int
        Side.
    step : int
        >= 0. Even steps leave a square lattice of spacing 2^(step/2), odd ones its checkerboard.

    Returns
    -------
    ndarray of bool, shape (L, L)

    Raises
    ------
    ValueError
        If L is not a multiple of the smallest square period, 2^⌈step/2⌉.

    Examples
    --------
    >>> [int(kept_sites(4, step).sum()) for step in range(4)]
    [16, 8, 4, 2]
    """
    L, step = check_int("L", L, minimum=2), check_int("step", step, minimum=0)
    if L % 2 ** ((step + 1) // 2):
        raise ValueError(f"L must be a multiple of {2 ** ((step + 1) // 2)} for step {step}, got {L}")
    spacing = 2 ** (step // 2)
    i, j = np.indices((L, L))
    kept = (i % spacing == 0) & (j % spacing == 0)
    return kept & ((i + j) // spacing % 2 == 0) if step % 2 else kept


def pair_operators(spins: ArrayLike, displacements: ArrayLike = DISPLACEMENTS) -> np.ndarray:
    """Return Φ: the sum of the spins and the sums of s(x) s(x + d), which the couplings θ multiply in P ∝ exp(θ·Φ).

    Parameters
    ----------
    spins : array_like of ±1, shape (n_samples, L, L) or (L, L)
        Lattices on the torus.
    displacements : array_like of int, shape (n, 2)
        One pair operator each.

    Returns
    -------
    ndarray of float64, shape (n_samples, 1 + n)

    Examples
    --------
    >>> pair_operators(np.ones((1, 4, 4), dtype=np.int8), [(0, 1), (1, 1)]).tolist()
    [[16.0, 16.0, 16.0]]
    """
    spins = check_lattices("spins", spins)
    out = np.zeros((len(spins), 1 + len(_displacements(displacements))))
    clamped.add_pair_sums(out, spins, _displacements(displacements) % spins.shape[1])
    return out


def exact_metric(L: int, beta: float, n_steps: int = 2, *, displacements: ArrayLike = DISPLACEMENTS) -> LatticeMetric:
    r"""Return the Fisher information of small lattices at each level of decimation, by summing over all states.

    Parameters
    ----------
    L : int
        Side, 2, 3 or 4.
    beta : float
        Nearest-neighbour coupling of the model, >= 0; all others, and the field, are zero there.
    n_steps : int
        Decimations, >= 0.
    displacements : array_like of int, shape (n, 2)
        Of the couplings whose information is wanted.

    Returns
    -------
    LatticeMetric

    Notes
    -----
    Seeing only x, a function of the spins, leaves :math:`g_{\mu\nu} = \mathrm{cov}_x(E[\Phi_\mu|x], E[\Phi_\nu|x])`.
    Since x is processed data, each metric is below the one before in Loewner's order.

    References
    ----------
    B. B. Machta, R. Chachra, M. K. Transtrum and J. P. Sethna, Science 342, 604 (2013).

    Examples
    --------
    >>> from mlrg_lib.ising import CRITICAL_BETA
    >>> exact_metric(4, CRITICAL_BETA).eigenvalues[:, :3].round(1).tolist()
    [[199.7, 194.9, 11.5], [193.1, 166.9, 7.7], [187.3, 107.4, 4.1]]
    """
    L, beta = check_int("L", L, minimum=2, maximum=4), check_real("beta", beta, minimum=0.0)
    n_steps = check_int("n_steps", n_steps, minimum=0)
    masks = [kept_sites(L, step) for step in range(n_steps + 1)]
    bits = (np.arange(2 ** (L * L))[:, None] >> np.arange(L * L)) & 1
    spins = (2 * bits - 1).astype(np.int8).reshape(-1, L, L)
    operators = pair_operators(spins, displacements)
    weight = np.exp(beta * pair_operators(spins, [(0, 1), (1, 0)])[:, 1:].sum(1) - 2 * beta * L * L)
    weight /= weight.sum()
    metric = np.stack([_coarse(operators, weight, bits[:, mask.ravel()]) for mask in masks])
    values = np.linalg.eigvalsh(metric)[:, ::-1]
    return LatticeMetric(metric, None, values, np.zeros_like(values), _as_tuples(displacements))


def sampled_metric(
    L: int,
    beta: float,
    n_steps: int = 4,
    *,
    n_samples: int = 4000,
    n_inner: int = 16,
    n_gap: int | None = None,
    displacements: ArrayLike = DISPLACEMENTS,
    rng: np.random.Generator | int | None = None,
) -> LatticeMetric:
    r"""Estimate the Fisher information after each decimation of large lattices, without bias, by Monte Carlo.

    Parameters
    ----------
    L, beta, n_steps, displacements
        As in :func:`exact_metric`; any L that the decimations allow.
    n_samples : int
        Equilibrium configurations, >= 40.
    n_inner : int
        Sweeps averaged for each of the two estimates of E[Φ|x], >= 1.
    n_gap : int, optional
        Sweeps between the two estimates, which must be independent given x, >= 1. None takes 10 for each site of the
        cell of a seen spin, 10 2^step: fewer leave the two alike, and the information too large.
    rng : numpy.random.Generator, int or None
        Source of randomness.

    Returns
    -------
    LatticeMetric
        With jackknife errors from 20 blocks.

    Notes
    -----
    Covariances of noisy estimates of E[Φ|x] are too large. Two estimates with independent noise, from two stretches of
    heat-bath sweeps in which the seen spins are held, have the right cross-covariance however short they are. An
    estimated metric need not be positive: eigenvalues that scatter about zero are zero to within their errors. The
    largest ones are biased upward, by an amount that falls as 1/n_samples.

    Examples
    --------
    >>> estimate = sampled_metric(4, 0.44, 1, n_samples=2000, rng=1)
    >>> exact = exact_metric(4, 0.44, 1)
    >>> bool((np.abs(estimate.metric - exact.metric) < 6 * estimate.error + 0.5).all())
    True
    """
    L, beta = check_int("L", L, minimum=3), check_real("beta", beta, minimum=0.0)
    n_steps = check_int("n_steps", n_steps, minimum=0)
    masks = [kept_sites(L, step) for step in range(n_steps + 1)]
    n_samples = check_int("n_samples", n_samples, minimum=40)
    n_inner = check_int("n_inner", n_inner, minimum=1)
    gaps = [10 * 2**step if n_gap is None else check_int("n_gap", n_gap, minimum=1) for step in range(n_steps + 1)]
    vectors = _displacements(displacements) % L
    rng = as_generator(rng)
    spins = ising.sample(L, beta, n_samples, rng=rng)
    state = rng.integers(1, 2**64, size=4, dtype=np.uint64)
    up = expit(2 * beta * np.arange(-4.0, 5.0, 2.0))
    pairs = []
    for mask, gap in zip(masks, gaps, strict=True):
        if mask.all():
            whole = pair_operators(spins, vectors)
            pairs.append((whole, whole))
            continue
        chain, (rows, columns) = spins.copy(), np.nonzero(~mask)
        means = []
        for wait in (1, gap):
            clamped.clamped_sweeps(chain, rows, columns, up, wait, state)
            total = np.zeros((n_samples, 1 + len(vectors)))
            for _ in range(n_inner):
                clamped.add_pair_sums(total, chain, vectors)
                clamped.clamped_sweeps(chain, rows, columns, up, 1, state)
            means.append(total / n_inner)
        pairs.append((means[0], means[1]))
    return _jackknifed(pairs, _as_tuples(displacements))


def _jackknifed(pairs, displacements) -> LatticeMetric:
    n_blocks = 20
    block = np.arange(len(pairs[0][0])) * n_blocks // len(pairs[0][0])
    full = np.stack([_cross_covariance(*pair) for pair in pairs])
    values = np.linalg.eigvalsh(full)[:, ::-1]
    left = np.stack([[_cross_covariance(a[block != k], b[block != k]) for a, b in pairs] for k in range(n_blocks)])
    left_values = np.linalg.eigvalsh(left)[..., ::-1]
    return LatticeMetric(full, jackknife_error(left), values, jackknife_error(left_values), displacements)


def _cross_covariance(first, second) -> np.ndarray:
    a, b = first - first.mean(0), second - second.mean(0)
    product = a.T @ b / (len(a) - 1)
    return (product + product.T) / 2


def _coarse(operators, weight, seen) -> np.ndarray:
    label = seen @ (1 << np.arange(seen.shape[1]))
    probability = np.bincount(label, weight)
    means = np.stack([np.bincount(label, weight * column) for column in operators.T], axis=1) / probability[:, None]
    centred = means - probability @ means
    return centred.T @ (probability[:, None] * centred)


def _displacements(displacements) -> np.ndarray:
    array = check_array("displacements", displacements, ndim=2, dtype=None)
    if array.shape[1] != 2 or array.dtype.kind not in "iu":
        raise ValueError(f"displacements must be integers of shape (n, 2), got shape {array.shape}, {array.dtype}")
    return array.astype(np.int64)


def _as_tuples(displacements) -> tuple[tuple[int, int], ...]:
    return tuple((int(a), int(b)) for a, b in _displacements(displacements))
