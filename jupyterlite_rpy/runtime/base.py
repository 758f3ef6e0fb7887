"""How a request reaches R and its reply comes back: `(request, buffers)` in, `(reply, buffers)` out.

Two runtimes implement this interface, `pyodide.py` (webR in this very thread) and `node.py` (webR in a
Node process); tests have a third one, scripted. What requests, replies and events hold is the wire protocol,
which JavaScript describes in `js/protocol.d.ts`; nothing here looks inside them.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..assets import PACKAGES_VARIABLE
from ..errors import FetchError
from .limit import TimeLimit

_PATIENCE = 60
_BLOCK = 1 << 16
"""Seconds without a byte after which a download is given up."""

Message = dict[str, Any]
"""A request, a reply or an event: a tree that JSON can carry; data are in the buffers beside it."""

Buffer = bytes | bytearray | memoryview
"""A flat piece of memory. The runtime reads it before `call` returns and keeps no reference."""

EventHandler = Callable[[Message, Sequence[Buffer]], "tuple[Message, Sequence[Buffer]] | None"]
"""Takes what happens while R runs. The answer counts for the events that ask something (input, python)."""

Loaded = Callable[[int, int], object]
"""Called while a file is fetched: bytes so far, bytes in all (0: not known)."""

Progress = Callable[[str, int, int], None]
"""Called while R starts: stage in a few words, bytes so far, bytes in all (0: not known)."""


@dataclass(frozen=True)
class StartOptions:
    """What R is started with.

    Parameters
    ----------
    webr_url
        Folder or address of webR's files; empty: the runtime finds them.
    environment
        Environment variables of R (`TZ`, ...).
    structural
        Classes whose objects cross as data; objects of other classes stay in R behind handles.
    homedir
        R's working directory at start.
    node
        The Node.js program, where R runs in a process of its own; empty: `node` on the PATH.
    folders
        Folders that R sees besides Python's working directory, where R runs in a process of its own.
    """

    webr_url: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    structural: Sequence[str] = ()
    homedir: str = "/home/web_user"
    node: str = ""
    folders: Sequence[str] = ()


class Runtime(ABC):
    """One R at a time: not started, ready, ended (and then startable again).

    Attributes
    ----------
    ready : bool
        R is there and answers. False before the start, after `close` and once R has died.
    epoch : int
        How many R's were started: handles of an earlier epoch are void.
    short : bool
        Whether it has `call_scalars`.
    threads : bool
        Whether Python has more than one thread from which it might be called.
    on_state : callable
        Told of each change: ``{"state": "loading" | "ready" | "stopped", ...}``, and how far loading is.
    on_libraries : callable
        Told which of NumPy and pandas there are, when values are about to cross for the first time.
    timezone : str
        IANA name of R's time zone: `environment["TZ"]`, else the browser's or the system's.
    """

    short = False
    threads = True

    def __init__(self, options: StartOptions) -> None:
        self.options = options
        self.ready = False
        self.epoch = 0
        self.on_state: Callable[[Message], object] = lambda state: None
        self.on_libraries: Callable[[Collection[str]], object] = lambda libraries: None
        self.timezone = "UTC"

    @abstractmethod
    async def start(self, progress: Progress | None = None) -> None:
        """Start R; return when it is ready.

        Calls that come while a start is under way wait for that one. When it fails all of them raise, and the
        next call tries again.

        Raises
        ------
        RuntimeStartError
            R cannot be started here; the message says why.
        """

    @abstractmethod
    def start_sync(self, progress: Progress | None = None) -> None:
        """Start R without giving up the thread.

        Raises
        ------
        RuntimeStartError
            Also where this cannot be done: in a browser without JSPI. R is then started behind the cell.
        """

    async def load(self) -> None:  # noqa: B027  # most have nothing to load
        """Load what a start needs, so that it takes less time when it comes."""

    async def prepare(self, cell: str, progress: Progress | None = None) -> None:
        """Do before a cell that uses R all that has to be awaited: start R and what `cell` needs besides."""
        if not self.ready:
            await self.start(progress)

    def libraries(self) -> frozenset[str]:
        """Return which of NumPy and pandas conversions may use, loading them where they are loaded on demand.

        Asked for once, by the first request that carries a value, so that types do not change in a session.

        Raises
        ------
        RuntimeStartError
            In a browser without JSPI they have to be loaded first; the next cell has them.
        """
        return installed_libraries()

    @abstractmethod
    def call(
        self, request: Message, buffers: Sequence[Buffer], on_event: EventHandler
    ) -> tuple[Message, list[memoryview]]:
        """Hand a request to R and wait for the reply.

        `on_event` is called in this thread while R runs, and may itself `call` (R -> Python -> R). An
        exception that it raises is a bug of the caller, not something R is told.

        Returns
        -------
        reply, buffers
            The buffers belong to the caller: R has no reference to them.

        Raises
        ------
        RCrashError
            R's process ended during the call. `ready` is False then, as after an error reply of kind "trap".
        """

    def call_scalars(
        self, id: int, label: str | None, arguments: Sequence[Any], on_event: EventHandler
    ) -> Any:
        """Call the R function of a handle with plain scalars, in the shortest way there is.

        `label` is what R calls the function in the call; without it, FUN.
        Where `on_event` has a method ``scalars(id, arguments)``, R calls Python by it in the same way.

        Returns
        -------
        scalar or tuple of dict, list of memoryview
            A plain scalar if the result is one and there is nothing else to tell; else what `call` returns,
            with the result in the reply's ``scalar`` if it is one. Arguments and results have the form of
            `convert.plain`.
        """
        named = {} if label is None else {"label": label}
        return self.call({"op": "scalars", "id": id, "args": arguments, **named}, (), on_event)

    def fetch(self, address: str, progress: Loaded | None = None) -> bytes:
        """Get a file by its address.

        Parameters
        ----------
        address
            Of the file.
        progress
            Is told of bytes that are there and of all that will come, where that is known on the way.

        Raises
        ------
        FetchError
            It cannot be got; the message has the address.
        """
        return read_address(address, progress)

    def cache(self) -> Path | None:
        """Return this user's folder for what was downloaded; None: there is no disk."""
        return None

    def site_packages(self) -> str:
        """Address of the R packages that came with the site; empty: there are none."""
        place = os.environ.get(PACKAGES_VARIABLE, "")
        return Path(place).absolute().as_uri() if place and "://" not in place else place

    def limited(self, seconds: float) -> TimeLimit:
        """Return a context in which Python code that R calls is stopped after this time; 0: no limit."""
        return TimeLimit(seconds)

    @abstractmethod
    def close(self) -> None:
        """End R and free what it holds. `start` begins a new one."""


def installed_libraries() -> frozenset[str]:
    """Those of NumPy and pandas that can be imported."""
    return frozenset(name for name in ("numpy", "pandas") if find_spec(name) is not None)


def read_address(address: str, progress: Loaded | None = None) -> bytes:
    """Get a file by its address, where there are sockets; `progress` as in `Runtime.fetch`.

    Raises
    ------
    FetchError
        It cannot be got; the message has the address.
    """
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import urlopen

    try:
        with urlopen(address, timeout=_PATIENCE) as answer:
            total = int(answer.headers.get("Content-Length") or 0)
            content = bytearray()
            while block := answer.read(_BLOCK):
                content += block
                if progress is not None:
                    progress(len(content), total)
            if len(content) < total:
                raise OSError(f"the download broke off after {len(content)} of {total} bytes")
    except HTTPError as error:
        error.close()  # it is the answer as well
        raise FetchError(f"{address} answered {error.code} {error.reason}", status=error.code) from error
    except (OSError, ValueError, HTTPException) as error:
        missing = isinstance(getattr(error, "reason", None), FileNotFoundError)
        why = str(getattr(error, "reason", error)) or type(error).__name__
        raise FetchError(f"{address}: {why}", status=404 if missing else None) from error
    return bytes(content)
