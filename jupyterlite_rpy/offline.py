"""A built site in; one that works without a network after the first visit out, if its author wants that.

The author says so by JupyterLite's own setting, `"enableServiceWorkerCache": true` in `jupyter-lite.json`.
JupyterLite's cache does not suffice: `js/offline.js` says why, and is put before its service worker.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from .precompressed import copies_of
from .site_settings import KERNEL_PLUGIN_ID, PACKAGES, PLUGIN_ID

__all__ = ["SCRIPT", "SERVICE_WORKER", "is_prepared", "is_wanted", "write_offline"]

SERVICE_WORKER = "service-worker.js"
SCRIPT = "static/jupyterlite-rpy/offline.js"
_LINE = re.compile(r'\AimportScripts\("static/jupyterlite-rpy/offline\.js[^\n]*\n')
_PYODIDE_CDN = "https://cdn.jsdelivr.net/pyodide/"

_CONTENT = ("api/", "files/", PACKAGES + "/bin/")
"""What is kept although nobody opened it: lists, notebooks and data, R packages ..."""
_MOST = 50_000_000
"""... as long as all of it has not more bytes than this."""
_PROGRAM = re.compile(r"(build|extensions)/.*\.(js|css|json|woff2?|whl)$")
"""JupyterLite's scripts: some are loaded only when a file of some kind is opened."""


def write_offline(site: Path) -> None:
    """Make a built site work without a network after the first visit, if its settings want that.

    Parameters
    ----------
    site
        The folder of the built site. Its service worker is changed, and a script for that one written.
    """
    worker, script = site / SERVICE_WORKER, site / SCRIPT
    if not worker.is_file():
        return
    theirs = _LINE.sub("", worker.read_text("utf-8"))
    script.unlink(missing_ok=True)
    if not is_wanted(site):
        _write(worker, theirs)
        return
    content = _script(site)
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(content, "utf-8")
    version = sha256(content.encode()).hexdigest()[:12]
    _write(worker, f'importScripts("{SCRIPT}?v={version}");\n{theirs}')


def is_wanted(site: Path) -> bool:
    """Whether a built site's settings turn the cache on."""
    config = json.loads((site / "jupyter-lite.json").read_text("utf-8"))
    return bool(config["jupyter-config-data"].get("enableServiceWorkerCache"))


def is_prepared(worker: str) -> bool:
    """Whether the text of a service worker has our part."""
    return _LINE.match(worker) is not None


def _script(site: Path) -> str:
    paths = sorted(path for path in site.rglob("*") if path.is_file())
    sizes = {path.relative_to(site).as_posix(): path.stat().st_size for path in paths}
    sizes.pop(SERVICE_WORKER)
    copies = {copy for path in paths for copy in copies_of(path)}  # servers send them under the file's name
    sizes = {name: size for name, size in sizes.items() if site / name not in copies}
    small = sum(size for name, size in sizes.items() if name.startswith(_CONTENT)) <= _MOST
    content = [name for name in sizes if _is_page(name) or name.startswith(_CONTENT if small else "api/")]
    program = [name for name in sizes if _PROGRAM.match(name) and name not in content and _is_loaded(name)]
    settings = json.loads((site / "jupyter-lite.json").read_text("utf-8"))["jupyter-config-data"]
    plugins = settings.get("litePluginSettings", {})
    addresses = [
        plugins.get(KERNEL_PLUGIN_ID, {}).get("pyodideUrl", _PYODIDE_CDN),
        plugins.get(PLUGIN_ID, {}).get("webrUrl", ""),
    ]
    # A version is its files' names and contents: when any changes, they are fetched again.
    digest = sha256()
    for name in [*content, *program]:
        digest.update(f"{name}\0".encode() + sha256((site / name).read_bytes()).digest())
    table = {
        "content": content,
        "program": program,
        "seen": sorted(set(sizes) - {*content, *program}),
        "elsewhere": [
            a.rpartition("/")[0] + "/" for a in addresses if urlsplit(a).scheme in ("http", "https")
        ],
        "version": digest.hexdigest()[:16],
    }
    source = (files(__package__) / "js" / "offline.js").read_text("utf-8")
    return f"self.RPY_SITE = {json.dumps(table, separators=(',', ':'))};\n{source}"


def _is_page(name: str) -> bool:
    """Whether a file is a page, its settings, or a script whose name does not tell its content."""
    if "/" not in name:
        return not name.endswith((".ico", ".png"))
    return name.endswith(("/index.html", "/jupyter-lite.json", "/bundle.js")) and not name.startswith(
        "static/"
    )


def _is_loaded(name: str) -> bool:
    return not name.endswith("third-party-licenses.json")


def _write(path: Path, text: str) -> None:
    if path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")
