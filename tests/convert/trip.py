"""A value to R and back without any R: what the wire carries, and what comes of it."""

from __future__ import annotations

from typing import Any

from jupyterlite_rpy.convert import Buffers, Conversion, RValue, decode, encode
from jupyterlite_rpy.convert.strings import read_strings

PLAIN = Conversion(numpy=False, pandas=False)
"""The choices where Python has neither NumPy nor pandas."""


def send(value: Any, context: Conversion = PLAIN, name: str = "x") -> tuple[RValue, Buffers]:
    buffers = Buffers()
    return encode(value, buffers, context=context, name=name), buffers


def receive(node: RValue, buffers: Buffers, context: Conversion = PLAIN, name: str = "x") -> Any:
    """Decode as from a runtime: each buffer is fresh, writable memory."""
    fresh = Buffers(memoryview(bytearray(buffer)) for buffer in buffers)
    return decode(node, fresh, context=context, name=name)


def trip(value: Any, context: Conversion = PLAIN) -> Any:
    """Return what a value is when it comes back from R."""
    return receive(*send(value, context), context)


def content(node: RValue, buffers: Buffers) -> Any:
    """Return all that the wire says of a value, in a form that can be compared."""
    attributes = sorted((name, content(part, buffers)) for name, part in node.get("attributes", []))
    kind = node["type"]
    if kind == "list":
        return kind, [content(item, buffers) for item in node["items"]], attributes
    if kind == "character":
        return kind, node["length"], read_strings(node, buffers, AssertionError), attributes
    if kind in ("NULL", "handle", "python"):
        return {**node}
    return kind, node["length"], bytes(buffers[node["buffer"]]), attributes


def sent(value: Any, context: Conversion = PLAIN) -> Any:
    """Return what the wire says of a Python value."""
    return content(*send(value, context))
