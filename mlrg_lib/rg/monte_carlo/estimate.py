"""Effective couplings of blocked lattices, from what each spin does given the others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..._kernels import operators as kernels
from ..._validation import check_lattices
from .blocked import run_labels
from .operators import EVEN, Operator, as_tables, check_operators

__all__ = ["estimate_couplings"]

_STEPS = 50
_REACHED = 1e-10


@dataclass(frozen=True, eq=False)
class Couplings:
    """Couplings K of P ∝ exp(Σ K S), with their standard errors.

    Attributes
    ----------
    values, errors : ndarray, shape (n_operators,)
    covariance : ndarray, shape (n_operators, n_operators)
        Of the values; the errors are the roots of its diagonal.
    names : tuple of str
        The operators.
    log_likelihood : float
        Mean of ln P(spin | all others) at these couplings, in nats.
    """

    values: np.ndarray
    errors: np.ndarray
    covariance: np.ndarray
    names: tuple[str, ...]
    log_likelihood: float


def estimate_couplings(
    spins: ArrayLike, operators: Sequence[Operator] = EVEN, *, runs: int | ArrayLike = 20
) -> Couplings:
    r"""Find the couplings of a lattice model from its configurations.

    Parameters
    ----------
    spins : array_like, shape (n_samples, L, L)
        Configurations of ±1; blocked ones, say.
    operators : sequence of Operator
        The terms of the Hamiltonian. No two may be the same on a torus of side L.
    runs : int or array_like of int, shape (n_samples,)
        Number of equal blocks of consecutive samples, or a label for each sample; runs must be independent. At least 2.
        Of samples less than 3 tau apart: ``run.chain_labels % 20``, of :func:`mlrg_lib.ising.simulate`.

    Returns
    -------
    Couplings

    Raises
    ------
    ValueError
        If an argument is out of range, or the configurations do not determine the couplings.

    Notes
    -----
    Let :math:`S_{\alpha,i}` be the sum of the terms of an operator that contain spin i. Callen's identity, in
    Swendsen's form for couplings, asks that

    .. math:: \Big\langle \sum_i S_{\alpha,i} \Big\rangle
              = \Big\langle \sum_i R_{\alpha,i} \tanh\Big(\sum_\beta K_\beta R_{\beta,i}\Big) \Big\rangle ,
              \qquad S_{\alpha,i} = s_i R_{\alpha,i} .

    These are the stationarity conditions of the concave function :math:`\sum_i \ln P(s_i \mid \text{others})`, the
    pseudo-likelihood, so Newton's method finds the one solution. It is right if the operators are all there are;
    what is left out is shared among those kept. Errors come from the scatter of the gradient between runs.

    References
    ----------
    .. [1] H. B. Callen, Phys. Lett. 4, 161 (1963).
    .. [2] R. H. Swendsen, Phys. Rev. Lett. 52, 1165 (1984).

    Examples
    --------
    >>> from mlrg_lib import ising
    >>> found = estimate_couplings(ising.sample(16, 0.4, 2000, rng=1), EVEN[:3])
    >>> bool(abs(found.values - [0.4, 0, 0]).max() < 0.01)
    True
    """
    lattices = check_lattices("spins", spins)
    n_samples, L = lattices.shape[:2]
    operators = check_operators("operators", operators, L)
    labels = np.unique(run_labels(runs, n_samples), return_inverse=True)[1]
    n_runs = labels.max() + 1
    if n_runs < 2:
        raise ValueError(f"runs must be at least 2, got {n_runs}")
    tables, n = as_tables(operators), len(operators)
    sites = np.empty((n_samples, n, L, L), dtype=np.int8)
    for out, lattice in zip(sites, lattices, strict=True):
        kernels.site_sums(out, lattice, *tables)
    sites = sites.reshape(n_samples, n, L * L)

    K = np.zeros(n)
    value, gradients, hessian = _derivatives(sites, labels, n_runs, K)
    for _ in range(_STEPS):
        step = _newton(hessian, gradients.sum(axis=0))
        while True:
            trial = _derivatives(sites, labels, n_runs, K + step)
            if trial[0] >= value - 1e-12 * abs(value):
                break
            step /= 2
        K = K + step
        value, gradients, hessian = trial
        if np.abs(step).max() < _REACHED:
            break
    else:
        raise ValueError(f"spins must determine the couplings, got none in {_STEPS} steps; too few or too ordered")
    inverse = _newton(hessian, np.eye(n))
    scatter = (gradients - gradients.mean(axis=0)).T @ (gradients - gradients.mean(axis=0)) * n_runs / (n_runs - 1)
    covariance = inverse @ scatter @ inverse
    return Couplings(
        values=K,
        errors=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        names=tuple(operator.name for operator in operators),
        log_likelihood=value / (n_samples * L * L),
    )


def _derivatives(sites, labels, n_runs, K) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the log pseudo-likelihood, its gradient for each run, and its negative second derivatives."""
    n = len(K)
    gradients, upper, value = np.zeros((n_runs, n)), np.zeros((n, n)), 0.0
    for lattice, run in zip(sites, labels, strict=True):
        value += kernels.pseudo_likelihood(gradients[run], upper, lattice, K)
    return value, gradients, np.triu(upper) + np.triu(upper, 1).T


def _newton(hessian, right):
    try:
        if np.linalg.cond(hessian) < 1e12:
            return np.linalg.solve(hessian, right)
    except np.linalg.LinAlgError:
        pass
    raise ValueError("spins must be varied enough to tell the operators apart")
