"""R's missing values and missing arguments, as rpy2 names them; each goes to R as what it is."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from ..convert.dispatch import KINDS, encodes
from ..convert.encode import Encoder
from ..convert.missing import INTEGER_NA, NA_BYTES, double_na
from ..convert.value import RValue, vector

__all__ = [
    "MissingArg",
    "NACharacterType",
    "NAComplexType",
    "NAIntegerType",
    "NALogicalType",
    "NARealType",
    "NA_Character",
    "NA_Complex",
    "NA_Integer",
    "NA_Logical",
    "NA_Real",
    "is_missing",
]


class _Missing:
    """What all have in common: one object of each, which is neither true nor false."""

    _r_name = "NA"

    def __repr__(self) -> str:
        return self._r_name

    __str__ = __repr__

    def __bool__(self) -> bool:
        raise ValueError(f"{self._r_name} is neither true nor false")

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: object) -> Any:
        return self


class NALogicalType(_Missing, int):
    """The type of `NA_Logical`."""


class NAIntegerType(_Missing, int):
    """The type of `NA_Integer`."""

    _r_name = "NA_integer_"


class NARealType(_Missing, float):
    """The type of `NA_Real`, which computes as a NaN."""

    _r_name = "NA_real_"


class NAComplexType(_Missing, complex):
    """The type of `NA_Complex`."""

    _r_name = "NA_complex_"


class NACharacterType(_Missing, str):
    """The type of `NA_Character`."""

    _r_name = "NA_character_"


class _MissingArgType:
    """The type of `MissingArg`."""

    def __repr__(self) -> str:
        return "MissingArg"

    def __bool__(self) -> bool:
        return False


NA_Logical = NALogicalType(INTEGER_NA)
NA_Integer = NAIntegerType(INTEGER_NA)
NA_Real = NARealType(double_na())
NA_Complex = NAComplexType(complex(double_na(), double_na()))
NA_Character = NACharacterType("NA")
MissingArg = _MissingArgType()
"""An argument that is left out: all rows, in `df.rx(MissingArg, 1)`."""

_TYPES = (NALogicalType, NAIntegerType, NARealType, NAComplexType, NACharacterType)
KINDS.update(dict.fromkeys(_TYPES, "missing"))


def is_missing(value: object) -> bool:
    """Tell whether a Python value stands for a missing one in a vector: None or one of the NA's."""
    return value is None or isinstance(value, _TYPES)


def _encoder(kind: str, data: bytes) -> Callable[[Any, Encoder], RValue]:
    def encode(value: object, encoder: Encoder) -> RValue:
        return vector(kind, 1, encoder.buffers.append(data))

    return encode


encodes(NALogicalType)(_encoder("logical", struct.pack("<i", INTEGER_NA)))
encodes(NAIntegerType)(_encoder("integer", struct.pack("<i", INTEGER_NA)))
encodes(NARealType)(_encoder("double", NA_BYTES))
encodes(NAComplexType)(_encoder("complex", NA_BYTES * 2))


@encodes(NACharacterType)
def _na_character(value: object, encoder: Encoder) -> RValue:
    return encoder.strings([None])
