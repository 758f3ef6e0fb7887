"""This package as it is installed in; its wheel, byte for byte the same for the same files, out.

A site hands this wheel to its kernels. It is packed from what is imported, so a checkout installed with
`pip install -e .` needs no build tool at hand, and an installed wheel need not be downloaded again.
"""

from __future__ import annotations

import csv
import io
from base64 import urlsafe_b64encode
from hashlib import sha256
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from .runtime.javascript import BUNDLED, BUNDLES, bundle

__all__ = ["DISTRIBUTION", "own_wheel"]

DISTRIBUTION = "jupyterlite-rpy"
STARTUP = "etc/ipython/startup/50-jupyterlite-rpy.py"

_PACKAGE = Path(__file__).parent
# What installers write for themselves, and the labextension, which pages load and Python does not.
_NOT_METADATA = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
_NOT_PACKAGE = {"__pycache__", "labextension"}
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def own_wheel() -> tuple[str, bytes]:
    """Return the file name and the content of this package's wheel.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        The package is imported from a folder without being installed.
    """
    installed = distribution(DISTRIBUTION)
    stem = f"{DISTRIBUTION.replace('-', '_')}-{installed.version}"
    members = _package_files() | _metadata_files(installed, f"{stem}.dist-info")
    for name in BUNDLED:
        members[f"{_PACKAGE.name}/{BUNDLES}/{name}"] = bundle(name).encode()
    # What installers put below `sys.prefix`: there IPython looks for scripts to run at a kernel's start.
    members[f"{stem}.data/data/{STARTUP}"] = (_PACKAGE / "startup.py").read_bytes()
    record = f"{stem}.dist-info/RECORD"
    record_last = [*sorted(members.items()), (record, _record(members, record).encode())]
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as wheel:
        for name, data in record_last:
            member = ZipInfo(name, _ZIP_EPOCH)
            member.compress_type = ZIP_DEFLATED
            member.external_attr = 0o100644 << 16
            wheel.writestr(member, data)
    return f"{stem}-py3-none-any.whl", content.getvalue()


def _package_files() -> dict[str, bytes]:
    names = (path.relative_to(_PACKAGE) for path in _PACKAGE.rglob("*") if path.is_file())
    return {
        f"{_PACKAGE.name}/{name.as_posix()}": (_PACKAGE / name).read_bytes()
        for name in names
        if not any(part in _NOT_PACKAGE or part.startswith(".") for part in name.parts)
    }


def _metadata_files(installed: Distribution, folder: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for file in installed.files or []:
        parts = file.parts
        if len(parts) > 1 and parts[0].endswith(".dist-info") and parts[-1] not in _NOT_METADATA:
            found["/".join([folder, *parts[1:]])] = file.read_binary()
    return found


def _record(members: dict[str, bytes], record: str) -> str:
    """List the files with their hashes, as PEP 376 wants it."""
    lines = io.StringIO()
    rows = csv.writer(lines, lineterminator="\n")
    for name, data in sorted(members.items()):
        digest = urlsafe_b64encode(sha256(data).digest()).decode().rstrip("=")
        rows.writerow([name, f"sha256={digest}", len(data)])
    rows.writerow([record, "", ""])
    return lines.getvalue()
