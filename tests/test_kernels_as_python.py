"""The kernels compiled and as plain Python: the same integers and the same floats, and every line of them runs."""

import importlib.util
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import interpreted
import numba
import numpy as np
import pytest
from patience import PATIENCE

from mlrg_lib._kernels import (
    blocking,
    clamped,
    convolution,
    enumeration,
    lattice,
    moments,
    operators,
    phi4,
    walsh,
)  # fmt: skip
from mlrg_lib._kernels import rbm as machine
from mlrg_lib._kernels.page import kadanoff, modes, pictures

TESTS = Path(__file__).resolve().parent
COVERED = 0.95  # of the lines of the kernels
SECONDS = (
    1  # of processor time, for one interpreted test; the long ones are statistics of what the short ones check exactly
)
EXACT, ROUNDED = 1e-11, 1e-5  # relative, of sums in float64 and of sums that begin in float32

# Where the kernels meet their slow twins. `CASES` has the kernels whose twins are elsewhere, or too slow here.
MODULES = (
    *("ellipse_kernel", "ising_kernels", "ising_runs", "kadanoff_kernel", "kernels_as_python", "machines_kernels"),
    *("modes_kernel", "settling", "shell_flow", "small_rbm", "page_kernels", "columns"),
)


def spins(rng, *shape):
    return (2 * rng.integers(0, 2, shape) - 1).astype(np.int8)


def words(rng):
    return rng.integers(0, 2**64, 4, dtype=np.uint64)


def sums(rng, n=8):
    return (2 * rng.integers(-2, 3, (n, n))).astype(np.int8)


def empty(dtype, *shape):
    return np.zeros(shape, dtype=dtype)


def f32(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def window(rng):
    return rng.random((3, 3)), 0.2, 2, 1


def terms():
    offsets = np.array([[[0, 0], [0, 1], [0, 0]], [[0, 0], [1, 0], [0, 0]], [[0, 0], [1, 1], [2, 0]]])
    return offsets, np.array([2, 2, 3]), np.array([0, 0, 1])


def hidden_probabilities(rng, rows, visible, hidden, scale):
    """The arguments of the pseudo-likelihood of a machine; a large scale makes its products underflow."""
    v, weights, bias = spins(rng, rows, visible), scale * rng.normal(size=(visible, hidden)), rng.normal(size=visible)
    fields = v @ weights
    up = 1 / (1 + np.exp(-2 * np.clip(fields, -300, 300)))
    return empty(np.float64, rows), v, fields, up, 1 - up, bias, weights


def halves(rng, m=3, n1=3, n2=2):
    up = [rng.random(shape) + 0.1 for shape in ((m, 2**n1), (m, 2**n1), (2**n2, m), (2**n2, m))]
    return empty(np.float64, m, 2**n1), empty(np.float64, 2**n2, m), rng.random(2 ** (n1 + n2)), *up


def rebuilt(rng, n=5, n_samples=50):
    """The arguments of `modes.rebuilt` with a variable that is zero."""
    weights = f32(rng, n, 4)
    weights[2] = 0
    work = empty(float, 3, n), empty(float, 3, n), empty(np.int32, 20), 3.0, empty(np.float32, n_samples)
    return *work, weights, f32(rng, 4, n_samples), 1, 4


CASES = [
    (blocking.majority, lambda rng: (empty(np.int8, 2, 35, 35), spins(rng, 2, 70, 70), 2, words(rng))),
    (blocking.majority, lambda rng: (empty(np.int8, 2, 3, 3), spins(rng, 2, 9, 9), 3, words(rng))),
    (blocking.stochastic, lambda rng: (empty(np.int8, 2, 3, 3), spins(rng, 2, 9, 9), 3, rng.random(10), words(rng))),
    (
        clamped.clamped_sweeps,
        lambda rng: (spins(rng, 3, 5, 5), np.array([0, 4, 2, 4]), np.array([0, 4, 3, 0]), rng.random(5), 4, words(rng)),
    ),
    (clamped.add_pair_sums, lambda rng: (rng.random((2, 4)), spins(rng, 2, 6, 6), np.array([[0, 1], [5, 2], [3, 0]]))),
    (
        convolution.hidden_fields,
        lambda rng: (empty(float, 2, 4, 4), spins(rng, 2, 8, 8), rng.random((3, 3)), 0.2, 2, 1),
    ),
    (
        convolution.visible_fields,
        lambda rng: (empty(float, 2, 8, 8), spins(rng, 2, 4, 4), rng.random((3, 3)), 0.2, 2, 1),
    ),
    (convolution.correlate, lambda rng: (empty(float, 3, 3), spins(rng, 2, 8, 8), rng.normal(size=(2, 4, 4)), 2, 1)),
    (enumeration.mean_products, halves),
    (
        kadanoff.renormalized,
        lambda rng: (empty(float, 7), empty(float, 16), empty(float, 5), rng.random(625), 0.8),
    ),
    (lattice.axis_correlations, lambda rng: (empty(np.int64, 2, 4), spins(rng, 2, 7, 7))),
    (lattice.axis_correlations, lambda rng: (empty(np.int64, 1, 7), spins(rng, 1, 12, 12))),
    (operators.operator_sums, lambda rng: (empty(np.int64, 2, 2), spins(rng, 2, 7, 7), *terms())),
    (operators.operator_sums, lambda rng: (empty(np.int64, 1, 2), spins(rng, 1, 66, 66), *terms())),
    (operators.site_sums, lambda rng: (empty(np.int8, 2, 6, 6), spins(rng, 6, 6), *terms())),
    (
        operators.pseudo_likelihood,
        lambda rng: (rng.random(2), rng.random((2, 2)), sums(rng)[:2].copy(), np.array([0.3, -0.1])),
    ),
    (phi4.quartic_force, lambda rng: (empty(float, 2, 5), rng.normal(size=(2, 5)), rng.random(2), 0.3, 0.7)),
    (phi4.quartic_energy, lambda rng: (empty(float, 2), rng.normal(size=(2, 5)), rng.random(2), 0.3, 0.7)),
    (modes.gaussian_scores, lambda rng: (empty(np.float32, 3, 41), np.array([2.0, 1.0, 0.0]), words(rng))),
    (modes.shuffle, lambda rng: (f32(rng, 3, 20), words(rng))),
    (modes.rebuilt, lambda rng: rebuilt(rng)),
    (
        moments.moment_sums,
        lambda rng: (
            *(empty(float, 2, 4), empty(float, 2, 4), f32(rng, 4, 4), f32(rng, 4, 1030)),
            *(np.array([0, 1, 0, 1]), 1, 4),
        ),
    ),
    (
        moments.further_moment_sums,
        lambda rng: (
            *(empty(float, 2, 4), empty(float, 2, 4), f32(rng, 4, 1030), f32(rng, 4, 4), f32(rng, 4, 1030)),
            *(np.array([0, 1, 0, 1]), 1, 4),
        ),
    ),
    (pictures.block_sums, lambda rng: (empty(np.int8, 4, 4), spins(rng, 8, 8))),
    (
        pictures.word_block_sums,
        lambda rng: (empty(np.int8, 64, 64), rng.integers(0, 2**64, (2, 2, 66), dtype=np.uint64)),
    ),
    (pictures.decimate, lambda rng: (empty(np.int8, 4, 4), spins(rng, 8, 8))),
    (blocking.signs, lambda rng: (empty(np.int8, 40), sums(rng, 40)[0], True, words(rng))),
    (blocking.draws, lambda rng: (empty(np.int8, 8), sums(rng)[0], 2, rng.random(5), words(rng))),
    (
        pictures.paint,
        lambda rng: (empty(np.int32, 64), sums(rng).ravel(), 2, rng.integers(0, 2**24, 5, dtype=np.int32)),
    ),
    (machine.pseudo_log_likelihood, lambda rng: hidden_probabilities(rng, 3, 5, 130, 0.1)),
    (machine.pseudo_log_likelihood, lambda rng: hidden_probabilities(rng, 3, 5, 130, 40.0)),
    (walsh.walsh_hadamard, lambda rng: (rng.random(8),)),
    (walsh.walsh_hadamard, lambda rng: (rng.random(4096),)),
    (walsh.walsh_hadamard, lambda rng: (rng.random(8192),)),
]


@pytest.fixture(scope="module")
def plain():
    """A second copy of the kernels that is not compiled; yields its modules by name."""
    compiler, interpreter = numba.njit, interpreted.Interpreter()
    numba.njit = interpreter.njit
    modules = {}
    try:
        folder = str(interpreted.KERNELS)
        spec = importlib.util.spec_from_file_location(
            "plain_kernels", f"{folder}/__init__.py", submodule_search_locations=[folder]
        )
        sys.modules["plain_kernels"] = importlib.util.module_from_spec(spec)
        for module in pkgutil.walk_packages([folder], "plain_kernels."):
            name = module.name.removeprefix("plain_kernels.")
            if not (interpreted.KERNELS / name.replace(".", "/")).is_relative_to(interpreted.ELSEWHERE):
                modules[name] = importlib.import_module(module.name)
    finally:
        numba.njit = compiler
    yield modules
    for name in [name for name in sys.modules if name.partition(".")[0] == "plain_kernels"]:
        del sys.modules[name]


def same(got, wanted, tolerance):
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.shape == wanted.shape
    if got.dtype.kind == "f":
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)
    else:
        np.testing.assert_array_equal(got, wanted)


def copied(arguments):
    return tuple(a.copy() if isinstance(a, np.ndarray) else a for a in arguments)


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda k: f"{CASES[k][0].__name__}-{k}")
def test_compiled_and_plain_agree(plain, number):
    kernel, arguments = CASES[number]
    twin = getattr(plain[kernel.__module__.partition("._kernels.")[2]], kernel.__name__)
    given = arguments(np.random.default_rng(number))
    first, second = copied(given), copied(given)
    single = any(getattr(a, "dtype", None) == np.float32 for a in given)
    tolerance = ROUNDED if single else EXACT
    results = kernel(*first), twin(*second)
    assert (results[0] is None) == (results[1] is None)
    if results[0] is not None:
        same(*results, tolerance)
    for a, b in zip(first, second, strict=True):
        same(a, b, tolerance)
    assert any(isinstance(a, np.ndarray) and not np.array_equal(a, b) for a, b in zip(first, given, strict=True))


def interpret(*arguments):
    """Run pytest in a process of its own whose kernels are Python; return its exit code and what it printed."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(TESTS), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "interpreted", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        [*command, *arguments], cwd=TESTS.parent, env=environment, capture_output=True, text=True, timeout=3 * PATIENCE
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.weekly
def test_the_tests_of_the_kernels_hold_without_the_compiler():
    paths = [f"tests/test_{name}.py" for name in MODULES]
    code, text = interpret("--seconds", str(SECONDS), "--least-covered", str(COVERED), "-m", "not slow", *paths)
    print(text[text.find("kernels as Python") :])
    assert code == 0, text
