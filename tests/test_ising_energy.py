"""Every sampler against Kaufman's exact energy, |z| < 4, and wrong samplers that the same check must reject.

All reach a relative error of 1e-4, but the cluster algorithms at the critical point, which costs them minutes, and at
one odd size, where 4e-4 is tested; ``python -m mlrg_lib.studies.sampler_validation`` prints the whole table at 1e-4.
"""

import json

import numpy as np
import pytest

from mlrg_lib.ising import CRITICAL_BETA, _engines
from mlrg_lib.studies import sampler_validation as validate

LOCAL = [
    (algorithm, L, beta)
    for algorithm in ("metropolis", "heat_bath")
    for L, beta in [(16, 0.3), (17, 0.408), (16, CRITICAL_BETA), (17, 0.5), (40, 0.3), (40, 0.5), (21, 0.3)]
]
CLUSTER = [
    (algorithm, L, beta, error)
    for algorithm in ("wolff", "swendsen_wang")
    for L, beta, error in [
        (17, 0.5, 1e-4),
        (40, 0.5, 1e-4),
        (40, 0.3, 1e-4),
        (40, 0.408, 1e-4),
        (17, 0.408, 4e-4),
        (16, CRITICAL_BETA, 4e-4),
    ]
]


def wrong_engine(beta, thresholds=None, L=16):
    engine = _engines.Multispin("metropolis", L, beta, 4096, "random", np.random.default_rng(0), _engines.Pool(1))
    if thresholds is not None:
        engine._thresholds[:, 0] = thresholds
    return engine


@pytest.mark.parametrize(("algorithm", "L", "beta"), LOCAL)
def test_local_algorithms_have_the_exact_energy(algorithm, L, beta):
    check = validate.energy_check(algorithm, L, beta, relative_error=1e-4, rng=L)
    assert check.relative_error < 1e-4
    assert abs(check.z) < 4


@pytest.mark.slow
@pytest.mark.parametrize(("algorithm", "L", "beta", "error"), CLUSTER)
def test_cluster_algorithms_have_the_exact_energy(algorithm, L, beta, error):
    check = validate.energy_check(algorithm, L, beta, relative_error=error, rng=L)
    assert check.relative_error < error
    assert abs(check.z) < 4


@pytest.mark.parametrize(
    ("algorithm", "L", "beta"), [("metropolis", 5, 0.3), ("metropolis", 8, 0.05), ("wolff", 2, 0.6)]
)
def test_plain_chains_have_the_exact_energy(algorithm, L, beta):
    """Where the bit-parallel kernel is not used, small lattices and small beta."""
    check = validate.energy_check(algorithm, L, beta, relative_error=2e-3, rng=1)
    assert abs(check.z) < 4


def test_the_check_rejects_a_wrong_temperature():
    assert abs(validate.score(wrong_engine(0.409), "metropolis", 16, 0.408, 2e-4).z) > 8


@pytest.mark.parametrize("start", [0, 2**64 - 1])
def test_the_check_rejects_a_comparison_without_dither(start):
    """12 random bits compared from a fixed start, which rounds the acceptance down or up."""
    assert abs(validate.score(wrong_engine(0.408, start), "metropolis", 16, 0.408, 1e-4).z) > 5


def test_the_check_passes_the_same_engine_unspoilt():
    assert abs(validate.score(wrong_engine(0.408), "metropolis", 16, 0.408, 2e-4).z) < 4


@pytest.mark.parametrize(("algorithm", "L", "beta"), [("metropolis", 40, 0.408), ("heat_bath", 16, 0.5)])
def test_few_chains_have_the_exact_energy(algorithm, L, beta):
    """Fewer than 64, where the rows of a lattice share a word."""
    check = validate.energy_check(algorithm, L, beta, relative_error=2e-4, n_chains=48, rng=2)
    assert check.n_chains == 48
    assert abs(check.z) < 4.5  # of a t distribution with 47 degrees of freedom


def test_the_table_and_the_command_line(capsys, tmp_path):
    checks = validate.energy_table([4, 5], [0.3], ["heat_bath"], relative_error=1e-2, rng=0)
    assert [(check.algorithm, check.L) for check in checks] == [("heat_bath", 4), ("heat_bath", 5)]
    assert "heat_bath" in capsys.readouterr().out
    arguments = ["--sides", "4", "--betas", "0.3", "--algorithms", "wolff", "--relative-error", "1e-2", "--seed", "1"]
    target = tmp_path / "table.json"
    assert validate.main([*arguments, "--chains", "32", "--json", str(target)]) == 0
    assert "1 checks, sum of squared z" in capsys.readouterr().out
    (row,) = json.loads(target.read_text())["checks"]
    assert (row["algorithm"], row["n_chains"], row["generator"]) == ("wolff", 32, "xoshiro256+")
    assert row["z"] == pytest.approx((row["energy"] - row["exact"]) / row["error"])


def test_the_command_line_fails_where_a_sampler_is_wrong(monkeypatch):
    monkeypatch.setattr(validate.exact, "torus_energy", lambda L, beta: -0.5)
    arguments = ["--sides", "4", "--betas", "0.3", "--algorithms", "wolff", "--relative-error", "1e-2"]
    assert validate.main(arguments) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"algorithm": "auto"}, "algorithm"),
        ({"L": 1}, "L must be"),
        ({"beta": 0.0}, "beta must be a finite number > 0"),
        ({"relative_error": 0.0}, "relative_error"),
        ({"n_chains": 15}, "n_chains must be an integer >= 16"),
        ({"n_threads": 0}, "n_threads"),
        ({"rng": "seed"}, "rng"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    arguments = {"algorithm": "wolff", "L": 4, "beta": 0.3} | arguments
    with pytest.raises(ValueError, match=message):
        validate.energy_check(arguments.pop("algorithm"), arguments.pop("L"), arguments.pop("beta"), **arguments)
