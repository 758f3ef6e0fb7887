"""The rules where NumPy and pandas are not at hand: R's vectors <-> RVector, its frames <-> RFrame."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .dates import UNITS, date_of, datetime_of, days_of, timedelta_of
from .dispatch import encodes
from .lists import RList, encode_sequence
from .missing import INTEGER64_NA, INTEGER_NA, double_is_na, double_na
from .scalars import MAX_EXACT, exact_seconds, session_zone
from .strings import read_strings
from .value import Buffers, RValue, vector, with_attributes
from .vectors import RFrame, RVector, known_rows

if TYPE_CHECKING:
    from .decode import Decoder
    from .encode import Encoder

__all__ = ["CLASSES", "decode_vector", "read_vector"]


# R -> Python


def read_vector(node: RValue, buffers: Buffers, decoder: Decoder) -> list[Any]:
    """Read the elements of an atomic vector as Python scalars, NA as None but in complex. A copy."""
    kind = node["type"]
    if kind == "character":
        return list(read_strings(node, buffers, decoder.path.fail))
    data = memoryview(buffers[node["buffer"]]).cast("B")
    if kind == "raw":
        return data.tolist()
    if kind in ("logical", "integer"):
        numbers = data.cast("i").tolist()
        if kind == "logical":
            return [None if number == INTEGER_NA else bool(number) for number in numbers]
        return [None if number == INTEGER_NA else number for number in numbers] if numbers else numbers
    doubles = data.cast("d").tolist()
    if kind == "double":
        return [None if double_is_na(number) else number for number in doubles]
    return [complex(re, im) for re, im in zip(doubles[::2], doubles[1::2], strict=True)]


def decode_vector(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    """Decode an atomic vector as RVector; raw without attributes as bytes."""
    if node["type"] == "raw" and not attributes:
        return bytes(decoder.buffers[node["buffer"]])
    made = RVector(read_vector(node, decoder.buffers, decoder), node["type"], decoder.attributes(attributes))
    if node["type"] == "complex":  # either part may be NA, which None alone does not say
        numbers = list(made)
        made[:] = [None if double_is_na(z.real) or double_is_na(z.imag) else z for z in numbers]
        made.stored = (list(made), numbers)
    return made


def decode_factor(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    """Decode a factor as RVector of its labels."""
    value = decode_vector(node, attributes, decoder)
    levels = list(value.rattrs.get("levels", ()))
    if node["type"] != "integer" or None in levels or len(set(levels)) != len(levels):
        return value  # labels could not say which level was meant
    if any(code is not None and not 0 < code <= len(levels) for code in value):
        return value
    return _shown(value, lambda code: levels[code - 1])


def decode_date(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    """Decode a Date as RVector of date; numbers of days where Python has no such date."""
    value = decode_vector(node, attributes, decoder)
    if node["type"] not in ("double", "integer"):
        return value
    if any(days is not None and date_of(days) is None for days in value):
        decoder.path.lose(
            "dates that Python's date cannot say (not within years 1-9999) stay numbers of days"
        )
        return value
    return _shown(value, date_of)


def decode_moment(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    """Decode a POSIXct as RVector of aware datetime."""
    value = decode_vector(node, attributes, decoder)
    if node["type"] not in ("double", "integer"):
        return value
    tz = decoder.zone(next(iter(value.rattrs.get("tzone", ())), None))
    if any(seconds is not None and datetime_of(seconds, tz) is None for seconds in value):
        decoder.path.lose("times that Python's datetime cannot say (not within years 1-9999) stay seconds")
        return value
    return _shown(value, lambda seconds: datetime_of(seconds, tz))


def decode_span(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    """Decode a difftime as RVector of timedelta."""
    value = decode_vector(node, attributes, decoder)
    units = next(iter(value.rattrs.get("units", ())), None)
    if node["type"] not in ("double", "integer") or units not in UNITS:
        return value
    if any(number is not None and timedelta_of(number, units) is None for number in value):
        decoder.path.lose(f"time spans that Python's timedelta cannot say stay numbers of {units}")
        return value
    return _shown(value, lambda number: timedelta_of(number, units))


def decode_integer64(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    """Decode bit64's integers, which R stores in the bits of doubles, as RVector of int."""
    value = decode_vector(node, attributes, decoder)
    if node["type"] == "double":
        whole = memoryview(decoder.buffers[node["buffer"]]).cast("B").cast("q").tolist()
        value[:] = [None if number == INTEGER64_NA else number for number in whole]
    return value


def decode_frame(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    """Decode a data.frame as RFrame."""
    if "row.names" not in attributes or ("names" not in attributes and node["items"]):
        return decoder.plain_list(node, attributes)  # as unname() leaves a frame
    names = decoder.strings(attributes["names"]) if "names" in attributes else []
    if len(names) != len(node["items"]):
        raise decoder.path.fail(f"a broken data.frame: {len(node['items'])} columns, {len(names)} names")
    rest = decoder.attributes({key: value for key, value in attributes.items() if key != "names"})
    columns = [decoder.child(item, name) for name, item in zip(names, node["items"], strict=True)]
    if None in names or len(set(names)) != len(names):
        return RList(columns, names, rest)  # a dict cannot hold these names
    return RFrame(dict(zip(names, columns, strict=True)), rest)  # type: ignore[arg-type]


CLASSES = {
    "factor": decode_factor,
    "Date": decode_date,
    "POSIXct": decode_moment,
    "difftime": decode_span,
    "integer64": decode_integer64,
    "data.frame": decode_frame,
}


def _shown(value: RVector, show: Any) -> RVector:
    numbers = list(value)
    value[:] = [None if number is None else show(number) for number in numbers]
    value.stored = (list(value), numbers)
    return value


# Python -> R


@encodes(RVector)
def _rvector(value: RVector, encoder: Encoder) -> RValue:
    items: list[Any] = list(value)
    if value.stored is not None:
        items = _numbers(value, encoder)
    attributes = dict(value.rattrs)
    names = attributes.get("names")
    if names is not None and len(names) != len(items):
        raise encoder.path.fail(
            f"{len(items)} elements but {len(names)} names. Hint: set x.rattrs['names'] too"
        )
    node = _write(items, value.rtype, "integer64" in value.rclass, encoder)
    if node is None:  # other values were put in
        for name in ("levels", "units", "tzone", "class"):
            attributes.pop(name, None)
        node = encode_sequence(items, encoder)
    return with_attributes(node, encoder.attributes(attributes))


@encodes(RFrame)
def _rframe(value: RFrame, encoder: Encoder) -> RValue:
    lengths = {rows for rows in map(_rows, value.values()) if rows is not None}
    if len(lengths) > 1:
        raise encoder.path.fail(f"columns of a frame must be equally long, not {sorted(lengths)}")
    nrow = lengths.pop() if lengths else value.nrow
    attributes = dict(value.rattrs)
    rows = attributes.get("row.names")
    if rows is None or known_rows(rows) != nrow:
        attributes["row.names"] = RVector([None, -nrow] if nrow else [], "integer")
    encoder.enter(value)
    items = [encoder.child(column, name) for name, column in value.items()]
    encoder.leave(value)
    node: RValue = {"type": "list", "length": len(items), "items": items}
    return with_attributes(node, [("names", encoder.strings(list(value))), *encoder.attributes(attributes)])


def _rows(column: Any) -> int | None:
    """Return how many rows a column has; None where only R could tell."""
    dim = getattr(column, "dim", None)
    if dim:
        return int(dim[0])
    if isinstance(column, RFrame):
        return column.nrow
    return len(column) if isinstance(column, (list, tuple)) or hasattr(column, "dtype") else None


def _numbers(value: RVector, encoder: Encoder) -> list[Any]:
    """Return R's numbers for shown elements: the stored one where the element is untouched."""
    shown, numbers = value.stored or ([], [])
    made: list[Any] = []
    for index, item in enumerate(value):
        if index < len(shown) and shown[index] is item:
            made.append(numbers[index])
        elif item is None or value.rtype == "complex":
            made.append(item)
        else:
            made.append(_number(item, value, encoder))
    return made


def _number(item: Any, value: RVector, encoder: Encoder) -> Any:
    rclass = value.rclass
    try:
        if "factor" in rclass:
            return list(value.rattrs["levels"]).index(item) + 1
        if "Date" in rclass:
            return days_of(item)
        if "POSIXct" in rclass:
            return exact_seconds(item, session_zone(encoder), encoder)
        return item.total_seconds() / UNITS[next(iter(value.rattrs["units"]))]
    except (AttributeError, ValueError, KeyError):
        raise encoder.path.fail(
            f"{item!r} cannot stand in an R vector of class {'/'.join(rclass)}. Hint: list(x) is a plain list"
        ) from None


def _write(items: list[Any], rtype: str, integer64: bool, encoder: Encoder) -> RValue | None:
    """Write elements in their R storage, or return None if they do not fit it."""
    if rtype == "character":
        return encoder.texts(items) if all(x is None or isinstance(x, str) for x in items) else None
    try:
        data = _PACK["integer64" if integer64 and rtype == "double" else rtype](items)
    except (TypeError, ValueError, OverflowError, struct.error):
        return None
    return vector(rtype, len(items), encoder.buffers.append(data))


def _pack_logical(items: list[Any]) -> bytes:
    if not all(item is None or isinstance(item, bool) for item in items):
        raise TypeError
    return array("i", [INTEGER_NA if item is None else item for item in items]).tobytes()


def _pack_integer(items: list[Any]) -> bytes:
    if any(item == INTEGER_NA or (isinstance(item, float) and item != int(item)) for item in items):
        raise ValueError  # the smallest int32 is NA in R
    return array("i", [INTEGER_NA if item is None else int(item) for item in items]).tobytes()


def _pack_double(items: list[Any]) -> bytes:
    if any(isinstance(item, int) and abs(item) > MAX_EXACT for item in items):
        raise ValueError
    na = double_na()
    return array("d", [na if item is None else item for item in items]).tobytes()


def _pack_complex(items: list[Any]) -> bytes:
    na = complex(double_na(), double_na())
    numbers = [na if item is None else complex(item) for item in items]
    return struct.pack(f"<{2 * len(items)}d", *(part for x in numbers for part in (x.real, x.imag)))


def _pack_integer64(items: list[Any]) -> bytes:
    return array("q", [INTEGER64_NA if item is None else item for item in items]).tobytes()


_PACK: dict[str, Callable[[list[Any]], bytes]] = {
    "logical": _pack_logical,
    "integer": _pack_integer,
    "double": _pack_double,
    "complex": _pack_complex,
    "raw": bytes,
    "integer64": _pack_integer64,
}
