"""`rpy2.rinterface_lib.callbacks`: where the text goes that R prints for `ro.r(...)` and R functions.

Assign functions of a text to `consolewrite_print` (what R prints) and `consolewrite_warnerror` (messages and
warnings), or set the level of `logger` to hide the latter. Cells (`%%R`) show theirs themselves.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

from ...result import Output, Stream

__all__ = [
    "consolewrite_print",
    "consolewrite_warnerror",
    "logger",
    "obj_in_module",
    "replace_in_module",
    "take",
]

logger = logging.getLogger("rpy2.rinterface_lib.callbacks")


def consolewrite_print(text: str) -> None:
    """Write what R prints; assign another function to this name to take it."""
    print(text, end="", flush=True)


def consolewrite_warnerror(text: str) -> None:
    """Log messages and warnings of R as warnings; assign another function to this name to take them."""
    logger.warning("R: %s", text.rstrip("\n"))


_usual: dict[str, Callable[[str], Any]] = {"stdout": consolewrite_print, "stderr": consolewrite_warnerror}


def take(output: Output) -> bool:
    """Give text to what the user has put here; False if there is nothing, and it goes its usual way."""
    if not isinstance(output, Stream):
        return False
    wanted = globals()["consolewrite_print" if output.name == "stdout" else "consolewrite_warnerror"]
    if wanted is not _usual[output.name]:
        wanted(output.text)
        return True
    if output.name == "stderr":
        if not logger.isEnabledFor(logging.WARNING):
            return True
        if logger.handlers:
            wanted(output.text)
            return True
    return False


@contextlib.contextmanager
def obj_in_module(module: Any, name: str, value: Any) -> Iterator[None]:
    """Put another object at a module's name for a `with` block."""
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


replace_in_module = obj_in_module
