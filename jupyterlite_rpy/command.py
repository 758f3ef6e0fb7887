"""`jupyter rpy new`, `doctor`, `compress`: words of a command line in, an exit status out."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from .precompressed import compress
from .site_doctor import examine
from .site_place import open_place
from .skeleton import SkeletonError, has_labextension, write_skeleton

__all__ = ["main", "parser"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments
        None: those of the process.

    Returns
    -------
    int
        0: done, and nothing is wrong.
    """
    given = parser().parse_args(arguments)
    if given.command == "new":
        return _new(given.folder, given.title)
    return _doctor(given.place) if given.command == "doctor" else _compress(given.folder)


def parser() -> argparse.ArgumentParser:
    """What the command line understands."""
    made = argparse.ArgumentParser(
        prog="jupyter rpy", description="Sites with R beside Python in JupyterLite."
    )
    commands = made.add_subparsers(dest="command", required=True)
    new = commands.add_parser(
        "new", help="write the sources of a site: notebooks, data, an R package, a workflow"
    )
    new.add_argument("folder", type=Path)
    new.add_argument("--title", help="what the site calls itself; the folder's name if not given")
    doctor = commands.add_parser("doctor", help="say what is wrong with a built or published site")
    doctor.add_argument("place", help="the folder that `jupyter lite build` wrote, or the site's address")
    smaller = commands.add_parser(
        "compress", help="write compressed copies beside a built site's files, for servers that send these"
    )
    smaller.add_argument("folder", type=Path, help="the folder that `jupyter lite build` wrote")
    return made


def _new(folder: Path, title: str | None) -> int:
    try:
        labextension = has_labextension()
        written = write_skeleton(folder, title or folder.resolve().name, labextension=labextension)
    except SkeletonError as error:
        print(error)
        return 1
    for path in written:
        print(f"  {path}")
    print(
        f"\nNext:\n  cd {folder}\n  jupyter lite build\n  jupyter rpy doctor _output\n"
        "  python -m http.server --directory _output"
    )
    if not labextension:
        print(
            '\nThis installation lacks the labextension: the notebooks use the kernel "Python", whose Stop '
            "button does not stop R.\nHint: make labextension in the clone, install it again, and begin anew."
        )
    return 0


def _doctor(place: str) -> int:
    findings = list(examine(open_place(place)))
    for finding in findings:
        print(finding)
    bad = sum(finding.kind == "bad" for finding in findings)
    print(f"\n{bad} problem{'s' * (bad != 1)}" if bad else "\nNothing is wrong.")
    return int(bad > 0)


def _compress(site: Path) -> int:
    if not (site / "config-utils.js").is_file():  # the sources of a site have a jupyter-lite.json as well
        print(
            f"{site} is no JupyterLite site. Hint: name the folder that `jupyter lite build` wrote: _output"
        )
        return 1
    done = compress(site)
    brotli = f", {done.br / 1e6:.1f} MB as .br" if done.br else "; with `pip install brotli` also as .br"
    print(
        f"{done.files} files of {done.size / 1e6:.1f} MB: {done.gz / 1e6:.1f} MB as .gz{brotli}.\n"
        "The next build removes them: compress again after it."
    )
    return 0
