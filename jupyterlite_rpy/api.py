"""R as a Python object: `from jupyterlite_rpy import r`, then `r("code")`, `r["x"]`, `r.mean([1, 2])`.

It needs no notebook: functions, modules and tests use R by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .convert import Converters
from .convert.na import NA, NA_character_, NA_complex_, NA_integer_, NA_real_
from .package import RPackage, spell
from .robject import RFunction, RObject, asker
from .session import Session, get_session

__all__ = ["R", "r"]


class R:
    """R, from Python.

        r("code")              run code, print what it prints, return the value of its last expression
        r["x"], r.x            the value of a variable, found as R finds it; r.is_na is is.na
        r["x"] = 1             assign it in R's global environment; del r["x"], "x" in r
        r.mean([1, 2, 3])      call a function; na_rm=True is R's na.rm = TRUE
        r.import_("stats")     a package: its functions and data sets are attributes
        r.formula("y ~ x")     a formula
        r.NA, r.NULL           R's constants
        with r.converter(c):   convert by further rules

    Parameters
    ----------
    session : callable
        Returns the session to use, asked each time.
    """

    _session: Callable[[], Session]
    NULL = None
    NA = NA
    NA_integer_ = NA_integer_
    NA_real_ = NA_real_
    NA_character_ = NA_character_
    NA_complex_ = NA_complex_

    def __init__(self, session: Callable[[], Session] = get_session) -> None:
        object.__setattr__(self, "_session", session)

    # ---- code

    def __call__(self, code: str) -> Any:
        """Run R code and return the value of its last expression, visible or not.

        What the code itself prints and draws is shown; values are not printed.

        Raises
        ------
        RError
            The code failed, or does not parse (`RParseError`).
        """
        return self._session().eval(code)

    def eval(self, code: str) -> Any:
        """Do the same as ``r(code)``. R's own `eval` is ``r["eval"]``."""
        return self._session().eval(code)

    # ---- variables

    def __getitem__(self, name: str) -> Any:
        """Return the value of a variable by R's name; ``package::name`` works, too.

        Raises
        ------
        KeyError
            R finds no such object.
        """
        package, _, rest = name.partition("::")
        if rest:
            return self.import_(package)[rest.lstrip(":")]
        return _named(self._session().get(name), name)

    def __setitem__(self, name: str, value: object) -> None:
        """Assign a variable in R's global environment."""
        self._session().set({name: value})

    def __delitem__(self, name: str) -> None:
        """Remove a variable from R's global environment; `KeyError` if it is not there."""
        if not next(iter(self._ask("remove", name))):
            raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._ask("first", name) is not None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of R's global environment."""
        return iter([str(name) for name in self._ask("own")])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what Python and notebooks look for in any object
            raise AttributeError(name)
        found = self._ask("first", [name, *_spellings(name)])
        if found is None:
            raise AttributeError(f"R has no object {name!r}", name=name, obj=self)
        return self[str(next(iter(found)))]

    def __setattr__(self, name: str, value: object) -> None:
        if hasattr(type(self), name):
            raise AttributeError(f"{name!r} is a name of this object's own. Hint: r[{name!r}] = ...")
        self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *spell(str(name) for name in self._ask("visible"))]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    # ---- packages, formulas, conversion

    def import_(self, package: str) -> RPackage:
        """Load an R package and return it; its functions and data sets are attributes.

        Raises
        ------
        ModuleNotFoundError
            R has no such package.
        """
        return RPackage(self._session, package)

    def formula(self, text: str) -> RObject:
        """Make a formula whose variables are looked for in the data, then in R's global environment."""
        session = self._session()
        formula: RObject = session.call_function(asker(session, "api.R"), ("formula", text), keep=True)
        return formula

    def converter(self, converters: Converters | None = None) -> Converters:
        """Use further converters in a ``with`` block; without an argument, a new empty set to add to."""
        if converters is None:
            return Converters()
        if not isinstance(converters, Converters):
            raise TypeError(f"Converters expected, not {type(converters).__name__}")
        return converters

    @property
    def session(self) -> Session:
        """The session behind it."""
        return self._session()

    def __repr__(self) -> str:
        return "<R: r('code'), r['x'], r.mean([1, 2, 3]), r.import_('stats')>"

    def _ask(self, question: str, name: object = None) -> Any:
        session = self._session()
        return session.call_function(asker(session, "api.R"), (question, name))


def _spellings(name: str) -> list[str]:
    """R's names that a Python name may stand for."""
    plain = name.rstrip("_")
    return [
        spelled for spelled in (plain, name.replace("_", "."), plain.replace("_", ".")) if spelled != name
    ]


def _named(value: Any, name: str) -> Any:
    if isinstance(value, RFunction):
        value.label = name
    return value


r = R()
"""R as this process's session has it."""
