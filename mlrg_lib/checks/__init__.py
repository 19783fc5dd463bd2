"""The book's exercises, one module a chapter, one object an exercise, called with an answer.

An exercise prints what it asks for: a number, an array or a function, here called ``answer``. Called with it, the
exercise returns a :class:`Verdict`: passed, or a hint. It computes the truth itself, by the library or another way, and
never tells it.

>>> from mlrg_lib import checks
>>> checks.ising.two_by_two(...)
Not yet: there is no answer here yet: replace the `...` by yours and run the cell again.
"""

from .._extras import submodules
from ._core import Verdict

CHAPTERS = (
    "ising",
    "renormalization",
    "rbm",
    "pca",
    "variational_rg",
    "mapping",
    "learning_ising",
    "block_or_correlation",
    "good_transformations",
    "weight_flow",
    "momentum_shell",
    "pca_rg",
    "fixed_points_in_data",
    "modes_in_data",
    "sloppiness",
    "other_attempts",
)

__all__ = ["CHAPTERS", "Verdict", *CHAPTERS]

__getattr__, __dir__ = submodules(__name__, CHAPTERS, __all__)
