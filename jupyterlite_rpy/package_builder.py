"""Source packages of R code alone in; their archives, built by webR in Node.js, out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .runtime import StartOptions
from .runtime.node import NodeRuntime
from .session import Session

__all__ = ["build_packages"]


def build_packages(paths: Sequence[Path], repositories: Sequence[str], webr: str = "") -> list[bytes]:
    """Build packages, each after those of them that it needs.

    Parameters
    ----------
    paths
        Their folders, or archives of such.
    repositories
        Where to find what they need: a package is loaded once to be built.
    webr
        The folder of webR's files; empty: found.

    Returns
    -------
    list of bytes
        In the order of `paths`.
    """
    session = Session(NodeRuntime(StartOptions(webr_url=webr)))
    try:
        session.library.installer.install([str(path) for path in paths], repositories, quiet=True)
        names = [archive.package for archive in session.library.installer.read([str(path) for path in paths])]
        return [session.library.installer.export(name) for name in names]
    finally:
        session.close()
