"""Columns of an R data.frame -> arrays that pandas holds, and notes of what those do not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import temporal
from .arrays import plain_of
from .dates import UNITS
from .frames import pd
from .missing import INTEGER_NA, any_na
from .notes import Note
from .storage import object_array, read_array
from .value import RValue, attributes_of

if TYPE_CHECKING:
    from .decode import Decoder

__all__ = ["categorical", "decode_column", "local_moments", "moments"]

_BY_ELEMENT = ("names", "dim", "dimnames")  # attributes that fit only the elements they came with
_PANDAS_3 = int(pd.__version__.split(".")[0]) >= 3


# R -> Python


def decode_column(node: RValue, nrow: int, decoder: Decoder) -> tuple[Any, Note | None]:
    """Decode a column: an array that pandas can hold, and a note if that array alone would not go back."""
    kind = node["type"]
    attributes = node.get("attributes")
    if not attributes and kind not in ("NULL", "handle", "python", "raw"):
        if kind == "list":
            return _list(node, {}, decoder)
        return _plain(node, decoder), None
    if kind in ("NULL", "handle", "python"):
        return _whole(node, nrow, decoder)
    named = attributes_of(node)
    if any(name in named for name in _BY_ELEMENT):
        return _whole(node, nrow, decoder)
    rclass = decoder.strings(named["class"]) if "class" in named else []
    for name in rclass:
        function = _BY_CLASS.get(name or "")
        if function is not None:
            values, note = function(node, named, decoder)
            break
    else:
        if kind == "list":
            if "data.frame" in rclass:
                return _whole(node, nrow, decoder)
            if "POSIXlt" in rclass:
                return _local(node, named, nrow, decoder)
            return _list(node, named, decoder)
        values, note = _plain(node, decoder), Note(kind if kind == "raw" else "dtype", kind, "")
    if note is not None:
        note.dtype = str(values.dtype)
        note.attributes = decoder.attributes({key: part for key, part in named.items() if key != "levels"})
    return values, note


def categorical(node: RValue, named: dict[str, RValue], decoder: Decoder) -> tuple[Any, Note | None]:
    """Decode a factor as Categorical. A level NA is NaN there, and R's codes are kept."""
    if node["type"] != "integer" or "levels" not in named:
        return _plain(node, decoder), Note("dtype", node["type"], "")
    stored = read_array(node, decoder.buffers)
    levels = decoder.strings(named["levels"])
    rclass = decoder.strings(named["class"])
    ordered = "ordered" in rclass
    codes = stored - np.int32(1)
    codes[stored == INTEGER_NA] = -1
    regular = rclass == (["ordered", "factor"] if ordered else ["factor"])
    kept = None
    if None in levels:
        gone = levels.index(None)
        kept = (stored, list(levels))
        codes[codes == gone] = -1
        codes[codes > gone] -= 1
        levels = [level for level in levels if level is not None]
    dtype = pd.CategoricalDtype(pd.Index(levels, dtype=object if not levels else None), ordered)
    values = pd.Categorical.from_codes(codes, dtype=dtype)
    if regular and kept is None and len(named) == 2 and "attributes" not in named["levels"]:
        return values, None
    note = Note("factor", "integer", "", kept=kept)
    note.shown = codes if kept is not None else None
    return values, note


def moments(node: RValue, named: dict[str, RValue], decoder: Decoder) -> tuple[Any, Note | None]:
    """Decode a POSIXct as DatetimeIndex with a zone, in ns where they reach and us beyond."""
    if node["type"] not in ("double", "integer"):
        return _plain(node, decoder), Note("dtype", node["type"], "")
    numbers = read_array(node, decoder.buffers)
    tzone = decoder.strings(named["tzone"]) if "tzone" in named else []
    zone = decoder.zone(tzone[0] if tzone else None)
    unit = temporal.span_unit(numbers, 1) or "s"
    ticks = temporal.moment_ticks(numbers, 1, unit)
    exact = temporal.same_numbers(numbers, ticks, temporal.PER_SECOND[unit])
    if not exact:
        temporal.lose_rounding(numbers, ticks, temporal.PER_SECOND[unit], unit, decoder)
    temporal.lose_far(numbers, 1, decoder)
    values = pd.DatetimeIndex(ticks.view(f"M8[{unit}]")).tz_localize("UTC").tz_convert(zone)
    regular = node["type"] == "double" and len(named) == 2 and len(tzone) == 1 and tzone[0] not in ("", None)
    if (
        exact
        and regular
        and decoder.strings(named["class"]) == ["POSIXct", "POSIXt"]
        and _says(zone, tzone[0])
    ):
        return values, None
    note = Note("POSIXct", node["type"], "")
    if not exact:
        note.shown, note.kept = ticks, numbers
    return values, note


def local_moments(node: RValue, named: dict[str, RValue], decoder: Decoder) -> Any:
    """Decode a POSIXlt, R's list of years, months, ..., as DatetimeIndex; None if parts are missing."""
    names = decoder.strings(named["names"]) if "names" in named else []
    parts = dict(zip(names, node["items"], strict=True))
    try:
        fields = {
            name: read_array(parts[name], decoder.buffers).astype(np.float64)
            for name in ("year", "mon", "mday", "hour", "min", "sec")
        }
    except KeyError:
        return None
    for values in fields.values():
        values[values == INTEGER_NA] = np.nan
    size = max((len(values) for values in fields.values()), default=0)
    year, month, day, hour, minute, second = (np.resize(values, size) for values in fields.values())
    with np.errstate(invalid="ignore"):  # infinite times
        gone = ~np.isfinite(year + month + day + hour + minute + second)
    for values in (year, month, day, hour, minute, second):
        values[gone] = 0
    months = ((year - 70) * 12 + month).astype(np.int64).view("M8[M]")
    days = months.astype("M8[D]").astype(np.int64) + day.astype(np.int64) - 1
    whole = np.floor(second)
    seconds = days * 86400 + (hour * 3600 + minute * 60 + whole).astype(np.int64)
    seconds[gone] = 0
    unit = temporal.span_unit(seconds.astype(np.float64), 1) or "s"
    per = temporal.PER_SECOND[unit]
    ticks = seconds * per + np.rint((second - whole) * per).astype(np.int64)
    ticks[gone] = temporal.NAT
    tzone = decoder.strings(named["tzone"]) if "tzone" in named else []
    zone = decoder.zone(tzone[0] if tzone else None)
    index = pd.DatetimeIndex(ticks.view(f"M8[{unit}]"))
    summer = np.resize(read_array(parts["isdst"], decoder.buffers), size) == 1 if "isdst" in parts else gone
    return index.tz_localize(zone, ambiguous=summer, nonexistent=pd.Timedelta("1h"))


def _says(zone: Any, tzone: str | None) -> bool:
    from .dates import zone_name

    return zone_name(zone) == tzone


def _plain(node: RValue, decoder: Decoder) -> Any:
    """Decode elements without regard to attributes."""
    kind = node["type"]
    if kind == "character":
        return _strings(node, decoder)
    data = read_array(node, decoder.buffers)
    if kind == "integer":
        return pd.arrays.IntegerArray(data, data == INTEGER_NA) if any_na(data) else data
    if kind == "logical":
        if any_na(data):
            return pd.arrays.BooleanArray(data == 1, data == INTEGER_NA)
        return data.astype(bool)
    return data


def _strings(node: RValue, decoder: Decoder) -> Any:
    if _PANDAS_3:
        return pd.array(object_array(node, decoder, np.nan), dtype="str")
    return pd.arrays.StringArray(object_array(node, decoder, pd.NA))


def _dates(node: RValue, named: dict[str, RValue], decoder: Decoder) -> tuple[Any, Note | None]:
    if node["type"] not in ("double", "integer"):
        return _plain(node, decoder), Note("dtype", node["type"], "")
    numbers = read_array(node, decoder.buffers)
    ticks = temporal.ticks_of(numbers, 1)
    exact = temporal.same_numbers(numbers, ticks, 1)
    temporal.lose_far(numbers, 86_400, decoder)
    values = ticks.view("M8[D]").astype("M8[s]")
    if exact and node["type"] == "double" and len(named) == 1 and decoder.strings(named["class"]) == ["Date"]:
        return values, None
    note = Note("Date", node["type"], "")
    if not exact:
        note.shown, note.kept = values.view(np.int64).copy(), numbers
    return values, note


def _spans(node: RValue, named: dict[str, RValue], decoder: Decoder) -> tuple[Any, Note | None]:
    units = next(iter(decoder.strings(named["units"])), None) if "units" in named else None
    numbers = (
        None
        if units not in UNITS or node["type"] not in ("double", "integer")
        else read_array(node, decoder.buffers)
    )
    unit = None if numbers is None or units is None else temporal.span_unit(numbers, UNITS[units])
    if numbers is None or units is None or unit is None:
        return _plain(node, decoder), Note("dtype", node["type"], "")
    per = UNITS[units] * temporal.PER_SECOND[unit]
    ticks = temporal.moment_ticks(numbers, UNITS[units], unit)
    note = Note("difftime", node["type"], "")
    if not temporal.same_numbers(numbers, ticks, per):
        temporal.lose_rounding(numbers, ticks, per, unit, decoder)
        note.shown, note.kept = ticks.copy(), numbers
    return ticks.view(f"m8[{unit}]"), note


def _integer64(node: RValue, named: dict[str, RValue], decoder: Decoder) -> tuple[Any, Note | None]:
    if node["type"] != "double":
        return _plain(node, decoder), Note("dtype", node["type"], "")
    data = read_array(node, decoder.buffers).view(np.int64)
    gone = data == np.iinfo(np.int64).min
    return (pd.arrays.IntegerArray(data, gone) if gone.any() else data), Note("integer64", "double", "")


_BY_CLASS = {
    "factor": categorical,
    "Date": _dates,
    "POSIXct": moments,
    "difftime": _spans,
    "integer64": _integer64,
}


def _list(node: RValue, named: dict[str, RValue], decoder: Decoder) -> tuple[Any, Note]:
    cells = decoder.items(node, range(node["length"]))
    return _cells(cells), Note("list", "list", "object", decoder.attributes(named))


def _whole(node: RValue, nrow: int, decoder: Decoder) -> tuple[Any, Note]:
    """Decode a column that is more than a vector (matrix, frame, S4): shown cell by cell, kept whole."""
    value = decoder.decode(node)
    shown = _shown(value, nrow)
    return shown, Note("whole", node["type"], str(shown.dtype), shown=shown.copy(), kept=value)


def _local(node: RValue, named: dict[str, RValue], nrow: int, decoder: Decoder) -> tuple[Any, Note]:
    """Decode a POSIXlt column: shown as times with a zone, kept as R's list."""
    shown = local_moments(node, named, decoder)
    if shown is None or len(shown) != nrow:
        return _whole(node, nrow, decoder)
    return shown, Note("whole", "list", str(shown.dtype), shown=shown, kept=decoder.plain_list(node, named))


def _shown(value: Any, nrow: int) -> Any:
    if isinstance(value, pd.DataFrame) and len(value) == nrow:
        return _cells(value.to_dict("records"))
    if isinstance(value, np.ndarray):
        plain = plain_of(value)
        if plain.ndim > 1 and len(plain) == nrow:
            return _cells(list(plain))
        if isinstance(plain, np.ma.MaskedArray):
            array = pd.arrays.IntegerArray if plain.dtype.kind == "i" else pd.arrays.BooleanArray
            return array(np.asarray(plain.data), np.ma.getmaskarray(plain))
        if plain.ndim == 1 and len(plain) == nrow:
            return plain.astype("M8[s]") if plain.dtype == np.dtype("M8[D]") else plain
    if isinstance(value, (pd.Categorical, pd.DatetimeIndex)) and len(value) == nrow:
        return value
    if not isinstance(value, (str, bytes, dict)) and hasattr(value, "__iter__") and hasattr(value, "__len__"):
        try:
            cells = list(value)
        except TypeError:  # an R object is not iterable
            cells = []
        if len(cells) == nrow:
            return _cells(cells)
    return _cells([value] * nrow)


def _cells(cells: list[Any]) -> NDArray[Any]:
    made = np.empty(len(cells), object)
    for index, cell in enumerate(cells):  # not made[:] = cells: NumPy would look into them
        made[index] = cell
    return made
