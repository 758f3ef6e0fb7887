"""`rpy2.robjects`: R from Python, by `r("code")`, `r["name"]`, `r.name(...)`, vectors, packages."""

from __future__ import annotations

from typing import Any

from .. import engine, rinterface
from ..missing import MissingArg, NA_Character, NA_Complex, NA_Integer, NA_Logical, NA_Real
from ..rinterface import NULL
from . import (
    constants,
    conversion,
    environments,
    functions,
    language,
    methods,
    numpy2ri,
    packages,
    pandas2ri,
    robject,
    vectors,
)
from .conversion import default_converter, get_conversion, localconverter, set_conversion, to_python
from .environments import Environment, baseenv, emptyenv, globalenv
from .formula import Formula
from .functions import Function, SignatureTranslatedFunction
from .methods import RS4
from .robject import RObject
from .vectors import (
    Array,
    BoolVector,
    ByteVector,
    ComplexVector,
    DataFrame,
    DateVector,
    ExprVector,
    FactorVector,
    FloatVector,
    IntVector,
    LangVector,
    ListVector,
    Matrix,
    POSIXct,
    POSIXlt,
    StrVector,
    Vector,
)

__all__ = [
    "NULL", "RS4", "Array", "BoolVector", "ByteVector", "ComplexVector", "DataFrame", "DateVector",
    "Environment", "ExprVector", "FactorVector", "FloatVector", "Formula", "Function", "IntVector",
    "LangVector", "ListVector", "Matrix", "MissingArg", "NA_Character", "NA_Complex", "NA_Integer",
    "NA_Logical", "NA_Real", "POSIXct", "POSIXlt", "R", "RObject", "SignatureTranslatedFunction",
    "StrVector", "Vector", "baseenv", "constants", "conversion", "default_converter", "emptyenv",
    "environments", "functions", "get_conversion", "globalenv", "language", "localconverter", "methods",
    "numpy2ri", "packages", "pandas2ri", "r", "rinterface", "rl", "robject", "set_conversion", "vectors",
]  # fmt: skip


class R:
    """R: `r("1 + 1")` evaluates code, `r["pi"]` and `r.pi` look names up as R does."""

    def __call__(
        self, string: str, invisible: bool | None = None, print_r_warnings: bool | None = None
    ) -> Any:
        """Evaluate R code and return its last value; None if R would not show it, as after an assignment."""
        hide = invisible if invisible is not None else True
        return to_python(engine.evaluate(str(string), invisible=hide))

    def __getitem__(self, name: str) -> Any:
        found = engine.fetch(name)
        return found.found_as(name) if isinstance(found, Function) else to_python(found)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        for spelled in (name, name.replace("_", ".")):
            try:
                return self[spelled]
            except KeyError:
                continue
        raise AttributeError(f"R has no {name!r}")

    def __dir__(self) -> list[str]:
        return [str(name) for name in engine.call("base::ls", globalenv)]

    def __repr__(self) -> str:
        return "<R of jupyterlite_rpy>"

    @property
    def __version__(self) -> str:
        return str(engine.native(engine.call("base::getRversion")).to_py())

    def _cleanup(self) -> None:
        """Nothing to do: R ends with the kernel."""


r = R()


def rl(code: str) -> Any:
    """Return R code as a call that is not evaluated."""
    return engine.call("base::str2lang", code)


engine.session()
