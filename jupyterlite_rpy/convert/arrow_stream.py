"""The Arrow C stream interface: any library's table or array -> its schema and chunks, read in place.

The structures are those of https://arrow.apache.org/docs/format/CStreamInterface.html; no Arrow library is
needed. Memory stays the producer's and is released when the last array made over it is gone.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Chunk", "Field", "open_stream"]

_pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_of.restype = ctypes.c_void_p
_pointer_of.argtypes = [ctypes.py_object, ctypes.c_char_p]

_Release = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_Get = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_Error = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)


class _Schema(ctypes.Structure):
    pass


_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
    ("dictionary", ctypes.POINTER(_Schema)),
    ("release", _Release),
    ("private_data", ctypes.c_void_p),
]


class _Array(ctypes.Structure):
    pass


_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))),
    ("dictionary", ctypes.POINTER(_Array)),
    ("release", _Release),
    ("private_data", ctypes.c_void_p),
]


class _Stream(ctypes.Structure):
    _fields_ = [
        ("get_schema", _Get),
        ("get_next", _Get),
        ("get_last_error", _Error),
        ("release", _Release),
        ("private_data", ctypes.c_void_p),
    ]


class _Owned:
    """A structure of the producer's, released when nothing refers to it any more."""

    def __init__(self, made: Any) -> None:
        self.made = made

    def __del__(self) -> None:
        if self.made.release:
            self.made.release(ctypes.addressof(self.made))


@dataclass
class Field:
    """A column's type: Arrow's format string, name, children and dictionary."""

    name: str
    format: str
    ordered: bool
    children: list[Field]
    dictionary: Field | None


class Chunk:
    """One stretch of a column: access to its buffers, as NumPy arrays over the producer's memory."""

    def __init__(self, made: Any, owner: object) -> None:
        self._made = made
        self._owner = owner
        self.length = int(made.length)
        self.offset = int(made.offset)

    def __len__(self) -> int:
        return self.length

    @property
    def n_buffers(self) -> int:
        """How many buffers it has."""
        return int(self._made.n_buffers)

    def buffer(self, place: int, dtype: Any, count: int) -> NDArray[Any]:
        """Return a buffer's first `count` elements; read-only by convention."""
        address = self._made.buffers[place]
        dtype = np.dtype(dtype)
        if not address or not count:
            return np.zeros(count, dtype)
        memory: Any = (ctypes.c_ubyte * (count * dtype.itemsize)).from_address(address)
        memory.owner = self._owner
        return np.frombuffer(memory, dtype)

    def values(self, dtype: Any) -> NDArray[Any]:
        """Return the elements of a fixed-width column."""
        return self.buffer(1, dtype, self.offset + self.length)[self.offset :]

    def bits(self, place: int) -> NDArray[np.bool_]:
        """Return a bitmap's bits for the elements."""
        end = self.offset + self.length
        packed = self.buffer(place, np.uint8, (end + 7) // 8)
        return np.unpackbits(packed, count=end, bitorder="little")[self.offset :].astype(bool)

    def mask(self) -> NDArray[np.bool_] | None:
        """Mark the missing elements; None if there are none."""
        if self._made.null_count == 0 or not self.n_buffers or not self._made.buffers[0]:
            return None
        mask = ~self.bits(0)
        return mask if mask.any() else None

    def children(self) -> list[Chunk]:
        """Return the chunks of the children (a struct's fields, a list's elements)."""
        return [
            Chunk(self._made.children[place].contents, self._owner) for place in range(self._made.n_children)
        ]

    def dictionary(self) -> Chunk:
        """Return the chunk of the dictionary's values."""
        return Chunk(self._made.dictionary.contents, self._owner)


def open_stream(value: Any) -> tuple[Field, Iterator[Chunk]]:
    """Open an object's ``__arrow_c_stream__``: its type, and its chunks one by one.

    What has only ``__arrow_c_array__`` is a stream of one chunk.

    Raises
    ------
    OSError
        The producer says that it failed.
    """
    if not hasattr(value, "__arrow_c_stream__"):
        return _open_array(*value.__arrow_c_array__())
    capsule = value.__arrow_c_stream__()
    stream = _Stream.from_address(_pointer_of(capsule, b"arrow_array_stream"))
    address = ctypes.addressof(stream)
    schema = _Schema()
    _check(stream.get_schema(address, ctypes.addressof(schema)), stream)
    owner = _Owned(schema)
    field = _field(owner.made)
    return field, _chunks(stream, address, capsule)


def _open_array(schema: object, array: object) -> tuple[Field, Iterator[Chunk]]:
    # The capsules would release what they hold when they go; the chunk's owner is the array's capsule.
    field = _field(_Schema.from_address(_pointer_of(schema, b"arrow_schema")))
    made = _Array.from_address(_pointer_of(array, b"arrow_array"))
    return field, iter((Chunk(made, array),))


def _chunks(stream: _Stream, address: int, capsule: object) -> Iterator[Chunk]:
    # `capsule` is an argument so that it lives on: its destructor releases the stream.
    while True:
        made = _Array()
        _check(stream.get_next(address, ctypes.addressof(made)), stream)
        if not made.release:
            return
        yield Chunk(made, _Owned(made))


def _check(code: int, stream: _Stream) -> None:
    if code:
        message = stream.get_last_error(ctypes.addressof(stream))
        raise OSError(code, (message or b"the Arrow stream failed").decode(errors="replace"))


def _field(schema: Any) -> Field:
    return Field(
        name=(schema.name or b"").decode(),
        format=schema.format.decode(),
        ordered=bool(schema.flags & 1),
        children=[_field(schema.children[place].contents) for place in range(schema.n_children)],
        dictionary=_field(schema.dictionary.contents) if schema.dictionary else None,
    )
