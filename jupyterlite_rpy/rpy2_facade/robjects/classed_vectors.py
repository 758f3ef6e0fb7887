"""Vectors that R's classes give a meaning: factors, dates, times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from .. import engine
from ..engine import wraps
from ..missing import NA_Character, NA_Integer, NA_Real, is_missing
from .vector import FloatVector, IntVector, ListVector, StrVector

__all__ = ["DateVector", "FactorVector", "POSIXct", "POSIXlt"]

_DAY_0 = date(1970, 1, 1)
_TIME_0 = datetime(1970, 1, 1, tzinfo=timezone.utc)


@wraps(rclass=["factor"])
class FactorVector(IntVector):
    """A factor; its elements are the codes, from 1.

    Parameters
    ----------
    values
        The data; labels that are no level become NA.
    levels, labels, exclude, ordered
        As of R's factor().
    """

    def __init__(
        self, values: Any, levels: Any = None, labels: Any = None, exclude: Any = None, ordered: Any = None
    ) -> None:
        given = {"levels": levels, "labels": labels, "exclude": exclude, "ordered": ordered}
        named = {name: value for name, value in given.items() if value is not None}
        values = values if hasattr(values, "typeof") else StrVector(values)
        self._become(engine.call("base::factor", values, **named))

    @property
    def levels(self) -> Any:
        """The levels, as texts."""
        return engine.call("base::levels", self)

    @levels.setter
    def levels(self, value: Any) -> None:
        self._become(engine.call("base::levels<-", self, value))

    @property
    def nlevels(self) -> int:
        """How many levels there are."""
        return len(self.levels)

    @property
    def isordered(self) -> bool:
        """Whether the levels have an order."""
        return "ordered" in self.rclass

    def iter_labels(self) -> Iterator[Any]:
        """Iterate over the labels of the elements."""
        levels = list(self.levels)
        return (NA_Character if code is NA_Integer else levels[code - 1] for code in self)


@wraps(rclass=["Date"])
class DateVector(FloatVector):
    """Dates, made from Python's; elements are `datetime.date`, NA is `NA_Real`."""

    def __init__(self, values: Any) -> None:
        if not hasattr(values, "typeof"):
            days = [None if is_missing(v) else (v - _DAY_0).days for v in values]
            values = engine.call("base::as.Date", FloatVector(days))
        self._become(engine.call("base::identity", values))

    def _read(self) -> list[Any]:
        return [NA_Real if is_missing(v) else _DAY_0 + timedelta(days=int(v)) for v in super()._read()]


@wraps(rclass=["POSIXct"])
class POSIXct(FloatVector):
    """Points in time, made from Python's `datetime`; elements are seconds since 1970-01-01 UTC.

    Parameters
    ----------
    values
        Naive times are in the session's time zone.
    """

    def __init__(self, values: Any) -> None:
        if not hasattr(values, "typeof"):
            values = [datetime(*value[:6]) if hasattr(value, "tm_year") else value for value in values]
            values = values or engine.call("base::.POSIXct", FloatVector([]))
        self._become(engine.call("base::identity", values))

    @property
    def zone(self) -> tzinfo:
        """The time zone in which R shows the times."""
        name = engine.question("attribute", self, "tzone")
        return ZoneInfo(
            (name[0] if name is not None and len(name) else "") or engine.session().runtime.timezone
        )

    def iter_localized_datetime(self) -> Iterator[datetime | None]:
        """Iterate over the times as aware `datetime`; None for NA."""
        zone = self.zone
        for seconds in self:
            missing = seconds is NA_Real or seconds != seconds
            yield None if missing else (_TIME_0 + timedelta(seconds=seconds)).astimezone(zone)


@wraps(rclass=["POSIXlt"])
class POSIXlt(ListVector):
    """Points in time as R's list of their parts, made from Python's `datetime`."""

    def __init__(self, values: Any) -> None:
        values = values if hasattr(values, "typeof") else POSIXct(values)
        self._become(engine.call("base::as.POSIXlt", values))
