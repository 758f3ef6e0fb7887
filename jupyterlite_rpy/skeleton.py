"""A folder that does not exist in; the sources of a site, with two notebooks, data and a workflow, out."""

from __future__ import annotations

import json
import re
import site
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

__all__ = ["SkeletonError", "has_labextension", "write_skeleton"]

_CELL = re.compile(r"(?m)^# %%(.*)\n")
_KERNEL = {"name": "python-r", "display_name": "Python + R", "language": "python"}
_PLAIN_KERNEL = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
_LABEXTENSION = Path("share", "jupyter", "labextensions", "jupyterlite-rpy", "package.json")


class SkeletonError(RuntimeError):
    """The folder cannot be made."""


def has_labextension() -> bool:
    """Whether a site that is built here gets the kernel "Python + R"."""
    return any((Path(place) / _LABEXTENSION).is_file() for place in (sys.prefix, site.getuserbase()))


def write_skeleton(folder: Path, title: str, *, labextension: bool = True) -> list[Path]:
    """Write the sources of a site.

    Parameters
    ----------
    folder
        New, or empty.
    title
        What the site calls itself.
    labextension
        Whether the site will have the kernel "Python + R": then its notebooks use that.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    SkeletonError
        There is something in the folder already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SkeletonError(f"{folder} is there and not empty. Hint: name a new folder.")
    written = []
    for source in _texts():
        name, text = source
        text = text.replace("@TITLE@", title)
        if name.endswith(".ipynb.txt"):
            name, text = (
                name.removesuffix(".txt"),
                json.dumps(_notebook(text, labextension), indent=1, ensure_ascii=False) + "\n",
            )
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        written.append(path)
    return written


def _texts() -> list[tuple[str, str]]:
    """Names and texts of the files. They are stored under other names, as data and no code of ours."""
    folder = files(__package__) / "template"
    names = json.loads((folder / "files.json").read_text("utf-8"))
    return [(name, (folder / stored).read_text("utf-8")) for name, stored in names.items()]


def _notebook(text: str, labextension: bool) -> dict[str, Any]:
    """Cells begin with `# %%`, those of text with `# %% [markdown]`."""
    parts = _CELL.split(text)[1:]
    cells = []
    for number, (kind, body) in enumerate(zip(parts[::2], parts[1::2], strict=True), 1):
        cell: dict[str, Any] = {"id": f"cell-{number}", "metadata": {}, "source": body.strip("\n")}
        if "[markdown]" in kind:
            cells.append({"cell_type": "markdown", **cell})
        else:
            cells.append({"cell_type": "code", "execution_count": None, "outputs": [], **cell})
    metadata = {"kernelspec": _KERNEL if labextension else _PLAIN_KERNEL, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
