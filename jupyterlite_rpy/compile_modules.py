"""Run by js/bytecode.mjs in a site's own Python: what is imported in, its bytecode out.

A script, not a module: it leaves three functions.
"""

import importlib.util
import marshal
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
KERNEL = [
    *("pyodide_kernel", "piplite.piplite", "micropip", "ipykernel", "comm", "jedi", "IPython"),
    *("jupyterlite_rpy.page", "jupyterlite_rpy.magics", "jupyterlite_rpy.variables", "jupyterlite_rpy.files"),
]
"""These import the others."""
_CUSTOMIZATION = "sitecustomize.py"
_UNCHECKED_HASH = 0b01


def compile_kernel(distribution: str) -> bytes:
    """Return a wheel for what a kernel starts with."""
    for name in KERNEL:
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


def compile_standard_library(archive: bytes, customization: str) -> bytes:
    """Return Python's own archive with bytecode of what has been imported from it, and what `site` runs."""
    place = Path(next(folder for folder in sys.path if folder.endswith(".zip")))
    wanted = {
        file.with_suffix(".py").relative_to(place).as_posix() for file in _imported() if place in file.parents
    }
    content = BytesIO()
    with ZipFile(BytesIO(archive)) as old, ZipFile(content, "w", ZIP_DEFLATED, compresslevel=9) as new:
        sources = {name: old.read(name) for name in old.namelist()}
        if sources.setdefault(_CUSTOMIZATION, customization.encode()) == customization.encode():
            wanted.add(_CUSTOMIZATION)
        for name, source in sources.items():
            _add(new, name, source)
            if name in wanted:
                _add(new, f"{name}c", _unchecked(source, str(place / name)))
    return content.getvalue()


def _unchecked(source: bytes, path: str) -> bytes:
    """Bytecode that is taken without a look at the source (PEP 552): both lie in one archive."""
    head = (
        importlib.util.MAGIC_NUMBER
        + _UNCHECKED_HASH.to_bytes(4, "little")
        + importlib.util.source_hash(source)
    )
    return head + marshal.dumps(compile(source, path, "exec", dont_inherit=True))


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
