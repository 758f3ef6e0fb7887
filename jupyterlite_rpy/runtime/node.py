"""webR in a Node process: requests in as frames on a pipe, replies out as frames on another.

For Python that runs natively: the process (`child.py`) serves requests with the same JavaScript and the same
R as the browser.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..assets import user_cache, webr_folder
from ..errors import RClosedError, RCrashError, RuntimeStartError
from .base import Buffer, EventHandler, Message, Progress, Runtime, StartOptions
from .child import Child, find_node
from .frame import read_frame, write_frame
from .interrupt import Interrupts

_RUNTIMES: weakref.WeakSet[NodeRuntime] = weakref.WeakSet()


class NodeRuntime(Runtime):
    """R in a Node process. Values cross by one copy into the pipe and one out of it."""

    short = True

    def __init__(self, options: StartOptions) -> None:
        super().__init__(options)
        self._child: Child | None = None
        self._ending: weakref.finalize[..., Any] | None = None
        self._starting = threading.Lock()
        self._cwd = ""  # what R's and Python's working directory was when one last told the other
        _RUNTIMES.add(self)

    async def start(self, progress: Progress | None = None) -> None:
        await asyncio.to_thread(self.start_sync, progress)

    def start_sync(self, progress: Progress | None = None) -> None:
        with self._starting:
            if not self.ready:
                self._open(progress)

    def _open(self, progress: Progress | None) -> None:
        options = self._open_options(progress)
        # A process whose R broke holds the variables that could be saved: the fresh R gets them there.
        child = self._child if self._child is not None else self._new_child()
        try:
            write_frame(child.to_child, {"kind": "open", "options": options})
            message, _ = read_frame(child.from_child)
            while message["kind"] == "progress":
                if progress is not None:
                    progress(message["stage"], message["loaded"], message["total"])
                message, _ = read_frame(child.from_child)
        except (EOFError, OSError):
            raise RuntimeStartError(f"R could not be started: {self._death()}") from None
        except BaseException:
            self.close()  # interrupted: what the process says next would be taken for something else
            raise
        if message["kind"] == "failed":
            self.close()
            raise RuntimeStartError(f"R could not be started: {message['message']}")
        self.timezone = message["timezone"]
        self._cwd = ""
        self.ready = True
        self.epoch += 1

    def _open_options(self, progress: Progress | None) -> Message:
        try:
            folder = webr_folder(self.options.webr_url, progress)
        except (RuntimeError, OSError) as error:  # WebRFilesError: its message has the hint
            raise RuntimeStartError(str(error)) from error
        return {
            "dist": str(folder),
            "environment": dict(self.options.environment),
            "structural": list(self.options.structural),
            "homedir": self.options.homedir,
            "folders": [os.path.abspath(os.path.expanduser(folder)) for folder in self.options.folders],
        }

    def _new_child(self) -> Child:
        node = self.options.node or find_node()
        try:
            child = self._child = Child(node)
        except OSError as error:
            raise RuntimeStartError(f"{node} cannot be started: {error}") from error
        self._ending = weakref.finalize(self, child.end)
        return child

    def call(
        self, request: Message, buffers: Sequence[Buffer], on_event: EventHandler
    ) -> tuple[Message, list[memoryview]]:
        child = self._child
        if child is None or not self.ready:
            raise RClosedError("R is not running")
        with Interrupts(child.interrupt, child.process.kill) as interrupts:
            try:
                message = {"kind": "call", "request": request, **self._moved()}
                write_frame(child.to_child, message, buffers, child.shared_out)
                reply, received, failure = self._serve(child, on_event, interrupts)
                if child.shared_out is not None:
                    child.shared_out.trim()
            except (EOFError, OSError):
                if interrupts.count > 1:
                    self.close()
                    raise KeyboardInterrupt("R was ended, and its variables with it") from None
                raise RCrashError(self._death()) from None
            if (reply.get("error") or {}).get("kind") == "trap":
                self.ready = False
            if failure is not None:
                raise failure
            interrupts.raise_late()
        return reply, received

    def _serve(
        self, child: Child, on_event: EventHandler, interrupts: Interrupts
    ) -> tuple[Message, list[memoryview], BaseException | None]:
        """Hand events to `on_event` until the reply comes; return it, and what `on_event` raised."""
        failure: BaseException | None = None
        while True:
            interrupts.wait_for(child.from_child)
            message, received = read_frame(child.from_child, child.shared_in)
            self._follow(message)
            if message["kind"] == "reply":
                return message["reply"], received, failure
            answer: tuple[Message, Sequence[Buffer]] | None = None
            if failure is None:
                try:
                    with interrupts.usual():
                        answer = on_event(message["event"], received)
                except BaseException as error:  # the frames must stay in step; the caller raises it
                    failure = error
                    child.interrupt()
                if self._child is not child:  # it ended in a call of that code, which may have a fresh R
                    return {}, [], failure or child.why_gone()
            if message["asks"]:
                stopped = {"error": {"message": "Python stopped this call", "class": ["KeyboardInterrupt"]}}
                reply, out = answer if answer is not None else (stopped, ())
                back = {"kind": "answer", "reply": reply, **self._moved()}
                write_frame(child.to_child, back, out, child.shared_out)

    def _moved(self) -> Message:
        """What to tell R with a message: Python's working directory, if it is another than before."""
        try:
            cwd = os.getcwd()
        except OSError:  # it was deleted: R stays where it is
            return {}
        if cwd == self._cwd:
            return {}
        self._cwd = cwd
        return {"cwd": cwd}

    def _follow(self, message: Message) -> None:
        """Go where R's `setwd()` went."""
        if "cwd" in message:
            with contextlib.suppress(OSError):  # it was deleted meanwhile
                os.chdir(message["cwd"])
                self._cwd = os.getcwd()

    def leave_to_parent(self) -> None:
        """Let the parent have its R; this process, a fork of it, starts one of its own when it needs one."""
        child, self._child = self._child, None
        self.ready = False
        self._starting = threading.Lock()
        if self._ending is not None:
            self._ending.detach()
            self._ending = None
        if child is not None:
            child.let_go()

    def _death(self) -> str:
        """Clear away a process that has ended by itself; say how it ended."""
        child, self._child = self._child, None
        self.ready = False
        assert child is not None
        with contextlib.suppress(subprocess.TimeoutExpired):  # `end` kills it: its pipes are closed
            child.process.wait(timeout=5)
        words = child.last_words()
        if self._ending is not None:
            self._ending.detach()
        code = child.end()
        how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        child.death = f"its process ended {how}, and its variables are lost." + (
            f"\n{words}" if words else ""
        )
        return child.death

    def cache(self) -> Path:
        return user_cache()

    def close(self) -> None:
        child, self._child = self._child, None
        self.ready = False
        if self._ending is not None:
            self._ending.detach()
            self._ending = None
        if child is not None:
            child.end()


def _after_fork() -> None:
    for runtime in _RUNTIMES:
        runtime.leave_to_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
