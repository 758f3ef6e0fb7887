"""Notes of what pandas has no place for: an R column, or factor, or time vector, is written as it was.

A note lies beside the values (in ``df.attrs["R"]``, or on an index or categorical). It counts for as long as
they have the dtype they had, and where R's own values are kept in it, for as long as none of them is changed.
What has no valid note is converted afresh.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import temporal
from .dates import UNITS
from .frames import pd
from .lists import encode_items
from .series import encode_column
from .storage import elements
from .value import RValue, attributes_of, with_attributes

if TYPE_CHECKING:
    from .encode import Encoder

__all__ = ["Note", "encode_kept", "encode_noted"]


@dataclass
class Note:
    """What a column was in R, as far as its dtype does not say it.

    Parameters
    ----------
    kind : str
        How its elements are written: by ``dtype``, as ``whole``, or as Date, POSIXct, difftime,
        integer64, factor, raw or list.
    rtype : str
        R's storage.
    dtype : str
        The pandas dtype that it came as.
    attributes : dict
        R's attributes, all but the levels of a factor.
    shown, kept : object
        The elements as they were shown, and the R value they stand for if they alone do not give it back.
    """

    kind: str
    rtype: str
    dtype: str
    attributes: dict[str, Any] = field(default_factory=dict)
    shown: Any = None
    kept: Any = None


def encode_noted(column: Any, note: Note, encoder: Encoder) -> RValue | None:
    """Encode a column (Series, or extension array) by its note; None if the note does not hold any more."""
    if str(column.dtype) != note.dtype:
        return None
    if note.kind == "whole":
        return encoder.encode(note.kept) if _same_cells(column, note.shown) else None
    if note.kind == "factor":
        return _factor(column, note, encoder)
    node = _ELEMENTS[note.kind](column, note, encoder)
    if node is None:
        return None
    return with_attributes(node, encoder.attributes(note.attributes))


def encode_kept(value: Any, note: Note, encoder: Encoder) -> RValue:
    """Encode an index or categorical that decoding gave a note."""
    node = encode_noted(value, note, encoder)
    return encode_column(value, encoder) if node is None else node


def _factor(column: Any, note: Note, encoder: Encoder) -> RValue:
    array = column if isinstance(column, pd.Categorical) else column.array
    if note.kept is not None and np.array_equal(array.codes, note.shown):
        stored, levels = note.kept
        node = elements("integer", stored, encoder.buffers)
        with_attributes(node, [("levels", encoder.strings(levels))])
    else:
        whole = encode_column(array, encoder)
        node = {key: part for key, part in whole.items() if key != "attributes"}  # type: ignore[assignment]
        with_attributes(node, [("levels", attributes_of(whole)["levels"])])
    return with_attributes(node, encoder.attributes(note.attributes))


def _by_dtype(column: Any, note: Note, encoder: Encoder) -> RValue | None:
    node = encode_column(column, encoder)
    if node["type"] != note.rtype or "attributes" in node:
        return None
    return node


def _raw(column: Any, note: Note, encoder: Encoder) -> RValue | None:
    return elements("raw", column.to_numpy(), encoder.buffers)


def _cells_node(column: Any, note: Note, encoder: Encoder) -> RValue | None:
    return encode_items(column.to_numpy().tolist(), encoder)


def _days(column: Any, note: Note, encoder: Encoder) -> RValue | None:
    ticks = column.to_numpy().view(np.int64)
    if (kept := _kept(ticks, note)) is not None:
        return temporal.numbers_node(kept, note.rtype, encoder)
    present = ticks[ticks != temporal.NAT]
    if (present % 86400).any():
        return None
    return temporal.numbers_node(temporal.numbers_of(ticks, 86400), note.rtype, encoder)


def _seconds(column: Any, note: Note, encoder: Encoder) -> RValue | None:
    utc = pd.DatetimeIndex(column).tz_convert("UTC").tz_localize(None).to_numpy()
    kept = _kept(utc.view(np.int64), note)
    numbers = temporal.moment_numbers(utc, encoder) if kept is None else kept
    return temporal.numbers_node(numbers, note.rtype, encoder)


def _lengths(column: Any, note: Note, encoder: Encoder) -> RValue | None:
    values = column.to_numpy()
    ticks = values.view(np.int64)
    kept = _kept(ticks, note)
    if kept is None:
        per = (
            UNITS[next(iter(note.attributes["units"]))]
            * temporal.PER_SECOND[np.datetime_data(values.dtype)[0]]
        )
        kept = temporal.numbers_of(ticks, per)
    return temporal.numbers_node(kept, note.rtype, encoder)


def _bits(column: Any, note: Note, encoder: Encoder) -> RValue | None:
    smallest = np.int64(np.iinfo(np.int64).min)
    missing = bool(column.isna().any()) if hasattr(column, "isna") else False
    data = column.to_numpy(dtype=np.int64, na_value=smallest) if missing else column.to_numpy(dtype=np.int64)
    return elements("double", data.view(np.float64), encoder.buffers)


def _kept(ticks: NDArray[Any], note: Note) -> Any:
    if note.kept is None or not np.array_equal(ticks, note.shown):
        return None
    return note.kept


def _same_cells(column: Any, shown: Any) -> bool:
    if len(column) != len(shown):
        return False
    if shown.dtype == object:
        return all(
            one is other for one, other in zip(column.to_numpy().tolist(), shown.tolist(), strict=True)
        )
    return bool(
        pd.Series(np.asarray(column) if isinstance(shown, np.ndarray) else column).equals(pd.Series(shown))
    )


_ELEMENTS = {
    "dtype": _by_dtype,
    "raw": _raw,
    "list": _cells_node,
    "Date": _days,
    "POSIXct": _seconds,
    "difftime": _lengths,
    "integer64": _bits,
}
