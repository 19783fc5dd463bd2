"""Checkers of the exercises of the chapter on blocks and correlation lengths."""

import numpy as np

from ._core import Function, Mistake, Verdict, exercise

__all__ = ["binder", "block_length", "gaussian_correlation", "noise_radius", "put_back"]


def _side_of_block(n_sites: int, n_hidden: int) -> float:
    """Find the side of a square that the lattice holds as many times as there are hidden units."""
    low, high = 0.0, float(n_sites)
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if n_hidden * middle * middle < n_sites else (low, middle)
    return low


@exercise(
    "ex-blocks-predict",
    Function(
        lambda: [(256, 16), (256, 64), (1600, 400)],
        _side_of_block,
        [
            Mistake(lambda n, h: n / h, "this is the area of a block: its side is asked"),
            Mistake(lambda n, h: np.sqrt(h), "this is how many blocks stand side by side"),
            Mistake(lambda n, h: np.sqrt(n) / h, "the hidden units share the area, not the side"),
            Mistake(lambda n, h: np.sqrt(h / n), "upside down: more hidden units make smaller blocks"),
        ],
        "each hidden unit gets the same area of the lattice",
        "the side of a square with one hidden unit's share of the lattice",
    ),
)
def block_length(answer: object) -> Verdict:
    """Check the side of a block when n_hidden units share n_sites.

    Parameters
    ----------
    answer : callable
        ``answer(n_sites, n_hidden)`` returns the side in lattice spacings.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> block_length(lambda n_sites, n_hidden: n_sites / n_hidden)
    Not yet: this is the area of a block: its side is asked.
    """


def _scattered() -> list[tuple]:
    rng = np.random.default_rng(30)
    return [(rng.normal(0, 1, (12, 3)), rng.permutation(12)) for _ in range(2)]


def _restored(weights, order):
    """Place row by row: the site that was shown at place k is order[k]."""
    out = np.empty_like(weights)
    for k, site in enumerate(order):
        out[site] = weights[k]
    return out


@exercise(
    "ex-blocks-permuted",
    Function(
        _scattered,
        _restored,
        [
            Mistake(lambda W, order: W[order], "this permutes once more: the inverse permutation is needed"),
            Mistake(lambda W, order: W, "nothing has moved"),
            Mistake(lambda W, order: W[::-1], "this turns the order around, whatever the permutation was"),
        ],
        "where did the site go that the machine saw first?",
        "every weight stands at its own site again",
    ),
)
def put_back(answer: object) -> Verdict:
    """Check weights that were trained on ``X[:, order]`` and are put back to the sites of ``X``.

    Parameters
    ----------
    answer : callable
        ``answer(weights, order)`` with ``weights`` (n_visible, n_hidden) returns the same shape.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> put_back(lambda weights, order: weights[order])
    Not yet: this permutes once more: the inverse permutation is needed.
    """


def _magnetizations() -> list[tuple]:
    rng = np.random.default_rng(32)
    return [(rng.normal(0, 0.3, 50),), (rng.choice([-0.8, 0.7], 40) + rng.normal(0, 0.05, 40),)]


def _cumulant(m, *, third=3.0):
    return 1 - np.mean(m**4) / (third * np.mean(m**2) ** 2)


@exercise(
    "ex-blocks-binder",
    Function(
        _magnetizations,
        lambda m: 1 - len(m) * sum(x**4 for x in m) / (3 * sum(x * x for x in m) ** 2),
        [
            Mistake(lambda m: _cumulant(m, third=1.0), "a Gaussian must give zero: its fourth moment has a factor"),
            Mistake(
                lambda m: np.mean(m**4) / np.mean(m**2) ** 2,
                "this is the normalized fourth moment: the cumulant is made of it",
            ),
            Mistake(
                lambda m: _cumulant(m - m.mean()),
                "about zero: in the ordered phase a mean of one sample set is an accident",
            ),
            Mistake(
                lambda m: np.mean(1 - m**4 / (3 * (m**2) ** 2)),
                "average first, then divide: this is the same for all data",
            ),
            Mistake(lambda m: 1 - np.mean(m**4) / (3 * np.mean(m**2)), "the units: the second moment enters squared"),
        ],
        "one minus the fourth moment over three times the squared second moment",
        "zero for a Gaussian, two thirds for two opposite values",
    ),
)
def binder(answer: object) -> Verdict:
    """Check the Binder cumulant of magnetizations.

    Parameters
    ----------
    answer : callable
        ``answer(m)`` with one magnetization a configuration returns one number.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> binder(lambda m: (m**4).mean() / (m**2).mean() ** 2)
    Not yet: this is the normalized fourth moment: the cumulant is made of it.
    """


def _root_mean_square(side: int) -> float:
    """Average the squared distance over all sites of the torus."""
    d = np.minimum(np.arange(side), side - np.arange(side))
    return float(np.sqrt(np.mean(d[:, None] ** 2 + d**2)))


@exercise(
    "ex-blocks-noise",
    Function(
        lambda: [(16,), (32,), (40,)],
        _root_mean_square,
        [
            Mistake(lambda side: side / np.sqrt(12), "this is one axis: there are two"),
            Mistake(lambda side: side / 2, "this is the largest distance along an axis: average over all sites"),
            Mistake(
                lambda side: side / np.sqrt(3),
                "no site is further than half a side along an axis: the lattice is a torus",
            ),
            Mistake(lambda side: side**2 / 6, "this is the mean square: take the root"),
            Mistake(
                lambda side: side / 4 * np.sqrt(2), "the mean distance along each axis: the radius is a mean of squares"
            ),
        ],
        "all sites count alike: average the squared distance from the centre",
        "a size of noise, and of the lattice: not of a field",
        rtol=0.012,
    ),
)
def noise_radius(answer: object) -> Verdict:
    """Check the root-mean-square radius of a field of pure noise on a torus.

    Parameters
    ----------
    answer : callable
        ``answer(side)`` returns the radius for a large lattice.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> noise_radius(lambda side: side / 2)
    Not yet: this is the largest distance along an axis: average over all sites.
    """


def _needed(correlation: float) -> float:
    """Invert the arcsine law of signs by bisection."""
    low, high = -1.0, 1.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if 2 / np.pi * np.arcsin(middle) < correlation else (low, middle)
    return low


@exercise(
    "ex-blocks-naive",
    Function(
        lambda: [(0.3,), (0.6,), (-0.4,)],
        _needed,
        [
            Mistake(lambda c: c, "taking the sign makes correlations weaker: the Gaussian must start with more"),
            Mistake(lambda c: 2 / np.pi * np.arcsin(c), "this is the law itself: its inverse is asked"),
            Mistake(lambda c: np.sin(c), "the quarter turn is missing: full correlation must stay full"),
            Mistake(lambda c: np.sin(np.pi * c), "an angle twice too large: full correlation must stay full"),
            Mistake(lambda c: np.cos(np.pi * c / 2), "no correlation must stay none"),
        ],
        "solve the arcsine law for the correlation of the Gaussian variables",
        "with it the signs have the two-point function that is wanted",
    ),
)
def gaussian_correlation(answer: object) -> Verdict:
    """Check the correlation of two Gaussian variables whose signs have a given correlation.

    Parameters
    ----------
    answer : callable
        ``answer(correlation)`` of the signs returns that of the Gaussian variables.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> gaussian_correlation(lambda correlation: correlation)
    Not yet: taking the sign makes correlations weaker: the Gaussian must start with more.
    """
