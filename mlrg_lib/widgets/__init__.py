"""Figures that answer: sliders over a live kernel, and kernels that run in the reader's browser."""

from .explore import explore
from .live import live, static_html, write_assets

__all__ = ["explore", "live", "static_html", "write_assets"]
