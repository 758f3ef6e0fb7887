"""Converters that users add: a Python type on its way to R, or an R class on its way to Python.

A converter stands in front of the built-in rules and hands on to them::

    converters = Converters()

    @converters.to_r(Point)
    def point(value):              # what it returns is converted by the rules, or by further converters
        return {"x": value.x, "y": value.y}

    @converters.from_r("point")
    def point_from_r(value):       # gets what the rules would have given: an array, a DataFrame, an RObject
        return Point(**value.to_py())

    with converters:               # for this block (and, by the option -c, for one cell)
        ...
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar, Token
from typing import Any, TypeVar

__all__ = ["Converters", "current", "default"]

Function = TypeVar("Function", bound=Callable[[Any], Any])


class Converters:
    """A set of converters, over those of a parent.

    Parameters
    ----------
    parent : Converters, optional
        Asked for what this set does not have. Without it: whatever set was in force before a ``with`` block
        put this one in force.
    """

    def __init__(self, parent: Converters | None = None) -> None:
        self._parent = parent
        self._types: dict[type, Callable[[Any], Any]] = {}
        self._classes: dict[str, Callable[[Any], Any]] = {}
        self._tokens: list[tuple[Token[Converters], Converters | None]] = []

    def to_r(self, *types: type) -> Callable[[Function], Function]:
        """Decorate a function that turns a value of these types, or of a subclass, into one that R can take.

        The function gets the value and returns any Python value or `RObject`. Returning the same type hands
        on to the built-in rule.
        """

        def register(function: Function) -> Function:
            for cls in types:
                self._types[cls] = function
            return function

        return register

    def from_r(self, *classes: str) -> Callable[[Function], Function]:
        """Decorate a function that turns R objects of these classes into Python values.

        The function gets what the built-in rules make of the object (for a class unknown to them an
        `RObject`, which can ask R for more), and returns anything. The first class in the object's class
        vector that has a converter decides.
        """

        def register(function: Function) -> Function:
            for name in classes:
                self._classes[name] = function
            return function

        return register

    def for_type(self, cls: type) -> Callable[[Any], Any] | None:
        """Find the converter of a Python type: its own, else the nearest base class's."""
        for base in cls.__mro__:
            scope: Converters | None = self
            while scope is not None:
                found = scope._types.get(base)
                if found is not None:
                    return found
                scope = scope._parent
        return None

    def for_class(self, rclass: Sequence[str | None]) -> Callable[[Any], Any] | None:
        """Find the converter of an R class vector."""
        for name in rclass:
            scope: Converters | None = self
            while scope is not None:
                found = scope._classes.get(name) if name is not None else None
                if found is not None:
                    return found
                scope = scope._parent
        return None

    @property
    def empty(self) -> bool:
        """Whether neither this set nor a parent has any converter."""
        return not (self._types or self._classes) and (self._parent is None or self._parent.empty)

    def __enter__(self) -> Converters:
        outer = current()
        saved = self._parent
        if self._parent is None and outer is not self:
            self._parent = outer
        self._tokens.append((_current.set(self), saved))
        return self

    def __exit__(self, *exception: object) -> None:
        token, saved = self._tokens.pop()
        self._parent = saved
        _current.reset(token)


default = Converters()
"""The set in force when no block says otherwise; extension packages register here."""

_current: ContextVar[Converters] = ContextVar("jupyterlite_rpy_converters", default=default)


def current() -> Converters:
    """Return the set in force."""
    return _current.get()
