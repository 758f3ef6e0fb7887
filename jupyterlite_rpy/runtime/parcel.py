"""A message and its buffers in; what a function call takes from Python's heap to JavaScript, out. And back.

The other side is `js/pyodide.mjs`. Each buffer that crosses by itself costs some microseconds, whatever its
size; small ones go together, as one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .base import Buffer, Message

__all__ = ["pack", "unpack"]

_SMALL = 4096
"""Buffers up to this many bytes travel packed; js/pyodide.mjs has the same number."""
_ALIGNMENT = 16


def pack(message: Message, buffers: Sequence[Buffer]) -> tuple[str, bytes | None, list[memoryview] | None]:
    """Return the message as a text with the buffers' sizes; the small buffers, packed; the large ones.

    The large ones are not copied.
    """
    views = [memoryview(buffer) for buffer in buffers]
    sizes = [view.nbytes for view in views]
    text = json.dumps({"message": message, "sizes": sizes})
    large = [view.cast("B") for view in views if view.nbytes > _SMALL]
    if len(large) == len(views):
        return text, None, large or None
    small = (view.tobytes() for view in views if view.nbytes <= _SMALL)
    packed = b"".join(part + bytes(-len(part) % _ALIGNMENT) for part in small)
    return text, packed, large or None


def unpack(text: str, bridge: Any) -> tuple[Message, list[memoryview]]:
    """Take what JavaScript has laid out: one copy of each buffer, into memory of Python's own.

    Parameters
    ----------
    text
        The message, with the buffers' sizes.
    bridge
        Where the buffers are, as JavaScript's: `outgoing.packed`, `outgoing.large`.
    """
    parsed = json.loads(text)
    sizes = parsed["sizes"]
    if not sizes:
        return parsed["message"], []
    outgoing = bridge.outgoing
    packed = memoryview(bytearray(outgoing.packed.to_bytes()))
    large = iter(outgoing.large)
    received: list[memoryview] = []
    start = 0
    for size in sizes:
        if size > _SMALL:
            received.append(next(large).to_memoryview().cast("B"))
        else:
            received.append(packed[start : start + size])
            start += -(-size // _ALIGNMENT) * _ALIGNMENT
    return parsed["message"], received
