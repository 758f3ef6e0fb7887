"""What a value loses on its way is told, and what it does not lose is not."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from convert.trip import PLAIN, receive, send, sent
from jupyterlite_rpy.convert import Conversion, RFrame, RVector
from jupyterlite_rpy.errors import ConversionWarning

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")

ZURICH = Conversion(timezone="Europe/Zurich")
SKIPPED = datetime(2024, 3, 31, 2, 30)


def told(value: Any, context: Conversion = ZURICH) -> list[str]:
    """Return what is told of a value that goes to R."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        send(value, context)
    assert all(issubclass(warning.category, ConversionWarning) for warning in heard)
    return [str(warning.message) for warning in heard]


@pytest.mark.parametrize(
    "value",
    [
        SKIPPED,
        [datetime(2024, 1, 1), SKIPPED, None],
        {"a": [SKIPPED, SKIPPED]},
        pd.Timestamp(SKIPPED),
        [pd.Timestamp(SKIPPED)],
        pd.Series([SKIPPED, SKIPPED]),
        pd.Series([SKIPPED], dtype=object),
        pd.DataFrame({"a": pd.Series([SKIPPED], dtype=object)}),
        np.array([SKIPPED], object),
        datetime(2024, 3, 31, 2, 30, tzinfo=ZoneInfo("Europe/Zurich")),
    ],
    ids=repr,
)
def test_times_that_a_zone_skips_are_told_once(value: Any) -> None:
    (message,) = told(value)
    assert "times that Europe/Zurich skips in spring" in message
    assert told(value, Conversion(timezone="UTC")) == [] or "tzinfo" in repr(value)


def test_times_put_into_a_vector_of_r_are_told() -> None:
    made = receive(*send([datetime(2024, 1, 1)]), PLAIN)
    made[0] = SKIPPED
    context = Conversion(numpy=False, pandas=False, timezone="Europe/Zurich")
    with pytest.warns(ConversionWarning, match="skips in spring"):
        send(made, context)


def test_skipped_times_are_the_same_however_they_are_held() -> None:
    day = datetime(2011, 12, 30, 12)  # Samoa had none
    samoa = Conversion(timezone="Pacific/Apia")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConversionWarning)
        for context, time in ((ZURICH, SKIPPED), (samoa, day)):
            one = sent([time], context)
            assert sent(pd.Series([time]), context) == one
            assert sent(pd.Series([time], dtype=object), context) == one
            assert sent(pd.Series([time]).astype("M8[ns]"), context) == one


def test_times_that_come_twice_lose_nothing() -> None:
    twice = datetime(2024, 10, 27, 2, 30)
    for value in (
        twice,
        twice.replace(fold=1),
        [twice],
        pd.Series([twice]),
        pd.Series([twice], dtype=object),
    ):
        assert told(value) == []


NANOSECONDS = np.array(["2024-01-01T00:00:00.123456789", "NaT"], "M8[ns]")


@pytest.mark.parametrize(
    "value",
    [
        NANOSECONDS,
        NANOSECONDS[0],
        pd.Timestamp(NANOSECONDS[0]),
        [pd.Timestamp(NANOSECONDS[0]), None],
        pd.Series(NANOSECONDS),
        pd.Series(NANOSECONDS).dt.tz_localize("UTC"),
        pd.DataFrame({"a": NANOSECONDS, "b": NANOSECONDS}),
        np.array(["2300-01-01T00:00:00.000001"], "M8[us]"),
        datetime(9999, 12, 31, 23, 59, 59, 999999),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=timezone.utc),
        [datetime(1, 1, 1, 0, 0, 0, 1)],
        timedelta(days=999_999_999, microseconds=1),
        [timedelta(days=999_999_999, microseconds=1), None],
        np.array([10**17 + 1], "m8[ns]"),
        pd.Timedelta(10**17 + 1, "ns"),
        [pd.Timedelta(10**17 + 1, "ns")],
    ],
    ids=repr,
)
def test_parts_of_a_second_that_r_cannot_hold_are_told_once(value: Any) -> None:
    (message,) = told(value)
    assert "times were rounded" in message and "Hint: " in message


@pytest.mark.parametrize(
    "value",
    [
        datetime(2024, 1, 1, 0, 0, 0, 123457),
        datetime(1700, 1, 1, 0, 0, 0, 1, tzinfo=timezone.utc),
        datetime(9999, 12, 31, 23, 59, 59),
        [datetime(2239, 1, 1, 0, 0, 0, 999999)],
        np.array(["2024-01-01T00:00:00.123456", "NaT"], "M8[us]"),
        np.array(["1970-01-01T00:00:00.123456789"], "M8[ns]"),
        np.array([1, -1, 10**9 + 1], "m8[ns]"),
        pd.Series(pd.to_datetime(["2024-01-01 00:00:00.999999"])).astype("M8[ns]"),
        pd.Timedelta(1, "ns"),
        [timedelta(days=40_000, microseconds=1)],
        pd.Timestamp(1, unit="ns"),
    ],
    ids=repr,
)
def test_parts_of_a_second_that_r_holds_are_not_told(value: Any) -> None:
    assert told(value) == []


@pytest.mark.parametrize(
    "index",
    [
        pd.to_datetime(["2024-01-01", "2024-01-02"]),
        pd.period_range("2024-01", periods=2),
        pd.CategoricalIndex(["a", "b"]),
        pd.Index([datetime(2024, 1, 1).date(), "x"], dtype=object),
    ],
    ids=lambda index: type(index).__name__,
)
def test_labels_that_become_text_are_told(index: Any) -> None:
    (message,) = told(pd.DataFrame({"a": [1, 2]}, index=index))
    assert "became text" in message and "Hint: df.reset_index()" in message
    assert "became text" in told(pd.Series([1, 2], index=index))[0]


def test_labels_that_are_text_or_numbers_are_not_told() -> None:
    for labels in (["a", "b"], [5, 7], [0.5, 1], [True, False], np.array(["a", 1], object)):
        assert told(pd.DataFrame({"a": [1, 2]}, index=labels)) == []


def test_attrs_of_a_frame_are_told_but_not_our_own() -> None:
    frame = pd.DataFrame({"a": [1]})
    assert told(frame) == []
    labelled = RVector([1.5], "double", {"label": ["weight"]})
    noted = receive(*send(RFrame({"a": labelled}, {"class": ["data.frame"]})), ZURICH)
    assert "R" in noted.attrs and told(noted) == []
    frame.attrs["source"] = "a file"
    (message,) = told(frame)
    assert ".attrs" in message and "Hint: " in message


def test_times_in_none_of_pythons_years_are_told() -> None:
    date = RVector([4e6, None], "double", {"class": ["Date"]})
    time = RVector([1e12], "double", {"class": ["POSIXct", "POSIXt"], "tzone": ["UTC"]})
    for value in (date, time, RFrame({"a": date, "b": date}, {"class": ["data.frame"]})):
        with pytest.warns(ConversionWarning, match="years 1 to 9999") as heard:
            back = receive(*send(value), ZURICH)
        assert len(heard) == 1
        assert sent(back, ZURICH) == sent(value)


def test_dates_with_a_fraction_of_a_day_lose_nothing() -> None:
    value = RVector([0.5, 1.0], "double", {"class": ["Date"]})
    for one in (value, RFrame({"a": value}, {"class": ["data.frame"]})):
        back = receive(*send(one), ZURICH)
        assert sent(back, ZURICH) == sent(one)


def test_a_time_of_r_goes_back_without_a_word() -> None:
    third = RVector([1 / 3, 1e9 + 1 / 3], "double", {"class": ["POSIXct", "POSIXt"], "tzone": ["UTC"]})
    back = receive(*send(third), ZURICH)
    assert told(back) == []
