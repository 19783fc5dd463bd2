"""Checkers of the exercises of the chapter on blocks and correlation lengths."""

import itertools

import numpy as np

from ._core import Function, Mistake, Verdict, exercise

__all__ = ["binder", "gaussian_correlation", "gaussian_field", "noise_radius", "order_by_chance", "put_back"]


def _torus(decay: float, side: int) -> np.ndarray:
    """Return a two-point function on a torus, falling along each axis."""
    distance = np.minimum(np.arange(side), side - np.arange(side))
    return np.multiply.outer(decay**distance, decay**distance)


def _root(correlation, n_hidden, *, gain=lambda x: 1 - 1 / x, power=0.5, keep=slice(None), above=1.0):
    """Take the symmetric root of W Wᵀ among all sites, eigenvector by eigenvector, and return its first row."""
    side = len(correlation)
    x, y = np.divmod(np.arange(side**2), side)
    covariance = correlation[(x[:, None] - x) % side, (y[:, None] - y) % side]
    values, vectors = np.linalg.eigh(covariance)
    kept = np.sort(np.argsort(-values, kind="stable")[keep][:n_hidden])
    kept = kept[values[kept] > above]
    root = vectors[:, kept] * gain(values[kept]) ** power @ vectors[:, kept].T
    return root[0].reshape(side, side)


@exercise(
    "ex-blocks-predict",
    Function(
        lambda: [(_torus(0.6, 8), 5), (_torus(0.5, 8), 21), (_torus(0.7, 6), 9)],
        _root,
        [
            Mistake(lambda C, n: _root(C, n, power=1.0), "this is a row of W Wᵀ: the field is a row of its root"),
            Mistake(
                lambda C, n: _root(C, n, gain=lambda x: x),
                "this is principal component analysis: a machine gains less from a large mode",
            ),
            Mistake(
                lambda C, n: _root(C, n, keep=slice(None, None, -1), above=-np.inf, gain=lambda x: np.abs(1 - 1 / x)),
                "these are the smallest modes: look at the order of the eigenvalues",
            ),
            Mistake(
                lambda C, n: _root(C, n, above=-np.inf, gain=lambda x: np.abs(1 - 1 / x)),
                "a mode below one is no gain: it stays out, even if hidden units are left over",
            ),
            Mistake(lambda C, n: _root(C, C.size), "all modes are in it: how many can so many hidden units cover?"),
        ],
        "keep the largest modes, one a hidden unit, and take the root of what they gain",
        "one field, from a covariance and without training",
        rtol=1e-5,
        atol=1e-7,
    ),
)
def gaussian_field(answer: object) -> Verdict:
    """Check the receptive field that a two-point function predicts.

    Parameters
    ----------
    answer : callable
        ``answer(correlation, n_hidden)`` with ``correlation`` (L, L), one at the origin, returns (L, L), centred there.
        The checker asks for numbers of hidden units at which no two modes of one eigenvalue are divided.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> gaussian_field(lambda correlation, n_hidden: correlation)
    Not yet: keep the largest modes, one a hidden unit, and take the root of what they gain.
    """


def _tables() -> list[tuple]:
    rng = np.random.default_rng(33)
    rising = 2 + 0.12 * np.arange(5) + rng.normal(0, 0.15, (3, 5))
    return [
        (rising, np.array([0.8, 1.3, 1.9, 3.1, 6.0])),
        (rng.uniform(2, 4, (1, 4)), np.array([1.0, 2.0, 3.5, 5.0])),
        (np.array([rising[0], 6 - rising[1], 5.5 - rising[2]]), np.array([0.8, 1.3, 1.9, 3.1, 6.0])),
    ]


def _permuted(
    sizes, xi, *, size=np.log, length=np.log, score=lambda slopes: abs(slopes.mean()), beats=np.greater_equal
):
    """Count the orders of ξ that make as large a slope as the true order; the slopes by the formula of the mean."""
    orders = np.array(list(itertools.permutations(length(xi))))
    orders = orders - orders.mean(axis=1, keepdims=True)
    logs = size(sizes) - size(sizes).mean(axis=1, keepdims=True)
    slopes = orders @ logs.T / (orders**2).sum(axis=1, keepdims=True)
    scores = np.array([score(row) for row in slopes])
    own = scores[0] - 1e-12 * abs(scores[0]) if beats is np.greater_equal else scores[0] + 1e-12 * abs(scores[0])
    return float(np.mean(beats(scores, own)))


@exercise(
    "ex-blocks-null",
    Function(
        _tables,
        _permuted,
        [
            Mistake(
                lambda s, x: _permuted(s, x, score=lambda slopes: slopes.mean()),
                "a size that shrinks with the correlation length follows it too: both sides count",
            ),
            Mistake(
                lambda s, x: _permuted(s, x, beats=np.greater),
                "the true order is one of the orders: without it a chance of zero can come out",
            ),
            Mistake(
                lambda s, x: _permuted(s, x, size=lambda a: a, length=lambda a: a),
                "a power law is a straight line in the logarithms of both",
            ),
            Mistake(
                lambda s, x: _permuted(s, x, score=lambda slopes: abs(slopes).mean()),
                "average the slopes, then take the magnitude: rows that go opposite ways do not follow one law",
            ),
            Mistake(lambda s, x: 1 - _permuted(s, x), "this is the share of the orders that do worse"),
        ],
        "go through all orders of the correlation lengths, and count those with a slope at least as steep",
        "an exact chance, with no assumption about the errors",
        rtol=1e-9,
    ),
)
def order_by_chance(answer: object) -> Verdict:
    """Check the chance that sizes follow the correlation length as closely when its values are put in another order.

    Parameters
    ----------
    answer : callable
        ``answer(sizes, xi)`` with ``sizes`` (n_rows, n), ``xi`` (n,), both positive, n small, returns one number.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> order_by_chance(lambda sizes, xi: 0.05)
    Not yet: go through all orders of the correlation lengths, and count those with a slope at least as steep.
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
