"""Run by js/bytecode.mjs in a site's own Python: what is imported in, wheels with its bytecode out.

A script, not a module: it leaves two functions.
"""

import py_compile
import sys
from contextlib import suppress
from importlib import import_module
from importlib.util import cache_from_source
from io import BytesIO
from pathlib import Path
from site import getsitepackages
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

SITE = Path(getsitepackages()[0])


def compile_kernel(distribution: str) -> bytes:
    """Return a wheel for what a kernel starts with."""
    # These import the others.
    for name in ("pyodide_kernel", "piplite.piplite", "micropip", "ipykernel", "comm", "jedi", "IPython"):
        with suppress(Exception):  # what needs a browser has imported most of what it needs by then
            import_module(name)
    files = _imported()
    for package in ("jupyterlite_rpy", "jedi"):  # of which parts are imported by the first completion
        files.update((SITE / package).rglob("*.py"))
    return _wheel(distribution, files)


def compile_library(distribution: str, name: str) -> bytes:
    """Return a wheel for what a library imports besides what is imported already."""
    before = _imported()
    with suppress(Exception):
        import_module(name)
    return _wheel(distribution, _imported() - before)


def _imported() -> set[Path]:
    modules = [*sys.modules.values()]
    return {Path(file) for module in modules if (file := getattr(module, "__file__", None))}


def _wheel(distribution: str, files: set[Path]) -> bytes:
    metadata = {
        "METADATA": f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: jupyterlite-rpy\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(files):
            if file.suffix == ".py" and SITE in file.parents:
                compiled = Path(cache_from_source(str(file)))
                # With the source's hash, at which Python looks: who installs another version later gets that.
                mode = py_compile.PycInvalidationMode.CHECKED_HASH
                py_compile.compile(str(file), str(compiled), doraise=True, invalidation_mode=mode)
                _add(archive, compiled.relative_to(SITE).as_posix(), compiled.read_bytes())
        for name, text in metadata.items():
            _add(archive, f"{distribution.replace('-', '_')}-0.dist-info/{name}", text.encode())
    return content.getvalue()


def _add(archive: ZipFile, path: str, data: bytes) -> None:
    member = ZipInfo(path, (1980, 1, 1, 0, 0, 0))  # the same each time
    member.compress_type = ZIP_DEFLATED
    archive.writestr(member, data)
