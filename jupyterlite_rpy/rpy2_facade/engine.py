"""The way from the façade to R: calls in, objects that stay in R out, as objects of the façade's classes."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ..result import Output, print_output
from ..robject import asker
from ..session import Session, get_session

__all__ = [
    "NOTHING",
    "attach",
    "call",
    "call_named",
    "evaluate",
    "fetch",
    "native",
    "question",
    "session",
    "wraps",
]

Class = TypeVar("Class", bound=type)

_BY_TYPE: dict[str, type] = {}
_BY_CLASS: dict[str, type] = {}
_ARRAYS: dict[tuple[str, str], type] = {}

NOTHING: list[Any] = []
"""Holds `rinterface.NULL` once that is made."""


def wraps(*types: str, rclass: Iterable[str] = (), shape: str = "") -> Callable[[Class], Class]:
    """Decorate the class for R objects of these types (R's `typeof()`), of an R class, or with dimensions."""

    def register(cls: Class) -> Class:
        for name in rclass:
            _BY_CLASS[name] = cls
        for kind in types:
            if shape:
                _ARRAYS[kind, shape] = cls
            else:
                _BY_TYPE[kind] = cls
        return cls

    return register


def class_for(typeof: str, rclass: Iterable[str]) -> type:
    """Return the class that an R object of a type and class vector has here."""
    for name in rclass:
        cls = _BY_CLASS.get(name)
        if cls is None:
            cls = _ARRAYS.get((typeof, "array" if name == "table" else name))
        if cls is not None and (name != "POSIXlt" or typeof == "list"):
            return cls
    return _BY_TYPE.get(typeof) or _BY_TYPE["any"]


def make_object(node: Mapping[str, Any], session: Session) -> Any:
    """Make the façade's object for a handle that R sent."""
    cls: Any = class_for(node["typeof"], node.get("class", ()))
    made = cls.__new__(cls)
    own(made, session, node["id"], node["typeof"], node.get("class", ()))
    return made


def own(made: Any, session: Session, id: int, typeof: str, rclass: Iterable[str]) -> None:
    """Let an object of the façade be the owner of something in R."""
    vars(made).update(_session=session, _id=id, _epoch=session.epoch, typeof=typeof, _rclass=tuple(rclass))


class _Route:
    """Where output of calls goes: to the user's functions in `rinterface_lib.callbacks`, else as before."""

    def __init__(self, before: Callable[[Output], object]) -> None:
        self._before = before

    def __call__(self, output: Output) -> None:
        from .rinterface_lib import callbacks

        if not callbacks.take(output):
            self._before(output)


def session() -> Session:
    """Return the session, which gives objects of the façade from now on."""
    current = get_session()
    attach(current)
    return current


def attach(current: Session) -> None:
    """Let a session make the façade's objects, and ask `rinterface_lib.callbacks` where text goes."""
    if isinstance(current.on_output, _Route):
        return
    from . import robjects  # noqa: F401  # its classes are registered by that
    from .rlike.container import NamedList

    current.make_object = make_object
    current.make_dict = NamedList
    shown = current.on_output
    if shown is print_output and hasattr(builtins, "get_ipython"):
        from ..display import publish  # plots of `ro.r("plot(x)")` appear in the notebook

        shown = publish
    current.on_output = _Route(shown)


def call(function: object, *args: object, **named: object) -> Any:
    """Call an R function; what it returns stays in R."""
    return call_named(function, args, named)


def call_named(
    function: object, args: Iterable[object], named: Mapping[str, object], *, at_top: bool = False
) -> Any:
    """Call an R function with arguments as values; what it returns stays in R."""
    return _held(session().call_function(function, args, named, True, at_top=at_top))


def evaluate(code: str, *, invisible: bool = True) -> Any:
    """Evaluate R code at top level; None if R would print nothing and `invisible` says that this matters."""
    current = session()
    result = current.run(code, show="none", value=True, keep=True, on_output=current.on_output)
    return None if invisible and not result.visible else _held(result.value)


def fetch(name: str) -> Any:
    """Return what a name means in the global environment, kept in R.

    Raises
    ------
    KeyError
        R has no such object.
    """
    return _held(session().get(name, keep=True))


def native(value: object) -> Any:
    """Convert an R object as `%Rget` does: to arrays, data frames, dates, dicts."""
    return session().call_function("base::identity", (value,))


def question(what: str, *args: object, keep: bool = False, **named: object) -> Any:
    """Ask the R code of the façade (r/rpy2.R)."""
    current = session()
    value = current.call_function(asker(current, "rpy2.R"), (what, *args), named, keep)
    return _held(value) if keep else value


def _held(value: Any) -> Any:
    return NOTHING[0] if value is None else value
