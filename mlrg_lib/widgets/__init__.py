"""Figures that answer: sliders over a live kernel, and kernels that run in the reader's browser."""

from .explore import explore
from .live import live

__all__ = ["explore", "live"]
