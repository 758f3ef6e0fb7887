"""An R package as a Python object: its functions and data sets are attributes, in Python's spelling."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .robject import RFunction, asker
from .session import Session

__all__ = ["RPackage", "spell"]


def spell(names: Iterable[str]) -> dict[str, str]:
    """Give R's names Python's spelling.

    A ``.`` becomes ``_``; a Python keyword gets a ``_`` at its end. Where two R names would be spelled alike,
    the one that needs fewest changes has the spelling, and each other gets one more ``_`` at its end. Names
    that are no identifiers even so (``%in%``, ``[<-``) have no spelling.

    Returns
    -------
    dict
        R's name by Python's.

    Examples
    --------
    >>> spell(["t.test", "t_test", "print", "is.na<-", "if"])
    {'print': 'print', 't_test': 't_test', 'if_': 'if', 't_test_': 't.test'}
    """
    spelled: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (name.count("."), keyword.iskeyword(name), name)):
        python = name.replace(".", "_")
        if keyword.iskeyword(python):
            python += "_"
        if not python.isidentifier():
            continue
        while python in spelled:
            python += "_"
        spelled[python] = name
    return spelled


class RPackage:
    """An R package: ``stats = r.import_("stats")``, then ``stats.t_test(...)``.

    ``dir()`` lists what it has in Python's spelling (see `spell`); ``package["t.test"]`` takes R's own.

    Parameters
    ----------
    session : callable
        Returns the session, asked when needed.
    name : str
        R's name of the package, which is loaded but not attached.

    Raises
    ------
    ModuleNotFoundError
        R has no such package.
    """

    def __init__(self, session: Callable[[], Session], name: str) -> None:
        self._session = session
        self.__name__ = name
        self._functions: dict[str, RFunction] = {}
        session().library.provide(name)
        self._all = frozenset(self._ask_names())
        self._names = spell(self._all)

    def _ask(self, question: str) -> Any:
        session = self._session()
        return session.call_function(asker(session, "api.R"), (question, self.__name__))

    def _ask_names(self) -> list[str]:
        names = self._ask("package")
        if names is None:
            raise ModuleNotFoundError(
                f"R has no package {self.__name__!r}. Hint: r('install.packages(\"{self.__name__}\")')",
                name=self.__name__,
            )
        return [str(name) for name in names]

    @property
    def rnames(self) -> Mapping[str, str]:
        """R's name of each attribute."""
        return dict(self._names)

    def __getattr__(self, name: str) -> Any:
        known = self.__dict__.get("_names", {})
        if name not in known:
            package = self.__dict__.get("__name__", "")
            raise AttributeError(f"R's package {package!r} has no {name!r}", name=name, obj=self)
        return self[known[name]]

    def __getitem__(self, rname: str) -> Any:
        """Return a function, or the value of a data set, by R's name.

        Raises
        ------
        KeyError
            The package exports no such name.
        """
        session = self._session()
        found = self._functions.get(rname)
        if found is not None and found.alive:
            return found
        if rname not in self._all:
            raise KeyError(rname)
        value = session.call_function("base::getExportedValue", (self.__name__, rname), keep=True)
        if isinstance(value, RFunction):
            value.label, value.package = rname, self.__name__
            self._functions[rname] = value
            return value
        return session.call_function("base::getExportedValue", (self.__name__, rname))

    def __contains__(self, rname: object) -> bool:
        return rname in self._all

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        """R's title of the package."""
        return str(next(iter(self._ask("title"))))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._names]

    def __repr__(self) -> str:
        return f"<R package {self.__name__}>"
