from __future__ import annotations

import datetime
import decimal
import gc
from typing import Any

import pytest

from convert.trip import send, sent, trip
from jupyterlite_rpy.convert import Conversion
from jupyterlite_rpy.errors import ConversionError, ConversionWarning

pytest.importorskip("numpy")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

ZURICH = Conversion(pandas=False, timezone="Europe/Zurich")
UTC = datetime.timezone.utc


class Stream:
    """An object that is known by its Arrow stream only."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.value.__arrow_c_stream__(requested_schema)


def column(array: Any) -> Any:
    """Return what the wire says of an Arrow array: whole, in chunks, sliced, and within a table."""
    whole = sent(Stream(pa.chunked_array([array])), ZURICH)
    for value in (
        Stream(pa.chunked_array([array[:1], array[1:]])),
        Stream(pa.chunked_array([pa.concat_arrays([array, array])[len(array) :]])),
    ):
        assert sent(value, ZURICH) == whole
    assert sent(pa.table({"a": array}), ZURICH)[1] == [whole]
    return whole


@pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"])
def test_integers(kind: str) -> None:
    assert column(pa.array([1, None, 3], getattr(pa, kind)())) == sent([1, None, 3])


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_floats(kind: str) -> None:
    assert column(pa.array([1.5, None, -0.25], getattr(pa, kind)())) == sent([1.5, None, -0.25])


@pytest.mark.parametrize("kind", ["string", "large_string", "string_view"])
def test_texts(kind: str) -> None:
    texts = ["a", None, "", "é😀", "longer than the twelve bytes of a view", "exactly twel", "a"]
    assert column(pa.array(texts, getattr(pa, kind)())) == sent(texts)


@pytest.mark.parametrize("kind", ["binary", "large_binary", "binary_view"])
def test_binary_cells_are_raw_vectors(kind: str) -> None:
    cells = [b"a\0", None, b"", b"longer than the twelve bytes of a view"]
    assert column(pa.array(cells, getattr(pa, kind)())) == sent(cells)


def test_fixed_size_binary() -> None:
    assert column(pa.array([b"ab", b"cd"], pa.binary(2))) == sent([b"ab", b"cd"])


def test_logicals() -> None:
    values = [True, None, False] * 5
    assert column(pa.array(values)) == sent(values)


def test_nulls_are_logical_na() -> None:
    assert sent(pa.table({"a": pa.nulls(2)}), ZURICH)[1] == [("logical", 2, b"\0\0\0\x80" * 2, [])]


@pytest.mark.parametrize("kind", ["date32", "date64"])
def test_dates(kind: str) -> None:
    dates = [datetime.date(2024, 2, 29), None, datetime.date(1066, 10, 14)]
    assert column(pa.array(dates, getattr(pa, kind)())) == sent(dates)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times(unit: str) -> None:
    aware = [datetime.datetime(2024, 7, 1, 12, tzinfo=UTC), None]
    assert column(pa.array(aware, pa.timestamp(unit, "UTC"))) == sent(aware)
    naive = [datetime.datetime(2024, 7, 1, 12), None]
    assert column(pa.array(naive, pa.timestamp(unit))) == sent(naive, ZURICH)


def test_zones() -> None:
    def tzone(zone: str) -> Any:
        return dict(sent(pa.table({"a": pa.array([0], pa.timestamp("s", zone))}), ZURICH)[1][0][3])["tzone"][
            2
        ]

    assert tzone("America/New_York") == ["America/New_York"]
    assert tzone("+02:00") == ["Etc/GMT-2"]
    with pytest.warns(ConversionWarning, match="UTC"):
        assert tzone("+05:30") == ["UTC"]


def test_times_that_the_zone_skips_or_has_twice() -> None:
    times = [datetime.datetime(2024, 3, 31, 2, 30), datetime.datetime(2024, 10, 27, 2, 30)]
    with pytest.warns(ConversionWarning, match="skips"):
        made = sent(pa.table({"a": times}), ZURICH)[1][0]
    with pytest.warns(ConversionWarning, match="skips"):
        assert made == sent(times, ZURICH)


def test_nanoseconds_that_r_cannot_hold_warn() -> None:
    with pytest.warns(ConversionWarning, match="rounded"):
        sent(pa.table({"a": pa.array([1_700_000_000_123_456_789], pa.timestamp("ns", "UTC"))}), ZURICH)
    sent(pa.table({"a": pa.array([1_700_000_000_123_456_000], pa.timestamp("ns", "UTC"))}), ZURICH)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_spans(unit: str) -> None:
    spans = [datetime.timedelta(hours=1), None]
    assert column(pa.array(spans, pa.duration(unit))) == sent(spans)


@pytest.mark.parametrize("kind", ["decimal128", "decimal256"])
def test_decimals(kind: str) -> None:
    values = [decimal.Decimal("1.25"), None, decimal.Decimal("-3.50")]
    assert column(pa.array(values, getattr(pa, kind)(10, 2))) == sent([1.25, None, -3.5])


def test_decimals_of_many_digits_warn() -> None:
    with pytest.warns(ConversionWarning, match="decimals"):
        sent(pa.table({"a": pa.array([decimal.Decimal("12345678901234567890.1")])}), ZURICH)


def test_dictionaries_are_factors() -> None:
    array = pa.array(["b", None, "a", "b"]).dictionary_encode()
    kind, _, data, attributes = sent(pa.table({"a": array}), ZURICH)[1][0]
    assert kind == "integer" and memoryview(data).cast("i").tolist() == [1, -(2**31), 2, 1]
    assert dict(attributes)["levels"][2] == ["b", "a"] and dict(attributes)["class"][2] == ["factor"]
    chunks = pa.chunked_array(
        [pa.array(["x"]).dictionary_encode(), array]
    )  # each with a dictionary of its own
    _, _, data, attributes = sent(Stream(chunks), ZURICH)
    assert memoryview(data).cast("i").tolist() == [1, 2, -(2**31), 3, 2]
    assert dict(attributes)["levels"][2] == ["x", "b", "a"]


def test_lists_and_structs_are_lists() -> None:
    cells = [[1, 2], None, [], [3]]
    for kind in (pa.list_(pa.int32()), pa.large_list(pa.int32())):
        _, items, _ = column(pa.array(cells, kind))
        assert items == [sent([1, 2]), {"type": "NULL"}, ("integer", 0, b"", []), sent([3])]
    assert column(pa.array([[1, 2], [3, 4]], pa.list_(pa.int32(), 2))) == sent([[1, 2], [3, 4]])
    assert sent(pa.table({"s": [{"a": 1, "b": "x"}]}), ZURICH)[1] == [sent([{"a": 1, "b": "x"}])]


def test_type_without_a_form_in_r_is_an_error_that_names_the_column() -> None:
    with pytest.raises(ConversionError) as caught:
        send(pa.table({"fine": [1], "at": pa.array([1], pa.time32("s"))}), ZURICH, "t")
    assert caught.value.path == 't["at"]' and "Hint" in str(caught.value)


def test_polars() -> None:
    frame = pl.DataFrame(
        {
            "i": [1, None],
            "s": ["x", "a text of more than twelve bytes"],
            "c": pl.Series(["u", "v"], dtype=pl.Categorical),
            "e": pl.Series(["hi", "lo"], dtype=pl.Enum(["lo", "hi"])),
            "d": [datetime.date(2024, 1, 1), None],
            "t": pl.Series([datetime.datetime(2024, 7, 1, 12)] * 2).dt.replace_time_zone("Asia/Tokyo"),
            "l": [[1], [2, 3]],
        }
    )
    assert sent(frame.lazy().collect(), ZURICH) == sent(frame, ZURICH)
    kind, columns, _ = sent(frame, ZURICH)
    assert kind == "list" and len(columns) == 7
    assert columns[0] == sent([1, None]) and columns[1] == sent(["x", "a text of more than twelve bytes"])
    assert dict(columns[3][3])["levels"][2] == ["lo", "hi"]
    assert columns[6] == sent([[1], [2, 3]])
    assert sent(pl.Series("s", ["a", None]), ZURICH) == sent(["a", None])


def test_empty_tables() -> None:
    assert sent(pl.DataFrame(), ZURICH)[1] == []
    _, columns, attributes = sent(pa.table({"a": pa.array([], pa.int32())}), ZURICH)
    assert columns == [("integer", 0, b"", [])] and dict(attributes)["row.names"] == ("integer", 0, b"", [])


def test_memory_lives_as_long_as_the_buffers() -> None:
    import gc

    _, buffers = send(pa.table({"a": pa.array([1.5, 2.5])}), ZURICH)
    gc.collect()
    assert bytes(buffers[0]).hex() == "000000000000f83f0000000000000440"


def test_pandas_columns_of_arrow_types() -> None:
    pd = pytest.importorskip("pandas")
    context = Conversion()
    for values, kind in (
        ([1, None], "int64"),
        ([1.5, None], "double"),
        (["a", None], "string"),
        ([True, None], "bool"),
    ):
        assert sent(pd.Series(values, dtype=f"{kind}[pyarrow]"), context) == sent(values)


def test_comes_back_as_the_session_says() -> None:
    assert trip(pl.DataFrame({"a": [1, None]}))["a"] == [1, None]


def test_array_without_a_stream() -> None:
    class Only:
        def __init__(self, value: Any) -> None:
            self.value = value

        def __arrow_c_array__(self, requested_schema: object = None) -> Any:
            return self.value.__arrow_c_array__(requested_schema)

    assert sent(pa.array([1, None]), ZURICH) == sent([1, None])
    assert sent(pa.array(["x", "a", None])[1:], ZURICH) == sent(["a", None])
    batch = pa.record_batch({"a": [1, 2], "b": ["x", None]})
    assert sent(Only(batch), ZURICH) == sent(batch, ZURICH)
    assert sent(Only(pa.array([[1, 2], []])), ZURICH)[1][0] == sent([1, 2])
    for _ in range(3):  # the array that was lent is given back, and not twice
        before = pa.total_allocated_bytes()
        send(pa.array(range(100_000)), ZURICH)
        gc.collect()
        assert pa.total_allocated_bytes() == before


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (pl.DataFrame({"n": [1], "a": pl.Series([object()], dtype=pl.Object)}), 'x["a"]'),
        (pl.Series([{1, 2}], dtype=pl.Object), "x"),
    ],
    ids=["frame", "series"],
)
def test_python_objects_of_polars_are_an_error(value: Any, path: str) -> None:
    with pytest.raises(ConversionError, match="dtype Object.*Hint: ") as raised:
        sent(value, ZURICH)
    assert raised.value.path == path
