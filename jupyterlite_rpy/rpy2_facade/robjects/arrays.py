"""R's matrices and arrays of each type."""

from __future__ import annotations

from typing import Any

from .. import engine
from ..engine import wraps
from .conversion import to_python, to_r
from .table import Table
from .vector import (
    BoolVector,
    ByteVector,
    ComplexVector,
    FloatVector,
    IntVector,
    ListVector,
    StrVector,
    Vector,
)

__all__ = [
    "Array", "BoolArray", "BoolMatrix", "ByteArray", "ByteMatrix", "ComplexArray", "ComplexMatrix",
    "FloatArray", "FloatMatrix", "IntArray", "IntMatrix", "ListArray", "ListMatrix", "Matrix", "StrArray",
    "StrMatrix",
]  # fmt: skip


class Array(Vector):
    """A vector with dimensions; positions count column after column."""

    @property
    def dim(self) -> tuple[int, ...]:
        """The size of each dimension."""
        return tuple(int(size) for size in engine.call("base::dim", self))

    @dim.setter
    def dim(self, value: Any) -> None:
        self._become(engine.call("base::dim<-", self, value))

    @property
    def names(self) -> Any:
        """The names of each dimension (R's `dimnames`), or NULL."""
        return engine.call("base::dimnames", self)

    @names.setter
    def names(self, value: Any) -> None:
        self._become(engine.call("base::dimnames<-", self, value))

    dimnames = names


class Matrix(Table, Array):
    """A matrix."""

    def __matmul__(self, other: Any) -> Any:
        return self.dot(other)

    def _apply(self, function: str, *args: Any) -> Any:
        return to_python(engine.call(f"base::{function}", self, *map(to_r, args)))

    def transpose(self) -> Any:
        """R's `t(x)`."""
        return self._apply("t")

    def dot(self, other: Any) -> Any:
        """R's `x %*% y`."""
        return self._apply("%*%", other)

    def crossprod(self, other: Any) -> Any:
        """R's `t(x) %*% y`."""
        return self._apply("crossprod", other)

    def tcrossprod(self, other: Any) -> Any:
        """R's `x %*% t(y)`."""
        return self._apply("tcrossprod", other)

    def svd(self, *args: Any) -> Any:
        """Singular value decomposition, as R's list."""
        return self._apply("svd", *args)

    def eigen(self) -> Any:
        """Eigenvalues and eigenvectors, as R's list."""
        return self._apply("eigen")


@wraps("logical", shape="array")
class BoolArray(Array, BoolVector):
    """Truth values."""


@wraps("integer", shape="array")
class IntArray(Array, IntVector):
    """Whole numbers."""


@wraps("double", shape="array")
class FloatArray(Array, FloatVector):
    """Numbers."""


@wraps("complex", shape="array")
class ComplexArray(Array, ComplexVector):
    """Complex numbers."""


@wraps("character", shape="array")
class StrArray(Array, StrVector):
    """Texts."""


@wraps("raw", shape="array")
class ByteArray(Array, ByteVector):
    """Bytes."""


@wraps("list", shape="array")
class ListArray(Array, ListVector):
    """Anything."""


@wraps("logical", shape="matrix")
class BoolMatrix(Matrix, BoolArray):
    """Truth values."""


@wraps("integer", shape="matrix")
class IntMatrix(Matrix, IntArray):
    """Whole numbers."""


@wraps("double", shape="matrix")
class FloatMatrix(Matrix, FloatArray):
    """Numbers."""


@wraps("complex", shape="matrix")
class ComplexMatrix(Matrix, ComplexArray):
    """Complex numbers."""


@wraps("character", shape="matrix")
class StrMatrix(Matrix, StrArray):
    """Texts."""


@wraps("raw", shape="matrix")
class ByteMatrix(Matrix, ByteArray):
    """Bytes."""


@wraps("list", shape="matrix")
class ListMatrix(Matrix, ListArray):
    """Anything."""
