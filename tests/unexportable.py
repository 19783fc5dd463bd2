"""Kernels that must be refused an export to WebAssembly, each for its own reason."""

import numba
import numpy as np
from numba import carray, types

SIGNATURE = types.void(types.CPointer(types.float64), types.int32)


@numba.njit(error_model="numpy")
def allocates(x, n):
    values = carray(x, n)
    values[:] = np.sort(values)


@numba.njit(error_model="numpy")
def raises(x, n):
    values = carray(x, n)
    if values[0] < 0:
        raise ValueError("negative")
    values[0] = 1


@numba.njit
def divides_as_python(x, n):
    carray(x, n)[0] = 1 / n


@numba.njit(error_model="numpy", parallel=True)
def is_parallel(x, n):
    values = carray(x, n)
    for i in numba.prange(n):
        values[i] = i


@numba.njit(error_model="numpy")
def prints(x, n):
    print(carray(x, n)[0])


@numba.njit(error_model="numpy")
def uses_numpy_random(x, n):
    carray(x, n)[0] = np.random.random()  # noqa: NPY002 - the point of this kernel


@numba.njit(error_model="numpy")
def does_not_compile(x, n):
    carray(x, n)[0] = "text"


REASONS = {
    "allocates": "it allocates memory",
    "raises": "it can raise an exception",
    "divides_as_python": "it can raise an exception",
    "is_parallel": "it is parallel",
    "prints": "numba run-time helper",
    "uses_numpy_random": "numba run-time helper",
    "does_not_compile": "numba does not compile it",
}
ENTRIES = {name: (globals()[name], SIGNATURE) for name in REASONS}
