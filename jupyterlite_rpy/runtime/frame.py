"""A message and its buffers in, bytes on a pipe out, and back. `js/frame.mjs` is the same in JavaScript.

A frame is: u32 length of the JSON, u32 number of buffers, a u64 size for each buffer (all little-endian),
the JSON as UTF-8, the buffers one after the other. Nothing is padded and nothing is copied on the way out.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Sequence
from typing import IO

from .base import Buffer, Message

_HEAD = struct.Struct("<II")
_PIECES = 512
"""Pieces handed to one writev: below the smallest IOV_MAX that systems have."""


def write_frame(pipe: IO[bytes], message: Message, buffers: Sequence[Buffer] = ()) -> None:
    """Write one frame to an unbuffered binary file."""
    text = json.dumps(message, separators=(",", ":")).encode("ascii")
    views = [_bytes(buffer) for buffer in buffers]
    sizes = struct.pack(f"<{len(views)}Q", *(view.nbytes for view in views))
    head = _HEAD.pack(len(text), len(views)) + sizes + text
    _write_all(pipe, [memoryview(head), *(view for view in views if view.nbytes)])


def read_frame(pipe: IO[bytes]) -> tuple[Message, list[memoryview]]:
    """Read one frame from an unbuffered binary file.

    Returns
    -------
    message, buffers
        Each buffer is fresh, writable memory that nobody else holds.

    Raises
    ------
    EOFError
        The other side has closed its end.
    """
    length, count = _HEAD.unpack(_read_exactly(pipe, _HEAD.size))
    sizes = struct.unpack(f"<{count}Q", _read_exactly(pipe, 8 * count)) if count else ()
    message = json.loads(bytes(_read_exactly(pipe, length)))
    return message, [_read_exactly(pipe, size) for size in sizes]


def _bytes(buffer: Buffer) -> memoryview:
    view = memoryview(buffer)
    return view.cast("B") if view.nbytes else memoryview(b"")  # an empty view cannot be cast


def _read_exactly(pipe: IO[bytes], size: int) -> memoryview:
    view = memoryview(bytearray(size))
    got = 0
    while got < size:
        count = pipe.readinto(view[got:])  # type: ignore[attr-defined]  # typeshed: IO has no readinto
        if not count:
            raise EOFError("the pipe was closed")
        got += count
    return view


def _write_all(pipe: IO[bytes], pieces: list[memoryview]) -> None:
    if not hasattr(os, "writev"):
        for piece in pieces:
            while piece.nbytes:
                piece = piece[pipe.write(piece) :]
        return
    descriptor = pipe.fileno()
    while pieces:
        written = os.writev(descriptor, pieces[:_PIECES])
        done = 0
        while done < len(pieces) and written >= pieces[done].nbytes:
            written -= pieces[done].nbytes
            done += 1
        pieces = pieces[done:]
        if written:
            pieces[0] = pieces[0][written:]
