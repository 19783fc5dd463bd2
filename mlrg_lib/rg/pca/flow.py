"""The normalized fourth moment of data against the fraction of principal components kept."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh, svd

from ..._kernels.moments import further_moment_sums, moment_sums
from ..._validation import as_generator, check_array, check_bool, check_int, check_real

__all__ = ["mode_flow", "principal_components"]

_NO_WEIGHT = 1e-10  # a variable whose kept variance is below this part of its full one has no defined moment
_SUMS = 2**26  # bytes that sums of squares and fourth powers may take at a time


@dataclass(frozen=True)
class ModeFlow:
    """The fourth-moment flow of a data set; all arrays share the order of ``fraction``, from most modes to fewest.

    Attributes
    ----------
    fraction : ndarray of float64
        Number of modes kept divided by the number of variables.
    moment : ndarray of float64
        Median over variables of <φ⁴>/<φ²>² (3 for a Gaussian), in the original basis.
    error : ndarray of float64
        Standard error of ``moment`` from the block bootstrap; NaN when ``n_bootstrap=0``.
    lower, upper : ndarray of float64
        Quartiles over variables: the spread of the variables, not an error.
    n_modes : ndarray of int64
        Number of modes kept.
    n_variables : ndarray of int64
        Number of variables in the median; below the full number where some have no weight on the kept modes.
    eigenvalues : ndarray of float64, shape (n_all_modes,)
        Variance along every mode, in the order in which modes are kept.
    """

    fraction: np.ndarray
    moment: np.ndarray
    error: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    n_modes: np.ndarray
    n_variables: np.ndarray
    eigenvalues: np.ndarray


def principal_components(
    X: ArrayLike, *, center: bool = True, standardize: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return the variances and the principal components of data, largest variance first.

    Parameters
    ----------
    X : array_like, shape (n_samples, n_variables)
        One sample a row; at least two samples.
    center : bool
        Subtract the mean of each variable first. Otherwise second moments about zero are diagonalized.
    standardize : bool
        Divide each variable by its standard deviation: the correlation matrix is diagonalized.

    Returns
    -------
    eigenvalues : ndarray of float64, shape (n_variables,)
        In decreasing order; normalized with 1/n_samples.
    components : ndarray of float64, shape (n_variables, n_variables)
        One orthonormal mode a row; the sign is free, and here the largest entry is positive.

    Raises
    ------
    ValueError
        If ``X`` has fewer than two samples, holds NaN, or has a constant variable with ``standardize``.

    Notes
    -----
    Exact diagonalization in float64 at a cost n_variables³; scikit-learn's ``PCA`` gives the same modes. With at
    most half as many samples as variables they come from a singular value decomposition instead, at a cost
    n_samples² n_variables, and n_samples n_variables² for the modes without variance.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[1.0, 1.0], [-1.0, -1.0], [0.1, -0.1], [-0.1, 0.1]])
    >>> eigenvalues, components = principal_components(X)
    >>> eigenvalues.round(3).tolist(), components[0].round(3).tolist()
    ([1.0, 0.01], [0.707, 0.707])
    """
    data = _prepare(X, center, standardize)
    return _eigenmodes(data, data.shape[1])


def mode_flow(
    X: ArrayLike,
    fractions: ArrayLike | None = None,
    *,
    drop_largest: float = 0.0,
    modes: ArrayLike | None = None,
    center: bool = True,
    standardize: bool = False,
    n_bootstrap: int = 200,
    n_blocks: int = 20,
    rng: np.random.Generator | int | None = None,
    n_threads: int = 1,
) -> ModeFlow:
    r"""Measure the normalized fourth moment as low-variance principal components are discarded.

    With modes ordered by decreasing variance and modes :math:`D < \mu \le k` kept, every variable is rebuilt
    in its own basis and its moment ratio is taken; the flow is its median over variables,

    .. math::
        M_4(k) = \operatorname{median}_i \frac{\langle\psi_i^4\rangle}{\langle\psi_i^2\rangle^2}, \qquad
        \psi_i = \sum_{\mu=D+1}^{k} u_{i\mu}\tilde\phi_\mu .

    It is 3 for Gaussian data at every k, and at a fixed point of the coarse-graining it stops changing.

    Parameters
    ----------
    X : array_like, shape (n_samples, n_variables)
        One sample a row, in time order if the samples are a time series. At least 2 ``n_blocks`` samples.
    fractions : array_like of float, optional
        Fractions of the n_variables modes to keep, each in (0, 1 - drop_largest], rounded to whole modes.
        All numbers of modes by default; all cost the same as the largest alone.
    drop_largest : float
        Fraction of modes, of largest variance, removed before anything else; in [0, 1).
    modes : array_like, shape (n_all_modes, n_variables), optional
        Orthonormal modes, one a row, in the order in which they are kept, used instead of the principal
        components: Fourier modes in order of increasing wave number, for example.
    center, standardize : bool
        As in :func:`principal_components`. Standardize where variables have different units or scales.
    n_bootstrap : int
        Resamples of the block bootstrap; 0 leaves the errors NaN.
    n_blocks : int
        Number of contiguous blocks of samples that the bootstrap draws with replacement. A block must be
        longer than the correlation time.
    rng : numpy.random.Generator, int or None
        Source of the bootstrap's draws.
    n_threads : int
        Threads that share the variables; the result does not depend on it.

    Returns
    -------
    ModeFlow

    Raises
    ------
    ValueError
        If an argument is out of range, ``modes`` are not orthonormal, no mode is left, or a variable is constant.

    Notes
    -----
    All fractions are found in one sweep by rank-one updates [3]_: five to ten matrix products in all, the
    components included, where a projection per fraction would cost one product each. Sums are float32
    within 2048 samples and float64 across, an error of order 1e-6. The bootstrap keeps the modes fixed: its
    error is the one of the moments given the modes. The transform back to the original basis follows [1]_ and
    [2]_. Variables with no weight on the kept modes (less than 1e-10 of their variance) are left out of the median
    and counted in ``n_variables``. Of fewer samples than variables, only as many modes as samples are computed: the
    others have no variance, and to keep them changes nothing. Beside ``X`` all this needs at most about 32 bytes for
    each entry of ``X`` and of the modes computed, and 64 MiB for sums over blocks, taken for some fractions at a time.

    References
    ----------
    .. [1] S. Bradde and W. Bialek, J. Stat. Phys. 167, 462 (2017), arXiv:1610.09733.
    .. [2] L. Meshulam et al., Phys. Rev. Lett. 123, 178103 (2019).
    .. [3] G. H. Golub and C. F. Van Loan, Matrix Computations, 4th ed., sec. 6.5 (2013).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).laplace(size=(4000, 64))
    >>> flow = mode_flow(X, [1.0, 0.25], n_bootstrap=0)
    >>> flow.n_modes.tolist(), bool(flow.moment[0] > 5), bool(abs(flow.moment[1] - 3) < 0.5)
    ([64, 16], True, True)
    """
    n_blocks = check_int("n_blocks", n_blocks, minimum=2)
    n_bootstrap = check_int("n_bootstrap", n_bootstrap, minimum=0)
    n_threads = check_int("n_threads", n_threads, minimum=1)
    drop_largest = check_real("drop_largest", drop_largest, minimum=0.0)
    if drop_largest >= 1.0:
        raise ValueError(f"drop_largest must be below 1, got {drop_largest}")
    generator = as_generator(rng)
    data = _prepare(X, center, standardize)
    n_samples, n_variables = data.shape
    if n_samples < 2 * n_blocks:
        raise ValueError(f"X must have at least 2 * n_blocks = {2 * n_blocks} samples, got {n_samples}")
    if modes is None:  # no more modes than samples have any variance
        eigenvalues, vectors = _eigenmodes(data, min(n_samples, n_variables))
        n_all = n_variables
    else:
        vectors = _check_modes(modes, n_variables)
        eigenvalues = np.mean((data @ vectors.T) ** 2, axis=0)
        n_all = len(vectors)
    n_dropped = round(drop_largest * n_variables)
    if n_dropped >= len(vectors):
        raise ValueError(f"drop_largest = {drop_largest} removes all {len(vectors)} modes")
    n_modes = _mode_numbers(fractions, n_variables, n_all - n_dropped)
    kept = vectors[n_dropped : n_dropped + n_modes[0]]
    weights = np.ones((0, 1))
    if n_bootstrap:
        weights = generator.multinomial(n_blocks, np.full(n_blocks, 1 / n_blocks), size=n_bootstrap).astype(float)
    power = np.einsum("ti,ti->i", data, data)
    scale = 1.0 / np.sqrt(power.sum() / data.size)  # keeps fourth powers far from the ends of float32
    floor = _NO_WEIGHT * power * scale**2
    numbers, place = np.unique(np.minimum(n_modes, len(kept)), return_inverse=True)
    columns = []
    for second, fourth in _sums(data, scale, kept, numbers, weights.shape[1], n_threads):
        moments = _ratios(second.sum(axis=0), fourth.sum(axis=0), floor, n_samples)
        quantile = np.quantile if np.isfinite(moments).all() else np.nanquantile
        lower, middle, upper = quantile(moments, [0.25, 0.5, 0.75], axis=1)
        error = np.full(len(middle), np.nan)
        for row in range(len(error) if n_bootstrap else 0):
            drawn = _ratios(weights @ second[:, row], weights @ fourth[:, row], floor, n_samples)
            error[row] = np.std(_medians(drawn), ddof=1)
        columns.append((middle, error, lower, upper, np.sum(np.isfinite(moments), axis=1)))
    moment, error, lower, upper, counted = (np.concatenate(c)[place] for c in zip(*columns, strict=True))
    return ModeFlow(
        fraction=n_modes / n_variables,
        moment=moment,
        error=error,
        lower=lower,
        upper=upper,
        n_modes=n_modes,
        n_variables=counted,
        eigenvalues=eigenvalues,
    )


def _prepare(X, center, standardize) -> np.ndarray:
    data = check_array("X", X, ndim=2)
    center, standardize = check_bool("center", center), check_bool("standardize", standardize)
    if data.shape[0] < 2:
        raise ValueError(f"X must have at least 2 samples (rows), got shape {data.shape}")
    centred = data - data.mean(axis=0)
    spread = np.sqrt(np.einsum("ti,ti->i", centred, centred) / len(data))
    constant = np.flatnonzero(spread <= 1e-12 * np.maximum(data.max(axis=0), -data.min(axis=0)))
    if constant.size and (center or standardize):
        raise ValueError(f"X must have no constant variable, but column {constant[0]} is constant: remove it")
    data = centred if center else data
    return data / spread if standardize else data


def _eigenmodes(data, n_rows) -> tuple[np.ndarray, np.ndarray]:
    """Return all variances and the first ``n_rows`` modes; ``n_rows`` is at least the smaller side of ``data``."""
    n_samples, n_variables = data.shape
    if 2 * n_samples <= n_variables:  # from there on the singular values are cheaper
        _, singular, rows = svd(data, full_matrices=n_rows > n_samples)
        values, vectors = np.pad(singular**2 / n_samples, (0, n_variables - n_samples)), rows[:n_rows]
    else:
        values, columns = eigh(data.T @ data / n_samples)
        values, vectors = np.maximum(values[::-1], 0.0), np.ascontiguousarray(columns[:, ::-1].T[:n_rows])
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
    return values, vectors * np.sign(largest)


def _check_modes(modes, n_variables) -> np.ndarray:
    vectors = check_array("modes", modes, ndim=2)
    if vectors.shape[1] != n_variables or len(vectors) > n_variables:
        raise ValueError(f"modes must have shape (up to {n_variables}, {n_variables}), got {vectors.shape}")
    if np.abs(vectors @ vectors.T - np.eye(len(vectors))).max() > 1e-6:
        raise ValueError("modes must be orthonormal rows: modes @ modes.T differs from the identity by more than 1e-6")
    return vectors


def _mode_numbers(fractions, n_variables, n_available) -> np.ndarray:
    if fractions is None:
        return np.arange(n_available, 0, -1)
    wanted = np.atleast_1d(check_array("fractions", fractions, ndim=(0, 1)))
    numbers = np.round(np.clip(wanted, 0, 1) * n_variables).astype(np.int64)
    if (wanted <= 0).any() or (wanted > 1).any() or (numbers < 1).any() or (numbers > n_available).any():
        raise ValueError(
            f"fractions must keep between 1 and {n_available} of {n_variables} modes, got fractions from "
            f"{wanted.min():g} to {wanted.max():g}"
        )
    return np.unique(numbers)[::-1]


def _sums(data, scale, vectors, numbers, n_blocks, n_threads) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the sums of squares and of fourth powers for increasing ``numbers`` of modes, some numbers at a time.

    Each is (n_blocks, some numbers, n_variables), and overwritten by the next.
    """
    n_samples, n_variables = data.shape
    n_padded = len(vectors) + -len(vectors) % 4
    loadings = np.zeros((n_padded, n_variables), dtype=np.float32)
    loadings[: len(vectors)] = vectors
    scaled = np.multiply(data, scale, out=np.empty(data.shape, dtype=np.float32), casting="same_kind")
    edges = np.linspace(0, n_samples, n_blocks + 1).astype(int)
    scores = [loadings @ scaled[first:last].T for first, last in pairwise(edges)]
    cuts = np.linspace(0, n_variables, min(n_threads, n_variables) + 1).astype(int)
    n_rows = min(len(numbers), max(4, _SUMS // (16 * n_blocks * n_variables) // 4 * 4))
    at_once = n_rows == len(numbers)
    step = n_padded if at_once else n_rows
    rebuilt = [] if at_once else [np.zeros((n_variables, part.shape[1]), dtype=np.float32) for part in scores]
    second, fourth = np.empty((2, n_blocks, n_rows, n_variables))
    rows = np.full(n_padded, -1)

    def sweep(thread):
        for block in range(n_blocks):
            sums = second[block], fourth[block]
            added = loadings[modes], scores[block][modes], rows[modes], cuts[thread], cuts[thread + 1]
            if at_once:
                moment_sums(*sums, *added)
            else:
                further_moment_sums(*sums, rebuilt[block], *added)

    with ThreadPoolExecutor(len(cuts) - 1) as pool:
        run = pool.map if len(cuts) > 2 else map
        for start in range(0, n_padded, step):
            modes = slice(start, start + step)
            wanted = numbers[(numbers > start) & (numbers <= start + step)]
            rows[wanted - 1] = np.arange(len(wanted))
            second[:, : len(wanted)] = fourth[:, : len(wanted)] = 0.0
            list(run(sweep, range(len(cuts) - 1)))
            if len(wanted):
                yield second[:, : len(wanted)], fourth[:, : len(wanted)]


def _ratios(second, fourth, floor, n_samples) -> np.ndarray:
    """Return moment ratios, NaN where there is no weight, from sums, which are overwritten."""
    second[second <= floor] = np.nan
    fourth *= n_samples
    fourth /= np.square(second, out=second)
    return fourth


def _medians(values) -> np.ndarray:
    """Return the median of what is defined in each row; the rows are reordered."""
    if not np.isfinite(values).all():
        return np.nanmedian(values, axis=1)
    half = values.shape[1] // 2
    values.partition(half, axis=1)
    above = values[:, half]
    return above if values.shape[1] % 2 else 0.5 * (values[:, :half].max(axis=1) + above)
