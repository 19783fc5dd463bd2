"""Checkers of the exercises of the chapter on momentum shells."""

import numpy as np

from ..rg import momentum_shell as ms
from ._core import Function, Mistake, Verdict, exercise

__all__ = ["best_cut", "exponent", "factorial_amplitude", "flow", "inverse_nu", "sextic"]


def _polynomial(series, x):
    return np.polynomial.polynomial.polyval(x, series)


@exercise(
    "ex-momentum-shell-large-n",
    Function(
        lambda: [(1, 1.0), (2, 0.5), (50, 1.0), (1000, 0.1)],
        lambda n, epsilon: _polynomial(ms.epsilon_series("inverse_nu", n, 1), epsilon),
        [
            Mistake(lambda n, e: 1 / (2 - e * (n + 2) / (n + 8)), "this is ν itself: its inverse is asked"),
            Mistake(lambda n, e: 2 - e / 3, "this is one component: both loop constants depend on n"),
            Mistake(lambda n, e: 2 + e * (n + 2) / (n + 8), "the sign: fluctuations weaken the growth of the mass"),
            Mistake(lambda n, e: 2 - e, "this is the limit of many components"),
            Mistake(
                lambda n, e: 2 - e * (n + 8) / (n + 2), "upside down: the loop of the mass over that of the coupling"
            ),
            Mistake(
                lambda n, e: 4 - e * (n + 2) / (n + 8),
                "at the Gaussian point the mass grows with the square of lengths",
            ),
        ],
        "linearise the mass flow at the fixed point and keep first order",
        "it agrees with the first terms of the library's series",
    ),
)
def inverse_nu(answer: object) -> Verdict:
    """Check 1/ν to first order in ε for n components.

    Parameters
    ----------
    answer : callable
        ``answer(n, epsilon)`` returns 1/ν.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> inverse_nu(lambda n, epsilon: 2 - epsilon / 3)
    Not yet: this is one component: both loop constants depend on n.
    """


def _series() -> list[tuple]:
    made = [(ms.epsilon_series("nu"), 1.0), (ms.epsilon_series("omega"), 0.5)]
    return [*made, (np.array([1.0, -1.0, 0.5, 3.0, -40.0]), 1.0), (np.array([0.1, 2.0, -1.0, 1.1, 6.0]), 0.5)]


def _smallest(series, epsilon):
    """Add terms one by one and stop after the one that every other term exceeds."""
    sizes = [abs(c) * epsilon**k for k, c in enumerate(series)]
    last = min(range(1, len(sizes)), key=sizes.__getitem__)
    return sum(c * epsilon**k for k, c in enumerate(series) if k <= last)


def _terms(series, epsilon):
    return np.asarray(series) * epsilon ** np.arange(len(series))


def _cut(last, *, including=True):
    def wrong(series, epsilon):
        terms = _terms(series, epsilon)
        return terms[: last(terms, series) + including].sum()

    return wrong


@exercise(
    "ex-momentum-shell-optimal",
    Function(
        _series,
        _smallest,
        [
            Mistake(lambda c, e: _polynomial(c, e), "this still holds the large terms: where is a term smallest?"),
            Mistake(
                _cut(lambda t, c: 1 + int(np.argmin(np.abs(t[1:]))), including=False),
                "the smallest term itself is to be included",
            ),
            Mistake(
                _cut(lambda t, c: int(np.argmin(t[1:])) + 1),
                "smallest in size: negative terms are not small because of the sign",
            ),
            Mistake(
                _cut(lambda t, c: 1 + int(np.argmin(np.abs(c[1:])))),
                "compare whole terms: the power of ε belongs to them",
            ),
            Mistake(_cut(lambda t, c: 1), "this stops at first order, whatever the series says"),
            Mistake(
                _cut(lambda t, c: int(np.argmin(np.abs(t)))),
                "the constant is where one starts: look for the smallest after it",
            ),
        ],
        "list the sizes of all terms first",
        "the terms after the smallest are left out, and only they",
    ),
)
def best_cut(answer: object) -> Verdict:
    """Check the sum of an asymptotic series up to and including its smallest term.

    Parameters
    ----------
    answer : callable
        ``answer(series, epsilon)``, coefficients from order zero, returns the partial sum.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> best_cut(lambda series, epsilon: np.polynomial.polynomial.polyval(epsilon, series))
    Not yet: this still holds the large terms: where is a term smallest?
    """


def _sextic(r, u, d):
    """Read the coefficient off the velocity of the whole potential."""
    phi = np.linspace(-0.1, 0.1, 41)
    slope, curvature, potential = r * phi + u * phi**3, r + 3 * u * phi**2, r * phi**2 / 2 + u * phi**4 / 4
    velocity = ms.potential_flow(slope, curvature, potential, phi, d)
    return np.polynomial.polynomial.polyfit(phi**2, velocity, 6)[3]


def _third_power(r, u, d):
    return ms.shell_area(d) * (3 * u / (1 + r)) ** 3


@exercise(
    "ex-momentum-shell-potential",
    Function(
        lambda: [(0.1, 0.5, 3.0), (0.0, 0.3, 4.0), (-0.1, 0.2, 2.5)],
        _sextic,
        [
            Mistake(
                lambda *a: -_third_power(*a) / 6, "the sign: the third term of the logarithm's expansion is positive"
            ),
            Mistake(lambda *a: _third_power(*a) / 3, "the one-half in front of the logarithm is missing"),
            Mistake(lambda *a: _third_power(*a) / 2, "the expansion of the logarithm has a denominator in each term"),
            Mistake(
                lambda r, u, d: _third_power(0, u, d) / 6, "the mass is in the propagator too: expand about one plus r"
            ),
            Mistake(
                lambda *a: _third_power(*a) / 162, "the second derivative of the quartic term has a factor of three"
            ),
            Mistake(lambda r, u, d: (3 * u / (1 + r)) ** 3 / 6, "the density of waves in the shell is missing"),
        ],
        "expand the logarithm in the square of the field, to third order",
        "it is the term of sixth order in the flow of the whole potential",
        rtol=2e-3,
    ),
)
def sextic(answer: object) -> Verdict:
    """Check the coefficient of φ⁶ that one loop generates.

    Parameters
    ----------
    answer : callable
        ``answer(r, u, d)`` returns the coefficient of φ⁶ in the velocity of V.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> sextic(lambda r, u, d: 0.0).passed
    False
    """


_DIMENSIONS = [(2.0,), (3.0,), (4.0,)]


@exercise(
    "ex-momentum-shell-factorial",
    Function(
        lambda: _DIMENSIONS,
        lambda d: ms.amplitude(d) / 6,
        [
            Mistake(
                lambda d: ms.amplitude(d), "this is the constant of the essay's normalisation: change the coupling"
            ),
            Mistake(
                lambda d: 6 * ms.amplitude(d),
                "the other way: the new coupling is the larger one, for the same Hamiltonian",
            ),
            Mistake(
                lambda d: ms.amplitude(d) / 24,
                "the ratio of the two normalisations is not the factorial: one has a quarter",
            ),
            Mistake(
                lambda d: ms.amplitude(d) / 36, "the constant multiplies the square, but the equation is for one power"
            ),
            Mistake(lambda d: ms.amplitude(d) / 9, "the number of ways to close the loop is missing"),
            Mistake(
                lambda d: ms.amplitude(d) / 6 * (2 * np.pi) ** d, "each integral over wave vectors brings a power of 2π"
            ),
        ],
        "substitute the old coupling by the new one in its flow, and divide",
        "it is the constant that the books print",
    ),
)
def factorial_amplitude(answer: object) -> Verdict:
    """Check the constant A of the flow of a coupling that is divided by 4!.

    Parameters
    ----------
    answer : callable
        ``answer(d)`` returns the constant in d dimensions.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> from mlrg_lib.rg import momentum_shell
    >>> factorial_amplitude(momentum_shell.amplitude)
    Not yet: this is the constant of the essay's normalisation: change the coupling.
    """


def _one_loop(r, u, d, *, mass=1, sign=-1, power=2, linear=None):
    K = ms.shell_area(d)
    rest = (4 - d if linear is None else linear(d)) * u
    return np.array([2 * r + mass * 3 * K * u / (1 + r), rest + sign * 9 * K * u**2 / (1 + r) ** power])


@exercise(
    "ex-momentum-shell-flow",
    Function(
        lambda: [(0.1, 0.5, 3.0), (-0.2, 0.8, 2.5), (0.3, 0.2, 4.0)],
        lambda r, u, d: np.array(ms.flow(r, u, d)),
        [
            Mistake(lambda *a: _one_loop(*a, sign=1), "the loop must weaken the coupling: look at its sign"),
            Mistake(
                lambda *a: _one_loop(*a, mass=0, power=0),
                "two things are missing: the coupling feeds the mass, and the loops contain the mass",
            ),
            Mistake(lambda *a: _one_loop(*a, mass=0), "the coupling feeds the mass as well: the essay leaves that out"),
            Mistake(lambda *a: _one_loop(*a, mass=-1), "the loop makes the mass larger: look at its sign"),
            Mistake(lambda *a: _one_loop(*a, power=1), "the loop of the coupling has two propagators"),
            Mistake(lambda *a: _one_loop(*a, power=0), "the propagators contain the mass"),
            Mistake(
                lambda *a: _one_loop(*a, linear=lambda d: d),
                "the field is rescaled too, so that the gradient keeps its factor",
            ),
            Mistake(lambda *a: _one_loop(*a)[::-1], "the order: first the mass, then the coupling"),
        ],
        "two terms for each: one from rescaling, one from the loop",
        "this is the flow of the chapter, and of the live figure",
    ),
)
def flow(answer: object) -> Verdict:
    """Check the velocities of mass and coupling at one loop.

    Parameters
    ----------
    answer : callable
        ``answer(r, u, d)`` returns dr/dl and du/dl.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> from mlrg_lib.rg import momentum_shell
    >>> flow(lambda r, u, d: momentum_shell.flow(r, u, d)[::-1])
    Not yet: the order: first the mass, then the coupling.
    """


@exercise(
    "ex-momentum-shell-exponent",
    Function(
        lambda: [(2.0, 2.0), (1.7, 2.0), (2.6, 1.5), (0.6, 3.0)],
        lambda eigenvalue, b: np.log(eigenvalue) / np.log(b),
        [
            Mistake(
                lambda x, b: np.log(x),
                "this is the growth in one step: a step with another b would give another exponent",
            ),
            Mistake(lambda x, b: x, "this is the factor of one step, not yet an exponent"),
            Mistake(lambda x, b: np.log2(x), "this assumes a step of two"),
            Mistake(lambda x, b: np.log(b) / np.log(x), "this is the inverse, an exponent like ν"),
            Mistake(lambda x, b: np.log(x) / b, "divide by the logarithm of the scale, not by the scale"),
            Mistake(lambda x, b: x / b, "a power law: b to the exponent is the factor"),
        ],
        "after two steps the factor is squared, and so is the scale: the exponent must stay",
        "two steps give the same exponent as one",
    ),
)
def exponent(answer: object) -> Verdict:
    """Check the exponent that belongs to an eigenvalue of a renormalization step by a factor b.

    Parameters
    ----------
    answer : callable
        ``answer(eigenvalue, b)`` returns y.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import math
    >>> exponent(lambda eigenvalue, b: math.log2(eigenvalue))
    Not yet: this assumes a step of two.
    """
