"""RValue: the shape of an R object on the wire, as plain dicts, and the flat list of buffers beside it.

A tree of JSON-able dicts says type, length, attributes and children; every datum stands in a buffer that
the tree names by its index. Types and constructors only: this module knows neither NumPy nor what becomes
what. All numbers in buffers are little-endian, as both runtimes are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypedDict

__all__ = [
    "NULL",
    "Attributes",
    "Buffers",
    "BytesLike",
    "RValue",
    "attributes_of",
    "vector",
    "with_attributes",
]

BytesLike = bytes | bytearray | memoryview
"""Any C-contiguous bytes; a NumPy array goes in through its memoryview, uncopied."""

RValue = TypedDict(
    "RValue",
    {
        "type": str,  # NULL logical integer double complex raw character list handle python
        "length": int,
        "buffer": int,  # the elements; for character: int32 index into the distinct strings, -1 is NA
        "offsets": int,  # character: int32 x (distinct + 1)
        "data": int,  # character: UTF-8 of the distinct strings, one after the other
        "items": "list[RValue]",  # list
        "handles": "dict[str, list[Any]]",  # list of many handles, instead of items: ids, of, kinds
        "pythons": "dict[str, list[Any]]",  # list of many Python objects: ids, of, kinds
        "attributes": "list[Any]",  # [[name, RValue], ...]
        "id": int,  # handle, python
        "typeof": str,  # handle
        "class": "list[str]",  # handle, python
        "callable": bool,  # python
        "convert": bool,  # python: what R asks of the object becomes R's, too (the default)
    },
    total=False,
)

Attributes = list[tuple[str, RValue]]

NULL: RValue = {"type": "NULL"}


class Buffers(Sequence[BytesLike]):
    """The buffers of one message, in the order in which the tree names them.

    Parameters
    ----------
    items : iterable of bytes-like, optional
        Buffers that arrived. They are not copied; arrays made by decoding may share their memory.
    """

    __slots__ = ("_items", "_kept")

    def __init__(self, items: Iterable[BytesLike] = ()) -> None:
        self._items: list[BytesLike] = list(items)
        self._kept: list[object] = []

    def keep(self, value: object) -> None:
        """Let an object live as long as these buffers: the tree beside them refers to it."""
        self._kept.append(value)

    def append(self, data: BytesLike) -> int:
        """Add a buffer, without copying it, and return its index."""
        self._items.append(data)
        return len(self._items) - 1

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: Any) -> Any:
        return self._items[index]

    def __iter__(self) -> Iterator[BytesLike]:
        return iter(self._items)


def vector(kind: str, length: int, buffer: int) -> RValue:
    """Describe an atomic vector whose elements are in one buffer."""
    return {"type": kind, "length": length, "buffer": buffer}


def with_attributes(node: RValue, pairs: Attributes) -> RValue:
    """Add R attributes to a node, in place, and return it; none leaves it bare."""
    if pairs:
        node.setdefault("attributes", []).extend([name, value] for name, value in pairs)
    return node


def attributes_of(node: RValue) -> dict[str, RValue]:
    """Return a node's attributes by name, in R's order."""
    pairs = node.get("attributes")
    return {name: value for name, value in pairs} if pairs else {}
