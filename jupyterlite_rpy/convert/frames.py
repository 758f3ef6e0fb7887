"""pandas frames <-> R's data.frame. The one module that imports pandas, and only where it is there.

It is imported when a pandas value is to be encoded (so pandas is loaded), or when R's frames are to be pandas
frames in this session (so pandas was found when R started).
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas

from .dispatch import encodes
from .missing import INTEGER_NA
from .storage import integer_elements, read_array
from .value import RValue, with_attributes

if TYPE_CHECKING:
    from .decode import Decoder
    from .encode import Encoder

pd: Any = pandas
"""pandas, for the modules beside this one."""

from . import columns, series  # noqa: E402 - they need `pd`
from .notes import Note, encode_noted  # noqa: E402

__all__ = ["CLASSES", "FrameNotes", "pd"]

# From this size of a column on, a frame is made over R's copy of the data instead of copying once more.
_LARGE = 1 << 16


class FrameNotes(dict[str, Any]):
    """What R knows of a frame and pandas has no place for; it lies in ``df.attrs["R"]``.

    As a dict it says the class and the kind of row names, in a form that JSON can carry. pandas copies and
    compares attrs at every turn, so this is never changed, is its own copy and equal to itself only.

    Parameters
    ----------
    attributes : dict
        R attributes by name, without names and row names.
    rows : str
        ``automatic``, ``integer`` or ``character`` row names.
    notes : dict
        `Note` by column label and how often the label came before.
    """

    def __init__(self, attributes: dict[str, Any], rows: str, notes: dict[tuple[Any, int], Note]) -> None:
        super().__init__({"class": [str(name) for name in attributes.get("class", ())], "row.names": rows})
        self.attributes = attributes
        self.rows = rows
        self.notes = notes

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    __hash__ = None

    def __copy__(self) -> FrameNotes:
        return self

    def __deepcopy__(self, memo: object) -> FrameNotes:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        from ..robject import RObject  # what lives in R cannot travel

        kept = {name: value for name, value in self.attributes.items() if not isinstance(value, RObject)}
        notes = {key: note for key, note in self.notes.items() if not isinstance(note.kept, RObject)}
        return FrameNotes, (kept, self.rows, notes)

    def __repr__(self) -> str:
        more = [name for name in self.attributes if name != "class"]
        return f"FrameNotes(class={self['class']!r}, row.names={self.rows!r}{f', {more=}' if more else ''})"


# Python -> R


@encodes(pd.DataFrame)
def _frame(frame: Any, encoder: Encoder) -> RValue:
    _lose_attrs(frame, encoder)
    noted = frame.attrs.get("R")
    notes = noted.notes if isinstance(noted, FrameNotes) else {}
    attributes = dict(noted.attributes) if isinstance(noted, FrameNotes) else {"class": ("data.frame",)}
    encoder.enter(frame)
    leading, rows = _rows(frame, noted if isinstance(noted, FrameNotes) else None, attributes, encoder)
    names: list[str | None] = [name for name, _ in leading]
    items = [node for _, node in leading]
    labels = _labels(frame.columns, encoder)
    seen: dict[Any, int] = {}
    for label, text, column in zip(frame.columns, labels, _columns(frame), strict=True):
        encoder.path.steps.append(text if text is not None else "NA")
        node = None
        if notes:
            place = seen.get(label, 0)
            seen[label] = place + 1
            note = notes.get((label, place))
            node = encode_noted(column, note, encoder) if note is not None else None
        items.append(series.encode_column(column, encoder) if node is None else node)
        names.append(text)
        encoder.path.steps.pop()
    encoder.leave(frame)
    return with_attributes(
        {"type": "list", "length": len(items), "items": items},
        [("names", encoder.strings(names)), ("row.names", rows), *encoder.attributes(attributes)],
    )


def _lose_attrs(value: Any, encoder: Encoder) -> None:
    """Note that what the user laid into ``attrs`` does not go along."""
    if any(name != "R" for name in value.attrs):
        encoder.path.lose(
            "what its .attrs hold stays in Python. Hint: send df.attrs as a variable of its own"
        )


def _columns(frame: Any) -> Any:
    """Iterate over the columns as Series; no copies."""
    return (column for _, column in frame.items())


def _labels(index: Any, encoder: Encoder) -> list[str | None]:
    if isinstance(index, pd.MultiIndex):
        encoder.path.lose("the levels of its columns were joined with '.' to one name")
        return [".".join(str(series.as_text(part)) for part in label) for label in index]
    return [series.as_text(label) for label in index]


def _rows(
    frame: Any, noted: FrameNotes | None, attributes: dict[str, Any], encoder: Encoder
) -> tuple[list[tuple[str | None, RValue]], RValue]:
    """Encode the index: columns to put in front, and R's row names."""
    index, buffers = frame.index, encoder.buffers
    automatic = np.array([INTEGER_NA, -len(index)] if len(index) else [], np.int32)
    if isinstance(index, pd.RangeIndex):
        return [], integer_elements(automatic, buffers)
    if isinstance(index, pd.MultiIndex) or not index.is_unique:
        encoder.path.lose("its index is no set of unique labels, as row names must be, and became columns")
        levels = [index.get_level_values(place) for place in range(index.nlevels)]
        taken = set(frame.columns)
        made = []
        for place, level in enumerate(levels):
            name = level.name if level.name is not None else "index" if len(levels) == 1 else f"level_{place}"
            text = series.as_text(name)
            while text in taken:
                text = f"{text}_"
            taken.add(text)
            encoder.path.steps.append(text)
            made.append((text, series.encode_column(level, encoder)))
            encoder.path.steps.pop()
        return made, integer_elements(automatic, buffers)
    if index.name is not None:
        attributes["index.name"] = str(series.as_text(index.name))
    if noted is not None and noted.rows == "integer" and index.dtype.kind == "i":
        numbers = index.to_numpy()
        if not len(numbers) or (numbers.min() > INTEGER_NA and numbers.max() < -INTEGER_NA):
            return [], integer_elements(numbers, buffers)
    series.lose_labels(index, "df.reset_index()", encoder)
    texts = series.labels_of(index, encoder)
    if None in texts:
        raise encoder.path.fail(
            "its index has a missing label, which row names cannot. Hint: df.reset_index()"
        )
    return [], encoder.strings(texts)


# R -> Python


def _decode_frame(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    if "row.names" not in attributes or ("names" not in attributes and node["items"]):
        return decoder.plain_list(node, attributes)  # as unname() leaves a frame
    names = decoder.strings(attributes["names"]) if "names" in attributes else []
    if len(names) != len(node["items"]):
        raise decoder.path.fail(f"a broken data.frame: {len(node['items'])} columns, {len(names)} names")
    index, rows = _index(attributes["row.names"], decoder)
    notes: dict[tuple[Any, int], Note] = {}
    arrays = []
    unique = len(set(names)) == len(names)
    seen: dict[Any, int] = {}
    for name, item in zip(names, node["items"], strict=True):
        decoder.path.steps.append(name if name is not None else "NA")
        values, note = columns.decode_column(item, len(index), decoder)
        if len(values) != len(index):
            raise decoder.path.fail(f"a broken data.frame: {len(values)} elements in {len(index)} rows")
        decoder.path.steps.pop()
        arrays.append(values)
        place = seen[name] = seen.get(name, -1) + 1
        if note is not None:
            notes[name, place] = note
    large = len(index) * 8 >= _LARGE
    keys: Any = names if unique and None not in names else itertools.count()
    frame = pd.DataFrame(dict(zip(keys, arrays, strict=False)), index=index, copy=not large)
    if len(frame.columns) == 0 or keys is not names:
        frame.columns = pd.Index(names, dtype=None if names and None not in names else object)
    if "index.name" in attributes:
        frame.index.name = next(iter(decoder.strings(attributes["index.name"])), None)
    rest = {key: part for key, part in attributes.items() if key not in ("names", "row.names", "index.name")}
    rclass = decoder.strings(attributes["class"])
    if notes or rows == "integer" or len(rest) > 1 or rclass != ["data.frame"]:
        frame.attrs["R"] = FrameNotes(decoder.attributes(rest), rows, notes)
    return frame


def _index(rows: RValue, decoder: Decoder) -> tuple[Any, str]:
    """Decode R's row names: an index, and their kind."""
    if rows["type"] == "character":
        return pd.Index(decoder.strings(rows), dtype=None if rows["length"] else object), "character"
    numbers = read_array(rows, decoder.buffers)
    if len(numbers) == 2 and (numbers[0] != numbers[0] or numbers[0] == INTEGER_NA):
        return pd.RangeIndex(abs(int(numbers[1]))), "automatic"
    if not len(numbers):
        return pd.RangeIndex(0), "automatic"
    return pd.Index(numbers.astype(np.int64)), "integer"


# The vectors that are pandas' own


def _decode_factor(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    return _with_note(node, attributes, decoder, columns.categorical)


def _decode_moments(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    return _with_note(node, attributes, decoder, columns.moments)


def _with_note(node: RValue, attributes: dict[str, RValue], decoder: Decoder, decode: Any) -> Any:
    values, note = decode(node, attributes, decoder)
    if isinstance(values, (pd.Categorical, pd.DatetimeIndex)):
        if note is not None:
            note.dtype = str(values.dtype)
            rest = {key: part for key, part in attributes.items() if key != "levels"}
            note.attributes = decoder.attributes(rest)
            values.rattrs = note
        return values
    from .ndarrays import decode_array

    return decode_array(node, attributes, decoder)


def _decode_lt(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    """Decode a POSIXlt, R's list of years, months, ..., as DatetimeIndex that remembers the list."""
    values = columns.local_moments(node, attributes, decoder)
    kept = decoder.plain_list(node, attributes)
    if values is None:
        return kept
    values.rattrs = Note("whole", "list", str(values.dtype), shown=values, kept=kept)
    return values


CLASSES = {
    "factor": _decode_factor,
    "POSIXct": _decode_moments,
    "POSIXlt": _decode_lt,
    "data.frame": _decode_frame,
}
