"""pandas values but frames -> R: Series, Index, Categorical, extension arrays, Timestamp, NaT, NA.

Imported by `frames`, which is the module that knows that pandas is there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import temporal
from .dates import zone_name
from .dispatch import KINDS, encodes, kind_of
from .frames import pd
from .lists import encode_sequence
from .local_time import utc_of
from .missing import INTEGER_NA
from .ndarrays import encode_elements
from .pool import encode_pooled
from .scalars import date_node, lose_skipped, moment_node, session_zone
from .storage import integer_elements
from .value import RValue, vector, with_attributes

if TYPE_CHECKING:
    from collections.abc import Callable

    from .encode import Encoder

__all__ = ["as_text", "encode_column", "factor_node", "labels_of", "lose_labels"]

KINDS.update({type(pd.NA): "missing", type(pd.NaT): "missing"})


@encodes(pd.Series)
def _series(value: Any, encoder: Encoder) -> RValue:
    node = encode_column(value, encoder)
    index = value.index
    if isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1:
        return node
    lose_labels(index, "x.reset_index(), a frame", encoder)
    return with_attributes(node, [("names", encoder.strings(labels_of(index, encoder)))])


@encodes(pd.Index, pd.api.extensions.ExtensionArray)
def _array(value: Any, encoder: Encoder) -> RValue:
    kept = getattr(value, "rattrs", None)  # what decoding laid beside an index or a categorical
    if kept is not None:
        from . import notes

        return notes.encode_kept(value, kept, encoder)
    return encode_column(value, encoder)


@encodes(pd.MultiIndex)
def _multi_index(value: Any, encoder: Encoder) -> RValue:
    raise encoder.path.fail("a MultiIndex has no form in R. Hint: index.to_frame()")


@encodes(type(pd.NA))
def _na(value: Any, encoder: Encoder) -> RValue:
    return vector("logical", 1, encoder.buffers.append(np.array([INTEGER_NA], "<i4").tobytes()))


@encodes(type(pd.NaT))
def _nat(value: Any, encoder: Encoder) -> RValue:
    return temporal.encode_moments(np.array(["NaT"], "M8[ns]"), None, encoder)


@encodes(pd.Timestamp)
def _timestamp(value: Any, encoder: Encoder) -> RValue:
    return encode_column(pd.DatetimeIndex([value]), encoder)


@encodes(pd.Timedelta)
def _timedelta(value: Any, encoder: Encoder) -> RValue:
    return encode_column(pd.TimedeltaIndex([value]), encoder)


@encodes(pd.Period)
def _one_period(value: Any, encoder: Encoder) -> RValue:
    return encode_column(pd.PeriodIndex([value]), encoder)


@encodes(pd.Interval)
def _one_interval(value: Any, encoder: Encoder) -> RValue:
    return encode_column(pd.IntervalIndex([value]), encoder)


def encode_column(values: Any, encoder: Encoder) -> RValue:
    """Encode a Series, Index or extension array by its dtype, without an index."""
    dtype = values.dtype
    if isinstance(dtype, np.dtype):
        return _numpy(values.to_numpy(), encoder)
    for cls in type(dtype).__mro__:
        function = _BY_DTYPE.get(cls.__name__)
        if function is not None:
            return function(values, encoder)
    raise encoder.path.fail(
        f"pandas dtype {dtype} has no form in R. Hint: x.astype(object), or another dtype"
    )


def factor_node(codes: NDArray[Any], levels: list[str], ordered: bool, encoder: Encoder) -> RValue:
    """Make a factor of pandas' codes (from 0, -1: NA)."""
    data = codes.astype(np.int32) + np.int32(1)
    data[data == 0] = INTEGER_NA
    rclass = ("ordered", "factor") if ordered else ("factor",)
    return with_attributes(
        integer_elements(data, encoder.buffers),
        [("levels", encoder.strings(levels)), ("class", encoder.strings(rclass))],
    )


def labels_of(index: Any, encoder: Encoder) -> list[str | None]:
    """Return an index as text, as R wants its names."""
    if isinstance(index, pd.MultiIndex):
        encoder.path.lose("the levels of its MultiIndex were joined with '.' to one text")
        return [".".join(str(as_text(part)) for part in label) for label in index.tolist()]
    if _is_plain(index):
        return [as_text(label) for label in index.tolist()]
    return [as_text(label) for label in index.astype(str).tolist()]


def lose_labels(index: Any, hint: str, encoder: Encoder) -> None:
    """Note that labels which are neither text nor numbers became text."""
    if isinstance(index, pd.MultiIndex):
        return
    if index.dtype.kind == "O" and isinstance(index.dtype, np.dtype):
        plain = all(kind_of(cls) in _TEXT_OR_NUMBER for cls in set(map(type, index.tolist())))
    else:
        plain = _is_plain(index)
    if not plain:
        encoder.path.lose(
            f"its index ({type(index).__name__}) became text, as names in R are. Hint: {hint} keeps it"
        )


_TEXT_OR_NUMBER = ("character", "integer", "double", "logical", "missing")


def _is_plain(index: Any) -> bool:
    dtype = index.dtype
    objects = isinstance(dtype, np.dtype) and dtype.kind == "O"
    return objects or str(dtype) in ("str", "string") or dtype.kind in "iufb"


def as_text(label: Any) -> str | None:
    """Write a label as R would: whole floats without ``.0``, logicals in capitals; missing is None."""
    if isinstance(label, str):
        return str(label)
    if label is None or label is pd.NA or label is pd.NaT:
        return None
    if isinstance(label, (bool, np.bool_)):
        return "TRUE" if label else "FALSE"
    if isinstance(label, (float, np.floating)):
        if math.isnan(label):
            return None
        return (
            str(int(label))
            if label == int(label if math.isfinite(label) else 0) and abs(label) < 1e15
            else repr(float(label))
        )
    return str(label)


def _numpy(values: NDArray[Any], encoder: Encoder) -> RValue:
    kind = values.dtype.kind
    if kind == "O":
        return _object(values, encoder)
    if kind == "M":
        return _naive(values, encoder)
    return encode_elements(values, encoder)


def _object(values: NDArray[Any], encoder: Encoder) -> RValue:
    """Encode pandas' object dtype: the list rule, where NaN among other things is missing as well."""
    pooled = encode_pooled(values, encoder, _is_missing)
    if pooled is not None:
        return pooled
    items = values.tolist()
    types = set(map(type, items))
    kinds = {kind_of(cls) for cls in types} - {"missing"}
    if float in types and not kinds <= {"logical", "integer", "double", "complex"}:
        items = [None if isinstance(item, float) and item != item else item for item in items]
        kinds = {kind_of(type(item)) for item in items} - {"missing"}
    if not kinds:
        return encoder.strings([None] * len(items))
    return encode_sequence(items, encoder)


def _is_missing(item: object) -> bool:
    return (isinstance(item, float) and item != item) or kind_of(type(item)) == "missing"


def _naive(values: NDArray[Any], encoder: Encoder) -> RValue:
    """Encode naive times: dates if they are whole days counted in seconds, else the session's local times."""
    ticks = values.view(np.int64) if values.dtype.kind == "M" else values
    if values.dtype == np.dtype("M8[s]"):
        present = ticks[ticks != temporal.NAT]
        if not (present % 86400).any():
            days = temporal.numbers_of(values.astype("M8[D]").view(np.int64), 1)
            return date_node(encoder, days.tobytes(), values.size)
    zone = session_zone(encoder)
    index = pd.DatetimeIndex(values)
    first = np.ones(len(index), bool)  # an hour that comes twice in autumn: the first, as PEP 495's fold=0
    utc = _utc(index.tz_localize(zone, ambiguous=first, nonexistent="NaT"))
    skipped = np.isnat(utc) & ~np.asarray(index.isna())
    if skipped.any():
        lose_skipped(encoder.context.timezone, encoder)
        unit = np.datetime_data(utc.dtype)[0]
        gone = index.to_numpy()[skipped].astype(utc.dtype).view(np.int64)
        utc[skipped] = utc_of(gone, temporal.PER_SECOND[unit], zone)[0].view(utc.dtype)
    return _moments(utc, "", encoder)


def _aware(values: Any, encoder: Encoder) -> RValue:
    tz = values.dtype.tz
    name = zone_name(tz)
    if name is None:
        encoder.path.lose(f"the times are kept but shown in UTC: R has no zone like {tz}")
        name = "UTC"
    return _moments(_utc(pd.DatetimeIndex(values)), name, encoder)


def _utc(index: Any) -> NDArray[Any]:
    """Return the datetime64 in UTC of an index with a zone; a copy."""
    utc: NDArray[Any] = index.tz_convert("UTC").tz_localize(None).to_numpy().copy()
    return utc


def _moments(utc: NDArray[Any], tzone: str, encoder: Encoder) -> RValue:
    data = temporal.moment_numbers(utc, encoder)
    return moment_node(encoder, data.view(np.uint8).data, data.size, tzone)


def _categorical(values: Any, encoder: Encoder) -> RValue:
    array = pd.Categorical(values) if not isinstance(values, pd.Categorical) else values
    levels = [as_text(category) for category in array.categories.tolist()]
    if len(set(levels)) != len(levels):
        twice = next(level for level in levels if levels.count(level) > 1)
        raise encoder.path.fail(
            f"two categories are both {twice!r} as text, and R's levels are text. Hint: rename_categories()"
        )
    return factor_node(array.codes, levels, bool(array.ordered), encoder)  # type: ignore[arg-type]


def _masked(values: Any, encoder: Encoder) -> RValue:
    mask = np.asarray(values.isna())
    dtype = values.dtype.numpy_dtype
    data = (
        values.to_numpy(dtype=dtype, na_value=dtype.type(0)) if mask.any() else values.to_numpy(dtype=dtype)
    )
    return encode_elements(data, encoder, mask if mask.any() else None)


def _string(values: Any, encoder: Encoder) -> RValue:
    if getattr(values.dtype, "storage", "python") == "pyarrow":
        from . import arrow

        array = values if isinstance(values, pd.api.extensions.ExtensionArray) else values.array
        return arrow.encode_texts(array.__arrow_array__().dictionary_encode(), encoder)
    items = values.to_numpy(object)
    pooled = encode_pooled(items, encoder, _is_missing)
    return encoder.texts(items.tolist()) if pooled is None else pooled


def _arrow(values: Any, encoder: Encoder) -> RValue:
    from . import arrow

    array = values if isinstance(values, pd.api.extensions.ExtensionArray) else values.array
    return arrow.encode_stream(array.__arrow_array__(), encoder)


def _period(values: Any, encoder: Encoder) -> RValue:
    encoder.path.lose("periods became the Date on which they start")
    starts = pd.PeriodIndex(values).to_timestamp().to_numpy().astype("M8[D]")
    return temporal.encode_moments(starts, None, encoder)


def _interval(values: Any, encoder: Encoder) -> RValue:
    encoder.path.lose("intervals became text")
    return encoder.strings(
        [None if gone else str(value) for value, gone in zip(values, values.isna(), strict=True)]
    )


def _sparse(values: Any, encoder: Encoder) -> RValue:
    return _numpy(np.asarray(values), encoder)


def _extension(values: Any, encoder: Encoder) -> RValue:
    """Encode an extension array of another library by its elements."""
    return _object(values.to_numpy(object), encoder)


_BY_DTYPE: dict[str, Callable[[Any, Encoder], RValue]] = {
    "BaseMaskedDtype": _masked,
    "StringDtype": _string,
    "CategoricalDtype": _categorical,
    "DatetimeTZDtype": _aware,
    "PeriodDtype": _period,
    "IntervalDtype": _interval,
    "SparseDtype": _sparse,
    "ArrowDtype": _arrow,
    "ExtensionDtype": _extension,
}
