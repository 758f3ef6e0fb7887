"""Before each cell of JupyterLite's Python kernel: the cell's lines in, R running if they use it.

R can only be awaited where the kernel awaits: its line transforms are such a place, called with the source of
a cell before it runs. What is raised there is swallowed, so a failure is kept and raised by the cell itself
(`Session.prepare` does that).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from .runtime import Progress
from .session import Session

_USES_R = re.compile(r"(?m)^\s*%%R\b|%R(?:push|pull|get|install)?\b|\bjupyterlite_rpy\b|\brpy2\b")


class StartHook:
    """An async line transform that changes no line.

    Parameters
    ----------
    session
        Whose R is started.
    progress
        Makes the display of the start.
    """

    def __init__(self, session: Session, progress: Callable[[], AbstractContextManager[Progress]]) -> None:
        self._session = session
        self._progress = progress

    async def __call__(self, lines: list[str]) -> list[str]:
        """Wait for R if the cell uses it; return the lines as they are."""
        cell = "".join(lines)
        if self._session.wanted or _USES_R.search(cell):
            with self._progress() as progress:
                await self._session.prepare(cell, progress)
        return lines


def install(shell: Any, hook: StartHook) -> None:
    """Put the hook into a kernel that awaits such; put it there once however often this is called."""
    remove(shell)
    transforms = _transforms(shell)
    if transforms is not None:
        transforms.append(hook)


def remove(shell: Any) -> None:
    """Take the hook out."""
    transforms = _transforms(shell)
    if transforms is not None:
        # By name: after a reload of this package the class is another one.
        transforms[:] = [t for t in transforms if type(t).__name__ != StartHook.__name__]


def _transforms(shell: Any) -> list[Any] | None:
    manager = getattr(getattr(shell, "kernel", None), "lite_transform_manager", None)
    return None if manager is None else manager.line_transforms
