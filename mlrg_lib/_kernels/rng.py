"""Random numbers from a xoshiro256+ state in an array, ``uint64`` with a first axis of 4; its step is in ``words``."""

import math

import numpy as np

from ._compile import kernel
from .words import U32, step

_U11 = np.uint64(11)
_TO_UNIT = 1.0 / 9007199254740992.0  # 2**-53


@kernel
def next_uint64(state):
    """Advance ``state`` (uint64, shape (4,)) in place and return 64 random bits."""
    word, state[0], state[1], state[2], state[3] = step(state[0], state[1], state[2], state[3])
    return word


@kernel
def next_double(state):
    """Advance ``state`` in place and return a float64 uniform on [0, 1) with 53 random bits."""
    return (next_uint64(state) >> _U11) * _TO_UNIT


@kernel
def next_normals(state):
    """Advance ``state`` in place and return two independent standard normal numbers, by Box and Muller's method."""
    radius = math.sqrt(-2.0 * math.log(1.0 - next_double(state)))
    angle = 2.0 * math.pi * next_double(state)
    return radius * math.cos(angle), radius * math.sin(angle)


@kernel
def next_below(state, n):
    """Advance ``state`` in place and return an integer uniform on [0, n), for 1 <= n < 2**31.

    Multiply-shift of 32 bits: the bias is at most n / 2**32 per value.
    """
    return np.int64(((next_uint64(state) >> U32) * np.uint64(n)) >> U32)
