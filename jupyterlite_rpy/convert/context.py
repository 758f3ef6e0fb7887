"""Conversion: what encoding and decoding must know about the session they serve."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ConversionError, ConversionWarning
from .converters import Converters, current
from .objects import PythonObjects
from .value import RValue

__all__ = ["Conversion"]

_PACKAGE = str(Path(__file__).parent.parent)  # as frames spell it: not resolved


def _no_session(node: RValue) -> Any:
    raise ConversionError(f"an R object of class {node.get('class')} has no session to live in")


def warn_user(warning: ConversionWarning) -> None:
    """Issue a warning that points at the first line that is neither ours nor IPython's: the user's."""
    level = 2
    frame = sys._getframe(1)
    while frame.f_back is not None and (
        frame.f_code.co_filename.startswith(_PACKAGE)
        or frame.f_globals.get("__name__", "").startswith("IPython.")
    ):
        frame = frame.f_back
        level += 1
    warnings.warn(warning, stacklevel=level)


@dataclass
class Conversion:
    """The choices of one session; they never change while its R lives.

    Parameters
    ----------
    numpy, pandas : bool
        Whether R's vectors and frames become NumPy arrays and pandas frames. Decided once, when R starts:
        a result's type must not depend on what was imported meanwhile. Without them they are `RVector` and
        `RFrame`.
    timezone : str
        IANA name of the time zone that R was started with; naive date-times and R's local ones are in it.
    objects : PythonObjects
        The Python objects that R holds.
    handle : callable
        Makes an `RObject` for a handle node that R sent.
    make_dict : callable
        Makes the dict of a named list from its pairs.
    call : callable, optional
        The session's ``call_function(function, args, kwargs, keep)``, for values that only R can make.
    warn : callable
        Receives one `ConversionWarning` per variable in which something was lost.
    converters : Converters, optional
        The user's converters; without it, those in force where the conversion happens.
    """

    numpy: bool = True
    pandas: bool = True
    timezone: str = "UTC"
    objects: PythonObjects = field(default_factory=PythonObjects)
    handle: Callable[[RValue], Any] = _no_session
    make_dict: Callable[[Iterable[tuple[Any, Any]]], dict[Any, Any]] = dict
    call: Callable[..., Any] | None = None
    warn: Callable[[ConversionWarning], None] = warn_user
    converters: Converters | None = None

    def in_force(self) -> Converters:
        """Return the converters to use now."""
        return self.converters if self.converters is not None else current()
