"""The same work as ours, done by rpy2 with an R of this machine, where both are installed."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from typing import Any

import ours

WITHOUT = "rpy2 was not compared: `pip install rpy2` where an R is installed"


def installed() -> bool:
    """Whether there is the real one; our own façade has no distribution."""
    try:
        importlib.metadata.version("rpy2")
        import rpy2.robjects  # noqa: F401 - it fails where there is no R
    except Exception:
        return False
    return True


def one_plus_one() -> Callable[[], Any]:
    """Work: R's number in Python."""
    from rpy2 import robjects

    return lambda: robjects.r("1 + 1")[0]


def ways(name: str, value: Any) -> dict[str, Callable[[], Any]]:
    """Work: a value to R as `pushed`, and the one that R has as `name` to Python; {}: rpy2 cannot do it."""
    from rpy2 import robjects
    from rpy2.robjects import numpy2ri, pandas2ri

    converter = robjects.default_converter + numpy2ri.converter + pandas2ri.converter
    robjects.r(f"{name} <- {ours.R_CODE[name]}")

    def push() -> None:
        with converter.context():
            robjects.globalenv["pushed"] = value

    def pull() -> Any:
        with converter.context():
            return robjects.globalenv[name]

    try:
        push(), pull()
    except Exception as error:
        print(f"rpy2 cannot carry {name}: {error}")
        return {}
    return {"to R": push, "to Python": pull}


def forget(name: str) -> None:
    """Free what was made for `name`."""
    from rpy2 import robjects

    robjects.r(f"{name} <- pushed <- NULL; invisible(gc())")
