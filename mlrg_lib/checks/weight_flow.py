"""The exercises of the chapter on the flow in the space of weights."""

import numpy as np
from scipy import optimize, stats

from ..ising import CRITICAL_BETA, sample
from ..machines import ConvolutionalRBM
from ..rg import block_spin
from ._core import Function, Trial, as_numbers, attempt

__all__ = ["exponent", "aligned", "verdict", "strength", "flow"]

exponent = Function(
    "ex-wf-exponent",
    "the exponent from the differences D between both sides of the critical point: ``answer(blocked, partner)``, where "
    "``blocked`` are the differences of lattices that were blocked once more, and ``partner`` those of lattices that "
    "began at half the side and at the same x",
    calls=lambda: [(np.array([1.1, 2.0, 3.4]), np.array([1.2, 1.9, 2.5])), (np.array([0.7]), np.array([1.4]))],
    truth=lambda blocked, partner: 1 + np.log2(blocked / partner),
    mistakes=lambda right, blocked, partner: {
        "at the same x the partner began twice as far from the critical point: this takes them for equally far": right
        - 1,
        "a step changes lengths by two: the base of the logarithm": 1 + np.log(blocked / partner),
        "the blocked lattices belong above the fraction line": 2 - right,
        "the partner began further away, not nearer": right - 2,
        "this is the factor, not yet its exponent": 2 * blocked / partner,
    },
    otherwise="write D = c (x/L₀) 2^(n y) for both, with one c, and divide",
    praise="a ratio of one means an exponent of one",
)


def _kernels() -> list[tuple]:
    rng = np.random.default_rng(5)
    kernels = rng.uniform(0, 0.5, (4, 4, 4))
    for kernel, place in zip(kernels, ((1, 1), (1, 2), (2, 1), (2, 2)), strict=True):
        kernel[place] = 2.0
    return [(kernel,) for kernel in kernels]


def _mirrored(kernel):
    row, column = np.unravel_index(np.argmax(kernel), kernel.shape)
    kernel = kernel if row < 2 else kernel[::-1]
    return kernel if column < 2 else kernel[:, ::-1]


def _turned(kernel):
    return next(turned for turned in (np.rot90(kernel, k) for k in range(4)) if np.argmax(turned) == 5)


def _rolled(kernel):
    row, column = np.unravel_index(np.argmax(kernel), kernel.shape)
    return np.roll(kernel, (1 - row, 1 - column), axis=(0, 1))


aligned = Function(
    "ex-wf-aligned",
    "a 4 × 4 kernel mirrored so that its largest weight lies in the upper left quarter: ``answer(kernel)``",
    calls=_kernels,
    truth=_mirrored,
    mistakes=lambda right, kernel: {
        "nothing was mirrored: the largest weight of some kernels lies elsewhere": kernel,
        "the rows are right, the columns are not mirrored": kernel if np.argmax(kernel) // 4 < 2 else kernel[::-1],
        "the columns are right, the rows are not mirrored": kernel if np.argmax(kernel) % 4 < 2 else kernel[:, ::-1],
        "this turns the kernel: a turned one has its rows for columns": _turned(kernel),
        "a window has edges: shifting it around them puts weights next to each other that were not": _rolled(kernel),
        "the largest weight is in the lower right quarter now": right[::-1, ::-1],
    },
    otherwise="find the row and the column of the largest weight, and mirror each of the two if it is 2 or more",
    praise="for each of the four places",
)


def _estimates() -> list[tuple]:
    values = (0.01, 0.04, 0.045, -0.09, -0.07, 0.0, 0.2, 0.061, 0.034)
    errors = (0.01, 0.01, 0.002, 0.01, 0.02, 0.04, 0.09, 0.0055, 0.01)
    return list(zip(values, errors, (9, 9, 4, 9, 4, 9, 4, 4, 4), strict=True))


def _verdict(value: float, error: float, quantile: float) -> int:
    low, high = abs(value) - quantile * error, abs(value) + quantile * error
    return 1 if high < 0.05 else -1 if low > 0.05 else 0


def _wrong_verdicts(_, value, error, degrees) -> dict:
    size, reach = abs(value), stats.t.ppf(0.95, degrees) * error
    return {
        "not significant is not the same as equal: a large error hides any change": 1 if size < reach else -1,
        "a change can be significant and still too small to matter: compare with the margin, not with zero": (
            1 if size + reach < 0.05 else -1 if size > reach else 0
        ),
        "the interval is missing: this compares the value alone with the margin": 1 if size < 0.05 else -1,
        "with so few seeds the interval is Student's, wider than the normal one": (
            _verdict(value, error, stats.norm.ppf(0.95))
        ),
        "an interval of 90 % leaves 5 % on each side, not 10": _verdict(value, error, stats.t.ppf(0.90, degrees)),
        "changes can be negative": 1 if value + reach < 0.05 else -1 if value - reach > 0.05 else 0,
    }


verdict = Function(
    "ex-wf-verdict",
    "what a change says by its 90 % interval and the margin of 5 %: ``answer(value, error, degrees)``, 1 if it is "
    "zero within the margin, −1 if it is not, 0 if this is undecided",
    calls=_estimates,
    truth=lambda value, error, degrees: _verdict(value, error, stats.t.ppf(0.95, degrees)),
    mistakes=_wrong_verdicts,
    otherwise="inside the margins, outside, or neither: where is the whole interval?",
    praise="for nine estimates, with 4 and with 9 degrees of freedom",
)


def _strength(probabilities, degeneracy=(6, 8, 2)) -> float:
    """Return the most likely p of ∏ 2 cosh(p M): the mean of M tanh(p M) under the machine is that of the data."""
    M, count, seen = np.array([0.0, 2.0, 4.0]), np.array(degeneracy, dtype=float), np.asarray(probabilities)

    def slope(p):
        weight = count * np.cosh(p * M)
        return float((seen - weight / weight.sum()) @ (M * np.tanh(p * M)))

    return optimize.brentq(slope, 1e-6, 20.0)


strength = Function(
    "ex-wf-strength",
    "the most likely weight of a machine that sees one block: ``answer(probabilities)``, of the sum of its four spins "
    "to have the size 0, 2 and 4",
    calls=lambda: [(np.array([0.15, 0.35, 0.5]),), (np.array([0.2, 0.3, 0.5]),)],
    truth=_strength,
    mistakes=lambda right, probabilities: {
        "there are six ways to have the sum 0, eight to have ±2 and two to have ±4": _strength(
            probabilities, (1, 1, 1)
        ),
        "a sum of size 2 or 4 comes with both signs: eight ways and two, not four and one": _strength(
            probabilities, (6, 4, 1)
        ),
        "the hidden unit is summed over: a block has the weight cosh(p M), not exp(p |M|)": _exponential(probabilities),
        "this is p for a sum of the spins, and the mean of the spins was used": 4 * right,
    },
    otherwise="maximise the mean of ln cosh(p M), less the logarithm of the sum of cosh(p M) over the sixteen blocks",
    praise="and no chain was run",
    rtol=1e-4,
)


def _exponential(probabilities) -> float:
    M, count = np.array([0.0, 2.0, 4.0]), np.array([6.0, 8.0, 2.0])
    return optimize.brentq(
        lambda p: float(np.dot(probabilities, M) - count * np.exp(p * M) @ M / (count * np.exp(p * M)).sum()), -20, 20
    )


def _observed(answer) -> dict:
    """Let a flow of three levels run from hot and from critical lattices."""
    lattices = {"hot": 0.5 * CRITICAL_BETA, "critical": CRITICAL_BETA}
    made = {name: sample(32, beta, 400, algorithm="swendsen_wang", rng=7) for name, beta in lattices.items()}
    return {name: as_numbers(attempt(answer, spins, 3, 1), (3,)) for name, spins in made.items()}


def _machines(spins, n_levels, rng, *, sign=1, draw=ConvolutionalRBM.sample_hidden):
    rng, found = np.random.default_rng(rng), []
    for _ in range(n_levels):
        machine = ConvolutionalRBM(4, k=5, learning_rate=0.1, momentum=0.9, batch_size=20, n_epochs=8, rng=rng)
        found.append(sign * abs(machine.fit(spins).weights_.sum()))
        spins = draw(machine, spins, rng)
    return np.array(found)


flow = Trial(
    "ex-wf-flow",
    "a flow of machines: ``answer(spins, n_levels, rng)``, the sum of the aligning weights at each level",
    observe=_observed,
    right=lambda seen: (
        seen["hot"][2] < 0.5 * seen["hot"][0] and seen["critical"].min() > max(0.85 * seen["critical"].max(), 0)
    ),
    mistakes={
        "a sum is negative: with E = v·W·h it is −W that aligns, and the sign of a hidden layer is left to chance": (
            lambda seen: seen["critical"].min() < 0,
            lambda spins, n_levels, rng: _machines(spins, n_levels, rng, sign=-1),
        ),
        "from a hot lattice the sums do not fall: is each machine shown the hidden layer of the one before?": (
            lambda seen: seen["hot"][2] > 0.7 * seen["hot"][0],
            lambda spins, n_levels, rng: _machines(spins, n_levels, rng, draw=lambda machine, spins, rng: spins),
        ),
        "from a critical lattice the sums fall: were the next lattices drawn by the machine?": (
            lambda seen: seen["critical"][1] < 0.85 * seen["critical"][0],
            lambda spins, n_levels, rng: _machines(
                spins, n_levels, rng, draw=lambda machine, spins, rng: block_spin.decimate(spins, 2)
            ),
        ),
    },
    otherwise="from a critical lattice the three sums should be alike: take five sweeps and eight epochs of twenty "
    "steps, and draw the hidden units instead of taking their means",
    praise="from a hot lattice the weights fade, from a critical one they stay",
)
