"""`rpy2.robjects.pandas2ri`: R data frames as pandas', vectors as arrays, factors as Categoricals."""

from __future__ import annotations

from typing import Any

from . import conversion
from .conversion import Converter, engine_keep

__all__ = [
    "activate",
    "converter",
    "deactivate",
    "py2rpy",
    "py2rpy_pandasdataframe",
    "rpy2py",
    "rpy2py_dataframe",
]

converter = Converter("pandas")
converter.kinds = frozenset({"numpy", "pandas"})
py2rpy = py2ri = py2rpy_pandasdataframe = py2rpy_pandasseries = pandas2ri = engine_keep


def rpy2py(value: Any) -> Any:
    """Convert an R object as `%Rget` does."""
    return converter.rpy2py(value)


ri2py = ri2py_dataframe = rpy2py_dataframe = ri2pandas = rpy2py


def activate() -> None:
    """Use pandas and NumPy everywhere from now on."""
    conversion.set_conversion(conversion._everywhere[-1] + converter)


def deactivate() -> None:
    """Leave R objects in R again."""
    conversion.set_conversion(conversion.default_converter)
