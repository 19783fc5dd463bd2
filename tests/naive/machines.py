"""Slow, obvious twins of the Boltzmann-machine kernels: Python integers, and sums over every state of every unit."""

import itertools
import math

import numpy as np

MASK32, MASK64 = 2**32 - 1, 2**64 - 1
GAMMA = 0x9E3779B97F4A7C15


def mix64(x):
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK64
    return x ^ (x >> 31)


def row_key(seed, call, row):
    return mix64((mix64((seed + call * GAMMA) & MASK64) + (row + 1) * GAMMA) & MASK64)


def bits(key, column):
    x = ((key & MASK32) + column * 0x9E3779B9) & MASK32
    x = ((x ^ (x >> 16)) * 0x21F0AAAD) & MASK32
    x = ((x ^ (x >> 15)) + (key >> 32)) & MASK32
    x = (x * 0xD35A2D97) & MASK32
    return x ^ (x >> 15)


def uniforms(seed, call, shape):
    """The float uniforms of a pass over ``shape`` (rows, units)."""
    rows, units = shape
    return np.array([[(bits(row_key(seed, call, r), j) >> 8) / 2**24 for j in range(units)] for r in range(rows)])


def probability_up(field):
    """P(unit = +1) for the field with which it enters the energy."""
    return 1.0 / (1.0 + math.exp(2.0 * field)) if field < 300 else 0.0


def states(n):
    """All states of n units; unit i is +1 if bit i of the row's number is set."""
    return np.array([[1 if (k >> i) & 1 else -1 for i in range(n)] for k in range(2**n)])


def energy(rbm, v, h):
    """E(v, h), term by term."""
    W, b, c = rbm.weights_, rbm.hidden_bias_, rbm.visible_bias_
    total = sum(b[j] * h[j] for j in range(len(b))) + sum(c[i] * v[i] for i in range(len(c)))
    return total + sum(v[i] * W[i, j] * h[j] for i, j in itertools.product(range(len(c)), range(len(b))))


def joint(rbm):
    """Energies of all (v, h), shape (2**n_visible, 2**n_hidden)."""
    V, H = (states(n) for n in rbm.weights_.shape)
    return np.array([[energy(rbm, v, h) for h in H] for v in V])


def pseudo_log_likelihood(rbm, v):
    """sum_i ln P(v_i | the other v) from sums over all hidden states."""
    hidden = states(rbm.weights_.shape[1])

    def weight(v):
        return sum(math.exp(-energy(rbm, v, h)) for h in hidden)

    total = 0.0
    for i in range(len(v)):
        flipped = v.copy()
        flipped[i] *= -1
        total += math.log(weight(v) / (weight(v) + weight(flipped)))
    return total


def update(parameters, velocity, gradient, momentum, step, l1, l2):
    """One ascent step with momentum and a soft threshold."""
    velocity = momentum * velocity + step * (gradient - l2 * parameters)
    moved = parameters + velocity
    return np.sign(moved) * np.maximum(np.abs(moved) - step * l1, 0.0), velocity
