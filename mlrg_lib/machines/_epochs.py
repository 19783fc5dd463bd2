"""What goes with passes over the data: the bar that shows them and the callback that may end them."""

from collections.abc import Iterator

import numpy as np

from .._progress import progress
from .._validation import check_bool

__all__ = ["check_callback", "ends", "epochs"]


def check_callback(machine) -> None:
    """Check the parameters ``on_epoch`` and ``verbose``."""
    check_bool("verbose", machine.verbose)
    if machine.on_epoch is not None and not callable(machine.on_epoch):
        raise ValueError(f"on_epoch must be callable or None, got {machine.on_epoch!r}")


def ends(machine, epoch: int) -> bool:
    """Call ``on_epoch`` and return whether training shall end."""
    answer = None if machine.on_epoch is None else machine.on_epoch(machine, epoch)
    if not (answer is None or isinstance(answer, bool | np.bool_)):
        raise ValueError(f"on_epoch must return True, False or None, got {answer!r}")
    return bool(answer)


def epochs(machine, n_epochs: int) -> Iterator[int]:
    """Yield 1, 2, ... for one pass over the data each, showing them and asking ``on_epoch`` after each."""
    with progress(machine.verbose, total=n_epochs, unit="epoch") as bar:
        for epoch in range(1, n_epochs + 1):
            yield epoch
            bar.update(1)
            if ends(machine, epoch):
                return
