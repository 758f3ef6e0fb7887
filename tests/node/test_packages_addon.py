"""R packages in a site: what `jupyter lite build --r-packages` puts there, and what is wrong with a set."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from needs import needs_node
from r_repository import Repository, build_all, rebuilt, source, write_source

from jupyterlite_rpy import RPackageError, Session
from jupyterlite_rpy.assets import webr_folder
from jupyterlite_rpy.rpackages.bundle import Bundle, bundle_problems, write_bundle
from jupyterlite_rpy.rpackages.index import parse_index
from jupyterlite_rpy.runtime import StartOptions
from jupyterlite_rpy.runtime.base import read_address
from jupyterlite_rpy.runtime.node import NodeRuntime

pytestmark = needs_node

R = "4.6.0"
CONTRIB = "bin/emscripten/contrib/4.6"


@pytest.fixture(scope="module")
def archives(r: Session, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return build_all(r, tmp_path_factory.mktemp("sources"))


@pytest.fixture
def repository(archives: dict[str, bytes]) -> Iterator[Repository]:
    with Repository(archives) as served:
        yield served


def bundle(folder: Path, repository: Repository, *wanted: str) -> Bundle:
    return Bundle(wanted, [repository.url], folder, folder / "cache", R, read_address)


def fill(bundle: Bundle) -> list[str]:
    return [str(one.entry) for one in bundle.fetch(bundle.pin())]


def test_a_site_brings_packages_with_what_they_need_and_a_course_s_own(
    repository: Repository, tmp_path: Path
) -> None:
    course = source("course", code="half <- function(x) juice(x) / 2\n", Imports="lemon")
    write_source(tmp_path / "course", course)
    config: dict[str, Any] = {
        "LiteBuildConfig": {"apps": ["repl"], "no_sourcemaps": True, "no_unused_shared_packages": True}
    }
    (tmp_path / "jupyter_lite_config.json").write_text(json.dumps(config))
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def lite(*arguments: str, fails: bool = False) -> str:
        command = [sys.executable, "-m", "jupyterlite_core", *arguments, f"--webr={webr_folder()}"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        said = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, said
        return said

    packages = ["--r-packages=apple,./course", f"--r-repos={repository.url}"]
    said = lite("build", *packages)
    assert "[1/3] apple 1.0 from http" in said and "building course" in said
    assert "The first R cell loads 21.0 MB of R (13.3 MB from a server that compresses)" in said

    folder = tmp_path / "_output/static/r-packages"
    index = parse_index(gzip.decompress((folder / CONTRIB / "PACKAGES.gz").read_bytes()).decode(), "")
    assert {str(entry) for entry in index.values()} == {
        "apple 1.0",
        "citrus 1.2",
        "lemon 2.0.1",
        "course 1.0",
    }
    sources = (folder / "SOURCES.txt").read_text()
    assert "lemon 2.0.1\n  licence  BSD_3_clause + file LICENSE (licenses/lemon/)" in sources
    assert "source   src/course_1.0.tar.gz" in sources and (folder / "src/course_1.0.tar.gz").is_file()
    assert "COPYRIGHT HOLDER" in (folder / "licenses/lemon/LICENSE").read_text()
    settings = json.loads((tmp_path / "_output/jupyter-lite.json").read_text())
    kernel = settings["jupyter-config-data"]["litePluginSettings"][
        "@jupyterlite/pyodide-kernel-extension:kernel"
    ]
    assert kernel["loadPyodideOptions"]["env"]["RPY_R_PACKAGES"] == "../../../../static/r-packages/"
    assert "RPY_WEBR_URL" in kernel["loadPyodideOptions"]["env"]

    # With the lock nothing is asked of the repository, and the site is what a kernel takes packages from.
    repository.asked.clear()
    lite("build", *packages)
    lite("check", *packages)
    assert repository.asked == []
    session = Session(NodeRuntime(StartOptions()))
    try:
        session.settings.repositories = [folder.as_uri()]
        session.settings.install = "always"
        assert session.run("library(course)\nhalf(10)").stdout.endswith("[1] 2.5\n")
    finally:
        session.close()

    (folder / CONTRIB / "citrus_1.2.tgz").write_bytes(b"half")
    said = lite("check", *packages, fails=True)
    assert f"{folder / CONTRIB}/citrus_1.2.tgz is not the citrus 1.2 that was meant" in said
    assert "Traceback" not in said
    said = lite("build", "--r-packages=pear", f"--r-repos={repository.url}", fails=True)
    assert "there is no R package 'pear'" in said and "Traceback" not in said
    lite("build")
    assert not folder.exists()
    assert "RPY_R_PACKAGES" not in (tmp_path / "_output/jupyter-lite.json").read_text()


def test_a_lock_pins_what_the_repository_has_changed_since(
    repository: Repository, archives: dict[str, bytes], tmp_path: Path
) -> None:
    assert fill(bundle(tmp_path, repository, "lemon")) == ["citrus 1.2", "lemon 2.0.1"]
    lock = json.loads((tmp_path / "r-packages.lock").read_text())
    assert lock["packages"][0]["sha256"] == sha256(archives["citrus"]).hexdigest()
    repository.add(rebuilt(archives["citrus"], Version="1.3"))
    assert fill(bundle(tmp_path, repository, "lemon")) == ["citrus 1.2", "lemon 2.0.1"]
    assert fill(bundle(tmp_path, repository, "lemon", "apple")) == ["apple 1.0", "citrus 1.3", "lemon 2.0.1"]


def test_another_file_under_the_locked_name_is_refused(
    repository: Repository, archives: dict[str, bytes], tmp_path: Path
) -> None:
    fill(bundle(tmp_path, repository, "citrus"))
    repository.add(rebuilt(archives["citrus"], Title="Another"))
    fresh = Bundle(["citrus"], [repository.url], tmp_path, tmp_path / "other cache", R, read_address)
    with pytest.raises(RPackageError, match="is not the citrus 1.2 that was meant: its sha256 is"):
        fill(fresh)
    del repository.files[f"/{CONTRIB}/citrus_1.2.tgz"]
    with pytest.raises(
        RPackageError, match=r"citrus 1.2 cannot be fetched: .* 404[\s\S]*delete .*r-packages.lock"
    ):
        fill(fresh)


def test_half_a_download_goes_on_where_it_broke_off(
    repository: Repository, archives: dict[str, bytes], tmp_path: Path
) -> None:
    path, content = f"/{CONTRIB}/apple_1.0.tgz", archives["apple"]
    ranges: list[str | None] = []

    def half(handler: Any) -> None:
        ranges.append(handler.headers["Range"])
        start = int(handler.headers["Range"].removeprefix("bytes=").rstrip("-")) if ranges[-1] else 0
        handler.send_response(206 if start else 200)
        handler.send_header("Content-Length", str(len(content) - start))
        handler.end_headers()
        handler.wfile.write(content[start:] if start else content[:1000])

    repository.answers[path] = half
    with pytest.raises(RPackageError, match=r"apple 1.0 cannot be fetched: .* 1000 bytes are kept"):
        fill(bundle(tmp_path, repository, "apple"))
    assert fill(bundle(tmp_path, repository, "apple")) == ["apple 1.0"]
    assert ranges == [None, "bytes=1000-"]


def test_a_folder_can_be_the_repository(repository: Repository, tmp_path: Path) -> None:
    repository.write(tmp_path / "mine")
    local = Bundle(["lemon@2.0.1"], ["./mine"], tmp_path, tmp_path / "cache", R, read_address)
    assert fill(local) == ["citrus 1.2", "lemon 2.0.1"]
    assert json.loads((tmp_path / "r-packages.lock").read_text())["repositories"] == ["./mine"]
    assert repository.asked == []


def test_a_site_s_packages_are_looked_through(
    repository: Repository, archives: dict[str, bytes], tmp_path: Path
) -> None:
    one = bundle(tmp_path, repository, "lemon")
    packed = one.fetch(one.pin())
    write_bundle(tmp_path / "site", packed, R)
    assert bundle_problems(tmp_path / "site", R) == []
    assert "built for R 4.6, and this is R 4.7" in "".join(
        [*bundle_problems(tmp_path / "site", "4.7.0"), *_other_r(packed, tmp_path)]
    )
    write_bundle(tmp_path / "site", packed[1:], R)
    (problem,) = bundle_problems(tmp_path / "site", R)
    assert "there is no R package 'citrus' (needed by lemon 2.0.1)" in problem


def _other_r(packed: Any, folder: Path) -> list[str]:
    """A repository whose folder is of one R and whose packages are of another."""
    write_bundle(folder / "other", packed, "4.7.0")
    return bundle_problems(folder / "other", "4.7.0")
