"""Slow and obvious twins of what mlrg_lib.discussion computes."""

import itertools
import math

import numpy as np


def hop_counts(n_rates: int, n_steps: int) -> list[int]:
    """How many ways lead to each position after hops of equal rate, as exact integers."""
    counts = {0: 1}
    for _ in range(n_steps):
        after = {}
        for x, ways in counts.items():
            for hop in range(n_rates):
                after[x + hop] = after.get(x + hop, 0) + ways
        counts = after
    return [counts[x] for x in range(len(counts))]


def pair_operators(lattice, displacements) -> list[int]:
    L = len(lattice)
    sites = list(itertools.product(range(L), range(L)))
    sums = [sum(int(lattice[i][j]) for i, j in sites)]
    for a, b in displacements:
        sums.append(sum(int(lattice[i][j]) * int(lattice[(i + a) % L][(j + b) % L]) for i, j in sites))
    return sums


def clamped_sweep(lattice, free, up, uniform):
    """Redraw the free sites one after the other; ``uniform`` returns the next random number, ``up`` is by the sum."""
    L = len(lattice)
    for i, j in free:
        total = sum(int(lattice[x % L][y % L]) for x, y in [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)])
        lattice[i][j] = 1 if uniform() < up[total] else -1


def conditional_means(kept, seen, beta, displacements):
    """E[Φ | seen spins] of one small lattice by summing over the free spins."""
    L = len(seen)
    free = [(i, j) for i in range(L) for j in range(L) if not kept[i][j]]
    total, means = 0.0, np.zeros(1 + len(displacements))
    lattice = np.array(seen)
    for values in itertools.product((-1, 1), repeat=len(free)):
        for (i, j), value in zip(free, values, strict=True):
            lattice[i, j] = value
        operators = pair_operators(lattice, displacements)
        bonds = pair_operators(lattice, [(0, 1), (1, 0)])
        weight = math.exp(beta * (bonds[1] + bonds[2]))
        total += weight
        means += weight * np.array(operators)
    return means / total


def energy_counts(L: int) -> dict[int, int]:
    counts = {}
    for values in itertools.product((-1, 1), repeat=L * L):
        s = np.array(values).reshape(L, L)
        energy = -int((s * np.roll(s, 1, 0) + s * np.roll(s, 1, 1)).sum())
        counts[energy] = counts.get(energy, 0) + 1
    return counts


def chain_hamiltonian(n_sites: int, field: float) -> np.ndarray:
    """The transverse-field Ising chain as a product of 2 x 2 matrices."""
    x, z, one = np.array([[0, 1], [1, 0]]), np.diag([-1, 1]), np.eye(2)

    def product(factors):
        out = np.eye(1)
        for site in range(n_sites):
            out = np.kron(factors.get(site, one), out)
        return out

    total = np.zeros((2**n_sites, 2**n_sites))
    for site in range(n_sites):
        total -= product({site: z, (site + 1) % n_sites: z}) + field * product({site: x})
    return total


def chain_entropy(state: np.ndarray, block: int) -> float:
    """Entanglement entropy of the first spins of a pure state, from its singular values."""
    p = np.linalg.svd(state.reshape(-1, 2**block), compute_uv=False) ** 2
    p = p[p > 1e-300]
    return float(-(p * np.log(p)).sum())


def hopping_matrix(n_cells: int) -> np.ndarray:
    """The half-filled hopping ring on 2 n_cells sites a0 b0 a1 b1 …, from M = (1 − shift)/2."""
    H = np.zeros((2 * n_cells, 2 * n_cells))
    for i in range(n_cells):
        H[2 * i, 2 * i + 1] += 0.5
        H[2 * i, 2 * ((i - 1) % n_cells) + 1] -= 0.5
    return H + H.T
