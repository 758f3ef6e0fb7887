"""Names of R packages in; a small repository of them, with all that they need, in a folder of a site out."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import FetchError, RPackageError
from .archive import Archive, pack, read_archive, read_folder, verify
from .download import download
from .index import BASE, Entry, Need, contrib_path, minor, parse_index
from .lock import LOCK, Lock, read_lock, write_lock
from .repository import Fetch, Repository, check_is
from .resolve import resolve

__all__ = ["Bundle", "Packed", "bundle_problems", "write_bundle"]

Build = Callable[[Sequence[Path]], "list[bytes]"]
"""Builds source packages, each after those that it needs, and returns their archives in that order."""

SOURCES = "SOURCES.txt"


@dataclass(frozen=True)
class Packed:
    """A package for a site.

    Parameters
    ----------
    entry
        What the site's index is to say of it.
    content
        Its archive.
    source
        The archive of its source, where the site has to bring that along.
    """

    entry: Entry
    content: bytes = field(repr=False)
    source: bytes | None = field(default=None, repr=False)


class Bundle:
    """The R packages of a site.

    Parameters
    ----------
    wanted
        Names (`R6`, `R6@2.6.1`), folders or archives with the source of packages of R code alone, archives of
        built packages.
    repositories
        Addresses or folders, in order.
    lite_dir
        The site's source folder: paths refer to it, and the lock lies there.
    cache
        Where to keep what was fetched.
    r_version
        Of the R that is to run them.
    fetch : callable
        Gets small files.
    """

    def __init__(
        self,
        wanted: Sequence[str],
        repositories: Sequence[str],
        lite_dir: Path,
        cache: Path,
        r_version: str,
        fetch: Fetch,
    ) -> None:
        self._lite_dir = lite_dir
        self._cache = cache
        self._r_version = r_version
        self._fetch = fetch
        self.repositories = [self._address(place) for place in repositories]
        self._places = list(repositories)
        self.names = sorted({name for name in wanted if not _is_path(name)})
        self.paths = sorted({name for name in wanted if _is_path(name)})

    @property
    def lock_path(self) -> Path:
        """Where the lock is or will be."""
        return self._lite_dir / LOCK

    def local(self) -> list[tuple[Path, Archive]]:
        """Read the packages of this machine."""
        found = []
        for name in self.paths:
            path = (self._lite_dir / Path(name).expanduser()).resolve()
            if not path.exists():
                raise RPackageError(
                    f"the R package {name} does not exist", hint=f"paths refer to {self._lite_dir}"
                )
            archive = read_folder(path) if path.is_dir() else read_archive(path.read_bytes(), str(path))
            archive.check(self._r_version)
            found.append((path, archive))
        return found

    def pin(self) -> Lock:
        """Decide which packages of repositories the site has: as the lock says, or anew.

        A new lock has no hashes yet: `fetch` fills them in and writes it.
        """
        local = self.local()
        own = {archive.package: archive.version for _, archive in local}
        needed = [
            str(need)
            for _, archive in local
            for need in archive.needs
            if need.package not in own and need.package not in BASE | {"R", "reticulate"}
        ]
        wanted = sorted({*self.names, *needed})
        lock = read_lock(self.lock_path)
        if lock is not None and lock.answers(wanted, self._places, self._r_version):
            return lock
        sources = [Repository(address, self._r_version, self._fetch) for address in self.repositories]
        entries = resolve([_need(name) for name in wanted], sources, own, self._r_version)
        named = {address: place for address, place in zip(self.repositories, self._places, strict=True)}
        entries = [replace(entry, repository=named[entry.repository]) for entry in entries]
        return Lock(tuple(wanted), tuple(self._places), minor(self._r_version), tuple(entries))

    def fetch(self, lock: Lock, say: Callable[[str], object] = lambda text: None) -> list[Packed]:
        """Fetch the packages of a lock, verify them, and write the lock with their hashes."""
        packed = []
        for number, entry in enumerate(lock.entries, 1):
            say(f"[{number}/{len(lock.entries)}] {entry} from {entry.repository}")
            packed.append(self._fetch_one(entry))
        if lock.wanted or self.lock_path.is_file():
            write_lock(self.lock_path, replace(lock, entries=tuple(one.entry for one in packed)))
        return packed

    def _fetch_one(self, entry: Entry) -> Packed:
        address = f"{self._address(entry.repository)}/{contrib_path(self._r_version)}/{entry.path}"
        kept = self._cache / f"{sha256(address.encode()).hexdigest()[:16]}-{Path(entry.path).name}"
        try:
            download(address, kept)
            content = kept.read_bytes()
            verify(content, entry, address)
            check_is(read_archive(content, address), entry, self._r_version)
        except FetchError as error:
            raise RPackageError(
                f"{entry} cannot be fetched: {error}",
                package=entry.package,
                hint="build again to go on from there; if the repository has it no more, delete "
                f"{self.lock_path}",
            ) from error
        except RPackageError:
            kept.unlink(missing_ok=True)  # what is wrong must not be there the next time
            raise
        return Packed(replace(entry, sha256=sha256(content).hexdigest(), md5=""), content)

    def build(self, build: Build) -> list[Packed]:
        """Build the packages of this machine; those that are built already are taken as they are."""
        local = self.local()
        sources = [path for path, archive in local if archive.is_source]
        built = iter(build(sources) if sources else ())
        packed = []
        for path, archive in local:
            content = next(built) if archive.is_source else path.read_bytes()
            result = read_archive(content, str(path))
            entry = Entry(
                result.package,
                result.version,
                result.needs,
                result.description.get("License", ""),
                path=f"{result}".replace(" ", "_") + ".tgz",
                sha256=sha256(content).hexdigest(),
            )
            source = pack(archive.package, archive.files) if archive.is_source else None
            packed.append(Packed(entry, content, source))
        return packed

    def state(self) -> str:
        """A text that changes when the bundle's sources do: for the build tool, which then builds it anew."""
        digest = sha256(repr((self.names, self.paths, self._places, self._r_version)).encode())
        for path, archive in self.local():
            digest.update(str(path).encode() + pack(archive.package, archive.files))
        if self.lock_path.is_file():
            digest.update(self.lock_path.read_bytes())
        return digest.hexdigest()

    def _address(self, place: str) -> str:
        if urlsplit(place).scheme in ("http", "https", "file"):
            return place.rstrip("/")
        return (self._lite_dir / Path(place).expanduser()).resolve().as_uri()


def write_bundle(folder: Path, packed: Iterable[Packed], r_version: str) -> None:
    """Write a repository into a folder in place of what is there, with licences and sources."""
    shutil.rmtree(folder, ignore_errors=True)
    contrib = folder / contrib_path(r_version)
    contrib.mkdir(parents=True)
    records, lines = [], [_HEAD]
    for one in packed:
        entry = one.entry
        file = Path(entry.path).name
        (contrib / file).write_bytes(one.content)
        archive = read_archive(one.content, file)
        fields = {name: archive.description.get(name) for name in ("Depends", "Imports", "License")}
        record = {"Package": entry.package, "Version": entry.version, **fields, "File": file}
        record["SHA256"] = sha256(one.content).hexdigest()
        records.append("".join(f"{k}: {' '.join(v.split())}\n" for k, v in record.items() if v))
        texts = [name for name in archive.files if name.upper().split(".")[0] in _LICENCES]
        for name in texts:
            path = folder / "licenses" / entry.package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.files[name])
        if one.source is not None:
            path = folder / "src" / f"{entry.package}_{entry.version}.tar.gz"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(one.source)
        lines.append(_provenance(one, archive, texts))
    (contrib / "PACKAGES").write_text("\n".join(records), "utf-8")
    (contrib / "PACKAGES.gz").write_bytes(gzip.compress("\n".join(records).encode(), mtime=0))
    (folder / SOURCES).write_text("\n".join(lines), "utf-8")


_LICENCES = {"LICENSE", "LICENCE", "COPYING", "COPYRIGHTS"}

_HEAD = """\
R packages of this site
=======================

Each is passed on as it was built; its licence is that of its own DESCRIPTION, whose text is in "licenses/"
where the package brings one (those of the GNU licences: ../webr/LICENSE.md, www.gnu.org/licenses).
"""


def _provenance(one: Packed, archive: Archive, texts: Sequence[str]) -> str:
    entry = one.entry
    if one.source is not None:
        source = f"src/{entry.package}_{entry.version}.tar.gz"
    else:
        url = archive.description.get("RemoteUrl") or archive.description.get("URL", "").split(",")[0]
        cran = (
            f"https://cran.r-project.org/src/contrib/{entry.package}_{entry.version}.tar.gz, or in "
            f"https://cran.r-project.org/src/contrib/Archive/{entry.package}/"
        )
        from_cran = archive.description.get("Repository", "CRAN") == "CRAN"
        source = cran if from_cran else url or entry.repository
    licence = f"{entry.license or 'not told'}" + (f" (licenses/{entry.package}/)" if texts else "")
    built_in = f"  from     {entry.repository}\n" if entry.repository else ""
    return f"{entry}\n  licence  {licence}\n{built_in}  source   {source}\n"


def bundle_problems(folder: Path, r_version: str) -> list[str]:
    """Say what is wrong with the repository of a site, a line each; an empty list: nothing."""
    contrib = folder / contrib_path(r_version)
    index = contrib / "PACKAGES.gz"
    if not index.is_file():
        return [f"{index}: missing"]
    try:
        entries = parse_index(gzip.decompress(index.read_bytes()).decode(), "")
    except (OSError, EOFError, ValueError) as error:
        return [f"{index}: cannot be read ({error})"]
    found = [f"{folder / name}: missing" for name in (SOURCES,) if not (folder / name).is_file()]
    for entry in entries.values():
        path = contrib / entry.path
        if not path.is_file():
            found.append(f"{path}: missing")
            continue
        try:
            verify(path.read_bytes(), entry, str(path))
            check_is(read_archive(path.read_bytes(), str(path)), entry, r_version)
        except RPackageError as error:
            found.append(str(error).partition("\n")[0])
    try:
        resolve([Need(name) for name in entries], [_Offers(entries, str(folder))], {}, r_version)
    except RPackageError as error:
        found.append(str(error).partition("\n")[0])
    return found


@dataclass(frozen=True)
class _Offers:
    entries: dict[str, Entry]
    address: str

    def offered(self) -> dict[str, Entry]:
        return self.entries


def _need(text: str) -> Need:
    """`R6`, `R6@2.6.1`, or what a DESCRIPTION says: `R6 (>= 2.4)`."""
    package, at, version = text.partition("@")
    if at:
        return Need(package, "==", version)
    name, _, rest = text.partition(" (")
    operator, _, version = rest.rstrip(")").partition(" ")
    return Need(name, operator, version)


def _is_path(name: str) -> bool:
    return "/" in name or "\\" in name or name.startswith(("~", ".")) or name.endswith((".tgz", ".tar.gz"))
