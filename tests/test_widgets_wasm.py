"""The kernels in WebAssembly and in numba: the same integers, the same floats to rounding, from the same seeds."""

import functools
import math

import kernel_cases
import numba
import numpy as np
import pytest
import unexportable
import wasmtime
from kernel_cases import BETA, random_states, work

from mlrg_lib._kernels import blocking, live
from mlrg_lib.ising import sample
from mlrg_lib.widgets import wasm

L = 64
CASES = kernel_cases.build(L)
ROUNDING = {"float32": 2e-5, "float64": 1e-12}
LOOSER = {"modes_curve": 2e-5, "modes_rebuilt": 2e-5, "modes_find": 1e-9}  # float64 sums of float32; eigenvectors
SIZE_LIMIT = 160 * 1024


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


@functools.cache
def compiled(name):
    """The same entry, compiled natively, by its C address."""
    dispatcher, signature = live.ENTRIES[name]
    return numba.cfunc(signature)(dispatcher.py_func)


def call_numba(name, arguments):
    function = compiled(name).ctypes
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
    assert value == (pytest.approx(expected_value, rel=1e-12) if isinstance(value, float) else expected_value)
    changed = isinstance(value, float)
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
    table = 1 / (1 + np.exp(-2 * 0.8 * np.arange(-4.0, 5.0, 2.0)))  # Kadanoff's rule, strength 0.8
    blocking.stochastic(expected, spins, 2, table, state.copy())
    _, arrays = browser_engine.call("block_kadanoff", (out, work(5, np.float64), sums, L // 2, 0.8, state))
    np.testing.assert_array_equal(arrays[0], expected.ravel())
    np.testing.assert_allclose(arrays[1], table, rtol=1e-14)


def test_the_module_is_small(module):
    print(f"\nWebAssembly module: {len(module.code)} bytes, objects {module.sizes}")
    assert len(module.code) <= SIZE_LIMIT


@pytest.mark.weekly
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
