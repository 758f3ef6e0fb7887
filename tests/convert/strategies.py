"""Hypothesis strategies of values that can cross: nested Python values, arrays, frames."""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

texts = st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), max_size=8)
whole = st.integers(-(2**53), 2**53)
aware = st.datetimes(  # seconds since 1970 as a double have microseconds from 1698 to 2242
    datetime.datetime(1800, 1, 1),
    datetime.datetime(2200, 1, 1),
    allow_imaginary=False,  # times that a zone skips are another test
    timezones=st.sampled_from([ZoneInfo("UTC"), ZoneInfo("Europe/Zurich"), ZoneInfo("America/New_York")]),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    whole,
    st.floats(),
    st.complex_numbers(),
    texts,
    st.binary(max_size=4),
    st.dates(),
    aware,
    st.timedeltas(datetime.timedelta(days=-90_000), datetime.timedelta(days=90_000)),
)


def vectors(kind: Any) -> Any:
    """Lists of scalars of one kind, some of them missing."""
    return st.lists(st.one_of(st.none(), kind), max_size=6)


plain_vectors = st.one_of(
    vectors(st.booleans()),
    vectors(whole),
    vectors(st.floats()),
    vectors(texts),
    vectors(st.dates()),
    vectors(aware),
)

nested = st.recursive(
    st.one_of(scalars, plain_vectors),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4), st.tuples(inner, inner)
    ),
    max_leaves=12,
)


def arrays() -> Any:
    """NumPy arrays of many dtypes, shapes, orders and strides, with missing elements where they can be."""
    import numpy as np
    from hypothesis.extra import numpy as hn

    dtypes = st.one_of(
        hn.boolean_dtypes(),
        hn.integer_dtypes(endianness="?"),
        hn.unsigned_integer_dtypes(endianness="?", sizes=(8, 16, 32)),
        hn.floating_dtypes(endianness="?"),
        hn.complex_number_dtypes(endianness="?"),
        st.sampled_from([np.dtype("M8[D]"), np.dtype("m8[ms]"), np.dtype("m8[s]")]),
    )

    def elements(dtype: Any) -> Any:
        if dtype.kind in "mM":
            ticks = st.one_of(st.integers(-(10**6), 10**6), st.just(np.iinfo(np.int64).min))
            return ticks.map(lambda tick: np.array(tick, np.int64).view(dtype)[()])
        return hn.from_dtype(dtype)

    def made(dtype: Any) -> Any:
        shapes = hn.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
        whole = hn.arrays(dtype, shapes, elements=elements(dtype))
        turned = whole.map(lambda array: array.T if array.ndim else array)
        reversed_ = whole.map(lambda array: array[::-1] if array.ndim else array)
        return st.one_of(whole, turned, reversed_)

    return dtypes.flatmap(made)


def frames() -> Any:
    """pandas frames with columns of all kinds."""
    return frame_parts().map(frame_of)


def frame_parts() -> Any:
    """What `frame_of` makes frames of: plain Python objects, which any version of pandas understands."""

    def column(rows: int) -> Any:
        def of(kind: str, item: Any, missing: bool = False) -> Any:
            items = st.one_of(st.none(), item) if missing else item
            return st.tuples(st.just(kind), st.lists(items, min_size=rows, max_size=rows))

        micros = st.integers(-(10**14), 10**14)
        return st.one_of(
            of("bool", st.booleans()),
            of("int32", st.integers(-(2**31) + 1, 2**31 - 1)),
            of("int64", st.one_of(whole, st.integers(-(2**63) + 1, 2**63 - 1))),
            of("float", st.floats()),
            of("complex", st.complex_numbers()),
            of("string", texts, True),
            of("boolean", st.booleans(), True),
            of("Int32", st.integers(-9, 9), True),
            of("category", texts, True),
            of("ordered", texts, True),
            of("date", st.integers(-(10**5), 10**5)),
            of("aware", micros, True),
            of("naive", st.integers(-(10**4), 10**4), True),
            of("span", micros, True),
            of("list", st.one_of(vectors(st.integers(-9, 9)), vectors(texts), st.none())),
        )

    def made(rows: int) -> Any:
        columns = st.dictionaries(texts, column(rows), max_size=5)
        labels = st.one_of(st.just(None), st.lists(texts, min_size=rows, max_size=rows, unique=True))
        return st.tuples(columns, labels, st.just(rows))

    return st.integers(0, 4).flatmap(made)


def frame_of(parts: Any) -> Any:
    """Make a frame. The browser's tests run this in the kernel, too: it needs nothing around it."""
    import numpy as np
    import pandas as pd

    def times(items: Any, kind: str) -> Any:
        return np.array([np.iinfo("i8").min if item is None else item for item in items], "i8").view(kind)

    def cells(items: Any) -> Any:
        made = np.empty(len(items), object)
        for place, item in enumerate(items):
            made[place] = item
        return made

    make = {
        "bool": lambda items: np.array(items, bool),
        "int32": lambda items: np.array(items, "i4"),
        "int64": lambda items: np.array(items, "i8"),
        "float": lambda items: np.array(items, float),
        "complex": lambda items: np.array(items, complex),
        "string": lambda items: pd.array(items, dtype="string"),
        "boolean": lambda items: pd.array(items, dtype="boolean"),
        "Int32": lambda items: pd.array(items, dtype="Int32"),
        "category": pd.Categorical,
        "ordered": lambda items: pd.Categorical(items, ordered=True),
        "date": lambda items: np.array(items, "M8[D]").astype("M8[s]"),
        "aware": lambda items: pd.DatetimeIndex(times(items, "M8[us]").astype("M8[ns]")).tz_localize("UTC"),
        # Shortly after noon, when no zone changes its clocks.
        "naive": lambda items: times(
            [None if day is None else day * 86_400_000_000 + 43_200_000_000 + abs(day) for day in items],
            "M8[us]",
        ),
        "span": lambda items: times(items, "m8[us]").astype("m8[ns]"),
        "list": cells,
    }
    columns, labels, rows = parts
    return pd.DataFrame(
        {name: make[kind](items) for name, (kind, items) in columns.items()},
        index=pd.RangeIndex(rows) if labels is None else pd.Index(labels, dtype=object),
    )
