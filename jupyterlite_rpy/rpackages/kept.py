"""The archive of an R package in; the same archive for a later session, from this machine's disk, out.

Only archives whose hash the repository's index tells are kept, by that hash: what is there is what was
meant, or it is not used.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from ..errors import RPackageError
from .archive import verify
from .index import Entry

__all__ = ["KeptArchives"]


class KeptArchives:
    """Archives of packages on this machine, outside of a browser.

    Parameters
    ----------
    folder
        Where they are; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, entry: Entry) -> bytes | None:
        """Return the archive that an index means; None: it is not kept, or no longer whole."""
        path = self._path(entry)
        if path is None or not path.is_file():
            return None
        try:
            content = path.read_bytes()
            verify(content, entry, str(path))
        except (OSError, RPackageError):
            with suppress(OSError):
                path.unlink()
            return None
        return content

    def put(self, entry: Entry, content: bytes) -> None:
        """Keep an archive that was verified. A disk that is full or read-only is no error: it is not kept."""
        path = self._path(entry)
        if path is None:
            return
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(content)
            Path(file.name).replace(path)  # whole or not at all, whoever else does the same

    def _path(self, entry: Entry) -> Path | None:
        known = entry.sha256 or entry.md5
        return self._folder / f"{entry.package}_{entry.version}-{known}.tgz" if known.isalnum() else None
