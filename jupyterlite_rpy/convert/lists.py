"""Lists and dicts: RList, the list that keeps R's attributes, and the rule that makes Python's into R's.

A list whose elements are scalars of one kind becomes an atomic vector, any other an R list.
"""

from __future__ import annotations

import dataclasses
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .dates import days_of
from .dispatch import encodes, kind_of
from .missing import INTEGER_NA, double_na
from .scalars import (
    MAX_EXACT,
    date_node,
    exact_double,
    exact_seconds,
    exact_span,
    moment_node,
    session_zone,
    span_node,
    too_large,
    tzone_of,
)
from .value import RValue, vector, with_attributes

if TYPE_CHECKING:
    from .encode import Encoder

__all__ = ["RList", "encode_dataclass", "encode_items", "encode_sequence"]

_MANY = 100
_LADDER = ("logical", "integer", "double", "complex")
_NO_ATTRIBUTES: Mapping[str, Any] = MappingProxyType({})


class RList(Sequence[Any]):
    """An R list that a plain list or dict cannot hold: partial or repeated names, or other attributes.

    Parameters
    ----------
    items : iterable
        The elements.
    names : iterable of str or None, optional
        A name for each; ``""`` for none, None for R's NA.
    attributes : mapping, optional
        Further R attributes, such as ``{"class": ["mine"]}``.

    Examples
    --------
    >>> x = RList([1, 2, 3], names=["a", "", "a"])
    >>> x["a"], x[2], list(x.items())
    (1, 3, [('a', 1), ('', 2), ('a', 3)])
    """

    __slots__ = ("_items", "names", "rattrs")

    def __init__(
        self,
        items: Iterable[Any] = (),
        names: Iterable[str | None] | None = None,
        attributes: Mapping[str, Any] = _NO_ATTRIBUTES,
    ) -> None:
        self._items = list(items)
        self.names = None if names is None else list(names)
        self.rattrs: dict[str, Any] = dict(attributes)
        if self.names is not None and len(self.names) != len(self._items):
            raise ValueError(f"{len(self.names)} names for {len(self._items)} elements")

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, key: Any) -> Any:
        """Return the element of a position, or the first of a name."""
        if isinstance(key, str):
            try:
                return self._items[(self.names or []).index(key)]
            except ValueError:
                raise KeyError(key) from None
        return self._items[key]

    def items(self) -> Iterator[tuple[str | None, Any]]:
        """Iterate over pairs of name and element."""
        return zip(self.names or [""] * len(self._items), self._items, strict=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RList):
            return NotImplemented
        return bool(self._items == other._items and self.names == other.names and self.rattrs == other.rattrs)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        parts = [repr(self._items)]
        if self.names is not None:
            parts.append(f"names={self.names!r}")
        if self.rattrs:
            parts.append(f"attributes={self.rattrs!r}")
        return f"RList({', '.join(parts)})"


@encodes(RList)
def _rlist(value: RList, encoder: Encoder) -> RValue:
    node = encode_items(value, encoder)
    pairs = [] if value.names is None else [("names", encoder.strings(value.names))]
    return with_attributes(node, pairs + encoder.attributes(value.rattrs))


@encodes(tuple)
def _tuple(value: tuple[Any, ...], encoder: Encoder) -> RValue:
    fields = getattr(value, "_fields", None)
    if isinstance(fields, tuple) and len(fields) == len(value):
        return _dict(dict(zip(fields, value, strict=True)), encoder)
    return encode_sequence(value, encoder)


@encodes(set, frozenset)
def _set(value: set[Any], encoder: Encoder) -> RValue:
    try:
        return encode_sequence(sorted(value), encoder)
    except TypeError:  # elements without an order
        return encode_sequence(list(value), encoder)


@encodes(dict, MappingProxyType)
def _dict(value: Mapping[Any, Any], encoder: Encoder) -> RValue:
    encoder.enter(value)
    items = []
    for key, item in value.items():
        if not isinstance(key, str):
            raise encoder.path.fail(
                f"the dict key {key!r} is of type {type(key).__name__}; names in R are text. "
                "Hint: {str(k): v for k, v in d.items()}"
            )
        items.append(encoder.child(item, key))
    encoder.leave(value)
    node: RValue = {"type": "list", "length": len(items), "items": items}
    return with_attributes(node, [("names", encoder.strings(list(value)))])


def encode_dataclass(value: Any, encoder: Encoder) -> RValue:
    """Encode a dataclass instance as a named list of its fields."""
    return _dict({field.name: getattr(value, field.name) for field in dataclasses.fields(value)}, encoder)


@encodes(array)
def _array(value: array[Any], encoder: Encoder) -> RValue:
    if not value:
        kind = "character" if value.typecode in "uw" else "double" if value.typecode in "fd" else "integer"
        return encoder.strings(()) if kind == "character" else vector(kind, 0, encoder.buffers.append(b""))
    if value.typecode == "d":
        return vector("double", len(value), encoder.buffers.append(memoryview(value).cast("B")))
    return encode_sequence(value, encoder)


@encodes(list, range, deque, type({}.keys()), type({}.values()))
def encode_sequence(values: Any, encoder: Encoder) -> RValue:
    """Encode by the list rule: scalars of one kind make an atomic vector, anything else a list."""
    kinds = {kind_of(cls) for cls in set(map(type, values))}
    if "enum" in kinds:
        values = [
            getattr(value, "value", value) if kind_of(type(value)) == "enum" else value for value in values
        ]
        kinds = {kind_of(cls) for cls in set(map(type, values))}
    missing = "missing" in kinds
    kinds.discard("missing")
    kind = _common(kinds)
    if kind is None:
        return encode_items(values, encoder)
    encode = _VECTORS[kind]
    node = encode(values, missing, encoder)
    return node if node is not None else encode_items(values, encoder)


def encode_items(values: Iterable[Any], encoder: Encoder) -> RValue:
    """Encode as an R list, each element by itself; many that all stay in Python together."""
    if isinstance(values, (list, tuple)) and len(values) >= _MANY:
        node = encoder.pythons(values)
        if node is not None:
            return node
    encoder.enter(values)
    items = [encoder.child(value, index) for index, value in enumerate(values)]
    encoder.leave(values)
    return {"type": "list", "length": len(items), "items": items}


def _common(kinds: set[str]) -> str | None:
    """Return the one kind that scalars of these kinds are all of, or None."""
    if kinds and kinds.issubset(_LADDER):
        return max(kinds, key=_LADDER.index)
    if len(kinds) == 1:
        (kind,) = kinds
        return kind if kind in _VECTORS else None
    return None


def _present(value: Any) -> bool:
    return kind_of(type(value)) != "missing"


def _logicals(values: Any, missing: bool, encoder: Encoder) -> RValue:
    data = array(
        "i", (int(v) if _present(v) else INTEGER_NA for v in values) if missing else map(int, values)
    )
    return vector("logical", len(data), encoder.buffers.append(data.tobytes()))


def _integers(values: Any, missing: bool, encoder: Encoder) -> RValue:
    present = [value for value in values if _present(value)] if missing else values
    low, high = int(min(present)), int(max(present))
    if low > INTEGER_NA and high < -INTEGER_NA:
        data = array("i", [v if _present(v) else INTEGER_NA for v in values] if missing else values)
        return vector("integer", len(data), encoder.buffers.append(data.tobytes()))
    if max(-low, high) > MAX_EXACT:
        index, value = next((i, v) for i, v in enumerate(values) if _present(v) and abs(v) > MAX_EXACT)
        raise encoder.path.fail(too_large(int(value)), index)
    return _doubles(values, missing, encoder)


def _double(value: Any, encoder: Encoder, index: int) -> float:
    if isinstance(value, (Decimal, Fraction)):
        return exact_double(value, encoder, index)
    if isinstance(value, int) and abs(value) > MAX_EXACT:
        raise encoder.path.fail(too_large(value), index)
    return float(value)


def _doubles(values: Any, missing: bool, encoder: Encoder) -> RValue:
    if not missing and set(map(type, values)) == {float}:
        data = array("d", values)
    else:
        na = double_na()
        data = array("d", [_double(v, encoder, i) if _present(v) else na for i, v in enumerate(values)])
    return vector("double", len(data), encoder.buffers.append(data.tobytes()))


def _complexes(values: Any, missing: bool, encoder: Encoder) -> RValue:
    na = complex(double_na(), double_na())
    numbers = [complex(value) if _present(value) else na for value in values]
    data = array("d", chain.from_iterable((number.real, number.imag) for number in numbers))
    return vector("complex", len(numbers), encoder.buffers.append(data.tobytes()))


def _characters(values: Any, missing: bool, encoder: Encoder) -> RValue:
    return encoder.texts(values)


def _dates(values: Any, missing: bool, encoder: Encoder) -> RValue:
    na = double_na()
    data = array("d", [days_of(value) if _present(value) else na for value in values])
    return date_node(encoder, data.tobytes(), len(data))


def _moments(values: Any, missing: bool, encoder: Encoder) -> RValue | None:
    present = [value for value in values if _present(value)]
    if len({value.tzinfo is None for value in present}) > 1:
        return None  # naive and aware times are not of one kind
    na = double_na()
    session = session_zone(encoder)
    data = array("d", [exact_seconds(value, session, encoder) if _present(value) else na for value in values])
    return moment_node(encoder, data.tobytes(), len(data), tzone_of(present, encoder))


def _spans(values: Any, missing: bool, encoder: Encoder) -> RValue:
    na = double_na()
    data = array("d", [exact_span(value, encoder) if _present(value) else na for value in values])
    return span_node(encoder, data.tobytes(), len(data))


_VECTORS = {
    "logical": _logicals,
    "integer": _integers,
    "double": _doubles,
    "complex": _complexes,
    "character": _characters,
    "date": _dates,
    "datetime": _moments,
    "timedelta": _spans,
}
