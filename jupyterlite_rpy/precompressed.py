"""A built site in; compressed copies beside its files, for servers that send these, out.

`nginx` (`gzip_static`), Caddy (`precompressed`) and others send `R.wasm.gz` where `R.wasm` is asked for, and
say so by `Content-Encoding`. Servers that compress by themselves, as GitHub Pages does, need none of it.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["Copies", "compress", "copies_of", "forget_copies", "stale_copies"]

_SUFFIXES = {".css", ".html", ".js", ".json", ".mjs", ".so", ".svg", ".ttf", ".wasm"}
_SMALLEST = 4096
_WORTH = 0.9
"""A copy that is not smaller than this part of the file is not worth its place."""
_QUALITY = 9
"""Brotli's 11 takes nine times as long, for two hundredths of R.wasm."""


class Copies(NamedTuple):
    """What was written for a site.

    Parameters
    ----------
    files
        How many have copies.
    size, gz, br
        Bytes of these files, and of their copies; `br` is 0 without the Python package `brotli`.
    """

    files: int
    size: int
    gz: int
    br: int


def compress(site: Path) -> Copies:
    """Write the copies, anew where they are there."""
    brotli = _brotli()
    total = Copies(0, 0, 0, 0)
    for path in _files(site):
        content = path.read_bytes()
        small = gzip.compress(content, mtime=0)
        if len(small) > _WORTH * len(content):
            continue
        _copy(path, ".gz").write_bytes(small)
        smaller = brotli(content) if brotli else b""
        if brotli:
            _copy(path, ".br").write_bytes(smaller)
        total = Copies(
            total.files + 1, total.size + len(content), total.gz + len(small), total.br + len(smaller)
        )
    return total


def copies_of(path: Path) -> Iterator[Path]:
    """Return the copies beside a file."""
    return (copy for suffix in (".gz", ".br") if (copy := _copy(path, suffix)).is_file())


def forget_copies(site: Path) -> None:
    """Remove all copies: of a site that is built anew they would be those of older files."""
    for path in _files(site):
        for copy in copies_of(path):
            copy.unlink()


def stale_copies(site: Path) -> list[Path]:
    """Return the copies that do not hold what is in the file beside them (`.gz` only)."""
    stale = []
    for path in _files(site):
        copy = _copy(path, ".gz")
        try:
            if copy.is_file() and gzip.decompress(copy.read_bytes()) != path.read_bytes():
                stale.append(copy)
        except (OSError, EOFError):
            stale.append(copy)
    return stale


def _files(site: Path) -> Iterator[Path]:
    """Files worth a copy; not those of the author, who may have compressed some himself."""
    for path in sorted(site.rglob("*")):
        own = path.relative_to(site).parts[0] == "files"
        if path.suffix in _SUFFIXES and not own and path.is_file() and path.stat().st_size >= _SMALLEST:
            yield path


def _copy(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _brotli() -> Callable[[bytes], bytes] | None:
    try:
        import brotli
    except ImportError:
        return None
    return lambda content: bytes(brotli.compress(content, quality=_QUALITY))
