"""The four block spins of the page's variational figure against the library's exact enumeration."""

import numpy as np
import pytest

from mlrg_lib._kernels.page import kadanoff
from mlrg_lib.ising.exact import CRITICAL_BETA, torus_log_partition
from mlrg_lib.rg import variational

ROUNDING = 1e-11


def described(beta, p):
    weights, energies, odds, out = np.empty(625), np.empty(16), np.empty(5), np.empty(7)
    kadanoff.class_weights(weights, beta)
    kadanoff.renormalized(out, energies, odds, weights, p)
    return weights, energies, out


def test_the_classes_hold_every_state():
    weights, _, _ = described(0.0, 1.0)
    assert weights.sum() == 2**16
    weights, _, _ = described(CRITICAL_BETA, 1.0)
    assert np.isclose(np.log(weights.sum()), torus_log_partition(4, CRITICAL_BETA), rtol=1e-13)


@pytest.mark.parametrize(("beta", "p"), [(CRITICAL_BETA, 1.0), (0.3, 0.5), (0.6, 3.0)])
def test_the_library_finds_the_same_hamiltonian(beta, p):
    H = variational.ising_energy((4, 4), beta)
    T = variational.kadanoff_transformation(16, variational.block_sites(4, 2), p)
    expected = variational.renormalized_energy(T, H)
    _, energies, out = described(beta, p)
    np.testing.assert_allclose(energies, expected, atol=ROUNDING)
    terms = variational.couplings(expected)
    np.testing.assert_allclose(out[:3], [-terms[0, 1] / 2, -terms[0, 3] / 4, -terms[0, 1, 2, 3]], atol=ROUNDING)
    assert abs(terms[0, 1] - terms[2, 3]) < ROUNDING
    assert abs(terms[0, 3] - terms[1, 2]) < ROUNDING
    kept = {(): terms[()], **{pair: terms[pair] for pair in [(0, 1), (0, 2), (1, 3), (2, 3)]}}
    truncated = variational.hamiltonian(kept, 4)
    log_z = variational.log_partition(H)
    assert abs(out[3] - (variational.log_partition(expected) - log_z)) < ROUNDING
    assert abs(out[4] - (variational.log_partition(truncated) - log_z)) < ROUNDING
    assert abs(out[5] - variational.kl_divergence(expected, truncated)) < ROUNDING
    assert abs(out[6] - variational.mutual_information(T, H)) < ROUNDING


def test_no_strength_changes_the_partition_function():
    for p in (0.0, 0.3, 1.0, 2.5):
        assert abs(described(CRITICAL_BETA, p)[2][3]) < ROUNDING
