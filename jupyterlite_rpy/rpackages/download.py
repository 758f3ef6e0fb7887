"""An address and a file in; the whole content in that file out, begun again where it broke off.

For the machine that builds a site: packages are large, and networks are not always there to the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from ..errors import FetchError

__all__ = ["PART", "download"]

PART = ".part"
"""What is added to the name of a file that is not whole yet."""

_BLOCK = 1 << 16
_PATIENCE = 60


def download(address: str, path: Path) -> None:
    """Fetch a file, unless it is there; a part that an earlier try left is not fetched again.

    Raises
    ------
    FetchError
        It cannot be got. What was got so far is kept beside `path`, for the next try.
    """
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + PART)
    have = part.stat().st_size if part.is_file() else 0
    try:
        _fetch(address, part, have)
    except HTTPError as error:
        error.close()
        if have and error.code == 416:  # it is not that long: another file than then
            part.unlink()
            download(address, path)
            return
        raise FetchError(f"{address} answered {error.code} {error.reason}", status=error.code) from error
    except (OSError, ValueError, HTTPException) as error:
        why = str(getattr(error, "reason", error)) or type(error).__name__
        got = part.stat().st_size if part.is_file() else 0
        kept = f"; {got} bytes are kept for the next try" if got else ""
        raise FetchError(f"{address}: {why}{kept}") from error
    part.replace(path)


def _fetch(address: str, part: Path, have: int) -> None:
    headers: Mapping[str, str] = {"Range": f"bytes={have}-"} if have else {}
    with urlopen(Request(address, headers=dict(headers)), timeout=_PATIENCE) as answer:
        goes_on = getattr(answer, "status", None) == 206
        length = answer.headers.get("Content-Length")
        got = 0
        with part.open("ab" if goes_on else "wb") as file:
            while block := answer.read(_BLOCK):
                file.write(block)
                got += len(block)
        if length is not None and got < int(length):
            raise OSError(f"the download broke off after {got} of {length} bytes")
