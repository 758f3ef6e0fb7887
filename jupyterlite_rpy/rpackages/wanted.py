"""The words of who wants packages in; what a repository is to have, and the packages that are here, out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from ..errors import RPackageError
from .archive import Archive, read_archive, read_folder
from .index import Need

__all__ = ["Wanted", "read_wanted"]


class Wanted(NamedTuple):
    """What is to be installed.

    Parameters
    ----------
    needs
        Packages that a repository is to have.
    archives
        Packages that are read already.
    """

    needs: list[Need]
    archives: list[Archive]

    def in_order(self) -> list[Archive]:
        """Return the archives, each after those of them that it needs."""
        rest, done = list(self.archives), list[Archive]()
        while rest:
            names = {archive.package for archive in rest}
            ready = [a for a in rest if not names & {need.package for need in a.needs} - {a.package}]
            ready = ready or rest[:1]
            done += ready
            rest = [archive for archive in rest if archive not in ready]
        return done


def read_wanted(names: Iterable[str], r_version: str, fetch: Callable[[str], bytes]) -> Wanted:
    """Read what is wanted, without any repository.

    Parameters
    ----------
    names
        Names of packages (`name@1.2` for just that version), folders or archives on this machine, or
        addresses of archives.
    r_version
        Of the R that is to run them.
    fetch : callable
        Gets what is at an address.

    Raises
    ------
    RPackageError
        A word is none of these, or what is there is no package that this R could run.
    """
    needs, archives = list[Need](), list[Archive]()
    for name in names:
        if urlsplit(name).scheme in ("http", "https"):
            archives.append(read_archive(fetch(name), name))
        elif re.search(r"[/\\~]|\.t(ar\.)?gz$", name):
            path = Path(name).expanduser()
            if not path.exists():
                raise RPackageError(f"{name} does not exist", hint="is it in the notebook's folder?")
            archives.append(read_folder(path) if path.is_dir() else read_archive(path.read_bytes(), name))
        elif re.fullmatch(r"[A-Za-z][A-Za-z0-9.]*(@[0-9][0-9.-]*)?", name):
            package, at, version = name.partition("@")
            needs.append(Need(package, "==" if at else "", version))
        else:
            raise RPackageError(f"{name!r} is no name of an R package", hint="%Rinstall name other.name")
    for archive in archives:
        archive.check(r_version)
    return Wanted(needs, archives)
