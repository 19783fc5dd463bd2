"""A run in pieces: a progress bar that moves, and Ctrl-C that is heard."""

import time

__all__: list[str] = []


class Driver:
    """Advances an engine in pieces of about a tenth of a second, so that the bar moves and Ctrl-C is heard."""

    def __init__(self, engine, bar):
        self._engine, self._bar, self._piece = engine, bar, 1

    def __call__(self, n: int) -> None:
        while n > 0:
            step = min(self._piece, n)
            begin = time.perf_counter()
            self._engine.advance(step)
            if step == self._piece and time.perf_counter() - begin < 0.05:
                self._piece *= 2
            self._bar.update(step)
            n -= step
