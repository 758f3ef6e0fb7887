"""A plain scalar between Python and R without buffers: JSON's own values, as in `js/scalars.mjs`.

double: number; integer: "i" and its digits; logical: bool; character: "s" and the text; NULL: None.
What would not survive (NaN and with it NA, infinities, text with NUL) is no plain scalar: it goes as other
values do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from .context import Conversion
from .missing import INTEGER_NA
from .vectors import RVector

__all__ = ["NOT_PLAIN", "Scalar", "decode_plain", "encode_all", "encode_plain", "read_plain"]

Scalar = float | int | str | bool | None

NOT_PLAIN: Final = ...
"""Stands for a value that is no plain scalar."""

_MOST = 4


def encode_plain(value: Any) -> Any:
    """Return the wire's form of a Python scalar, or `NOT_PLAIN`; bool, int, float, str and None have one."""
    cls = value.__class__
    if cls is float:
        return value if value - value == 0.0 else NOT_PLAIN
    if cls is int:
        return f"i{value}" if INTEGER_NA < value < -INTEGER_NA else NOT_PLAIN
    if value is None or cls is bool:
        return value
    if cls is str:
        return f"s{value}" if value.isascii() and "\0" not in value else NOT_PLAIN
    if isinstance(value, float):  # NumPy's
        number = float(value)
        return number if number - number == 0.0 else NOT_PLAIN
    return NOT_PLAIN


def encode_all(values: Iterable[Any]) -> Sequence[Scalar] | None:
    """Return the wire's forms of few scalars, or None if one has none or they are many."""
    if isinstance(values, tuple) and len(values) == 1:  # most often, and a finite number
        value: Any = values[0]
        if value.__class__ is float and value - value == 0.0:
            return values
    if not isinstance(values, (tuple, list)) or len(values) > _MOST:
        return None
    made = [encode_plain(value) for value in values]
    return None if NOT_PLAIN in made else made


def read_plain(scalar: Any) -> Scalar:
    """Return the Python scalar of a wire's form. Whole doubles come from JavaScript as int."""
    cls = scalar.__class__
    if cls is float or cls is bool or scalar is None:
        return scalar  # type: ignore[no-any-return]
    if cls is int:
        return float(scalar)
    return int(scalar[1:]) if scalar[0] == "i" else scalar[1:]


def decode_plain(scalar: Scalar, context: Conversion) -> Any:
    """Return what R's vector of length 1 is in Python; the same as decoding it from buffers."""
    if context.numpy and (scalar.__class__ is float or scalar.__class__ is int):  # doubles, most often
        made = (_empty or _load())(1)
        made[0] = scalar
        return made
    if scalar is None:
        return None
    value = read_plain(scalar)
    cls = value.__class__
    if context.numpy:
        made = (_empty or _load())(1, _DTYPES[cls])
        made[0] = value
        return made
    return RVector([value], _RTYPES[cls])


_RTYPES: dict[type, str] = {float: "double", int: "integer", bool: "logical", str: "character"}
_DTYPES: dict[type, str] = {float: "float64", int: "int32", bool: "bool", str: "object"}
_empty: Any = None


def _load() -> Any:
    """Return what makes arrays: only now is NumPy wanted."""
    global _empty
    import numpy as np

    _empty = np.empty
    return _empty
