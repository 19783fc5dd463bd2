"""The exercises of the chapter on principal component analysis."""

import numpy as np
from scipy.optimize import brentq

from ..rg import pca
from ._core import Function

__all__ = ["marginal_precision", "covariance", "correlation_variances", "space_weight", "samples_needed"]


def _precisions() -> list[tuple]:
    G = np.random.default_rng(0).standard_normal((6, 9))
    return [(G @ G.T, 2), (G @ G.T, 3)]


def _wrong_precisions(precision, K, keep) -> dict:
    kept, cross, rest = K[:keep, :keep], K[:keep, keep:], K[keep:, keep:]
    return {
        "this is the slice: it lacks the term that the integral over the rest brings": kept,
        "this is the covariance of what is left: its inverse is asked": np.linalg.inv(precision),
        "this is the covariance of the slice, with the rest held at zero": np.linalg.inv(kept),
        "the sign: what is forgotten makes the rest less certain, so the precision falls": 2 * kept - precision,
        "completing the square divides by the precision of the rest": kept - cross @ rest @ cross.T,
        "the precision of the rest itself is missing in the second term": kept - cross @ cross.T,
    }


marginal_precision = Function(
    "ex-pca-schur",
    "the precision matrix of a Gaussian's first variables when the others are integrated out: ``answer(K, keep)`` "
    "returns shape (keep, keep)",
    calls=_precisions,
    truth=lambda K, keep: np.linalg.inv(np.linalg.inv(K)[:keep, :keep]),
    mistakes=_wrong_precisions,
    otherwise="complete the square in the variables that go",
    praise="it is the inverse of a block of the covariance matrix",
)


def _samples() -> list[tuple]:
    rng = np.random.default_rng(4)
    return [(rng.standard_normal((n, 4)) @ rng.standard_normal((4, 4)) + np.array([3, -1, 0.5, 2]),) for n in (9, 30)]


def _averaged(X):
    centred = X - X.mean(axis=0)
    return np.einsum("si,sj->ij", centred, centred) / len(X)


def _wrong_covariances(C, X) -> dict:
    about_one, about_rows = X - X.mean(), X - X.mean(axis=1, keepdims=True)
    return {
        "one row and one column for each sample: the variables are the columns of X": np.cov(X),
        "each sample has a row and a column: the variables are the columns of X": np.cov(X, bias=True),
        "two things are missing: the mean is still in, and products are added, not averaged": X.T @ X,
        "the mean has not been removed: these are second moments": X.T @ X / len(X),
        "one common mean was removed: each variable has its own": about_one.T @ about_one / len(X),
        "the mean of each sample was removed: take it along the other axis": about_rows.T @ about_rows / len(X),
        "divide by the number of samples, not by one less: C is an average": C * len(X) / (len(X) - 1),
        "these are correlations: the variances have been divided out": np.corrcoef(X, rowvar=False),
        "this is a sum over the samples: C is an average": C * len(X),
    }


covariance = Function(
    "ex-pca-mean",
    "a covariance matrix, averages over samples that are rows: ``answer(X)`` with ``X`` (n_samples, n_variables)",
    calls=_samples,
    truth=_averaged,
    mistakes=_wrong_covariances,
    otherwise="C is an average over samples, of products of deviations from the mean",
    praise="it is symmetric, and one row and one column for each variable",
)


def _variances(X):
    return np.linalg.eigvalsh(_averaged(X))[::-1]


def _wrong_variances(variances, X) -> dict:
    scaled = X / X.std(axis=0)
    return {
        "these depend on the units: nothing is standardized": _variances(X),
        "standardized after the projection: that makes every component alike": np.ones(X.shape[1]),
        "the order: the largest variance comes first": variances[::-1],
        "divide by the standard deviation, not by the variance": _variances(X / X.var(axis=0)),
        "the mean has not been removed": np.linalg.eigvalsh(scaled.T @ scaled / len(X))[::-1],
        "two conventions are mixed: divide by the same number of samples in variance and covariance": (
            variances * len(X) / (len(X) - 1)
        ),
    }


correlation_variances = Function(
    "ex-pca-scale",
    "the variances of principal components of standardized data: ``answer(X)`` with ``X`` (n_samples, n_variables), "
    "largest first",
    calls=_samples,
    truth=lambda X: pca.principal_components(X, standardize=True)[0],
    mistakes=_wrong_variances,
    otherwise="their sum must be the number of variables",
    praise="they add up to the number of variables, whatever the units",
)


def _spaces() -> list[tuple]:
    rng = np.random.default_rng(12)
    draws = [np.linalg.qr(rng.standard_normal((8, 8)))[0].T for _ in range(2)]
    return [(draws[0][:3], draws[1][:4])]


def _wrong_weights(weight, vectors, waves) -> dict:
    overlaps = vectors @ waves.T
    return {
        "weights are squares of overlaps": np.abs(overlaps).sum(axis=1),
        "this is the weight on one wave: the mixture is what counts": (overlaps**2).max(axis=1),
        "summed over the wrong index: one number for each vector": (overlaps**2).sum(axis=0),
        "this is the length of the projection: square it": np.sqrt(weight),
        "square first, then add: signs must not cancel": overlaps.sum(axis=1) ** 2,
        "add the weights, do not average them": (overlaps**2).mean(axis=1),
    }


space_weight = Function(
    "ex-pca-degenerate",
    "the weight of vectors on the space spanned by orthonormal waves: ``answer(vectors, waves)``, both one unit "
    "vector a row, returns one number for each vector",
    calls=_spaces,
    truth=lambda vectors, waves: np.array([np.linalg.norm(waves.T @ (waves @ v)) ** 2 for v in vectors]),
    mistakes=_wrong_weights,
    otherwise="project each vector on the space, and take the squared length of the projection",
    praise="a vector in the space has weight one, whatever mixture it is",
)


def _transition(n_variables, strength):
    """Return the number of samples at which the predicted outlier meets the upper edge."""
    return brentq(lambda n: np.sqrt(n_variables / n) - strength, 1, 1e9)


samples_needed = Function(
    "ex-pca-samples",
    "how many samples make a direction of variance 1 + s stand out of m noisy variables: "
    "``answer(n_variables, strength)``",
    calls=lambda: [(400, 0.5), (100, 0.2), (250, 3.0)],
    truth=_transition,
    mistakes=lambda _, m, s: {
        "the threshold contains a square root": m / s,
        "a weaker signal must need more samples, and here it needs fewer": m * s**2,
        "both sides must be squared": np.sqrt(m) / s,
        "the strength is the excess s over the noise, not the whole variance": m / (1 + s) ** 2,
        "this is upside down": s**2 / m,
    },
    otherwise="solve the threshold s = √(m/n) for the number of samples",
    praise="at that number the signal leaves the bulk",
    rtol=1e-4,
)
