"""Python scalars -> vectors of length one; bytes -> raw."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING

from .dates import days_of, is_rounded, is_skipped, nanoseconds_of, zone, zone_name
from .dispatch import KINDS, encodes
from .missing import INTEGER_NA
from .value import NULL, RValue, vector, with_attributes

if TYPE_CHECKING:
    from .encode import Encoder

__all__ = [
    "MAX_EXACT",
    "date_node",
    "exact_double",
    "exact_seconds",
    "exact_span",
    "lose_fractions",
    "lose_skipped",
    "moment_node",
    "session_zone",
    "span_node",
]

MAX_EXACT = 2**53
"""Up to here every whole number is a double."""

KINDS.update(
    {
        type(None): "missing",
        bool: "logical",
        int: "integer",
        float: "double",
        Decimal: "double",
        Fraction: "double",
        complex: "complex",
        str: "character",
        date: "date",
        datetime: "datetime",
        timedelta: "timedelta",
        Enum: "enum",
    }
)


@encodes(type(None))
def _none(value: None, encoder: Encoder) -> RValue:
    return {**NULL}


@encodes(bool)
def _bool(value: bool, encoder: Encoder) -> RValue:
    return vector("logical", 1, encoder.buffers.append(struct.pack("<i", value)))


@encodes(int)
def _int(value: int, encoder: Encoder) -> RValue:
    if INTEGER_NA < value <= -(INTEGER_NA + 1):
        return vector("integer", 1, encoder.buffers.append(struct.pack("<i", value)))
    if -MAX_EXACT <= value <= MAX_EXACT:
        return _float(float(value), encoder)
    raise encoder.path.fail(too_large(value))


@encodes(float)
def _float(value: float, encoder: Encoder) -> RValue:
    return vector("double", 1, encoder.buffers.append(struct.pack("<d", value)))


@encodes(complex)
def _complex(value: complex, encoder: Encoder) -> RValue:
    return vector("complex", 1, encoder.buffers.append(struct.pack("<dd", value.real, value.imag)))


@encodes(str)
def _str(value: str, encoder: Encoder) -> RValue:
    return encoder.strings((value,))


@encodes(Decimal, Fraction)
def _decimal(value: Decimal | Fraction, encoder: Encoder) -> RValue:
    return _float(exact_double(value, encoder), encoder)


@encodes(Enum)
def _enum(value: Enum, encoder: Encoder) -> RValue:
    return encoder.encode(value.value)


@encodes(bytes, bytearray)
def _bytes(value: bytes | bytearray, encoder: Encoder) -> RValue:
    return vector("raw", len(value), encoder.buffers.append(value))


@encodes(memoryview)
def _memoryview(value: memoryview, encoder: Encoder) -> RValue:
    if value.format in ("B", "b", "c"):
        data = value.cast("B") if value.c_contiguous and value.nbytes else value.tobytes()
        return vector("raw", value.nbytes, encoder.buffers.append(data))
    return encoder.encode(value.tolist())


@encodes(date)
def _date(value: date, encoder: Encoder) -> RValue:
    return date_node(encoder, struct.pack("<d", days_of(value)), 1)


@encodes(datetime)
def _datetime(value: datetime, encoder: Encoder) -> RValue:
    seconds = exact_seconds(value, session_zone(encoder), encoder)
    return moment_node(encoder, struct.pack("<d", seconds), 1, tzone_of([value], encoder))


@encodes(timedelta)
def _timedelta(value: timedelta, encoder: Encoder) -> RValue:
    return span_node(encoder, struct.pack("<d", exact_span(value, encoder)), 1)


def too_large(value: int) -> str:
    """Word the refusal of an integer that no double holds exactly."""
    text = str(value) if abs(value) < 10**30 else f"of {value.bit_length()} bits"
    return (
        f"the int {text} is beyond 2^53 and has no exact form in R. Hint: float(x) for the nearest double, "
        "str(x) for text, numpy.int64 for R's bit64"
    )


def exact_double(value: Decimal | Fraction, encoder: Encoder, index: int | None = None) -> float:
    """Return the nearest double; note a loss if it is another number."""
    try:
        nearest = float(value)
    except OverflowError:
        nearest = math.inf
    if math.isinf(nearest) and nearest != value:
        raise encoder.path.fail(f"the {type(value).__name__} is beyond the largest double", index)
    if nearest != value and value == value:
        encoder.path.lose(f"{type(value).__name__} became the nearest double. Hint: str(x) keeps it as text")
    return nearest


def exact_seconds(value: datetime, session: tzinfo, encoder: Encoder) -> float:
    """Return R's seconds for a date-time; note a loss if they are those of another one."""
    if is_skipped(value, session):
        name = encoder.context.timezone if value.tzinfo is None else zone_name(value.tzinfo, value)
        lose_skipped(name or "their zone", encoder)
    return _seconds(nanoseconds_of(value, session), encoder)


def exact_span(value: timedelta, encoder: Encoder) -> float:
    """Return R's seconds for a time span; note a loss if they are those of another one."""
    nanoseconds = getattr(value, "nanoseconds", 0)  # a pandas Timedelta has more than Python's microseconds
    microseconds = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    return _seconds(microseconds * 1000 + nanoseconds, encoder)


def _seconds(nanoseconds: int, encoder: Encoder) -> float:
    if is_rounded(nanoseconds):
        lose_fractions(encoder)
    return nanoseconds / 1_000_000_000  # int / int rounds once


def lose_skipped(name: str, encoder: Encoder) -> None:
    """Note that times were no times in their zone."""
    encoder.path.lose(f"times that {name} skips in spring were moved on by the hour that is skipped")


def lose_fractions(encoder: Encoder) -> None:
    """Note that times were rounded to those that R has."""
    encoder.path.lose(
        "times were rounded: R counts seconds in doubles, microseconds are exact from 1698 to 2242 only. "
        "Hint: the text keeps all digits, str(x) or x.astype(str)"
    )


def session_zone(encoder: Encoder) -> tzinfo:
    """Return the zone of naive date-times."""
    name = encoder.context.timezone
    try:
        return zone(name)
    except KeyError:
        raise encoder.path.fail(
            f"the session's time zone {name!r} is unknown to Python. Hint: pip install tzdata"
        ) from None


def tzone_of(values: Sequence[datetime], encoder: Encoder) -> str:
    """Return R's ``tzone`` for date-times that are all naive, or all aware; ``""`` is the session's zone."""
    if values[0].tzinfo is None:
        return ""
    names = {zone_name(value.tzinfo, value) for value in values if value.tzinfo is not None}
    name = names.pop()
    if name is None or names:
        encoder.path.lose(
            "the times are kept but shown in UTC: R has no zone for their UTC offset, or they are in several"
        )
        return "UTC"
    return name


def date_node(encoder: Encoder, data: bytes, length: int) -> RValue:
    """Make a Date of days as doubles."""
    node = vector("double", length, encoder.buffers.append(data))
    return with_attributes(node, [("class", encoder.strings(("Date",)))])


def moment_node(encoder: Encoder, data: bytes | memoryview, length: int, tzone: str | None) -> RValue:
    """Make a POSIXct of seconds as doubles."""
    node = vector("double", length, encoder.buffers.append(data))
    pairs = [("class", encoder.strings(("POSIXct", "POSIXt")))]
    if tzone is not None:
        pairs.append(("tzone", encoder.strings((tzone,))))
    return with_attributes(node, pairs)


def span_node(encoder: Encoder, data: bytes | memoryview, length: int, units: str = "secs") -> RValue:
    """Make a difftime of doubles in a unit."""
    node = vector("double", length, encoder.buffers.append(data))
    return with_attributes(
        node, [("class", encoder.strings(("difftime",))), ("units", encoder.strings((units,)))]
    )
