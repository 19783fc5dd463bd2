"""BLAS held to one thread, also while several threads of Python ask for it at once."""

import functools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import threadpoolctl

__all__ = ["one_blas_thread"]

_LOCK = threading.Lock()
_USERS, _LIMITS = 0, []
_OWN = threading.local()  # how many of the users are this thread's


@contextmanager
def one_blas_thread(*, look_again: bool = False) -> Iterator[None]:
    """Hold BLAS to one thread in the whole process until the last of those who asked for it is done.

    The number of threads belongs to the process, so whoever saves it and puts it back alone undoes what others asked
    for, or makes it last for ever. ``look_again`` searches for libraries that were loaded since the first call, which
    takes as long as a few training steps.
    """
    global _USERS
    with _LOCK:
        if look_again:
            _libraries.cache_clear()
        if look_again or _USERS == 0:
            _let_any_thread_set_limits()
            _LIMITS.append(_libraries().limit(limits=1, user_api="blas"))
        _USERS += 1
        _OWN.users = _own() + 1
    try:
        yield
    finally:
        with _LOCK:
            _USERS -= 1
            _OWN.users -= 1
            if _USERS == 0:
                _restore()


def _own() -> int:
    return getattr(_OWN, "users", 0)


def _restore() -> None:
    _let_any_thread_set_limits()
    while _LIMITS:
        _LIMITS.pop().restore_original_limits()
    _let_any_thread_set_limits()


def _after_fork() -> None:
    """Go on in a forked child, which has of all threads only the one that forked, but their locks and limits too."""
    global _LOCK, _USERS
    _LOCK, _USERS = threading.Lock(), _own()
    if _USERS == 0:
        _restore()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@functools.cache
def _libraries() -> threadpoolctl.ThreadpoolController:
    return threadpoolctl.ThreadpoolController()


def _let_any_thread_set_limits() -> None:
    """Newer versions of threadpoolctl ignore all but the thread that set the first limit; the last one out may not be
    that one."""
    openblas = getattr(threadpoolctl, "OpenBLASController", None)
    if hasattr(openblas, "clear_controlling_thread"):
        openblas.clear_controlling_thread(force=True)
