"""The names `rpy2.*` and `rmagic` in, modules of this package out, where the real rpy2 is not installed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType

__all__ = ["Finder", "install", "uninstall"]

_HOME = __name__.rpartition(".")[0]
_REAL_NAMES = {"rpy2": _HOME, "rmagic": f"{_HOME}.ipython.rmagic"}


class Finder:
    """A finder of `sys.meta_path` that answers for rpy2 only.

    Parameters
    ----------
    force
        Answer even where the real rpy2 is installed.
    """

    def __init__(self, force: bool = False) -> None:
        self.force = force

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module of rpy2 is: here, or, by None, wherever others find it."""
        top, _, rest = name.partition(".")
        if top not in _REAL_NAMES:
            return None
        ours = f"{_HOME}.{rest}" if rest else _REAL_NAMES[top]
        if not rest:
            if not self.force and _is_installed(top):
                return None
        elif getattr(sys.modules.get(top), "__name__", "") != _HOME:
            return None
        found = find_spec(ours)
        if found is None:
            raise ModuleNotFoundError(
                f"there is no {name} here: this is the rpy2 of jupyterlite_rpy, a small part of rpy2's API. "
                "docs/from-rpy2.md lists what it has",
                name=name,
            )
        return ModuleSpec(
            name,
            _Alias(ours),
            origin=found.origin,
            is_package=found.submodule_search_locations is not None,
        )


class _Alias(Loader):
    """Gives a module that has another name already."""

    def __init__(self, ours: str) -> None:
        self._ours = ours
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(self._ours)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has just given the module the alias's spec: relative imports need its own.
        module.__spec__ = self._spec


def install(*, force: bool = False) -> None:
    """Let `import rpy2` find this package.

    Parameters
    ----------
    force
        Also where the real rpy2 is installed, for this process. Modules of it that are imported already stay.
    """
    for finder in sys.meta_path:
        if isinstance(finder, Finder):
            finder.force = finder.force or force
            return
    # First: once `rpy2` is ours the usual finder would load each file below it a second time.
    sys.meta_path.insert(0, Finder(force))


def uninstall() -> None:
    """Take the finder and the modules that it gave away again."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _REAL_NAMES and getattr(module, "__name__", "").startswith(_HOME):
            del sys.modules[name]


def _is_installed(name: str) -> bool:
    """Whether the real one is there; a folder that an uninstalled rpy2 left behind is not."""
    found = PathFinder.find_spec(name)
    if found is None:
        return False
    places = found.submodule_search_locations
    return name != "rpy2" or PathFinder.find_spec("rpy2.rinterface", list(places or ())) is not None
