"""What all kernels on 64-bit words share: the random step, the hash, the number of set bits, the constants.

xoshiro256+ (Blackman & Vigna 2021): a state is four ``uint64`` words, not all zero; the API floors draw it from a NumPy
generator. Only the sum of the first and the last is used: taking a second word per step correlates successive words
and biases bit-parallel samplers. A kernel that draws often holds the four words in scalars, which go in and out of
:func:`step` one by one: an array in their place would be stored and loaded at every word, and where every lane of a
vector has a generator of its own, nothing but scalars is turned into vectors by the compiler.
"""

import math

import numpy as np

from ._compile import kernel

ZERO, ONE, ALL = np.uint64(0), np.uint64(1), np.uint64(0xFFFFFFFFFFFFFFFF)
TWO, FOUR, U6, U32, U56, U63 = np.uint64(2), np.uint64(4), np.uint64(6), np.uint64(32), np.uint64(56), np.uint64(63)
EVEN_BITS, PAIRS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
NIBBLES, OCTETS = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)
GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX1, _MIX2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_U27, _U30, _U31 = np.uint64(27), np.uint64(30), np.uint64(31)
_U17, _U19, _U45 = np.uint64(17), np.uint64(19), np.uint64(45)


@kernel
def step(a, b, c, d):
    """Return the next xoshiro256+ word and state."""
    w = a + d
    t = b << _U17
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    return w, a, b, c, (d << _U45) | (d >> _U19)


@kernel
def popcount(x):
    """Return the number of set bits, uint64; one instruction where the processor has it."""
    x = x - ((x >> ONE) & EVEN_BITS)
    x = (x & PAIRS) + ((x >> TWO) & PAIRS)
    return (((x + (x >> FOUR)) & NIBBLES) * OCTETS) >> U56


@kernel
def mix64(x):
    """Return the SplitMix64 scramble of a uint64."""
    x = (x ^ (x >> _U30)) * _MIX1
    x = (x ^ (x >> _U27)) * _MIX2
    return x ^ (x >> _U31)


@kernel
def fill_random(words, seed):
    """Fill uint64 (n,) with SplitMix64's stream; ``seed`` uint64 (1,) goes on from there."""
    for k in range(words.size):
        seed[0] += GAMMA
        words[k] = mix64(seed[0])


@kernel
def split(p, scale):
    """Return the whole part of ``p * scale`` and the fraction that remains, times 2**64, uint64 both.

    Exact for a probability and a power of two up to 2**32, but for the fraction's bits beyond the 64, which are cut.
    """
    scaled = p * scale
    whole = math.floor(scaled)
    return np.uint64(whole), np.uint64((scaled - whole) * 18446744073709551616.0)
