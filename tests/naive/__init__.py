"""Slow, obvious twins of the kernels, one module per floor; nothing here is imported by the library."""
