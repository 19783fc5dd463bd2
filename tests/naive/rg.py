"""Obvious versions of the exact renormalization functions: loops over lists of states, one formula a line."""

import itertools
import math

import numpy as np

from mlrg_lib._kernels.rng import next_double, next_uint64


def states(n):
    """All states as tuples; spin 0 changes fastest, down before up."""
    return [tuple(reversed(state)) for state in itertools.product((-1, 1), repeat=n)]


def subsets(n):
    return [sites for k in range(n + 1) for sites in itertools.combinations(range(n), k)]


def energy(terms, state):
    return sum(value * math.prod(state[i] for i in sites) for sites, value in terms.items())


def coupling(energies, n, sites):
    return sum(e * math.prod(v[i] for i in sites) for e, v in zip(energies, states(n), strict=True)) / 2**n


def ring_energy(n, beta, field=0.0):
    return [-sum(beta * v[i] * v[(i + 1) % n] + field * v[i] for i in range(n)) for v in states(n)]


def torus_energy(rows, columns, beta):
    out = []
    for v in states(rows * columns):
        total = 0
        for r in range(rows):
            for c in range(columns):
                here = v[r * columns + c]
                total += here * (v[r * columns + (c + 1) % columns] + v[(r + 1) % rows * columns + c])
        out.append(-beta * total)
    return out


def partition(energies):
    return sum(math.exp(-e) for e in energies)


def renormalized_energy(T, H):
    n_v, n_h = np.shape(T)
    return [-math.log(sum(math.exp(T[v][h] - H[v]) for v in range(n_v))) for h in range(n_h)]


def trace(T):
    return [sum(math.exp(x) for x in row) for row in T]


def kl(H, model):
    Z, Z_model = partition(H), partition(model)
    p, q = [math.exp(-e) / Z for e in H], [math.exp(-e) / Z_model for e in model]
    return sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))


def mutual_information(T, H):
    n_v, n_h = np.shape(T)
    joint = [[math.exp(T[v][h] - H[v]) for h in range(n_h)] for v in range(n_v)]
    Z = sum(map(sum, joint))
    p_v = [sum(row) / Z for row in joint]
    p_h = [sum(joint[v][h] for v in range(n_v)) / Z for h in range(n_h)]
    return sum(
        joint[v][h] / Z * math.log(joint[v][h] / Z / p_v[v] / p_h[h])
        for v in range(n_v)
        for h in range(n_h)
        if joint[v][h] > 0
    )


def rbm_energy(W, b, c):
    n_v, n_h = np.shape(W)
    return [
        [
            sum(b[j] * h[j] for j in range(n_h))
            + sum(c[i] * v[i] for i in range(n_v))
            + sum(v[i] * W[i][j] * h[j] for i in range(n_v) for j in range(n_h))
            for h in states(n_h)
        ]
        for v in states(n_v)
    ]


def kadanoff_transformation(n, blocks, p):
    out = []
    for v in states(n):
        m = [sum(v[i] for i in block) for block in blocks]
        normal = sum(math.log(2 * math.cosh(p * x)) for x in m)
        out.append([p * sum(a * x for a, x in zip(h, m, strict=True)) - normal for h in states(len(blocks))])
    return out


def block_totals(spins, b):
    side = len(spins) // b
    return [
        [sum(int(spins[b * r + i][b * c + j]) for i in range(b) for j in range(b)) for c in range(side)]
        for r in range(side)
    ]


def majority(spins, b, state):
    """The rule with the kernel's use of random words: one for 32 blocks of a row, highest bit first."""
    out = []
    for totals in block_totals(spins, b):
        row = []
        for k, total in enumerate(totals):
            if b % 2 == 0 and k % 32 == 0:
                word = int(next_uint64(state))
            if total == 0:
                row.append(1 if word >> (63 - k % 32) & 1 else -1)
            else:
                row.append(1 if total > 0 else -1)
        out.append(row)
    return out


def kadanoff(spins, b, p, state):
    return [
        [1 if next_double(state) < 1 / (1 + math.exp(-2 * p * total)) else -1 for total in totals]
        for totals in block_totals(spins, b)
    ]


def lower_bound_step(V, p):
    out = []
    for mu in states(4):
        total = 0.0
        for value, sigma in zip(V, states(4), strict=True):
            weight = math.exp(4 * value + p * sum(a * s for a, s in zip(mu, sigma, strict=True)))
            total += weight / (2 * math.cosh(p * sum(sigma)))
        out.append(math.log(total))
    return out
