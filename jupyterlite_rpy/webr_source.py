"""What `--webr` says in; where webR's files come from and where they are kept meanwhile out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .assets import CDN_URL, NPM_PACKAGE, WEBR_VERSION
from .webr_files import TARBALL, dist_folder, npm_command

__all__ = ["WebRSource", "is_address"]


def is_address(place: str) -> bool:
    """Tell an address from a path."""
    return urlsplit(place).scheme in ("http", "https")


@dataclass(frozen=True)
class WebRSource:
    """Where a site gets webR from.

    Parameters
    ----------
    place
        A folder, an npm tarball, the address of one, an address that ends in a slash (the site loads webR's
        files from there), or nothing: npm gets them, and without npm the site loads them from webR's CDN.
    lite_dir
        The site's source folder, to which a relative path refers.
    cache_dir
        Where JupyterLite keeps what it fetched.
    """

    place: str
    lite_dir: Path
    cache_dir: Path

    @property
    def remote(self) -> str:
        """The address that the site's kernels load webR from; empty: from the site itself."""
        if self.place:
            return self.place if is_address(self.place) and self.place.endswith("/") else ""
        return "" if npm_command() or self.tarball.is_file() else CDN_URL

    @property
    def local(self) -> Path | None:
        """What `place` names on this machine, be it there or not."""
        if not self.place or is_address(self.place):
            return None
        return (self.lite_dir / Path(self.place).expanduser()).resolve()

    @property
    def is_folder(self) -> bool:
        """Whether there is nothing to fetch or unpack."""
        return self.local is not None and self.local.is_dir()

    @property
    def tarball(self) -> Path:
        """The npm tarball: the user's, or where it is or will be in the cache."""
        if self.local:
            return self.local
        name = urlsplit(self.place).path.rsplit("/", 1)[-1] if self.place else TARBALL
        return self.cache_dir / "webr" / name

    @property
    def folder(self) -> Path:
        """The folder of webR's files: the user's, or where the tarball is or will be unpacked.

        Raises
        ------
        WebRFilesError
            The user's folder is not one of webR's files.
        """
        if self.is_folder and self.local:
            return dist_folder(self.local)
        return self.cache_dir / "webr" / f"webr-{WEBR_VERSION}"

    def __str__(self) -> str:
        if not self.remote:
            return f"webR {WEBR_VERSION} from {self.place or f'npm ({NPM_PACKAGE})'}, copied into the site"
        why = "" if self.place else " (npm was not found; --webr=... puts webR's files into the site)"
        return f"the site loads webR {WEBR_VERSION} from {self.remote}{why}"
