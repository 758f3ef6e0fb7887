"""R's missing values as Python constants: `NA` and those of each type go to R as what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from .dispatch import KINDS, encodes
from .missing import INTEGER_NA, NA_BYTES, double_na
from .value import RValue, vector

if TYPE_CHECKING:
    from .encode import Encoder

__all__ = ["NA", "Missing", "NA_character_", "NA_complex_", "NA_integer_", "NA_real_"]


class Missing:
    """R's NA of a type other than double. In a list it is an NA of the list's type, as None is."""

    __slots__ = ("name", "rtype")

    def __init__(self, name: str, rtype: str) -> None:
        self.name = name
        self.rtype = rtype

    def __repr__(self) -> str:
        return self.name

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self.name} is neither true nor false")

    def __reduce__(self) -> str:
        return self.name


NA = Missing("NA", "logical")
NA_integer_ = Missing("NA_integer_", "integer")
NA_character_ = Missing("NA_character_", "character")
NA_complex_ = Missing("NA_complex_", "complex")
NA_real_: float = double_na()
"""A NaN that R knows as NA: Python computes with it as with any NaN."""

KINDS[Missing] = "missing"


@encodes(Missing)
def _missing(value: Missing, encoder: Encoder) -> RValue:
    if value.rtype == "character":
        return encoder.strings((None,))
    data = NA_BYTES * 2 if value.rtype == "complex" else INTEGER_NA.to_bytes(4, "little", signed=True)
    return vector(value.rtype, 1, encoder.buffers.append(data))
