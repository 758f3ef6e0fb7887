"""`rpy2.robjects.language`: R code as an object."""

from __future__ import annotations

from typing import Any

from .. import engine
from .vector import LangVector

__all__ = ["LangVector", "eval"]


def eval(expression: Any, envir: Any = None) -> Any:  # rpy2's name
    """Evaluate R code, as text or parsed."""
    if isinstance(expression, str):
        return engine.evaluate(expression, invisible=False)
    place = {} if envir is None else {"envir": envir}
    return engine.call_named("base::eval", [expression], place, at_top=True)
