"""The exercises of the chapter on what the modes of data share."""

from types import SimpleNamespace

import numpy as np
from scipy.stats import t as student

from ..rg import pca
from ._core import Function, Trial, as_numbers, attempt, refuse

__all__ = ["gain", "blind", "counterexample", "interval"]

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(60)


def _gain_moments(sigma: float) -> tuple[float, float]:
    """⟨s²⟩ and ⟨s⁴⟩ of s = exp(σh) by quadrature over the Gaussian h."""
    return tuple(np.exp(power * sigma * _NODES) @ _WEIGHTS / _WEIGHTS.sum() for power in (2, 4))


gain = Function(
    "ex-md-gain",
    "C of two modes that share the gain s = exp(σh), with h a Gaussian of unit variance: ``answer(sigma)``",
    calls=lambda: [(0.1,), (0.35,), (0.8,)],
    truth=lambda sigma: _gain_moments(sigma)[1] / _gain_moments(sigma)[0] ** 2 - 1,
    mistakes=lambda right, sigma: {
        "a covariance has the product of the means subtracted": right + 1,
        "this is the excess of one mode's fourth moment: a pair has no factor of three": 3 * right,
        "⟨exp(kσh)⟩ is exp(k²σ²/2): the gain enters with its fourth power and with its second": np.exp(sigma**2) - 1,
        "this is the variance of the gain's square, not yet divided by the square of its mean": np.exp(8 * sigma**2)
        - np.exp(4 * sigma**2),
        "the first order in σ² is right, and more is asked": 4 * sigma**2,
    },
    otherwise="the Gaussian parts drop out: what is left is ⟨s⁴⟩/⟨s²⟩² − 1",
    praise="the same for every pair, and one third of the excess of every mode",
)


def _blind(softest, others):
    return np.log1p(softest) - np.log1p(others)


blind = Function(
    "ex-md-blind",
    "a number made of C₁ and C̄ that no shared gain changes: zero where both are equal, negative where the first mode "
    "competes with the others, and a natural logarithm: ``answer(softest, others)``",
    calls=lambda: [(-0.1, 0.02), (0.6, 0.6), (0.3, 0.9), (1.5, 0.4)],
    truth=_blind,
    mistakes=lambda right, softest, others: {
        "a gain multiplies ⟨a²b²⟩, so it changes a difference of the C": softest - others,
        "it is ⟨a²b²⟩/(⟨a²⟩⟨b²⟩) = 1 + C that a gain multiplies, not C": softest / others,
        "the sign is turned around": -right,
        "this is the ratio: take its logarithm": np.exp(right),
        "the logarithm is not the natural one": right / np.log(10),
    },
    otherwise="what does a gain do to ⟨a²b²⟩/(⟨a²⟩⟨b²⟩)? It is the same factor for every pair: let it cancel",
    praise="a shared gain multiplies both by the same factor, and it cancels",
)


def _measured(answer) -> SimpleNamespace:
    X = as_numbers(attempt(answer, np.random.default_rng(1)))
    refuse("2000 samples or more of 12 variables or more are needed", X.ndim != 2 or len(X) < 2000 or X.shape[1] < 12)
    refuse("some variable never changes", (X.std(axis=0) == 0).any())
    found = pca.power_correlations(X)
    top = {name: getattr(found, name).value + 3 * getattr(found, name).error for name in ("softest", "contrast")}
    return SimpleNamespace(found=found, top=top, skew=abs(found.skew.value) - 4 * found.skew.error)


def _scaled(gains):
    """A mistake: Gaussian modes, softest first, times what ``gains(rng)`` draws."""
    return lambda rng: rng.standard_normal((3000, 12)) * np.arange(1, 13) ** -0.7 * np.exp(gains(rng))


counterexample = Trial(
    "ex-md-counterexample",
    "data of Gaussian modes and fluctuating gains, without any coupling, whose contrast D is below −0.2: "
    "``answer(rng)`` returns shape (n_samples, n_variables), 2000 by 12 or more",
    observe=_measured,
    mistakes={
        "the first mode competes with the others (C₁ < 0): that is what gains cannot do by themselves": (
            lambda seen: seen.top["softest"] < 0,
            _scaled(lambda rng: 0.5 * rng.standard_normal((3000, 1)) * np.where(np.arange(12), -1, 1)),
        ),
        "the kurtosis of the first mode is below 3: it is not a Gaussian with a gain": (
            lambda seen: seen.found.kurtosis.value + 4 * seen.found.kurtosis.error < 3,
            lambda rng: np.column_stack([3 * rng.choice([-1, 1], 3000), rng.standard_normal((3000, 12))]),
        ),
        "the modes are skewed: something odd is in the data that is no gain": (
            lambda seen: seen.skew > 0,
            lambda rng: rng.poisson(np.exp(0.5 * rng.standard_normal((3000, 1))), (3000, 12)),
        ),
        "every pair shares the same gain: D does not see that. Which modes must share one, and which not?": (
            lambda seen: seen.found.others.value > 0.1 and seen.found.contrast.value > -0.1,
            _scaled(lambda rng: 0.4 * rng.standard_normal((3000, 1))),
        ),
        "D is not below −0.2 by three of its errors: a stronger gain, more samples, or samples that forget it sooner": (
            lambda seen: not seen.top["contrast"] < -0.2,
            _scaled(lambda rng: 0.0),
        ),
    },
    praise="D is far below zero while C₁ is not: gains that modes do not share are enough",
)

_LENGTH, _SERIES = 2000, 100


def _series(rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Return a series and its true mean square; how much its gain fluctuates, and how long it remembers, differ."""
    scale, sigma, memory = rng.uniform(0.5, 2.0), rng.uniform(0.2, 0.45), rng.uniform(20, 60)
    keep, h = np.exp(-1 / memory), np.empty(_LENGTH)
    noise = rng.standard_normal(_LENGTH)
    h[0] = noise[0]
    for k in range(1, _LENGTH):
        h[k] = keep * h[k - 1] + np.sqrt(1 - keep**2) * noise[k]
    return scale * np.exp(sigma * h) * rng.standard_normal(_LENGTH), scale**2 * np.exp(2 * sigma**2)


def _calibrated(answer) -> SimpleNamespace:
    held, widths = 0, []
    for seed in range(_SERIES):
        series, truth = _series(np.random.default_rng(seed))
        low, high = as_numbers(attempt(answer, series), (2,))
        refuse("the first number is the lower end of the interval, and the second the upper one", low > high)
        held += low <= truth <= high
        widths.append((high - low) / truth)
    return SimpleNamespace(held=held / _SERIES, width=float(np.median(widths)))


def _by_blocks(n_blocks: int, level: float = 0.95):
    """A mistake, or the right answer: blocks of equal length, with Student's t."""

    def answer(x):
        means = (x**2)[: len(x) // n_blocks * n_blocks].reshape(n_blocks, -1).mean(axis=1)
        reach = student.ppf(0.5 + level / 2, n_blocks - 1) * means.std(ddof=1) / np.sqrt(n_blocks)
        return means.mean() - reach, means.mean() + reach

    return answer


interval = Trial(
    "ex-md-interval",
    "a 95 % interval for ⟨x²⟩ of a series of 2000 samples, whose size fluctuates with a memory of 20 to 60 samples: "
    "``answer(x)`` returns its lower and its upper end",
    observe=_calibrated,
    mistakes={
        "it holds the truth in fewer than 65 of 100 series: samples that share a gain are not independent": (
            lambda seen: seen.held < 0.65,
            _by_blocks(2000),
        ),
        "it holds the truth in fewer than 80 of 100 series: the blocks are too short for this memory, or too few "
        "blocks are taken for many": (
            lambda seen: seen.held < 0.8,
            _by_blocks(80),
        ),
        "it always holds the truth, and is so wide that it says nothing": (
            lambda seen: seen.width > 1.5,
            _by_blocks(10, 0.99999),
        ),
    },
    praise="of 100 series with a known answer, it holds it in 80 or more",
)
