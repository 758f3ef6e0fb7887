"""webR in this very thread, beside Pyodide: requests in and replies out by plain function calls.

With `javascript.py` the only file here that touches the browser.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import zoneinfo
from collections.abc import Sequence
from importlib import import_module, invalidate_caches
from importlib.resources import files
from typing import Any
from urllib.parse import urljoin

from ..assets import FILES, PACKAGES_VARIABLE, WEBR_VERSION, webr_url
from ..errors import FetchError, RuntimeStartError
from .base import Buffer, EventHandler, Loaded, Message, Progress, Runtime, StartOptions, installed_libraries
from .javascript import import_javascript
from .limit import PolledLimit, TimeLimit
from .parcel import pack, unpack

_PACKAGE = __package__.rpartition(".")[0]
_ZONES = "/usr/lib/R/share/zoneinfo"
"""R's table of time zones, which Python sees as well. Pyodide has none of its own."""
_TRANSFERS = re.compile(
    r"(?m)^\s*%%R\b.*\s-[io]|^\s*%%R\b.*--(?:in|out)put|(?<!%)%R(?:\s|push|pull|get)"
    r"|\b(?:import|from)\s+(?:jupyterlite_rpy|rpy2)\b|\A(?!\s*%%)[\s\S]*\br[.(\[]"
    r"|^\s*%%R\b[\s\S]*(?:\bpy(?:\$|\[\[|_[a-z])|\bimport(?:_\w+)?\(|\br_to_py\(|\bsource_python\(|\binstall\.packages\()"
)
"""Cells in which values are likely to cross: NumPy and pandas are loaded before they run."""


class PyodideRuntime(Runtime):
    """R in the thread of Pyodide. Values cross by one copy from heap to heap."""

    short = True
    threads = False

    def __init__(self, options: StartOptions) -> None:
        super().__init__(options)
        # Not at module level: only Pyodide has these.
        self._js: Any = import_module("js")
        self._ffi: Any = import_module("pyodide.ffi")
        self._starting: asyncio.Future[None] | None = None
        self._watchers: list[Progress] = []
        self._bridge: Any = None
        self._making: asyncio.Future[None] | None = None
        self._handlers: list[EventHandler] = []
        self._call_scalars: Any = None  # the bridge's, looked up once: that costs as much as the call
        self._libraries: frozenset[str] | None = None
        self.stop: Any = None  # js/stop.mjs's, where the page has a Stop button for us
        self.offer: Any = None  # js/offer.mjs's, where the page fetches R's program for us
        zone = self._js.Intl.DateTimeFormat().resolvedOptions().timeZone
        self._browser_timezone = str(zone or "UTC")

    # ---- starting

    async def start(self, progress: Progress | None = None) -> None:
        if self.ready:
            return
        if progress is not None:
            self._watchers.append(progress)
        try:
            if self._starting is None:
                self._starting = asyncio.ensure_future(self._open())
            # Shielded: a cell that is given up must not take R's start with it, others wait for the same one.
            await asyncio.shield(self._starting)
        finally:
            if progress is not None:
                self._watchers.remove(progress)
            if self._starting is not None and self._starting.done():
                self._starting = None

    def start_sync(self, progress: Progress | None = None) -> None:
        if self.ready:
            return
        self._run_sync(
            self.start,
            progress,
            "R is being started. Hint: run this cell again, or load the extension in a cell of its own,"
            " before the first cell that uses R.",
        )

    async def prepare(self, cell: str, progress: Progress | None = None) -> None:
        if self.ready and (self._libraries is not None or not _TRANSFERS.search(cell)):
            return
        if _TRANSFERS.search(cell):
            await asyncio.gather(self.start(progress), self._use_libraries(progress))
        else:
            await self.start(progress)

    async def _use_libraries(self, progress: Progress | None) -> None:
        await self._load_libraries(progress)
        assert self._libraries is not None
        if not self.ready:
            with contextlib.suppress(self._ffi.JsException):  # the start says what is wrong
                await self._get_bridge()
        # This takes the thread for a while: R's files arrive meanwhile.
        self.on_libraries(self._libraries)

    def libraries(self) -> frozenset[str]:
        if self._libraries is None:
            self._run_sync(
                self._load_libraries,
                None,
                "NumPy and pandas are being loaded for values that cross to R or back."
                " Hint: run this cell again.",
            )
        assert self._libraries is not None
        return self._libraries

    def _run_sync(self, start: Any, progress: Progress | None, otherwise: str) -> None:
        """Wait for a coroutine where the browser can suspend Python (JSPI), else start it and say so."""
        if self._ffi.can_run_sync():
            self._ffi.run_sync(start(progress))
            return
        task = asyncio.ensure_future(start(progress))
        # The next cell waits for the same work and reports its failure; asyncio would do so a second time.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        raise RuntimeStartError(otherwise)

    async def load(self) -> None:
        if not self.ready and self._starting is None:
            await (await self._set_bridge()).load()

    async def _set_bridge(self) -> Any:
        bridge = await self._get_bridge()
        bridge.settings = self._settings()
        return bridge

    async def _get_bridge(self) -> Any:
        """Return the bridge. Once it is there, the download of R's files has begun."""
        if self._bridge is None:
            if self._making is None:
                self._making = asyncio.ensure_future(self._make_bridge())
            try:
                await asyncio.shield(self._making)
            finally:
                if self._making is not None and self._making.done():
                    self._making = None
        return self._bridge

    async def _make_bridge(self) -> None:
        place = self._place()
        program = self.offer.take(place.baseUrl, place.progress) if self.offer is not None else None
        if program is None:
            # The files take longest: their download begins before anything else is there.
            fetch = await import_javascript("fetch.mjs")
            program = fetch.fetchProgram(place.baseUrl, place.files, place.version, place.progress)
        module = await import_javascript("pyodide.mjs")
        bridge = module.Bridge.new(program)
        bridge.below = import_module("pyodide_js")._module.stackSave
        bridge.listen = self._ffi.create_proxy(self._on_event)
        bridge.listenScalars = self._ffi.create_proxy(self._on_scalars)
        self._bridge = bridge

    async def _open(self) -> None:
        try:
            await (await self._set_bridge()).open()
        except self._ffi.JsException as error:
            self.on_state({"state": "stopped"})
            raise RuntimeStartError(f"R could not be started: {_words(error)}") from error
        self.timezone = self.options.environment.get("TZ") or self._browser_timezone
        if _ZONES not in zoneinfo.TZPATH:
            zoneinfo.reset_tzpath([*zoneinfo.TZPATH, _ZONES])
        self.ready = True
        self.epoch += 1
        self.on_state({"state": "ready"})

    def _place(self) -> Any:
        """Where webR's files are, and what they must be."""
        place = {
            "baseUrl": webr_url(str(self._js.location.href), self.options.webr_url),
            "version": WEBR_VERSION,
            "files": {
                name: {"size": asset.size, "integrity": asset.integrity} for name, asset in FILES.items()
            },
        }
        converted = self._ffi.to_js(place, dict_converter=self._js.Object.fromEntries)
        converted.progress = self._ffi.create_proxy(self._tell_progress)
        return converted

    def _settings(self) -> Any:
        sources = {
            file.name: file.read_text("utf-8")
            for file in sorted((files(_PACKAGE) / "r").iterdir(), key=lambda file: file.name)
            if file.name.endswith(".R")
        }
        settings = {
            "environment": {"TZ": self._browser_timezone, **self.options.environment},
            "structural": list(self.options.structural),
            "homedir": os.path.expanduser("~"),
            "sources": sources,
        }
        converted = self._ffi.to_js(settings, dict_converter=self._js.Object.fromEntries)
        self._js.Object.assign(converted, self._place())
        converted.fs = import_module("pyodide_js").FS
        converted.interrupted = self.stop.requested if self.stop is not None else None
        return converted

    def _tell_progress(self, stage: str, loaded: float, total: float) -> None:
        self.on_state({"state": "loading", "stage": stage, "loaded": int(loaded), "total": int(total)})
        for watcher in self._watchers:
            watcher(stage, int(loaded), int(total))

    async def _load_libraries(self, progress: Progress | None = None) -> None:
        """Load NumPy and pandas if the distribution has them; decided once, so that types do not change."""
        if self._libraries is not None:
            return
        api = import_module("pyodide_js")
        known = api._api.lockfile_packages
        wanted = [name for name in ("numpy", "pandas") if hasattr(known, name)]
        if progress is not None and wanted:
            progress("Loading NumPy and pandas", 0, 0)
        quiet = self._ffi.create_proxy(lambda *_: None)
        options = {"messageCallback": quiet, "errorCallback": quiet}
        converted = self._ffi.to_js(options, dict_converter=self._js.Object.fromEntries)
        try:
            await api.loadPackage(self._ffi.to_js(wanted), converted)
        except self._ffi.JsException:
            pass  # offline, and not in this site: what is there decides
        finally:
            quiet.destroy()
        invalidate_caches()
        self._libraries = installed_libraries()

    # ---- files

    def fetch(self, address: str, progress: Loaded | None = None) -> bytes:
        # Synchronously, which a worker may: R and the cell wait for it, and nobody hears how far it is.
        request = self._js.XMLHttpRequest.new()
        try:
            request.open("GET", address, False)
            request.responseType = "arraybuffer"
            request.send()
        except self._ffi.JsException as error:
            raise FetchError(f"{address}: {_words(error)}") from error
        if not 200 <= request.status < 300:
            words = f"{request.status} {request.statusText}".strip()
            raise FetchError(f"{address} answered {words}", status=int(request.status) or None)
        return bytes(request.response.to_bytes())

    def site_packages(self) -> str:
        place = os.environ.get(PACKAGES_VARIABLE, "")
        return urljoin(str(self._js.location.href), place).rstrip("/") if place else ""

    # ---- calls

    def call(
        self, request: Message, buffers: Sequence[Buffer], on_event: EventHandler
    ) -> tuple[Message, list[memoryview]]:
        text, packed, large = pack(request, buffers)
        # Where Python can be stopped (after a call, at a jump) nothing is half-done: neither here nor below.
        before = len(self._handlers)
        try:
            self._handlers.append(on_event)
            return self._received(self._bridge.call(text, packed, large))
        finally:
            del self._handlers[before:]

    def call_scalars(
        self, id: int, label: str | None, arguments: Sequence[Any], on_event: EventHandler
    ) -> Any:
        call = self._call_scalars
        if call is None:
            call = self._call_scalars = self._bridge.callScalars
        handlers = self._handlers
        before = len(handlers)
        try:
            handlers.append(on_event)
            # One argument is most often: a call with a star takes 1.5 µs more.
            answer = call(id, label, arguments[0]) if len(arguments) == 1 else call(id, label, *arguments)
        finally:
            del handlers[before:]
        if answer.__class__ is str and answer[0] == "{":
            return self._received(answer)
        return answer

    def limited(self, seconds: float) -> TimeLimit:
        return PolledLimit(seconds if self.stop is not None else 0, self.stop)

    def _received(self, text: str) -> tuple[Message, list[memoryview]]:
        reply, received = unpack(text, self._bridge)
        if reply["status"] == "error" and reply["error"]["kind"] in ("trap", "closed"):
            self.ready = False
            self.on_state({"state": "stopped"})
        return reply, received

    @property
    def memory(self) -> int:
        """Bytes of R's memory; 0: R does not run."""
        return int(self._bridge.r.c.M.HEAPU8.length) if self.ready else 0

    def close(self) -> None:
        if self.ready:
            self.on_state({"state": "stopped"})
        self.ready = False
        if self._bridge is not None:
            self._bridge.close()
        self._bridge = None
        self._call_scalars = None

    def _on_event(self, text: str) -> Any:
        event, buffers = unpack(text, self._bridge)
        answer = self._handlers[-1](event, buffers)
        return None if answer is None else list(pack(*answer))

    def _on_scalars(self, id: int, *arguments: Any) -> Any:
        answer = self._handlers[-1].scalars(id, arguments)  # type: ignore[attr-defined]
        return list(pack(*answer)) if answer.__class__ is tuple else answer


def _words(error: Any) -> str:
    """What a JavaScript exception says, without its name."""
    return str(getattr(error, "message", None) or error)
