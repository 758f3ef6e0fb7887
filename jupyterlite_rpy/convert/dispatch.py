"""Which function encodes a Python type: one table, filled by the modules that know the types."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from .encode import Encoder
    from .value import RValue

    Encode = Callable[[Any, Encoder], RValue]

__all__ = ["KINDS", "encodes", "find", "kind_of"]

Function = TypeVar("Function", bound=Callable[..., Any])

_TABLE: dict[type, Encode] = {}

# What a scalar of this type becomes inside a list: the name of an atomic kind, or "missing".
KINDS: dict[type, str] = {}

# A value of a library's type can only exist if the library is loaded, so ours that knows it may be imported.
_ADAPTERS = {
    "numpy": ("ndarrays",),
    "pandas": ("ndarrays", "frames"),
    "scipy": ("ndarrays", "sparse"),
}

_found: WeakKeyDictionary[type, Encode] = WeakKeyDictionary()
_kinds: WeakKeyDictionary[type, str] = WeakKeyDictionary()


def encodes(*types: type) -> Callable[[Function], Function]:
    """Decorate the function that encodes values of these types and of their subclasses."""

    def register(function: Function) -> Function:
        for cls in types:
            _TABLE[cls] = function
        _found.clear()
        return function

    return register


def find(cls: type) -> Encode | None:
    """Find the function for a type: the nearest in its method resolution order, or None."""
    function = _TABLE.get(cls) or _found.get(cls)
    if function is not None:
        return function
    for base in cls.__mro__:
        _adapt(base)
        function = _TABLE.get(base)
        if function is not None:
            _found[cls] = function
            return function
    return None


def kind_of(cls: type) -> str:
    """Say what scalars of a type are inside a list; ``""`` for anything that is no scalar."""
    kind = KINDS.get(cls) or _kinds.get(cls)
    if kind is not None:
        return kind
    for base in cls.__mro__:
        _adapt(base)
        kind = KINDS.get(base)
        if kind is not None:
            break
    _kinds[cls] = kind or ""
    return kind or ""


def _adapt(cls: type) -> None:
    adapters = _ADAPTERS.pop(cls.__module__.partition(".")[0], ())
    for name in adapters:
        import_module(f".{name}", __package__)
