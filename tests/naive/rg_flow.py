"""Obvious versions of one step of the RBM flow and of exact information."""

import itertools
import math

import numpy as np


def step_moments(rbm, v, mode):
    """Means <v'_i> and <v'_0 v'_i> after one step from ``v``, summing over every hidden state."""
    W, b, c = rbm.weights_, rbm.hidden_bias_, rbm.visible_bias_
    fields = [b[j] + sum(v[i] * W[i, j] for i in range(len(v))) for j in range(len(b))]
    if mode == "mean_field":
        hidden = [([-math.tanh(f) for f in fields], 1.0)]
    else:
        hidden = []
        for h in itertools.product((-1, 1), repeat=len(b)):
            probability = 1.0
            for unit, f in zip(h, fields, strict=True):
                probability *= math.exp(-unit * f) / (2 * math.cosh(f))
            hidden.append((h, probability))
    mean, pair = np.zeros(len(v)), np.zeros(len(v))
    for h, probability in hidden:
        m = np.array([-math.tanh(c[i] + sum(W[i, j] * h[j] for j in range(len(b)))) for i in range(len(v))])
        mean += probability * m
        pair += probability * np.where(np.arange(len(v)) == 0, 1.0, m[0] * m)
    return mean, pair


def environment_information(filters, joint):
    """I(h; environment) by plain loops; spin i of block state k is bit i."""
    n_block, n_hidden = filters.shape
    total = {}
    for k in range(1 << n_block):
        v = [1 if k >> i & 1 else -1 for i in range(n_block)]
        for h in itertools.product((-1, 1), repeat=n_hidden):
            probability = 1.0
            for j in range(n_hidden):
                field = sum(v[i] * filters[i, j] for i in range(n_block))
                probability *= math.exp(h[j] * field) / (math.exp(field) + math.exp(-field))
            for e in range(joint.shape[1]):
                total[h, e] = total.get((h, e), 0.0) + probability * joint[k, e]
    p_h, p_e = {}, {}
    for (h, e), p in total.items():
        p_h[h] = p_h.get(h, 0.0) + p
        p_e[e] = p_e.get(e, 0.0) + p
    return sum(p * math.log(p / (p_h[h] * p_e[e])) for (h, e), p in total.items() if p > 0)
