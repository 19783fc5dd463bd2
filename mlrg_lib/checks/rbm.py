"""The exercises of the chapter on restricted Boltzmann machines."""

from types import SimpleNamespace

import numpy as np

from ..machines import RBM
from ..rg import variational
from ._core import Function, Refusal, Trial, as_numbers, attempt

__all__ = ["hidden_field", "free_energy", "draw_hidden", "gauge", "weight_direction"]


def _parameters():
    rng = np.random.default_rng(3)
    return rng.normal(0, 0.7, (5, 3)), rng.normal(0, 0.5, 3), rng.normal(0, 0.5, 5)


def _field_by_enumeration(b: float, w: float) -> float:
    machine = RBM.from_parameters(np.full((2, 1), w), np.array([b]))
    return variational.couplings(machine.free_energy(variational.configurations(2))).ferro(0)


hidden_field = Function(
    "ex-rbm-bias",
    "the field that a hidden unit with bias b and two legs w makes on a visible spin: ``answer(b, w)`` returns the "
    "coefficient of v₁ in −F",
    calls=lambda: [(0.4, 0.7), (-0.3, 0.5), (1.1, -0.6), (0.2, 1.3)],
    truth=_field_by_enumeration,
    mistakes=lambda field, b, w: {
        "half of this: four states share the projection, not two": 2 * field,
        "two equal spins push with both legs at once": np.log(np.cosh(b + w) / np.cosh(b - w)) / 4,
        "this is the first order in w: all orders can be had in closed form": w * np.tanh(b),
        "the sign: this is the coefficient in F, the field is in −F": -field,
        "this is the coupling of the pair: project on one spin alone": (
            np.log(np.cosh(b + 2 * w) * np.cosh(b - 2 * w) / np.cosh(b) ** 2) / 4
        ),
    },
    otherwise="multiply ln 2cosh by the first spin and average over its four states",
    praise="it is the field that a sum over all states gives",
)


def _after_turning(answer) -> SimpleNamespace:
    weights, b, c = _parameters()
    try:
        new_weights, new_b = attempt(answer, weights, b, 1)
    except (TypeError, ValueError):
        raise Refusal("return two things: the new weights and the new hidden biases") from None
    new_weights, new_b = as_numbers(new_weights, weights.shape), as_numbers(new_b, b.shape)
    states = variational.configurations(len(c))
    before = RBM.from_parameters(weights, b, c).free_energy(states)
    after = RBM.from_parameters(new_weights, new_b, c).free_energy(states)
    changes = np.abs(new_weights - weights)
    return SimpleNamespace(
        same_weights=np.allclose(weights, new_weights),
        same_biases=np.allclose(b, new_b),
        same_p=np.allclose(after, before, atol=1e-10),
        columns=np.flatnonzero(changes.max(axis=0) > 1e-12).tolist(),
        rows=np.flatnonzero(changes.max(axis=1) > 1e-12).tolist(),
    )


def _turned(weights, b, k, *, part=(slice(None), 1), bias=-1):
    weights, b = weights.copy(), b.copy()
    weights[part] *= -1
    b[k] *= bias
    return weights, b


gauge = Trial(
    "ex-rbm-gauge",
    "a change of the parameters of one hidden unit that leaves P(v) as it is: ``answer(weights, hidden_bias, j)`` "
    "returns new weights and new hidden biases",
    observe=_after_turning,
    right=lambda seen: seen.same_p and seen.columns == [1],
    mistakes={
        "nothing has changed": (lambda seen: seen.same_weights and seen.same_biases, lambda w, b, k: (w, b)),
        "this leaves P(v) alone, but another unit than the one asked for has changed": (
            lambda seen: seen.same_p,
            lambda w, b, k: (-w, -b),
        ),
        "the bias of the unit has kept its sign, while its weights have not": (
            lambda seen: seen.same_biases,
            lambda w, b, k: _turned(w, b, k, bias=1),
        ),
        "the weights of the unit have kept their sign": (
            lambda seen: seen.same_weights,
            lambda w, b, k: _turned(w, b, k, part=slice(0)),
        ),
        "the wrong direction: a hidden unit is a column of W": (
            lambda seen: len(seen.rows) == 1,
            lambda w, b, k: _turned(w, b, k, part=k),
        ),
    },
    otherwise="P(v) has changed: the argument of the even function must change its sign as a whole",
    praise="P(v) is the same, state by state",
)


def _units(rng, n: int, mean: float) -> tuple[np.ndarray, np.ndarray]:
    return np.sign(rng.normal(mean, 1, (n, 4))), rng.uniform(-1, 1, (n, 4))


def _statistics() -> list[tuple]:
    rng = np.random.default_rng(8)
    return [(*_units(rng, n, 0.3), *_units(rng, n, 0.0)) for n in (7, 12)]


def _product_of_means(v, h):
    return np.outer(v.mean(axis=0), h.mean(axis=0))


weight_direction = Function(
    "ex-rbm-sign",
    "the uphill direction of the weights, from the units in the data and in the machine: "
    "``answer(v_data, h_data, v_machine, h_machine)``, one sample a row, returns shape (n_visible, n_hidden)",
    calls=_statistics,
    truth=lambda v0, h0, v1, h1: (v1.T @ h1 - v0.T @ h0) / len(v0),
    mistakes=lambda direction, v0, h0, v1, h1: {
        "this is the update of the energy with a minus sign: it goes downhill here": -direction,
        "a sum over the batch: with a mean the step does not depend on its size": len(v0) * direction,
        "only the data have been used: nothing keeps the weights from growing": -v0.T @ h0 / len(v0),
        "rows are visible units, columns are hidden ones": direction.T,
        "this multiplies two means: average the products instead": _product_of_means(v1, h1)
        - _product_of_means(v0, h0),
    },
    otherwise="differentiate −F(v) − ln Z with respect to one weight, with the signs of this chapter's energy",
    praise="this goes uphill with the energy of this chapter",
)


def _by_summing(V, weights, hidden_bias, visible_bias):
    H = variational.configurations(len(hidden_bias))
    energies = (V @ visible_bias)[:, None] + H @ hidden_bias + V @ weights @ H.T
    return -np.log(np.exp(-energies).sum(axis=1))


def _wrong_free_energies(F, V, weights, hidden_bias, visible_bias) -> dict:
    visible, a = V @ visible_bias, hidden_bias + V @ weights
    stiff = np.log(2 * np.cosh(a + V @ weights)).sum(axis=1)
    down, up = (np.log1p(np.exp(sign * a)).sum(axis=1) for sign in (-1, 1))
    return {
        "the softplus sums over hidden states 0 and 1: here they are −1 and +1": visible - down,
        "this is the free energy of the other convention, with units 0 and 1 and a minus sign in the energy": -visible
        - up,
        "a constant is missing: a sum of two exponentials is twice a cosh": F + a.shape[1] * np.log(2),
        "the sign of the visible biases: they stand in the energy with a plus": F - 2 * visible,
        "the hidden part has the wrong sign: more states, lower free energy": 2 * visible - F,
        "a factor of two in the argument: compare with the energy of one hidden unit": visible - stiff,
        "this is ln of the weight: F has a minus in front": -F,
    }


free_energy = Function(
    "ex-rbm-units",
    "F(v) of a machine with ±1 units, against the sum over hidden states: "
    "``answer(V, weights, hidden_bias, visible_bias)`` returns F of each row of ``V``",
    calls=lambda: [(variational.configurations(5).astype(float), *_parameters())],
    truth=_by_summing,
    mistakes=_wrong_free_energies,
    otherwise="sum e to the minus energy over one hidden unit that is +1 or −1, then multiply the units",
    praise="it equals the sum over all hidden states",
)


_FIELDS = np.array([-1.5, -0.6, -0.2, 0.0, 0.3, 0.9])
_DRAWS = 20_000


def _drawn(answer) -> SimpleNamespace:
    fields = np.tile(_FIELDS, (_DRAWS, 1))
    units = as_numbers(attempt(answer, fields, np.random.default_rng(31)), fields.shape)

    def near(mean):
        return (np.abs(units.mean(axis=0) - mean) < 5 / np.sqrt(_DRAWS)).all()

    return SimpleNamespace(units=units, signs=(np.abs(units) == 1).all(), near=near)


def _with_chance(probability):
    return lambda a, rng: np.where(rng.random(a.shape) < probability(a), 1, -1)


def _logistic(x):
    return 1 / (1 + np.exp(-x))


draw_hidden = Trial(
    "ex-rbm-draw",
    "a function that draws ±1 units from their fields, by the averages of 20,000 draws: ``answer(fields, rng)`` "
    "returns units of the shape of ``fields``, up with probability P(h = 1 | v)",
    observe=_drawn,
    right=lambda seen: seen.signs and seen.near(-np.tanh(_FIELDS)),
    mistakes={
        "the units must be −1 and +1: 0 and 1 belong to another energy": (
            lambda seen: set(np.unique(seen.units)) <= {0.0, 1.0} and (seen.units == 0).any(),
            lambda a, rng: (rng.random(a.shape) < _logistic(-2 * a)).astype(int),
        ),
        "these are averages: draw the units, so that each is −1 or +1": (
            lambda seen: not seen.signs,
            lambda a, rng: -np.tanh(a),
        ),
        "the same field always gives the same unit: draw with the generator": (
            lambda seen: (np.ptp(seen.units, axis=0) == 0).all(),
            lambda a, rng: np.where(a < 0, 1, -1),
        ),
        "the units point the wrong way: with plus signs in the energy a positive field turns a unit down": (
            lambda seen: seen.near(np.tanh(_FIELDS)),
            _with_chance(lambda a: _logistic(2 * a)),
        ),
        "the energy of a flip is twice the field: the logistic function wants that factor": (
            lambda seen: any(seen.near(sign * np.tanh(_FIELDS / 2)) for sign in (1, -1)),
            _with_chance(lambda a: _logistic(-a)),
        ),
        "a hyperbolic tangent is an average between −1 and 1, and it was used as a probability": (
            lambda seen: any(seen.near(2 * np.clip(sign * np.tanh(_FIELDS), 0, 1) - 1) for sign in (1, -1)),
            _with_chance(np.tanh),
        ),
    },
    otherwise="the averages are wrong: normalise the two weights of one unit",
    praise="the average of each unit is within its error of the exact one",
)
