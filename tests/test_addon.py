"""The build addon: what a site holds after `jupyter lite build`, what `jupyter lite check` finds wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from jupyterlite_core.manager import LiteManager

from jupyterlite_rpy.addon import WebRAddon
from jupyterlite_rpy.assets import CDN_URL, sources_text, webr_folder
from jupyterlite_rpy.own_wheel import own_wheel
from jupyterlite_rpy.runtime.javascript import BUNDLED, bundle
from jupyterlite_rpy.site_settings import (
    KERNEL_PLUGIN_ID,
    PLUGIN_ID,
    own_packages,
    with_kernel_settings,
    with_own_settings,
)
from jupyterlite_rpy.webr_files import problems, wanted_files
from jupyterlite_rpy.webr_source import WebRSource

SCRIPTS = sysconfig.get_path("scripts")


class Site:
    """A JupyterLite site in a folder, built and checked by the command line."""

    def __init__(self, folder: Path, path: str | None = None) -> None:
        self.folder, self.output = folder, folder / "_output"
        self.environment = {**os.environ, "PATH": path or f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"}
        self.environment.pop("JUPYTERLITE_WEBR_URL", None)
        # One small application is a site, and unpacking the others takes most of a build's time.
        config = {
            "LiteBuildConfig": {"apps": ["repl"], "no_sourcemaps": True, "no_unused_shared_packages": True}
        }
        (folder / "jupyter_lite_config.json").write_text(json.dumps(config))

    def lite(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "jupyterlite_core", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )

    def fails(self, *arguments: str) -> str:
        done = self.lite(*arguments)
        assert done.returncode != 0
        return done.stdout + done.stderr

    def succeeds(self, *arguments: str) -> str:
        done = self.lite(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def settings(self, plugin: str) -> dict[str, Any]:
        config = json.loads((self.output / "jupyter-lite.json").read_text())
        found: dict[str, Any] = config["jupyter-config-data"]["litePluginSettings"][plugin]
        return found


@pytest.fixture(scope="module")
def webr() -> Path:
    return webr_folder()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, webr: Path) -> Site:
    site = Site(tmp_path_factory.mktemp("site"))
    mine = {"loadPyodideOptions": {"packages": ["numpy"], "env": {"MINE": "1"}}, "disablePyPIFallback": True}
    config = {"jupyter-config-data": {"litePluginSettings": {KERNEL_PLUGIN_ID: mine}}}
    (site.folder / "jupyter-lite.json").write_text(json.dumps({"jupyter-lite-schema-version": 0, **config}))
    site.succeeds("build", f"--webr={webr}")
    return site


def test_a_site_has_webr_with_licence_and_sources(built: Site) -> None:
    folder = built.output / "static/webr"
    assert problems(folder) == []
    assert (folder / "SOURCES.txt").read_text() == sources_text()
    assert "GNU GENERAL PUBLIC LICENSE" in (folder / "LICENSE.md").read_text()
    others = {"SOURCES.txt", "LICENSE.md"}
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} == {
        *wanted_files()
    } | others


def test_a_site_has_the_wheel_where_pip_and_where_kernels_look(built: Site) -> None:
    name, content = own_wheel()
    index = json.loads((built.output / "pypi/all.json").read_text())
    (release,) = index["jupyterlite-rpy"]["releases"]["0.1.0"]
    assert (release["filename"], release["digests"]["sha256"]) == (name, sha256(content).hexdigest())
    assert (built.output / "pypi" / name).read_bytes() == content


def test_kernels_are_told_where_things_are_and_keep_the_authors_settings(built: Site) -> None:
    name, content = own_wheel()
    address = f"../../../../static/jupyterlite-rpy/{sha256(content).hexdigest()[:12]}/{name}"
    kernel = built.settings(KERNEL_PLUGIN_ID)
    assert kernel["loadPyodideOptions"] == {
        "packages": ["numpy", address],
        "env": {"MINE": "1", "RPY_WEBR_URL": "../../../../static/webr/"},
    }
    assert kernel["disablePyPIFallback"] is True
    assert built.settings(PLUGIN_ID) == {"webrUrl": "./static/webr/"}
    worker = built.output / "extensions/@jupyterlite/pyodide-kernel-extension/static"
    assert (worker / address).resolve().is_file()


def test_a_second_build_changes_nothing(built: Site, webr: Path) -> None:
    def state() -> dict[Path, int]:
        return {
            path: path.stat().st_mtime_ns for path in (built.output / "static").rglob("*") if path.is_file()
        }

    config = built.output / "jupyter-lite.json"
    before, text = state(), config.read_text()
    built.succeeds("build", f"--webr={webr}")
    assert (state(), config.read_text()) == (before, text)


def test_files_of_another_webr_in_a_site_are_found_and_named(built: Site, webr: Path) -> None:
    option = f"--webr={webr}"
    built.succeeds("check", option)
    wasm, script = built.output / "static/webr/R.wasm", built.output / "static/webr/R.js"
    wasm.write_bytes(wasm.read_bytes()[:1000])
    script.write_bytes(script.read_bytes().replace(b"var", b"VAR", 1))
    said = built.fails("check", option)
    assert f"{wasm}: has 1000 bytes, webR 0.6.0's has 18062845" in said
    assert f"{script}: differs from webR 0.6.0's" in said
    assert f"Hint: delete {wasm.parent} and run `jupyter lite build` again." in said
    shutil.rmtree(wasm.parent)
    built.succeeds("build", option)
    built.succeeds("check", option)


def test_what_is_missing_in_a_site_is_there_again_before_it_is_checked(built: Site, webr: Path) -> None:
    (wheel,) = built.output.glob("static/jupyterlite-rpy/*/*.whl")
    wheel.unlink()
    (built.output / "static/webr/libRblas.so").unlink()
    built.succeeds("check", f"--webr={webr}")
    assert wheel.is_file()
    assert problems(built.output / "static/webr") == []


def test_settings_without_the_package_are_found(built: Site, webr: Path) -> None:
    addon = WebRAddon(manager=LiteManager(lite_dir=built.folder, output_dir=built.output))
    config = built.folder / "other.json"
    config.write_text("{}")
    assert "webrUrl is missing" in addon._check_webr(config).message
    assert "kernels load 0 wheels of this package" in addon._check_wheel(config).message


def test_without_npm_a_site_points_to_the_cdn_and_says_so(tmp_path: Path) -> None:
    site = Site(tmp_path, path=SCRIPTS)
    said = site.succeeds("build")
    assert f"the site loads webR 0.6.0 from {CDN_URL} (npm was not found; --webr=..." in said
    assert not (site.output / "static/webr").exists()
    assert site.settings(PLUGIN_ID) == {"webrUrl": CDN_URL}
    assert site.settings(KERNEL_PLUGIN_ID)["loadPyodideOptions"]["env"] == {"RPY_WEBR_URL": CDN_URL}
    site.succeeds("check")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("webr.tgz", "webr.tgz does not exist. Hint: `npm pack webr@0.6.0`"),
        ("half.tgz", "half.tgz cannot be unpacked ("),
        ("empty", "empty/R.wasm does not exist. Hint: name the folder of webR 0.6.0's files"),
        ("http://127.0.0.1:9/webr.tgz", "http://127.0.0.1:9/webr.tgz cannot be fetched: "),
    ],
)
def test_a_place_without_webr_fails_the_build_and_is_named(tmp_path: Path, place: str, message: str) -> None:
    (tmp_path / "half.tgz").write_bytes(b"\x1f\x8b\x08\x00")
    (tmp_path / "empty").mkdir()
    said = Site(tmp_path).fails("build", f"--webr={place}")
    assert message in said
    assert "Traceback" not in said


def test_a_source_is_a_folder_a_tarball_an_address_or_npm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def source(place: str) -> WebRSource:
        return WebRSource(place, tmp_path, tmp_path / "cache")

    monkeypatch.setattr(shutil, "which", lambda name: "/bin/npm")
    kept = tmp_path / "cache/webr"
    assert (source("").remote, source("").tarball, source("").folder) == (
        "",
        kept / "webr-0.6.0.tgz",
        kept / "webr-0.6.0",
    )
    assert source("https://host/w.tgz?x=1").tarball == kept / "w.tgz"
    assert source("https://host/webr/").remote == "https://host/webr/"
    assert (source("w.tgz").local, source("w.tgz").tarball) == (tmp_path / "w.tgz", tmp_path / "w.tgz")
    assert source("w.tgz").folder == kept / "webr-0.6.0"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert source("").remote == CDN_URL


def test_settings_of_an_older_version_are_replaced() -> None:
    old = with_kernel_settings({}, "", "static/jupyterlite-rpy/aa/jupyterlite_rpy-0.0.9-py3-none-any.whl")
    new = with_kernel_settings(
        old, "https://host/webr/", "static/jupyterlite-rpy/bb/jupyterlite_rpy-0.1.0-py3-none-any.whl"
    )
    assert own_packages(new) == [
        "../../../../static/jupyterlite-rpy/bb/jupyterlite_rpy-0.1.0-py3-none-any.whl"
    ]
    assert new["loadPyodideOptions"]["env"] == {"RPY_WEBR_URL": "https://host/webr/"}
    assert with_own_settings({"webrUrl": "old", "other": 1}, "") == {"webrUrl": "./static/webr/", "other": 1}


def test_the_own_wheel_is_the_same_each_time_and_can_be_installed(tmp_path: Path) -> None:
    name, content = own_wheel()
    assert own_wheel() == (name, content)
    (tmp_path / name).write_bytes(content)
    with ZipFile(tmp_path / name) as wheel:
        names = set(wheel.namelist())
        for module in BUNDLED:
            assert wheel.read(f"jupyterlite_rpy/js/bundles/{module}").decode() == bundle(module)
        record = wheel.read("jupyterlite_rpy-0.1.0.dist-info/RECORD").decode().splitlines()
    assert {line.split(",")[0] for line in record} == names
    assert "jupyterlite_rpy-0.1.0.dist-info/entry_points.txt" in names
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(tmp_path / "lib"),
    ]
    subprocess.run([*install, str(tmp_path / name)], check=True, capture_output=True)

    code = (
        "from hashlib import sha256\nfrom jupyterlite_rpy.own_wheel import own_wheel\n"
        "print(sha256(own_wheel()[1]).hexdigest())"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "lib")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == sha256(content).hexdigest()  # packed again from where it was installed
