"""Arrow tables and arrays (polars, pyarrow, pandas' Arrow columns, ...) -> data.frame or vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import temporal
from .arrow_cells import read_cells
from .arrow_stream import Chunk, Field, open_stream
from .dates import zone, zone_name
from .lists import encode_items
from .local_time import utc_of
from .missing import INTEGER_NA
from .ndarrays import encode_elements
from .scalars import MAX_EXACT, lose_skipped, moment_node, session_zone
from .storage import integer_elements
from .strings import write_coded
from .value import RValue, vector, with_attributes

if TYPE_CHECKING:
    from .encode import Encoder

__all__ = ["encode_stream", "encode_texts"]

_NUMBERS = {
    "c": "i1", "C": "u1", "s": "<i2", "S": "<u2", "i": "<i4", "I": "<u4", "l": "<i8", "L": "<u8",
    "e": "<f2", "f": "<f4", "g": "<f8",
}  # fmt: skip
_UNITS = {"s": "s", "m": "ms", "u": "us", "n": "ns"}


def encode_stream(value: Any, encoder: Encoder) -> RValue:
    """Encode anything that offers ``__arrow_c_stream__``: a table as data.frame, an array as vector."""
    field, stream = open_stream(value)
    _refuse_addresses(field, value, encoder)
    chunks = list(stream)
    if field.format != "+s":
        return _column(field, chunks, encoder)
    nrow = sum(map(len, chunks))
    parts = [chunk.children() for chunk in chunks]
    items = []
    encoder.enter(value)
    for place, child in enumerate(field.children):
        encoder.path.steps.append(child.name)
        pieces = [_within(part[place], chunk) for part, chunk in zip(parts, chunks, strict=True)]
        items.append(_column(child, pieces, encoder))
        encoder.path.steps.pop()
    encoder.leave(value)
    rows = np.array([INTEGER_NA, -nrow] if nrow else [], np.int32)
    return with_attributes(
        {"type": "list", "length": len(items), "items": items},
        [
            ("names", encoder.strings([child.name for child in field.children])),
            ("class", encoder.strings(("data.frame",))),
            ("row.names", integer_elements(rows, encoder.buffers)),
        ],
    )


def _refuse_addresses(field: Field, value: Any, encoder: Encoder) -> None:
    """Refuse columns of Python objects: polars streams their addresses, as bytes of fixed width.

    polars has no other type of fixed width, and its stream says no more of this one.
    """
    if type(value).__module__.partition(".")[0] != "polars":
        return
    for child in field.children:
        encoder.path.steps.append(child.name)
        _refuse_addresses(child, value, encoder)
        encoder.path.steps.pop()
    if field.format.startswith("w:"):
        raise encoder.path.fail(
            "polars keeps Python objects here (dtype Object) and does not give them away. "
            "Hint: x.to_list() of the column, or a dtype for its elements"
        )


def encode_texts(value: Any, encoder: Encoder) -> RValue:
    """Encode a dictionary-encoded Arrow array of strings as a character vector."""
    field, stream = open_stream(value)
    codes, texts = _coded(field, list(stream), encoder)
    data = np.ascontiguousarray(codes, "<i4")
    return write_coded(
        data.size, data.tobytes(), [str(text) for text in texts], encoder.buffers, encoder.path.fail
    )


def _within(child: Chunk, parent: Chunk) -> Chunk:
    """Apply a struct's own offset to its child."""
    if parent.offset:
        child.offset += parent.offset
    child.length = parent.length
    return child


def _column(field: Field, chunks: list[Chunk], encoder: Encoder) -> RValue:
    if field.dictionary is not None:
        return _factor(field, chunks, encoder)
    form = field.format
    if form in _NUMBERS:
        values, mask = _joined(
            [(chunk.values(_NUMBERS[form]), chunk.mask()) for chunk in chunks], _NUMBERS[form]
        )
        return encode_elements(values, encoder, mask)
    for start, function in _BY_FORMAT:
        if form.startswith(start):
            return function(field, chunks, encoder)
    raise encoder.path.fail(f"an Arrow column of type {form!r} has no form in R. Hint: cast it before")


def _joined(
    pieces: Sequence[tuple[NDArray[Any], NDArray[np.bool_] | None]], dtype: Any
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    if len(pieces) == 1:
        return pieces[0]
    values = np.concatenate([piece for piece, _ in pieces]) if pieces else np.zeros(0, dtype)
    if all(mask is None for _, mask in pieces):
        return values, None
    masks = [np.zeros(len(piece), bool) if mask is None else mask for piece, mask in pieces]
    return values, np.concatenate(masks)


def _null(field: Field, chunks: list[Chunk], encoder: Encoder) -> RValue:
    data = np.full(sum(map(len, chunks)), INTEGER_NA, "<i4")
    return vector("logical", data.size, encoder.buffers.append(data.tobytes()))


def _logical(field: Field, chunks: list[Chunk], encoder: Encoder) -> RValue:
    values, mask = _joined([(chunk.bits(1), chunk.mask()) for chunk in chunks], bool)
    return encode_elements(values, encoder, mask)


def _text(field: Field, chunks: list[Chunk], encoder: Encoder) -> RValue:
    cells = read_cells(field, chunks)
    try:
        pool = {cell: None if cell is None else cell.decode() for cell in dict.fromkeys(cells)}
    except UnicodeDecodeError:
        raise encoder.path.fail("its strings are not UTF-8") from None
    return encoder.texts(list(map(pool.__getitem__, cells)))


def _binary(field: Field, chunks: list[Chunk], encoder: Encoder) -> RValue:
    return encode_items(read_cells(field, chunks), encoder)


def _days(field: Field, chunks: list[Chunk], encoder: Encoder) -> RValue:
    dtype = "<i4" if field.format == "tdD" else "<i8"
    values, mask = _joined([(chunk.values(dtype), chunk.mask()) for chunk in chunks], dtype)
    days = values.astype(np.int64) if field.format == "tdD" else values // 86_400_000
    return temporal.encode_moments(days.view("M8[D]"), mask, encoder)


def _moments(field: Field, chunks: list[Chunk], encoder: Encoder) -> RValue:
    unit, tz = _UNITS[field.format[2]], field.format.partition(":")[2]
    values, mask = _joined([(chunk.values("<i8"), chunk.mask()) for chunk in chunks], "<i8")
    ticks = values.copy() if mask is not None else values
    if mask is not None:
        ticks[mask] = temporal.NAT
    per = temporal.PER_SECOND[unit]
    name: str | None = ""
    if not tz:
        ticks, skipped = utc_of(ticks, per, session_zone(encoder))
        if skipped:
            lose_skipped(encoder.context.timezone, encoder)
    else:
        name = _tzone(tz)
        if name is None:
            encoder.path.lose(f"the times are kept but shown in UTC: R has no zone like {tz}")
            name = "UTC"
    numbers = temporal.exact_numbers(ticks, unit, encoder)
    return moment_node(encoder, numbers.view(np.uint8).data, numbers.size, name)


def _tzone(tz: str) -> str | None:
    if tz[0] not in "+-":
        try:
            return zone_name(zone(tz))
        except KeyError:
            return None
    hours, _, minutes = tz[1:].partition(":")
    offset = int(tz[0] + hours)
    return None if int(minutes or 0) else "UTC" if offset == 0 else f"Etc/GMT{-offset:+d}"


def _spans(field: Field, chunks: list[Chunk], encoder: Encoder) -> RValue:
    unit = _UNITS[field.format[2]]
    values, mask = _joined([(chunk.values("<i8"), chunk.mask()) for chunk in chunks], "<i8")
    return temporal.encode_spans(values.view(f"m8[{unit}]"), mask, encoder)


def _decimal(field: Field, chunks: list[Chunk], encoder: Encoder) -> RValue:
    parts = field.format[2:].split(",")
    scale, width = int(parts[1]), int(parts[2]) // 8 if len(parts) > 2 else 16
    pieces = []
    inexact = False
    for chunk in chunks:
        end = chunk.offset + chunk.length
        data = chunk.buffer(1, np.uint8, end * width)[chunk.offset * width :].tobytes()
        wholes = [
            int.from_bytes(data[start : start + width], "little", signed=True)
            for start in range(0, len(data), width)
        ]
        inexact = inexact or any(abs(whole) > MAX_EXACT for whole in wholes)
        pieces.append((np.array([whole / 10**scale for whole in wholes], float), chunk.mask()))
    values, mask = _joined(pieces, float)
    if inexact:
        encoder.path.lose("decimals of more digits than a double has became the nearest doubles")
    return encode_elements(values, encoder, mask)


def _factor(field: Field, chunks: list[Chunk], encoder: Encoder) -> RValue:
    codes, levels = _coded(field, chunks, encoder)
    data = np.where(codes < 0, INTEGER_NA, codes + 1).astype("<i4")
    rclass = ("ordered", "factor") if field.ordered else ("factor",)
    return with_attributes(
        vector("integer", data.size, encoder.buffers.append(data.tobytes())),
        [("levels", encoder.strings([str(level) for level in levels])), ("class", encoder.strings(rclass))],
    )


def _coded(field: Field, chunks: list[Chunk], encoder: Encoder) -> tuple[NDArray[Any], list[Any]]:
    """Read dictionary-encoded chunks, each with a dictionary of its own, as codes into one (-1: missing)."""
    if field.dictionary is None:
        raise encoder.path.fail("an Arrow array was expected to be dictionary-encoded")
    known: dict[Any, int] = {}
    pieces: list[NDArray[Any]] = []
    for chunk in chunks:
        levels = _levels(field.dictionary, chunk.dictionary(), encoder)
        place = np.array(
            [-1 if level is None else known.setdefault(level, len(known)) for level in levels] + [-1]
        )
        codes = chunk.values(_NUMBERS[field.format]).astype(np.int64)
        mask = chunk.mask()
        if mask is not None:
            codes = np.where(mask, len(levels), codes)
        pieces.append(place[codes])
    return (np.concatenate(pieces) if pieces else np.zeros(0, np.int64)), list(known)


def _levels(field: Field, chunk: Chunk, encoder: Encoder) -> list[Any]:
    if field.format in ("u", "U", "vu"):
        return [None if cell is None else cell.decode() for cell in read_cells(field, [chunk])]
    if field.format in _NUMBERS:
        mask = chunk.mask()
        levels = [str(value) for value in chunk.values(_NUMBERS[field.format]).tolist()]
        return levels if mask is None else [None if gone else x for x, gone in zip(levels, mask, strict=True)]
    raise encoder.path.fail(
        f"categories of Arrow type {field.format!r} have no text. Hint: cast them to strings"
    )


def _nested(field: Field, chunks: list[Chunk], encoder: Encoder) -> RValue:
    """Encode lists and structs as an R list, cell by cell."""
    nodes: list[RValue] = []
    for chunk in chunks:
        mask = chunk.mask()
        gone = mask.tolist() if mask is not None else [False] * chunk.length
        for index, missing in enumerate(gone):
            encoder.path.steps.append(len(nodes))
            nodes.append({"type": "NULL"} if missing else _cell(field, chunk, index, encoder))
            encoder.path.steps.pop()
    return {"type": "list", "length": len(nodes), "items": nodes}


def _cell(field: Field, chunk: Chunk, index: int, encoder: Encoder) -> RValue:
    children = chunk.children()
    if field.format == "+s":
        items = []
        for child, part in zip(field.children, children, strict=True):
            items.append(_column(child, [_slice(part, chunk.offset + index, 1)], encoder))
        names = [child.name for child in field.children]
        return with_attributes(
            {"type": "list", "length": len(items), "items": items}, [("names", encoder.strings(names))]
        )
    if field.format.startswith("+w"):
        width = int(field.format[3:])
        start, length = (chunk.offset + index) * width, width
    else:
        place = chunk.offset + index
        dtype = "<i8" if field.format == "+L" else "<i4"
        first, last = chunk.buffer(1, dtype, place + 2)[place : place + 2].tolist()
        start, length = first, last - first
    return _column(field.children[0], [_slice(children[0], start, length)], encoder)


def _slice(chunk: Chunk, start: int, length: int) -> Chunk:
    chunk.offset += start
    chunk.length = length
    return chunk


_BY_FORMAT: list[tuple[str, Callable[[Field, list[Chunk], Encoder], RValue]]] = [
    ("n", _null),
    ("b", _logical),
    ("u", _text),
    ("U", _text),
    ("vu", _text),
    ("z", _binary),
    ("Z", _binary),
    ("vz", _binary),
    ("w:", _binary),
    ("tdD", _days),
    ("tdm", _days),
    ("ts", _moments),
    ("tD", _spans),
    ("d:", _decimal),
    ("+l", _nested),
    ("+L", _nested),
    ("+w", _nested),
    ("+s", _nested),
]
