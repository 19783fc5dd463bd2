"""Small exact ensembles the machine tests train on, by enumeration."""

import numpy as np
from naive import machines as naive


def ising_probabilities(side, beta):
    """P(v) of all states of the periodic side x side Ising model, each bond once."""
    spins = naive.states(side * side).reshape(-1, side, side)
    bonds = (spins * np.roll(spins, 1, axis=1)).sum(axis=(1, 2)) + (spins * np.roll(spins, 1, axis=2)).sum(axis=(1, 2))
    weight = np.exp(beta * (bonds - bonds.max()))
    return weight / weight.sum()


def ising_samples(side, beta, n, rng):
    """Independent samples, int8 (n, side*side), drawn from the exact probabilities."""
    p = ising_probabilities(side, beta)
    return naive.states(side * side)[rng.choice(len(p), size=n, p=p)].astype(np.int8)


def entropy(p):
    """-sum p ln p: no model has a larger mean log-likelihood than minus this."""
    return float(-(p[p > 0] * np.log(p[p > 0])).sum())
