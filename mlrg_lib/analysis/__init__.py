"""What is done with measured numbers, whatever they measure: series in time, means over runs, laws through points."""

from . import fits, series

__all__ = ["fits", "series"]
