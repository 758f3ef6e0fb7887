"""`rpy2.robjects.packages`: R packages as Python objects; functions are fetched when used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

from ...errors import RError
from .. import engine
from .conversion import to_python
from .functions import Function

__all__ = [
    "STAP", "InstalledSTPackage", "LibraryError", "Package", "PackageData", "PackageNotInstalledError",
    "SignatureTranslatedAnonymousPackage", "SignatureTranslatedPackage", "WeakPackage", "data", "importr",
    "isinstalled", "quiet_require", "wherefrom",
]  # fmt: skip


class LibraryError(ImportError):
    """An R package cannot be loaded."""


class PackageNotInstalledError(LibraryError):
    """There is no such R package here."""


class Package(ModuleType):
    """An R package, or an environment of functions, as a module: `.` in names is `_`.

    Parameters
    ----------
    name : str
        The package.
    exports : iterable of str
        R's names of what it has.
    translations : mapping
        Names in Python for some of R's.
    environment
        Where the names are looked up, if not among the exports of the package.
    """

    def __init__(
        self, name: str, exports: Iterable[str], translations: Mapping[str, str], environment: Any = None
    ) -> None:
        super().__init__(name, f"R package {name}")
        self.__rname__ = name
        self._environment = environment
        self._rnames = _python_names(exports, translations)
        self.__spec__ = None
        self.__version__: str | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in vars(self).get("_rnames", ()):
            raise AttributeError(name)
        rname = self._rnames.get(name)
        if rname is None:
            raise AttributeError(f"R's {self.__rname__} has no {name!r}")
        if self._environment is None:
            value = engine.call("base::getExportedValue", self.__rname__, rname)
        else:
            value = engine.call("base::get", rname, envir=self._environment)
        package = None if self._environment is not None else self.__rname__
        value = value.found_as(rname, package) if isinstance(value, Function) else to_python(value)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted(self._rnames)

    def __repr__(self) -> str:
        return f"<R package {self.__rname__}>"

    @property
    def _exported_names(self) -> frozenset[str]:
        return frozenset(self._rnames)

    @property
    def __rdata__(self) -> PackageData:
        return PackageData(self.__rname__)


SignatureTranslatedPackage = InstalledSTPackage = InstalledPackage = WeakPackage = Package


def _python_names(exports: Iterable[str], translations: Mapping[str, str]) -> dict[str, str]:
    """R's name by Python's. R's own spelling wins; another name for the same spelling gets one more `_`."""
    listed = sorted(exports)
    names = {name: name for name in listed if "." not in name}
    for name in listed:
        python = translations.get(name) or name.replace(".", "_")
        while names.get(python, name) != name:
            python += "_"
        names[python] = name
    return names


class PackageData:
    """The data sets of a package.

    Parameters
    ----------
    name : str
        The package.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def names(self) -> list[str]:
        """Return the names of the data sets."""
        return [str(name) for name in engine.question("datasets", self._name)]

    def fetch(self, name: str) -> Any:
        """Return an environment with one data set, by its name; `KeyError` if there is none."""
        if name not in self.names():
            raise KeyError(f"{self._name} has no data set {name!r}")
        return engine.question("dataset", name, keep=True, package=self._name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())


def data(package: Package | str) -> PackageData:
    """Return the data sets of a package."""
    return PackageData(package if isinstance(package, str) else package.__rname__)


def importr(
    name: str, lib_loc: Any = None, robject_translations: Mapping[str, str] | None = None, **options: Any
) -> Package:
    """Attach an R package and return it as a Python object.

    Raises
    ------
    PackageNotInstalledError
        There is no such package; install.packages() in a cell of R gets those made for WebAssembly.
    """
    engine.session().library.provide(name)
    try:
        exports = engine.question("exports", name)
    except RError as error:
        if isinstalled(name):
            raise LibraryError(f"the R package {name} cannot be loaded: {error}") from error
        raise PackageNotInstalledError(
            f'the R package {name} is not installed. Hint: install.packages("{name}") in a cell of R'
        ) from None
    return Package(name, map(str, exports), robject_translations or {})


def isinstalled(name: str, lib_loc: Any = None) -> bool:
    """Tell whether R has a package."""
    return bool(engine.native(engine.call("base::nzchar", engine.call("base::system.file", package=name)))[0])


def quiet_require(name: str, lib_loc: Any = None) -> bool:
    """Attach a package without its messages; tell whether that worked."""
    try:
        engine.question("exports", name)
    except RError:
        return False
    return True


def wherefrom(symbol: str, startenv: Any = None) -> Any:
    """Return the environment in which R finds a name."""
    found = engine.native(engine.call("utils::find", symbol))
    if not len(found):
        raise KeyError(symbol)
    return engine.call("base::as.environment", str(found[0]))


class SignatureTranslatedAnonymousPackage(Package):
    """R code as a package of its own.

    Parameters
    ----------
    code : str
        Assignments of functions and values.
    name : str
        What to call it.
    """

    def __init__(self, code: str, name: str) -> None:
        environment = engine.question("environment", str(code), keep=True)
        super().__init__(name, environment.names, {}, environment)


STAP = SignatureTranslatedAnonymousPackage


class SourceCode(str):
    """R code, from which `as_namespace` makes a package."""

    def as_namespace(self, name: str) -> Package:
        """Evaluate it in an environment of its own."""
        return STAP(self, name)
