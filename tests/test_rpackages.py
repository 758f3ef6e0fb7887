"""Indexes, needs and archives of R packages, without R."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyterlite_rpy.errors import FetchError, RPackageError
from jupyterlite_rpy.rpackages.archive import pack, read_archive
from jupyterlite_rpy.rpackages.index import Entry, Need, parse_dcf, parse_index, parse_needs, version_key
from jupyterlite_rpy.rpackages.repository import Repository
from jupyterlite_rpy.rpackages.resolve import resolve
from jupyterlite_rpy.rpackages.wanted import read_wanted

INDEX = """\
Package: rlang
Version: 1.1.6
Depends: R (>= 3.5.0)
Imports: utils
License: MIT + file LICENSE
MD5sum: 0123456789ABCDEF0123456789abcdef

Package: ggplot2
Version: 3.5.2
Depends: R (>= 4.1)
Imports: grDevices, rlang (>= 1.1.0),
        scales (>= 1.3.0), stats
Path: 4.6/other

Package: ggplot2
Version: 3.5.10

Package: scales
Version: 1.4.0
Imports: rlang
File: scales_special.tgz
"""


def test_an_index_is_read_with_continued_lines_and_the_highest_version() -> None:
    offered = parse_index(INDEX, "https://host/")
    assert [str(entry) for entry in offered.values()] == ["rlang 1.1.6", "ggplot2 3.5.10", "scales 1.4.0"]
    assert offered["rlang"].md5 == "0123456789abcdef0123456789abcdef"
    assert offered["scales"].path == "scales_special.tgz"
    older = parse_index(INDEX.replace("3.5.10", "3.5.1"), "https://host")["ggplot2"]
    assert older.path == "4.6/other/ggplot2_3.5.2.tgz"
    assert [str(need) for need in older.needs] == [
        "R (>= 4.1)", "grDevices", "rlang (>= 1.1.0)", "scales (>= 1.3.0)", "stats"
    ]  # fmt: skip


def test_a_record_that_is_none_is_passed_over() -> None:
    assert parse_dcf("\n\nA: 1\r\n b\n\nnot a field\n") == [{"A": "1\nb"}]
    assert parse_needs("", None, "x (>= nonsense), , y") == (Need("y"),)


@given(
    st.lists(st.integers(0, 99), min_size=1, max_size=4), st.lists(st.integers(0, 99), min_size=1, max_size=4)
)
def test_versions_are_ordered_as_numbers_whatever_separates_them(one: list[int], other: list[int]) -> None:
    def text(parts: list[int], separator: str) -> str:
        return separator.join(map(str, parts))

    assert (version_key(text(one, ".")) < version_key(text(other, "-"))) == (one < other)
    assert Need("x", ">=", text(one, "-")).met_by(text(other, ".")) == (other >= one)


class Offers:
    def __init__(self, *entries: Entry, down: bool = False, address: str = "https://host") -> None:
        self.address, self._down = address, down
        self._entries = {entry.package: entry for entry in entries}

    def offered(self) -> Mapping[str, Entry]:
        if self._down:
            raise RPackageError(f"{self.address} is down", hint="wait")
        return self._entries


def entry(name: str, version: str = "1.0", needs: str = "") -> Entry:
    return Entry(name, version, parse_needs(needs), repository="https://host")


def names(entries: list[Entry]) -> list[str]:
    return [entry.package for entry in entries]


def test_what_is_needed_comes_first_and_once_also_in_a_circle() -> None:
    offers = Offers(
        entry("a", needs="b, c"), entry("b", needs="d, stats"), entry("c", needs="d"), entry("d", needs="a")
    )
    assert names(resolve([Need("a"), Need("d")], [offers], {}, "4.6.0")) == ["d", "b", "c", "a"]


def test_what_is_installed_is_left_alone_where_it_will_do() -> None:
    offers = Offers(entry("a", needs="b (>= 2.0), c"), entry("b", "2.1"), entry("c", "5.0"))
    assert names(resolve([Need("a")], [offers], {"b": "1.9", "c": "1.0"}, "4.6.0")) == ["b", "a"]
    assert names(resolve([Need("a")], [offers], {"a": "1.0"}, "4.6.0")) == []
    assert names(resolve([Need("a")], [offers], {"a": "1.0", "b": "2.0", "c": "1"}, "4.6.0", again=True)) == [
        "a"
    ]


def test_the_next_repository_is_asked_only_when_it_is_needed() -> None:
    first, down = Offers(entry("a")), Offers(down=True, address="https://down")
    assert names(resolve([Need("a")], [first, down], {}, "4.6.0")) == ["a"]
    with pytest.raises(RPackageError, match=r"no R package 'b'[\s\S]*https://down is down"):
        resolve([Need("b")], [first, down], {}, "4.6.0")
    with pytest.raises(RPackageError, match="^https://down is down"):
        resolve([Need("b")], [down], {}, "4.6.0")


def test_two_needs_that_contradict_each_other_are_told() -> None:
    offers = Offers(entry("a", needs="x (>= 2)"), entry("b", needs="x (< 2)"), entry("x", "2.0"))
    with pytest.raises(RPackageError, match=r"b 1.0 needs x \(< 2\), but x 2.0 is to be installed"):
        resolve([Need("a"), Need("b")], [offers], {}, "4.6.0")


FILES = {
    "DESCRIPTION": b"Package: a\nVersion: 1.0\nBuilt: R 4.6.0; ; 2026-01-01 00:00:00 UTC; unix\n",
    "R/a": b"",
    "libs/a.so": b"\0asm\1\0\0\0",
}


def test_packing_and_reading_are_inverse_and_the_same_each_time() -> None:
    packed = pack("a", FILES)
    assert pack("a", FILES) == packed
    archive = read_archive(packed, "a.tgz")
    assert (dict(archive.files), str(archive), archive.size) == (FILES, "a 1.0", len(packed))
    archive.check("4.6.1")


def test_what_webr_s_tools_put_behind_and_beside_a_package_is_passed_over() -> None:
    packed = pack("a", FILES) + b"webR\0\0\0\x10" + bytes(100)
    assert read_archive(packed, "a.tgz").package == "a"
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, data in {".vfs-index.json": b"{}", **{f"a/{k}": v for k, v in FILES.items()}}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    assert dict(read_archive(content.getvalue(), "a.tgz").files) == FILES


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../evil"])
def test_an_archive_with_files_outside_of_its_folder_is_refused(name: str) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(RPackageError, match="it has a file outside of its folder"):
        read_archive(content.getvalue(), "a.tgz")


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x1f\x8b\x08\x00", pack("a", FILES)[:-9]])
def test_what_is_no_archive_or_a_part_of_one_is_refused(content: bytes) -> None:
    with pytest.raises(RPackageError, match=r"a.tgz is no archive of an R package, or only a part of one"):
        read_archive(content, "a.tgz")


def test_a_description_without_a_name_is_refused() -> None:
    with pytest.raises(RPackageError, match="its DESCRIPTION has no field Version"):
        read_archive(pack("a", {"DESCRIPTION": b"Package: a\n"}), "a.tgz")


# ---- what is wanted


def source(folder: Path, name: str, imports: str = "") -> str:
    (folder / name).mkdir()
    (folder / name / "DESCRIPTION").write_text(f"Package: {name}\nVersion: 1.0\nImports: {imports}\n")
    return str(folder / name)


def test_names_folders_files_and_addresses_are_told_from_each_other(tmp_path: Path) -> None:
    addresses = {"https://host/a.tgz": pack("a", FILES)}
    (tmp_path / "b.tar.gz").write_bytes(pack("b", {"DESCRIPTION": b"Package: b\nVersion: 2\n"}))
    words = ["R6", "rlang@1.1.6", *addresses, source(tmp_path, "c"), str(tmp_path / "b.tar.gz")]
    wanted = read_wanted(words, "4.6.0", addresses.__getitem__)
    assert wanted.needs == [Need("R6"), Need("rlang", "==", "1.1.6")]
    assert list(map(str, wanted.archives)) == ["a 1.0", "c 1.0", "b 2"]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("./nowhere", "nowhere does not exist"),
        ("no name", "'no name' is no name of an R package"),
        ("R6@", "'R6@' is no name of an R package"),
        ("https://host/a.tgz", "a 1.0 was built for R 4.6, and this is R 4.7"),
    ],
)
def test_what_is_no_package_for_this_r_is_refused(word: str, message: str) -> None:
    with pytest.raises(RPackageError, match=message):
        read_wanted([word], "4.7.0", lambda address: pack("a", FILES))


def test_local_packages_are_installed_after_those_that_they_need(tmp_path: Path) -> None:
    needs = {"a": "b, c", "b": "c, stats", "c": "", "d": "e", "e": "d"}
    places = [source(tmp_path, name, imports) for name, imports in needs.items()]
    wanted = read_wanted(places, "4.6.0", lambda address: b"")
    assert [archive.package for archive in wanted.archives] == list(needs)
    assert [archive.package for archive in wanted.in_order()] == ["c", "b", "a", "d", "e"]


def test_a_repository_without_a_packed_index_is_read_too() -> None:
    def fetch(address: str) -> bytes:
        if address.endswith("/4.6/PACKAGES"):
            return INDEX.encode()
        raise FetchError(f"{address} answered 404", status=404)

    assert len(Repository("https://host/", "4.6.0", fetch).offered()) == 3
