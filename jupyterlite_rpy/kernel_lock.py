"""A site with its own Pyodide in; a lock file that names all that a Python kernel starts with, too, out.

JupyterLite's kernel installs itself package by package: one is found, fetched and unpacked, then the next.
What Pyodide's lock file names is loaded at once, while Pyodide itself starts, and the kernel then installs
nothing. The kernel's own wheels are not in Pyodide's file: here they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from posixpath import normpath, relpath
from typing import Any

__all__ = [
    "BYTECODE",
    "BYTECODE_FOLDER",
    "LOCK_NAME",
    "PYODIDE",
    "STARTED_WITH",
    "bytecode_paths",
    "libraries",
    "preload",
    "with_bytecode",
    "with_wheels",
]

PYODIDE = "static/pyodide"
LOCK_NAME = "jupyterlite-rpy-lock.json"
_KERNEL = "extensions/@jupyterlite/pyodide-kernel-extension/static/pypi"
_OF_THE_KERNEL = ["micropip", "piplite", "ipykernel", "comm", "jedi", "ipython"]
BYTECODE = "jupyterlite-rpy-bytecode"
BYTECODE_FOLDER = f"static/{BYTECODE}"
STARTED_WITH = {*_OF_THE_KERNEL, "pyodide_kernel", "pyodide-kernel", "sqlite3", BYTECODE}
"""All names of packages that kernels of a site start with."""
_LIBRARIES = ["numpy", "pandas"]
"""Values that cross need them, and most of their import is compiling: 1.6 of 2.7 s."""
_WHEEL = re.compile(r"([A-Za-z0-9_.]+)-([^-]+)-[^/]*\.whl")


def preload(output: Path) -> list[str] | None:
    """Return the names of what a kernel of this site starts with, as the kernel spells them.

    None: the site has no Pyodide of its own, or a part is missing; then kernels install themselves as ever.
    """
    wheels = _wheels(output)
    kernel = wheels.get("pyodide-kernel")
    if kernel is None or not (output / PYODIDE / "pyodide-lock.json").is_file():
        return None
    old = _version(kernel) < (0, 8)
    names = [*_OF_THE_KERNEL, "pyodide_kernel" if old else "pyodide-kernel", *(["sqlite3"] if old else [])]
    known = _lock(output)["packages"].keys() | wheels.keys()
    return names if {name.replace("_", "-") for name in names} <= known else None


def with_wheels(output: Path) -> str:
    """Return Pyodide's lock file with the kernel's wheels in it."""
    lock = _lock(output)
    for name, path in _wheels(output).items():
        match = _WHEEL.fullmatch(path.name)
        assert match is not None
        lock["packages"].setdefault(name, _entry(output, name, match[2], path))
    return json.dumps(lock)


def libraries(output: Path, lock: str) -> dict[str, str]:
    """Return which of Pyodide's packages are worth it and whole in the site, by their bytecode's name."""
    packages = json.loads(lock)["packages"]

    def whole(name: str) -> bool:
        entry = packages.get(name)
        return (
            entry is not None
            and (output / PYODIDE / entry["file_name"]).is_file()
            and all(map(whole, entry["depends"]))
        )

    return {f"{BYTECODE}-{name}": name for name in _LIBRARIES if whole(name)}


def with_bytecode(
    output: Path, lock: str, names: list[str], wheels: Mapping[str, Path], of: Mapping[str, str]
) -> tuple[str, list[str]]:
    """Return a lock file and what kernels start with, with bytecode for them besides.

    Parameters
    ----------
    output
        The site.
    lock, names
        What they are without.
    wheels
        By the names of their distributions.
    of
        `libraries`' value: what is loaded, the wheel comes with it. The others come with the kernel.
    """
    content = json.loads(lock)
    packages = content["packages"]
    for name, wheel in wheels.items():
        packages[name] = _entry(output, name, "0", wheel)
        if name in of:
            packages[of[name]]["depends"].append(name)
    return json.dumps(content), [*names, *(name for name in wheels if name not in of)]


def bytecode_paths(lock: str) -> list[str]:
    """Return where in the site the wheels with bytecode are that a lock file of ours names.

    Raises
    ------
    ValueError
        It is none: half of one, or a server's page in its place.
    """
    try:
        packages = json.loads(lock)["packages"]
        names = [entry["file_name"] for name, entry in packages.items() if name.startswith(BYTECODE)]
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("not a lock file of Pyodide's") from error
    return [normpath(f"{PYODIDE}/{name}") for name in names]


def _entry(output: Path, name: str, version: str, wheel: Path) -> dict[str, Any]:
    return {
        "name": name,
        "version": version,
        # Relative to the lock file: the site may lie anywhere.
        "file_name": relpath(wheel.relative_to(output).as_posix(), PYODIDE),
        "install_dir": "site",
        "sha256": sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": [],  # no cell that imports something is to find more than before
        "depends": [],
        "unvendored_tests": False,
    }


def _lock(output: Path) -> dict[str, Any]:
    lock: dict[str, Any] = json.loads((output / PYODIDE / "pyodide-lock.json").read_text("utf-8"))
    return lock


def _wheels(output: Path) -> dict[str, Path]:
    """The kernel's own wheels, and those that the site's author gave it, by name."""
    found = {}
    for folder in (output / "pypi", output / _KERNEL):
        for path in sorted(folder.glob("*.whl")):
            match = _WHEEL.fullmatch(path.name)
            name = match[1].lower().replace("_", "-") if match else ""
            if name in STARTED_WITH:
                found[name] = path
    return found


def _version(wheel: Path) -> tuple[int, ...]:
    match = _WHEEL.fullmatch(wheel.name)
    return tuple(int(part) for part in match[2].split(".")[:2]) if match else ()
