"""One class for each type of R object; elements are Python's, missing ones rpy2's `NA_...` objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..convert.missing import double_is_na
from ..robject import RFunction, RObject
from . import engine
from .engine import wraps
from .missing import NA_Character, NA_Complex, NA_Integer, NA_Logical, NA_Real
from .sexp import Sexp, SexpVector

__all__ = [
    "BoolSexpVector", "ByteSexpVector", "ComplexSexpVector", "ExprSexpVector", "FloatSexpVector",
    "IntSexpVector", "LangSexpVector", "ListSexpVector", "SexpClosure", "SexpExtPtr", "SexpS4",
    "SexpSymbol", "StrSexpVector",
]  # fmt: skip


class BoolSexpVector(SexpVector):
    """Truth values; NA is `NA_Logical`."""

    _coerce = "base::as.logical"
    _element = staticmethod(bool)

    def _read(self) -> list[Any]:
        return [NA_Logical if value is None else value for value in super()._read()]


class IntSexpVector(SexpVector):
    """Whole numbers of 32 bits; NA is `NA_Integer`."""

    _coerce = "base::as.integer"

    @staticmethod
    def _element(value: Any) -> int:
        number = int(value)
        if not -(2**31) < number < 2**31:
            raise OverflowError(f"{number} does not fit into an integer of R: use a FloatVector")
        return number

    def _read(self) -> list[Any]:
        return [NA_Integer if value is None else value for value in super()._read()]


class FloatSexpVector(SexpVector):
    """Numbers; NA is `NA_Real`."""

    _coerce = "base::as.double"
    _element = staticmethod(float)

    def _read(self) -> list[Any]:
        return [NA_Real if value is None or double_is_na(value) else value for value in super()._read()]


class ComplexSexpVector(SexpVector):
    """Complex numbers; NA is `NA_Complex`."""

    _coerce = "base::as.complex"
    _element = staticmethod(complex)

    def _read(self) -> list[Any]:
        return [NA_Complex if v is None or double_is_na(v.real) else v for v in super()._read()]


class StrSexpVector(SexpVector):
    """Texts; NA is `NA_Character`."""

    _coerce = "base::as.character"
    _element = staticmethod(str)

    def _read(self) -> list[Any]:
        return [NA_Character if value is None else value for value in super()._read()]


class ByteSexpVector(SexpVector):
    """Bytes."""

    _coerce = "base::as.raw"
    _takes_bytes = True

    def _prepared(self, values: Any) -> Any:
        return values if isinstance(values, RObject) else bytes(values)


class ListSexpVector(SexpVector):
    """A list, whose elements stay in R until they are looked at."""

    _coerce = "base::as.list"

    def _prepared(self, values: Any) -> Any:
        return values if isinstance(values, RObject) else engine.call("base::list", *values)

    def _read(self) -> list[Any]:
        return [engine.call("base::[[", self, place + 1) for place in range(RObject.__len__(self))]

    def __setitem__(self, key: Any, value: Any) -> None:
        place = key if isinstance(key, slice) else slice(key % len(self), key % len(self) + 1)
        values = value if isinstance(key, slice) else [value]
        places = [i + 1 for i in range(*place.indices(len(self)))]
        self._become(engine.question("replace", self, places, self._prepared(values), keep=True))


class ExprSexpVector(ListSexpVector):
    """Parsed code."""

    _coerce = "base::as.expression"


class LangSexpVector(ListSexpVector):
    """A call."""

    _coerce = "base::as.call"


@wraps("symbol")
class SexpSymbol(Sexp):
    """A name."""

    def __init__(self, name: str) -> None:
        self._become(engine.call("base::as.name", str(name)))


class SexpExtPtr(Sexp):
    """A pointer into C code."""


class SexpS4(Sexp):
    """An object of an S4 class."""


class SexpClosure(RFunction, Sexp):
    """A function. Arguments are converted; `_` in their names stands for R's `.`."""

    def rcall(self, keyvals: Iterable[tuple[str | None, Any]], environment: Any = None) -> Any:
        """Call it with pairs of name (None or "": by position) and value."""
        pairs = list(keyvals)
        args = [value for name, value in pairs if not name]
        return engine.call_named(self, args, {name: value for name, value in pairs if name})
