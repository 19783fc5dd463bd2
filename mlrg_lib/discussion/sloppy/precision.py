"""Eigenvalues of JᵀJ with a certified number of digits, by Jacobi rotations in decimal arithmetic."""

from collections.abc import Callable, Sequence
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

import numpy as np

from ..._validation import check_int, check_real

__all__ = ["gram_eigenvalues"]

_SWEEPS = 60


class Spectrum(NamedTuple):
    """Eigenvalues that are right however small they are.

    Attributes
    ----------
    eigenvalues : ndarray, shape (n,)
        In decreasing order.
    digits : int
        Decimal digits the arithmetic carried.
    """

    eigenvalues: np.ndarray
    digits: int


def gram_eigenvalues(
    rows: Callable[[Context], Sequence[Sequence[Decimal]]], *, relative_error: float = 1e-10, max_digits: int = 600
) -> Spectrum:
    """Return the eigenvalues of JᵀJ, each to the wanted relative error, however small it is.

    Parameters
    ----------
    rows : callable
        ``rows(context)`` returns J as rows of ``decimal.Decimal``, every entry correct to the precision of the
        context, which is the current one during the call.
    relative_error : float
        Wanted relative error of the smallest eigenvalue, in (0, 0.1].
    max_digits : int
        Give up beyond this many digits.

    Returns
    -------
    Spectrum
        ``eigenvalues``, float64, shape (n_columns,), decreasing; ``digits`` used.

    Raises
    ------
    ValueError
        If an argument is out of range or J is not a rectangle.
    RuntimeError
        If ``max_digits`` do not suffice; a singular JᵀJ has no smallest eigenvalue to certify.

    Notes
    -----
    With d digits the Gram matrix of m rows and n columns and its Jacobi eigenvalues carry an absolute error of at most
    about 10 m n² 10⁻ᵈ times the largest eigenvalue (Weyl). The number of digits is doubled until that bound is below
    ``relative_error`` times the smallest eigenvalue found. Cost: n² m + 4 n³ operations a sweep, about ten sweeps.

    Examples
    --------
    >>> def nearly_equal(context):
    ...     return [[Decimal(1), Decimal(1)], [Decimal(0), Decimal("1e-20")]]
    >>> spectrum = gram_eigenvalues(nearly_equal)
    >>> [float(f"{value:.6g}") for value in spectrum.eigenvalues]
    [2.0, 5e-41]
    """
    if not callable(rows):
        raise ValueError(f"rows must be a function of a decimal context, got {rows!r}")
    relative_error = check_real("relative_error", relative_error, 0.0, 0.1)
    if relative_error == 0.0:
        raise ValueError("relative_error must be a number > 0.0 and <= 0.1, got 0.0")
    max_digits = check_int("max_digits", max_digits, minimum=30)
    digits = 30
    while digits <= max_digits:
        with localcontext(Context(prec=digits, Emin=-(10**9), Emax=10**9)) as context:
            jacobian = [list(row) for row in rows(context)]
            n = len(jacobian[0]) if jacobian else 0
            if n == 0 or any(len(row) != n for row in jacobian):
                raise ValueError("rows must return a non-empty rectangle of Decimals, got rows of unequal length")
            values = sorted(_jacobi(_gram(jacobian)), reverse=True)
            bound = values[0] * len(jacobian) * n * n * 10 * Decimal(10) ** (-digits)
            if values[-1] > 0 and bound < values[-1] * Decimal(relative_error):
                return Spectrum(np.array([float(value) for value in values]), digits)
        digits *= 2
    raise RuntimeError(f"{max_digits} digits do not resolve the smallest eigenvalue; is JᵀJ singular?")


def _gram(jacobian):
    columns = list(zip(*jacobian, strict=True))
    return [[sum(a * b for a, b in zip(one, two, strict=True)) for two in columns] for one in columns]


def _jacobi(matrix):
    """Return the eigenvalues of a symmetric matrix of Decimals by cyclic Jacobi rotations."""
    n = len(matrix)
    one = Decimal(1)
    for _ in range(_SWEEPS):
        off = sum(abs(matrix[p][q]) for p in range(n) for q in range(p + 1, n))
        if off + sum(abs(matrix[p][p]) for p in range(n)) == sum(abs(matrix[p][p]) for p in range(n)):
            break
        for p in range(n):
            for q in range(p + 1, n):
                if matrix[p][q] == 0:
                    continue
                ratio = (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q])
                tangent = one.copy_sign(ratio) / (abs(ratio) + (ratio * ratio + 1).sqrt())
                cosine = one / (tangent * tangent + 1).sqrt()
                sine = tangent * cosine
                for row in matrix:
                    row[p], row[q] = cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]
                first, second = matrix[p], matrix[q]
                matrix[p] = [cosine * a - sine * b for a, b in zip(first, second, strict=True)]
                matrix[q] = [sine * a + cosine * b for a, b in zip(first, second, strict=True)]
    return [matrix[p][p] for p in range(n)]
