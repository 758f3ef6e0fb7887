"""The text of a repository's `PACKAGES` in; what it offers, and what that needs, out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

__all__ = [
    "BASE",
    "Entry",
    "Need",
    "contrib_path",
    "minor",
    "parse_dcf",
    "parse_index",
    "parse_needs",
    "version_key",
]

BASE = frozenset(
    [
        *("base", "compiler", "datasets", "grDevices", "graphics", "grid", "methods", "parallel", "splines"),
        *("stats", "stats4", "tcltk", "tools", "translations", "utils", "webr"),
    ]
)
"""The packages that are part of webR's R. Every R has our own reticulate besides."""

_FIELD = re.compile(r"([!-9;-~]+):[ \t]*(.*)")
_NEED = re.compile(r"([A-Za-z][A-Za-z0-9.]*)\s*(?:\(\s*(>=|<=|==|=|!=|>|<)\s*([0-9][0-9.-]*)\s*\))?")


class Need(NamedTuple):
    """A package that another one needs; an empty operator: in any version."""

    package: str
    operator: str = ""
    version: str = ""

    def met_by(self, version: str) -> bool:
        """Tell whether a version will do."""
        if not self.operator:
            return True
        found, wanted = version_key(version), version_key(self.version)
        return {
            ">=": found >= wanted,
            ">": found > wanted,
            "<=": found <= wanted,
            "<": found < wanted,
            "!=": found != wanted,
        }.get(self.operator, found == wanted)

    def __str__(self) -> str:
        return f"{self.package} ({self.operator} {self.version})" if self.operator else self.package


@dataclass(frozen=True)
class Entry:
    """A package that a repository offers.

    Parameters
    ----------
    package, version, license
        As its DESCRIPTION says.
    needs
        What must be installed for it to run (Depends and Imports), base packages and R among them.
    repository
        Address of the repository, without a slash at its end.
    path
        Of the archive, below the repository's folder for this R.
    md5, sha256
        Of the archive, in hexadecimal digits; empty: the index does not say.
    """

    package: str
    version: str
    needs: tuple[Need, ...] = ()
    license: str = ""
    repository: str = ""
    path: str = ""
    md5: str = ""
    sha256: str = ""

    def __str__(self) -> str:
        return f"{self.package} {self.version}"


def minor(r_version: str) -> str:
    """Return the part of R's version that packages are built for: "4.6" of "4.6.0"."""
    return ".".join(r_version.split(".")[:2])


def contrib_path(r_version: str) -> str:
    """Return where a repository keeps the packages for this R, below its address."""
    return f"bin/emscripten/contrib/{minor(r_version)}"


def version_key(version: str) -> tuple[int, ...]:
    """Order versions as R does: "1.10" after "1.9", "1.2-3" as "1.2.3"."""
    return tuple(int(part) for part in re.split(r"[.-]", version) if part.isdigit())


def parse_dcf(text: str) -> list[dict[str, str]]:
    """Read R's format for descriptions (Debian control files): a dictionary for each record."""
    records: list[dict[str, str]] = []
    for block in re.split(r"\n(?:[ \t]*\n)+", text.replace("\r\n", "\n").strip("\n")):
        fields: dict[str, str] = {}
        name = ""
        for line in block.split("\n"):
            match = _FIELD.fullmatch(line)
            if match and not line[0].isspace():
                name = match[1]
                fields[name] = match[2].strip()
            elif name and line.strip():
                fields[name] = f"{fields[name]}\n{line.strip()}".strip()
        if fields:
            records.append(fields)
    return records


def parse_needs(*fields: str | None) -> tuple[Need, ...]:
    """Read the values of fields such as Depends: `R (>= 4.1), stats, rlang (>= 1.1.0)`."""
    found = []
    for field in fields:
        for item in (field or "").split(","):
            match = _NEED.fullmatch(" ".join(item.split()))
            if match:
                found.append(Need(match[1], match[2] or "", match[3] or ""))
    return tuple(found)


def parse_index(text: str, repository: str) -> dict[str, Entry]:
    """Read a `PACKAGES` file: what is offered, by name; of several versions of one package the highest."""
    offered: dict[str, Entry] = {}
    for record in parse_dcf(text):
        entry = _entry(record, repository)
        if entry is None:
            continue
        known = offered.get(entry.package)
        if known is None or version_key(known.version) < version_key(entry.version):
            offered[entry.package] = entry
    return offered


def _entry(record: Mapping[str, str], repository: str) -> Entry | None:
    if "Package" not in record or "Version" not in record:
        return None
    package, version = record["Package"], record["Version"]
    file = record.get("File") or f"{package}_{version}.tgz"
    return Entry(
        package,
        version,
        parse_needs(record.get("Depends"), record.get("Imports")),
        record.get("License", ""),
        repository.rstrip("/"),
        "/".join(_parts([record.get("Path", ""), file])),
        record.get("MD5sum", "").lower(),
        record.get("SHA256", "").lower(),
    )


def _parts(parts: Iterable[str]) -> list[str]:
    return [part.strip("/") for part in parts if part.strip("/")]
