"""Operations that R asks of Python: objects and arguments in, a value out. They know nothing of any session.

`r/reticulate.R` gives them the names that R users know.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import operator
import pickle
import platform
import pydoc
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["OPERATIONS"]

_ATOMIC = (str, bytes, int, float, complex, bool, type(None))
_END = object()


# ---- attributes and items


def _get_attribute(value: Any, name: str) -> Any:
    try:
        return getattr(value, name)
    except AttributeError:
        if isinstance(value, ModuleType):
            with contextlib.suppress(ModuleNotFoundError):
                return importlib.import_module(f"{value.__name__}.{name}")
        raise


def _dollar(value: Any, name: str) -> Any:
    """R's ``x$name``: an attribute; of a dict also an item."""
    if isinstance(value, Mapping) and not hasattr(value, name):
        return value[name]
    return _get_attribute(value, name)


def _dollar_set(value: Any, name: str, new: object) -> None:
    if isinstance(value, MutableMapping) and not hasattr(type(value), name):
        value[name] = new
    else:
        setattr(value, name, new)


def _brackets(value: Any, key: Any) -> Any:
    """R's ``x[["key"]]``: an item, or the attribute where there are no items."""
    if isinstance(key, str) and not hasattr(type(value), "__getitem__"):
        return _get_attribute(value, key)
    return _get_item(value, key)


def _get_item(value: Any, *keys: Any) -> Any:
    return value[_key(value, keys)]


def _set_item(value: Any, new: object, *keys: Any) -> None:
    value[_key(value, keys)] = new


def _del_item(value: Any, *keys: Any) -> None:
    del value[_key(value, keys)]


def _key(value: Any, keys: tuple[Any, ...]) -> Any:
    """An index: R's plain numbers are doubles, Python's sequences want ints."""
    if not isinstance(value, Mapping):
        keys = tuple(int(k) if isinstance(k, float) and k.is_integer() else k for k in keys)
    return keys[0] if len(keys) == 1 else keys


def _names(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [str(key) for key in value]
    return [name for name in dir(value) if not name.startswith("_")]


def _length(value: Any) -> int:
    try:
        return len(value)
    except TypeError:  # no length of its own: R's length() of any object is 1
        return 1


def _shape(value: Any) -> list[int] | None:
    shape = getattr(value, "shape", None)
    return [int(n) for n in shape] if isinstance(shape, tuple) and len(shape) > 1 else None


def _next(iterator: Iterator[Any]) -> list[Any]:
    """``[value]``, or ``[]`` at the end."""
    value = next(iterator, _END)
    return [] if value is _END else [value]


def _iterator(function: Callable[[], Any]) -> Iterator[Any]:
    """Iterate over what an R function gives: ``list(value)`` each time, NULL at the end."""
    while (value := function()) is not None:
        yield value[0]


def _operate(name: str, left: Any, right: Any = _END) -> Any:
    if right is _END:
        return _UNARY[name](left)
    return _BINARY[name](left, right)


_UNARY: dict[str, Callable[[Any], Any]] = {"-": operator.neg, "+": operator.pos, "!": operator.not_}
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "%%": operator.mod,
    "%/%": operator.floordiv,
    "&": operator.and_,
    "|": operator.or_,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


# ---- classes, modules


def _make_class(name: str, bases: list[type], members: dict[str, Any]) -> type:
    """A class whose methods are R functions: they get the object as their first argument."""
    own = {key: _member(value) for key, value in members.items()}
    return type(name, tuple(bases), {"__module__": "__main__", **own})


def _member(value: Any) -> Any:
    if not callable(value) or isinstance(value, type):
        return value

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return value(self, *args, **kwargs)

    return method


def _import_from(name: str, path: str) -> ModuleType:
    sys.path.insert(0, path)
    try:
        importlib.invalidate_caches()
        return importlib.import_module(name)
    finally:
        sys.path.remove(path)


def _available(name: str) -> bool:
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ModuleNotFoundError, ValueError):  # its package is missing; a module without a spec
        return name in sys.modules


def _set_seed(seed: int) -> None:
    import random

    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)


def _numpy_array(data: Any, dtype: Any = None, order: str = "C") -> Any:
    return importlib.import_module("numpy").array(data, dtype=dtype, order=order)


def _save(value: object, path: str) -> None:
    with open(Path(path).expanduser(), "wb") as file:
        pickle.dump(value, file)


def _load(path: str) -> Any:
    with open(Path(path).expanduser(), "rb") as file:
        return pickle.load(file)


def _version() -> dict[str, str]:
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": sys.platform,
        "python": sys.executable or "",
    }


def _packages() -> dict[str, str]:
    """Installed distributions with their versions."""
    import importlib.metadata

    found = {d.metadata["Name"]: d.version for d in importlib.metadata.distributions() if d.metadata["Name"]}
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


OPERATIONS: dict[str, Callable[..., Any]] = {
    "attribute": _get_attribute,
    "attribute_set": setattr,
    "attribute_has": hasattr,
    "attribute_del": delattr,
    "attributes": dir,
    "dollar": _dollar,
    "dollar_set": _dollar_set,
    "brackets": _brackets,
    "item": _get_item,
    "item_set": _set_item,
    "item_del": _del_item,
    "names": _names,
    "call": lambda function, /, *args, **kwargs: function(*args, **kwargs),
    "identity": lambda value: value,
    "length": _length,
    "len": len,
    "shape": _shape,
    "str": str,
    "repr": repr,
    "bool": bool,
    "id": lambda value: str(id(value)),
    "help": lambda value: pydoc.plain(pydoc.render_doc(value)),
    "is_none": lambda value: value is None,
    "is_atomic": lambda value: isinstance(value, _ATOMIC),
    "operate": _operate,
    "iter": iter,
    "next": _next,
    "iterator": _iterator,
    "list": list,
    "enter": lambda value: type(value).__enter__(value),
    "dict": lambda **items: items,
    "dict_of": lambda keys, values: dict(zip(keys, values, strict=True)),
    "tuple": lambda *items: items,
    "slice": lambda *ends: slice(*(None if end is None else int(end) for end in ends)),
    "array": _numpy_array,
    "class": _make_class,
    "import": importlib.import_module,
    "import_from": _import_from,
    "available": _available,
    "seed": _set_seed,
    "save": _save,
    "load": _load,
    "version": _version,
    "packages": _packages,
}
"""Operation by name, where it needs nothing of the session; the others are methods of `Python`."""
