"""Ctrl-C or the stop button while R works: a signal in, R asked to stop, KeyboardInterrupt out.

Python's own handler would raise in the midst of a frame, and the two sides would be out of step for ever. So
the signal only asks R to stop while frames travel. A second one ends R's process.
"""

from __future__ import annotations

import contextlib
import select
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import IO, Any

_GLANCE_MS = 250


class Interrupts:
    """A context in which SIGINT calls `ask` the first time and `end` after that.

    Only Python's main thread gets signals; in another one this does nothing.
    """

    def __init__(self, ask: Callable[[], None], end: Callable[[], None]) -> None:
        self.count = 0
        self._ask = ask
        self._end = end
        self._before: Any = None
        self._active = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Interrupts:
        if self._active:
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        if self._active:
            signal.signal(signal.SIGINT, self._before)

    @contextlib.contextmanager
    def usual(self) -> Iterator[None]:
        """Inside, Python's own code runs and SIGINT does what it did before."""
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()

    def wait_for(self, pipe: IO[bytes]) -> None:
        """Return when there is something to read.

        A signal that comes just before Python goes to sleep in a read is seen when the read ends. So this
        wakes up now and then.
        """
        if self._active and hasattr(select, "poll"):
            poll = select.poll()
            poll.register(pipe, select.POLLIN)
            while not poll.poll(_GLANCE_MS):
                pass  # a pending signal has been handled by now

    def raise_late(self) -> None:
        """Raise what came when R was just done."""
        if self.count:
            raise KeyboardInterrupt

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        if self.count == 1:
            self._ask()
        else:
            self._end()
