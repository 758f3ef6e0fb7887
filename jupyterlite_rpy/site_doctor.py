"""A built or published site in; what is wrong with it, and what to do, out."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from ._version import __version__
from .assets import FILES, PACKAGES_VARIABLE, R_VERSION, WEBR_VERSION, integrity
from .errors import FetchError, RPackageError
from .kernel_lock import LOCK_NAME, bytecode_paths
from .offline import SCRIPT, SERVICE_WORKER, is_prepared
from .precompressed import stale_copies
from .rpackages.archive import read_archive, verify
from .rpackages.index import contrib_path, parse_index
from .rpackages.repository import check_is
from .site_place import Answer, Folder, Place, Server
from .site_settings import FROM_WORKER, KERNEL_PLUGIN_ID, PLUGIN_ID, own_packages
from .webr_files import LICENSE, wanted_files

__all__ = ["Finding", "examine"]

_REBUILD = "build the site again (jupyter lite build) and publish the whole folder"
_KERNEL_FOLDER = "extensions/@jupyterlite/pyodide-kernel-extension/package.json"
_PACKED = "vfs/usr/lib/R/library/grDevices/libs.data.gz"


class Finding(NamedTuple):
    """One thing that was looked at.

    Parameters
    ----------
    kind
        "ok", "note" (works, could be better) or "bad".
    text
        What was found.
    hint
        What to do; empty: nothing.
    """

    kind: str
    text: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.kind:4}  {self.text}" + (f"\n      Hint: {self.hint}" if self.hint else "")


def examine(place: Place) -> Iterator[Finding]:
    """Look at a site, as far as it can be seen without a browser."""
    try:
        yield from _examine(place)
    except FetchError as error:
        yield Finding(
            "bad", f"the server does not answer: {error}", "check the address; is the server running?"
        )


def _examine(place: Place) -> Iterator[Finding]:
    answer = place.get("jupyter-lite.json")
    if not answer.found or _is_page(answer):
        yield Finding(
            "bad",
            f"{place} is no JupyterLite site: jupyter-lite.json is missing",
            "name the folder that `jupyter lite build` wrote (_output), or the address at which it is served",
        )
        return
    try:
        settings = json.loads(answer.body)["jupyter-config-data"]
        plugins = settings.get("litePluginSettings", {})
    except (ValueError, KeyError, AttributeError) as error:
        yield Finding("bad", f"jupyter-lite.json cannot be read: {error!r}", _REBUILD)
        return
    if PLUGIN_ID not in plugins:
        yield Finding(
            "bad",
            "the site was built without jupyterlite-rpy",
            "install it beside jupyterlite-core and build again; JupyterLite goes on silently without an "
            "addon that cannot be imported: python -c 'import jupyterlite_rpy.addon'",
        )
        return
    if isinstance(place, Server):
        yield from _server(place)
    if not place.get(_KERNEL_FOLDER).found:
        yield Finding(
            "bad",
            f"{_KERNEL_FOLDER} is missing: the site has no Python kernel",
            "install jupyterlite-pyodide-kernel of the same series as jupyterlite-core, and build again",
        )
    kernel = plugins.get(KERNEL_PLUGIN_ID, {})
    yield from _wheel(place, kernel)
    yield from _kernel_r(place)
    yield from _webr(place, plugins[PLUGIN_ID].get("webrUrl", ""))
    yield from _pyodide(place, kernel)
    yield from _packages(place, kernel)
    yield from _offline(place, bool(settings.get("enableServiceWorkerCache")))
    yield from _sent(place) if isinstance(place, Server) else _copies(place.root)


def _server(place: Server) -> Iterator[Finding]:
    """What only a server can have wrong."""
    url = urlsplit(place.address)
    if url.scheme == "http" and url.hostname not in ("localhost", "127.0.0.1", "::1"):
        yield Finding(
            "note",
            "plain http: browsers have no service worker there, so that notebooks do not see files, and "
            "webR's files are checked by their size only",
            "serve the site by https",
        )
    missing = place.get("static/there-is-no-such-file")
    if missing.status != 404:
        yield Finding(
            "bad",
            f"a file that is not there is answered with {missing.status}, not 404",
            "switch off the rule that sends a page for every unknown address (a 'single-page application')",
        )
    else:
        yield Finding("ok", "missing files are told as such (404)")


def _wheel(place: Place, kernel: dict[str, Any]) -> Iterator[Finding]:
    own = own_packages(kernel)
    if len(own) != 1:
        yield Finding("bad", f"kernels load {len(own)} wheels of jupyterlite-rpy, not one", _REBUILD)
        return
    path = own[0].removeprefix(FROM_WORKER)
    answer = place.get(path)
    if not answer.found:
        yield Finding("bad", f"{path} is missing, which each kernel loads", _REBUILD)
        return
    if sha256(answer.body).hexdigest()[:12] != path.split("/")[-2]:
        yield Finding("bad", f"{path} is not what its address says: it was changed on the way", _REBUILD)
        return
    version = path.rsplit("/", 1)[1].split("-")[1]
    yield Finding("ok", f"jupyterlite-rpy {version} ({len(answer.body) / 1e6:.2f} MB)")
    if version != __version__:
        yield Finding("note", f"this machine has version {__version__}", _REBUILD)


def _kernel_r(place: Place) -> Iterator[Finding]:
    """The kernel "Python + R", and the notebooks (not those in folders) that ask for it."""
    hint = "make labextension in the clone of jupyterlite-rpy, install it again, and build again"
    if place.get("extensions/jupyterlite-rpy/package.json").found:
        yield Finding("ok", 'the kernel "Python + R" and its Stop button')
        return
    listed = place.get("api/contents/all.json")
    names = [item["path"] for item in json.loads(listed.body)["content"]] if listed.found else []
    for name in names:
        if not name.endswith(".ipynb"):
            continue
        notebook = place.get(f"files/{quote(name)}" if isinstance(place, Server) else f"files/{name}")
        if b'"python-r"' in notebook.body:
            yield Finding("bad", f'{name} uses the kernel "Python + R", which the site lacks', hint)
    yield Finding("note", 'the site has no kernel "Python + R"; the Stop button does not stop R', hint)


def _webr(place: Place, url: str) -> Iterator[Finding]:
    if urlsplit(url).scheme in ("http", "https"):
        yield Finding(
            "note", f"webR comes from {url}: pages need a network", "--webr=... puts it into the site"
        )
        return
    folder = url.removeprefix("./")
    wanted = wanted_files()
    names = list(wanted) if isinstance(place, Folder) else [*FILES, _PACKED]
    wrong = 0
    for name in names:
        for finding in _webr_file(place.get(folder + name), name, wanted[name]):
            wrong += finding.kind == "bad"
            yield finding
    for name in (LICENSE, "SOURCES.txt"):
        if not place.get(folder + name).found:
            wrong += 1
            yield Finding("bad", f"{folder}{name} is missing: webR may not be passed on without it", _REBUILD)
    if not wrong:
        size = sum(asset.size for asset in FILES.values())
        yield Finding("ok", f"webR {WEBR_VERSION} (R {R_VERSION}), {size / 1e6:.1f} MB when R starts")


def _webr_file(answer: Answer, name: str, expected: str) -> Iterator[Finding]:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip()
    encoding = answer.headers.get("content-encoding", "")
    if not answer.found:
        yield Finding("bad", f"webR's {name} is missing (status {answer.status})", _REBUILD)
        return
    if _is_page(answer):
        yield Finding(
            "bad", f"webR's {name} is a web page", "the server sends a page for files that it lacks"
        )
        return
    if name.endswith(".gz") and encoding:
        yield Finding(
            "bad",
            f"webR's {name} is sent with Content-Encoding: {encoding}: the browser unpacks it before R does",
            "the server must send .gz files as they are, with the type application/gzip",
        )
        return
    content = gzip.decompress(answer.body) if encoding == "gzip" else answer.body
    if encoding not in ("", "identity", "gzip"):
        return  # cannot be looked into here; browsers can
    if integrity(content, expected.split("-", 1)[0]) != expected:
        yield Finding("bad", f"webR's {name} is not that of version {WEBR_VERSION}", _REBUILD)
    elif name == "R.wasm" and kind not in ("", "application/wasm"):
        yield Finding(
            "note",
            f"R.wasm is sent as {kind}: R starts, but a little later",
            "map the ending .wasm to application/wasm",
        )


def _pyodide(place: Place, kernel: dict[str, Any]) -> Iterator[Finding]:
    url = kernel.get("pyodideUrl", "")
    if not url or urlsplit(url).scheme in ("http", "https"):
        yield Finding(
            "note",
            f"Python comes from {url or 'the CDN of Pyodide'}: pages need a network",
            "jupyter lite build --pyodide=... puts it into the site",
        )
        return
    options = kernel.get("loadPyodideOptions", {})
    urls = [options.get(name, "") for name in ("lockFileURL", "stdLibURL")]
    urls = [url, *(other for other in urls if other.startswith("./"))]  # others are of the site's author
    paths = [address.removeprefix("./").partition("?")[0] for address in urls]
    answers = {path: place.get(path) for path in paths}
    whole = True
    for path, answer in [*answers.items()]:
        if path.endswith(LOCK_NAME) and answer.found:
            try:
                wheels = bytecode_paths(answer.body.decode("utf-8", "replace"))
            except ValueError:
                whole = False
                yield Finding("bad", f"{path}, which Python starts with, is not what was built", _REBUILD)
            else:
                answers |= {wheel: place.get(wheel) for wheel in wheels}
    for path, answer in answers.items():
        if not answer.found:
            whole = False
            yield Finding("bad", f"{path} is missing, which Python starts with", _REBUILD)
    if whole:
        yield Finding("ok", f"Python (Pyodide) is in the site: {paths[0]}")


def _packages(place: Place, kernel: dict[str, Any]) -> Iterator[Finding]:
    url = kernel.get("loadPyodideOptions", {}).get("env", {}).get(PACKAGES_VARIABLE, "")
    if not url.startswith(FROM_WORKER):
        return
    folder = f"{url.removeprefix(FROM_WORKER)}{contrib_path(R_VERSION)}"
    answer = place.get(f"{folder}/PACKAGES.gz")
    if not answer.found:
        yield Finding("bad", f"{folder}/PACKAGES.gz is missing", _REBUILD)
        return
    text = gzip.decompress(answer.body) if answer.body[:2] == b"\x1f\x8b" else answer.body
    entries = parse_index(text.decode("utf-8", "replace"), "").values()
    size = wrong = 0
    for entry in entries:
        found = place.get(f"{folder}/{entry.path}")
        if not found.found:
            wrong += 1
            yield Finding("bad", f"the R package {entry} is missing: {folder}/{entry.path}", _REBUILD)
            continue
        if found.headers.get("content-encoding", "") not in ("", "identity"):
            yield Finding(
                "note",
                f"{entry.path} is sent with a Content-Encoding",
                "the server had better send .tgz files as they are",
            )
            continue
        size += len(found.body)
        try:
            verify(found.body, entry, entry.path)
            check_is(read_archive(found.body, entry.path), entry, R_VERSION)
        except RPackageError as error:
            wrong += 1
            yield Finding("bad", str(error).partition("\n")[0], _REBUILD)
    if not wrong:
        names = ", ".join(map(str, entries))
        yield Finding("ok", f"R packages: {names} ({size / 1e6:.1f} MB)")


def _offline(place: Place, wanted: bool) -> Iterator[Finding]:
    if not wanted:
        yield Finding(
            "note",
            "each visit needs a network",
            '"enableServiceWorkerCache": true in jupyter-lite.json lets browsers keep the site',
        )
        return
    worker, script = place.get(SERVICE_WORKER), place.get(SCRIPT)
    if is_prepared(worker.body.decode("utf-8", "replace")) and script.found and not _is_page(script):
        yield Finding("ok", "browsers keep the site: it works without a network after the first visit")
    else:
        yield Finding("bad", f"{SERVICE_WORKER} does not keep the site, as its settings want", _REBUILD)


def _copies(site: Path) -> Iterator[Finding]:
    for copy in stale_copies(site):
        yield Finding(
            "bad",
            f"{copy.relative_to(site)} is not what the file beside it is; servers may send it in its place",
            "jupyter rpy compress writes the copies anew; the build removes them",
        )


def _sent(place: Server) -> Iterator[Finding]:
    """How a browser, which takes compressed answers, is sent the largest file."""
    encoding = place.encoding("static/webr/R.wasm")
    if encoding in ("", "identity"):
        yield Finding(
            "note",
            "R.wasm is sent as it is: 18 MB, which 12 would do",
            "let the server compress .wasm and .js (gzip, br), or send copies: jupyter rpy compress",
        )
    elif encoding:
        yield Finding("ok", f"files are sent compressed (Content-Encoding: {encoding})")
    twice = place.encoding(f"static/webr/{_PACKED}")
    if twice not in ("", "identity", None):
        yield Finding(
            "bad",
            f"webR's {_PACKED} is sent to browsers with Content-Encoding: {twice}: they unpack it too early",
            "the server must send .gz files as they are, with the type application/gzip",
        )


def _is_page(answer: Answer) -> bool:
    return answer.body[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))
