"""What installing needs of the session: R's functions, files by their address, a place for words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

__all__ = ["Host"]


class Host(Protocol):
    """The session, as far as it matters here."""

    def call_bridge(self, function: str, *args: object) -> Any:
        """Call one of the functions of `r/packages.R`."""

    def fetch(self, address: str, progress: Callable[[int, int], object] | None = None) -> bytes:
        """Get a file, or raise `FetchError`; tell of bytes that are there, and of all."""

    @property
    def cache(self) -> Path | None:
        """This user's folder for what was downloaded; None: there is no disk."""

    def say(self, text: str, stream: str = "stdout") -> None:
        """Show a line in the running cell."""

    @property
    def site_packages(self) -> str:
        """Address of the site's own repository; empty: it has none."""

    @property
    def lasts(self) -> bool:
        """Whether R's first library outlives this R."""

    @property
    def epoch(self) -> int:
        """Which R this is."""
