from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

np = pytest.importorskip("numpy")
from jupyterlite_rpy.convert.dates import nanoseconds_of, zone_name  # noqa: E402 - what is tested needs NumPy
from jupyterlite_rpy.convert.local_time import utc_of  # noqa: E402


@pytest.mark.parametrize(
    "name", ["Europe/Zurich", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]
)
def test_is_what_python_says_one_by_one(name: str) -> None:
    zone = ZoneInfo(name)
    start = datetime(1890, 1, 1)
    times = [start + timedelta(hours=17 * step, minutes=step) for step in range(0, 70_000, 7)]
    expected = [nanoseconds_of(time, zone) // 10**9 for time in times]
    ticks = np.array(times, "M8[s]").view(np.int64)
    made, _ = utc_of(ticks * 1000, 1000, zone)
    assert (made == np.array(expected) * 1000).all()


def test_far_years_take_the_offset_of_the_last_one_that_python_has() -> None:
    made, skipped = utc_of(np.array(["20000-01-01"], "M8[s]").view(np.int64), 1, ZoneInfo("Europe/Zurich"))
    assert made.view("M8[s]")[0] in (np.datetime64("19999-12-31T23:00"), np.datetime64("19999-12-31T22:00"))
    assert not skipped


def test_missing_stays_missing() -> None:
    made, _ = utc_of(np.array(["NaT"], "M8[s]").view(np.int64), 1, ZoneInfo("Europe/Zurich"))
    assert np.isnat(made.view("M8[s]"))[0]


def test_zones_have_the_names_that_r_knows() -> None:
    assert zone_name(ZoneInfo("Asia/Tokyo")) == "Asia/Tokyo"
