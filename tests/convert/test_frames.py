from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from convert.trip import receive, send, sent, trip
from jupyterlite_rpy.convert import Buffers, Conversion, RFrame, RList, RVector
from jupyterlite_rpy.errors import ConversionError, ConversionWarning

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")

PANDAS = Conversion(timezone="Europe/Zurich")


def from_r(value: Any) -> Any:
    """Return what pandas gets for a value described by RVector, RFrame, RList."""
    return receive(*send(value, PANDAS), PANDAS)


def frame_of(columns: dict[str, Any], **attributes: Any) -> Any:
    return RFrame(columns, {"class": ["data.frame"], **attributes})


@pytest.fixture
def noted() -> Any:
    """A frame with everything that pandas has no place for."""
    date = RVector([1, 2], "integer", {"class": ["Date"]})
    times = RVector([0.1, 1 / 3], "double", {"class": ["POSIXct", "POSIXt"]})
    spans = RVector([1.0, None], "double", {"class": ["difftime"], "units": ["hours"]})
    label = RVector([1.5, 2.5], "double", {"label": ["weight"]})
    matrix = RVector([1, 2, 3, 4], "integer", {"dim": RVector([2, 2], "integer")})
    columns = {
        "date": date,
        "times": times,
        "spans": spans,
        "label": label,
        "matrix": matrix,
        "list": RList([1, "a"]),
    }
    return frame_of(
        columns,
        **{"class": ["mine", "data.frame"], "note": ["kept"], "row.names": RVector([5, 3], "integer")},
    )


def test_columns_have_the_documented_dtypes() -> None:
    frame = from_r(
        frame_of(
            {
                "l": [True, False],
                "ln": [True, None],
                "i": [1, 2],
                "in": [1, None],
                "d": [1.5, None],
                "z": [1j, 2j],
                "s": ["x", None],
            }
        )
    )
    assert [str(dtype) for dtype in frame.dtypes][:6] == [
        "bool",
        "boolean",
        "int32",
        "Int32",
        "float64",
        "complex128",
    ]
    assert isinstance(frame["s"].dtype, pd.StringDtype) and frame["s"].isna().tolist() == [False, True]
    assert isinstance(frame.index, pd.RangeIndex) and frame.attrs == {}


def test_what_pandas_cannot_say_goes_back(noted: Any) -> None:
    frame = from_r(noted)
    assert frame.index.tolist() == [5, 3]
    assert frame["date"].tolist() == [pd.Timestamp("1970-01-02"), pd.Timestamp("1970-01-03")]
    assert str(frame["times"].dt.tz) == "Europe/Zurich"
    assert frame["spans"][5] == pd.Timedelta("1h")
    assert frame["matrix"][3].tolist() == [2, 4]
    assert sent(frame, PANDAS) == sent(noted, PANDAS)


def test_changed_columns_are_converted_afresh_and_the_others_stay(noted: Any) -> None:
    frame = from_r(noted)
    frame["label"] = ["a", "b"]
    frame["new"] = [1, 2]
    names = [name for name in noted if name != "label"]
    expected = dict(zip(noted, sent(noted, PANDAS)[1], strict=True))
    made = dict(zip(frame.columns, sent(frame, PANDAS)[1], strict=True))
    assert all(made[name] == expected[name] for name in names)
    assert made["label"] == sent(["a", "b"], PANDAS) and made["new"] == sent([1, 2], PANDAS)


def test_changed_values_keep_class_and_storage_where_they_fit(noted: Any) -> None:
    frame = from_r(noted)
    frame.loc[5, "date"] = pd.Timestamp("2000-01-01")
    frame.loc[5, "times"] = pd.Timestamp("1970-01-02", tz="Europe/Zurich")
    frame.loc[5, "spans"] = pd.Timedelta("90min")
    frame.loc[5, "label"] = 7
    made = dict(zip(frame.columns, sent(frame, PANDAS)[1], strict=True))
    assert made["date"] == sent(RVector([10957, 2], "integer", {"class": ["Date"]}), PANDAS)
    assert made["spans"] == sent(
        noted["spans"][:0] or RVector([1.5, None], "double", noted["spans"].rattrs), PANDAS
    )
    assert made["label"] == sent(RVector([7.0, 2.5], "double", {"label": ["weight"]}), PANDAS)
    assert made["times"][3] == sent(noted["times"], PANDAS)[3]


def test_selected_rows_go_back_without_what_does_not_fit(noted: Any) -> None:
    frame = from_r(noted).iloc[[1]]
    made = dict(zip(frame.columns, sent(frame, PANDAS)[1], strict=True))
    assert made["matrix"][0] == "list"
    assert made["date"] == sent(RVector([2], "integer", {"class": ["Date"]}), PANDAS)
    assert ("row.names", ("integer", 1, b"\3\0\0\0", [])) in sent(frame, PANDAS)[2]


def test_sorted_rows_carry_no_names_to_the_wrong_place() -> None:
    frame = from_r(frame_of({"a": RVector([2.0, 1.0], "double", {"names": ["two", "one"]})}))
    assert sent(frame.sort_values("a"), PANDAS)[1][0] == sent([1.0, 2.0], PANDAS)


def test_notes_live_with_pandas(noted: Any) -> None:
    frame = from_r(noted)
    for other in (frame.copy(), frame[frame["label"] > 0], frame.assign(x=1), copy.deepcopy(frame)):
        assert other.attrs["R"] is frame.attrs["R"]
    assert frame.attrs["R"]["class"] == ["mine", "data.frame"]
    assert json.loads(json.dumps(frame.attrs))["R"]["row.names"] == "integer"  # as DataFrame.to_parquet does
    assert pd.concat([frame, from_r(noted)]).shape == (4, 6)  # compares attrs
    again = pickle.loads(pickle.dumps(frame))
    assert sent(again, PANDAS) == sent(noted, PANDAS)
    assert "note" in repr(frame.attrs)


def test_large_frame_is_made_over_the_data() -> None:
    node, buffers = send(frame_of({"a": RVector(np.arange(20000.0), "double"), "b": [1.0] * 20000}), PANDAS)
    memory = [bytearray(buffer) for buffer in buffers]
    from jupyterlite_rpy.convert import decode

    frame = decode(node, Buffers(memory), context=PANDAS)
    assert np.shares_memory(frame["a"].to_numpy(), np.frombuffer(memory[node["items"][0]["buffer"]]))
    frame.loc[0, "a"] = 5.0
    assert frame["a"][0] == 5


def test_ten_thousand_columns_go_over_and_back() -> None:
    frame = pd.DataFrame({f"c{i}": np.arange(10) if i % 2 else list("abcdefghij") for i in range(10_000)})
    back = trip(frame, PANDAS)
    assert back.shape == (10, 10_000)
    assert list(back["c9998"]) == list("abcdefghij") and list(back["c9999"]) == list(range(10))


def test_index_becomes_row_names() -> None:
    def rows(frame: Any) -> Any:
        return dict(sent(frame, PANDAS)[2])["row.names"]

    automatic = sent(RVector([None, -2], "integer"), PANDAS)
    assert rows(pd.DataFrame({"a": [1, 2]})) == automatic
    assert rows(pd.DataFrame({"a": range(9)})[5:7]) == automatic
    assert rows(pd.DataFrame({"a": [1, 2]}, index=["x", "y"])) == sent(["x", "y"], PANDAS)
    assert rows(pd.DataFrame({"a": [1, 2]}, index=[5, 3])) == sent(["5", "3"], PANDAS)
    with pytest.warns(ConversionWarning, match="became text"):
        assert rows(pd.DataFrame({"a": [1]}, index=pd.to_datetime(["2024-01-01"]))) == sent(
            ["2024-01-01"], PANDAS
        )
    assert rows(pd.DataFrame()) == sent(RVector([], "integer"), PANDAS)


def test_index_that_cannot_be_row_names_becomes_columns() -> None:
    index = pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["k", None])
    with pytest.warns(ConversionWarning, match="became columns"):
        back = trip(pd.DataFrame({"x": [1, 2]}, index=index), PANDAS)
    assert back.columns.tolist() == ["k", "level_1", "x"] and back["level_1"].tolist() == [1, 2]


def test_name_of_the_index_is_kept() -> None:
    frame = pd.DataFrame({"a": [1]}, index=pd.Index(["r"], name="id"))
    assert trip(frame, PANDAS).index.name == "id"


def test_names_are_never_changed() -> None:
    names = ["a b", "a.b", "`x`", '"q"', "é", "", "a b"]
    back = trip(pd.DataFrame([range(len(names))], columns=names), PANDAS)
    assert back.columns.tolist() == names
    assert trip(pd.DataFrame([[1, 2]]), PANDAS).columns.tolist() == ["0", "1"]


def test_column_that_cannot_cross_is_named() -> None:
    with pytest.raises(ConversionError) as caught:
        send(pd.DataFrame({"fine": [1], "x": [{1: 2}]}), PANDAS, "df")
    assert caught.value.path == 'df["x"][0]'


def test_categories_become_text() -> None:
    def levels(values: Any) -> Any:
        return dict(sent(pd.Categorical(values), PANDAS)[3])["levels"][2]

    assert levels([2, 1]) == ["1", "2"]
    assert levels([1.0, 2.5]) == ["1", "2.5"]
    assert levels([True, False]) == ["FALSE", "TRUE"]
    assert levels(["b a", "é"]) == ["b a", "é"]
    with pytest.raises(ConversionError, match="'1' as text"):
        levels([1, "1"])


def test_missing_values_of_all_kinds_are_na() -> None:
    for values in ([1, None], [True, None]):
        expected = sent(values, PANDAS)
        for dtype in ("Int8", "Int64", "boolean"):
            if isinstance(values[0], bool) == (dtype == "boolean"):
                assert sent(pd.Series(values, dtype=dtype), PANDAS) == expected
    assert sent(pd.Series([1.5, None], dtype="Float32"), PANDAS) == sent([1.5, None], PANDAS)
    expected = sent(["a", None], PANDAS)
    for missing in (None, np.nan, pd.NA):
        assert sent(pd.Series(["a", missing], dtype=object), PANDAS) == expected
    for dtype in ("string", pd.StringDtype("python")):
        assert sent(pd.Series(["a", None], dtype=dtype), PANDAS) == expected


def test_times_that_a_zone_skips_or_has_twice() -> None:
    naive = pd.Series(pd.to_datetime(["2024-03-31 02:30", "2024-10-27 02:30", "2024-01-01 00:00"]))
    with pytest.warns(ConversionWarning, match="skips"):
        back = trip(naive, PANDAS)
    assert [str(moment) for moment in back] == [
        "2024-03-31 03:30:00+02:00",
        "2024-10-27 02:30:00+02:00",
        "2024-01-01 00:00:00+01:00",
    ]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_aware_times_return_equal(unit: str) -> None:
    index = (
        pd.DatetimeIndex(["1900-01-01", "2024-07-01 12:34:56", None])
        .as_unit(unit)
        .tz_localize("America/New_York")
    )
    assert (trip(index, PANDAS)[:2] == index[:2]).all()
    frame = trip(pd.DataFrame({"t": index}), PANDAS)
    assert (frame["t"][:2] == index[:2]).all() and frame["t"].isna()[2] and frame.attrs == {}


def test_index_made_of_a_kept_one_forgets_what_was_kept() -> None:
    index = from_r(RVector([1 / 3, 5.0], "double", {"class": ["POSIXct", "POSIXt"], "tzone": ["UTC"]}))
    assert sent(index, PANDAS)[2] == np.array([1 / 3, 5.0]).tobytes()
    assert sent(index[1:], PANDAS)[2] == np.array([5.0]).tobytes()


def test_factor_with_more_attributes_returns_them() -> None:
    attributes = {"levels": ["x", "y"], "class": ["factor"], "names": ["p", "q"]}
    factor = from_r(RVector([1, 2], "integer", attributes))
    assert isinstance(factor, pd.Categorical) and factor.tolist() == ["x", "y"]
    assert sent(factor, PANDAS) == sent(RVector([1, 2], "integer", attributes), PANDAS)


def test_series_takes_its_names_from_the_index() -> None:
    assert sent(pd.Series([1, 2]), PANDAS) == sent([1, 2], PANDAS)
    assert sent(pd.Series([1, 2], index=["a", "b"]), PANDAS) == sent(
        RVector([1, 2], "integer", {"names": ["a", "b"]}), PANDAS
    )
    assert dict(sent(pd.Series([1, 2, 3])[1:], PANDAS)[3])["names"][2] == ["1", "2"]


def test_sparse_and_extension_columns_are_values() -> None:
    assert sent(pd.Series([0, 1], dtype="Sparse[int64]"), PANDAS) == sent([0, 1], PANDAS)
    assert sent(pd.Series([0.5, 1], dtype="Sparse[float64]"), PANDAS) == sent([0.5, 1.0], PANDAS)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (pd.DataFrame({"n": [1, 2, 3], "x": ["a", "b", "c\0"]}), 'x["x"][2]'),
        (pd.DataFrame({"x": ["a", "b", "c\0"]}, dtype=object), 'x["x"][2]'),
        (pd.DataFrame({"x": ["a"] * 5000 + ["c\0", "c\0"]}, dtype=object), 'x["x"][5000]'),
        (pd.DataFrame({"x": pd.array(["a", None, "c\0"], dtype="string")}), 'x["x"][2]'),
        (pd.DataFrame({"x": [1, "a", 2**60]}, dtype=object), 'x["x"][2]'),
        (pd.Series([1, 2**63 + 1], dtype="uint64"), "x[1]"),
        (np.array([["a", "b"], ["c\0c", "d"]]), "x[1, 0]"),
        (np.array([[1, 2**63 + 1]], "uint64"), "x[0, 1]"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_error_names_the_element(value: Any, path: str) -> None:
    with pytest.raises(ConversionError) as raised:
        send(value, PANDAS)
    assert raised.value.path == path
