"""Pyodide's version in; a folder that JupyterLite's Python kernels start from without another host out.

    python lite/local_pyodide.py 0.29.0 .cache/pyodide-0.29.0

makes
    .cache/pyodide-0.29.0/pyodide/pyodide/   Pyodide; `jupyter lite build` wants the folder above it
    .cache/pyodide-0.29.0/wheels/            for `--piplite-wheels`: what the kernel wants and Pyodide lacks

Pyodide itself comes from npm, the wheels from PyPI (`pyodide-<version>.txt`). Everything else that Pyodide's
lock file lists works where there is a network: its entries get the absolute address of Pyodide's public CDN.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from base64 import b64encode
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZipFile

NPM_SHA512 = {
    "0.29.0": "ObIvsTmcrxAWKg+FT1GjfSdDmQc5CabnYe/nn5BCuhr9BVVITeQ24DBdZuG5B2tIiAZ9YonBpnDB7cmHZyd2Rw==",
    "314.0.6": "BKDTJyIqFxC4BExLqeRS3f5xvXZIjOt8C3zGLN/Cc7tFxSwvKVhVkchQQ2AGLOtR4YrVOIFxbV8poyDOOmWwxQ==",
}
PYTHON = {"0.29.0": "3.13", "314.0.6": "3.14"}
CDN = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"

CORE = re.compile(r"pyodide\.(m?js|asm\.(m?js|wasm))|python_stdlib\.zip|pyodide-lock\.json|package\.json")
NESTED = "gbdraw"
FRAMES: dict[str, list[str]] = {"0.29.0": ["numpy", "pandas"], "314.0.6": []}
NESTED_WHEELS = re.compile(r".*/(numpy|pandas)-[^/]*\.whl")

# What a package declares and the kernel does well without: a database for IPython's history, and a plotting
# library for a package whose purpose is to be of use to it.
UNUSED = {"ipython": "sqlite3", "matplotlib-inline": "matplotlib"}


def main() -> None:
    """Make the folder, whole or not at all."""
    version, target = sys.argv[1], Path(sys.argv[2])
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        new = Path(scratch) / "new"
        pyodide, wheels = new / "pyodide" / "pyodide", new / "wheels"
        pyodide.mkdir(parents=True)
        wheels.mkdir()
        unpack_core(npm_pack(version, Path(scratch)), pyodide)
        downloaded = pip_download(version, Path(scratch) / "downloads")
        complete(version, pyodide, wheels, downloaded)
        shutil.rmtree(target, ignore_errors=True)
        new.rename(target)
    print(f"Pyodide {version}: {target}")


def npm_pack(version: str, folder: Path) -> Path:
    """Fetch Pyodide's npm tarball and compare its hash."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm was not found. Hint: install Node.js 20 or later.")
    subprocess.run(
        [npm, "pack", "--silent", f"pyodide@{version}"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    tarball = folder / f"pyodide-{version}.tgz"
    found = b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if found != NPM_SHA512[version]:
        sys.exit(f"pyodide@{version}: the hash is {found}, not {NPM_SHA512[version]}.")
    return tarball


def unpack_core(tarball: Path, folder: Path) -> None:
    """Unpack what a browser loads of Pyodide."""
    with tarfile.open(tarball, "r:gz") as archive:
        for member in archive:
            name = PurePosixPath(member.name).name
            content = archive.extractfile(member)
            if content is not None and CORE.fullmatch(name):
                (folder / name).write_bytes(content.read())


def pip_download(version: str, folder: Path) -> dict[str, Path]:
    """Fetch the wheels of `pyodide-<version>.txt`, hashes compared by pip: file name -> path."""
    requirements = Path(__file__).with_name(f"pyodide-{version}.txt")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
    ]
    target = ["--python-version", PYTHON[version], "--dest", str(folder)]
    subprocess.run([*pip, *target, "--requirement", str(requirements)], check=True)
    for nesting in folder.glob(f"{NESTED}-*.whl"):
        with ZipFile(nesting) as wheel:
            for name in wheel.namelist():
                if NESTED_WHEELS.fullmatch(name):
                    (folder / PurePosixPath(name).name).write_bytes(wheel.read(name))
        nesting.unlink()
    return {path.name: path for path in folder.iterdir()}


def complete(version: str, pyodide: Path, wheels: Path, downloaded: dict[str, Path]) -> None:
    """Put the wheels in place; write their hashes, and the CDN's address for the rest, into the lock file."""
    path = pyodide / "pyodide-lock.json"
    lock = json.loads(path.read_text("utf-8"))
    packages: dict[str, dict[str, Any]] = lock["packages"]
    for name, unused in UNUSED.items():
        packages[name]["depends"] = [depended for depended in packages[name]["depends"] if depended != unused]
    for name, package in packages.items():
        if name.endswith(
            "-tests"
        ):  # they claim the imports of the package that they test: `import numpy` would load both
            package["imports"] = []
    missing = closure(packages, ["micropip", "ipython", "jedi", "tzdata", *FRAMES[version]])
    for name, package in packages.items():
        wheel = downloaded.pop(package["file_name"], None)
        if wheel is None:
            package["file_name"] = CDN.format(version=version) + package["file_name"]
            continue
        missing.discard(name)
        package["sha256"] = hashlib.sha256(wheel.read_bytes()).hexdigest()
        shutil.copy2(wheel, pyodide / wheel.name)
    if missing:
        sys.exit(f"Pyodide {version}: no wheel was downloaded for {', '.join(sorted(missing))}.")
    for wheel in downloaded.values():
        shutil.copy2(wheel, wheels / wheel.name)
    if "sqlite3" in packages:
        give_way_for_sqlite(packages, wheels)
    path.write_text(json.dumps(lock), "utf-8")


def closure(packages: dict[str, dict[str, Any]], names: list[str]) -> set[str]:
    """Return packages with all that they depend on."""
    found: set[str] = set()
    while names:
        name = re.sub(r"[-_.]+", "-", names.pop()).lower()
        if name not in found:
            found.add(name)
            names += packages[name]["depends"]
    return found


def give_way_for_sqlite(packages: dict[str, dict[str, Any]], wheels: Path) -> None:
    """Keep the kernel from fetching SQLite at each start, and `import sqlite3` in a cell working.

    JupyterLite 0.7's kernel installs "sqlite3" by name when it starts; only the CDN has it. Under another
    name the lock file still offers it to cells that import it; the name goes to a wheel without any module.
    """
    packages["sqlite3-of-pyodide"] = packages.pop("sqlite3") | {"name": "sqlite3-of-pyodide"}
    metadata = "sqlite3-0.dist-info"
    files = {
        f"{metadata}/METADATA": "Metadata-Version: 2.1\nName: sqlite3\nVersion: 0\n"
        "Summary: No module: lets the kernel start offline; import sqlite3 loads Pyodide's own.\n",
        f"{metadata}/WHEEL": "Wheel-Version: 1.0\nGenerator: local_pyodide\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n",
        f"{metadata}/RECORD": f"{metadata}/METADATA,,\n{metadata}/WHEEL,,\n{metadata}/RECORD,,\n",
    }
    with ZipFile(wheels / "sqlite3-0-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)


if __name__ == "__main__":
    main()
