"""Exact information: the naive twin, bounds, gradients, and cases with answers in closed form."""

import numpy as np
import pytest
from naive import rg_flow as naive

from mlrg_lib.rg import mutual_information as mi
from mlrg_lib.rg import variational

BLOCK, ENVIRONMENT = [0, 1, 4, 5], [10, 11, 14, 15]  # of the 4 x 4 torus, buffer between


def torus(beta):
    return mi.joint_distribution(variational.ising_energy((4, 4), beta), BLOCK, ENVIRONMENT)


def ring(n_block, coupling, buffer=1, environment=8):
    n = n_block + 2 * buffer + environment
    energies = variational.ising_energy(n, coupling)
    return mi.joint_distribution(energies, range(n_block), range(n_block + buffer, n - buffer))


def random_joint(seed, n_block=3, n_environment=2):
    weights = np.random.default_rng(seed).exponential(size=(2**n_block, 2**n_environment))
    return weights / weights.sum()


@pytest.mark.parametrize("n_hidden", [1, 2, 3])
def test_information_equals_its_naive_twin(n_hidden):
    joint = random_joint(1)
    filters = np.random.default_rng(2).normal(size=(3, n_hidden))
    expected = naive.environment_information(filters, joint)
    assert mi.environment_information(filters, joint) == pytest.approx(expected, rel=1e-12)


def test_joint_distribution_is_the_sum_over_the_buffer():
    energies = np.random.default_rng(3).normal(size=2**5)
    weights = variational.boltzmann(energies)
    joint = mi.joint_distribution(energies, [3, 0], [4])
    for k, state in enumerate(variational.configurations(5)):
        row, column = (state[3] > 0) + 2 * (state[0] > 0), int(state[4] > 0)
        joint[row, column] -= weights[k]
    assert np.abs(joint).max() < 1e-15


def test_gradient_is_that_of_finite_differences():
    joint, rng = random_joint(4), np.random.default_rng(5)
    filters = rng.normal(size=(3, 2))
    _, gradient = mi._information(filters, joint)
    for i, j in np.ndindex(3, 2):
        shift = np.zeros((3, 2))
        shift[i, j] = 1e-6
        slope = (
            mi.environment_information(filters + shift, joint) - mi.environment_information(filters - shift, joint)
        ) / 2e-6
        assert gradient[i, j] == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_information_obeys_its_bounds(seed):
    joint = random_joint(seed, 4, 3)
    filters = 3 * np.random.default_rng(seed).normal(size=(4, 2))
    value = mi.environment_information(filters, joint)
    assert 0 <= value <= mi.block_information(joint) + 1e-12
    assert mi.environment_information(filters[:, :1], joint) <= min(value, np.log(2)) + 1e-12  # a unit more, no less
    assert mi.environment_information(-filters, joint) == pytest.approx(value, rel=1e-12)
    assert mi.environment_information(filters[:, ::-1], joint) == pytest.approx(value, rel=1e-12)
    assert mi.environment_information(0 * filters, joint) == pytest.approx(0, abs=1e-12)


def test_two_spins_have_the_closed_form():
    joint = mi.joint_distribution(variational.hamiltonian({(0, 1): -0.4}, 2), [0], [1])
    p = 1 / (1 + np.exp(-0.8))
    expected = np.log(2) + p * np.log(p) + (1 - p) * np.log(1 - p)
    assert mi.block_information(joint) == pytest.approx(expected, rel=1e-12)
    assert mi.environment_information(mi.decimation_filter(1), joint) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n_block", [2, 3, 5])
@pytest.mark.parametrize("coupling", [0.3, 0.8])
def test_in_one_dimension_the_optimum_is_to_keep_an_end_spin(n_block, coupling):
    joint = ring(n_block, coupling)
    found = mi.optimal_filter(joint, bound=12.0, rng=0)
    assert found.value == pytest.approx(mi.environment_information(mi.decimation_filter(n_block), joint), rel=1e-6)
    ends = np.abs(found.filters[[0, -1], 0])
    assert ends.max() > 5
    assert np.argmax(np.abs(found.filters[:, 0])) in (0, n_block - 1)
    assert (np.diff(found.values) <= 1e-12).all()
    for other in (mi.majority_filter(n_block), mi.majority_filter(n_block, [0, n_block - 1])):
        assert mi.environment_information(other, joint) < found.value


@pytest.mark.parametrize(("n_block", "vote"), [(2, 1 / 2), (4, 3 / 8), (6, 5 / 16)])
def test_weak_coupling_gains_of_decimation_over_majorities(n_block, vote):
    # I = (correlation with the environment)^2 / 2 at each end; a vote correlates with an end spin by <sign(sum) v>
    joint = ring(n_block, 0.02)
    keep = mi.environment_information(mi.decimation_filter(n_block), joint)
    majority = mi.environment_information(mi.majority_filter(n_block), joint)
    assert keep / majority == pytest.approx(1 / (2 * vote**2), rel=0.1)
    boundary = mi.environment_information(mi.majority_filter(n_block, [0, n_block - 1]), joint)
    assert keep / boundary == pytest.approx(2, rel=0.1)


def test_on_the_torus_three_votes_beat_four_because_they_cannot_tie():
    for beta in (0.2, 0.4406868, 0.6):
        joint = torus(beta)
        three, four = (
            mi.environment_information(f, joint) for f in (mi.majority_filter(4, [0, 1, 2]), mi.majority_filter(4))
        )
        found = mi.optimal_filter(joint, bound=20.0, rng=0)
        assert three > four
        assert found.value == pytest.approx(three, rel=1e-6)
        assert np.sort(np.abs(found.filters[:, 0]))[1] > 6
        assert found.value < mi.block_information(joint)


def test_noise_pair_moves_the_likelihood_s_filter_and_not_the_information_s():
    n, K = 10, 0.8
    t = np.tanh(K)
    switch = np.arctanh((t + t ** (n - 1)) / (1 + t**n))  # the two pairs are equally correlated
    for noise, on_noise in ((switch - 0.02, False), (switch + 0.02, True)):
        joint = mi.noisy_pair_joint(n, K, noise)
        for filters in (mi.likelihood_filter(joint, rng=0).filters, mi.principal_filter(joint)):
            size = np.abs(filters[:, 0])
            assert (size[2:].min() > 10 * size[:2].max()) == on_noise
            kept = mi.environment_information(filters, joint)
            assert (kept < 1e-9) == on_noise
        found = mi.optimal_filter(joint, rng=0)
        assert np.abs(found.filters[2:]).max() < 0.01
        alone = mi.optimal_filter(ring(2, K, 1, n - 4), rng=0)
        assert found.value == pytest.approx(alone.value, rel=1e-6)


def test_a_second_unit_lets_the_likelihood_see_both_pairs():
    joint = mi.noisy_pair_joint(10, 0.8, 1.5)
    filters = mi.likelihood_filter(joint, 2, rng=1).filters
    assert mi.environment_information(filters, joint) > 0.05


def test_likelihood_filter_of_one_pair_is_the_exact_machine():
    K = 0.6
    joint = mi.joint_distribution(variational.hamiltonian({(0, 1): -K, (1, 2): -1.0}, 3), [0, 1], [2])
    filters = mi.likelihood_filter(joint, rng=0).filters[:, 0]
    assert np.tanh(filters).prod() == pytest.approx(np.tanh(K), abs=1e-4)
    assert filters[0] == pytest.approx(filters[1], rel=1e-2)  # of equal likelihoods, the smallest


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: mi.joint_distribution(np.zeros(8), [0], [0]), "different spins"),
        (lambda: mi.joint_distribution(np.zeros(8), [3], [0]), "block"),
        (lambda: mi.joint_distribution(np.zeros(8), [], [0]), "block must name"),
        (lambda: mi.noisy_pair_joint(6, 0.5, 0.5, distance=4), "distance"),
        (lambda: mi.noisy_pair_joint(5, 0.5, 0.5), "length"),
        (lambda: mi.environment_information([1.0], random_joint(0)), "filters"),
        (lambda: mi.environment_information(np.ones((3, 5)), random_joint(0)), "filters"),
        (lambda: mi.block_information([[0.5, 0.1]]), "joint"),
        (lambda: mi.block_information([[1.5, 0.1], [-0.6, 0.0]]), "joint must be probabilities"),
        (lambda: mi.majority_filter(3, [0, 0]), "sites"),
        (lambda: mi.majority_filter(3, []), "sites"),
        (lambda: mi.decimation_filter(3, 3), "site"),
        (lambda: mi.optimal_filter(random_joint(0), 5), "n_hidden"),
        (lambda: mi.optimal_filter(random_joint(0), bound=0.0), "bound"),
        (lambda: mi.likelihood_filter(random_joint(0), n_starts=0), "n_starts"),
    ],
)
def test_errors_name_the_argument(call, match):
    with pytest.raises(ValueError, match=match):
        call()
