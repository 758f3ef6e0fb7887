"""A built site's folder or address in; its files, with how a server sends them, out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from .errors import FetchError

__all__ = ["Answer", "Folder", "Place", "Server", "open_place"]

_PATIENCE = 60


@dataclass(frozen=True)
class Answer:
    """What is at a path.

    Parameters
    ----------
    status
        200, 404, ...
    body
        The content, as it was sent: not unpacked.
    headers
        By lower-case name; of a folder's files none.
    """

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether there is a file."""
        return self.status == 200


class Folder:
    """A site on this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, path: str) -> Answer:
        """Read a file of the site."""
        file = self.root / path
        return Answer(200, file.read_bytes()) if file.is_file() else Answer(404)

    def __str__(self) -> str:
        return str(self.root)


class Server:
    """A site on a server, or behind an address on this machine."""

    def __init__(self, address: str) -> None:
        # Whatever page of the site was copied from the browser's address bar.
        bare = re.split(r"[?#]", address)[0]
        bare = re.sub(r"(?<=/)(?:(?:lab|notebooks|tree|repl|consoles|edit)/)?(?:index\.html)?$", "", bare)
        self.address = bare if bare.endswith("/") else bare + "/"

    def get(self, path: str) -> Answer:
        """Fetch a file of the site.

        Raises
        ------
        FetchError
            The server does not answer.
        """
        address = self.address + path
        try:
            with urlopen(address, timeout=_PATIENCE) as answer:
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(answer.status, answer.read(), headers)
        except HTTPError as error:
            with error:
                return Answer(error.code)
        except (OSError, ValueError) as error:
            raise FetchError(f"{address}: {getattr(error, 'reason', error)}") from error

    def encoding(self, path: str) -> str | None:
        """Return the Content-Encoding of a file as browsers get it, who say what they take; None: no file."""
        request = Request(self.address + path, headers={"Accept-Encoding": "gzip, deflate, br"})
        try:
            with urlopen(request, timeout=_PATIENCE) as answer:
                return str(answer.headers.get("Content-Encoding", "")).strip().lower()
        except HTTPError as error:
            error.close()
            return None
        except (OSError, ValueError) as error:
            raise FetchError(f"{self.address}{path}: {getattr(error, 'reason', error)}") from error

    def __str__(self) -> str:
        return self.address


Place = Folder | Server


def open_place(where: str) -> Place:
    """Tell an address from a folder."""
    return Server(where) if re.match(r"https?://", where) else Folder(Path(where).expanduser())
