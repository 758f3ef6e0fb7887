"""Paths of the folders whose files stay: `files` enters them, R's packages are kept in the first.

A module of its own, as `files` imports much that only its users need.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["kept_folders", "library_folder"]

kept_folders: list[str] = []


def library_folder(r_version: str) -> str:
    """R's folder for packages that stay; empty: there is no kept folder.

    Parameters
    ----------
    r_version
        Of R: packages are built for its first two numbers.
    """
    if not kept_folders:
        return ""
    minor = ".".join(r_version.split(".")[:2])
    return Path(kept_folders[0], ".r-library", minor).as_posix()
