"""Run by Python's `site` in kernels, whose standard library has this: imports look where they must.

Pyodide begins with the working directory first on the path, which is the drive of the file browser when the
kernel imports itself. Each import looks there, and each look asks the page: 0.4 s in all. And a student's
file that is called as one of the kernel's modules would take its place. IPython puts the working directory on
the path again, as in plain Jupyter: behind the standard library, before what is installed.
"""

import sys
from collections.abc import Sequence
from types import ModuleType


class _Beginning:
    """A finder that finds nothing: it waits for `piplite`, the first import after the drive is there."""

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        if name == "piplite":
            sys.meta_path.remove(cls)
            sys.path[:] = [folder for folder in sys.path if folder]


sys.meta_path.insert(0, _Beginning)
