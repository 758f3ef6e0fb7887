"""The page that JupyterLite's kernel belongs to: its Stop button, settings and questions in; what R does out.

The labextension (kernels/lite) runs `connect` in each kernel of its own before the kernel is ready for the
page. Where it is not installed nothing here is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from .assets import R_VERSION
from .errors import RInterrupt
from .runtime.javascript import import_javascript
from .session import Session, get_session

__all__ = ["Page", "connect"]

Message = dict[str, Any]

_SLICE = 0.2
"""Seconds that `time.sleep` sleeps without looking whether Stop was pressed."""
_IDLE = 0.3
"""Seconds without a cell after which R starts in the background, which takes the thread for a moment."""
_DRIVE = "/drive"


class Page:
    """The kernel's end of the line to the page.

    Parameters
    ----------
    shell
        The kernel's IPython shell.
    session
        Whose R it is.

    Attributes
    ----------
    answers : dict
        What the page may ask: kind of message -> function of the message that returns the answer.
    """

    def __init__(self, shell: Any, session: Session) -> None:
        self.answers: dict[str, Callable[[Message], Mapping[str, Any]]] = {"status": self._status}
        self.kernel = shell.kernel
        self._shell = shell
        self._begun = False
        self.session = session
        self._ffi: Any = import_module("pyodide.ffi")
        self._python: Any = import_module("pyodide_js")._module
        self._line: Any = None  # js/page.mjs
        self._cell: asyncio.Future[Any] | None = None
        self._ended = 0.0  # when the last cell did
        self._warned = False
        self._asleep = self._wake = False  # in `time.sleep`, and Stop was pressed there
        self.starting: asyncio.Future[None] | None = None

    async def open(self, kernel_id: str, program: str | None = None) -> None:
        """Listen to the page, and let its Stop button reach what runs here."""
        module = await import_javascript("page.mjs")
        take, cancel = self._ffi.create_proxy(self._take), self._ffi.create_proxy(self._cancel)
        self._line = module.Page.new(kernel_id, take, cancel, program)
        runtime: Any = self.session.runtime
        runtime.stop, runtime.offer = self._line.stop, self._line.offer
        runtime.on_state = self._tell_state
        self._line.stop.watchPython(self._python)
        self.kernel.run = self._stoppable(self.kernel.run)
        time.sleep = self._sliced(time.sleep)  # type: ignore[assignment]  # Pyodide's takes what it took
        self._line.tell(self._to_js({"kind": "hello"}))

    async def start(self) -> None:
        """Start R when no cell has run for a moment."""
        with contextlib.suppress(Exception):  # the first cell that uses R tries again, and says what is wrong
            await self.session.load()
        while self._cell is not None or time.monotonic() - self._ended < _IDLE:
            await asyncio.sleep(_IDLE)
        if not self.session.runtime.ready:
            await self.session.prepare()

    # ---- cells

    def _stoppable(self, run: Callable[[str], Any]) -> Callable[[str], Any]:
        """`kernel.run`, between the begin and the end of what Stop means."""

        async def run_stoppable(code: str) -> Any:
            self._line.stop.begin()
            if not self._begun:
                # Numbers and history of cells begin here, not with the code that connected us.
                self._begun = True
                self._forget_inputs()
            cell = self._cell = asyncio.ensure_future(run(code))
            try:
                return await cell
            except (KeyboardInterrupt, asyncio.CancelledError):
                # Stopped in the kernel's own code, around the user's: the page still needs a reply.
                return {
                    "status": "error", "ename": "KeyboardInterrupt", "evalue": "",
                    "traceback": ["KeyboardInterrupt"], "payload": [],
                }  # fmt: skip
            finally:
                self._cell = None
                self._ended = time.monotonic()
                self._line.idle()
                self._warn_of_memory()

        return run_stoppable

    def _forget_inputs(self) -> None:
        history = self._shell.history_manager
        history.reset(new_session=False)
        history.input_hist_parsed[:] = history.input_hist_raw[:] = [""]
        history._i00 = history._i = history._ii = history._iii = ""
        self._shell.execution_count = 1

    def _cancel(self) -> None:
        """Stop was pressed while a cell waits (``await``): nothing is busy that could ask."""
        if self._asleep:
            self._wake = True
        elif self._cell is not None:
            self._cell.cancel()

    def _sliced(self, sleep: Callable[[float], None]) -> Callable[[float], None]:
        """`time.sleep` that Stop ends: in C it would sleep to its end."""

        @functools.wraps(sleep)
        def sliced(seconds: float, /) -> None:
            if not isinstance(seconds, (int, float)) or not seconds > _SLICE:
                sleep(seconds)
                return
            end = time.monotonic() + seconds
            self._asleep, self._wake = True, False
            try:
                while (left := end - time.monotonic()) > 0:
                    sleep(
                        min(left, _SLICE)
                    )  # where the browser can suspend Python, messages are heard meanwhile
                    if self._wake or self._line.stop.requested("python"):
                        raise KeyboardInterrupt
            finally:
                self._asleep = False

        return sliced

    def _warn_of_memory(self) -> None:
        python, r = self._memory()
        limit = self.session.settings.memory_warning
        if 0 < limit < (python + r) / 1e6 and not self._warned:
            self._warned = True
            print(
                f"Python uses {python / 1e6:.0f} MB and R {r / 1e6:.0f} MB. Browsers end a tab at about 4 GB."
                " Hint: save your work, delete what you no longer need (`del x` in Python, `rm(x)` in R), and"
                " restart the kernel: memory that was needed once is not given back before.",
                file=sys.stderr,
            )

    # ---- the page

    def _take(self, message: Any) -> None:
        asked = message.to_py()
        answer = self.answers.get(asked.get("kind"))
        if answer is not None:
            try:
                reply: Mapping[str, Any] = answer(asked)
            except (Exception, RInterrupt) as error:
                reply = {"error": str(error)}
            self._line.tell(self._to_js({"kind": asked["kind"], "number": asked.get("number"), **reply}))

    def _status(self, message: Message) -> Mapping[str, Any]:
        return {**self._line.state.to_py(), "memory": self._memory_by_name()}

    def _tell_state(self, state: Message) -> None:
        more = {"version": R_VERSION} if state["state"] == "ready" else {}
        self._line.tellState(self._to_js({**state, **more, "memory": self._memory_by_name()}))

    def _memory_by_name(self) -> dict[str, int]:
        return dict(zip(("python", "r"), self._memory(), strict=True))

    def _memory(self) -> tuple[int, int]:
        runtime: Any = self.session.runtime
        return int(self._python.HEAPU8.length), runtime.memory

    def _to_js(self, message: Message) -> Any:
        return self._ffi.to_js(message, dict_converter=import_module("js").Object.fromEntries)


_page: Page | None = None


async def connect(
    kernel_id: str, start: str, kept: Mapping[str, str | None] | None = None, program: str | None = None
) -> None:
    """Load the extension into this kernel and connect it to its page.

    Parameters
    ----------
    kernel_id
        By which the page calls this kernel.
    start
        When R starts: "at once" in the background, on "first use"; "off": its files are not fetched before.
    kept
        If the files that stay in this browser are to be here: ``path``, where; ``folder``, which of them is
        the working directory (None: what it is).
    program
        From which address the page fetches R's program for its kernels (None: it does not).
    """
    global _page
    get_ipython = import_module("IPython").get_ipython
    shell = get_ipython()
    # Not by the extension manager, which would tell the %load_ext of a notebook that it is superfluous.
    import_module(__package__).load_ipython_extension(shell)
    _page = Page(shell, get_session())
    await _page.open(kernel_id, program)
    if not Path(_DRIVE).is_dir():
        shell.kernel.lite_transform_manager.line_transforms.append(_say_once(_page))
    if kept:
        from . import files  # much that only its users need

        await files.mount(str(kept["path"]), kept["folder"])
    if start == "at once":
        _page.starting = asyncio.ensure_future(_page.start())


def _say_once(page: Page) -> Any:
    """Say in the first cell that has R why R and Python see no file of the notebook's folder."""
    transforms = page.kernel.lite_transform_manager.line_transforms

    async def no_files(lines: list[str]) -> list[str]:
        if page.session.runtime.ready and "%R" in "".join(lines):
            transforms.remove(no_files)
            print(
                "This page has no service worker (a private window, or a site without https): files are not"
                " shared between the file browser and this kernel.",
                file=sys.stderr,
            )
        return lines

    return no_files
