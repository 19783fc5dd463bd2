"""The decorator of the entries, and the C types their arguments are annotated with."""

import numba
from numba import types

i8, i32, i64 = types.CPointer(types.int8), types.CPointer(types.int32), types.CPointer(types.int64)
u32, u64 = types.CPointer(types.uint32), types.CPointer(types.uint64)
f32, f64 = types.CPointer(types.float32), types.CPointer(types.float64)
integer, real = types.int32, types.float64

ENTRIES = {}


def entry(function):
    """Export a function whose arguments are annotated with C types; what it returns, too, if it returns anything."""
    kinds = dict(function.__annotations__)
    returned = kinds.pop("return", types.void)
    dispatcher = numba.njit(error_model="numpy")(function)
    ENTRIES[function.__name__] = dispatcher, returned(*kinds.values())
    return dispatcher
