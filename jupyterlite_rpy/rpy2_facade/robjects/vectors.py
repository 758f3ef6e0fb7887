"""`rpy2.robjects.vectors`: all classes of vectors."""

from __future__ import annotations

from .arrays import (
    Array,
    BoolArray,
    BoolMatrix,
    ByteArray,
    ByteMatrix,
    ComplexArray,
    ComplexMatrix,
    FloatArray,
    FloatMatrix,
    IntArray,
    IntMatrix,
    ListArray,
    ListMatrix,
    Matrix,
    StrArray,
    StrMatrix,
)
from .classed_vectors import DateVector, FactorVector, POSIXct, POSIXlt
from .data_frame import DataFrame
from .vector import (
    BoolVector,
    ByteVector,
    ComplexVector,
    ExprVector,
    FloatVector,
    IntVector,
    LangVector,
    ListVector,
    StrVector,
    Vector,
)

__all__ = [
    "Array", "BoolArray", "BoolMatrix", "BoolVector", "ByteArray", "ByteMatrix", "ByteVector",
    "ComplexArray", "ComplexMatrix", "ComplexVector", "DataFrame", "DateVector", "ExprVector",
    "FactorVector", "FloatArray", "FloatMatrix", "FloatVector", "IntArray", "IntMatrix", "IntVector",
    "LangVector", "ListArray", "ListMatrix", "ListVector", "Matrix", "POSIXct", "POSIXlt", "StrArray",
    "StrMatrix", "StrVector", "Vector",
]  # fmt: skip
