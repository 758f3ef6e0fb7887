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
    import numpy as np
    import pandas as pd

    def column(rows: int) -> Any:
        def listed(kind: Any) -> Any:
            return st.lists(kind, min_size=rows, max_size=rows)

        optional = st.one_of(st.none(), texts)
        return st.one_of(
            listed(st.booleans()).map(lambda items: np.array(items, bool)),
            listed(st.integers(-(2**31) + 1, 2**31 - 1)).map(lambda items: np.array(items, np.int32)),
            listed(st.floats()).map(lambda items: np.array(items, float)),
            listed(optional).map(lambda items: pd.array(items, dtype="string")),
            listed(st.one_of(st.none(), st.booleans())).map(lambda items: pd.array(items, dtype="boolean")),
            listed(st.one_of(st.none(), st.integers(-9, 9))).map(
                lambda items: pd.array(items, dtype="Int32")
            ),
            listed(optional).map(lambda items: pd.Categorical(items)),
            listed(st.integers(-(10**5), 10**5)).map(lambda days: np.array(days, "M8[D]").astype("M8[s]")),
            listed(st.integers(-(10**17), 10**17)).map(
                lambda ticks: pd.DatetimeIndex(np.array(ticks, "M8[ns]")).floor("us").tz_localize("UTC")
            ),
        )

    def made(rows: int) -> Any:
        columns = st.dictionaries(texts, column(rows), max_size=5)
        labels = st.one_of(st.just(None), st.lists(texts, min_size=rows, max_size=rows, unique=True))
        return st.builds(
            lambda columns, labels: pd.DataFrame(
                columns, index=pd.RangeIndex(rows) if labels is None else pd.Index(labels, dtype=object)
            ),
            columns,
            labels,
        )

    return st.integers(0, 4).flatmap(made)
