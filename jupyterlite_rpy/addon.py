"""`jupyter lite build` in; a site whose Python kernels find this package and webR's files out.

What it adds to a site:

- `static/webr/`: webR's files, its licences and where its source is;
- `pypi/`: this package's wheel, for `%pip install jupyterlite-rpy`;
- `static/jupyterlite-rpy/<hash>/`: the same wheel at an address that changes with its content, which each
  Python kernel loads at its start, for a plain `%load_ext jupyterlite_rpy`;
- in `jupyter-lite.json`: where these are.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from doit.exceptions import TaskFailed
from jupyterlite_core.addons.base import BaseAddon
from jupyterlite_core.constants import JUPYTERLITE_JSON
from jupyterlite_core.manager import LiteManager
from traitlets import Unicode, default

from .assets import NPM_PACKAGE, sources_text
from .bytecode import STANDARD_LIBRARY, BytecodeError, compile_bytecode
from .kernel_lock import (
    BYTECODE_FOLDER,
    LOCK_NAME,
    PYODIDE,
    bytecode_paths,
    libraries,
    preload,
    with_bytecode,
    with_wheels,
)
from .own_wheel import own_wheel
from .site_settings import (
    FROM_WORKER,
    KERNEL_PLUGIN_ID,
    PLUGIN_ID,
    WEBR,
    WHEELS,
    own_packages,
    with_kernel_settings,
    with_own_settings,
)
from .webr_files import (
    LICENSE,
    WebRFilesError,
    describe,
    dist_folder,
    npm_pack,
    problems,
    unpack,
    wanted_files,
)
from .webr_source import WebRSource, is_address

__all__ = ["WebRAddon"]

Task = dict[str, Any]


class WebRAddon(BaseAddon):  # type: ignore[misc]  # jupyterlite_core has no types
    """Put webR and this package into a JupyterLite site."""

    __all__ = ["build", "check", "post_build", "post_init", "status"]  # noqa: RUF012  # the hooks that it has

    webr_url = Unicode(
        help="webR's files: a folder, an npm tarball (.tgz), the address of one, or an address that ends in "
        "a slash, where the site shall load them from. Default: `npm pack` gets them; without npm the site "
        "loads them from webR's public CDN.",
    ).tag(config=True)

    aliases = {"webr": "WebRAddon.webr_url"}  # noqa: RUF012  # JupyterLite's way to declare options

    @default("webr_url")
    def _default_webr_url(self) -> str:
        return os.environ.get("JUPYTERLITE_WEBR_URL", "")

    @property
    def source(self) -> WebRSource:
        """Where webR's files come from."""
        return WebRSource(self.webr_url, Path(self.manager.lite_dir), Path(self.manager.cache_dir))

    @property
    def output(self) -> Path:
        """The site."""
        return Path(self.manager.output_dir)

    def status(self, manager: LiteManager) -> Iterator[Task]:
        """Say where webR's files come from."""
        yield self.task(name="webr", actions=[lambda: print(f"     webR: {self.source}")])

    def post_init(self, manager: LiteManager) -> Iterator[Task]:
        """Get webR's tarball and unpack it, unless there is a folder already."""
        source = self.source
        if source.remote:
            print(f"[jupyterlite-rpy] {source}")
            return
        if source.is_folder:
            yield self.task(name="verify:webr", actions=[(_reported, [dist_folder, source.local])])
            return
        if source.local is None:
            yield self.task(
                name=f"fetch:{source.tarball.name}",
                doc=f"fetch {source.place or NPM_PACKAGE}",
                targets=[source.tarball],
                uptodate=[True],
                actions=[(_reported, [self._fetch if source.place else npm_pack, source.tarball])],
            )
        # A tarball of the user's that is missing is no dependency: `unpack` says so in better words.
        yield self.task(
            name="unpack:webr",
            doc=f"unpack and verify {source.tarball.name}",
            file_dep=[source.tarball] if source.local is None or source.local.is_file() else [],
            targets=[source.folder / name for name in wanted_files()],
            actions=[(_reported, [unpack, source.tarball, source.folder])],
        )

    def build(self, manager: LiteManager) -> Iterator[Task]:
        """Copy webR's files and this package's wheel into the site."""
        name, content = own_wheel()
        addressed = self.output / WHEELS / sha256(content).hexdigest()[:12] / name
        yield self.task(
            name=f"wheel:{name}",
            doc="pack this package for the site's kernels",
            targets=[addressed, self.output / "pypi" / name],
            uptodate=[_holds(addressed, content), _holds(self.output / "pypi" / name, content)],
            actions=[(self._write_wheel, [name, content, addressed])],
        )
        if self.source.remote:
            yield self.task(name="webr:remote", actions=[(self.delete_one, [self.output / WEBR])])
            return
        folder = self.source.folder
        wanted = [*wanted_files()]
        yield self.task(
            name="copy:webr",
            doc="copy what a site needs of webR",
            file_dep=[folder / file for file in wanted],
            targets=[self.output / WEBR / file for file in wanted],
            actions=[(_reported, [self._copy_webr, folder, wanted])],
        )

    def post_build(self, manager: LiteManager) -> Iterator[Task]:
        """Write where the files are into `jupyter-lite.json`."""
        config = self.output / JUPYTERLITE_JSON
        pyodide = [self.output / PYODIDE / name for name in ("pyodide-lock.json", STANDARD_LIBRARY)]
        yield self.task(
            name=f"patch:{JUPYTERLITE_JSON}",
            # The first although this changes it: JupyterLite writes it anew when its own parts change.
            file_dep=[config, *(file for file in pyodide if file.is_file())],
            uptodate=[lambda: self._has_what_kernels_start_with(config)],
            actions=[(self._patch, [config])],
        )

    def check(self, manager: LiteManager) -> Iterator[Task]:
        """Verify presence, version and hashes of what `build` put into the site.

        JupyterLite builds before it checks, by which files that are missing are there again.
        """
        config = self.output / JUPYTERLITE_JSON
        # Without dependencies: looked at each time, whoever has changed the site.
        yield self.task(name="webr", actions=[(self._check_webr, [config])])
        yield self.task(name="wheel", actions=[(self._check_wheel, [config])])

    def _fetch(self, tarball: Path) -> None:
        try:
            self.fetch_one(self.webr_url, tarball)
        except OSError as error:
            raise WebRFilesError(
                f"{self.webr_url} cannot be fetched: {error}. "
                f"Hint: --webr also takes a folder or a tarball of this machine (`npm pack {NPM_PACKAGE}`)."
            ) from error

    def _write_wheel(self, name: str, content: bytes, addressed: Path) -> None:
        shutil.rmtree(self.output / WHEELS, ignore_errors=True)
        pypi = self.output / "pypi"
        for old in pypi.glob("jupyterlite_rpy-*.whl"):
            old.unlink()
        for path in (addressed, pypi / name):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            self.maybe_timestamp(path)

    def _copy_webr(self, source: Path, wanted: list[str]) -> None:
        wrong = problems(source)
        if wrong:
            raise WebRFilesError(describe(wrong))
        self.delete_one(self.output / WEBR)
        for file in wanted:
            self.copy_one(source / file, self.output / WEBR / file)
        for folder in (source, source.parent, source.parent.parent):
            if (folder / LICENSE).is_file() and "webR" in (folder / LICENSE).read_text("utf-8")[:2000]:
                self.copy_one(folder / LICENSE, self.output / WEBR / LICENSE)
                break
        else:
            raise WebRFilesError(
                f"{source} has no {LICENSE} (nor have the folders above), and webR's binaries may not be "
                f"passed on without it. Hint: take the whole npm package, `npm pack {NPM_PACKAGE}`."
            )
        (self.output / WEBR / "SOURCES.txt").write_text(sources_text(), "utf-8")

    def _patch(self, config: Path) -> None:
        (wheel,) = (self.output / WHEELS).glob("*/*.whl")
        url = self.get_lite_plugin_settings(config, KERNEL_PLUGIN_ID).get("pyodideUrl", "")
        # Another Pyodide than the site's has its own.
        preloaded = preload(self.output) if url.removeprefix("./").startswith(f"{PYODIDE}/") else None
        lock = self.output / PYODIDE / LOCK_NAME
        library = None
        if preloaded is not None:
            text, preloaded, library = self._with_bytecode(with_wheels(self.output), preloaded, wheel)
            if not _holds(lock, text.encode()):
                lock.write_bytes(text.encode())
                self.maybe_timestamp(lock)
        for plugin, settings in (
            (
                PLUGIN_ID,
                with_own_settings(self.get_lite_plugin_settings(config, PLUGIN_ID), self.source.remote),
            ),
            (
                KERNEL_PLUGIN_ID,
                with_kernel_settings(
                    self.get_lite_plugin_settings(config, KERNEL_PLUGIN_ID),
                    self.source.remote,
                    wheel.relative_to(self.output).as_posix(),
                    preloaded,
                    lock.relative_to(self.output).as_posix(),
                    library,
                ),
            ),
        ):
            # Written only when it changes: a file that is as it was is not built upon again.
            if settings != self.get_lite_plugin_settings(config, plugin):
                self.set_lite_plugin_settings(config, plugin, settings)

    def _with_bytecode(self, lock: str, names: list[str], own: Path) -> tuple[str, list[str], str | None]:
        """Return a lock file, what kernels start with, and the place of another standard library."""
        try:
            of = libraries(self.output, lock)
            made = compile_bytecode(self.output, lock, own, names, of)
        except BytecodeError as error:
            print(f"[jupyterlite-rpy] kernels of this site start slower than they could: {error}")
            return lock, names, None
        for old in (self.output / BYTECODE_FOLDER).iterdir():
            if old != made.standard_library.parent:
                self.delete_one(old)
        for file in made.files:
            self.maybe_timestamp(file)
        text, names = with_bytecode(self.output, lock, names, made.wheels, of)
        return text, names, made.standard_library.relative_to(self.output).as_posix()

    def _has_what_kernels_start_with(self, config: Path) -> bool:
        """Whether all that the settings name is there, which another Pyodide takes away."""
        options = self.get_lite_plugin_settings(config, KERNEL_PLUGIN_ID).get("loadPyodideOptions", {})
        lock, library = (self.output / options.get(name, "") for name in ("lockFileURL", "stdLibURL"))
        if lock.name != LOCK_NAME:
            return True
        if not lock.is_file() or not library.exists():
            return False
        try:
            paths = bytecode_paths(lock.read_text("utf-8"))
        except ValueError:
            return False
        return all((self.output / path).is_file() for path in paths)

    def _check_webr(self, config: Path) -> TaskFailed | None:
        url = self.get_lite_plugin_settings(config, PLUGIN_ID).get("webrUrl", "")
        if not url:
            return TaskFailed(f'{config}: litePluginSettings["{PLUGIN_ID}"].webrUrl is missing. {_REBUILD}')
        if is_address(url):
            return None
        folder = self.output / url
        wrong = problems(folder)
        wrong += [
            f"{folder / name}: missing" for name in (LICENSE, "SOURCES.txt") if not (folder / name).is_file()
        ]
        if not wrong:
            return None
        return TaskFailed(f"{describe(wrong)}\nHint: delete {folder} and run `jupyter lite build` again.")

    def _check_wheel(self, config: Path) -> TaskFailed | None:
        own = own_packages(self.get_lite_plugin_settings(config, KERNEL_PLUGIN_ID))
        if len(own) != 1:
            return TaskFailed(
                f"{config}: kernels load {len(own)} wheels of this package, not one. {_REBUILD}"
            )
        wheel = self.output / own[0].removeprefix(FROM_WORKER)
        if not wheel.is_file():
            return TaskFailed(f"{wheel}: missing. {_REBUILD}")
        if sha256(wheel.read_bytes()).hexdigest()[:12] != wheel.parent.name:
            return TaskFailed(f"{wheel}: its content is not what its folder's name says. {_REBUILD}")
        return None


_REBUILD = "Hint: run `jupyter lite build` again."


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _reported(action: Any, *arguments: Any) -> TaskFailed | None:
    """Run an action of a task; say what went wrong in place of a traceback through the build tool."""
    try:
        action(*arguments)
    except WebRFilesError as error:
        return TaskFailed(str(error))
    return None
