"""Obvious versions of lattice operators, their site parts, and a convolutional machine's fields: loops and sums."""

import itertools
import math


def images(sites):
    """All distinct images under the square's symmetries, as sets of sites moved to the corner."""
    out = set()
    for flip, turns in itertools.product((False, True), range(4)):
        points = [(x, y) if flip else (y, x) for y, x in sites]
        for _ in range(turns):
            points = [(x, -y) for y, x in points]
        y0, x0 = min(y for y, _ in points), min(x for _, x in points)
        out.add(frozenset((y - y0, x - x0) for y, x in points))
    return out


def placed(sites, L):
    """The sites of every term on the torus, one list each."""
    return [
        [((Y + y) % L, (X + x) % L) for y, x in image]
        for image in images(sites)
        for Y, X in itertools.product(range(L), repeat=2)
    ]


def operator_sum(spins, sites):
    return sum(math.prod(int(spins[q]) for q in term) for term in placed(sites, len(spins)))


def site_sum(spins, sites, site):
    terms = placed(sites, len(spins))
    return sum(math.prod(int(spins[q]) for q in term) for term in terms if site in term)


def pseudo_likelihood(spins, operators, couplings):
    """Σ_i ln P(s_i | others) from the two energies of each spin."""
    total = 0.0
    L = len(spins)
    for site in itertools.product(range(L), repeat=2):
        weight = []
        for value in (spins[site], -spins[site]):
            changed = spins.copy()
            changed[site] = value
            exponent = sum(k * operator_sum(changed, sites) for k, sites in zip(couplings, operators, strict=True))
            weight.append(exponent)
        total -= math.log(1.0 + math.exp(weight[1] - weight[0]))
    return total


def window(A, B, k, stride, shift, L):
    """Sites seen by hidden unit (A, B), row by row."""
    return [[((stride * A + y - shift) % L, (stride * B + x - shift) % L) for x in range(k)] for y in range(k)]


def hidden_field(spins, weights, bias, stride, shift, A, B):
    seen = window(A, B, len(weights), stride, shift, len(spins))
    return bias + sum(weights[y][x] * int(spins[seen[y][x]]) for y in range(len(weights)) for x in range(len(weights)))


def visible_field(hidden, weights, bias, stride, shift, L, site):
    side, k, total = len(hidden), len(weights), bias
    for A, B in itertools.product(range(side), repeat=2):
        seen = window(A, B, k, stride, shift, L)
        total += sum(
            weights[y][x] * int(hidden[A, B]) for y, x in itertools.product(range(k), repeat=2) if seen[y][x] == site
        )
    return total
