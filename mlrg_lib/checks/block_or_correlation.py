"""The exercises of the chapter on blocks and correlation lengths."""

import itertools

import numpy as np
from scipy.optimize import brentq

from ._core import Function

__all__ = ["gaussian_field", "put_back", "binder", "noise_radius", "gaussian_correlation", "order_by_chance"]


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


def _wrong_fields(_, C, n) -> dict:
    every_mode = {"above": -np.inf, "gain": lambda x: np.abs(1 - 1 / x)}
    pca, smallest = _root(C, n, gain=lambda x: x), _root(C, n, keep=slice(None, None, -1), **every_mode)
    return {
        "this is a row of W Wᵀ: the field is a row of its root": _root(C, n, power=1.0),
        "this is principal component analysis: a machine gains less from a large mode": pca,
        "these are the smallest modes: look at the order of the eigenvalues": smallest,
        "a mode below one is no gain: it stays out, even if hidden units are left over": _root(C, n, **every_mode),
        "all modes are in it: how many can so many hidden units cover?": _root(C, C.size),
    }


gaussian_field = Function(
    "ex-blocks-predict",
    "the receptive field that a two-point function predicts: ``answer(correlation, n_hidden)`` with ``correlation`` "
    "(L, L), one at the origin, returns (L, L), centred there, for numbers at which no two modes of one eigenvalue are "
    "divided",
    calls=lambda: [(_torus(0.6, 8), 5), (_torus(0.5, 8), 21), (_torus(0.7, 6), 9)],
    truth=_root,
    mistakes=_wrong_fields,
    otherwise="keep the largest modes, one a hidden unit, and take the root of what they gain",
    praise="one field, from a covariance and without training",
    rtol=1e-5,
    atol=1e-7,
)


def _tables() -> list[tuple]:
    rng = np.random.default_rng(33)
    rising = 2 + 0.12 * np.arange(5) + rng.normal(0, 0.15, (3, 5))
    return [
        (rising, np.array([0.8, 1.3, 1.9, 3.1, 6.0])),
        (rng.uniform(2, 4, (1, 4)), np.array([1.0, 2.0, 3.5, 5.0])),
        (np.array([rising[0], 6 - rising[1], 5.5 - rising[2]]), np.array([0.8, 1.3, 1.9, 3.1, 6.0])),
    ]


def _share(sizes, xi, *, scale=np.log, score=lambda slopes: abs(slopes.mean(axis=1)), beats=np.greater_equal):
    """Count the orders of ξ that make as large a slope as the true order; the slopes by the formula of the mean."""
    orders = np.array(list(itertools.permutations(scale(xi))))
    orders = orders - orders.mean(axis=1, keepdims=True)
    logs = scale(sizes) - scale(sizes).mean(axis=1, keepdims=True)
    scores = score(orders @ logs.T / (orders**2).sum(axis=1, keepdims=True))
    rounding = 1e-12 * abs(scores[0])
    return np.mean(beats(scores, scores[0] - rounding if beats is np.greater_equal else scores[0] + rounding))


def _wrong_chances(chance, sizes, xi) -> dict:
    one_sided = _share(sizes, xi, score=lambda slopes: slopes.mean(axis=1))
    each_row = _share(sizes, xi, score=lambda slopes: abs(slopes).mean(axis=1))
    straight = _share(sizes, xi, scale=np.asarray)
    return {
        "a size that shrinks with the correlation length follows it too: both sides count": one_sided,
        "the true order is one of the orders: without it a chance of zero can come out": (
            _share(sizes, xi, beats=np.greater)
        ),
        "a power law is a straight line in the logarithms of both": straight,
        "average the slopes, then take the magnitude: rows that go opposite ways do not follow one law": each_row,
        "this is the share of the orders that do worse": 1 - chance,
    }


order_by_chance = Function(
    "ex-blocks-null",
    "the chance that sizes follow the correlation length as closely when its values are put in another order: "
    "``answer(sizes, xi)`` with ``sizes`` (n_rows, n), ``xi`` (n,), both positive, n small",
    calls=_tables,
    truth=_share,
    mistakes=_wrong_chances,
    otherwise="go through all orders of the correlation lengths, and count those with a slope at least as steep",
    praise="an exact chance, with no assumption about the errors",
    rtol=1e-9,
)


def _scattered() -> list[tuple]:
    rng = np.random.default_rng(30)
    return [(rng.normal(0, 1, (12, 3)), rng.permutation(12)) for _ in range(2)]


def _restored(weights, order):
    """Place row by row: the site that was shown at place k is order[k]."""
    out = np.empty_like(weights)
    for k, site in enumerate(order):
        out[site] = weights[k]
    return out


put_back = Function(
    "ex-blocks-permuted",
    "weights that were trained on ``X[:, order]`` and are put back to the sites of ``X``: ``answer(weights, order)`` "
    "with ``weights`` (n_visible, n_hidden)",
    calls=_scattered,
    truth=_restored,
    mistakes=lambda _, weights, order: {
        "this permutes once more: the inverse permutation is needed": weights[order],
        "nothing has moved": weights,
        "this turns the order around, whatever the permutation was": weights[::-1],
    },
    otherwise="where did the site go that the machine saw first?",
    praise="every weight stands at its own site again",
)


def _magnetizations() -> list[tuple]:
    rng = np.random.default_rng(32)
    return [(rng.normal(0, 0.3, 50),), (rng.choice([-0.8, 0.7], 40) + rng.normal(0, 0.05, 40),)]


def _wrong_cumulants(cumulant, m) -> dict:
    c = m - m.mean()
    return {
        "a Gaussian must give zero: its fourth moment has a factor": 3 * cumulant - 2,
        "this is the normalized fourth moment: the cumulant is made of it": 3 * (1 - cumulant),
        "about zero: in the ordered phase a mean of one sample set is an accident": (
            1 - np.mean(c**4) / (3 * np.mean(c**2) ** 2)
        ),
        "average first, then divide: this is the same for all data": 2 / 3,
        "the units: the second moment enters squared": 1 - np.mean(m**4) / (3 * np.mean(m**2)),
    }


binder = Function(
    "ex-blocks-binder",
    "the Binder cumulant of magnetizations: ``answer(m)`` with one magnetization a configuration",
    calls=_magnetizations,
    truth=lambda m: 1 - len(m) * sum(x**4 for x in m) / (3 * sum(x * x for x in m) ** 2),
    mistakes=_wrong_cumulants,
    otherwise="one minus the fourth moment over three times the squared second moment",
    praise="zero for a Gaussian, two thirds for two opposite values",
)


def _root_mean_square(side: int) -> float:
    """Average the squared distance over all sites of the torus."""
    d = np.minimum(np.arange(side), side - np.arange(side))
    return float(np.sqrt(np.mean(d[:, None] ** 2 + d**2)))


noise_radius = Function(
    "ex-blocks-noise",
    "the root-mean-square radius of a field of pure noise on a torus: ``answer(side)`` for a large lattice",
    calls=lambda: [(16,), (32,), (40,)],
    truth=_root_mean_square,
    mistakes=lambda _, side: {
        "this is one axis: there are two": side / np.sqrt(12),
        "this is the largest distance along an axis: average over all sites": side / 2,
        "no site is further than half a side along an axis: the lattice is a torus": side / np.sqrt(3),
        "this is the mean square: take the root": side**2 / 6,
        "the mean distance along each axis: the radius is a mean of squares": side / 4 * np.sqrt(2),
    },
    otherwise="all sites count alike: average the squared distance from the centre",
    praise="a size of noise, and of the lattice: not of a field",
    rtol=0.012,
)


def _needed(correlation: float) -> float:
    """Invert the arcsine law of signs."""
    return brentq(lambda c: 2 / np.pi * np.arcsin(c) - correlation, -1, 1)


gaussian_correlation = Function(
    "ex-blocks-naive",
    "the correlation of two Gaussian variables whose signs have a given correlation: ``answer(correlation)``",
    calls=lambda: [(0.3,), (0.6,), (-0.4,)],
    truth=_needed,
    mistakes=lambda _, c: {
        "taking the sign makes correlations weaker: the Gaussian must start with more": c,
        "this is the law itself: its inverse is asked": 2 / np.pi * np.arcsin(c),
        "the quarter turn is missing: full correlation must stay full": np.sin(c),
        "an angle twice too large: full correlation must stay full": np.sin(np.pi * c),
        "no correlation must stay none": np.cos(np.pi * c / 2),
    },
    otherwise="solve the arcsine law for the correlation of the Gaussian variables",
    praise="with it the signs have the two-point function that is wanted",
)
