"""The kernels in WebAssembly and in numba: the same integers, the same floats to rounding, from the same seeds."""

import math
from fractions import Fraction

import numba
import numpy as np
import pytest
import unexportable
import wasmtime

from mlrg_lib._kernels import blocking, live, pictures, strips
from mlrg_lib.ising import sample
from mlrg_lib.ising._engines import thresholds
from mlrg_lib.widgets import wasm

L = 64
BETA = 0.42
N_STRIPS = 32
SIDE, HIDDEN = 16, 8
REPLICAS = 2 * SIDE * (SIDE // 2 + 2)
N, SAMPLES = 12, 1100
PLANES = 2 * (L // N_STRIPS) * (L // 2 + 2)
ROUNDING = {"float32": 2e-5, "float64": 1e-12}
LOOSER = {"modes_moments": 2e-5, "modes_rebuilt": 2e-5, "modes_find": 1e-9}  # float64 sums of float32; eigenvectors
SIZE_LIMIT = 64 * 1024


def random_spins(rng, n=L * L):
    return 2 * rng.integers(0, 2, n, dtype=np.int8) - 1


def random_sums(rng):
    return (2 * rng.integers(-2, 3, L * L // 4)).astype(np.int8)


def random_states(rng, *shape):
    return rng.integers(0, 2**64, (*shape, 4), dtype=np.uint64)


def random_words(rng, n):
    return rng.integers(0, 2**64, n, dtype=np.uint64)


def random_units(rng, n):
    return (2 * rng.integers(0, 2, n) - 1).astype(np.float32)


def normal(rng, n):
    return rng.normal(size=n).astype(np.float32)


def machine(rng):
    """The weights of a machine on SIDE x SIDE visible units with the hidden bias below them, and the visible bias."""
    return [rng.normal(0, 0.2, n).astype(np.float32) for n in ((SIDE**2 + 1) * HIDDEN, SIDE**2)]


def rbm_work():
    return work(SIDE**2 * HIDDEN, np.float32), work(HIDDEN * 64, np.float32)


def threshold():
    scaled = Fraction(-math.expm1(-2 * BETA)) * 2**32
    return np.array([int(scaled), int((scaled - int(scaled)) * 2**64)], dtype=np.uint64)


P_UP = 1 / (1 + np.exp(-2 * BETA * np.arange(-4.0, 5.0, 2.0)))
work = np.zeros

# The arguments of each entry: arrays become pointers, numbers stay.
CASES = {
    "strips_pack": lambda rng: (work(PLANES, np.uint64), random_spins(rng), L, N_STRIPS),
    "strips_unpack": lambda rng: (work(L * L, np.int8), random_words(rng, PLANES), L, N_STRIPS),
    "strips_sweeps": lambda rng: (
        *(random_words(rng, PLANES), work(L // 2, np.uint64), random_words(rng, 4 * (L // 2)), L, N_STRIPS),
        *(int(rng.integers(2)), *thresholds(math.exp(-8 * BETA), math.exp(-4 * BETA)), 7),
    ),
    "strips_sums": lambda rng: (work(2, np.int64), work(L // 2, np.uint64), random_words(rng, PLANES), L, N_STRIPS),
    "ising_wolff": lambda rng: (random_spins(rng), L, work(L * L, np.int32), threshold(), 200, random_states(rng)),
    "ising_swendsen_wang": lambda rng: (
        random_spins(rng),
        L,
        work(L * L, np.int32),
        threshold(),
        5,
        random_states(rng),
    ),
    "ising_sums": lambda rng: (work(2, np.int64), random_spins(rng), L),
    "block_sums": lambda rng: (work(L * L // 4, np.int8), random_spins(rng), L),
    "strips_block_sums": lambda rng: (work(L * L // 4, np.int8), random_words(rng, PLANES), L, N_STRIPS),
    "block_majority": lambda rng: (work(L * L // 4, np.int8), random_sums(rng), L // 2, random_states(rng)),
    "block_stochastic": lambda rng: (work(L * L // 4, np.int8), random_sums(rng), L // 2, P_UP, random_states(rng)),
    "ising_paint": lambda rng: (work(L * L, np.int32), random_spins(rng), L * L, 1, np.array([7, -9], dtype=np.int32)),
    "replicas_sweeps": lambda rng: (
        *(random_words(rng, REPLICAS), random_words(rng, 32), SIDE),
        *(*thresholds(math.exp(-8 * BETA), math.exp(-4 * BETA)), 5),
    ),
    "replicas_batch": lambda rng: (
        *(work(SIDE * SIDE * 64, np.float32), random_words(rng, REPLICAS), SIDE, random_words(rng, 1)),
    ),
    "rbm_update": lambda rng: (
        *(*machine(rng), *machine(rng), *map(np.zeros_like, machine(rng)), *rbm_work(), work(HIDDEN * 64, np.float32)),
        *(random_units(rng, 2 * SIDE**2 * 64), work(64, np.float32), random_words(rng, 2)),
        *(SIDE**2, HIDDEN, 2, 0.05, 0.5, 0.01),
    ),
    "rbm_gibbs": lambda rng: (
        *(random_units(rng, SIDE**2 * 64), rbm_work()[1], *machine(rng), rbm_work()[0], work(64, np.float32)),
        *(random_words(rng, 2), SIDE**2, HIDDEN, 3),
    ),
    "kadanoff_weights": lambda rng: (work(625, np.float64), rng.uniform(0.2, 0.6)),
    "kadanoff_renormalized": lambda rng: (
        *(work(7, np.float64), work(16, np.float64), work(5, np.float64)),
        *(rng.uniform(0.1, 1, 625), rng.uniform(0.2, 2)),
    ),
    "ellipse_deviates": lambda rng: (work(200, np.float64), 100, random_states(rng)),
    "ellipse_axes": lambda rng: (work(3, np.float64), work(200, np.float64), rng.normal(size=200), 100, 2.0, 0.7, 0.4),
    "modes_center": lambda rng: (normal(rng, N * SAMPLES), N, SAMPLES, int(rng.integers(2))),
    "modes_find": lambda rng: (
        *(work(N, np.float64), work(N * N, np.float64), normal(rng, N * SAMPLES)),
        *(work(N * N, np.float64), work(4 * N, np.float64), N, SAMPLES),
    ),
    "modes_project": lambda rng: (
        *(work(N * SAMPLES, np.float32), normal(rng, N * N), normal(rng, N * SAMPLES), N, SAMPLES),
    ),
    "modes_moments": lambda rng: (
        *(work(N * N, np.float64), work(N * N, np.float64), work(8 * 1024, np.float32)),
        *(normal(rng, N * N), normal(rng, N * SAMPLES), np.arange(N), N, N, SAMPLES),
    ),
    "modes_rebuilt": lambda rng: (
        *(work(4 * N, np.float64), work(4 * N, np.float64), work(20, np.int32), work(SAMPLES, np.float32)),
        *(normal(rng, N * N), normal(rng, N * SAMPLES), 1, 10, N, SAMPLES, 4, 20, 5.0),
    ),
    "modes_shuffle": lambda rng: (normal(rng, N * SAMPLES), N, SAMPLES, random_states(rng)),
    "modes_gaussian": lambda rng: (
        *(work(N * SAMPLES, np.float32), rng.uniform(0.1, 1, N), N, SAMPLES, random_states(rng)),
    ),
    "flow_lines": lambda rng: (rng.uniform(-0.2, 0.2, 5 * 300 * 2), 5, 300, 0.02, 1.0, 1.0),
}


class Browser:
    """The module in a WebAssembly engine, with Python's mathematics where a browser has JavaScript's."""

    def __init__(self, module: wasm.KernelModule):
        self.store = wasmtime.Store()
        compiled = wasmtime.Module(self.store.engine, module.code)
        self.instance = wasmtime.Instance(self.store, compiled, [self._math(i) for i in compiled.imports])
        self.exports = self.instance.exports(self.store)
        self.memory = self.exports["memory"]

    def _math(self, wanted):
        function = getattr(math, wanted.name, None) or getattr(math, wanted.name.removesuffix("f"))
        return wasmtime.Func(self.store, wanted.type, lambda *arguments: function(*arguments))

    def call(self, name, arguments):
        """Run a kernel on copies of the arrays; return its value and the arrays afterwards."""
        top = self.exports["__heap_base"].value(self.store)
        places, plain = [], []
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                top = -(-top // 64) * 64
                places.append((top, argument))
                plain.append(top)
                top += argument.nbytes
            else:
                plain.append(argument)
        missing = top - self.memory.data_len(self.store)
        if missing > 0:
            self.memory.grow(self.store, -(-missing // 65536))
        for at, array in places:
            self.memory.write(self.store, array.tobytes(), at)
        value = self.exports[name](self.store, *plain)
        read = [bytes(self.memory.read(self.store, at, at + array.nbytes)) for at, array in places]
        return value, [np.frombuffer(raw, array.dtype) for raw, (_, array) in zip(read, places, strict=True)]


def call_numba(name, arguments):
    """The same entry, compiled natively and called through its C address."""
    dispatcher, signature = live.ENTRIES[name]
    function = numba.cfunc(signature)(dispatcher.py_func).ctypes
    arrays = [a.copy() for a in arguments if isinstance(a, np.ndarray)]
    left = iter(arrays)
    plain = [
        next(left).ctypes.data_as(kind) if isinstance(a, np.ndarray) else a
        for a, kind in zip(arguments, function.argtypes, strict=True)
    ]
    return function(*plain), arrays


@pytest.fixture(scope="module")
def module():
    return wasm.kernel_module()


@pytest.fixture(scope="module")
def browser_engine(module):
    return Browser(module)


def test_every_exported_kernel_has_a_case():
    assert set(CASES) == set(live.ENTRIES)


@pytest.mark.parametrize("name", sorted(CASES))
@pytest.mark.parametrize("seed", [1, 2])
def test_wasm_and_numba_agree(browser_engine, name, seed):
    arguments = CASES[name](np.random.default_rng(seed))
    value, arrays = browser_engine.call(name, arguments)
    expected_value, expected = call_numba(name, arguments)
    assert value == expected_value
    changed = False
    given = [a for a in arguments if isinstance(a, np.ndarray)]
    for got, want, before in zip(arrays, expected, given, strict=True):
        changed |= not np.array_equal(want.ravel(), before.ravel())
        if got.dtype.kind == "f":
            tolerance = LOOSER.get(name, ROUNDING[got.dtype.name])
            np.testing.assert_allclose(got, want.ravel(), rtol=tolerance, atol=tolerance)
        else:
            np.testing.assert_array_equal(got, want.ravel())
    assert changed


def test_the_block_entries_are_the_library_rules(browser_engine):
    rng = np.random.default_rng(3)
    spins, state = sample(L, BETA, 1, algorithm="swendsen_wang", burn_in=5, thin=1, rng=1), random_states(rng)
    out, expected = work((L // 2) ** 2, np.int8), np.empty((1, L // 2, L // 2), np.int8)
    _, (sums, _) = browser_engine.call("block_sums", (out, spins, L))
    blocking.majority(expected, spins, 2, state.copy())
    _, arrays = browser_engine.call("block_majority", (out, sums, L // 2, state))
    np.testing.assert_array_equal(arrays[0], expected.ravel())
    table = np.linspace(0, 1, 5)
    blocking.stochastic(expected, spins, 2, table, state.copy())
    _, arrays = browser_engine.call("block_stochastic", (out, sums, L // 2, table, state))
    np.testing.assert_array_equal(arrays[0], expected.ravel())


@pytest.mark.parametrize(("side", "n_strips"), [(8, 2), (64, 32), (128, 64), (256, 64)])
def test_block_sums_from_bits_are_those_from_bytes(side, n_strips):
    rng = np.random.default_rng(side)
    spins = random_spins(rng, side * side).reshape(side, side)
    planes = work((2, side // n_strips, side // 2 + 2), np.uint64)
    strips.pack(planes, spins, n_strips)
    expected = spins.reshape(side // 2, 2, side // 2, 2).sum(axis=(1, 3))
    out = np.empty((2, side // 2, side // 2), np.int8)
    pictures.block_sums(out[0], spins)
    pictures.strip_block_sums(out[1], planes, n_strips)
    np.testing.assert_array_equal(out[0], expected)
    np.testing.assert_array_equal(out[1], expected)


@pytest.mark.parametrize("b", [1, 2, 4])
def test_pixels_have_the_colour_of_their_number_of_spins_up(b):
    up = np.arange(b * b + 1)
    pixels = np.empty(b * b + 1, np.int32)
    pictures.paint(pixels, (2 * up - b * b).astype(np.int8), b, (1000 + up).astype(np.int32))
    np.testing.assert_array_equal(pixels, 1000 + up)


def test_the_module_is_small(module):
    print(f"\nWebAssembly module: {len(module.code)} bytes, objects {module.sizes}")
    assert len(module.code) <= SIZE_LIMIT


def test_the_build_is_deterministic(module):
    assert wasm.build("mlrg_lib._kernels.live") == module


def test_unexportable_kernels_are_named_with_their_reason():
    with pytest.raises(RuntimeError) as refusal:
        wasm.build("unexportable")
    message = str(refusal.value)
    for name, reason in unexportable.REASONS.items():
        line = next(part for part in message.split("kernel ") if part.startswith(name))
        assert "cannot be exported" in line
        assert reason in line
