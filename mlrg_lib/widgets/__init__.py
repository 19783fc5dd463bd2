"""Figures that answer: sliders over a live kernel, and kernels that run in the reader's browser."""

from .explore import explore

__all__ = ["explore"]
