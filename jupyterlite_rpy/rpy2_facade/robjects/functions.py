"""`rpy2.robjects.functions`: R functions. `_` in the name of an argument stands for R's `.`."""

from __future__ import annotations

from typing import Any

from .. import engine
from ..engine import wraps
from ..sexp_types import SexpClosure
from .conversion import to_python, to_r
from .robject import RObjectMixin

__all__ = ["DocumentedSTFunction", "Function", "SignatureTranslatedFunction", "wrap_r_function"]

_LOOK_AROUND = {
    "assign", "attach", "delayedAssign", "environment", "eval", "evalq", "exists", "get", "get0", "library",
    "load", "local", "ls", "mget", "objects", "parent.frame", "remove", "require", "rm", "save", "source",
    "sys.source",
}  # fmt: skip
"""Functions that look at where they are called from: called from the global environment, as in rpy2."""


class Function(RObjectMixin, SexpClosure):
    """An R function. Arguments and the result go by the rules in force (`conversion`).

    Called by the name under which it was found, if it was: R's messages and `fit$call` show that name.
    """

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Call it."""
        named = {self._spelled(name): to_r(value) for name, value in named.items()}
        at_top = self.label in _LOOK_AROUND
        return to_python(engine.call_named(self, map(to_r, args), named, at_top=at_top))

    def found_as(self, name: str, package: str | None = None) -> Function:
        """Note the name under which R finds it, and return it."""
        self.label, self.package = name, package
        return self

    def formals(self) -> Any:  # type: ignore[override]  # rpy2's is a method
        """Return R's arguments with their defaults, as an R list."""
        return engine.call("base::formals", self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{f' {self.label}' if self.label else ''}>"


@wraps("closure", "builtin", "special")
class SignatureTranslatedFunction(Function):
    """What all R functions are."""


class DocumentedSTFunction(SignatureTranslatedFunction):
    """A function of a package."""


def wrap_r_function(function: Any, name: str, **options: Any) -> Any:
    """Return a Python function with R's signature that calls an R function."""

    def wrapped(*args: Any, **named: Any) -> Any:
        return function(*args, **named)

    wrapped.__name__ = wrapped.__qualname__ = name.replace(".", "_")
    wrapped.__signature__ = function.__signature__  # type: ignore[attr-defined]
    return wrapped
