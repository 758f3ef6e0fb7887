"""`rpy2.ipython.html`: R's vectors and data frames are shown as HTML anyway."""

from __future__ import annotations

from typing import Any

__all__ = ["init_printing"]


def init_printing(**options: Any) -> None:
    """Nothing is to be switched on."""
