"""Checkers of the exercises of the chapter on restricted Boltzmann machines."""

import numpy as np

from ..machines import RBM
from ..rg import variational
from ._core import Function, Mistake, Refusal, Trial, Verdict, as_numbers, attempt, exercise, refuse

__all__ = ["draw_hidden", "free_energy", "gauge", "hidden_field", "weight_direction"]


def _parameters(seed: int = 3, n_visible: int = 5, n_hidden: int = 3):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.7, (n_visible, n_hidden)), rng.normal(0, 0.5, n_hidden), rng.normal(0, 0.5, n_visible)


def _field_by_enumeration(b: float, w: float) -> float:
    machine = RBM.from_parameters(np.full((2, 1), w), np.array([b]))
    return variational.couplings(machine.free_energy(variational.configurations(2))).ferro(0)


def _log_ratio(b, w, legs):
    return np.log(np.cosh(b + legs * w) / np.cosh(b - legs * w))


@exercise(
    "ex-rbm-bias",
    Function(
        lambda: [(0.4, 0.7), (-0.3, 0.5), (1.1, -0.6), (0.2, 1.3)],
        _field_by_enumeration,
        [
            Mistake(lambda b, w: _log_ratio(b, w, 2) / 2, "half of this: four states share the projection, not two"),
            Mistake(lambda b, w: _log_ratio(b, w, 1) / 4, "two equal spins push with both legs at once"),
            Mistake(lambda b, w: w * np.tanh(b), "this is the first order in w: all orders can be had in closed form"),
            Mistake(
                lambda b, w: -_log_ratio(b, w, 2) / 4, "the sign: this is the coefficient in F, the field is in −F"
            ),
            Mistake(
                lambda b, w: np.log(np.cosh(b + 2 * w) * np.cosh(b - 2 * w) / np.cosh(b) ** 2) / 4,
                "this is the coupling of the pair: project on one spin alone",
            ),
        ],
        "multiply ln 2cosh by the first spin and average over its four states",
        "it is the field that a sum over all states gives",
    ),
)
def hidden_field(answer: object) -> Verdict:
    """Check the field that a hidden unit with bias b and two legs w makes on a visible spin.

    Parameters
    ----------
    answer : callable
        ``answer(b, w)`` returns the coefficient of v₁ in −F.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> hidden_field(lambda b, w: w * np.tanh(b))
    Not yet: this is the first order in w: all orders can be had in closed form.
    """


def _judge_gauge(answer) -> str:
    refuse("hand in the function itself, without calling it", not callable(answer))
    weights, b, c = _parameters()
    try:
        new_weights, new_b = attempt(answer, weights, b, 1)
    except (TypeError, ValueError):
        raise Refusal("return two things: the new weights and the new hidden biases") from None
    new_weights, new_b = as_numbers(new_weights, weights.shape), as_numbers(new_b, b.shape)
    states = variational.configurations(len(c))
    before = RBM.from_parameters(weights, b, c).free_energy(states)
    after = RBM.from_parameters(new_weights, new_b, c).free_energy(states)
    refuse("nothing has changed", np.allclose(weights, new_weights) and np.allclose(b, new_b))
    if np.allclose(after, before, atol=1e-10):
        column = np.flatnonzero(np.abs(new_weights - weights).max(axis=0) > 1e-12)
        refuse("this leaves P(v) alone, but another unit than the one asked for has changed", column.tolist() != [1])
        return "P(v) is the same, state by state"
    refuse("the bias of the unit has kept its sign, while its weights have not", np.allclose(b, new_b))
    refuse("the weights of the unit have kept their sign", np.allclose(weights, new_weights))
    refuse("the wrong direction: a hidden unit is a column of W", _rows(weights, new_weights))
    raise Refusal("P(v) has changed: the argument of the even function must change its sign as a whole")


def _rows(old, new) -> bool:
    return len(np.flatnonzero(np.abs(new - old).max(axis=1) > 1e-12)) == 1


def _turned(weights, b, k, *, column=True, bias=True):
    weights, b = weights.copy(), b.copy()
    if column:
        weights[:, k] *= -1
    if bias:
        b[k] *= -1
    return weights, b


def _row_turned(weights, b, k):
    weights, b = weights.copy(), b.copy()
    weights[k] *= -1
    b[k] *= -1
    return weights, b


@exercise(
    "ex-rbm-gauge",
    Trial(
        _judge_gauge,
        [
            Mistake(lambda w, b, k: (w, b), "nothing has changed"),
            Mistake(
                lambda w, b, k: _turned(w, b, k, bias=False),
                "the bias of the unit has kept its sign, while its weights have not",
            ),
            Mistake(lambda w, b, k: _turned(w, b, k, column=False), "the weights of the unit have kept their sign"),
            Mistake(_row_turned, "the wrong direction: a hidden unit is a column of W"),
            Mistake(
                lambda w, b, k: (-w, -b),
                "this leaves P(v) alone, but another unit than the one asked for has changed",
            ),
        ],
    ),
)
def gauge(answer: object) -> Verdict:
    """Check a change of the parameters of one hidden unit that leaves P(v) as it is.

    Parameters
    ----------
    answer : callable
        ``answer(weights, hidden_bias, j)`` returns new weights and new hidden biases.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> gauge(lambda weights, hidden_bias, j: (weights, hidden_bias))
    Not yet: nothing has changed.
    """


def _statistics() -> list[tuple]:
    rng = np.random.default_rng(8)
    return [
        (
            np.sign(rng.normal(0.3, 1, (n, 4))),
            rng.uniform(-1, 1, (n, 4)),
            np.sign(rng.normal(0, 1, (n, 4))),
            rng.uniform(-1, 1, (n, 4)),
        )
        for n in (7, 12)
    ]


def _product(v, h):
    return v.T @ h / len(v)


def _direction(v0, h0, v1, h1):
    return _product(v1, h1) - _product(v0, h0)


@exercise(
    "ex-rbm-sign",
    Function(
        _statistics,
        _direction,
        [
            Mistake(
                lambda *a: -_direction(*a), "this is the update of the energy with a minus sign: it goes downhill here"
            ),
            Mistake(
                lambda *a: len(a[0]) * _direction(*a),
                "a sum over the batch: with a mean the step does not depend on its size",
            ),
            Mistake(
                lambda *a: -_product(a[0], a[1]), "only the data have been used: nothing keeps the weights from growing"
            ),
            Mistake(lambda *a: _direction(*a).T, "rows are visible units, columns are hidden ones"),
            Mistake(
                lambda v0, h0, v1, h1: (
                    np.outer(v1.mean(axis=0), h1.mean(axis=0)) - np.outer(v0.mean(axis=0), h0.mean(axis=0))
                ),
                "this multiplies two means: average the products instead",
            ),
        ],
        "differentiate −F(v) − ln Z with respect to one weight, with the signs of this chapter's energy",
        "this goes uphill with the energy of this chapter",
    ),
)
def weight_direction(answer: object) -> Verdict:
    """Check the uphill direction of the weights, from the units' statistics in the data and in the machine.

    Parameters
    ----------
    answer : callable
        ``answer(v_data, h_data, v_machine, h_machine)``, arrays of one sample a row, returns shape
        (n_visible, n_hidden).

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> weight_direction(lambda v_data, h_data, v_machine, h_machine: -v_data.T @ h_data / len(v_data))
    Not yet: only the data have been used: nothing keeps the weights from growing.
    """


def _free_energy_arguments() -> list[tuple]:
    weights, b, c = _parameters()
    return [(variational.configurations(5).astype(float), weights, b, c)]


def _brute_free_energy(V, weights, b, c):
    H = variational.configurations(len(b))
    energies = (V @ c)[:, None] + H @ b + V @ weights @ H.T
    return -np.log(np.exp(-energies).sum(axis=1))


def _softplus(x):
    return np.log1p(np.exp(x))


@exercise(
    "ex-rbm-units",
    Function(
        _free_energy_arguments,
        _brute_free_energy,
        [
            Mistake(
                lambda V, W, b, c: V @ c - _softplus(-(b + V @ W)).sum(axis=1),
                "the softplus sums over hidden states 0 and 1: here they are −1 and +1",
            ),
            Mistake(
                lambda V, W, b, c: -V @ c - _softplus(b + V @ W).sum(axis=1),
                "this is the free energy of the other convention, with units 0 and 1 and a minus sign in the energy",
            ),
            Mistake(
                lambda V, W, b, c: V @ c - np.log(np.cosh(b + V @ W)).sum(axis=1),
                "a constant is missing: a sum of two exponentials is twice a cosh",
            ),
            Mistake(
                lambda V, W, b, c: -V @ c - np.log(2 * np.cosh(b + V @ W)).sum(axis=1),
                "the sign of the visible biases: they stand in the energy with a plus",
            ),
            Mistake(
                lambda V, W, b, c: V @ c + np.log(2 * np.cosh(b + V @ W)).sum(axis=1),
                "the hidden part has the wrong sign: more states, lower free energy",
            ),
            Mistake(
                lambda V, W, b, c: V @ c - np.log(2 * np.cosh(b + 2 * V @ W)).sum(axis=1),
                "a factor of two in the argument: compare with the energy of one hidden unit",
            ),
            Mistake(
                lambda V, W, b, c: -_brute_free_energy(V, W, b, c), "this is ln of the weight: F has a minus in front"
            ),
        ],
        "sum e to the minus energy over one hidden unit that is +1 or −1, then multiply the units",
        "it equals the sum over all hidden states",
    ),
)
def free_energy(answer: object) -> Verdict:
    """Check F(v) of a machine with ±1 units against the sum over hidden states.

    Parameters
    ----------
    answer : callable
        ``answer(V, weights, hidden_bias, visible_bias)`` returns F of each row of ``V``.

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> free_energy(lambda V, W, b, c: V @ c - np.log(np.cosh(b + V @ W)).sum(axis=1))
    Not yet: a constant is missing: a sum of two exponentials is twice a cosh.
    """


_FIELDS = np.array([-1.5, -0.6, -0.2, 0.0, 0.3, 0.9])
_DRAWS = 20_000
_DRAW_HINTS = {
    "units": "the units must be −1 and +1: 0 and 1 belong to another energy",
    "means": "these are averages: draw the units, so that each is −1 or +1",
    "sign": "the units point the wrong way: with plus signs in the energy a positive field turns a unit down",
    "half": "the energy of a flip is twice the field: the logistic function wants that factor",
    "tanh": "a hyperbolic tangent is an average between −1 and 1, and it was used as a probability",
    "fixed": "the same field always gives the same unit: draw with the generator",
}


def _judge_draw(answer) -> str:
    refuse("hand in the function itself, without calling it", not callable(answer))
    fields = np.tile(_FIELDS, (_DRAWS, 1))
    h = as_numbers(attempt(answer, fields, np.random.default_rng(31)), fields.shape)
    refuse(_DRAW_HINTS["units"], set(np.unique(h)) <= {0.0, 1.0} and (h == 0).any())
    refuse(_DRAW_HINTS["means"], not (np.abs(h) == 1).all())
    mean, bound = h.mean(axis=0), 5 / np.sqrt(_DRAWS)
    right = -np.tanh(_FIELDS)
    if (np.abs(mean - right) < bound).all():
        return "the average of each unit is within its error of the exact one"
    refuse(_DRAW_HINTS["fixed"], (np.ptp(h, axis=0) == 0).all())
    refuse(_DRAW_HINTS["sign"], (np.abs(mean + right) < bound).all())
    refuse(_DRAW_HINTS["half"], any((np.abs(mean - s * np.tanh(_FIELDS / 2)) < bound).all() for s in (1, -1)))
    clipped = [2 * np.clip(s * np.tanh(_FIELDS), 0, 1) - 1 for s in (1, -1)]
    refuse(_DRAW_HINTS["tanh"], any((np.abs(mean - c) < bound).all() for c in clipped))
    raise Refusal("the averages are wrong: normalise the two weights of one unit")


def _draw(probability):
    return lambda a, rng: np.where(rng.random(a.shape) < probability(a), 1, -1)


def _logistic(x):
    return 1 / (1 + np.exp(-x))


@exercise(
    "ex-rbm-draw",
    Trial(
        _judge_draw,
        [
            Mistake(_draw(lambda a: np.tanh(a)), _DRAW_HINTS["tanh"]),
            Mistake(_draw(lambda a: _logistic(-a)), _DRAW_HINTS["half"]),
            Mistake(_draw(lambda a: _logistic(2 * a)), _DRAW_HINTS["sign"]),
            Mistake(lambda a, rng: (rng.random(a.shape) < _logistic(-2 * a)).astype(int), _DRAW_HINTS["units"]),
            Mistake(lambda a, rng: -np.tanh(a), _DRAW_HINTS["means"]),
            Mistake(lambda a, rng: np.where(a < 0, 1, -1), _DRAW_HINTS["fixed"]),
        ],
    ),
)
def draw_hidden(answer: object) -> Verdict:
    """Check a function that draws ±1 units from their fields, by the averages of 20,000 draws.

    Parameters
    ----------
    answer : callable
        ``answer(fields, rng)`` returns units of the shape of ``fields``, up with probability P(h = 1 | v).

    Returns
    -------
    Verdict
        Passed, or a hint.

    Examples
    --------
    >>> import numpy as np
    >>> draw_hidden(lambda fields, rng: -np.tanh(fields))
    Not yet: these are averages: draw the units, so that each is −1 or +1.
    """
