"""`rpy2.ipython.rmagic`, and `%load_ext rmagic` of old notebooks: the magics."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ... import load_ipython_extension as _load
from ... import unload_ipython_extension
from ...errors import RError as RInterpreterError
from ...errors import RParseError
from .. import engine
from ..robjects.conversion import Converter
from ..robjects.pandas2ri import converter as _pandas

__all__ = [
    "RInterpreterError",
    "RParseError",
    "default",
    "load_ipython_extension",
    "unload_ipython_extension",
]

default = Converter("magics", _pandas)
"""The rules of the magics: values come as %Rget gives them."""


def load_ipython_extension(shell: Any) -> None:
    """Register the magics; what stays in R is an object of rpy2's classes from now on."""
    _load(shell)
    engine.session()


def __getattr__(name: str) -> Any:
    if name == "RMagics":
        return import_module(_load.__module__ + ".magics").RMagics
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
