"""What rpy2's own tests of its NumPy and pandas converters check, as behaviour of ours."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from needs import needs_node

pytestmark = needs_node


@pytest.fixture
def with_pandas(ro: Any) -> Any:
    from rpy2.robjects import pandas2ri

    with (ro.default_converter + pandas2ri.converter).context() as converter:
        yield converter


def held(ro: Any, value: Any) -> Any:
    return ro.conversion.py2rpy(value)


# ---- Python to R


@pytest.mark.parametrize(
    ("value", "rclass", "typeof"),
    [
        (np.array([True, False]), "logical", "logical"),
        (np.arange(3, dtype="int32"), "integer", "integer"),
        (np.arange(3, dtype="int64"), "integer", "integer"),
        (np.array([1.5, 2]), "numeric", "double"),
        (np.array([1 + 2j]), "complex", "complex"),
        (np.array(["a", "é"]), "character", "character"),
        (np.array([1.0, "a"], dtype=object), "list", "list"),
        (np.array(["a", "b"], dtype=object), "character", "character"),
        (np.uint32(7), "integer", "integer"),
        (np.arange(2, dtype="uint32"), "integer", "integer"),
        (np.float64(1.5), "numeric", "double"),
        (pd.Series([1.0, 2.0]), "numeric", "double"),
        (pd.Series([1, 2], dtype="Int64"), "integer", "integer"),
        (pd.Series(["a", None]), "character", "character"),
        (pd.Series(["a", None], dtype="string"), "character", "character"),
        (pd.Series([True, None], dtype="boolean"), "logical", "logical"),
        (pd.Series([1.5, None], dtype="Float64"), "numeric", "double"),
        (pd.Series([None, None], dtype=object), "character", "character"),  # rpy2: logical
        (pd.Categorical(["a", "b"]), "factor", "integer"),
        (pd.Categorical(["a", "b"], ordered=True), "ordered", "integer"),
        ([date(2020, 1, 1)], "Date", "double"),
        ([datetime(2020, 1, 1, tzinfo=timezone.utc)], "POSIXct", "double"),
        (pd.DataFrame({"x": [1]}), "data.frame", "list"),
    ],
)
def test_the_class_of_a_value_in_r(ro: Any, value: Any, rclass: str, typeof: str) -> None:
    made = held(ro, value)
    assert (made.rclass[0], made.typeof) == (rclass, typeof)


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "i8", "u1", "Int32", "Int64", "UInt8"])
def test_whole_numbers_of_any_size(ro: Any, dtype: str) -> None:
    assert list(held(ro, pd.Series([1, 2], dtype=dtype))) == [1, 2]


@pytest.mark.parametrize("dtype", ["Int32", "Int64"])
def test_missing_whole_numbers_are_na_and_come_back(ro: Any, with_pandas: Any, dtype: str) -> None:
    frame = pd.DataFrame({"z": pd.array([1, None, 3], dtype=dtype)})
    ro.globalenv["frame"] = frame
    assert list(ro.r("is.na(frame$z)")) == [False, True, False]
    assert list(ro.globalenv["frame"]["z"].isna()) == [False, True, False]
    assert held(ro, frame["z"])[1] is ro.NA_Integer


@pytest.mark.parametrize("values", [["a", None], ["a", np.nan], ["a", pd.NA]])
@pytest.mark.parametrize("dtype", ["O", "string"])
def test_missing_texts_are_na(ro: Any, values: list[Any], dtype: str) -> None:
    assert held(ro, pd.Series(values, dtype=dtype))[1] is ro.NA_Character


def test_frames_keep_columns_of_each_kind(ro: Any) -> None:
    frame = pd.DataFrame(
        {
            "b": [True, False, True],
            "i": [1, 2, 3],
            "f": [1.0, 2.5, np.pi],
            "s": ["b", "c", "a"],
            "a name with spaces": ["x", "y", "z"],
            "t": pd.to_datetime(["2020-01-01 10:11:12.123", "2020-06-01 00:00:00.500", None]).tz_localize(
                "UTC"
            ),
        }
    )
    made = held(ro, frame)
    assert (made.nrow, made.ncol) == (3, 6)
    assert list(made.names) == list(frame.columns)
    kinds = [made.rx2(name).rclass[0] for name in frame.columns]
    assert kinds == ["logical", "integer", "numeric", "character", "character", "POSIXct"]


def test_a_doubled_index_is_told(ro: Any) -> None:
    with pytest.warns(UserWarning, match="index") as caught:
        held(ro, pd.DataFrame({"x": [1, 2]}, index=["a", "a"]))
    assert len(caught) == 1


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 2)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_keep_their_places(ro: Any, shape: tuple[int, ...], order: Any) -> None:
    array = np.array(np.arange(np.prod(shape)).reshape(shape), order=order, dtype="f8")
    made = held(ro, array)
    assert made.dim == shape
    np.testing.assert_array_equal(np.array(made), array)
    assert made.rx(*([2] * len(shape)))[0] == array[(1,) * len(shape)]


def test_records_are_a_frame(ro: Any) -> None:
    records = np.array([(1, 2.5), (3, 4.5)], dtype=[("count", "i4"), ("value", "f8")])
    made = held(ro, records)
    assert made.rclass == ("data.frame",)
    assert list(made.rx2("value")) == [2.5, 4.5]


def test_dates_are_dates(ro: Any) -> None:
    made = held(ro, pd.Series([date(2020, 5, 17), None]))
    assert made.rclass == ("Date",)  # rpy2: the number of the day since the year 1
    assert made[0] == date(2020, 5, 17)


def test_times_keep_fractions_and_missing_ones(ro: Any) -> None:
    moment = pd.Timestamp("2014-12-11 10:11:12.123", tz="UTC")
    made = held(ro, pd.Series([moment, pd.NaT]))
    assert made[0] == pytest.approx(moment.timestamp(), abs=1e-4)
    assert made[1] is ro.NA_Real or np.isnan(made[1])


def test_time_zones_go_there_and_back(ro: Any, with_pandas: Any) -> None:
    frame = pd.DataFrame({"t": pd.to_datetime(["2020-01-01", None]).tz_localize("America/New_York")})
    ro.globalenv["frame"] = frame
    back = ro.globalenv["frame"]
    assert str(back["t"].dt.tz) == "America/New_York"
    assert back["t"][0] == frame["t"][0] and back["t"].isna()[1]
    assert list(ro.r("attr(frame$t, 'tzone')")) == ["America/New_York"]


@pytest.mark.parametrize("value", [bytes(range(4)), np.arange(4, dtype="u1").tobytes()])
def test_bytes_are_raw(ro: Any, value: bytes) -> None:
    assert list(held(ro, value)) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "value", [{"a": 1}, (1, "b"), {1, 2}, range(3), None, [1, None], np.str_("x"), np.bool_(True)]
)
def test_what_rpy2_refuses(ro: Any, value: Any) -> None:
    held(ro, value)


# ---- R to Python


@pytest.mark.parametrize(
    ("code", "dtype", "expected"),
    [
        ("c(TRUE, FALSE)", "bool", [True, False]),  # rpy2: a BoolVector
        ("1:3", "int32", [1, 2, 3]),
        ("c(1.5, 2)", "float64", [1.5, 2.0]),
        ("c(1+2i)", "complex128", [1 + 2j]),
        ("c('a', NA)", "object", ["a", None]),
    ],
)
def test_vectors_become_arrays(ro: Any, with_pandas: Any, code: str, dtype: str, expected: list[Any]) -> None:
    value = ro.r(code)
    assert isinstance(value, np.ndarray) and value.dtype == dtype
    assert value.tolist() == expected


def test_a_missing_whole_number_is_not_a_small_one(ro: Any, with_pandas: Any) -> None:
    value = ro.r("c(1L, NA)")
    assert value.mask.tolist() == [False, True]  # rpy2: -2147483648


def test_factors_become_categoricals(ro: Any, with_pandas: Any) -> None:
    value = ro.r("factor(c('a', NA, 'b'), levels = c('b', 'a'))")
    assert list(value.categories) == ["b", "a"] and pd.isna(value[1])
    assert ro.r("factor('a', ordered = TRUE)").ordered


def test_frames_become_frames(ro: Any, with_pandas: Any) -> None:
    value = ro.r("data.frame(a = 1:2, b = I(c('x', 'y')), c = factor(c('u', 'v')), row.names = c('p', 'q'))")
    assert list(value.columns) == ["a", "b", "c"]
    assert list(value.index) == ["p", "q"]
    assert value["a"].dtype == "int32" and isinstance(value["c"].dtype, pd.CategoricalDtype)


def test_doubled_column_names_come_through(ro: Any, with_pandas: Any) -> None:
    value = ro.r("data.frame(a = 1, a = 2, check.names = FALSE)")
    assert list(value.columns) == ["a", "a"]


def test_lists_are_dicts_that_rpy2_s_code_can_use(ro: Any, with_pandas: Any) -> None:
    value = ro.r("list(a = 1, b = c('x', 'y'))")
    assert value["b"].tolist() == ["x", "y"]
    assert value.getbyname("a").tolist() == value.rx2("a").tolist() == value[0].tolist() == [1.0]


def test_frames_without_pandas_are_records(ro: Any) -> None:
    from rpy2.robjects import numpy2ri

    with (ro.default_converter + numpy2ri.converter).context():
        value = ro.r("data.frame(n = 1:2, f = factor(c('u', 'v')))")
    assert isinstance(value, np.recarray)
    assert value.n.tolist() == [1, 2] and value.f.tolist() == ["u", "v"]


def test_assigning_in_a_context(ro: Any, with_pandas: Any) -> None:
    ro.globalenv["frame"] = pd.DataFrame({"x": [1.0, 2.0]})
    assert list(ro.r("frame$x * 2")) == [2.0, 4.0]


def test_numpy_takes_vectors_without_any_converter(ro: Any) -> None:
    assert np.array(ro.r("c(1.5, 2)")).tolist() == [1.5, 2.0]
    assert np.asarray(ro.r("matrix(1:6, 2)")).shape == (2, 3)


# ---- converters


def test_rules_last_as_long_as_their_block(ro: Any) -> None:
    from rpy2.robjects import pandas2ri
    from rpy2.robjects.conversion import localconverter

    with localconverter(ro.default_converter + pandas2ri.converter) as converter:
        assert isinstance(ro.r("1"), np.ndarray)
        assert isinstance(converter.rpy2py(ro.FloatVector([1.0])), np.ndarray)
    assert isinstance(ro.r("1"), ro.FloatVector)


def test_activate_works_and_holds_until_deactivate(ro: Any) -> None:
    from rpy2.robjects import numpy2ri, pandas2ri

    pandas2ri.activate()
    numpy2ri.activate()
    assert isinstance(ro.r("mtcars"), pd.DataFrame)
    assert ro.r["mean"](np.array([1.0, 3.0])).tolist() == [2.0]
    pandas2ri.deactivate()
    assert isinstance(ro.r("mtcars"), ro.DataFrame)


def test_functions_of_the_modules(ro: Any) -> None:
    from rpy2.robjects import numpy2ri, pandas2ri

    made = pandas2ri.py2rpy(pd.DataFrame({"x": [1, 2]}))
    assert isinstance(made, ro.DataFrame)
    assert isinstance(pandas2ri.rpy2py(made), pd.DataFrame)
    assert isinstance(pandas2ri.ri2py(pandas2ri.py2ri(pd.DataFrame({"x": [1]}))), pd.DataFrame)
    assert isinstance(numpy2ri.rpy2py(ro.IntVector([1])), np.ndarray)


def test_a_converter_of_one_s_own_both_ways(ro: Any) -> None:
    from rpy2 import rinterface
    from rpy2.robjects.conversion import Converter

    class Point:
        def __init__(self, x: float) -> None:
            self.x = x

    mine = Converter("points")

    @mine.py2rpy.register(Point)
    def to_r(value: Point) -> Any:
        return ro.ListVector({"x": value.x})

    @mine.rpy2py.register(rinterface.FloatSexpVector)
    def from_r(value: Any) -> Any:
        return list(value)

    with (ro.default_converter + mine).context():
        assert ro.r["names"](Point(2.0))[0] == "x"
        assert ro.r("c(1, 2)") == [1.0, 2.0]
        assert list(ro.r["names"](ro.ListVector({"p": Point(1.0)}))) == ["p"]
    assert isinstance(ro.r("c(1, 2)"), ro.FloatVector)


def test_zones_of_times(ro: Any) -> None:
    value = ro.r("as.POSIXct('2020-07-01 12:00', tz = 'Europe/Vienna')")
    (moment,) = value.iter_localized_datetime()
    assert moment == datetime(2020, 7, 1, 12, tzinfo=ZoneInfo("Europe/Vienna"))
