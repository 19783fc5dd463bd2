"""Kadanoff's block-spin operator on the 4 x 4 torus, exactly: 65536 states become four block spins of 2 x 2 sites.

The operator depends on the spins only through the four block sums, so the states are first gathered by those: 5**4
classes, after which every value of the operator's strength p costs 16 * 625 terms.
"""

import math

from .._compile import kernel
from ..walsh import walsh_hadamard

_CLASSES, _STATES = 625, 16


@kernel
def block_odds(odds, strength):
    """Set ``odds`` float64 (5,) to the probability of a block spin up, by the number of spins up in the block."""
    for up in range(5):
        odds[up] = 1.0 / (1.0 + math.exp(-2.0 * strength * (2 * up - 4)))


@kernel
def class_weights(weights, beta):
    """Set ``weights`` float64 (625,) to the sums of exp(beta Σ_<ij> s_i s_j) over states with given block sums.

    The class is Σ_a 5**a (S_a + 4) / 2 for the sums S_a of the blocks a = 2 * (block row) + (block column). Modified in
    place. Cost: 65536 * 32 bond terms, about 3 ms.
    """
    for k in range(_CLASSES):
        weights[k] = 0.0
    for state in range(1 << 16):
        bonds = sums = 0
        for i in range(16):
            y, x = i >> 2, i & 3
            spin = (state >> i) & 1
            right, down = (state >> (4 * y + ((x + 1) & 3))) & 1, (state >> (4 * ((y + 1) & 3) + x)) & 1
            bonds += 2 - 2 * ((spin ^ right) + (spin ^ down))
            block = 2 * (y >> 1) + (x >> 1)
            sums += spin * (1 if block == 0 else 5 if block == 1 else 25 if block == 2 else 125)
        weights[sums] += math.exp(beta * bonds)


@kernel
def renormalized(out, energies, odds, weights, strength):
    """Describe the four block spins at one strength p of the operator T = Σ_a [p h_a S_a - ln 2cosh(p S_a)].

    Modified in place: ``energies`` float64 (16,), H' of the states Σ_a 2**a (1 - h_a) / 2; the scratch ``odds`` (5,);
    and ``out`` (7,): the couplings of a nearest-neighbour and of a diagonal bond (on the 2 x 2 torus two spins share
    two of the former or four of the latter) and of the four spins together, positive if they favour alignment;
    ln Z' - ln Z; the same after dropping all but the constant and the nearest-neighbour bonds; the Kullback-Leibler
    divergence of that truncation in nats; and the mutual information of block spins and spins in nats.
    """
    total = conditional = 0.0
    block_odds(odds, strength)
    for k in range(_STATES):
        energies[k] = 0.0
    for c in range(_CLASSES):
        w = weights[c]
        m0, m1, m2, m3 = c % 5, (c // 5) % 5, (c // 25) % 5, c // 125
        total += w
        conditional += w * (_entropy(odds[m0]) + _entropy(odds[m1]) + _entropy(odds[m2]) + _entropy(odds[m3]))
        for k in range(_STATES):
            p = (1.0 - odds[m0]) if k & 1 else odds[m0]
            p *= (1.0 - odds[m1]) if k & 2 else odds[m1]
            p *= (1.0 - odds[m2]) if k & 4 else odds[m2]
            p *= (1.0 - odds[m3]) if k & 8 else odds[m3]
            energies[k] += w * p
    partition = entropy = 0.0
    for k in range(_STATES):
        partition += energies[k]
        p = energies[k] / total
        entropy -= p * math.log(p)
        energies[k] = -math.log(energies[k])
    walsh_hadamard(energies)
    constant, pair, diagonal = energies[0] / _STATES, energies[3] / _STATES, energies[6] / _STATES
    out[0], out[1], out[2] = -pair / 2, -diagonal / 4, -energies[15] / _STATES
    walsh_hadamard(energies)
    truncated = mean = 0.0
    for k in range(_STATES):
        energies[k] /= _STATES
        h0, h1, h2, h3 = 1 - 2 * (k & 1), 1 - (k & 2), 1 - (k & 4) // 2, 1 - (k & 8) // 4
        kept = constant + pair * (h0 * h1 + h0 * h2 + h1 * h3 + h2 * h3)
        truncated += math.exp(-kept)
        mean += math.exp(-energies[k]) / partition * (kept - energies[k])
    out[3] = math.log(partition / total)
    out[4] = math.log(truncated / total)
    out[5] = mean + math.log(truncated / partition)
    out[6] = entropy - conditional / total


@kernel
def _entropy(p):
    """Return the entropy in nats of a coin with probability ``p``."""
    if p <= 0.0 or p >= 1.0:
        return 0.0
    return -p * math.log(p) - (1.0 - p) * math.log(1.0 - p)
