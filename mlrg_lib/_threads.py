"""BLAS held to one thread, also while several threads of Python ask for it at once."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import ThreadpoolController

__all__ = ["one_blas_thread"]

_LOCK = threading.Lock()
_USERS, _LIMITS = 0, None


@contextmanager
def one_blas_thread(*, look_again: bool = False) -> Iterator[None]:
    """Hold BLAS to one thread in the whole process until the last of those who asked for it is done.

    The number of threads belongs to the process, so whoever saves it and puts it back alone undoes what others asked
    for, or makes it last for ever. ``look_again`` searches for libraries that were loaded since the first call, which
    takes as long as a few training steps.
    """
    global _USERS, _LIMITS
    if look_again:
        _libraries.cache_clear()
    with _LOCK:
        if _USERS == 0:
            _LIMITS = _libraries().limit(limits=1, user_api="blas")
        _USERS += 1
    try:
        yield
    finally:
        with _LOCK:
            _USERS -= 1
            if _USERS == 0:
                _LIMITS.restore_original_limits()


@functools.cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
