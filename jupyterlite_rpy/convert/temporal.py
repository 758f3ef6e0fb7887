"""datetime64 and timedelta64 <-> R's Date, POSIXct and difftime, whose numbers are days, seconds or a unit.

Ticks (int64) and R's numbers (doubles) are turned into each other by splitting off the whole part, so that
nothing is rounded but what really has no tick. Where something has none, R's own numbers are kept beside the
ticks and go back for as long as the ticks are not changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .dates import UNITS
from .missing import INTEGER_NA, put_na
from .scalars import date_node, lose_fractions, moment_node, span_node
from .value import RValue, vector

if TYPE_CHECKING:
    from .decode import Decoder
    from .encode import Encoder

__all__ = [
    "NAT",
    "PER_SECOND",
    "decode_dates",
    "decode_spans",
    "encode_kept",
    "encode_moments",
    "encode_spans",
    "exact_numbers",
    "lose_far",
    "moment_numbers",
    "moment_ticks",
    "numbers_node",
    "numbers_of",
    "same_numbers",
    "span_unit",
    "ticks_of",
]

NAT = np.iinfo(np.int64).min
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9, "ps": 10**12, "fs": 10**15, "as": 10**18}
"""Ticks in a second for each of NumPy's units that R's seconds are made of."""

_DAY_UNITS = ("D", "W", "M", "Y")


def numbers_of(ticks: NDArray[np.int64], per: int) -> NDArray[np.float64]:
    """Turn ticks into R's numbers, `per` ticks each; NaT becomes NA. A new array."""
    if per == 1:
        numbers = ticks.astype(np.float64)
    else:
        whole, rest = np.divmod(ticks, per)
        numbers = whole + rest / per
    gone = ticks == NAT
    if gone.any():
        put_na(numbers, gone)
    return numbers


def ticks_of(numbers: NDArray[Any], per: int) -> NDArray[np.int64]:
    """Turn R's numbers (double, or int32 with its NA) into the nearest ticks; what is not finite is NaT."""
    if numbers.dtype.kind == "i":
        gone = numbers == INTEGER_NA
        ticks = numbers.astype(np.int64) * per
    else:
        gone = ~np.isfinite(numbers)
        finite = np.where(gone, 0.0, numbers) if gone.any() else numbers
        whole = np.floor(finite)
        ticks = whole.astype(np.int64) * per
        if per > 1:
            ticks += np.rint((finite - whole) * per).astype(np.int64)
    if gone.any():
        ticks[gone] = NAT
    return ticks


def moment_ticks(numbers: NDArray[Any], scale: int, unit: str) -> NDArray[np.int64]:
    """Turn R's numbers, `scale` seconds each, into ticks of a unit; in ns the roundest that give them back.

    A double near 2024 is known to a quarter of a microsecond only: 0.123456 s should not read 0.123456001.
    """
    ticks = ticks_of(numbers, scale * PER_SECOND[unit])
    if unit != "ns" or numbers.dtype.kind != "f":
        return ticks
    micro = ticks_of(numbers, scale * PER_SECOND["us"])
    same = numbers_of(micro, scale * PER_SECOND["us"]) == numbers
    return np.where(same, micro * 1000, ticks)


def same_numbers(numbers: NDArray[Any], ticks: NDArray[np.int64], per: int) -> bool:
    """Tell whether ticks give exactly the numbers (bit for bit) that they came from."""
    if numbers.dtype.kind == "i":
        return True
    return bool(np.array_equal(numbers_of(ticks, per).view(np.int64), numbers.view(np.int64)))


def numbers_node(numbers: NDArray[Any], rtype: str, encoder: Encoder) -> RValue:
    """Write R's numbers in the storage they had, or as doubles where it does not hold them."""
    if rtype == "integer" and numbers.dtype.kind == "f":
        gone = np.isnan(numbers)
        finite = np.where(gone, 0.0, numbers)
        if bool(((finite == np.rint(finite)) & (np.abs(finite) < -INTEGER_NA)).all()):
            numbers = finite.astype(np.int32)
            numbers[gone] = INTEGER_NA
    kind = "integer" if numbers.dtype.kind == "i" else "double"
    data = np.ascontiguousarray(numbers, "<i4" if kind == "integer" else "<f8")
    return vector(kind, data.size, encoder.buffers.append(data.view(np.uint8).data))


# Python -> R


def encode_moments(values: NDArray[Any], mask: NDArray[np.bool_] | None, encoder: Encoder) -> RValue:
    """Encode datetime64: whole days as Date, all else as POSIXct in UTC."""
    unit = _unit(values)
    if mask is not None:
        values = np.where(mask, np.datetime64("NaT"), values)
    if unit in _DAY_UNITS:
        ticks = values.astype("M8[D]").view(np.int64)
        return date_node(encoder, numbers_of(ticks, 1).tobytes(), values.size)
    return moment_node(encoder, moment_numbers(values, encoder).view(np.uint8).data, values.size, "UTC")


def moment_numbers(values: NDArray[Any], encoder: Encoder) -> NDArray[np.float64]:
    """Return the seconds since the epoch of datetime64 or timedelta64 values, NaT as NA; note a loss."""
    unit, kind = _unit(values), values.dtype.kind
    if unit not in PER_SECOND:
        values, unit = values.astype(f"{kind}8[s]"), "s"
    ticks = np.ascontiguousarray(values, dtype=f"<{kind}8[{unit}]").view(np.int64)
    return exact_numbers(ticks, unit, encoder)


def exact_numbers(ticks: NDArray[np.int64], unit: str, encoder: Encoder) -> NDArray[np.float64]:
    """Turn ticks of a unit into R's seconds, NaT into NA; note a loss if others would come back."""
    per = PER_SECOND[unit]
    numbers = numbers_of(ticks, per)
    doubtful = np.abs(numbers) > _FINE
    if per > 10**6:
        doubtful |= (ticks % (per // 10**6) != 0) & (ticks != NAT)
    if doubtful.any():  # seldom, and to compare them takes its time
        present = ticks[doubtful]
        if not np.array_equal(moment_ticks(numbers[doubtful], 1, unit), present):
            lose_fractions(encoder)
    return numbers


_FINE = 2.0**33  # up to here seconds as doubles tell microseconds apart


def encode_spans(values: NDArray[Any], mask: NDArray[np.bool_] | None, encoder: Encoder) -> RValue:
    """Encode timedelta64 as difftime in seconds."""
    if _unit(values) in ("M", "Y"):
        raise encoder.path.fail(
            f"{values.dtype} has no fixed length. Hint: x.astype('timedelta64[D]') or int"
        )
    if mask is not None:
        values = np.where(mask, np.timedelta64("NaT"), values)
    return span_node(encoder, moment_numbers(values, encoder).view(np.uint8).data, values.size)


def encode_kept(flat: NDArray[Any], value: Any, encoder: Encoder) -> RValue | None:
    """Encode the elements of an RArray that was a Date or difftime in R, without attributes.

    None if they are something else by now.
    """
    rclass = value.rclass
    if value.stored is not None:
        shown, numbers = value.stored
        if shown.dtype == flat.dtype and np.array_equal(shown.view(np.int64), flat.view(np.int64)):
            return numbers_node(numbers, value.rtype, encoder)
    if "Date" in rclass and flat.dtype == np.dtype("M8[D]"):
        return numbers_node(numbers_of(flat.view(np.int64), 1), value.rtype, encoder)
    units = next(iter(value.rattrs.get("units", ())), None)
    if "difftime" in rclass and units in UNITS and _unit(flat) in PER_SECOND:
        per = UNITS[units] * PER_SECOND[_unit(flat)]
        return numbers_node(numbers_of(flat.view(np.int64), per), value.rtype, encoder)
    return None


def _unit(values: NDArray[Any]) -> str:
    unit, count = np.datetime_data(values.dtype)
    return unit if count == 1 else f"{count}{unit}"


# R -> Python


def decode_dates(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    """Decode a Date: datetime64[D], plain unless R has more to remember."""
    numbers = _numbers(node, attributes, decoder)
    if numbers is None:
        return _as_numbers(node, attributes, decoder)
    ticks = ticks_of(numbers, 1)
    exact = same_numbers(numbers, ticks, 1)
    lose_far(numbers, 86_400, decoder)
    shown: NDArray[Any] = ticks.view("M8[D]")
    return _finish(shown, numbers, exact, node, attributes, decoder, plain=("class",))


def decode_spans(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    """Decode a difftime: timedelta64, plain if its unit is seconds and R has no more to remember."""
    numbers = _numbers(node, attributes, decoder)
    units = next(iter(decoder.strings(attributes["units"])), None) if "units" in attributes else None
    unit = None if numbers is None or units not in UNITS else span_unit(numbers, UNITS[units])
    if numbers is None or units is None or unit is None:
        return _as_numbers(node, attributes, decoder)
    per = UNITS[units] * PER_SECOND[unit]
    ticks = moment_ticks(numbers, UNITS[units], unit)
    exact = same_numbers(numbers, ticks, per)
    if not exact:
        lose_rounding(numbers, ticks, per, unit, decoder)
    plain = ("class", "units") if units == "secs" and unit == "ns" else ()
    return _finish(ticks.view(f"m8[{unit}]"), numbers, exact, node, attributes, decoder, plain)


def span_unit(numbers: NDArray[Any], scale: int) -> str | None:
    """Return the finest of ns, us and s in which all the numbers fit 64 bits, or None."""
    finite = numbers[np.isfinite(numbers)] if numbers.dtype.kind == "f" else numbers[numbers != INTEGER_NA]
    largest = float(np.abs(finite.astype(np.float64)).max(initial=0.0)) * scale
    for unit in ("ns", "us", "s"):
        if largest * PER_SECOND[unit] < 9.2e18:
            return unit
    return None


def lose_far(numbers: NDArray[Any], scale: int, decoder: Decoder) -> None:
    """Note a loss where times (numbers, `scale` seconds each) are infinite, or in none of Python's years."""
    if numbers.dtype.kind != "f":
        numbers = numbers[numbers != INTEGER_NA].astype(np.float64)
    if bool(np.isinf(numbers).any()):
        decoder.path.lose("infinite times became NaT (they go back to R as they were)")
    seconds = numbers[np.isfinite(numbers)] * scale
    if bool(((seconds < _FIRST) | (seconds >= _END)).any()):
        decoder.path.lose(
            "times outside of the years 1 to 9999 stay datetime64: Python's date and datetime have no such. "
            "Hint: x.astype(str) for text"
        )


_FIRST, _END = -62_135_596_800, 253_402_300_800  # the years of Python's datetime, in seconds


def lose_rounding(
    numbers: NDArray[Any], ticks: NDArray[np.int64], per: int, unit: str, decoder: Decoder
) -> None:
    """Note a loss if a tick is off by more than a millionth, or if something infinite became NaT."""
    if numbers.dtype.kind != "f":
        return
    if bool(np.isinf(numbers).any()):
        decoder.path.lose("infinite times became NaT (they go back to R as they were)")
    fine = np.isfinite(numbers)
    off = np.abs(numbers_of(ticks[fine], per) - numbers[fine])
    if bool((off > 1e-6 * np.abs(numbers[fine])).any()):
        decoder.path.lose(f"times were rounded to 1 {unit} (they go back to R as they were)")


def _numbers(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> NDArray[Any] | None:
    if node["type"] not in ("double", "integer"):
        return None
    from .storage import read_array

    return read_array(node, decoder.buffers)


def _as_numbers(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    from .ndarrays import decode_array

    return decode_array(node, attributes, decoder)


def _finish(
    shown: NDArray[Any],
    numbers: NDArray[Any],
    exact: bool,
    node: RValue,
    attributes: dict[str, RValue],
    decoder: Decoder,
    plain: tuple[str, ...],
) -> Any:
    from .ndarrays import finish

    rclass = decoder.strings(attributes["class"])
    if exact and node["type"] == "double" and set(attributes) == set(plain) and len(rclass) == 1:
        return shown
    made = finish(shown, node["type"], attributes, decoder)
    if not exact and hasattr(made, "rattrs"):
        made.stored = (shown.copy(), numbers)
    return made
