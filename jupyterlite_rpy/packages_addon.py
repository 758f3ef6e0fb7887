"""`jupyter lite build --r-packages=a,b` in; a site that brings these R packages, and what they need, out.

What it adds to a site:

- `static/r-packages/`: a small repository, with licences, and `SOURCES.txt`, which says where each is from;
- in `jupyter-lite.json`: where it is.

And to the site's source folder `r-packages.lock`, by which the next build takes the same packages.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from doit.exceptions import TaskFailed
from jupyterlite_core.addons.base import BaseAddon
from jupyterlite_core.constants import JUPYTERLITE_JSON
from jupyterlite_core.manager import LiteManager
from traitlets import List, Unicode, default

from .addon import WebRAddon
from .assets import COMPRESSED_SIZE, FILES, PACKAGES_VARIABLE, R_VERSION
from .errors import FetchError, RPackageError, RuntimeStartError
from .package_builder import build_packages
from .rpackages.bundle import Bundle, Packed, bundle_problems, write_bundle
from .rpackages.repository import WEBR_REPOSITORY
from .runtime.base import read_address
from .site_settings import FROM_WORKER, KERNEL_PLUGIN_ID, PACKAGES, with_packages
from .webr_files import WebRFilesError

__all__ = ["RPackagesAddon"]

Task = dict[str, Any]


class _Names(List):  # type: ignore[type-arg]  # traitlets' own class is generic only for type checkers
    """A list that a command line writes with commas: `a,b`."""

    def from_string(self, s: str) -> list[str]:
        return [part.strip() for part in s.split(",") if part.strip()]

    def from_string_list(self, s_list: list[str]) -> list[str]:
        return [name for s in s_list for name in self.from_string(s)]


class RPackagesAddon(BaseAddon):  # type: ignore[misc]  # jupyterlite_core has no types
    """Put R packages into a JupyterLite site."""

    __all__ = ["build", "check", "post_build", "post_init", "status"]  # noqa: RUF012  # the hooks that it has

    packages = _Names(
        Unicode(),
        help="R packages for the site: names (also name@1.2), folders or archives with the source of "
        "packages of R code alone, archives of built ones. What they need comes along.",
    ).tag(config=True)

    repositories = _Names(
        Unicode(),
        help="Where they come from, in order: addresses, or folders, of repositories built for WebAssembly. "
        f"Default: {WEBR_REPOSITORY}.",
    ).tag(config=True)

    aliases = {  # noqa: RUF012  # JupyterLite's way to declare options
        "r-packages": "RPackagesAddon.packages",
        "r-repos": "RPackagesAddon.repositories",
    }

    @default("packages")
    def _default_packages(self) -> list[str]:
        return [
            name.strip() for name in os.environ.get("JUPYTERLITE_R_PACKAGES", "").split(",") if name.strip()
        ]

    @default("repositories")
    def _default_repositories(self) -> list[str]:
        return [WEBR_REPOSITORY]

    @property
    def output(self) -> Path:
        """The site."""
        return Path(self.manager.output_dir)

    @property
    def cache(self) -> Path:
        """Where fetched and built packages are kept."""
        return Path(self.manager.cache_dir) / "r-packages"

    @property
    def bundle(self) -> Bundle:
        """What is asked for."""
        return Bundle(
            self.packages, self.repositories, Path(self.manager.lite_dir), self.cache, R_VERSION, read_address
        )

    def status(self, manager: LiteManager) -> Iterator[Task]:
        """Say which packages the site has."""
        wanted = ", ".join(self.packages) or "none"
        yield self.task(name="r-packages", actions=[lambda: print(f"     R packages: {wanted}")])

    def post_init(self, manager: LiteManager) -> Iterator[Task]:
        """Fetch and build the packages into the cache."""
        if not self.packages:
            return
        state = self._state()
        yield self.task(
            name="fetch:r-packages",
            doc="fetch R packages and what they need; build those that are source",
            targets=[
                self.cache / "bundle" / "SOURCES.txt",
                *([self.bundle.lock_path] if self.bundle.names else []),
            ],
            uptodate=[self._is_state(state)],
            actions=[(_reported, [self._fill])],
        )

    def build(self, manager: LiteManager) -> Iterator[Task]:
        """Copy the packages into the site."""
        folder = self.output / PACKAGES
        if not self.packages:
            yield self.task(name="r-packages:none", actions=[(self.delete_one, [folder])])
            return
        ready = self.cache / "bundle"
        files = [path for path in ready.rglob("*") if path.is_file()] if ready.is_dir() else []
        yield self.task(
            name="copy:r-packages",
            doc="copy R packages into the site",
            file_dep=files,
            targets=[folder / path.relative_to(ready) for path in files],
            actions=[(self._copy, [ready, folder])],
        )

    def post_build(self, manager: LiteManager) -> Iterator[Task]:
        """Write where they are into `jupyter-lite.json`, and say how large the site is."""
        config = self.output / JUPYTERLITE_JSON
        # Looked at each time: the same file is right or wrong by what is asked for.
        yield self.task(name=f"patch:{JUPYTERLITE_JSON}", actions=[(self._patch, [config])])
        yield self.task(name="size", actions=[self._tell_size])

    def check(self, manager: LiteManager) -> Iterator[Task]:
        """Verify that the packages are whole, fit the R of the site, and find all that they need there."""
        yield self.task(name="r-packages", actions=[self._check])

    def _state(self) -> str:
        try:
            return self.bundle.state()
        except RPackageError:
            return ""  # the task says what is wrong

    def _state_file(self) -> Path:
        return self.cache / "bundle.state"

    def _is_state(self, state: str) -> bool:
        file = self._state_file()
        return bool(state) and file.is_file() and file.read_text("utf-8") == state

    def _fill(self) -> None:
        bundle = self.bundle
        self._state_file().unlink(missing_ok=True)
        packed = bundle.fetch(bundle.pin(), lambda line: print(f"     {line}", flush=True))
        packed += bundle.build(lambda paths: self._build(paths, packed))
        write_bundle(self.cache / "bundle", packed, R_VERSION)
        self._state_file().write_text(bundle.state(), "utf-8")

    def _build(self, paths: Sequence[Path], needed: Sequence[Packed]) -> list[bytes]:
        """Build source packages beside those that were fetched."""
        beside = self.cache / "needed"
        write_bundle(beside, needed, R_VERSION)
        webr = WebRAddon(self.manager).source
        folder = "" if webr.remote else str(webr.folder)
        print(f"     building {', '.join(path.name for path in paths)}", flush=True)
        return build_packages(paths, [beside.resolve().as_uri()], folder)

    def _copy(self, ready: Path, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.copy_one(ready, folder)

    def _patch(self, config: Path) -> None:
        before = self.get_lite_plugin_settings(config, KERNEL_PLUGIN_ID)
        settings = with_packages(before, bool(self.packages))
        if settings != before:
            self.set_lite_plugin_settings(config, KERNEL_PLUGIN_ID, settings)

    def _tell_size(self) -> None:
        files = [path.stat().st_size for path in self.output.rglob("*") if path.is_file()]
        start = sum(asset.size for asset in FILES.values())
        own = sum(path.stat().st_size for path in self.output.glob("static/jupyterlite-rpy/*/*.whl"))
        print(
            f"     The site: {len(files):,} files, {sum(files) / 1e6:.1f} MB. The first R cell loads "
            f"{start / 1e6:.1f} MB of R ({COMPRESSED_SIZE / 1e6:.1f} MB from a server that compresses); "
            f"each kernel {own / 1e6:.2f} MB of this package.",
            flush=True,
        )

    def _check(self) -> TaskFailed | None:
        config = self.output / JUPYTERLITE_JSON
        options = self.get_lite_plugin_settings(config, KERNEL_PLUGIN_ID).get("loadPyodideOptions", {})
        place = options.get("env", {}).get(PACKAGES_VARIABLE, "")
        folder = self.output / PACKAGES
        if not place:
            return (
                TaskFailed(f"{folder} is there, but {config} does not say so. {_AGAIN}")
                if folder.is_dir()
                else None
            )
        if not place.startswith(FROM_WORKER):
            return None  # the author's own
        wrong = bundle_problems(self.output / place.removeprefix(FROM_WORKER), R_VERSION)
        return TaskFailed("\n".join([*wrong, f"Hint: delete {folder}. {_AGAIN}"])) if wrong else None


_AGAIN = "Run `jupyter lite build` again."


def _reported(action: Any, *arguments: Any) -> TaskFailed | None:
    """Run an action of a task; say what went wrong in place of a traceback through the build tool."""
    try:
        action(*arguments)
    except (RPackageError, FetchError, RuntimeStartError, WebRFilesError) as error:
        return TaskFailed(str(error))
    return None
