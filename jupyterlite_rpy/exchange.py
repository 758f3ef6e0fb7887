"""What crosses between Python and one R: a request with its values, what happens meanwhile, the reply."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .convert import Buffers, Conversion, RValue, current, decode, default, encode
from .convert.plain import NOT_PLAIN, Scalar, decode_plain, encode_all
from .errors import RCrashError
from .events import Events, LateEvents
from .python import Python
from .result import Output, print_output
from .robject import RFunction
from .runtime import Message, Runtime

OnOutput = Callable[[Output], object]
Encode = Callable[[object, str], RValue]
_FINE: Message = {"status": "ok"}
_EXCHANGES: weakref.WeakSet[Exchange] = weakref.WeakSet()


class Exchange:
    """Requests to R, one at a time, and the values that go with them.

    Parameters
    ----------
    runtime
        Where R runs.
    python
        What R may ask of Python.
    start : callable
        Called before each request: makes R run if it does not, or raises why it cannot.
    libraries : callable
        Returns which of NumPy and pandas are there, loading them if need be.
    begin : callable
        Returns the `Conversion` of a fresh R.

    Attributes
    ----------
    on_output : callable
        Takes what R prints and draws when a request does not say otherwise.
    device : dict
        The size and format of plots that R was told last.
    """

    def __init__(
        self,
        runtime: Runtime,
        python: Python,
        start: Callable[[], object],
        libraries: Callable[[], Iterable[str]],
        begin: Callable[[], Conversion],
    ) -> None:
        self.on_output: OnOutput = print_output
        self.device: Message = {}
        self.conversion = Conversion()
        self._runtime = runtime
        self._python = python
        self._start = start
        self._libraries = libraries
        self._begin = begin
        self._epoch = 0  # that `conversion` belongs to
        self._libraries_known = False
        self._late: LateEvents | None = None
        self._dropped: deque[tuple[int, int]] = deque()
        self._lock = threading.RLock()
        _EXCHANGES.add(self)

    def send(
        self,
        request: Message,
        fill: Callable[[Encode], None] | None = None,
        on_output: OnOutput | None = None,
        *,
        own: bool = False,
    ) -> tuple[Message, Buffers]:
        """Have R do what a request says; raise what R says went wrong.

        Parameters
        ----------
        request
            One of the requests of ``js/protocol.d.ts``.
        fill
            Completes the request with values; it is given the function that encodes one, with the name that
            messages are to call it by.
        on_output
            Takes what R prints and draws meanwhile, also what R prints that Python calls that R calls.
        own
            No user sees the values: what they become does not wait for NumPy and pandas.

        Returns
        -------
        tuple of dict, Buffers
            The reply, and the data of its values.
        """
        with self._lock:
            self._start()
            if self._epoch != self._runtime.epoch:
                self._begin_epoch()
            if not own and _carries(request):
                self._need_libraries()
            if request.get("value") and self._as_usual():
                request["plain"] = True
            buffers = Buffers()
            dropped = self._take_dropped()  # not what encoding drops: this very request may name it
            try:
                if fill is not None:
                    self._encode_all(fill, buffers)
            except BaseException:
                self._dropped.extend((id, self._runtime.epoch) for id in dropped)
                raise
            if dropped:
                request["release"] = dropped
            before = self.on_output
            events = self._events(on_output or before)
            # Between this and the `try` there is no call, so that a Stop cannot come there.
            self.on_output = on_output or before
            try:
                reply, received = self._runtime.call(request, buffers, events)
            finally:
                self.on_output = before
                self.device = request.get("device", self.device)
            self.conversion.objects.release(reply.get("freed") or ())
            events.check(reply)
            if reply.get("timezone"):  # R's code has changed it: R and the conversions have one
                self.conversion.timezone = self._runtime.timezone = reply["timezone"]
            return reply, Buffers(received)

    def send_scalars(self, function: RFunction, args: Iterable[object]) -> Any:
        """Call a function of R with plain scalars, the shortest way; `NOT_PLAIN`: this is no call for it."""
        runtime = self._runtime
        if not (
            runtime.short
            and runtime.ready
            and self._epoch == runtime.epoch
            and self._libraries_known
            and not self._dropped
            and self._as_usual()
        ):
            return NOT_PLAIN
        scalars = encode_all(args)
        if scalars is None:
            return NOT_PLAIN
        if not runtime.threads:  # a lock costs a tenth of the whole
            return self._send_scalars(function, scalars)
        with self._lock:
            return self._send_scalars(function, scalars)

    def _send_scalars(self, function: RFunction, scalars: Sequence[Scalar]) -> Any:
        runtime, conversion = self._runtime, self.conversion
        late = self._late
        if late is None:
            late = LateEvents(self._events)
        self._late = None
        answer = runtime.call_scalars(function.handle(), function.label, scalars, late)
        made = late.made
        if made is None:
            self._late = late  # as good as new
        if answer.__class__ is not tuple:
            if made is not None:
                made.check(_FINE)
            return decode_plain(answer, conversion)
        reply, received = answer
        conversion.objects.release(reply.get("freed") or ())
        (made or self._events()).check(reply)
        return self.value(reply, Buffers(received))

    def call_bridge(self, function: str, args: Iterable[object], *, own: bool = False) -> Any:
        """Call one of our own R functions and return its value; `own` as for `send`."""
        request: Message = {"op": "call", "function": {"bridge": function}, "keep": False}

        def fill(encode: Encode) -> None:
            request["args"] = [{"name": None, "value": encode(value, "")} for value in args]

        reply, received = self.send(request, fill, own=own)
        return self.decode(reply["value"], received)

    def ask(self, function: str, args: Iterable[str | Sequence[str]]) -> list[list[str]] | None:
        """Ask one of our R functions about what is there; None: R does not run, or is at work.

        What R prints meanwhile is not shown, and no value crosses.
        """
        if not self._runtime.ready or not self._lock.acquire(blocking=False):
            return None
        try:
            if self._epoch != self._runtime.epoch:
                self._begin_epoch()
            events = Events(self.conversion, lambda output: None, self._python, self._need_libraries)
            request = {"op": "ask", "function": function, "args": list(args)}
            try:
                reply, _ = self._runtime.call(request, (), events)
            except RCrashError:
                return None
            self.conversion.objects.release(reply.get("freed") or ())
            # A front end that asks by itself cannot be shown an error; R says "trap" at most.
            return list(reply["parts"]) if reply["status"] == "ok" else None
        finally:
            self._lock.release()

    @contextlib.contextmanager
    def outputs_to(self, on_output: OnOutput) -> Iterator[None]:
        """For the time of a block, where outputs go that no request says otherwise of."""
        before, self.on_output = self.on_output, on_output
        try:
            yield
        finally:
            self.on_output = before

    def value(self, reply: Message, received: Buffers) -> Any:
        """Return the value that a reply tells of, in whichever form."""
        if "scalar" in reply:
            return decode_plain(reply["scalar"], self.conversion)
        return self.decode(reply.get("value"), received)

    def decode(self, value: RValue | None, received: Buffers, name: str = "") -> Any:
        """Return a value of a reply as Python's; `name` is what messages call it."""
        return None if value is None else decode(value, received, context=self.conversion, name=name)

    def queue_release(self, id: int, epoch: int) -> None:
        """Let R forget a kept object with the next request. Safe in finalizers: it only takes a note."""
        self._dropped.append((id, epoch))

    def close(self) -> None:
        """End R when no request is under way."""
        with self._lock:
            self._runtime.close()

    def _events(self, on_output: OnOutput | None = None) -> Events:
        return Events(self.conversion, on_output or self.on_output, self._python, self._need_libraries)

    def _encode_all(self, fill: Callable[[Encode], None], buffers: Buffers) -> None:
        """Encode all values of a request, or none: R must not hold on to those before the one that fails."""
        conversion = self.conversion
        done: list[RValue] = []

        def encode_one(value: object, name: str) -> RValue:
            done.append(encode(value, buffers, context=conversion, name=name))
            return done[-1]

        try:
            fill(encode_one)
        except BaseException:
            conversion.objects.release(_python_ids(done))
            raise

    def _take_dropped(self) -> list[int]:
        taken = [self._dropped.popleft() for _ in range(len(self._dropped))]
        return [id for id, epoch in taken if epoch == self._runtime.epoch]

    def _as_usual(self) -> bool:
        """Has the user no converters that a scalar might be meant for?"""
        return self.conversion.converters is None and current() is default and default.empty

    def _begin_epoch(self) -> None:
        """A fresh R: the objects that the one before held are let go."""
        self.conversion.objects.clear()
        self.conversion = self._begin()
        self._libraries_known = False
        self._epoch = self._runtime.epoch

    def _need_libraries(self) -> None:
        """Decide for the life of this R whether values become NumPy's and pandas': the first value asks."""
        if self._libraries_known:
            return
        libraries = set(self._libraries())
        self.conversion.numpy = "numpy" in libraries
        self.conversion.pandas = "pandas" in libraries
        self._libraries_known = True


def _carries(request: Message) -> bool:
    """Does a value cross with this request?"""
    return request["op"] != "run" or bool(request["value"] or request.get("outputs") or request.get("inputs"))


def _python_ids(nodes: Iterable[RValue]) -> Iterator[int]:
    """The ids of the Python objects that are named in values."""
    for node in nodes:
        if node["type"] == "python":
            yield node["id"]
        if "pythons" in node:
            yield from node["pythons"]["ids"]
        yield from _python_ids(node.get("items") or ())
        yield from _python_ids(value for _, value in node.get("attributes") or ())


def _after_fork() -> None:
    """A thread that was calling R in the parent is not there in a fork, and would hold the lock for ever."""
    for exchange in _EXCHANGES:
        exchange._lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
