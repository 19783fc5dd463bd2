"""Every update leaves the Boltzmann distribution alone: exactly, on the 512 states of the 3x3 torus, and in samples.

The transition matrices are built from the acceptance rules the kernels are given. That the kernels follow those rules,
word by word, is what the twins in test_ising_kernels check.
"""

import functools
from fractions import Fraction

import numba
import numpy as np
import pytest
from oracles import ising as oracle
from scipy.sparse.csgraph import connected_components
from scipy.stats import chi2

from mlrg_lib._kernels import multispin
from mlrg_lib.ising import CRITICAL_BETA, _engines, sample

L, SITES = 3, 9
STATES = 2**SITES
BETAS = [0.0, 0.3, 0.408, CRITICAL_BETA, 1.0]
ALGORITHMS = ["metropolis", "heat_bath", "wolff", "swendsen_wang"]
# each bond once: site, and its right or lower neighbour
BONDS = [(L * y + x, q) for y in range(L) for x in range(L) for q in (L * y + (x + 1) % L, L * ((y + 1) % L) + x)]


def engine(algorithm, beta, n_chains=1, side=L, seed=0):
    kind = _engines.Plain if n_chains < 64 else _engines.Multispin
    return kind(algorithm, side, beta, n_chains, "random", np.random.default_rng(seed), _engines.Pool(1))


def neighbour_sums():
    """Sum over the four neighbours of each site in each state, (STATES, SITES)."""
    s = oracle.all_states(L).astype(int)
    return sum(np.roll(s, shift, axis) for axis in (1, 2) for shift in (1, -1)).reshape(STATES, SITES)


def single_site_matrices(p_flip):
    """One matrix per site from the probability to flip it in each state, (STATES, SITES)."""
    matrices = []
    index = np.arange(STATES)
    for site in range(SITES):
        matrix = np.diag(1 - p_flip[:, site])
        matrix[index, index ^ (1 << site)] = p_flip[:, site]
        matrices.append(matrix)
    return matrices


def flip_probabilities(kind, beta):
    spins = oracle.all_states(L).reshape(STATES, SITES).astype(int)
    h = neighbour_sums()
    if kind == "metropolis":
        return engine("metropolis", beta)._table[(spins * h + 4) // 2]
    if kind == "heat_bath":
        up = engine("heat_bath", beta)._table[(h + 4) // 2]
        return np.where(spins > 0, 1 - up, up)
    algorithm = kind.removeprefix("bit-parallel ")
    thresholds = engine(algorithm, beta, 64)._thresholds
    ties, low, differs = thresholds[:, 0], thresholds[0, 1:], thresholds[1, 1:]
    bits = [low & np.uint64(1), (low ^ differs) & np.uint64(1)]
    p_low, p_high = (
        float(Fraction(sum(int(b) << k for k, b in enumerate(column)), 2**12) + Fraction(int(tie), 2**76))
        for column, tie in zip(bits, ties, strict=True)
    )
    if algorithm == "metropolis":
        return np.select([spins * h == 4, spins * h == 2], [p_low, p_high], 1.0)
    oppose = np.select([np.abs(h) == 4, np.abs(h) == 2], [p_low, p_high], 0.5)
    return np.where(spins * h >= 0, oppose, 1 - oppose)


def local_matrix(kind, beta):
    matrices = single_site_matrices(flip_probabilities(kind, beta))
    if kind == "metropolis":  # random sites
        return sum(matrices) / SITES
    return functools.reduce(np.matmul, matrices)  # reading order


@numba.njit
def count_components(ends, sites):
    """Number of connected components of every subset of the bonds."""
    counts = np.empty(2 ** len(ends), dtype=np.int64)
    label = np.empty(sites, dtype=np.int64)
    for subset in range(len(counts)):
        label[:] = np.arange(sites)
        count = sites
        for k in range(len(ends)):
            a, b = label[ends[k, 0]], label[ends[k, 1]]
            if subset >> k & 1 and a != b:
                label[label == b] = a
                count -= 1
        counts[subset] = count
    return counts


def satisfied_bonds():
    """Bit k of entry n: bond k joins equal spins in state n."""
    s = oracle.all_states(L).reshape(STATES, SITES)
    return sum((s[:, a] == s[:, b]).astype(np.int64) << k for k, (a, b) in enumerate(BONDS))


def bond_probability(beta):
    return engine("wolff", beta)._bond


def swendsen_wang_matrix(beta):
    """P(s to t) = sum over bond sets B satisfied in both of p^|B| (1-p)^(|S(s)|-|B|) 2^-components(B)."""
    p = bond_probability(beta)
    subsets = np.arange(2 ** len(BONDS))
    sizes = np.bitwise_count(subsets).astype(int)
    weight = (p / (1 - p)) ** sizes * 0.5 ** count_components(np.array(BONDS), SITES)
    for k in range(len(BONDS)):  # sum over all subsets of each set
        view = weight.reshape(-1, 2, 1 << k)
        view[:, 1] += view[:, 0]
    s = satisfied_bonds()
    return (1 - p) ** np.bitwise_count(s).astype(int)[:, None] * weight[s[:, None] & s[None, :]]


def wolff_matrix(beta):
    """P(s to t) where they differ by one cluster C: |C|/N P(C connects) (1-p)^(satisfied bonds leaving C)."""
    p = bond_probability(beta)
    ends = np.array(BONDS)
    one_end, other_end = (np.arange(STATES)[:, None] >> ends[:, k] & 1 for k in range(2))
    connected = np.zeros(STATES)
    for cluster in range(1, STATES):
        first = cluster & -cluster
        connected[cluster] = 1.0
        part = (cluster - 1) & cluster
        while part:  # the component of the first site is a proper part: nothing open between it and the rest
            if part & first:
                rest = cluster ^ part
                between = sum((part >> a & rest >> b | part >> b & rest >> a) & 1 for a, b in BONDS)
                connected[cluster] -= connected[part] * (1 - p) ** between
            part = (part - 1) & cluster
    satisfied = satisfied_bonds()
    matrix = np.zeros((STATES, STATES))
    for cluster in range(1, STATES):
        leaving = sum(1 << k for k in range(len(BONDS)) if one_end[cluster, k] != other_end[cluster, k])
        members = np.array([k for k in range(SITES) if cluster >> k & 1])
        bits = np.arange(STATES)[:, None] >> members & 1
        uniform = bits.min(axis=1) == bits.max(axis=1)
        open_out = np.bitwise_count(satisfied & leaving).astype(int)
        p_cluster = len(members) / SITES * connected[cluster] * (1 - p) ** open_out
        source = np.flatnonzero(uniform)
        matrix[source, source ^ cluster] = p_cluster[source]
    return matrix


BUILDERS = {kind: functools.partial(local_matrix, kind) for kind in ("metropolis", "heat_bath")}
BUILDERS |= {f"bit-parallel {kind}": functools.partial(local_matrix, f"bit-parallel {kind}") for kind in BUILDERS}
BUILDERS |= {"swendsen_wang": swendsen_wang_matrix, "wolff": wolff_matrix}


@pytest.mark.parametrize("kind", BUILDERS)
@pytest.mark.parametrize("beta", BETAS)
def test_boltzmann_is_stationary_and_reached_from_everywhere(kind, beta):
    if kind == "bit-parallel metropolis" and beta == 0:
        assert not _engines.is_multispin("metropolis", 16, beta, None)  # every flip would be accepted
        return
    matrix = BUILDERS[kind](beta)
    pi = oracle.boltzmann(L, beta)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-12)
    assert matrix.min() >= -1e-15
    np.testing.assert_allclose(pi @ matrix, pi, rtol=0, atol=1e-12)
    if kind == "bit-parallel metropolis":  # a fixed order leaves some states to themselves: not used on small lattices
        assert not any(_engines.is_multispin("metropolis", side, beta, None) for side in range(2, 6))
    else:
        assert connected_components(matrix > 1e-15, connection="strong")[0] == 1


def test_the_matrix_test_sees_a_wrong_rule():
    """Bonds at 1.001 beta, and 12-bit thresholds cut off instead of dithered."""
    pi = oracle.boltzmann(L, 0.4)
    assert np.abs(pi @ swendsen_wang_matrix(0.4004) - pi).max() > 1e-6
    cut = np.round(flip_probabilities("bit-parallel metropolis", 0.4) * 2**12 - 0.5) / 2**12
    cut[flip_probabilities("bit-parallel metropolis", 0.4) == 1] = 1
    matrix = functools.reduce(np.matmul, single_site_matrices(cut))
    assert np.abs(pi @ matrix - pi).max() > 1e-6


def chi_square(counts, probabilities):
    """P value of the counts, after pooling cells that expect fewer than 10."""
    expected = counts.sum() * probabilities
    order = np.argsort(expected)
    few = np.searchsorted(np.cumsum(expected[order]), 10) + 1
    pooled, rest = order[:few], order[few:]
    observed = np.append(counts[rest], counts[pooled].sum())
    wanted = np.append(expected[rest], expected[pooled].sum())
    return chi2.sf(np.sum((observed - wanted) ** 2 / wanted), len(wanted) - 1)


def state_index(spins):
    flat = spins.reshape(len(spins), -1) > 0
    return flat @ (1 << np.arange(flat.shape[1]))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(("side", "beta"), [(2, 0.3), (3, 0.408), (3, 0.0), (4, CRITICAL_BETA)])
def test_samples_follow_the_boltzmann_distribution(algorithm, side, beta):
    """Independent chains; all 16, 512 states, or at side 4 the classes of energy and |magnetization|."""
    n = 40_000
    spins = sample(side, beta, n, algorithm=algorithm, n_chains=n, burn_in=100, thin=1, rng=7)
    states, p = oracle.all_states(side), oracle.boltzmann(side, beta)
    if side < 4:
        counts = np.bincount(state_index(spins), minlength=len(p))
    else:
        label = 100 * (oracle.total_energies(states) + 40) + np.abs(states.sum(axis=(1, 2), dtype=int))
        classes, inverse = np.unique(label, return_inverse=True)
        p = np.bincount(inverse, weights=p)
        found = 100 * (oracle.total_energies(spins) + 40) + np.abs(spins.sum(axis=(1, 2), dtype=int))
        counts = np.bincount(np.searchsorted(classes, found), minlength=len(classes))
    assert chi_square(counts, p) > 1e-4


def test_bit_parallel_metropolis_on_four_by_four():
    """From the ordered state, which the isolated states below do not touch."""
    n = 2**16
    rng = np.random.default_rng(3)
    chains = _engines.Multispin("metropolis", 4, 0.408, n, "ordered", rng, _engines.Pool(1))
    chains.advance(100)
    spins = np.empty((n, 4, 4), np.int8)
    chains.write(spins)
    spins *= rng.choice([-1, 1], size=(n, 1, 1)).astype(np.int8)
    states, p = oracle.all_states(4), oracle.boltzmann(4, 0.408)
    classes, inverse = np.unique(oracle.total_energies(states), return_inverse=True)
    counts = np.bincount(np.searchsorted(classes, oracle.total_energies(spins)), minlength=len(classes))
    assert chi_square(counts, np.bincount(inverse, weights=p)) > 1e-4


def test_the_chi_square_sees_a_wrong_temperature():
    spins = sample(3, 0.42, 40_000, algorithm="heat_bath", n_chains=40_000, burn_in=100, thin=1, rng=7)
    assert chi_square(np.bincount(state_index(spins), minlength=STATES), oracle.boltzmann(3, 0.408)) < 1e-6


def test_why_metropolis_in_fixed_order_needs_a_larger_lattice():
    """At side 4, 36 states have only vanishing neighbour sums: checkerboard sweeps keep them to themselves."""
    s = oracle.all_states(4).astype(int)
    sums = sum(np.roll(s, shift, axis) for axis in (1, 2) for shift in (1, -1))
    isolated = np.flatnonzero((sums == 0).all(axis=(1, 2)))
    assert len(isolated) == 36
    spins = np.repeat(oracle.all_states(4)[isolated], 64, axis=0)[:64].copy()
    planes = np.zeros((2, 4, 4), dtype=np.uint64)
    for k, y, x in np.ndindex(spins.shape):
        planes[(x + y) % 2, y, 1 + x // 2] |= np.uint64(int(spins[k, y, x] > 0) << k)
    multispin.fill_halo(planes, 1)
    states = np.random.default_rng(0).integers(0, 2**64, size=(4, 2), dtype=np.uint64)
    multispin.even_sweeps(planes, 1, *_engines.local_rule("metropolis", 0.4), 50, states)
    multispin.unpack_even(spins, planes, 1)
    assert set(state_index(spins)) <= set(isolated)
    assert not _engines.is_multispin("metropolis", 4, 0.4, None)
    assert _engines.is_multispin("heat_bath", 4, 0.4, None)
