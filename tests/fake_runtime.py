"""A runtime that evaluates nothing: it notes requests and answers from a script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jupyterlite_rpy.errors import RuntimeStartError
from jupyterlite_rpy.runtime import Buffer, EventHandler, Message, Progress, Runtime, StartOptions

Answer = Callable[[Message, Sequence[Buffer], EventHandler], "tuple[Message, list[bytes]]"]


def ok(**reply: Any) -> Message:
    """A reply without error."""
    return {"status": "ok", "value": None, "visible": False, "outputs": [], "freed": [], **reply}


def failed(kind: str, message: str, **error: Any) -> Message:
    """An error reply."""
    return {"status": "error", "error": {"kind": kind, "message": message, **error}, "freed": []}


def double(value: float, buffer: int = 0) -> Message:
    """The RValue of one number, whose bytes are `struct.pack("<d", value)`."""
    return {"type": "double", "length": 1, "buffer": buffer}


class FakeRuntime(Runtime):
    """Answers each call with the next step of `script`: a reply, (reply, buffers), or a function."""

    def __init__(self, *script: Any, failures: int = 0, can_wait: bool = True) -> None:
        super().__init__(StartOptions())
        self.script = list(script)
        self.requests: list[Message] = []
        self.buffers: list[list[bytes]] = []
        self.failures = failures
        self.can_wait = can_wait

    async def start(self, progress: Progress | None = None) -> None:
        self._open(progress)

    def start_sync(self, progress: Progress | None = None) -> None:
        if not self.can_wait:
            raise RuntimeStartError("R is being started: run this cell again")
        self._open(progress)

    def _open(self, progress: Progress | None) -> None:
        if progress is not None:
            progress("loading R", 9_000_000, 18_000_000)
        if self.failures:
            self.failures -= 1
            raise RuntimeStartError("no R.wasm")
        self.ready = True
        self.epoch += 1

    def libraries(self) -> frozenset[str]:
        return frozenset()  # values are RVector's and plain types, whatever is installed

    def call(
        self, request: Message, buffers: Sequence[Buffer], on_event: EventHandler
    ) -> tuple[Message, list[memoryview]]:
        self.requests.append(request)
        self.buffers.append([bytes(buffer) for buffer in buffers])
        step = self.script.pop(0) if self.script else ok()
        if callable(step):
            step = step(request, buffers, on_event)
        reply, out = step if isinstance(step, tuple) else (step, [])
        if reply.get("error", {}).get("kind") == "trap":
            self.ready = False
        return reply, [memoryview(bytearray(buffer)) for buffer in out]

    def close(self) -> None:
        self.ready = False
