"""Names of R packages in; the packages in the library of a running R out, all of them or none."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from ..errors import RError, RPackageError
from .archive import Archive, pack, read_archive, read_folder
from .index import BASE, Entry, Need
from .kept import KeptArchives
from .repository import SITE, Repository
from .resolve import resolve

__all__ = ["Host", "Installed", "Installer"]

_ASKS_FOR_PACKAGES = re.compile(r"\b(?:library|require|requireNamespace|loadNamespace)\b|\w:::?[\w.`]")

_EACH = 0.2
"""Seconds between two notes of how far a download is."""


class Installed(NamedTuple):
    """A package in R's library."""

    package: str
    version: str

    def __str__(self) -> str:
        return f"{self.package} {self.version}"


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


class _Wanted(NamedTuple):
    needs: list[Need]
    archives: list[Archive]


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
        self._repositories: dict[str, Repository] = {}
        self._epoch = 0
        self._kept: dict[str, Archive] = {}  # what was installed, for an R that has to be started afresh

    def install(
        self,
        names: Iterable[str],
        repositories: Sequence[str],
        *,
        library: str = "",
        quiet: bool = False,
        again: bool = False,
    ) -> list[Installed]:
        """Install packages and what they need.

        Parameters
        ----------
        names
            Names of packages (`name@1.2` for just that version), folders or archives on this machine, or
            addresses of archives. A source package of R code alone is built on the way.
        repositories
            Addresses, in order; "site" is the site's own, where it has one.
        library
            R's folder for them; empty: the first of `.libPaths()`.
        quiet
            Say nothing.
        again
            Install what is asked for also if that version is there.

        Returns
        -------
        list of Installed
            What was installed, in that order; nothing of what was there already.

        Raises
        ------
        RPackageError
            Something is missing, broken or does not fit. The library is as it was.
        """
        try:
            return self._install(self._read(list(names)), repositories, library, quiet, again)
        except RPackageError:
            self._repositories.clear()  # what they offer may be other things next time
            raise

    def _install(
        self, wanted: _Wanted, repositories: Sequence[str], library: str, quiet: bool, again: bool
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
        archives = self._download(entries, sources, quiet)
        archives += _ordered(wanted.archives)
        if not archives:
            return []
        self._put(archives, library)
        if library or not self._host.lasts:
            self._kept.update((archive.package, archive) for archive in archives)
        self._epoch = self._host.epoch
        done = [Installed(archive.package, archive.version) for archive in archives]
        if not quiet:
            self._host.say(f"Installed {', '.join(map(str, done))}\n")
        return done

    def installed(self) -> dict[str, str]:
        """Return the versions of what is installed beyond R's own packages, by name."""
        lines = _text(self._host.call_bridge("installed_packages")).splitlines()
        return dict(line.split("\t", 1) for line in lines)

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
        names = _text(self._host.call_bridge("packages_in", code)).split()
        missing = [name for name in names if name not in BASE]
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
        if self._epoch in (0, self._host.epoch):
            return
        self._epoch = self._host.epoch
        if self._kept:
            self._put(list(self._kept.values()), "")
            self._host.call_bridge("attach_restored")

    def read(self, places: Sequence[str]) -> list[Archive]:
        """Return the packages of folders, archives and addresses, not installed."""
        return self._read(places).archives

    def export(self, package: str) -> bytes:
        """Return the archive of a package as it is in the library: how a source package gets built."""
        listing = _text(self._host.call_bridge("package_listing", package))
        content = bytes(self._host.call_bridge("package_content", package))
        files, start = {}, 0
        for line in listing.splitlines():
            path, size = line.split("\t")
            files[path] = content[start : start + int(size)]
            start += int(size)
        return pack(package, files)

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

    def _read(self, names: Sequence[str]) -> _Wanted:
        wanted = _Wanted([], [])
        for name in names:
            if urlsplit(name).scheme in ("http", "https"):
                wanted.archives.append(read_archive(self._host.fetch(name), name))
            elif re.search(r"[/\\~]|\.t(ar\.)?gz$", name):
                path = Path(name).expanduser()
                if not path.exists():
                    raise RPackageError(f"{name} does not exist", hint="is it in the notebook's folder?")
                archive = read_folder(path) if path.is_dir() else read_archive(path.read_bytes(), name)
                wanted.archives.append(archive)
            elif re.fullmatch(r"[A-Za-z][A-Za-z0-9.]*(@[0-9][0-9.-]*)?", name):
                package, at, version = name.partition("@")
                wanted.needs.append(Need(package, "==" if at else "", version))
            else:
                raise RPackageError(f"{name!r} is no name of an R package", hint="%Rinstall name other.name")
        for archive in wanted.archives:
            archive.check(self._r_version)
        return wanted

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

    def _put(self, archives: Sequence[Archive], library: str) -> None:
        """Write all of them beside the library, then move them into it. What fails changes nothing."""
        call = self._host.call_bridge
        stage = _text(call("begin_stage", library))
        name = ""
        try:
            for archive in archives:
                name = archive.package
                paths = sorted(archive.files)
                call(
                    "stage_package",
                    stage,
                    name,
                    archive.is_source,
                    "\n".join(paths),
                    " ".join(str(len(archive.files[path])) for path in paths),
                    b"".join(archive.files[path] for path in paths),
                )
            note = _text(call("commit_stage", stage))
        except RError as error:
            message = error.message.replace(f"{stage}/.source/", "").replace(f"{stage}/", "")
            raise RPackageError(
                f"{name} cannot be installed: {message}",
                package=name,
                hint="the library is as it was",
            ) from None
        finally:
            call("end_stage", stage)
        if note:
            self._host.say(f"{note}\n", "stderr")


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


def _ordered(archives: Sequence[Archive]) -> list[Archive]:
    """Those that others of them need come first."""
    rest, done = list(archives), list[Archive]()
    while rest:
        names = {archive.package for archive in rest}
        ready = [a for a in rest if not names & {need.package for need in a.needs} - {a.package}] or rest[:1]
        done += ready
        rest = [archive for archive in rest if archive not in ready]
    return done


def _text(value: Any) -> str:
    """A text of R's, however it comes."""
    return str(next(iter(value), "")) if not isinstance(value, str) else value


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{max(count / 1e3, 0.1):.1f} kB"
