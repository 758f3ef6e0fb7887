"""What `r-packages.lock` says in; the packages of a site, each pinned by its hash, out. And the other way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import RPackageError
from .index import Entry, minor, parse_needs

__all__ = ["LOCK", "Lock", "read_lock", "write_lock"]

LOCK = "r-packages.lock"

_NOTE = "Written by jupyter lite build. Keep it with the site's sources; delete it to take newer packages."


@dataclass(frozen=True)
class Lock:
    """A set of packages.

    Parameters
    ----------
    wanted, repositories
        What was asked for: another question makes another lock.
    r
        The R that they were built for, such as "4.6".
    entries
        The packages, each after what it needs.
    """

    wanted: tuple[str, ...]
    repositories: tuple[str, ...]
    r: str
    entries: tuple[Entry, ...]

    def answers(self, wanted: Sequence[str], repositories: Sequence[str], r_version: str) -> bool:
        """Tell whether it is the answer to this question."""
        asked = (tuple(wanted), tuple(repositories), minor(r_version))
        return asked == (self.wanted, self.repositories, self.r)


def read_lock(path: Path) -> Lock | None:
    """Read a lock; None: there is none.

    Raises
    ------
    RPackageError
        The file is no lock.
    """
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text("utf-8"))
        entries = [
            Entry(
                item["package"],
                item["version"],
                parse_needs(", ".join(item["needs"])),
                item["license"],
                item["repository"],
                item["path"],
                sha256=item["sha256"],
            )
            for item in content["packages"]
        ]
        return Lock(tuple(content["wanted"]), tuple(content["repositories"]), content["r"], tuple(entries))
    except (ValueError, KeyError, TypeError) as error:
        raise RPackageError(
            f"{path} cannot be read as a list of R packages ({error!r})",
            hint="delete it: the build makes it anew",
        ) from error


def write_lock(path: Path, lock: Lock) -> None:
    """Write a lock, where it differs from what is there."""
    packages = [
        {
            "package": entry.package,
            "version": entry.version,
            "repository": entry.repository,
            "path": entry.path,
            "sha256": entry.sha256,
            "license": entry.license,
            "needs": [str(need) for need in entry.needs],
        }
        for entry in lock.entries
    ]
    content = {
        "note": _NOTE,
        "r": lock.r,
        "wanted": list(lock.wanted),
        "repositories": list(lock.repositories),
        "packages": packages,
    }
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    if not path.is_file() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")
