"""Run by js/bytecode.mjs in a site's own Python: what a kernel imports in, a wheel with its bytecode out.

A script, not a module: it leaves the wheel's content in `wheel`.
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

NAME = "jupyterlite_rpy_bytecode-0"
METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: jupyterlite-rpy-bytecode\nVersion: 0\n",
    "WHEEL": "Wheel-Version: 1.0\nGenerator: jupyterlite-rpy\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "RECORD": "",
}

# What a kernel starts with: these import the others.
for name in ("pyodide_kernel", "piplite.piplite", "micropip", "ipykernel", "comm", "jedi", "IPython"):
    with suppress(Exception):  # what needs a browser has imported most of what it needs by then
        import_module(name)

site = Path(getsitepackages()[0])
files = {Path(file) for module in [*sys.modules.values()] if (file := getattr(module, "__file__", None))}
for package in ("jupyterlite_rpy", "jedi"):  # of which parts are imported by the first completion
    files.update((site / package).rglob("*.py"))

content = BytesIO()
with ZipFile(content, "w", ZIP_DEFLATED, compresslevel=9) as archive:

    def _add(path: str, data: bytes) -> None:
        member = ZipInfo(path, (1980, 1, 1, 0, 0, 0))  # the same each time
        member.compress_type = ZIP_DEFLATED
        archive.writestr(member, data)

    for file in sorted(files):
        if file.suffix == ".py" and site in file.parents:
            compiled = Path(cache_from_source(str(file)))
            # With the source's hash, at which Python looks: who installs another version later gets that.
            mode = py_compile.PycInvalidationMode.CHECKED_HASH
            py_compile.compile(str(file), str(compiled), doraise=True, invalidation_mode=mode)
            _add(compiled.relative_to(site).as_posix(), compiled.read_bytes())
    for name, text in METADATA.items():
        _add(f"{NAME}.dist-info/{name}", text.encode())

wheel = content.getvalue()
