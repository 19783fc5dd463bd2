"""The one-loop coefficient checked without expanding: a shell of a lattice φ⁴ theory, integrated by Monte Carlo."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..._validation import as_generator, check_array, check_int, check_real
from ..phi4 import measure_coupling
from .oneloop import shell_integral

__all__ = ["box_modes", "box_shell_integral", "shell_monte_carlo"]


@dataclass(frozen=True)
class ShellChange:
    """What integrating out one shell does to the quartic coupling; arrays have one entry per u.

    Attributes
    ----------
    u : ndarray of float64
        Couplings before.
    change, error : ndarray of float64
        u′ − u by Monte Carlo, and its standard error.
    ratio, ratio_error : ndarray of float64
        −(u′ − u)/(u² I), where I is the shell integral of the box; A/K_d = 9 as u → 0.
    n_modes : int
        Modes in the shell.
    integral : float
        I = V⁻¹ Σ 1/(k² + r)² over the shell of the box.
    continuum : float
        The same in an infinite box, K_d l at d = 4 and r = 0; NaN if ``inner`` is 0, where a shell has no thickness.
    """

    u: np.ndarray
    change: np.ndarray
    error: np.ndarray
    ratio: np.ndarray
    ratio_error: np.ndarray
    n_modes: int
    integral: float
    continuum: float


def box_modes(length: int, d: int, inner: float, outer: float) -> tuple[np.ndarray, np.ndarray]:
    """Return k² and the real Fourier modes of a periodic box, ``inner < |n| ≤ outer`` with k = 2πn/length.

    Parameters
    ----------
    length : int
        Sites on a side, at least 3.
    d : int
        Dimension, 1 to 4.
    inner, outer : float
        Radii in units of 2π/length; 0 ≤ inner < outer < length/2.

    Returns
    -------
    eigenvalues : ndarray of float64, shape (n_modes,)
        k², increasing.
    modes : ndarray of float64, shape (n_modes, length**d)
        Orthonormal, one a row: a cosine and a sine for each pair ±k.

    Raises
    ------
    ValueError
        If an argument is out of range or the shell is empty.

    Examples
    --------
    >>> eigenvalues, modes = box_modes(8, 2, 0, 1)
    >>> modes.shape, bool((eigenvalues == eigenvalues[0]).all())
    ((4, 64), True)
    """
    length = check_int("length", length, minimum=3)
    d = check_int("d", d, minimum=1, maximum=4)
    inner = check_real("inner", inner, minimum=0.0)
    outer = check_real("outer", outer, minimum=inner)
    if outer >= length / 2:
        raise ValueError(f"outer must be below length / 2 = {length / 2:g}, got {outer:g}")
    top = int(outer)
    vectors = np.array(list(itertools.product(range(-top, top + 1), repeat=d)))
    squares = np.sum(vectors**2, axis=1)
    half = [tuple(v) > (0,) * d for v in vectors]
    chosen = (squares > inner**2 + 1e-9) & (squares <= outer**2 + 1e-9) & half
    if not chosen.any():
        raise ValueError(f"no wave vector has {inner:g} < |n| <= {outer:g}")
    vectors, squares = vectors[chosen], squares[chosen]
    order = np.argsort(squares, kind="stable")
    vectors, squares = vectors[order], squares[order]
    sites = np.stack(np.meshgrid(*[np.arange(length)] * d, indexing="ij"), axis=-1).reshape(-1, d)
    phase = 2 * np.pi / length * vectors @ sites.T
    modes = np.stack([np.cos(phase), np.sin(phase)], axis=1).reshape(-1, length**d) * np.sqrt(2 / length**d)
    return np.repeat((2 * np.pi / length) ** 2 * squares, 2), modes


def box_shell_integral(length: int, d: int, inner: float, outer: float, r: float = 0.0) -> float:
    """Return the one-loop sum V⁻¹ Σ 1/(k² + r)² over the shell ``inner < |n| ≤ outer`` of a periodic box.

    Parameters
    ----------
    length, d, inner, outer
        As in :func:`box_modes`; here only counting is done, so that large radii are cheap.
    r : float
        Mass term.

    Returns
    -------
    float

    Examples
    --------
    >>> round(box_shell_integral(8, 1, 0, 1) * 8 * (2 * 3.141592653589793 / 8) ** 4, 12)
    2.0
    """
    length = check_int("length", length, minimum=3)
    d = check_int("d", d, minimum=1, maximum=4)
    inner, outer = check_real("inner", inner, minimum=0.0), check_real("outer", outer, minimum=0.0)
    r = check_real("r", r)
    axis = np.arange(-int(outer), int(outer) + 1) ** 2
    counts = np.bincount(axis, minlength=int(outer) ** 2 + 1)
    total = counts
    for _ in range(d - 1):
        total = np.convolve(total, counts)[: int(outer**2 + 1e-9) + 1]
    squares = np.arange(len(total))
    inside = (squares > inner**2 + 1e-9) & (squares <= outer**2 + 1e-9)
    k2 = (2 * np.pi / length) ** 2 * squares[inside]
    return float(np.sum(total[inside] / (k2 + r) ** 2) / length**d)


def shell_monte_carlo(
    u: ArrayLike,
    d: int = 4,
    *,
    r: float = 0.0,
    length: int = 9,
    inner: float = 1.0,
    outer: float = 2.0,
    n_samples: int = 1920,
    rng: np.random.Generator | int | None = None,
) -> ShellChange:
    r"""Integrate out a shell of modes of a lattice φ⁴ theory by Monte Carlo and measure the change of u.

    The lattice theory is :math:`H=\sum_x[\tfrac12 S(-\nabla^2)S + \tfrac12 rS^2 + \tfrac14uS^4]` with the modes
    ``inner < |n| ≤ outer``, k² their exact eigenvalue, spacing 1. The slow field is a constant; see
    :func:`mlrg_lib.rg.pca.measure_coupling`. One loop says u′ − u = −9u² I with I the shell integral.

    Parameters
    ----------
    u : float or array_like
        Couplings, positive.
    d : int
        Dimension, 1 to 4.
    r : float
        Mass term.
    length, inner, outer
        As in :func:`box_modes`; 4 · outer < length keeps the quartic term free of umklapp processes.
        At ``inner`` = 0 the ``continuum`` value is NaN.
    n_samples : int
        Configurations per u.
    rng : numpy.random.Generator, int or None
        Source of randomness.

    Returns
    -------
    ShellChange

    Examples
    --------
    >>> found = shell_monte_carlo(0.5, d=3, n_samples=960, rng=0)
    >>> bool(found.change[0] < 0)
    True
    """
    values = np.atleast_1d(check_array("u", u, ndim=(0, 1)))
    if (values <= 0).any():
        raise ValueError(f"u must be positive everywhere, got {values.min():g}")
    r = check_real("r", r)
    eigenvalues, modes = box_modes(length, d, inner, outer)
    generator = as_generator(rng)
    cutoff = (2 * np.pi / length * inner) ** 2
    found = [
        measure_coupling(eigenvalues, modes, x / 4, r, [cutoff], n_samples=n_samples, n_steps=4, rng=generator)
        for x in values
    ]
    change = np.array([4 * f.coupling[0] for f in found]) - values
    error = np.array([4 * f.coupling_error[0] for f in found])
    integral = box_shell_integral(length, d, inner, outer, r)
    top = 2 * np.pi / length * outer
    thickness = float(np.log(outer / inner)) if inner > 0 else np.inf
    continuum = shell_integral(d, thickness, r / top**2) * top ** (d - 4) if inner > 0 else np.nan
    scaled = 1 / (values**2 * integral)
    return ShellChange(values, change, error, -change * scaled, error * scaled, len(eigenvalues), integral, continuum)
