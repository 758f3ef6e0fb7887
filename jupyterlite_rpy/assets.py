"""The pinned webR: its version, its files with their hashes, and where they are found at run time.

Data and small functions of the standard library only: this module is imported in the browser, by the
build and by plain Jupyter alike. What fetches, unpacks and verifies files is `webr_files.py`.
"""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import new as new_hash
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

__all__ = [
    "CDN_URL",
    "COMPRESSED_SIZE",
    "ENVIRONMENT_VARIABLE",
    "FILES",
    "FOLDER_VARIABLE",
    "NPM_INTEGRITY",
    "NPM_PACKAGE",
    "PACKAGES_VARIABLE",
    "R_VERSION",
    "WEBR_VERSION",
    "Asset",
    "integrity",
    "sources_text",
    "user_cache",
    "webr_folder",
    "webr_url",
]


class Asset(NamedTuple):
    """A file of webR: its size in bytes and its hash as browsers write it (Subresource Integrity)."""

    size: int
    integrity: str


_WEBR = json.loads((files(__package__) / "webr.json").read_text("utf-8"))  # the page reads it as well
WEBR_VERSION: str = _WEBR["version"]
R_VERSION: str = _WEBR["R"]

NPM_PACKAGE = f"webr@{WEBR_VERSION}"
NPM_INTEGRITY = (
    "sha512-M2b8m3/ZBk7XMIR7LD97s5k/9jUla83Z0Hl4b+WnrK7XmSMpZdajCiP3XkSzHKHDUgscHKe+lVUvk3aym8q0bw=="
)
"""Hash of the npm tarball, by which `npm pack` and this package agree on what they mean."""

CDN_URL = f"https://cdn.jsdelivr.net/npm/{NPM_PACKAGE}/dist/"
"""Where sites that were not built with webR's files get them.

A public mirror of the npm package, byte for byte, so that the hashes below hold there as well; webR's own
address serves another build of the same version.
"""

ENVIRONMENT_VARIABLE = "RPY_WEBR_URL"
"""Where webR's files are. A built site sets it for its kernels, relative to the kernel's worker script."""

PACKAGES_VARIABLE = "RPY_R_PACKAGES"
"""Where the site's own R packages are: the address of a repository, relative as above; or a folder."""

FOLDER_VARIABLE = "JUPYTERLITE_RPY_WEBR"
"""The folder with webR's files, for plain Jupyter."""

FILES: dict[str, Asset] = {name: Asset(**asset) for name, asset in _WEBR["files"].items()}
"""What R loads when it starts. The rest (`vfs/`: help pages, fonts, device libraries) it loads when used."""


COMPRESSED_SIZE = 13_274_911
"""Bytes of these five as a server with gzip sends them."""


def integrity(data: bytes, algorithm: str = "sha384") -> str:
    """Return the hash of `data` in the form of Subresource Integrity: `sha384-<base64>`."""
    return f"{algorithm}-{b64encode(new_hash(algorithm, data).digest()).decode()}"


def webr_url(location: str, override: str = "", environ: Mapping[str, str] = os.environ) -> str:
    """Return the absolute address of webR's folder, with a slash at its end, for Python in a web worker.

    Parameters
    ----------
    location
        Address of the worker's script (`js.location.href`), to which a relative address refers.
    override
        What the user configured; empty: nothing.
    environ
        The environment, in which a built site leaves `RPY_WEBR_URL`.

    Notes
    -----
    The first that there is: `override`, `RPY_WEBR_URL`, the public CDN.
    """
    url = override or environ.get(ENVIRONMENT_VARIABLE) or CDN_URL
    absolute = urljoin(location, url)
    return absolute if absolute.endswith("/") else absolute + "/"


def user_cache() -> Path:
    """Return the folder of this user for what was downloaded: `JUPYTERLITE_RPY_CACHE` names another one."""
    named = os.environ.get("JUPYTERLITE_RPY_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(named) if named else Path(home) / "jupyterlite-rpy"


def webr_folder(override: str = "", progress: Callable[[str, int, int], object] | None = None) -> Path:
    """Return a folder of this machine with webR's files, for Python that runs natively.

    Parameters
    ----------
    override
        A folder that the user configured; empty: `JUPYTERLITE_RPY_WEBR`, `RPY_WEBR_URL`, else a folder of the
        user's cache, which is filled by `npm pack` the first time.
    progress
        Is told what is done while that takes its time.

    Raises
    ------
    WebRFilesError
        There is no such folder, a file of it is missing, or npm cannot get it. The message says what to do.
    """
    from .webr_files import WebRFilesError, cached_folder, dist_folder

    place = override or os.environ.get(FOLDER_VARIABLE) or os.environ.get(ENVIRONMENT_VARIABLE, "")
    if not place:
        return cached_folder(progress=progress)
    if urlsplit(place).scheme in ("http", "https"):
        raise WebRFilesError(
            f"R runs in a Node.js process here and needs webR's files in a folder, not at {place}. "
            f"Hint: name a folder ({FOLDER_VARIABLE}=/folder), or no place at all, to let npm get them."
        )
    return dist_folder(Path(place).expanduser())


def sources_text() -> str:
    """Return the text that goes beside webR's files: what they are, their licence, where their source is."""
    return f"""\
webR {WEBR_VERSION} (R {R_VERSION} compiled to WebAssembly)
=========================================================

The files of this folder are those of the npm package "webr", version {WEBR_VERSION}, unchanged
(package hash {NPM_INTEGRITY}).
webR's binaries are distributed under the GNU General Public License, version 3; LICENSE.md, beside this
file, has its text and the licences of all that the binaries contain.

Source code of these versions:

  webR {WEBR_VERSION}   https://github.com/r-wasm/webr/archive/refs/tags/v{WEBR_VERSION}.tar.gz
               (its Makefiles name and fetch the sources of all libraries that are linked in)
  R {R_VERSION}      https://cran.r-project.org/src/base/R-{R_VERSION.split(".")[0]}/R-{R_VERSION}.tar.gz
               (webR's changes to R are the patches in its repository, folder "patches")

jupyterlite_rpy, which put the files here, loads them and is no part of them; its licence is BSD-3-Clause.
"""
