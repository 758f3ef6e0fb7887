"""Kept folders where a disk keeps them: the same functions, zip files and clearing."""

from __future__ import annotations

import asyncio
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyterlite_rpy import files
from jupyterlite_rpy.files import KeptFolder


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptFolder]:
    monkeypatch.setattr(files, "_folders", {})
    monkeypatch.chdir(tmp_path)
    yield asyncio.run(files.persist("data/deep"))


def contents(folder: KeptFolder) -> dict[str, str]:
    paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder.path).as_posix(): path.read_text() for path in paths}


def test_a_folder_is_made_where_it_is_named_and_is_one(kept: KeptFolder, tmp_path: Path) -> None:
    assert kept.path == str(tmp_path / "data" / "deep")
    assert asyncio.run(files.persist("data/deep")) is kept
    assert asyncio.run(files.save()) == 0
    assert repr(kept) == f"KeptFolder({kept.path!r})"


def test_what_a_zip_file_has_comes_back(kept: KeptFolder) -> None:
    Path(kept, "é f.txt").write_text("1")
    Path(kept, "d", "empty").mkdir(parents=True)
    Path(kept, "d", "g").write_text("2")
    Path(kept, "link").symlink_to("d/g")
    target = kept.export(Path(kept, "all.zip"))
    assert "all.zip" not in zipfile.ZipFile(target).namelist()
    Path(kept, "d", "g").unlink()
    Path(kept, "d", "empty").rmdir()
    Path(kept, "é f.txt").write_text("changed")
    assert sorted(kept.restore(target)) == ["d/g", "link", "é f.txt"]
    Path(target).unlink()
    found = contents(kept)
    assert found.pop("link") == "2"
    assert os.readlink(Path(kept, "link")) == "d/g"
    copies = [name for name in found if name.startswith("é f (conflict ")]
    assert [found.pop(name) for name in copies] == ["changed"]
    assert found == {"d/g": "2", "é f.txt": "1"}
    assert Path(kept, "d", "empty").is_dir()


def test_two_conflicts_on_one_day_have_two_names(kept: KeptFolder) -> None:
    Path(kept, "f.csv").write_text("zipped")
    target = kept.export("z.zip")
    for text in ("one", "two"):
        Path(kept, "f.csv").write_text(text)
        kept.restore(target)
    assert sorted(contents(kept).values()) == ["one", "two", "zipped"]
    assert all(name.endswith(".csv") for name in contents(kept))


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out", "c:/out", "a\\..\\..\\out"])
def test_a_zip_file_cannot_write_elsewhere(name: str, kept: KeptFolder, tmp_path: Path) -> None:
    with zipfile.ZipFile("bad.zip", "w") as archive:
        archive.writestr("good", "g")
        archive.writestr(name, "b")
    with pytest.raises(ValueError, match="would write outside"):
        kept.restore("bad.zip")
    assert contents(kept) == {}


def test_clearing_asks_first(kept: KeptFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(kept, "d").mkdir()
    Path(kept, "d", "f").write_text("12345")
    asked = []
    answers = iter(["no", "", "Yes "])
    monkeypatch.setattr("builtins.input", lambda question: (asked.append(question), next(answers))[1])
    assert not asyncio.run(kept.clear())
    assert not asyncio.run(kept.clear())
    assert contents(kept) == {"d/f": "12345"}
    assert asyncio.run(kept.clear())
    assert os.listdir(kept) == []
    assert asked[0] == f"Remove all 1 files (5 bytes) of {kept.path} for ever? Type yes: "


def test_how_much_is_used(kept: KeptFolder) -> None:
    found = asyncio.run(files.usage())
    assert found.protected and found.free > 0
    assert str(files.Usage(1_500_000, 2_000_000_000, False)) == (
        "2 MB used, 2.0 GB free; not protected: the browser may remove it when it needs room"
    )
