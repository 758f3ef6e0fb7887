"""Compressed copies beside a site's files."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest

from jupyterlite_rpy.precompressed import compress, copies_of, forget_copies, stale_copies

TEXT = b"R beside Python " * 1000


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, content in {
        "static/webr/R.wasm": TEXT,
        "static/webr/vfs/libs.data.gz": gzip.compress(TEXT),
        "build/small.js": b"x",
        "build/noise.js": bytes(i * i * i % 251 for i in range(256)) * 16,
        "files/data.json": TEXT,
        "files/data.json.gz": b"the author's",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path


def names(site: Path) -> set[str]:
    return {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}


def test_large_files_get_copies_that_hold_the_same(site: Path) -> None:
    before = names(site)
    done = compress(site)
    new = names(site) - before
    assert {"static/webr/R.wasm.gz", "static/webr/R.wasm.br"} <= new
    assert not any("files/" in name or "small" in name or ".data.gz." in name for name in new)
    assert gzip.decompress((site / "static/webr/R.wasm.gz").read_bytes()) == TEXT
    assert brotli.decompress((site / "static/webr/R.wasm.br").read_bytes()) == TEXT
    assert done.files == len(new) / 2 and 0 < done.br < done.gz < done.size
    assert len(list(copies_of(site / "static/webr/R.wasm"))) == 2


def test_copies_of_older_files_are_seen_and_removed(site: Path) -> None:
    before = names(site)
    compress(site)
    assert stale_copies(site) == []
    (site / "static/webr/R.wasm").write_bytes(TEXT + b"newer")
    assert stale_copies(site) == [site / "static/webr/R.wasm.gz"]
    forget_copies(site)
    assert names(site) == before
