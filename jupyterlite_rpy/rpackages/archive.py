"""The bytes of an R package in; its files, looked through, out. And the other way.

A binary package is a tar archive of the folder that stands in R's library. Nothing of it is written anywhere
before all of it was read: half a download, or a package for another R, changes nothing.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import new as new_hash
from pathlib import Path, PurePosixPath

from ..errors import RPackageError
from .index import Entry, Need, minor, parse_dcf, parse_needs

__all__ = ["Archive", "pack", "read_archive", "read_folder", "verify"]

_IGNORED = {".git", ".Rproj.user", ".Rhistory", ".RData", ".DS_Store", "__pycache__", ".ipynb_checkpoints"}
_WASM = b"\0asm"


@dataclass(frozen=True)
class Archive:
    """A package, built or as source.

    Parameters
    ----------
    description
        The fields of its DESCRIPTION.
    files
        Content by path below the package's folder.
    size
        Bytes of the archive that it came in.
    """

    description: Mapping[str, str]
    files: Mapping[str, bytes] = field(repr=False)
    size: int = 0

    @property
    def package(self) -> str:
        """Its name."""
        return self.description["Package"]

    @property
    def version(self) -> str:
        """Its version."""
        return self.description["Version"]

    def __str__(self) -> str:
        return f"{self.package} {self.version}"

    @property
    def is_source(self) -> bool:
        """Whether it has to be built before R can load it."""
        return "Built" not in self.description

    @property
    def needs(self) -> tuple[Need, ...]:
        """What must be installed for it to run."""
        return parse_needs(self.description.get("Depends"), self.description.get("Imports"))

    def check(self, r_version: str) -> None:
        """Raise `RPackageError` unless this R can load it, or build it."""
        if self.is_source:
            if any(name.startswith("src/") and not name.endswith("/") for name in self.files):
                raise RPackageError(
                    f"{self} has code to compile (src/), and there is no compiler here",
                    package=self.package,
                    hint="a repository of packages in WebAssembly may have it: install.packages"
                    f'("{self.package}"); rwasm builds such repositories',
                )
            return
        built = self.description["Built"].split(";")[0].strip().removeprefix("R ").strip()
        if minor(built) != minor(r_version):
            raise RPackageError(
                f"{self} was built for R {minor(built)}, and this is R {minor(r_version)}",
                package=self.package,
                hint="take it from a repository that has the folder bin/emscripten/contrib/"
                f"{minor(r_version)}",
            )
        for name, content in self.files.items():
            if name.startswith("libs/") and name.endswith((".so", ".dll", ".dylib")) and content[:4] != _WASM:
                raise RPackageError(
                    f"{self} was built for another system: {name} is not WebAssembly",
                    package=self.package,
                    hint="packages for desktop R do not run here; take one from a WebAssembly repository",
                )


def verify(content: bytes, entry: Entry, address: str) -> None:
    """Raise `RPackageError` if an archive is not the one that its repository's index, or a lock, means."""
    for algorithm, wanted in (("sha256", entry.sha256), ("md5", entry.md5)):
        if wanted:
            found = new_hash(algorithm, content, usedforsecurity=False).hexdigest()
            if found != wanted:
                raise RPackageError(
                    f"{address} is not the {entry} that was meant: its {algorithm} is {found}, not {wanted}",
                    package=entry.package,
                    hint="half a download, or the repository has changed meanwhile: try again later",
                )
            return


def read_archive(content: bytes, name: str) -> Archive:
    """Read a package, built (`.tgz`) or as source (`.tar.gz`).

    Parameters
    ----------
    content
        The archive. What follows its end (webR's index of it) is not looked at.
    name
        What messages call it.

    Raises
    ------
    RPackageError
        It is no such archive, or not all of one.
    """
    files: dict[str, bytes] = {}
    try:
        unpacker = zlib.decompressobj(wbits=31)
        plain = unpacker.decompress(content)
        if not unpacker.eof:
            raise EOFError("it ends too early")
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            for member in archive:
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts:
                    raise tarfile.TarError(f"it has a file outside of its folder: {member.name}")
                data = archive.extractfile(member) if member.isfile() else None
                if data is not None:
                    files[path.as_posix()] = data.read()
    except (zlib.error, EOFError, tarfile.TarError, OSError) as error:
        raise RPackageError(
            f"{name} is no archive of an R package, or only a part of one ({error})",
            hint="half a download: try again",
        ) from error
    return _archive(files, name, len(content))


def read_folder(folder: Path) -> Archive:
    """Read the source of a package from its folder.

    Raises
    ------
    RPackageError
        It has no DESCRIPTION with a name and a version.
    """
    files = {}
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        if path.is_file() and not _IGNORED.intersection(below.parts):
            files[f"package/{below.as_posix()}"] = path.read_bytes()
    return _archive(files, str(folder), sum(map(len, files.values())))


def _archive(files: Mapping[str, bytes], name: str, size: int) -> Archive:
    tops = {
        path.partition("/")[0] for path in files if path.count("/") == 1 and path.endswith("/DESCRIPTION")
    }
    if len(tops) != 1:
        raise RPackageError(
            f"{name} is no R package: it has no file DESCRIPTION"
            if not tops
            else f"{name} is several packages",
            hint="name the folder that has DESCRIPTION in it, or an archive of such a folder",
        )
    (top,) = tops
    text = files[f"{top}/DESCRIPTION"].decode("utf-8", "replace")
    fields = next(iter(parse_dcf(text)), {})
    for wanted in ("Package", "Version"):
        if not fields.get(wanted):
            raise RPackageError(f"{name}: its DESCRIPTION has no field {wanted}", hint=f'add "{wanted}: ..."')
    inside = {
        path.partition("/")[2]: content for path, content in files.items() if path.startswith(f"{top}/")
    }
    return Archive(fields, inside, size)


def pack(package: str, files: Mapping[str, bytes]) -> bytes:
    """Make the archive of a package's files: the same bytes for the same files."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(f"{package}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)
