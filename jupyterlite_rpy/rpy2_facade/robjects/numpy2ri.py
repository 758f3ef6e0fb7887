"""`rpy2.robjects.numpy2ri`: R vectors as NumPy arrays."""

from __future__ import annotations

from typing import Any

from . import conversion
from .conversion import Converter, engine_keep

__all__ = ["activate", "converter", "deactivate", "numpy2rpy", "py2rpy", "rpy2numpy", "rpy2py"]

converter = Converter("numpy")
converter.kinds = frozenset({"numpy"})
py2rpy = py2ri = numpy2rpy = numpy2ri = engine_keep


def rpy2py(value: Any) -> Any:
    """Convert an R object: vectors to arrays, lists to dicts, data frames to record arrays."""
    return converter.rpy2py(value)


ri2py = rpy2numpy = rpy2py


def activate() -> None:
    """Use arrays everywhere from now on."""
    conversion.set_conversion(conversion._everywhere[-1] + converter)


def deactivate() -> None:
    """Leave R objects in R again."""
    conversion.set_conversion(conversion.default_converter)
