"""Start options in, the runtime of this host out. The one place that asks "am I in Pyodide?"."""

from __future__ import annotations

import sys

from .base import Buffer, EventHandler, Loaded, Message, Progress, Runtime, StartOptions

__all__ = [
    "IN_PYODIDE",
    "Buffer",
    "EventHandler",
    "Loaded",
    "Message",
    "Progress",
    "Runtime",
    "StartOptions",
    "open_runtime",
]

IN_PYODIDE = sys.platform == "emscripten"


def open_runtime(options: StartOptions) -> Runtime:
    """Return the runtime of this host, not started yet."""
    if IN_PYODIDE:
        from .pyodide import PyodideRuntime

        return PyodideRuntime(options)
    from .node import NodeRuntime

    return NodeRuntime(options)
