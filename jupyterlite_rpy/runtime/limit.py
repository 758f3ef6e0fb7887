"""A number of seconds in; a context after whose time Python code that R called is stopped, out.

R has a limit of its own (`setTimeLimit`), but looks at it only while R code runs.
"""

from __future__ import annotations

import _thread
import threading
from typing import Any

from ..errors import RError

_GRACE = 0.5
"""Seconds that R's own limit has to be first: its error says what happened."""


class TimeLimit:
    """Native Python: an interrupt of the main thread, as Ctrl-C is one.

    Parameters
    ----------
    seconds
        0: no limit.

    Raises
    ------
    RError
        When the context ends: the limit stopped something. The interrupt was no wish of the user's.
    """

    def __init__(self, seconds: float) -> None:
        self._reached = False
        self._seconds = seconds
        self._timer: threading.Timer | None = None

    def __enter__(self) -> TimeLimit:
        if self._seconds > 0 and threading.current_thread() is threading.main_thread():
            self._timer = threading.Timer(self._seconds + _GRACE, self._interrupt)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self._end()
        if self._reached and isinstance(error, KeyboardInterrupt):
            raise RError(
                f"reached elapsed time limit ({self._seconds:g} s) in Python code that R called"
            ) from error

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _interrupt(self) -> None:
        self._reached = True
        _thread.interrupt_main()


class PolledLimit(TimeLimit):
    """Pyodide, which has no threads: a time that js/stop.mjs looks at while Python code runs."""

    def __init__(self, seconds: float, stop: Any) -> None:
        super().__init__(seconds)
        self._stop = stop

    def __enter__(self) -> TimeLimit:
        if self._seconds > 0:
            self._stop.limit(1000 * (self._seconds + _GRACE))
        return self

    def _end(self) -> None:
        if self._seconds > 0:
            self._reached = bool(self._stop.unlimit())
