"""What only the page runs: kernels that the library has no use for, because it has LAPACK, BLAS or all of Python.

Each is tested against the library's own way to the same numbers. They are few, and a test counts their lines.
"""
