"""What is put before JupyterLite's service worker, and when."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from jupyterlite_rpy.offline import SCRIPT, SERVICE_WORKER, is_prepared, write_offline

THEIRS = '"use strict";const CACHE="precache";\n'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in (
        "lab/index.html",
        "build/1.aa.js",
        "build/icons.svg",
        "build/lab/bundle.js",
        "extensions/a/static/b.js",
        "api/contents/all.json",
        "files/lesson.ipynb",
        "static/webr/R.wasm",
        "static/r-packages/bin/emscripten/contrib/4.6/x_1.tgz",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / SERVICE_WORKER).write_text(THEIRS)
    configure(tmp_path, enableServiceWorkerCache=True)
    return tmp_path


def configure(site: Path, **settings: Any) -> None:
    (site / "jupyter-lite.json").write_text(json.dumps({"jupyter-config-data": settings}))


def written(site: Path) -> dict[str, Any]:
    write_offline(site)
    first = (site / SCRIPT).read_text().partition("\n")[0]
    table: dict[str, Any] = json.loads(first.removeprefix("self.RPY_SITE = ").removesuffix(";"))
    return table


def test_contents_and_scripts_are_kept_at_once_and_the_rest_when_it_was_loaded(site: Path) -> None:
    table = written(site)
    assert table["content"] == [
        "api/contents/all.json",
        "build/lab/bundle.js",
        "files/lesson.ipynb",
        "jupyter-lite.json",
        "lab/index.html",
        "static/r-packages/bin/emscripten/contrib/4.6/x_1.tgz",
    ]
    assert table["program"] == ["build/1.aa.js", "extensions/a/static/b.js"]
    assert table["seen"] == ["build/icons.svg", "static/webr/R.wasm"]
    assert table["elsewhere"] == ["https://cdn.jsdelivr.net/pyodide/"]


def test_hosts_that_python_and_r_come_from_are_known(site: Path) -> None:
    plugins = {
        "@jupyterlite/pyodide-kernel-extension:kernel": {"pyodideUrl": "./static/pyodide/pyodide.js"},
        "jupyterlite-rpy:kernel": {"webrUrl": "https://webr.example/v1/"},
    }
    configure(site, enableServiceWorkerCache=True, litePluginSettings=plugins)
    assert written(site)["elsewhere"] == ["https://webr.example/v1/"]


def test_large_contents_are_kept_only_when_they_were_opened(site: Path) -> None:
    os.truncate(site / "files" / "lesson.ipynb", 50_000_001)
    table = written(site)
    assert "files/lesson.ipynb" in table["seen"] and "api/contents/all.json" in table["content"]


def test_the_service_worker_changes_when_a_file_does_and_not_otherwise(site: Path) -> None:
    def worker() -> str:
        write_offline(site)
        return (site / SERVICE_WORKER).read_text()

    first = worker()
    assert is_prepared(first) and first.endswith(THEIRS) and worker() == first
    (site / "files" / "lesson.ipynb").write_text("another")
    second = worker()
    assert second != first and second.count("importScripts") == 1


def test_nothing_is_changed_unless_the_author_wants_it(site: Path) -> None:
    write_offline(site)
    configure(site)
    write_offline(site)
    assert (site / SERVICE_WORKER).read_text() == THEIRS
    assert not (site / SCRIPT).exists()
