from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyterlite_rpy.addon import WebRAddon
from jupyterlite_rpy.kernel_lock import BYTECODE_FOLDER, LOCK_NAME, PYODIDE, preload, with_wheels
from jupyterlite_rpy.site_doctor import _pyodide
from jupyterlite_rpy.site_place import Folder
from jupyterlite_rpy.site_settings import with_kernel_settings

KERNEL = "extensions/@jupyterlite/pyodide-kernel-extension/static/pypi"
KNOWN = ["micropip", "jedi", "ipython"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of JupyterLite 0.8 with a Pyodide of its own."""
    lock = {"info": {}, "packages": {name: {"name": name, "file_name": f"{name}.whl"} for name in KNOWN}}
    wheels = {"pypi": ["comm-0.2.3"], KERNEL: ["piplite-0.8.6", "ipykernel-6.9.2", "pyodide_kernel-0.8.6"]}
    for folder, names in wheels.items():
        (tmp_path / folder).mkdir(parents=True)
        for name in names:
            (tmp_path / folder / f"{name}-py3-none-any.whl").write_text(name)
    (tmp_path / PYODIDE).mkdir(parents=True)
    (tmp_path / PYODIDE / "pyodide-lock.json").write_text(json.dumps(lock))
    return tmp_path


def test_the_lock_file_has_the_wheels_that_a_kernel_starts_with(site: Path) -> None:
    names = preload(site)
    assert names == ["micropip", "piplite", "ipykernel", "comm", "jedi", "ipython", "pyodide-kernel"]
    packages = json.loads(with_wheels(site))["packages"]
    assert set(names) == packages.keys()
    assert packages["jedi"] == {"name": "jedi", "file_name": "jedi.whl"}
    for name in ("comm", "pyodide-kernel"):
        wheel = (site / PYODIDE / packages[name]["file_name"]).resolve()
        assert packages[name]["sha256"] == sha256(wheel.read_bytes()).hexdigest()


def test_an_older_kernel_is_given_what_it_asks_for(site: Path) -> None:
    (site / KERNEL / "pyodide_kernel-0.8.6-py3-none-any.whl").rename(
        site / KERNEL / "pyodide_kernel-0.7.2-py3-none-any.whl"
    )
    assert preload(site) is None  # SQLite is nowhere: the kernel has to find it
    (site / "pypi/sqlite3-0-py3-none-any.whl").write_text("")
    assert (preload(site) or [])[-2:] == ["pyodide_kernel", "sqlite3"]


@pytest.mark.parametrize("missing", [f"{PYODIDE}/pyodide-lock.json", "pypi/comm-0.2.3-py3-none-any.whl"])
def test_where_a_part_is_missing_kernels_install_themselves(site: Path, missing: str) -> None:
    (site / missing).unlink()
    assert preload(site) is None


def test_settings_are_the_same_after_a_second_build_and_without_the_lock_file_as_before(site: Path) -> None:
    mine = {"loadPyodideOptions": {"packages": ["numpy"]}}
    plain = with_kernel_settings(mine, "", "static/own.whl")
    lock, library = (
        f"{PYODIDE}/jupyterlite-rpy-lock.json",
        "static/jupyterlite-rpy-bytecode/1/python_stdlib.zip",
    )
    once = with_kernel_settings(
        mine, "", "static/own.whl", preload(site), lock, library.replace("/1/", "/0/")
    )
    again = with_kernel_settings(once, "", "static/own.whl", preload(site), lock, library)
    assert once["loadPyodideOptions"]["packages"][:2] == ["numpy", "micropip"]
    assert set(again["loadPyodideOptions"]["packages"]) == set(once["loadPyodideOptions"]["packages"])
    assert again["loadPyodideOptions"]["stdLibURL"] == f"./{library}"
    back = with_kernel_settings(again, "", "static/own.whl")
    assert not {"lockFileURL", "stdLibURL"} & back["loadPyodideOptions"].keys()
    assert set(plain["loadPyodideOptions"]["packages"]) == set(back["loadPyodideOptions"]["packages"])


def test_a_lock_file_of_the_sites_author_stays(site: Path) -> None:
    mine = {"loadPyodideOptions": {"lockFileURL": "./mine.json"}}
    settings = with_kernel_settings(mine, "", "static/own.whl", preload(site), "x", "y")
    assert "stdLibURL" not in settings["loadPyodideOptions"]  # which may not be of the same Pyodide
    assert settings["loadPyodideOptions"]["lockFileURL"] == "./mine.json"
    assert settings["loadPyodideOptions"]["packages"] == ["../../../../static/own.whl"]


FOLDER = f"{BYTECODE_FOLDER}/0"


@pytest.fixture
def whole(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A site with all that its kernels start with, and its kernels' settings."""
    entries = {"jupyterlite-rpy-bytecode": {"file_name": "../jupyterlite-rpy-bytecode/0/it.whl"}, "six": {}}
    files = {
        f"{PYODIDE}/pyodide.js": "",
        f"{PYODIDE}/{LOCK_NAME}": json.dumps({"packages": entries}),
        f"{FOLDER}/it.whl": "",
        f"{FOLDER}/python_stdlib.zip": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    options = {"lockFileURL": f"./{PYODIDE}/{LOCK_NAME}", "stdLibURL": f"./{FOLDER}/python_stdlib.zip"}
    return tmp_path, {"pyodideUrl": f"./{PYODIDE}/pyodide.js", "loadPyodideOptions": options}


@pytest.mark.parametrize(
    "name", ["", f"{PYODIDE}/{LOCK_NAME}", f"{FOLDER}/it.whl", f"{FOLDER}/python_stdlib.zip"]
)
def test_what_kernels_start_with_is_missed_by_the_next_build_and_by_the_doctor(
    whole: tuple[Path, dict[str, Any]], name: str
) -> None:
    site, settings = whole
    if name:
        (site / name).unlink()
    build = SimpleNamespace(output=site, get_lite_plugin_settings=lambda *_: settings)
    assert WebRAddon._has_what_kernels_start_with(build, site / "jupyter-lite.json") is (name == "")  # type: ignore[arg-type]  # what it takes of one
    (finding,) = _pyodide(Folder(site), settings)
    assert (finding.kind, name in finding.text) == ("bad" if name else "ok", True)


@pytest.mark.parametrize("text", ["<!doctype html>", "[]", "{}"])
def test_a_lock_file_that_is_none_is_written_anew_and_told(
    whole: tuple[Path, dict[str, Any]], text: str
) -> None:
    site, settings = whole
    (site / PYODIDE / LOCK_NAME).write_text(text)
    build = SimpleNamespace(output=site, get_lite_plugin_settings=lambda *_: settings)
    assert not WebRAddon._has_what_kernels_start_with(build, site / "jupyter-lite.json")  # type: ignore[arg-type]  # as above
    (finding,) = _pyodide(Folder(site), settings)
    assert (finding.kind, "is not what was built" in finding.text) == ("bad", True)
