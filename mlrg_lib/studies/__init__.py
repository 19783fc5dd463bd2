"""Long computations behind stored results: each runs as ``python -m mlrg_lib.studies.<name> <file>``.

A stored file carries its provenance: the command, the seed, the versions and the seconds it took.
"""

__all__ = []
