"""What the user has set in; R running, or what keeps it from that, out.

R starts with the first call that needs it. Where that call cannot wait for it, the next cell is to do so
beforehand (see `hook`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace

from .config import RSettings
from .convert import STRUCTURAL_CLASSES
from .errors import RuntimeStartError
from .runtime import Progress, Runtime, StartOptions

__all__ = ["Start", "start_options"]

_UNSET = StartOptions()


class Start:
    """How the R of a session comes to run.

    Parameters
    ----------
    runtime
        Where R runs.
    settings
        What the user has set. What counts for R's start is read whenever one is to begin.
    given
        What the runtime was made with: what is not set stays as it is there.

    Attributes
    ----------
    wanted : bool
        A cell that could not wait asked for R.
    failure : BaseException or None
        What went wrong before the cell that is to raise it.
    """

    def __init__(self, runtime: Runtime, settings: RSettings, given: StartOptions) -> None:
        self.wanted = False
        self.failure: BaseException | None = None
        self._runtime = runtime
        self._settings = settings
        self._given = given

    async def prepare(self, cell: str, progress: Progress | None) -> None:
        """Start R if it is not running, and load what `cell` needs. A failure is raised by `now`."""
        self.failure = None
        self._set_options()
        try:
            await self._runtime.prepare(cell, progress)
            self.wanted = False
        except Exception as error:  # a kernel swallows what is raised before its cell: the cell raises it
            self.failure = error

    async def load(self) -> None:
        """Load what R's start needs, without starting it."""
        self._set_options()
        await self._runtime.load()

    def now(self, progress: Callable[[], AbstractContextManager[Progress | None]]) -> None:
        """Start R, if it is not running, or raise why that cannot be.

        Parameters
        ----------
        progress
            Makes a context whose value is told how far the start is.
        """
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure
        if self._runtime.ready:
            return
        self._set_options()
        try:
            with progress() as told:
                self._runtime.start_sync(told)
        except RuntimeStartError:
            self.wanted = True
            raise

    def libraries(self) -> Iterable[str]:
        """Return which of NumPy and pandas are there, or raise that they are being loaded."""
        try:
            return self._runtime.libraries()
        except RuntimeStartError:
            self.wanted = True
            raise

    def _set_options(self) -> None:
        if not self._runtime.ready:
            self._runtime.options = start_options(self._settings, self._given)


def start_options(settings: RSettings, given: StartOptions = _UNSET) -> StartOptions:
    """Return what R is to be started with: what is set, and the rest as given."""
    environment = {"TZ": settings.timezone} if settings.timezone else {}
    if settings.bytecode:
        environment["R_DISABLE_BYTECODE"] = "0"
    wanted = StartOptions(
        webr_url=settings.webr_url,
        environment=environment,
        structural=STRUCTURAL_CLASSES,
        node=settings.node,
        folders=tuple(settings.folders),
    )
    changes = {name: value for name, value in vars(wanted).items() if value != getattr(_UNSET, name)}
    return replace(given, **changes)
