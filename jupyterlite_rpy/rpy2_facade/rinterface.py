"""`rpy2.rinterface`: the classes of R objects, NULL, R's missing values, code in and values out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from ..convert.dispatch import encodes
from ..convert.encode import Encoder
from ..convert.value import NULL as NULL_VALUE
from ..convert.value import RValue
from ..errors import RParseError as RParsingError
from . import engine
from .missing import (
    MissingArg,
    NA_Character,
    NA_Complex,
    NA_Integer,
    NA_Logical,
    NA_Real,
    NACharacterType,
    NAComplexType,
    NAIntegerType,
    NALogicalType,
    NARealType,
)
from .rinterface_lib import embedded
from .rinterface_lib.embedded import RRuntimeError
from .sexp import Sexp, SexpVector
from .sexp_types import (
    BoolSexpVector,
    ByteSexpVector,
    ComplexSexpVector,
    ExprSexpVector,
    FloatSexpVector,
    IntSexpVector,
    LangSexpVector,
    ListSexpVector,
    SexpClosure,
    SexpExtPtr,
    SexpS4,
    SexpSymbol,
    StrSexpVector,
)

__all__ = [
    "NULL", "RTYPES", "BoolSexpVector", "ByteSexpVector", "ComplexSexpVector", "ExprSexpVector",
    "FloatSexpVector", "IntSexpVector", "LangSexpVector", "ListSexpVector", "MissingArg",
    "NACharacterType", "NAComplexType", "NAIntegerType", "NALogicalType", "NARealType", "NA_Character",
    "NA_Complex", "NA_Integer", "NA_Logical", "NA_Real", "NULLType", "RParsingError", "RRuntimeError",
    "Sexp", "SexpClosure", "SexpExtPtr", "SexpS4", "SexpSymbol", "SexpVector", "StrSexpVector",
    "embedded", "endr", "evalr", "initr", "parse", "process_revents", "rternalize",
]  # fmt: skip


class RTYPES(str, Enum):
    """R's types by the names of its C code; the values are those of `typeof()`."""

    NILSXP = "NULL"
    SYMSXP = "symbol"
    CLOSXP = "closure"
    ENVSXP = "environment"
    LANGSXP = "language"
    SPECIALSXP = "special"
    BUILTINSXP = "builtin"
    LGLSXP = "logical"
    INTSXP = "integer"
    REALSXP = "double"
    CPLXSXP = "complex"
    STRSXP = "character"
    VECSXP = "list"
    EXPRSXP = "expression"
    RAWSXP = "raw"
    EXTPTRSXP = "externalptr"
    S4SXP = "S4"


class NULLType(Sexp):
    """The type of `NULL`: empty, and false."""

    def __init__(self) -> None:
        vars(self).update(typeof="NULL", _rclass=("NULL",))

    @property
    def rid(self) -> int:
        """There is one of it."""
        return 0

    @property
    def names(self) -> Any:
        """It has none."""
        return self

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return iter(())

    def __getitem__(self, key: Any) -> Any:
        return self if isinstance(key, str) else ()[key]

    def __repr__(self) -> str:
        return "NULL"

    __str__ = __repr__

    def _repr_html_(self) -> None:
        return None


NULL = NULLType()
engine.NOTHING.append(NULL)


@encodes(NULLType)
def _null(value: object, encoder: Encoder) -> RValue:
    return {**NULL_VALUE}


def parse(text: str) -> Any:
    """Parse R code into an expression; `RParsingError` says where it cannot be read."""
    return engine.call_named("base::parse", [], {"text": text, "keep.source": False})


def evalr(text: str, *args: Any, **named: Any) -> Any:
    """Evaluate R code at top level and return its value, visible or not."""
    return engine.evaluate(text, invisible=False)


def initr(*args: Any, **named: Any) -> None:
    """Start R, if it is not running."""
    engine.session().start()


def endr(fatal: int = 0) -> None:
    """R lives as long as the kernel: this does nothing."""


def process_revents() -> None:
    """R in WebAssembly has no windows, and so no events to wait for."""


def rternalize(function: Callable[..., Any] | None = None, *, signature: bool = False) -> Any:
    """Make an R function of a Python one that gets its arguments as R objects, unconverted."""
    if function is None:
        return functools.partial(rternalize, signature=signature)

    @functools.wraps(function)
    def called(*args: Any, **named: Any) -> Any:
        held = [engine.call("base::identity", value) for value in args]
        return function(*held, **{name: engine.call("base::identity", v) for name, v in named.items()})

    return engine.question("function", called, keep=True)


def __getattr__(name: str) -> Any:
    if name in ("globalenv", "baseenv", "emptyenv", "SexpEnvironment"):
        from .robjects import environments

        return getattr(environments, "Environment" if name == "SexpEnvironment" else name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
