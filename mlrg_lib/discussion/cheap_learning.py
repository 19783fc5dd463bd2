"""Products by neural networks: four neurons multiply two numbers, and one layer needs up to 2ⁿ for n numbers."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from .._validation import check_array, check_choice, check_int, check_real, check_units, check_unmasked

__all__ = [
    "ACTIVATIONS",
    "bit_product",
    "exact_rank",
    "flat_product",
    "product_gate",
    "product_tree",
    "subset_products",
]


def _softplus(x):
    return np.logaddexp(0.0, x)


def _shifted_tanh(x):
    return np.tanh(x + _SHIFT)


_SHIFT = 0.5
_T = np.tanh(_SHIFT)
_T1 = 1 - _T**2

# Name: (function, Taylor coefficients σ_k of x^k / k! at zero, k = 0 … 6). All have σ_2 ≠ 0.
ACTIVATIONS: dict[str, tuple[Callable, tuple[float, ...]]] = {
    "softplus": (_softplus, (float(np.log(2)), 1 / 2, 1 / 4, 0.0, -1 / 8, 0.0, 1 / 4)),
    "exp": (np.exp, (1.0,) * 7),
    "tanh": (
        _shifted_tanh,
        (
            float(_T),
            float(_T1),
            float(-2 * _T * _T1),
            float(_T1 * (6 * _T**2 - 2)),
            float(_T1 * (16 * _T - 24 * _T**3)),
            float(_T1 * (16 - 120 * _T**2 + 120 * _T**4)),
            float(_T1 * (-272 * _T + 960 * _T**3 - 720 * _T**5)),
        ),
    ),
}


def product_gate(u: ArrayLike, v: ArrayLike, scale: float, *, activation: str = "softplus") -> np.ndarray:
    r"""Multiply two numbers with one hidden layer of four neurons.

    Parameters
    ----------
    u, v : array_like
        Factors, of shapes that broadcast.
    scale : float
        λ > 0, the weight of the first layer. Small is exact; below about 10⁻⁴ rounding takes over, as 10⁻¹⁶/λ².
    activation : {"softplus", "exp", "tanh"}
        "tanh" is tanh(x + ½): an odd function has no curvature at 0 and needs a bias.

    Returns
    -------
    ndarray of float64
        u v up to O(λ²).

    Notes
    -----
    :math:`uv \approx [\sigma(\lambda(u+v)) + \sigma(-\lambda(u+v)) - \sigma(\lambda(u-v)) - \sigma(-\lambda(u-v))]
    / (4 \sigma_2 \lambda^2)`, with :math:`\sigma_2 = \sigma''(0)`. The next term of its Taylor series is the error,
    :math:`\lambda^2\frac{\sigma_4}{6\sigma_2}uv(u^2+v^2)`.

    References
    ----------
    H. W. Lin, M. Tegmark and D. Rolnick, J. Stat. Phys. 168, 1223 (2017).

    Examples
    --------
    >>> product_gate(3.0, -2.0, 0.01).round(3).item()
    -5.999
    """
    u, v = (check_array(name, value).reshape(np.shape(value)) for name, value in (("u", u), ("v", v)))
    scale = check_real("scale", scale, 1e-100, 1e100)
    sigma, taylor = ACTIVATIONS[check_choice("activation", activation, ACTIVATIONS)]
    total, difference = scale * (u + v), scale * (u - v)
    return (sigma(total) + sigma(-total) - sigma(difference) - sigma(-difference)) / (4 * taylor[2] * scale**2)


def product_tree(x: ArrayLike, scale: float, *, activation: str = "softplus") -> tuple[np.ndarray, int]:
    """Multiply n numbers with a tree of product gates.

    Parameters
    ----------
    x : array_like, shape (n_samples, n)
        Factors.
    scale, activation
        As in :func:`product_gate`.

    Returns
    -------
    values : ndarray of float64, shape (n_samples,)
    n_neurons : int
        4 (n − 1).

    Examples
    --------
    >>> values, n_neurons = product_tree([[1.0, 0.5, -1.0, 2.0]], 0.01)
    >>> values.round(3).tolist(), n_neurons
    ([-1.0], 12)
    """
    layer = list(check_array("x", x, ndim=2).T)
    n_neurons = 4 * (len(layer) - 1)
    while len(layer) > 1:
        pairs = zip(layer[::2], layer[1::2], strict=False)
        gates = [product_gate(a, b, scale, activation=activation) for a, b in pairs]
        layer = gates + layer[2 * len(gates) :]
    return layer[0], n_neurons


def flat_product(x: ArrayLike, scale: float, *, activation: str = "softplus") -> tuple[np.ndarray, int]:
    r"""Multiply n numbers with one hidden layer of 2ⁿ neurons.

    Parameters
    ----------
    x : array_like, shape (n_samples, n)
        Factors, 2 <= n <= 6.
    scale : float
        λ > 0. Rounding costs about 10⁻¹⁶/λⁿ.
    activation : {"softplus", "exp", "tanh"}
        Needs a Taylor coefficient of order n: softplus has none of order 3 and 5.

    Returns
    -------
    values : ndarray of float64, shape (n_samples,)
    n_neurons : int
        2ⁿ.

    Raises
    ------
    ValueError
        If n is out of range or the activation's Taylor coefficient of order n vanishes.

    Notes
    -----
    :math:`\prod x_i \approx \sum_{s \in \{\pm1\}^n} (\prod_i s_i)\, \sigma(\lambda s \cdot x) / (2^n \sigma_n
    \lambda^n)`: the signs cancel each monomial in which a variable is missing. For softplus and n = 4 or 6 one of each
    pair of opposite signs does as well.

    Examples
    --------
    >>> values, n_neurons = flat_product([[1.0, 0.5, -1.0, 2.0]], 0.03, activation="exp")
    >>> values.round(2).tolist(), n_neurons
    ([-1.0], 16)
    """
    x = check_array("x", x, ndim=2)
    n = check_int("the number of factors in x", x.shape[1], minimum=2, maximum=6)
    scale = check_real("scale", scale, 1e-50, 1e50)
    sigma, taylor = ACTIVATIONS[check_choice("activation", activation, ACTIVATIONS)]
    if taylor[n] == 0:
        raise ValueError(f"activation must have a Taylor coefficient of order {n}, got {activation!r}, which has none")
    signs = _sign_vectors(n)
    hidden = sigma(scale * x @ signs.T)
    return hidden @ signs.prod(axis=1) / (2**n * taylor[n] * scale**n), 2**n


def subset_products(weights: ArrayLike) -> np.ndarray:
    """Return the products of each column's weights over every subset of the inputs.

    Parameters
    ----------
    weights : array_like of int, shape (n, m)
        Integer weights of m neurons on n inputs; exact integers, so that the rank is a fact and not a tolerance.

    Returns
    -------
    ndarray of Python int, shape (2ⁿ, m)
        Row S holds ∏_{i∈S} w_ij, S counting in binary; row 0, the empty subset, is 1.

    Notes
    -----
    If no Taylor coefficient of the activation vanishes up to order n, a layer without biases that multiplies n numbers
    to leading order must have linearly independent rows here. There are 2ⁿ rows and as many columns as neurons: hence
    at least 2ⁿ neurons. If only those of odd order vanish, as for softplus beyond the first, the same holds for even n
    and the 2ⁿ⁻¹ rows of subsets with an even number of inputs.

    Examples
    --------
    >>> subset_products([[2, 3], [5, 7]]).tolist()
    [[1, 1], [2, 3], [5, 7], [10, 21]]
    """
    weights = check_array("weights", weights, ndim=2, dtype=None)
    if weights.dtype.kind not in "iu" or len(weights) > 12:
        raise ValueError(f"weights must be integers with at most 12 rows, got {weights.dtype}, shape {weights.shape}")
    rows = [[1] * weights.shape[1]]
    for weight in weights.tolist():
        rows += [[a * b for a, b in zip(row, weight, strict=True)] for row in rows]
    return np.array(rows, dtype=object)


def exact_rank(matrix: Sequence[Sequence[int]]) -> int:
    """Return the rank of a matrix of integers by elimination in exact arithmetic.

    Parameters
    ----------
    matrix : array_like of int, shape (n, m)

    Returns
    -------
    int

    Examples
    --------
    >>> exact_rank([[1, 2], [2, 4], [0, 1]])
    2
    """
    check_unmasked("matrix", matrix)
    rows = [list(row) for row in np.asarray(matrix, dtype=object)]
    if not rows or not rows[0] or any(not isinstance(value, int | np.integer) for row in rows for value in row):
        raise ValueError("matrix must be a non-empty rectangle of integers")
    rows = [[Fraction(int(value)) for value in row] for row in rows]
    rank = 0
    for column in range(len(rows[0])):
        pivot = next((k for k in range(rank, len(rows)) if rows[k][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for k in range(rank + 1, len(rows)):
            if rows[k][column]:
                factor = rows[k][column] / rows[rank][column]
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[rank], strict=True)]
        rank += 1
    return rank


def bit_product(bits: ArrayLike, steepness: float) -> np.ndarray:
    r"""Multiply bits with a single sigmoid neuron: the AND gate.

    Parameters
    ----------
    bits : array_like of ±1, shape (n_samples, n)
        +1 is the bit 1, −1 the bit 0.
    steepness : float
        β > 0.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        :math:`1/(1 + e^{\beta(n - 1/2 - \sum x)})` with x the bits 0 or 1; wrong by at most about
        :math:`e^{-\beta/2}`.

    Examples
    --------
    >>> bit_product([[1, 1, 1], [1, -1, 1]], 20.0).round(3).tolist()
    [1.0, 0.0]
    """
    bits = check_units("bits", bits, ndim=2)
    steepness = check_real("steepness", steepness, 0.0, strict=True)
    ones = (bits > 0).sum(axis=1)
    return expit(steepness * (ones - bits.shape[1] + 0.5))


def _sign_vectors(n: int) -> np.ndarray:
    return 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
