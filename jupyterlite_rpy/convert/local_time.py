"""Many wall-clock times of one zone -> UTC, with NumPy and the standard library only."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

import numpy as np
from numpy.typing import NDArray

from .temporal import NAT

__all__ = ["utc_of"]

_EPOCH = datetime(1970, 1, 1)
_QUARTER = 900  # zones change their offset on a quarter of an hour, but for a few before 1930


def utc_of(ticks: NDArray[np.int64], per: int, zone: tzinfo) -> tuple[NDArray[np.int64], bool]:
    """Turn naive local ticks (`per` to the second) into UTC ticks, NaT kept.

    A time that comes twice is the first; one that the zone skips counts with the offset before the change, as
    PEP 495 has it.

    Returns
    -------
    ticks, skipped
        New ticks, and whether any of the times was skipped by the zone.
    """
    seconds = ticks // per
    gone = ticks == NAT
    seconds[gone] = 0
    quarters, inverse = np.unique(seconds // _QUARTER, return_inverse=True)
    offsets = np.empty(len(quarters), np.int64)
    skipped = False
    for place, quarter in enumerate(quarters.tolist()):
        first = _offset(quarter * _QUARTER, zone)
        offsets[place] = first[0]
        skipped = skipped or first[1]
    made = ticks - offsets[inverse.reshape(-1)] * per
    for place in _changing(quarters, offsets, zone):
        for index in np.flatnonzero(inverse == place).tolist():
            made[index] = ticks[index] - _offset(int(seconds[index]), zone)[0] * per
    made[gone] = NAT
    return made, skipped


def _changing(quarters: NDArray[np.int64], offsets: NDArray[np.int64], zone: tzinfo) -> list[int]:
    """Find the quarters of an hour within which the offset changes."""
    return [
        place
        for place, quarter in enumerate(quarters.tolist())
        if _offset(quarter * _QUARTER + _QUARTER - 1, zone)[0] != offsets[place]
    ]


def _offset(seconds: int, zone: tzinfo) -> tuple[int, bool]:
    """Return the seconds east of UTC at a local time, and whether the zone skips that time."""
    try:
        local = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=zone)
        offset = local.utcoffset() or timedelta(0)
        back = local.astimezone(timezone.utc).astimezone(zone).replace(tzinfo=None)
    except OverflowError:  # beyond the years of Python: as at its ends
        return _offset(-62_000_000_000 if seconds < 0 else 253_000_000_000, zone)
    return int(offset.total_seconds()), back != local.replace(tzinfo=None)
