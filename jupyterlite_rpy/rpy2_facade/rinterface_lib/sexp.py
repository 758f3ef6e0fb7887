"""`rpy2.rinterface_lib.sexp`: types of what is missing or empty."""

from __future__ import annotations

from ..missing import NACharacterType, NAComplexType, NAIntegerType, NALogicalType, NARealType
from ..rinterface import NULLType
from ..sexp import Sexp, SexpVector

__all__ = [
    "NACharacterType", "NAComplexType", "NAIntegerType", "NALogicalType", "NARealType", "NULLType",
    "Sexp", "SexpVector",
]  # fmt: skip
