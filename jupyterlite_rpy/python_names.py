"""Names of Python's as R code spells them, `py$x$y`, in; what they may go on with, and mean, out.

No code of the objects' is run: a property is not asked for its value.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

Names = dict[str, str]
"""Each name with what it is: "function", "module", the name of a class."""


def variables(namespace: Mapping[str, Any], part: str) -> Names:
    """The variables of a notebook that begin with `part`."""
    shown = (name for name in namespace if name.startswith(part) and not name.startswith("_"))
    return {name: _kind(namespace[name]) for name in sorted(shown)}


def members(namespace: Mapping[str, Any], path: Sequence[str], part: str) -> Names:
    """What is in the object that `path` leads to: keys of a dict, columns of a frame, else attributes."""
    if not path:
        return variables(namespace, part)
    found, value = _follow(namespace, path)
    return {name: kind for name, kind in _parts(value).items() if name.startswith(part)} if found else {}


def describe(namespace: Mapping[str, Any], path: Sequence[str]) -> list[str]:
    """Lines about the object that `path` leads to; none: there is none."""
    found, value = _follow(namespace, path)
    if not path or not found:
        return []
    lines = [f"{path[-1]}: Python {type(value).__name__}"]
    documented = inspect.isroutine(value) or inspect.ismodule(value) or isinstance(value, type)
    documentation = inspect.getdoc(value) if documented else None
    return lines + (["", *documentation.splitlines()] if documentation else [])


def _follow(namespace: Mapping[str, Any], path: Sequence[str]) -> tuple[bool, Any]:
    value: Any = dict(namespace)
    for name in path:
        name = name.strip("\"'")
        if type(value) is dict:
            if name not in value:
                return False, None
            value = value[name]
            continue
        try:
            value = inspect.getattr_static(value, name)
        except AttributeError:
            return False, None
        if inspect.isdatadescriptor(value):  # it would have to be computed
            return False, None
    return True, value


def _parts(value: Any) -> Names:
    if type(value) is dict:
        return {name: _kind(part) for name, part in value.items() if isinstance(name, str)}
    if type(value).__name__ == "DataFrame":
        return {str(name): "column" for name in value.columns}
    own = inspect.getattr_static(value, "__dict__", None)
    names = sorted({*dir(type(value)), *(vars(value) if own is not None else ())})
    shown = (name for name in names if not name.startswith("_"))
    return {name: _kind(inspect.getattr_static(value, name, None)) for name in shown}


def _kind(value: object) -> str:
    if isinstance(value, type):
        return "class"
    if inspect.ismodule(value):
        return "module"
    return "function" if inspect.isroutine(value) or callable(value) else type(value).__name__
