"""The exercises of the chapter on momentum shells."""

import numpy as np

from ..rg import momentum_shell as ms
from ._core import Function

__all__ = ["flow", "factorial_amplitude", "exponent", "inverse_nu", "best_cut", "sextic"]


inverse_nu = Function(
    "ex-momentum-shell-large-n",
    "1/ν to first order in ε for n components: ``answer(n, epsilon)``",
    calls=lambda: [(1, 1.0), (2, 0.5), (50, 1.0), (1000, 0.1)],
    truth=lambda n, epsilon: ms.epsilon_series("inverse_nu", n, 1) @ [1, epsilon],
    mistakes=lambda y, n, epsilon: {
        "this is ν itself: its inverse is asked": 1 / y,
        "this is one component: both loop constants depend on n": 2 - epsilon / 3,
        "the sign: fluctuations weaken the growth of the mass": 4 - y,
        "this is the limit of many components": 2 - epsilon,
        "upside down: the loop of the mass over that of the coupling": 2 - epsilon * (n + 8) / (n + 2),
        "at the Gaussian point the mass grows with the square of lengths": y + 2,
    },
    otherwise="linearise the mass flow at the fixed point and keep first order",
    praise="it agrees with the first terms of the library's series",
)


def _series() -> list[tuple]:
    made = [(ms.epsilon_series("nu"), 1.0), (ms.epsilon_series("omega"), 0.5)]
    return [*made, (np.array([1.0, -1.0, 0.5, 3.0, -40.0]), 1.0), (np.array([0.1, 2.0, -1.0, 1.1, 6.0]), 0.5)]


def _smallest(series, epsilon):
    """Add terms one by one and stop after the one that every other term exceeds."""
    sizes = [abs(c) * epsilon**k for k, c in enumerate(series)]
    last = min(range(1, len(sizes)), key=sizes.__getitem__)
    return sum(c * epsilon**k for k, c in enumerate(series) if k <= last)


def _wrong_cuts(_, series, epsilon) -> dict:
    terms = series * epsilon ** np.arange(len(series))
    sums = np.cumsum(terms)
    return {
        "this still holds the large terms: where is a term smallest?": sums[-1],
        "the smallest term itself is to be included": sums[np.argmin(np.abs(terms[1:]))],
        "smallest in size: negative terms are not small because of the sign": sums[1 + np.argmin(terms[1:])],
        "compare whole terms: the power of ε belongs to them": sums[1 + np.argmin(np.abs(series[1:]))],
        "this stops at first order, whatever the series says": sums[1],
        "the constant is where one starts: look for the smallest after it": sums[np.argmin(np.abs(terms))],
    }


best_cut = Function(
    "ex-momentum-shell-optimal",
    "the sum of an asymptotic series up to and including its smallest term: ``answer(series, epsilon)``, coefficients "
    "from order zero",
    calls=_series,
    truth=_smallest,
    mistakes=_wrong_cuts,
    otherwise="list the sizes of all terms first",
    praise="the terms after the smallest are left out, and only they",
)


def _sextic(r, u, d):
    """Read the coefficient off the velocity of the whole potential."""
    phi = np.linspace(-0.1, 0.1, 41)
    slope, curvature, potential = r * phi + u * phi**3, r + 3 * u * phi**2, r * phi**2 / 2 + u * phi**4 / 4
    velocity = ms.potential_flow(slope, curvature, potential, phi, d)
    return np.polynomial.polynomial.polyfit(phi**2, velocity, 6)[3]


sextic = Function(
    "ex-momentum-shell-potential",
    "the coefficient of φ⁶ that one loop generates in the velocity of V: ``answer(r, u, d)``",
    calls=lambda: [(0.1, 0.5, 3.0), (0.0, 0.3, 4.0), (-0.1, 0.2, 2.5)],
    truth=_sextic,
    mistakes=lambda c, r, u, d: {
        "the sign: the third term of the logarithm's expansion is positive": -c,
        "the one-half in front of the logarithm is missing": 2 * c,
        "the expansion of the logarithm has a denominator in each term": 3 * c,
        "the mass is in the propagator too: expand about one plus r": c * (1 + r) ** 3,
        "the second derivative of the quartic term has a factor of three": c / 27,
        "the density of waves in the shell is missing": c / ms.shell_area(d),
    },
    otherwise="expand the logarithm in the square of the field, to third order",
    praise="it is the term of sixth order in the flow of the whole potential",
    rtol=2e-3,
)


factorial_amplitude = Function(
    "ex-momentum-shell-factorial",
    "the constant A of the flow of a coupling that is divided by 4!: ``answer(d)`` in d dimensions",
    calls=lambda: [(2.0,), (3.0,), (4.0,)],
    truth=lambda d: ms.amplitude(d) / 6,
    mistakes=lambda a, d: {
        "this is the constant of the essay's normalisation: change the coupling": 6 * a,
        "the other way: the new coupling is the larger one, for the same Hamiltonian": 36 * a,
        "the ratio of the two normalisations is not the factorial: one has a quarter": a / 4,
        "the constant multiplies the square, but the equation is for one power": a / 6,
        "the number of ways to close the loop is missing": a / 1.5,
        "each integral over wave vectors brings a power of 2π": a * (2 * np.pi) ** d,
    },
    otherwise="substitute the old coupling by the new one in its flow, and divide",
    praise="it is the constant that the books print",
)


def _wrong_flows(velocity, r, u, d) -> dict:
    mass, coupling = np.diag(velocity - np.array([2 * r, (4 - d) * u]))  # the loops
    bare = coupling * (1 + r) ** 2
    return {
        "the loop must weaken the coupling: look at its sign": velocity - 2 * coupling,
        "two things are missing: the coupling feeds the mass, and the loops contain the mass": (
            velocity - mass - coupling + bare
        ),
        "the coupling feeds the mass as well: the essay leaves that out": velocity - mass,
        "the loop makes the mass larger: look at its sign": velocity - 2 * mass,
        "the loop of the coupling has two propagators": velocity + r * coupling,
        "the propagators contain the mass": velocity - coupling + bare,
        "the field is rescaled too, so that the gradient keeps its factor": velocity + np.array([0, (2 * d - 4) * u]),
        "the order: first the mass, then the coupling": velocity[::-1],
    }


flow = Function(
    "ex-momentum-shell-flow",
    "the velocities of mass and coupling at one loop: ``answer(r, u, d)`` returns dr/dl and du/dl",
    calls=lambda: [(0.1, 0.5, 3.0), (-0.2, 0.8, 2.5), (0.3, 0.2, 4.0)],
    truth=ms.flow,
    mistakes=_wrong_flows,
    otherwise="two terms for each: one from rescaling, one from the loop",
    praise="this is the flow of the chapter, and of the live figure",
)


exponent = Function(
    "ex-momentum-shell-exponent",
    "the exponent y that belongs to an eigenvalue of a renormalization step by a factor b: ``answer(eigenvalue, b)``",
    calls=lambda: [(2.0, 2.0), (1.7, 2.0), (2.6, 1.5), (0.6, 3.0)],
    truth=lambda eigenvalue, b: np.log(eigenvalue) / np.log(b),
    mistakes=lambda y, eigenvalue, b: {
        "this is the growth in one step: a step with another b would give another exponent": np.log(eigenvalue),
        "this is the factor of one step, not yet an exponent": eigenvalue,
        "this assumes a step of two": np.log2(eigenvalue),
        "this is the inverse, an exponent like ν": 1 / y,
        "divide by the logarithm of the scale, not by the scale": np.log(eigenvalue) / b,
        "a power law: b to the exponent is the factor": eigenvalue / b,
    },
    otherwise="after two steps the factor is squared, and so is the scale: the exponent must stay",
    praise="two steps give the same exponent as one",
)
