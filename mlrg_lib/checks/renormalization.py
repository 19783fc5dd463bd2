"""The exercises of the chapter on the renormalization group."""

import numpy as np

from ..rg import decimation, recursions
from ._core import Function, Value

__all__ = ["third", "exponent", "exponent_of_temperatures", "three_dimensions"]

third = Function(
    "ex-rg-third",
    "the coupling of a chain of which every third spin is kept: ``answer(K)``",
    calls=lambda: [(0.3,), (0.9,), (1.6,)],
    truth=lambda K: decimation.chain_coupling(K, 3),
    mistakes=lambda coupling, K: {
        "this is tanh K′: solve for K′ itself": np.tanh(K) ** 3,
        "this keeps every second spin: two spins go, and three bonds are in between": decimation.chain_coupling(K, 2),
        "two steps that keep every second spin keep every fourth": decimation.chain_coupling(K, 4),
        "dividing by the number of bonds would be right for lengths, not for couplings": K / 3,
        "the power belongs to tanh K, not to K": K**3,
    },
    otherwise="write each bond as cosh K (1 + v v′ tanh K) and sum over the two spins between",
    praise="and the correlation length is a third of what it was",
)


def _cubic(K):
    return 0.4 * K + 1.2 * K**2


def _recursions() -> list[tuple]:
    moved = recursions.migdal_kadanoff
    return [(moved, 2, 0.1, 1.0), (lambda K: moved(K, 3), 3, 0.1, 1.0), (_cubic, 2, 0.2, 1.0)]


def _slope(rule, low, high) -> tuple[float, float]:
    point = recursions.fixed_point(rule, (low, high), b=np.e)
    return point.coupling, float(np.exp(point.y_t))


def _wrong_exponents(y_t, rule, b, low, high) -> dict:
    coupling, slope = _slope(rule, low, high)
    return {
        "this is the slope: the exponent is its logarithm to the base b": slope,
        "the logarithm has the wrong base: a step changes lengths by b, not by e": np.log(slope),
        "this is ν: the exponent asked is its inverse": 1 / y_t,
        "this is where the fixed point is: the slope there is wanted": coupling,
        "the base of the logarithm is b, not 2": np.log2(slope),
    }


exponent = Function(
    "ex-rg-exponent",
    "the exponent y_t of a recursion at its unstable fixed point: ``answer(rule, b, low, high)``, where ``rule(K)`` is "
    "K′, ``b`` the change of scale, and the fixed point lies between ``low`` and ``high``",
    calls=_recursions,
    truth=lambda rule, b, low, high: recursions.fixed_point(rule, (low, high), b=b).y_t,
    mistakes=_wrong_exponents,
    otherwise="find K with K′(K) = K first, then the slope of K′ there",
    praise="on three recursions, with b = 2 and b = 3",
    rtol=1e-4,
)


def _temperatures() -> list[tuple]:
    return [(np.array([2.30, 2.35, 2.42]), 2.28, 2), (np.array([2.2, 2.1, 1.7]), 2.25, 3)]


def _wrong_logarithms(y_t, T, T_critical, b) -> dict:
    away = T - T_critical
    return {
        "this compares temperatures: what grows by a factor is the distance from T_c": np.log(T[2] / T[1]) / np.log(b),
        "the spins are not yet blocks: compare blocks with blocks of blocks": np.log(away[1] / away[0]) / np.log(b),
        "two steps are one step of b²: this is twice the exponent if they are counted as one": np.log(away[2] / away[0])
        / np.log(b),
        "the logarithm has the wrong base: a step changes lengths by b": np.log(away[2] / away[1]),
        "upside down: the distance grows": -y_t,
    }


exponent_of_temperatures = Function(
    "ex-rg-logarithm",
    "y_t from the temperatures of spins, blocks and blocks of blocks: ``answer(T, T_critical, b)`` with ``T`` of "
    "shape (3,)",
    calls=_temperatures,
    truth=lambda T, T_critical, b: float(np.log((T[2] - T_critical) / (T[1] - T_critical)) / np.log(b)),
    mistakes=_wrong_logarithms,
    otherwise="a step multiplies the distance from T_c by b to the power y_t",
    praise="above and below the critical temperature, with b = 2 and b = 3",
)


def _three_dimensions(d: int = 3) -> float:
    return recursions.fixed_point(lambda K: recursions.migdal_kadanoff(K, 2, d), (0.001, 0.3), b=2).y_t


three_dimensions = Value(
    "ex-rg-dimensions",
    "y_t of the recursion of Migdal and Kadanoff with b = 2 in three dimensions: one number",
    truth=_three_dimensions,
    mistakes=lambda y_t: {
        "this is the value in two dimensions: pass d = 3": recursions.fixed_point(
            recursions.migdal_kadanoff, (0.1, 1.0), b=2
        ).y_t,
        "this is the slope: take its logarithm to the base b": 2**y_t,
        "the logarithm has the wrong base: a step changes lengths by 2": y_t * np.log(2),
        "this is ν: y_t is its inverse": 1 / y_t,
        "this is the value in four dimensions": _three_dimensions(4),
    },
    otherwise="find the unstable fixed point between 0.001 and 0.3, then the slope there",
    praise="the exact value is near 1.59: moving bonds gets worse as the dimension grows",
    rtol=1e-3,
)
