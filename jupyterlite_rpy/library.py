"""R's library, as one session has it: names of packages in; installed from where its settings say out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .assets import R_VERSION
from .config import RSettings
from .errors import FetchError, RPackageError
from .exchange import Exchange, OnOutput
from .kept_folders import kept_folders, library_folder
from .result import Stream
from .rpackages import Installed, Installer
from .runtime import Loaded, Runtime

__all__ = ["Library"]


class Library:
    """The packages of one R.

    Parameters
    ----------
    runtime : Runtime
        Where R runs; it also fetches files.
    settings : RSettings
        `repositories` says where to look, `install` whether code that names a package has it installed.
    exchange : Exchange
        The way to R.

    Attributes
    ----------
    installer : Installer
        Does the work.
    """

    def __init__(self, runtime: Runtime, settings: RSettings, exchange: Exchange) -> None:
        self._runtime = runtime
        self._settings = settings
        self._exchange = exchange
        self.installer = Installer(self, R_VERSION)
        self._settled: tuple[str, int] = ("", 0)  # the kept library that R was told of, and which R
        self._lasts = False  # whether R sees it

    def install(
        self,
        *packages: str,
        repositories: Sequence[str] = (),
        library: str = "",
        quiet: bool = False,
        again: bool = False,
    ) -> list[Installed]:
        """Install packages and what they need: all of them, or the library stays as it is.

        Parameters
        ----------
        packages
            Names (``"R6"``, ``"R6@2.6.1"``), folders or archives with the source of packages of R code alone,
            archives of built packages, or addresses of archives.
        repositories
            Where to look, in order. None: as `RSettings.repositories` says.
        library
            R's folder for them. Empty: the first of ``.libPaths()``, which is in the folder whose files stay
            (`files.persist`), if there is one.
        quiet
            Say nothing.
        again
            Install what is asked for also if that version is there.

        Returns
        -------
        list of Installed
            Names and versions of what was installed.

        Raises
        ------
        RPackageError
            A package is missing, broken, or does not fit this R.
        """
        places = list(repositories) or self._settings.repositories
        if kept_folders and not library:
            os.makedirs(library_folder(R_VERSION), exist_ok=True)
        return self.installer.install(packages, places, library=library, quiet=quiet, again=again)

    def settle(self) -> None:
        """Have R look into the library of the folder whose files stay, once there is one."""
        if not kept_folders:
            return
        found = (library_folder(R_VERSION), self.epoch)
        if found != self._settled and os.path.isdir(found[0]):
            self._settled = found
            self._lasts = bool(next(iter(self.call_bridge("use_library", found[0]))))

    def install_for_r(
        self, packages: Iterable[str], repositories: Iterable[str], library: str, quiet: bool, again: bool
    ) -> str:
        """Do what R's ``install.packages`` asks for; return what went wrong, if anything did."""
        try:
            self.install(
                *packages, repositories=list(repositories), library=library, quiet=quiet, again=again
            )
        except (RPackageError, FetchError) as error:
            return str(error)
        return ""

    def provide(self, package: str) -> None:
        """Install a package that is about to be loaded, if it is missing and the settings allow it."""
        named = package.replace(".", "").isalnum()
        self.provide_for(f'loadNamespace("{package}")' if named else "", self._exchange.on_output)

    def provide_for(self, code: str, on_output: OnOutput) -> None:
        """Install what code is about to load, if it is missing and the settings allow it."""
        if not self.installer.concerns(code):
            return
        with self._exchange.outputs_to(on_output):
            self.installer.provide(code, self._settings.repositories, self._settings.install)

    # ---- what the installer needs (`rpackages.host`)

    def call_bridge(self, function: str, *args: object) -> Any:
        """Call one of the functions of ``r/packages.R``; no user sees the values."""
        return self._exchange.call_bridge(function, args, own=True)

    def fetch(self, address: str, progress: Loaded | None = None) -> bytes:
        """Get a file by its address, or raise `FetchError`."""
        return self._runtime.fetch(address, progress)

    @property
    def cache(self) -> Path | None:
        """This user's folder for what was downloaded."""
        return self._runtime.cache()

    def say(self, text: str, stream: str = "stdout") -> None:
        """Show text where R's goes."""
        self._exchange.on_output(Stream(stream, text))

    @property
    def site_packages(self) -> str:
        """Address of the R packages that came with the site; empty: there are none."""
        return self._runtime.site_packages()

    @property
    def lasts(self) -> bool:
        """Whether the library outlives R."""
        return self._lasts and self._settled[1] == self.epoch

    @property
    def epoch(self) -> int:
        """Which R this is."""
        return self._runtime.epoch
