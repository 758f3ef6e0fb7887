"""A message and its buffers in, bytes on a pipe out, and back. `js/frame.mjs` is the same in JavaScript.

A frame is: u32 length of the JSON, u32 number of buffers, a u64 size for each buffer (all little-endian),
the JSON as UTF-8, the buffers one after the other. Nothing is padded and nothing is copied on the way out.

Where both processes share memory (Linux), large buffers lie in a file there and not in the pipe: the highest
bit of their size is set, and they follow each other in the file from its beginning, each at a multiple of 64.
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
_LARGE = 1 << 18
"""Bytes from which a buffer goes by the shared file."""
_IN_FILE = 1 << 63
_ALIGNMENT = 64
_KEPT = 128 << 20


class SharedFile:
    """Memory that both processes have open as a file; what is in it is void with the next frame.

    Raises
    ------
    OSError
        The system has no such files.
    """

    def __init__(self) -> None:
        if not hasattr(os, "memfd_create"):
            raise OSError("only Linux has memory that is a file without a name")
        self.descriptor = os.memfd_create("jupyterlite_rpy")

    def put(self, views: Sequence[memoryview]) -> bool:
        """Write buffers; False: there is no room, and nothing is there."""
        position = 0
        try:
            for view in views:
                done = 0
                while done < view.nbytes:
                    done += os.pwrite(self.descriptor, view[done:], position + done)
                position += _padded(view.nbytes)
        except OSError:
            os.ftruncate(self.descriptor, 0)
            return False
        return True

    def take(self, position: int, size: int) -> memoryview:
        """Return a copy of a buffer."""
        view = memoryview(bytearray(size))
        got = 0
        while got < size:
            count = os.preadv(self.descriptor, [view[got:]], position + got)
            if not count:
                raise EOFError("the shared file was cut")
            got += count
        return view

    def trim(self) -> None:
        """Give memory back after a value that was very large."""
        if os.fstat(self.descriptor).st_size > _KEPT:
            os.ftruncate(self.descriptor, 0)

    def close(self) -> None:
        os.close(self.descriptor)


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def write_frame(
    pipe: IO[bytes], message: Message, buffers: Sequence[Buffer] = (), shared: SharedFile | None = None
) -> None:
    """Write one frame to an unbuffered binary file, large buffers to `shared`."""
    text = json.dumps(message, separators=(",", ":")).encode("ascii")
    views = [_bytes(buffer) for buffer in buffers]
    apart = [view for view in views if view.nbytes >= _LARGE] if shared is not None else []
    in_file = bool(apart) and shared is not None and shared.put(apart)
    least, mark = (_LARGE, _IN_FILE) if in_file else (1 << 63, 0)
    sizes = struct.pack(
        f"<{len(views)}Q", *(view.nbytes | (mark if view.nbytes >= least else 0) for view in views)
    )
    head = _HEAD.pack(len(text), len(views)) + sizes + text
    _write_all(pipe, [memoryview(head), *(view for view in views if 0 < view.nbytes < least)])


def read_frame(pipe: IO[bytes], shared: SharedFile | None = None) -> tuple[Message, list[memoryview]]:
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
    buffers = []
    position = 0
    for size in sizes:
        if size & _IN_FILE and shared is not None:
            size ^= _IN_FILE
            buffers.append(shared.take(position, size))
            position += _padded(size)
        else:
            buffers.append(_read_exactly(pipe, size))
    if position and shared is not None:
        shared.trim()
    return message, buffers


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
