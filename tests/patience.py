"""How long to wait for what must come. It ends a run that hangs, it judges nothing: a loaded machine is a slow machine.

What is too slow is a question for ``benchmarks``, and where a test must end a computation it counts processor time.
"""

PATIENCE = 1200  # seconds of the clock
