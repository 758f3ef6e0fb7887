"""Files of packages in; the same packages in R's own library, all of them or none, out. And back.

R does the work, by the functions of `r/packages.R`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import RError, RPackageError
from .archive import Archive, pack
from .host import Host

__all__ = ["RLibrary"]


class RLibrary:
    """The folders where a running R has its packages.

    Parameters
    ----------
    host
        The session.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._epoch = 0
        self._kept: dict[str, Archive] = {}  # what was installed, for an R that has to be started afresh

    def installed(self) -> dict[str, str]:
        """Return the versions of what is installed beyond R's own packages, by name."""
        lines = _text(self._host.call_bridge("installed_packages")).splitlines()
        return dict(line.split("\t", 1) for line in lines)

    def missing(self, code: str) -> list[str]:
        """Return the packages that R code names and that are not there."""
        return _text(self._host.call_bridge("packages_in", code)).split()

    def put(self, archives: Sequence[Archive], folder: str) -> None:
        """Install packages.

        Parameters
        ----------
        archives
            The packages, each after those of them that it needs.
        folder
            Where to; empty: the first of `.libPaths()`.

        Raises
        ------
        RPackageError
            One cannot be installed. None is.
        """
        self._write(archives, folder)
        if folder or not self._host.lasts:
            self._kept.update((archive.package, archive) for archive in archives)
        self._epoch = self._host.epoch

    def restore(self) -> None:
        """Give an R that was started afresh what the one before it had."""
        if self._epoch in (0, self._host.epoch):
            return
        self._epoch = self._host.epoch
        if self._kept:
            self._write(list(self._kept.values()), "")
            self._host.call_bridge("attach_restored")

    def export(self, package: str) -> bytes:
        """Return the archive of a package as it is here: how a source package gets built."""
        listing = _text(self._host.call_bridge("package_listing", package))
        content = bytes(self._host.call_bridge("package_content", package))
        files, start = {}, 0
        for line in listing.splitlines():
            path, size = line.split("\t")
            files[path] = content[start : start + int(size)]
            start += int(size)
        return pack(package, files)

    def _write(self, archives: Sequence[Archive], folder: str) -> None:
        """Write all of them beside the library, then move them into it. What fails changes nothing."""
        call = self._host.call_bridge
        stage = _text(call("begin_stage", folder))
        name = ""
        try:
            for archive in archives:
                name = archive.package
                paths = sorted(archive.files)
                call(
                    "stage_package",
                    stage,
                    name,
                    archive.is_source,
                    "\n".join(paths),
                    " ".join(str(len(archive.files[path])) for path in paths),
                    b"".join(archive.files[path] for path in paths),
                )
            note = _text(call("commit_stage", stage))
        except RError as error:
            message = error.message.replace(f"{stage}/.source/", "").replace(f"{stage}/", "")
            raise RPackageError(
                f"{name} cannot be installed: {message}",
                package=name,
                hint="the library is as it was",
            ) from None
        finally:
            call("end_stage", stage)
        if note:
            self._host.say(f"{note}\n", "stderr")


def _text(value: Any) -> str:
    """A text of R's, however it comes."""
    return str(next(iter(value), "")) if not isinstance(value, str) else value
