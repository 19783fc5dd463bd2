"""Single lattices of ±1 spins: local updates in plain order, and sums over bonds.

A lattice is ``int8`` (L, L) on a torus; any L >= 2, and at L = 2 both neighbours along an axis are the same site.
Random words come from one xoshiro256+ state per chain, ``uint64`` (4,).
"""

from ._compile import kernel
from .rng import next_below, next_double


@kernel
def metropolis_sweeps(spins, accept, n_sweeps, states):
    """Advance each chain by ``n_sweeps`` Metropolis sweeps of L*L attempts at random sites.

    Modified in place: ``spins`` int8 (n_chains, L, L) and ``states`` uint64 (n_chains, 4). ``accept`` float64 (5,)
    holds the acceptance probability of a flip whose spin times neighbour sum is -4, -2, 0, 2, 4. A random word is
    drawn for each coordinate, and one more only where that probability is below one. Cost: about 10 ns an attempt.
    """
    n_chains, L, _ = spins.shape
    for c in range(n_chains):
        s = spins[c]
        state = states[c]
        for _ in range(n_sweeps * L * L):
            i = next_below(state, L)
            j = next_below(state, L)
            up, down = i - 1 if i > 0 else L - 1, i + 1 if i < L - 1 else 0
            left, right = j - 1 if j > 0 else L - 1, j + 1 if j < L - 1 else 0
            field = s[i, j] * (s[up, j] + s[down, j] + s[i, left] + s[i, right])
            p = accept[(field + 4) >> 1]
            if p >= 1.0 or next_double(state) < p:
                s[i, j] = -s[i, j]


@kernel
def heat_bath_sweeps(spins, p_up, n_sweeps, states):
    """Advance each chain by ``n_sweeps`` heat-bath sweeps in reading order.

    Modified in place: ``spins`` int8 (n_chains, L, L) and ``states`` uint64 (n_chains, 4). ``p_up`` float64 (5,) holds
    the probability of +1 for a neighbour sum of -4, -2, 0, 2, 4. One random word a site. Cost: about 5 ns a site.
    """
    n_chains, L, _ = spins.shape
    for c in range(n_chains):
        s = spins[c]
        state = states[c]
        for _ in range(n_sweeps):
            for i in range(L):
                up, down = i - 1 if i > 0 else L - 1, i + 1 if i < L - 1 else 0
                for j in range(L):
                    left, right = j - 1 if j > 0 else L - 1, j + 1 if j < L - 1 else 0
                    field = s[up, j] + s[down, j] + s[i, left] + s[i, right]
                    s[i, j] = 1 if next_double(state) < p_up[(field + 4) >> 1] else -1


@kernel
def bond_sums(sums, spins):
    """Write the sum over the 2 L*L bonds of each lattice into ``sums``, int64 (n_samples,).

    ``spins`` int8 (n_samples, L, L). Cost: about 0.1 ns a site.
    """
    n_samples, L, _ = spins.shape
    for n in range(n_samples):
        total = 0
        for i in range(L):
            row, below = spins[n, i], spins[n, i + 1 if i < L - 1 else 0]
            part = 0
            for j in range(L):
                part += row[j] * below[j]
            for j in range(L - 1):
                part += row[j] * row[j + 1]
            total += part + row[L - 1] * row[0]
        sums[n] = total


@kernel
def axis_correlations(sums, spins):
    """Write the sums over sites and both axes of s(x) s(x + r) into ``sums``, int64 (n_samples, L // 2 + 1).

    ``spins`` int8 (n_samples, L, L). Cost: L*L*L/2 products a lattice and axis, vectorised along a row.
    """
    n_samples, L, _ = spins.shape
    for n in range(n_samples):
        for r in range(L // 2 + 1):
            total = 0
            for i in range(L):
                row, other = spins[n, i], spins[n, (i + r) % L]
                part = 0
                for j in range(L):
                    part += row[j] * other[j]
                for j in range(L - r):
                    part += row[j] * row[j + r]
                for j in range(r):
                    part += row[L - r + j] * row[j]
                total += part
            sums[n, r] = total
