"""A folder whose files stay: `await persist("/data")` in; what cells write there is there the next time.

In the browser, files are in memory and end with the kernel. A kept folder is loaded from the browser's
IndexedDB, takes over before each cell what other tabs wrote, and is saved after each (`js/kept_files.mjs`).
In plain Jupyter a folder is on a disk, which keeps it: there the same functions have nothing to do.

Examples
--------
::

    from jupyterlite_rpy import files

    data = await files.persist("/data")
    df.to_csv("/data/table.csv")
"""

from __future__ import annotations

import asyncio
import os
import posixpath
import shutil
import stat
import sys
import zipfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from .kept_folders import kept_folders
from .runtime import IN_PYODIDE
from .runtime.javascript import import_javascript

__all__ = ["KeptFolder", "Usage", "persist", "save", "usage"]

_ASK_THE_PAGE = "navigator.storage && navigator.storage.persist && navigator.storage.persist()"
"""A worker cannot ask: the browser asks the user, or decides by how often he comes."""

_folders: dict[str, KeptFolder] = {}
_tasks: set[asyncio.Task[Any]] = set()


class Usage(NamedTuple):
    """How much of the browser's storage is used.

    Attributes
    ----------
    used, free : int
        Bytes, of all that this site's origin stores, as far as the browser tells.
    protected : bool
        Whether the browser has promised not to remove it when it needs room.
    """

    used: int
    free: int
    protected: bool

    def __str__(self) -> str:
        promise = (
            "protected" if self.protected else "not protected: the browser may remove it when it needs room"
        )
        return f"{_size(self.used)} used, {_size(self.free)} free; {promise}"


class KeptFolder:
    """A folder with contents that stay.

    Attributes
    ----------
    path : str
        Where it is, for Python and for R.
    """

    def __init__(self, path: str, files: Any = None) -> None:
        self.path = path
        self._files = files
        self._loaded = False
        self._told_before = ""

    def __repr__(self) -> str:
        return f"KeptFolder({self.path!r})"

    def __fspath__(self) -> str:
        return self.path

    async def load(self) -> None:
        """Take over what other tabs, or the file browser, have written since the last cell."""
        if self._files is None:
            return
        if not self._loaded:
            self._loaded = True
            failure = "not kept: nothing was loaded, and what is written will be lost,"
            await self._told(self._files.load, failure, once=True)
        # It may have been loaded some time before the first cell.
        await self._told(self._files.refresh, "not loaded: what others wrote", once=True)

    async def save(self) -> int:
        """Save what has changed, now and not after the cell. Returns how many files were written or removed.

        What cannot be kept is told on stderr, with the reason; it stays in memory, and the next save tries
        again.
        """
        if self._files is None:
            return 0
        return await self._told(self._files.save, "not kept: what has changed")

    async def _told(self, action: Callable[[], Awaitable[Any]], otherwise: str, *, once: bool = False) -> int:
        try:
            report = await action()
        except import_module("pyodide.ffi").JsException as error:
            problem = str(getattr(error, "message", error))
            if not (once and problem == self._told_before):
                print(f"{otherwise} in {self.path}: {problem}", file=sys.stderr)
            self._told_before = problem
            return 0
        self._told_before = ""
        for problem in report.failed:
            print(f"not kept: {problem}. Hint: remove files; usage() shows how much is used", file=sys.stderr)
        for note in report.notes:
            print(note, file=sys.stderr)
        return int(report.written)

    def export(self, target: str | os.PathLike[str] = "kept.zip") -> str:
        """Write all files into a zip file; return its path. In `/drive` the file browser can download it."""
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            for path in self._all():
                name = path.relative_to(self.path).as_posix()
                if path.is_symlink():
                    info = zipfile.ZipInfo(name)
                    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
                    archive.writestr(info, os.readlink(path))
                elif not (path.is_file() and os.path.samefile(path, target)):
                    archive.write(path, name)
        return os.fspath(target)

    def restore(self, source: str | os.PathLike[str] = "kept.zip") -> list[str]:
        """Write the files of a zip file into the folder; return their names.

        A file that is there and differs is kept as ``name (conflict YYYY-MM-DD).ext``.
        """
        done = []
        with zipfile.ZipFile(source) as archive:
            wrong = [name for name in archive.namelist() if not _is_below(name)]
            if wrong:
                raise ValueError(f"{os.fspath(source)} would write outside of {self.path}: {wrong[0]!r}")
            for info in archive.infolist():
                path = Path(self.path, info.filename)
                path.parent.mkdir(parents=True, exist_ok=True)
                if info.is_dir():
                    path.mkdir(exist_ok=True)
                    continue
                _put(path, archive.read(info), link=stat.S_ISLNK(info.external_attr >> 16))
                done.append(info.filename)
        return done

    async def clear(self, *, ask: bool = True) -> bool:
        """Remove all files, in memory and from where they are kept, when the user has typed yes."""
        paths = [path for path in self._all() if not path.is_dir()]
        size = sum(path.lstat().st_size for path in paths)
        if ask:
            question = f"Remove all {len(paths)} files ({_size(size)}) of {self.path} for ever? Type yes: "
            if input(question).strip().lower() != "yes":
                return False
        if self._files is not None:
            await self._files.clear()
            return True
        for entry in os.scandir(self.path):
            shutil.rmtree(entry) if entry.is_dir(follow_symlinks=False) else os.remove(entry)
        return True

    def _all(self) -> Iterator[Path]:
        for folder, folders, names in os.walk(self.path):
            yield from (Path(folder, name) for name in sorted(folders + names))


async def persist(path: str = "/data") -> KeptFolder:
    """Make a folder whose files stay, and load what was kept in it.

    Parameters
    ----------
    path
        Where it is to be: a folder that is not there yet, or is empty. Each site has its own files there.

    Notes
    -----
    From then on it is saved after each cell. What a cell has written is kept when the cell has ended; a tab
    that is closed while a cell runs loses what that cell has written. Where the browser stores nothing (in
    private windows) this is told, and the folder is in memory only.
    """
    path = posixpath.normpath(os.path.abspath(path)) if IN_PYODIDE else os.path.abspath(path)
    if path in _folders:
        await _folders[path].load()
        return _folders[path]
    if not IN_PYODIDE:
        os.makedirs(path, exist_ok=True)
        kept_folders.append(path)
        return _folders.setdefault(path, KeptFolder(path))
    if os.path.isdir(path) and os.listdir(path):
        raise FileExistsError(
            f"{path} has files in it, which would be hidden. Hint: name a new folder, or move them away."
        )
    folder = await _make(path)
    await folder.load()
    if _watch_cells():
        _save_after_this_cell()
    return folder


async def mount(path: str, folder: str | None) -> None:
    """Do the same before there is a cell; what is kept is loaded meanwhile, and the first cell waits for it.

    Parameters
    ----------
    path
        Where it is to be.
    folder
        A folder in it that becomes the working directory; None: the working directory stays what it is.
    """
    kept = await _make(path)
    kept._files.preload()
    _watch_cells()
    if folder is not None:
        kept._files.provide(folder)
        os.chdir(posixpath.join(path, folder))


async def _make(path: str) -> KeptFolder:
    script = await import_javascript("kept_files.mjs")
    pyodide = import_module("pyodide_js")
    site = (await import_javascript("download.mjs")).browserNetwork(import_module("js").location.href).site
    folder = _folders[path] = KeptFolder(path, script.KeptFiles.new(pyodide.FS, path, site))
    kept_folders.append(path)
    return folder


async def save() -> int:
    """Save all kept folders now. Returns how many files were written or removed."""
    return sum([await folder.save() for folder in list(_folders.values())])


async def usage() -> Usage:
    """How much of the browser's storage (in plain Jupyter: of the disk) is used."""
    if not IN_PYODIDE:
        disk = shutil.disk_usage(os.getcwd())
        return Usage(disk.used, disk.free, True)
    storage = import_module("js").navigator.storage
    estimate = await storage.estimate()
    return Usage(int(estimate.usage), int(estimate.quota - estimate.usage), bool(await storage.persisted()))


def _watch_cells() -> bool:
    """Load before and save after each cell of this kernel; False: there is nothing to do for that."""
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None or hasattr(kernel.run, "kept"):
        return False
    original = kernel.run

    async def run(code: str) -> Any:
        for folder in list(_folders.values()):
            await folder.load()
        try:
            return await original(code)
        finally:
            await save()

    run.kept = True  # type: ignore[attr-defined]
    kernel.run = run
    return True


def _save_after_this_cell() -> None:
    """Save when the running cell has ended, which nobody watches; ask the browser to keep what is saved."""
    from IPython import get_ipython
    from IPython.display import Javascript, display

    shell = get_ipython()

    def after_this_cell(result: object) -> None:
        shell.events.unregister("post_run_cell", after_this_cell)
        task = asyncio.ensure_future(save())  # nobody awaits the end of this one
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)

    shell.events.register("post_run_cell", after_this_cell)
    display(Javascript(_ASK_THE_PAGE))  # type: ignore[no-untyped-call]


def _put(path: Path, content: bytes, *, link: bool) -> None:
    """Write a file or a link; what is there and differs gets another name."""
    if os.path.lexists(path):
        if path.is_symlink():
            same = link and os.readlink(path).encode() == content
        else:
            same = not link and path.is_file() and path.read_bytes() == content
        if same:
            return
        path.rename(_free_name(path))
    if link:
        path.symlink_to(content.decode())
    else:
        path.write_bytes(content)


def _free_name(path: Path) -> Path:
    day, number = date.today().isoformat(), 1
    while True:
        again = f" {number}" if number > 1 else ""
        copy = path.with_name(f"{path.stem} (conflict {day}{again}){path.suffix}")
        if not os.path.lexists(copy):
            return copy
        number += 1


def _is_below(name: str) -> bool:
    return not name.startswith("/") and ".." not in name.replace("\\", "/").split("/") and ":" not in name


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
