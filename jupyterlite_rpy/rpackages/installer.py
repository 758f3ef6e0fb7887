"""Names of R packages in; the packages in the library of a running R out, all of them or none."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from ..errors import RPackageError
from .archive import Archive
from .host import Host
from .index import BASE, Entry, Need
from .kept import KeptArchives
from .r_library import RLibrary
from .repository import SITE, Repository
from .resolve import resolve
from .wanted import Wanted, read_wanted

__all__ = ["Installed", "Installer"]

_ASKS_FOR_PACKAGES = re.compile(r"\b(?:library|require|requireNamespace|loadNamespace)\b|\w:::?[\w.`]")

_EACH = 0.2
"""Seconds between two notes of how far a download is."""


class Installed(NamedTuple):
    """A package in R's library."""

    package: str
    version: str

    def __str__(self) -> str:
        return f"{self.package} {self.version}"


class Installer:
    """Installs R packages into the R of a session.

    Parameters
    ----------
    host
        The session.
    r_version
        Of its R.
    """

    def __init__(self, host: Host, r_version: str) -> None:
        self._host = host
        self._r_version = r_version
        self._library = RLibrary(host)
        self._repositories: dict[str, Repository] = {}

    def install(
        self,
        names: Iterable[str],
        repositories: Sequence[str],
        *,
        library: str = "",
        quiet: bool = False,
        again: bool = False,
    ) -> list[Installed]:
        """Install packages and what they need, as `library.Library.install` says.

        Here `repositories` are all that count; "site" is the site's own, where it has one.
        """
        try:
            return self._install(self._read(names), repositories, library, quiet, again)
        except RPackageError:
            self._repositories.clear()  # what they offer may be other things next time
            raise

    def _install(
        self, wanted: Wanted, repositories: Sequence[str], library: str, quiet: bool, again: bool
    ) -> list[Installed]:
        installed = self.installed()
        known = dict(installed) | {archive.package: archive.version for archive in wanted.archives}
        sources = self._sources(repositories)
        # What local packages need is wanted only where it is missing.
        missing = [
            need
            for archive in wanted.archives
            for need in archive.needs
            if need.package not in known or not need.met_by(known[need.package])
        ]
        entries = resolve([*wanted.needs, *missing], sources, known, self._r_version, again=again)
        if not quiet:
            self._say_what_is_there(wanted.needs, entries, installed)
        archives = self._download(entries, sources, quiet) + wanted.in_order()
        if not archives:
            return []
        self._library.put(archives, library)
        done = [Installed(archive.package, archive.version) for archive in archives]
        if not quiet:
            self._host.say(f"Installed {', '.join(map(str, done))}\n")
        return done

    def installed(self) -> dict[str, str]:
        """Return the versions of what is installed beyond R's own packages, by name."""
        return self._library.installed()

    def provide(self, code: str, repositories: Sequence[str], policy: str) -> None:
        """Install what R code names by `library(x)`, `x::y` and the like, and what is missing.

        A package that cannot be installed is reported and left to the code, which may do without.

        Parameters
        ----------
        code
            What is about to run.
        repositories
            Addresses, in order.
        policy
            "site": only what the site has itself; "always": from all repositories; "never".
        """
        if policy == "never" or not self.concerns(code):
            return
        places = repositories if policy == "always" else [SITE] if SITE in repositories else []
        sources = self._sources(places)
        if not sources:
            return
        missing = [name for name in self._library.missing(code) if name not in BASE]
        if policy == "site" and missing:
            missing = [name for name in missing if self._offers(sources, name)]
        for name in missing:
            try:
                self.install([name], places)
            except RPackageError as error:
                self._host.say(f"{error}\n", "stderr")

    @staticmethod
    def concerns(code: str) -> bool:
        """Tell whether code may name a package; most does not, and this is asked of each piece."""
        return _ASKS_FOR_PACKAGES.search(code) is not None

    def restore(self) -> None:
        """Give an R that was started afresh what the one before it had."""
        self._library.restore()

    def read(self, places: Sequence[str]) -> list[Archive]:
        """Return the packages of folders, archives and addresses, not installed."""
        return self._read(places).archives

    def export(self, package: str) -> bytes:
        """Return the archive of a package as it is in the library: how a source package gets built."""
        return self._library.export(package)

    def repository(self, address: str) -> Repository:
        """Return the repository at an address; what it offers is fetched once."""
        if address not in self._repositories:
            local = urlsplit(address).scheme == "file"
            folder = None if local else self._host.cache
            kept = KeptArchives(folder / "r-packages") if folder else None
            self._repositories[address] = Repository(address, self._r_version, self._host.fetch, kept)
        return self._repositories[address]

    # ---- steps

    def _sources(self, addresses: Sequence[str]) -> list[Repository]:
        places = [self._host.site_packages if address == SITE else address for address in addresses]
        return [self.repository(place) for place in dict.fromkeys(places) if place]

    def _offers(self, sources: Sequence[Repository], name: str) -> bool:
        try:
            return any(name in source.offered() for source in sources)
        except RPackageError as error:
            self._host.say(f"{error}\n", "stderr")
            return False

    def _read(self, names: Iterable[str]) -> Wanted:
        return read_wanted(names, self._r_version, self._host.fetch)

    def _say_what_is_there(
        self, needs: Sequence[Need], entries: Sequence[Entry], installed: Mapping[str, str]
    ) -> None:
        coming = {entry.package for entry in entries}
        for need in needs:
            if need.package in BASE:
                self._host.say(f"{need.package} is part of R\n")
            elif need.package not in coming:
                self._host.say(f"{need.package} {installed[need.package]} is installed already\n")

    def _download(
        self, entries: Sequence[Entry], sources: Sequence[Repository], quiet: bool
    ) -> list[Archive]:
        by_address = {source.address: source for source in sources}
        archives = []
        for number, entry in enumerate(entries, 1):
            source = by_address[entry.repository]
            line = _Line(self._host, f"[{number}/{len(entries)}] {entry}", quiet)
            kept = source.has(entry)
            archives.append(source.read(entry, line.loaded))
            size = _size(archives[-1].size)
            line.end(f"({size}){', downloaded before' if kept else ''} from {entry.repository}")
        return archives


class _Line:
    """A line that tells how far a download is; the same line tells at its end what was got."""

    def __init__(self, host: Host, start: str, quiet: bool) -> None:
        self._host, self._start, self._quiet = host, start, quiet
        self._told = self._begun = time.monotonic()

    def loaded(self, count: int, total: int) -> None:
        now = time.monotonic()
        if self._quiet or now - self._told < _EACH or count >= total:
            return
        self._told = now
        self._host.say(f"\r{self._start}: {_size(count)} of {_size(total)}")

    def end(self, text: str) -> None:
        if not self._quiet:
            again = "\r" if self._told > self._begun else ""
            self._host.say(f"{again}{self._start} {text}\n")


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{max(count / 1e3, 0.1):.1f} kB"
