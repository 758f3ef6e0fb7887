"""`rpy2.rinterface_lib.embedded`: what is raised when R fails. It is what this package raises everywhere."""

from __future__ import annotations

from ...errors import RError as RRuntimeError
from ...errors import RuntimeStartError as RNotReadyError

__all__ = ["RNotReadyError", "RRuntimeError", "isinitialized", "isready"]


def isinitialized() -> bool:
    """R is started when it is needed."""
    return True


isready = isinitialized
