"""Machines too large to enumerate: annealed importance sampling of log Z, and parallel tempering.

Both use the machines at inverse temperatures t in [0, 1], P_t(v, h) ∝ exp(−t E): fair coins at t = 0, the machine at 1.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from .._kernels import rbm as kernels
from .._moved import renamed
from .._rbm import RBMLike, checked_parameters, draw_seed
from .._validation import as_generator, check_array, check_int
from ..analysis.series import Estimate

__all__ = ["annealed_weights", "log_partition", "parallel_tempering"]

_inverse = renamed(temperatures="it is betas, inverse temperatures as they always were; a number counts both ends")


@dataclass(frozen=True, eq=False)
class AnnealedWeights:
    """The outcome of annealed importance sampling.

    Attributes
    ----------
    log_weights : ndarray, float64, shape (n_chains,)
        ln w of each chain; the mean of w estimates Z/2^(n_visible + n_hidden).
    n_units : int
        n_visible + n_hidden.
    samples : ndarray, int8, shape (n_chains, n_visible)
        Final states; with weights w they represent P(v).

    Examples
    --------
    >>> AnnealedWeights(np.zeros(4), 3, np.ones((4, 2), dtype=np.int8)).effective_sample_size
    4.0
    """

    log_weights: np.ndarray
    n_units: int
    samples: np.ndarray

    @property
    def _weights(self) -> np.ndarray:
        return np.exp(self.log_weights - self.log_weights.max())

    @property
    def effective_sample_size(self) -> float:
        """(Σ w)²/Σ w²: how many chains count. Distrust the estimate if it is below about ten."""
        w = self._weights
        return float(w.sum() ** 2 / (w**2).sum())

    @property
    def log_partition(self) -> Estimate:
        """ln Z, low by about error²/2 on average, and its standard error, the relative one of the mean weight."""
        w = self._weights
        value = self.n_units * np.log(2.0) + self.log_weights.max() + np.log(w.mean())
        return Estimate(float(value), float(w.std(ddof=1) / (w.mean() * np.sqrt(len(w)))))


@_inverse
def annealed_weights(
    rbm: RBMLike, *, n_chains: int = 500, betas: int | ArrayLike = 1001, rng: np.random.Generator | int | None = None
) -> AnnealedWeights:
    """Anneal chains from fair coins to the machine and return their importance weights.

    Parameters
    ----------
    rbm : RBM or the like
    n_chains : int
        At least 2.
    betas : int or array_like
        Inverse temperatures t: how many, equally spaced from 0 to 1, or the increasing values themselves.
    rng : numpy.random.Generator, int or None

    Returns
    -------
    AnnealedWeights

    Notes
    -----
    ln w = Σ_k ln p*_k(v_k) − ln p*_{k−1}(v_k) with p*_t(v) = exp(−t c·v) Π_j 2cosh t(b_j + Σ_i v_i W_ij), and v_{k+1}
    is one Gibbs sweep at t_k after v_k. Fields and weights are float64; transitions are sampled in float32, which
    changes the stationary distribution by a relative 1e-6.

    References
    ----------
    .. [1] R. M. Neal, Statistics and Computing 11, 125 (2001).
    .. [2] R. Salakhutdinov and I. Murray, Proceedings of the 25th International Conference on Machine Learning,
       872 (2008).

    Examples
    --------
    >>> from mlrg_lib.machines import RBM
    >>> runs = annealed_weights(RBM.from_parameters(np.zeros((3, 2))), n_chains=10, betas=6, rng=0)
    >>> runs.effective_sample_size, float(round(runs.log_partition.value / np.log(2), 6))
    (10.0, 5.0)
    """
    W, b, c = checked_parameters(rbm)
    n_chains, ladder = check_int("n_chains", n_chains, 2), _ladder(betas)
    rng = as_generator(rng)
    seed = draw_seed(rng)
    visible = (2 * rng.integers(0, 2, size=(n_chains, len(c))) - 1).astype(np.float64)
    log_weights, low, high = (np.zeros(n_chains) for _ in range(3))
    no_bias = np.zeros(len(b))
    for step, (before, t) in enumerate(pairwise(ladder)):
        fields = visible @ W + b
        kernels.sum_log_cosh(low, before * fields, no_bias)
        kernels.sum_log_cosh(high, t * fields, no_bias)
        log_weights += high - low - (t - before) * (visible @ c)
        hidden = _draw(t * fields, seed, 2 * step)
        visible = _draw(t * (hidden @ W.T + c), seed, 2 * step + 1)
    return AnnealedWeights(log_weights, len(b) + len(c), visible.astype(np.int8))


@_inverse
def log_partition(
    rbm: RBMLike, *, n_chains: int = 500, betas: int | ArrayLike = 1001, rng: np.random.Generator | int | None = None
) -> Estimate:
    """Estimate ln Z by annealed importance sampling.

    Parameters
    ----------
    rbm : RBM or the like
    n_chains : int
        At least 2.
    betas : int or array_like
        Inverse temperatures t: how many, equally spaced from 0 to 1, or the increasing values themselves.
    rng : numpy.random.Generator, int or None

    Returns
    -------
    Estimate
        ln of the mean weight plus ln Z at t = 0, and the relative error of the mean weight. The mean weight is an
        unbiased estimate of Z, so its logarithm is low by about error²/2. The error is honest only if the effective
        sample size is not small: look at :func:`annealed_weights`.

    Examples
    --------
    >>> from mlrg_lib.machines import RBM, exact
    >>> rbm = RBM.from_parameters([[0.4, 0.1], [-0.3, 0.5]], [0.2, 0.0], [0.1, -0.6])
    >>> value, error = log_partition(rbm, n_chains=200, betas=101, rng=0)
    >>> bool(abs(value - exact.log_partition(rbm)) < 4 * error)
    True
    """
    return annealed_weights(rbm, n_chains=n_chains, betas=betas, rng=rng).log_partition


@dataclass(frozen=True, eq=False)
class Tempered:
    """Samples of parallel tempering and how well the ladder worked.

    Attributes
    ----------
    samples : ndarray, int8, shape (n_chains * n_kept, n_visible)
        States at t = 1; those of one chain are every ``n_chains``-th row, in order of time.
    swap_rates : ndarray, float64, shape (n_replicas - 1,)
        Accepted fraction of the exchanges between neighbours; above about 0.2 everywhere is healthy. NaN for
        a pair that was never offered one.

    Examples
    --------
    >>> Tempered(np.ones((2, 3), dtype=np.int8), np.array([0.5])).samples.shape
    (2, 3)
    """

    samples: np.ndarray
    swap_rates: np.ndarray


@_inverse
def parallel_tempering(
    rbm: RBMLike,
    n: int,
    *,
    betas: int | ArrayLike = 11,
    n_chains: int = 100,
    burn_in: int = 200,
    thin: int = 10,
    rng: np.random.Generator | int | None = None,
) -> Tempered:
    """Sample visible states with replicas at several temperatures that exchange their states.

    Parameters
    ----------
    rbm : RBM or the like
    n : int
        Number of samples wanted; rounded up to a multiple of ``n_chains``.
    betas : int or array_like
        Inverse temperatures t, one for each replica: how many, equally spaced from 0 to 1, or the increasing values
        themselves, from 0 to 1.
    n_chains : int
        Independent ladders.
    burn_in, thin : int
        Sweeps before the first sample and between samples.
    rng : numpy.random.Generator, int or None

    Returns
    -------
    Tempered

    Notes
    -----
    A sweep is h|v then v|h on every replica, then exchanges of neighbouring replicas, even and odd pairs in turn, with
    probability min(1, exp[(t_a − t_b)(E_a − E_b)]), E the joint energy.

    References
    ----------
    .. [1] K. Hukushima and K. Nemoto, Journal of the Physical Society of Japan 65, 1604 (1996).

    Examples
    --------
    >>> from mlrg_lib.machines import RBM
    >>> rbm = RBM.from_parameters([[-3.0], [-3.0]])  # two deep valleys
    >>> samples = parallel_tempering(rbm, 1000, rng=0).samples
    >>> bool((samples[:, 0] == samples[:, 1]).mean() > 0.98 and abs(samples.mean()) < 0.15)
    True
    """
    W, b, c = checked_parameters(rbm)
    n, n_chains = check_int("n", n, 1), check_int("n_chains", n_chains, 1)
    burn_in, thin = check_int("burn_in", burn_in, 0), check_int("thin", thin, 1)
    ladder = _ladder(betas)
    rng = as_generator(rng)
    seed = draw_seed(rng)
    n_kept = -(-n // n_chains)
    n_replicas = len(ladder)
    t = np.repeat(ladder, n_chains)[:, None]
    visible = (2 * rng.integers(0, 2, size=(n_replicas * n_chains, len(c))) - 1).astype(np.float64)
    accepted, offered = np.zeros(n_replicas - 1), np.zeros(n_replicas - 1)
    kept = np.empty((n_kept, n_chains, len(c)), dtype=np.int8)
    n_sweeps = burn_in + thin * (n_kept - 1) + 1
    for sweep in range(n_sweeps):
        hidden = _draw(t * (visible @ W + b), seed, 2 * sweep)
        fields = hidden @ W.T + c
        visible = _draw(t * fields, seed, 2 * sweep + 1)
        energy = (hidden @ b + (visible * fields).sum(axis=1)).reshape(n_replicas, n_chains)
        replicas = visible.reshape(n_replicas, n_chains, -1)
        for a in range(sweep % 2, n_replicas - 1, 2):
            gain = (ladder[a + 1] - ladder[a]) * (energy[a + 1] - energy[a])
            swap = np.flatnonzero(np.log1p(-rng.random(n_chains)) < gain)
            replicas[a, swap], replicas[a + 1, swap] = replicas[a + 1, swap], replicas[a, swap].copy()
            accepted[a] += len(swap)
            offered[a] += n_chains
        if sweep >= burn_in and (sweep - burn_in) % thin == 0:
            kept[(sweep - burn_in) // thin] = replicas[-1]
    rates = np.divide(accepted, offered, out=np.full(n_replicas - 1, np.nan), where=offered > 0)
    return Tempered(kept.reshape(-1, len(c)), rates)


def _ladder(betas) -> np.ndarray:
    if np.ndim(betas) == 0:
        return np.linspace(0.0, 1.0, check_int("betas", betas, 2))
    ladder = check_array("betas", betas, ndim=1)
    if len(ladder) < 2 or ladder[0] != 0.0 or ladder[-1] != 1.0 or (np.diff(ladder) <= 0).any():
        raise ValueError(f"betas must increase from 0 to 1, got {len(ladder)} values from {ladder[0]:g}")
    return ladder


def _draw(fields, seed, call) -> np.ndarray:
    """Draw ±1 units from their fields, as float64."""
    values = fields.astype(np.float32)
    kernels.sample_units(values, np.zeros(values.shape[1], dtype=np.float32), seed, np.uint64(call))
    return values.astype(np.float64)
