"""Dates, times and zones without NumPy: Python's datetime <-> R's days and seconds since 1970."""

from __future__ import annotations

import re
from datetime import MAXYEAR, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = [
    "UNITS",
    "date_of",
    "datetime_of",
    "days_of",
    "is_rounded",
    "is_skipped",
    "nanoseconds_of",
    "timedelta_of",
    "zone",
    "zone_name",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_EPOCH_DAY = _EPOCH.toordinal()
_MICROSECOND = timedelta(microseconds=1)

UNITS = {"secs": 1, "mins": 60, "hours": 3600, "days": 86400, "weeks": 604800}
"""Seconds in each unit of R's difftime."""

_ETC = re.compile(r"Etc/GMT([+-])(\d+)$")


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """Return the zone of an IANA name, as R uses them.

    Raises
    ------
    KeyError
        The system's (or tzdata's) table has no such zone.
    """
    if name in ("UTC", "GMT", "Etc/UTC"):
        return timezone.utc if name == "UTC" else _zone_info(name)
    return _zone_info(name)


def _zone_info(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # OSError: the name is a directory of zones
        if name in ("GMT", "Etc/UTC"):
            return timezone.utc
        raise KeyError(name) from error


def zone_name(value: tzinfo, moment: datetime | None = None) -> str | None:
    """Return a name by which R knows a zone, or None if it has none.

    R knows IANA names and, for whole hours, the ``Etc/GMT-2`` names, whose sign is the other way round.
    """
    if value is timezone.utc:
        return "UTC"
    for attribute in ("key", "zone"):  # zoneinfo, pytz
        name = getattr(value, attribute, None)
        if isinstance(name, str):
            return name
    offset = value.utcoffset(moment)
    if offset is None or (moment is None and type(value) is not timezone):
        return None
    seconds = int(offset.total_seconds())
    if seconds == 0:
        return "UTC"
    if seconds % 3600 or not -12 * 3600 <= seconds <= 14 * 3600 or type(value) is not timezone:
        return None
    return f"Etc/GMT{-seconds // 3600:+d}"


def days_of(value: date) -> int:
    """Return the days from 1970-01-01 to a date."""
    return value.toordinal() - _EPOCH_DAY


def date_of(days: float) -> date | None:
    """Return the date of a whole number of days, or None if Python's dates cannot say it."""
    if not abs(days) < 1e7 or days != int(days) or not 1 <= int(days) + _EPOCH_DAY <= date.max.toordinal():
        return None
    return date.fromordinal(int(days) + _EPOCH_DAY)


def nanoseconds_of(value: datetime, session: tzinfo) -> int:
    """Return the nanoseconds from the epoch to a date-time; a naive one is in the session's zone.

    A naive time that the zone skips (spring) counts with the offset before the change, and one that it has
    twice (autumn) is the first, unless ``fold`` says the second: the rules of PEP 495.
    """
    if value.tzinfo is None or value.utcoffset() is None:
        value = value.replace(tzinfo=session)
    # Not by way of a time in UTC: in the first and the last year that may be none of Python's.
    elapsed = value.replace(tzinfo=None) - _EPOCH.replace(tzinfo=None) - (value.utcoffset() or timedelta(0))
    nanoseconds = getattr(value, "nanosecond", 0)  # a pandas Timestamp has more than Python's microseconds
    return (elapsed // _MICROSECOND) * 1000 + nanoseconds


def is_skipped(value: datetime, session: tzinfo) -> bool:
    """Tell whether the zone of a date-time (for a naive one the session's) skips it in spring."""
    tz = value.tzinfo or session
    if isinstance(tz, timezone) or value.year > MAXYEAR:  # a pandas Timestamp goes on
        return False
    clock = (value.year, value.month, value.day, value.hour, value.minute, value.second)
    local = datetime(*clock, tzinfo=tz)
    before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
    return before is not None and after is not None and before < after


def is_rounded(nanoseconds: int) -> bool:
    """Tell whether R's seconds for a whole number of nanoseconds come back as another number."""
    seconds = nanoseconds / 1_000_000_000
    whole, rest = divmod(nanoseconds, 1_000_000_000)
    fraction = seconds - whole
    microseconds = round(fraction * 1_000_000)
    if rest % 1000 == 0:
        return microseconds != rest // 1000
    # What is closer to it than to its microsecond is read as it; see temporal.moment_ticks.
    same = (whole * 1_000_000 + microseconds) / 1_000_000 == seconds
    return same or round(fraction * 1_000_000_000) != rest


def datetime_of(seconds: float, tz: tzinfo) -> datetime | None:
    """Return the aware date-time nearest to seconds since the epoch, or None out of Python's range."""
    if not -62_135_596_800 <= seconds < 253_402_300_800:
        return None
    whole = int(seconds // 1)
    try:
        moment = _EPOCH + timedelta(seconds=whole, microseconds=round((seconds - whole) * 1_000_000))
        return moment.astimezone(tz)
    except OverflowError:
        return None


def timedelta_of(value: float, units: str) -> timedelta | None:
    """Return the time span of a difftime, or None if it is not finite or too long."""
    try:
        return timedelta(seconds=value * UNITS[units])
    except (OverflowError, ValueError):
        return None
