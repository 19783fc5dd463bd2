"""The exercises of the chapter on PCA as a renormalization group."""

import numpy as np

from ..rg import pca
from ._core import Function, Trial, Value, as_numbers, attempt

__all__ = ["long_range", "fixed_point", "sloppy_spectrum", "conventions", "keep_modes"]


def _counted(sigma: float) -> float:
    """Count the waves of a ring below two values of ``|k|**sigma``."""
    k = (np.arange(200_000) + 0.5) / 200_000
    below = [np.count_nonzero(k**sigma < bound) for bound in (0.1, 0.2)]
    return float(np.log(below[1] / below[0]) / np.log(2))


long_range = Function(
    "ex-pca-rg-long-range",
    "the exponent α of a one-dimensional ring whose eigenvalues go as the power σ of k: ``answer(sigma)``",
    calls=lambda: [(0.4,), (0.5,), (0.8,)],
    truth=_counted,
    mistakes=lambda _, sigma: {
        "upside down: steeper in k means fewer modes at the top, not at the bottom": sigma,
        "half a dimension belongs to λ = k²: here the power is another one": sigma / 2,
        "this ring has one dimension, and λ is not k²: count the waves below λ": 0.5 / sigma,
        "this is the power of the density: α is one more": 1 / sigma - 1,
        "the couplings' power was used: the spectrum's is asked": 1 / (1 + sigma),
    },
    otherwise="how does the number of waves with an eigenvalue below λ grow with λ?",
    praise="counted on a ring, it is the same",
    rtol=1e-2,
)


def _uneven(values) -> bool:
    counts = np.histogram(np.log10(values), bins=np.arange(-6, 1))[0]
    return counts.sum() < 3990 or np.abs(counts - counts.mean()).max() > 5 * np.sqrt(counts.mean())


sloppy_spectrum = Trial(
    "ex-pca-rg-sloppy",
    "a spectrum that is uniform in the logarithm: ``answer(n, decades, rng)`` returns n eigenvalues in the decades "
    "below 1",
    observe=lambda answer: as_numbers(attempt(answer, 4000, 6, np.random.default_rng(2))),
    mistakes={
        "there should be n eigenvalues, all positive": (
            lambda values: values.shape != (4000,) or (values <= 0).any(),
            lambda n, decades, rng: rng.uniform(-decades, 0, n),
        ),
        "the eigenvalues should lie below one": (
            lambda values: values.max() > 1 + 1e-9,
            lambda n, decades, rng: 10 ** rng.uniform(0, decades, n),
        ),
        "this is uniform in λ: a uniform logarithm has as many values in each decade": (
            lambda values: np.mean(values > 0.1) > 0.5,
            lambda n, decades, rng: rng.uniform(10.0**-decades, 1, n),
        ),
        "the range is in decades, and yours is in powers of e": (
            lambda values: values.min() > 1e-3,
            lambda n, decades, rng: np.exp(-rng.uniform(0, decades, n)),
        ),
        "they are evenly spaced in the logarithm of something else: draw the exponent uniformly": (
            _uneven,
            lambda n, decades, rng: 10 ** -(decades * rng.random(n) ** 2),
        ),
    },
    praise="every decade has its share of eigenvalues",
)


def _essay_constants() -> np.ndarray:
    """Measure both constants on one mode, by the library's recursion in the essay's convention."""
    g = 1e-5
    after = pca.mode_recursion([1.0, 0.5], g, n_sites=1, convention="essay")
    return np.array([(g - after.coupling[1]) / g**2, after.mass[1] / g])


conventions = Value(
    "ex-pca-rg-conventions",
    "the two loop constants in the essay's normalisation: an array of two, B, and the constant of g/λ in the mass "
    "equation",
    truth=_essay_constants,
    mistakes=lambda constants: {
        "these are the constants with the one-half: nothing is substituted yet": 4 * constants,
        "the loop of the coupling has two propagators, each of them halved": 2 * constants,
        "the first is right: substitute in the mass equation too": constants * [1, 4],
        "the new mass stands with a two as well: divide the equation by it": constants * [1, 2],
        "the order: first the coupling's constant, then the mass's": constants[::-1],
        "the wrong way: the essay's quadratic form is twice as stiff": 16 * constants,
    },
    otherwise="double K and r in the recursion, and solve for the essay's own r",
    praise="this is what the library's recursion does in the essay's convention",
    rtol=1e-3,
)


def _where_it_stops(alpha: float, B: float) -> float:
    """Follow the flow of the coupling, at zero mass, until it stops; below zero in the other direction of time."""
    direction = 1 if alpha < 2 else -1
    g = direction * 0.5 / B
    for _ in range(20_000):
        g += direction * 0.01 * ((2 - alpha) * g - B * g * g)
    return g


fixed_point = Function(
    "ex-pca-rg-sign",
    "the non-trivial fixed point of the dimensionless coupling to leading order, at zero mass: ``answer(alpha, B)``",
    calls=lambda: [(1.25, 36.0), (1.5, 9.0), (2.5, 36.0)],
    truth=_where_it_stops,
    mistakes=lambda g, alpha, B: {
        "this has the sign of the essay's eq. (22): at which α is the coupling positive?": -g,
        "this is the trivial one: there is a second root": 0.0,
        "this is B times the coupling": B * g,
        "the constant depends on the convention: it is an argument": B * g / 36,
        "the rescaling term counts eigenvalues, not wave numbers": (4 - alpha) / B,
        "the exponent of the spectrum does not enter: include the rescaling": 1 / B,
    },
    otherwise="set the velocity of the coupling to zero, and divide by the root that is not wanted",
    praise="the flow stops there",
)


def _data() -> list[tuple]:
    rng = np.random.default_rng(21)
    X = rng.standard_normal((40, 5)) @ rng.standard_normal((5, 5)) + np.array([1.0, 0, -2, 0, 3])
    return [(X, 2), (X, 3)]


def _projected(X, n_kept):
    left, values, right = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    return (left[:, :n_kept] * values[:n_kept]) @ right[:n_kept]


def _wrong_modes(kept, X, n) -> dict:
    V, fluctuations = np.linalg.eigh(np.cov(X, rowvar=False))[1], X - X.mean(axis=0)
    first, last, first_rows, last_rows = V[:, :n], V[:, -n:], V[:n].T, V[-n:].T
    return {
        "these are the modes of smallest variance: eigh lists eigenvalues in ascending order": (
            fluctuations @ first @ first.T
        ),
        "eigenvectors are the columns of what eigh returns, not the rows": fluctuations @ last_rows @ last_rows.T,
        "eigenvectors are columns, and the largest come last": fluctuations @ first_rows @ first_rows.T,
        "three things: remove the mean, take columns for rows, and look at which end the largest are": (
            X @ first_rows @ first_rows.T
        ),
        "these are amplitudes: go back to the original variables": fluctuations @ last,
        "these are amplitudes, in descending order: go back to the original variables": fluctuations @ last[:, ::-1],
        "the mean has not been removed": X @ last @ last.T,
        "the mean has been added again: ψ is a fluctuation": kept + X.mean(axis=0),
        "this is what was discarded: keep the rest": fluctuations - kept,
    }


keep_modes = Function(
    "ex-pca-rg-order",
    "data rebuilt from their components of largest variance: ``answer(X, n_kept)`` with ``X`` "
    "(n_samples, n_variables) returns the kept fluctuations, same shape",
    calls=_data,
    truth=_projected,
    mistakes=_wrong_modes,
    otherwise="project on the modes of largest variance, and turn back",
    praise="these are the fluctuations of the modes kept, in the original variables",
)
