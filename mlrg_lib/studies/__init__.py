"""Long computations behind stored results: each runs as ``python -m mlrg_lib.studies.<name> <file>``.

A stored file carries its provenance: the command, the seed, the versions and the seconds it took. A study's ``load``
raises FileNotFoundError where there is none and says how to make it, and ValueError where it is not whole. Submodules,
and :func:`run_study` and :func:`stored_results` from one of them, load on first use.
"""

from importlib import import_module

_MODULES = (
    "block_data",
    "block_fits",
    "block_or_correlation",
    "good_again",
    "good_answers",
    "good_transformations",
    "learning_ising",
    "mode_answers",
    "modes_in_data",
    "phi4_flow",
    "rbm_flow",
    "runner",
    "sampler_validation",
    "shell_coupling",
    "weight_fits",
    "weight_flow",
)

__all__ = [*_MODULES, "run_study", "stored_results"]


def __getattr__(name: str):
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name in __all__:
        return getattr(import_module(f"{__name__}.runner"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
