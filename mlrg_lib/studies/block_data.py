"""Training sets for the question of blocks: Ising configurations, and controls that share some of their properties."""

from functools import lru_cache

import numpy as np

from .._validation import as_generator, check_array, check_choice, check_int, check_real
from ..ising import exact, sample

__all__ = [
    "clipped_correlation",
    "free_field_spectrum",
    "gaussian_spectrum",
    "ising_correlation",
    "permutation",
    "training_set",
]

KINDS = ("ising", "aligned", "coins", "resampled", "permuted", "gaussian", "free_field")
_N_CORRELATION = 40_000


def training_set(kind: str, beta: float, L: int, n_samples: int, *, rng: np.random.Generator) -> np.ndarray:
    """Return configurations of the Ising model, or of a control that goes with this temperature.

    Parameters
    ----------
    kind : str
        "ising": raw, both signs. "aligned": each configuration with the sign that makes its magnetization positive.
        "coins": independent spins with the mean of the aligned configurations. "resampled": aligned, then every site's
        values dealt out anew among the samples. "permuted": Ising, the sites renamed by one fixed permutation.
        "gaussian": signs of a Gaussian field with the Ising model's two-point function. "free_field": signs of a
        massive Gaussian free field with the Ising model's correlation length.
    beta : float
        >= 0; for "free_field" with a finite, nonzero correlation length.
    L, n_samples : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int8, shape (n_samples, L*L)

    Raises
    ------
    ValueError
        For an unknown kind, or a free field without a correlation length.

    Examples
    --------
    >>> training_set("gaussian", 0.3, 8, 5, rng=np.random.default_rng(0)).shape
    (5, 64)
    """
    check_choice("kind", kind, KINDS)
    beta, L, n_samples = check_real("beta", beta, 0.0), check_int("L", L, 3), check_int("n_samples", n_samples, 1)
    rng = as_generator(rng)
    if kind == "gaussian":
        return clipped_gaussian(gaussian_spectrum(ising_correlation(beta, L))[0], n_samples, rng=rng)
    if kind == "free_field":
        length = exact.correlation_length(beta) if beta > 0 else 0.0
        if not 0 < length < np.inf:
            raise ValueError(f"beta must give a finite, nonzero correlation length for a free field, got {beta}")
        return clipped_gaussian(free_field_spectrum(length, L), n_samples, rng=rng)
    X = sample(L, beta, n_samples, rng=rng).reshape(n_samples, -1)
    if kind == "permuted":
        return np.ascontiguousarray(X[:, permutation(L)])
    if kind in ("aligned", "coins", "resampled"):
        total = X.sum(axis=1, dtype=np.int64)
        ties = rng.choice(np.array([-1, 1], dtype=np.int8), size=n_samples)
        X *= np.where(total == 0, ties, np.sign(total)).astype(np.int8)[:, None]
    if kind == "coins":
        return np.where(rng.random(X.shape) < (1 + X.mean()) / 2, 1, -1).astype(np.int8)
    if kind == "resampled":
        return np.ascontiguousarray(rng.permuted(X, axis=0))
    return X


def permutation(L: int) -> np.ndarray:
    """Return the one permutation of the sites that "permuted" uses: column i of its data is site ``permutation[i]``."""
    return np.random.default_rng(L).permutation(L * L)


@lru_cache(maxsize=32)
def _correlation(beta: float, L: int) -> bytes:
    spins = sample(L, beta, _N_CORRELATION, rng=np.random.default_rng([L, round(beta * 1e9)]))
    power = np.mean(np.abs(np.fft.fft2(spins.astype(np.float32))) ** 2, axis=0, dtype=np.float64) / L**2
    power = (power + power.T) / 2
    power = (power + np.roll(power[::-1], 1, axis=0)) / 2
    return np.fft.ifft2(power).real.tobytes()


def ising_correlation(beta: float, L: int) -> np.ndarray:
    """Return ⟨s_0 s_r⟩ of the Ising model on the torus from 40,000 configurations, with the symmetries of the square.

    Parameters
    ----------
    beta : float
    L : int

    Returns
    -------
    ndarray, shape (L, L)
        One at r = 0. The same for every call.
    """
    correlation = np.frombuffer(_correlation(check_real("beta", beta, 0.0), check_int("L", L, 3))).reshape(L, L)
    return correlation / correlation[0, 0]


def gaussian_spectrum(correlation: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the spectrum of the Gaussian field whose signs have a given two-point function.

    The signs of two Gaussian variables with correlation ρ have correlation (2/π) arcsin ρ. So ρ = sin(π C/2). Nothing
    makes this positive definite; negative powers are set to zero and the rest is scaled back to unit variance.

    Parameters
    ----------
    correlation : ndarray, shape (L, L)
        ⟨s_0 s_r⟩, one at the origin.

    Returns
    -------
    power : ndarray, shape (L, L)
        At least zero, of mean one.
    deviation : float
        Largest difference between the wanted two-point function and the one obtained; 0 if no power was negative.

    Raises
    ------
    ValueError
        For a correlation that is not a finite matrix, or has no positive power at all.

    Examples
    --------
    >>> power, deviation = gaussian_spectrum(np.eye(1, 16).reshape(4, 4))
    >>> bool(np.allclose(power, 1)), deviation
    (True, 0.0)
    """
    correlation = check_array("correlation", correlation, ndim=2)
    power = np.fft.fft2(np.sin(np.pi / 2 * correlation)).real
    if not power.max() > 0:
        raise ValueError("correlation must have positive power at some wave vector, got none")
    negative = power < -1e-9 * power.max()
    power = np.maximum(power, 0.0)
    power /= power.mean()
    return power, float(np.abs(clipped_correlation(power) - correlation).max()) if negative.any() else 0.0


def free_field_spectrum(length: float, L: int) -> np.ndarray:
    """Return the spectrum of the lattice free field 1/(m² + Σ 4 sin²(k/2)), of mean one, m = 2 sinh(1/(2 length))."""
    length, L = check_real("length", length, 0.0, strict=True), check_int("L", L, 1)
    lattice = 4 * np.sin(np.pi * np.arange(L) / L) ** 2
    mass = 2 * np.sinh(1 / (2 * length))
    power = 1 / (mass**2 + lattice[:, None] + lattice[None, :])
    return power / power.mean()


def clipped_correlation(power: np.ndarray) -> np.ndarray:
    """Return the two-point function (2/π) arcsin ρ of the signs of a Gaussian field with this spectrum."""
    power = check_array("power", power, ndim=2)
    return 2 / np.pi * np.arcsin(np.clip(np.fft.ifft2(power).real, -1.0, 1.0))


def clipped_gaussian(power: np.ndarray, n_samples: int, *, rng: np.random.Generator) -> np.ndarray:
    """Draw the signs of a periodic Gaussian field with a given spectrum.

    Parameters
    ----------
    power : ndarray, shape (L, L)
        At least zero.
    n_samples : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int8, shape (n_samples, L*L)
    """
    power, n_samples = check_array("power", power, ndim=2), check_int("n_samples", n_samples, 1)
    if power.min() < 0:
        raise ValueError(f"power must not be negative, got {power.min()}")
    rng = as_generator(rng)
    noise = np.fft.fft2(rng.standard_normal((n_samples, *power.shape)))
    field = np.fft.ifft2(noise * np.sqrt(power)).real
    return np.where(field >= 0, 1, -1).astype(np.int8).reshape(n_samples, -1)
