"""The notebook's folder in R: the same relative paths as in Python, the same disk, and no more of it."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from needs import needs_node

from jupyterlite_rpy import RError, RSettings, Session
from jupyterlite_rpy.runtime import StartOptions
from jupyterlite_rpy.runtime.node import NodeRuntime

pytestmark = [needs_node, pytest.mark.skipif(os.name != "posix", reason="Windows paths are not R's")]


def first(value: Any) -> Any:
    return next(iter(value))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def allowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("allowed")
    (folder / "a.txt").write_text("may be read\n")
    return folder


@pytest.fixture(scope="module")
def r(allowed: Path) -> Iterator[Session]:
    session = Session(NodeRuntime(StartOptions()), RSettings(folders=[str(allowed)]))
    yield session
    session.close()


def test_r_is_where_python_is(r: Session, folder: Path) -> None:
    assert first(r.eval("getwd()")) == os.getcwd()


def test_r_follows_python_and_python_follows_r(r: Session, folder: Path) -> None:
    (folder / "sub").mkdir()
    r.run("")
    os.chdir("sub")
    assert first(r.eval("getwd()")) == str(folder / "sub")
    r.run("setwd('..')")
    assert os.getcwd() == str(folder)
    r.run("dir.create('made')\nsetwd('made')")
    assert os.getcwd() == str(folder / "made")
    assert first(r.eval("getwd()")) == str(folder / "made")


def test_they_follow_each_other_within_a_call(r: Session, folder: Path) -> None:
    (folder / "one").mkdir()
    (folder / "two").mkdir()
    seen: list[str] = []

    def go() -> None:
        seen.append(os.getcwd())
        os.chdir(folder / "two")

    r.run("setwd('one'); go(); here <- getwd()", {"go": go})
    assert seen == [str(folder / "one")]
    assert first(r.get("here")) == str(folder / "two")


def test_r_does_not_leave_what_it_sees(r: Session, folder: Path) -> None:
    r.run("setwd('../..')")
    assert os.getcwd() == str(folder)
    with pytest.raises(RError, match="cannot open"):
        r.run("suppressWarnings(writeLines('x', 'lost'))")
    r.run(f"setwd('{folder}')")


def test_r_goes_to_its_own_memory_alone(r: Session, folder: Path) -> None:
    r.run("old <- setwd(tempdir())")
    assert os.getcwd() == str(folder)
    assert first(r.eval("getwd() == normalizePath(tempdir())"))
    r.run("setwd(old)")
    assert first(r.eval("getwd()")) == str(folder)


def test_a_deleted_working_directory_is_no_error_of_r_s(r: Session, folder: Path) -> None:
    (folder / "gone").mkdir()
    os.chdir("gone")
    (folder / "gone").rmdir()
    assert first(r.eval("1 + 1")) == 2
    os.chdir(folder)
    assert first(r.eval("getwd()")) == str(folder)


@pytest.mark.parametrize(
    "name", ["plain.csv", "mit Leerzeichen.csv", "naïve 数据 😀.csv", 'it\'s "quoted".csv']
)
def test_tables_go_both_ways_through_files(r: Session, folder: Path, name: str) -> None:
    Path(name).write_text("a,b\n1,x\n2,ü\n", "utf-8")
    r.run(
        "d <- read.csv(name)\nd$a <- d$a * 10\nwrite.csv(d, paste0('out ', name), row.names = FALSE)",
        {"name": name},
    )
    assert Path(f"out {name}").read_text("utf-8") == '"a","b"\n10,"x"\n20,"ü"\n'
    assert set(r.eval("list.files()")) == {name, f"out {name}"}


def test_files_of_every_kind(r: Session, folder: Path) -> None:
    r.run(
        """
        saveRDS(mtcars, "cars.rds")
        same <- identical(readRDS("cars.rds"), mtcars)
        save(same, file = "same.RData")
        con <- file("lines.txt", "w"); writeLines(c("one", "two"), con); close(con)
        cat("three\\n", file = "lines.txt", append = TRUE)
        con <- gzfile("lines.gz", "w"); writeLines("packed", con); close(con)
        png("plot.png"); plot(1); dev.off()
        svg("plot.svg"); plot(1); dev.off()
        pdf("plot.pdf"); plot(1); dev.off()
        writeBin(as.raw(0:255), "bytes.bin")
        """
    )
    assert first(r.get("same"))
    assert Path("lines.txt").read_text() == "one\ntwo\nthree\n"
    assert Path("plot.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in Path("plot.svg").read_text()
    assert Path("plot.pdf").read_bytes().startswith(b"%PDF")
    assert Path("bytes.bin").read_bytes() == bytes(range(256))
    assert gzip.decompress(Path("lines.gz").read_bytes()) == b"packed\n"


def test_files_are_renamed_copied_and_removed(r: Session, folder: Path) -> None:
    Path("a").write_text("a")
    Path("deep/er").mkdir(parents=True)
    Path("deep/er/x").write_text("x")
    r.run("file.rename('a', 'b'); file.copy('b', 'c'); file.rename('deep/er', 'deeper')")
    assert sorted(p.name for p in folder.iterdir()) == ["b", "c", "deep", "deeper"]
    assert Path("deeper/x").read_text() == "x"
    r.run("unlink('b'); unlink('deeper', recursive = TRUE); dir.create('n/m', recursive = TRUE)")
    assert sorted(p.name for p in folder.iterdir()) == ["c", "deep", "n"]
    assert Path("n/m").is_dir()


def test_what_python_replaces_is_new_to_r(r: Session, folder: Path) -> None:
    path = Path("x")
    path.write_text("first\n")
    assert first(r.eval("readLines('x')")) == "first"
    path.write_text("second and longer\n")
    assert first(r.eval("readLines('x')")) == "second and longer"
    path.unlink()
    r.run("writeLines('from R', 'x')")
    assert path.read_text() == "from R\n"
    path.unlink()
    assert not first(r.eval("file.exists('x')"))
    path.mkdir()
    (path / "inside").write_text("third\n")
    assert first(r.eval("readLines('x/inside')")) == "third"


def test_r_sees_nothing_else_of_the_disk(
    r: Session, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "secret").write_text("hidden")
    (folder / "absolute").symlink_to(other / "secret")
    (folder / "relative").symlink_to(Path("..") / ".." / other.name / "secret")
    (folder / "inside").write_text("seen\n")
    (folder / "link").symlink_to("inside")
    for path in (str(other / "secret"), "absolute", "relative", "/etc/passwd", __file__):
        assert not first(r.eval(f"file.exists('{path}')")), path
    assert first(r.eval("readLines('link')")) == "seen"


def test_a_folder_that_settings_name_is_seen(r: Session, allowed: Path, folder: Path) -> None:
    assert first(r.eval(f"readLines('{allowed}/a.txt')")) == "may be read"
    r.run(f"writeLines('written', '{allowed}/b.txt')\nsetwd('{allowed}')")
    assert (allowed / "b.txt").read_text() == "written\n"
    assert os.getcwd() == str(allowed)


def test_r_s_temporary_files_stay_in_its_memory(r: Session, folder: Path) -> None:
    path = str(first(r.run("t <- tempfile()\nwriteLines('x', t)", outputs=["t"]).values["t"]))
    assert first(r.eval("file.exists(t)"))
    assert not os.path.exists(path)


def test_a_folder_that_r_has_itself_is_shown_beside_r_s_own(
    fresh: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"rpy-test-{os.getpid()}"
    fresh.run("t <- tempfile()\nwriteLines('mine', t)")
    monkeypatch.chdir("/tmp")
    path = Path("/tmp") / name
    try:
        fresh.run(f"writeLines('on disk', '{name}')\nfile.rename('{name}', '{name}.txt')\nplot(1)")
        assert path.with_suffix(".txt").read_text() == "on disk\n"
        assert first(fresh.eval("readLines(t)")) == "mine"
        assert f"{name}.txt" in set(fresh.eval("list.files('/tmp')"))
        fresh.run(f"unlink('{name}.txt')")
        assert not path.with_suffix(".txt").exists()
    finally:
        path.with_suffix(".txt").unlink(missing_ok=True)
    assert not [p for p in os.listdir("/tmp") if p.startswith("rpy-plots")]


def test_the_root_of_the_disk_is_no_other_folder(fresh: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert first(fresh.eval("getwd()")) == "/"
    assert set(os.listdir("/")) <= set(fresh.eval("list.files('/', all.files = TRUE)"))
    # What R has itself stays R's.
    assert first(fresh.eval("mean(mtcars$mpg) > 20 && file.exists('/usr/lib/R/library/stats')"))
    here = Path(__file__)
    assert first(fresh.eval(f"file.exists('{here}')")) or here.parts[1] in ("home", "tmp", "usr")


def test_a_fresh_r_is_there_again(fresh: Session, folder: Path) -> None:
    Path("x").write_text("1\n")
    assert first(fresh.eval("readLines('x')")) == "1"
    fresh.close()
    assert first(fresh.eval("readLines('x')")) == "1"


def test_reading_what_is_not_there_is_r_s_error(r: Session, folder: Path) -> None:
    with pytest.raises(RError, match="cannot open"):
        r.run("suppressWarnings(read.csv('not there.csv'))")


def test_a_file_that_r_does_not_see_is_told_of(r: Session, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("elsewhere") / "data.csv"
    path.write_text("a\n1\n")
    printed: list[str] = []

    def stderr(code: str) -> str:
        printed.clear()
        with pytest.raises(RError, match="cannot open the connection"):
            r.run(code, on_output=lambda output: printed.append(getattr(output, "text", "") or ""))
        return "".join(printed)

    assert f'RSettings.folders = ["{path.parent}"]' in stderr(f"read.csv('{path}')")
    assert "Hint" not in stderr(f"read.csv('{path}.gone')")
    assert "Hint" not in stderr("read.csv('gone.csv')")
