"""A site's settings in; the same with what this package's kernels need out.

How Python in a kernel finds webR: the site sets `RPY_WEBR_URL` in the kernel's environment, relative to the
kernel's worker script; `assets.webr_url` makes an absolute address of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .assets import ENVIRONMENT_VARIABLE, PACKAGES_VARIABLE
from .kernel_lock import BYTECODE_FOLDER, LOCK_NAME, STARTED_WITH

__all__ = [
    "FROM_WORKER",
    "KERNEL_PLUGIN_ID",
    "PACKAGES",
    "PLUGIN_ID",
    "WEBR",
    "WHEELS",
    "own_packages",
    "with_kernel_settings",
    "with_own_settings",
    "with_packages",
]

PLUGIN_ID = "jupyterlite-rpy:kernel"
KERNEL_PLUGIN_ID = "@jupyterlite/pyodide-kernel-extension:kernel"

WEBR = "static/webr"
WHEELS = "static/jupyterlite-rpy"
PACKAGES = "static/r-packages"

# The worker's script is extensions/@jupyterlite/pyodide-kernel-extension/static/<name>.js, and Pyodide
# resolves packages against it: such an address holds wherever the site is served.
FROM_WORKER = "../../../../"

Settings = dict[str, Any]


def with_own_settings(settings: Settings, remote: str) -> Settings:
    """Say where webR is to the page, which makes addresses absolute under keys that end in `Url`.

    Parameters
    ----------
    settings
        The settings of `PLUGIN_ID`; not changed.
    remote
        Address of webR's folder on another host; empty: in the site.
    """
    return {**settings, "webrUrl": remote or f"./{WEBR}/"}


def with_kernel_settings(
    settings: Settings,
    remote: str,
    wheel: str,
    preload: Sequence[str] | None = None,
    lock: str = "",
    standard_library: str | None = None,
) -> Settings:
    """Say to each Python kernel where webR is, and to load this package's wheel and what it starts with.

    Parameters
    ----------
    settings
        The settings of `KERNEL_PLUGIN_ID`; not changed. What the site's author wrote stays.
    remote
        Address of webR's folder on another host; empty: in the site.
    wheel
        Path of the wheel in the site.
    preload, lock
        What kernels start with, and the path of the lock file that knows it. None: they install it.
    standard_library
        Path of Python's own modules with bytecode. None: without.
    """
    options = dict(settings.get("loadPyodideOptions", {}))
    environment = {**options.get("env", {}), ENVIRONMENT_VARIABLE: remote or f"{FROM_WORKER}{WEBR}/"}
    own = own_packages(settings)
    packages = [package for package in options.get("packages", []) if package not in own]
    if options.get("lockFileURL", "").endswith(LOCK_NAME):  # ours of an earlier build
        del options["lockFileURL"]
        packages = [package for package in packages if package not in STARTED_WITH]
    if preload is not None and "lockFileURL" not in options:
        options["lockFileURL"] = f"./{lock}"
        packages += [name for name in preload if name not in packages]
    if f"{BYTECODE_FOLDER}/" in options.get("stdLibURL", ""):
        del options["stdLibURL"]
    if standard_library is not None and options.get("lockFileURL", "").endswith(LOCK_NAME):
        options.setdefault("stdLibURL", f"./{standard_library}")
    options = {**options, "env": environment, "packages": [*packages, FROM_WORKER + wheel]}
    return {**settings, "loadPyodideOptions": options}


def with_packages(settings: Settings, present: bool) -> Settings:
    """Say to each Python kernel where the site's R packages are, or that there are none.

    Parameters
    ----------
    settings
        The settings of `KERNEL_PLUGIN_ID`; not changed.
    present
        Whether the site has R packages.
    """
    options = settings.get("loadPyodideOptions", {})
    environment = {k: v for k, v in options.get("env", {}).items() if k != PACKAGES_VARIABLE}
    if present:
        environment[PACKAGES_VARIABLE] = f"{FROM_WORKER}{PACKAGES}/"
    return {**settings, "loadPyodideOptions": {**options, "env": environment}}


def own_packages(settings: Settings) -> list[str]:
    """Return the addresses of this package's wheels, of any version, that kernels load at their start."""
    packages = settings.get("loadPyodideOptions", {}).get("packages", [])
    return [package for package in packages if re.search(r"(^|/)jupyterlite_rpy-[^/]*\.whl$", package)]
