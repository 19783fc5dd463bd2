"""What every function takes as its source of randomness."""

import numpy as np
import pytest

from mlrg_lib import ising
from mlrg_lib._validation import as_generator
from mlrg_lib.machines import RBM


def draws(rng):
    return as_generator(rng).integers(0, 2**60, size=4).tolist()


def test_seeds_for_parallel_work():
    """Children of a seed sequence give streams of their own, the same each time; an integer gives its sequence's."""
    first, second = np.random.SeedSequence(7).spawn(2)
    assert draws(first) == draws(first) == np.random.default_rng(first).integers(0, 2**60, size=4).tolist()
    assert draws(first) != draws(second)
    assert draws(7) == draws(np.random.SeedSequence(7))
    spins = [ising.sample(6, 0.3, 9, rng=seed) for seed in (first, first, second)]
    np.testing.assert_array_equal(spins[0], spins[1])
    assert (spins[0] != spins[2]).any()


def test_generators_go_on():
    for rng in (np.random.default_rng(7), np.random.PCG64(7)):
        assert draws(rng) == draws(7)
        assert draws(rng) != draws(7)
    assert draws(None) != draws(None)


@pytest.mark.parametrize("rng", [-1, 1.0, True, "seed", np.random.RandomState(0), [1, 2]])
def test_other_sources_are_refused(rng):
    with pytest.raises(
        ValueError, match=r"rng must be a numpy.random.Generator, SeedSequence or BitGenerator, a non-neg"
    ):
        as_generator(rng)


@pytest.mark.parametrize("rng", [np.random.default_rng(1), np.random.SeedSequence(1), np.random.PCG64(1)])
def test_a_machine_with_any_source_can_be_saved(rng, tmp_path):
    X = np.random.default_rng(0).choice([-1, 1], size=(20, 4)).astype(np.int8)
    machine = RBM(2, n_epochs=1, rng=rng).fit(X)
    machine.save(tmp_path / "machine.npz")
    assert RBM.load(tmp_path / "machine.npz").rng is None
