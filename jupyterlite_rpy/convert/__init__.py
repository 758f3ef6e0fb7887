"""The value bridge: Python value <-> RValue and buffers, an inverse pair that knows no runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .context import Conversion
from .converters import Converters, current, default
from .decode import STRUCTURAL_CLASSES, decode, learn
from .encode import encode, refer
from .lists import RList
from .objects import PythonObjects
from .value import Buffers, RValue
from .vectors import RFrame, RVector

if TYPE_CHECKING:
    from .arrays import RArray, RMaskedArray

__all__ = [
    "STRUCTURAL_CLASSES",
    "Buffers",
    "Conversion",
    "Converters",
    "PythonObjects",
    "RArray",
    "RFrame",
    "RList",
    "RMaskedArray",
    "RValue",
    "RVector",
    "current",
    "decode",
    "default",
    "encode",
    "learn",
    "refer",
]


def __getattr__(name: str) -> Any:
    """Import the array classes when they are asked for: they need NumPy."""
    if name in ("RArray", "RMaskedArray"):
        from . import arrays

        return getattr(arrays, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
