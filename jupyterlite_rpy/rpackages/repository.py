"""An address in; the packages that a repository there offers for this R, and their archives, out."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from ..errors import FetchError, RPackageError
from .archive import Archive, read_archive, verify
from .index import Entry, contrib_path, minor, parse_index
from .kept import KeptArchives

__all__ = ["SITE", "WEBR_REPOSITORY", "Fetch", "Repository", "check_is"]

SITE = "site"
"""The word for the repository that is part of the site, in lists of repositories."""

WEBR_REPOSITORY = "https://repo.r-wasm.org"
"""webR's public repository: most of CRAN, built for WebAssembly."""

Fetch = Callable[..., bytes]
"""Gets what is at an address, or raises `FetchError`; a second argument is told how far it is."""

Loaded = Callable[[int, int], object]
"""Is told of bytes that are there, and of all."""


class Repository:
    """A CRAN-like repository of packages in WebAssembly.

    Parameters
    ----------
    address
        What stands before `/bin/emscripten/contrib/4.6`.
    r_version
        Of the R that is to run them.
    fetch : callable
        Gets files.
    kept
        Archives of earlier sessions; None: nothing is kept.
    """

    def __init__(self, address: str, r_version: str, fetch: Fetch, kept: KeptArchives | None = None) -> None:
        self._kept = kept
        self.address = address.rstrip("/")
        self._r_version = r_version
        self._fetch = fetch
        self._offered: dict[str, Entry] | None = None

    def folder(self, r_version: str | None = None) -> str:
        """Return the address of the folder for an R; None: for this one."""
        return f"{self.address}/{contrib_path(r_version or self._r_version)}"

    def offered(self) -> dict[str, Entry]:
        """Return what it offers, by name; fetched once.

        Raises
        ------
        RPackageError
            It cannot be reached, or has nothing for this R.
        """
        if self._offered is None:
            self._offered = parse_index(self._index(), self.address)
        return self._offered

    def _index(self) -> str:
        folder = self.folder()
        try:
            try:
                content = self._fetch(f"{folder}/PACKAGES.gz")
            except FetchError as error:
                if error.status is None:
                    raise
                content = self._fetch(f"{folder}/PACKAGES")
        except FetchError as error:
            raise self._unreachable(error) from error
        # A server may have unpacked it on the way.
        try:
            text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        except (OSError, EOFError) as error:
            raise RPackageError(
                f"{folder}/PACKAGES.gz arrived in part only ({error})", hint="try again"
            ) from error
        if text.lstrip()[:1] == b"<":
            raise RPackageError(
                f"{folder}/PACKAGES is a web page, not the index of an R repository",
                hint="check the address: it is what stands before /bin/emscripten/contrib",
            )
        return text.decode("utf-8", "replace")

    def _unreachable(self, error: FetchError) -> RPackageError:
        if error.status is None:
            return RPackageError(
                f"the R repository {self.address} cannot be reached: {error}",
                hint="are you online? In a browser the host must allow it (CORS). %Roptions repositories=URL "
                "names another; jupyter lite build --r-packages=... puts packages into the site",
            )
        others = [other for other in _near(self._r_version) if self._has(other)]
        for_this = minor(self._r_version)
        if others:
            return RPackageError(
                f"the R repository {self.address} has no packages for R {for_this}, only for R {others[0]}, "
                "which this R cannot load",
                hint=f"another repository may have them, such as {WEBR_REPOSITORY}",
            )
        return RPackageError(
            f"{self.address} is no repository of R packages in WebAssembly for R {for_this}: {error}",
            hint=f"packages for desktop R do not run here; webR's are at {WEBR_REPOSITORY}",
        )

    def _has(self, r_version: str) -> bool:
        try:
            self._fetch(f"{self.folder(r_version)}/PACKAGES.gz")
        except FetchError:
            return False
        return True

    def has(self, entry: Entry) -> bool:
        """Whether the archive of a package is kept from an earlier session."""
        return self._kept is not None and self._kept.get(entry) is not None

    def archive(self, entry: Entry, loaded: Loaded | None = None) -> bytes:
        """Fetch the archive of a package and compare it with the hash that is known.

        Raises
        ------
        RPackageError
            It cannot be fetched, or is another one.
        """
        if self._kept is not None and (known := self._kept.get(entry)) is not None:
            return known
        address = f"{self.folder()}/{entry.path}"
        try:
            content = self._fetch(address, loaded) if loaded else self._fetch(address)
        except FetchError as error:
            raise RPackageError(
                f"{entry} cannot be fetched: {error}",
                package=entry.package,
                hint="the repository lists it: try again later",
            ) from error
        verify(content, entry, address)
        if self._kept is not None:
            self._kept.put(entry, content)
        return content

    def read(self, entry: Entry, loaded: Loaded | None = None) -> Archive:
        """Fetch a package, and see that it is the one that the index means and that this R can load it."""
        archive = read_archive(self.archive(entry, loaded), f"{self.folder()}/{entry.path}")
        check_is(archive, entry, self._r_version)
        return archive


def check_is(archive: Archive, entry: Entry, r_version: str) -> None:
    """Raise `RPackageError` unless an archive holds what its repository says, built for this R."""
    if (archive.package, archive.version) != (entry.package, entry.version):
        raise RPackageError(
            f"{entry.repository} has {archive.package} {archive.version} where its index says {entry}",
            package=entry.package,
            hint="the repository is being changed: try again later",
        )
    if archive.is_source:
        raise RPackageError(
            f"{entry} in {entry.repository} is source, not built for WebAssembly", package=entry.package
        )
    archive.check(r_version)


def _near(r_version: str) -> list[str]:
    """The R's before and after, nearest first."""
    major, number = (int(part) for part in minor(r_version).split("."))
    return [f"{major}.{n}" for n in (number - 1, number + 1, number - 2) if n >= 0]
