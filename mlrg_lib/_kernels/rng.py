"""Random bits for the kernels: xoshiro256+ (Blackman & Vigna 2021), one independent state per stream.

A state is a ``uint64`` array whose first axis has length 4 and is not all zero; the API floors draw
it from a NumPy generator. Only the sum s0 + s3 is used: taking a second word per step correlates
successive words and biases bit-parallel samplers.
"""

import numpy as np

from ._compile import kernel

_U17, _U45, _U19 = np.uint64(17), np.uint64(45), np.uint64(19)
_U11, _U32 = np.uint64(11), np.uint64(32)
_TO_UNIT = 1.0 / 9007199254740992.0  # 2**-53


@kernel
def next_uint64(state):
    """Advance ``state`` (uint64, shape (4,)) in place and return 64 random bits."""
    out = state[0] + state[3]
    t = state[1] << _U17
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= t
    state[3] = (state[3] << _U45) | (state[3] >> _U19)
    return out


@kernel
def next_double(state):
    """Advance ``state`` in place and return a float64 uniform on [0, 1) with 53 random bits."""
    return (next_uint64(state) >> _U11) * _TO_UNIT


@kernel
def next_below(state, n):
    """Advance ``state`` in place and return an integer uniform on [0, n), for 1 <= n < 2**31.

    Multiply-shift of 32 bits: the bias is at most n / 2**32 per value.
    """
    return np.int64(((next_uint64(state) >> _U32) * np.uint64(n)) >> _U32)
