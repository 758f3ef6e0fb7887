"""R packages at run time: a repository made here, real webR, and what can be wrong with it."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from needs import needs_node
from r_repository import Repository, build_all, rebuilt, source, write_source

from jupyterlite_rpy import RError, RPackageError, Session, files, kept_folders
from jupyterlite_rpy.rpackages import Installer, installer
from jupyterlite_rpy.rpackages.archive import pack, read_archive
from jupyterlite_rpy.runtime import StartOptions
from jupyterlite_rpy.runtime.node import NodeRuntime

pytestmark = needs_node


@pytest.fixture(scope="module")
def archives(r: Session, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, bytes]]:
    built = build_all(r, tmp_path_factory.mktemp("sources"))
    forget(r, *built)
    yield built


@pytest.fixture
def repository(archives: dict[str, bytes]) -> Iterator[Repository]:
    with Repository(archives) as served:
        yield served


@pytest.fixture
def session(
    r: Session,
    repository: Repository,
    archives: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Session]:
    """The shared R with nothing installed, which knows the repository only, and a disk without downloads."""
    monkeypatch.setenv("JUPYTERLITE_RPY_CACHE", str(tmp_path / "cache"))
    r.settings.repositories = ["site", repository.url]
    yield r
    r.settings.install = "site"
    forget(r, *archives, "mine")


def forget(session: Session, *names: str) -> None:
    for name in names:
        session.run(
            f"try(unloadNamespace('{name}'), silent = TRUE); unlink(file.path(.libPaths(), '{name}'), TRUE)"
        )
    assert session.library.installer.installed() == {}


def text(session: Session, code: str) -> str:
    return session.run(code).stdout


def library(session: Session) -> list[str]:
    return list(session.eval("sort(list.files(.libPaths()[1], all.files = TRUE, no.. = TRUE))"))


# ---- what is installed


def test_install_packages_brings_a_package_and_what_it_needs(
    session: Session, repository: Repository
) -> None:
    said = text(session, "install.packages('lemon')\nlibrary(lemon)\njuice(10)")
    lines = said.splitlines()
    assert lines[0].startswith("[1/2] citrus 1.2 (") and lines[0].endswith(f"kB) from {repository.url}")
    assert lines[1].startswith("[2/2] lemon 2.0.1 (")
    assert lines[2:] == ["Installed citrus 1.2, lemon 2.0.1", "[1] 5"]
    assert session.library.installer.installed() == {"citrus": "1.2", "lemon": "2.0.1"}
    assert "ackageVersion" not in said and text(session, "packageVersion('lemon')") == "[1] ‘2.0.1’\n"


def test_a_later_session_does_not_download_what_is_whole_on_the_disk(
    session: Session, archives: dict[str, bytes], repository: Repository, tmp_path: Path
) -> None:
    path = f"/{repository.folder}/apple_1.0.tgz"

    def said_by_a_new_session() -> str:
        said: list[str] = []
        session.library.say, before = said.append, session.library.say  # type: ignore[method-assign]
        try:
            Installer(session.library, "4.6.0").install(["apple"], [repository.url], again=True)
        finally:
            session.library.say = before  # type: ignore[method-assign]
        return "".join(said)

    assert f"kB) from {repository.url}\nInstalled apple 1.0" in said_by_a_new_session()
    assert f"kB), downloaded before from {repository.url}\nInstalled apple 1.0" in said_by_a_new_session()
    assert repository.asked.count(path) == 1
    (kept,) = (tmp_path / "cache" / "r-packages").iterdir()
    kept.write_bytes(kept.read_bytes()[:-1])
    assert "downloaded before" not in said_by_a_new_session()
    assert (repository.asked.count(path), kept.read_bytes()) == (2, archives["apple"])
    repository.add(archives["apple"], MD5sum="")  # an index without hashes: nothing can be known to be whole
    said_by_a_new_session()
    said_by_a_new_session()
    assert repository.asked.count(path) == 4


def test_a_long_download_tells_how_far_it_is(
    session: Session, archives: dict[str, bytes], repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installer, "_EACH", 0.0)  # each piece is told of
    content = pack("apple", {**read_archive(archives["apple"], "apple").files, "large": os.urandom(200_000)})
    repository.add(content)
    said = session.run("install.packages('apple')").stdout
    assert re.match(r"\r\[1/1\] apple 1\.0: (65\.5 kB|0\.1 MB|0\.2 MB) of 0\.2 MB\r\[1/1\] apple", said), said
    assert said.endswith(f"\r[1/1] apple 1.0 (0.2 MB) from {repository.url}\nInstalled apple 1.0\n")


def test_several_names_quietly_and_what_is_there_is_left_alone(
    session: Session, repository: Repository
) -> None:
    assert text(session, "install.packages(c('apple', 'citrus'), quiet = TRUE)") == ""
    repository.asked.clear()
    assert text(session, "install.packages(c('apple', 'stats', 'lemon'))").splitlines()[:2] == [
        "apple 1.0 is installed already",
        "stats is part of R",
    ]
    assert [path.rsplit("/", 1)[1] for path in repository.asked] == ["lemon_2.0.1.tgz"]
    assert session.install("apple") == []
    assert [str(done) for done in session.install("apple", again=True)] == ["apple 1.0"]


def test_the_first_repository_that_has_a_package_gives_it(
    session: Session, archives: dict[str, bytes], repository: Repository
) -> None:
    with Repository({"apple": rebuilt(archives["apple"], Version="9.0")}) as first:
        session.settings.repositories = [first.url, repository.url]
        assert [str(done) for done in session.install("apple", "citrus")] == ["apple 9.0", "citrus 1.2"]
        done = session.install("apple@1.0", again=True)  # its Meta has said 1.0 all the time
        assert [str(one) for one in done] == ["apple 1.0"]


def test_a_repository_in_the_call_goes_before_the_settings_and_a_mirror_of_cran_does_not(
    session: Session, repository: Repository
) -> None:
    session.settings.repositories = []
    session.run(f"install.packages('apple', repos = '{repository.url}')")
    assert session.library.installer.installed() == {"apple": "1.0"}
    session.settings.repositories = [repository.url]
    session.run("install.packages('citrus', repos = 'https://cran.r-project.org')")
    assert session.library.installer.installed() == {"apple": "1.0", "citrus": "1.2"}


def test_a_package_comes_from_its_source_folder_or_archive(session: Session, tmp_path: Path) -> None:
    files = source("mine", code="double <- function(x) 2 * x\n", LazyData="true", Imports="citrus")
    files |= {
        "data/points.csv": "x;y\n1;2\n3;4\n",
        "inst/extdata/words.txt": "words\n",
        "man/double.Rd": "\\name{double}\\alias{double}\\title{Twice}\\description{Twice as much.}\n",
    }
    folder = write_source(tmp_path / "mine", files)
    assert [str(done) for done in session.install(str(folder))] == ["citrus 1.2", "mine 1.0"]
    assert text(session, "getOption('warn')") == "[1] 0\n"  # R's own builder leaves another behind
    assert text(session, "library(mine)\ndouble(4)\nsum(points$y)") == "[1] 8\n[1] 6\n"
    assert "Twice as much." in text(session, "print(help('double', package = 'mine', help_type = 'text'))")
    assert "words" in text(session, "readLines(system.file('extdata/words.txt', package = 'mine'))")

    archive = tmp_path / "mine_1.1.tar.gz"
    files["DESCRIPTION"] = files["DESCRIPTION"].replace("Version: 1.0", "Version: 1.1")
    files["R/mine.R"] = "double <- function(x) 3 * x\n"
    archive.write_bytes(pack("mine", {name: content.encode() for name, content in files.items()}))
    # The package is attached: the new one takes its place.
    assert text(session, f"install.packages('{archive}', repos = NULL)\ndouble(4)") == (
        "Installed mine 1.1\n[1] 12\n"
    )


def test_a_package_comes_from_an_address(session: Session, repository: Repository) -> None:
    session.install(f"{repository.url}/{repository.folder}/apple_1.0.tgz")
    assert text(session, "apple::apple()") == '[1] "a apple"\n'


# ---- packages that code names


def test_a_missing_package_says_what_to_do(session: Session) -> None:
    with pytest.raises(RError, match="there is no package called ‘lemon’\nHint: install.packages") as caught:
        session.run("library(lemon)")
    assert caught.value.rclass[0] == "packageNotFoundError"
    assert text(session, "print(requireNamespace('lemon', quietly = TRUE))") == "[1] FALSE\n"


def test_what_the_site_has_is_there_when_code_names_it(
    session: Session, repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RPY_R_PACKAGES", str(repository.write(tmp_path / "r packages")))
    assert text(session, "f <- function() lemon::juice(10)\nf()").splitlines()[-1] == "[1] 5"
    from jupyterlite_rpy import R
    from jupyterlite_rpy.rpy2_facade.robjects.packages import importr

    assert list(R(lambda: session).import_("apple").apple()) == ["a apple"]
    monkeypatch.setattr("jupyterlite_rpy.session._session", session)
    forget(session, "lemon", "citrus", "apple")
    assert list(importr("apple").apple()) == ["a apple"]
    assert repository.asked == []
    with pytest.raises(RError, match="no package called ‘pear’"):
        session.run("library(pear)")
    session.settings.install = "never"
    forget(session, "apple")
    with pytest.raises(RError, match="no package called ‘apple’"):
        session.run("library(apple)")


def test_with_install_always_all_that_code_names_is_installed(session: Session) -> None:
    session.settings.install = "always"
    code = "if (requireNamespace('apple')) library(citrus)\ng <- function() lemon::juice(10)\nsqueeze(10)"
    assert text(session, code).splitlines()[-1] == "[1] 4"
    assert set(session.library.installer.installed()) == {"apple", "citrus", "lemon"}
    result = session.run("if (!suppressWarnings(require(pear, quietly = TRUE))) 'without'")
    assert result.stdout == '[1] "without"\n'
    assert "there is no R package 'pear'" in result.stderr


# ---- what goes wrong: the message names the package, and the library stays as it was


@pytest.fixture
def unchanged(session: Session) -> Iterator[None]:
    session.install("apple", quiet=True)
    before = library(session)
    session.library.installer._repositories.clear()  # tests change what it offers
    yield
    assert library(session) == before


def refused(session: Session, *names: str) -> str:
    with pytest.raises(RPackageError) as caught:
        session.install(*names)
    assert "\nHint: " in str(caught.value)
    return str(caught.value)


def test_a_package_that_is_nowhere(session: Session, repository: Repository, unchanged: None) -> None:
    said = refused(session, "pear")
    assert f"there is no R package 'pear' built for WebAssembly here (looked in: {repository.url})" in said
    assert "did you mean lemon?" in refused(session, "Lemon")
    with pytest.raises(RError, match="there is no R package 'pear'") as caught:
        session.run("install.packages(c('citrus', 'pear'))")
    assert caught.value.call == 'install.packages(c("citrus", "pear"))'


def test_a_dependency_that_is_missing_or_too_old(
    session: Session, archives: dict[str, bytes], repository: Repository, unchanged: None
) -> None:
    repository.add(archives["lemon"], Imports="citrus, peel (>= 2)")
    assert "there is no R package 'peel' (needed by lemon 2.0.1)" in refused(session, "lemon")
    repository.add(archives["lemon"], Imports="citrus (>= 3.0)")
    assert "lemon 2.0.1 needs citrus (>= 3.0), but there is only 1.2" in refused(session, "lemon")
    repository.add(archives["lemon"], Depends="R (>= 5.0)")
    assert "lemon 2.0.1 needs R (>= 5.0), but this is R 4.6.0" in refused(session, "lemon")


def test_half_a_download_and_a_wrong_hash(
    session: Session, archives: dict[str, bytes], repository: Repository, unchanged: None
) -> None:
    path = f"/{repository.folder}/citrus_1.2.tgz"
    repository.files[path] = archives["citrus"][:-20]
    assert "is not the citrus 1.2 that was meant: its md5 is" in refused(session, "lemon")
    repository.add(archives["citrus"], MD5sum="")
    repository.files[path] = archives["citrus"][:-20]
    assert "only a part of one (it ends too early)" in refused(session, "lemon")

    def stops(handler: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.send_header("Content-Length", "1000")  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        handler.wfile.write(b"half")  # type: ignore[attr-defined]

    repository.answers[path] = stops
    assert "citrus 1.2 cannot be fetched" in refused(session, "lemon")


def test_a_repository_that_is_down_or_another_thing(
    session: Session, repository: Repository, unchanged: None
) -> None:
    session.settings.repositories = ["http://127.0.0.1:9"]
    assert "the R repository http://127.0.0.1:9 cannot be reached" in refused(session, "lemon")
    session.settings.repositories = ["http://127.0.0.1:9", repository.url]
    assert "127.0.0.1:9 cannot be reached" in refused(session, "pear")
    session.settings.repositories = [f"{repository.url}/cran"]
    assert "is no repository of R packages in WebAssembly for R 4.6" in refused(session, "lemon")
    repository.files[f"/{repository.folder}/PACKAGES.gz"] = b"<html>hello"
    session.settings.repositories = [f"{repository.url}/"]
    assert "is a web page" in refused(session, "lemon")
    session.settings.repositories = []
    assert "no repository is set" in refused(session, "lemon")


def test_the_second_repository_helps_where_the_first_is_down(
    session: Session, repository: Repository
) -> None:
    session.settings.repositories = ["http://127.0.0.1:9", repository.url]
    assert [str(done) for done in session.install("citrus")] == ["citrus 1.2"]


def test_packages_for_another_r(
    session: Session, archives: dict[str, bytes], repository: Repository, unchanged: None
) -> None:
    with Repository(archives, r="4.5.1") as older:
        session.settings.repositories = [older.url]
        assert "has no packages for R 4.6, only for R 4.5" in refused(session, "lemon")
    session.settings.repositories = [repository.url]
    repository.add(rebuilt(archives["citrus"], Built="R 4.5.2; ; 2026-01-01 00:00:00 UTC; unix"))
    assert "citrus 1.2 was built for R 4.5, and this is R 4.6" in refused(session, "lemon")


def test_packages_for_another_system_and_with_code_to_compile(
    session: Session, archives: dict[str, bytes], repository: Repository, unchanged: None, tmp_path: Path
) -> None:
    from jupyterlite_rpy.rpackages.archive import read_archive

    files = dict(read_archive(archives["citrus"], "citrus").files)
    repository.add(pack("citrus", {**files, "libs/citrus.so": b"\x7fELF"}))
    assert "built for another system: libs/citrus.so is not WebAssembly" in refused(session, "citrus")
    folder = write_source(tmp_path / "mine", {**source("mine"), "src/mine.c": "int x;\n"})
    assert "mine 1.0 has code to compile (src/)" in refused(session, str(folder))
    assert "it has no file DESCRIPTION" in refused(session, str(tmp_path))
    assert "does not exist" in refused(session, str(tmp_path / "none"))
    assert "is no name of an R package" in refused(session, "a;b")


def test_a_source_package_whose_code_fails_leaves_nothing(
    session: Session, unchanged: None, tmp_path: Path
) -> None:
    folder = write_source(tmp_path / "mine", source("mine", code="stop('not today')\n"))
    assert "mine cannot be installed: " in refused(session, "citrus", str(folder))
    folder = write_source(tmp_path / "mine", source("mine", code="f <- function( {\n"))
    assert "mine cannot be installed: " in refused(session, str(folder))
    assert text(session, "isNamespaceLoaded('mine')") == "[1] FALSE\n"


def test_a_library_that_cannot_be_written(session: Session, unchanged: None) -> None:
    with pytest.raises(RError, match="there is no folder /nowhere"):
        session.run("install.packages('citrus', lib = '/nowhere')")


# ---- a fresh R


def test_packages_are_there_again_after_r_broke(repository: Repository) -> None:
    session = Session(NodeRuntime(StartOptions()))
    try:
        session.settings.repositories = [repository.url]
        session.run("install.packages('lemon', quiet = TRUE)\nlibrary(lemon)\nkept <- 7")
        nested = "local({ x <- list(); for (i in 1:100000) x <- list(x); unlist(x) })"
        with pytest.raises(RError, match="R crashed and was restarted"):
            session.run(nested)
        assert text(session, "juice(10) + kept") == "[1] 12\n"
    finally:
        session.close()


# ---- a folder whose files stay


def test_packages_stay_in_a_kept_folder(
    archives: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    monkeypatch.setattr(kept_folders, "kept_folders", kept)
    monkeypatch.setattr("jupyterlite_rpy.library.kept_folders", kept)
    monkeypatch.setattr("jupyterlite_rpy.files.kept_folders", kept)
    monkeypatch.setattr("jupyterlite_rpy.files._folders", {})
    monkeypatch.chdir(tmp_path)  # R sees what is below
    folder = tmp_path / ".r-library" / "4.6"
    with Repository(archives) as repository, closing(Session()) as session:
        session.settings.repositories = [repository.url]
        text(session, "1")  # R runs before there is such a folder
        asyncio.run(files.persist(tmp_path.as_posix()))
        assert text(session, "length(.libPaths())") == "[1] 1\n"
        said = text(session, "install.packages('lemon')\nlibrary(lemon)\njuice(10)")
        assert said.splitlines()[2:] == ["Installed citrus 1.2, lemon 2.0.1", "[1] 5"]
        assert sorted(path.name for path in folder.iterdir()) == ["citrus", "lemon"]
        assert text(session, ".libPaths()[1]") == f'[1] "{folder.as_posix()}"\n'
        # A fresh R, for the same Python, has it attached, from there.
        with pytest.raises(RError, match="R crashed and was restarted"):
            session.run("local({ x <- list(); for (i in 1:100000) x <- list(x); unlist(x) })")
        place = text(session, "stopifnot(juice(10) == 5)\ndirname(find.package('lemon'))")
        assert place == f'[1] "{folder.as_posix()}"\n'
    # Another kernel, another day, without a network.
    with closing(Session()) as session:
        assert text(session, "library(lemon); juice(10)") == "[1] 5\n"
        assert session.library.installer.installed() == {"citrus": "1.2", "lemon": "2.0.1"}
