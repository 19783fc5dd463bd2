"""Checkers of the exercises of the chapter on PCA as a renormalization group."""

import numpy as np

from ..rg import pca
from ._core import Function, Mistake, Refusal, Trial, Value, Verdict, as_numbers, attempt, exercise, refuse

__all__ = ["conventions", "fixed_point", "keep_modes", "long_range", "sloppy_spectrum"]


def _counted(sigma: float) -> float:
    """Count the waves of a ring below two values of ``|k|**sigma``."""
    k = (np.arange(200_000) + 0.5) / 200_000
    below = [np.count_nonzero(k**sigma < bound) for bound in (0.1, 0.2)]
    return float(np.log(below[1] / below[0]) / np.log(2))


@exercise(
    "ex-pca-rg-long-range",
    Function(
        lambda: [(0.4,), (0.5,), (0.8,)],
        _counted,
        [
            Mistake(lambda s: s, "upside down: steeper in k means fewer modes at the top, not at the bottom"),
            Mistake(lambda s: s / 2, "half a dimension belongs to λ = k²: here the power is another one"),
            Mistake(lambda s: 0.5 / s, "this ring has one dimension, and λ is not k²: count the waves below λ"),
            Mistake(lambda s: 1 / s - 1, "this is the power of the density: α is one more"),
            Mistake(lambda s: 1 / (1 + s), "the couplings' power was used: the spectrum's is asked"),
        ],
        "how does the number of waves with an eigenvalue below λ grow with λ?",
        "counted on a ring, it is the same",
        rtol=1e-2,
    ),
)
def long_range(answer: object) -> Verdict:
    """Check the exponent α of a one-dimensional ring whose eigenvalues go as the power σ of k.

    Parameters
    ----------
    answer : callable
        ``answer(sigma)`` returns α.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> long_range(lambda sigma: sigma / 2)
    Not yet: half a dimension belongs to λ = k²: here the power is another one.
    """


_SPECTRUM_HINTS = {
    "linear": "this is uniform in λ: a uniform logarithm has as many values in each decade",
    "natural": "the range is in decades, and yours is in powers of e",
    "above": "the eigenvalues should lie below one",
    "size": "there should be n eigenvalues, all positive",
    "same": "they are evenly spaced in the logarithm of something else: draw the exponent uniformly",
}


def _judge_spectrum(answer) -> str:
    refuse("hand in the function itself, without calling it", not callable(answer))
    values = as_numbers(attempt(answer, 4000, 6, np.random.default_rng(2)))
    refuse(_SPECTRUM_HINTS["size"], values.shape != (4000,) or bool((values <= 0).any()))
    refuse(_SPECTRUM_HINTS["above"], bool(values.max() > 1 + 1e-9))
    share = np.mean(values > 0.1)
    refuse(_SPECTRUM_HINTS["linear"], bool(share > 0.5))
    refuse(_SPECTRUM_HINTS["natural"], bool(values.min() > 1e-3))
    counts = np.histogram(np.log10(values), bins=np.arange(-6, 1))[0]
    if counts.sum() < 3990 or np.abs(counts - counts.mean()).max() > 5 * np.sqrt(counts.mean()):
        raise Refusal(_SPECTRUM_HINTS["same"])
    return "every decade has its share of eigenvalues"


@exercise(
    "ex-pca-rg-sloppy",
    Trial(
        _judge_spectrum,
        [
            Mistake(lambda n, decades, rng: rng.uniform(10.0**-decades, 1, n), _SPECTRUM_HINTS["linear"]),
            Mistake(lambda n, decades, rng: np.exp(-rng.uniform(0, decades, n)), _SPECTRUM_HINTS["natural"]),
            Mistake(lambda n, decades, rng: 10 ** rng.uniform(0, decades, n), _SPECTRUM_HINTS["above"]),
            Mistake(lambda n, decades, rng: rng.uniform(-decades, 0, n), _SPECTRUM_HINTS["size"]),
            Mistake(lambda n, decades, rng: 10 ** -(decades * rng.random(n) ** 2), _SPECTRUM_HINTS["same"]),
        ],
    ),
)
def sloppy_spectrum(answer: object) -> Verdict:
    """Check a spectrum that is uniform in the logarithm.

    Parameters
    ----------
    answer : callable
        ``answer(n, decades, rng)`` returns n eigenvalues in the decades below 1.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> sloppy_spectrum(lambda n, decades, rng: rng.uniform(10.0**-decades, 1, n))
    Not yet: this is uniform in λ: a uniform logarithm has as many values in each decade.
    """


def _essay_constants() -> np.ndarray:
    """Measure both constants on one mode, by the library's recursion in the essay's convention."""
    g = 1e-5
    after = pca.mode_recursion([1.0, 0.5], g, n_sites=1, convention="essay")
    return np.array([(g - after.coupling[1]) / g**2, after.mass[1] / g])


@exercise(
    "ex-pca-rg-conventions",
    Value(
        _essay_constants,
        [
            Mistake(lambda truth: 4 * truth, "these are the constants with the one-half: nothing is substituted yet"),
            Mistake(lambda truth: 2 * truth, "the loop of the coupling has two propagators, each of them halved"),
            Mistake(lambda truth: truth * np.array([1, 4]), "the first is right: substitute in the mass equation too"),
            Mistake(
                lambda truth: truth * np.array([1, 2]),
                "the new mass stands with a two as well: divide the equation by it",
            ),
            Mistake(lambda truth: truth[::-1], "the order: first the coupling's constant, then the mass's"),
            Mistake(lambda truth: 16 * truth, "the wrong way: the essay's quadratic form is twice as stiff"),
        ],
        "double K and r in the recursion, and solve for the essay's own r",
        "this is what the library's recursion does in the essay's convention",
        rtol=1e-3,
    ),
)
def conventions(answer: object) -> Verdict:
    """Check the two loop constants in the essay's normalisation: of the coupling, and of the mass.

    Parameters
    ----------
    answer : array_like, shape (2,)
        B, and the constant of g/λ in the mass equation.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> from mlrg_lib.rg import pca
    >>> conventions([pca.loop_coefficient("half"), pca.loop_coefficient("half") / 3])
    Not yet: these are the constants with the one-half: nothing is substituted yet.
    """


def _where_it_stops(alpha: float, B: float) -> float:
    """Follow the flow of the coupling, at zero mass, until it stops; below zero in the other direction of time."""
    direction = 1 if alpha < 2 else -1
    g = direction * 0.5 / B
    for _ in range(20_000):
        g += direction * 0.01 * ((2 - alpha) * g - B * g * g)
    return g


@exercise(
    "ex-pca-rg-sign",
    Function(
        lambda: [(1.25, 36.0), (1.5, 9.0), (2.5, 36.0)],
        _where_it_stops,
        [
            Mistake(
                lambda a, B: (a - 2) / B,
                "this has the sign of the essay's eq. (22): at which α is the coupling positive?",
            ),
            Mistake(lambda a, B: 0.0, "this is the trivial one: there is a second root"),
            Mistake(lambda a, B: 2 - a, "this is B times the coupling"),
            Mistake(lambda a, B: (2 - a) / 36, "the constant depends on the convention: it is an argument"),
            Mistake(lambda a, B: (4 - a) / B, "the rescaling term counts eigenvalues, not wave numbers"),
            Mistake(lambda a, B: 1 / B, "the exponent of the spectrum does not enter: include the rescaling"),
        ],
        "set the velocity of the coupling to zero, and divide by the root that is not wanted",
        "the flow stops there",
    ),
)
def fixed_point(answer: object) -> Verdict:
    """Check the non-trivial fixed point of the coupling to leading order, at zero mass.

    Parameters
    ----------
    answer : callable
        ``answer(alpha, B)`` returns the dimensionless coupling.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> fixed_point(lambda alpha, B: (alpha - 2) / B)
    Not yet: this has the sign of the essay's eq. (22): at which α is the coupling positive?
    """


def _data() -> list[tuple]:
    rng = np.random.default_rng(21)
    X = rng.standard_normal((40, 5)) @ rng.standard_normal((5, 5)) + np.array([1.0, 0, -2, 0, 3])
    return [(X, 2), (X, 3)]


def _projected(X, kept):
    centred = X - X.mean(axis=0)
    left, values, right = np.linalg.svd(centred, full_matrices=False)
    return (left[:, :kept] * values[:kept]) @ right[:kept]


def _with_vectors(choose, *, centre=True, back=True):
    def wrong(X, kept):
        centred = X - X.mean(axis=0) if centre else X
        chosen = choose(np.linalg.eigh(np.cov(X, rowvar=False))[1], kept)
        return centred @ chosen @ chosen.T if back else centred @ chosen

    return wrong


@exercise(
    "ex-pca-rg-order",
    Function(
        _data,
        _projected,
        [
            Mistake(
                _with_vectors(lambda V, k: V[:, :k]),
                "these are the modes of smallest variance: eigh lists eigenvalues in ascending order",
            ),
            Mistake(
                _with_vectors(lambda V, k: V[-k:].T), "eigenvectors are the columns of what eigh returns, not the rows"
            ),
            Mistake(_with_vectors(lambda V, k: V[:k].T), "eigenvectors are columns, and the largest come last"),
            Mistake(
                _with_vectors(lambda V, k: V[:k].T, centre=False),
                "three things: remove the mean, take columns for rows, and look at which end the largest are",
            ),
            Mistake(
                _with_vectors(lambda V, k: V[:, -k:], back=False),
                "these are amplitudes: go back to the original variables",
            ),
            Mistake(
                _with_vectors(lambda V, k: V[:, ::-1][:, :k], back=False),
                "these are amplitudes, in descending order: go back to the original variables",
            ),
            Mistake(_with_vectors(lambda V, k: V[:, -k:], centre=False), "the mean has not been removed"),
            Mistake(
                lambda X, k: _projected(X, k) + X.mean(axis=0), "the mean has been added again: ψ is a fluctuation"
            ),
            Mistake(lambda X, k: X - X.mean(axis=0) - _projected(X, k), "this is what was discarded: keep the rest"),
        ],
        "project on the modes of largest variance, and turn back",
        "these are the fluctuations of the modes kept, in the original variables",
    ),
)
def keep_modes(answer: object) -> Verdict:
    """Check data rebuilt from their components of largest variance.

    Parameters
    ----------
    answer : callable
        ``answer(X, n_kept)`` with ``X`` (n_samples, n_variables) returns the kept fluctuations, same shape.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> keep_modes(lambda X, n_kept: X)
    Not yet: project on the modes of largest variance, and turn back.
    """
